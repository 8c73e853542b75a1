"""What the offices of the demonstration wrote down beside the devices: calls, messages, damage, acknowledgements."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils.text import capfirst

from core.people.calendar import LONDON, calendar_for
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_of, forms_of, pupils_on_roll
from core.rules.queries import UNSPECIFIED, for_school
from devices import operations
from devices.enums import CallReason, DeliveredHow, DialledBy, LossKind, State
from devices.models import CustodyRecord
from policies.enums import AcknowledgedHow, DocumentKind
from policies.operations import add_version, record_form_acknowledgements
from policies.queries import pupils_with_answers
from schoolsafe.demo.history import Crew

_DAYS = 5

_CALLS = (
    (CallReason.UNWELL, "A headache since break"),
    (CallReason.TRAVEL, "The bus is not running"),
    (CallReason.FORGOTTEN, "Football boots"),
    (CallReason.WORRIED, ""),
    (CallReason.FORGOTTEN, "Lunch"),
)
_MESSAGES = (
    "Grandma collects today, at the side gate.",
    "The dentist is at half past two.",
    "The key is with the neighbour.",
    "Please wait in the library after school.",
)


def write_office(school: School, crew: Crew, *, head: User, today: date, now: datetime, rng: Random) -> None:
    """The last days at the office counter: calls home, messages of which one waits, and a crack that was reported."""
    pupils = list(pupils_on_roll(school, today).order_by("pk"))
    days = calendar_for(school).last_school_days(today, _DAYS)[::-1]
    dialled = DialledBy.ADULT if for_school(school, on=today).school_phone == "adult_usually_dials" else DialledBy.PUPIL
    for day in days:
        for pupil in rng.sample(pupils, 2):
            _call(school, rng.choice(crew.office), pupil, _at(day, rng, 10, 14), dialled, rng)
        _message(school, rng.choice(crew.office), rng.choice(pupils), _at(day, rng, 9, 13), rng)
    _wait(school, crew.office[0], rng.choice(pupils), now - timedelta(minutes=12), rng)
    _damage(school, crew.office[0], days[-1])
    _acknowledge(school, crew.office[0], head, days[0], rng)


def _at(day: date, rng: Random, first: int, last: int) -> datetime:
    return datetime.combine(day, time(rng.randrange(first, last), rng.randrange(60)), LONDON)


def _reachable(pupil: Pupil) -> Contact | None:
    return next((found for found in contacts_of(pupil) if found.may_collect), None)


def _call(school: School, office: User, pupil: Pupil, at: datetime, dialled: str, rng: Random) -> None:
    reason, detail = rng.choice(_CALLS)
    operations.log_call(
        school=school,
        actor=office,
        at=at + timedelta(minutes=3),
        pupil=pupil,
        contact=_reachable(pupil),
        called_name="Their mother",
        called_at=at,
        reason=reason,
        detail=detail,
        dialled_by=dialled,
        answered=rng.random() < 0.85,
    )


def _message(school: School, office: User, pupil: Pupil, at: datetime, rng: Random) -> None:
    message = operations.take_message(
        school=school,
        actor=office,
        at=at,
        pupil=pupil,
        contact=_reachable(pupil),
        from_name="Their mother",
        text=rng.choice(_MESSAGES),
    )
    operations.deliver_message(
        school=school,
        actor=office,
        at=at + timedelta(minutes=rng.randrange(8, 45)),
        message=message,
        how=rng.choice((DeliveredHow.IN_PERSON, DeliveredHow.BY_STAFF, DeliveredHow.NOTE)),
    )


def _wait(school: School, office: User, pupil: Pupil, at: datetime, rng: Random) -> None:
    operations.take_message(
        school=school,
        actor=office,
        at=at,
        pupil=pupil,
        contact=_reachable(pupil),
        from_name="Their mother",
        text=rng.choice(_MESSAGES),
        is_urgent=True,
    )


def _damage(school: School, office: User, day: date) -> None:
    """A crack that was noticed after the device had gone home; the report is still open."""
    stay = CustodyRecord.objects.filter(school=school, day=day, state=State.RETURNED).order_by("pk").first()
    if stay is None or stay.closed_at is None:
        return
    at = stay.closed_at + timedelta(minutes=12)
    operations.report_loss(
        school=school,
        actor=office,
        at=at,
        custody=stay,
        kind=LossKind.DAMAGED,
        noticed_at=at,
        told_by="The pupil and a parent",
        account="A crack runs across the top of the screen. Nobody saw it when the device came in or went out.",
    )


def _acknowledge(school: School, office: User, head: User, day: date, rng: Random) -> None:
    """Where the rules name a document for learning at home: its version, and two forms in three that know it."""
    named = for_school(school, on=day).home_learning_document
    if named == UNSPECIFIED:
        return
    at = datetime.combine(day, time(9, 30), LONDON)
    version = add_version(
        school=school,
        actor=head,
        at=at,
        kind=DocumentKind.HOME_LEARNING,
        title=capfirst(named),
        label=f"{day:%B %Y}",
        starts_on=day,
    )
    for form in forms_of(school):
        pupils = [pupil for pupil, _known in pupils_with_answers(form, version, day) if rng.random() < 0.9]
        if not pupils or rng.random() < 0.33:
            continue
        record_form_acknowledgements(
            school=school,
            actor=office,
            at=at + timedelta(hours=2),
            form=form,
            pupils=pupils,
            version=version,
            acknowledged_on=day,
            method=AcknowledgedHow.IN_CLASS,
        )
