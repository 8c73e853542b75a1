"""A pupil's chronology: everything in order for those who may read it, and for others neither shown nor counted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import SearchState
from devices.operations import add_device, seed_device_types
from incidents.enums import CaseEventKind, CaseState, Channel, NoteKind, ParentsDecision, Route
from incidents.models import (
    CaseDocument,
    Incident,
    IncidentEvent,
    IncidentNote,
    ParentContact,
    Sanction,
    ThresholdAssessment,
)
from incidents.queries.chronology import EntryKind, chronology_of
from tests.factories import make_contact, make_pupil, make_user
from tests.factories.cases import add_person, make_case
from tests.factories.searching import make_search
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]


def url(pupil: Pupil, asked: str = "") -> str:
    return reverse("incidents:chronology", args=["harbour-view", pupil.pk]) + asked


def words(page: Any) -> str:
    html = page.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html[html.index("<main") :])).split())


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def reporter(school: School) -> User:
    return make_user(Role.TEACHER, school)


def fill(pupil: Pupil, reporter: User, dsl: User, head: User, at: datetime) -> Incident:
    """One entry of each kind."""
    school = pupil.school
    case = make_case(school, by=reporter, at=at, pupil=pupil)
    of = {"school": school, "incident": case, "at": at, "by": dsl}
    note = IncidentNote.objects.create(kind=NoteKind.CASE_NOTE, text="Spoke with the tutor.", **of)
    IncidentNote.objects.create(kind=NoteKind.CORRECTION, text="It was the head of year.", corrects=note, **of)
    ThresholdAssessment.objects.create(level=2, tool="The county’s tool", reason="Two needs.", **of)
    ParentContact.objects.create(
        pupil=pupil, decision=ParentsDecision.TOLD, told_at=at, channel=Channel.PHONE, summary="Agreed a plan.", **of
    )
    IncidentEvent.objects.create(
        kind=CaseEventKind.DECIDED, from_state=CaseState.TRIAGED, to_state=CaseState.ACTION, **of
    )
    for row in (
        Sanction(school=school, incident=case, pupil=pupil, kind="Detention", reason="Third time.",
                 starts_on=london_day(at), decided_at=at, decided_by=dsl),
    ):  # fmt: skip
        row.stamp(by=dsl, at=at)
        row.save()
    kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    phone = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
    make_taken(pupil, phone, by=reporter, at=at)
    make_search(pupil, by=head, at=at, state=SearchState.COMPLETED_NOTHING)
    return case


def test_a_pupils_chronology_tells_it_all_in_order_and_the_look_is_recorded(
    pupil: Pupil, reporter: User, dsl_user: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """W6, SG-3, law SG-2: event and writing apart, corrections beside what they correct, who else can see it."""
    case = fill(pupil, reporter, dsl_user, headteacher_user, at)
    browser = client_for(dsl_user)
    page = browser.get(url(pupil))
    said = words(page)
    for expected in (
        str(case), "Seen at the lockers", "Spoke with the tutor.", "Corrected later", "It was the head of year.",
        "View both", "Level 2 set", "Agreed a plan.", "Decisions recorded", "Detention", "Device taken", "Search",
        f"Restricted: you and {headteacher_user.display_name} can see this",
    ):  # fmt: skip
        assert expected in said, expected
    looked = Entry.objects.get(action="incidents.view_chronology")
    assert (looked.outcome, looked.actor_id, looked.object_id) == (Outcome.VIEWED, dsl_user.pk, pupil.pk)
    only_notes = words(browser.get(url(pupil, "?kinds=note&order=oldest")))
    assert "Spoke with the tutor." in only_notes and "Agreed a plan." not in only_notes
    assert only_notes.index("Spoke with") < only_notes.index("Before the correction")
    assert url(pupil) in browser.get(reverse("people:pupil", args=["harbour-view", pupil.pk])).content.decode()


def test_what_a_reader_may_not_see_is_neither_shown_nor_counted(
    pupil: Pupil, reporter: User, at: datetime, client_for: Clients
) -> None:
    """ORG-10, SG-7: an allegation with the pupil in it does not exist for the deputy."""
    school, day = pupil.school, london_day(at)
    make_case(school, by=reporter, at=at, pupil=pupil)
    hidden = make_case(school, by=reporter, at=at, staff=make_user(Role.SUPPORT, school))
    add_person(hidden, at=at, pupil=pupil)
    low = make_case(school, by=reporter, at=at, staff=make_user(Role.SUPPORT, school), route=Route.LOW_LEVEL_CONCERN)
    add_person(low, at=at, pupil=pupil)
    seen = {Role.HEADTEACHER: 3, Role.DSL: 2, Role.DEPUTY_DSL: 1}
    for role, count in seen.items():
        reader = make_user(role, school)
        assert chronology_of(pupil, reader, day).total == count, role
        said = words(client_for(reader).get(url(pupil)))
        assert f"{count} entr" in said
        assert (str(hidden) in said) == (count > 1) and (str(low) in said) == (count > 2)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.SLT, Role.HEAD_OF_SCHOOL, Role.CHAIR, Role.ADMINISTRATOR])
def test_others_are_refused_and_see_no_link(pupil: Pupil, role: Role, client_for: Clients) -> None:
    """ORG-10: a plain refusal, and the pupil's page does not offer it."""
    browser = client_for(make_user(role, pupil.school))
    assert browser.get(url(pupil)).status_code == 403
    page = browser.get(reverse("people:pupil", args=["harbour-view", pupil.pk]))
    assert "chronology" not in page.content.decode()


