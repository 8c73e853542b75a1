"""What the tests of exceptional use share: a school with an agreement to sign, and permissions on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agreements.enums import AgreementKind
from agreements.models import Agreement
from core.approvals import operations as approvals
from core.approvals.models import Approval
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import UseReason
from devices.models import ExceptionalUse
from devices.operations import seed_device_types
from devices.operations.permissions import Wish, ask_exceptional_use, send_for_signatures
from tests.factories import give_role, make_contact, make_form, make_pupil, make_user
from tests.factories.agreements import make_version, sign_as

WHY = "Zephyrglow alarms ring wherever she is."
EXPECTED = "Nothing but the app is opened."
SANCTION = "The phone is kept at the office for a week."


@dataclass
class Cast:
    """A pupil with a parent and a tutor, and who asks, decides and sends."""

    school: School
    at: datetime
    pupil: Pupil
    teacher: User
    tutor: User
    office: User
    head: User

    def who(self, actor: User, at: datetime | None = None) -> dict[str, Any]:
        return {"school": self.school, "actor": actor, "at": at or self.at}

    def asks(self, *, limits: approvals.Limits | None = None, **said: Any) -> ExceptionalUse:
        """The teacher asks, for two weeks from today unless said otherwise."""
        today = self.at.date()
        days: dict[str, Any] = {"starts_on": today, "ends_on": today + timedelta(days=13), "review_on": None}
        days |= {name: said.pop(name) for name in list(said) if name in days}
        wish = Wish(**{"reason": UseReason.MEDICAL_MONITORING, "need": WHY, "device_words": "black phone",
                       "expectations": EXPECTED, "sanctions": SANCTION} | said)  # fmt: skip
        asked: ExceptionalUse = ask_exceptional_use(
            **self.who(self.teacher), pupil=self.pupil, wish=wish, limits=limits or approvals.Limits(), **days
        )
        return asked

    def discussed(self, **said: Any) -> ExceptionalUse:
        use = self.asks(**said)
        approvals.discuss(
            **self.who(self.teacher), approval=use.approval, discussed_on=self.at.date(), discussed_with="mother"
        )
        return use

    def approved(self, **said: Any) -> ExceptionalUse:
        use = self.discussed(**said)
        approvals.approve(**self.who(self.head), approval=use.approval)
        return use

    def sent(self, **said: Any) -> tuple[ExceptionalUse, Agreement]:
        use = self.approved(**said)
        agreement = send_for_signatures(**self.who(self.office), approval=use.approval)
        use.refresh_from_db()
        return use, agreement

    def live(self, **said: Any) -> ExceptionalUse:
        """In force: signed by the parent, where one parent or the pupil is enough."""
        use, agreement = self.sent(**said)
        sign_as(agreement, "parent", self.office, self.at)
        return use

    def row(self, use: ExceptionalUse) -> Approval:
        found: Approval = Approval.objects.get(pk=use.approval_id)
        return found


def cast_of(school: School, at: datetime) -> Cast:
    """Everybody, kinds of device, and the text to sign."""
    form = make_form(school, "8B", year=8)
    pupil = make_pupil(school, "Amara", "Kovacs", form=form)
    make_contact(pupil, has_parental_responsibility=True, email="dana@example.org")
    seed_device_types(school=school, actor=None, at=at)
    make_version(school, AgreementKind.EXCEPTIONAL_USE)
    tutor = make_user(None, None)
    give_role(tutor, school, Role.FORM_TUTOR, form=form)
    return Cast(
        school, at, pupil, make_user(Role.TEACHER, school), tutor, make_user(Role.OFFICE, school),
        make_user(Role.HEADTEACHER, school),
    )  # fmt: skip


def day_after(use: ExceptionalUse, days: int = 0) -> date:
    """The last day of a permission, or so many days after it."""
    from core.approvals.queries import last_day

    return last_day(use.approval) + timedelta(days=days)
