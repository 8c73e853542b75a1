"""Devices and the police: handed over, given back, decided about; and one device's whole story (CNF-11, CNF-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.kit.refusals import Refusal
from core.people.access import NotPermitted
from core.people.models import User
from core.people.roles import Permission, Role, permissions_of
from devices.enums import Basis, EventKind, HoldReason, State
from devices.models import (
    Confiscation,
    CustodyEvent,
    CustodyRecord,
    EvidenceHold,
    IssuedDocument,
    PoliceHandover,
    PupilDevice,
)
from devices.operations import add_device, hand_in_device, seed_device_types
from devices.operations.taken import (
    GroundNeeded,
    HandoverNotWhole,
    HereAgainAlready,
    HoldFirst,
    ImageSuspected,
    NothingToDecide,
    NotOnHold,
    NotWithPolice,
    OnEvidenceHold,
    UnableToHandToPolice,
    decide_after_police,
    hand_to_police,
    lift_hold,
    place_hold,
    refuse_if_held,
    refuse_if_image_suspected,
    take_back_from_police,
)
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]
OFFICER = {
    "officer_name": "Officer Hale", "officer_number": "4417", "station": "Northgate", "reference": "42/117",
    "items": "Black phone", "condition": "Cracked, switched off",
}  # fmt: skip
LATER = timedelta(hours=2)


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture
def held(phone: PupilDevice, teacher_user: User, at: datetime) -> CustodyRecord:
    """Confiscated, then put on hold."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at, release_rule="pupil_end_of_day_unless_escalated")
    place_hold(school=stay.school, actor=teacher_user, at=at, custody=stay, reason=HoldReason.CRIME, bag="E-114")
    stay.refresh_from_db()
    return stay


def over(stay: CustodyRecord, actor: User, at: datetime, **given: Any) -> PoliceHandover:
    return hand_to_police(school=stay.school, actor=actor, at=at, custody=stay, **(OFFICER | given))


def back(handover: PoliceHandover, actor: User, at: datetime) -> PoliceHandover:
    return take_back_from_police(
        school=handover.school, actor=actor, at=at, handover=handover, officer="Officer Moss", condition="As before"
    )


def decide(stay: CustodyRecord, actor: User, at: datetime, target: str = State.CONFISCATED, **given: Any) -> Any:
    return decide_after_police(
        school=stay.school, actor=actor, at=at, custody=stay, target=target, reason="The case is closed.", **given
    )


def now(stay: CustodyRecord) -> tuple[str, str, bool]:
    stay.refresh_from_db()
    return stay.state, stay.basis, stay.is_open


def test_hand_to_police_ends_stay_and_hold_and_keeps_everything(
    held: CustodyRecord, slt_user: User, at: datetime
) -> None:
    """CNF-11, law EX-5: officer, number, station, reference, items, condition, bag, signed, by whom; with police."""
    handover = over(held, slt_user, at + LATER, officer_signed=True)
    assert now(held) == (State.WITH_POLICE, Basis.EVIDENCE, False)
    assert (handover.handed_by, handover.handed_at, handover.bag) == (slt_user, at + LATER, "E-114")
    assert (handover.officer_signed, handover.officer_number, handover.reference) == (True, "4417", "42/117")
    hold = EvidenceHold.objects.get(custody=held)
    assert (hold.ended_at, hold.lifted_at) == (at + LATER, None)
    event = CustodyEvent.objects.filter(custody=held).latest("id")
    assert (event.kind, event.from_state, event.by) == (EventKind.TO_POLICE, State.EVIDENCE_HOLD, slt_user)


