"""Who is not seen yet, and telling tutors and the office: by itself once a day, again by hand (DEV-10, NOT-01)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from core.notices.models import Notice, OutboxEmail
from core.notices.operations import set_preferences
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Role
from devices.enums import MarkKind
from devices.models import ChaseList, PupilDevice
from devices.operations import (
    add_device,
    add_place,
    chase_is_due,
    hand_in_device,
    mark_day,
    record_absences,
    seed_device_types,
    send_chase,
)
from devices.queries import chase_for
from devices.tasks import send_chase_lists
from tests.factories import give_role, make_form, make_pupil, make_school, make_user

CHASE = "/harbour-view/devices/chase/"
PHONES = frozenset({"phone"})


@pytest.fixture
def later(at: datetime) -> datetime:
    """9:06am: the cut-off was at 9."""
    return at.replace(hour=9, minute=6)


@pytest.fixture
def tutor(school: School, form_group: FormGroup) -> User:
    """8B's tutor."""
    user = make_user(Role.FORM_TUTOR, school)
    form_group.tutor = user
    form_group.save()
    return user


@pytest.fixture
def three_forms(phone: PupilDevice, types: Any, tutor: User, at: datetime) -> dict[str, Pupil]:
    """8B with a tutor by the form, 9C with one by role, 9D with none; in each somebody with a phone."""
    school, found = phone.school, {"8B": phone.pupil}
    for name in ("9C", "9D"):
        form = make_form(school, name, year=9)
        found[name] = make_pupil(school, "Lena", f"Marsh{name}", form=form)
        add_device(school=school, actor=None, at=at, pupil=found[name], type=types["phone"])
    give_role(make_user(Role.FORM_TUTOR, school), school, Role.FORM_TUTOR, form=found["9C"].form)
    return found


def test_chase_lists_who_is_not_seen_by_form_with_tutor(
    three_forms: dict[str, Pupil], tutor: User, office_user: User, at: datetime
) -> None:
    """DEV-10, NOT-01: expected, less in, none, permitted and absent; refused apart; each form with its tutor."""
    school = tutor_school = three_forms["8B"].school
    chase = chase_for(school, at.date(), handin_types=PHONES)
    assert [form.name for form in chase.forms] == ["8B", "9C", "9D"]
    assert [len(form.tutors) for form in chase.forms] == [1, 1, 0]
    mark_day(school=tutor_school, actor=office_user, at=at, pupil=three_forms["8B"], kind=MarkKind.REFUSED)
    mark_day(school=school, actor=office_user, at=at, pupil=three_forms["9C"], kind=MarkKind.PERMITTED)
    record_absences(school=school, actor=office_user, at=at, pupils=[three_forms["9D"]])
    chase = chase_for(school, at.date(), handin_types=PHONES)
    assert (chase.not_seen, chase.refused) == (0, 1)
    assert [row.pupil for form in chase.forms for row in form.refused] == [three_forms["8B"]]


def test_send_chase_tells_each_tutor_of_the_own_form_and_the_office_of_all(
    three_forms: dict[str, Pupil], tutor: User, office_user: User, later: datetime
) -> None:
    """NOT-01: a count, a form and a link; nobody is named anywhere, and the form without a tutor goes to the office."""
    school = three_forms["8B"].school
    set_preferences(school=school, actor=tutor, at=later, delivery="at_once")
    sent = send_chase(school=school, actor=None, at=later)
    assert sent.pupil_ids == [pupil.pk for pupil in three_forms.values()]
    assert (sent.number, sent.sent_by, sent.figures["not_seen"]) == (1, None, 3)
    told = Notice.objects.get(recipient=tutor)
    assert told.subject == "1 pupil of 8B not seen yet at the device desk"
    assert told.url == f"{CHASE}?form={three_forms['8B'].form_id}"
    office = Notice.objects.get(recipient=office_user)
    assert office.subject == "3 pupils not seen yet at the device desk"
    assert "The tutors of 2 forms have been told." in office.body
    assert office.body.endswith("Without a tutor, so for you to ask: 9D.")
    assert Notice.objects.count() == 3
    mails = [f"{mail.subject} {mail.text}" for mail in OutboxEmail.objects.all()]
    said = " ".join([*mails, *(f"{one.subject} {one.body} {one.url}" for one in Notice.objects.all())]).lower()
    assert mails
    for name in ("amara", "kovacs", "lena", "marsh", "offence", "offender", "breach", "fail"):
        assert name not in said


