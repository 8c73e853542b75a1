"""The desk's type-ahead beside the bare select of the same rows, and its plan in a trust of so many pupils."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from benchmarks.scenes.seed import people
from core.people.models import Pupil, School
from core.people.queries import find_pupils, pupils_on_roll

TYPED = ("kov", "amara b", "nguy", "oscar", "mul", "obri")


def _seconds(act: Callable[[], Any]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def main(many: int) -> dict[str, Any]:
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(40):
            for typed in TYPED:
                first, *rest = typed.split()
                ours.append(_seconds(partial(find_pupils, school, typed, limit=8)))
                found = pupils_on_roll(school).filter(search_text__contains=f" {first}")
                for word in rest:
                    found = found.filter(search_text__contains=f" {word}")
                ordered = found.order_by("legal_surname", "legal_forename")
                bare.append(_seconds(partial(list, ordered[:9])))
        schools = [School(slug=f"trust-{number}", name=f"Trust {number}") for number in range(max(many // 1500, 1))]
        School.objects.bulk_create(schools)
    for number, other in enumerate(schools):
        rows = people(1500 if many >= 1500 else many, other, [], start=10_000 * (number + 1))
        for row in rows:
            row.stamp(by=None, at=timezone.now())
        with scopes_disabled():
            Pupil.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_pupil")
        total = cursor.fetchone()[0]
    with scope(school=school):
        plan = pupils_on_roll(school).filter(search_text__contains=" kov").order_by("legal_surname")[:9].explain()
    ours_ms, bare_ms = statistics.median(ours) * 1000, statistics.median(bare) * 1000
    return {
        "search, CPU ms": ours_ms,
        "bare select, CPU ms": bare_ms,
        "ratio": ours_ms / bare_ms,
        "pupils": total,
        "sequential scans at 50,000": plan.count("Seq Scan on people_pupil"),
        "plan": next((line.strip() for line in plan.splitlines() if "people_pupil" in line), ""),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
