"""A demonstration whose making was stopped: whole schools stay, and the next run goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from core.audit.models import Entry
from core.people.models import School, User
from schoolsafe.demo.building import build, is_made
from schoolsafe.demo.schools import ASHGROVE, BARLEY_LANE, RUSHMERE, DemoSchool


def stopping_at(plan: DemoSchool) -> Callable[[str], None]:
    """Somebody presses Ctrl-C while the school is being made."""

    def say(line: str) -> None:
        if line.startswith(plan.name) and "bringing in" in line:
            raise KeyboardInterrupt

    return say


@pytest.mark.django_db
def test_make_demo_stopped_half_way_leaves_whole_schools_and_goes_on() -> None:
    """Each school is whole or absent; what was made is not made again."""
    now = timezone.now()
    with pytest.raises(KeyboardInterrupt):
        build(now, stopping_at(BARLEY_LANE))
    assert [plan.key for plan in (ASHGROVE, BARLEY_LANE) if is_made(plan)] == [ASHGROVE.key]
    ashgrove = School.objects.get()
    assert not User.objects.filter(email__endswith=BARLEY_LANE.domain).exists()
    before = Entry.objects.filter(school_id=ashgrove.pk).count()

    with pytest.raises(KeyboardInterrupt):
        build(now, stopping_at(RUSHMERE))
    assert is_made(BARLEY_LANE)
    assert Entry.objects.filter(school_id=ashgrove.pk).count() == before
    assert School.objects.count() == 2
