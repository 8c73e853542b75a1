"""The demonstration as it is installed: made once for this module, in a transaction that is rolled back."""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from agreements.models import ImageConsent, ImageUse, OwnConsentDecision
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import has
from core.people.calendar import LONDON, Calendar, calendar_for, london_day
from core.people.models import Contact, Membership, OutsideBody, Placement, RoleHolding, School, User
from core.people.queries import dsls_for, holders_of, pupils_on_roll, role_gaps, safeguarding_team, schools_of
from core.people.roles import Permission, Role
from core.roll.queries import imports_of, open_proposals
from core.rules.models import RecordedDecision
from core.rules.queries import UNSPECIFIED, differences_from_preset, for_school, future_changes
from devices.enums import Basis, DeletionState, EventKind, Flag, NoticeAbout, SearchState, State
from devices.judgement import handin_duty, judge_use
from devices.models import (
    BringAgreement,
    Confiscation,
    CustodyEvent,
    CustodyRecord,
    DeletionRecord,
    IssuedDocument,
    NoDeviceDeclaration,
    ParentNotice,
    PupilDevice,
    Release,
    ReleaseDecision,
    SearchEvent,
    StoragePlace,
)
from devices.queries import day_totals, device_types, find_at_desk, open_custody, register_for, uncollected
from devices.queries.taken import holds_to_tell_of
from devices.workflow import TAKEN_STATES
from incidents.enums import CaseState
from incidents.models import ImageCase, Incident, IncidentEvent, Notification, StaffConcern, SupportPlan
from schoolsafe.demo.accounts import Account, demo_accounts
from schoolsafe.demo.building import dates_around
from schoolsafe.demo.history import SCHOOL_DAYS
from schoolsafe.demo.schools import (
    ASHGROVE,
    BARLEY_LANE,
    PASSWORD,
    PHONE_FREE_FROM,
    ROCHFORD_VALE,
    RUSHMERE,
    SCHOOLS,
    SHARED_PERSON,
    UNITY,
    DemoSchool,
)
from tests.conftest import AT
from tests.factories import make_school

pytestmark = pytest.mark.django_db  # each test in a savepoint of its own, inside the transaction that holds them all

BACKEND = "core.people.backends.PeopleBackend"


def run(command: str) -> str:
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The five schools, made as `script/run` makes them; what the command said."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(AT, tick=True):
            said = run("make_demo")
        yield said
        transaction.set_rollback(True)


def handed_in(school: School) -> QuerySet[CustodyRecord]:
    """Stays that began with a hand-in by arrangement, whatever came of them."""
    came = CustodyEvent.objects.filter(custody=OuterRef("pk"), kind=EventKind.HAND_IN)
    found: QuerySet[CustodyRecord] = CustodyRecord.objects.filter(Exists(came), school=school)
    return found


@pytest.fixture(params=SCHOOLS, ids=lambda plan: plan.key)
def plan(request: pytest.FixtureRequest, demo: str) -> DemoSchool:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def school(plan: DemoSchool) -> Iterator[School]:
    with scope(school=found(plan)):
        yield found(plan)


@pytest.fixture
def today(demo: str) -> Any:
    return timezone.localdate()


def found(plan: DemoSchool) -> School:
    return School.objects.get(name=plan.name)


def days_of(school: School) -> list[Any]:
    return calendar_for(school).last_school_days(timezone.localdate(), SCHOOL_DAYS)[::-1]


def client_of(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email), backend=BACKEND)
    return client


def rows_of_all_tables() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
            counts[model._meta.label] = cursor.fetchone()[0]
    return counts


# --- The schools, their people, their rules ---------------------------------------------------------------------------


def test_make_demo_once_makes_a_school_for_each_preset(demo: str) -> None:
    """ORG-15: five presets, five schools side by side."""
    assert "5 demonstration schools made" in demo
    assert {school.preset for school in School.objects.all()} == {plan.preset for plan in SCHOOLS}
    assert School.objects.filter(set_up_at__isnull=False).count() == 5


