"""Lessons with own devices, and the break-time privilege: what covers a pupil, what is taken away (DEV-16, DEV-18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to, in_force_then
from core.people.models import Pupil, School
from devices.judgement import LivePermission
from devices.models import CurriculumPupil, CurriculumUse, PrivilegeRevocation


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


def revoked_on(pupils: Iterable[Pupil], day: date) -> dict[int, PrivilegeRevocation]:
    """Whose break-time privilege is taken away on a day (DEV-16)."""
    found = PrivilegeRevocation.objects.filter(
        pupil__in=list(pupils), starts_on__lte=day, ends_on__gte=day, ended_at__isnull=True
    )
    return {row.pupil_id: row for row in found.order_by("-ends_on")}


def revocations_visible_to(user: Any, school: School) -> QuerySet[PrivilegeRevocation]:
    """Every revocation; the page’s permission says who may look."""
    found: QuerySet[PrivilegeRevocation] = PrivilegeRevocation.objects.filter(school=school)
    return found.select_related("pupil__form", "decided_by", "ended_by")
