"""What holds of agreements under every preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from agreements.models import Agreement
from core.people.models import Pupil, School
from core.people.roles import Role
from core.rules.presets import all_presets
from devices.models import CustodyRecord
from devices.operations import add_device, add_place, seed_device_types
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_form, make_pupil
from tests.factories.agreements import make_version


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_who_does_not_agree_is_followed_up_and_stands_under_the_same_rules(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """AGR-26, AG-1: not agreeing is recorded with its reason and followed up; what the school does with the phones of
    both is the same, and each may still change their mind."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(
        school=place, actor=None, at=at, name="Cupboard", kind="locked_place", lockable=True, purpose="daily", slots=9
    )
    office, version = as_role(Role.OFFICE), make_version(place)
    form = make_form(place, "8B", year=8)
    agreed, refused = make_pupil(place, "Amara", form=form), make_pupil(place, "Ben", form=form)

    def signs(pupil: Pupil, decision: str, **more: str) -> Agreement:
        make_contact(pupil, has_parental_responsibility=True)
        add_device(school=place, actor=None, at=at, pupil=pupil, type=types["phone"])
        office.sends(
            f"agreements/pupils/{pupil.pk}/issue/", version=version.pk, starts_on="2026-11-23", parents_needed="one",
            signatories=["parent"], reason="The head decided so for our school.",
        )  # fmt: skip
        agreement = Agreement.objects.get(pupil=pupil)
        row = agreement.signatories.get(capacity="parent")
        paper = {"decision": decision, "name": "Dana Kovacs", "signed_on": "2026-11-23"}
        office.sends(f"agreements/on-paper/{row.pk}/", **paper | more)
        return agreement

    signs(agreed, "agrees", statements="read")
    agreement = signs(refused, "declines", reason="We want her to have it on the bus.")
    page = f"agreements/{agreement.pk}/"
    office.sends(f"{page}follow-up/", reason="Rang home: the bus is not forbidden.")
    said = shown(office.opens(page))
    for words in ("Not agreed to", "We want her to have it on the bus.", "Rang home: the bus is not forbidden."):
        assert words in said
    assert "the school's rules hold either way" in shown(office.opens(f"{page}follow-up/")).replace("’", "'")

    answers = {office.sends("devices/arrivals/", code=one.admission_number).status_code for one in (agreed, refused)}
    assert len(answers) == 1
    assert CustodyRecord.objects.filter(pupil=agreed).count() == CustodyRecord.objects.filter(pupil=refused).count()

    row = agreement.signatories.get(capacity="parent")
    office.sends(f"agreements/at-school/{row.pk}/", decision="agrees", statements="read", name="Dana Kovacs")
    row.refresh_from_db()
    assert row.state == "signed" and row.round == 2
