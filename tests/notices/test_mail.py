"""The outbox: each mail sent once, tried again when the server says no, given up after eight tries (F09, F11)."""

import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail as postbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction

from core.notices import operations, queries
from core.notices.enums import Beating, MailState
from core.notices.models import Heartbeat, OutboxEmail
from core.people.access import NotPermitted
from core.people.hooks import send_account_email
from core.people.models import School, User


class Refusing(EmailBackend):
    """A mail server that fails as it is told; it is outside our code."""

    error: Exception | None = None
    accepts_first = False

    def send_messages(self, messages: Any) -> int:
        if self.accepts_first:
            super().send_messages(messages)
        if Refusing.error is not None:
            raise Refusing.error
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings: Any) -> type[Refusing]:
    settings.EMAIL_BACKEND = "tests.notices.test_mail.Refusing"
    Refusing.error, Refusing.accepts_first = None, False
    return Refusing


def queue(school: School | None, to: Any, at: datetime, cause: str = "c1") -> OutboxEmail:
    return operations.queue_email(
        school=school, to=to, subject="1 record needs you", text="Open it.", cause=cause, at=at
    )


def test_queue_same_cause_twice_keeps_one(school: School, office_user: User, at: datetime) -> None:
    assert queue(school, office_user, at) == queue(school, office_user, at)
    assert OutboxEmail.objects.count() == 1


def test_queue_without_school_same_cause_twice_keeps_one(db: None, at: datetime) -> None:
    queue(None, "new@example.org", at)
    queue(None, "New@example.org", at)
    assert OutboxEmail.objects.count() == 1


def test_queue_duplicate_row_is_refused_by_the_database(school: School, at: datetime) -> None:
    row = queue(school, "a@example.org", at)
    row.pk, row.message_id, row._state.adding = None, "<other@localhost>", True
    with pytest.raises(IntegrityError, match="once_per_cause"), transaction.atomic():
        row.save(force_insert=True)


def test_queue_subject_of_several_lines_is_refused(school: School, at: datetime) -> None:
    """ASVS 1.3.11: nobody adds a header by a line break."""
    with pytest.raises(ValueError, match="hidden character"):
        operations.queue_email(
            school=school, to="a@example.org", subject="One\nBcc: x@example.org", text="x", cause="c", at=at
        )


@pytest.mark.parametrize("kind", ["invitation", "added"])
def test_people_leave_an_account_email_in_the_outbox(
    school: School, office_user: User, at: datetime, kind: str
) -> None:
    send_account_email(school=school, user=office_user, kind=kind, path="/account/join/abc/", at=at)
    row = OutboxEmail.objects.get()
    assert "/account/join/abc/" in row.text
    assert "abc" not in row.cause
    for name in (office_user.given_name, office_user.family_name):
        assert name not in row.text + row.subject


def test_people_invite_again_with_a_new_link_sends_again(school: School, office_user: User, at: datetime) -> None:
    for path in ("/account/join/abc/", "/account/join/abc/", "/account/join/def/"):
        send_account_email(school=school, user=office_user, kind="invitation", path=path, at=at)
    assert OutboxEmail.objects.count() == 2


def test_deliver_twice_sends_once_and_drops_the_text(school: School, office_user: User, at: datetime) -> None:
    """F09"""
    row = queue(school, office_user, at)
    for _ in range(5):
        operations.deliver_outbox(at=at)
    assert len(postbox.outbox) == 1
    assert postbox.outbox[0].extra_headers["Message-ID"] == row.message_id
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.text) == (MailState.SENT, at, "")


def test_deliver_server_away_loses_nothing_and_keeps_the_tries_of_the_others(
    school: School, at: datetime, refusing: type[Refusing]
) -> None:
    """F11"""
    first, second = queue(school, "a@example.org", at, "a"), queue(school, "b@example.org", at, "b")
    refusing.error = ConnectionRefusedError(111, "somebody@example.org")
    assert operations.deliver_outbox(at=at) == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts, first.last_error) == (MailState.FAILED, 1, "ConnectionRefusedError")
    assert (second.state, second.attempts) == (MailState.WAITING, 0)
    refusing.error = None
    assert operations.deliver_outbox(at=at + timedelta(minutes=1)) == 2
    assert {message.to[0] for message in postbox.outbox} == {"a@example.org", "b@example.org"}


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no")}),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPSenderRefused(553, b"no", "s@example.org"),
    ],
)
def test_deliver_one_mail_refused_goes_on_with_the_next(
    school: School, at: datetime, refusing: type[Refusing], error: Exception
) -> None:
    """F11: 4xx and 5xx of one mail do not hold up the others."""
    queue(school, "a@example.org", at, "a")
    queue(school, "b@example.org", at, "b")
    refusing.error = error
    operations.deliver_outbox(at=at)
    assert set(OutboxEmail.objects.values_list("state", "attempts")) == {(MailState.FAILED, 1)}


