"""Evidence holds: who places and lifts one, what it stops, what it gives back, and who is told (CNF-10)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.kit.refusals import Refusal
from core.notices.models import Notice
from core.notices.operations import escalate_unacknowledged
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.people.roles import Permission, Role, permissions_of
from devices.enums import Basis, CorrectionKind, EarlyReason, EventKind, HoldReason, LossKind, PlacePurpose, State
from devices.models import Confiscation, CustodyEvent, CustodyRecord, EvidenceHold, PupilDevice, StoragePlace
from devices.operations import add_place, correct_custody, hand_in_device, keep_overnight, report_loss, return_device
from devices.operations.taken import (
    GroundNeeded,
    HeldAlready,
    HoldSaysWhy,
    ImageSuspected,
    NeverHandedIn,
    NotHereToHold,
    NotOnHold,
    OnEvidenceHold,
    lift_hold,
    place_hold,
    refuse_if_held,
    refuse_if_image_suspected,
    release_device,
)
from devices.queries.taken import image_suspected, police_task
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]
URGENT = [HoldReason.INDECENT_IMAGE, HoldReason.ILLEGAL_MATERIAL, HoldReason.CRIME]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture
def stay(phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    """An ordinary hand-in, stored."""
    return hand_in_device(
        school=phone.school, actor=office_user, at=at, pupil=phone.pupil, device=phone, switched_off=True
    )


def hold_it(stay: CustodyRecord, actor: User, at: datetime, **given: Any) -> EvidenceHold:
    values: dict[str, Any] = {"reason": HoldReason.CRIME} | given
    return place_hold(school=stay.school, actor=actor, at=at, custody=stay, **values)


def lift(hold: EvidenceHold, actor: User, at: datetime, **given: Any) -> EvidenceHold:
    return lift_hold(school=hold.school, actor=actor, at=at, hold=hold, because="The police do not need it.", **given)


def now(stay: CustodyRecord) -> tuple[str, str, bool]:
    stay.refresh_from_db()
    return stay.state, stay.basis, stay.is_open


# Placing


def test_place_hold_by_any_member_of_staff_keeps_what_it_was(
    stay: CustodyRecord, teacher_user: User, at: datetime
) -> None:
    """CNF-10, IMG-03, law PH-9: held, secured, with time and place; the footing it had is kept on the hold."""
    hold = hold_it(stay, teacher_user, at, reason=HoldReason.INDECENT_IMAGE, bag="E-114")
    assert now(stay) == (State.EVIDENCE_HOLD, Basis.EVIDENCE, True)
    assert (hold.was_state, hold.was_basis, hold.placed_by, hold.bag) == (
        State.STORED,
        "hand_in",
        teacher_user,
        "E-114",
    )
    event = CustodyEvent.objects.filter(custody=stay).latest("id")
    assert (event.kind, event.from_state, event.to_state) == (EventKind.HOLD, State.STORED, State.EVIDENCE_HOLD)
    assert (event.basis, event.by, event.place, event.note) == (Basis.EVIDENCE, teacher_user, stay.place, "")


@pytest.mark.parametrize("role", list(Role))
def test_place_hold_is_for_all_staff_and_lift_hold_for_dsl_and_head(
    stay: CustodyRecord, make_user: Callable[..., User], dsl_user: User, at: datetime, role: Role
) -> None:
    """CNF-10, matrix 1.21: any staff may place; DSL, deputies and the head lift, nobody else."""
    person = make_user(role)
    grants = permissions_of(frozenset({role}))
    if Permission.TAKE_DEVICE in grants:
        hold = hold_it(stay, person, at)
    else:
        with pytest.raises(NotPermitted):
            hold_it(stay, person, at)
        hold = hold_it(stay, dsl_user, at)
    assert (Permission.LIFT_HOLD in grants) == (role in {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER})
    if Permission.LIFT_HOLD in grants:
        lift(hold, person, at)
        assert now(stay)[0] == State.STORED
    else:
        with pytest.raises(NotPermitted):
            lift(hold, person, at)
        assert now(stay)[0] == State.EVIDENCE_HOLD


def test_place_hold_twice_the_first_stands(stay: CustodyRecord, teacher_user: User, at: datetime) -> None:
    """CNF-10"""
    hold_it(stay, teacher_user, at)
    with pytest.raises(HeldAlready):
        hold_it(stay, teacher_user, at)
    assert EvidenceHold.objects.filter(custody=stay).count() == 1


def test_place_hold_with_the_same_key_again_is_one_hold(stay: CustodyRecord, teacher_user: User, at: datetime) -> None:
    """ORG-09: a double click places one hold and tells people once."""
    key = uuid4()
    first, second = (hold_it(stay, teacher_user, at, submission=key) for _ in range(2))
    assert first == second
    assert EvidenceHold.objects.count() == 1


def test_place_hold_on_what_went_back_is_refused(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """CNF-10: nothing is here to hold."""
    return_device(school=stay.school, actor=office_user, at=at, custody=stay, reason=EarlyReason.TRIP)
    with pytest.raises(NotHereToHold):
        hold_it(stay, office_user, at)


def test_place_hold_for_something_else_says_what(stay: CustodyRecord, teacher_user: User, at: datetime) -> None:
    """CNF-10"""
    with pytest.raises(HoldSaysWhy):
        hold_it(stay, teacher_user, at, reason=HoldReason.OTHER)
    assert hold_it(stay, teacher_user, at, reason=HoldReason.OTHER, note="A witness's own video call log.").note


def test_place_hold_in_the_evidence_place_frees_the_slot(stay: CustodyRecord, teacher_user: User, at: datetime) -> None:
    """CNF-10, CNF-03: locked away apart from the ordinary ones."""
    cabinet: StoragePlace = add_place(
        school=stay.school, actor=None, at=at, name="DSL's cabinet", kind="locked_place", lockable=True,
        purpose=PlacePurpose.EVIDENCE, slots=0,
    )  # fmt: skip
    hold_it(stay, teacher_user, at, place=cabinet)
    stay.refresh_from_db()
    assert (stay.place, stay.slot) == (cabinet, None)


# Telling


def test_place_hold_tells_dsl_and_head_at_once_and_names_nobody(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, deputy_dsl_user: User, headteacher_user: User, at: datetime
) -> None:
    """NOT-07: crime or illegal material: DSL and head, urgent; no name, no reason in what is sent."""
    hold_it(stay, teacher_user, at, note="Said to hold threats.")
    notices = Notice.objects.filter(kind="devices.hold")
    assert {notice.recipient for notice in notices} == {dsl_user, deputy_dsl_user, headteacher_user}
    assert all(notice.is_urgent for notice in notices)
    said = " ".join(f"{notice.subject} {notice.body}" for notice in notices)
    assert not any(part in said for part in ("Amara", "Kovacs", "threat", "phone", "crime"))


def test_place_hold_for_a_suspected_image_goes_to_the_head_when_nobody_acknowledges(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, deputy_dsl_user: User, headteacher_user: User, at: datetime
) -> None:
    """NOT-04: DSL and deputies urgently, the head after 15 minutes; CNF-10: the head knows of the hold at once."""
    hold_it(stay, teacher_user, at, reason=HoldReason.INDECENT_IMAGE)
    urgent = Notice.objects.filter(kind="devices.hold_image")
    assert {notice.recipient for notice in urgent} == {dsl_user, deputy_dsl_user}
    assert list(Notice.objects.filter(kind="devices.hold").values_list("recipient", flat=True)) == [headteacher_user.pk]
    assert escalate_unacknowledged(at=at + timedelta(minutes=14)) == 0
    assert escalate_unacknowledged(at=at + timedelta(minutes=15)) == 1
    assert urgent.filter(recipient=headteacher_user).exists()


# What a hold stops


@pytest.mark.parametrize("role", [role for role in Role if Permission.LOG_CUSTODY in permissions_of(frozenset({role}))])
def test_held_device_is_not_returned_lost_kept_or_corrected_away_by_anybody(
    stay: CustodyRecord, make_user: Callable[..., User], teacher_user: User, at: datetime, role: Role
) -> None:
    """CNF-10, ALL-S1: whoever asks, the head too; each refusal is on record."""
    hold_it(stay, teacher_user, at)
    person, school = make_user(role), stay.school
    attempts: list[Callable[[], Any]] = [
        lambda: return_device(school=school, actor=person, at=at, custody=stay, reason=EarlyReason.MEDICAL),
        lambda: correct_custody(
            school=school, actor=person, at=at, custody=stay, kind=CorrectionKind.NOT_HANDED_IN, note="By mistake."
        ),
        lambda: report_loss(
            school=school, actor=person, at=at, custody=stay, kind=LossKind.LOST, noticed_at=at, told_by="A pupil",
            account="Not there.",
        ),
        lambda: keep_overnight(
            school=school, actor=person, at=at, custody=stay, reason="Bus", keep_until=at.date() + timedelta(days=1)
        ),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(OnEvidenceHold, match="until the DSL or head lifts the hold") as caught:
            attempt()
        assert caught.value.rule == "CNF-10"
    assert now(stay) == (State.EVIDENCE_HOLD, Basis.EVIDENCE, True)
    refused = Entry.objects.filter(actor_id=person.pk, outcome="refused")
    assert [entry.detail["refusal"] for entry in refused] == ["on_evidence_hold"] * len(attempts)


@pytest.mark.parametrize(
    "target",
    [State.RETURNED, State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT, State.OUT_FOR_ACTIVITY, State.OUT_FOR_BREAK,
     State.UNCOLLECTED, State.LOST_OR_DAMAGED, State.WITH_PUPIL_OFF_SITE, State.PARENT_COLLECTION, State.COLLECTED],
)  # fmt: skip
def test_held_device_is_kept_by_the_database_too(
    stay: CustodyRecord, teacher_user: User, at: datetime, target: State
) -> None:
    """CNF-10: a program that forgets to ask is stopped by the table of moves."""
    hold_it(stay, teacher_user, at)
    gone = target not in (State.OUT_FOR_ACTIVITY, State.OUT_FOR_BREAK, State.UNCOLLECTED, State.PARENT_COLLECTION,
                          State.COLLECTED)  # fmt: skip
    change = {"state": target, "basis": Basis.COLLECTED} | (
        {"closed_at": at, "closed_by": teacher_user} if gone else {}
    )
    with pytest.raises(IntegrityError, match="no move leads from evidence_hold"), transaction.atomic():
        CustodyRecord.objects.filter(pk=stay.pk).update(**change)


def test_image_suspected_stays_until_a_dsl_lifts_it(
    stay: CustodyRecord, teacher_user: User, headteacher_user: User, dsl_user: User, at: datetime
) -> None:
    """SEA-11, SEA-12, law EX-2: lifted by the head the device is free, and still nobody searches or deletes."""
    first = hold_it(stay, teacher_user, at, reason=HoldReason.INDECENT_IMAGE)
    lift(first, headteacher_user, at)
    stay.refresh_from_db()
    refuse_if_held(stay)
    with pytest.raises(ImageSuspected) as caught:
        refuse_if_image_suspected(stay)
    assert (caught.value.rule, caught.value.recorded) == ("SEA-12", True)
    lift(hold_it(stay, teacher_user, at, reason=HoldReason.CRIME), dsl_user, at)
    assert image_suspected(stay.device_id)  # another hold's lifting says nothing about the image


def test_image_suspected_ends_when_a_dsl_lifts_that_hold(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, at: datetime
) -> None:
    """SEA-12: with a reason, on record."""
    hold = hold_it(stay, teacher_user, at, reason=HoldReason.INDECENT_IMAGE)
    assert image_suspected(stay.device_id)
    lift(hold, dsl_user, at)
    refuse_if_image_suspected(stay)
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_because) == (dsl_user, "The police do not need it.")


def test_no_operation_examines_a_device() -> None:
    """Law EX-2: there is no "examine" path to refuse: nothing in the app is called so."""
    from devices import operations

    assert not [name for name in operations.__all__ if re.search("examin|inspect|unlock|look_at", name)]


# Lifting


def test_lift_hold_gives_a_hand_in_back(stay: CustodyRecord, teacher_user: User, dsl_user: User, at: datetime) -> None:
    """Decision 15: an ordinary hand-in is one again; it goes home that day."""
    slot = stay.slot
    lift(hold_it(stay, teacher_user, at), dsl_user, at)
    assert now(stay) == (State.STORED, Basis.HAND_IN, True)
    assert stay.slot == slot
    assert not Confiscation.objects.filter(custody=stay).exists()
    return_device(school=stay.school, actor=dsl_user, at=at, custody=stay, reason=EarlyReason.MEDICAL)
    assert now(stay)[0] == State.RETURNED


@pytest.mark.parametrize(
    ("state", "rule", "after"),
    [
        (State.CONFISCATED, "pupil_end_of_day_unless_escalated", State.CONFISCATED),
        (State.COLLECTED, "unspecified", State.CONFISCATED),
        (State.CONFISCATED, "parent_only", State.PARENT_COLLECTION),
        (State.PARENT_COLLECTION, "pupil_end_of_day_unless_escalated", State.PARENT_COLLECTION),
    ],
)
def test_lift_hold_gives_back_what_was_taken(
    phone: PupilDevice, teacher_user: User, dsl_user: User, at: datetime, state: State, rule: str, after: State
) -> None:
    """CNF-10, CNF-04: confiscated again, and waiting for a parent where it did or its rule says so."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at, state=state, release_rule=rule)
    lift(hold_it(stay, teacher_user, at), dsl_user, at)
    assert now(stay) == (after, Basis.CONFISCATED, True)


