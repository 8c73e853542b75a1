"""Lessons with own devices, and the break-time privilege: what covers a pupil, what is taken away (DEV-16, DEV-18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to, in_force_then
from core.people.calendar import london_day
from core.people.models import Pupil, School
from core.people.queries import pupils_on_roll
from devices.judgement import LivePermission
from devices.models import CurriculumPupil, CurriculumUse, PrivilegeRevocation

MOST_SHOWN = 100


def lessons_permitted(school: School, pupils: Sequence[Pupil], at: datetime) -> dict[int, tuple[LivePermission, ...]]:
    """Which of these pupils are in a lesson for which own devices were approved, at a moment (DEV-18)."""
    forms = {pupil.form_id for pupil in pupils if pupil.form_id is not None}
    uses = list(
        CurriculumUse.objects.filter(
            school=school, form__in=forms, approval__in=in_force_then(school, at, Kind.CURRICULUM_USE)
        )
    )
    if not uses:
        return {}
    chosen: dict[int, set[int]] = {}
    for use, pupil in CurriculumPupil.objects.filter(use__in=uses).values_list("use_id", "pupil_id"):
        chosen.setdefault(use, set()).add(pupil)
    found: dict[int, tuple[LivePermission, ...]] = {}
    for one in pupils:
        for use in uses:
            if use.form_id == one.form_id and (use.whole_class or one.pk in chosen.get(use.pk, ())):
                lesson = LivePermission(
                    limits=(f"For the activity “{use.title}” alone",), source="curriculum_use",
                    sentence="Approved for this lesson.",
                )  # fmt: skip
                found[one.pk] = (*found.get(one.pk, ()), lesson)
    return found


def lessons_visible_to(user: Any, school: School) -> QuerySet[CurriculumUse]:
    """Every lesson with own devices that the person may open, the latest first."""
    found: QuerySet[CurriculumUse] = CurriculumUse.objects.filter(
        school=school, approval__in=approvals_visible_to(user, school)
    )
    return found.select_related("approval", "form", "teacher").order_by("-approval__starts_at", "-id")


def coming_and_past(user: Any, school: School, at: datetime) -> tuple[list[CurriculumUse], list[CurriculumUse]]:
    """Lessons that are to come or running, the next first; and those that are over, whatever became of them, the latest
    first."""
    found = lessons_visible_to(user, school)
    coming = found.filter(approval__over_at__isnull=True, approval__ends_at__gt=at)
    past = found.exclude(approval__over_at__isnull=True, approval__ends_at__gt=at)
    return list(coming.order_by("approval__starts_at", "id")[:MOST_SHOWN]), list(past[:MOST_SHOWN])


def pupils_of_form(school: School, form: int, on: date) -> list[Pupil]:
    """Who may take part in a lesson of a class."""
    return list(pupils_on_roll(school, on).filter(form=form).order_by("legal_surname", "legal_forename", "id"))


def taking_part(use: CurriculumUse) -> list[int]:
    """The keys of those who take part; none where the whole class does."""
    return list(use.taking_part.values_list("pupil_id", flat=True))


def lesson_facts(approval: Approval) -> list[tuple[str, str]]:
    """What is to be done, with whom."""
    row = CurriculumUse.objects.select_related("form", "teacher").filter(approval=approval).first()
    if row is None:
        return []
    taking = ", ".join(one.pupil.display_name for one in row.taking_part.select_related("pupil"))
    return [
        ("Activity", row.title), ("What is to be learnt", row.purpose), ("Class", row.form.name),
        ("Pupils", "The whole class" if row.whole_class else taking), ("Teacher", row.teacher.display_name),
    ]  # fmt: skip


def revoked_at(pupils: Iterable[Pupil], at: datetime) -> dict[int, PrivilegeRevocation]:
    """Whose break-time privilege was taken away at a moment, as things stood then; of several, the last to end
    (DEV-16)."""
    day = london_day(at)
    found = PrivilegeRevocation.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=at),
        pupil__in=list(pupils), starts_on__lte=day, ends_on__gte=day, decided_at__lte=at,
    )  # fmt: skip
    return {row.pupil_id: row for row in found.order_by("ends_on", "id")}


def revocations_visible_to(user: Any, school: School) -> QuerySet[PrivilegeRevocation]:
    """Every revocation; the page’s permission says who may look."""
    found: QuerySet[PrivilegeRevocation] = PrivilegeRevocation.objects.filter(school=school)
    return found.select_related("pupil__form", "decided_by", "ended_by")


def revocations_now_and_past(
    user: Any, school: School, on: date
) -> tuple[list[PrivilegeRevocation], list[PrivilegeRevocation]]:
    """Those that hold or are to come, the first to end first; and those that are over, the latest first."""
    found = revocations_visible_to(user, school)
    now = found.filter(ended_at__isnull=True, ends_on__gte=on)
    past = found.exclude(ended_at__isnull=True, ends_on__gte=on)
    return list(now.order_by("ends_on", "id")[:MOST_SHOWN]), list(past[:MOST_SHOWN])
