"""Looking at the record and taking it away are acts too, and are recorded (ORG-09)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.audit.operations import record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School
from core.people.roles import Permission
from schoolsafe.overview.queries import RecordFilter, RecordLine, in_words

EXPORT_LIMIT = 20_000


class TooMuchToExport(Refusal):
    """The export would be larger than a spreadsheet or a reader can use."""


@transaction.atomic
def look_at_record(*, school: School, actor: Any, at: datetime, asked: RecordFilter) -> None:
    """Note that `actor` looked at the record, and what they asked it for. Raises `NotPermitted`."""
    require(actor, Permission.VIEW_AUDIT, school)
    record(
        school=school,
        actor=actor,
        action="overview.look_at_record",
        at=at,
        outcome=Outcome.VIEWED,
        detail=asked.as_detail(),
    )


@transaction.atomic
def look_at_entry(*, school: School, actor: Any, at: datetime, entry: Entry) -> None:
    """Note that `actor` looked at one entry with the old and new values behind it. Raises `NotPermitted`."""
    require(actor, Permission.VIEW_AUDIT, school)
    record(
        school=school,
        actor=actor,
        action="overview.look_at_entry",
        at=at,
        obj=entry,
        outcome=Outcome.VIEWED,
        detail={"of": {"type": entry.object_type, "id": entry.object_id}},
    )


@transaction.atomic
def export_record(*, school: School, actor: Any, at: datetime, asked: RecordFilter) -> list[RecordLine]:
    """The entries that `asked` narrows to, in words, newest first; that they were taken away is recorded.

    For whoever may see the record. Raises `TooMuchToExport` above 20,000 entries, and `NotPermitted`.
    """
    require(actor, Permission.VIEW_AUDIT, school)
    entries = list(asked.entries(school)[: EXPORT_LIMIT + 1])
    if len(entries) > EXPORT_LIMIT:
        raise TooMuchToExport(
            f"These are more than {EXPORT_LIMIT:,} entries. Narrow the dates and export them in parts.", rule="ORG-09"
        )
    record(
        school=school,
        actor=actor,
        action="overview.export_record",
        at=at,
        outcome=Outcome.EXPORTED,
        detail=asked.as_detail() | {"entries": len(entries)},
    )
    return in_words(school, entries)
