"""One pupil across all that is on record, as far as the reader may see it (W6)."""

from __future__ import annotations

import base64
import uuid
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import SubmissionForm
from core.people.models import Pupil
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from incidents.forms.chronology import OLDEST, ChronologyFilterForm
from incidents.operations.exporting import export_chronology
from incidents.queries.chronology import (
    USUAL,
    Chronology,
    Entry,
    chronologies_made,
    chronology_of,
    pupils_for_chronology,
)
from incidents.queries.chronology import readers_of_chronology as readers_of
from incidents.timeline import line_of

_A_PAGE = 50
_SHOWN = 400
_PAPERS = 5


class _ChronologyPage(SchoolView, abstract=True):
    permission = Permission.VIEW_CHRONOLOGY

    @cached_property
    def pupil(self) -> Pupil:
        """The pupil in the address."""
        return get_or_404(pupils_for_chronology(self.actor, self.school), pk=self.kwargs["pupil"])

    def asked(self, data: QueryDict) -> tuple[ChronologyFilterForm, dict[str, Any]]:
        """The filter as it was sent, or as it stands at first, and what it asks for."""
        form = ChronologyFilterForm(data) if "order" in data or "kinds" in data else ChronologyFilterForm()
        return form, form.asked()


class ChronologyView(_ChronologyPage):
    """Incidents, custody, searches, what parents were told, decisions, levels and notes of one pupil, in order.

    What the reader may not see is not there and not counted. Opening it is on record. Nobody opens their own child's.
    """

    template_name = "incidents/chronology.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pupil = self.pupil
        self.note_view("incidents.view_chronology", pupil)
        form, asked = self.asked(request.GET)
        number = request.GET.get("page", "")
        first = (max(int(number), 1) - 1) * _A_PAGE if number.isdecimal() and len(number) < 6 else 0
        found = self._part(first, asked)
        if first and first >= found.total:
            first, found = 0, self._part(0, asked)
        reasons = self.may(Permission.LIFT_HOLD)
        return self.render(
            pupil=pupil,
            form=form,
            fresh_key=uuid.uuid4(),
            asked=asked,
            made=list(chronologies_made(self.actor, pupil)[:_PAPERS]),
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


class ExportChronologyView(_ChronologyPage):
    """The button that makes a PDF of what is shown; it goes to its maker."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _form, asked = self.asked(request.POST)
        key = SubmissionForm(request.POST)
        export_chronology(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil,
            submission=key.cleaned_data["submission"] if key.is_valid() else None, **asked,
        )  # fmt: skip
        url = reverse("incidents:chronology", args=[self.school.slug, self.pupil.pk])
        return self.done("The PDF is made. It stands at the end of the page.", url)


class ChronologyPaperView(_ChronologyPage):
    """A PDF as it was made, for its maker; that it was opened is on record."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        made = get_or_404(chronologies_made(self.actor, self.pupil), pk=self.kwargs["case_document"])
        record(
            school=self.school, actor=self.actor, action="incidents.open_document", at=self.now, obj=made,
            outcome=Outcome.EXPORTED, detail={"checksum": made.checksum},
        )  # fmt: skip
        response = HttpResponse(base64.b64decode(made.content), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="chronology-{made.pk}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response
