"""Who declared how they manage an account, and a text in another language that is being written (SOC-21)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agreements.enums import AgreementKind, PublishingDutyKind, SignMode
from agreements.models import Signatory
from agreements.operations.consent_telling import name_publishing_duty
from agreements.operations.declaring import ask_to_declare
from agreements.operations.signing import sign
from agreements.operations.translations import add_translation, write_translation
from agreements.queries.declared import declaration_to_issue, declared_of
from agreements.queries.issued import versions_to_issue
from agreements.wording import HEADING, statements_for
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role

_KIND = AgreementKind.ACCOUNT_MANAGER
_TITLE = "Umowa o bezpieczeństwie w internecie"
_POLISH = {
    f"{HEADING}pupil": ("Uczeń", ""),
    "keep-private": ("Nie podaję nikomu swoich haseł, adresu ani innych danych o sobie.", "Dbam o swoją prywatność."),
    "kind": ("Piszę do innych tak, jak rozmawiam z nimi twarzą w twarz.", "Jestem życzliwy w internecie."),
    "tell": (
        "Jeśli coś w internecie mnie zaniepokoi, przerywam i mówię o tym dorosłemu. Nie będę mieć za to kłopotów.",
        "Coś mnie martwi? Przerywam i mówię.",
    ),
}


def write_declared(school: School, *, office: User, head: User, today: date, now: datetime) -> None:
    """Two people manage accounts: one has declared, the other has been asked; and Polish is being written."""
    at = now - timedelta(days=4)
    if declaration_to_issue(school, _KIND, at.date()) is None:
        return
    for person in holders_of(school, Role.TEACHER, on=today).exclude(pk__in=[office.pk, head.pk])[1:2]:
        name_publishing_duty(
            school=school, actor=office, at=at, user=person, kind=PublishingDutyKind.ACCOUNTS,
            account="Sports news", starts_on=at.date(),
        )  # fmt: skip
    if not declared_of(school, _KIND, at.date()):
        return
    ask_to_declare(
        school=school, actor=office, at=at, kind=_KIND, reason="The head decided it when the account was opened."
    )
    row = Signatory.objects.select_related("agreement", "user").filter(agreement__kind=_KIND).order_by("pk")[0]
    assert row.user is not None
    sign(
        school=school, actor=row.user, at=at + timedelta(hours=3), signatory=row, decision="agrees",
        name=row.user.full_name, mode=SignMode.ACCOUNT, authentication="Signed in with their own account",
        ticked=[one["key"] for one in statements_for(row.agreement.wording, row.capacity)],
    )  # fmt: skip
    online = next(one for one in versions_to_issue(school, today) if one.template.kind == AgreementKind.ONLINE_SAFETY)
    polish = add_translation(school=school, actor=head, at=at, template_version=online, language="pl")
    write_translation(
        school=school, actor=head, at=at + timedelta(hours=1), translation=polish, version=polish.version, title=_TITLE,
        texts={key: {"text": text, "plain": plain} for key, (text, plain) in _POLISH.items()},
    )  # fmt: skip
