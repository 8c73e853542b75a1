"""What devices say of each kind of permission that they keep: told to `core.approvals` when the registry is ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.approvals.enums import Kind, State
from core.approvals.hooks import Feature, Paper, connect
from core.approvals.models import Approval
from core.people.calendar import london_day
from core.rules.queries import for_school


def connect_features() -> None:
    """Called once, by the app’s registration."""
    from agreements.hooks import connect_moved
    from devices.operations.agreements import end_bring_paper
    from devices.operations.permissions import exceptional, lessons
    from devices.queries import lessons as taught
    from devices.queries import permissions as found
    from devices.queries import staff_permissions as staff

    def missing(approval: Approval) -> list[str]:
        return found.exceptional_missing(approval, for_school(approval.school, on=london_day(approval.requested_at)))

    def approved(approval: Approval, *, actor: Any, at: datetime) -> bool:
        rules = for_school(approval.school, on=london_day(at))
        holds_now = bool(rules.exception_written_agreement == "optional")
        if holds_now:
            exceptional.tell_tutors(approval, "A pupil of your form uses a device by agreement", at)
        else:
            exceptional.tell_office(approval, at)
        return holds_now

    connect_moved(exceptional.follow_agreement)
    connect(
        Kind.EXCEPTIONAL_USE,
        Feature(
            change_name="devices:change-exceptional",
            facts=found.exceptional_facts,
            reasons=found.exceptional_reasons,
            missing=missing,
            effects=lambda approval: (
                "The register and the desk show “with pupil by agreement”, and nobody chases the device.",
                "Staff who look the pupil up see the limits, never the reason.",
                "Where a written agreement is needed, the ordinary rules hold until it is signed.",
            ),
            acts=found.draw_up,
            approved=approved,
            over=exceptional.end_with_permission,
            paused=exceptional.pause_with_notice,
        ),
    )
    connect(
        Kind.BRING_DEVICE,
        Feature(
            facts=found.bring_facts,
            reasons=found.bring_reasons,
            effects=lambda approval: ("The desk takes the device in without a warning. It permits no use.",),
            change_name="devices:change-pupil-request",
            acts=found.draw_up,
            over=end_bring_paper,
        ),
    )
    connect(
        Kind.CONTACT_ROUTE,
        Feature(
            change_name="devices:change-pupil-request",
            reasons=found.contact_route_reasons,
            effects=_saying("Staff who look the pupil up read that the family may reach them so, never why."),
        ),
    )
    connect(
        Kind.CURRICULUM_USE,
        Feature(
            change_name="devices:change-lesson",
            facts=taught.lesson_facts,
            effects=lambda approval: (
                "In that lesson these pupils may use their own devices; in the next it is a breach.",
            ),
            consents=lessons.taught_by,
        ),
    )
    change = "devices:change-staff-request"
    for kind, facts, reasons, effect in (
        (Kind.STAFF_LESSON_USE, staff.lesson_use_facts, staff.lesson_use_reasons,
         "They may use it at that time and place. It ends by itself."),
        (Kind.STAFF_CONTACT, staff.contact_facts, staff.contact_reasons,
         "Contact of this kind is no breach while it is in force."),
        (Kind.REMOTE_TEACHING, staff.remote_facts, staff.remote_reasons,
         "Remote teaching on this device is no breach while it is in force."),
    ):  # fmt: skip
        connect(
            kind,
            Feature(change_name=change, facts=facts, reasons=reasons, effects=_saying(effect), papers=_staff_papers),
        )
    connect(
        Kind.SCHOOL_DEVICE,
        Feature(
            change_name="devices:change-school-device",
            effects=_saying("A school device may be issued to them between these days."),
        ),
    )


def _staff_papers(approval: Approval) -> Sequence[Paper]:
    """The slip for whoever holds it (DOC-18), and for remote teaching the assessment with the approval (DOC-19)."""
    if approval.decided_at is None or approval.state == State.DECLINED:
        return ()
    if approval.kind == Kind.REMOTE_TEACHING:
        return (Paper("Print the assessment and approval", "devices:remote-teaching-paper", says_why=True),)
    if approval.kind == Kind.STAFF_LESSON_USE:
        return (Paper("Print the slip", "devices:staff-slip"),)
    return ()


def _saying(effect: str) -> Callable[[Approval], Sequence[str]]:
    """What approving changes, the same for every one of a kind."""
    return lambda _approval: (effect,)
