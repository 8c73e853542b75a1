"""A device that stays overnight: who decides, with whom, until when, and whether the parents were told (W3, NOT-02)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.access import NotPermitted
from core.people.models import School, User
from core.roll.models import ProposedDoNotInform
from devices.enums import EventKind
from devices.models import CustodyEvent, CustodyRecord, DeskSettings, OvernightDecision, PupilDevice
from devices.operations import (
    AlreadyKept,
    AlreadyTold,
    NoSecondNeeded,
    NotInCustody,
    SecondPersonNeeded,
    ToldWhenWrong,
    UntilNotLater,
    add_device,
    add_place,
    agree_overnight,
    change_desk_settings,
    hand_in_device,
    keep_overnight,
    mark_uncollected,
    record_parent_told,
    return_device,
    seed_device_types,
    tell_uncollected,
    uncollected_is_due,
)
from devices.queries import desk_settings, left_devices
from devices.tasks import mark_uncollected as mark_task
from tests.factories import make_contact, make_pupil, make_school, make_user

TOMORROW = date(2026, 11, 24)


@pytest.fixture
def stay(phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    return hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)


@pytest.fixture
def evening(at: datetime) -> datetime:
    """4:05pm: the office has closed."""
    return at.replace(hour=16, minute=5)


def choose(school: School, user: User, at: datetime, **wished: bool) -> DeskSettings:
    wishes = {"overnight_two_names": False, "tell_parents_uncollected": False} | wished
    now = desk_settings(school)
    return change_desk_settings(school=school, actor=user, at=at, version=now.version if now.pk else 0, **wishes)


def keep(stay: CustodyRecord, user: User, at: datetime, **more: Any) -> OvernightDecision:
    given: dict[str, Any] = {"reason": "The bus left.", "keep_until": TOMORROW} | more
    return keep_overnight(school=stay.school, actor=user, at=at, custody=stay, **given)


def test_keep_overnight_names_who_decided_and_until_when(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    """W3: the decision, the person and the day are on record, and on the device's own chain."""
    key = uuid.uuid4()
    decision = keep(stay, office_user, evening, submission=key)
    assert keep(stay, office_user, evening, submission=key) == decision
    assert (decision.decided_by, decision.day, decision.keep_until) == (office_user, evening.date(), TOMORROW)
    event = CustodyEvent.objects.get(custody=stay, kind=EventKind.KEPT_OVERNIGHT)
    assert event.note == "Kept until 24 November 2026. The bus left."
    (left,) = left_devices(stay.school, evening.date())
    assert left.is_kept


def test_keep_overnight_refusals_say_what_is_wrong(
    stay: CustodyRecord, office_user: User, governor_user: User, evening: datetime
) -> None:
    with pytest.raises(UntilNotLater):
        keep(stay, office_user, evening, keep_until=evening.date())
    with pytest.raises(NotPermitted):
        keep(stay, governor_user, evening)
    keep(stay, office_user, evening)
    with pytest.raises(AlreadyKept, match="decided this at 4:05pm: kept until 24 November 2026"):
        keep(stay, office_user, evening)
    return_device(school=stay.school, actor=office_user, at=evening, custody=stay)
    with pytest.raises(NotInCustody):
        keep(stay, office_user, evening)


