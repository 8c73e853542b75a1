"""Before a search: what is sought and why, what is known, what the pupil was told, consent or grounds, the start."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, School, User
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import ConsentAnswer, ConsentGiver, Cooperation, GoodReason, SearchBasis, SearchOf, SearchState
from devices.models import ProhibitedItem, SearchConsent, SearchRecord
from devices.operations.searches.moves import BEFORE, in_hand, move, need, refuse_if_kept_untouched, save
from devices.operations.searches.refusals import (
    AnswerMissing,
    BasisNotAllowed,
    BasisNotDecided,
    ConsentMissing,
    ContactNotPermitted,
    GoodReasonMissing,
    GroundsMissing,
    ItemNotListed,
    KnownNotWeighed,
    NotASearcher,
)
from devices.queries.searches.records import last_consent
from devices.queries.searches.searchers import allowed_in_words, may_decide, prohibited_on, road_of, searchable_on
from devices.queries.taken.taking import circumstances_of

# The rule's values, as the two powers of the law (SE-1); "either" and silence leave it open.
_BASES = {
    "consent_pupil_or_parent": (SearchBasis.CONSENT,),
    "reasonable_grounds": (SearchBasis.GROUNDS,),
}
_ASKED = frozenset({SearchState.CONSENT_PENDING, SearchState.IN_PROGRESS})


def bases_of(school: School, search: SearchRecord) -> tuple[SearchBasis, ...]:
    """Which of the two powers the rules of the day the search was opened allow; both where they leave it open."""
    rule = for_school(school, on=london_day(search.opened_at)).search_basis
    return _BASES.get(rule, (SearchBasis.CONSENT, SearchBasis.GROUNDS))


@operation("devices.state_sought")
def state_sought(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    sought: str,
    item: ProhibitedItem | None = None,
    submission: UUID | None = None,
) -> SearchRecord:
    """Say what is looked for: an item of the list of the day, and in words. The searcher is allowed from here on.

    Who may: whoever makes the search. Somebody on the register only for the classes they are on it for (law SE-3).
    Raises `NotASearcher` or `ItemNotListed`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, BEFORE)
    day = london_day(held.opened_at)
    need({"sought": sought}, "SEA-06")
    if item is not None and not prohibited_on(school, day).filter(pk=item.pk).exists():
        raise ItemNotListed("It is not on the list of prohibited items of that day.", rule="SEA-13")
    if item is None and held.basis == SearchBasis.GROUNDS:
        raise ItemNotListed("Without consent, choose what is looked for from the list.", rule="SE-1")
    if held.authorisation is not None and item is not None:
        _on_register_for(school, held, item)
    held.item, held.sought = item, sought
    if held.state == SearchState.DRAFT:
        move(held, SearchState.AUTHORISED, actor=actor, at=at)
    else:
        save(held, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="devices.state_sought",
        at=at,
        obj=held,
        submission=submission,
        detail={"item": item.pk if item else None},
    )
    return held


def _on_register_for(school: School, search: SearchRecord, item: ProhibitedItem) -> None:
    """Another entry of the register may cover the item where the first does not."""
    day = london_day(search.opened_at)
    rules = for_school(school, on=day)
    road = road_of(search.searcher, school, rules.search_allowed_to, on=day, of=search.of, item_class=item.item_class)
    if road is None:
        who = allowed_in_words(school, "search_allowed_to", on=day)
        raise NotASearcher(
            f"The register does not name you for this kind of item. Your school’s rules name {who}.",
            rule="SE-3",
            field="item",
        )
    search.authorisation = road.authorisation


