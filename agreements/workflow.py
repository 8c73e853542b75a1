"""The tables of moves: of agreements, signatories, consents, access, what staff declare (matrix 4.11, 4.13 to 4.15).

The database holds the same tables (`agreements/migrations`), so that nothing goes round them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from agreements.enums import (
    AccessState,
    AgreementState,
    ConsentState,
    DeclarationState,
    DisclosureState,
    ImageUseState,
    OwnConsentState,
    SignatoryState,
)
from core.kit.refusals import Refusal

_A = AgreementState
_OVER = (_A.SUPERSEDED, _A.WITHDRAWN)
_WAITING = (_A.ISSUED, _A.PARTLY_SIGNED, _A.REFUSED)

AGREEMENT_MOVES: frozenset[tuple[AgreementState, AgreementState]] = frozenset(
    {
        (_A.DRAFT, _A.ISSUED),
        (_A.DRAFT, _A.WITHDRAWN),
        (_A.ISSUED, _A.PARTLY_SIGNED),
        (_A.ISSUED, _A.COMPLETE),
        (_A.ISSUED, _A.REFUSED),
        (_A.PARTLY_SIGNED, _A.COMPLETE),
        (_A.PARTLY_SIGNED, _A.REFUSED),
        (_A.PARTLY_SIGNED, _A.ISSUED),  # the only signature was taken back
        # Who did not agree may think again, and is not asked why (AG-1).
        (_A.REFUSED, _A.ISSUED),
        (_A.REFUSED, _A.PARTLY_SIGNED),
        (_A.REFUSED, _A.COMPLETE),
        (_A.COMPLETE, _A.IN_FORCE),
        (_A.COMPLETE, _A.PARTLY_SIGNED),
        (_A.COMPLETE, _A.ISSUED),
        (_A.IN_FORCE, _A.TO_RENEW),
        *((state, _A.ENDED) for state in (_A.IN_FORCE, _A.TO_RENEW)),
        *((state, over) for state in (*_WAITING, _A.COMPLETE, _A.IN_FORCE, _A.TO_RENEW) for over in _OVER),
    }
)

_S = SignatoryState
_ASKED = (_S.NOT_SENT, _S.SENT, _S.VIEWED)

SIGNATORY_MOVES: frozenset[tuple[SignatoryState, SignatoryState]] = frozenset(
    {
        (_S.NOT_SENT, _S.SENT),
        (_S.NOT_SENT, _S.VIEWED),
        (_S.SENT, _S.VIEWED),
        *((state, decided) for state in _ASKED for decided in (_S.SIGNED, _S.DECLINED)),
        (_S.DECLINED, _S.SIGNED),
        (_S.SIGNED, _S.TAKEN_BACK),
        (_S.TAKEN_BACK, _S.SIGNED),
        *((state, _S.NOT_ASKED) for state in (*_ASKED, _S.DECLINED, _S.TAKEN_BACK)),
        *((_S.NOT_ASKED, state) for state in (_S.NOT_SENT, _S.SENT)),
    }
)

_C = ConsentState
_GIVEN = (_C.GIVEN, _C.CHANGED)
_NOT = (_C.ASKED, _C.REFUSED, _C.WITHDRAWN, _C.EXPIRED)

CONSENT_MOVES: frozenset[tuple[ConsentState, ConsentState]] = frozenset(
    {
        *((state, _C.GIVEN) for state in _NOT),
        (_C.ASKED, _C.REFUSED),
        (_C.EXPIRED, _C.REFUSED),
        *((state, _C.CHANGED) for state in _GIVEN if state != _C.CHANGED),
        *((state, over) for state in _GIVEN for over in (_C.WITHDRAWN, _C.EXPIRED)),
        (_C.EXPIRED, _C.ASKED),
    }
)

_O = OwnConsentState
OWN_CONSENT_MOVES = frozenset({(_O.ASKED, _O.DECIDED), (_O.DECIDED, _O.APPLIED)})

_U = ImageUseState
IMAGE_USE_MOVES = frozenset({(_U.PLANNED, _U.PUBLISHED), (_U.PLANNED, _U.CANCELLED), (_U.PUBLISHED, _U.TAKEN_DOWN)})

_G = AccessState
ACCESS_MOVES = frozenset(
    {
        (_G.GRANTED, _G.SUSPENDED),
        (_G.SUSPENDED, _G.GRANTED),
        (_G.GRANTED, _G.REVOKED),
        (_G.SUSPENDED, _G.REVOKED),
    }
)

_D = DeclarationState
DECLARATION_MOVES = frozenset(
    {
        (_D.DECLARED, _D.CONSULTED),
        (_D.DECLARED, _D.DECIDED),  # where the rules consult nobody
        (_D.CONSULTED, _D.DECIDED),
        (_D.DECIDED, _D.RECORDED),
        (_D.RECORDED, _D.REVIEW_DUE),
        (_D.REVIEW_DUE, _D.CONSULTED),
        (_D.REVIEW_DUE, _D.RECORDED),
        *((state, _D.CLOSED) for state in (_D.DECLARED, _D.CONSULTED, _D.DECIDED, _D.RECORDED, _D.REVIEW_DUE)),
    }
)

_P = DisclosureState
DISCLOSURE_MOVES = frozenset(
    {
        (_P.REQUESTED, _P.ALLOWED),
        (_P.REQUESTED, _P.REFUSED),
        (_P.ALLOWED, _P.DISCLOSED),
        (_P.DISCLOSED, _P.PASSWORD_RESET),
    }
)


class MoveNotPossible(Refusal):
    """The record is not in a state from which it can go there."""


_State = TypeVar("_State", bound=StrEnum)


def check_move(moves: frozenset[tuple[_State, _State]], origin: str, target: str, sentence: str, *, rule: str) -> None:
    """Refuse, with `sentence`, a move that the table `moves` does not have."""
    if (origin, target) not in {(str(one), str(other)) for one, other in moves}:
        raise MoveNotPossible(sentence, rule=rule)
