"""The questions before a search, and its start."""

from __future__ import annotations

from typing import Any

from core.people.calendar import london_day
from core.people.queries import contacts_of
from core.people.roles import Permission
from core.rules.queries import UNSPECIFIED
from devices import operations
from devices.enums import SearchBasis, SearchState
from devices.forms.searches.before import (
    NOT_LISTED,
    ConsentForm,
    ExplainForm,
    SoughtForm,
    StartSearchForm,
    WeighForm,
    WhyForm,
)
from devices.queries.searches.searchers import in_words, prohibited_on
from devices.queries.taken.taking import circumstances_of
from devices.views.searches.base import QuestionView
from devices.views.searches.steps import BEFORE, before_rows


class StateSoughtView(QuestionView):
    """What is looked for: an item of the list of the day, and in words."""

    form_class = SoughtForm
    act = operations.searches.state_sought
    page = "search-sought"
    states = BEFORE

    def get_form_kwargs(self) -> dict[str, Any]:
        search = self.search
        bases = operations.searches.bases_of(self.school, search)
        may_be_other = SearchBasis.CONSENT in bases and search.basis != SearchBasis.GROUNDS
        items = prohibited_on(self.school, london_day(search.opened_at))
        return super().get_form_kwargs() | {"items": items, "may_be_other": may_be_other}

    def get_initial(self) -> dict[str, Any]:
        item = self.search.item_id or (NOT_LISTED if self.search.sought else "")
        return {"item": str(item), "sought": self.search.sought}


class StateWhyView(QuestionView):
    """By which power, and why."""

    form_class = WhyForm
    act = operations.searches.state_why
    page = "search-why"
    states = BEFORE

    def get_form_kwargs(self) -> dict[str, Any]:
        search = self.search
        bases = (SearchBasis(search.basis),) if search.basis else operations.searches.bases_of(self.school, search)
        return super().get_form_kwargs() | {
            "bases": bases,
            "silent": not search.basis and self.rules.search_basis == UNSPECIFIED,
            "of_device": search.of == "device",
        }

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of("grounds", "necessity", "good_reason")


class WeighCircumstancesView(QuestionView):
    """What is on record that bears on the search: shown first, then weighed."""

    form_class = WeighForm
    act = operations.searches.weigh_circumstances
    page = "search-weigh"
    template_name = "devices/weigh_search.html"
    states = BEFORE

    @property
    def known(self) -> list[str]:
        if not hasattr(self, "_known"):
            pupil = self.search.pupil
            self._known = in_words(circumstances_of(pupil, pupil.devices.all(), self.now))
        return self._known

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_known": bool(self.known)}

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of("weighed")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(known=self.known, **kwargs)


class ExplainSearchView(QuestionView):
    """What the pupil was told, and how they met it."""

    form_class = ExplainForm
    act = operations.searches.explain_search
    page = "search-explain"
    states = BEFORE
    lead = "Tell them why, how and where, ask if they have questions, and ask them to cooperate."

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of("explained", "cooperation", "tried")


class RecordConsentView(QuestionView):
    """Who was asked for consent, and what they answered. A no ends the search (SEA-15)."""

    form_class = ConsentForm
    act = operations.searches.record_consent
    page = "search-consent"
    states = frozenset({SearchState.CONSENT_PENDING, SearchState.IN_PROGRESS})
    lead = "A no ends the search. Nobody is pressed: a leader then decides what is done."

    def get_form_kwargs(self) -> dict[str, Any]:
        sees = self.may(Permission.VIEW_CONTACTS)
        contacts = contacts_of(self.search.pupil).filter(do_not_inform=False) if sees else []
        under_way = self.search.state == SearchState.IN_PROGRESS
        return super().get_form_kwargs() | {"contacts": contacts, "may_withdraw": under_way}


class StartSearchView(QuestionView):
    """Everything that comes before, to be checked; then the search begins."""

    form_class = StartSearchForm
    act = operations.searches.start_search
    page = "search-start"
    template_name = "devices/check_search.html"
    states = BEFORE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = before_rows(self.search)
        for row in rows:
            row["url"] = self.url(row["page"], self.search.pk)
        return super().get_context_data(rows=rows, **kwargs)
