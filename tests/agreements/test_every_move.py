"""Every state of an agreement and of a signatory, and every act on it: matrix 4.13 by the operations that people use.

From each state each act either goes where the table leads, or is refused in a sentence and leaves the record where it
was; and each pair of the table is gone by some act. The database's side stands in `test_tables_of_moves`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django_scopes import scope

from agreements.enums import AgreementKind, AgreementState, Decision, SignatoryState
from agreements.models import (
    Agreement,
    AgreementEvent,
    DeclarationEvent,
    DocumentJob,
    LinkItem,
    RelationshipDeclaration,
    Signatory,
    SigningLink,
)
from agreements.operations.asking import AnswerStands, ask_also, stop_asking
from agreements.operations.daily import look_at_the_day
from agreements.operations.ending import end_agreement, withdraw_agreement
from agreements.operations.links import send_links
from agreements.operations.refusals import IssuedAlready
from agreements.operations.signing import sign
from agreements.operations.visits import open_by_link
from agreements.wording import statements_for
from core.kit.refusals import Refusal
from core.people.models import Contact, Pupil, School, User
from tests.agreements.test_tables_of_moves import AGREEMENT, SIGNATORY
from tests.devices.test_every_move import Pairs, pairs_of
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version

Act = Callable[[Any], object]
A, S = AgreementState, SignatoryState
IN_TURN = ["pupil", "parent"]  # who signs one after the other where both are needed


def gone(states: Iterable[str], stand: Callable[[Any], Any], acts: Mapping[str, Act], allowed: Pairs) -> Pairs:
    """Try each act on a record that stands in each state; returns the pairs that were gone. Nothing is left behind."""
    made: Pairs = set()
    for origin in states:
        for name, act in acts.items():
            outer = transaction.savepoint()
            row = stand(origin)
            entries = trace_of(row)
            try:
                with transaction.atomic():
                    act(row)
            except Refusal as refusal:
                assert refusal.message.endswith((".", "?")) and refusal.rule, (origin, name, refusal)
                row.refresh_from_db()
                assert (row.state, trace_of(row)) == (origin, entries), (origin, name)
            else:
                row.refresh_from_db()
                steps = trace_of(row)[len(entries) :] or [(str(origin), str(row.state))]
                moved = {pair for pair in steps if pair[0] != pair[1]}
                assert moved <= allowed, (origin, name, moved - allowed)
                made |= moved
            transaction.savepoint_rollback(outer)
    return made


def trace_of(row: Any) -> list[tuple[str, str]]:
    """The steps that a record wrote down of itself; those that write none are known by their state alone."""
    events: Any = {
        Agreement: AgreementEvent.objects.filter(agreement=row.pk),
        RelationshipDeclaration: DeclarationEvent.objects.filter(declaration=row.pk),
    }.get(type(row))
    return list(events.order_by("pk").values_list("from_state", "to_state")) if events is not None else []


class World:
    """A school whose families sign, and an agreement that was issued there, to be copied into any state."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.school: School = make_school(preset="phone-free-agreement")
        self.office: User = make_user("office", self.school)
        self.pupil: Pupil = make_pupil(self.school, form=make_form(self.school))
        self.parent = make_contact(self.pupil, has_parental_responsibility=True, email="dana@example.org")
        self.other = make_contact(self.pupil, "Okafor", forename="Ada", email="ada@example.org")
        self.version = make_version(self.school)
        self.issued = make_agreement(self.school, self.office, at, pupil=self.pupil, version=self.version)
        with scope(school=self.school):
            withdraw_agreement(**self.by_office, agreement=self.issued, reason="The pattern of the copies.")

    @property
    def by_office(self) -> dict[str, Any]:
        return {"school": self.school, "actor": self.office, "at": self.at}

    def copy(self, state: str, needed: list[list[str]], rows: dict[str, str], **given: Any) -> Agreement:
        """An agreement in a state, as only the owner of a database could put it there."""
        had = {
            field.attname: getattr(self.issued, field.attname)
            for field in Agreement._meta.concrete_fields
            if field.attname not in ("id", "over_at", "over_because")
        }
        named: dict[str, Any] = {"reference": f"A-{uuid4().hex[:10]}", "state": state, "needed": needed} | given
        if state in (A.COMPLETE, A.IN_FORCE, A.TO_RENEW):
            named["completed_at"] = self.at
        if state in (A.IN_FORCE, A.TO_RENEW):
            named["in_force_on"] = named["starts_on"] = self.at.date()
        if state == A.SUPERSEDED:
            named["superseded_by_id"] = self.issued.pk
        agreement = Agreement(**had | named)
        agreement.save()
        for capacity, stands in rows.items():
            self.asks(agreement, capacity, stands)
        return agreement

    def asks(self, agreement: Agreement, capacity: str, state: str) -> Signatory:
        who: dict[str, Any] = {"pupil": self.pupil} if capacity == "pupil" else {"contact": self.parent}
        row = Signatory(
            school=self.school, agreement=agreement, capacity=capacity, state=state, name="Somebody",
            decided_at=self.at if state in (S.SIGNED, S.DECLINED, S.TAKEN_BACK) else None, **who,
        )  # fmt: skip
        row.stamp(by=self.office, at=self.at)
        row.save()
        return row

    def decides(self, row: Signatory, decision: str) -> None:
        sign(
            **self.by_office, signatory=row, decision=decision, name="Somebody", mode="desk",
            authentication="In person",
            ticked=[one["key"] for one in statements_for(row.agreement.wording, row.capacity)],
        )  # fmt: skip


