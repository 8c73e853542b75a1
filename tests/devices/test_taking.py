"""Taking a device from a pupil: grounds, footing, circumstances, place, calendar, hold, withdrawal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Role
from core.rules.operations import change_rule
from core.rules.queries import for_school
from devices.enums import (
    BarredFunction,
    Basis,
    BringReason,
    Circumstance,
    EarlyReason,
    EventKind,
    HoldReason,
    MarkKind,
    NoticeAbout,
    PlaceKind,
    PlacePurpose,
    State,
    TakenBecause,
)
from devices.models import Confiscation, CustodyEvent, CustodyRecord, ParentNotice, PupilDevice, StoragePlace
from devices.operations import (
    OtherPlaceNeedsReason,
    SlotTaken,
    add_device,
    add_place,
    declare_no_device,
    hand_in_device,
    mark_day,
    return_device,
    seed_device_types,
)
from devices.operations.taken import (
    CircumstancesNotWeighed,
    FactsMissing,
    GroundNotListed,
    HomePlanNeeded,
    NoSignOffNeeded,
    NotTheTaker,
    NotWithPupil,
    OnEvidenceHold,
    SignedByAnother,
    TakenAlready,
    TakenTooSoon,
    sign_off_long_hold,
    store_taken,
    take_device,
    tell_held_over,
    withdraw_taking,
)
from devices.queries.taken import circumstances_of
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user

PRESETS = {
    "group-locked-storage": ("any_school_or_group_policy", State.PARENT_COLLECTION),
    "primary-by-agreement": ("behaviour", State.PARENT_COLLECTION),
    "primary-online-safety": ("It was used to film another child.", State.CONFISCATED),
    "image-and-conduct": ("nude_image_case", State.EVIDENCE_HOLD),
    "phone-free-agreement": ("behaviour", State.CONFISCATED),
}


def taking(device: PupilDevice, actor: User, at: datetime, **given: Any) -> CustodyRecord:
    values: dict[str, Any] = {
        "ground": "behaviour", "because": TakenBecause.USED_IN_DAY, "seen": "Typed under the desk.", "where": "Room 4",
    } | given  # fmt: skip
    return take_device(school=device.school, actor=actor, at=at, pupil=device.pupil, device=device, **values)


def events(stay: CustodyRecord) -> list[tuple[str, str, str, str]]:
    rows = CustodyEvent.objects.filter(custody=stay).order_by("id")
    return [(row.kind, row.from_state, row.to_state, row.basis) for row in rows]


@pytest.fixture
def ten(at: datetime) -> datetime:
    """After the cut-off, before the end of the day."""
    return at.replace(hour=10, minute=0)


@pytest.fixture
def drawer(school: School, at: datetime) -> StoragePlace:
    return add_place(
        school=school, actor=None, at=at, name="Head’s safe", kind=PlaceKind.SAFE, lockable=True,
        purpose=PlacePurpose.CONFISCATED, slots=3,
    )  # fmt: skip


def test_take_device_keeps_every_field_of_the_entry(
    phone: PupilDevice, drawer: StoragePlace, teacher_user: User, at: datetime, ten: datetime
) -> None:
    """CNF-01, CNF-02, DEV-32, law CO-1: any member of staff; ground, facts, place, witness, off, sealed, bag."""
    stay = taking(
        phone, teacher_user, ten, functions=[BarredFunction.RECORDING, BarredFunction.CAMERA], area="toilets",
        witness_name="R. Holloway", proportionate="Asked twice first.", switched_off=True, bag="B 17",
        slot=drawer.slots.get(number=2),
    )  # fmt: skip
    kept = Confiscation.objects.get(custody=stay)
    assert (kept.ground, kept.ground_words) == ("behaviour", "Behaviour")
    assert (kept.seen, kept.taken_where, kept.area) == ("Typed under the desk.", "Room 4", "toilets")
    assert kept.functions == ["camera", "recording"]
    assert (kept.taken_at, kept.taken_by, kept.authority) == (ten, teacher_user, "paid_staff")
    assert (kept.witness_name, kept.proportionate, kept.sealed, kept.bag) == (
        "R. Holloway", "Asked twice first.", True, "B 17",
    )  # fmt: skip
    assert (stay.state, stay.basis, stay.switched_off) == (State.CONFISCATED, Basis.CONFISCATED, True)
    assert (stay.place, str(stay.slot)) == (drawer, "slot 2")
    assert Entry.objects.filter(action="devices.take", object_id=stay.pk).get().detail["ground"] == "behaviour"


@pytest.mark.parametrize("preset", PRESETS)
def test_take_device_under_every_preset(preset: str, db: None, at: datetime) -> None:
    """CNF-01, CNF-04: the preset's grounds alone; unspecified: a person's own words. Where it waits from then on."""
    school = make_school(preset=preset)
    with scope(school=school):
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        teacher, pupil = make_user("teacher", school), make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        ground, state = PRESETS[preset]
        listed = for_school(school, on=at.date()).confiscation_grounds != "unspecified"
        for wrong in ["", *(["They looked at me"] if listed else [])]:
            with pytest.raises(GroundNotListed):
                taking(device, teacher, at, ground=wrong)
        stay = taking(device, teacher, at, ground=ground)
        kept = Confiscation.objects.get(custody=stay)
        assert stay.state == state
        assert kept.ground == ground
        assert kept.ground_words == (ground if not listed else kept.ground_words)
        assert (kept.expected_on is None) == (kept.release_rule == "unspecified")
        assert CustodyEvent.objects.filter(custody=stay).first().kind == EventKind.TAKE


def test_take_device_ground_refused_is_on_record(phone: PupilDevice, teacher_user: User, ten: datetime) -> None:
    """CNF-01: a ground that the rules do not name is refused, and the refusal is kept."""
    with pytest.raises(GroundNotListed, match="Child protection, Behaviour"):
        taking(phone, teacher_user, ten, ground="anti_bullying")
    assert Entry.objects.filter(action="devices.take", outcome="refused").count() == 1
    assert not CustodyRecord.objects.exists()


@pytest.mark.parametrize(
    ("because", "rule", "basis", "state"),
    [
        (TakenBecause.NOT_HANDED_IN, "yes", Basis.COLLECTED, State.COLLECTED),
        (TakenBecause.NOT_HANDED_IN, "no", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.NOT_HANDED_IN, "unspecified", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.REFUSED, "yes", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.KEPT_ON_PERSON, "yes", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.USED_IN_DAY, "yes", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.OWN_ARRANGEMENTS, "yes", Basis.CONFISCATED, State.CONFISCATED),
        (TakenBecause.BREAK_REVOKED, "yes", Basis.CONFISCATED, State.CONFISCATED),
    ],
)
def test_take_device_collected_is_kept_apart_from_confiscated(
    phone: PupilDevice, teacher_user: User, ten: datetime, because: str, rule: str, basis: str, state: str
) -> None:
    """CNF-08, DEV-16, DEV-22, DEV-29, law PH-9: only "not handed in", and only where the rule says so, is collected;
    each reason is a fact of its own."""
    if rule != "yes":
        change_rule(
            school=phone.school, actor=None, at=ten - timedelta(days=30), key="collected_if_not_handed_in", value=rule,
            effective_from=(ten - timedelta(days=20)).date(), reason="A test.",
        )  # fmt: skip
        phone.school.refresh_from_db()
    stay = taking(phone, teacher_user, ten, because=because)
    kept = Confiscation.objects.get(custody=stay)
    assert (stay.basis, stay.state, kept.basis, kept.because) == (basis, state, basis, because)
    assert events(stay) == [(EventKind.TAKE, State.NOT_HANDED_IN, state, basis)]


def test_take_device_collected_needs_no_ground(phone: PupilDevice, teacher_user: User, ten: datetime) -> None:
    """CNF-08: collected because it was not handed in, and on no other ground."""
    kept = Confiscation.objects.get(
        custody=taking(phone, teacher_user, ten, because=TakenBecause.NOT_HANDED_IN, ground="")
    )
    assert (kept.ground, kept.ground_words) == ("not_handed_in", "Not handed in")


def test_take_device_from_where_the_day_says_it_was(
    phone: PupilDevice, office_user: User, teacher_user: User, at: datetime, ten: datetime, form_group: FormGroup
) -> None:
    """Matrix 4.1: before the cut-off on site; after it not handed in; declared none on site, and what
    had gone back; permitted by agreement."""
    origin = {
        "early": taking(phone, teacher_user, at),
        "late": taking(another(phone, form_group, at), teacher_user, ten),
    }
    declared = another(phone, form_group, at)
    declare_no_device(school=phone.school, actor=office_user, at=at, pupil=declared.pupil)
    origin["declared"] = taking(declared, teacher_user, ten)
    permitted = another(phone, form_group, at)
    mark_day(school=phone.school, actor=office_user, at=at, pupil=permitted.pupil, kind=MarkKind.PERMITTED,
             day=at.date())  # fmt: skip
    gone_back = another(phone, form_group, at)
    stay = hand_in_device(
        school=phone.school, actor=office_user, at=at, pupil=gone_back.pupil, device=gone_back, switched_off=True
    )
    return_device(school=phone.school, actor=office_user, at=at, custody=stay, reason=EarlyReason.TRIP)
    origin["gone back"] = taking(gone_back, teacher_user, ten)
    origin["permitted"] = taking(permitted, teacher_user, ten, circumstances_weighed=True)
    assert {name: events(stay)[0][1] for name, stay in origin.items()} == {
        "early": State.WITH_PUPIL_ON_SITE,
        "late": State.NOT_HANDED_IN,
        "declared": State.WITH_PUPIL_ON_SITE,
        "gone back": State.WITH_PUPIL_ON_SITE,
        "permitted": State.WITH_PUPIL_BY_AGREEMENT,
    }


def another(phone: PupilDevice, form: FormGroup, at: datetime, **fields: Any) -> PupilDevice:
    pupil = make_pupil(phone.school, form=form, **fields)
    return add_device(school=phone.school, actor=None, at=at, pupil=pupil, type=phone.type)


def test_take_device_that_was_handed_in_is_one_stay_with_its_events(
    phone: PupilDevice, drawer: StoragePlace, office_user: User, teacher_user: User, at: datetime, ten: datetime
) -> None:
    """Law PH-9: the footing changes from now on; the events of the hand-in keep theirs, and its slot is free."""
    came = hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    stay = taking(phone, teacher_user, ten)
    assert stay.pk == came.pk
    assert stay.opened_by == office_user
    assert (stay.basis, stay.place, stay.slot) == (Basis.CONFISCATED, None, None)
    assert [row[3] for row in events(stay)] == [Basis.HAND_IN, Basis.HAND_IN, Basis.CONFISCATED]
    assert events(stay)[-1][1:3] == (State.STORED, State.CONFISCATED)


def test_take_device_second_or_hidden_although_another_is_in_storage(
    phone: PupilDevice, office_user: User, teacher_user: User, at: datetime, ten: datetime
) -> None:
    """DEV-21: a second device is taken while the first stays where it was handed in."""
    first = hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    stay = take_device(
        school=phone.school, actor=teacher_user, at=ten, pupil=phone.pupil, new_type=phone.type, new_colour="red",
        ground="behaviour", because=TakenBecause.SECOND_HIDDEN, seen="Rang in a bag.", where="Hall",
    )  # fmt: skip
    first.refresh_from_db()
    assert stay.pk != first.pk
    assert (first.state, first.is_open) == (State.STORED, True)
    assert stay.device.description == "red phone"
    assert stay.confiscation.because == TakenBecause.SECOND_HIDDEN


def test_take_device_that_was_handed_in_is_not_one_that_was_not(
    phone: PupilDevice, office_user: User, teacher_user: User, at: datetime, ten: datetime
) -> None:
    hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    with pytest.raises(TakenAlready, match="handed in, 8:30am"):
        taking(phone, teacher_user, ten, because=TakenBecause.NOT_HANDED_IN)


def test_take_device_circumstances_must_be_weighed(
    phone: PupilDevice, teacher_user: User, office_user: User, at: datetime, ten: datetime
) -> None:
    """Law CO-2: what bears on it is shown as facts and must be acknowledged; the constraint says so too."""
    pupil: Pupil = phone.pupil
    pupil.medical_note, pupil.sen_status, pupil.young_carer = "Asthma", "K", True
    pupil.stamp(by=None, at=at)
    pupil.save()
    phone.bring_reason = BringReason.WALKS_ALONE
    phone.stamp(by=None, at=at)
    phone.save()
    mark_day(school=phone.school, actor=office_user, at=at, pupil=pupil, kind=MarkKind.PERMITTED, day=at.date())
    assert circumstances_of(pupil, [phone], ten) == list(Circumstance)
    with pytest.raises(CircumstancesNotWeighed) as refused:
        taking(phone, teacher_user, ten)
    assert "Asthma" not in refused.value.message
    stay = taking(phone, teacher_user, ten, circumstances_weighed=True)
    kept = stay.confiscation
    assert kept.circumstances == [one.value for one in Circumstance]
    assert kept.circumstances_weighed_at == ten
    with pytest.raises(IntegrityError), transaction.atomic():
        Confiscation.objects.filter(pk=kept.pk)._update(
            [(Confiscation._meta.get_field("circumstances_weighed_at"), None, None)]
        )


def test_take_device_needed_for_home_needs_a_plan(phone: PupilDevice, teacher_user: User, ten: datetime) -> None:
    """Law CO-2: who needs it to get home has another way before it is taken."""
    with pytest.raises(HomePlanNeeded):
        taking(phone, teacher_user, ten, needed_for_home=True)
    stay = taking(phone, teacher_user, ten, needed_for_home=True, home_plan="Mum rung: collects at the gate.")
    assert stay.confiscation.home_plan == "Mum rung: collects at the gate."


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"seen": ""}, FactsMissing),
        ({"where": ""}, FactsMissing),
        ({"device": None}, NotWithPupil),
    ],
)
def test_take_device_without_its_facts_is_refused(
    phone: PupilDevice, teacher_user: User, ten: datetime, given: dict[str, Any], refusal: type[Exception]
) -> None:
    values: dict[str, Any] = {
        "device": phone, "ground": "behaviour", "because": TakenBecause.USED_IN_DAY, "seen": "Seen.", "where": "Hall",
    } | given  # fmt: skip
    with pytest.raises(refusal):
        take_device(school=phone.school, actor=teacher_user, at=ten, pupil=phone.pupil, **values)


def test_take_device_times_are_in_order(
    phone: PupilDevice, office_user: User, teacher_user: User, at: datetime, ten: datetime
) -> None:
    with pytest.raises(TakenTooSoon, match="still ahead"):
        taking(phone, teacher_user, ten, taken_at=ten + timedelta(minutes=1))
    hand_in_device(school=phone.school, actor=office_user, at=ten, pupil=phone.pupil, switched_off=True)
    with pytest.raises(TakenTooSoon, match="handed in after that"):
        taking(phone, teacher_user, ten + timedelta(hours=1), taken_at=at)


def test_take_device_goes_to_a_place_of_its_own(
    phone: PupilDevice, safe: StoragePlace, drawer: StoragePlace, teacher_user: User, ten: datetime
) -> None:
    """CNF-03: apart from ordinary hand-ins; another place needs a reason, which is kept."""
    with pytest.raises(OtherPlaceNeedsReason):
        taking(phone, teacher_user, ten, place=safe)
    stay = taking(phone, teacher_user, ten, place=safe, place_reason="The drawer is jammed.")
    assert (stay.place, stay.flags, stay.place_reason) == (safe, ["other_place"], "The drawer is jammed.")


def test_store_taken_moves_it_and_says_so(
    phone: PupilDevice, safe: StoragePlace, drawer: StoragePlace, teacher_user: User, office_user: User, ten: datetime,
    form_group: FormGroup,
) -> None:  # fmt: skip
    """CNF-03: brought to the office, put in a slot; one slot holds one device."""
    stay = taking(phone, teacher_user, ten)
    slot = drawer.slots.get(number=1)
    moved = store_taken(school=phone.school, actor=office_user, at=ten, custody=stay, slot=slot, note="Brought in.")
    assert (moved.place, moved.slot) == (drawer, slot)
    assert events(stay)[-1] == (EventKind.MOVE, State.CONFISCATED, State.CONFISCATED, Basis.CONFISCATED)
    second = taking(another(phone, form_group, ten), teacher_user, ten)
    with pytest.raises(SlotTaken), transaction.atomic():
        store_taken(school=phone.school, actor=office_user, at=ten, custody=second, slot=slot)
    with pytest.raises(OtherPlaceNeedsReason):
        store_taken(school=phone.school, actor=office_user, at=ten, custody=second, place=safe)


@pytest.mark.parametrize(
    ("day", "hour", "expected", "days", "school_days", "sentence"),
    [
        (23, 10, 23, 0, 0, "It can go back today."),
        (23, 17, 24, 1, 1, "It stays: 1 day, until Tuesday 24 November 2026."),
        (27, 17, 30, 3, 1, "It stays over the weekend: 3 days, until Monday 30 November 2026."),
    ],
)
def test_take_device_calendar_consequence(
    phone: PupilDevice, slt_user: User, teacher_user: User, at: datetime, day: int, hour: int, expected: int, days: int,
    school_days: int, sentence: str,
) -> None:  # fmt: skip
    """Law CO-4, CNF-16: when it is due back, counted with weekends; over one, senior leaders are told."""
    from core.people.calendar import calendar_for
    from devices.holding import how_long

    moment = at.replace(day=day, hour=hour, minute=0)
    kept = taking(phone, teacher_user, moment).confiscation
    assert (kept.expected_on.day, kept.days_held, kept.school_days_held) == (expected, days, school_days)
    assert kept.needs_sign_off is False  # no limit is invented
    rules = for_school(phone.school, on=moment.date())
    assert how_long(rules, calendar_for(phone.school), moment).sentence == sentence
    told = Notice.objects.filter(recipient=slt_user, kind="devices.held_over").count()
    assert told == ("weekend" in sentence)


def test_tell_held_over_before_a_weekend_once(
    phone: PupilDevice, slt_user: User, teacher_user: User, at: datetime
) -> None:
    """CNF-16: one that was due and was not fetched stays over the weekend; leaders are told once, and name no one."""
    taking(phone, teacher_user, at.replace(day=26, hour=10))
    assert tell_held_over(school=phone.school, at=at.replace(day=26, hour=16, minute=5)) == 0
    friday = at.replace(day=27, hour=16, minute=5)
    assert tell_held_over(school=phone.school, at=friday) == 1
    assert tell_held_over(school=phone.school, at=friday + timedelta(hours=1)) == 0
    notice = Notice.objects.get(recipient=slt_user, kind="devices.held_over")
    assert notice.subject == "1 taken device stays over the weekend"
    assert "Kovacs" not in notice.subject + notice.body + notice.url


def test_sign_off_long_hold_by_another_senior_leader(
    phone: PupilDevice, slt_user: User, headteacher_user: User, at: datetime
) -> None:
    """Law CO-4: past the school's own limit a second leader signs; nobody signs where none is set or too soon."""
    change_rule(
        school=phone.school, actor=None, at=at - timedelta(days=30), key="confiscation_days_limit", value=2,
        effective_from=(at - timedelta(days=20)).date(), reason="A test.",
    )  # fmt: skip
    phone.school.refresh_from_db()
    stay = taking(phone, slt_user, at)
    sign = {"school": phone.school, "taking": stay.confiscation, "note": "The parent is abroad until Friday."}
    with pytest.raises(NoSignOffNeeded):
        sign_off_long_hold(actor=headteacher_user, at=at + timedelta(days=2), **sign)
    later = at + timedelta(days=3)
    with pytest.raises(SignedByAnother):
        sign_off_long_hold(actor=slt_user, at=later, **sign)
    signed = sign_off_long_hold(actor=headteacher_user, at=later, **sign)
    assert (signed.signed_off_by, signed.needs_sign_off) == (headteacher_user, True)
    with pytest.raises(NoSignOffNeeded):
        sign_off_long_hold(actor=headteacher_user, at=later, **sign)
    with pytest.raises(IntegrityError), transaction.atomic():
        signed.signed_off_by = slt_user
        signed.save()


