"""Permissions, risk assessments and delegations, for the sweeps."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "overview:approval-discuss": {"approval": "approval_asked"},
    "overview:approval-suspend": {"approval": "approval_live"},
    "overview:approval-resume": {"approval": "approval_live"},
    "overview:approval-review": {"approval": "approval_live"},
    "overview:approval-end": {"approval": "approval_live"},
    "overview:approval-withdraw": {"approval": "approval_live"},
    "overview:approval-attach": {"approval": "approval_asked"},
    "devices:change-staff-request": {"approval": "staff_asked"},
    "devices:change-lesson": {"approval": "device_lesson"},
    "devices:change-pupil-request": {"approval": "bring_asked"},
    "devices:send-bring": {"approval": "approval_live"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "overview:approvals": ("approval", "approval_asked", "approval_live"),
    "overview:approval-attach": ("assessment_complete",),
    "overview:assessments": ("assessment", "assessment_complete"),
    "overview:assessment": ("hazard",),
    "overview:complete-assessment": ("hazard",),
    "overview:delegations": ("delegation",),
    "devices:revocations": ("revocation",),
    "devices:propose-lesson": ("device_lesson",),
    "devices:lessons": ("device_lesson",),
    "devices:staff-permissions": ("staff_asked", "staff_live"),
    "agreements:mine": ("reading_version", "tie", "disclosure", "staff_asked"),
}


class ApprovalRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any

    @cached_property
    def asker(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school)

    def make_approval(self) -> Any:
        """Waits for whoever decides."""
        from devices.operations import ask_bring_device

        day = self.at.date()
        return ask_bring_device(
            school=self.school, actor=self.asker, at=self.at, pupil=self.make("pupil"),
            reason=self.said("Walks home alone", 200), starts_on=day, ends_on=day + timedelta(days=20),
        ).approval  # fmt: skip

    def make_approval_asked(self) -> Any:
        """Exceptional use that is still to be talked over."""
        from core.approvals.enums import Kind
        from core.approvals.operations import after_day, first_moment, open_request

        day = self.at.date()
        return open_request(
            school=self.school, actor=self.asker, at=self.at, kind=Kind.EXCEPTIONAL_USE, pupil=self.make("pupil"),
            starts_at=first_moment(day), ends_at=after_day(day + timedelta(days=90)),
        )  # fmt: skip

    def make_bring_asked(self) -> Any:
        """Asked by the reader."""
        from devices.operations import ask_bring_device

        day = self.at.date()
        return ask_bring_device(
            school=self.school, actor=self.reader, at=self.at, pupil=self.make("pupil"),
            reason=self.said("Walks home alone", 200), starts_on=day, ends_on=day + timedelta(days=20),
        ).approval  # fmt: skip

    def make_approval_live(self) -> Any:
        from devices.operations import agree_bring_device
        from tests.factories import make_user

        day = self.at.date()
        return agree_bring_device(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at, pupil=self.make("pupil"),
            reason=self.said("Cares for a brother", 200), starts_on=day, ends_on=day + timedelta(days=6),
        ).approval  # fmt: skip

    def make_assessment(self) -> Any:
        from core.approvals.operations import begin_assessment

        return begin_assessment(
            school=self.school, actor=self.reader, at=self.at, title=self.said("Filming in the hall", 160),
            activity=self.said("A class films a play on its own devices.", 1000),
            review_on=self.at.date() + timedelta(days=300),
        )  # fmt: skip

    def make_hazard(self) -> Any:
        return self._hazard_of(self.make("assessment"), self.reader)

    def make_assessment_complete(self) -> Any:
        from core.approvals.operations import begin_assessment, complete_assessment

        row = begin_assessment(
            school=self.school, actor=self.asker, at=self.at, title=self.said("Remote lessons", 160),
            activity=self.said("A lesson from home.", 1000), review_on=self.at.date() + timedelta(days=200),
        )  # fmt: skip
        self._hazard_of(row, self.asker)
        return complete_assessment(
            school=self.school, actor=self.asker, at=self.at, assessment=row,
            conclusion=self.said("It can go ahead.", 1000),
        )  # fmt: skip

    def make_delegation(self) -> Any:
        from core.approvals.operations import delegate
        from tests.factories import make_user

        day = self.at.date()
        return delegate(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at,
            to=make_user("slt", self.school), starts_on=day, ends_on=day + timedelta(days=3),
            reason=self.said("Away at a conference", 300),
        )  # fmt: skip

    def _hazard_of(self, assessment: Any, actor: Any) -> Any:
        from core.approvals.enums import Level
        from core.approvals.operations import add_hazard

        return add_hazard(
            school=self.school, actor=actor, at=self.at, assessment=assessment,
            hazard=self.said("Somebody is filmed who should not be", 300), harmed=self.said("Pupils in the hall", 200),
            likelihood=Level.LOW, severity=Level.MEDIUM, controls=self.said("The teacher checks each film.", 1000),
            residual=Level.LOW,
        )  # fmt: skip

    def _lesson_use(self, **said: Any) -> dict[str, Any]:
        from devices.enums import LessonUseReason

        return {
            "school": self.school, "at": self.at, "reason": LessonUseReason.OTHER, "place": self.said("Room 4", 120),
            "why": self.said("A call from the surgery", 500), "starts_at": self.at,
            "ends_at": self.at + timedelta(hours=1), **said,
        }  # fmt: skip

    def make_staff_asked(self) -> Any:
        """The reader asks for themselves."""
        from devices.operations.permissions.staff import ask_lesson_use

        return ask_lesson_use(**self._lesson_use(actor=self.reader)).approval

    def make_staff_live(self) -> Any:
        from core.approvals.enums import GivenHow
        from devices.operations.permissions.staff import give_lesson_use
        from tests.factories import make_user

        head = make_user("headteacher", self.school)
        given = self._lesson_use(actor=head, user=self.asker, given_how=GivenHow.WRITTEN, because="As the head does")
        return give_lesson_use(**given).approval

    def make_device_lesson(self) -> Any:
        """A lesson that the reader proposed; written as it stands, for the rules of most schools take no proposal."""
        from core.approvals.enums import Kind
        from core.approvals.models import Approval
        from devices.models import CurriculumUse

        row = Approval(
            school=self.school, reference=f"P-L{Approval.objects.count():06d}", kind=Kind.CURRICULUM_USE,
            requested_at=self.at, requested_by=self.reader, rules_version=1, starts_at=self.at,
            ends_at=self.at + timedelta(hours=1), needs_assessment=True,
        )  # fmt: skip
        use = CurriculumUse(
            school=self.school, approval=row, title=self.said("Filming a play", 160),
            purpose=self.said("Speaking clearly", 500), form=self.make("form"), teacher=self.reader,
        )  # fmt: skip
        for made in (row, use):
            made.stamp(by=self.reader, at=self.at)
            made.save()
        return row

    def make_revocation(self) -> Any:
        from devices.models import PrivilegeRevocation

        row = PrivilegeRevocation(
            school=self.school, pupil=self.make("pupil"), starts_on=self.at.date(), ends_on=self.at.date(),
            reason=self.said("Filmed others", 300), breach_reference="I-2611-0001", decided_at=self.at,
            decided_by=self.reader,
        )  # fmt: skip
        row.stamp(by=self.reader, at=self.at)
        row.save()
        return row
