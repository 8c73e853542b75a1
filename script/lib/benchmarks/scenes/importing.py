"""A roll brought in by the product's own import, beside the bare `bulk_create` of the rows that came of it."""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django_scopes import scope

from core.people.models import Contact, FormGroup, Placement, Pupil, School
from core.roll.models import RollImport, RollImportChange
from core.roll.operations import Sent, apply_roll, cancel_roll, run_roll_import, upload_roll
from core.rules.operations import adopt_preset

KINDS: tuple[type[models.Model], ...] = (FormGroup, Pupil, Contact, Placement)


def school_called(slug: str) -> School:
    """A fresh school, so that each round starts from nothing."""
    school = School.objects.create(slug=slug, name=slug, phases=["secondary"])
    with scope(school=school):
        adopt_preset(
            school=school, actor=None, at=timezone.now(), preset="phone-free-agreement",
            effective_from=date(2025, 9, 1), reason="Benchmark.",
        )  # fmt: skip
    return school


def planned(found: RollImport) -> int:
    """How many changes an import would make by itself."""
    return int(RollImportChange.objects.filter(roll_import=found, is_chosen=True).count())


def import_once(school: School, files: list[Sent]) -> tuple[float, float, RollImport]:
    """Seconds of the preview and of the apply, as the worker does it."""
    begun = time.perf_counter()
    found = upload_roll(school=school, actor=None, at=timezone.now(), files=files)
    previewed = time.perf_counter()
    if not planned(found):
        cancel_roll(school=school, actor=None, at=timezone.now(), roll_import=found)
        return previewed - begun, 0.0, found
    apply_roll(school=school, actor=None, at=timezone.now(), roll_import=found, without_problem_rows=True)
    while not run_roll_import(import_id=found.pk, at=timezone.now()):
        pass
    found.refresh_from_db()
    return previewed - begun, time.perf_counter() - previewed, found


def bare(school: School, rows: dict[type[models.Model], list[models.Model]]) -> float:
    """Seconds to insert the same rows into another school with `bulk_create` alone, in one transaction."""
    begun = time.perf_counter()
    with transaction.atomic():
        keys: dict[tuple[str, Any], models.Model] = {}
        for kind in KINDS:
            copies = []
            for row in rows[kind]:
                values = {
                    field.attname: getattr(row, field.attname)
                    for field in kind._meta.concrete_fields
                    if not field.primary_key
                }
                values["school_id"] = school.pk
                for field in kind._meta.concrete_fields:
                    if isinstance(field, models.ForeignKey) and field.related_model in KINDS and values[field.attname]:
                        values[field.attname] = keys[field.related_model.__name__, values[field.attname]].pk
                copies.append(kind(**values))
            made = kind._base_manager.bulk_create(copies, batch_size=500)
            keys |= {(kind.__name__, row.pk): copy for row, copy in zip(rows[kind], made, strict=True)}
    return time.perf_counter() - begun


def main(folder: str, rounds: int) -> dict[str, Any]:
    files = [Sent(path.name, path.read_bytes()) for path in sorted(Path(folder).glob("*.csv")) if path.stem != "staff"]
    previews, applies, limits, again = [], [], [], []
    changes = 0
    for number in range(rounds):
        school, other = school_called(f"import-{number}"), school_called(f"bare-{number}")
        with scope(school=school):
            preview, apply, _ = import_once(school, files)
            rows = {kind: list(kind._base_manager.filter(school=school).order_by("pk")) for kind in KINDS}
            second_preview, second_apply, second = import_once(school, files)
        with scope(school=other):
            limits.append(bare(other, rows))
        previews.append(preview)
        applies.append(apply)
        again.append(second_preview + second_apply)
        with scope(school=school):
            changes += planned(second)
    first = statistics.median([one + two for one, two in zip(previews, applies, strict=True)])
    return {
        "pupils": len(rows[Pupil]),
        "contacts": len(rows[Contact]),
        "preview, s": statistics.median(previews),
        "apply, s": statistics.median(applies),
        "bare bulk_create, s": statistics.median(limits),
        "apply / bare bulk_create": statistics.median(applies) / statistics.median(limits),
        "second import / first": statistics.median(again) / first,
        "changes of the second import": changes,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
