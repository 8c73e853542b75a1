"""What the school undertakes for one pupil: listed, and ended when it is over (AGR-27)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from agreements.models import PupilPromise
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.roles import Permission


class PromisedAlready(Refusal):
    """The same is promised to the pupil already."""

    default_field = "text"


class PromiseEmpty(Refusal):
    """What is promised was left out."""

    default_field = "text"


class PromiseOver(Refusal):
    """It ended before."""


@operation("agreements.promise")
def promise(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    text: str,
    how: str = "",
    clause_key: str = "",
    starts_on: date,
    submission: UUID | None = None,
) -> PupilPromise:
    """Undertake something for a pupil, from the school's own list or in own words (AGR-27).

    Who may: MANAGE_AGREEMENTS. Raises `PromiseEmpty`, `PromisedAlready`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    if not text.strip():
        raise PromiseEmpty("Choose or write what the school undertakes.", rule="AGR-27")
    Pupil.objects.select_for_update(of=("self",), no_key=True).get(pk=pupil.pk, school=school)
    if PupilPromise.objects.filter(pupil=pupil, text=text.strip(), ended_at__isnull=True).exists():
        raise PromisedAlready("This is promised already.", rule="AGR-27")
    row = PupilPromise(
        school=school, pupil=pupil, text=text.strip(), how=how.strip(), clause_key=clause_key, starts_on=starts_on
    )
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.promise", at=at, obj=row, submission=submission)
    return row


@operation("agreements.end_promise")
def end_promise(
    *, school: School, actor: User, at: datetime, promised: PupilPromise, submission: UUID | None = None
) -> PupilPromise:
    """End one; it stays to be read. Who may: MANAGE_AGREEMENTS. Raises `PromiseOver`."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row: PupilPromise = PupilPromise.objects.select_for_update().get(pk=promised.pk, school=school)
    if row.ended_at is not None:
        raise PromiseOver("It has ended already.", rule="AGR-27")
    row.ended_at, row.ended_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.end_promise", at=at, obj=row, submission=submission)
    return row
