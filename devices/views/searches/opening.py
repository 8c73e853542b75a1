"""Opening a search: which pupil, what is searched, and by whom where the rules are silent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import pupils_on_roll, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import UNSPECIFIED
from devices import operations
from devices.enums import SearchState
from devices.forms.searches.before import OpenSearchForm
from devices.queries.searches.records import searched_devices
from devices.queries.searches.searchers import GUIDANCE, allowed_in_words, governing_document, may_decide
from devices.views.office import FindThenView
from devices.views.searches.base import SearchesView
from devices.views.searches.steps import next_question


class FindSearchedView(SearchesView, FindThenView):
    """Which pupil a search is of."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/find_searched.html"
    leads_to = "open-search"
    heading = "Open a search"

    def page_context(self) -> dict[str, Any]:
        return {
            "heading": self.heading,
            "breadcrumbs": self.crumbs(("Searches", self.url("searches")), (self.heading, "")),
        }


class OpenSearchView(SchoolFormView, SearchesView):
    """What is searched. The page says who may; whoever may not is refused, and that is on record (SEA-01)."""

    permission = Permission.OPEN_SEARCH
    form_class = OpenSearchForm
    template_name = "devices/open_search.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    @property
    def decides(self) -> bool:
        """Whether the rules are silent and this person decides who searches."""
        return bool(self.rules.search_allowed_to == UNSPECIFIED and may_decide(self.actor, self.school))

    def get_form_kwargs(self) -> dict[str, Any]:
        staff = [person for person in staff_of(self.school) if person.pk != self.actor.pk] if self.decides else []
        return super().get_form_kwargs() | {
            "stays": list(searched_devices(self.school).filter(pupil=self.pupil)),
            "staff": staff,
            "decides": self.decides,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document, edition = governing_document(self.school, self.today)
        return super().get_context_data(
            pupil=self.pupil,
            who_may=allowed_in_words(self.school, "search_allowed_to", self.today),
            document=document,
            edition=edition,
            guidance=GUIDANCE,
            back_url=self.url("searches"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, OpenSearchForm)
        search = operations.searches.open_search(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        if search.state == SearchState.BLOCKED:
            return HttpResponseRedirect(self.url("search", search.pk))
        if search.searcher_id != self.actor.pk:
            return self.done(f"The search is opened for {search.searcher.display_name}.", self.url("search", search.pk))
        return HttpResponseRedirect(self.url(next_question(search), search.pk))