def test_nobody_opens_their_own_childs(pupil: Pupil, dsl_user: User, at: datetime, client_for: Clients) -> None:
    """Security 5.2: it does not exist for the parent among the staff, and they are not among its readers."""
    contact = make_contact(pupil, "Winterbourne")
    contact.account = dsl_user
    contact.stamp(by=None, at=at)
    contact.save()
    browser = client_for(dsl_user)
    assert browser.get(url(pupil)).status_code == 404
    assert "chronology" not in browser.get(reverse("people:pupil", args=["harbour-view", pupil.pk])).content.decode()
    other = client_for(make_user(Role.HEADTEACHER, pupil.school)).get(url(pupil))
    assert dsl_user.display_name not in words(other).split("can see this")[0]


def test_a_chronology_costs_the_same_statements_at_two_hundred_entries(
    pupil: Pupil, reporter: User, dsl_user: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """Speed: at most 20 statements, however much is on record; the rest is on the next pages."""
    case = fill(pupil, reporter, dsl_user, headteacher_user, at)
    browser = client_for(dsl_user)
    everything = "?" + "&".join(f"kinds={kind.value}" for kind in EntryKind)
    browser.get(url(pupil, everything))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url(pupil, everything)).status_code == 200
        return len(seen)

    few = cost()
    for number in range(190):
        IncidentNote.objects.create(
            school=pupil.school, incident=case, kind=NoteKind.CASE_NOTE, text=f"Note {number}", by=dsl_user,
            at=at + timedelta(minutes=number),
        )  # fmt: skip
    assert cost() <= few <= 20
    said = words(browser.get(url(pupil, "?page=4")))
    assert "151 to 200 of 201" in said or "Page 4 of" in said


def test_an_empty_chronology_says_so(pupil: Pupil, dsl_user: User, client_for: Clients) -> None:
    """What is filtered away and what never was are told apart."""
    browser = client_for(dsl_user)
    assert "Nothing is on record" in words(browser.get(url(pupil)))
    assert "Nothing of this kind" in words(browser.get(url(pupil, "?kinds=level")))
    assert make_pupil(pupil.school) != pupil


def test_chronology_is_made_into_a_pdf_for_its_maker_alone(
    pupil: Pupil, reporter: User, dsl_user: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """DOC-17, SG-7: who made it, when, what was left out; what is about staff is in no file of a pupil."""
    fill(pupil, reporter, dsl_user, headteacher_user, at)
    about_staff = make_case(pupil.school, by=reporter, at=at, staff=make_user(Role.SUPPORT, pupil.school))
    add_person(about_staff, at=at, pupil=pupil)
    browser, make = client_for(dsl_user), reverse("incidents:export-chronology", args=["harbour-view", pupil.pk])
    for _twice in range(2):
        sent = browser.post(make, {"order": "oldest", "submission": "6d0c5d5e-4a36-4a34-9f3b-7a7d0b8a9c11"})
        assert sent.status_code == 302
    (paper,) = CaseDocument.objects.all()
    assert paper.left_out == 1 and paper.title == "Chronology of a pupil"
    one = reverse("incidents:chronology-paper", args=["harbour-view", pupil.pk, paper.pk])
    assert one in browser.get(url(pupil)).content.decode()
    pdf = browser.get(one).content
    assert hashlib.sha256(pdf).hexdigest() == paper.checksum
    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    for expected in (dsl_user.display_name, "Spoke with the tutor.", "Before the correction", "1 entry about a member"):
        assert expected in told, expected
    assert str(about_staff) not in told
    assert client_for(headteacher_user).get(one).status_code == 404
    kept = Entry.objects.filter(action__in=["incidents.export_chronology", "incidents.open_document"])
    assert {entry.outcome for entry in kept} == {Outcome.EXPORTED} and kept.count() == 2