def test_keep_overnight_holds_until_the_day_it_goes_back(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    """A decision on Monday until Wednesday covers two nights, and the third wants another."""
    keep(stay, office_user, evening, keep_until=date(2026, 11, 25))
    nights = [left_devices(stay.school, evening.date() + timedelta(days=later))[0].is_kept for later in range(3)]
    assert nights == [True, True, False]


def test_two_names_needs_somebody_else_under_their_own_sign_in(
    stay: CustodyRecord, office_user: User, evening: datetime, make_user: Callable[..., User]
) -> None:
    """market 5.1: where the school wants two names, it counts once another person agrees; the same twice is refused."""
    other = make_user("office")
    choose(stay.school, office_user, evening, overnight_two_names=True)
    decision = keep(stay, office_user, evening)
    assert left_devices(stay.school, evening.date())[0].waits_for_name
    assert [notice.recipient for notice in Notice.objects.all()] == [other]
    assert Notice.objects.get().subject == "1 device kept overnight needs a second name"
    with pytest.raises(SecondPersonNeeded):
        agree_overnight(school=stay.school, actor=office_user, at=evening, decision=decision)
    assert Entry.objects.filter(action="devices.agree_overnight", outcome=Outcome.REFUSED).exists()
    agreed = agree_overnight(school=stay.school, actor=other, at=evening, decision=decision)
    assert (agreed.second_by, agreed.second_at) == (other, evening)
    assert left_devices(stay.school, evening.date())[0].is_kept
    with pytest.raises(NoSecondNeeded):
        agree_overnight(school=stay.school, actor=other, at=evening, decision=decision)


def test_two_names_are_two_people_in_the_database_too(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    """devices_overnight_two_people, devices_overnight_until_later_day"""
    decision = keep(stay, office_user, evening)
    decision.second_by, decision.second_at = office_user, evening
    with pytest.raises(IntegrityError, match="devices_overnight_two_people"), transaction.atomic():
        decision.save()
    decision.refresh_from_db()
    decision.keep_until = decision.day
    with pytest.raises(IntegrityError, match="devices_overnight_until_later_day"), transaction.atomic():
        decision.save()


def test_parent_told_is_written_down_once(stay: CustodyRecord, office_user: User, evening: datetime) -> None:
    """W3: parent told? how, when, by whom."""
    decision = keep(stay, office_user, evening)

    def tell(told_at: datetime) -> OvernightDecision:
        return record_parent_told(
            school=stay.school, actor=office_user, at=evening, decision=decision, how="Rang the mother", told_at=told_at
        )

    for wrong in (evening + timedelta(minutes=1), evening - timedelta(days=1)):
        with pytest.raises(ToldWhenWrong):
            tell(wrong)
    told = tell(evening - timedelta(minutes=3))
    assert (told.parent_told_by, told.parent_told_how) == (office_user, "Rang the mother")
    with pytest.raises(AlreadyTold, match="told 4:02pm"):
        tell(evening)


def test_overnight_pages(
    stay: CustodyRecord,
    office_user: User,
    make_user: Callable[..., User],
    client_for: Callable[[User], Client],
    evening: datetime,
) -> None:
    """W3: the next school day is filled in; whom to ring is shown, and never who must not be informed."""
    make_contact(stay.pupil, "Kovacs", forename="Dana", mobile="01632 960111")
    make_contact(stay.pupil, "Barred", mobile="01632 960222", do_not_inform=True, may_collect=False)
    second = make_user("office")
    choose(stay.school, office_user, evening, overnight_two_names=True)
    with time_machine.travel(evening, tick=False):
        desk, other = client_for(office_user), client_for(second)
        url = f"/harbour-view/devices/custody/{stay.pk}/keep/"
        page = desk.get(url).content.decode()
        assert 'value="2026-11-24"' in page
        assert "01632 960111" in page
        assert "01632 960222" not in page
        assert desk.post(url, {"reason": "", "keep_until": "2026-11-24"}).status_code == 422
        desk.post(url, {"reason": "The bus left.", "keep_until": "2026-11-24"})
        decision = OvernightDecision.objects.get()
        agree = f"/harbour-view/devices/overnight/{decision.pk}/agree/"
        refused = desk.post(agree, {"submission": str(uuid.uuid4())}, follow=True)
        assert "Somebody else must agree" in refused.content.decode()
        assert "Agree as the second person" in other.get("/harbour-view/devices/close/").content.decode()
        other.post(agree, {"submission": str(uuid.uuid4())})
        told = f"/harbour-view/devices/overnight/{decision.pk}/told/"
        assert desk.post(told, {"how": "Rang", "told_at": "2026-11-30T10:00"}).status_code == 422
        desk.post(told, {"how": "Rang the mother", "told_at": "2026-11-23T16:01"})
        page = desk.get("/harbour-view/devices/close/").content.decode()
    decision.refresh_from_db()
    assert decision.second_by == second
    assert "Told 4:01pm: Rang the mother." in page
    assert "Kept by decision" in page


# --- NOT-02 --------------------------------------------------------------------------------------------------------


def test_uncollected_office_is_told_the_same_day_then_each_school_day(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    """NOT-02: at office close, then daily until dealt with; once a day however often the clock rings."""
    school = stay.school
    for later in (0, 0, 1):
        with time_machine.travel(evening + timedelta(days=later), tick=False):
            mark_task()
            mark_task()
    subjects = [notice.subject for notice in Notice.objects.filter(recipient=office_user)]
    assert subjects == ["1 device was not collected"] * 2
    assert not uncollected_is_due(school, evening.replace(hour=15, minute=59))
    assert not uncollected_is_due(school, evening.replace(day=22))
    return_device(school=school, actor=office_user, at=evening + timedelta(days=1, hours=1), custody=stay)
    with time_machine.travel(evening + timedelta(days=2), tick=False):
        mark_task()
    assert Notice.objects.filter(recipient=office_user).count() == 2


def test_uncollected_parents_are_told_only_where_the_school_chose_so(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    """DEV-09, NOT-02: no child's name; never to a barred adult, nor to one whom the DSL may have to bar; at most three
    times for one device, once a day; written down and shown."""
    school = stay.school
    school.phone = "01632 960000"
    school.save()
    for surname, fields in (
        ("Kovacs", {"email": "dana@example.org"}),
        ("Barred", {"email": "barred@example.org", "do_not_inform": True, "may_collect": False}),
        ("Left", {"email": "left@example.org", "ended_on": evening.date()}),
        ("Nomail", {}),
    ):
        make_contact(stay.pupil, surname, **fields)
    doubt = make_contact(stay.pupil, "Doubt", email="doubt@example.org")
    from tests.architecture.records import Records

    ProposedDoNotInform.objects.create(
        school=school, contact=doubt, roll_import=Records(school, evening).make("roll_import"), note="A court order"
    )
    mark_uncollected(school=school, actor=None, at=evening)
    tell_uncollected(school=school, at=evening)
    assert not OutboxEmail.objects.filter(template="uncollected").exists()
    choose(school, office_user, evening, tell_parents_uncollected=True)
    for later in (1, 1, 2, 3, 4):
        tell_uncollected(school=school, at=evening + timedelta(days=later))
    mails = list(OutboxEmail.objects.filter(template="uncollected"))
    assert [mail.address for mail in mails] == ["dana@example.org"] * 3
    for mail in mails:
        said = f"{mail.subject} {mail.text}".lower()
        assert "01632 960000" in said
        assert "amara" not in said
        assert "kovacs" not in said
    (left,) = left_devices(school, evening.date() + timedelta(days=4))
    assert left.told_parents_at == evening + timedelta(days=3)


def test_uncollected_parents_who_were_told_by_hand_get_no_email(
    stay: CustodyRecord, office_user: User, evening: datetime
) -> None:
    school = stay.school
    make_contact(stay.pupil, email="dana@example.org")
    choose(school, office_user, evening, tell_parents_uncollected=True)
    mark_uncollected(school=school, actor=None, at=evening)
    decision = keep(stay, office_user, evening)
    record_parent_told(
        school=school, actor=office_user, at=evening, decision=decision, how="Rang the mother", told_at=evening
    )
    tell_uncollected(school=school, at=evening)
    assert not OutboxEmail.objects.filter(template="uncollected").exists()


def test_uncollected_page_says_when_parents_were_emailed(
    stay: CustodyRecord, office_user: User, client_for: Callable[[User], Client], evening: datetime
) -> None:
    make_contact(stay.pupil, email="dana@example.org")
    choose(stay.school, office_user, evening, tell_parents_uncollected=True)
    with time_machine.travel(evening, tick=False):
        mark_task()
        page = client_for(office_user).get("/harbour-view/devices/uncollected/").content.decode()
    assert 'data-label="Parents emailed">4:05pm' in page


# --- two at once ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_overnight_two_at_once_is_one_decision_and_one_second_name(at: datetime) -> None:
    """devices_overnight_once_a_day, and one second name, by two writers at once."""
    evening, school = at.replace(hour=16), make_school("harbour-view")
    with scope(school=school):
        office, other, third = (make_user("office", school) for _ in range(3))
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=4)
        pupil = make_pupil(school)
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        stay = hand_in_device(school=school, actor=office, at=at, pupil=pupil, switched_off=True)
        choose(school, office, at, overnight_two_names=True)

    def at_once(*acts: Callable[[], Any]) -> list[str]:
        gate, results = threading.Barrier(len(acts)), []

        def run(act: Callable[[], Any]) -> None:
            try:
                with scope(school=school):
                    gate.wait()
                    results.append(act())
            except Exception as error:
                results.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return sorted(type(result).__name__ for result in results)

    assert at_once(*[lambda: keep(stay, office, evening)] * 3) == ["AlreadyKept", "AlreadyKept", "OvernightDecision"]
    with scope(school=school):
        decision = OvernightDecision.objects.get()
    agree = [
        lambda user=user: agree_overnight(school=school, actor=user, at=evening, decision=decision)
        for user in (other, third)
    ]
    assert at_once(*agree) == ["NoSecondNeeded", "OvernightDecision"]
