"""The report's pages, a draft's and a receipt's privacy, and the quick breach on one page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import MarkKind
from devices.models import Confiscation, PupilDevice
from devices.operations import add_device, mark_day, seed_device_types
from incidents.enums import CaseState, IncidentType
from incidents.models import Incident
from tests.factories import make_pupil
from tests.factories.cases import make_case
from tests.incidents.test_reporting import offer


@pytest.fixture
def phone(school: School, pupil: Pupil, at: datetime) -> PupilDevice:
    types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    return add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])


@pytest.fixture
def teacher(teacher_user: User, client_for: Callable[[User], Client], at: datetime) -> Any:
    with time_machine.travel(at + timedelta(hours=2), tick=False):
        yield client_for(teacher_user)


def page(name: str) -> str:
    return f"/harbour-view/incidents/{name}"


def post(client: Client, to: str, /, **fields: Any) -> Any:
    return client.post(page(to), {"submission": uuid4(), **fields}, follow=True)


def test_report_from_the_first_page_to_its_reference_without_scripts(
    school: School, teacher: Client, dsl_user: User, pupil: Pupil, phone: PupilDevice, at: datetime
) -> None:
    """INC-01, INC-02, INC-38, SG-2, SG-6: each answer is kept as a draft; what is missing is asked; it is sent once,
    with a link to the device; then it is nobody's draft and its author reads it no more."""
    begun = post(teacher, "report/", kind="pupil", name="amara", role="affected")
    draft = Incident.objects.get()
    assert begun.redirect_chain[-1][0] == page(f"report/{draft.pk}/who/")
    assert "Call 999" in begun.content.decode()
    post(teacher, f"report/{draft.pk}/who/", kind="unknown", name="Somebody in a blue coat", role="subject")
    empty = post(teacher, f"report/{draft.pk}/check/")
    assert empty.status_code == 422
    assert "Say what it is about" in empty.content.decode()
    post(teacher, f"report/{draft.pk}/kind/?group=online", type="online_bullying")
    when = {"on": "2026-11-21", "time": "", "is_online": "on", "is_offsite": "on", "place": "At home"}
    assert "Their own words" in post(teacher, f"report/{draft.pk}/when/", **when).content.decode()
    seen = {
        "raised_by": "pupil",
        "account": "Messages came all night.",
        "own_words": "I am afraid.",
        "device": phone.pk,
    }
    done = post(teacher, f"report/{draft.pk}/seen/", opinion="It may be a classmate.", **seen)
    assert dsl_user.display_name in done.content.decode()
    check = post(teacher, f"report/{draft.pk}/done/", told="no", immediate_action="Stayed with her.")
    assert "21 November 2026, time not known" in check.content.decode()
    key = uuid4()
    for _again in range(2):
        sent = teacher.post(page(f"report/{draft.pk}/check/"), {"submission": key}, follow=True)
        assert "I-2611-0001" in sent.content.decode()
        assert "Tell a DSL in person, now" in sent.content.decode()
    draft.refresh_from_db()
    assert (draft.own_words, draft.opinion, draft.device) == ("I am afraid.", "It may be a classmate.", phone)
    assert (draft.is_online, draft.is_offsite, draft.urgent) == (True, True, True)
    assert teacher.get(page(f"report/{draft.pk}/seen/")).status_code == 404
    assert teacher.get(page(f"case/{draft.pk}/")).status_code == 404


def test_who_asks_which_pupil_and_takes_somebody_out(teacher: Client, pupil: Pupil, school: School) -> None:
    """INC-02: pupils by name or number; several are shown to choose from."""
    other = make_pupil(school, "Amara", "Okoye")
    which = post(teacher, "report/", kind="pupil", name="amara", role="subject")
    assert which.status_code == 422
    assert "Amara Okoye" in which.content.decode()
    post(teacher, "report/", kind="pupil", name="amara", role="subject", pupil=other.pk)
    draft = Incident.objects.get()
    person = draft.people.get()
    assert person.pupil == other
    post(teacher, f"report/{draft.pk}/who/{person.pk}/")
    person.refresh_from_db()
    assert person.removed_at is not None


def test_image_is_stopped_and_handed_over(teacher: Client, pupil: Pupil, at: datetime) -> None:
    """IMG-01, INC-37: the page says not to open it, and its own report goes on about the same pupil."""
    post(teacher, f"report/?pupil={pupil.pk}", begin="1")
    draft = Incident.objects.get()
    stop = teacher.get(page(f"report/{draft.pk}/image/")).content.decode()
    assert "Do not open, copy or forward it" in stop
    handed = post(teacher, f"report/{draft.pk}/image/")
    assert handed.redirect_chain[-1][0] == page(f"image/pupils/{pupil.pk}/")
    draft.refresh_from_db()
    assert draft.state == CaseState.DISCARDED


def test_upsetting_message_is_filed_without_opening_it(
    school: School, teacher: Client, dsl_user: User, pupil: Pupil
) -> None:
    """INC-37: somebody else told me; nothing asks what it shows, and no page takes a file."""
    post(teacher, f"report/?pupil={pupil.pk}", begin="1")
    draft = Incident.objects.get()
    post(teacher, f"report/{draft.pk}/kind/?group=online", type="abusive_message")
    seen = teacher.get(page(f"report/{draft.pk}/seen/")).content.decode()
    assert "Do not open, copy, forward or print it" in seen
    assert 'type="file"' not in seen


