"""Whether pupils may use a device here and now: the facts that the judgement needs, for one pupil or for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from core.people.calendar import calendar_for, london_day
from core.people.models import Placement, Pupil, School
from core.rules.queries import for_school
from core.rules.words import settings_in, words_for
from devices.cohorts import cohort_rules, cohorts_of, named_places
from devices.enums import MarkKind
from devices.judgement import OFF_SITE, UNSPECIFIED, WHOLE_SITE, LivePermission, MayUse, may_use
from devices.models import DayMark, DeviceType
from devices.queries.register import device_types


def live_permissions(school: School, pupils: Iterable[Pupil], day: date) -> dict[int, LivePermission]:
    """The permissions in force on a day, by pupil: that there is one and its limits, never why (DEV-35).

    The one place that knows; written agreements to exceptional use are added to it here when the school keeps them.
    """
    marked = DayMark.objects.filter(
        school=school, day=day, kind=MarkKind.PERMITTED, withdrawn_at__isnull=True, pupil__in=list(pupils)
    )
    return {pupil: LivePermission() for pupil in marked.values_list("pupil_id", flat=True)}


def placements_on(pupils: Iterable[Pupil], day: date) -> dict[int, list[Placement]]:
    """The placements in force on a day, by pupil (DEV-20)."""
    found: dict[int, list[Placement]] = {}
    running = Placement.objects.filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=day),
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        pupil__in=list(pupils),
    )
    for placement in running.order_by("provider", "id"):
        found.setdefault(placement.pupil_id, []).append(placement)
    return found


def barred_functions(school: School, day: date) -> list[str]:
    """What a device is not used for in school, in words, as the school's rules have it on a day (DEV-32)."""
    rules = for_school(school, on=day)
    setting = settings_in(words_for(rules))["barred_functions"]
    barred = () if rules.barred_functions == UNSPECIFIED else setting.in_order(rules.barred_functions)
    return [setting.words_for_item(key) for key in barred]


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


def may_use_now(
    school: School,
    pupils: Sequence[Pupil],
    *,
    at: datetime,
    area: str = "",
    part: str = "",
    kind: DeviceType | None = None,
    with_functions: bool = False,
) -> dict[int, MayUse]:
    """The answer for each of `pupils`, in three statements however many they are (DEV-13).

    Without a `kind` every kind of the school's catalogue is asked about at once. The functions that are barred are
    added where a page has room for them.
    """
    day = london_day(at)
    rules, calendar = for_school(school, on=day), calendar_for(school)
    kinds = [kind] if kind is not None else list(device_types(school))
    permissions = live_permissions(school, pupils, day)
    functions = barred_functions(school, day) if with_functions else []
    placed = placements_on(pupils, day) if area == OFF_SITE else {}

    def answer(pupil: Pupil) -> MayUse:
        if area == OFF_SITE and pupil.pk not in placed:
            return MayUse("ask", "offsite_rule", "No placement is on record for that day. Ask the office.")
        return may_use(
            rules,
            calendar,
            kinds,
            at=at,
            area=area,
            part=part,
            permission=permissions.get(pupil.pk),
            cohorts=cohorts_of(pupil),
            barred_functions=functions,
        )

    return {pupil.pk: answer(pupil) for pupil in pupils}