def test_send_chase_by_itself_once_a_day_and_again_when_pressed(
    three_forms: dict[str, Pupil], tutor: User, office_user: User, later: datetime
) -> None:
    """NOT-01: the clock tells once; a person may tell again, and is told of what is so then."""
    school = three_forms["8B"].school
    first = send_chase(school=school, actor=None, at=later)
    assert send_chase(school=school, actor=None, at=later + timedelta(minutes=5)) == first
    assert Notice.objects.filter(recipient=tutor).count() == 1
    key = uuid.uuid4()
    again = send_chase(school=school, actor=office_user, at=later + timedelta(minutes=9), submission=key)
    assert (again.number, again.sent_by) == (2, office_user)
    assert send_chase(school=school, actor=office_user, at=later + timedelta(minutes=9), submission=key) == again
    assert ChaseList.objects.count() == 2
    assert Notice.objects.filter(recipient=tutor).count() == 2


def test_send_chase_nobody_missing_is_on_record_and_tells_nobody(
    phone: PupilDevice, office_user: User, at: datetime, later: datetime
) -> None:
    """Silence must look different from failure."""
    hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    assert send_chase(school=phone.school, actor=None, at=later).figures["not_seen"] == 0
    assert not Notice.objects.exists()


def test_send_chase_needs_the_desk_permission(phone: PupilDevice, governor_user: User, later: datetime) -> None:
    with pytest.raises(NotPermitted):
        send_chase(school=phone.school, actor=governor_user, at=later)


@pytest.mark.parametrize(
    ("preset", "hour", "minute", "day", "due"),
    [
        ("phone-free-agreement", 9, 6, 23, True),
        ("phone-free-agreement", 9, 3, 23, False),
        ("phone-free-agreement", 15, 20, 23, False),
        ("phone-free-agreement", 9, 6, 22, False),
        ("group-locked-storage", 9, 6, 23, True),
        ("primary-by-agreement", 9, 6, 23, True),
    ],
)
def test_chase_goes_out_a_few_minutes_after_the_cutoff_of_a_school_day(
    db: None, at: datetime, preset: str, hour: int, minute: int, day: int, due: bool
) -> None:
    """NOT-01: after the cut-off, on school days, where the rule is that devices are handed in."""
    school = make_school("dawn", preset=preset)
    with scope(school=school):
        assert chase_is_due(school, at.replace(hour=hour, minute=minute, day=day)) is due


def test_chase_is_not_sent_by_itself_where_the_rules_do_not_have_devices_handed_in(db: None, later: datetime) -> None:
    """matrix 0.3: where a rule is not stated nobody is chased by itself."""
    from core.rules.queries import for_school
    from tests.rules.preset_table import SLUGS

    for preset in SLUGS:
        school = make_school(f"dawn-{preset}", preset=preset)
        with scope(school=school):
            wanted = for_school(school, on=later.date()).handin_required == "yes"
            assert chase_is_due(school, later) is wanted, preset


def test_task_tells_each_school_once_however_often_it_runs(
    three_forms: dict[str, Pupil], office_user: User, later: datetime
) -> None:
    with time_machine.travel(later, tick=False):
        assert send_chase_lists() == 1
        assert send_chase_lists() == 0
    assert ChaseList.objects.get().sent_at == later


def test_chase_page_shows_tutors_their_own_forms_first(
    three_forms: dict[str, Pupil], tutor: User, client_for: Callable[[User], Client], later: datetime
) -> None:
    """DEV-10: a tutor sees the own form, the rest behind a link, and no button to tell others."""
    with time_machine.travel(later, tick=False):
        browser = client_for(tutor)
        own = browser.get(CHASE).content.decode()
        every = browser.get(f"{CHASE}?all=1").content.decode()
        one = browser.get(f"{CHASE}?form={three_forms['9D'].form_id}").content.decode()
    assert "Kovacs, Amara" in own
    assert "Marsh9C" not in own
    assert "Marsh9C, Lena" in every
    assert "Marsh9D, Lena" in one
    assert "Marsh9C" not in one
    assert "No tutor named" in one


