"""One pupil across all that is on record, as far as the reader may see it (W6)."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from core.people.models import Pupil
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from incidents.forms.chronology import OLDEST, ChronologyFilterForm
from incidents.queries.chronology import USUAL, Chronology, Entry, chronology_of, pupils_for_chronology
from incidents.queries.chronology import readers_of_chronology as readers_of
from incidents.timeline import line_of

_A_PAGE = 50
_SHOWN = 400


class ChronologyView(SchoolView):
    """Incidents, custody, searches, what parents were told, decisions, levels and notes of one pupil, in order.

    What the reader may not see is not there and not counted. Opening it is on record. Nobody opens their own child's.
    """

    permission = Permission.VIEW_CHRONOLOGY
    template_name = "incidents/chronology.html"

    @cached_property
    def pupil(self) -> Pupil:
        """The pupil in the address."""
        return get_or_404(pupils_for_chronology(self.actor, self.school), pk=self.kwargs["pupil"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pupil = self.pupil
        self.note_view("incidents.view_chronology", pupil)
        form = ChronologyFilterForm(request.GET) if "order" in request.GET or "kinds" in request.GET else None
        asked = (form or ChronologyFilterForm()).asked()
        number = request.GET.get("page", "")
        first = (max(int(number), 1) - 1) * _A_PAGE if number.isdecimal() and len(number) < 6 else 0
        found = self._part(first, asked)
        if first and first >= found.total:
            first, found = 0, self._part(0, asked)
        reasons = self.may(Permission.LIFT_HOLD)
        return self.render(
            pupil=pupil,
            form=form or ChronologyFilterForm(),
            narrowed=asked["kinds"] != USUAL,
            page_obj=Paginator(range(found.total), _A_PAGE).get_page(first // _A_PAGE + 1),
            query=self._kept(asked),
            total=found.total,
            events=[self._line(entry, reasons) for entry in found.entries],
            readers=[one for one in readers_of(pupil, self.today) if one.pk != self.actor.pk],
            order="oldest first" if asked["oldest_first"] else "newest first",
            breadcrumbs=self._crumbs(),
        )

    def _part(self, first: int, asked: dict[str, Any]) -> Chronology:
        return chronology_of(self.pupil, self.actor, self.today, first=first, last=first + _A_PAGE, **asked)

    def _kept(self, asked: dict[str, Any]) -> str:
        """What the links to other pages keep: kinds and order."""
        order = [("order", OLDEST)] if asked["oldest_first"] else []
        kinds = [("kinds", kind.value) for kind in sorted(asked["kinds"])] if asked["kinds"] != USUAL else []
        return f"{urlencode(order + kinds)}&" if order or kinds else ""

    def _line(self, entry: Entry, reasons: bool) -> dict[str, Any]:
        line = line_of(entry, reasons=reasons)
        line["text"] = Truncator(line["text"]).chars(_SHOWN)
        label = "View both" if line.get("corrects") else "View"
        return line | {"url": self._url(entry), "url_label": label}

    def _url(self, entry: Entry) -> str:
        """Where the entry is read whole, if it has a page."""
        if entry.case is not None:
            return self._link("incidents:case", entry.case.pk)
        return self._link("devices:search", entry.pk) if entry.source == "search" else ""

    def _link(self, name: str, key: int) -> str:
        try:
            return reverse(name, args=[self.school.slug, key])
        except NoReverseMatch:
            return ""

    def _crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": self.pupil.display_name, "url": self._link("people:pupil", self.pupil.pk)},
            {"label": "Chronology"},
        ]
