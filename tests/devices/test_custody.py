"""Custody by operations: in, back, none, corrected; each refusal by name."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core.audit.models import Entry
from core.people.models import Pupil, School, User
from devices.enums import CorrectionKind, EarlyReason, Flag, GivenTo, State
from devices.models import CustodyEvent, CustodyRecord, NoDeviceDeclaration, PupilDevice, StoragePlace
from devices.operations import (
    CollectorNotPermitted,
    CorrectionNotPossible,
    DecisionNeeded,
    DeviceAlreadyInCustody,
    DeviceChoiceNeeded,
    EarlyReasonNeeded,
    KeptSecureByPupil,
    MustGoToParent,
    NoDeviceOnRecord,
    NotInCustody,
    OffCheckNeeded,
    OtherPlaceNeedsReason,
    PupilHasLeft,
    SlotTaken,
    add_device,
    add_place,
    correct_custody,
    decide_hand_in,
    declare_no_device,
    hand_in_device,
    mark_uncollected,
    return_device,
    withdraw_no_device,
)
from devices.queries import day_totals, device_timeline
from tests.factories import make_contact, make_pupil


def hand_in(pupil: Pupil, actor: User, at: datetime, **more: object) -> CustodyRecord:
    return hand_in_device(school=pupil.school, actor=actor, at=at, pupil=pupil, **{"switched_off": True} | more)  # type: ignore[arg-type]


def test_hand_in_device_known_device_is_stored_with_two_events(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-04, DEV-06, matrix 4.1: handed_in, then stored in the first free slot, which becomes the usual one."""
    stay = hand_in(phone.pupil, office_user, at)
    assert (stay.state, stay.slot.label, stay.opened_by) == (State.STORED, "1", office_user)
    moves = [(event.from_state, event.to_state) for event in device_timeline(phone)]
    assert moves == [("with_pupil_off_site", "handed_in"), ("handed_in", "stored")]
    phone.refresh_from_db()
    assert phone.usual_slot_id == stay.slot_id
    assert Entry.objects.filter(action="devices.hand_in", object_id=stay.pk).count() == 1


