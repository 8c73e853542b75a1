"""A permission of a member of staff on paper, as it stands when it is printed (DOC-18, DOC-19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.approvals.models import Approval, Hazard
from core.approvals.words import limits_in_words, state_tag
from core.kit.pdf import Pdf, render_pdf
from core.kit.times import day, moment
from core.people.models import User
from core.people.roles import Role
from devices.documents.taken import Facts, letterhead_of
from devices.models import RemoteTeachingException, StaffLessonUse

SLIP, REMOTE = "Leave to use an own device in teaching time", "Remote teaching on an own device"
HAZARDS = ("What could go wrong", "Who could be harmed", "How likely, how grave", "What is done about it", "Left")


@dataclass(frozen=True)
class PermissionFacts(Facts):
    """What a permission says. `number` is its reference. The slip has no `why` and no `hazards`: whoever carries it may
    have to show it (law AP-6)."""

    state: str
    rows: tuple[tuple[str, str], ...]
    decided: tuple[tuple[str, str], ...]
    why: tuple[tuple[str, str], ...] = ()
    assessment: tuple[tuple[str, str], ...] = ()
    hazards: tuple[tuple[str, ...], ...] = ()


def slip_facts(use: StaffLessonUse, *, places: dict[str, str], at: datetime, by: User) -> PermissionFacts:
    """The slip: who, when, where, given by whom in what form, and whether it holds (DOC-18)."""
    row = use.approval
    return PermissionFacts(
        **_top(row, SLIP, at, by),
        rows=(*_who(row), *limits_in_words(row, places)),
        decided=(*_decision(row), ("Form", str(row.get_given_how_display())), *_confirmed(row)),
    )


def remote_facts(
    use: RemoteTeachingException, hazards: Iterable[Hazard], *, places: dict[str, str], at: datetime, by: User
) -> PermissionFacts:
    """Why no school device, the risk assessment whole, and who approved it (DOC-19). For those who may know why."""
    row = use.approval
    found = row.assessment
    assessed: tuple[tuple[str, str], ...] = (("Risk assessment", "None. The school’s rules leave it out."),)
    if found is not None:
        assessed = (
            ("Risk assessment", f"{found.title}, {found.reference}"),
            ("Assessed by", f"{found.assessor.display_name}, {day(found.assessed_on)}"),
            ("What is done", found.activity),
            ("What it comes to", found.conclusion),
            ("To be looked at again", day(found.review_on)),
        )
    note = (("Note to the decision", row.decided_because),) if row.decided_because else ()
    return PermissionFacts(
        **_top(row, REMOTE, at, by),
        rows=(*_who(row), ("Own device", use.device), *limits_in_words(row, places)),
        why=(("Why no school device", use.why),),
        assessment=assessed,
        hazards=tuple(_hazard(one) for one in hazards),
        decided=(*_decision(row), *note),
    )


def permission_pdf(facts: PermissionFacts, *, at: datetime) -> Pdf:
    """The sheet, made on request: it says of which minute it is."""
    context: dict[str, Any] = {
        "title": facts.title,
        "facts": asdict(facts),
        "columns": HAZARDS,
        "foot": "It holds as long as the school’s record says so.",
    }
    return render_pdf(
        "pdf/staff_permission.html", context, made_at=at, title=f"{facts.title} {facts.number}",
        styles=("pdf/taken/taken.css", "pdf/staff_permission.css"),
    )  # fmt: skip


def _top(row: Approval, title: str, at: datetime, by: User) -> dict[str, Any]:
    return {
        "letterhead": letterhead_of(row.school),
        "title": title,
        "number": row.reference,
        "made": moment(at),
        "made_by": by.display_name,
        "state": state_tag(row)["word"] if row.ends_at > at or row.over_at else "Over",
    }


def _who(row: Approval) -> tuple[tuple[str, str], ...]:
    assert row.user is not None
    return (("Who", row.user.full_name),)


def _decision(row: Approval) -> tuple[tuple[str, str], ...]:
    assert row.decided_by is not None and row.decided_at is not None
    role = str(Role(row.decided_as).label) if row.decided_as else ""
    role = f", in the place of the {role.lower()}" if row.delegation_id else f", {role.lower()}" if role else ""
    return (("Given by", f"{row.decided_by.full_name}{role}"), ("Given on", moment(row.decided_at)))


def _confirmed(row: Approval) -> tuple[tuple[str, str], ...]:
    if row.confirmed_at is None:
        return (("Confirmed", "Not yet: it does not hold until whoever gave it has confirmed it"),)
    return (("Confirmed", moment(row.confirmed_at)),)


def _hazard(one: Hazard) -> tuple[str, ...]:
    weight = f"{one.get_likelihood_display()}, {one.get_severity_display().lower()}"
    return (one.hazard, one.harmed, weight, one.controls, str(one.get_residual_display()))
