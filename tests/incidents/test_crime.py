"""A suspected crime: a task for the police, about staff one for the LADO too; done, set aside or chased (INC-33)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from core.rules.presets import all_presets
from devices.enums import HoldReason, State
from devices.operations import add_device, seed_device_types
from devices.operations.taken import hand_to_police, place_hold
from incidents import operations
from incidents.enums import CaseState, IncidentType, PersonKind, Route, TellState, TellWhy, Track
from incidents.models import Incident, IncidentNote, Notification
from incidents.operations.reporting import Named, Said
from incidents.operations.triage import Classing
from incidents.queries import tasks_waiting_for, what_is_missing
from tests.acceptance.conftest import shown
from tests.architecture.test_nothing_leaks import log
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import make_case
from tests.factories.taking import make_taken

__all__ = ["log"]
pytestmark = pytest.mark.django_db
Clients = Callable[[User], Client]
SECRET = "Quernstone words that stand nowhere else"
POLICE = {"officer_name": "PC Marsh", "officer_number": "4411", "station": "Mill Road", "reference": "9/26"}


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(preset: str) -> Iterator[School]:
    school = make_school("fernleigh", preset=preset)
    with scope(school=school):
        yield school


@pytest.fixture
def bel() -> Iterator[School]:
    school = make_school("fernleigh", preset="group-locked-storage")
    with scope(school=school):
        yield school


def report(school: School, at: datetime, about: Any, kind: IncidentType, **said: Any) -> Incident:
    named = Named(user=about) if isinstance(about, User) else Named(pupil=about)
    return operations.report_incident(
        school=school, actor=make_user(Role.TEACHER, school), at=at, people=[named],
        said=Said(type=kind, happened_at=at, account=SECRET, told_in_person=True, **said),
    )  # fmt: skip


def url(school: School, name: str, *args: Any) -> str:
    return reverse(f"incidents:{name}", args=[school.slug, *args])


def keys(case: Incident, at: datetime) -> set[str]:
    return {one.key for one in what_is_missing(case, at.date())}


def test_suspected_crime_on_a_pupils_device_is_a_task_for_the_police(
    place: School, preset: str, at: datetime, client_for: Clients
) -> None:
    """INC-33, NOT-07, CNF-11: DSL and head hear at once; the task has an owner and a time, waits in the inbox and on
    the record, and holds the closing up until it is done or set aside for a reason, kept where the rules are silent."""
    dsl, head = make_user(Role.DSL, place), make_user(Role.HEADTEACHER, place)
    case = report(place, at, make_pupil(place), IncidentType.HARMFUL_CONTENT)
    task = Notification.objects.get(incident=case, why=TellWhy.CRIME)
    assert (task.owner, task.due_at, task.state) == (dsl, at, TellState.NEEDED)
    told = Notice.objects.filter(kind="incidents.outside")
    assert {notice.recipient for notice in told} == {dsl, head}
    assert f"crime-{task.pk}" in keys(case, at)
    with time_machine.travel(at, tick=False):
        browser = client_for(dsl)
        page = url(place, "crime-task", case.pk, task.pk)
        for name, args in (("inbox", ()), ("case-actions", (case.pk,))):
            assert page in browser.get(url(place, name, *args)).content.decode(), name
        assert page in browser.get(f"/{place.slug}/").content.decode()
        assert browser.post(page, {"answer": "not_relevant", "reason": " "}).status_code == 422
        assert browser.post(page, {"answer": "not_relevant", "reason": "Rude, and no crime."}).status_code == 302
        task.refresh_from_db()
        assert (task.state, task.reason) == (TellState.NOT_RELEVANT, "Rude, and no crime.")
        silent = preset == "primary-online-safety"
        assert RecordedDecision.objects.filter(key="police_handover_pupil_device").exists() == silent
        assert f"crime-{task.pk}" not in keys(case, at)
        again = browser.post(url(place, "suspect-crime", case.pk), {"reason": "A second look at what was said."})
        assert again.status_code == 302
        done = {"answer": "sent", "told_whom": "PC Marsh", "told_at": "2026-11-23T08:00", "channel": "phone"}
        assert browser.post(page, done | {"told_whom": ""}).status_code == 422
        assert browser.post(page, done).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.told_by, task.told_whom) == (TellState.SENT, dsl, "PC Marsh")
    assert f"crime-{task.pk}" not in keys(case, at)


def test_suspected_crime_of_staff_asks_for_police_and_lado_at_once(
    place: School, at: datetime, client_for: Clients
) -> None:
    """NOT-08, STA-14, STA-17: head and DSL hear at once, never the subject; two tasks with owner and time, each done
    with the call that is written down, and the record does not close before."""
    dsl, head, subject = (make_user(role, place) for role in (Role.DSL, Role.HEADTEACHER, Role.SLT))
    case = report(place, at, subject, IncidentType.STAFF_CONTENT)
    tasks = {task.body: task for task in Notification.objects.filter(incident=case, why=TellWhy.CRIME)}
    assert set(tasks) == {"Police", "LADO"}
    assert all((task.owner, task.due_at) == (head, at) for task in tasks.values())
    assert set(Notice.objects.filter(url__contains=f"/case/{case.pk}/").values_list("recipient", flat=True)) == {
        dsl.pk, head.pk,
    }  # fmt: skip
    with time_machine.travel(at, tick=False):
        browser, entry = client_for(head), url(place, "outside-entry", case.pk)
        waiting = shown(browser.get(url(place, "inbox")))
        assert "Waits for you" in waiting and waiting.count(f"{case.reference}: ") == 2
        given = {"kinds": ["illegal_content"], "threshold": "yes", "reason": SECRET, "version": case.version,
                 "documents": "The conduct code"}  # fmt: skip
        assert browser.post(url(place, "classify-concern", case.pk), given).status_code == 302
        assert "At once." in shown(browser.get(url(place, "case-actions", case.pk)))
        for body in ("lado", "police"):
            assert f"outside-{body}" in keys(case, at)
            call = {"body": body, "spoken_to": "Duty desk", "on": "2026-11-23", "spoken_at": "08:05", "advice": "Wait."}
            assert browser.post(entry, call).status_code == 302
        stranger = client_for(subject)
        assert stranger.get(url(place, "inbox")).status_code == 200
        assert case.reference not in stranger.get(url(place, "inbox")).content.decode()
    for task in Notification.objects.filter(incident=case):
        assert (task.state, task.told_whom, task.told_by) == (TellState.SENT, "Duty desk", head)
    assert tasks_waiting_for(head, place, at.date()) == []


def test_concern_found_low_level_sets_its_tasks_aside_and_an_allegation_keeps_the_lado(
    bel: School, at: datetime
) -> None:
    """NOT-08, SG-7: what is owed follows the classing; of an allegation alone the LADO by one working day on."""
    head, subject = make_user(Role.HEADTEACHER, bel), make_user(Role.SUPPORT, bel)
    case = report(bel, at, subject, IncidentType.STAFF_CONTENT)
    rows = Notification.objects.filter(incident=case)
    common: dict[str, Any] = {"school": bel, "actor": head, "at": at, "incident": case, "reason": "A meme."}
    operations.classify_concern(**common, kinds=["own_device"], meets_threshold=False)
    assert {row.state for row in rows} == {TellState.NOT_RELEVANT}
    operations.classify_concern(**common, kinds=["harmed"], meets_threshold=True)
    lado = rows.get(state=TellState.NEEDED)
    assert lado.body == "LADO" and lado.due_at.date() == at.date() + timedelta(days=1)
    subjects = list(Notice.objects.filter(kind="incidents.outside").order_by("id").values_list("subject", flat=True))
    assert subjects[-1] == "Somebody outside is to be spoken to by 24 November 2026"


@pytest.mark.parametrize("subject_role", [Role.DSL, Role.HEADTEACHER])
def test_whom_a_record_is_about_is_neither_told_nor_its_tasks_owner(
    bel: School, at: datetime, subject_role: Role
) -> None:
    """STA-17, NOT-08: of a DSL the head hears; of the head the chair and the group's head of safeguarding alone."""
    people = {role: make_user(role, bel) for role in (Role.DSL, Role.HEADTEACHER, Role.CHAIR)}
    case = report(bel, at, people[subject_role], IncidentType.STAFF_CONTENT)
    told = {notice.recipient for notice in Notice.objects.filter(url__contains=f"/case/{case.pk}/")}
    expected = people[Role.CHAIR if subject_role == Role.HEADTEACHER else Role.HEADTEACHER]
    assert told == {expected}
    assert {task.owner for task in Notification.objects.filter(incident=case)} == {expected}