def test_hand_in_device_same_submission_twice_makes_one_record(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """security 5.11: a double submit, or a retry after a lost reply, is one act."""
    key = uuid.uuid4()
    first = hand_in(phone.pupil, office_user, at, submission=key)
    again = hand_in(phone.pupil, office_user, at, submission=key)
    assert again == first
    assert CustodyRecord.objects.count() == 1


def test_hand_in_device_off_check_missing_is_refused(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-05: the rule demands the tick; nothing is saved without it."""
    with pytest.raises(OffCheckNeeded):
        hand_in(phone.pupil, office_user, at, switched_off=None)
    assert not CustodyRecord.objects.exists()


def test_hand_in_device_already_here_says_since_when_and_by_whom(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-04: the second desk is told, and makes no second record."""
    hand_in(phone.pupil, office_user, at)
    with pytest.raises(DeviceAlreadyInCustody, match=r"Already in, 8:30am, by .*, slot 1\."):
        hand_in(phone.pupil, office_user, at + timedelta(minutes=5))


def test_hand_in_device_pupil_has_left_is_refused(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """ORG-24"""
    phone.pupil.left_on = at.date() - timedelta(days=1)
    with pytest.raises(PupilHasLeft):
        hand_in(phone.pupil, office_user, at)


def test_hand_in_device_none_on_record_is_refused_and_a_kind_adds_it(
    pupil: Pupil, types: dict[str, object], safe: StoragePlace, office_user: User, at: datetime
) -> None:
    """DEV-34: the first hand-in puts the device on the register in the same act."""
    with pytest.raises(NoDeviceOnRecord):
        hand_in(pupil, office_user, at)
    stay = hand_in(pupil, office_user, at, new_type=types["phone"])
    assert stay.device.type.key == "phone"


def test_hand_in_device_two_devices_asks_which(
    phone: PupilDevice, types: dict[str, object], office_user: User, at: datetime
) -> None:
    watch = add_device(school=phone.school, actor=None, at=at, pupil=phone.pupil, type=types["smartwatch"])
    with pytest.raises(DeviceChoiceNeeded) as refusal:
        hand_in(phone.pupil, office_user, at)
    assert refusal.value.devices == [phone, watch]
    assert hand_in(phone.pupil, office_user, at, device=watch).device == watch
    assert hand_in(phone.pupil, office_user, at).device == phone, "with one of two here, the other is meant"


def test_hand_in_device_taken_slot_is_refused_by_constraint(
    phone: PupilDevice, types: dict[str, object], office_user: User, at: datetime
) -> None:
    """DEV-06: one slot, one device."""
    stay = hand_in(phone.pupil, office_user, at)
    other = make_pupil(phone.school, "Ben")
    add_device(school=phone.school, actor=None, at=at, pupil=other, type=types["phone"])
    with pytest.raises(SlotTaken):
        hand_in(other, office_user, at, slot=stay.slot)
    assert hand_in(other, office_user, at).slot.label == "2"


def test_hand_in_device_no_free_slot_is_stored_and_flagged(
    phone: PupilDevice, types: dict[str, object], office_user: User, at: datetime
) -> None:
    """DEV-06"""
    for _ in range(5):
        other = make_pupil(phone.school)
        hand_in(other, office_user, at, new_type=types["phone"])
    stay = hand_in(phone.pupil, office_user, at)
    assert stay.slot is None
    assert Flag.NO_SLOT in stay.flags


def test_hand_in_device_after_the_cutoff_is_flagged_late(phone: PupilDevice, office_user: User, at: datetime) -> None:
    stay = hand_in(phone.pupil, office_user, at + timedelta(hours=2))
    assert stay.flags == [Flag.LATE]


def test_return_device_early_needs_a_reason(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-07, DEV-08"""
    stay = hand_in(phone.pupil, office_user, at)
    noon = at.replace(hour=12)
    with pytest.raises(EarlyReasonNeeded, match="3:15pm"):
        return_device(school=phone.school, actor=office_user, at=noon, custody=stay)
    back = return_device(school=phone.school, actor=office_user, at=noon, custody=stay, reason=EarlyReason.MEDICAL)
    assert back.state == State.RETURNED
    assert device_timeline(phone)[-1].reason == EarlyReason.MEDICAL


def test_return_device_end_of_day_names_the_taker_and_frees_the_slot(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-07: date and time, staff member, person given to."""
    stay = hand_in(phone.pupil, office_user, at)
    evening = at.replace(hour=15, minute=15)
    return_device(school=phone.school, actor=office_user, at=evening, custody=stay, condition="scratch on the back")
    event = device_timeline(phone)[-1]
    assert (event.given_to, event.given_to_name, event.at, event.by) == ("pupil", "Amara Kovacs", evening, office_user)
    assert event.condition == "scratch on the back"
    with pytest.raises(NotInCustody, match="Already given back, 3:15pm"):
        return_device(school=phone.school, actor=office_user, at=evening, custody=stay)


def test_return_device_to_an_adult_who_may_not_collect_is_refused_and_recorded(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-07"""
    stay = hand_in(phone.pupil, office_user, at)
    barred = make_contact(phone.pupil, may_collect=False)
    listed = make_contact(phone.pupil, "Listed")
    evening = at.replace(hour=16)
    with pytest.raises(CollectorNotPermitted):
        return_device(
            school=phone.school, actor=office_user, at=evening, custody=stay, given_to=GivenTo.CONTACT, contact=barred
        )
    assert Entry.objects.filter(action="devices.return", outcome="refused").count() == 1
    return_device(
        school=phone.school, actor=office_user, at=evening, custody=stay, given_to=GivenTo.CONTACT, contact=listed
    )
    assert device_timeline(phone)[-1].given_to_name == "Dana Listed"


def test_correct_custody_not_handed_in_leaves_the_count_and_keeps_the_events(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-33: a correction adds; the first entry stays."""
    stay = hand_in(phone.pupil, office_user, at)
    correct_custody(
        school=phone.school,
        actor=office_user,
        at=at,
        custody=stay,
        kind=CorrectionKind.NOT_HANDED_IN,
        note="Wrong pupil",
    )
    assert day_totals(phone.school, at.date()).handed_in == 0
    last = device_timeline(phone)[-1]
    assert (last.kind, last.note, last.corrects.kind) == ("correction", "Wrong pupil", "hand_in")
    assert hand_in(phone.pupil, office_user, at).pk != stay.pk


def test_correct_custody_not_returned_reopens_the_stay(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-33"""
    stay = hand_in(phone.pupil, office_user, at)
    evening = at.replace(hour=15, minute=30)
    return_device(school=phone.school, actor=office_user, at=evening, custody=stay)
    again = correct_custody(
        school=phone.school,
        actor=office_user,
        at=evening,
        custody=stay,
        kind=CorrectionKind.NOT_RETURNED,
        note="Wrong slot scanned",
    )
    assert again.is_open
    assert day_totals(phone.school, at.date()).returned == 0


def test_correct_custody_returned_then_in_again_cannot_be_reopened(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    stay = hand_in(phone.pupil, office_user, at)
    return_device(school=phone.school, actor=office_user, at=at, custody=stay, reason=EarlyReason.TRIP)
    hand_in(phone.pupil, office_user, at)
    with pytest.raises(CorrectionNotPossible, match="handed in again"):
        correct_custody(
            school=phone.school, actor=office_user, at=at, custody=stay, kind=CorrectionKind.NOT_RETURNED, note="x"
        )


def test_correct_custody_other_slot_moves_it(
    phone: PupilDevice, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    """DEV-33, DEV-06"""
    stay = hand_in(phone.pupil, office_user, at)
    third = safe.slots.get(number=3)
    moved = correct_custody(
        school=phone.school,
        actor=office_user,
        at=at,
        custody=stay,
        kind=CorrectionKind.OTHER_SLOT,
        note="Put in 3",
        slot=third,
    )
    assert moved.slot == third


def test_declare_no_device_twice_is_one_and_a_hand_in_withdraws_it(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-11"""
    first = declare_no_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil)
    assert declare_no_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil) == first
    hand_in(phone.pupil, office_user, at)
    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawn_because) == (office_user, "A device was handed in later.")


def test_declare_no_device_while_one_is_here_is_refused(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-11"""
    hand_in(phone.pupil, office_user, at)
    with pytest.raises(DeviceAlreadyInCustody):
        declare_no_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil)


def test_withdraw_no_device_twice_is_refused(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-11, DEV-33"""
    said = declare_no_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil)
    gone = withdraw_no_device(school=phone.school, actor=office_user, at=at, declaration=said, because="Wrong pupil")
    with pytest.raises(CorrectionNotPossible):
        withdraw_no_device(school=phone.school, actor=office_user, at=at, declaration=gone, because="again")
    assert NoDeviceDeclaration.objects.count() == 1


def test_mark_uncollected_after_office_close_lists_what_is_left_once(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-09: daily until dealt with; running again changes nothing."""
    stay = hand_in(phone.pupil, office_user, at)
    assert mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=15, minute=59)) == []
    assert mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=16)) == [stay]
    assert mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=17)) == []
    stay.refresh_from_db()
    assert stay.state == State.UNCOLLECTED
    assert stay.history.count() == 2
    back = return_device(school=phone.school, actor=office_user, at=at + timedelta(days=1, hours=8), custody=stay)
    assert back.state == State.RETURNED


def test_mark_uncollected_worker_was_stopped_yesterday_loses_nothing(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-09: a stay of an earlier day is marked the next morning."""
    stay = hand_in(phone.pupil, office_user, at)
    assert mark_uncollected(school=phone.school, actor=None, at=at + timedelta(days=1)) == [stay]


def test_day_totals_book_balances(
    phone: PupilDevice, types: dict[str, object], office_user: User, at: datetime
) -> None:
    """product.md 1: in = returned + still here."""
    first = hand_in(phone.pupil, office_user, at)
    for _ in range(2):
        hand_in(make_pupil(phone.school), office_user, at, new_type=types["phone"])
    return_device(school=phone.school, actor=office_user, at=at.replace(hour=15, minute=20), custody=first)
    totals = day_totals(phone.school, at.date())
    assert (totals.handed_in, totals.returned, totals.still_here, totals.balances) == (3, 1, 2, True)


@pytest.mark.parametrize(
    "statement", ["UPDATE devices_custodyevent SET note = 'x'", "DELETE FROM devices_custodyevent"]
)
def test_custody_event_as_app_role_cannot_be_changed(
    phone: PupilDevice, office_user: User, at: datetime, statement: str
) -> None:
    """DEV-33: append-only at the database."""
    hand_in(phone.pupil, office_user, at)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_custody_record_second_open_stay_is_refused_by_the_database(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """product.md 1: exactly one place."""
    stay = hand_in(phone.pupil, office_user, at)
    twin = CustodyRecord(
        school=stay.school, device=phone, pupil=phone.pupil, day=stay.day, state=State.STORED, rules_version=1,
        opened_at=at, opened_by=office_user,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="one_open_per_device"), transaction.atomic():
        twin.save()


class TestByPreset:
    """The desk under each preset's rules."""

    @pytest.fixture
    def desk(self, request: pytest.FixtureRequest, school: School, at: datetime) -> School:
        from core.rules.operations import adopt_preset

        adopt_preset(school=school, actor=None, at=at, preset=request.param, effective_from=at.date(), reason="Test")
        school.refresh_from_db()
        return school

    @pytest.mark.parametrize("desk", ["group-locked-storage"], indirect=True)
    def test_hand_in_device_other_than_a_phone_is_kept_secure(
        self, desk: School, phone: PupilDevice, types: dict[str, object], office_user: User, at: datetime
    ) -> None:
        """DEV-38: phones only; a tablet stays with the pupil, or comes in if somebody insists."""
        other = make_pupil(desk)
        tablet = add_device(school=desk, actor=None, at=at, pupil=other, type=types["tablet"])
        with pytest.raises(KeptSecureByPupil):
            hand_in(other, office_user, at, switched_off=None)
        assert hand_in(other, office_user, at, switched_off=None, device=tablet).state == State.STORED
        assert hand_in(phone.pupil, office_user, at, switched_off=None).state == State.STORED, "DEV-05: no off-check"

    @pytest.mark.parametrize("desk", ["primary-by-agreement"], indirect=True)
    def test_hand_in_device_without_agreement_is_stored_and_flagged(
        self, desk: School, phone: PupilDevice, office_user: User, at: datetime
    ) -> None:
        """DEV-02, DEV-03"""
        assert hand_in(phone.pupil, office_user, at).flags == [Flag.NO_AGREEMENT]

    @pytest.mark.parametrize("desk", ["primary-by-agreement"], indirect=True)
    def test_hand_in_device_into_another_place_than_the_safe_needs_a_reason(
        self, desk: School, phone: PupilDevice, office_user: User, at: datetime
    ) -> None:
        """DEV-06"""
        drawer = add_place(
            school=desk, actor=None, at=at, name="Drawer", kind="secure_place", lockable=True, purpose="daily", slots=1
        )
        slot = drawer.slots.get()
        slot.place = drawer
        with pytest.raises(OtherPlaceNeedsReason):
            hand_in(phone.pupil, office_user, at, slot=slot)
        stay = hand_in(phone.pupil, office_user, at, slot=slot, place_reason="The safe is stuck")
        assert Flag.OTHER_PLACE in stay.flags

    @pytest.mark.parametrize("desk", ["primary-online-safety"], indirect=True)
    def test_hand_in_device_reason_only_is_flagged_until_one_is_recorded(
        self, desk: School, phone: PupilDevice, office_user: User, at: datetime
    ) -> None:
        """DEV-02, DEV-37"""
        add_place(
            school=desk, actor=None, at=at, name="Office shelf", kind="office", lockable=False, purpose="daily", slots=2
        )
        stay = hand_in(phone.pupil, office_user, at, switched_off=None)
        assert stay.flags == [Flag.NO_REASON]
        returned = return_device(school=desk, actor=office_user, at=at.replace(hour=11), custody=stay)
        assert returned.state == State.RETURNED, "returned on leaving the site: no early reason is asked"

    @pytest.mark.parametrize("desk", ["image-and-conduct"], indirect=True)
    def test_hand_in_device_rules_silent_asks_a_recorded_decision(
        self, desk: School, phone: PupilDevice, office_user: User, at: datetime
    ) -> None:
        """matrix 0.3: what is silent is asked of a person and recorded, never invented."""
        with pytest.raises(DecisionNeeded):
            hand_in(phone.pupil, office_user, at)
        decide_hand_in(school=desk, actor=office_user, at=at, reason="The head asked for it after the assembly.")
        assert hand_in(phone.pupil, office_user, at).flags == [Flag.UNDECIDED]

    @pytest.mark.parametrize("desk", ["group-locked-storage"], indirect=True)
    def test_return_device_parents_only_rule_refuses_the_pupil(
        self, desk: School, phone: PupilDevice, office_user: User, administrator_user: User, at: datetime
    ) -> None:
        """DEV-07, `ordinary_return`"""
        from core.rules.operations import change_rule

        change_rule(
            school=desk,
            actor=administrator_user,
            at=at,
            key="ordinary_return",
            value="end_of_day_parent",
            effective_from=at.date(),
            reason="Test",
        )
        desk.refresh_from_db()
        phone.pupil.school = phone.school = desk
        stay = hand_in(phone.pupil, office_user, at)
        with pytest.raises(MustGoToParent):
            return_device(school=desk, actor=office_user, at=at.replace(hour=16), custody=stay)


def test_custody_event_rows_are_written_for_every_move(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """ORG-09, DEV-33: a record never stands without its events."""
    stay = hand_in(phone.pupil, office_user, at)
    return_device(school=phone.school, actor=office_user, at=at, custody=stay, reason=EarlyReason.OTHER)
    kinds = list(CustodyEvent.objects.filter(custody=stay).order_by("id").values_list("kind", flat=True))
    assert kinds == ["hand_in", "store", "return"]
