"""The scenarios of the group-locked-storage preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import School
from core.people.roles import Role
from devices.enums import State
from devices.models import CustodyRecord, Release, ReleaseRefusal
from devices.operations import add_device, add_place, seed_device_types
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import RELEASE, family
from tests.factories import make_form, make_pupil


@pytest.fixture
def preset() -> str:
    return "group-locked-storage"


def test_bel_s1_a_phone_is_logged_into_a_locked_slot_and_returned_at_the_end_of_the_day(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BEL-S1 (DEV-04, DEV-06, DEV-07): office staff log a phone on arrival and pick a locked slot: it is stored in
    that slot, a second device cannot take it, and at 15:15 staff record return to the pupil with name and time."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(
        school=place, actor=None, at=at, name="Locked cupboard", kind="locked_place", lockable=True,
        purpose="daily", slots=20,
    )  # fmt: skip
    form = make_form(place, "8B", year=8)
    amara, ben = make_pupil(place, "Amara", "Kovacs", form=form), make_pupil(place, "Ben", "Brown", form=form)
    for pupil in (amara, ben):
        add_device(school=place, actor=None, at=at, pupil=pupil, type=types["phone"])
    office = as_role(Role.OFFICE)

    taken = office.sends("devices/arrivals/", code=amara.admission_number, slot="14")
    assert "Amara K." in shown(taken)
    assert "slot 14" in shown(taken)
    stay = CustodyRecord.objects.get(pupil=amara)
    assert (stay.state, stay.slot.label, stay.place.lockable) == (State.STORED, "14", True)

    second = office.sends("devices/arrivals/", code=ben.admission_number, slot="14")
    assert second.status_code == 422
    assert "Slot 14 holds another device" in shown(second)
    assert not CustodyRecord.objects.filter(pupil=ben).exists()

    clock(15, 15)
    back = office.sends("devices/hand-back/", code="14")
    assert "Give back" in shown(back)
    assert "Amara K." in shown(back)
    stay.refresh_from_db()
    event = stay.events.get(kind="return")
    assert stay.state == State.RETURNED
    assert (event.given_to_name, event.by, event.at) == ("Amara Kovacs", office.user, at.replace(hour=15, minute=15))
    assert "Given back" in shown(
        office.opens(reverse("devices:device", args=[place.slug, stay.device_id]).removeprefix(f"/{place.slug}/"))
    )


def test_bel_s2_neg_a_confiscated_phone_goes_to_a_listed_parent_and_never_to_its_pupil(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BEL-S2 NEG (CNF-04, CNF-05, CNF-09, NOT-25): at 15:30 staff choose its pupil as collector: refused under
    release_rule=parent_only, the refusal is logged, and the collector list holds only contacts with the may-collect
    flag. A listed parent with an identity check: release succeeds."""
    home, office = family(place, at), as_role(Role.OFFICE)
    stay = home.taken(place, at.replace(hour=10))
    clock(15, 30)
    page = f"devices/custody/{stay.pk}/release/"
    collectors = shown(office.opens(page))
    assert "Dana Kovacs, mother" in collectors
    assert "Ned Grey" not in collectors

    refused = office.sends(page, to="pupil")
    assert refused.status_code == 422
    assert "Not to the pupil. The rule on the day it was taken: a parent or carer only." in shown(refused)
    kept = ReleaseRefusal.objects.get(custody=stay)
    assert (kept.claimant_name, kept.rule) == ("Amara Kovacs", "release_rule=parent_only")
    entry = Entry.objects.get(action="devices.release", outcome=Outcome.REFUSED)
    assert (entry.actor_id, entry.detail["rule"]) == (office.user.pk, "release_rule=parent_only")
    assert "Somebody was refused a device" in shown(office.opens("devices/parents/"))

    released = office.sends(page, to=f"contact-{home.mother.pk}", initials="DK", **RELEASE)
    assert "To Dana Kovacs, mother" in shown(released)
    stay.refresh_from_db()
    assert stay.state == State.RELEASED_TO_PARENT
    assert Release.objects.get(custody=stay).identity == "photo"
