"""The scenarios of the phone-free-agreement preset about incidents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from core.notices.models import Notice
from core.notices.operations import escalate_unacknowledged
from core.people.models import School
from core.people.roles import Role
from devices.enums import HoldReason, SearchState, State
from devices.models import CustodyRecord, SearchRecord
from incidents.enums import IncidentType
from incidents.models import Incident, ViewingException
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import RELEASE, family
from tests.factories.searching import make_search

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]


@pytest.fixture
def preset() -> str:
    return "phone-free-agreement"


def test_roc_s5_neg_a_potentially_indecent_image(place: School, as_role: AsRole, clock: Clock) -> None:
    """ROC-S5 NEG (IMG-01 to IMG-05, CNF-10, SEA-12, NOT-04): given a potentially indecent image, when staff file it,
    then the device goes to evidence hold, staff are told not to look, no search can be opened, release is blocked for
    all, and the DSL gets an urgent notice that escalates if not acknowledged."""
    people = family(place, timezone.now())
    teacher, dsl, head = as_role(Role.TEACHER), as_role(Role.DSL), as_role(Role.HEADTEACHER)
    deputy, office, slt = as_role(Role.DEPUTY_DSL), as_role(Role.OFFICE), as_role(Role.SLT)
    clock(10, 40)
    page = f"incidents/image/pupils/{people.amara.pk}/"
    said = shown(teacher.opens(page))
    assert "Do not look at it, not to make sure, not even once." in said
    assert "Do not search the device or let anybody search it." in said
    about = {
        "place": "personal_device", "role": "subject", "raised_by": "pupil", "shared": "not_known", "spread": "group",
        "threats": "no", "adult_involved": "yes", "under_13": "no", "made_by_software": "yes",
        "account": "Two pupils told me at break.", "pupils_told": "Both of them", "circumstances_weighed": "on",
        "device": f"device-{people.phone.pk}", "taken_where": "Playground",
    }  # fmt: skip
    sent = shown(teacher.sends(page, **about))
    assert "tell the police now" in sent  # law IM-3: an adult may be involved
    made = Incident.objects.get(type=IncidentType.IMAGE)
    stay = CustodyRecord.objects.get()
    assert (stay.state, made.custody) == (State.EVIDENCE_HOLD, stay)

    # Nobody searches it, under whatever office, and nobody gets it.
    for person in (head, dsl, slt):
        person.sends(f"devices/pupils/{people.amara.pk}/search/", of="device", custody=stay.pk, decision_reason="Sure.")
    assert not SearchRecord.objects.exclude(state=SearchState.BLOCKED).exists()
    for person in (office, slt, head, deputy, dsl):
        assert person.sends(f"devices/custody/{stay.pk}/release/", **RELEASE, to="pupil").status_code == 422
    stay.refresh_from_db()
    assert stay.state == State.EVIDENCE_HOLD

    # DSL and deputy at once, urgently; the head when nobody acknowledges. No notice names anybody or says what it is.
    told = Notice.objects.filter(kind="incidents.reported", urgency="urgent")
    assert set(told.values_list("recipient", flat=True)) == {dsl.user.pk, deputy.user.pk}
    clock(10, 54)
    escalate_unacknowledged(at=timezone.now())
    assert head.user.pk not in told.values_list("recipient", flat=True)
    clock(10, 55)
    escalate_unacknowledged(at=timezone.now())
    assert head.user.pk in told.values_list("recipient", flat=True)
    for notice in Notice.objects.all():
        assert "Kovacs" not in f"{notice.subject}{notice.body}"
        assert "image" not in f"{notice.subject}{notice.body}"

    # What was filed can be read by the team alone, and nobody but DSL and head can write down a viewing.
    course = f"incidents/case/{made.pk}/image/"
    assert "An adult may be involved. That is abuse of a child: tell the police now." in shown(deputy.opens(course))
    for person in (teacher, office, slt):
        assert person.opens(course).status_code == 404
        assert person.sends(f"{course}viewing/", reason="I had to.").status_code == 404
    assert not ViewingException.objects.exists()


def test_a_search_that_shows_a_risk_becomes_a_record_in_one_step(place: School, as_role: AsRole, clock: Clock) -> None:
    """SEA-07, SEA-08, SEA-14, SEA-12: what the search found is carried over, once; a search that was stopped because
    something indecent appeared opens the image's course and carries nothing of what was seen."""
    people = family(place, timezone.now())
    teacher, head, dsl = as_role(Role.TEACHER), as_role(Role.HEADTEACHER), as_role(Role.DSL)
    risk = make_search(
        people.amara,
        by=head.user,
        at=timezone.now() - timedelta(minutes=9),
        state=SearchState.COMPLETED_NOTHING,
        risk=True,
    )
    assert "Report it to the DSL" in shown(head.opens(f"devices/searches/{risk.pk}/"))
    page = f"incidents/searches/{risk.pk}/"
    assert teacher.opens(page).status_code == 404
    assert "A threat was made." in shown(head.opens(page))
    head.sends(page, added="She asked for help.")
    made = Incident.objects.get(search=risk)
    assert (made.type, made.urgent, made.people.get().pupil) == (IncidentType.HARM_TO_CHILD, True, people.amara)
    assert "A threat was made." in made.account
    assert "She asked for help." in made.account
    assert Notice.objects.filter(recipient=dsl.user, kind="incidents.reported", urgency="urgent").count() == 1
    again = head.sends(page)
    assert again.status_code == 422
    assert Incident.objects.filter(search=risk).count() == 1

    stay = people.taken(place, timezone.now())
    clock(9, 0)
    stopped = make_search(people.amara, by=head.user, at=timezone.now(), custody=stay)
    clock(9, 10)
    head.sends(
        f"devices/searches/{stopped.pk}/stop/", because="Seen something on it.", is_image="yes", custody=str(stay.pk)
    )
    assert stay.holds.filter(reason=HoldReason.INDECENT_IMAGE).exists()
    head.sends(f"incidents/searches/{stopped.pk}/")
    made = Incident.objects.get(search=stopped)
    assert (made.type, made.custody) == (IncidentType.IMAGE, stay)
    assert "Seen something" not in made.account
    assert made.image_case.tasks.get(kind="secure_device").done_at == timezone.now()


