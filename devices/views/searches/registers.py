"""The list of prohibited items, the register of authorised searchers, and sessions of screening."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from core.kit.forms import BaseForm
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import STATUTORY_ITEMS, ItemClass, SearchOf
from devices.forms.searches.fields import AnswerForm
from devices.forms.searches.registers import EndProhibitedForm, ProhibitedForm, ScreeningForm, SearcherForm
from devices.models import ProhibitedItem, SearcherAuthorisation
from devices.queries.searches.records import screenings
from devices.queries.searches.searchers import (
    allowed_in_words,
    governing_document,
    prohibited_items,
    prohibited_on,
    searchers_on,
    searchers_visible_to,
)
from devices.views.searches.base import SearchesView

_A_PAGE = 40


class ListProhibitedView(SearchesView):
    """The list of the day, and what was on it before. Every member of staff may read it."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/list_prohibited.html"
    section = "prohibited"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        listed = list(prohibited_on(self.school, self.today))
        now = {item.pk for item in listed}
        document, edition = governing_document(self.school, self.today)
        return self.render(
            items=listed,
            others=[item for item in prohibited_items(self.school) if item.pk not in now],
            statutory=[name for name, _kind in STATUTORY_ITEMS],
            statute=ItemClass.STATUTORY,
            document=document,
            edition=edition,
            may_edit=self.may(Permission.AUTHORISE_SEARCHERS),
        )


class AddProhibitedView(SchoolFormView, SearchesView):
    """Put something that the behaviour policy bans on the list."""

    permission = Permission.AUTHORISE_SEARCHERS
    form_class = ProhibitedForm
    template_name = "devices/register_form.html"

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title="Add to the list", back_url=self.url("prohibited"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AnswerForm)
        operations.searches.add_prohibited(
            school=self.school,
            actor=self.actor,
            at=self.now,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("It is on the list.", self.url("prohibited"))


class EndProhibitedView(SchoolFormView, SearchesView):
    """Take a school-rule item off the list; searches of earlier days keep it."""

    permission = Permission.AUTHORISE_SEARCHERS
    form_class = EndProhibitedForm
    template_name = "devices/register_form.html"

    @property
    def item(self) -> ProhibitedItem:
        if not hasattr(self, "_item"):
            self._item: ProhibitedItem = get_or_404(
                prohibited_items(self.school).filter(ends_on=None), pk=self.kwargs["prohibited_item"]
            )
        return self._item

    def get_initial(self) -> dict[str, Any]:
        return {"ends_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = f"Take “{self.item.name}” off the list"
        return super().get_context_data(title=title, back_url=self.url("prohibited"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.searches.end_prohibited(
            school=self.school,
            actor=self.actor,
            at=self.now,
            item=self.item,
            ends_on=form.cleaned_data["ends_on"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("It is off the list after that day.", self.url("prohibited"))


def _entry(entry: SearcherAuthorisation, live: set[int]) -> dict[str, Any]:
    """A line of the register, its keys in words."""
    return {
        "entry": entry,
        "is_live": entry.pk in live,
        "scope": [str(SearchOf(key).label) for key in entry.scope],
        "classes": [str(ItemClass(key).label) for key in entry.classes],
    }


class ListSearchersView(SearchesView):
    """Who may search by rule, and the register of those whom the headteacher authorised (SEA-05)."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/list_searchers.html"
    section = "searchers"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        live = set(searchers_on(self.school, self.today).values_list("pk", flat=True))
        return self.render(
            entries=[_entry(entry, live) for entry in searchers_visible_to(self.school)],
            who_may=allowed_in_words(self.school, "search_allowed_to", self.today),
            may_edit=self.may(Permission.AUTHORISE_SEARCHERS),
        )


class AuthoriseSearcherView(SchoolFormView, SearchesView):
    """The headteacher authorises a member of staff."""

    permission = Permission.AUTHORISE_SEARCHERS
    form_class = SearcherForm
    template_name = "devices/register_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        others = [person for person in staff_of(self.school) if person.pk != self.actor.pk]
        return super().get_form_kwargs() | {"staff": others}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title="Authorise a searcher", back_url=self.url("searchers"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AnswerForm)
        operations.searches.authorise_searcher(
            school=self.school,
            actor=self.actor,
            at=self.now,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("The entry is on the register.", self.url("searchers"))


class EndSearcherView(SchoolFormView, SearchesView):
    """End an entry of the register at once."""

    permission = Permission.AUTHORISE_SEARCHERS
    form_class = AnswerForm
    template_name = "devices/register_form.html"

    @property
    def entry(self) -> SearcherAuthorisation:
        if not hasattr(self, "_entry"):
            self._entry: SearcherAuthorisation = get_or_404(
                searchers_visible_to(self.school).filter(ended_at=None), pk=self.kwargs["searcher"]
            )
        return self._entry

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=f"End the authorisation of {self.entry.person.display_name}",
            submit_label="End it now",
            back_url=self.url("searchers"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.searches.end_searcher(
            school=self.school,
            actor=self.actor,
            at=self.now,
            authorisation=self.entry,
            submission=form.cleaned_data["submission"],
        )
        return self.done("It has ended.", self.url("searchers"))


class ScreeningsView(SchoolFormView, SearchesView):
    """Sessions of screening, newest first, and the form for the next. No pupil is named (law SE-12)."""

    permission = Permission.VIEW_SEARCHES
    form_class = ScreeningForm
    template_name = "devices/screenings.html"
    section = "screenings"

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate(self.now), "led_to_searches": 0}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(screenings(self.school), _A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page_obj=page, sessions=list(page), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AnswerForm)
        operations.searches.record_screening(
            school=self.school,
            actor=self.actor,
            at=self.now,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("The session is on record.", self.url("screenings"))