@operation("devices.state_why")
def state_why(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    basis: str,
    grounds: str,
    necessity: str = "",
    good_reason: str = "",
    basis_reason: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Say by which power and why: with consent, or on reasonable grounds that make it necessary (SEA-02, SEA-03).

    Who may: whoever makes the search. The two powers are never merged (law SE-1): the basis is chosen once. Where the
    rule is silent, one of those who decide chooses and says why. Raises `BasisNotAllowed`, `BasisNotDecided`,
    `GroundsMissing`, `GoodReasonMissing` or `ItemNotListed`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    states = frozenset({SearchState.AUTHORISED, SearchState.CONSENT_PENDING, SearchState.GROUNDS_STATED})
    held = in_hand(school, search, actor, states)
    _basis_allowed(school, held, basis)
    need({"grounds": grounds}, "SEA-06")
    if basis == SearchBasis.GROUNDS and not necessity:
        raise GroundsMissing("Say why it is necessary, and why this way.", rule="SEA-03", field="necessity")
    if held.of == SearchOf.DEVICE and good_reason not in GoodReason.values:
        raise GoodReasonMissing("Choose the good reason. Without one nobody looks.", rule="EX-1")
    _item_allowed(school, held, basis)
    fresh = not held.basis
    if fresh:
        _keep_decision(school, actor, at, held, basis, basis_reason)
    held.basis, held.grounds, held.necessity, held.good_reason = basis, grounds, necessity, good_reason
    if fresh:
        consent = basis == SearchBasis.CONSENT
        move(held, SearchState.CONSENT_PENDING if consent else SearchState.GROUNDS_STATED, actor=actor, at=at)
    else:
        save(held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="devices.state_why", at=at, obj=held, submission=submission,
        detail={"basis": basis, "good_reason": good_reason},
    )  # fmt: skip
    return held


def _basis_allowed(school: School, search: SearchRecord, basis: str) -> None:
    if basis not in bases_of(school, search):
        asked = "consent" if basis == SearchBasis.GROUNDS else "reasonable grounds"
        raise BasisNotAllowed(f"Your school’s rules ask for {asked}.", rule="search_basis")
    if search.basis and search.basis != basis:
        raise BasisNotAllowed("The basis of a search is not changed. Open another search.", rule="SE-1")


def _item_allowed(school: School, search: SearchRecord, basis: str) -> None:
    """Without consent only for statutory items, or those the rules name as searchable (law SE-1)."""
    if basis != SearchBasis.GROUNDS:
        return
    listed = searchable_on(school, london_day(search.opened_at))
    if search.item_id is None or not listed.filter(pk=search.item_id).exists():
        raise ItemNotListed(
            "Without consent a search is only for what the list names as searchable. Change what is looked for.",
            rule="SE-1",
            field="grounds",
        )


def _keep_decision(
    school: School, actor: User, at: datetime, search: SearchRecord, basis: str, basis_reason: str
) -> None:
    """Keep who chose the basis and why, where the rules leave it to a person."""
    if for_school(school, on=london_day(at)).search_basis != UNSPECIFIED:
        return
    if not may_decide(actor, school):
        raise BasisNotDecided(
            "Your school’s rules do not say what there must be before a search. Ask the head, a senior leader or the "
            "DSL to answer this page.",
            rule="search_basis",
        )
    if not basis_reason:
        raise BasisNotDecided("Your school’s rules do not say. Choose, and say why.", rule="search_basis")
    record_decision(
        school=school,
        actor=actor,
        at=at,
        key="search_basis",
        question="What must there be before this search?",
        decision=str(SearchBasis(basis).label),
        reason=basis_reason,
        subject=search,
    )


@operation("devices.weigh_circumstances")
def weigh_circumstances(
    *, school: School, actor: User, at: datetime, search: SearchRecord, weighed: str, submission: UUID | None = None
) -> SearchRecord:
    """Keep what is known about the pupil that bears on the search, and how it was weighed (law SE-8, CO-2).

    Who may: whoever makes the search. Raises `KnownNotWeighed` where something is known and nothing is said.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, BEFORE)
    known = circumstances_of(held.pupil, held.pupil.devices.all(), at)
    if known and not weighed:
        raise KnownNotWeighed("Say what you weighed, and how.", rule="SE-8")
    save(held, actor=actor, at=at, circumstances=[key.value for key in known], weighed=weighed or "Nothing is known.")
    record(
        school=school,
        actor=actor,
        action="devices.weigh_circumstances",
        at=at,
        obj=held,
        submission=submission,
        detail={"known": len(known)},
    )
    return held


@operation("devices.explain_search")
def explain_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    explained: str,
    cooperation: str,
    tried: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep what the pupil was told of why, how and where, and how they met it; a refusal with what was tried (SE-8).

    Who may: whoever makes the search. Raises `AnswerMissing`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, BEFORE)
    need({"explained": explained, "cooperation": cooperation}, "SE-8")
    if cooperation == Cooperation.REFUSED:
        need({"tried": tried}, "SE-8")
    save(held, actor=actor, at=at, explained=explained, cooperation=Cooperation(cooperation), tried=tried)
    record(
        school=school,
        actor=actor,
        action="devices.explain_search",
        at=at,
        obj=held,
        submission=submission,
        detail={"cooperation": held.cooperation},
    )
    return held


@operation("devices.record_consent")
def record_consent(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    giver: str,
    answer: str,
    how: str,
    contact: Contact | None = None,
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep what the pupil or a parent answered: who, how, when, taken by whom (SEA-02). A no ends the search (SEA-15).

    Who may: whoever makes the search. Consent that is taken back while the search is made ends it as well. Raises
    `AnswerMissing`, `ContactNotPermitted` or `MoveNotAllowed`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _ASKED)
    if held.basis != SearchBasis.CONSENT:
        raise BasisNotAllowed("This search does not rest on consent.", rule="SE-1", field="answer")
    need({"giver": giver, "answer": answer, "how": how}, "SEA-02")
    adult = _adult(held, contact) if giver == ConsentGiver.CONTACT else None
    SearchConsent.objects.create(
        school=school,
        search=held,
        giver=giver,
        contact=adult,
        giver_name=adult.display_name if adult else held.pupil.display_name,
        answer=answer,
        how=how,
        answered_at=at,
        taken_by=actor,
    )
    if answer != ConsentAnswer.GIVEN:
        move(held, SearchState.ENDED_REFUSED, actor=actor, at=at, note=str(ConsentAnswer(answer).label))
    record(
        school=school, actor=actor, action="devices.record_consent", at=at, obj=held, submission=submission,
        detail={"giver": giver, "answer": answer},
    )  # fmt: skip
    return held


def _adult(search: SearchRecord, contact: Contact | None) -> Contact:
    """The parent or carer who was asked: one of the pupil's own, whom the DSL has not barred."""
    if contact is None or contact.pupil_id != search.pupil_id:
        raise AnswerMissing("Choose who was asked.", rule="SEA-02", field="contact")
    if contact.do_not_inform:
        raise ContactNotPermitted("The DSL has barred telling this adult. Ask the DSL.", rule="ORG-13")
    return contact


@operation("devices.start_search")
def start_search(
    *, school: School, actor: User, at: datetime, search: SearchRecord, submission: UUID | None = None
) -> SearchRecord:
    """Start the search once everything that comes before is on record (SEA-02, SEA-03, law SE-8).

    Who may: whoever makes the search. Raises `ConsentMissing`, `AnswerMissing`, and for a device what keeps everybody
    from looking.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, BEFORE)
    if held.basis == SearchBasis.CONSENT:
        consent = last_consent(held)
        if consent is None or consent.answer != ConsentAnswer.GIVEN:
            raise ConsentMissing("Consent is not on record. The search does not start without it.", rule="SEA-02")
    need({"sought": held.sought, "grounds": held.grounds, "weighed": held.weighed, "explained": held.explained})
    refuse_if_kept_untouched(held)
    held.started_at = at
    move(held, SearchState.IN_PROGRESS, actor=actor, at=at)
    record(school=school, actor=actor, action="devices.start_search", at=at, obj=held, submission=submission)
    return held