@pytest.mark.usefixtures("page_contexts")
def test_roc_s2_not_handed_in_is_logged_as_a_breach_with_the_taking(
    place: School, as_role: AsRole, clock: Clock
) -> None:
    """ROC-S2 (DEV-10, DEV-22, CNF-08): given a pupil who did not hand in a phone on arrival, when staff take it at
    10:00, then it is classed `collected` and breach 'not handed in' is logged, in one act; a second breach is offered
    from the page of the taken device, filled in already."""
    people = family(place, timezone.now())
    teacher, dsl = as_role(Role.TEACHER), as_role(Role.DSL)
    clock(10, 0)
    page = f"incidents/breach/{people.amara.pk}/"
    form = teacher.opens(page).context["form"]
    given = {"type": "not_handed_in", "where": "Corridor", "device": people.phone.pk, "do": "take"}
    sent = teacher.sends(page, **given, ground=form.fields["ground"].choices[0][0], circumstances_weighed="on")
    assert "I-2611-0001" in shown(sent)
    stay, made = CustodyRecord.objects.get(), Incident.objects.get()
    assert (stay.state, stay.basis, made.custody, made.type) == ("collected", "collected", stay, "not_handed_in")
    assert "Device not handed in" in shown(dsl.opens(f"incidents/case/{made.pk}/"))
    offered = f"{page}?custody={stay.pk}"
    assert offered in teacher.opens(f"devices/taken/{stay.pk}/").content.decode()
    assert teacher.opens(offered).context["form"].initial["type"] == "not_handed_in"
