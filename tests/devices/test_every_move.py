"""Every move of matrix 4.1, 4.2 and 4.3, and every other that somebody could think of: by the helper and the database.

The tables stand here in the matrix's own words, so that a change of `devices.workflow` alone fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from itertools import pairwise, product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.people.models import User
from devices.enums import Basis, DeletionState, EventKind, SearchState, State
from devices.models import CustodyEvent, CustodyRecord, DeletionRecord, PupilDevice, SearchEvent, SearchRecord
from devices.workflow import (
    DELETION_MOVES,
    SEARCH_MOVES,
    TRANSITIONS,
    MoveNotAllowed,
    check_deletion_move,
    check_move,
    check_search_move,
)
from tests.factories.taking import make_taken

# Matrix 4.1, its first column. "any on-site state" is spelled out below.
CUSTODY = """
with_pupil_off_site → declared_none
with_pupil_off_site → with_pupil_on_site
with_pupil_on_site → with_pupil_off_site
with_pupil_off_site → handed_in
handed_in → stored
with_pupil_off_site → with_pupil_by_agreement
with_pupil_off_site → not_handed_in
not_handed_in → handed_in
not_handed_in → collected
stored → out_for_activity → stored
stored → out_for_break → stored
stored → returned
stored → uncollected
uncollected → returned
stored, with_pupil_by_agreement, with_pupil_on_site, not_handed_in, out_for_activity, out_for_break → confiscated
collected, confiscated → parent_collection
collected, confiscated → released_to_pupil
collected, confiscated, parent_collection → released_to_parent
any on-site state → evidence_hold
evidence_hold → with_police
evidence_hold → confiscated
with_police → back_from_police
back_from_police → parent_collection, confiscated
stored, collected, confiscated → lost_or_damaged
returned, released_to_pupil, released_to_parent, declared_none → with_pupil_off_site
"""
# With the pupil on the site, or with the school on the site; a device just handed in is put away in the same act.
ON_SITE = (
    "with_pupil_on_site, with_pupil_by_agreement, not_handed_in, stored, out_for_break, out_for_activity, uncollected, "
    "collected, confiscated, parent_collection, back_from_police"
)
# Of the matrix, what no event stands for: the pupil has the device, and a day's list is derived from what is not there.
DERIVED = """
with_pupil_off_site → declared_none, with_pupil_on_site, with_pupil_by_agreement, not_handed_in
with_pupil_on_site → with_pupil_off_site
not_handed_in → handed_in
returned, released_to_pupil, released_to_parent, declared_none → with_pupil_off_site
"""
# Beyond the matrix: decision 15, a loss found again or of what was not collected (DEV-23), and corrections (DEV-33).
ADDED = """
evidence_hold → stored
uncollected, parent_collection → lost_or_damaged
lost_or_damaged → stored, uncollected, collected, confiscated, parent_collection
stored, uncollected, collected, confiscated, parent_collection → with_pupil_off_site
returned → stored, uncollected
released_to_pupil → collected, confiscated
released_to_parent → collected, confiscated, parent_collection
"""
# Matrix 4.2, with consent and grounds spelled out. `draft` and the states before `completed` are "any state".
SEARCH = """
draft → authorised
authorised → consent_pending, grounds_stated
consent_pending, grounds_stated → in_progress
in_progress → completed_nothing, completed_found
completed_nothing, completed_found → followed_up
followed_up → closed
consent_pending → ended_refused
draft → blocked
draft, authorised, consent_pending, grounds_stated, in_progress → stopped
completed_nothing, completed_found, followed_up → stopped
"""
# Decision 15: consent withdrawn while it is made (SEA-15), a search recorded afterwards (law SE-3).
SEARCH_ADDED = """
in_progress → ended_refused
draft → completed_nothing, completed_found
"""
# Matrix 4.3.
DELETION = """
requested → refused, approved
approved → done_by_staff, asked_of_pupil
asked_of_pupil → confirmed
"""

Pairs = set[tuple[str, str]]


def pairs_of(table: str) -> Pairs:
    """A table's lines as pairs: "a, b → c, d" is four, "a → b → a" two."""
    found: Pairs = set()
    for line in table.replace("any on-site state", ON_SITE).strip().splitlines():
        steps = [[name.strip() for name in step.split(",")] for step in line.split("→")]
        for origins, targets in pairwise(steps):
            found |= set(product(origins, targets))
    return found


def others(states: Iterable[Any], allowed: Pairs) -> list[tuple[str, str]]:
    """Every pair of states that is not allowed, from a state to itself included."""
    return [(str(a), str(b)) for a, b in product(states, repeat=2) if (str(a), str(b)) not in allowed]


