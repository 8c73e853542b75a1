"""Signing: one door for every way to sign, and what each signature makes of the agreement (matrix 4.13, law AG-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agreements.access import capacity_of
from agreements.enums import (
    AgreementEventKind,
    AgreementKind,
    AgreementState,
    Capacity,
    Decision,
    MarkKind,
    ParentsNeeded,
    SignatoryState,
    SignMode,
)
from agreements.hooks import tell_moved
from agreements.models import Agreement, LinkItem, Signatory, Signature
from agreements.operations.following import follow_signature
from agreements.operations.issuing import add_event
from agreements.operations.making import ask_for_document
from agreements.operations.refusals import (
    ChoicesMissing,
    DayOfSigningWrong,
    LinkNotUsable,
    NameMissing,
    NoLongerAsked,
    NothingToSign,
    NotYoursToSign,
    SignedAlready,
    StatementsMissing,
)
from agreements.wording import ENGLISH, intention_of, statements_for
from agreements.workflow import AGREEMENT_MOVES, SIGNATORY_MOVES, check_move
from core.audit.operations import operation, record
from core.kit.times import day as day_in_words
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission

_A, _S = AgreementState, SignatoryState
# One that is signed by all who are needed may still be signed by another parent (law AG-5).
_MAY_BE_SIGNED = (_A.ISSUED, _A.PARTLY_SIGNED, _A.REFUSED, _A.COMPLETE, _A.IN_FORCE, _A.TO_RENEW)
_WAITING = (_A.ISSUED, _A.PARTLY_SIGNED, _A.REFUSED)
_STATE_AFTER = {
    Decision.AGREES: _S.SIGNED,
    Decision.DECLINES: _S.DECLINED,
    Decision.TAKES_BACK: _S.TAKEN_BACK,
}
_EVENT_OF = {
    Decision.AGREES: AgreementEventKind.SIGNED,
    Decision.DECLINES: AgreementEventKind.DECLINED,
    Decision.TAKES_BACK: AgreementEventKind.TAKEN_BACK,
}


@operation("agreements.sign")
def sign(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    signatory: Signatory,
    decision: str,
    name: str,
    mode: str,
    authentication: str,
    ticked: Sequence[str] = (),
    choices: Mapping[str, Any] | None = None,
    mark: Sequence[Any] = (),
    reason: str = "",
    language: str = ENGLISH,
    signed_on: date | None = None,
    ip: str | None = None,
    device: str = "",
    item: LinkItem | None = None,
    submission: UUID | None = None,
) -> Signature:
    """Write down what one person decided about an agreement, and move the agreement by it (AGR-02, AGR-07).

    `mode` says who may: by LINK whoever holds the link, whose `item` is spent here and once, `actor` None; at the DESK
    or on PAPER somebody with MANAGE_AGREEMENTS, who is the witness; by ACCOUNT the person who is signed in, in a
    capacity that is theirs. `ticked` are the keys of the statements confirmed, `choices` the answers to the purposes of
    a consent, `mark` strokes of a drawing. On PAPER `signed_on` is the day that stands there. Not signing has no
    consequence, and a reason need not be given (law AG-1). Raises a kind of `UnableToSign`.
    """
    decision, mode = Decision(decision), SignMode(mode)
    agreement = locked(signatory.agreement_id)
    if mode == SignMode.LINK:
        _spend(item, signatory, at)
    row = Signatory.objects.select_for_update(of=("self",)).select_related("contact").get(pk=signatory.pk)
    row.agreement = agreement
    _check_who(row, actor, mode, school, at)
    _check_whether(agreement, row, decision, at)
    on = _day_of(agreement, mode, signed_on, at)
    if not name.strip():
        raise NameMissing("Enter the full name.", rule="AG-2")
    statements = statements_for(agreement.wording, row.capacity)
    if decision == Decision.AGREES:
        _check_ticked(agreement, statements, ticked, choices or {})
    target = _STATE_AFTER[decision]
    check_move(
        SIGNATORY_MOVES, row.state, target, "This cannot be signed now. Open the page again.", rule="matrix 4.13"
    )
    row.state, row.decided_at, row.round = target, at, row.round + 1
    row.phone_since = None
    if actor is not None and mode == SignMode.ACCOUNT:
        row.user = actor
    row.stamp(by=actor, at=at)
    row.save()
    signature = Signature(
        school=school,
        agreement=agreement,
        signatory=row,
        round=row.round,
        decision=decision,
        capacity=row.capacity,
        name=name.strip()[:160],
        mode=mode,
        mark_kind=MarkKind.PAPER if mode == SignMode.PAPER else MarkKind.DRAWN if mark else MarkKind.TYPED,
        mark=list(mark),
        intention=intention_of(row.capacity),
        statements=[one for one in statements if one["key"] in ticked],
        choices=dict(choices or {}),
        reason=reason.strip()[:500],
        language=language,
        version_label=agreement.wording["version_label"][:40],
        wording_hash=agreement.wording_hash,
        signed_on=on,
        signed_at=at,
        recorded_by=actor,
        witness=actor if mode in (SignMode.DESK, SignMode.PAPER) else None,
        ip=ip,
        device=device[:200],
        authentication=authentication[:200],
        link=item.link if item is not None else None,
    )
    signature.save()
    before = agreement.state
    _move(agreement, decision, actor, at)
    add_event(agreement, _EVENT_OF[decision], actor, at, from_state=before, signatory=row, note=reason.strip()[:500])
    _complete(agreement, before, actor, at)
    follow_signature(signature, agreement, row, actor, at)
    record(
        school=school,
        actor=actor,
        action="agreements.sign",
        at=at,
        obj=signature,
        submission=submission,
        detail={
            "agreement": agreement.pk,
            "decision": str(decision),
            "mode": str(mode),
            "capacity": row.capacity,
            "wording": agreement.wording_hash,
        },
    )
    return signature


def locked(key: int) -> Agreement:
    """The agreement as it is now, held until the transaction ends: what is signed at once is signed in turn."""
    return (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("school", "pupil__form", "user", "template", "template_version")
        .get(pk=key)
    )


def _spend(item: LinkItem | None, signatory: Signatory, at: datetime) -> None:
    spent = item is not None and item.signatory_id == signatory.pk and (
        LinkItem.objects.filter(
            pk=item.pk, used_at__isnull=True, link__withdrawn_at__isnull=True, link__expires_at__gt=at
        ).update(used_at=at)
    )  # fmt: skip
    if not spent:
        raise LinkNotUsable("This link has been used or has run out. Ask the school for a new one.", rule="AGR-07")


def _check_who(row: Signatory, actor: User | None, mode: SignMode, school: School, at: datetime) -> None:
    today = london_day(at)
    if mode in (SignMode.DESK, SignMode.PAPER):
        assert actor is not None, "somebody witnesses what is signed at school"
        require(actor, Permission.MANAGE_AGREEMENTS, school)
    elif mode == SignMode.ACCOUNT and not capacity_of(actor, row, today):
        raise NotYoursToSign("This is not for you to sign.", rule="AGR-02")
    elif mode == SignMode.LINK and row.capacity not in (Capacity.PARENT, Capacity.PUPIL):
        raise NotYoursToSign("Only families sign by a link.", rule="AGR-07")
    pupil, contact = row.agreement.pupil, row.contact
    left = pupil is not None and pupil.left_on is not None and pupil.left_on < today
    ended = contact is not None and (
        contact.do_not_inform or (contact.ended_on is not None and contact.ended_on < today)
    )
    if left or ended or row.state == _S.NOT_ASKED:
        raise NoLongerAsked("This is no longer for you to sign. Call the school if you have a question.", rule="AG-5")


def _check_whether(agreement: Agreement, row: Signatory, decision: Decision, at: datetime) -> None:
    is_past = agreement.ends_on is not None and agreement.ends_on < london_day(at)
    if agreement.state not in _MAY_BE_SIGNED or (is_past and decision == Decision.AGREES):
        raise NothingToSign("This agreement is not open any more. The school may have sent a newer one.", rule="AGR-09")
    if decision == Decision.AGREES and row.state == _S.SIGNED:
        raise SignedAlready(
            f"Signed already, on {day_in_words(london_day(row.decided_at or at))}. The first signature stands.",
            rule="AGR-02",
        )
    if decision == Decision.DECLINES and row.state == _S.DECLINED:
        raise SignedAlready("That you do not agree is on record already.", rule="AGR-26")


def _day_of(agreement: Agreement, mode: SignMode, signed_on: date | None, at: datetime) -> date:
    today = london_day(at)
    if mode != SignMode.PAPER:
        return today
    if signed_on is None:
        raise DayOfSigningWrong("Enter the day that stands beside the signature.", rule="AGR-07")
    issued = london_day(agreement.issued_at) if agreement.issued_at is not None else today
    if signed_on > today or signed_on < issued:
        raise DayOfSigningWrong(
            f"The day beside the signature is between {day_in_words(issued)}, when it was issued, and today.",
            rule="AGR-07",
        )
    return signed_on


def _check_ticked(
    agreement: Agreement, statements: Sequence[Mapping[str, str]], ticked: Sequence[str], choices: Mapping[str, Any]
) -> None:
    if any(one["key"] not in ticked for one in statements):
        raise StatementsMissing("Tick each statement that you confirm.", rule="AG-2")
    if agreement.kind == AgreementKind.IMAGE_CONSENT:
        asked = {purpose["key"] for purpose in agreement.wording["purposes"]}
        if any(choices.get(key) not in ("yes", "no") for key in asked):
            raise ChoicesMissing("Answer yes or no to each use. Nothing is chosen for you.", rule="CON-01")


def standing_of(agreement: Agreement, rows: Sequence[Signatory]) -> AgreementState:
    """Where an agreement is by its signatures alone: issued, partly signed, complete or refused (AGR-02).

    It is refused when somebody it cannot do without has said no, and everybody who could sign instead has too.
    """
    asked = [row for row in rows if row.state != _S.NOT_ASKED]

    def of(capacity: str) -> list[Signatory]:
        return [row for row in asked if row.capacity == capacity]

    def signed(capacity: str) -> bool:
        found = of(capacity)
        if capacity == Capacity.PARENT and agreement.parents_needed == ParentsNeeded.ALL:
            return bool(found) and all(row.state == _S.SIGNED for row in found)
        return any(row.state == _S.SIGNED for row in found)

    def refused(capacity: str) -> bool:
        found = of(capacity)
        said_no = [row.state == _S.DECLINED for row in found]
        if capacity == Capacity.PARENT and agreement.parents_needed == ParentsNeeded.ALL:
            return any(said_no)
        return bool(found) and all(said_no)

    if all(any(signed(one) for one in among) for among in agreement.needed):
        return _A.COMPLETE
    if any(not any(signed(one) for one in among) and all(refused(one) for one in among) for among in agreement.needed):
        return _A.REFUSED
    return _A.PARTLY_SIGNED if any(row.state == _S.SIGNED for row in asked) else _A.ISSUED


def _move(agreement: Agreement, decision: Decision, actor: User | None, at: datetime) -> None:
    rows = list(Signatory.objects.filter(agreement=agreement))
    if agreement.state in (_A.IN_FORCE, _A.TO_RENEW):
        if decision == Decision.TAKES_BACK and standing_of(agreement, rows) != _A.COMPLETE:
            set_state(agreement, _A.WITHDRAWN, actor, at, because="A signature was taken back.")
        return
    if agreement.state == _A.COMPLETE and decision != Decision.TAKES_BACK:
        return
    _stand(agreement, rows, actor, at)


def _stand(agreement: Agreement, rows: Sequence[Signatory], actor: User | None, at: datetime) -> None:
    target = standing_of(agreement, rows)
    if target != agreement.state:
        if target == _A.COMPLETE:
            agreement.completed_at = at
        set_state(agreement, target, actor, at)


def stand_as_signed(agreement: Agreement, actor: User | None, at: datetime) -> None:
    """A locked agreement goes where its signatures put it, after others are asked than before; what follows from being
    complete follows."""
    before = agreement.state
    _stand(agreement, list(Signatory.objects.filter(agreement=agreement)), actor, at)
    if agreement.state != before:
        _complete(agreement, before, actor, at)


def set_state(
    agreement: Agreement, target: AgreementState, actor: User | None, at: datetime, *, because: str = ""
) -> None:
    """Move a locked agreement to `target`, if the table has the move, and save it."""
    check_move(
        AGREEMENT_MOVES,
        agreement.state,
        target,
        f"An agreement that is “{_A(agreement.state).label.lower()}” cannot be “{target.label.lower()}” next.",
        rule="matrix 4.13",
    )
    origin, agreement.state = agreement.state, target
    if target in (_A.SUPERSEDED, _A.ENDED, _A.WITHDRAWN):
        agreement.over_at, agreement.over_because = at, because[:300]
    agreement.stamp(by=actor, at=at)
    agreement.save()
    tell_moved(agreement=agreement, origin=origin, actor=actor, at=at)


def _complete(agreement: Agreement, before: str, actor: User | None, at: datetime) -> None:
    """What follows when all who are needed have signed, or when one more signs afterwards: its document, its start."""
    if agreement.state == _A.COMPLETE and before in _WAITING:
        add_event(agreement, AgreementEventKind.COMPLETED, actor, at, from_state=before)
        if agreement.starts_on <= london_day(at):
            bring_into_force(agreement, actor, at)
        ask_for_document(agreement, actor=actor, at=at)
    elif agreement.state in (_A.COMPLETE, _A.IN_FORCE) and before == agreement.state:
        ask_for_document(agreement, actor=actor, at=at)


def bring_into_force(agreement: Agreement, actor: User | None, at: datetime) -> None:
    """A complete agreement, locked, begins to hold; what stood before it is superseded in the same moment (AGR-09)."""
    today = london_day(at)
    if agreement.pupil_id is not None:
        before = Agreement.objects.select_for_update(of=("self",)).filter(
            template=agreement.template, pupil=agreement.pupil_id, state__in=[_A.IN_FORCE, _A.TO_RENEW]
        )
    else:
        before = Agreement.objects.select_for_update(of=("self",)).filter(
            template=agreement.template, user=agreement.user_id, state__in=[_A.IN_FORCE, _A.TO_RENEW]
        )
    if not is_one_of_several(agreement.kind):
        for old in before.exclude(pk=agreement.pk):
            origin = old.state
            old.superseded_by = agreement
            set_state(old, _A.SUPERSEDED, actor, at, because=f"{agreement.reference} took its place.")
            add_event(old, AgreementEventKind.SUPERSEDED, actor, at, from_state=origin)
    origin = agreement.state
    agreement.in_force_on = max(agreement.starts_on, today)
    set_state(agreement, _A.IN_FORCE, actor, at)
    add_event(agreement, AgreementEventKind.STARTED, actor, at, from_state=origin)


def is_one_of_several(kind: str) -> bool:
    """Whether a person may have several of this kind at a time."""
    from agreements.enums import SEVERAL_KINDS

    return kind in SEVERAL_KINDS
