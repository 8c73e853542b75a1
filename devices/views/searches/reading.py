"""Reading searches: the list, and one record with its whole course. Reading a record is itself recorded."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase

from core.kit.times import moment
from core.people.roles import Permission
from core.people.views.base import get_or_404
from devices.enums import SearchState
from devices.models import SearchRecord
from devices.queries.searches.records import (
    deletions_visible_to,
    force_of,
    search_events,
    search_notices,
    searches_in_hand,
    searches_visible_to,
)
from devices.views.searches.base import SearchesView
from devices.views.searches.steps import BEFORE, DURING, before_rows, during_rows, next_question

_A_PAGE = 40
_KINDS = {
    SearchState.BLOCKED: "stop",
    SearchState.STOPPED: "stop",
    SearchState.COMPLETED_NOTHING: "attention",
    SearchState.COMPLETED_FOUND: "attention",
    SearchState.FOLLOWED_UP: "info",
    SearchState.CLOSED: "neutral",
    SearchState.ENDED_REFUSED: "attention",
}
_MADE = (SearchState.COMPLETED_NOTHING, SearchState.COMPLETED_FOUND)
_STOPPABLE = (*BEFORE, *DURING, *_MADE, SearchState.FOLLOWED_UP)


def tag_of(search: SearchRecord) -> dict[str, str]:
    """The state of a search as a tag."""
    state = SearchState(search.state)
    return {"kind": _KINDS.get(state, "waiting"), "word": str(state.label)}


class ListSearchesView(SearchesView):
    """Every search for whoever may read them, for others their own; newest first."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/list_searches.html"
    section = "searches"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = Paginator(searches_visible_to(self.actor, self.school), _A_PAGE).get_page(request.GET.get("page"))
        rows = [{"search": search, "tag": tag_of(search)} for search in page]
        return self.render(
            page_obj=page,
            rows=rows,
            may_view=self.may(Permission.VIEW_SEARCHES),
            may_record_past=self.may(Permission.LIFT_HOLD),
        )


class ShowSearchView(SearchesView):
    """One search: its state, what comes next, every answer and every step."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/show_search.html"

    @property
    def search(self) -> SearchRecord:
        if not hasattr(self, "_search"):
            self._search: SearchRecord = get_or_404(
                searches_visible_to(self.actor, self.school), pk=self.kwargs["search"]
            )
        return self._search

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        search = self.search
        self.note_view("devices.view_search", search)
        mine = searches_in_hand(self.actor, self.school).filter(pk=search.pk).exists()
        leads = self.may(Permission.LIFT_HOLD)
        force = force_of(search)
        return self.render(
            search=search,
            pupil=search.pupil,
            tag=tag_of(search),
            rows=self._rows(search),
            events=self._events(search),
            notices=list(search_notices(search)),
            force=force,
            deletions=list(deletions_visible_to(self.actor, self.school).filter(search=search)),
            go_on_url=self.url(next_question(search), search.pk) if mine and search.state in BEFORE | DURING else "",
            may_stop=search.state in _STOPPABLE,
            may_withdraw=mine and search.state in DURING and search.basis == "consent",
            may_follow_up=leads and search.state in _MADE,
            may_close=leads and search.state == SearchState.FOLLOWED_UP,
            needs_next_step=self.may(Permission.VIEW_SEARCHES) and search.state == SearchState.ENDED_REFUSED,
            may_ask_deletion=search.custody is not None and search.custody.is_open and search.started_at is not None,
            needs_force=bool(search.force_used) and force is None,
            may_print=self.may(Permission.VIEW_SEARCHES),
            breadcrumbs=self.crumbs(("Searches", self.url("searches")), ("One search", "")),
        )

    def _rows(self, search: SearchRecord) -> list[dict[str, Any]]:
        as_what = str(search.get_searched_as_display())
        if search.decision_reason:
            as_what = f"{as_what}: {search.decision_reason}"
        rows: list[dict[str, Any]] = [
            {"label": "What is searched", "value": search.get_of_display()},
            {"label": "Searcher", "value": search.searcher.display_name},
            {"label": "May search as", "value": as_what},
            {"label": "Governed by", "value": search.document, "missing": "The rules name no document"},
            {"label": "Edition", "value": search.edition},
        ]
        if search.custody is not None:
            device = search.custody.device
            rows.insert(1, {"label": "Device", "value": device.description, "url": self._device_url(search),
                            "url_label": "See"})  # fmt: skip
        if search.started_at is not None:
            rows.append({"label": "Started", "value": moment(search.started_at, now=self.now)})
        rows += before_rows(search)
        if search.started_at is not None:
            rows += during_rows(search)
        after = (
            ("Wider risk", search.wider_risk),
            ("Support", search.support if search.wider_risk else ""),
            ("What was done after the refusal", search.get_next_step_display()),
            ("Why it stopped", search.stopped_because),
        )
        return rows + [{"label": label, "value": value} for label, value in after if value]

    def _device_url(self, search: SearchRecord) -> str:
        may = self.may(Permission.VIEW_PUPIL_DETAIL) and search.custody is not None
        return self.url("device", search.custody.device_id) if may and search.custody is not None else ""

    def _events(self, search: SearchRecord) -> list[dict[str, Any]]:
        opened = {
            "title": "Opened",
            "when": moment(search.opened_at, now=self.now),
            "by": search.opened_by.display_name,
        }
        return [
            opened,
            *(
                {
                    "title": event.get_to_state_display(),
                    "when": moment(event.at, now=self.now),
                    "by": event.by.display_name,
                    "text": event.note,
                }
                for event in search_events(search)
            ),
        ]