def test_make_demo_again_changes_nothing(demo: str) -> None:
    """A second start of `script/run` loses nothing and costs nothing."""
    before, begun = rows_of_all_tables(), time.monotonic()
    assert "there already" in run("make_demo")
    assert time.monotonic() - begun < 1
    assert rows_of_all_tables() == before


def test_make_demo_beside_a_real_school_is_refused(demo: str) -> None:
    """The demonstration is never mixed with a school's own data."""
    school = found(UNITY)
    school.set_up_at = None
    school.save()
    make_school("real-one", name="A School Of Its Own", preset="")
    with pytest.raises(CommandError, match="schools of its own"):
        run("make_demo")


@pytest.mark.parametrize("command", ["make_demo", "demo_accounts"])
def test_demo_commands_in_a_real_installation_are_refused(command: str) -> None:
    with override_settings(DEMONSTRATION=False), pytest.raises(CommandError, match="not part of this installation"):
        run(command)


def test_profile_says_who_the_school_is(plan: DemoSchool, school: School) -> None:
    """ORG-01: headings and documents have something to read."""
    assert school.phases
    assert school.safeguarding_partnership
    assert school.address.count("ZZ99") == 1  # a postcode that is not issued
    assert OutsideBody.objects.filter(school=school).count() >= 7


def test_every_role_has_an_account_that_opens_its_home_page(plan: DemoSchool, school: School) -> None:
    """ORG-05: an account for each role in each school, all with the password that is printed."""
    accounts = [account for account in demo_accounts() if account.school == plan.name]
    assert {account.role for account in accounts} == set(Role)
    for account in accounts:
        user = User.objects.get(email=account.email)
        assert user.check_password(PASSWORD)
        assert account.role in {Role(holding.role) for holding in RoleHolding.objects.filter(user=user)}
    for email in {account.email for account in accounts}:
        response = client_of(email).get(reverse("overview:home", args=[school.slug]))
        assert response.status_code == 200, email


def test_an_account_signs_in_with_the_printed_password(demo: str) -> None:
    """ORG-20: what the table prints is what the sign-in page takes."""
    client = Client()
    client.post(reverse("account_login"), {"login": ASHGROVE.email("office"), "password": PASSWORD})
    assert "_auth_user_id" in client.session


def test_demo_accounts_prints_school_role_name_email_and_password(demo: str) -> None:
    printed = run("demo_accounts")
    lines = [line for line in printed.splitlines() if line.strip()]
    assert lines[0].split() == ["School", "Role", "Name", "Email", "Password"]
    assert len(lines) == 2 + len(demo_accounts())
    office = next(line for line in lines if ASHGROVE.email("office") in line)
    assert re.split(r"\s{2,}", office) == [
        "Ashgrove Academy", "Office staff", "Max Müller", ASHGROVE.email("office"), PASSWORD,
    ]  # fmt: skip
    assert len(PASSWORD) >= 12


def test_posts_that_must_be_held_are_held(school: School) -> None:
    """ORG-02, ORG-21: a DSL, a head, an office, and a named holder of online safety."""
    assert role_gaps(school) == []


def test_dsls_of_the_first_school_are_tied_to_phases(demo: str) -> None:
    """ORG-02, ORG-03: one DSL for primary, one for secondary, and a deputy."""
    school = found(ASHGROVE)
    with scope(school=school):
        assert [user.email for user in dsls_for(school, "primary")] == [ASHGROVE.email("dsl.primary")]
        assert [user.email for user in dsls_for(school, "secondary")] == [ASHGROVE.email("dsl.secondary")]
        assert any(role == Role.DEPUTY_DSL for _user, role, _phase in safeguarding_team(school))


