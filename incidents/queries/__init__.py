"""Reads about incidents that views, tasks and the overview need."""

from incidents.queries.cases import cases_visible_to, drafts_of, events_of, notes_of, people_of, reports_of
from incidents.queries.closing import Missing, connect_check, what_is_missing
from incidents.queries.crime import due_words, page_of, tasks_waiting_for
from incidents.queries.inbox import (
    OPEN,
    Inbox,
    Line,
    inbox_of,
    joined_to,
    last_in_words,
    last_reported,
    list_of,
    next_to_triage,
    owners_of,
    steps_due,
    unacknowledged,
)
from incidents.queries.lists import offered_types, sub_types_of

__all__ = [
    "OPEN",
    "Inbox",
    "Line",
    "Missing",
    "cases_visible_to",
    "connect_check",
    "drafts_of",
    "due_words",
    "events_of",
    "inbox_of",
    "joined_to",
    "last_in_words",
    "last_reported",
    "list_of",
    "next_to_triage",
    "notes_of",
    "offered_types",
    "owners_of",
    "page_of",
    "people_of",
    "reports_of",
    "steps_due",
    "sub_types_of",
    "tasks_waiting_for",
    "unacknowledged",
    "what_is_missing",
]