def test_my_reports_show_received_read_and_closed_and_nothing_more(
    school: School, teacher: Client, teacher_user: User, office_user: User, pupil: Pupil, at: datetime
) -> None:
    """INC-01, SG-3: nothing of what was decided; three cost the statements of one; others' do not exist."""
    case = make_case(
        school, by=teacher_user, at=at, pupil=pupil, state=CaseState.CLOSED, acknowledged_at=at,
        acknowledged_by=office_user, owner=office_user,
    )  # fmt: skip
    make_case(school, by=teacher_user, at=at, pupil=pupil, state=CaseState.DRAFT)
    teacher.get(page("reports/"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        teacher.get(page("reports/"))
    for _number in range(2):
        make_case(school, by=teacher_user, at=at, pupil=pupil)
        make_case(school, by=teacher_user, at=at, pupil=pupil, state=CaseState.DRAFT)
    theirs = make_case(school, by=office_user, at=at, pupil=pupil)
    with CaptureQueriesContext(connection) as three:
        listed = teacher.get(page("reports/")).content.decode()
    assert len(three) == len(one)
    assert listed.count("I-2611-") == 3
    shown = teacher.get(page(f"reports/{case.pk}/")).content.decode()
    for word in ("Agreed with the family", "Amara", office_user.family_name, case.account):
        assert word not in shown
    for name in ("", "sent/", "add/"):
        assert teacher.get(page(f"reports/{theirs.pk}/{name}")).status_code == 404
    added = post(teacher, f"reports/{case.pk}/add/", text="I remember the time now.")
    assert "It is added to the record." in added.content.decode()


@pytest.mark.usefixtures("page_contexts")
def test_quick_breach_takes_the_device_with_one_form(
    school: School, teacher: Client, dsl_user: User, pupil: Pupil, phone: PupilDevice
) -> None:
    """DEV-22, DEV-29, CNF-02: what, where, one button; sent twice it is one breach and one taking."""
    shown = teacher.get(page(f"breach/{pupil.pk}/")).content.decode()
    assert "Own phone used to make arrangements" in shown
    key = uuid4()
    fields = {"type": "own_arrangements", "where": "Corridor", "device": phone.pk, "do": "take"}
    form = teacher.get(page(f"breach/{pupil.pk}/")).context["form"]
    fields["ground"] = form.fields["ground"].choices[0][0]
    for _again in range(2):
        sent = teacher.post(page(f"breach/{pupil.pk}/"), {"submission": key, **fields}, follow=True)
        assert "The taken device" in sent.content.decode()
    case = Incident.objects.get()
    assert case.custody == Confiscation.objects.get().custody
    assert case.type == IncidentType.OWN_ARRANGEMENTS


def test_quick_breach_says_first_that_it_is_allowed(
    school: School, teacher: Client, office_user: User, pupil: Pupil, phone: PupilDevice, at: datetime
) -> None:
    """DEV-13: nothing is filed until somebody says that it is a breach all the same; what was typed stays."""
    mark_day(school=school, actor=office_user, at=at, pupil=pupil, kind=MarkKind.PERMITTED)
    fields = {"type": "used_elsewhere", "where": "Corridor", "account": "At the gate.", "device": phone.pk}
    asked = post(teacher, f"breach/{pupil.pk}/", **fields)
    assert asked.status_code == 422
    assert "Nothing is recorded" in asked.content.decode()
    assert "At the gate." in asked.content.decode()
    assert not Incident.objects.exists()
    post(teacher, f"breach/{pupil.pk}/", **fields, all_the_same="on")
    assert Incident.objects.get().place == "Corridor"


def test_contact_received_names_platform_and_response_and_offers_the_safe_way(
    school: School, teacher: Client, dsl_user: User, at: datetime
) -> None:
    """SOC-10, SOC-12: and whom it came from stands in it as the subject."""
    offer(school, IncidentType.CONTACT_RECEIVED, at)
    post(teacher, "report/", kind="unknown", name="A pupil who left in 2024", role="subject")
    draft = Incident.objects.get()
    post(teacher, f"report/{draft.pk}/kind/?group=online", type="contact_received")
    post(teacher, f"report/{draft.pk}/when/", on="2026-11-22", time="")
    said = {"raised_by": "self", "account": "A friend request.", "platform": "A photo app", "response": "None"}
    post(teacher, f"report/{draft.pk}/seen/", **said)
    post(teacher, f"report/{draft.pk}/done/", told="no")
    sent = post(teacher, f"report/{draft.pk}/check/")
    assert "official tools" in sent.content.decode()
    draft.refresh_from_db()
    assert (draft.platform, draft.response, draft.reported_at) == ("A photo app", "None", at + timedelta(hours=2))


def test_roles_without_the_right_do_not_report(
    school: School, client_for: Callable[[User], Client], make_user: Any
) -> None:
    """ORG-10: governors do not."""
    client = client_for(make_user(Role.GOVERNOR))
    assert client.get(page("report/")).status_code == 403