def test_second_school_has_two_lead_governors(demo: str) -> None:
    """ORG-04."""
    school = found(BARLEY_LANE)
    with scope(school=school):
        assert holders_of(school, Role.SAFEGUARDING_GOVERNOR).count() == 2


def test_one_person_works_at_two_schools_and_can_switch(demo: str) -> None:
    """ORG-05: the switcher has something to switch."""
    shared = User.objects.get(email=SHARED_PERSON)
    assert [school.name for school in schools_of(shared)] == [BARLEY_LANE.name, RUSHMERE.name]
    for school in schools_of(shared):
        assert has(shared, Permission.LOG_CUSTODY, school)


def test_rolls_came_in_by_the_import_with_nobody_left_out(plan: DemoSchool, school: School) -> None:
    """ORG-24: every pupil of the sample roll, and every form with its tutor."""
    expected = {"ashgrove": 134, "barley-lane": 201, "rushmere": 106, "unity": 522, "rochford-vale": 160}
    assert pupils_on_roll(school).count() == expected[plan.key]
    done = imports_of(school).get()
    assert done.summary["problems"] == 0
    without_code = Membership.objects.filter(school=school, staff_code="").values_list("user__email", flat=True)
    assert list(without_code) == ([SHARED_PERSON] if plan is RUSHMERE else [])
    tutored = RoleHolding.objects.filter(school=school, role=Role.FORM_TUTOR).values_list("form", flat=True)
    assert {pupil.form_id for pupil in pupils_on_roll(school)} == set(tutored)


def test_court_order_notes_wait_for_the_dsl(demo: str) -> None:
    """ORG-13: the import proposes, the DSL decides; one is decided, others wait."""
    school = found(BARLEY_LANE)
    with scope(school=school):
        assert open_proposals(school).count() == 3
        assert Contact.objects.filter(do_not_inform=True, may_collect=False).count() == 1
        entry = Entry.objects.filter(school_id=school.pk, action="roll.answer_do_not_inform").get()
        assert entry.actor_id == User.objects.get(email=BARLEY_LANE.email("dsl")).pk


def test_special_school_has_placements(demo: str) -> None:
    """ORG-12, DEV-20."""
    with scope(school=found(ROCHFORD_VALE)):
        assert Placement.objects.exists()


def test_rules_of_the_special_school_change_on_their_day(demo: str) -> None:
    """ROC-S1, ORG-16: an act before 1 July 2026 is judged by the rules before it."""
    school = found(ROCHFORD_VALE)
    with scope(school=school):
        phone = next(kind for kind in device_types(school) if kind.key == "phone")
        earphones = next(kind for kind in device_types(school) if kind.key == "earphones")
        before, after = (for_school(school, on=PHONE_FREE_FROM - timedelta(days=days)) for days in (1, 0))
        at_break = datetime(2026, 7, 1, 10, 50, tzinfo=LONDON)
        calendar = Calendar(terms=(), days={}, times=calendar_for(school).times)
        assert (before.handin_device_scope, after.handin_device_scope) == ("phones_only", "all_personal_devices")
        assert judge_use(after, calendar, phone, seen_at=at_break).verdict == "breach"
        assert judge_use(after, calendar, earphones, seen_at=at_break).verdict == "breach"
        assert handin_duty(before, earphones) != handin_duty(after, earphones)


def test_one_school_differs_from_its_preset_and_one_has_a_change_to_come(demo: str, today: Any) -> None:
    """ORG-15, NOT-22."""
    school = found(ASHGROVE)
    with scope(school=school):
        assert [standing.setting.key for standing in differences_from_preset(school, today)] == ["handin_switched_off"]
    school = found(RUSHMERE)
    with scope(school=school):
        (change,) = future_changes(school, today)
        assert today < change.effective_from <= today + timedelta(days=28)
        assert Entry.objects.filter(school_id=school.pk, action="rules.announce_changes").exists()


# --- The calendar and the history -------------------------------------------------------------------------------------


