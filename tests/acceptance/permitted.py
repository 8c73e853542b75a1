"""What the scenarios of permissions share: a pupil who is to keep a phone, and the steps to a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.approvals.models import Approval
from core.people.models import Pupil, School
from devices.operations import seed_device_types
from tests.acceptance.conftest import Person
from tests.factories import make_contact, make_form, make_pupil

ASKED = {
    "device": "another",
    "device_words": "black phone",
    "reason": "medical_monitoring",
    "need": "Zephyrglow alarms are answered wherever they ring.",
    "starts_on": "2026-11-23",
    "ends_on": "2027-03-26",
    "functions": "the monitoring app",
    "kept": "in the blazer pocket",
    "expectations": "Nothing but the app is opened.",
    "sanctions": "The phone is kept at the office for a week.",
}


def a_pupil(place: School, at: datetime) -> Pupil:
    """Amara of 8B, and an adult who may sign for her."""
    seed_device_types(school=place, actor=None, at=at)
    pupil = make_pupil(place, "Amara", "Kovacs", form=make_form(place, "8B", year=8))
    make_contact(pupil, has_parental_responsibility=True)
    return pupil


def asked_for(pupil: Pupil, teacher: Person, **more: Any) -> Approval:
    """A teacher asks, and writes down that it was talked over with the family."""
    teacher.sends(f"devices/permissions/pupils/{pupil.pk}/ask/", **(ASKED | more))
    row = Approval.objects.get()
    teacher.sends(
        f"permissions/{row.pk}/discuss/", discussed_on="2026-11-23", discussed_with="mother and pupil", note=""
    )
    row.refresh_from_db()
    return row


def decides(person: Person, row: Approval, decision: str = "approve", **more: Any) -> Any:
    """Somebody decides on the page of the permission."""
    row.refresh_from_db()
    given = {"decision": decision, "version": row.version, "because": "", "conditions": row.conditions,
             "review_route": "Ask the chair"}  # fmt: skip
    return person.sends(f"permissions/{row.pk}/", **(given | more))