def test_deliver_fails_eight_times_gives_up_and_says_so(school: School, at: datetime, refusing: type[Refusing]) -> None:
    """F11: dead letter after eight tries, at growing intervals, and a banner."""
    row = queue(school, "a@example.org", at)
    refusing.error = smtplib.SMTPServerDisconnected("gone")
    tries = []
    for minute in range(60 * 24):
        now = at + timedelta(minutes=minute)
        before = row.attempts
        operations.deliver_outbox(at=now)
        row.refresh_from_db()
        if row.attempts > before:
            tries.append(minute)
    assert tries == [0, 1, 4, 13, 40, 121, 364, 1093]
    assert row.state == MailState.DEAD
    state = queries.service_state(school, at + timedelta(days=1))
    assert (state.dead, state.mail_is_late) == (1, True)


def test_deliver_after_the_server_took_it_and_the_line_broke_doubles_it_once_at_most(
    school: School, at: datetime, refusing: type[Refusing]
) -> None:
    """F11: at most one extra, with the same Message-ID."""
    queue(school, "a@example.org", at)
    refusing.accepts_first, refusing.error = True, smtplib.SMTPServerDisconnected("before 250")
    operations.deliver_outbox(at=at)
    refusing.accepts_first, refusing.error = False, None
    operations.deliver_outbox(at=at + timedelta(minutes=1))
    assert len(postbox.outbox) == 2
    assert len({message.extra_headers["Message-ID"] for message in postbox.outbox}) == 1


def test_deliver_claimed_by_a_sender_that_died_goes_out_when_the_claim_ends(school: School, at: datetime) -> None:
    """F08"""
    from core.notices.operations import mail

    queue(school, "a@example.org", at)
    assert mail._claim(at, until=at + mail.CLAIM) is not None  # and this sender is killed here
    assert operations.deliver_outbox(at=at + timedelta(minutes=1)) == 0
    assert operations.deliver_outbox(at=at + mail.CLAIM) == 1


def test_deliver_mail_that_kills_every_sender_is_given_up(school: School, at: datetime) -> None:
    from core.notices.operations import mail

    row = queue(school, "a@example.org", at)
    for number in range(mail.TRIES):
        assert mail._claim(at + mail.CLAIM * number, until=at + mail.CLAIM * (number + 1)) is not None
    assert operations.deliver_outbox(at=at + mail.CLAIM * mail.TRIES) == 0
    row.refresh_from_db()
    assert (row.state, row.last_error) == (MailState.DEAD, "NeverFinished")


def test_deliver_to_somebody_who_has_left_is_withdrawn(school: School, office_user: User, at: datetime) -> None:
    row = queue(school, office_user, at)
    office_user.is_active = False
    office_user.save()
    assert operations.deliver_outbox(at=at) == 0
    row.refresh_from_db()
    assert (row.state, row.text, len(postbox.outbox)) == (MailState.WITHDRAWN, "", 0)


def test_deliver_holds_no_transaction_while_the_server_speaks(
    transactional_db: None, at: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.notices.test_mail.Watching"
    queue(None, "a@example.org", at)
    Watching.in_transaction = None
    operations.deliver_outbox(at=at)
    assert Watching.in_transaction is False


class Watching(EmailBackend):
    in_transaction: bool | None = None

    def send_messages(self, messages: Any) -> int:
        Watching.in_transaction = connection.in_atomic_block
        return super().send_messages(messages)


def test_try_dead_again_puts_them_in_line(
    school: School, other_school: School, administrator_user: User, at: datetime
) -> None:
    row, elsewhere = queue(school, "a@example.org", at), queue(other_school, "a@example.org", at)
    OutboxEmail.objects.update(state=MailState.DEAD, attempts=8)
    assert operations.try_dead_again(school=school, actor=administrator_user, at=at) == 1
    row.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (row.state, row.attempts, elsewhere.state) == (MailState.WAITING, 0, MailState.DEAD)


def test_try_dead_again_by_office_is_refused(school: School, office_user: User, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        operations.try_dead_again(school=school, actor=office_user, at=at)


def test_beat_again_moves_the_one_row(db: None, at: datetime) -> None:
    operations.beat(name=Beating.WORKER, at=at - timedelta(hours=1))
    operations.beat(name=Beating.WORKER, at=at)
    assert Heartbeat.objects.get().seen_at == at


@pytest.mark.parametrize(("minutes", "silent"), [(4, False), (6, True)])
def test_worker_is_silent_after_five_minutes(db: None, at: datetime, minutes: int, silent: bool) -> None:
    """Silence must look different from failure."""
    operations.beat(name=Beating.WORKER, at=at - timedelta(minutes=minutes))
    assert queries.worker_is_silent(at) is silent


def test_worker_never_heard_of_is_silent(db: None, at: datetime) -> None:
    assert queries.worker_is_silent(at)


def test_service_state_well(school: School, at: datetime) -> None:
    operations.beat(name=Beating.WORKER, at=at)
    queue(school, "a@example.org", at)
    state = queries.service_state(school, at)
    assert (state.is_well, state.waiting) == (True, 1)
