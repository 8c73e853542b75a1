"""What a record is handled under, what monitoring finds, exams and placements: each goes its own road."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import MarkKind
from devices.models import PupilDevice
from devices.operations import add_device, mark_day, seed_device_types
from devices.queries import may_use_now
from incidents import operations, queries
from incidents.enums import ImagePlace, ImageTaskKind, IncidentType, PersonKind, Route, Track
from incidents.guidance import EXAM_BEFORE, EXAM_PERMISSION
from incidents.models import Incident
from incidents.operations import Classing, Named, Said, images
from incidents.operations.systems import NotASystem, OnPlanAlready, PlanSaysWhat, put_on_plan
from incidents.operations.triage import PolicyNotOffered
from incidents.queries.figures import policy_table, readable
from incidents.routing import policies_offered
from policies.models import ImprovementItem
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school
from tests.factories import make_user as person
from tests.factories.cases import make_case
from tests.incidents.test_reporting import offer

Clients = Callable[[User], Client]
T = IncidentType
ALERT = "Searches that go round the filter."


@pytest.fixture
def phone(school: School, pupil: Pupil, at: datetime) -> PupilDevice:
    kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    return add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])


def words(page: Any) -> str:
    return unescape(page.content.decode())


# --- SOC-04: the policies a record is handled under ---


@pytest.mark.parametrize(
    ("preset", "offers"),
    [
        ("group-locked-storage", ("Bullying", "Behaviour", "Child protection")),
        ("primary-by-agreement", ("Bullying", "Allegations against staff", "Behaviour and discipline",
                                  "Home-school agreement", "Staff conduct code", "Acceptable use", "Child protection")),
        ("primary-online-safety", ("Bullying", "Allegations against staff and volunteers", "Behaviour",
                                   "Home-school agreement", "Conduct code", "Acceptable use", "Child protection")),
        ("image-and-conduct", ("Bullying", "Behaviour", "Child protection")),
        ("phone-free-agreement", ("Bullying", "Positive behaviour support", "Safeguarding and child protection")),
    ],
)  # fmt: skip
def test_every_preset_offers_the_policies_that_conduct_online_can_fall_under(
    preset: str, offers: tuple[str, ...]
) -> None:
    """SOC-04: under the name that the school's own list has for it, and each once."""
    offered = policies_offered(preset)
    assert set(offers) <= set(offered)
    assert len(set(offered)) == len(offered)
    for word in ("bullying", "behaviour", "allegation", "home-school", "conduct", "acceptable use", "child protection"):
        assert [title for title in offered if word in title.casefold()], word


