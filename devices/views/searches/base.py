"""What the pages about searches share: their tabs, the search in hand, and a page that asks one question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices.enums import SearchState
from devices.forms.searches.fields import AnswerForm
from devices.models import SearchRecord
from devices.queries.searches.records import searches_in_hand, searches_visible_to
from devices.views.office import OfficeView
from devices.views.searches.steps import LABELS, next_question, questions_of

_TABS = (
    ("searches", "Searches", Permission.OPEN_SEARCH),
    ("deletions", "Deletions", Permission.OPEN_SEARCH),
    ("prohibited", "Prohibited items", Permission.OPEN_SEARCH),
    ("searchers", "Authorised searchers", Permission.OPEN_SEARCH),
    ("police-searches", "Police searches", Permission.VIEW_SEARCHES),
    ("screenings", "Screening", Permission.VIEW_SEARCHES),
)


class SearchesView(OfficeView, abstract=True):
    """A page about searches."""

    section: ClassVar[str] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.section:
            kwargs["tabs"] = [
                {"label": label, "url": self.url(name), "current": name == self.section}
                for name, label, permission in _TABS
                if self.may(permission)
            ]
        return super().get_context_data(**kwargs)


class AboutSearchView(SchoolFormView, SearchesView, abstract=True):
    """A form about one search, kept by the page's one operation; it leads back to the record."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/answer_search.html"
    title: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    said: ClassVar[str] = ""
    act: ClassVar[Callable[..., Any]]

    def searches(self) -> QuerySet[SearchRecord]:
        """The searches that this person may open the page for."""
        return searches_visible_to(self.actor, self.school)

    @property
    def search(self) -> SearchRecord:
        if not hasattr(self, "_search"):
            self._search: SearchRecord = get_or_404(self.searches(), pk=self.kwargs["search"])
        return self._search

    @property
    def back_url(self) -> str:
        return self.url("search", self.search.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "search": self.search,
            "pupil": self.search.pupil,
            "title": self.title,
            "lead": self.lead,
            "back_url": self.back_url,
        }
        return super().get_context_data(**context | kwargs)

    def keep(self, form: BaseForm) -> Any:
        """Keep what was answered."""
        assert isinstance(form, AnswerForm)
        return type(self).act(
            school=self.school,
            actor=self.actor,
            at=self.now,
            search=self.search,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.keep(form)
        return self.done(self.said, self.url("search", self.search.pk))


class QuestionView(AboutSearchView, abstract=True):
    """One question about a search in hand: only whoever makes it answers, and what is answered is kept."""

    page: ClassVar[str]
    states: ClassVar[frozenset[SearchState]]

    def searches(self) -> QuerySet[SearchRecord]:
        return searches_in_hand(self.actor, self.school)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.search.state not in self.states:
            return HttpResponseRedirect(self.url("search", self.search.pk))
        return super().get(request, *args, **kwargs)

    @property
    def back_url(self) -> str:
        """The question before this one, or the record."""
        pages = questions_of(self.search)
        position = pages.index(self.page) if self.page in pages else 0
        return self.url(pages[position - 1] if position else "search", self.search.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = questions_of(self.search)
        number = pages.index(self.page) + 1 if self.page in pages else 0
        return super().get_context_data(title=LABELS[self.page], number=number, count=len(pages), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        return self.go_on(self.keep(form))

    def go_on(self, search: SearchRecord) -> HttpResponseBase:
        """To the next question that waits for an answer, or to the check."""
        return HttpResponseRedirect(self.url(next_question(search), search.pk))

    def initial_of(self, *names: str) -> dict[str, Any]:
        """What was answered before, for a page that is opened again."""
        return {name: in_form(getattr(self.search, name)) for name in names}


def in_form(value: Any) -> Any:
    """An answer as a form shows it: yes and no for true and false."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is not None else ""
