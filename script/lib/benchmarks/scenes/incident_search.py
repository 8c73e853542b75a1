"""The search of records as a DSL makes it, beside the bare select of the same rows by the same index."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from core.people.models import School, User
from incidents.models import Incident
from incidents.queries.cases import cases_visible_to
from incidents.queries.search import PAGE, Asked, search_cases, words_of

# A word of every eighth record, one of every thousandth, two words, a piece of a reference, and a word of none.
TYPED = ("phone", "kettle", "smart wat", "4275", "xylorimba")


def _milliseconds(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _bare(found: QuerySet[Incident], typed: str) -> QuerySet[Incident]:
    """The same words by the same index, with no question who may read."""
    for word in words_of(typed):
        worded = Q(title__iregex=rf"\m{word}")
        found = found.filter(worded | Q(reference__contains=word) if word.isdigit() else worded)
    return found.order_by("-reported_at", "-id")[: PAGE + 1]


def _read_bare(typed: str) -> list[Incident]:
    return list(_bare(Incident.objects.all(), typed))


def main(rounds: int) -> dict[str, Any]:
    school, user = School.objects.get(slug="benchmark"), User.objects.get(email="dsl@example.org")
    today = timezone.localdate()
    told: dict[str, Any] = {}
    medians: list[tuple[float, float]] = []
    scans = 0
    with scope(school=school):
        assert cases_visible_to(user, school, today).count() == Incident.objects.count()
        for typed in TYPED:
            ours: list[float] = []
            bare: list[float] = []
            for _ in range(rounds + 2):
                ours.append(_milliseconds(partial(search_cases, user, school, today, Asked(words=typed))))
                bare.append(_milliseconds(partial(_read_bare, typed)))
            medians.append((statistics.median(ours[2:]), statistics.median(bare[2:])))
            told |= {f"“{typed}”, ms": medians[-1][0], f"“{typed}”, bare ms": medians[-1][1]}
            plan = _bare(cases_visible_to(user, school, today), typed).explain()
            scans += plan.count("Seq Scan on incidents_incident ")
        told["records"] = Incident.objects.count()
    client = Client()
    client.force_login(user, backend="core.people.backends.PeopleBackend")
    ask = partial(client.post, "/benchmark/incidents/search/", {"words": TYPED[0]})
    pages = [_milliseconds(ask) for _ in range(rounds + 2)][2:]
    with CaptureQueriesContext(connection) as captured:
        assert ask().content.decode().count("inbox__reference") == PAGE
    return told | {
        "ratio": sum(pair[0] for pair in medians) / sum(pair[1] for pair in medians),
        "sequential scans": scans,
        "page, median ms": statistics.median(pages),
        "page, p95 ms": statistics.quantiles(pages, n=20)[-1],
        "statements of the page": len(captured),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
