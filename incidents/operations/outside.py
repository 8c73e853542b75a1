"""A record that waits for somebody outside, and comes back when nobody is waited for any more (matrix 4.4)."""

from __future__ import annotations

from datetime import datetime

from core.people.models import User
from incidents.enums import AdviceState, CaseEventKind, CaseState, ReferralState
from incidents.models import AdviceRecord, ExamReport, Incident, Referral
from incidents.operations.moves import step

_AWAY = (ReferralState.SENT, ReferralState.ACKNOWLEDGED)


def wait_outside(held: Incident, *, actor: User, at: datetime, about: str) -> None:
    """Inside an operation: a record in action waits for an answer now; elsewhere on its course it stays."""
    if held.state == CaseState.ACTION:
        step(held, CaseEventKind.SENT_OUTSIDE, CaseState.AWAITING_OUTSIDE, actor=actor, at=at, about=about)


def back_from_outside(held: Incident, *, actor: User, at: datetime, about: str) -> None:
    """Inside an operation that stored an answer: back to action, unless something else is still waited for."""
    if held.state == CaseState.AWAITING_OUTSIDE and not _waits(held):
        step(held, CaseEventKind.ANSWERED, CaseState.ACTION, actor=actor, at=at, about=about)


def _waits(held: Incident) -> bool:
    return (
        Referral.objects.filter(incident=held, state__in=_AWAY).exists()
        or AdviceRecord.objects.filter(incident=held, state=AdviceState.ASKED).exists()
        or ExamReport.objects.filter(incident=held, reported_at__isnull=False, outcome="").exists()
    )