@pytest.mark.parametrize("missing", sorted(OFFICER))
def test_hand_to_police_without_all_of_it_is_refused(
    held: CustodyRecord, slt_user: User, at: datetime, missing: str
) -> None:
    """CNF-11: a handover that lacks a part is none; the database says so too."""
    with pytest.raises(HandoverNotWhole) as caught:
        over(held, slt_user, at, **{missing: " "})
    assert caught.value.field == missing
    assert now(held)[0] == State.EVIDENCE_HOLD
    handover = over(held, slt_user, at)
    with pytest.raises(IntegrityError, match="devices_police_whole"), transaction.atomic():
        PoliceHandover.objects.filter(pk=handover.pk).update(**{missing: ""})


def test_hand_to_police_is_for_leaders(held: CustodyRecord, at: datetime) -> None:
    """Matrix 1.21: SLT, heads, DSL and deputies."""
    for role in Role:
        if Permission.LEAD_CUSTODY in permissions_of(frozenset({role})):
            assert role in {Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, Role.DEPUTY_DSL}
            continue
        with pytest.raises(NotPermitted):
            over(held, make_user(role, held.school), at)


def test_hand_to_police_of_what_is_not_held_is_refused(
    phone: PupilDevice, teacher_user: User, slt_user: User, at: datetime
) -> None:
    """CNF-11, matrix 4.1: from evidence hold alone."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at)
    with pytest.raises(HoldFirst):
        over(stay, slt_user, at)


def test_hand_to_police_twice_is_one(held: CustodyRecord, slt_user: User, at: datetime) -> None:
    """CNF-11, ORG-09: a second handover of the same device is refused."""
    over(held, slt_user, at)
    with pytest.raises(UnableToHandToPolice, match="police have it already"):
        over(held, slt_user, at)


def test_take_back_from_police_resumes_custody_and_stays_held(
    held: CustodyRecord, slt_user: User, at: datetime
) -> None:
    """CNF-12: custody resumes, held, until the DSL or head decides."""
    handover = back(over(held, slt_user, at), slt_user, at + LATER)
    assert now(held) == (State.BACK_FROM_POLICE, Basis.EVIDENCE, True)
    assert (handover.returned_to, handover.returned_by_officer) == (slt_user, "Officer Moss")
    with pytest.raises(OnEvidenceHold) as caught:
        refuse_if_held(held)
    assert caught.value.rule == "CNF-12"
    with pytest.raises(NotWithPolice):
        back(handover, slt_user, at + LATER)


def test_take_back_while_the_device_was_taken_in_again_is_refused(
    held: CustodyRecord, office_user: User, slt_user: User, at: datetime
) -> None:
    """CNF-12, DEV-04: one device is not in two places."""
    handover = over(held, slt_user, at)
    hand_in_device(
        school=held.school, actor=office_user, at=at, pupil=held.pupil, device=held.device, switched_off=True
    )
    with pytest.raises(HereAgainAlready):
        back(handover, slt_user, at + LATER)
    assert now(held)[0] == State.WITH_POLICE


@pytest.mark.parametrize(
    ("target", "rule", "after"),
    [
        (State.CONFISCATED, "pupil_end_of_day_unless_escalated", State.CONFISCATED),
        (State.CONFISCATED, "parent_only", State.PARENT_COLLECTION),
        (State.PARENT_COLLECTION, "unspecified", State.PARENT_COLLECTION),
    ],
)
def test_decide_after_police_lets_the_release_rule_apply_again(
    held: CustodyRecord, slt_user: User, dsl_user: User, at: datetime, target: str, rule: str, after: State
) -> None:
    """CNF-12: DSL or head decide; then the normal release rule."""
    Confiscation.objects.filter(custody=held).update(release_rule=rule)
    back(over(held, slt_user, at), slt_user, at + LATER)
    with pytest.raises(NotPermitted):
        decide(held, slt_user, at + LATER, target)
    decide(held, dsl_user, at + LATER, target)
    assert now(held) == (after, Basis.CONFISCATED, True)
    refuse_if_held(held)
    with pytest.raises(NothingToDecide):
        decide(held, dsl_user, at + LATER, target)


def test_decide_after_police_about_a_hand_in_asks_for_a_ground(
    phone: PupilDevice, office_user: User, slt_user: User, dsl_user: User, at: datetime
) -> None:
    """CNF-01, CNF-12: what was only handed in is not kept without one."""
    stay = hand_in_device(
        school=phone.school, actor=office_user, at=at, pupil=phone.pupil, device=phone, switched_off=True
    )
    place_hold(school=stay.school, actor=office_user, at=at, custody=stay, reason=HoldReason.POLICE_ASKED)
    back(over(stay, slt_user, at), slt_user, at + LATER)
    with pytest.raises(GroundNeeded):
        decide(stay, dsl_user, at + LATER)
    decide(stay, dsl_user, at + LATER, ground="behaviour", seen="Threats were sent from it.")
    assert now(stay)[:2] == (State.CONFISCATED, Basis.CONFISCATED)


def test_image_suspected_outlives_the_police(
    phone: PupilDevice, teacher_user: User, slt_user: User, dsl_user: User, at: datetime
) -> None:
    """SEA-12, law EX-2: back, decided, free; and still nobody searches or deletes."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at)
    place_hold(school=stay.school, actor=teacher_user, at=at, custody=stay, reason=HoldReason.INDECENT_IMAGE)
    back(over(stay, slt_user, at), slt_user, at + LATER)
    decide(stay, dsl_user, at + LATER)
    with pytest.raises(ImageSuspected):
        refuse_if_image_suspected(stay)