@pytest.mark.usefixtures("page_contexts")
def test_triage_routes_a_concern_about_conduct_online_to_several_policies(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """SOC-04: proposed from the type, changed at triage, shown on the record, listed and counted by policy; a record
    may be under several, and none is taken that the list does not name."""
    case = make_case(school, by=teacher_user, at=at, pupil=pupil, type=T.ONLINE_BULLYING, policies=["Bullying"])
    dsl, url = client_for(dsl_user), reverse("incidents:triage", args=[school.slug, case.pk])
    chosen = ["Bullying", "Home-school agreement"]
    given = {"submission": str(uuid4()), "version": case.version, "track": Track.SERIOUS, "policies": chosen}
    assert 'value="Bullying"' in words(dsl.get(url))
    assert dsl.post(url, given | {"policies": ["Something else"]}).status_code == 422
    sent = dsl.post(url, given | {"submission": str(uuid4())})
    assert sent.status_code == 302, sent.context["form"].errors
    case.refresh_from_db()
    assert case.policies == chosen
    assert "Bullying; Home-school agreement" in words(
        dsl.get(reverse("incidents:case-actions", args=[school.slug, case.pk]))
    )
    for _ in range(5):
        make_case(school, by=teacher_user, at=at, pupil=pupil, policies=["Bullying"])
    table = policy_table(readable(dsl_user, school, at.date()), at.date(), at.date())
    assert [(row.label, row.number) for row in table.rows] == [("Bullying", 6), ("Home-school agreement", None)]
    listed = words(dsl.get(f"{reverse('incidents:inbox', args=[school.slug])}?show=all&policy=Home-school+agreement"))
    assert case.reference in listed and listed.count('name="ticked"') == 1
    same: dict[str, Any] = {"school": school, "actor": dsl_user, "at": at, "incident": case}
    operations.triage_case(**same, classing=Classing(track=Track.SERIOUS))
    case.refresh_from_db()
    assert case.policies == chosen, "nothing said leaves what stands"
    with pytest.raises(PolicyNotOffered):
        operations.triage_case(**same, classing=Classing(track=Track.SERIOUS, policies=("Something else",)))


# --- INC-41, FIL-12, FIL-18: what monitoring finds ---


def alert(school: School, by: User, at: datetime, *people: Named) -> Incident:
    if T.MONITORING_ALERT not in queries.offered_types(school):
        offer(school, T.MONITORING_ALERT, at)
    said = Said(type=T.MONITORING_ALERT, happened_at=at, account=ALERT, raised_by="system", told_in_person=False)
    return operations.report_incident(school=school, actor=by, at=at, said=said, people=people)


def test_alert_is_filed_against_a_pupil_a_member_of_staff_or_the_system(
    school: School, pupil: Pupil, teacher_user: User, office_user: User, at: datetime
) -> None:
    """FIL-12, INC-41: about a person it is an incident of that person's road; about the system it is nobody's."""
    about_pupil = alert(school, teacher_user, at, Named(pupil=pupil))
    about_staff = alert(school, teacher_user, at, Named(user=office_user))
    about_system = alert(school, teacher_user, at)
    roads = [Route(case.route) for case in (about_pupil, about_staff, about_system)]
    assert roads == [Route.PUPIL, Route.ALLEGATION, Route.SYSTEM]
    assert about_staff.people.get().kind == PersonKind.STAFF


def test_finding_about_the_system_becomes_an_item_of_the_action_plan_in_one_step(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, make_user: Callable[..., User],
    client_for: Clients, at: datetime,
) -> None:  # fmt: skip
    """INC-41: by the DSL or who leads on filtering, once, in words of its own; a record about somebody never."""
    case = alert(school, teacher_user, at)
    lead = make_user(Role.FILTERING_LEAD)
    client, url = client_for(lead), reverse("incidents:put-on-plan", args=[school.slug, case.pk])
    actions = reverse("incidents:case-actions", args=[school.slug, case.pk])
    assert url in words(client.get(actions))
    assert client_for(teacher_user).get(url).status_code == 404
    given = {"submission": str(uuid4()), "text": "Block proxies by category.", "owner": lead.pk, "due_on": "2026-12-04"}
    assert client.post(url, given | {"text": ""}).status_code == 422
    for _ in range(2):
        assert client.post(url, given)["Location"] == actions
    item = ImprovementItem.objects.get()
    assert (item.list, item.text, item.owner, item.source_key) == ("action_plan", given["text"], lead, case.pk)
    assert ALERT not in item.text
    shown = words(client.get(actions))
    assert "On the action plan: Block proxies by category." in shown and url not in shown
    assert "Block proxies" in words(client.get(reverse("policies:improvements", args=[school.slug])))
    same: dict[str, Any] = {"school": school, "at": at, "text": "Block proxies."}
    with pytest.raises(OnPlanAlready):
        put_on_plan(**same, actor=dsl_user, incident=case)
    with pytest.raises(PlanSaysWhat):
        put_on_plan(**same | {"text": " "}, actor=dsl_user, incident=alert(school, teacher_user, at))
    with pytest.raises(NotASystem):
        put_on_plan(**same, actor=dsl_user, incident=alert(school, teacher_user, at, Named(pupil=pupil)))


def test_two_people_put_a_finding_on_the_plan_at_once_and_it_stands_there_once(
    transactional_db: None, at: datetime
) -> None:
    """INC-41: one item for one record; the second is told."""
    school = make_school()
    people = [person(role, school) for role in (Role.DSL, Role.FILTERING_LEAD)]
    with scope(school=school):
        case = make_case(school, by=people[0], at=at, type=T.MONITORING_ALERT, route=Route.SYSTEM)
    acts = [lambda one=one: put_on_plan(school=school, actor=one, at=at, incident=case, text="So") for one in people]
    found = at_once(school, *acts)
    assert sorted(type(one).__name__ for one in found) == ["ImprovementItem", "OnPlanAlready"]


def test_emergency_block_stands_among_the_filtering_decisions_with_its_restore_time(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, make_user: Callable[..., User],
    client_for: Clients, at: datetime,
) -> None:  # fmt: skip
    """FIL-18, IMG-08: when, by whom, until when; nothing of the record behind it, and not for a teacher."""
    keeper = make_user(Role.SYSTEMS_MANAGER)
    url = reverse("incidents:filtering-blocks", args=[school.slug])
    assert "never blocked" in words(client_for(keeper).get(url))
    made = images.report_image(
        school=school, actor=teacher_user, at=at, place=ImagePlace.SCHOOL_NETWORK, site="Library 3", account="Told.",
        pupils=[pupil], pupils_told="Nobody knows of it",
    )  # fmt: skip
    block = made.image_case.tasks.get(kind=ImageTaskKind.BLOCK_NETWORK)
    same: dict[str, Any] = {"school": school, "actor": keeper, "task": block}
    images.do_task(**same, at=at + timedelta(minutes=9), scope="all_users", scope_reason="Nobody knows who opened it.")
    with time_machine.travel(at + timedelta(days=2), tick=False):
        page = words(client_for(keeper).get(url))
        assert "8:39am" in page and "Not yet" in page and keeper.display_name in page
        images.restore_network(**same, restored_at=at + timedelta(hours=2), at=at + timedelta(hours=2))
        page = words(client_for(dsl_user).get(url))
        assert "10:30am" in page and "Not yet" not in page
        for secret in (made.reference, "Library 3", pupil.display_name, f"/case/{made.pk}/", "image"):
            assert secret not in page.split("<main", 1)[1].split("</main>", 1)[0], secret
        assert client_for(teacher_user).get(url).status_code == 403


# --- JC-1, JC-2, JC-4: exams ---


def test_permission_of_the_day_allows_nothing_in_an_exam(
    school: School, pupil: Pupil, phone: PupilDevice, office_user: User, teacher_user: User, client_for: Clients,
    at: datetime,
) -> None:  # fmt: skip
    """JC-2, JC-4: outside or out of reach before the start; what a candidate needs there is an access arrangement."""
    at = at + timedelta(hours=2)
    offer(school, T.EXAM_POSSESSION, at)
    mark_day(school=school, actor=office_user, at=at, pupil=pupil, kind=MarkKind.PERMITTED, note="Glucose monitor")
    assert may_use_now(school, [pupil], at=at)[pupil.pk].answer == "allowed"
    in_exam = may_use_now(school, [pupil], at=at, part="exam")[pupil.pk]
    assert (in_exam.answer, "exams officer" in in_exam.sentence) == ("ask", True)
    assert may_use_now(school, [make_pupil(school)], at=at, part="exam").popitem()[1].answer == "not_allowed"
    with time_machine.travel(at, tick=False):
        client, url = client_for(teacher_user), reverse("incidents:quick-breach", args=[school.slug, pupil.pk])
        given = {"submission": str(uuid4()), "type": T.EXAM_POSSESSION, "where": "elsewhere", "device": phone.pk}
        refused = client.post(url, given)
        assert refused.status_code == 422
        for page in (words(client.get(url)), words(refused)):
            assert EXAM_BEFORE in page and EXAM_PERMISSION in page
        assert 'notice__title">Allowed' not in words(refused)
        filed = client.post(url, given | {"elsewhere": "Sports hall"})
        assert filed.status_code == 302, "nothing allows it, so nobody has to say that it is a breach all the same"
    case = Incident.objects.get()
    assert (case.type, queries_about(case)) == (T.EXAM_POSSESSION, "")
    with time_machine.travel(at, tick=False):
        officer = person(Role.EXAMS_OFFICER, school)
        page = words(client_for(officer).get(reverse("incidents:exam", args=[school.slug, case.pk])))
    assert EXAM_BEFORE in page
    assert "A permission of the day does not count in an exam" in page
    assert reverse("people:pupil", args=[school.slug, pupil.pk]) in page
    assert "Glucose" not in page


def queries_about(case: Incident) -> str:
    """What stands beside the step of the report."""
    return str(case.events.get(kind="reported").about)


# --- DEV-14, DEV-20: the kinds of breach ---


def test_breach_is_judged_by_the_listed_part_of_the_day(
    school: School, pupil: Pupil, phone: PupilDevice, teacher_user: User, at: datetime
) -> None:
    """DEV-14: “used in a lesson” and “at another time” are two kinds; each part of the day is a setting of the rule."""
    from core.people.calendar import calendar_for
    from core.rules.queries import for_school

    rules = for_school(school, on=at.date())
    listed = {"lessons", "movement", "break", "lunch", "meetings", "interventions", "other"}
    assert rules.rule_day_parts == "unspecified" or set(rules.rule_day_parts) <= listed
    lesson = at + timedelta(hours=1)
    assert calendar_for(school).day_part(lesson) == "lessons"
    for kind in (T.USED_IN_LESSON, T.USED_ELSEWHERE):
        case = operations.record_breach(
            school=school, actor=teacher_user, at=lesson, pupil=pupil, type=kind, where="Classroom", device=phone
        )
        assert (case.type, case.happened_at) == (kind, lesson)


def test_breach_on_a_placement_names_the_provider_and_the_place(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """DEV-20: the same rules away from school; provider and place are asked for, kept and shown on the record."""
    offer(school, T.PLACEMENT, at)
    draft = operations.save_draft(school=school, actor=teacher_user, at=at, add=Named(pupil=pupil))

    def step(name: str, **fields: Any) -> Any:
        url = reverse(f"incidents:report-{name}", args=[school.slug, draft.pk])
        return client.post(url, {"submission": str(uuid4()), **fields})

    with time_machine.travel(at + timedelta(hours=2), tick=False):
        client = client_for(teacher_user)
        url = reverse("incidents:report-kind", args=[school.slug, draft.pk])
        assert client.post(f"{url}?group=device", {"submission": str(uuid4()), "type": T.PLACEMENT}).status_code == 302
        assert "Placement" in words(client.get(reverse("incidents:report-when", args=[school.slug, draft.pk])))
        step("when", on="2026-11-23", time="", place="Workshop", provider="Tidewater Garage")
        assert "Name the provider" in words(client.get(reverse("incidents:report-seen", args=[school.slug, draft.pk])))
        step("seen", raised_by="other", account="The foreman saw it in use.")
        step("done", told="no")
        assert step("check").status_code == 302
    case = Incident.objects.get()
    assert (case.type, case.provider, case.place, case.is_offsite) == (
        T.PLACEMENT,
        "Tidewater Garage",
        "Workshop",
        True,
    )
    shown = words(client_for(dsl_user).get(reverse("incidents:case", args=[school.slug, case.pk])))
    assert "Workshop, Tidewater Garage" in shown and "Out of school" in shown


def test_plan_is_refused_to_who_reads_the_record_and_does_not_lead(
    school: School, teacher_user: User, make_user: Callable[..., User], dsl_user: User, at: datetime
) -> None:
    """INC-41, ORG-10: somebody let in to advise reads it and puts nothing on the plan."""
    from incidents.operations.staff_concerns import give_access

    case = alert(school, teacher_user, at)
    adviser = make_user(Role.TEACHER)
    give_access(school=school, actor=dsl_user, at=at, incident=case, person=adviser, reason="advises")
    with pytest.raises(NotPermitted):
        put_on_plan(school=school, actor=adviser, at=at, incident=case, text="So")
