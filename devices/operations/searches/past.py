"""A search that was made already, recorded afterwards, by whoever made it (law SE-3, SE-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import holders_of
from core.people.roles import HEAD_ROLES, Permission
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import SearchBasis, SearchedAs, SearchOf, SearchState
from devices.models import CustodyRecord, ProhibitedItem, SearchRecord
from devices.operations.searches.effects import Told, on_completion, safeguarding, search_url
from devices.operations.searches.making import NOTHING
from devices.operations.searches.moves import move, need
from devices.operations.searches.prohibited import ensure_statutory
from devices.operations.searches.refusals import AnswerMissing, SameSexNeeded
from devices.queries.searches.searchers import governing_document, may_decide, road_of


@dataclass(frozen=True)
class PastAnswers:
    """The ten answers of law SE-5 about a search that was made, and what else is known of it."""

    of: str
    basis: str
    sought: str
    grounds: str
    place: str
    others_present: str
    found: str
    follow_up: str
    force_used: bool
    risk: bool
    necessity: str = ""
    good_reason: str = ""
    item: ProhibitedItem | None = None
    witness_name: str = ""
    same_sex_searcher: bool | None = None
    outer_clothing_only: bool | None = None
    urgent_reason: str = ""
    second_adult: str = ""
    risk_note: str = ""
    custody: CustodyRecord | None = field(default=None)


_NEEDED = ("of", "basis", "sought", "grounds", "place", "others_present", "found", "follow_up")


@operation("devices.record_past_search")
def record_past_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    searcher: User,
    made_at: datetime,
    answers: PastAnswers,
    submission: UUID | None = None,
) -> SearchRecord:
    """Put a search on record that was made without one. It saves, whoever made it (law SE-3).

    Who may: LIFT_HOLD, the DSL, deputies and the head. Where the rules of its day did not name the searcher, head and
    DSL hear of it at once. All ten answers are needed (law SE-5). Raises `AnswerMissing` or `SameSexNeeded`.
    """
    require(actor, Permission.LIFT_HOLD, school)
    _complete(answers, made_at, at)
    ensure_statutory(school=school, actor=actor, at=at)
    search = _draft(school, actor, at, pupil, searcher, made_at, answers)
    nothing = answers.found.strip(". ").lower() == NOTHING.lower()
    move(
        search,
        SearchState.COMPLETED_NOTHING if nothing else SearchState.COMPLETED_FOUND,
        actor=actor,
        at=at,
        note="Recorded afterwards.",
    )
    if search.searched_as == SearchedAs.NOT_AUTHORISED:
        _alert(search, at)
    # Whoever records it is of the safeguarding team or the head: where the rule is silent, they know of it already.
    told = on_completion(search, actor=actor, at=at, decided=Told(True, "Recorded afterwards by who would be told."))
    record(
        school=school,
        actor=actor,
        action="devices.record_past_search",
        at=at,
        obj=search,
        submission=submission,
        detail={"as": search.searched_as, "searcher": searcher.pk, "dsl": told},
    )
    return search


def _complete(answers: PastAnswers, made_at: datetime, at: datetime) -> None:
    need({name: getattr(answers, name) for name in _NEEDED})
    if made_at > at:
        raise AnswerMissing("Enter a time that has passed.", rule="SE-5", field="made_on")
    if answers.basis == SearchBasis.GROUNDS:
        need({"necessity": answers.necessity}, "SEA-03")
    if answers.risk:
        need({"risk_note": answers.risk_note}, "SEA-08")
    if answers.of == SearchOf.DEVICE:
        need({"good_reason": answers.good_reason}, "EX-1")
        if answers.custody is None:
            raise AnswerMissing("Choose which device.", rule="EX-1", field="custody")
        return
    usual = answers.same_sex_searcher and answers.outer_clothing_only and answers.witness_name
    if not usual and not (answers.urgent_reason and answers.second_adult):
        raise SameSexNeeded("Say why it was urgent, and which second adult was told.", rule="SE-4")


def _draft(
    school: School, actor: User, at: datetime, pupil: Pupil, searcher: User, made_at: datetime, answers: PastAnswers
) -> SearchRecord:
    day = london_day(made_at)
    rules = for_school(school, on=day)
    item = answers.item
    road = road_of(
        searcher, school, rules.search_allowed_to, on=day, of=answers.of, item_class=item.item_class if item else ""
    )
    silent = rules.search_allowed_to == UNSPECIFIED and may_decide(searcher, school)
    document, edition = governing_document(school, day)
    search = SearchRecord(
        school=school,
        pupil=pupil,
        of=SearchOf(answers.of),
        custody=answers.custody if answers.of == SearchOf.DEVICE else None,
        basis=SearchBasis(answers.basis),
        opened_at=made_at,
        opened_by=actor,
        searcher=searcher,
        searched_as=road.searched_as if road else SearchedAs.DECISION if silent else SearchedAs.NOT_AUTHORISED,
        authorisation=road.authorisation if road else None,
        decision_by=searcher if silent else None,
        decision_reason="Decided then; recorded afterwards." if silent else "",
        rules_version=rules.version,
        document=document,
        edition=edition,
        item=item,
        sought=answers.sought,
        grounds=answers.grounds,
        necessity=answers.necessity,
        good_reason=answers.good_reason if answers.of == SearchOf.DEVICE else "",
        started_at=made_at,
        completed_at=at,
        place=answers.place,
        others_present=answers.others_present,
        witness_name=answers.witness_name,
        same_sex_searcher=answers.same_sex_searcher,
        outer_clothing_only=answers.outer_clothing_only,
        urgent_reason=answers.urgent_reason,
        second_adult=answers.second_adult,
        found=answers.found,
        force_used=answers.force_used,
        risk=answers.risk,
        risk_note=answers.risk_note,
        follow_up=answers.follow_up,
    )
    search.stamp(by=actor, at=at)
    search.save()
    return search


def _alert(search: SearchRecord, at: datetime) -> None:
    """Head and DSL hear that somebody searched whom the rules do not name (law SE-3)."""
    heads = holders_of(search.school, *HEAD_ROLES, on=london_day(at))
    notify(
        school=search.school,
        recipients=[*safeguarding(search.school, search.pupil), *heads],
        kind="devices.search_unauthorised",
        subject="A search was made by somebody who is not authorised",
        body="The page says who and why. Decide what follows.",
        url=search_url(search),
        at=at,
        dedupe_key=f"devices.search.{search.pk}.unauthorised",
    )
