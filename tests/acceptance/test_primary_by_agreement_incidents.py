"""The scenarios of the primary-by-agreement preset about reports and breaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.notices.models import Notice
from core.people.models import School
from core.people.roles import Role
from devices.enums import Flag, State
from devices.models import CustodyRecord
from devices.operations import add_device, add_place, seed_device_types
from incidents.enums import IncidentType
from incidents.models import Incident
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil

AsRole = Callable[[Role], Person]
Clock = Callable[[int, int], None]


@pytest.fixture
def preset() -> str:
    return "primary-by-agreement"


@pytest.mark.usefixtures("page_contexts")
def test_bar_s1_neg_a_breach_is_offered_where_the_device_was_not_agreed(
    place: School, as_role: AsRole, clock: Clock, at: datetime
) -> None:
    """BAR-S1 NEG (DEV-02, DEV-03, A-57): given a learner with no bring agreement, when the office logs a device, then a
    warning shows 'not agreed with the headteacher', the device is stored anyway, the entry is flagged, and a breach is
    offered: it is about the stay, and nothing more is taken."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(school=place, actor=None, at=at, name="Office safe", kind="safe", lockable=True, purpose="daily", slots=5)
    noor = make_pupil(place, "Noor", "Abbas", form=make_form(place, "Year 6", year=6))
    add_device(school=place, actor=None, at=at, pupil=noor, type=types["phone"])
    office, dsl = as_role(Role.OFFICE), as_role(Role.DSL)
    said = office.sends("devices/arrivals/", code="noor", switched_off="on")
    stay = CustodyRecord.objects.get()
    assert (stay.state, Flag.NO_AGREEMENT in stay.flags) == (State.STORED, True)
    offered = f"/fernleigh/incidents/breach/{noor.pk}/?custody={stay.pk}"
    assert "Not agreed with the headteacher" in shown(said)
    assert offered in said.content.decode()

    page = office.opens(offered.removeprefix("/fernleigh/"))
    assert page.context["form"].initial["type"] == IncidentType.OTHER
    sent = office.sends(offered.removeprefix("/fernleigh/"), type="other", where="Corridor")
    assert "I-2611-0001" in shown(sent)
    case = Incident.objects.get()
    assert (case.custody, case.place) == (stay, "Corridor")
    stay.refresh_from_db()
    assert stay.state == State.STORED
    assert "without the agreement" in shown(dsl.opens(f"incidents/case/{case.pk}/"))


def test_bar_s7_a_message_on_a_personal_account_is_reported(place: School, as_role: AsRole, clock: Clock) -> None:
    """BAR-S7 (SOC-10, SOC-12): given a staff member receives a message from a past learner on a personal account, when
    it is reported, then the DSL, deputy or headteacher is told, the entry names platform and response, and the safe
    route offered is alumni or official tools."""
    teacher, office = as_role(Role.TEACHER), as_role(Role.OFFICE)
    told = {role: as_role(role) for role in (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER)}
    clock(16, 5)
    teacher.sends("incidents/report/", kind="unknown", name="A learner who left in 2024", role="subject")
    draft = Incident.objects.get()
    steps = f"incidents/report/{draft.pk}"
    asked = teacher.sends(f"{steps}/kind/?group=online", type="contact_received")
    assert asked.status_code == 200
    teacher.sends(f"{steps}/when/", on="2026-11-23", time="15:40", is_online="on")
    seen = shown(teacher.opens(f"{steps}/seen/"))
    assert "official tool of the school or, for those who have left, its group for them" in seen
    teacher.sends(
        f"{steps}/seen/", raised_by="self", account="Asked whether I remember her.", platform="A photo app",
        response="None",
    )  # fmt: skip
    teacher.sends(f"{steps}/done/", told="no", immediate_action="Left it as it is.")
    sent = shown(teacher.sends(f"{steps}/check/"))
    assert "the school’s official tools; for those who have left, the school’s group for them" in sent
    assert {notice.recipient for notice in Notice.objects.filter(kind="incidents.reported")} == {
        person.user for person in told.values()
    }
    draft.refresh_from_db()
    assert (draft.platform, draft.response) == ("A photo app", "None")
    for person in told.values():
        assert person.opens(f"incidents/case/{draft.pk}/").status_code == 200
    for person in (teacher, office):
        assert person.opens(f"incidents/case/{draft.pk}/").status_code == 404
