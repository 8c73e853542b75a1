"""The scenarios of the group-locked-storage preset about concerns: whom a serious one is told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.notices.models import Notice
from core.people.models import School
from core.people.roles import Role
from incidents.enums import CaseState, IncidentType, Route, Track
from incidents.models import Incident, Notification
from tests.acceptance.conftest import Person, shown
from tests.factories import make_pupil, make_user
from tests.factories.cases import add_person, make_case


@pytest.fixture
def preset() -> str:
    return "group-locked-storage"


def test_bel_s8_the_group_head_of_safeguarding_must_be_told_and_the_lado_may_be_set_aside(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BEL-S8 NEG, the list (INC-23, INC-24): given a serious incident, the LADO may be set to not relevant with a
    reason, but the group head of safeguarding may not; told, it is kept who, when and by whom."""
    dsl, teacher = as_role(Role.DSL), as_role(Role.TEACHER)
    case = make_case(
        place, by=teacher.user, at=at, pupil=make_pupil(place, "Ada", "Pell"), state=CaseState.ACTION,
        track=Track.SERIOUS, type=IncidentType.RECORDING,
    )  # fmt: skip
    add_person(case, at=at, role="adult_involved", user=make_user(Role.SUPPORT, place))  # type: ignore[arg-type]
    clock(10, 15)
    page = f"incidents/case/{case.pk}/serious/"
    listed = shown(dsl.sends(page, reason="Filmed in the changing rooms."))
    for body in ("The group’s head of safeguarding", "Police", "LADO", "Local authority", "Children’s social care"):
        assert body in listed
    assert "Must be told. By 23 November 2026, 4:00pm." in listed

    lado, group = Notification.objects.get(body="LADO"), Notification.objects.get(must=True)
    assert dsl.sends(f"{page}{lado.pk}/", answer="not_relevant", reason="").status_code == 422
    dsl.sends(f"{page}{lado.pk}/", answer="not_relevant", reason="The adult only found the phone.")
    assert "Not relevant" not in shown(dsl.opens(f"{page}{group.pk}/")).replace("set to not relevant", "")
    refused = dsl.sends(f"{page}{group.pk}/", answer="not_relevant", reason="Nothing for the group.")
    assert refused.status_code == 422
    told = dsl.sends(
        f"{page}{group.pk}/", answer="sent", told_whom="Ines Roe", told_at="2026-11-23T10:05", channel="phone"
    )
    assert told.status_code == 200
    lado.refresh_from_db()
    group.refresh_from_db()
    assert (lado.state, lado.reason) == ("not_relevant", "The adult only found the phone.")
    assert (group.state, group.told_whom, group.told_by) == ("sent", "Ines Roe", dsl.user)
    assert "Ines Roe" in shown(dsl.opens(page))


def test_bel_s8_neg_a_serious_record_is_not_closed_before_the_group_head_is_told(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BEL-S8 NEG, the closing (INC-23, INC-24, INC-42): given a serious incident, when someone closes it with the group
    head of safeguarding not marked informed, then closing is refused; told, it closes."""
    dsl, pupil = as_role(Role.DSL), make_pupil(place, "Ada", "Pell")
    case = make_case(
        place, by=dsl.user, at=at, pupil=pupil, state=CaseState.ACTION, type=IncidentType.RECORDING, decided_at=at,
        decided_by=dsl.user, decision_reason="They filmed.", immediate_action="Taken aside.",
    )  # fmt: skip
    clock(10, 15)
    page = f"incidents/case/{case.pk}/"
    dsl.sends(f"{page}serious/", reason="Filmed in the changing rooms.")
    dsl.sends(f"{page}notes/", kind="meeting", text="We met both families.")
    dsl.sends(f"{page}parents/{pupil.pk}/", decision="withheld", reason="A risk to her at home.")
    must = Notification.objects.get(must=True)
    for row in Notification.objects.exclude(pk=must.pk):
        dsl.sends(f"{page}serious/{row.pk}/", answer="not_relevant", reason="About pupils alone.")
    end = {"outcome": "support", "outcome_words": "Both are content."}
    refused = dsl.sends(f"{page}close/", **end)
    assert refused.status_code == 422
    assert "Not marked as told: The group’s head of safeguarding. This one must be told." in shown(refused)
    case.refresh_from_db()
    assert case.state == CaseState.ACTION

    dsl.sends(
        f"{page}serious/{must.pk}/", answer="sent", told_whom="P. Quill", told_at="2026-11-23T10:00", channel="phone"
    )
    assert "I-2611-0001: Recording or filming Closed" in shown(dsl.sends(f"{page}close/", **end))
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED


def test_bel_s10_a_visitor_who_hands_a_pupil_a_phone_is_reported_and_the_dsl_and_head_are_told(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None]
) -> None:
    """BEL-S10, the incident side (VIS-13, VIS-14, INC-44, NOT-13): given a visitor hands a phone to a pupil, when staff
    record it, then DSL and headteacher are informed with a time, and it stands as a record of its own reason."""
    dsl, head, teacher = as_role(Role.DSL), as_role(Role.HEADTEACHER), as_role(Role.TEACHER)
    pupil = make_pupil(place, "Ada", "Pell")
    clock(10, 15)
    teacher.sends("incidents/report/", kind="visitor", name="Ned Ferrier, Ferrier Lifts", role="subject")
    draft = Incident.objects.get()
    page = f"incidents/report/{draft.pk}/"
    teacher.sends(f"{page}who/", kind="pupil", name=pupil.admission_number, role="affected")
    kinds = shown(teacher.opens(f"{page}kind/?group=adult"))
    assert "Device lent, shown or handed to a pupil by a visitor" in kinds
    teacher.sends(f"{page}kind/?group=adult", type="lent_by_visitor")
    teacher.sends(f"{page}when/", on="2026-11-23", time="10:05", place="Hall")
    teacher.sends(f"{page}seen/", raised_by="self", account="He handed her his phone to look at a film.")
    teacher.sends(f"{page}done/", told="yes", told_whom=dsl.user.pk, immediate_action="I gave it back to him.")
    assert "Sent" in shown(teacher.sends(f"{page}check/"))

    draft.refresh_from_db()
    assert (draft.type, draft.route) == (IncidentType.LENT_BY_VISITOR, Route.VISITOR)
    assert {notice.recipient for notice in Notice.objects.filter(kind="incidents.reported")} == {dsl.user, head.user}
    for person in (dsl, head):
        actions = shown(person.opens(f"incidents/case/{draft.pk}/actions/"))
        assert "Of a visitor’s breach: " in actions and "10:15am" in actions
    record = shown(dsl.opens(f"incidents/case/{draft.pk}/"))
    assert "He handed her his phone to look at a film." in record and "Ned Ferrier" in record
