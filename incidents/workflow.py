"""The tables of moves: of a record, a suspected image, a referral, a plan, a notification (matrix §4.4 to 4.7).

The database holds the same tables (`incidents/migrations`), so that nothing goes round them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from core.kit.refusals import Refusal
from incidents.enums import (
    AdviceState,
    CaseEventKind,
    CaseState,
    ImageState,
    LessonState,
    PlanState,
    ReferralState,
    TellState,
    TransferState,
)

_S, _E = CaseState, CaseEventKind
_OPEN = (_S.REPORTED, _S.TRIAGED, _S.IN_REVIEW, _S.ACTION, _S.AWAITING_OUTSIDE, _S.DEBRIEF, _S.REOPENED)
_REPORTED = (*_OPEN, _S.CLOSED)
# What happens to a record without moving it; a closed one may still be added to, told of and looked after.
_STAYS = (
    _E.ACKNOWLEDGED, _E.PROTECTED, _E.ASSIGNED, _E.NEXT_STEP, _E.RECLASSIFIED, _E.ESCALATED, _E.PARENTS, _E.LEVEL,
    _E.SANCTION, _E.SUPPORT, _E.TOLD, _E.ADVICE,
)  # fmt: skip
_STAYS_CLOSED = (_E.NOTED, _E.ACCESS, _E.EXPORTED, _E.TOLD, _E.SUPPORT, _E.ADVICE)

TRANSITIONS: frozenset[tuple[CaseState, CaseEventKind, CaseState]] = frozenset(
    {
        (_S.DRAFT, _E.REPORTED, _S.REPORTED),
        (_S.DRAFT, _E.DISCARDED, _S.DISCARDED),
        (_S.REPORTED, _E.TRIAGED, _S.TRIAGED),
        # Low-level behaviour may go straight to what is done about it (INC-08).
        (_S.REPORTED, _E.DECIDED, _S.ACTION),
        (_S.TRIAGED, _E.DECIDED, _S.ACTION),
        (_S.TRIAGED, _E.REVIEWED, _S.IN_REVIEW),
        (_S.IN_REVIEW, _E.DECIDED, _S.ACTION),
        (_S.ACTION, _E.SENT_OUTSIDE, _S.AWAITING_OUTSIDE),
        (_S.AWAITING_OUTSIDE, _E.ANSWERED, _S.ACTION),
        (_S.ACTION, _E.INVESTIGATED, _S.DEBRIEF),
        (_S.ACTION, _E.CLOSED, _S.CLOSED),
        (_S.DEBRIEF, _E.CLOSED, _S.CLOSED),
        (_S.CLOSED, _E.REOPENED, _S.REOPENED),
        (_S.REOPENED, _E.REVIEWED, _S.IN_REVIEW),
        *((origin, _E.MERGED, _S.MERGED) for origin in _REPORTED),
        *((state, kind, state) for state in _OPEN for kind in (*_STAYS, *_STAYS_CLOSED)),
        *((_S.CLOSED, kind, _S.CLOSED) for kind in _STAYS_CLOSED),
    }
)

_I = ImageState

IMAGE_MOVES: frozenset[tuple[ImageState, ImageState]] = frozenset(
    {
        (_I.RAISED, _I.FIRST_RESPONSE),
        (_I.FIRST_RESPONSE, _I.DSL_NOTIFIED),
        (_I.DSL_NOTIFIED, _I.DSL_ACKNOWLEDGED),
        (_I.DSL_ACKNOWLEDGED, _I.ASSESSED),
        (_I.ASSESSED, _I.REFERRED),
        (_I.REFERRED, _I.SUPPORT_IN_PLACE),
        (_I.SUPPORT_IN_PLACE, _I.CLOSED),
    }
)

_R = ReferralState

REFERRAL_MOVES: frozenset[tuple[ReferralState, ReferralState]] = frozenset(
    {
        (_R.NOT_NEEDED, _R.CONSENT_SOUGHT),
        (_R.CONSENT_SOUGHT, _R.CONSENT_GIVEN),
        (_R.CONSENT_SOUGHT, _R.CONSENT_REFUSED),
        (_R.CONSENT_REFUSED, _R.CONSENT_GIVEN),
        (_R.CONSENT_SOUGHT, _R.DSL_OVERRIDE),
        (_R.CONSENT_REFUSED, _R.DSL_OVERRIDE),
        (_R.CONSENT_SOUGHT, _R.NOT_NEEDED),
        (_R.CONSENT_REFUSED, _R.NOT_NEEDED),
        (_R.CONSENT_GIVEN, _R.SENT),
        (_R.DSL_OVERRIDE, _R.SENT),
        (_R.SENT, _R.ACKNOWLEDGED),
        (_R.SENT, _R.OUTCOME),
        (_R.ACKNOWLEDGED, _R.OUTCOME),
        (_R.OUTCOME, _R.CLOSED),
    }
)

_P = PlanState

PLAN_MOVES: frozenset[tuple[PlanState, PlanState]] = frozenset(
    {
        (_P.DRAFTED, _P.ACTIVE),
        (_P.ACTIVE, _P.REVIEW_DUE),
        (_P.ACTIVE, _P.REVIEWED),
        (_P.REVIEW_DUE, _P.REVIEWED),
        (_P.REVIEWED, _P.ACTIVE),
        (_P.REVIEWED, _P.ENDED),
    }
)

_T = TellState

TELL_MOVES: frozenset[tuple[TellState, TellState]] = frozenset(
    {
        (_T.NEEDED, _T.SENT),
        (_T.SENT, _T.ACKNOWLEDGED),
        (_T.NEEDED, _T.NOT_RELEVANT),
        (_T.NOT_RELEVANT, _T.NEEDED),
    }
)

_A = AdviceState

ADVICE_MOVES: frozenset[tuple[AdviceState, AdviceState]] = frozenset(
    {(_A.ASKED, _A.ANSWERED), (_A.ANSWERED, _A.ACTED_ON)}
)

_L = LessonState

LESSON_MOVES: frozenset[tuple[LessonState, LessonState]] = frozenset(
    {
        (_L.NOTED, _L.ASSIGNED),
        (_L.ASSIGNED, _L.ACCEPTED),
        (_L.ASSIGNED, _L.REJECTED),
        (_L.ACCEPTED, _L.DONE),
    }
)

_F = TransferState

TRANSFER_MOVES: frozenset[tuple[TransferState, TransferState]] = frozenset(
    {(_F.DUE, _F.SENT), (_F.SENT, _F.RECEIVED), (_F.DUE, _F.NOT_NEEDED)}
)


class StepNotAllowed(Refusal):
    """The record is not where this can be done."""


State = TypeVar("State", bound=StrEnum)


def check_step(origin: str, kind: CaseEventKind, target: str) -> None:
    """Raise `StepNotAllowed` unless the table holds the step of a record (matrix §4.4)."""
    if (CaseState(origin), kind, CaseState(target)) not in TRANSITIONS:
        raise StepNotAllowed(
            f"A record that is “{CaseState(origin).label.lower()}” cannot be “{CaseState(target).label.lower()}” next.",
            rule="matrix 4.4",
        )


def check_pair(moves: frozenset[tuple[State, State]], origin: str, target: State, what: str) -> None:
    """Raise `StepNotAllowed` unless `moves` holds the step; `what` names the thing that moves."""
    if (type(target)(origin), target) not in moves:
        from_words, to_words = (getattr(type(target)(state), "label", str(state)) for state in (origin, target))
        raise StepNotAllowed(
            f"{what} that is “{from_words.lower()}” cannot be “{to_words.lower()}” next.", rule="matrix 4.4"
        )
