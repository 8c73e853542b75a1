"""Permissions of staff: those that somebody may see, and whether one covers a moment (STA-06, STA-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.approvals.access import readable_by
from core.approvals.enums import OVER_STATES, STAFF_KINDS, Kind
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to, in_force, in_force_then
from core.people.models import School, User
from core.rules.catalogue import SETTINGS
from core.rules.queries import UNSPECIFIED
from core.rules.words import settings_in, words_for
from devices.models import RemoteTeachingException, StaffContact, StaffLessonUse

# The rules that staff are shown about own devices, each under what it is called there (STA-03 to STA-06, STA-19).
RULES_FOR_STAFF = (
    "staff_includes", "staff_lesson_state", "staff_lesson_storage", "staff_phone_places", "staff_lesson_use_by",
    "staff_lesson_use_form", "staff_contact_own_device", "remote_own_device_by", "remote_risk_assessment",
)  # fmt: skip


OVER_SHOWN = 50


@dataclass(frozen=True)
class StaffList:
    """Permissions of staff by how they stand at a moment: in force, still to come or waiting, over."""

    now: list[Approval]
    coming: list[Approval]
    over: list[Approval]


def staff_permissions(user: Any, school: School, at: datetime) -> StaffList:
    """Those of all staff that the person may open. Nothing that holds or is coming is left out, however many there are;
    of what is over, the latest `OVER_SHOWN`."""
    found = approvals_visible_to(user, school).filter(kind__in=STAFF_KINDS)
    is_over = Q(state__in=OVER_STATES) | Q(ends_at__lte=at)
    open_ones = list(found.exclude(is_over).order_by("starts_at", "id"))
    return StaffList(
        now=[row for row in open_ones if row.holds_at(at)],
        coming=[row for row in open_ones if not row.holds_at(at)],
        over=list(found.filter(is_over).order_by("-ends_at", "-id")[:OVER_SHOWN]),
    )


def in_force_for(user: Any, school: School, colleague: User, at: datetime) -> list[Approval]:
    """What a colleague may do at a moment, for whoever may open it."""
    found = in_force(school, at, *STAFF_KINDS).filter(readable_by(user, school), user=colleague)
    return list(found.order_by("ends_at", "id"))


def covering(school: School, user: User, at: datetime, *kinds: str) -> list[Approval]:
    """One’s permissions that held at a moment (STA-08): what a breach report about it says."""
    return list(in_force_then(school, at, *(kinds or STAFF_KINDS)).filter(user=user))


def lesson_use_of(approval: Approval) -> QuerySet[StaffLessonUse]:
    """What was asked for under one permission in teaching time."""
    found: QuerySet[StaffLessonUse] = StaffLessonUse.objects.filter(approval=approval)
    return found.select_related("approval__user", "approval__decided_by", "approval__supervisor", "approval__school")


def remote_teaching_of(approval: Approval) -> QuerySet[RemoteTeachingException]:
    """What was asked for under one exception for remote teaching."""
    found: QuerySet[RemoteTeachingException] = RemoteTeachingException.objects.filter(approval=approval)
    return found.select_related(
        "approval__user", "approval__decided_by", "approval__supervisor", "approval__school",
        "approval__assessment__assessor",
    )  # fmt: skip


def lesson_use_facts(approval: Approval) -> list[tuple[str, str]]:
    """In what form it is given."""
    return [("Form", str(approval.get_given_how_display()))]


def lesson_use_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why, for those who may know."""
    row = StaffLessonUse.objects.filter(approval=approval).first()
    if row is None:
        return []
    return [("Reason", str(row.get_reason_display())), *([("In words", row.why)] if row.why else [])]


def contact_facts(approval: Approval) -> list[tuple[str, str]]:
    """By what means."""
    row = StaffContact.objects.filter(approval=approval).first()
    return [("By", str(row.get_channel_display()))] if row is not None else []


def contact_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Whom, and for what."""
    row = StaffContact.objects.filter(approval=approval).first()
    return [("Whom", row.whom), ("For what", row.purpose)] if row is not None else []


def remote_facts(approval: Approval) -> list[tuple[str, str]]:
    """On which device."""
    row = RemoteTeachingException.objects.filter(approval=approval).first()
    return [("Own device", row.device)] if row is not None else []


def remote_reasons(approval: Approval) -> list[tuple[str, str]]:
    """Why no school device."""
    row = RemoteTeachingException.objects.filter(approval=approval).first()
    return [("Why no school device", row.why)] if row is not None else []


@dataclass(frozen=True)
class StaffRule:
    """One rule as staff read it; `is_open` where the school has not settled it."""

    label: str
    said: str
    is_open: bool


def rules_for_staff(rules: Any) -> list[StaffRule]:
    """The rules about staff’s own devices in the school’s words (STA-03 to STA-06, STA-19)."""
    words = settings_in(words_for(rules))
    found = []
    for key in RULES_FOR_STAFF:
        assert key in SETTINGS
        value = getattr(rules, key)
        is_open = value == UNSPECIFIED
        said = "The school’s rules do not say. Ask before you do." if is_open else words[key].words_for(value)
        found.append(StaffRule(words[key].label, said, is_open))
    return found


def kinds_offered(rules: Any) -> dict[str, str]:
    """Which permissions staff can ask for under the rules, and where they cannot, why not."""
    return {kind: deciders_of(kind, rules).refused for kind in (Kind.STAFF_LESSON_USE, *STAFF_KINDS[1:])}
