"""Opening a search: who may under the rules of the day, and what nobody may search (SEA-01, SEA-12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import SearchedAs, SearchOf, SearchState
from devices.models import CustodyRecord, SearchRecord
from devices.operations.moves import locked
from devices.operations.searches.moves import move, refuse_if_kept_untouched
from devices.operations.searches.prohibited import ensure_statutory
from devices.operations.searches.refusals import DeviceNotHere, NotASearcher, SearcherNotDecided
from devices.operations.taken.evidence import ImageSuspected, OnEvidenceHold
from devices.queries.searches.searchers import Road, allowed_in_words, governing_document, may_decide, road_of


@operation("devices.open_search")
def open_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    of: str,
    custody: CustodyRecord | None = None,
    searcher: User | None = None,
    decision_reason: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Open a draft of a search, with the rules, document and edition of the day (SEA-01, SEA-04, law EX-1).

    Who may: OPEN_SEARCH opens the page; the rule `search_allowed_to` says who searches, the register for which things.
    Where it is silent, a head, senior leader or the DSL decides, for themselves or for `searcher`, and says why. A
    device's contents are searched only while the school has it; one held as evidence, with the police, or under
    suspicion of an indecent image gives a search that is blocked for good. Raises `NotASearcher`, `SearcherNotDecided`
    or `DeviceNotHere`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    day = london_day(at)
    rules = for_school(school, on=day)
    road = _road(school, actor, rules, of, at, decision_reason)
    stay = _stay(pupil, of, custody)
    ensure_statutory(school=school, actor=actor, at=at)
    document, edition = governing_document(school, day)
    is_decision = road.searched_as == SearchedAs.DECISION
    search = SearchRecord(
        school=school,
        pupil=pupil,
        of=SearchOf(of),
        custody=stay,
        opened_at=at,
        opened_by=actor,
        searcher=(searcher or actor) if is_decision else actor,
        searched_as=road.searched_as,
        authorisation=road.authorisation,
        decision_by=actor if is_decision else None,
        decision_reason=decision_reason if is_decision else "",
        rules_version=rules.version,
        document=document,
        edition=edition,
    )
    search.stamp(by=actor, at=at)
    search.save()
    if is_decision:
        record_decision(
            school=school,
            actor=actor,
            at=at,
            key="search_allowed_to",
            question="Who searches this time?",
            decision=f"{search.searcher.display_name} searches",
            reason=decision_reason,
            subject=search,
        )
    blocked = _blocked(search, stay, actor, at)
    record(
        school=school,
        actor=actor,
        action="devices.open_search",
        at=at,
        obj=search,
        submission=submission,
        outcome=Outcome.REFUSED if blocked else Outcome.DONE,
        detail={"of": search.of, "as": search.searched_as} | blocked,
    )
    return search


def _road(school: School, actor: User, rules: Any, of: str, at: datetime, decision_reason: str) -> Road:
    day = london_day(at)
    if rules.search_allowed_to == UNSPECIFIED and may_decide(actor, school):
        if not decision_reason:
            raise SearcherNotDecided(
                "Your school’s rules do not say who searches. Decide, and say why.", rule="search_allowed_to"
            )
        return Road(SearchedAs.DECISION)
    road = road_of(actor, school, rules.search_allowed_to, on=day, of=of)
    if road is None:
        who = allowed_in_words(school, "search_allowed_to", on=day)
        raise NotASearcher(f"Your school’s rules do not name you for this. They name {who}.", rule="SEA-01")
    return road


def _stay(pupil: Pupil, of: str, custody: CustodyRecord | None) -> CustodyRecord | None:
    """The device that is meant, held until the end; a search of possessions names none."""
    if of != SearchOf.DEVICE:
        return None
    if custody is None or custody.pupil_id != pupil.pk:
        raise DeviceNotHere("Choose the device. The school must have it before anybody looks at it.", rule="EX-1")
    stay = locked(custody)
    if not stay.is_open:
        raise DeviceNotHere("The school does not have it any more.", rule="EX-1")
    return stay


def _blocked(search: SearchRecord, stay: CustodyRecord | None, actor: User, at: datetime) -> dict[str, str]:
    """Block a search of a device that nobody may look at: it stays on record that somebody asked (SEA-12)."""
    if stay is None:
        return {}
    try:
        refuse_if_kept_untouched(stay)
    except (OnEvidenceHold, ImageSuspected) as refusal:
        search.stopped_because = refusal.message
        move(search, SearchState.BLOCKED, actor=actor, at=at)
        return _said(refusal)
    return {}


def _said(refusal: Refusal) -> dict[str, str]:
    return {"refusal": refusal.code, "rule": refusal.rule}