def test_take_device_with_a_hold_is_evidence_from_the_start(
    phone: PupilDevice, dsl_user: User, teacher_user: User, ten: datetime
) -> None:
    """CNF-10, law PH-9: taken, then held, in one act; the taking keeps that it was for evidence."""
    stay = taking(phone, teacher_user, ten, hold_reason=HoldReason.CRIME)
    stay.refresh_from_db()
    assert (stay.state, stay.basis, stay.confiscation.basis) == (State.EVIDENCE_HOLD, Basis.EVIDENCE, Basis.EVIDENCE)
    assert [row[0] for row in events(stay)] == [EventKind.TAKE, EventKind.HOLD]
    with pytest.raises(OnEvidenceHold):
        withdraw_taking(school=phone.school, actor=dsl_user, at=ten, custody=stay, note="Wrong pupil.")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"because": TakenBecause.SAFEGUARDING}, 1),
        ({"ground": "child_protection"}, 1),
        ({}, 0),
    ],
)
def test_take_device_safeguarding_ground_tells_the_dsl(
    phone: PupilDevice, dsl_user: User, teacher_user: User, ten: datetime, given: dict[str, Any], told: int
) -> None:
    """NOT-03: the DSL at once for a safeguarding ground; a parent is to be told of every taking."""
    stay = taking(phone, teacher_user, ten, **given)
    assert Notice.objects.filter(recipient=dsl_user, kind="devices.taken_safeguarding").count() == told
    assert ParentNotice.objects.get(custody=stay).about == NoticeAbout.TAKEN


