"""Permissions to use a device as pages show them: what was asked, why for those who may know, and of whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from agreements.queries.papers import agreements_visible_to
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to
from core.kit.times import day
from core.people.models import Pupil, School
from core.rules.queries import UNSPECIFIED
from devices.enums import MEDICAL, UseReason
from devices.models import BringAgreement, ExceptionalUse


def reasons_offered(rules: Any) -> list[UseReason]:
    """The reasons that the rule names: the medical ones by name, all others where it knows another reason (AGR-10)."""
    said = rules.exception_reasons
    if said == UNSPECIFIED:
        return list(UseReason)
    return [one for one in UseReason if (one.value in said if one in MEDICAL else "other" in said)]


def exceptional_use_of(approval: Approval) -> ExceptionalUse:
    """What was asked for and why."""
    found: ExceptionalUse = ExceptionalUse.objects.select_related(
        "device__type", "agreement", "approval__pupil__form"
    ).get(approval=approval)
    return found


def exceptional_uses_visible_to(user: Any, school: School) -> QuerySet[ExceptionalUse]:
    """Those whose permission the person may open; why, they are asked record by record."""
    found: QuerySet[ExceptionalUse] = ExceptionalUse.objects.filter(
        school=school, approval__in=approvals_visible_to(user, school)
    )
    return found.select_related("approval__pupil__form", "device__type", "agreement")


def permissions_of(user: Any, pupil: Pupil) -> list[Approval]:
    """A pupil’s permissions of every kind that the person may open, the newest first."""
    return list(approvals_visible_to(user, pupil.school).filter(pupil=pupil).order_by("-starts_at", "-id"))


def agreements_of(user: Any, school: School, on: date, approvals: Iterable[Approval]) -> dict[int, int]:
    """The keys of the agreements that permissions stand on, by permission, as far as the person may open them."""
    found = ExceptionalUse.objects.filter(
        approval__in=list(approvals), agreement__in=agreements_visible_to(user, school, on)
    )
    return dict(found.order_by().values_list("approval_id", "agreement_id"))


def exceptional_facts(approval: Approval) -> list[tuple[str, str]]:
    """What is asked for, without why."""
    use = ExceptionalUse.objects.select_related("device__type").filter(approval=approval).first()
    if use is None:
        return []
    return [("Device", use.device.description if use.device is not None else use.device_words)]


def exceptional_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why, for those alone who may know (law AP-6)."""
    use = ExceptionalUse.objects.filter(approval=approval).first()
    if use is None:
        return []
    said = [("Reason", str(use.get_reason_display())), ("Where, when and how it is used", use.need)]
    if use.asked_by:
        said.append(("Asked for in the family by", use.asked_by))
    if use.reason in MEDICAL:
        plan = use.plan_reference or "None named yet"
        reviewed = f", reviewed next on {day(use.plan_review_on)}" if use.plan_review_on else ""
        said.append(("Healthcare plan", f"{plan}{reviewed}"))
    said.append(("Evidence", "Seen" if use.evidence_seen else "Not seen"))
    if use.expectations:
        said.append(("What is expected", use.expectations))
    if use.sanctions:
        said.append(("What follows misuse", use.sanctions))
    return said


def exceptional_missing(approval: Approval, rules: Any) -> list[str]:
    """What has to be written before anybody may approve (AGR-13)."""
    use = ExceptionalUse.objects.filter(approval=approval).first()
    if use is None or rules.exception_sanctions_text != "required":
        return []
    return [] if use.expectations and use.sanctions else ["Write down what is expected and what follows misuse."]


def bring_facts(approval: Approval) -> list[tuple[str, str]]:
    """Which device is brought, where one is named."""
    found = BringAgreement.objects.select_related("device__type").filter(approval=approval).first()
    return [("Device", found.device.description)] if found is not None and found.device is not None else []


def bring_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why it is brought."""
    found = BringAgreement.objects.filter(approval=approval).first()
    return [("Reason", found.reason)] if found is not None else []
