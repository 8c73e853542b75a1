"""Writing the record, and the decorator that makes every write one transaction, acted on once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, OperationalError, models, transaction

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.kit.refusals import Refusal, SubmissionMismatch
from core.kit.rows import insert

# Deadlock, and two transactions that could not have followed one another: the database asks for another try.
_GIVEN_UP = {"40P01", "40001"}
_TRIES = 4

P = ParamSpec("P")
R = TypeVar("R")


def record(
    *,
    school: Any,
    actor: Any,
    action: str,
    at: datetime,
    obj: models.Model | None = None,
    outcome: str = Outcome.DONE,
    detail: dict[str, Any] | None = None,
    submission: UUID | None = None,
) -> Entry:
    """Add one entry to the record, in the caller's transaction (ORG-09).

    `school` and `actor` may be None (the system, or an act outside any school). `obj` is named by type and key.
    """
    entry = Entry(
        school_id=getattr(school, "pk", None),
        actor_id=getattr(actor, "pk", None),
        action=action,
        outcome=outcome,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        submission=submission,
        detail=detail or {},
        at=at,
    )
    insert(entry)
    return entry


def operation(
    action: str, *, replay: Callable[[Entry], Any] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function the one door of a write: atomic, idempotent by its `submission`, its refusals recorded.

    The body must call `record(..., submission=submission)` once with the object it returns. When the same submission
    comes again, whether after a lost reply or at the same instant from a second click, the first result is
    returned: the unique key on the record makes the second transaction fail, and the entry of the first tells what
    came of it. `replay` rebuilds a result that is not simply that object. A key that comes back with another actor
    or act raises `SubmissionMismatch`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            given = cast(dict[str, Any], kwargs)
            school, actor = given.get("school"), given.get("actor")
            submission: UUID | None = given.get("submission")
            try:
                return _at_once(function, *args, **kwargs)
            except (Refusal, IntegrityError) as error:
                if submission is not None:
                    entry = _entry_of(school, submission)
                    if entry is not None:
                        if entry.actor_id != getattr(actor, "pk", None) or entry.action != action:
                            mismatch = SubmissionMismatch(
                                "This form was already used for something else. Open the page again.", rule="ORG-09"
                            )
                            _note_refusal(mismatch, school=school, actor=actor, action=action, at=given["at"])
                            raise mismatch from error
                        return cast(R, (replay or _object_of)(entry))
                if isinstance(error, Refusal) and error.recorded:
                    _note_refusal(error, school=school, actor=actor, action=action, at=given["at"])
                raise

        return wrapper

    return decorate


def _at_once(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The act in one transaction; begun again if it was the one that the database gave up so that two do not wait for
    each other for ever, or that lost to another in the same moment. Inside another transaction that one is begun again,
    for its earlier writes are gone too."""
    tries = 1 if transaction.get_connection().in_atomic_block else _TRIES
    while True:
        tries -= 1
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except Refusal as refusal:
            if not tries or not refusal.of_a_moment:
                raise
        except OperationalError as error:
            if not tries or getattr(error.__cause__, "pgcode", "") not in _GIVEN_UP:
                raise


def _note_refusal(refusal: Refusal, *, school: Any, actor: Any, action: str, at: datetime) -> None:
    """Keep the refusal, and what it leaves beside its entry, in a transaction of its own: the act's was rolled back."""
    with transaction.atomic():
        record(
            school=school,
            actor=actor,
            action=action,
            at=at,
            outcome=Outcome.REFUSED,
            detail={"refusal": refusal.code, "rule": refusal.rule},
        )
        if refusal.leaves is not None:
            refusal.leaves()


def _entry_of(school: Any, submission: UUID) -> Entry | None:
    return Entry.objects.filter(school_id=getattr(school, "pk", None), submission=submission).first()


def _object_of(entry: Entry) -> models.Model:
    model = apps.get_model(entry.object_type)
    return model._base_manager.get(pk=entry.object_id)
