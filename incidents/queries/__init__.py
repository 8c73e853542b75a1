"""Reads about incidents that views, tasks and the overview need."""

from incidents.queries.cases import cases_visible_to, drafts_of, events_of, notes_of, people_of, reports_of
from incidents.queries.lists import offered_types, sub_types_of

__all__ = [
    "cases_visible_to",
    "drafts_of",
    "events_of",
    "notes_of",
    "offered_types",
    "people_of",
    "reports_of",
    "sub_types_of",
]