@pytest.mark.django_db(transaction=True)
def test_hand_to_police_while_the_hold_is_lifted_one_of_them_is_true(transactional_db: None, at: datetime) -> None:
    """CNF-10, CNF-11: the hold ends once, lifted or with the police, and the loser is told."""
    school = make_school("harbour-view")
    with scope(school=school):
        dsl, head = make_user("dsl", school), make_user("headteacher", school)
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        pupil = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        stay = make_taken(pupil, device, by=dsl, at=at, state=State.EVIDENCE_HOLD)
        hold = EvidenceHold.objects.get(custody=stay)
        both = at_once(
            school,
            lambda: over(stay, head, at + LATER),
            lambda: lift_hold(school=school, actor=dsl, at=at + LATER, hold=hold, because="It was nothing."),
        )
        refused = [one for one in both if isinstance(one, Refusal)]
        assert len(refused) == 1, both
        assert isinstance(refused[0], HoldFirst | NotOnHold)
        hold.refresh_from_db()
        with_police = PoliceHandover.objects.filter(custody=stay).count()
        assert (hold.lifted_at is None) == bool(with_police)
        assert now(stay)[2] == (not with_police)


# Pages


def test_police_pages_from_hold_to_decision(
    held: CustodyRecord, slt_user: User, headteacher_user: User, client_for: Clients, at: datetime
) -> None:
    """CNF-11, CNF-12, DOC-11: a leader hands over, prints the receipt and takes back; the head decides. Why it was held
    stands nowhere there."""
    with time_machine.travel(at + LATER, tick=False):
        leader, head = client_for(slt_user), client_for(headteacher_user)
        page = words(leader.get(url("police")))
        assert "Hand it to the police" in page
        assert "evidence of a crime" not in page
        assert leader.post(url("hand-to-police", held.pk), OFFICER).status_code == 422  # signed or not?
        after = leader.post(url("hand-to-police", held.pk), OFFICER | {"officer_signed": "yes"}, follow=True)
        handover = PoliceHandover.objects.get(custody=held)
        assert "Officer Hale, 4417, Northgate. Reference 42/117" in words(after)
        receipt = f"{url('papers', held.pk)}?kind=police_receipt"
        assert f'href="{receipt}"' in after.content.decode()
        chosen = leader.get(receipt).content.decode()
        assert re.search(r'<input[^>]* value="police_receipt"[^>]* checked', chosen)
        leader.post(receipt, {"kind": "police_receipt"})
        assert IssuedDocument.objects.get(custody=held).kind == "police_receipt"
        leader.post(url("back-from-police", handover.pk), {"officer": "Officer Moss", "condition": "As before"})
        assert "Waits for the DSL or head" in words(leader.get(url("police")))
        assert leader.get(url("decide-after-police", held.pk)).status_code == 403
        assert head.post(url("decide-after-police", held.pk), {"target": "confiscated"}).status_code == 422
        head.post(url("decide-after-police", held.pk), {"target": "confiscated", "reason": "The case is closed."})
    assert now(held)[:2] == (State.CONFISCATED, Basis.CONFISCATED)


