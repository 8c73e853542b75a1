"""The scenarios of the primary-online-safety preset about concerns: parents, risk area, level, consent, referral."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.notices.models import Notice
from core.people.models import Contact, School
from core.people.roles import Role
from devices.operations import seed_device_types
from incidents.enums import CaseState, IncidentType, Track
from incidents.models import Incident, ParentContact, Referral, ThresholdAssessment
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_form, make_pupil
from tests.factories.cases import make_case


@pytest.fixture
def preset() -> str:
    return "primary-online-safety"


@pytest.fixture
def dsl(as_role: Callable[[Role], Person]) -> Person:
    return as_role(Role.DSL)


@pytest.fixture
def case(place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime) -> Incident:
    """A teacher's concern: a stranger writes to a child of Year 5."""
    theo = make_pupil(place, "Theo", "Marsh", form=make_form(place, "Year 5", year=5))
    make_contact(theo, "Marsh", forename="Wren")
    reported = make_case(
        place, by=as_role(Role.TEACHER).user, at=at, pupil=theo, state=CaseState.TRIAGED, track=Track.VICTIM,
        type=IncidentType.HARMFUL_CONTACT, concern_for_child=True, is_online=True,
    )  # fmt: skip
    clock(9, 0)
    return reported


def tells_parents(dsl: Person, case: Incident) -> None:
    subject = case.people.get()
    told = dsl.sends(
        f"incidents/case/{case.pk}/parents/{subject.pupil_id}/",
        decision="told", contact=Contact.objects.get().pk, told_at="2026-11-23T08:50", channel="phone",
        summary="That somebody wrote to him, and what he can do.",
    )  # fmt: skip
    assert told.status_code == 200, shown(told)


def chooses_area(dsl: Person, case: Incident) -> None:
    case.refresh_from_db()
    classed = dsl.sends(f"incidents/case/{case.pk}/triage/", track="victim", risk_area="contact", version=case.version)
    assert classed.status_code == 200, shown(classed)


def test_rus_s4_the_level_is_refused_until_parents_are_told_and_the_area_is_chosen(dsl: Person, case: Incident) -> None:
    """RUS-S4 NEG (INC-05, INC-11, INC-12, NOT-10): given a safeguarding concern, when the DSL tries to set level 2
    before parents were told and before a risk area, then refused in that order; with both, the level saves with the
    tool's name."""
    actions = f"incidents/case/{case.pk}/actions/"
    assert "Due by 23 November 2026, 4:00pm, before the risk area" in shown(dsl.opens(actions))
    level = {"level": 2, "reason": "Early help is needed."}
    first = dsl.sends(f"incidents/case/{case.pk}/level/", **level)
    assert first.status_code == 422
    assert "Record first that parents were told" in shown(first)
    assert "Early help is needed." in shown(first), "what was typed is still there"

    tells_parents(dsl, case)
    second = dsl.sends(f"incidents/case/{case.pk}/level/", **level)
    assert second.status_code == 422
    assert "Choose the risk area first" in shown(second)
    assert not ThresholdAssessment.objects.exists()

    chooses_area(dsl, case)
    third = dsl.sends(f"incidents/case/{case.pk}/level/", **level)
    assert third.status_code == 200
    assert "Level 2, continuum of need" in shown(dsl.opens(actions))
    assert ThresholdAssessment.objects.get().tool == "continuum of need"
    assert ParentContact.objects.get().by == dsl.user