def refused(write: Callable[[], Any], *said: str) -> bool:
    """Whether the database refuses a write by the table of moves, and not for another reason."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        assert any(part in str(error) for part in said), str(error)
        return True
    return False


CUSTODY_PAIRS = (pairs_of(CUSTODY) - pairs_of(DERIVED)) | pairs_of(ADDED)
SEARCH_PAIRS = pairs_of(SEARCH) | pairs_of(SEARCH_ADDED)
DELETION_PAIRS = pairs_of(DELETION)


def test_workflow_is_the_matrix() -> None:
    """Matrix 4.1, 4.2, 4.3; DEV-33: the tables of the code are those of the matrix and what decision 15 adds."""
    moving = {(str(origin), str(target)) for origin, _kind, target in TRANSITIONS if origin != target}
    assert moving == CUSTODY_PAIRS
    assert {(str(origin), str(target)) for origin, target in SEARCH_MOVES} == SEARCH_PAIRS
    assert {(str(origin), str(target)) for origin, target in DELETION_MOVES} == DELETION_PAIRS
    assert not pairs_of(DERIVED) - pairs_of(CUSTODY)
    staying = {kind for origin, kind, target in TRANSITIONS if origin == target}
    assert staying == {EventKind.MOVE, EventKind.NOTE, EventKind.DAMAGE, EventKind.KEPT_OVERNIGHT}


def test_workflow_is_what_the_migration_gave_the_database() -> None:
    """Matrix 4.1–4.3: one list in the code and the same in the database."""
    written = import_module("devices.migrations.0004_taken_into_care")
    assert set(written.CUSTODY_MOVES) == {(str(a), str(kind), str(b)) for a, kind, b in TRANSITIONS}
    assert set(written.SEARCH_MOVES) == SEARCH_PAIRS
    assert set(written.DELETION_MOVES) == DELETION_PAIRS


def test_check_move_allows_the_table_and_nothing_else() -> None:
    """Matrix 4.1: every state, every kind of event, every state."""
    for origin, kind, target in product(State, EventKind, State):
        if (origin, kind, target) in TRANSITIONS:
            check_move(origin, kind, target)
        else:
            with pytest.raises(MoveNotAllowed):
                check_move(origin, kind, target)


@pytest.mark.parametrize(
    ("check", "states", "allowed"),
    [(check_search_move, SearchState, SEARCH_PAIRS), (check_deletion_move, DeletionState, DELETION_PAIRS)],
)
def test_check_search_and_deletion_moves_allow_the_table_and_nothing_else(
    check: Callable[[str, Any], None], states: Any, allowed: Pairs
) -> None:
    """Matrix 4.2, 4.3."""
    for origin, target in allowed:
        check(origin, states(target))
    for origin, target in others(states, allowed):
        with pytest.raises(MoveNotAllowed):
            check(origin, states(target))


# What the database says


@pytest.fixture
def stay(phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    return make_taken(phone.pupil, phone, by=office_user, at=at)


def test_database_knows_every_custody_move(stay: CustodyRecord) -> None:
    """Matrix 4.1: the function behind the constraint, asked for all 19 × 20 × 19."""
    asked = [(str(a), str(kind), str(b)) for a, kind, b in product(State, EventKind, State)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, k, b FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(a, k, b)"
            " WHERE devices_custodyevent_may_move(a, k, b)",
            [list(column) for column in zip(*asked, strict=True)],
        )
        found = set(cursor.fetchall())
    assert found == {(str(a), str(kind), str(b)) for a, kind, b in TRANSITIONS}


def test_custody_event_of_another_move_cannot_be_written(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """Matrix 4.1, DEV-33: each pair outside the table is tried as the kind that comes nearest; allowed ones go in."""
    first = CustodyEvent.objects.get(custody=stay)
    common = {
        "school": stay.school, "custody": stay, "device": stay.device, "at": at, "recorded_at": at, "by": office_user,
        "given_to": "pupil", "note": "Because.", "corrects": first,
    }  # fmt: skip
    into = {str(target): kind for _origin, kind, target in sorted(TRANSITIONS)}
    staying = {(str(origin), str(target)) for origin, _kind, target in TRANSITIONS if origin == target}

    def write(origin: str, kind: str, target: str) -> Callable[[], Any]:
        return lambda: CustodyEvent.objects.create(**common, from_state=origin, kind=kind, to_state=target)

    let_in = [
        pair
        for pair in others(State, CUSTODY_PAIRS | staying)
        if not refused(write(pair[0], into.get(pair[1], EventKind.NOTE), pair[1]), "move_allowed")
    ]
    assert let_in == []
    for origin, kind, target in TRANSITIONS:
        assert not refused(write(origin, kind, target)), (origin, kind, target)


_GONE = {
    State.RETURNED, State.WITH_PUPIL_OFF_SITE, State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT, State.WITH_POLICE,
    State.LOST_OR_DAMAGED,
}  # fmt: skip
_NEVER_A_STAY = {
    State.WITH_PUPIL_ON_SITE, State.WITH_PUPIL_BY_AGREEMENT, State.NOT_HANDED_IN,
}  # fmt: skip
_FOOTING = {State.COLLECTED: Basis.COLLECTED, State.CONFISCATED: Basis.CONFISCATED, State.EVIDENCE_HOLD: Basis.EVIDENCE}


def test_custody_record_goes_only_where_the_table_leads(
    phone: PupilDevice, types: dict[str, Any], office_user: User, at: datetime
) -> None:
    """Matrix 4.1: the row itself, past every operation: each stored state to each other."""
    stored = [state for state in State if state not in _NEVER_A_STAY]

    def values(state: State) -> dict[str, Any]:
        gone = state in _GONE
        return {
            "state": state, "basis": _FOOTING.get(state, Basis.HAND_IN), "closed_at": at if gone else None,
            "closed_by": office_user if gone else None,
        }  # fmt: skip

    said = "no move leads"
    for origin in stored:
        row = CustodyRecord(
            school=phone.school, device=phone, pupil=phone.pupil, day=at.date(), rules_version=1, opened_at=at,
            opened_by=office_user, **values(origin),
        )  # fmt: skip
        row.stamp(by=office_user, at=at)
        with transaction.atomic():
            sid = transaction.savepoint()
            row.save()
            for target in stored:
                if target == origin:
                    continue
                change = CustodyRecord.objects.filter(pk=row.pk)
                if (str(origin), str(target)) in CUSTODY_PAIRS:
                    inner = transaction.savepoint()
                    assert change.update(**values(target)) == 1, (origin, target)
                    transaction.savepoint_rollback(inner)
                else:
                    assert refused(lambda change=change, target=target: change.update(**values(target)), said), (
                        origin,
                        target,
                    )
            transaction.savepoint_rollback(sid)


@pytest.fixture
def search(stay: CustodyRecord, office_user: User, at: datetime) -> SearchRecord:
    """A search with every answer, so that only its moves can be refused."""
    row = SearchRecord(
        school=stay.school, pupil=stay.pupil, of="device", custody=stay, basis="grounds", opened_at=at,
        opened_by=office_user, searcher=office_user, searched_as="headteacher", rules_version=1, sought="Messages",
        grounds="A threat was reported.", necessity="Nobody else has them.", good_reason="harm", started_at=at,
        place="Office", others_present="Nobody", found="Nothing", force_used=False, completed_at=at,
        follow_up="Talked to the pupil.", stopped_because="Something appeared.", closed_at=at, closed_by=office_user,
    )  # fmt: skip
    row.stamp(by=office_user, at=at)
    row.save()
    return row


def _tried(model: Any, pk: int, states: Any, allowed: Pairs) -> None:
    """Put one row into each state, as only the owner of a database could, and let it go to each other."""
    for origin in states:
        row = model.objects.get(pk=pk)
        row.pk, row._state.adding, row.state = None, True, origin
        row.save()
        for target in states:
            if target == origin:
                continue
            inner = transaction.savepoint()
            change = model.objects.filter(pk=row.pk)
            if (str(origin), str(target)) in allowed:
                assert change.update(state=target) == 1, (origin, target)
            else:
                assert refused(lambda change=change, target=target: change.update(state=target), "no move leads"), (
                    origin,
                    target,
                )
            transaction.savepoint_rollback(inner)


def test_search_goes_only_where_the_table_leads(search: SearchRecord, office_user: User, at: datetime) -> None:
    """Matrix 4.2: the row and its steps, past every operation."""
    _tried(SearchRecord, search.pk, SearchState, SEARCH_PAIRS)
    step = {"school": search.school, "search": search, "at": at, "by": office_user}

    def write(origin: str, target: str) -> Callable[[], Any]:
        return lambda: SearchEvent.objects.create(**step, from_state=origin, to_state=target)

    assert [pair for pair in others(SearchState, SEARCH_PAIRS) if not refused(write(*pair), "move_allowed")] == []
    assert [pair for pair in SEARCH_PAIRS if refused(write(*pair), "move_allowed")] == []


def test_deletion_goes_only_where_the_table_leads(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """Matrix 4.3, SEA-11: the row, past every operation."""
    row = DeletionRecord(
        school=stay.school, custody=stay, content="A message", rule_broken="Anti-bullying", reason="Asked for it.",
        requested_at=at, requested_by=office_user, decided_at=at, decided_by=office_user, done_at=at,
        done_by=office_user, rules_version=1,
    )  # fmt: skip
    row.stamp(by=office_user, at=at)
    row.save()
    _tried(DeletionRecord, row.pk, DeletionState, DELETION_PAIRS)
