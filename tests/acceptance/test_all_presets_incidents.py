"""The scenarios for several presets about concerns: a phone in an exam, and the debrief after an investigation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.people.models import School
from core.people.roles import Role
from incidents.enums import CaseState, IncidentType, NoteKind
from incidents.models import ExamReport, Incident, IncidentNote, ParentContact
from policies.models import Document
from tests.acceptance.conftest import Person, shown
from tests.factories import make_pupil
from tests.factories.cases import make_case

WITH_DEBRIEF = ("group-locked-storage", "primary-by-agreement", "phone-free-agreement")


@pytest.fixture(params=WITH_DEBRIEF)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def in_action(place: School, leader: Person, at: datetime, **fields: Any) -> Incident:
    """A record that is decided, told of and followed up."""
    pupil = make_pupil(place, "Ada", "Pell")
    case = make_case(
        place, by=leader.user, at=at, pupil=pupil, state=CaseState.ACTION, decided_at=at, decided_by=leader.user,
        decision_reason="They knew the rule.", immediate_action="Taken aside.", **fields,
    )  # fmt: skip
    IncidentNote.objects.create(
        school=place, incident=case, kind=NoteKind.MEETING, text="We met.", at=at, by=leader.user
    )
    ParentContact.objects.create(
        school=place, incident=case, pupil=pupil, decision="withheld", reason="A risk.", at=at, by=leader.user
    )
    return case


def test_all_s5_a_phone_in_an_exam_is_reported_to_the_exam_body(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ALL-S5 (DEV-30, INC-35): given BEL, BAR or ROC and a phone found on a pupil in a public exam, when it is logged,
    then an exam-body report is due and its outcome can be none, this exam or all exams; an internal test is logged
    without an outside report."""
    dsl, officer = as_role(Role.DSL), as_role(Role.EXAMS_OFFICER)
    clock(12, 0)
    found = {
        "exam": "Maths, paper 1", "found_at": "2026-11-23T09:40", "found_by": "An invigilator", "device": "A phone",
        "statement": "It rang.", "could_communicate": "yes",
    }  # fmt: skip
    for outcome in ("none", "this_exam", "all_exams"):
        case = in_action(place, dsl, at, type=IncidentType.EXAM_POSSESSION)
        page = f"incidents/case/{case.pk}/exam/"
        due = officer.sends(page, kind="public", body="An exam body", **found)
        assert "Report it" in shown(due)
        assert "exam body has not had the report" in shown(dsl.opens(f"incidents/case/{case.pk}/close/"))
        assert officer.sends(page, outcome=outcome).status_code == 422  # nobody at school decides
        assert "What they decided" in shown(officer.sends(page, reported_to="The malpractice team"))
        officer.sends(page, outcome=outcome)
        assert ExamReport.objects.get(incident=case).outcome == outcome
    internal = in_action(place, dsl, at, type=IncidentType.EXAM_POSSESSION)
    page = f"incidents/case/{internal.pk}/exam/"
    assert "not reported outside" in shown(officer.sends(page, kind="internal", **found))
    assert officer.sends(page, reported_to="Somebody").status_code == 422
    assert ExamReport.objects.get(incident=internal).reported_at is None


def test_all_s6_neg_an_investigated_record_is_not_closed_without_its_debrief(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ALL-S6 NEG (INC-26, INC-27, POL-22): given BEL, BAR or ROC and a completed investigation, when it is closed
    without a debrief, then refused; a lesson marked “policy change” appears on that policy's change list."""
    dsl, head = as_role(Role.DSL), as_role(Role.HEADTEACHER)
    case = in_action(place, dsl, at)
    clock(12, 0)
    page = f"incidents/case/{case.pk}/"
    assert "The debrief has not been held." in shown(dsl.sends(f"{page}investigation/"))
    end = {"outcome": "support", "outcome_words": "They agreed."}
    refused = dsl.sends(f"{page}close/", **end)
    assert refused.status_code == 422
    assert "The debrief has not been held." in shown(refused)

    head.sends(f"{page}debrief/", held_on="2026-11-23", present="Head and DSL", summary="It was not seen for weeks.")
    policy = Document.objects.get(title__in=["Bullying"])
    lesson = {"kind": "policy", "document": policy.pk, "text": "Say what a group chat is.", "early_review": "on"}
    head.sends(f"{page}debrief/lesson/", **lesson, owner=dsl.user.pk, due_on="2027-01-11")
    listed = shown(head.opens("policies/improvements/"))
    assert "Bullying" in listed
    assert "Say what a group chat is. Early review Open" in listed
    item = policy.improvements.get()
    refused = head.sends(f"policies/improvements/{item.pk}/", state="rejected")
    assert "Say why it is not taken up." in shown(refused)
    head.sends(f"policies/improvements/{item.pk}/", state="accepted")
    assert "Accepted" in shown(head.opens(f"{page}debrief/"))
    dsl.sends(f"{page}close/", **end)
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
