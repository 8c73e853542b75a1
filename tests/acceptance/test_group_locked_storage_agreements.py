"""The scenarios of the group-locked-storage preset about what is agreed and signed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.people.models import School
from core.people.roles import Role
from tests.acceptance.conftest import Person, shown
from tests.acceptance.exceptional import ANSWER, SANCTION, issued, signs


@pytest.fixture
def preset() -> str:
    return "group-locked-storage"


def test_bel_s6_neg_signed_by_the_parent_alone_it_becomes_active(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None]
) -> None:
    """BEL-S6 NEG (AGR-14), its signing part: the written agreement with sanctions is signed by the parent alone, it
    becomes active because `exception_agreed_by=pupil_or_parent`; before signing it is not."""
    office = as_role(Role.OFFICE)
    agreement = issued(place, office, as_role)
    page = f"agreements/{agreement.pk}/"
    before = shown(office.opens(page))
    assert "Not signed yet" in before and "In force" not in before
    assert SANCTION in before and "Glucose alarms in lessons." in before

    row = agreement.signatories.get(capacity="parent")
    for role in (Role.TEACHER, Role.FORM_TUTOR, Role.GOVERNOR):
        refused = as_role(role).sends(f"agreements/at-school/{row.pk}/", name="Dana Kovacs", **ANSWER)
        assert refused.status_code in (403, 404), role
    unread = signs(office, agreement, "parent", statements=[])
    assert unread.status_code == 422 and "Tick each statement" in shown(unread)
    assert "Not signed yet" in shown(office.opens(page))

    assert "In force" in shown(signs(office, agreement, "parent"))
    listed = shown(as_role(Role.HEADTEACHER).opens(page))
    assert "In force" in listed and "Dana Kovacs" in listed