def test_withdraw_taking_adds_and_erases_nothing(
    phone: PupilDevice, teacher_user: User, slt_user: User, make_user: Callable[..., User], ten: datetime
) -> None:
    """DEV-33: the taker the same day, a leader later, nobody else; counted nowhere, kept on record."""
    stay = taking(phone, teacher_user, ten)
    say = {"school": phone.school, "custody": stay, "note": "It was another pupil’s."}
    with pytest.raises(NotTheTaker):
        withdraw_taking(actor=make_user(Role.TEACHER), at=ten, **say)
    with pytest.raises(NotTheTaker):
        withdraw_taking(actor=teacher_user, at=ten + timedelta(days=1), **say)
    gone = withdraw_taking(actor=slt_user, at=ten + timedelta(days=1), **say)
    assert (gone.state, gone.voided, gone.is_open) == (State.WITH_PUPIL_OFF_SITE, True, False)
    correction = CustodyEvent.objects.filter(custody=stay).last()
    assert (correction.kind, correction.corrects.kind) == (EventKind.CORRECTION, EventKind.TAKE)
    assert Confiscation.objects.filter(custody=stay).exists()
    assert not ParentNotice.objects.get(custody=stay).is_open
    assert taking(phone, teacher_user, ten + timedelta(days=1)).pk != stay.pk