@pytest.fixture
def world(db: None, at: datetime) -> Any:
    made = World(at)
    with scope(school=made.school):
        yield made


# Of the table, what nobody does yet: a draft is issued in the act that makes it, and of what waits for signatures a
# newer one is only issued after it was withdrawn.
NOT_BY_AN_ACT = "draft → issued\nissued, partly_signed, refused, complete → superseded"
# How the signatures stand in each state, where both the pupil and a parent are needed, and where one of the two is.
BOTH = {
    A.PARTLY_SIGNED: ("signed", "not_sent"),
    A.REFUSED: ("not_sent", "declined"),
    A.COMPLETE: ("signed", "signed"),
    A.IN_FORCE: ("signed", "signed"),
    A.TO_RENEW: ("signed", "signed"),
}
ONE_OF_TWO = {
    A.PARTLY_SIGNED: ("not_sent", "not_sent"),
    A.REFUSED: ("declined", "declined"),
    A.COMPLETE: ("signed", "not_sent"),
    A.IN_FORCE: ("signed", "not_sent"),
    A.TO_RENEW: ("signed", "not_sent"),
}


def test_an_agreement_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.13, AGR-02, AGR-09, AGR-26: every state × every decision, withdrawing, ending, asking one more, each
    thing a day brings, a newer one coming into force."""
    later = (at + timedelta(days=5)).date()

    def pupil_or_parent(capacity: str, decision: str, agreement: Agreement) -> None:
        world.decides(agreement.signatories.get(capacity=capacity), decision)

    def newer_one_begins(agreement: Agreement) -> None:
        world.copy(A.COMPLETE, [["parent"]], {"parent": "signed"}, starts_on=at.date())
        look_at_the_day(school=world.school, at=at)

    def a_day_brings(agreement: Agreement, **ahead: int) -> None:
        look_at_the_day(school=world.school, at=at + timedelta(**ahead))

    def newer_version_holds(agreement: Agreement) -> None:
        make_version(world.school, template=world.version.template, starts_on=at.date())
        a_day_brings(agreement)

    def the_pupil_left(agreement: Agreement) -> None:
        Pupil.objects.filter(pk=world.pupil.pk).update(left_on=at.date())
        a_day_brings(agreement, days=1)

    why: dict[str, Any] = {"reason": "As the family asked."}
    acts: dict[str, Act] = {
        f"{capacity} {decision}": partial(pupil_or_parent, capacity, decision)
        for capacity in IN_TURN
        for decision in Decision
    }
    acts |= {
        "withdraw": lambda agreement: withdraw_agreement(**world.by_office, agreement=agreement, **why),
        "end": lambda agreement: end_agreement(**world.by_office, agreement=agreement, **why),
        "ask another": lambda agreement: ask_also(**world.by_office, agreement=agreement, contact=world.other),
        "it begins": partial(a_day_brings, days=6),
        "its last day passed": partial(a_day_brings, days=60),
        "to be renewed": newer_version_holds,
        "left": the_pupil_left,
    }
    # Of what waits one at a time waits: a newer one is complete only beside what holds.
    beside = {"newer one": newer_one_begins}
    allowed, made = pairs_of(AGREEMENT), set()
    today = at.date()
    for needed, standing, starts in (
        ([["pupil"], ["parent"]], BOTH, today),
        ([["pupil", "parent"]], ONE_OF_TWO, later),
    ):

        def stand(state: str, needed: Any = needed, standing: Any = standing, starts: Any = starts) -> Agreement:
            rows = dict(zip(IN_TURN, standing.get(state, ("not_sent", "not_sent")), strict=True))
            return world.copy(state, needed, rows, starts_on=starts, ends_on=today + timedelta(59))

        made |= gone(AgreementState, stand, acts, allowed)
        made |= gone((A.IN_FORCE, A.TO_RENEW, A.ENDED, A.SUPERSEDED), stand, beside, allowed)
    begun = set(AgreementEvent.objects.filter(agreement=world.issued).values_list("from_state", "to_state"))
    assert (A.DRAFT, A.ISSUED) in begun
    assert sorted(allowed - made) == sorted(pairs_of(NOT_BY_AN_ACT))


def test_one_more_parent_who_is_needed_opens_it_again_and_any_signature_can_be_taken_back(world: World) -> None:
    """AG-5, AGR-02: where every parent is needed, one who is asked later makes it incomplete; what the first signed is
    theirs to take back whatever the other says."""
    agreement = world.copy(
        A.COMPLETE, [["parent"]], {"parent": "signed"}, parents_needed="all", starts_on=world.at.date() + timedelta(9)
    )
    first = agreement.signatories.get()
    second = ask_also(**world.by_office, agreement=agreement, contact=world.other)
    agreement.refresh_from_db()
    assert agreement.state == A.PARTLY_SIGNED
    world.decides(second, "declines")
    world.decides(first, "takes_back")
    agreement.refresh_from_db()
    assert agreement.state == A.REFUSED
    world.decides(second, "agrees")
    world.decides(first, "agrees")
    agreement.refresh_from_db()
    assert agreement.state == A.COMPLETE


def test_who_is_not_asked_any_more_holds_nothing_up_and_whose_answer_is_no_stands(world: World) -> None:
    """law AG-5: every parent is needed, one cannot be reached: without them it is complete; a no is not passed over."""
    agreement = world.copy(A.ISSUED, [["parent"]], {"parent": "not_sent"}, parents_needed="all")
    first, second = agreement.signatories.get(), ask_also(**world.by_office, agreement=agreement, contact=world.other)
    world.decides(first, "agrees")
    stop_asking(**world.by_office, signatory=second, reason="Has moved abroad, no address.")
    agreement.refresh_from_db()
    assert agreement.state == A.IN_FORCE
    assert DocumentJob.objects.filter(agreement=agreement).count() == 1
    refused = world.copy(A.ISSUED, [["parent"]], {"parent": "not_sent"}, parents_needed="all")
    no = ask_also(**world.by_office, agreement=refused, contact=world.other)
    world.decides(no, "declines")
    with pytest.raises(AnswerStands):
        stop_asking(**world.by_office, signatory=no, reason="In the way.")


# Of the table, what nobody does: whoever is asked again is sent a link in an act of its own.
NOT_BY_AN_ACT_OF_SIGNATORY = "not_asked → sent"


def test_a_signatory_goes_where_the_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Law AG-1, AGR-07: every state × sending, opening, each decision, the agreement withdrawn."""

    def stand(state: str) -> Signatory:
        agreement = world.copy(A.ISSUED, [["pupil"], ["parent"]], {"pupil": "not_sent", "parent": state})
        return agreement.signatories.get(capacity="parent")

    def opened(row: Signatory) -> None:
        link = SigningLink(
            school=world.school, token_hash=uuid4().hex, contact=world.parent, made_at=at,
            expires_at=at + timedelta(days=14),
        )  # fmt: skip
        link.stamp(by=None, at=at)
        link.save()
        item = LinkItem(school=world.school, link=link, signatory=row)
        item.save()
        open_by_link(school=world.school, actor=None, at=at, item=item)

    def no_contact_any_more(row: Signatory) -> None:
        Contact.objects.filter(pk=row.contact_id).update(ended_on=at.date() - timedelta(days=1))
        stop_asking(**world.by_office, signatory=row, reason="No contact of the child any more.")

    acts: dict[str, Act] = {
        str(decision): partial(lambda said, row: world.decides(row, said), decision) for decision in Decision
    }
    acts |= {
        "send": lambda row: send_links(**world.by_office, signatories=[row]),
        "open": opened,
        "withdraw": lambda row: withdraw_agreement(**world.by_office, agreement=row.agreement, reason="A mistake."),
        "stop asking": lambda row: stop_asking(**world.by_office, signatory=row, reason="Cannot be reached."),
        "stop asking who is gone": no_contact_any_more,
        "ask again": lambda row: ask_also(**world.by_office, agreement=row.agreement, contact=row.contact),
    }
    allowed = pairs_of(SIGNATORY)
    made = gone(SignatoryState, stand, acts, allowed)
    assert sorted(allowed - made) == sorted(pairs_of(NOT_BY_AN_ACT_OF_SIGNATORY))


