"""Where the case of a suspected image stands: taken on as far as the facts allow, and step by step (matrix 4.5)."""

from __future__ import annotations

from datetime import datetime

from core.people.models import School, User
from incidents.enums import CaseEventKind, ImageState, ImageTaskKind
from incidents.leading import need_leader
from incidents.models import ImageCase, ImageTask, Incident
from incidents.operations.images.refusals import FirstResponseIncomplete, NotAcknowledged, UnableToMoveImage
from incidents.operations.moves import locked, step
from incidents.queries.images import in_a_sentence
from incidents.workflow import IMAGE_MOVES, check_pair

_I = ImageState


def held_case(
    school: School, incident: Incident, actor: User, at: datetime, *, version: int | None = None
) -> tuple[ImageCase, Incident]:
    """The case and its record, both held until the transaction ends, for whoever leads on it."""
    held = locked(school, incident, actor, at, version=version)
    need_leader(actor, held)
    return lock_case(held), held


def lock_case(held: Incident) -> ImageCase:
    """The case of a locked record. Raises `UnableToMoveImage` where the record is of something else."""
    case: ImageCase | None = ImageCase.objects.select_for_update(of=("self",)).filter(incident=held).first()
    if case is None:
        raise UnableToMoveImage("This record is not of a suspected image.", rule="IMG-01")
    case.incident = held
    return case


def first_tasks_open(case: ImageCase) -> list[ImageTask]:
    """What the first response still needs."""
    return list(ImageTask.objects.filter(case=case, needed_first=True, done_at__isnull=True))


def catch_up(case: ImageCase, incident: Incident, *, actor: User | None, at: datetime) -> None:
    """Take a case on as far as facts alone take it: first response done, team told, team has it."""
    ready = (
        (_I.RAISED, _I.FIRST_RESPONSE, not first_tasks_open(case)),
        (_I.FIRST_RESPONSE, _I.DSL_NOTIFIED, incident.dsl_notified_at is not None),
        (_I.DSL_NOTIFIED, _I.DSL_ACKNOWLEDGED, incident.acknowledged_at is not None),
    )
    for origin, target, is_ready in ready:
        if case.state == origin and is_ready:
            move_image(case, target, actor=actor, at=at)


def move_image(case: ImageCase, target: ImageState, *, actor: User | None, at: datetime) -> None:
    """One step of a locked case, saved. Raises `StepNotAllowed`, or what keeps the first response open."""
    origin = ImageState(case.state)
    if target != _I.FIRST_RESPONSE and origin == _I.RAISED:
        refuse_unfinished(case)
    if target == _I.ASSESSED and origin == _I.DSL_NOTIFIED:
        raise NotAcknowledged("Acknowledge the record first: then it is yours.", rule="IMG-04")
    check_pair(IMAGE_MOVES, origin, target, "A suspected image")
    case.state = target
    case.stamp(by=actor, at=at)
    case.save()


def refuse_unfinished(case: ImageCase) -> None:
    """Raise `FirstResponseIncomplete` with what is still to do."""
    still = [in_a_sentence(ImageTaskKind(task.kind).label) for task in first_tasks_open(case)]
    if still:
        raise FirstResponseIncomplete(
            f"The first response is not complete. Still to do: {'; '.join(still)}.", rule="IMG-03"
        )


def after_acknowledged(incident: Incident, *, actor: User, at: datetime) -> None:
    """Inside the acknowledging of a locked record: where it is of a suspected image, its case is taken on with it."""
    case = ImageCase.objects.select_for_update(of=("self",)).filter(incident=incident).first()
    if case is not None:
        catch_up(case, incident, actor=actor, at=at)


def note_step(incident: Incident, about: str, *, actor: User, at: datetime, kind: CaseEventKind | None = None) -> None:
    """The event of something done about a suspected image, in words that name nobody."""
    step(incident, kind or CaseEventKind.NOTED, actor=actor, at=at, about=about)