def test_terms_are_around_today(school: School, today: Any) -> None:
    """ORG-17: today is a school day in term, after fifteen others."""
    calendar = calendar_for(school)
    assert calendar.is_school_day(today)
    assert today - days_of(school)[0] <= timedelta(days=30)
    assert calendar.next_school_day(today, limit=5) is not None


def test_every_day_of_the_history_balances(school: School) -> None:
    """DEV-36: in = returned + still here, each day; all but the last day's one device went home."""
    days = days_of(school)
    for day in days:
        stays = handed_in(school).filter(day=day, voided=False)
        returned = stays.filter(state=State.RETURNED).count()
        totals = day_totals(school, day)
        assert totals.balances
        assert totals.handed_in == stays.count() > 0
        assert totals.returned == returned
        here = stays.filter(closed_at__isnull=True, basis=Basis.HAND_IN).count()
        assert totals.still_here == here == (1 if day == days[-1] else 0)


def test_events_of_every_stay_tell_its_state(school: School) -> None:
    """DEV-33: what a page shows can be derived from the events, and their order is that of the clock."""
    events: dict[int, list[CustodyEvent]] = {}
    for event in CustodyEvent.objects.filter(school=school).order_by("id"):
        events.setdefault(event.custody_id, []).append(event)
    for stay in CustodyRecord.objects.filter(school=school):
        of_stay = events[stay.pk]
        assert of_stay[0].kind in {EventKind.HAND_IN, EventKind.TAKE, EventKind.HOLD}
        assert of_stay[-1].to_state == stay.state
        assert [event.at for event in of_stay] == sorted(event.at for event in of_stay)
        for earlier, later in pairwise(of_stay):
            assert earlier.to_state == later.from_state


def test_history_has_what_a_real_three_weeks_have(plan: DemoSchool, school: School) -> None:
    """DEV-07 to DEV-12, DEV-33: early returns, late ones, none today, uncollected, corrections."""
    kinds = Counter(CustodyEvent.objects.filter(school=school).values_list("kind", flat=True))
    assert kinds[EventKind.UNCOLLECTED] >= 3
    assert kinds[EventKind.CORRECTION] + kinds[EventKind.NOTE] >= 2
    assert NoDeviceDeclaration.objects.filter(school=school).count() >= 10
    assert CustodyEvent.objects.filter(school=school, kind=EventKind.RETURN, at__time__lt="15:00").exists()
    flags = Counter(flag for stay in handed_in(school).values_list("flags", flat=True) for flag in stay)
    expected = {
        ASHGROVE.key: {Flag.LATE},
        BARLEY_LANE.key: {Flag.LATE, Flag.NO_AGREEMENT},
        RUSHMERE.key: {Flag.LATE, Flag.NO_REASON},
        UNITY.key: {Flag.UNDECIDED},
        ROCHFORD_VALE.key: {Flag.LATE},
    }
    assert set(flags) == expected[plan.key] | {Flag.COUNTED}


def test_no_act_lies_in_the_future(school: School) -> None:
    now = timezone.now()
    assert not CustodyEvent.objects.filter(school=school, at__gt=now).exists()
    assert not Entry.objects.filter(school_id=school.pk, at__gt=now).exists()
    assert not NoDeviceDeclaration.objects.filter(school=school, declared_at__gt=now).exists()


