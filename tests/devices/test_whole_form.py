"""A whole form at once (W2): the operation, its page, the paper twin, and every preset's rules."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, User
from devices.enums import EventKind, Flag, MarkKind, MarkSource, State
from devices.models import CustodyEvent, CustodyRecord, DayMark, NoDeviceDeclaration, PupilDevice, Slot
from devices.operations import (
    CountDiffers,
    DecisionNeeded,
    NothingToRecord,
    OffCheckNeeded,
    add_device,
    add_place,
    agree_bring_device,
    decide_hand_in,
    declare_no_device,
    hand_in_device,
    hand_in_form,
    mark_day,
    return_device,
    seed_device_types,
)
from tests.factories import make_form, make_pupil, make_school
from tests.factories import make_user as build_user

PRESETS = (
    "group-locked-storage",
    "phone-free-agreement",
    "primary-by-agreement",
    "primary-online-safety",
    "image-and-conduct",
)


@pytest.fixture
def pupils(form_group: FormGroup, safe: Any, types: dict[str, Any], at: datetime) -> list[Pupil]:
    """Four pupils of 8B; the last has no device on record."""
    school = form_group.school
    made = [make_pupil(school, "Ama", surname, form=form_group) for surname in ("Abbas", "Brown", "Carter", "Diaz")]
    for pupil in made[:3]:
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return made


@pytest.fixture
def record_form(form_group: FormGroup, office_user: User, at: datetime) -> Callable[..., Any]:
    """Record 8B with the answers given by pupil; counted right unless said otherwise."""

    def act(said: dict[Pupil, str], **changes: Any) -> Any:
        values: dict[str, Any] = {
            "school": form_group.school,
            "actor": office_user,
            "at": at,
            "form": form_group,
            "answers": {pupil.pk: answer for pupil, answer in said.items()},
            "counted": sum(1 for answer in said.values() if answer == "in"),
            "switched_off": True,
            "submission": uuid.uuid4(),
        }
        return hand_in_form(**values | changes)

    return act


def test_hand_in_form_records_each_as_the_desk_would(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-04, DEV-05, DEV-11: stays with both events, flag “counted”, a declaration and a mark, one entry in the
    record."""
    done = record_form(dict(zip(pupils, ("in", "in", "absent", "no_device"), strict=True)))
    stays = list(CustodyRecord.objects.order_by("pk"))
    assert [stay.pk for stay in stays] == done.custody
    assert {stay.pupil_id for stay in stays} == {pupils[0].pk, pupils[1].pk}
    for stay in stays:
        assert stay.state == State.STORED
        assert stay.flags == [Flag.COUNTED]
        assert stay.switched_off is True
        assert stay.opened_by == office_user
        assert stay.slot is not None
        kinds = CustodyEvent.objects.filter(custody=stay).order_by("id").values_list("kind", "to_state")
        assert list(kinds) == [(EventKind.HAND_IN, State.HANDED_IN), (EventKind.STORE, State.STORED)]
        assert stay.history.count() == 1
    assert len({stay.slot_id for stay in stays}) == 2
    mark = DayMark.objects.get()
    assert (mark.pupil, mark.kind, mark.source) == (pupils[2], MarkKind.ABSENT, MarkSource.FORM)
    assert mark.history.count() == 1
    assert NoDeviceDeclaration.objects.get().pupil == pupils[3]
    entry = Entry.objects.get(action="devices.hand_in_form")
    assert entry.detail["counts"] == {"in": 2, "no_device": 1, "refused": 0, "permitted": 0, "absent": 1}


