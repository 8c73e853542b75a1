"""Who is absent today, as the office types it or the attendance file says (DEV-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from devices.enums import MarkKind, MarkSource
from devices.models import DayMark
from devices.queries import known_today


class NobodyToMark(Refusal):
    """No pupil on roll was named."""


@dataclass(frozen=True)
class Absences:
    """What came of a list: `marked` are new, `already` were marked before, `at_desk` have been at the desk today."""

    marked: int
    already: int
    at_desk: int


def _again(entry: Entry) -> Absences:
    return Absences(**{name: int(entry.detail[name]) for name in ("marked", "already", "at_desk")})


@operation("devices.record_absences", replay=_again)
def record_absences(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupils: Sequence[Pupil],
    source: MarkSource = MarkSource.TYPED,
    submission: UUID | None = None,
) -> Absences:
    """Mark pupils as absent today, however many, in a dozen statements. Who may: LOG_CUSTODY.

    The same list again marks nobody twice. Who handed in, brought none or spoke to the desk today is here, whatever
    the list says: they are passed over. Raises `NobodyToMark`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    named = list(pupils_on_roll(school, day).filter(pk__in=[pupil.pk for pupil in pupils]))
    if not named:
        raise NobodyToMark("Choose at least one pupil who is absent.", rule="DEV-10")
    while True:
        absent, here = known_today(school, day)
        new = [pupil for pupil in named if pupil.pk not in absent | here]
        try:
            with transaction.atomic():
                _mark(school, actor, at, day, new, source)
            break
        except IntegrityError as error:  # another list named the same pupil in the same moment: look again
            if "devices_daymark_once_a_day" not in str(error):
                raise
    done = Absences(
        marked=len(new),
        already=sum(pupil.pk in absent for pupil in named),
        at_desk=sum(pupil.pk in here - absent for pupil in named),
    )
    record(
        school=school,
        actor=actor,
        action="devices.record_absences",
        at=at,
        submission=submission,
        detail=asdict(done) | {"source": source.value, "pupils": [pupil.pk for pupil in new]},
    )
    return done


def _mark(school: School, actor: User, at: datetime, day: date, pupils: Sequence[Pupil], source: MarkSource) -> None:
    rows = [
        DayMark(school=school, pupil=pupil, day=day, kind=MarkKind.ABSENT, source=source, marked_at=at, marked_by=actor)
        for pupil in pupils
    ]
    bulk_create(DayMark, rows, by=actor, at=at, reason="absences")
