"""The same claim under each preset in turn, and the decision that a silent policy asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.audit.models import Entry
from core.people.models import School
from core.people.roles import Role
from core.rules.presets import all_presets
from devices.enums import State
from devices.models import Release, ReleaseDecision, ReleaseRefusal
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import RELEASE, family

REFUSED = {
    "group-locked-storage": "pupil_may_not_collect",
    "primary-by-agreement": "pupil_may_not_collect",
    "primary-online-safety": "release_decision_needed",
    "image-and-conduct": "release_decision_needed",
}


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_all_s10_neg_the_pupil_claims_the_phone_at_the_office_at_3_20pm(
    place: School, preset: str, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ALL-S10 NEG (CNF-04): the same confiscated phone and 15:20 at the office: two presets refuse, two demand a
    recorded decision, the fifth releases, unless it is escalated."""
    home, office = family(place, at), as_role(Role.OFFICE)
    stay = home.taken(place, at.replace(hour=10))
    clock(15, 20)
    page = f"devices/custody/{stay.pk}/release/"
    said = RELEASE | {"signed": "paper"}
    answer = office.sends(page, to="pupil", **said)
    stay.refresh_from_db()
    if preset == "phone-free-agreement":
        assert answer.status_code == 200
        assert stay.state == State.RELEASED_TO_PUPIL
        return
    assert answer.status_code == 422
    assert stay.is_open
    refusal = ReleaseRefusal.objects.get(custody=stay)
    assert refusal.refusal == REFUSED[preset]
    assert refusal.sentence in shown(answer)
    assert not Release.objects.exists()


def test_all_s10_neg_unless_it_is_escalated(
    place: School, preset: str, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ALL-S10 NEG (CNF-04, CNF-06): where the pupil would have it, an escalation refuses it; where parents always
    collect there is nothing to escalate; where the rules are silent, a leader may escalate with a reason."""
    home, office, leader = family(place, at), as_role(Role.OFFICE), as_role(Role.SLT)
    stay = home.taken(place, at.replace(hour=10))
    clock(15, 20)
    leader.sends(f"devices/custody/{stay.pk}/escalate/", trigger="serious_misuse", reason="Filmed in class.")
    office.sends(f"devices/custody/{stay.pk}/release/", to="pupil", **RELEASE | {"signed": "paper"})
    always = preset in ("group-locked-storage", "primary-by-agreement")
    kept = ReleaseRefusal.objects.get(custody=stay)
    assert kept.refusal == ("pupil_may_not_collect" if always else "escalated_to_parent")
    assert hasattr(stay, "escalation") is not always


@pytest.mark.parametrize("preset", ["image-and-conduct", "primary-online-safety"])
def test_unn_s10_a_release_that_the_policy_leaves_out_asks_for_a_recorded_decision(
    place: School, preset: str, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """UNN-S10 (0.3, CNF-04), the device part: staff release a confiscated device, and the system asks for a recorded
    decision with reason rather than refusing or allowing in silence. Senior leaders decide; the office may not."""
    home, office, leader = family(place, at), as_role(Role.OFFICE), as_role(Role.SLT)
    stay = home.taken(place, at.replace(hour=10))
    clock(15, 20)
    page, decide = f"devices/custody/{stay.pk}/release/", f"devices/custody/{stay.pk}/release/decide/"
    assert "Nobody has decided who may collect it" in shown(office.opens(page))
    assert office.opens(decide).status_code == 403
    assert "Decide who may collect it" in shown(leader.opens(page))
    answer = {"to": "pupil", "on": "2026-11-23", "time": "15:15"}
    assert "Say why" in shown(leader.sends(decide, **answer, reason=""))
    leader.sends(decide, **answer, reason="The first time, and nobody was harmed.")
    decision = ReleaseDecision.objects.get(custody=stay)
    assert (decision.decided_by, decision.reason) == (leader.user, "The first time, and nobody was harmed.")
    assert Entry.objects.filter(action="devices.decide_release", object_id=decision.pk).exists()
    released = office.sends(page, to="pupil", **RELEASE | {"signed": "paper"})
    assert "To Amara Kovacs" in shown(released)
    assert Release.objects.get(custody=stay).decision == decision
