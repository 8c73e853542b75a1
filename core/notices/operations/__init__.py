"""Every write about notices, by subject: telling people, sending email, signs of life."""

from core.notices.operations.life import beat
from core.notices.operations.mail import (
    deliver_outbox,
    queue_account_email,
    queue_email,
    try_dead_again,
    withdraw_emails,
)
from core.notices.operations.telling import (
    NothingToAcknowledge,
    acknowledge_events,
    acknowledge_notice,
    escalate_unacknowledged,
    mark_read,
    notify,
    send_digests,
    set_preferences,
)

__all__ = [
    "NothingToAcknowledge",
    "acknowledge_events",
    "acknowledge_notice",
    "beat",
    "deliver_outbox",
    "escalate_unacknowledged",
    "mark_read",
    "notify",
    "queue_account_email",
    "queue_email",
    "send_digests",
    "set_preferences",
    "try_dead_again",
    "withdraw_emails",
]
