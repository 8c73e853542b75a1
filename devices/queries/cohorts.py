"""Whose devices stay with them because of the group they are in: the sixth form's, and those in a boarding house."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from core.people.enums import Cohort
from core.people.models import School
from core.rules.queries import for_school
from devices.cohorts import SIXTH_FORM_FROM, keeping_rules
from devices.models import PupilDevice
from devices.queries.kinds import handin_types

_NOTHING = Q(pk__in=())


def kept_by_cohort(school: School, day: date, *, device: str = "") -> Q:
    """The devices that their pupil's group does not hand in (law PH-3), reached by `device`, such as "device__".

    Where no rule says so the condition costs the database nothing, also turned round.
    """
    found = _NOTHING
    for rule in keeping_rules(for_school(school, on=day)):
        said = {**_WHOSE[rule.cohort], "type__key__in": sorted(rule.devices)}
        found |= Q(**{f"{device}{name}": value for name, value in said.items()})
    return found


_WHOSE: dict[Cohort, dict[str, object]] = {
    Cohort.SIXTH_FORM: {"pupil__year_group__gte": SIXTH_FORM_FROM},
    Cohort.BOARDER: {"pupil__is_boarder": True},
}


def keepers(school: School, day: date) -> Q:
    """The pupils who have a device that stays with them and none to hand in: nobody need ask them."""
    kept = kept_by_cohort(school, day)
    if kept == _NOTHING:
        return _NOTHING
    owned = PupilDevice.objects.filter(pupil=OuterRef("pk"), retired_on__isnull=True)
    due = owned.filter(type__key__in=handin_types(school, day)).exclude(kept)
    return Q(Exists(owned.filter(kept))) & ~Q(Exists(due))
