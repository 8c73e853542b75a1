"""ALL-S1: under every preset, what is held as evidence stays held, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django_scopes import scope

from core.audit.models import Entry
from core.people.access import has
from core.people.models import School, User
from core.people.roles import Permission, Role
from core.rules.presets import all_presets
from devices.enums import HoldReason, SearchState, State
from devices.models import CustodyRecord, DeletionRecord, PupilDevice, ReleaseRefusal
from devices.operations import add_device, seed_device_types
from devices.operations.searches import NotASearcher, SearcherNotDecided, open_search, request_deletion
from devices.operations.taken import OnEvidenceHold, place_hold
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_pupil, make_user
from tests.factories.taking import make_taken

Clock = Callable[[int, int], None]
CLAIM = {"to": "pupil", "identity": "known", "signed": "initials", "initials": "AK", "condition": "No damage seen",
         "place": "office"}  # fmt: skip
HANDED = {
    "officer_name": "Officer Hale", "officer_number": "4417", "station": "Northgate", "reference": "42/117",
    "items": "Phone", "condition": "Switched off", "officer_signed": "yes",
}  # fmt: skip


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def phone(place: School, clock: Clock) -> PupilDevice:
    from django.utils import timezone

    at = timezone.now()
    kinds = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    pupil = make_pupil(place, "Amara", "Kovacs")
    make_contact(pupil, "Kovacs", may_collect=True)
    return add_device(school=place, actor=None, at=at, pupil=pupil, type=kinds["phone"])


@pytest.fixture
def held(place: School, phone: PupilDevice, clock: Clock) -> Iterator[CustodyRecord]:
    """A phone that was confiscated at 8:30 and that a teacher put on hold then; it is 15:30, after the school day."""
    from django.utils import timezone

    teacher = make_user(Role.TEACHER, place)
    stay = make_taken(
        phone.pupil, phone, by=teacher, at=timezone.now(), release_rule="pupil_end_of_day_unless_escalated"
    )
    place_hold(school=place, actor=teacher, at=timezone.now(), custody=stay, reason=HoldReason.CRIME)
    clock(15, 30)
    yield stay


def try_everything(person: User, stay: CustodyRecord) -> None:
    """Release, hand back, correct away, search, delete: by pages where there is one, as whoever may come so far."""
    from django.utils import timezone

    school, at, who = stay.school, timezone.now(), Person(person, stay.school)
    may_release = has(person, Permission.RELEASE_DEVICE, school)
    answer = who.sends(f"devices/custody/{stay.pk}/release/", **CLAIM)
    assert answer.status_code == (422 if may_release else 403), person
    may_log = has(person, Permission.LOG_CUSTODY, school)
    answer = who.sends("devices/hand-back/", code=stay.device.code, custody=stay.pk)
    assert answer.status_code == 403 if not may_log else answer.status_code in (200, 409, 422), person
    answer = who.sends(f"devices/custody/{stay.pk}/correct/", kind="not_handed_in", note="By mistake.")
    assert answer.status_code == (422 if may_log else 403), person
    if not has(person, Permission.OPEN_SEARCH, school):
        return
    try:
        made = open_search(
            school=school, actor=person, at=at, pupil=stay.pupil, of="device", custody=stay, decision_reason="To see."
        )
        assert made.state == SearchState.BLOCKED, person
    except (NotASearcher, SearcherNotDecided):
        pass
    with pytest.raises(OnEvidenceHold):
        request_deletion(
            school=school, actor=person, at=at, custody=stay, content="A message", rule_broken="Behaviour",
            reason="It hurt somebody.", suspected=False,
        )  # fmt: skip


def test_all_s1_neg_a_held_device_is_refused_to_every_role(place: School, held: CustodyRecord) -> None:
    """ALL-S1 (CNF-10, CNF-11, SEA-11): under each preset, each role asks for release, return, search and deletion."""
    for role in Role:
        with scope(school=place):
            try_everything(make_user(role, place), held)
    held.refresh_from_db()
    assert (held.state, held.is_open) == (State.EVIDENCE_HOLD, True)
    assert not DeletionRecord.objects.exists()
    assert ReleaseRefusal.objects.filter(custody=held, refusal="on_evidence_hold").exists()
    assert Entry.objects.filter(outcome="refused", detail__refusal="on_evidence_hold").exists()


def test_all_s1_the_dsl_lifts_it_and_the_rules_apply_again(
    place: School, held: CustodyRecord, as_role: Callable[[Role], Person]
) -> None:
    """ALL-S1 (CNF-10): the office asks in vain until the DSL lifts the hold, for a reason."""
    dsl, hold = as_role(Role.DSL), held.holds.get()
    before = dsl.sends(f"devices/evidence/{hold.pk}/lift/", target="confiscated")
    assert before.status_code == 422
    lifted = dsl.sends(f"devices/evidence/{hold.pk}/lift/", target="confiscated", because="The police do not need it.")
    assert "Lifted" in shown(lifted)
    held.refresh_from_db()
    assert held.state == State.CONFISCATED
    refused = ReleaseRefusal.objects.filter(custody=held).count()
    as_role(Role.OFFICE).sends(f"devices/custody/{held.pk}/release/", **CLAIM)
    held.refresh_from_db()
    assert held.state == State.RELEASED_TO_PUPIL
    assert ReleaseRefusal.objects.filter(custody=held).count() == refused


def test_all_s1_or_a_police_handover_is_saved(
    place: School, held: CustodyRecord, as_role: Callable[[Role], Person]
) -> None:
    """ALL-S1 (CNF-11, CNF-12): the head hands it over; what comes back is held until the head decides."""
    head = as_role(Role.HEADTEACHER)
    head.sends(f"devices/custody/{held.pk}/police/", **HANDED)
    held.refresh_from_db()
    assert (held.state, held.is_open) == (State.WITH_POLICE, False)
    handover = held.police_handovers.get()
    assert handover.officer_signed
    head.sends(f"devices/police/{handover.pk}/back/", officer="Officer Hale", condition="As before")
    held.refresh_from_db()
    assert (held.state, held.is_open) == (State.BACK_FROM_POLICE, True)
    assert as_role(Role.OFFICE).sends(f"devices/custody/{held.pk}/release/", **CLAIM).status_code == 422
    head.sends(f"devices/custody/{held.pk}/decide/", target="parent_collection", reason="The case is closed.")
    held.refresh_from_db()
    assert held.state == State.PARENT_COLLECTION
