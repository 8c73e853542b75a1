"""Figures of takings and searches: counted right, and with small numbers hidden on page, paper and file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.models import Entry
from core.people.models import School, User
from devices import operations
from devices.enums import SearchedAs, SearchOf, SearchState
from devices.models import SearchEvent, SearchRecord
from devices.queries.taken.figures import Figures, FigureTable, figures_of
from tests.factories import make_pupil
from tests.factories.taking import make_taken


@pytest.fixture
def takings(school: School, types: dict[str, Any], office_user: User, at: datetime) -> Callable[[int], None]:
    """So many takings of girls with support in Year 8, and as many of boys in Year 9, half as many searched."""

    def make(number: int) -> None:
        for gender, year, sen in (("Female", 8, "K"), ("Male", 9, "N")):
            for place in range(number):
                pupil = make_pupil(
                    school, year_group=year, gender=gender, sen_status=sen, ethnicity="Any group",
                    pupil_premium=gender == "Male",
                )  # fmt: skip
                device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
                make_taken(pupil, device, by=office_user, at=at + timedelta(minutes=place))
                search(school, pupil, office_user, at, found=gender == "Male")

    return make


def search(school: School, pupil: Any, by: User, at: datetime, *, found: bool) -> None:
    state = SearchState.COMPLETED_FOUND if found else SearchState.COMPLETED_NOTHING
    row = SearchRecord(
        school=school, pupil=pupil, of=SearchOf.POSSESSIONS, state=state, basis="consent", opened_at=at, opened_by=by,
        searcher=by, searched_as=SearchedAs.SLT, rules_version=1, started_at=at, completed_at=at, force_used=False,
        place="Office", others_present="nobody", sought="A phone", grounds="It rang", found="nothing", follow_up="None",
        same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True, witness_name="Robin",
    )  # fmt: skip
    row.stamp(by=by, at=at)
    row.save()
    SearchEvent.objects.create(
        school=school, search=row, from_state=SearchState.IN_PROGRESS, to_state=state, at=at, by=by
    )


def table(figures: Figures, key: str) -> FigureTable:
    return next(one for one in figures.tables if one.key == key)


def cells(figures: Figures, key: str) -> dict[str, tuple[Any, ...]]:
    return {row.label: row.cells for row in table(figures, key).rows}


def figures(school: School, at: datetime) -> Figures:
    return figures_of(school, at.date(), at.date(), at=at + timedelta(hours=2), child="pupil")


def test_figures_by_group_and_outcome(takings: Callable[[int], None], school: School, at: datetime) -> None:
    """CO-7, SE-10: takings by year, sex, SEN, pupil premium and ethnicity; searches per 100 pupils with hit rate."""
    takings(6)
    found = figures(school, at)
    assert (found.takings, found.searches, found.refused) == (12, 12, 0)
    assert cells(found, "sex") == {"Female": (6, 6, 100.0), "Male": (6, 6, 100.0), "All": (12, 12, 100.0)}
    assert cells(found, "year")["Year 8"] == (6, 6, 100.0)
    assert cells(found, "sen")["SEN support"] == (6, 6, 100.0)
    assert cells(found, "premium")["Yes"] == (6, 6, 100.0)
    assert cells(found, "ethnicity")["Any group"] == (12, 12, 100.0)
    assert cells(found, "end")["All"] == (12,)
    assert cells(found, "because")["All"] == (12,)
    assert cells(found, "place")["Room 4"] == (12,)
    assert cells(found, "hit-rate")["Something found"] == (6, 50.0)
    # by group none of it: no girl's search found anything, and nought is a small number
    assert cells(found, "searches-sex")["Female"] == (6, 6, 100.0, None)
    assert {one.key for one in found.tables} >= {"ground", "time", "length", "escalated", "searches-ethnicity"}
    assert not any("form" in one.caption.lower() or "tutor" in one.caption.lower() for one in found.tables)


def test_figures_small_are_hidden_everywhere(takings: Callable[[int], None], school: School, at: datetime) -> None:
    """SE-10, CO-7: two takings are told nowhere, not even as a total or in a hundred."""
    takings(1)
    found = figures(school, at)
    assert (found.takings, found.searches) == (None, None)
    for one in found.tables:
        for row in one.rows:
            assert not any(isinstance(cell, int | float) and cell for cell in row.cells), (one.key, row)


def test_figures_cost_the_same_whatever_their_number(
    takings: Callable[[int], None], school: School, at: datetime
) -> None:
    takings(1)
    counts = []
    for more in (0, 3):
        takings(more)
        with CaptureQueriesContext(connection) as statements:
            figures(school, at)
        counts.append(len(statements))
    assert counts[0] == counts[1] == 5


def test_figures_page_and_file_hide_the_same(
    takings: Callable[[int], None], school: School, slt_user: User, office_user: User,
    client_for: Callable[[User], Client], at: datetime,
) -> None:  # fmt: skip
    """SE-10: leaders alone; the days chosen; the file hides what the page hides, and taking it out is on record."""
    takings(6)
    client, page = client_for(slt_user), reverse("devices:figures", args=[school.slug])
    days = {"since": at.date().isoformat(), "until": at.date().isoformat()}
    shown = client.get(page, days).content.decode()
    assert "By ethnicity" in shown and 'scope="row"' in shown and "hidden" in shown
    wrong = client.get(page, days | {"until": "2026-01-01"})
    assert wrong.status_code == 422 and "The last day comes before the first" in wrong.content.decode()
    file = client.post(reverse("devices:figures-csv", args=[school.slug]), days)
    text = file.content.decode("utf-8-sig")
    assert file["Content-Disposition"] == 'attachment; filename="figures-2026-11-23-to-2026-11-23.csv"'
    assert "By sex,Female,Taken,6" in text and 'Searches: by sex,Female,"Found, in every 100",hidden' in text
    assert Entry.objects.filter(action="devices.export_figures").count() == 1
    assert client_for(office_user).get(page).status_code == 403
