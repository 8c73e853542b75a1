"""Work that a worker does for a row: claimed by one, tried three times, taken up again when its worker is gone.

A job is a row with `state`, `tries`, `claimed_at`, `requested_at` and `finished_at`; its states are called waiting,
making, ready and failed. It is claimed in a transaction of its own and worked at outside any; what comes of it is kept
only while the claim stands, so that a worker that was thought dead and comes back late keeps nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import OperationalError, models, transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

log = logging.getLogger(__name__)

J = TypeVar("J", bound=models.Model)
Made = TypeVar("Made")
Now = Callable[[], datetime]

WAITING, MAKING, FAILED = "waiting", "making", "failed"
OPEN = (WAITING, MAKING)
MOST_TRIES = 3


class ClaimLost(Exception):
    """Another worker has the job, or a person stopped it: this one, thought dead, stops and keeps nothing."""


@dataclass(frozen=True)
class Jobs(Generic[J]):
    """The jobs of one table. Without progress a `claim` lasts so long; a job that nobody began within `missed_bell` is
    rung for again; `on_failed` is told, in the transaction that ends one after its last try; `related` is read with it,
    its school at least; `fresh` is what each try begins with."""

    model: type[J]
    claim: timedelta
    missed_bell: timedelta
    on_failed: Callable[[J, datetime], object]
    related: tuple[str, ...] = ("school",)
    fresh: Mapping[str, Any] = field(default_factory=dict)

    def run(
        self, job_id: int, *, at: datetime, make: Callable[[J, Now], Made], keep: Callable[[J, Made, datetime], bool]
    ) -> bool:
        """Do one job, if it still has to be done and nobody else is at it; returns whether this call did it.

        An error puts it back for the periodic run; the third leaves it failed, for a person to ask again. Where the
        database went away the error goes on: the claim runs out by itself.
        """
        began = time.monotonic()

        def now() -> datetime:
            return at + timedelta(seconds=time.monotonic() - began)

        job: Any = self._claim(job_id, at)
        if job is None:
            return False
        with scope(school=job.school):
            try:
                made = make(job, now)
            except OperationalError:
                raise
            except ClaimLost:
                return False
            except Exception:
                log.exception("%s %s could not be made.", self.model.__name__, job_id)
                self._give_up(job, now())
                return False
            return keep(job, made, now())

    def held(self, job: Any) -> models.QuerySet[J]:
        """The row, while this try's claim stands."""
        return self.model._base_manager.filter(pk=job.pk, state=MAKING, tries=job.tries)

    def begin_again(self, job: Any, requested_at: datetime) -> None:
        """A person asks once more for one that failed or was stopped: it waits, with all its tries before it."""
        changed = {"state": WAITING, "tries": 0, "requested_at": requested_at, "claimed_at": None, "finished_at": None}
        changed |= self.fresh
        for name, value in changed.items():
            setattr(job, name, value)
        job.save(update_fields=list(changed))

    def to_resume(self, at: datetime) -> list[int]:
        """Keys of the jobs of every school that nobody began, or whose worker is gone, the oldest first."""
        waiting = Q(state=WAITING, requested_at__lt=at - self.missed_bell)
        left = Q(state=MAKING, claimed_at__lt=at - self.claim)
        with scopes_disabled():
            found = self.model._base_manager.filter(waiting | left).order_by("requested_at", "pk")
            return list(found.values_list("pk", flat=True))

    def _claim(self, job_id: int, at: datetime) -> J | None:
        """The job, claimed; None when it is done, or somebody is at it. A third try that came to nothing ends it."""
        with scopes_disabled(), transaction.atomic():
            free = Q(state=WAITING) | Q(state=MAKING, claimed_at__lt=at - self.claim)
            rows = self.model._base_manager.select_for_update(skip_locked=True, of=("self",))
            job: Any = rows.select_related(*self.related).filter(free, pk=job_id).first()
            if job is None:
                return None
            if job.tries >= MOST_TRIES:
                self._end(job, at)
                return None
            changed = {"state": MAKING, "claimed_at": at, "tries": job.tries + 1, **self.fresh}
            for name, value in changed.items():
                setattr(job, name, value)
            job.save(update_fields=list(changed))
        return job

    def _give_up(self, job: Any, at: datetime) -> None:
        """Back to the periodic run, or after the last try to a person."""
        if job.tries >= MOST_TRIES:
            self._end(job, at)
        else:
            self.held(job).update(state=WAITING, claimed_at=None)

    def _end(self, job: Any, at: datetime) -> None:
        with transaction.atomic():
            ended = self.model._base_manager.filter(pk=job.pk, tries=job.tries, state__in=OPEN)
            if ended.update(state=FAILED, claimed_at=None, finished_at=at):
                self.on_failed(job, at)
