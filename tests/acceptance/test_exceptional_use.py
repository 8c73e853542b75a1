"""Exceptional use under three presets, from the request to the register (BEL-S6, BAR-S4, ROC-S6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from agreements.models import Agreement, TemplateVersion
from core.approvals.enums import State
from core.approvals.models import Approval
from core.people.models import School
from core.people.roles import Role
from tests.acceptance.conftest import Person, shown
from tests.acceptance.exceptional import signs
from tests.acceptance.permitted import a_pupil, asked_for, decides

As = Callable[[Role], Person]
Clock = Callable[[int, int], None]


def sent(place: School, office: Person, head: Person, row: Approval) -> Agreement:
    """The head publishes the ready text, the office draws the agreement up and sends it."""
    head.sends("agreements/templates/start/", kind="exceptional_use", beginning="ready", title="Use by agreement")
    draft = TemplateVersion.objects.get()
    head.sends(f"agreements/templates/versions/{draft.pk}/publish/", version=draft.version, starts_on="2026-11-23")
    said = office.sends(f"devices/permissions/{row.pk}/send/")
    assert "Not signed yet" in shown(said)
    return Agreement.objects.get()


@pytest.mark.parametrize("preset", ["group-locked-storage"])
def test_bel_s6_neg_a_request_to_keep_a_phone_for_medical_monitoring(
    place: School, as_role: As, clock: Clock, at: datetime
) -> None:
    """BEL-S6 NEG (AGR-10 to AGR-14, AGR-17): an SLT member who is not head tries to approve: refused; the head approves
    and the written agreement with sanctions is signed by the parent alone: active because
    `exception_agreed_by=pupil_or_parent`; before signing, the register treats the pupil as under the base rule."""
    pupil = a_pupil(place, at)
    office, head, teacher, slt = (as_role(one) for one in (Role.OFFICE, Role.HEADTEACHER, Role.TEACHER, Role.SLT))
    unwritten = teacher.sends(
        f"devices/permissions/pupils/{pupil.pk}/ask/", device="another", device_words="phone", reason="other",
        need="Needed", starts_on="2026-11-23", ends_on="2026-12-01",
    )  # fmt: skip
    assert unwritten.status_code == 422 and "Write down what follows misuse" in shown(unwritten)
    assert not Approval.objects.exists()

    row = asked_for(pupil, teacher)
    assert "Your decision" not in shown(slt.opens(f"permissions/{row.pk}/"))
    refused = decides(slt, row)
    assert refused.status_code == 422 and "this is for the headteacher to decide" in shown(refused)
    assert "Your decision" in shown(head.opens(f"permissions/{row.pk}/"))
    decides(head, row)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (State.APPROVED, head.user)
    agreement = sent(place, office, head, row)

    look_up = f"devices/may-use/{pupil.pk}/"
    clock(11, 30)
    assert "Not allowed" in shown(teacher.opens(look_up))
    assert "With pupil by agreement" not in shown(office.opens("devices/register/?all=on"))
    wording = shown(office.opens(f"agreements/{agreement.pk}/"))
    assert "The phone is kept at the office for a week" in wording and "the monitoring app" in wording
    assert "Zephyrglow" not in wording and "medical" not in wording.lower().replace("health", "")

    signs(office, agreement, "parent")
    row.refresh_from_db()
    assert row.state == State.LIVE
    assert "Allowed" in shown(teacher.opens(look_up)) and "Zephyrglow" not in shown(teacher.opens(look_up))
    assert "With pupil by agreement" in shown(office.opens("devices/register/?all=on"))


@pytest.mark.parametrize("preset", ["primary-by-agreement"])
def test_bar_s4_neg_signed_by_the_parent_only_use_is_not_permitted(
    place: School, as_role: As, clock: Clock, at: datetime
) -> None:
    """BAR-S4 NEG (AGR-14): signed by the parent only, use is not permitted because both learner and parent must agree;
    after the learner signs, it is active."""
    pupil = a_pupil(place, at)
    office, head, teacher = (as_role(one) for one in (Role.OFFICE, Role.HEADTEACHER, Role.TEACHER))
    row = asked_for(pupil, teacher)
    decides(head, row)
    agreement = sent(place, office, head, row)
    clock(11, 30)
    signs(office, agreement, "parent")
    assert "Not allowed" in shown(teacher.opens(f"devices/may-use/{pupil.pk}/"))
    assert "Waiting for signatures" in shown(teacher.opens(f"devices/permissions/pupils/{pupil.pk}/"))
    assert "With pupil by agreement" not in shown(office.opens("devices/register/?all=on"))
    signs(office, agreement, "pupil")
    assert "Allowed" in shown(teacher.opens(f"devices/may-use/{pupil.pk}/"))
    assert "With pupil by agreement" in shown(office.opens("devices/register/?all=on"))


@pytest.mark.parametrize("preset", ["phone-free-agreement"])
def test_roc_s6_a_glucose_monitor_linked_to_a_phone(place: School, as_role: As, clock: Clock, at: datetime) -> None:
    """ROC-S6 (AGR-11, AGR-15, DEV-35): an SLT member approves in advance with limits, then the register shows 'with
    pupil by agreement' and no chase; use for messages is a breach."""
    pupil = a_pupil(place, at)
    office, teacher, slt = (as_role(one) for one in (Role.OFFICE, Role.TEACHER, Role.SLT))
    row = asked_for(pupil, teacher, expectations="", sanctions="")
    decides(slt, row, conditions="Face down on the desk")
    row.refresh_from_db()
    assert (row.state, row.decided_as) == (State.LIVE, Role.SLT)
    clock(9, 30)
    register = shown(office.opens("devices/register/?all=on"))
    assert "With pupil by agreement" in register and "Face down on the desk" in register
    assert "Amara" not in shown(office.opens("devices/not-seen/"))
    clock(11, 30)
    page = f"devices/may-use/{pupil.pk}/"
    assert "Allowed" in shown(teacher.opens(f"{page}?function=0"))
    messages = shown(teacher.opens(f"{page}?function=else"))
    assert "Not allowed" in messages and "There is a permission, but not for this" in messages
    breach = teacher.sends(
        f"incidents/breach/{pupil.pk}/", type="used_elsewhere", where="Corridor", account="Sent messages.",
        function="else",
    )  # fmt: skip
    assert "I-2611-0001" in shown(breach)
