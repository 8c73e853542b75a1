"""Deleting from a pupil's device: who, under which rule, and never evidence (SEA-09 to SEA-11, EX-3)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import School
from core.people.roles import Role
from core.rules.models import RecordedDecision
from core.rules.operations import change_rule
from devices.enums import DeletionState, HoldReason, SearchState, State
from devices.models import CustodyRecord, DeletionRecord
from devices.operations import add_device, seed_device_types
from devices.operations.searches import (
    DeletionForbidden,
    DeletionReasonMissing,
    EvidenceNotDeleted,
    MayNotDelete,
    carry_out_deletion,
    decide_deletion,
    request_deletion,
    stop_and_hold,
)
from devices.operations.taken import place_hold
from devices.operations.taken.evidence import ImageSuspected, OnEvidenceHold, lift_hold
from devices.queries import device_types
from devices.workflow import MoveNotAllowed
from tests.factories import make_pupil, make_school, make_user
from tests.factories.searching import make_search
from tests.factories.taking import make_taken

WORDS = {"content": "A copied answer sheet", "rule_broken": "Exams", "reason": "It is passed on.", "suspected": False}
# Who decides and whether an approval says why, preset by preset (matrix 2.3).
RULES: dict[str, tuple[set[Role], bool]] = {
    "group-locked-storage": ({Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL}, False),
    "primary-by-agreement": ({Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL}, False),
    "primary-online-safety": (
        {Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, Role.DEPUTY_DSL}, True,
    ),
    "image-and-conduct": ({Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, Role.DEPUTY_DSL}, True),
    "phone-free-agreement": ({Role.HEADTEACHER}, True),
}  # fmt: skip
ROLES = (Role.TEACHER, Role.OFFICE, Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, Role.DEPUTY_DSL)


def taken(school: School, at: datetime, state: State = State.CONFISCATED, **fields: Any) -> CustodyRecord:
    seed_device_types(school=school, actor=None, at=at)
    types = {kind.key: kind for kind in device_types(school)}
    pupil = make_pupil(school, "Amara", "Kovacs")
    device = add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return make_taken(pupil, device, by=make_user(Role.TEACHER, school), at=at, state=state, **fields)


def asked(stay: CustodyRecord, at: datetime, **given: Any) -> DeletionRecord:
    teacher = given.pop("actor", None) or make_user(Role.TEACHER, stay.school)
    return request_deletion(school=stay.school, actor=teacher, at=at, custody=stay, **WORDS | given)


@pytest.mark.parametrize("preset", sorted(RULES))
def test_a_deletion_is_decided_by_whom_the_preset_names(db: None, preset: str, at: datetime) -> None:
    """SEA-09, SEA-10: kind in words, rule broken, reason, who and when; others are refused, on the record."""
    school, (allowed, says_why) = make_school(preset=preset), RULES[preset]
    with scope(school=school):
        deletion = asked(taken(school, at), at)
        common: dict[str, Any] = {"school": school, "at": at, "deletion": deletion}
        for role in ROLES:
            person = make_user(role, school)
            if role not in allowed:
                with pytest.raises(MayNotDelete, match="name"):
                    decide_deletion(**common, actor=person, approve=True, decision="Good reason")
                assert Entry.objects.filter(actor_id=person.pk).latest("id").outcome == Outcome.REFUSED
        head = make_user(Role.HEADTEACHER, school)
        if says_why:
            with pytest.raises(DeletionReasonMissing):
                decide_deletion(**common, actor=head, approve=True)
        decided = decide_deletion(**common, actor=head, approve=True, decision="It is passed on in class.")
        assert (decided.state, decided.decided_by, decided.decided_at) == (DeletionState.APPROVED, head, at)
        silent = preset in ("primary-online-safety", "image-and-conduct")
        assert RecordedDecision.objects.filter(key="deletion_rule").exists() == silent


@pytest.mark.parametrize("steps", [["done_by_staff"], ["asked_of_pupil", "confirmed"]])
def test_a_deletion_is_done_by_staff_or_asked_of_the_pupil(db: None, steps: list[str], at: datetime) -> None:
    """SEA-09, matrix 4.3: both roads end with who and when; nothing is skipped."""
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        slt = make_user(Role.SLT, school)
        deletion = asked(taken(school, at), at)
        common: dict[str, Any] = {"school": school, "actor": slt, "at": at, "deletion": deletion}
        with pytest.raises(MoveNotAllowed):
            carry_out_deletion(**common, step=steps[-1])
        decide_deletion(**common, approve=True)
        for step in steps:
            done = carry_out_deletion(**common, step=step)
        assert (done.state, done.done_by, done.done_at) == (steps[-1], slt, at)
        with pytest.raises(MoveNotAllowed):
            decide_deletion(**common, approve=True)


def test_nothing_that_may_be_evidence_is_deleted(db: None, at: datetime) -> None:
    """SEA-11, EX-3: suspected, held, an image ever suspected, a search that was stopped: refused, and on record."""
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        slt, head = make_user(Role.SLT, school), make_user(Role.HEADTEACHER, school)
        with pytest.raises(EvidenceNotDeleted, match="hold"):
            asked(taken(school, at), at, suspected=True)
        with pytest.raises(OnEvidenceHold):
            asked(taken(school, at, State.EVIDENCE_HOLD), at)
        stay = taken(school, at)
        hold = place_hold(school=school, actor=slt, at=at, custody=stay, reason=HoldReason.INDECENT_IMAGE)
        lift_hold(school=school, actor=head, at=at, hold=hold, because="A mistake.")
        with pytest.raises(ImageSuspected):
            asked(stay, at)
        stopped = taken(school, at)
        search = make_search(stopped.pupil, by=slt, at=at, custody=stopped)
        stop_and_hold(school=school, actor=slt, at=at, search=search, because="It appeared.", is_image=False)
        lift_hold(school=school, actor=head, at=at, hold=stopped.holds.get(), because="Seen by the police.")
        assert search.events.latest("id").to_state == SearchState.STOPPED
        with pytest.raises(EvidenceNotDeleted):
            asked(stopped, at)
        assert Entry.objects.filter(action="devices.request_deletion", outcome=Outcome.REFUSED).count() == 4


def test_a_hold_after_the_approval_stops_the_deletion(db: None, at: datetime) -> None:
    """SEA-11: what becomes evidence meanwhile stays."""
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        slt, stay = make_user(Role.SLT, school), taken(school, at)
        common: dict[str, Any] = {"school": school, "actor": slt, "at": at, "deletion": asked(stay, at)}
        decide_deletion(**common, approve=True)
        place_hold(school=school, actor=slt, at=at, custody=stay, reason=HoldReason.CRIME)
        with pytest.raises(OnEvidenceHold):
            carry_out_deletion(**common, step=DeletionState.DONE_BY_STAFF)


def test_where_the_rules_forbid_it_nothing_is_asked_for(db: None, at: datetime) -> None:
    """SEA-09"""
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        change_rule(
            school=school, actor=None, at=at, key="deletion_rule", value="forbidden", reason="A test.",
            effective_from=at.date(),
        )  # fmt: skip
        school.refresh_from_db()
        with pytest.raises(DeletionForbidden):
            asked(taken(school, at), at)


def test_request_deletion_same_form_twice_is_one(db: None, at: datetime) -> None:
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        stay, key, teacher = taken(school, at), uuid.uuid4(), make_user(Role.TEACHER, school)
        first, second = (asked(stay, at, actor=teacher, submission=key) for _ in range(2))
        assert first.pk == second.pk and DeletionRecord.objects.count() == 1


def test_no_field_of_a_deletion_takes_the_content() -> None:
    """SEA-09, SEA-16: a kind in words; never a copy, no upload."""
    kinds = {field.get_internal_type() for field in DeletionRecord._meta.get_fields() if hasattr(field, "attname")}
    assert not kinds & {"FileField", "ImageField", "BinaryField", "JSONField"}
