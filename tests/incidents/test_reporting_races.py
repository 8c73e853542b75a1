"""Two senders at once, on real connections: one draft becomes one report, and no reference is given twice."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django_scopes import scope

from core.people.roles import Role
from incidents.enums import IncidentType
from incidents.models import Incident, IncidentEvent
from incidents.operations import Named, Said, report_incident, save_draft
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_draft_sent_twice_at_once_is_one_report_and_references_differ(at: datetime) -> None:
    """INC-01, INC-02, W4: from two windows, with two keys."""
    school = make_school("harbour-view")
    with scope(school=school):
        teacher, other = make_user(Role.TEACHER, school), make_user(Role.TEACHER, school)
        make_user(Role.DSL, school)
        said = {"type": IncidentType.REFUSED, "happened_at": at, "account": "Would not hand it over."}
        named = Named(pupil=make_pupil(school))
        draft = save_draft(school=school, actor=teacher, at=at, said=said, add=named)

    def send() -> Incident:
        return report_incident(school=school, actor=teacher, at=at, draft=draft, submission=uuid4())

    def send_another() -> Incident:
        return report_incident(school=school, actor=other, at=at, said=Said(**said), people=[named], submission=uuid4())

    results = at_once(school, send, send, send_another)
    assert sorted(type(result).__name__ for result in results) == ["DraftGone", "Incident", "Incident"]
    with scope(school=school):
        sent = Incident.objects.filter(state="reported")
        assert sorted(sent.values_list("reference", flat=True)) == ["I-2611-0001", "I-2611-0002"]
        assert IncidentEvent.objects.filter(incident=draft, kind="reported").count() == 1
