"""Reads about incidents that views, tasks and the overview need."""

from incidents.queries.cases import cases_visible_to, drafts_of, events_of, notes_of, people_of, reports_of

__all__ = ["cases_visible_to", "drafts_of", "events_of", "notes_of", "people_of", "reports_of"]