def test_hand_in_form_takes_in_what_hand_in_device_takes_in(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-02, DEV-06: field by field the same stay and events, but for the flag that it was counted."""
    late = at.replace(hour=9, minute=20)
    record_form({pupils[0]: "in"}, at=late)
    alone = hand_in_device(school=pupils[1].school, actor=office_user, at=late, pupil=pupils[1], switched_off=True)
    form = CustodyRecord.objects.get(pupil=pupils[0])
    assert form.flags == [*alone.flags, Flag.COUNTED] == [Flag.LATE, Flag.COUNTED]
    same = [
        "day", "basis", "state", "place_id", "switched_off", "rules_version", "opened_at", "opened_by_id", "condition",
        "note", "place_reason", "bring_reason", "voided", "created_at", "created_by_id", "version",
    ]  # fmt: skip
    assert {name: getattr(form, name) for name in same} == {name: getattr(alone, name) for name in same}
    kept = ("kind", "basis", "from_state", "to_state", "at", "recorded_at", "by_id", "place_id", "switched_off", "note")
    assert list(form.events.values_list(*kept)) == list(alone.events.values_list(*kept))
    usual = PupilDevice.objects.filter(pupil__in=pupils[:2]).values_list("usual_slot", flat=True)
    assert None not in usual, "the slot of the first time becomes the usual one"


@pytest.mark.parametrize("counted", [0, 1, 3])
def test_hand_in_form_counted_wrongly_writes_nothing(record_form: Any, pupils: list[Pupil], counted: int) -> None:
    """law PH-9, ux 1.3: a default without a count would invent custody of phones nobody saw."""
    with pytest.raises(CountDiffers) as refusal:
        record_form({pupils[0]: "in", pupils[1]: "in", pupils[2]: "absent"}, counted=counted)
    assert refusal.value.field == "counted"
    assert f"You counted {counted}, and 2 are marked In." in refusal.value.message
    assert not CustodyRecord.objects.exists()
    assert not DayMark.objects.exists()


def test_hand_in_form_pupil_taken_in_at_a_desk_meanwhile_is_not_doubled(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-04: the count no longer fits, so the form is asked again, and nobody is named."""
    hand_in_device(school=pupils[0].school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    with pytest.raises(CountDiffers, match="1 pupil of this form was recorded at a desk since you opened") as refusal:
        record_form({pupils[0]: "in", pupils[1]: "in"})
    assert "Abbas" not in refusal.value.message
    record_form({pupils[0]: "in", pupils[1]: "in"}, counted=1)
    assert CustodyRecord.objects.count() == 2


def test_hand_in_form_everybody_recorded_already_is_told_so(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    hand_in_device(school=pupils[0].school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    with pytest.raises(NothingToRecord):
        record_form({pupils[0]: "in"}, counted=0)


def test_hand_in_form_same_submission_is_one_act(record_form: Any, pupils: list[Pupil]) -> None:
    """security 5.11"""
    key = uuid.uuid4()
    first = record_form({pupils[0]: "in", pupils[3]: "no_device"}, submission=key)
    again = record_form({pupils[0]: "in", pupils[3]: "no_device"}, submission=key)
    assert first == again
    assert CustodyRecord.objects.count() == NoDeviceDeclaration.objects.count() == 1


def test_hand_in_form_off_check_is_asked_where_the_rule_demands_it(record_form: Any, pupils: list[Pupil]) -> None:
    """DEV-05: one tick for all, needed as soon as one device comes in."""
    with pytest.raises(OffCheckNeeded):
        record_form({pupils[0]: "in"}, switched_off=False)
    record_form({pupils[0]: "absent"}, switched_off=False)
    assert not CustodyRecord.objects.exists()


def test_hand_in_form_in_without_a_device_on_record_puts_a_phone_there(record_form: Any, pupils: list[Pupil]) -> None:
    """DEV-34"""
    record_form({pupils[3]: "in"})
    device = PupilDevice.objects.get(pupil=pupils[3])
    assert device.type.key == "phone"
    assert device.usual_slot == CustodyRecord.objects.get().slot
    assert device.history.count() == 1


def test_hand_in_form_of_several_devices_the_one_handed_in_last_is_meant(
    record_form: Any, pupils: list[Pupil], types: dict[str, Any], office_user: User, at: datetime
) -> None:
    """DEV-12"""
    tablet = add_device(school=pupils[0].school, actor=None, at=at, pupil=pupils[0], type=types["tablet"])
    before = at - timedelta(days=3)
    stay = hand_in_device(
        school=pupils[0].school, actor=office_user, at=before, pupil=pupils[0], device=tablet, switched_off=True
    )
    return_device(school=pupils[0].school, actor=office_user, at=before.replace(hour=16), custody=stay)
    record_form({pupils[0]: "in"})
    assert CustodyRecord.objects.get(closed_at__isnull=True).device == tablet


def test_hand_in_form_more_devices_than_slots_are_kept_and_flagged(
    record_form: Any, pupils: list[Pupil], safe: Any
) -> None:
    """DEV-06: no two in one slot; who finds none is flagged."""
    keep = Slot.objects.filter(place=safe, number__gt=2).values_list("pk", flat=True)
    Slot.objects.filter(pk__in=list(keep)).delete()
    record_form(dict.fromkeys(pupils, "in"))
    slots = [stay.slot_id for stay in CustodyRecord.objects.all()]
    assert slots.count(None) == 2
    assert len(set(slots)) == 3
    for stay in CustodyRecord.objects.filter(slot__isnull=True):
        assert Flag.NO_SLOT in stay.flags
        assert stay.place == safe


def test_hand_in_form_usual_slot_held_by_another_takes_a_free_one(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-06"""
    slot = Slot.objects.order_by("number").first()
    PupilDevice.objects.filter(pupil=pupils[0]).update(usual_slot=slot)
    other = make_pupil(pupils[0].school, form=make_form(pupils[0].school, "9C", year=9))
    phone = add_device(
        school=other.school, actor=None, at=at, pupil=other, type=PupilDevice.objects.first().type, usual_slot=slot
    )
    hand_in_device(school=other.school, actor=office_user, at=at, pupil=other, device=phone, switched_off=True)
    record_form({pupils[0]: "in"})
    assert CustodyRecord.objects.get(pupil=pupils[0]).slot not in (None, slot)


def test_hand_in_form_the_last_word_stands(
    record_form: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-11, DEV-33: what was said before is withdrawn and stays on record; the same again changes nothing."""
    school = pupils[0].school
    declare_no_device(school=school, actor=office_user, at=at, pupil=pupils[0])
    mark_day(school=school, actor=office_user, at=at, pupil=pupils[1], kind=MarkKind.ABSENT)
    mark_day(school=school, actor=office_user, at=at, pupil=pupils[2], kind=MarkKind.ABSENT)
    declare_no_device(school=school, actor=office_user, at=at, pupil=pupils[3])
    record_form({pupils[0]: "in", pupils[1]: "refused", pupils[2]: "absent", pupils[3]: "no_device"})
    gone = NoDeviceDeclaration.objects.get(pupil=pupils[0])
    assert gone.withdrawn_by == office_user
    assert gone.withdrawn_because == "A device was handed in later."
    assert DayMark.objects.get(pupil=pupils[1], kind=MarkKind.ABSENT).withdrawn_at == at
    assert DayMark.objects.get(pupil=pupils[1], kind=MarkKind.REFUSED).withdrawn_at is None
    assert DayMark.objects.get(pupil=pupils[2]).source == MarkSource.DESK
    assert NoDeviceDeclaration.objects.get(pupil=pupils[3]).version == 1


def test_hand_in_form_without_the_permission_is_refused(
    record_form: Any, pupils: list[Pupil], governor_user: User
) -> None:
    """ORG-10"""
    with pytest.raises(NotPermitted):
        record_form({pupils[0]: "in"}, actor=governor_user)


def test_hand_in_form_pupil_of_another_form_is_left_alone(record_form: Any, pupils: list[Pupil]) -> None:
    stranger = make_pupil(pupils[0].school, form=make_form(pupils[0].school, "9C", year=9))
    record_form({pupils[0]: "in", stranger: "absent"})
    assert not DayMark.objects.exists()


def test_hand_in_form_costs_as_many_statements_for_three_as_for_one(
    record_form: Any, pupils: list[Pupil], types: dict[str, Any], at: datetime
) -> None:
    """speed: a form is one piece of work, not thirty."""
    school = pupils[0].school
    more = [make_pupil(school, form=pupils[0].form) for _ in range(2)]
    for pupil in (pupils[3], *more):
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    record_form({pupils[0]: "in"})
    costs = []
    for group in ([pupils[1]], [pupils[2], pupils[3], more[0]]):
        with CaptureQueriesContext(connection) as captured:
            record_form(dict.fromkeys(group, "in"))
        costs.append(len(captured))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("preset", PRESETS)
def test_hand_in_form_under_each_preset(db: None, at: datetime, preset: str) -> None:
    """DEV-02, DEV-03, DEV-05, DEV-37: the flags and the questions are those of the desk, whatever the rules."""
    school = make_school(f"school-{preset}", preset=preset)
    with scope(school=school):
        office, form = build_user("office", school), make_form(school, "5A", year=5)
        head = build_user("headteacher", school)
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        for kind in ("safe", "office"):
            add_place(
                school=school, actor=None, at=at, name=kind, kind=kind, lockable=True, purpose="daily", slots=4
            )  # fmt: skip
        one, other = make_pupil(school, form=form), make_pupil(school, form=form)
        for pupil in (one, other):
            add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        agree_bring_device(
            school=school, actor=head, at=at, pupil=one, reason="Walks", starts_on=at.date(), ends_on=at.date()
        )  # fmt: skip
        given: dict[str, Any] = {
            "school": school, "actor": office, "at": at, "form": form, "counted": 1, "switched_off": False,
        }  # fmt: skip
        wanted = {
            "phone-free-agreement": OffCheckNeeded,
            "primary-by-agreement": OffCheckNeeded,
            "image-and-conduct": DecisionNeeded,
        }.get(preset)
        if wanted is not None:
            with pytest.raises(wanted):
                hand_in_form(answers={one.pk: "in"}, **given)
        if preset == "image-and-conduct":
            decide_hand_in(school=school, actor=office, at=at, reason="The head said so.")
        given["switched_off"] = True
        hand_in_form(answers={one.pk: "in", other.pk: "permitted"}, **given)
        hand_in_form(answers={other.pk: "in"}, **given)
        first, second = CustodyRecord.objects.get(pupil=one), CustodyRecord.objects.get(pupil=other)
        flags = {
            "primary-by-agreement": ([], [Flag.NO_AGREEMENT]),
            "primary-online-safety": ([Flag.NO_REASON], [Flag.NO_REASON]),
            "image-and-conduct": ([Flag.UNDECIDED], [Flag.UNDECIDED]),
        }.get(preset, ([], []))
        assert (first.flags, second.flags) == ([*flags[0], Flag.COUNTED], [*flags[1], Flag.COUNTED])


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def morning(at: datetime) -> Any:
    """Pages are opened at 8:30 on a school day."""
    with time_machine.travel(at, tick=False):
        yield at


@pytest.fixture
def office(morning: datetime, office_user: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(office_user)


FORMS = "/harbour-view/devices/forms/"


def address(form: FormGroup, more: str = "") -> str:
    return f"{FORMS}{form.pk}/{more}"


def sent(said: dict[Pupil, str], counted: Any, **more: Any) -> dict[str, Any]:
    answers = {f"answer-{pupil.pk}": answer for pupil, answer in said.items()}
    return {"submission": str(uuid.uuid4()), "switched_off": "on", "counted": counted} | answers | more


def chosen(html: str) -> dict[int, str]:
    """The answer each row proposes."""
    found = re.findall(r'name="answer-(\d+)"\s+value="(\w+)"\s+checked', html)
    return {int(key): answer for key, answer in found}


def test_whole_form_page_proposes_in_but_for_what_is_known(
    office: Client, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-10, DEV-11, DEV-12: a hand-in is fixed with its time, an absence is filled in, no device is no phone."""
    school, form = pupils[0].school, pupils[0].form
    assert form is not None
    hand_in_device(school=school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    mark_day(school=school, actor=office_user, at=at, pupil=pupils[1], kind=MarkKind.ABSENT, source=MarkSource.FILE)
    html = office.get(address(form)).content.decode()
    assert chosen(html) == {pupils[1].pk: "absent", pupils[2].pk: "in", pupils[3].pk: "no_device"}
    assert f"In since 8:30am, slot 1, by {office_user.display_name}" in html
    assert "Filled from the day’s absences" in html
    assert "No device on record" in html


def test_whole_form_page_three_days_without_is_no_phone(
    office: Client, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-11: the last three days on which anything is recorded of a pupil; two, or one in between, are not enough."""
    school, form = pupils[0].school, pupils[0].form
    assert form is not None
    for back in (3, 4, 5):
        declare_no_device(school=school, actor=office_user, at=at - timedelta(days=back), pupil=pupils[0])
    for back in (3, 4):
        declare_no_device(school=school, actor=office_user, at=at - timedelta(days=back), pupil=pupils[1])
    for back in (4, 5, 6):
        declare_no_device(school=school, actor=office_user, at=at - timedelta(days=back), pupil=pupils[2])
    earlier = at - timedelta(days=3)
    stay = hand_in_device(school=school, actor=office_user, at=earlier, pupil=pupils[2], switched_off=True)
    return_device(school=school, actor=office_user, at=earlier.replace(hour=16), custody=stay)
    html = office.get(address(form)).content.decode()
    assert chosen(html) == {
        pupils[0].pk: "no_device", pupils[1].pk: "in", pupils[2].pk: "in", pupils[3].pk: "no_device"
    }  # fmt: skip
    assert html.count("No phone on the last 3 days") == 1


def test_whole_form_page_names_the_device_where_there_are_several(
    office: Client, pupils: list[Pupil], types: dict[str, Any], at: datetime
) -> None:
    """DEV-12"""
    add_device(school=pupils[0].school, actor=None, at=at, pupil=pupils[0], type=types["tablet"], colour="red")
    html = office.get(address(pupils[0].form)).content.decode()
    assert "phone" in re.findall(r'form-table__note">\s*(.*?)\s*</td>', html, re.S)[0]


def test_whole_form_page_records_and_offers_the_next_form(
    office: Client, pupils: list[Pupil], office_user: User
) -> None:
    """ux W2: one POST; then who recorded it and when, Correct, and the next form."""
    school, form = pupils[0].school, pupils[0].form
    other = make_form(school, "8C", year=8)
    make_pupil(school, form=other)
    said = dict(zip(pupils, ("in", "in", "refused", "absent"), strict=True))
    done = office.post(address(form), sent(said, 2), follow=True)
    html = done.content.decode()
    assert done.redirect_chain == [(f"{FORMS}?after={form.pk}", 302)]
    assert f"8B recorded 8:30am by {office_user.display_name}." in html
    assert f'href="/harbour-view/devices/register/?form={form.pk}">Correct' in html
    assert "Next: record 8C" in html
    assert "4 of 4" in html
    assert CustodyRecord.objects.count() == 2


def test_whole_form_page_wrong_count_keeps_everything_typed(office: Client, pupils: list[Pupil]) -> None:
    """law PH-9: the sentence stands at the field, and what was chosen stands."""
    said = dict(zip(pupils, ("in", "permitted", "in", "in"), strict=True))
    page = office.post(address(pupils[0].form), sent(said, 4))
    html = page.content.decode()
    assert page.status_code == 422
    assert "You counted 4, and 3 are marked In." in html
    assert 'href="#id_counted"' in html
    assert chosen(html) == {pupil.pk: answer for pupil, answer in said.items()}
    assert re.search(r'name="counted"\s+value="4"', html)
    assert 'name="switched_off"' in html
    assert not CustodyRecord.objects.exists()


@pytest.mark.parametrize("counted", ["", "many", "-1"])
def test_whole_form_page_without_a_number_is_asked_for_it(office: Client, pupils: list[Pupil], counted: str) -> None:
    """law PH-9: no count, no custody."""
    page = office.post(address(pupils[0].form), sent({pupils[0]: "in"}, counted))
    assert page.status_code == 422
    assert not CustodyRecord.objects.exists()


def test_whole_form_page_unknown_answer_is_refused(office: Client, pupils: list[Pupil]) -> None:
    page = office.post(address(pupils[0].form), sent({pupils[0]: "eaten"}, 0))
    assert page.status_code == 422
    assert "Choose one of the answers" in page.content.decode()


def test_whole_form_page_asks_for_the_decision(office: Client, morning: datetime) -> None:
    """matrix §0.3: the page leads to the decision, and the operation refuses without one."""
    school = make_school("silent", preset="image-and-conduct")
    with scope(school=school):
        form, person = make_form(school, "5A", year=5), build_user("office", school)
        make_pupil(school, form=form)
    client = Client()
    client.force_login(person, backend="core.people.backends.PeopleBackend")
    html = client.get(f"/silent/devices/forms/{form.pk}/").content.decode()
    assert '/silent/devices/arrivals/decision/"' in html


def test_whole_form_pages_cost_the_same_for_one_and_for_many(office: Client, pupils: list[Pupil]) -> None:
    """speed"""
    form = make_form(pupils[0].school, "8C", year=8)
    make_pupil(form.school, form=form)
    office.get(address(form))
    costs = []
    for group in (form, pupils[0].form):
        with CaptureQueriesContext(connection) as captured:
            office.get(address(group))
        costs.append(len(captured))
    assert costs[0] == costs[1]
    with CaptureQueriesContext(connection) as few:
        office.get(FORMS)
    for name in ("9A", "9B"):
        make_pupil(form.school, form=make_form(form.school, name, year=9))
    with CaptureQueriesContext(connection) as many:
        office.get(FORMS)
    assert len(few) == len(many)


def test_whole_form_page_of_the_neighbour_is_not_there(office: Client, other_school: Any) -> None:
    """ORG-10"""
    with scope(school=other_school):
        form = make_form(other_school, "8B", year=8)
    assert office.get(address(form)).status_code == 404
    assert office.post(address(form), sent({}, 0)).status_code == 404


def test_whole_form_page_of_an_unknown_form_after_recording_is_ignored(office: Client, pupils: list[Pupil]) -> None:
    assert office.get(f"{FORMS}?after=7777").status_code == 200
    assert office.get(f"{FORMS}?after=x").status_code == 200


# --- the paper twin -------------------------------------------------------------------------------------------------


def test_paper_form_records_the_moment_on_the_paper(office: Client, pupils: list[Pupil], at: datetime) -> None:
    """DEV-04: a power cut costs typing, not records; the events say when it was, and when it was written down."""
    friday = at - timedelta(days=3)
    said = dict(zip(pupils, ("in", "absent", "in", "no_device"), strict=True))
    page = office.post(
        address(pupils[0].form, "paper/"), sent(said, 2, day=f"{friday:%Y-%m-%d}", time="08:47"), follow=True
    )
    assert "8B of 20 November 2026, 8:47am, is recorded." in page.content.decode()
    moment = friday.replace(hour=8, minute=47)
    for stay in CustodyRecord.objects.all():
        assert (stay.day, stay.opened_at) == (friday.date(), moment)
        assert stay.flags == [Flag.COUNTED, Flag.FROM_PAPER]
        assert set(stay.events.values_list("at", "recorded_at")) == {(moment, at)}
    mark = DayMark.objects.get()
    assert (mark.day, mark.source, mark.marked_at) == (friday.date(), MarkSource.PAPER, moment)
    assert NoDeviceDeclaration.objects.get().day == friday.date()
    entry = Entry.objects.get(action="devices.hand_in_form")
    assert (entry.at, entry.detail["day"]) == (at, "2026-11-20")


def test_paper_form_late_is_judged_by_the_paper(office: Client, pupils: list[Pupil], at: datetime) -> None:
    """ORG-16: typed in after the cut-off, handed in before it."""
    with time_machine.travel(at.replace(hour=11), tick=False):
        office.post(address(pupils[0].form, "paper/"), sent({pupils[0]: "in"}, 1, day=f"{at:%Y-%m-%d}", time="08:40"))
    assert Flag.LATE not in CustodyRecord.objects.get().flags


@pytest.mark.parametrize(
    ("day", "time", "told"),
    [
        ("2026-11-23", "08:31", "still to come"),
        ("2026-11-24", "08:00", "still to come"),
        ("2026-11-22", "08:00", "not a school day"),
        ("2026-11-06", "08:00", "more than 14 days ago"),
        ("2026-11-20", "", "Enter the time on the paper"),
        ("yesterday", "08:00", "valid date"),
        ("2026-11-20", "8 o’clock", "Enter a time"),
    ],
)
def test_paper_form_refuses_other_days_and_times(
    office: Client, pupils: list[Pupil], day: str, time: str, told: str
) -> None:
    page = office.post(address(pupils[0].form, "paper/"), sent({pupils[0]: "in"}, 1, day=day, time=time))
    assert page.status_code == 422
    assert told in page.content.decode()
    assert chosen(page.content.decode())[pupils[0].pk] == "in"
    assert not CustodyRecord.objects.exists()


def test_paper_form_count_must_match_too(office: Client, pupils: list[Pupil]) -> None:
    """law PH-9"""
    page = office.post(address(pupils[0].form, "paper/"), sent({pupils[0]: "in"}, 2, day="2026-11-20", time="08:47"))
    assert page.status_code == 422
    assert not CustodyRecord.objects.exists()


def test_paper_form_shows_the_day_asked_for(office: Client, pupils: list[Pupil]) -> None:
    html = office.get(address(pupils[0].form, "paper/?day=2026-11-20")).content.decode()
    assert "Fri 20 Nov" in html
    html = office.get(address(pupils[0].form, "paper/?day=2026-12-20")).content.decode()
    assert "This day is still to come." in html
