"""Templates, agreements and signatures for tests, through the operations that make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django_scopes import scope

from agreements.enums import AgreementKind, Party, VersionState
from agreements.models import Agreement, AgreementTemplate, Clause, Signatory, Signature, TemplateVersion
from agreements.operations.issuing import issue_agreement
from agreements.operations.signing import sign
from agreements.wording import statements_for
from core.people.models import Pupil, School, User
from tests.factories import BEGAN, BEGIN

CLAUSES = [
    (Party.PUPIL, "hand-in", "I hand in my phone as soon as I arrive.", "Phone in when I arrive."),
    (Party.SCHOOL, "listen", "The school listens to {children}.", "School listens."),
    (Party.PARENT, "support", "We back these rules at home.", "We back the rules."),
]


def make_version(
    school: School,
    kind: AgreementKind = AgreementKind.HOME_SCHOOL,
    *,
    template: AgreementTemplate | None = None,
    title: str = "",
    published: bool = True,
    starts_on: date = BEGIN,
    clauses: list[tuple[str, str, str, str]] | None = None,
    **fields: Any,
) -> TemplateVersion:
    """A version of a template with three clauses, published unless said otherwise."""
    with scope(school=school):
        title = title or str(kind.label)
        if template is None:
            template, _new = AgreementTemplate.objects.get_or_create(school=school, kind=kind, title=title)
        version = TemplateVersion(
            school=school,
            template=template,
            number=template.versions.count() + 1,
            title=title,
            intro="What we all undertake.",
            starts_on=starts_on,
            **fields,
        )
        version.stamp(by=None, at=BEGAN)
        version.save()
        for position, (party, key, text, plain) in enumerate(clauses or CLAUSES):
            clause = Clause(
                school=school, template_version=version, key=key, party=party, position=position, text=text,
                plain_text=plain,
            )  # fmt: skip
            clause.stamp(by=None, at=BEGAN)
            clause.save()
        if published:
            version.state, version.published_at = VersionState.PUBLISHED, BEGAN
            version.stamp(by=None, at=BEGAN)
            version.save()
    return version


def make_agreement(
    school: School,
    actor: User,
    at: datetime,
    *,
    pupil: Pupil | None = None,
    version: TemplateVersion | None = None,
    **fields: Any,
) -> Agreement:
    """An agreement as the office issues it, in force from today at the earliest."""
    version = version or make_version(school)
    fields.setdefault("starts_on", at.date())
    with scope(school=school):
        made: Agreement = issue_agreement(school=school, actor=actor, at=at, version=version, pupil=pupil, **fields)
    return made


def signatory_of(agreement: Agreement, capacity: str, number: int = 0) -> Signatory:
    """Who is asked in this capacity; of several parents the one named by its place."""
    with scope(school=agreement.school):
        return list(Signatory.objects.filter(agreement=agreement, capacity=capacity))[number]


def sign_as(
    agreement: Agreement, capacity: str, actor: User, at: datetime, *, number: int = 0, **fields: Any
) -> Signature:
    """Sign at the desk in this capacity, with everything ticked."""
    row = signatory_of(agreement, capacity, number)
    values: dict[str, Any] = {
        "decision": "agrees",
        "name": row.name or "Robin Head",
        "mode": "desk",
        "authentication": "In person at school, on the school’s device",
        "ticked": [one["key"] for one in statements_for(agreement.wording, capacity)],
    } | fields
    with scope(school=agreement.school):
        signature: Signature = sign(school=agreement.school, actor=actor, at=at, signatory=row, **values)
    return signature
