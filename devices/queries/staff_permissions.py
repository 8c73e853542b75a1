"""Permissions of staff: those that somebody may see, and whether one covers a moment (STA-06, STA-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.approvals.enums import STAFF_KINDS, Kind, State
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.queries import approvals_visible_to, in_force_then
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
_PAPERS = {
    Kind.STAFF_LESSON_USE: "The slip as a PDF",
    Kind.REMOTE_TEACHING: "Assessment and approval as a PDF",
}


def staff_permissions(user: Any, school: School) -> list[Approval]:
    """Those of all staff that the person may open, the newest first."""
    found = approvals_visible_to(user, school).filter(kind__in=STAFF_KINDS)
    return list(found.order_by("-starts_at", "-id")[:200])


def covering(school: School, user: User, at: datetime, *kinds: str) -> list[Approval]:
    """One’s permissions that held at a moment (STA-08): what a breach report about it says."""
    return list(in_force_then(school, at, *(kinds or STAFF_KINDS)).filter(user=user))


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


def paper_to_take(approval: Approval, _user: Any) -> list[tuple[str, str]]:
    """The paper of a permission that was given: the slip, or remote teaching with its assessment (DOC-18, DOC-19)."""
    said = _PAPERS.get(Kind(approval.kind), "")
    return [("devices:permission-paper", said)] if said and has_paper(approval) else []


def has_paper(approval: Approval) -> bool:
    """Whether there is something to print: somebody gave it."""
    return approval.kind in _PAPERS and approval.decided_at is not None and approval.state != State.DECLINED


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
