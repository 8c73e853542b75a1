"""Whether pupils may use a device here and now: the facts that the judgement needs, for one pupil or for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.queries import in_force_then
from core.approvals.words import limits_in_words
from core.people.calendar import calendar_for, london_day
from core.people.models import Placement, Pupil, School
from core.rules.queries import for_school
from core.rules.words import settings_in, words_for
from devices.cohorts import cohorts_of
from devices.enums import MarkKind
from devices.judgement import OFF_SITE, UNSPECIFIED, LivePermission, MayUse, may_use, part_of_day
from devices.models import DayMark, DeviceType
from devices.queries.lessons import lessons_permitted, revoked_at
from devices.queries.places import place_choices
from devices.queries.register import device_types


def live_permissions(school: School, pupils: Iterable[Pupil], at: datetime) -> dict[int, tuple[LivePermission, ...]]:
    """The permissions in force at a moment, by pupil: that there is one and its limits, never why (DEV-35, AP-6).

    The one place that knows: standing permissions as they stood at that moment, to the minute, and marks of the day. A
    mark says that somebody keeps a device and not what for, so it widens no permission that has limits.
    """
    asked = list(pupils)
    found: dict[int, tuple[LivePermission, ...]] = {}
    for source in _SOURCES:
        for pupil, more in source(school, asked, at).items():
            found[pupil] = (*found.get(pupil, ()), *more)
    return _marked(school, asked, at) | found


def _marked(school: School, pupils: Sequence[Pupil], at: datetime) -> dict[int, tuple[LivePermission, ...]]:
    """Those whom somebody marked as permitted for the day."""
    marked = DayMark.objects.filter(
        school=school, day=london_day(at), kind=MarkKind.PERMITTED, withdrawn_at__isnull=True, pupil__in=pupils
    )
    return {pupil: (LivePermission(),) for pupil in marked.values_list("pupil_id", flat=True)}


def _standing(school: School, pupils: Sequence[Pupil], at: datetime) -> dict[int, tuple[LivePermission, ...]]:
    """Those with an approved exceptional use (DEV-35)."""
    found: dict[int, tuple[LivePermission, ...]] = {}
    rows = in_force_then(school, at, Kind.EXCEPTIONAL_USE).filter(pupil__in=pupils).select_related("supervisor")
    places = dict(place_choices(for_school(school, on=london_day(at)))) if rows else {}
    for row in rows:
        assert row.pupil_id is not None
        found[row.pupil_id] = (*found.get(row.pupil_id, ()), standing_permission(row, places))
    return found


def standing_permission(row: Approval, places: Mapping[str, str]) -> LivePermission:
    """An approval as the judgement takes it."""
    return LivePermission(
        limits=tuple(f"{label}: {value}" for label, value in limits_in_words(row, places) if label != "When"),
        places=frozenset(row.places),
        parts=frozenset(row.parts),
        functions=tuple(row.functions),
        hours=(row.daily_from, row.daily_to) if row.daily_from is not None and row.daily_to is not None else None,
        source="exceptional_use",
        sentence="With the pupil by agreement.",
    )


_SOURCES: list[Callable[[School, Sequence[Pupil], datetime], dict[int, tuple[LivePermission, ...]]]] = [
    _standing,
    lessons_permitted,
]


def functions_permitted(school: School, pupil: Pupil, at: datetime) -> list[str]:
    """What the pupil's permissions of the moment are for: what the look-up offers to ask about."""
    found = live_permissions(school, [pupil], at).get(pupil.pk, ())
    return list(dict.fromkeys(function for one in found for function in one.functions))


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


def may_use_now(
    school: School,
    pupils: Sequence[Pupil],
    *,
    at: datetime,
    area: str = "",
    part: str = "",
    kind: DeviceType | None = None,
    with_functions: bool = False,
    function: str = "",
) -> dict[int, MayUse]:
    """The answer for each of `pupils`, in four statements however many they are (DEV-13).

    Without a `kind` every kind of the school's catalogue is asked about at once. The functions that are barred are
    added where a page has room for them.
    """
    day = london_day(at)
    rules, calendar = for_school(school, on=day), calendar_for(school)
    kinds = [kind] if kind is not None else list(device_types(school))
    permissions = live_permissions(school, pupils, at)
    now = part_of_day(calendar, at, part)
    functions = barred_functions(school, day) if with_functions else []
    revoked = revoked_at(pupils, at) if rules.break_use == "revocable_privilege" else {}
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
            permission=_that_covers(permissions.get(pupil.pk, ()), at=at, area=area, part=now, function=function),
            cohorts=cohorts_of(pupil),
            barred_functions=functions,
            function=function,
            revoked_until=revoked[pupil.pk].ends_on if pupil.pk in revoked else None,
        )

    return {pupil.pk: answer(pupil) for pupil in pupils}


def _that_covers(permissions: Sequence[LivePermission], **here: Any) -> LivePermission | None:
    """The one that covers this, else the first, whose limit the answer then names."""
    covering = (one for one in permissions if not one.outside(**here))
    return next(covering, permissions[0] if permissions else None)
