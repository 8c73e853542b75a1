"""ALL-S3: under every preset, suspected illegal content of a member of staff goes to the police and the LADO first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.people.models import School
from core.people.roles import Role
from core.rules.presets import all_presets
from incidents.enums import CaseState, IncidentType
from incidents.models import Incident
from tests.acceptance.conftest import Person, shown
from tests.factories.cases import make_case

Clock = Callable[[int, int], None]
ENTRY = {"spoken_to": "Duty desk", "on": "2026-11-23", "spoken_at": "08:05", "reference": "17/A", "advice": "Wait."}
END = {"outcome": "disciplinary", "outcome_words": "Handed to the disciplinary process."}


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.django_db
def test_a_record_of_suspected_illegal_content_does_not_close_without_both_entries(
    place: School, as_role: Callable[[Role], Person], clock: Clock
) -> None:
    """ALL-S3, STA-14, STA-17: the close is refused until both entries stand; the subject never sees it."""
    from django.utils import timezone

    head, subject, reporter = as_role(Role.HEADTEACHER), as_role(Role.TEACHER), as_role(Role.SUPPORT)
    at = timezone.now()
    case = make_case(
        place, by=reporter.user, at=at, staff=subject.user, type=IncidentType.STAFF_CONTENT, state=CaseState.ACTION,
        decided_at=at, decided_by=head.user, decision_reason="To be looked into.", acknowledged_at=at,
        acknowledged_by=head.user,
    )  # fmt: skip
    page = f"incidents/case/{case.pk}/"
    classed = head.sends(
        f"{page}staff/class/", kinds=["illegal_content"], threshold="yes", reason="Seen by two.", version=case.version
    )
    assert classed.status_code == 200
    head.sends(f"{page}notes/", kind="case_note", text="The device is in the safe.")
    for body, words in (("lado", "the LADO was"), ("police", "the police were")):
        refused = head.sends(f"{page}close/", **END)
        assert words in shown(refused), shown(refused)
        assert Incident.objects.get(pk=case.pk).state == CaseState.ACTION
        assert head.sends(f"{page}staff/outside/", body=body, **ENTRY).status_code == 200
        for road in ("", "notes/", "actions/", "staff/class/", "staff/outside/", "close/"):
            assert subject.opens(page + road).status_code in (403, 404), road
    closed = head.sends(f"{page}close/", **END)
    assert Incident.objects.get(pk=case.pk).state == CaseState.CLOSED, shown(closed)
    assert subject.opens(page).status_code == 404