def test_device_that_goes_to_the_police_does_the_task(bel: School, at: datetime) -> None:
    """INC-33, CNF-11: the handover at the desk is the task done, with officer, time and reference; a device that was
    with the police already opens none that is still to do."""
    dsl, office = make_user(Role.DSL, bel), make_user(Role.SLT, bel)
    pupil, kinds = make_pupil(bel), {kind.key: kind for kind in seed_device_types(school=bel, actor=None, at=at)}
    phone = add_device(school=bel, actor=None, at=at, pupil=pupil, type=kinds["phone"])
    stay = make_taken(pupil, phone, by=office, at=at, state=State.EVIDENCE_HOLD, reason=HoldReason.CRIME)
    case = report(bel, at, pupil, IncidentType.ABUSIVE_MESSAGE, custody=stay, device=stay.device)
    task = Notification.objects.get(incident=case)
    given = POLICE | {"items": "A phone", "condition": "Locked"}
    handover = hand_to_police(school=bel, actor=office, at=at + timedelta(hours=1), custody=stay, **given)
    task.refresh_from_db()
    assert (task.state, task.told_whom, task.told_at, task.reference) == (
        TellState.SENT, "PC Marsh", handover.handed_at, "9/26",
    )  # fmt: skip
    assert case.events.last().about == task.body
    later = report(bel, at + timedelta(hours=2), pupil, IncidentType.HARMFUL_CONTENT, custody=stay, device=stay.device)
    assert Notification.objects.get(incident=later).state == TellState.SENT
    assert dsl.pk != office.pk


