"""Which kinds of device the school's rules have handed in on a day."""

from __future__ import annotations

from datetime import date

from core.people.models import School
from core.rules.queries import for_school
from devices.judgement import handin_duty
from devices.queries.register import device_types


def handin_types(school: School, day: date) -> frozenset[str]:
    """The keys of the kinds to be handed in, those with no settled rule among them: the desk asks about both."""
    rules = for_school(school, on=day)
    return frozenset(kind.key for kind in device_types(school) if handin_duty(rules, kind) in ("hand_in", "undecided"))
