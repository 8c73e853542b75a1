"""Contact with pupils or families from an own device: what was claimed, what the rules say, what a person found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.models import School, User
from core.people.roles import Role
from incidents import operations
from incidents.enums import IncidentType, YesNoUnknown
from incidents.models import Incident, StaffConcern
from incidents.operations.reporting import Named, Said
from tests.acceptance.conftest import shown
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import add_person

pytestmark = pytest.mark.django_db
Clients = Callable[[User], Client]
RULES = {
    "group-locked-storage": "never",
    "primary-by-agreement": "never",
    "primary-online-safety": "by_arrangement",
    "image-and-conduct": "judgement",
    "phone-free-agreement": "never",
}
SAYS = {
    "never": "No arrangement counts: it is a breach",
    "by_arrangement": "only by an arrangement agreed beforehand",
    "judgement": "left to professional judgement",
}


@pytest.fixture(params=sorted(RULES))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(preset: str, at: datetime) -> Iterator[School]:
    school = make_school("fernleigh", preset=preset)
    with scope(school=school), time_machine.travel(at, tick=False):
        yield school


def url(school: School, name: str, *args: Any) -> str:
    return reverse(f"incidents:{name}", args=[school.slug, *args])


def test_contact_is_a_breach_unless_the_rule_and_an_arrangement_cover_it(
    place: School, preset: str, at: datetime, client_for: Clients
) -> None:
    """STA-08, A-26, A-38: the report asks whether it was claimed to be agreed; the record shows the rule of the preset;
    where an arrangement can cover it a person says whether one did and how they know, and where none can, nothing does.
    """
    head, subject, teacher = (make_user(role, place) for role in (Role.HEADTEACHER, Role.SUPPORT, Role.TEACHER))
    browser = client_for(teacher)
    browser.post(url(place, "report"), {"kind": "staff", "name": "x", "user": subject.pk, "role": "subject"})
    draft = Incident.objects.get()
    steps: list[tuple[str, dict[str, Any]]] = [
        ("kind", {"type": "staff_contact"}),
        ("when", {"on": "2026-11-23", "time": "08:05"}),
        ("seen", {"raised_by": "self", "account": "Texted a mother.", "arrangement": "yes"}),
        ("done", {"told": "no"}),
    ]
    assert browser.post(url(place, "report-kind", draft.pk) + "?group=adult", steps[0][1]).status_code == 302
    unsaid = browser.post(url(place, "report-seen", draft.pk), steps[2][1] | {"arrangement": ""})
    assert unsaid.status_code == 422 and "agreed beforehand" in shown(unsaid)
    for step, given in steps[1:]:
        assert browser.post(url(place, f"report-{step}", draft.pk), given).status_code == 302, step
    assert "Said to be agreed beforehand Yes" in shown(browser.get(url(place, "report-check", draft.pk)))
    assert browser.post(url(place, "report-check", draft.pk), {}).status_code == 302

    case, rule = Incident.objects.get(), RULES[preset]
    concern = StaffConcern.objects.get(incident=case)
    leader, page = client_for(head), url(place, "classify-concern", case.pk)
    told = shown(leader.get(url(place, "case-actions", case.pk)))
    assert SAYS[rule] in told and "It was said to be agreed" in told
    given = {"kinds": ["contact"], "threshold": "no", "reason": "A reply.", "version": case.version,
             "documents": "Code"}  # fmt: skip
    if rule == "never":
        assert "agreed beforehand and in force" not in shown(leader.get(page))
        with pytest.raises(operations.NothingCovers):
            operations.classify_concern(
                school=place, actor=head, at=at, incident=case, kinds=["contact"], meets_threshold=False,
                reason="A reply.", covered=True, covered_words="They say so.",
            )  # fmt: skip
        assert leader.post(page, given).status_code == 302
        assert shown(leader.get(url(place, "staff-register"))) and concern.covered is None
        return
    assert leader.post(page, given).status_code == 422  # not said
    assert leader.post(page, given | {"covered": "yes"}).status_code == 422  # not how one knows
    words = {"covered": "yes", "covered_words": "The head of school’s letter of 2 November."}
    covered = leader.post(page, given | words)
    assert covered.status_code == 302, shown(covered)
    concern.refresh_from_db()
    assert (concern.covered, concern.covered_words) == (True, words["covered_words"])
    assert "Covered" in shown(leader.get(url(place, "case-actions", case.pk)))
    if rule == "judgement":
        add_person(case, at=at, role="affected", pupil=make_pupil(place))  # type: ignore[arg-type]
        case.refresh_from_db()
        never = leader.post(page, given | words | {"version": case.version})
        assert never.status_code == 422 and "With a pupil" in shown(never)


def test_report_of_contact_says_whether_it_was_claimed_to_be_agreed(place: School, at: datetime) -> None:
    """STA-08: also where the type was changed after the question was passed by; other reports are not asked."""
    teacher, subject = make_user(Role.TEACHER, place), make_user(Role.SUPPORT, place)

    def sent(kind: IncidentType, **said: Any) -> Incident:
        return operations.report_incident(
            school=place, actor=teacher, at=at, people=[Named(user=subject)],
            said=Said(type=kind, happened_at=at, account="Seen.", **said),
        )  # fmt: skip

    with pytest.raises(operations.ArrangementUnsaid):
        sent(IncidentType.STAFF_CONTACT)
    assert sent(IncidentType.STAFF_CONTACT, arrangement=YesNoUnknown.NOT_KNOWN).arrangement == "not_known"
    assert sent(IncidentType.STAFF_CONDUCT).arrangement == ""
