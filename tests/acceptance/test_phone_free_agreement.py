"""The scenarios of the phone-free-agreement preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django_scopes import scope

from core.people.calendar import calendar_for
from core.people.models import School
from core.people.roles import Role
from core.rules.operations import adopt_preset
from core.rules.queries import for_school
from devices import operations
from devices.judgement import UseJudgement, judge_use
from devices.models import Escalation, ParentNotice
from devices.operations import seed_device_types
from devices.queries import device_types
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import RELEASE, family
from tests.factories import make_school

LONDON = ZoneInfo("Europe/London")
DECIDED = datetime(2026, 6, 15, 9, 0, tzinfo=LONDON)
CHANGE = date(2026, 7, 1)
EVE = datetime(2026, 6, 30, 10, 50, tzinfo=LONDON)
DAY = datetime(2026, 7, 1, 10, 50, tzinfo=LONDON)


def judged(school: School, key: str, seen_at: datetime) -> UseJudgement:
    """A sighting judged by the rules of its own day."""
    seed_device_types(school=school, actor=None, at=DECIDED)
    kinds = {kind.key: kind for kind in device_types(school)}
    rules = for_school(school, on=seen_at.astimezone(LONDON).date())
    return judge_use(rules, calendar_for(school), kinds[key], seen_at=seen_at)


@pytest.mark.parametrize(
    ("earlier", "phone_before", "earphones_before"),
    [
        ("group-locked-storage", "breach", "no_breach"),
        ("primary-by-agreement", "breach", "no_breach"),
        ("primary-online-safety", "breach", "no_breach"),
        ("image-and-conduct", "ask", "ask"),
    ],
)
def test_roc_s1_the_rules_of_1_july_judge_from_1_july_and_not_before(
    db: None, earlier: str, phone_before: str, earphones_before: str
) -> None:
    """ROC-S1 (ORG-16, DEV-01, DEV-14): rules effective 1 July 2026; a phone seen on 30 June is judged by the earlier
    settings; on 1 July at break it is a breach, and so are earphones paired to a phone."""
    school = make_school("rowan-vale", preset=earlier)
    with scope(school=school):
        adopt_preset(
            school=school,
            actor=None,
            at=DECIDED,
            preset="phone-free-agreement",
            effective_from=CHANGE,
            reason="The school goes phone-free.",
        )
        school.refresh_from_db()
        assert judged(school, "phone", EVE).verdict == phone_before
        assert judged(school, "earphones", EVE).verdict == earphones_before
        for key in ("phone", "earphones"):
            on_the_day = judged(school, key, DAY)
            assert (on_the_day.verdict, on_the_day.rule) == ("breach", "base_use_on_site")


def test_roc_s1_the_last_minute_of_30_june_and_the_first_of_1_july_in_london(db: None) -> None:
    """ROC-S1 (ORG-16): the day is London's, an hour ahead of UTC in summer."""
    school = make_school("rowan-vale", preset="image-and-conduct")
    with scope(school=school):
        adopt_preset(
            school=school,
            actor=None,
            at=DECIDED,
            preset="phone-free-agreement",
            effective_from=CHANGE,
            reason="The school goes phone-free.",
        )
        school.refresh_from_db()
        last = datetime(2026, 6, 30, 22, 59, tzinfo=ZoneInfo("UTC"))
        first = datetime(2026, 6, 30, 23, 1, tzinfo=ZoneInfo("UTC"))
        assert judged(school, "phone", last).verdict == "ask"
        assert judged(school, "phone", first).verdict == "breach"


@pytest.fixture
def preset() -> str:
    return "phone-free-agreement"


def test_roc_s3_neg_an_escalated_phone_is_refused_to_its_pupil_at_the_end_of_the_day(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ROC-S3 NEG (CNF-06, CNF-07): a repeated breach; staff escalate: the trigger, decider and reason are stored, the
    parent is told, and release to the pupil at the end of the day is refused. The counter proposed it."""
    home, office, leader = family(place, at), as_role(Role.OFFICE), as_role(Role.SLT)
    last_week = at.replace(day=18, hour=10)
    first = home.taken(place, last_week)
    operations.taken.release_device(
        school=place, actor=office.user, at=last_week.replace(hour=15, minute=30), custody=first, to="pupil",
        identity="known", condition="Whole", place="office", signed="paper",
    )  # fmt: skip
    stay = home.taken(place, at.replace(hour=10))
    clock(11, 0)
    page = f"devices/custody/{stay.pk}/release/"
    proposed = shown(leader.opens(page))
    assert "Taken 2 times in 13 weeks." in proposed
    assert "a leader may have a parent collect it" in proposed
    assert not Escalation.objects.exists()

    refused = office.sends(f"devices/custody/{stay.pk}/escalate/", trigger="repeated", reason="Twice.")
    assert refused.status_code == 403
    leader.sends(f"devices/custody/{stay.pk}/escalate/", trigger="repeated", reason="Twice this term.")
    escalation = Escalation.objects.get(custody=stay)
    assert (escalation.trigger, escalation.decided_by, escalation.reason, escalation.counted) == (
        "repeated", leader.user, "Twice this term.", 2,
    )  # fmt: skip

    notice = ParentNotice.objects.get(custody=stay, about="escalated")
    assert "A parent or carer must collect it" in shown(office.opens("devices/parents/"))
    office.sends(
        f"devices/parents/{notice.pk}/", contact=home.mother.pk, how="phone", message="You are asked to collect it."
    )
    notice.refresh_from_db()
    assert (notice.contact, notice.told_by) == (home.mother, office.user)

    clock(15, 15)
    at_the_end = office.sends(page, to="pupil", identity="known", condition="Whole", place="office", signed="paper")
    assert at_the_end.status_code == 422
    assert f"Not to the pupil. {leader.user.display_name} decided" in shown(at_the_end)
    released = office.sends(page, to=f"contact-{home.mother.pk}", initials="DK", **RELEASE)
    assert "To Dana Kovacs, mother" in shown(released)
