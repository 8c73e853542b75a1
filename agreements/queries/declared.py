"""Who of the staff has signed a declaration, and who has not: those who manage accounts, or everybody (SOC-21)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from agreements.enums import AgreementKind, AgreementState, PublishingDutyKind
from agreements.models import Agreement, PublishingDuty, TemplateVersion
from agreements.queries.issued import versions_to_issue
from core.kit.times import day
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import STAFF_ROLES

_A = AgreementState
_DONE = (_A.COMPLETE, _A.IN_FORCE)
_ASKED = (_A.ISSUED, _A.PARTLY_SIGNED)
_OVER = (_A.DRAFT, _A.WITHDRAWN, _A.SUPERSEDED, _A.ENDED)
HEADER = ("Person", "Accounts", "State", "Asked on", "Declared on", "Version")


@dataclass(frozen=True)
class Declared:
    """One person, what they manage, and how far their declaration is; one that waits comes before one that stands."""

    person: User
    agreement: Agreement | None
    waits: bool
    accounts: list[str] = field(default_factory=list)

    @property
    def has_declared(self) -> bool:
        return self.agreement is not None and self.agreement.state in _DONE

    @property
    def is_to_ask(self) -> bool:
        """Nothing waits for their signature and nothing holds, or what holds is to be renewed."""
        return not self.waits and (self.agreement is None or self.agreement.state == _A.TO_RENEW)

    @property
    def kind(self) -> str:
        """The kind of the tag beside the word."""
        return "ok" if self.has_declared else "waiting" if self.waits else "attention"

    @property
    def word(self) -> str:
        if self.agreement is None:
            return "Not asked yet"
        if self.agreement.state in _ASKED:
            return "Asked, not signed yet"
        return {_A.TO_RENEW: "To be declared anew", _A.REFUSED: "Does not declare"}.get(
            AgreementState(self.agreement.state), "Declared"
        )

    def cells(self) -> tuple[str, ...]:
        """A line for a spreadsheet, in the order of `HEADER`."""
        row = self.agreement
        return (
            self.person.full_name,
            "; ".join(self.accounts),
            self.word,
            day(london_day(row.issued_at)) if row is not None and row.issued_at else "",
            day(london_day(row.completed_at)) if row is not None and row.completed_at else "",
            row.wording["version_label"] if row is not None else "",
        )


def declared_of(school: School, kind: str, on: date) -> list[Declared]:
    """Everybody of whom the declaration is asked, in three statements however many: of account managers those who have
    the duty on the day, of the rest of the kinds all staff. Whoever has declared stands last."""
    accounts: dict[int, list[str]] = defaultdict(list)
    people: Iterable[User]
    if kind == AgreementKind.ACCOUNT_MANAGER:
        duties = PublishingDuty.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on), school=school, starts_on__lte=on,
            kind=PublishingDutyKind.ACCOUNTS,
        )  # fmt: skip
        found: dict[int, User] = {}
        for duty in duties.select_related("user").order_by("user__family_name", "user__given_name", "account", "id"):
            found[duty.user_id] = duty.user
            accounts[duty.user_id] += [duty.account] if duty.account else []
        people = found.values()
    else:
        people = holders_of(school, *STAFF_ROLES, on=on)
    latest: dict[int, Agreement] = {}
    rows = Agreement.objects.filter(school=school, kind=kind, user__isnull=False).exclude(state__in=_OVER)
    for row in rows.order_by("issued_at", "id"):
        assert row.user_id is not None
        latest[row.user_id] = row
    listed = [
        Declared(person, row, row is not None and row.state in _ASKED, accounts[person.pk])
        for person in people
        for row in [latest.get(person.pk)]
    ]
    return sorted(listed, key=lambda one: one.has_declared)


def declaration_to_issue(school: School, kind: str, on: date) -> TemplateVersion | None:
    """The text that is asked to be signed: the newest that holds on the day; None where nothing is published."""
    found = [one for one in versions_to_issue(school, on, of_staff=True) if one.template.kind == kind]
    return next((one for one in found if one.starts_on is not None and one.starts_on <= on), None)
