"""ALL-S7: under every preset a governor sees figures of concerns, and nothing of any one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.people.models import School
from core.people.roles import Role
from core.rules.presets import all_presets
from incidents.enums import IncidentType
from tests.acceptance.conftest import Person, shown
from tests.factories import make_pupil, make_user
from tests.factories.cases import make_case

Clock = Callable[[int, int], None]


@pytest.fixture(params=sorted(all_presets()))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_governor_sees_counts_and_nobodys_name(
    place: School, as_role: Callable[[Role], Person], clock: Clock, at: datetime
) -> None:
    """ALL-S7 (POL-12, INC-40): given any preset, when a governor opens the view, then statuses and counts show, with no
    child's or accused person's name and small numbers hidden; no record opens, and no days can be set against others.
    """
    governor, head, reporter = as_role(Role.GOVERNOR), as_role(Role.HEADTEACHER), as_role(Role.TEACHER)
    accused = make_user(Role.SUPPORT, place, given_name="Ottoline", family_name="Quillfeather")
    summer = at - timedelta(days=150)
    cases = [
        make_case(
            place, by=reporter.user, at=summer + timedelta(hours=number), type=type,
            pupil=make_pupil(place, "Peregrine", "Underhill"), place="Peregrine Underhill’s desk",
            acknowledged_at=summer + timedelta(hours=number + 3), acknowledged_by=head.user,
        )
        for type, many in ((IncidentType.USED_IN_LESSON, 12), (IncidentType.ONLINE_BULLYING, 6),
                           (IncidentType.RECORDING, 2))
        for number in range(many)
    ]  # fmt: skip
    cases.append(make_case(place, by=reporter.user, at=summer, staff=accused, type=IncidentType.STAFF_OWN_DEVICE))
    make_case(place, by=reporter.user, at=at, pupil=make_pupil(place))  # this term is not over

    home = governor.opens("")
    assert "Rules last changed" in shown(home)
    assert "Concerns in figures" in shown(home)
    page = governor.opens("incidents/figures/")
    assert page.status_code == 200
    read = shown(page)
    assert "Records 21" in read
    assert "Phone or device used in a lesson 12" in read
    for small in ("Bullying online", "Recording or filming", "About an adult, or something else"):
        assert f"{small} hidden" in read
    assert "Read by the safeguarding team 3 hours 3 hours" in read
    file = governor.sends("incidents/figures/csv/", span="2026-04").content.decode("utf-8-sig")
    assert "By type,Phone or device used in a lesson,Records,12" in file

    for told in (home.content.decode(), page.content.decode(), file):
        for name in ("Peregrine", "Underhill", "Ottoline", "Quillfeather", *(case.reference for case in cases)):
            assert name not in told
        assert not re.search(r"incidents/(case|inbox|chronology|staff)/", told)
    for days in ("span=term", "span=dates&since=2026-06-01&until=2026-06-30"):
        assert governor.opens(f"incidents/figures/?{days}").status_code == 422
    for road in ("inbox/", f"case/{cases[0].pk}/", f"case/{cases[-1].pk}/", f"case/{cases[0].pk}/actions/", "staff/"):
        assert governor.opens(f"incidents/{road}").status_code in (403, 404), road
    assert "incidents/inbox/?show=all" in head.opens("incidents/figures/?span=2026-04").content.decode()
