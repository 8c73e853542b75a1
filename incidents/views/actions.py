"""The part of a record's page on which things are decided and done: a panel for each, and each step so far (W7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.times import moment
from core.people.models import User
from incidents import queries
from incidents.models import Incident, IncidentEvent
from incidents.views.case import CaseParts, people_panel
from incidents.views.course_panels import (
    advice_panel,
    ending_panel,
    exam_panel,
    plans_panel,
    repeats_panel,
    sanctions_panel,
)
from incidents.views.crime import crime_panel
from incidents.views.deciding import decision_panel
from incidents.views.handling import handling_panel
from incidents.views.images.course import image_panel, reclassify_panel
from incidents.views.levels import level_panel
from incidents.views.panels import Panel
from incidents.views.papers import papers_panel
from incidents.views.parents import parents_panel
from incidents.views.referrals import referrals_panel
from incidents.views.staff_concerns import access_panel, staff_panel
from incidents.views.systems import system_panel
from incidents.views.telling import serious_panel

# Each gives its panel, or None where this record or reader has none; they stand in this order: who and what, what is
# decided, what follows from it, people outside, the end.
PANELS: list[Callable[[Incident, User], Panel | None]] = [
    handling_panel, people_panel, image_panel, parents_panel, system_panel, repeats_panel, staff_panel, level_panel,
    crime_panel, serious_panel, decision_panel, sanctions_panel, plans_panel, exam_panel, advice_panel,
    referrals_panel, access_panel, papers_panel, ending_panel, reclassify_panel,
]  # fmt: skip


class ActionsView(CaseParts):
    """What is decided and done about the record, a panel for each part, and each step so far."""

    part = "case-actions"
    template_name = "incidents/case_actions.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look", self.case)
        panels = [found for make in PANELS if (found := make(self.case, self.actor)) is not None]
        events = [
            {
                "title": event.get_kind_display(),
                "when": moment(event.at, self.now),
                "by": _by(event, self.case),
                "text": event.about,
            }
            for event in queries.events_of(self.case)
        ]
        return self.render(panels=panels, events=events[::-1])


def _by(event: IncidentEvent, case: Incident) -> str:
    """Who took a step; whoever asked not to be named is not named here either."""
    if event.by is None:
        return "the system"
    return case.reporter_name if event.by_id == case.reporter_id else event.by.display_name