def test_lift_hold_may_keep_a_hand_in_on_a_ground(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, at: datetime
) -> None:
    """CNF-01, CNF-10: evidence_hold -> confiscated asks for ground and facts where there are none."""
    hold = hold_it(stay, teacher_user, at)
    with pytest.raises(GroundNeeded):
        lift(hold, dsl_user, at, target=State.CONFISCATED)
    with pytest.raises(GroundNeeded):
        lift(hold, dsl_user, at, target=State.CONFISCATED, ground="behaviour")
    lift(hold, dsl_user, at, target=State.CONFISCATED, ground="behaviour", seen="Messages were read out in class.")
    assert now(stay)[:2] == (State.CONFISCATED, Basis.CONFISCATED)
    taking = Confiscation.objects.get(custody=stay)
    assert (taking.ground, taking.taken_by, taking.basis) == ("behaviour", dsl_user, Basis.CONFISCATED)


def test_lift_hold_never_makes_a_taking_a_hand_in(
    phone: PupilDevice, teacher_user: User, dsl_user: User, at: datetime
) -> None:
    """Law PH-9: the footings are never merged."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at)
    with pytest.raises(NeverHandedIn):
        lift(hold_it(stay, teacher_user, at), dsl_user, at, target=State.STORED)


def test_lift_hold_twice_is_refused(stay: CustodyRecord, teacher_user: User, dsl_user: User, at: datetime) -> None:
    """CNF-10"""
    hold = hold_it(stay, teacher_user, at)
    lift(hold, dsl_user, at)
    with pytest.raises(NotOnHold):
        lift(hold, dsl_user, at)


def test_hold_whose_reason_to_lift_is_empty_is_refused_by_the_database(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, at: datetime
) -> None:
    """CNF-10: a hold lifted without a reason cannot be written."""
    hold = hold_it(stay, teacher_user, at)
    with pytest.raises(Refusal):
        lift_hold(school=stay.school, actor=dsl_user, at=at, hold=hold, because="")
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceHold.objects.filter(pk=hold.pk).update(ended_at=at, lifted_at=at, lifted_by=dsl_user)


@pytest.mark.parametrize(
    ("preset", "reason", "asks"),
    [
        ("group-locked-storage", HoldReason.CRIME, "required"),
        ("primary-by-agreement", HoldReason.ILLEGAL_MATERIAL, "required"),
        ("primary-online-safety", HoldReason.CRIME, "decide"),
        ("image-and-conduct", HoldReason.INDECENT_IMAGE, "decide"),
        ("phone-free-agreement", HoldReason.INDECENT_IMAGE, "required"),
        ("phone-free-agreement", HoldReason.OTHER, ""),
    ],
)
def test_police_task_is_what_the_rules_of_the_day_ask(
    db: None, at: datetime, preset: str, reason: HoldReason, asks: str
) -> None:
    """CNF-11, NOT-07: a handover task, or a decision; open until it is done or the hold is lifted."""
    from devices.operations import add_device, seed_device_types

    school = make_school(f"at-{preset}", preset=preset)
    with scope(school=school):
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        device = add_device(school=school, actor=None, at=at, pupil=make_pupil(school), type=kinds["phone"])
        dsl = make_user("dsl", school)
        stay = make_taken(device.pupil, device, by=dsl, at=at, release_rule="unspecified")
        hold = hold_it(stay, dsl, at, reason=reason, note="A video call log.")
        assert police_task(hold) == asks
        assert police_task(lift(hold, dsl, at)) == ""


# Two at once


@pytest.mark.django_db(transaction=True)
def test_place_hold_while_another_gives_it_back_one_of_them_is_true(transactional_db: None, at: datetime) -> None:
    """CNF-10: held or gone, never both; the loser is told."""
    school = make_school("harbour-view")
    with scope(school=school):
        office, teacher = make_user("office", school), make_user("teacher", school)
        from devices.operations import add_device, seed_device_types

        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=5)
        pupil = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        stay = hand_in_device(school=school, actor=office, at=at, pupil=pupil, device=device, switched_off=True)
        both = at_once(
            school,
            lambda: hold_it(stay, teacher, at),
            lambda: return_device(school=school, actor=office, at=at, custody=stay, reason=EarlyReason.TRIP),
        )
        refused = [one for one in both if isinstance(one, Refusal)]
        assert len(refused) == 1, both
        assert isinstance(refused[0], OnEvidenceHold | NotHereToHold)
        held = EvidenceHold.objects.filter(custody=stay).count()
        assert now(stay)[0] == (State.EVIDENCE_HOLD if held else State.RETURNED)


@pytest.mark.django_db(transaction=True)
def test_place_hold_while_another_releases_it_one_of_them_is_true(transactional_db: None, at: datetime) -> None:
    """CNF-10, CNF-09: a taken device is held or collected, never both; the loser is told."""
    from devices.operations import add_device, seed_device_types

    school, evening = make_school("harbour-view"), at.replace(hour=15, minute=30)
    with scope(school=school):
        office, teacher = make_user("office", school), make_user("teacher", school)
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        pupil = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        stay = make_taken(pupil, device, by=teacher, at=at, release_rule="pupil_end_of_day_unless_escalated")
        both = at_once(
            school,
            lambda: hold_it(stay, teacher, evening),
            lambda: release_device(
                school=school, actor=office, at=evening, custody=stay, to="pupil", identity="known", signed="paper",
                condition="No damage seen", place="office",
            ),
        )  # fmt: skip
        refused = [one for one in both if isinstance(one, Refusal)]
        assert len(refused) == 1, both
        assert isinstance(refused[0], OnEvidenceHold | NotHereToHold)
        held = EvidenceHold.objects.filter(custody=stay).count()
        assert now(stay)[0] == (State.EVIDENCE_HOLD if held else State.RELEASED_TO_PUPIL)


# Pages


@pytest.fixture
def clients(client_for: Clients) -> Clients:
    return client_for


def test_place_hold_page_warns_asks_for_no_description_and_tells_what_to_do(
    stay: CustodyRecord, teacher_user: User, clients: Clients, at: datetime
) -> None:
    """IMG-03, law EX-2: any member of staff, from the pupil to "it is held" in one form; nothing to attach."""
    with time_machine.travel(at, tick=False):
        client = clients(teacher_user)
        found = client.post(url("find-for-hold"), {"query": "Kovacs"})
        assert found.url == url("place-hold", stay.pupil_id)
        page = client.get(found.url)
        assert "Do not open, copy, photograph or forward. Switch it off. Seal it." in words(page)
        assert b'type="file"' not in page.content
        assert b"multipart" not in page.content
        done = client.post(found.url, {"custody": stay.pk, "reason": HoldReason.INDECENT_IMAGE, "bag": "E-114"})
        assert done.status_code == 302
        after = words(client.get(done.url))
        assert "Nobody looks at it" in after
        assert "Amara" not in after
        again = client.get(found.url)
        assert "The school has no device to hold" in words(again)
    assert now(stay)[0] == State.EVIDENCE_HOLD


def test_hold_pages_are_for_dsl_and_head_and_reading_is_on_record(
    stay: CustodyRecord, teacher_user: User, slt_user: User, dsl_user: User, clients: Clients, at: datetime
) -> None:
    """CNF-10, ORG-09: why a device is held is restricted; whoever reads it is written down."""
    with time_machine.travel(at, tick=False):
        hold = hold_it(stay, teacher_user, at, reason=HoldReason.CRIME, note="Said to hold threats.")
        for person in (teacher_user, slt_user):
            assert clients(person).get(url("hold", hold.pk)).status_code == 403
            assert clients(person).get(url("evidence")).status_code == 403
        client = clients(dsl_user)
        assert "Said to hold threats." in words(client.get(url("hold", hold.pk)))
        assert "Hand it to the police" in words(client.get(url("evidence")))
    viewed = Entry.objects.filter(actor_id=dsl_user.pk, outcome="viewed").values_list("action", flat=True)
    assert {"devices.view_hold", "devices.view_holds"} <= set(viewed)


def test_hold_of_another_school_is_not_found(
    stay: CustodyRecord, teacher_user: User, other_school: School, make_user: Callable[..., User], clients: Clients,
    at: datetime,
) -> None:  # fmt: skip
    """ORG-10"""
    hold = hold_it(stay, teacher_user, at)
    stranger = make_user("dsl", other_school)
    assert clients(stranger).get(reverse("devices:hold", args=["mill-lane", hold.pk])).status_code == 404


def test_lift_hold_page_gives_the_device_back_to_what_it_was(
    stay: CustodyRecord, teacher_user: User, dsl_user: User, clients: Clients, at: datetime
) -> None:
    """CNF-10: a reason is asked for; the hand-in is one again."""
    with time_machine.travel(at, tick=False):
        client = clients(dsl_user)
        hold = hold_it(stay, teacher_user, at)
        assert "your school’s rule is that they get it" in words(client.get(url("lift-hold", hold.pk)))
        assert client.post(url("lift-hold", hold.pk), {"target": "stored"}).status_code == 422
        kept = client.post(url("lift-hold", hold.pk), {"target": "confiscated", "because": "They do not need it."})
        assert kept.status_code == 422
        assert "Choose the ground on which it is kept" in words(kept)
        assert client.post(url("lift-hold", hold.pk), {"target": "stored", "because": "No."}).status_code == 302
    assert now(stay)[:2] == (State.STORED, Basis.HAND_IN)


@pytest.mark.parametrize("name", ["evidence", "police"])
def test_lists_of_holds_cost_the_same_for_three_as_for_one(
    school: School, types: dict[str, object], safe: StoragePlace, dsl_user: User, clients: Clients, at: datetime,
    name: str,
) -> None:  # fmt: skip
    """Speed: no statement for each row."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from devices.operations import add_device

    def one_more(number: int) -> None:
        pupil: Pupil = make_pupil(school, "Pupil", f"Number{number}")
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        for state in (State.EVIDENCE_HOLD, State.CONFISCATED):
            if state == State.CONFISCATED:
                device = add_device(school=school, actor=None, at=at, pupil=pupil, type=types["tablet"])
            held = make_taken(pupil, device, by=dsl_user, at=at, state=state)
            if state == State.CONFISCATED:
                lift(hold_it(held, dsl_user, at), dsl_user, at)

    costs: list[int] = []
    with time_machine.travel(at, tick=False):
        client = clients(dsl_user)
        for number in range(3):
            one_more(number)
            if number != 1:
                client.get(url(name))
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(url(name)).status_code == 200
                costs.append(len(queries))
    assert costs[0] == costs[1]
