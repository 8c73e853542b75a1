"""Telling people: notices, reading and acknowledging them, passing on what nobody acknowledges, digests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.text import clean_line
from core.notices.enums import Delivery, Urgency
from core.notices.hooks import tell_acknowledged
from core.notices.models import Notice, NoticePreference
from core.notices.operations.mail import Draft, queue_emails
from core.people.access import NotPermitted
from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import HEAD_ROLES, Role

ESCALATE_MINUTES = 15  # NOT-04
# Whoever is asked when nobody acknowledged and the notice itself names no one else: the deputies, then the head.
CHAIN: tuple[frozenset[Role], ...] = (frozenset({Role.DEPUTY_DSL}), HEAD_ROLES)


class NothingToAcknowledge(Refusal):
    """Only urgent notices are acknowledged; others are read."""


def notify(
    *,
    school: School,
    recipients: Iterable[User],
    kind: str,
    subject: str,
    url: str,
    at: datetime,
    body: str = "",
    urgent: bool = False,
    dedupe_key: str,
    email: bool = True,
    escalate_to: Role | str | Sequence[User] | None = None,
    escalate_after_minutes: int | None = None,
) -> list[Notice]:
    """Put a notice into each recipient's inbox, and email them as they wish; inside the caller's transaction (ORG-19).

    Called by operations. `subject` and `body` must name no one and say nothing of what was reported; `url` is the
    path of the page that does. The same `dedupe_key` reaches one person once, however often it is told. People whose
    account is closed are left out. Urgent notices go by email at once whatever `email` and people's wishes say, must
    be acknowledged by one of the recipients, and after `escalate_after_minutes` (15) go on to `escalate_to`: a role,
    then the deputies, then the head; or people, and then nobody else. Returns the notices, each recipient's one.
    """
    people = {person.pk: person for person in recipients if person.is_active}
    minutes = (escalate_after_minutes or ESCALATE_MINUTES) if urgent else None
    with transaction.atomic(), scope(school=school):
        wishes = {} if urgent else _wishes(school, people)
        notices = _write(
            [
                Notice(
                    school=school,
                    recipient=person,
                    kind=kind,
                    urgency=Urgency.URGENT if urgent else Urgency.ORDINARY,
                    delivery=Delivery.AT_ONCE
                    if urgent
                    else wishes.get(key, Delivery.DIGEST)
                    if email
                    else Delivery.NONE,
                    subject=clean_line(subject),
                    body=clean_line(body),
                    url=url,
                    dedupe_key=dedupe_key,
                    created_at=at,
                    escalate_at=at + timedelta(minutes=minutes) if minutes is not None else None,
                    escalate_minutes=minutes,
                    escalate_role=str(escalate_to) if isinstance(escalate_to, str) else "",
                    escalate_users=_keys(escalate_to) if urgent else [],
                )
                for key, person in people.items()
            ]
        )
        _email_at_once(school, notices, people, at)
        record(
            school=school,
            actor=None,
            action="notices.notify",
            at=at,
            detail={"kind": kind, "urgent": urgent, "event": dedupe_key, "recipients": sorted(people)},
        )
    return notices


def _delivery(wish: str | None, *, urgent: bool, email: bool) -> str:
    if urgent:
        return Delivery.AT_ONCE
    return (wish or Delivery.DIGEST) if email else Delivery.NONE


def _wishes(school: School, people: dict[int, User]) -> dict[int, str]:
    return dict(NoticePreference.objects.filter(school=school, user_id__in=people).values_list("user_id", "delivery"))


def _keys(people: Role | str | Sequence[User] | None) -> list[int]:
    return [] if people is None or isinstance(people, str) else [person.pk for person in people]


def _write(rows: list[Notice]) -> list[Notice]:
    """Insert what is new; what was told before stays as it is. Returns each row as it now stands."""
    if not rows:
        return []
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return list(
        Notice.objects.filter(
            school=rows[0].school,
            dedupe_key=rows[0].dedupe_key,
            recipient_id__in=[row.recipient_id for row in rows],
        ).order_by("id")
    )


def _email_at_once(school: School, notices: Iterable[Notice], people: dict[int, User], at: datetime) -> None:
    """An email for each notice that is not left for a digest; it says that something is there and no more."""
    drafts = []
    for notice in notices:
        if notice.delivery != Delivery.AT_ONCE:
            continue
        link = settings.SITE_ADDRESS + reverse("notices:notice", args=[school.slug, notice.pk])
        words = {"school": school, "urgent": notice.is_urgent, "link": link}
        drafts.append(
            Draft(
                to=people[notice.recipient_id],
                subject=f"{'Urgent: 1 record needs you' if notice.is_urgent else '1 record needs you'}: {school.name}",
                text=render_to_string("emails/notices/at_once.txt", words),
                template="notice",
                cause=f"notice:{notice.pk}",
            )
        )
    queue_emails(school=school, drafts=drafts, at=at)


@operation("notices.mark_read")
def mark_read(
    *, school: School, actor: User, at: datetime, notice: Notice | None = None, submission: UUID | None = None
) -> School:
    """Note that `actor` has read one of their own notices, or without `notice` all that are not urgent."""
    unread = Notice.objects.filter(school=school, recipient=actor, read_at__isnull=True)
    unread = unread.filter(pk=notice.pk) if notice is not None else unread.filter(urgency=Urgency.ORDINARY)
    count = unread.update(read_at=at)
    record(
        school=school,
        actor=actor,
        action="notices.mark_read",
        at=at,
        obj=school,
        detail={"notice": notice.pk} if notice is not None else {"notices": count},
        submission=submission,
    )
    return school


@operation("notices.acknowledge")
def acknowledge_notice(
    *, school: School, actor: User, at: datetime, notice: Notice, submission: UUID | None = None
) -> Notice:
    """Take an urgent notice on: for everybody who got it, so that it goes no further (ORG-19). A recipient only.

    The first to acknowledge stands; a second changes nothing and sees who was first. Raises `NothingToAcknowledge`,
    and `NotPermitted` for somebody else's notice.
    """
    mine = Notice.objects.filter(school=school, recipient=actor, pk=notice.pk).first()
    if mine is None:
        raise NotPermitted("This notice is not yours to acknowledge.", rule="ORG-10")
    if not mine.is_urgent:
        raise NothingToAcknowledge("This notice is not urgent, so there is nothing to acknowledge.", rule="ORG-19")
    tell_acknowledged(mine, actor=actor, at=at)  # first, as whoever takes the record on locks it before its notices
    acknowledge_events(school=school, actor=actor, at=at, events=[mine.dedupe_key])
    Notice.objects.filter(pk=mine.pk, read_at__isnull=True).update(read_at=at)
    mine.refresh_from_db()
    was_first = (mine.acknowledged_by_id, mine.acknowledged_at) == (actor.pk, at)
    record(
        school=school,
        actor=actor,
        action="notices.acknowledge",
        at=at,
        obj=mine,
        detail={"event": mine.dedupe_key, "was_first": was_first},
        submission=submission,
    )
    return mine


def acknowledge_events(*, school: School, actor: User, at: datetime, events: Collection[str]) -> int:
    """Note for everybody who was told of these events (`dedupe_key`) that `actor` has taken them on; returns how many
    notices waited. Called by operations that have asked whether the person may: taking the record itself on does it."""
    rows = Notice.objects.select_for_update().filter(school=school, dedupe_key__in=events).order_by("id")
    waiting = [row.pk for row in rows if row.acknowledged_at is None and row.is_urgent]
    return Notice.objects.filter(pk__in=waiting).update(acknowledged_at=at, acknowledged_by=actor)


@operation("notices.set_preferences")
def set_preferences(
    *, school: School, actor: User, at: datetime, delivery: str, submission: UUID | None = None
) -> NoticePreference:
    """Choose how what is not urgent comes by email, at this school: at once, in digests, or not. One's own wish only.

    Urgent notices ignore it: `notify` sends them at once, and the database refuses one that would not be sent.
    """
    found = NoticePreference.objects.select_for_update().filter(school=school, user=actor).first()
    wish = found or NoticePreference(school=school, user=actor)
    old, wish.delivery = (found.delivery if found else Delivery.DIGEST), Delivery(delivery)
    wish.stamp(by=actor, at=at)
    wish.save()
    record(
        school=school,
        actor=actor,
        action="notices.set_preferences",
        at=at,
        obj=wish,
        detail={"old": old, "new": wish.delivery},
        submission=submission,
    )
    return wish


def escalate_unacknowledged(*, at: datetime) -> int:
    """Pass on urgent notices that nobody acknowledged in time (ORG-19, NOT-04), for the worker; returns how many.

    Each event in a transaction of its own, under a lock, so that ten workers pass it on once.
    """
    with scopes_disabled():
        due = list(_overdue(at).order_by("escalate_at").values_list("school_id", "dedupe_key").distinct())
        schools = School.objects.in_bulk({school for school, _event in due})
    passed_on = 0
    for school_id, event in due:
        school = schools[school_id]
        with transaction.atomic(), scope(school=school):
            passed_on += _pass_on(school, event, at)
    return passed_on


def _overdue(at: datetime) -> Any:
    return Notice.objects.filter(
        urgency=Urgency.URGENT, acknowledged_at__isnull=True, escalated_at__isnull=True, escalate_at__lte=at
    )


def _pass_on(school: School, event: str, at: datetime) -> bool:
    rows = list(Notice.objects.select_for_update().filter(school=school, dedupe_key=event).order_by("id"))
    overdue = [
        row
        for row in rows
        if row.needs_acknowledging and row.escalated_at is None and row.escalate_at and row.escalate_at <= at
    ]
    if not overdue:
        return False
    told = {row.recipient_id for row in rows}
    next_people = _next_people(school, overdue[0], told, at)
    Notice.objects.filter(pk__in=[row.pk for row in overdue]).update(escalated_at=at)
    first = rows[0]
    minutes = first.escalate_minutes or ESCALATE_MINUTES
    people = {person.pk: person for person in next_people}
    notices = _write(
        [
            Notice(
                school=school,
                recipient=person,
                kind=first.kind,
                urgency=Urgency.URGENT,
                delivery=Delivery.AT_ONCE,
                subject=first.subject,
                body=first.body,
                url=first.url,
                dedupe_key=event,
                created_at=at,
                escalate_at=at + timedelta(minutes=minutes),
                escalate_minutes=minutes,
                escalated_from=first,
            )
            for person in next_people
        ]
    )
    _email_at_once(school, notices, people, at)
    record(
        school=school,
        actor=None,
        action="notices.escalate",
        at=at,
        obj=first,
        detail={"event": event, "from": sorted(told), "to": sorted(people)},
    )
    return True


def _next_people(school: School, notice: Notice, told: set[int], at: datetime) -> list[User]:
    """The first of: the role the notice names, the deputies, the head, of whom somebody has not been told yet. Where it
    names people, they alone."""
    today = london_day(at)
    named: list[User] = []
    if notice.escalate_users:  # and then nobody: it may be about the head
        found = User.objects.filter(pk__in=notice.escalate_users, is_active=True)
        return [person for person in found if person.pk not in told]
    if notice.escalate_role:
        named = list(holders_of(school, Role(notice.escalate_role), on=today))
    for people in (named, *(holders_of(school, *roles, on=today) for roles in CHAIN)):
        fresh = [person for person in people if person.pk not in told]
        if fresh:
            return fresh
    return []


def send_digests(*, at: datetime) -> int:
    """One email to each person with unread notices that wait for a digest; on school days only. For the worker.

    Returns how many emails. What has been read meanwhile is left out; each notice is counted in one digest.
    """
    with scopes_disabled():
        waiting = Notice.objects.filter(delivery=Delivery.DIGEST, digested_at__isnull=True, created_at__lte=at)
        schools = School.objects.filter(pk__in=waiting.values("school_id"))
    sent = 0
    for school in schools:
        if calendar_for(school).is_school_day(london_day(at)):
            with transaction.atomic(), scope(school=school):
                sent += _send_digests_of(school, at)
    return sent


def _send_digests_of(school: School, at: datetime) -> int:
    rows = list(
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(school=school, delivery=Delivery.DIGEST, digested_at__isnull=True, created_at__lte=at)
        .select_related("recipient")
        .order_by("id")
    )
    unread: dict[int, list[Notice]] = {}
    for row in rows:
        if row.read_at is None and row.recipient.is_active:
            unread.setdefault(row.recipient_id, []).append(row)
    link = settings.SITE_ADDRESS + reverse("notices:inbox", args=[school.slug])
    drafts = [
        Draft(
            to=found[0].recipient,
            subject=f"{'1 record needs' if len(found) == 1 else f'{len(found)} records need'} you: {school.name}",
            text=render_to_string("emails/notices/digest.txt", {"school": school, "count": len(found), "link": link}),
            template="digest",
            cause=f"digest:{found[-1].pk}",
        )
        for found in unread.values()
    ]
    queue_emails(school=school, drafts=drafts, at=at)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(digested_at=at)
    return len(drafts)
