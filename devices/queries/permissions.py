"""Permissions to use a device as pages show them: what was asked, why for those who may know, and of whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from agreements.enums import AgreementState
from agreements.queries.papers import agreements_visible_to
from core.approvals.enums import Kind, State
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to, in_force
from core.kit.times import day
from core.people.access import has
from core.people.models import Pupil, School
from core.people.roles import Permission
from core.rules.queries import UNSPECIFIED
from devices.enums import MEDICAL, UseReason
from devices.models import BringAgreement, ContactRoute, ExceptionalUse

AGREEMENT_OVER = (AgreementState.WITHDRAWN, AgreementState.ENDED, AgreementState.SUPERSEDED)


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
    known, readable = list(approvals), agreements_visible_to(user, school, on)
    return {
        approval: agreement
        for model in (ExceptionalUse, BringAgreement)
        for approval, agreement in model.objects.filter(approval__in=known, agreement__in=readable)
        .order_by()
        .values_list("approval_id", "agreement_id")
    }


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


def contact_route_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why a family has a way of its own."""
    found = ContactRoute.objects.filter(approval=approval).first()
    return [("Reason", found.why)] if found is not None else []


def contact_routes_now(pupil: Pupil, at: datetime) -> list[Approval]:
    """By what ways, besides the office, a family may reach the child at a moment (DEV-28)."""
    return list(in_force(pupil.school, at, Kind.CONTACT_ROUTE).filter(pupil=pupil))


def to_draw_up(approvals: Iterable[Approval]) -> dict[int, str]:
    """From which of them an agreement to be signed can be drawn up now, with the URL name of the page that does it:
    what was approved and has none that waits or holds (AGR-13, DOC-03). One statement."""
    known = list(approvals)
    brought = [
        one.pk for one in known if one.kind == Kind.BRING_DEVICE and one.over_at is None and one.decided_at is not None
    ]
    free = BringAgreement.objects.filter(approval__in=brought).filter(
        Q(agreement__isnull=True) | Q(agreement__state__in=AGREEMENT_OVER)
    )
    return {
        one.pk: "devices:send-exceptional"
        for one in known
        if one.kind == Kind.EXCEPTIONAL_USE and one.state in (State.APPROVED, State.DRAFTED)
    } | dict.fromkeys(free.values_list("approval_id", flat=True), "devices:send-bring")


def draw_up(approval: Approval, user: Any) -> list[tuple[str, str]]:
    """The step that the office takes with what was approved."""
    if not has(user, Permission.MANAGE_AGREEMENTS, approval.school):
        return []
    return [(name, "Draw up the agreement") for name in to_draw_up([approval]).values()]


def brought_device_of(approval: Approval) -> str:
    """The key of the device that is named, as its form has it."""
    found = BringAgreement.objects.filter(approval=approval).values_list("device_id", flat=True).first()
    return str(found or "")


def bring_facts(approval: Approval) -> list[tuple[str, str]]:
    """Which device is brought, where one is named."""
    found = BringAgreement.objects.select_related("device__type").filter(approval=approval).first()
    return [("Device", found.device.description)] if found is not None and found.device is not None else []


def bring_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why it is brought."""
    found = BringAgreement.objects.filter(approval=approval).first()
    return [("Reason", found.reason)] if found is not None else []