def test_story_tells_everything_in_order_to_those_who_may_see_it(
    held: CustodyRecord, office_user: User, slt_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """Law EX-5, DEV-33: from taking to decision on one page; reasons for DSL and head; who looked."""
    EvidenceHold.objects.filter(custody=held).update(note="Said to hold threats.")
    back(over(held, slt_user, at + LATER), slt_user, at + 2 * LATER)
    decide(held, dsl_user, at + 3 * LATER)
    with time_machine.travel(at + 4 * LATER, tick=False):
        office = words(client_for(office_user).get(url("story", held.device_id)))
        leader = words(client_for(slt_user).get(url("story", held.device_id)))
        whole = words(client_for(dsl_user).get(url("story", held.device_id)))
    steps = ["Taken from the pupil", "Put on evidence hold", "Handed to the police", "Given back by the police",
             "Kept as confiscated"]  # fmt: skip
    places = [whole.index(step) for step in steps]
    assert places == sorted(places)
    assert "Said to hold threats." in whole
    assert "Reference 42/117" in leader
    assert "Said to hold threats." not in leader + office
    assert "42/117" not in office
    assert "The case is closed." in whole
    assert "The case is closed." not in leader + office
    assert "Who looked" in whole
    assert "Who looked" not in leader
    assert Entry.objects.filter(action="devices.view_story", outcome="viewed").count() == 3


def test_story_leads_to_the_record_of_force_that_is_missing(
    phone: PupilDevice, teacher_user: User, office_user: User, slt_user: User, client_for: Clients, at: datetime
) -> None:
    """SE-13: who was there or leads is a click from it; the office reads that it is missing; written, it is gone."""
    from devices.operations.searches import ForceFacts, record_force

    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at)
    taking = Confiscation.objects.get(custody=stay)
    taking.force_used = True
    taking.stamp(by=teacher_user, at=at)
    taking.save()
    link, story = url("seizure-force", stay.pk), url("story", phone.pk)
    with time_machine.travel(at + LATER, tick=False):
        leader, office = client_for(slt_user), client_for(office_user)
        assert link in leader.get(story).content.decode()
        read = office.get(story)
        assert "Record the use of force" in words(read) and link not in read.content.decode()
        facts: dict[str, Any] = dict.fromkeys(
            ("place", "staff", "lead_up", "de_escalation", "necessary", "injuries", "support"), "None"
        )
        record_force(
            school=phone.school, actor=slt_user, at=at, confiscation=taking,
            facts=ForceFacts(happened_at=at, minutes=1, kinds=("hold",), **facts),
        )  # fmt: skip
        assert "Record the use of force" not in words(leader.get(story))


def test_story_costs_the_same_however_much_happened(
    phone: PupilDevice, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """Speed: no statement for each row."""
    costs = []
    with time_machine.travel(at + LATER, tick=False):
        client = client_for(dsl_user)
        for number in range(3):
            stay = make_taken(phone.pupil, phone, by=teacher_user, at=at + timedelta(minutes=number))
            place_hold(school=stay.school, actor=teacher_user, at=at + LATER, custody=stay, reason=HoldReason.CRIME)
            over(stay, dsl_user, at + LATER)
            client.get(url("story", phone.pk))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url("story", phone.pk)).status_code == 200
            costs.append(len(queries))
    assert costs[0] == costs[2]
