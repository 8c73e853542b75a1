"""What a day brings to agreements: they begin, end, come to be renewed, and go with who leaves (matrix 4.13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from agreements.enums import AgreementEventKind, AgreementState, VersionState
from agreements.models import Agreement, AgreementEvent, TemplateVersion
from agreements.operations.ending import end_agreement, withdraw_agreement
from agreements.operations.signing import bring_into_force, locked
from agreements.queries.issued import WAITING
from agreements.workflow import MoveNotPossible
from core.audit.operations import operation, record
from core.kit.bulk import bulk_insert, bulk_update
from core.people.calendar import london_day
from core.people.models import School

_A = AgreementState
_OPEN = (_A.DRAFT, _A.ISSUED, _A.PARTLY_SIGNED, _A.REFUSED, _A.COMPLETE, _A.IN_FORCE, _A.TO_RENEW)
_LEFT = "The pupil has left the school."
_LAST_DAY = "Its last day has passed."
_AT_ONCE = 500


def look_at_the_day(*, school: School, at: datetime) -> int:
    """All that the day brings to a school’s agreements; returns how many moved. Called by the clock; twice is harmless.

    Who left comes first, so that nothing begins for them; what begins comes before what ends, so that an agreement
    for one day has had its day.
    """
    return (
        withdraw_for_leavers(school=school, at=at)
        + start_due(school=school, at=at)
        + end_due(school=school, at=at)
        + mark_to_renew(school=school, at=at)
    )


def withdraw_for_leavers(*, school: School, at: datetime) -> int:
    """Withdraw what is open for pupils whose last day at the school has passed; it stays readable."""
    found = Agreement.objects.filter(school=school, state__in=_OPEN, pupil__left_on__lt=london_day(at))
    return _each(
        found,
        lambda row: withdraw_agreement(school=school, actor=None, at=at, agreement=row, reason=_LEFT),
    )


def start_due(*, school: School, at: datetime) -> int:
    """Bring into force what everybody has signed and whose first day has come, by the calendar of London."""
    found = Agreement.objects.filter(school=school, state=_A.COMPLETE, starts_on__lte=london_day(at))
    return _each(found, lambda row: start_agreement(school=school, at=at, agreement=row))


def end_due(*, school: School, at: datetime) -> int:
    """End what is in force and whose last day has passed; withdraw what was still not signed by all by then."""
    past = Agreement.objects.filter(school=school, ends_on__lt=london_day(at))
    said: dict[str, Any] = {"school": school, "actor": None, "at": at, "reason": _LAST_DAY}
    return _each(
        past.filter(state__in=[_A.IN_FORCE, _A.TO_RENEW]), lambda row: end_agreement(agreement=row, **said)
    ) + _each(past.filter(state__in=WAITING), lambda row: withdraw_agreement(agreement=row, **said))


@operation("agreements.start")
def start_agreement(*, school: School, at: datetime, agreement: Agreement) -> Agreement:
    """Bring one into force on its day. The clock alone does it. Raises `MoveNotPossible` if it is not complete now."""
    row = locked(agreement.pk)
    if row.state != _A.COMPLETE or row.starts_on > london_day(at):
        raise MoveNotPossible("It is not complete, or its first day has not come.", rule="matrix 4.13")
    bring_into_force(row, None, at)
    record(school=school, actor=None, action="agreements.start", at=at, obj=row)
    return row


def mark_to_renew(*, school: School, at: datetime) -> int:
    """From the day of a newer version that asks for it, what was signed in an older one is to be renewed (AGR-09)."""
    today, marked = london_day(at), 0
    versions = TemplateVersion.objects.filter(
        school=school, state=VersionState.PUBLISHED, renews=True, starts_on__lte=today
    )
    # The earliest newer version says from which day; a later one finds nothing of the older left to mark.
    for version in versions.select_related("template").order_by("template", "number"):
        while now := _mark(school=school, at=at, version=version):
            marked += now
    return marked


def _older_in_force(version: TemplateVersion) -> QuerySet[Agreement]:
    found: QuerySet[Agreement] = Agreement.objects.filter(
        template=version.template_id, template_version__number__lt=version.number, state=_A.IN_FORCE
    )
    return found.order_by("pk")


@operation("agreements.mark_to_renew")
def _mark(*, school: School, at: datetime, version: TemplateVersion) -> int:
    """Mark the next of them, no more than a statement holds; returns how many."""
    rows = list(_older_in_force(version).select_for_update(of=("self",)).defer("wording")[:_AT_ONCE])
    if not rows:
        return 0
    for row in rows:
        row.state, row.renew_from = _A.TO_RENEW, version.starts_on
    why = "A newer version holds."
    bulk_update(Agreement, rows, ["state", "renew_from"], by=None, at=at, reason=why)
    events = [
        {
            "school_id": school.pk,
            "agreement_id": row.pk,
            "kind": AgreementEventKind.TO_RENEW,
            "from_state": _A.IN_FORCE,
            "to_state": _A.TO_RENEW,
            "at": at,
        }
        for row in rows
    ]
    bulk_insert(AgreementEvent, events, by=None, at=at, reason=why)
    detail = {"marked": len(rows)}
    record(school=school, actor=None, action="agreements.mark_to_renew", at=at, obj=version, detail=detail)
    return len(rows)


def _each(found: QuerySet[Agreement], move: Callable[[Agreement], object]) -> int:
    """Move each in a transaction of its own; one that somebody moved meanwhile is left as they left it."""
    moved = 0
    for row in list(found.only("pk")):
        try:
            move(row)
        except MoveNotPossible:
            continue
        moved += 1
    return moved
