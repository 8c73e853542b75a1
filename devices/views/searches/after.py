"""After a search: the next step where consent was refused, the DSL's follow-up, the close, and one recorded late."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import pupils_on_roll, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.forms.searches.after import CloseSearchForm, FollowUpForm, NextStepForm, PastSearchForm
from devices.queries.searches.records import searched_devices
from devices.queries.searches.searchers import prohibited_on
from devices.views.searches.base import AboutSearchView, SearchesView
from devices.views.searches.opening import FindSearchedView


class ChooseNextStepView(AboutSearchView):
    """Consent was refused or taken back: what senior leaders do now (SEA-15)."""

    permission = Permission.VIEW_SEARCHES
    form_class = NextStepForm
    act = operations.searches.choose_next_step
    title = "Consent was refused: what now?"
    lead = "The search has ended. Nothing follows by itself."
    said = "What is done now is on record."

    def get_initial(self) -> dict[str, Any]:
        return {"next_step": self.search.next_step}


class FollowUpSearchView(AboutSearchView):
    """The DSL's view of wider risk, and the support offered (law SE-9)."""

    permission = Permission.LIFT_HOLD
    form_class = FollowUpForm
    act = operations.searches.follow_up_search
    title = "Follow up the search"
    said = "The follow-up is on record."

    def get_initial(self) -> dict[str, Any]:
        return {"wider_risk": self.search.wider_risk, "support": self.search.support}


class CloseSearchView(AboutSearchView):
    """Parents are told or it is withheld, force has its record: the search is closed."""

    permission = Permission.LIFT_HOLD
    form_class = CloseSearchForm
    act = operations.searches.close_search
    title = "Close the search"
    lead = "It stays on record. Parents have been told, or you withhold it; any force used has its own record."
    said = "The search is closed."


class FindPastSearchedView(FindSearchedView):
    """Which pupil was searched."""

    permission = Permission.LIFT_HOLD
    leads_to = "record-past-search"
    heading = "Record a search that was made"


class RecordPastSearchView(SchoolFormView, SearchesView):
    """A search that was made without a record, by whoever made it (law SE-3)."""

    permission = Permission.LIFT_HOLD
    form_class = PastSearchForm
    template_name = "devices/record_past_search.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "staff": staff_of(self.school),
            "stays": searched_devices(self.school).filter(pupil=self.pupil),
            "items": prohibited_on(self.school, self.today),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pupil=self.pupil, back_url=self.url("searches"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PastSearchForm)
        given = form.values()
        search = operations.searches.record_past_search(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            searcher=given["searcher"],
            made_at=given["made_at"],
            answers=operations.searches.PastAnswers(**given["answers"]),
            submission=form.cleaned_data["submission"],
        )
        return self.done("The search is on record.", self.url("search", search.pk))