def test_device_held_after_the_report_opens_the_task_once(bel: School, at: datetime) -> None:
    """INC-33, NOT-07: whoever holds a device that a record is about, for what may be a crime, opens the record's task;
    for another reason none, and a record that is closed stays as it is."""
    dsl, office = make_user(Role.DSL, bel), make_user(Role.SLT, bel)
    pupil, kinds = make_pupil(bel), {kind.key: kind for kind in seed_device_types(school=bel, actor=None, at=at)}
    tasks = []
    for reason in (HoldReason.POLICE_ASKED, HoldReason.CRIME):
        phone = add_device(school=bel, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        stay = make_taken(pupil, phone, by=office, at=at)
        case = report(bel, at, pupil, IncidentType.USED_IN_LESSON, custody=stay, device=phone)
        make_case(bel, by=dsl, at=at, pupil=pupil, state=CaseState.CLOSED, custody=stay)
        place_hold(school=bel, actor=office, at=at, custody=stay, reason=reason)
        tasks.append([(task.incident, task.state) for task in Notification.objects.filter(incident__custody=stay)])
    assert tasks == [[], [(case, TellState.NEEDED)]]


def test_suspicion_of_a_person_opens_the_task_once_and_its_words_stay_sealed(
    bel: School, at: datetime, log: io.StringIO
) -> None:
    """INC-33: by whoever leads, with a reason; the same form twice is one task; a teacher who has it cannot."""
    dsl, teacher = make_user(Role.DSL, bel), make_user(Role.TEACHER, bel)
    case = make_case(bel, by=teacher, at=at, pupil=make_pupil(bel), track=Track.LOW_LEVEL, owner=teacher)
    common: dict[str, Any] = {"school": bel, "actor": dsl, "at": at, "incident": case}
    with pytest.raises(operations.SuspicionSaysWhy):
        operations.suspect_crime(**common, reason=" ")
    key = uuid4()
    first, second = (operations.suspect_crime(**common, reason=SECRET, submission=key) for _time in range(2))
    assert first == second and IncidentNote.objects.get().text == SECRET
    with pytest.raises(operations.SuspectedAlready):
        operations.suspect_crime(**common, reason=SECRET)
    with pytest.raises(NotPermitted):
        operations.body_not_relevant(school=bel, actor=teacher, at=at, notification=first, reason="Nothing in it.")
    about = " ".join(case.events.values_list("about", flat=True))
    assert SECRET not in log.getvalue() + about + "".join(Notice.objects.values_list("subject", flat=True))
    staff = make_case(bel, by=dsl, at=at, staff=teacher)
    head = make_user(Role.HEADTEACHER, bel)
    with pytest.raises(operations.NotOfAPupil):
        operations.suspect_crime(school=bel, actor=head, at=at, incident=staff, reason=SECRET)


def test_open_task_goes_with_the_record_to_its_owner_and_into_the_one_it_is_joined_to(
    bel: School, at: datetime
) -> None:
    """INC-33: nothing is lost by giving a record to another or by joining it."""
    dsl, deputy, pupil = make_user(Role.DSL, bel), make_user(Role.DEPUTY_DSL, bel), make_pupil(bel)
    case = report(bel, at, pupil, IncidentType.HARMFUL_CONTENT)
    other = make_case(bel, by=dsl, at=at, pupil=pupil)
    common: dict[str, Any] = {"school": bel, "actor": dsl, "at": at, "incident": case}
    operations.acknowledge_case(**common)
    operations.assign_case(**common, owner=deputy)
    assert Notification.objects.get(incident=case).owner == deputy
    assert [row.incident for row in tasks_waiting_for(deputy, bel, at.date())] == [case]
    operations.merge_case(**common, into=other)
    assert Notification.objects.get(incident=case).state == TellState.NOT_RELEVANT
    assert Notification.objects.get(incident=other).state == TellState.NEEDED
    assert other.state != CaseState.CLOSED


def test_open_tasks_are_chased_on_working_days_once_a_day_and_then_all_leaders_hear(bel: School, at: datetime) -> None:
    """INC-33, NOT-07: its owner the same day, from the next day everybody who leads; on no bank holiday or weekend."""
    dsl, head = make_user(Role.DSL, bel), make_user(Role.HEADTEACHER, bel)
    case = report(bel, at, make_pupil(bel), IncidentType.HARMFUL_CONTENT)

    def chased(moment: datetime) -> list[User]:
        before = set(Notice.objects.values_list("pk", flat=True))
        operations.tell_due(school=bel, at=moment)
        operations.tell_due(school=bel, at=moment + timedelta(hours=1))
        new = Notice.objects.filter(kind="incidents.task_due").exclude(pk__in=before)
        return [notice.recipient for notice in new.order_by("recipient")]

    assert chased(at) == [dsl]
    assert chased(at + timedelta(days=5)) == []  # a Saturday
    assert chased(datetime(2026, 12, 28, 9, tzinfo=at.tzinfo)) == []  # Boxing Day, kept on the Monday
    assert chased(datetime(2026, 12, 29, 9, tzinfo=at.tzinfo)) == [dsl, head]
    task = Notification.objects.get(incident=case)
    operations.tell_body(school=bel, actor=dsl, at=at, notification=task, told_whom="PC Marsh", channel="phone")
    assert chased(datetime(2026, 12, 30, 9, tzinfo=at.tzinfo)) == []


@pytest.mark.parametrize("kind", [IncidentType.USED_IN_LESSON, IncidentType.STAFF_OWN_DEVICE, IncidentType.VISITOR])
def test_other_reports_open_no_task(bel: School, at: datetime, kind: IncidentType) -> None:
    """INC-33, A-55: nothing is suspected by itself but what the type or the hold says; no LADO for pupils' acts."""
    people = {
        IncidentType.USED_IN_LESSON: Named(pupil=make_pupil(bel)),
        IncidentType.STAFF_OWN_DEVICE: Named(user=make_user(Role.SUPPORT, bel)),
        IncidentType.VISITOR: Named(kind=PersonKind.VISITOR, name="A fitter"),
    }
    case = operations.report_incident(
        school=bel, actor=make_user(Role.TEACHER, bel), at=at, people=[people[kind]],
        said=Said(type=kind, happened_at=at, account="Seen.", told_in_person=True),
    )  # fmt: skip
    assert case.route in Route.values and not Notification.objects.exists()
    assert Classing().is_serious is False


def test_lists_of_tasks_cost_the_same_at_one_and_at_three(bel: School, at: datetime, client_for: Clients) -> None:
    """Speed: the inbox and the home page ask no more statements for three tasks than for one."""
    dsl, pupil = make_user(Role.DSL, bel), make_pupil(bel)

    def cost(path: str) -> int:
        browser = client_for(dsl)
        browser.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(path).content.decode().count(": Police, about the device") >= len(waiting())
        return len(seen)

    def waiting() -> list[Notification]:
        return tasks_waiting_for(dsl, bel, at.date())

    with time_machine.travel(at, tick=False):
        costs = []
        for _time in range(3):
            report(bel, at, pupil, IncidentType.HARMFUL_CONTENT)
            costs.append([cost(url(bel, "inbox")), cost(f"/{bel.slug}/")])
    assert len(waiting()) == 3
    assert all(three <= one for one, three in zip(costs[0], costs[2], strict=True)), costs
