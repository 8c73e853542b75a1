"""The questions while a search is made, its completion, and its stop."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.queries import staff_of
from devices import operations
from devices.enums import DISPOSALS, SearchOf, SearchState
from devices.forms.searches.making import (
    CompleteSearchForm,
    FindingForm,
    MannerForm,
    NothingFoundForm,
    OutcomeForm,
    StopSearchForm,
    SurroundingsForm,
)
from devices.queries.searches.records import findings_of, searched_devices
from devices.views.searches.base import AboutSearchView, QuestionView
from devices.views.searches.steps import DURING, before_rows, during_rows


class RecordSurroundingsView(QuestionView):
    """Where, and everybody who is there."""

    form_class = SurroundingsForm
    act = operations.searches.record_surroundings
    page = "search-surroundings"
    states = DURING

    def get_form_kwargs(self) -> dict[str, Any]:
        others = [person for person in staff_of(self.school) if person.pk != self.search.searcher_id]
        return super().get_form_kwargs() | {"staff": others}

    def get_initial(self) -> dict[str, Any]:
        known = self.initial_of("place", "others_present")
        named = self.search.witness_name if self.search.witness_id is None else ""
        return known | {"witness": str(self.search.witness_id or ""), "witness_name": named}


class RecordMannerView(QuestionView):
    """Same sex and outer clothing only, or the urgent exception (law SE-4)."""

    form_class = MannerForm
    act = operations.searches.record_manner
    page = "search-manner"
    states = DURING
    lead = "Somebody of the same sex searches, with a witness, and only outer clothing is removed."

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of(
            "same_sex_searcher", "same_sex_witness", "outer_clothing_only", "urgent_reason", "second_adult"
        )


class AddFindingView(QuestionView):
    """What was found, one thing after the other, each with what is done with it; or that nothing was."""

    form_class = FindingForm
    act = operations.searches.add_finding
    page = "search-found"
    template_name = "devices/find_in_search.html"
    states = DURING

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table = [
            {"cells": [kind.label, {"value": "; ".join(str(one.label) for one in allowed), "label": "What is done"}]}
            for kind, allowed in DISPOSALS.items()
        ]
        return super().get_context_data(
            findings=list(findings_of(self.search)),
            nothing_form=NothingFoundForm(),
            columns=["Found", "What is done with it, the usual first"],
            table=table,
            go_on_url=self.url("search-outcome", self.search.pk),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        search = self.keep(form)
        if search.state == SearchState.STOPPED:
            return HttpResponseRedirect(self.url("search", search.pk))
        return self.done("Written down. Add what else was found, or go on.", self.url("search-found", search.pk))


class FindNothingView(QuestionView):
    """Nothing was found."""

    http_method_names = ["post"]
    form_class = NothingFoundForm
    act = operations.searches.find_nothing
    page = "search-found"
    template_name = "devices/answer_search.html"
    states = DURING


class RecordOutcomeView(QuestionView):
    """Force, risk and what follows."""

    form_class = OutcomeForm
    act = operations.searches.record_outcome
    page = "search-outcome"
    states = DURING

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of("force_used", "risk", "risk_note", "follow_up", "support")


class CompleteSearchView(QuestionView):
    """All answers, to be checked; then DSL and parents hear of it as law and rules say."""

    form_class = CompleteSearchForm
    act = operations.searches.complete_search
    page = "search-complete"
    template_name = "devices/check_search.html"
    states = DURING

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"silent": operations.searches.dsl_hears(self.search, self.today) is None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = during_rows(self.search)
        for row in rows:
            row["url"] = self.url(row["page"], self.search.pk)
        return super().get_context_data(
            rows=[*before_rows(self.search), *rows],
            dsl_hears=operations.searches.dsl_hears(self.search, self.today),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        search = self.keep(form)
        return self.done("The search is on record. A parent or carer is told today.", self.url("search", search.pk))


class StopSearchView(AboutSearchView):
    """Something indecent or illegal appeared: stop, hold the device, tell the DSL."""

    form_class = StopSearchForm
    template_name = "devices/stop_search.html"
    act = operations.searches.stop_and_hold
    title = "Stop the search"
    said = "The search is stopped. The DSL has been told."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "stays": list(searched_devices(self.school).filter(pupil=self.search.pupil)),
            "of_device": self.search.of == SearchOf.DEVICE,
        }
