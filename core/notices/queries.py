"""Reads of one's own inbox, and of how the mailer and the worker are doing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from core.notices.enums import Beating, Delivery, MailState, Urgency
from core.notices.models import Heartbeat, Notice, NoticePreference, OutboxEmail
from core.people.models import School

PAGE = 50
SILENT_AFTER = timedelta(minutes=5)


def notices_of(user: Any, school: School) -> QuerySet[Notice]:
    """Everything a person was told at a school, newest first; nobody reads another's inbox."""
    return (
        Notice.objects.filter(school=school, recipient=user)
        .select_related("acknowledged_by", "escalated_from__recipient")
        .order_by("-id")
    )


def urgent_open(user: Any, school: School) -> list[Notice]:
    """A person's urgent notices that nobody has acknowledged, oldest first."""
    return list(notices_of(user, school).filter(urgency=Urgency.URGENT, acknowledged_at__isnull=True).order_by("id"))


def events_waiting(school: School, *, kinds: Collection[str]) -> dict[str, str]:
    """What was told urgently and nobody has acknowledged: the page of each event, by its key. One statement."""
    rows = Notice.objects.filter(school=school, urgency=Urgency.URGENT, acknowledged_at__isnull=True, kind__in=kinds)
    return dict(rows.values_list("dedupe_key", "url").distinct())


def unread_count(user: Any, school: School) -> int:
    """How many notices wait in a person's inbox: unread, or urgent and not acknowledged. One statement."""
    waiting = Q(read_at__isnull=True) | Q(urgency=Urgency.URGENT, acknowledged_at__isnull=True)
    return Notice.objects.filter(waiting, school=school, recipient=user).count()


@dataclass(frozen=True)
class Inbox:
    """One page of an inbox. `before` is the key to ask for older ones with; 0 when there are none."""

    urgent: list[Notice]
    others: list[Notice]
    before: int
    last: Notice | None

    @property
    def is_empty(self) -> bool:
        return not self.urgent and not self.others


def inbox_for(user: Any, school: School, *, unread_only: bool, before: int = 0) -> Inbox:
    """A page of a person's notices, those to acknowledge apart and first. Three statements, however many there are."""
    mine = notices_of(user, school)
    urgent = [] if before else urgent_open(user, school)
    rest = mine.exclude(urgency=Urgency.URGENT, acknowledged_at__isnull=True)
    if unread_only:
        rest = rest.filter(read_at__isnull=True)
    if before:
        rest = rest.filter(pk__lt=before)
    found = list(rest[: PAGE + 1])
    shown = found[:PAGE]
    last = None if urgent or shown else mine.first()
    return Inbox(urgent=urgent, others=shown, before=shown[-1].pk if len(found) > PAGE else 0, last=last)


def delivery_for(user: Any, school: School) -> str:
    """How a person wants what is not urgent by email; digests unless they chose."""
    wish: str | None = (
        NoticePreference.objects.filter(school=school, user=user).values_list("delivery", flat=True).first()
    )
    return wish or Delivery.DIGEST


@dataclass(frozen=True)
class ServiceState:
    """When worker and mailer were last heard from, and what emails of a school wait or were given up."""

    now: datetime
    worker_seen_at: datetime | None
    mailer_seen_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    dead: int

    @property
    def worker_is_silent(self) -> bool:
        """Not heard from for five minutes: emails, reminders and escalation are late (security §5.11)."""
        return self.worker_seen_at is None or self.now - self.worker_seen_at > SILENT_AFTER

    @property
    def mail_is_late(self) -> bool:
        """Something has waited for five minutes, or was given up."""
        return self.dead > 0 or (self.waiting_since is not None and self.now - self.waiting_since > SILENT_AFTER)

    @property
    def is_well(self) -> bool:
        return not self.worker_is_silent and not self.mail_is_late


def service_state(school: School, now: datetime) -> ServiceState:
    """Whether silence is good news: two statements."""
    seen = dict(Heartbeat.objects.values_list("name", "seen_at"))
    counts = {
        row["state"]: row
        for row in OutboxEmail.objects.filter(
            school=school, state__in=[MailState.WAITING, MailState.FAILED, MailState.DEAD]
        )
        .values("state")
        .annotate(number=Count("id"), since=Min("created_at"))
    }
    pending = [counts[state] for state in (MailState.WAITING, MailState.FAILED) if state in counts]
    return ServiceState(
        now=now,
        worker_seen_at=seen.get(Beating.WORKER),
        mailer_seen_at=seen.get(Beating.MAILER),
        waiting=sum(row["number"] for row in pending),
        waiting_since=min((row["since"] for row in pending), default=None),
        dead=counts[MailState.DEAD]["number"] if MailState.DEAD in counts else 0,
    )


def mail_states(school: School, keys: Collection[int]) -> dict[int, str]:
    """How each of these emails stands, by its key. One statement."""
    return dict(OutboxEmail.objects.filter(school=school, pk__in=keys).values_list("pk", "state"))


def worker_is_silent(now: datetime) -> bool:
    """Whether the background worker has not been heard from for five minutes. One statement."""
    seen = Heartbeat.objects.filter(name=Beating.WORKER).values_list("seen_at", flat=True).first()
    return seen is None or now - seen > SILENT_AFTER