@pytest.mark.parametrize("level", [2, 3])
def test_rus_s5_a_referral_at_level_2_or_3_goes_with_consent_or_by_the_dsls_decision(
    level: int, dsl: Person, case: Incident, as_role: Callable[[Role], Person]
) -> None:
    """RUS-S5 NEG (INC-14, INC-15, INC-17): given level 2 or 3, when a referral is marked sent without parental consent
    recorded, then refused; it goes with consent, or where it was refused with the DSL's decision and reason."""
    tells_parents(dsl, case)
    chooses_area(dsl, case)
    dsl.sends(f"incidents/case/{case.pk}/level/", level=level, reason="More than the school can do.")
    refer = f"incidents/case/{case.pk}/refer/"
    assert "Section 17" not in shown(dsl.opens(refer))
    dsl.sends(refer, decision="refer", body="Multi-agency front door", reason="A stranger writes to him.")
    referral = Referral.objects.get()
    page = f"incidents/case/{case.pk}/referrals/{referral.pk}/"
    refused = dsl.sends(page, reference="")
    assert refused.status_code == 422
    assert "Record the consent of a parent first" in shown(refused)

    parent = Contact.objects.get().pk
    if level == 2:
        dsl.sends(page + "consent/", consent="given", contact=parent)
    else:
        dsl.sends(page + "consent/", consent="refused", contact=parent, reason="They would rather not.")
        assert dsl.sends(page, reference="").status_code == 422
        head = as_role(Role.HEADTEACHER)
        assert head.sends(page + "without/", reason="It cannot wait.").status_code == 403
        dsl.sends(page + "without/", reason="It cannot wait.")
    sent = dsl.sends(page, reference="FD-26-9", next_contact_on="2026-11-26")
    assert sent.status_code == 200
    referral.refresh_from_db()
    assert (referral.state, referral.sent_by, referral.reference) == ("sent", dsl.user, "FD-26-9")
    assert referral.consent == ("given" if level == 2 else "refused")
    assert "FD-26-9" in shown(dsl.opens(page))
    assert "Multi-agency front door" in shown(dsl.opens("incidents/referrals/"))


def test_rus_s5_a_referral_at_level_4_is_not_blocked_and_asks_for_section_17_and_47(
    dsl: Person, case: Incident
) -> None:
    """RUS-S5 (INC-16): given level 4, the referral is not blocked, and the section 17 and 47 fields appear; NOT-11: the
    team is told at once."""
    tells_parents(dsl, case)
    chooses_area(dsl, case)
    dsl.sends(f"incidents/case/{case.pk}/level/", level=4, reason="He was asked to meet.")
    assert Notice.objects.filter(kind="incidents.referral_due", urgency="urgent").exists()
    refer = f"incidents/case/{case.pk}/refer/"
    form = shown(dsl.opens(refer))
    assert "Section 17 assessment" in form
    assert "Section 47 enquiry" in form
    begun = dsl.sends(
        refer, decision="refer", body="other", other_body="Children’s social care", reason="He was asked to meet.",
        section_17="yes", section_47="yes", further="A strategy meeting is asked for.",
    )  # fmt: skip
    assert begun.status_code == 200
    referral = Referral.objects.get()
    sent = dsl.sends(f"incidents/case/{case.pk}/referrals/{referral.pk}/", reference="CSC-7")
    assert sent.status_code == 200
    referral.refresh_from_db()
    assert (referral.state, referral.section_17, referral.section_47) == ("sent", True, True)


def test_rus_s1_seen_with_a_phone_on_any_part_of_the_site_a_breach_is_offered(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """RUS-S1 (DEV-13, DEV-22): the question whether a child may use it leads to the breach, and it is sent with the
    place it was seen in."""
    seed_device_types(school=place, actor=None, at=at)
    theo = make_pupil(place, "Theo", "Marsh", form=make_form(place, "Year 5", year=5))
    teacher = as_role(Role.TEACHER)
    clock(10, 40)
    asked = teacher.opens(f"devices/may-use/{theo.pk}/")
    assert "Not allowed" in shown(asked)
    assert f"/fernleigh/incidents/breach/{theo.pk}/" in asked.content.decode()
    sent = teacher.sends(f"incidents/breach/{theo.pk}/", type="used_elsewhere", where="elsewhere", elsewhere="The pond")
    assert "I-2611-0001" in shown(sent)
    assert (Incident.objects.get().type, Incident.objects.get().place) == (IncidentType.USED_ELSEWHERE, "The pond")
