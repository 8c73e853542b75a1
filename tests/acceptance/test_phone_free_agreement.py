"""The scenarios of the phone-free-agreement preset."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django_scopes import scope

from core.people.calendar import calendar_for
from core.people.models import School
from core.rules.operations import adopt_preset
from core.rules.queries import for_school
from devices.judgement import UseJudgement, judge_use
from devices.operations import seed_device_types
from devices.queries import device_types
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