def test_chase_page_says_who_came_in_since(
    three_forms: dict[str, Pupil], office_user: User, client_for: Callable[[User], Client], later: datetime
) -> None:
    """DEV-10: told at 9:06, in at 9:20, flagged late by the desk; the list says so. In print and as CSV too."""
    school = three_forms["8B"].school
    send_chase(school=school, actor=None, at=later)
    came = later + timedelta(minutes=14)
    stay = hand_in_device(school=school, actor=office_user, at=came, pupil=three_forms["8B"], switched_off=True)
    assert "late" in stay.flags
    with time_machine.travel(came, tick=False):
        browser = client_for(office_user)
        page = browser.get(CHASE).content.decode()
        sheet = browser.get(f"{CHASE}print/?all=1").content.decode()
        text = browser.get(f"{CHASE}?all=1&as=csv").content.decode()
    assert "Tutors were told at 9:06am, by itself." in page
    assert "1 came in since" in page
    assert "Came in since the tutor was told" in sheet
    assert "Came in since, 9:20am" in text
    assert "Not seen yet" in text


def test_tell_tutors_now_button(
    three_forms: dict[str, Pupil], office_user: User, client_for: Callable[[User], Client], later: datetime
) -> None:
    key = str(uuid.uuid4())
    with time_machine.travel(later, tick=False):
        browser = client_for(office_user)
        for _ in range(2):
            done = browser.post(f"{CHASE}tell/", {"submission": key}, follow=True)
    assert "Tell tutors again" in done.content.decode()
    assert ChaseList.objects.get().sent_by == office_user


@pytest.fixture
def morning() -> Iterator[tuple[School, User]]:
    """A committed school with somebody to look for, and its office."""
    school = make_school("harbour-view")
    with scope(school=school):
        form = make_form(school, tutor=make_user(Role.FORM_TUTOR, school))
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=timezone.now())}
        add_place(
            school=school, actor=None, at=timezone.now(), name="Safe", kind="safe", lockable=True, purpose="daily",
            slots=4,
        )  # fmt: skip
        for _ in range(2):
            pupil = make_pupil(school, form=form)
            add_device(school=school, actor=None, at=timezone.now(), pupil=pupil, type=types["phone"])
        yield school, make_user("office", school)


@pytest.mark.django_db(transaction=True)
def test_send_chase_many_at_once_number_each_list_once(morning: tuple[School, User], later: datetime) -> None:
    """devices_chaselist_number_unique, by several writers: the clock's is one, each person's has its own number."""
    school, office = morning
    actors = [None, None, office, office]
    gate, results = threading.Barrier(len(actors)), []

    def run(actor: User | None) -> None:
        try:
            with scope(school=school):
                gate.wait()
                results.append(send_chase(school=school, actor=actor, at=later))
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not [result for result in results if isinstance(result, Exception)], results
    with scope(school=school):
        numbers = sorted(ChaseList.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert ChaseList.objects.filter(sent_by=office).count() == 2
        assert ChaseList.objects.filter(sent_by=None).count() <= 1


@pytest.mark.real_clock
@pytest.mark.django_db(transaction=True)
def test_chase_is_sent_by_a_real_worker(
    morning: tuple[School, User], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """NOT-01: the bell, a real broker, a real worker, and the list is on record and in the tutor's inbox, once."""
    import importlib

    from core.people.models import CalendarDay, DayTime

    school, _ = morning
    today = timezone.localdate()
    with scope(school=school):  # today is a school day, whatever hour it is: the worker has a clock of its own
        CalendarDay.objects.create(school=school, date=today, kind="school")
        for key, moment in (("cutoff", time_of_day(0)), ("end_of_day", time_of_day(23, 59, 59))):
            DayTime.objects.create(school=school, key=key, weekday=None, effective_from=today, time=moment)
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "script" / "lib"))
    services = importlib.import_module("services")
    folder = services.temporary_folder()
    valkey = services.Valkey(folder, log=folder / "log").start()
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}",
        "REDIS_URL": valkey.url,
        "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test",
    }
    celery, log = [sys.executable, "-m", "celery", "--app", "schoolsafe"], tmp_path / "worker.log"
    how: dict[str, Any] = {"cwd": settings.BASE_DIR, "env": environment}
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [*celery, "worker", "--pool", "solo", "--without-gossip", "--without-mingle"],
            stdout=out, stderr=out, start_new_session=True, **how,
        )  # fmt: skip
    try:
        for _ in range(2):  # rung twice, told once
            subprocess.run([*celery, "call", "devices.tasks.send_chase_lists"], check=True, capture_output=True, **how)
        until, lists = time.monotonic() + 40, 0
        with scope(school=school):
            while time.monotonic() < until and not lists:
                time.sleep(0.2)
                lists = ChaseList.objects.count()
            time.sleep(1)
            assert ChaseList.objects.count() == 1, log.read_text()
            assert Notice.objects.filter(kind="devices.chase").count() == 2
    finally:
        worker.terminate()
        worker.wait(20)
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)