def test_every_act_at_the_desk_is_in_the_record_once(school: School) -> None:
    """ORG-09: as many entries as acts, each by somebody who may; a whole form is one act, which names its stays."""
    done = Counter(Entry.objects.filter(school_id=school.pk).values_list("action", flat=True))
    stays = handed_in(school)
    events = Counter(CustodyEvent.objects.filter(school=school).values_list("kind", flat=True))
    forms = Entry.objects.filter(school_id=school.pk, action="devices.hand_in_form").values_list("detail", flat=True)
    by_form = sum(len(detail["custody"]) for detail in forms)
    none_by_form = sum(detail["counts"]["no_device"] for detail in forms)
    assert by_form > 0
    assert done["devices.hand_in"] + by_form == stays.count() == events[EventKind.HAND_IN]
    back = Entry.objects.filter(school_id=school.pk, action="devices.return_form").values_list("detail", flat=True)
    back_by_form = sum(len(detail["custody"]) for detail in back)  # after school, when the day is that far on
    assert done["devices.return"] + back_by_form == events[EventKind.RETURN]
    declared = NoDeviceDeclaration.objects.filter(school=school).count()
    assert done["devices.declare_no_device"] + none_by_form == declared
    for actor in User.objects.filter(pk__in=stays.values("opened_by")):
        assert has(actor, Permission.LOG_CUSTODY, school), actor.email
    takings = Confiscation.objects.filter(school=school)
    for actor in User.objects.filter(pk__in=takings.values("taken_by")):
        assert has(actor, Permission.TAKE_DEVICE, school), actor.email


def test_history_rows_match_the_versions(school: School) -> None:
    """ORG-09: simple-history has a row for each version of each stay."""
    versions = sum(CustodyRecord.objects.filter(school=school).values_list("version", flat=True))
    assert CustodyRecord.history.filter(school=school).count() == versions


def test_today_is_under_way(school: School, today: Any) -> None:
    """Some are in, some said none, some were not seen: the desk is alive, whenever it is looked at."""
    totals = day_totals(school, today)
    assert totals.handed_in >= 8
    assert totals.not_seen >= 1
    assert uncollected(school).filter(day=days_of(school)[-1]).count() == 1


def test_a_device_lies_in_its_slot_and_no_slot_holds_two(school: School) -> None:
    """DEV-06."""
    held = list(open_custody(school))
    lying = [stay.slot_id for stay in held if stay.slot_id]
    assert len(set(lying)) == len(lying)
    assert all(stay.slot_id == stay.device.usual_slot_id for stay in held if stay.basis == Basis.HAND_IN)


# What no school can show yet, and why.
NOWHERE = {
    State.OUT_FOR_ACTIVITY: "nothing lends a device out for a lesson yet",
    State.OUT_FOR_BREAK: "nothing lends a device out for break yet",
}
_PARENTS_ONLY = {
    State.COLLECTED: "the rules do not say that what was not handed in is collected",
    State.RELEASED_TO_PUPIL: "the rules give what was taken to a parent every time",
    SearchState.GROUNDS_STATED: "the rules ask for consent",
}
# What the rules of a preset keep its school from, and why.
BEYOND: dict[str, dict[str, str]] = {
    ASHGROVE.key: _PARENTS_ONLY,
    BARLEY_LANE.key: _PARENTS_ONLY,
    RUSHMERE.key: {State.COLLECTED: _PARENTS_ONLY[State.COLLECTED]},
    UNITY.key: {
        State.COLLECTED: _PARENTS_ONLY[State.COLLECTED],
        State.NOT_HANDED_IN: "the rules do not say that anything is handed in: who has a device has it on site",
    },
    ROCHFORD_VALE.key: {
        SearchState.CONSENT_PENDING: "the rules ask for grounds, not for consent",
        SearchState.ENDED_REFUSED: "the rules ask for grounds, not for consent",
    },
}


def test_every_state_that_the_rules_allow_is_seen(plan: DemoSchool, school: School) -> None:
    """Matrix 4.1 to 4.3: of stays, searches and deletions each state is come to, save those that are named here."""
    reached: set[str] = set()
    for model in (CustodyEvent, SearchEvent):
        for pair in model.objects.filter(school=school).values_list("from_state", "to_state"):
            reached |= set(pair)
    reached |= set(DeletionRecord.history.filter(school=school).values_list("state", flat=True))
    every = {*State.values, *SearchState.values, *DeletionState.values}
    assert every - reached == {*NOWHERE, *BEYOND[plan.key]}


