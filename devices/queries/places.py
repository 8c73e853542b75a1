"""The places that the school’s rules know by name."""

from __future__ import annotations

from typing import Any

from core.rules.words import settings_in, words_for
from devices.cohorts import cohort_rules, named_places
from devices.judgement import UNSPECIFIED, WHOLE_SITE


def area_choices(rules: Any) -> list[tuple[str, str]]:
    """The named areas that a place is said by, the school's own words among them (DEV-17)."""
    setting = settings_in(words_for(rules))["barred_areas"]
    own = rules.barred_areas if rules.barred_areas != UNSPECIFIED else frozenset()
    keys = [key for key in setting.values if key != WHOLE_SITE]
    keys += sorted(name for name in own if name not in setting.values)
    return [(key, setting.words_for_item(key)) for key in keys]


def place_choices(rules: Any) -> list[tuple[str, str]]:
    """Every place that the rules know by name: where no device is used, and where some may be (law PH-3)."""
    found = area_choices(rules)
    said = {name.casefold() for choice in found for name in choice}
    allowed = named_places(rules.allowed_places) if rules.base_use_on_site == "allowed_in_places" else ()
    for place in [*allowed, *(place for rule in cohort_rules(rules) for place in rule.places)]:
        if place.casefold() not in said:
            said.add(place.casefold())
            found.append((place, place))
    return found
