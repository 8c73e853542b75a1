"""Record a whole form at once: what was counted in the box, and the exceptions (ux W2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import FormGroup, School, User
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import Flag, FormAnswer, MarkKind, MarkSource
from devices.models import Gate
from devices.operations.many import NothingToRecord, check_count, say, take_in, twice
from devices.queries import settled_by, standing_of

_MARKS: dict[str, MarkKind | None] = {
    FormAnswer.NO_DEVICE: None,
    FormAnswer.REFUSED: MarkKind.REFUSED,
    FormAnswer.PERMITTED: MarkKind.PERMITTED,
    FormAnswer.ABSENT: MarkKind.ABSENT,
}


@dataclass(frozen=True)
class FormRecorded:
    """What came of recording a form: how many got which answer, and the keys of the stays it made."""

    form: FormGroup
    counts: dict[str, int]
    custody: list[int]


def _again(entry: Entry) -> FormRecorded:
    form = FormGroup.objects.get(pk=entry.object_id)
    return FormRecorded(form, dict(entry.detail["counts"]), list(entry.detail["custody"]))


def hand_in_form(
    *,
    school: School,
    actor: User,
    at: datetime,
    form: FormGroup,
    answers: Mapping[int, str],
    counted: int,
    switched_off: bool,
    gate: Gate | None = None,
    recorded_at: datetime | None = None,
    extra_flags: Sequence[Flag] = (),
    submission: UUID | None = None,
) -> FormRecorded:
    """Take in what the pupils of a form have handed in, and write down who has not (DEV-04, DEV-10, DEV-11, DEV-12).

    Who may: whoever holds LOG_CUSTODY. `answers` has a `FormAnswer` for each pupil by key; who is not in it is not
    recorded, and who has handed in already is left as they are. `counted` is the number of devices counted in the
    box, which must be the number taken in now, so that custody is never invented (`CountDiffers`). Each device is
    taken in and flagged as at the desk; a pupil with none on record gets one, of several the one handed in most
    recently is meant. The last word stands: what was said of the day before is withdrawn. From paper: `at` is the
    moment on it, `recorded_at` now, and `extra_flags` say so. Raises a kind of `UnableToHandIn`; nothing is written
    then.
    """
    return twice(
        lambda: _hand_in_form(
            school=school,
            actor=actor,
            at=at,
            form=form,
            answers=answers,
            counted=counted,
            switched_off=switched_off,
            gate=gate,
            recorded_at=recorded_at,
            extra_flags=extra_flags,
            submission=submission,
        )
    )


@operation("devices.hand_in_form", replay=_again)
def _hand_in_form(
    *,
    school: School,
    actor: User,
    at: datetime,
    form: FormGroup,
    answers: Mapping[int, str],
    counted: int,
    switched_off: bool,
    gate: Gate | None,
    recorded_at: datetime | None,
    extra_flags: Sequence[Flag],
    submission: UUID | None,
) -> FormRecorded:
    require(actor, Permission.LOG_CUSTODY, school)
    day, written = london_day(at), recorded_at or at
    rules = for_school(school, on=day)
    keys = list(pupils_on_roll(school, day).filter(form=form, pk__in=answers).values_list("pk", flat=True))
    standing = standing_of(school, day, keys)
    settled = {key for key in keys if settled_by(key, standing, rules) is not None}
    asked = {key: FormAnswer(answers[key]) for key in keys if key not in settled}
    incoming = [key for key, answer in asked.items() if answer == FormAnswer.IN]
    meanwhile = sum(1 for pupil_id in settled if answers[pupil_id] == FormAnswer.IN)
    check_count(counted, len(incoming), noun="marked In", meanwhile=meanwhile)
    if not asked:
        raise NothingToRecord("Everybody in this form is recorded already.", rule="DEV-04")
    custody = take_in(
        school=school,
        actor=actor,
        at=at,
        written=written,
        pupils=incoming,
        standing=standing,
        switched_off=switched_off,
        gate=gate,
        extra_flags=[Flag.COUNTED, *extra_flags],
    )
    say(
        school=school,
        actor=actor,
        at=at,
        written=written,
        standing=standing,
        said={pupil_id: _MARKS[answer] for pupil_id, answer in asked.items() if answer != FormAnswer.IN},
        taken_in=set(incoming),
        source=MarkSource.PAPER if Flag.FROM_PAPER in extra_flags else MarkSource.FORM,
    )
    counts = {answer.value: sum(1 for said in asked.values() if said == answer) for answer in FormAnswer}
    record(
        school=school,
        actor=actor,
        action="devices.hand_in_form",
        at=written,
        obj=form,
        submission=submission,
        detail={"day": day.isoformat(), "counts": counts, "counted": counted, "custody": custody},
    )
    return FormRecorded(form, counts, custody)