def test_what_stands_now_shows_each_way_a_taken_device_goes(plan: DemoSchool, school: School) -> None:
    """CNF-04, CNF-09 to CNF-13, IM-6: held, with the police, back; released; corrected; withheld; to be decided."""
    states = set(CustodyRecord.objects.filter(school=school, voided=False).values_list("state", flat=True))
    assert {State.EVIDENCE_HOLD, State.WITH_POLICE, State.BACK_FROM_POLICE} <= states
    assert states & {State.CONFISCATED, State.COLLECTED, State.PARENT_COLLECTION}
    assert states & {State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT}
    assert Release.objects.filter(school=school, undone__isnull=False).exists()
    kept = ParentNotice.objects.filter(school=school, withheld_at__isnull=False)
    assert kept.filter(about=NoticeAbout.TAKEN, custody__state__in=TAKEN_STATES).exists()
    assert holds_to_tell_of(school, timezone.now())
    assert IssuedDocument.objects.filter(school=school).exists()


def test_caseload_stands_at_every_stage(plan: DemoSchool, school: School) -> None:
    """Matrix 4.4, 4.5, 4.7: every state is come to, save the debrief where the rules have none."""
    reached = {
        state
        for pair in IncidentEvent.objects.filter(school=school).values_list("from_state", "to_state")
        for state in pair
    }
    none_held = {CaseState.DEBRIEF} if for_school(school, on=timezone.localdate()).debrief_required == "no" else set()
    assert set(CaseState.values) - reached == {CaseState.DISCARDED, *none_held}
    assert Incident.objects.filter(school=school, urgent=True, acknowledged_at__isnull=True).exists()
    assert ImageCase.objects.filter(school=school, police="no_formal_action").exists()
    assert StaffConcern.objects.filter(school=school, meets_threshold=False).exists()
    assert SupportPlan.objects.filter(school=school).exists()
    rules = for_school(school, on=timezone.localdate())
    has_list = UNSPECIFIED not in (rules.serious_outside_list, rules.serious_inside_must)
    assert Notification.objects.filter(school=school).exists() or not has_list


def test_images_have_answers_uses_and_a_withdrawal(plan: DemoSchool, school: School) -> None:
    """CON-01, CON-05: some answered, somebody withdrew; a use is published, another planned; nothing waits loudly."""
    states = set(ImageConsent.objects.filter(school=school).values_list("state", flat=True))
    assert {"given", "refused", "withdrawn"} <= states
    assert set(ImageUse.objects.filter(school=school).values_list("state", flat=True)) == {"published", "planned"}
    assert not Notice.objects.filter(
        school=school, kind="agreements.consent_ended", acknowledged_at__isnull=True
    ).exists()
    asks = for_school(school, on=timezone.localdate()).image_consent_giver != "parent"
    assert OwnConsentDecision.objects.filter(school=school, state="asked").exists() == asks


def test_silent_rules_on_release_are_decided_by_a_person(demo: str) -> None:
    """Matrix 0.3, CNF-04: a hold was lifted, who may have it back was decided with a reason, and it went back."""
    leads = {Role.HEADTEACHER, Role.SLT, Role.DSL}
    with scope(school=found(UNITY)):
        decided = ReleaseDecision.objects.filter(
            custody__state__in=[State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT],
            custody__holds__lifted_at__isnull=False,
        )
        assert decided
        for decision in decided:
            roles = RoleHolding.objects.filter(user=decision.decided_by).values_list("role", flat=True)
            assert decision.reason and leads & set(roles)


# --- Each preset at the desk ------------------------------------------------------------------------------------------

