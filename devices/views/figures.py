"""Takings and searches in figures for senior leaders, on a page, on paper and as a CSV file (law CO-7, SE-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.people.calendar import calendar_for
from core.people.roles import Permission
from core.rules.words import words_for
from devices.forms.figures import FiguresForm
from devices.queries.taken.figures import Figures, FigureTable, figures_of
from devices.views.base import DevicesView

_TWELVE_WEEKS = timedelta(weeks=12)
HIDDEN = "hidden"


class FiguresBase(DevicesView, abstract=True):
    """What the page and the file share: the days, and the figures of those days."""

    permission = Permission.VIEW_FIGURES

    def begin(self) -> Any:
        """Where the span begins when none is chosen: with the term, else twelve weeks back."""
        begun = [first for first, _last in calendar_for(self.school).terms if first <= self.today]
        return max(begun) if begun else self.today - _TWELVE_WEEKS

    def figures(self, form: FiguresForm) -> Figures | None:
        if not form.is_valid():
            return None
        given = form.cleaned_data
        return figures_of(self.school, given["since"], given["until"], at=self.now, child=words_for(self.rules).child)


class FiguresView(FiguresBase):
    """Every table of the chosen days; small numbers are hidden."""

    template_name = "devices/figures.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = {"since": self.begin(), "until": self.today} | {
            key: request.GET[key] for key in ("since", "until") if key in request.GET
        }
        form = FiguresForm(chosen)
        found = self.figures(form)
        return self.render(form=form, figures=found, status=200 if found else 422)


class FiguresCsvView(FiguresBase):
    """The same figures as a file, the hidden ones hidden there too; who took them out is in the record."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = FiguresForm(request.POST)
        found = self.figures(form)
        if found is None:
            return self.render(template="devices/figures.html", form=form, status=422)
        record(
            school=self.school,
            actor=self.actor,
            action="devices.export_figures",
            at=self.now,
            outcome=Outcome.EXPORTED,
            detail={"since": found.since.isoformat(), "until": found.until.isoformat()},
        )
        name = f"figures-{found.since.isoformat()}-to-{found.until.isoformat()}.csv"
        return safe_csv_response(name, ("Table", "Group", "What", "Figure"), _lines(found.tables))


def _lines(tables: tuple[FigureTable, ...]) -> Iterator[tuple[object, ...]]:
    """One figure a line, so that a spreadsheet can sort and count them."""
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if cell != "":
                    yield table.caption, row.label, column, HIDDEN if cell is None else cell
