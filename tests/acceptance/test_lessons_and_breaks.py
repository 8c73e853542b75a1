"""Own devices in a lesson, and at break, under the preset that knows both (BEL-S4, BEL-S5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.approvals.enums import State
from core.approvals.models import Approval, RiskAssessment
from core.people.models import Pupil, School
from core.people.roles import Role
from devices.models import CurriculumUse, PrivilegeRevocation
from devices.operations import seed_device_types
from incidents.models import Incident
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil

As = Callable[[Role], Person]
Clock = Callable[[int, int], None]


@pytest.fixture
def preset() -> str:
    return "group-locked-storage"


def a_class(place: School, at: datetime) -> tuple[Pupil, Pupil]:
    """One of 8B, and one of 8C."""
    seed_device_types(school=place, actor=None, at=at)
    return (
        make_pupil(place, "Amara", "Kovacs", form=make_form(place, "8B", year=8)),
        make_pupil(place, "Lee", "Brown", form=make_form(place, "8C", year=8)),
    )


def answer(teacher: Person, pupil: Pupil) -> str:
    return shown(teacher.opens(f"devices/may-use/{pupil.pk}/"))


def test_bel_s4_a_lesson_with_own_devices(place: School, as_role: As, clock: Clock, at: datetime) -> None:
    """BEL-S4 (DEV-18, DEV-19): when consent and risk assessment are in but SLT has not approved, then use counts as a
    breach; when SLT approves for one class and date, use in that lesson is allowed and in the next lesson a breach."""
    inside, outside = a_class(place, at)
    teacher, other, slt = as_role(Role.TEACHER), as_role(Role.TEACHER), as_role(Role.SLT)
    proposal = {
        "title": "Filming a play", "purpose": "Speaking clearly", "form": inside.form_id, "teacher": teacher.user.pk,
        "day": "2026-11-23", "from_time": "09:30", "to_time": "10:30",
    }  # fmt: skip
    endless = teacher.sends("devices/lessons/propose/", **(proposal | {"to_time": "09:00"}))
    assert endless.status_code == 422 and not CurriculumUse.objects.exists()
    other.sends("devices/lessons/propose/", **proposal)
    row = Approval.objects.get()

    early = slt.sends(f"permissions/{row.pk}/", decision="approve", version=row.version, because="")
    assert early.status_code == 422 and "The teacher of the lesson has not agreed yet" in shown(early)
    other.sends(f"permissions/{row.pk}/consent/")
    row.refresh_from_db()
    assert row.state == State.REQUESTED
    assert "Agree to it as the teacher" in shown(teacher.opens(f"permissions/{row.pk}/"))
    teacher.sends(f"permissions/{row.pk}/consent/")
    teacher.sends("risk-assessments/begin/", title="Filming", activity="A play is filmed", review_on="2027-03-01")
    assessed = RiskAssessment.objects.get()
    hazard = {"hazard": "Somebody is filmed who should not be", "harmed": "Pupils", "controls": "Each film is seen"}
    teacher.sends(f"risk-assessments/{assessed.pk}/", likelihood="low", severity="medium", residual="low", **hazard)
    teacher.sends(f"risk-assessments/{assessed.pk}/complete/", conclusion="It can go ahead")
    other.sends(f"permissions/{row.pk}/attach/", assessment=assessed.pk)
    row.refresh_from_db()
    assert row.state == State.ASSESSED

    clock(9, 45)
    assert "Not allowed" in answer(teacher, inside)
    slt.sends(f"permissions/{row.pk}/", decision="approve", version=row.version, because="", conditions="")
    row.refresh_from_db()
    assert row.state == State.APPROVED
    assert "Approved for this lesson." in answer(teacher, inside)
    assert "Not allowed" in answer(teacher, outside)
    clock(10, 31)
    assert "Not allowed" in answer(teacher, inside)
    teacher.sends(f"permissions/{row.pk}/used/")
    row.refresh_from_db()
    assert row.state == State.USED


def test_bel_s5_the_privilege_at_break_is_revoked(place: School, as_role: As, clock: Clock, at: datetime) -> None:
    """BEL-S5 (DEV-15, DEV-16): break use is on for devices that need not be handed in: when a pupil breaches the
    behaviour policy with a tablet, then staff revoke the privilege with reason and dates, and a later break-time
    sighting is recorded as a breach."""
    amara, lee = a_class(place, at)
    teacher, slt = as_role(Role.TEACHER), as_role(Role.SLT)
    clock(10, 50)
    assert "Allowed" in answer(teacher, amara)
    assert teacher.sends(f"devices/permissions/pupils/{amara.pk}/revoke/").status_code == 403
    page = f"devices/permissions/pupils/{amara.pk}/revoke/"
    silent = slt.sends(page, starts_on="2026-11-23", ends_on="2026-11-27", reason="")
    assert silent.status_code == 422 and not PrivilegeRevocation.objects.exists()
    seen = {"type": "used_elsewhere", "where": "Corridor", "account": "Filmed others.", "all_the_same": "on"}
    sent = slt.sends(f"incidents/breach/{amara.pk}/", **seen)
    breach = Incident.objects.get()
    assert "Revoke the break-time privilege of Amara Kovacs" in shown(sent)
    assert f"{page}?breach={breach.reference}" in sent.content.decode()
    dates = {"starts_on": "2026-11-23", "ends_on": "2026-11-27", "reason": "Filmed others"}
    wrong = slt.sends(page, breach_reference="I-2611-9999", **dates)
    assert wrong.status_code == 422 and "no breach with this reference by this pupil" in shown(wrong)
    slt.sends(page, breach_reference=breach.reference, **dates)
    assert PrivilegeRevocation.objects.get().breach == breach.pk
    said = answer(teacher, amara)
    assert "Not allowed" in said and "Not at break until 27 November 2026: the privilege is revoked." in said
    assert "Filmed others" not in said and "Allowed" in answer(teacher, lee)
    sighting = teacher.sends(f"incidents/breach/{amara.pk}/", type="used_elsewhere", where="Corridor")
    assert "I-2611-0002" in shown(sighting)
    slt.sends(f"devices/permissions/revocations/{PrivilegeRevocation.objects.get().pk}/end/", because="A talk was had")
    assert "the privilege is revoked" not in answer(teacher, amara)


@pytest.mark.parametrize("preset", ["phone-free-agreement", "primary-by-agreement"])
def test_dev_16_dev_18_neg_other_rules_know_neither(
    place: School, as_role: As, clock: Clock, at: datetime, preset: str
) -> None:
    """DEV-15, DEV-18: where the rules allow no such lesson and no privilege, both are refused with the rule."""
    amara, _lee = a_class(place, at)
    teacher, slt = as_role(Role.TEACHER), as_role(Role.SLT)
    assert "allow no lessons" in shown(teacher.opens("devices/lessons/"))
    refused = slt.sends(
        f"devices/permissions/pupils/{amara.pk}/revoke/", starts_on="2026-11-23", ends_on="2026-11-27", reason="Misuse"
    )
    assert refused.status_code == 422 and "know no privilege at break" in shown(refused)