AT_THE_DESK = {
    ASHGROVE.key: ["Takes in phones."],
    BARLEY_LANE.key: [
        "Takes in phones and other personal devices.", "Each is seen switched off.",
        "The headteacher agrees first who brings one.",
    ],
    RUSHMERE.key: ["Takes in phones and other personal devices.", "A reason for bringing one is kept."],
    UNITY.key: ["The rules do not say whether devices are handed in.", "Decided today by"],
    ROCHFORD_VALE.key: ["Takes in phones and other personal devices.", "Each is seen switched off."],
}  # fmt: skip


def test_the_desk_shows_the_rules_of_its_school(plan: DemoSchool, school: School) -> None:
    """Each preset's rules differ to the eye, and no school shows another's."""
    page = client_of(plan.email("office")).get(reverse("devices:arrivals", args=[school.slug])).content.decode()
    said = " ".join(re.search(r'class="desk-terms">(.*?)</ul>', page, re.S)[1].split())  # type: ignore[index]
    for sentence in AT_THE_DESK[plan.key]:
        assert sentence in said
    for sentence in {text for texts in AT_THE_DESK.values() for text in texts} - set(AT_THE_DESK[plan.key]):
        assert sentence not in said


def waiting(school: School, today: Any, **wanted: Any) -> PupilDevice:
    """A device that is to be handed in and was not today, of a pupil of whom nothing is known today."""
    rules = for_school(school, on=today)
    kinds = frozenset(kind.key for kind in device_types(school) if handin_duty(rules, kind) in ("hand_in", "undecided"))
    missing = {row.pupil.pk for row in register_for(school, today, handin_types=kinds) if row.status == "missing"}
    for device in PupilDevice.objects.filter(school=school, pupil__in=missing, **wanted).select_related("type"):
        alone = PupilDevice.objects.filter(pupil=device.pupil_id).count() == 1
        if alone and handin_duty(rules, device.type) in ("hand_in", "undecided"):
            return device
    raise AssertionError("Nobody is waiting.")


def hand_in(plan: DemoSchool, school: School, device: PupilDevice, **fields: str) -> tuple[int, str]:
    """The office scans the pupil's code; the answer of the desk."""
    answer = client_of(plan.email("office")).post(
        reverse("devices:arrivals", args=[school.slug]),
        {"code": device.pupil.code, "submission": "8a6f4f2e-5f0a-4b39-9be1-2f6ad4a0c001", **fields},
        HTTP_HX_REQUEST="true",
    )
    return answer.status_code, answer.content.decode()


def test_the_desk_of_ashgrove_takes_phones_and_leaves_tablets(demo: str, today: Any) -> None:
    """BEL-S1, DEV-38: a phone goes to its slot; other devices are kept secure by the pupil."""
    school = found(ASHGROVE)
    with scope(school=school):
        status, _ = hand_in(ASHGROVE, school, waiting(school, today))
        assert status == 200
        rows = register_for(school, today, handin_types=frozenset({"phone"}))
        assert Counter(row.status for row in rows)["keep_secure"] >= 3


def test_the_desk_of_barley_lane_wants_it_off_and_agreed(demo: str, today: Any) -> None:
    """BAR-S2, DEV-03, DEV-05: not without "switched off"; without the head's agreement it is flagged."""
    school = found(BARLEY_LANE)
    with scope(school=school):
        device = waiting(school, today)
        status, _ = hand_in(BARLEY_LANE, school, device)
        assert status == 422
        status, _ = hand_in(BARLEY_LANE, school, device, switched_off="yes")
        assert status == 200
        stay = CustodyRecord.objects.get(device=device, day=today)
        agreed = BringAgreement.objects.filter(approval__pupil=device.pupil).exists()
        assert (Flag.NO_AGREEMENT in stay.flags) is not agreed
        assert stay.place is not None
        assert stay.place.kind == "safe"


def test_the_desk_of_rushmere_keeps_the_reason(demo: str, today: Any) -> None:
    """RUS-S1, DEV-37: stored without approval; without a reason on record it is flagged."""
    school = found(RUSHMERE)
    with scope(school=school):
        device = waiting(school, today)
        status, _ = hand_in(RUSHMERE, school, device)
        assert status == 200
        assert (Flag.NO_REASON in CustodyRecord.objects.get(device=device, day=today).flags) is not bool(
            device.bring_reason
        )


