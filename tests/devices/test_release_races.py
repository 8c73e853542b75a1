"""Two members of staff at once, on real connections, and a web worker killed mid-release: one true record each time."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from core.audit.models import Entry
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Role
from devices import operations
from devices.enums import EventKind, HoldReason, NoticeAbout, State
from devices.models import CustodyEvent, CustodyRecord, Escalation, EvidenceHold, ParentNotice, Release, ReleaseRefusal
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.taking import make_taken
from tests.faults.test_killed_web_worker import Site
from tests.journeys.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)

WHOLE: dict[str, Any] = {"identity": "known", "condition": "Whole", "place": "office", "signed": "paper"}


@pytest.fixture
def evening(at: datetime) -> datetime:
    return at.replace(hour=15, minute=20)


@pytest.fixture
def office(at: datetime) -> tuple[School, list[User], Contact, CustodyRecord]:
    """Two at the office, and one phone that waits for a parent."""
    school = make_school("harbour-view")
    with scope(school=school):
        types = {kind.key: kind for kind in operations.seed_device_types(school=school, actor=None, at=at)}
        pupil = make_pupil(school)
        device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        stay = make_taken(
            pupil, device, by=make_user("teacher", school), at=at, release_rule="pupil_end_of_day_unless_escalated"
        )
        people = [make_user("office", school), make_user("slt", school)]
        return school, people, make_contact(pupil), stay


def test_release_device_two_staff_at_once_is_one_release(office: Any, evening: datetime) -> None:
    """CNF-09: one gives it to the pupil, one to the parent, in the same second: one release, one event, and the other
    hears that it has gone."""
    school, people, mother, stay = office

    def to_pupil() -> Any:
        return operations.taken.release_device(
            school=school, actor=people[0], at=evening, custody=stay, to="pupil", **WHOLE
        )

    def to_parent() -> Any:
        return operations.taken.release_device(
            school=school, actor=people[1], at=evening, custody=stay, to="contact", contact=mother, **WHOLE
        )

    results = at_once(school, to_pupil, to_parent)
    assert sorted(type(result).__name__ for result in results) == ["Release", "ReleasedAlready"], results
    with scope(school=school):
        assert Release.objects.count() == 1
        assert CustodyEvent.objects.filter(kind=EventKind.RELEASE).count() == 1


def test_release_device_same_form_at_once_is_one_release(office: Any, evening: datetime) -> None:
    """CNF-09: the same key fired four times."""
    school, people, _mother, stay = office
    key = uuid.uuid4()

    def give() -> Any:
        return operations.taken.release_device(
            school=school, actor=people[0], at=evening, custody=stay, to="pupil", submission=key, **WHOLE
        )

    results = at_once(school, *[give] * 4)
    assert {getattr(result, "pk", result) for result in results} == {results[0].pk}


def test_a_hold_placed_while_a_release_is_made_leaves_one_true_record(office: Any, evening: datetime) -> None:
    """CNF-10: either it has gone and cannot be held, or it is held and the release is refused and kept; never both."""
    school, people, _mother, stay = office

    def give() -> Any:
        return operations.taken.release_device(
            school=school, actor=people[0], at=evening, custody=stay, to="pupil", **WHOLE
        )

    def hold() -> Any:
        return operations.taken.place_hold(
            school=school, actor=people[1], at=evening, custody=stay, reason=HoldReason.CRIME
        )

    results = {type(result).__name__ for result in at_once(school, give, hold)}
    with scope(school=school):
        stay.refresh_from_db()
        released, held = Release.objects.count(), EvidenceHold.objects.count()
        assert released + held == 1, results
        assert (stay.state == State.EVIDENCE_HOLD) is bool(held)
        assert stay.is_open is bool(held)
        assert ReleaseRefusal.objects.filter(refusal="on_evidence_hold").count() == held


def test_escalate_two_leaders_at_once_is_one_decision_and_one_notice(office: Any, evening: datetime) -> None:
    """CNF-06: the second hears that it waits for a parent already."""
    school, people, _mother, stay = office

    def decide() -> Any:
        return operations.taken.escalate(
            school=school, actor=people[1], at=evening, custody=stay, trigger="repeated", reason="Twice."
        )

    results = at_once(school, decide, decide)
    assert sorted(type(result).__name__ for result in results) == ["EscalatedAlready", "Escalation"], results
    with scope(school=school):
        assert Escalation.objects.count() == 1
        assert ParentNotice.objects.filter(about=NoticeAbout.ESCALATED).count() == 1


def test_tell_parent_two_at_once_tells_once(office: Any, evening: datetime) -> None:
    """CNF-13: two who ring the same parent leave one telling; the second is told who was first."""
    school, people, mother, stay = office
    with scope(school=school):
        notice = operations.taken.open_notice(
            school=school, actor=people[0], at=evening, about=NoticeAbout.TAKEN, pupil=stay.pupil, custody=stay
        )

    def ring(person: User) -> Any:
        return operations.taken.tell_parent(
            school=school, actor=person, at=evening, notice=notice, contact=mother, how="phone", message="It is here."
        )

    results = at_once(school, lambda: ring(people[0]), lambda: ring(people[1]))
    assert sorted(type(result).__name__ for result in results) == ["NoticeSettled", "ParentNotice"], results


def test_web_worker_killed_mid_release_leaves_it_whole_or_not_at_all(transactional_db: None, tmp_path: Path) -> None:
    """F01: workers die while devices are released; a key sent until it is answered makes exactly one release, with its
    event and its entry, and none is half made."""
    world = World()
    with scope(school=world.school):
        teacher, stays = world.person(Role.TEACHER), []
        for _ in range(8):
            pupil: Pupil = make_pupil(world.school, form=world.form)
            contact = make_contact(pupil)
            device = operations.add_device(
                school=world.school, actor=None, at=world.at, pupil=pupil, type=world.kinds["phone"]
            )
            taken = make_taken(pupil, device, by=teacher, at=world.at, release_rule="parent_only")
            stays.append((taken, contact))
    client = Client()
    client.force_login(world.person(Role.OFFICE), backend="core.people.backends.PeopleBackend")
    cookie = client.cookies["sessionid"].value
    site = Site(tmp_path)
    site.wait()
    keys = {taken.pk: str(uuid.uuid4()) for taken, _contact in stays}
    left = threading.Event()

    def release() -> None:
        for taken, contact in stays:
            for _ in range(60):
                status = site.post(
                    f"/{world.school.slug}/devices/custody/{taken.pk}/release/", cookie,
                    to=f"contact-{contact.pk}", submission=keys[taken.pk], **WHOLE,
                )  # fmt: skip
                if status in (200, 204, 302):
                    break
                assert status in (0, 502, 503), status
                time.sleep(0.1)
        left.set()

    desk = threading.Thread(target=release)
    try:
        desk.start()
        kills = 0
        while not left.wait(0.25) and kills < 6:
            for worker in site.workers()[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    kills += 1
        desk.join(90)
    finally:
        site.process.terminate()
        site.process.wait(15)
    assert kills >= 1
    with scope(school=world.school):
        assert Release.objects.count() == len(stays)
        assert CustodyRecord.objects.filter(state=State.RELEASED_TO_PARENT).count() == len(stays)
        assert CustodyEvent.objects.filter(kind=EventKind.RELEASE).count() == len(stays)
    assert Entry.objects.filter(action="devices.release", submission__in=keys.values()).count() == len(stays)
