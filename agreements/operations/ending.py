"""What happens to an agreement beside signing: followed up, withdrawn, ended (AGR-26)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agreements.enums import AgreementEventKind, AgreementState, SignatoryState
from agreements.models import Agreement, Signatory
from agreements.operations.issuing import add_event
from agreements.operations.refusals import UnableToSign
from agreements.operations.signing import locked, set_state
from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

_A = AgreementState
_OVER = (_A.SUPERSEDED, _A.ENDED, _A.WITHDRAWN)


class ReasonMissing(UnableToSign):
    """Withdrawing, ending and following up say why or what."""

    default_field = "reason"


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise ReasonMissing(what, rule="AGR-26")
    return text.strip()[:500]


@operation("agreements.withdraw")
def withdraw_agreement(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    agreement: Agreement,
    reason: str,
    submission: UUID | None = None,
) -> Agreement:
    """Withdraw what was issued by mistake, or ended with the pupil's leaving; it stays readable. Who may:
    MANAGE_AGREEMENTS. Links to it stop working, as nothing that is over can be signed."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    return _over(school, actor, at, agreement, _A.WITHDRAWN, AgreementEventKind.WITHDRAWN, reason, submission)


@operation("agreements.end")
def end_agreement(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    agreement: Agreement,
    reason: str,
    submission: UUID | None = None,
) -> Agreement:
    """End one that is in force, or whose last day has come. Who may: MANAGE_AGREEMENTS."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    return _over(school, actor, at, agreement, _A.ENDED, AgreementEventKind.ENDED, reason, submission)


def _over(
    school: School,
    actor: User | None,
    at: datetime,
    agreement: Agreement,
    target: AgreementState,
    kind: AgreementEventKind,
    reason: str,
    submission: UUID | None,
) -> Agreement:
    because = _said(reason, "Say why.")
    row = locked(agreement.pk)
    origin = row.state
    set_state(row, target, actor, at, because=because)
    for signatory in Signatory.objects.select_for_update(of=("self",)).filter(
        agreement=row, state__in=[SignatoryState.NOT_SENT, SignatoryState.SENT, SignatoryState.VIEWED]
    ):
        signatory.state, signatory.phone_since = SignatoryState.NOT_ASKED, None
        signatory.stamp(by=actor, at=at)
        signatory.save()
    add_event(row, kind, actor, at, from_state=origin, note=because)
    record(
        school=school, actor=actor, action=f"agreements.{'end' if target == _A.ENDED else 'withdraw'}", at=at, obj=row,
        submission=submission, detail={"from": origin},
    )  # fmt: skip
    return row


@operation("agreements.follow_up")
def follow_up(
    *, school: School, actor: User, at: datetime, agreement: Agreement, note: str, submission: UUID | None = None
) -> Agreement:
    """Write down what was done about an agreement that waits or was not agreed to: a call, a talk (AGR-26).

    Who may: MANAGE_AGREEMENTS. It changes nothing for the pupil: the school's rules hold either way (law AG-1).
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row = locked(agreement.pk)
    add_event(row, AgreementEventKind.FOLLOWED_UP, actor, at, note=_said(note, "Say what was done."))
    record(school=school, actor=actor, action="agreements.follow_up", at=at, obj=row, submission=submission)
    return row
