"""The school calendar: terms, days out of the ordinary, and the named times of a day (ORG-17)."""

from __future__ import annotations

from django.db import models

from core.kit.models import Privacy
from core.people.enums import DayKind, DayTimeKey
from core.people.models.base import TrackedModel

_WEEKDAYS = [(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday")]


class Term(TrackedModel):
    """A run of weeks in which weekdays are school days, unless a calendar day says otherwise."""

    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="people_term_dates_in_order"
            ),
            models.UniqueConstraint(fields=["school", "starts_on"], name="people_term_starts_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDay(TrackedModel):
    """One date that is not what its term and weekday would make it: inset, closed, holiday, or school after all."""

    date = models.DateField()
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    note = models.CharField(max_length=120, blank=True, default="")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["school", "date"], name="people_calendarday_one_per_date")]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class DayTime(TrackedModel):
    """A named time of day from a date on; a row for one weekday stands above the row for all of them."""

    key = models.CharField(max_length=20, choices=DayTimeKey.choices)
    time = models.TimeField()
    weekday = models.PositiveSmallIntegerField(choices=_WEEKDAYS, null=True, blank=True)
    effective_from = models.DateField()

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["effective_from", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "key", "weekday", "effective_from"],
                nulls_distinct=False,
                name="people_daytime_one_per_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.time:%H:%M}"
