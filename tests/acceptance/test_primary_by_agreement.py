"""The scenarios of the primary-by-agreement preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from core.people.models import School
from core.people.roles import Role
from devices.enums import Flag, State
from devices.models import BringAgreement, CustodyRecord
from devices.operations import add_device, add_place, agree_bring_device, seed_device_types
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import RELEASE, family
from tests.factories import make_form, make_pupil


@pytest.fixture
def preset() -> str:
    return "primary-by-agreement"


def test_bar_s2_with_a_live_agreement_the_device_goes_off_into_the_safe_and_back_at_the_end_of_the_day(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BAR-S2 (DEV-05 to DEV-07): without ticking 'switched off' the hand-in cannot complete; once ticked it goes to
    the safe, and it is returned to the learner at end of day."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(
        school=place, actor=None, at=at, name="Drawer", kind="secure_place", lockable=True, purpose="daily", slots=5
    )
    add_place(school=place, actor=None, at=at, name="Office safe", kind="safe", lockable=True, purpose="daily", slots=5)
    form = make_form(place, "Year 6", year=6)
    noor = make_pupil(place, "Noor", "Abbas", form=form)
    add_device(school=place, actor=None, at=at, pupil=noor, type=types["phone"])
    head, office = as_role(Role.HEADTEACHER), as_role(Role.OFFICE)
    agree_bring_device(
        school=place, actor=head.user, at=at, pupil=noor, reason="Walks home alone", starts_on=date(2026, 9, 1),
        ends_on=date(2027, 7, 20),
    )  # fmt: skip

    unticked = office.sends("devices/arrivals/", code="noor")
    assert unticked.status_code == 422
    assert "switched off" in shown(unticked)
    assert not CustodyRecord.objects.exists()

    ticked = office.sends("devices/arrivals/", code="noor", switched_off="on")
    assert ticked.status_code == 200
    stay = CustodyRecord.objects.get()
    assert (stay.state, stay.place.name, stay.switched_off) == (State.STORED, "Office safe", True)
    assert Flag.NO_AGREEMENT not in stay.flags

    clock(15, 15)
    office.sends("devices/hand-back/", code="noor")
    stay.refresh_from_db()
    assert stay.state == State.RETURNED
    assert stay.events.get(kind="return").given_to_name == "Noor Abbas"


def test_bar_s1_without_an_agreement_the_device_is_stored_and_flagged_and_only_the_headteacher_agrees(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BAR-S1 NEG, this side of the counter (DEV-02, DEV-03): given a learner with no bring agreement, when the office
    logs a device, then a warning shows 'not agreed with the headteacher', the device is stored anyway, the entry is
    flagged. A teacher cannot approve a bring agreement; the headteacher can."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(school=place, actor=None, at=at, name="Office safe", kind="safe", lockable=True, purpose="daily", slots=5)
    noor = make_pupil(place, "Noor", "Abbas", form=make_form(place, "Year 6", year=6))
    add_device(school=place, actor=None, at=at, pupil=noor, type=types["phone"])
    office, teacher, head = as_role(Role.OFFICE), as_role(Role.TEACHER), as_role(Role.HEADTEACHER)

    logged = office.sends("devices/arrivals/", code="noor", switched_off="on")
    assert logged.status_code == 200
    assert "Not agreed with the headteacher" in shown(logged)
    stay = CustodyRecord.objects.get()
    assert stay.state == State.STORED
    assert stay.flags == [Flag.NO_AGREEMENT]

    terms = {"reason": "Walks home alone", "starts_on": "2026-11-23", "ends_on": "2027-07-20"}
    page = f"devices/pupils/{noor.pk}/agree/"
    assert teacher.sends(page, **terms).status_code == 403
    assert not BringAgreement.objects.exists()
    teacher.sends(f"devices/permissions/pupils/{noor.pk}/bring/", **terms)
    asked = BringAgreement.objects.get()
    own = teacher.sends(f"permissions/{asked.approval_id}/", decision="approve", version=1, because="")
    assert own.status_code == 422 and "this is for the headteacher to decide" in shown(own)
    agreed = head.sends(f"permissions/{asked.approval_id}/", decision="approve", version=1, because="")
    assert agreed.status_code == 200
    assert BringAgreement.objects.get().approval.decided_by == head.user

    clock(8, 50)
    office.sends("devices/hand-back/", code="noor", reason="other")
    again = office.sends("devices/arrivals/", code="noor", switched_off="on")
    assert "Not agreed" not in shown(again)


def test_a_17_a_parent_at_the_office_from_the_end_of_the_day_all_three_together(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """A-17 (CNF-04): who and when and where at once: a listed parent too early, the pupil in time, a listed parent in
    time at another place are each refused in words; a listed parent in time at the office has it."""
    home, office = family(place, at), as_role(Role.OFFICE)
    stay = home.taken(place, at.replace(hour=10))
    page, mother = f"devices/custody/{stay.pk}/release/", f"contact-{home.mother.pk}"
    clock(14, 0)
    assert "It may go back from 3:15pm" in shown(office.sends(page, to=mother, initials="DK", **RELEASE))
    clock(15, 15)
    assert "Not to the" in shown(office.sends(page, to="pupil"))
    elsewhere = RELEASE | {"place": "elsewhere", "where": "The gate"}
    assert "at the school office only" in shown(office.sends(page, to=mother, initials="DK", **elsewhere))
    stay.refresh_from_db()
    assert stay.is_open
    assert "To Dana Kovacs, mother" in shown(office.sends(page, to=mother, initials="DK", **RELEASE))
