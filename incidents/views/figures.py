"""Records in figures, on a page, on paper and as a CSV file: for leaders and governors, nobody named (INC-40)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.people.calendar import calendar_for
from core.people.roles import Permission
from core.people.views.base import SchoolView
from core.rules.queries import for_school
from incidents.forms.figures import SpanForm
from incidents.queries.figures import CaseFigures, Row, case_figures, policy_table, readable, register
from incidents.spans import ended_terms, spans_until

HIDDEN = "hidden"


class CaseFiguresBase(SchoolView, abstract=True):
    """What the page and the file share: the days somebody may choose, and what counts for them.

    Whoever leads on records gets any days of the records that they may read, and a way to each list. Everybody else
    gets the whole register in terms that have ended, and no way to a record (`incidents.spans`, `queries.figures`).
    """

    permission = Permission.VIEW_GOVERNORS

    @property
    def leads(self) -> bool:
        return self.may(Permission.LEAD_CASES)

    def form(self, given: Mapping[str, Any]) -> SpanForm:
        spans = ended_terms(self.today)
        if self.leads:
            spans = [*spans_until(self.today, calendar_for(self.school).terms), *spans]
        begin = {"span": "term" if self.leads else spans[0].key}
        return SpanForm(begin | {name: given[name] for name in SpanForm.base_fields if name in given},
                        spans=spans, any_days=self.leads)  # fmt: skip

    def figures(self, form: SpanForm) -> CaseFigures | None:
        if not form.is_valid():
            return None
        since, until = form.chosen
        counted = readable(self.actor, self.school, self.today) if self.leads else register(self.school)
        found = case_figures(counted, self.school, since, until, for_school(self.school, on=until))
        if self.leads and found.total:
            found = replace(found, tables=(*found.tables, policy_table(counted, since, until)))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(leads=self.leads, **kwargs)


class CaseFiguresView(CaseFiguresBase):
    """Every table of the chosen days; small numbers are hidden."""

    template_name = "incidents/figures.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.GET)
        found = self.figures(form)
        return self.render(form=form, figures=found, status=200 if found else 422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: CaseFigures | None = kwargs.get("figures")
        tables = (
            [(table, [(row, self._list(found, row)) for row in table.rows]) for table in found.tables] if found else []
        )
        return super().get_context_data(tables=tables, **kwargs)

    def _list(self, found: CaseFigures, row: Row) -> str:
        """Where the records of a row are listed, for whoever may read them; the list goes by when they happened."""
        if not self.leads or not row.asks:
            return ""
        asks: dict[str, Any] = {"show": "all", "since": found.since, "until": found.until, **row.asks}
        return f"{reverse('incidents:inbox', args=[self.school.slug])}?{urlencode(asks)}"


class CaseFiguresCsvView(CaseFiguresBase):
    """The same figures as a file, the hidden ones hidden there too; who took them out is in the record."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        found = self.figures(form)
        if found is None:
            return self.render(template="incidents/figures.html", form=form, status=422)
        record(
            school=self.school,
            actor=self.actor,
            action="incidents.export_figures",
            at=self.now,
            outcome=Outcome.EXPORTED,
            detail={"since": found.since.isoformat(), "until": found.until.isoformat()},
        )
        name = f"concerns-{found.since.isoformat()}-to-{found.until.isoformat()}.csv"
        return safe_csv_response(name, ("Table", "Group", "What", "Figure"), _lines(found))


def _lines(found: CaseFigures) -> Iterator[tuple[object, ...]]:
    """One figure a line, so that a spreadsheet can sort and count them."""

    def told(figure: object) -> object:
        return HIDDEN if figure is None else figure

    yield "All", "All", "Records", told(found.total)
    for table in found.tables:
        if table.is_blank:  # which groups there are would tell that they are not nought
            yield table.caption, "Every group", "Records", HIDDEN
            continue
        for row in table.rows:
            yield table.caption, row.label, "Records", told(row.number)
    if found.again:
        for what, number in (
            ("Pupils concerned", found.again.pupils),
            ("With another of the same type", found.again.again),
            ("In every 100", found.again.share),
        ):
            yield "Repeats", found.again.window, what, told(number)
    for pace in found.paces:
        yield "Time taken", pace.label, "Half within", told(pace.half)
        yield "Time taken", pace.label, "Nine in ten within", told(pace.most)
