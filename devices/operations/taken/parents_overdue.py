"""Reminding the school of parents who should have been told by now."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.audit.operations import operation, record
from core.audit.queries import entries_for
from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.models import School
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import Role
from devices.queries.taken.parents import notices_overdue

REMINDED = "devices.remind_parent_notices"


@operation(REMINDED)
def remind_parent_notices(*, school: School, at: datetime) -> int:
    """Remind the office and the DSL of parents who should have been told by now, once each school day (NOT-03, CO-5).

    For the clock; again the same day it tells nobody. Returns how many notices are overdue. What is withheld is not
    among them.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    day = london_day(at)
    if not calendar_for(school).is_school_day(day):
        return 0
    if entries_for(school, action=REMINDED, first=day, last=day).exists():
        return 0
    overdue = notices_overdue(school, at).count()
    if not overdue:
        return 0
    safeguarding = [*dsls_for(school), *deputies_for(school)]
    known = {person.pk for person in safeguarding}
    office = [one for one in holders_of(school, Role.OFFICE, on=day) if one.pk not in known]
    for people, number in ((safeguarding, overdue), (office, notices_overdue(school, at, of_searches=False).count())):
        if people and number:
            notify(
                school=school,
                recipients=people,
                kind="devices.parents_to_tell",
                subject=f"{number} parent{' has' if number == 1 else 's have'} not been told yet",
                body="The list says of whom. You are reminded once each school day.",
                url=reverse("devices:parents-to-tell", args=[school.slug]),
                at=at,
                dedupe_key=f"parents-to-tell:{day}",
            )
    record(school=school, actor=None, action=REMINDED, at=at, detail={"overdue": overdue})
    return overdue