def test_a_declaration_of_staff_is_renewed_beside_the_one_that_holds(world: World, at: datetime) -> None:
    """AGR-09, SOC-21: the newer waits beside the older; a second that waits is refused; when it is signed it holds."""
    manager = make_user("teacher", world.school)
    version = make_version(world.school, AgreementKind.ACCOUNT_MANAGER)
    older = make_agreement(world.school, world.office, at, user=manager, version=version)
    world.decides(older.signatories.get(), "agrees")
    newer = make_agreement(world.school, world.office, at, user=manager, version=version)
    with pytest.raises(IssuedAlready):
        make_agreement(world.school, world.office, at, user=manager, version=version)
    world.decides(newer.signatories.get(), "agrees")
    assert [Agreement.objects.get(pk=one.pk).state for one in (older, newer)] == [A.SUPERSEDED, A.IN_FORCE]


def test_what_is_complete_and_still_to_begin_keeps_its_place(world: World, at: datetime) -> None:
    """AGR-01, AGR-09: no second one is issued beside it, so that a signature may be taken back until the day."""
    first_day = at.date() + timedelta(9)
    waiting = world.copy(
        A.COMPLETE, [["pupil"], ["parent"]], {"pupil": "signed", "parent": "signed"}, starts_on=first_day
    )
    with pytest.raises(IssuedAlready):
        make_agreement(world.school, world.office, at, pupil=world.pupil, version=world.version)
    world.decides(waiting.signatories.get(capacity="parent"), "takes_back")
    waiting.refresh_from_db()
    assert waiting.state == A.PARTLY_SIGNED