def test_withdraw_taking_of_a_hand_in_leaves_it_handed_in(
    phone: PupilDevice, drawer: StoragePlace, office_user: User, teacher_user: User, at: datetime, ten: datetime
) -> None:
    """DEV-33: what was handed in before is as handed in again, at its own time and in its slot."""
    came = hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    slot = came.slot
    stay = taking(phone, teacher_user, ten)
    withdraw_taking(school=phone.school, actor=teacher_user, at=ten, custody=stay, note="The wrong phone.")
    again = CustodyRecord.objects.get(device=phone, closed_at__isnull=True)
    assert (again.state, again.basis, again.slot, again.opened_at) == (State.STORED, Basis.HAND_IN, slot, at)
    back = return_device(school=phone.school, actor=office_user, at=at.replace(hour=15, minute=20), custody=again)
    assert back.state == State.RETURNED


def test_take_device_same_form_twice_is_one_taking(phone: PupilDevice, teacher_user: User, ten: datetime) -> None:
    key = uuid.uuid4()
    first = taking(phone, teacher_user, ten, submission=key)
    assert taking(phone, teacher_user, ten, submission=key).pk == first.pk
    assert Confiscation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_take_device_two_staff_at_once_makes_one_stay(at: datetime) -> None:
    """F21: two members of staff take the same device: one taking; the other hears who was first, and when."""
    school = make_school("harbour-view")
    with scope(school=school):
        teachers = [make_user("teacher", school, given_name=name, family_name="Teal") for name in ("Ada", "Ben")]
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        phones = [
            add_device(school=school, actor=None, at=at, pupil=make_pupil(school), type=kinds["phone"])
            for _ in range(5)
        ]
    for device in phones:
        results = at_once(school, *[lambda one=one, device=device: taking(device, one, at) for one in teachers])
        refusals = [result for result in results if isinstance(result, Exception)]
        assert [type(refusal).__name__ for refusal in refusals] == ["TakenAlready"], results
        assert str(refusals[0]) in {f"Already taken, 8:30am, by {name} Teal." for name in ("Ada", "Ben")}
    with scope(school=school):
        assert Confiscation.objects.count() == len(phones)


def test_taken_page_leads_those_who_were_there_to_the_record_of_force(
    phone: PupilDevice, teacher_user: User, office_user: User, client_for: Callable[[User], Client], ten: datetime
) -> None:
    """Law SE-13: it says that the record is missing to all who see the page, and leads whoever may write it there."""
    stay = taking(phone, teacher_user, ten, force_used=True)
    page, form = (reverse(f"devices:{name}", args=["harbour-view", stay.pk]) for name in ("taken", "seizure-force"))
    with time_machine.travel(ten):
        own, offices = (client_for(user).get(page).content.decode() for user in (teacher_user, office_user))
        assert client_for(teacher_user).get(form).status_code == 200
    assert "Force was used" in own and form in own
    assert "Force was used" in offices and form not in offices
