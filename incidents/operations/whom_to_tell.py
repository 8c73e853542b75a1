"""The school's list of whom pupils can tell: begun with the usual entries, added to, taken off (COM-05)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from incidents.enums import HelpKind
from incidents.models import HelpEntry
from incidents.operations.lists import EndedAlready, ListedAlready
from incidents.whom_to_tell import USUAL


@operation("incidents.begin_help")
def begin_help(*, school: School, actor: User, at: datetime, submission: UUID | None = None) -> School:
    """Make the usual entries the school's own, to be changed from then on; a list that was begun stays as it is.

    Who may: SET_INCIDENT_LISTS.
    """
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two of the team do it in turn
    added = 0
    if not HelpEntry.objects.filter(school=school).exists():
        rows = [
            HelpEntry(school=school, kind=one.kind, name=one.name, reach=one.reach, words=one.words) for one in USUAL
        ]
        added = len(bulk_create(HelpEntry, rows, by=actor, at=at, reason="usual list"))
    record(
        school=school, actor=actor, action="incidents.begin_help", at=at, obj=school, submission=submission,
        detail={"added": added},
    )  # fmt: skip
    return school


@operation("incidents.add_help")
def add_help(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: HelpKind,
    name: str,
    reach: str = "",
    words: str = "",
    submission: UUID | None = None,
) -> HelpEntry:
    """Put somebody or some place on the poster, beside what it shows already. Who may: SET_INCIDENT_LISTS.

    Raises `ListedAlready`.
    """
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    begin_help(school=school, actor=actor, at=at)
    entry = HelpEntry(school=school, kind=kind, name=name.strip(), reach=reach.strip(), words=words.strip())
    entry.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise ListedAlready(f"“{entry.name}” is on the list already.", rule="COM-05") from None
    record(school=school, actor=actor, action="incidents.add_help", at=at, obj=entry, submission=submission)
    return entry


@operation("incidents.end_help")
def end_help(
    *, school: School, actor: User, at: datetime, entry: HelpEntry, submission: UUID | None = None
) -> HelpEntry:
    """Take an entry off the poster. Who may: SET_INCIDENT_LISTS. Raises `EndedAlready`."""
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    held: HelpEntry = HelpEntry.objects.select_for_update().get(school=school, pk=entry.pk)
    if held.ended_at is not None:
        raise EndedAlready("It was taken off the list already.", rule="COM-05")
    held.ended_at = at
    held.stamp(by=actor, at=at)
    held.save()
    record(school=school, actor=actor, action="incidents.end_help", at=at, obj=held, submission=submission)
    return held
