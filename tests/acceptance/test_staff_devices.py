"""Staff’s own devices in teaching time under two presets (BAR-S5, RUS-S2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.approvals.enums import GivenHow, State
from core.approvals.models import Approval
from core.people.models import School
from core.people.roles import Role
from incidents.enums import IncidentType
from incidents.models import StaffConcern
from tests.acceptance.conftest import Person, shown
from tests.factories.cases import make_case

As = Callable[[Role], Person]
Clock = Callable[[int, int], None]
LESSON = {
    "reason": "other",
    "why": "A call from the surgery",
    "first_day": "2026-11-23",
    "from_time": "10:00",
    "to_time": "11:00",
    "place": "Room 4",
}


@pytest.mark.parametrize("preset", ["primary-by-agreement"])
def test_bar_s5_by_word_of_mouth_and_without_permission(place: School, as_role: As, clock: Clock, at: datetime) -> None:
    """BAR-S5 (STA-01, STA-02, STA-13): SLT permits a teacher to use an own phone in teaching time by word of mouth:
    when it is logged, then it is accepted (`either`), and a teacher with no permission seen using one in a lesson gives
    a staff-breach entry under the code of conduct."""
    slt, teacher, other, head = (as_role(one) for one in (Role.SLT, Role.TEACHER, Role.TEACHER, Role.HEADTEACHER))
    logged = teacher.sends("devices/staff/lessons/log/", giver=slt.user.pk, **LESSON)
    row = Approval.objects.get()
    assert (row.state, row.given_how, row.decided_by) == (State.APPROVED, GivenHow.VERBAL, slt.user)
    assert "holds once the person who gave it has confirmed it" in shown(logged)
    assert other.sends(f"permissions/{row.pk}/confirm/").status_code == 404
    slt.sends(f"permissions/{row.pk}/confirm/")
    clock(10, 30)
    assert "In force now" in shown(head.opens("devices/staff/"))
    assert "A call from the surgery" not in shown(head.opens("devices/staff/"))
    assert teacher.user.full_name in shown(head.opens("devices/staff/"))
    row.refresh_from_db()
    assert row.holds_at(at.replace(hour=10, minute=30)) and not row.holds_at(at.replace(hour=11, minute=0))

    seen = {"by": head.user, "at": at.replace(hour=10, minute=30), "type": IncidentType.STAFF_OWN_DEVICE}
    without = make_case(place, staff=other.user, **seen)
    page = f"incidents/case/{without.pk}/staff/class/"
    assert "No permission was in force for them at that moment" in shown(head.opens(page))
    classed = head.sends(
        page, kinds=["own_device"], threshold="no", reason="Seen by a colleague.", version=without.version
    )
    assert classed.status_code == 200
    assert StaffConcern.objects.get(incident=without).documents == ["code of conduct"]
    covered = make_case(place, staff=teacher.user, **seen)
    assert "Own device in teaching time, 23 November 2026, 10:00am to 11:00am" in shown(
        head.opens(f"incidents/case/{covered.pk}/staff/class/")
    )


@pytest.mark.parametrize("preset", ["primary-online-safety"])
def test_rus_s2_neg_the_head_teacher_alone_permits_it(place: School, as_role: As, clock: Clock, at: datetime) -> None:
    """RUS-S2 NEG (STA-01, STA-02): a request to use an own phone in a lesson: when an SLT member permits it, refused
    (head teacher only); when the head teacher’s verbal permission is logged, it is live for the time and place."""
    slt, teacher, head = (as_role(one) for one in (Role.SLT, Role.TEACHER, Role.HEADTEACHER))
    teacher.sends("devices/staff/lessons/ask/", **LESSON)
    asked = Approval.objects.get()
    refused = slt.sends(f"permissions/{asked.pk}/", decision="approve", version=asked.version, because="")
    assert refused.status_code == 422 and "this is for the headteacher to decide" in shown(refused)
    given = {"who": teacher.user.pk, "given_how": "verbal", **LESSON}
    assert slt.sends("devices/staff/lessons/give/", **given).status_code == 422
    assert Approval.objects.count() == 1
    head.sends("devices/staff/lessons/give/", **given)
    row = Approval.objects.exclude(pk=asked.pk).get()
    assert (row.state, row.given_how, row.places) == (State.LIVE, GivenHow.VERBAL, ["Room 4"])
    clock(10, 30)
    listed = shown(teacher.opens("devices/staff/"))
    assert "In force now" in listed and "Room 4" in listed and "10:00am to 11:00am" in listed
    clock(11, 1)
    assert "In force now None." in shown(teacher.opens("devices/staff/"))


@pytest.mark.parametrize("preset", ["group-locked-storage", "phone-free-agreement"])
def test_sta_02_written_only_refuses_a_spoken_permission(place: School, as_role: As, clock: Clock) -> None:
    """STA-02: a preset that demands writing refuses ‘verbal’, and names the rule."""
    head, teacher = as_role(Role.HEADTEACHER), as_role(Role.TEACHER)
    page = shown(head.opens("devices/staff/lessons/give/"))
    assert "In writing" in page and "By word of mouth" not in page
    spoken = teacher.sends("devices/staff/lessons/log/", giver=head.user.pk, **LESSON)
    assert spoken.status_code == 422 and "want this permission in writing" in shown(spoken)
    assert not Approval.objects.exists()
    head.sends("devices/staff/lessons/give/", who=teacher.user.pk, given_how="written", **LESSON)
    assert Approval.objects.get().state == State.LIVE


@pytest.mark.parametrize("preset", ["primary-online-safety"])
def test_sta_09_contact_by_arrangement_of_the_head_of_school(place: School, as_role: As, clock: Clock) -> None:
    """STA-08, STA-09: whom, purpose, channel, from and to, agreed by the head of school; read by those who may know."""
    teacher, colleague, leader = as_role(Role.TEACHER), as_role(Role.TEACHER), as_role(Role.HEAD_OF_SCHOOL)
    teacher.sends(
        "devices/staff/contact/ask/", whom="Zephyrine’s mother", purpose="The trip", channel="text",
        starts_on="2026-11-23", ends_on="2026-11-30",
    )  # fmt: skip
    row = Approval.objects.get()
    assert colleague.opens(f"permissions/{row.pk}/").status_code == 404
    assert "Zephyrine" in shown(leader.opens(f"permissions/{row.pk}/"))
    leader.sends(f"permissions/{row.pk}/", decision="approve", version=row.version, because="Agreed for the trip")
    row.refresh_from_db()
    assert row.state == State.LIVE
    assert "Contact by an own device" in shown(teacher.opens("agreements/mine/"))


@pytest.mark.parametrize("preset", ["group-locked-storage", "image-and-conduct"])
def test_sta_09_neg_where_the_rule_says_never_or_judgement_nothing_is_asked(
    place: School, as_role: As, clock: Clock
) -> None:
    """STA-08, STA-09: the refusal says what the rule is; the page offers no such request."""
    teacher = as_role(Role.TEACHER)
    page = shown(teacher.opens("devices/staff/"))
    assert "Contact by an own device:" in page and "Ask to reach somebody by one" not in page
    asked = {"whom": "A mother", "purpose": "A trip", "channel": "text"}
    refused = teacher.sends("devices/staff/contact/ask/", starts_on="2026-11-23", ends_on="2026-11-30", **asked)
    assert refused.status_code == 422 and not Approval.objects.exists()


@pytest.mark.parametrize("preset", ["primary-by-agreement"])
def test_sta_12_remote_teaching_waits_for_its_risk_assessment(place: School, as_role: As, clock: Clock) -> None:
    """STA-12: not live until risk assessment and approval exist."""
    teacher, slt = as_role(Role.TEACHER), as_role(Role.SLT)
    teacher.sends(
        "devices/staff/remote/ask/", why="The laptop is being repaired", device="Own tablet", starts_on="2026-11-23",
        ends_on="2026-12-18",
    )  # fmt: skip
    row = Approval.objects.get()
    early = slt.sends(f"permissions/{row.pk}/", decision="approve", version=row.version, because="")
    assert early.status_code == 422 and "The risk assessment is still missing" in shown(early)
    teacher.sends(
        "risk-assessments/begin/", title="Teaching from home", activity="Lessons by video", review_on="2027-03-01"
    )
    assessed = row._meta.get_field("assessment").related_model.objects.get()
    page = f"risk-assessments/{assessed.pk}/"
    teacher.sends(
        page, hazard="Others are seen in the room", harmed="Family", likelihood="low", severity="low",
        controls="A plain background", residual="low",
    )  # fmt: skip
    teacher.sends(f"{page}complete/", conclusion="It can go ahead")
    teacher.sends(f"permissions/{row.pk}/attach/", assessment=assessed.pk)
    row.refresh_from_db()
    slt.sends(f"permissions/{row.pk}/", decision="approve", version=row.version, because="")
    row.refresh_from_db()
    assert (row.state, row.assessment) == (State.LIVE, assessed)


@pytest.mark.parametrize("preset", ["primary-by-agreement"])
def test_sta_03_rules_for_staff_are_shown_in_the_schools_words(place: School, as_role: As, clock: Clock) -> None:
    """STA-03 to STA-06, STA-11, STA-19: storage, state, sharing, places, school equipment, whom they bind."""
    page = shown(as_role(Role.SUPPORT).opens("devices/staff/rules/"))
    for words in (
        "staffroom, cupboard or drawer",
        "sharing is hidden or off",
        "Only school equipment",
        "Volunteers",
        "no-device area",
    ):
        assert words.lower() in page.lower(), words