def test_the_desk_of_unity_rests_on_a_decision(demo: str, today: Any) -> None:
    """UNN-S10, matrix 0.3: silent rules are asked of a person each day, and each stay is marked."""
    school = found(UNITY)
    with scope(school=school):
        decided = RecordedDecision.objects.filter(school=school, key="handin_required")
        assert {london_day(one.decided_at) for one in decided} == {*days_of(school), today}
        status, _ = hand_in(UNITY, school, waiting(school, today))
        assert status == 200


def test_the_desk_of_rochford_vale_takes_everything_switched_off(demo: str, today: Any) -> None:
    """ROC: watches and tablets are handed in as phones are."""
    school = found(ROCHFORD_VALE)
    with scope(school=school):
        device = waiting(school, today)
        assert hand_in(ROCHFORD_VALE, school, device)[0] == 422
        assert hand_in(ROCHFORD_VALE, school, device, switched_off="yes")[0] == 200
        kinds = set(CustodyRecord.objects.filter(school=school).values_list("device__type__key", flat=True))
        assert {"phone", "smartwatch", "tablet"} <= kinds


def test_storage_is_of_the_kind_that_the_rules_name(plan: DemoSchool, school: School, today: Any) -> None:
    """DEV-06, CNF-03: a place for ordinary hand-ins as the rules want it, and others apart for what is to come."""
    kinds = {
        "safe": {"safe"}, "locked_place": {"locked_place"}, "office": {"office"},
        "secure_place": {"secure_place"}, "unspecified": {"secure_place"},
    }  # fmt: skip
    first = StoragePlace.objects.filter(school=school, purpose="daily").order_by("position")[0]
    assert first.kind in kinds[for_school(school, on=today).storage_kind]
    assert {place.purpose for place in StoragePlace.objects.filter(school=school)} == {
        "daily",
        "confiscated",
        "evidence",
    }


def test_a_slot_number_finds_one_slot(school: School, today: Any) -> None:
    """DEV-12: numbers are not used twice in a school."""
    assert find_at_desk(school, "1", on=today).kind == "slot"


# --- Nobody real ------------------------------------------------------------------------------------------------------


def test_no_address_or_number_could_be_somebodys(demo: str) -> None:
    """Addresses end in example.org; telephone numbers are from the ranges kept for fiction."""
    with scopes_disabled():
        emails = [*User.objects.values_list("email", flat=True)]
        emails += [*Contact.objects.exclude(email="").values_list("email", flat=True)]
        emails += [*School.objects.values_list("email", flat=True)]
        numbers = [number for row in Contact.objects.values_list("mobile", "phone") for number in row if number]
        numbers += [*OutsideBody.objects.exclude(phone="").values_list("phone", flat=True)]
        numbers += [*School.objects.values_list("phone", flat=True)]
    assert all(re.search(r"[@.]example\.org$", email) for email in emails)
    assert all(re.fullmatch(r"(07700 900\d{3}|01632 960\d{3})", number) for number in numbers)


def test_accounts_hold_no_usable_password_but_the_printed_one(demo: str) -> None:
    accounts: list[Account] = demo_accounts()
    assert {account.password for account in accounts} == {PASSWORD}
    assert {account.email.split("@")[1] for account in accounts} <= {plan.domain for plan in SCHOOLS}


def test_the_moment_of_making_is_an_argument() -> None:
    """house 4.10: any day will do, so the builder takes the time it is told."""
    dates = dates_around(datetime(2027, 8, 11, 9, 30, tzinfo=UTC))
    assert dates.today.isoformat() == "2027-08-11"
    assert dates.since <= dates.set_up < dates.today - timedelta(days=25)
