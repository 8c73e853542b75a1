"""The outbox: emails are rows first and are sent afterwards, each once, whatever stops in between (house §4.7)."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string

from core.audit.operations import record
from core.kit.text import clean_line, clean_text
from core.notices.enums import Beating, MailState
from core.notices.models import OutboxEmail
from core.notices.operations.life import beat
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)  # then 3, 9, 27 minutes … the eighth try comes about 18 hours after the first
CLAIM = timedelta(seconds=90)  # with the periodic run, what a dead sender held goes out within two minutes (F08)
RUN_SECONDS = 120.0


@dataclass(frozen=True)
class Draft:
    """An email as an operation words it, before it is a row."""

    to: User | str
    subject: str
    text: str
    template: str
    cause: str


def queue_email(
    *,
    school: School | None,
    to: User | str,
    subject: str,
    text: str,
    cause: str,
    at: datetime,
    template: str = "account",
) -> OutboxEmail:
    """Write one email to be sent after the caller's transaction; returns the row, the first one for the same cause.

    Called by operations. Neither `subject` nor `text` may name a pupil or say what a record holds (ORG-19). `cause`
    names what it is sent for: the same (template, recipient, cause) is queued once. Raises ValueError on a subject
    of several lines.
    """
    rows = queue_emails(school=school, drafts=[Draft(to, subject, text, template, cause)], at=at)
    return rows[0]


def queue_emails(*, school: School | None, drafts: Sequence[Draft], at: datetime) -> list[OutboxEmail]:
    """Write several emails in one statement and ring the mailer once, after commit."""
    if not drafts:
        return []
    rows = [
        OutboxEmail(
            school=school,
            user=draft.to if isinstance(draft.to, User) else None,
            address=(draft.to.email if isinstance(draft.to, User) else draft.to).lower(),
            template=draft.template,
            cause=draft.cause,
            subject=clean_line(draft.subject),
            text=clean_text(draft.text) + "\n",
            created_at=at,
            next_try_at=at,
            message_id=_new_message_id(),
        )
        for draft in drafts
    ]
    OutboxEmail.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(_ring, robust=True)
    return list(
        OutboxEmail.objects.filter(
            school=school,
            template__in={row.template for row in rows},
            address__in={row.address for row in rows},
            cause__in={row.cause for row in rows},
        ).order_by("id")
    )


def withdraw_emails(*, school: School, keys: Sequence[int]) -> int:
    """Take back those of these emails that have not gone yet, in the caller's transaction; returns how many.

    One that a sender holds at this moment may still go: it is waited for, and stays as sent.
    """
    waiting = OutboxEmail.objects.filter(school=school, pk__in=keys, state__in=[MailState.WAITING, MailState.FAILED])
    return waiting.update(state=MailState.WITHDRAWN, text="")


_ACCOUNT_SUBJECTS = {"invitation": "Choose your password", "added": "Your account works here too"}


def queue_account_email(*, school: School | None, user: User, kind: str, path: str, at: datetime) -> OutboxEmail:
    """Queue the email about an account, which `core.people` asks for through its hook (ORG-20).

    `kind` is "invitation" or "added"; `path` the page it links to. Each link is a cause of its own, so that one sent
    again goes out; the row keeps a digest of it, and the link itself only until the mail is sent.
    """
    text = render_to_string(f"emails/notices/{kind}.txt", {"school": school, "link": settings.SITE_ADDRESS + path})
    subject = _ACCOUNT_SUBJECTS[kind] + (f": {school.name}" if school else "")
    of = path if kind == "invitation" else at.isoformat()
    cause = f"{kind}:{user.pk}:{hashlib.sha256(of.encode()).hexdigest()[:32]}"
    return queue_email(school=school, to=user, subject=subject, text=text, cause=cause, at=at)


def _ring() -> None:
    """Tell the worker that there is mail. Nobody there: it is logged, and the mail goes with the next periodic run."""
    from core.notices.tasks import deliver_outbox as task  # tasks import operations

    task.delay()


def _new_message_id() -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid4().hex}@{domain}>"


def deliver_outbox(*, at: datetime, limit: int = 500) -> int:
    """Send what is due, oldest first, and return how many the mail server took. For the worker; several may run.

    Each mail is claimed in a transaction of its own (`FOR UPDATE SKIP LOCKED`), sent outside any, and marked. A crash
    between sending and marking sends that one mail again when its claim runs out: at most one extra, never one lost
    (security §5.11, F11). A failure is tried again after 1, 3, 9 … minutes; the eighth ends as a dead letter.
    """
    sent, began = 0, time.monotonic()
    connection: Any = get_connection()
    try:
        for _ in range(limit):
            spent = time.monotonic() - began
            mail = _claim(at, until=at + timedelta(seconds=spent) + CLAIM) if spent < RUN_SECONDS else None
            if mail is None:
                break
            if mail.user is not None and not mail.user.is_active:
                OutboxEmail.objects.filter(pk=mail.pk).update(state=MailState.WITHDRAWN, text="")
                continue
            try:
                _send(mail, connection)
            except (SMTPException, OSError, ValueError) as error:
                _fail(mail, error, at)
                connection.close()
                if _server_is_away(error):
                    break  # the others keep their tries
                continue
            OutboxEmail.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=at, text="", last_error="")
            sent += 1
    finally:
        connection.close()
    beat(name=Beating.MAILER, at=at)
    return sent


def _server_is_away(error: Exception) -> bool:
    """Whether the failure is the mail server's and not this one mail's."""
    if isinstance(error, SMTPConnectError | SMTPAuthenticationError | SMTPHeloError):
        return True
    return not isinstance(error, SMTPResponseException | SMTPRecipientsRefused | ValueError)


@transaction.atomic
def _claim(at: datetime, *, until: datetime) -> OutboxEmail | None:
    """The next mail that is due, moved out of the reach of other senders until its sender must have finished."""
    while True:
        mail = (
            OutboxEmail.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("user")
            .filter(state__in=[MailState.WAITING, MailState.FAILED], next_try_at__lte=at)
            .order_by("next_try_at", "id")
            .first()
        )
        if mail is None:
            return None
        if mail.attempts >= TRIES:  # its senders died again and again before they could say how it went
            mail.state, mail.last_error = MailState.DEAD, mail.last_error or "NeverFinished"
            mail.save(update_fields=["state", "last_error"])
            continue
        mail.attempts += 1
        mail.next_try_at = until
        mail.save(update_fields=["attempts", "next_try_at"])
        return mail


def _send(mail: OutboxEmail, connection: Any) -> None:
    connection.open()
    EmailMessage(
        subject=mail.subject,
        body=mail.text,
        to=[mail.address],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    ).send()


def _fail(mail: OutboxEmail, error: Exception, at: datetime) -> None:
    dead = mail.attempts >= TRIES
    OutboxEmail.objects.filter(pk=mail.pk).update(
        state=MailState.DEAD if dead else MailState.FAILED,
        next_try_at=at + FIRST_PAUSE * 3 ** (mail.attempts - 1),
        last_error=type(error).__name__,
    )


@transaction.atomic
def try_dead_again(*, school: School, actor: Any, at: datetime, submission: uuid.UUID | None = None) -> int:
    """Put the school's given-up emails back in line with eight new tries; administrator or head. Returns how many.

    Raises `NotPermitted`. Sent twice it does nothing more: what is in line again is no longer given up.
    """
    require(actor, Permission.MANAGE_SCHOOL, school)
    count = OutboxEmail.objects.filter(school=school, state=MailState.DEAD).update(
        state=MailState.WAITING, attempts=0, next_try_at=at
    )
    record(school=school, actor=actor, action="notices.try_dead_again", at=at, detail={"emails": count})
    transaction.on_commit(_ring, robust=True)
    return count
