"""While a search is made: where, with whom and how, what is found and what is done with it, and its completion."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import DISPOSALS, Disposal, FoundKind, SearchOf, SearchState
from devices.models import SearchFinding, SearchRecord
from devices.operations.searches.effects import Told, on_completion
from devices.operations.searches.moves import in_hand, move, need, save
from devices.operations.searches.refusals import (
    AnswerMissing,
    DisposalNeedsReason,
    DisposalNotAllowed,
    FoundNotSaid,
    OuterClothingOnly,
    SameSexNeeded,
    SearchIncomplete,
)
from devices.operations.searches.stopping import stop
from devices.queries.searches.records import findings_of

_NOW = frozenset({SearchState.IN_PROGRESS})
NOTHING = "Nothing"


@operation("devices.record_surroundings")
def record_surroundings(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    place: str,
    others_present: str,
    witness: User | None = None,
    witness_name: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep where it is made, who witnesses it, and every other adult or pupil there, or "nobody" (law SE-4, SE-5).

    Who may: whoever makes the search. Raises `AnswerMissing`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    need({"place": place, "others_present": others_present})
    if witness is not None and witness.pk == held.searcher_id:
        raise AnswerMissing("The witness is somebody else than the searcher.", rule="SE-4", field="witness")
    save(
        held,
        actor=actor,
        at=at,
        place=place,
        others_present=others_present,
        witness=witness,
        witness_name=witness.display_name if witness else witness_name,
    )
    record(school=school, actor=actor, action="devices.record_surroundings", at=at, obj=held, submission=submission)
    return held


@operation("devices.record_manner")
def record_manner(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    same_sex_searcher: bool,
    same_sex_witness: bool,
    outer_clothing_only: bool,
    urgent_reason: str = "",
    second_adult: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep that somebody of the pupil's sex searched outer clothing only, with a witness; or the urgent exception.

    Who may: whoever makes the search. The exception is for serious harm that is likely unless it is done at once: its
    reason, and the second adult who was told at once (law SE-4). More than outer clothing is for the police alone.
    Raises `SameSexNeeded` or `OuterClothingOnly`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    if not outer_clothing_only:
        raise OuterClothingOnly(
            "Stop. Staff never remove more than outer clothing; only the police may. Tell the DSL.", rule="SE-11"
        )
    if not (same_sex_searcher and held.witness_name):
        if not urgent_reason:
            raise SameSexNeeded(
                "Somebody of the same sex searches, with a witness. If serious harm was likely without an urgent "
                "search, say why.",
                rule="SE-4",
            )
        if not second_adult:
            raise SameSexNeeded("Say which second adult was told at once.", rule="SE-4", field="second_adult")
    save(
        held,
        actor=actor,
        at=at,
        same_sex_searcher=same_sex_searcher,
        same_sex_witness=same_sex_witness,
        outer_clothing_only=True,
        urgent_reason=urgent_reason,
        second_adult=second_adult,
    )
    record(
        school=school,
        actor=actor,
        action="devices.record_manner",
        at=at,
        obj=held,
        submission=submission,
        detail={"urgent": bool(urgent_reason)},
    )
    return held


def check_disposal(kind: str, disposal: str, reason: str) -> None:
    """Hold a decision about a thing found against the table of the law (§2). Raises what is wrong with it."""
    allowed = DISPOSALS[FoundKind(kind)]
    if disposal not in allowed:
        choices = ", ".join(str(one.label).lower() for one in allowed)
        raise DisposalNotAllowed(f"With this it is one of: {choices}.", rule="disposal")
    if disposal != allowed[0] and not reason:
        expected = str(allowed[0].label).lower()
        raise DisposalNeedsReason(f"The expected is “{expected}”. Say why not.", rule="disposal")


@operation("devices.add_finding")
def add_finding(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    kind: str,
    what: str,
    disposal: str,
    reason: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Write down one thing found and what is done with it, by the disposal table (law §2).

    Who may: whoever makes the search. An extreme image or one of a child stops the search at once: the device is
    isolated unseen and held, and the DSL hears of it (law EX-2, matrix §4.2). Raises `DisposalNotAllowed` or
    `DisposalNeedsReason`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    need({"kind": kind, "what": what})
    is_image = kind == FoundKind.ILLEGAL_IMAGE
    if is_image:
        disposal = Disposal.ISOLATE
    check_disposal(kind, disposal, reason)
    SearchFinding.objects.create(
        school=school,
        search=held,
        kind=FoundKind(kind),
        what=what,
        disposal=Disposal(disposal),
        reason=reason,
        decided_at=at,
        decided_by=actor,
    )
    held.found = ""  # "nothing" does not hold any more
    if is_image:
        stop(held, actor=actor, at=at, because="Something that nobody may look at appeared.", is_image=True)
    else:
        save(held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="devices.add_finding", at=at, obj=held, submission=submission,
        detail={"kind": kind, "disposal": str(disposal)},
    )  # fmt: skip
    return held


@operation("devices.find_nothing")
def find_nothing(
    *, school: School, actor: User, at: datetime, search: SearchRecord, submission: UUID | None = None
) -> SearchRecord:
    """Write down that nothing was found, which is an answer of its own (law SE-5). Raises `FoundNotSaid`."""
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    if findings_of(held).exists():
        raise FoundNotSaid("Something is written down as found already.", rule="SE-5")
    save(held, actor=actor, at=at, found=NOTHING)
    record(school=school, actor=actor, action="devices.find_nothing", at=at, obj=held, submission=submission)
    return held


@operation("devices.record_outcome")
def record_outcome(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    force_used: bool,
    risk: bool,
    follow_up: str,
    risk_note: str = "",
    support: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep whether force was used, whether it shows a safeguarding risk, and what follows (law SE-5, SE-9, SE-13).

    Who may: whoever makes the search. Raises `AnswerMissing`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    need({"follow_up": follow_up})
    if risk:
        need({"risk_note": risk_note}, "SEA-08")
    save(
        held, actor=actor, at=at, force_used=force_used, risk=risk, risk_note=risk_note, follow_up=follow_up,
        support=support,
    )  # fmt: skip
    record(
        school=school, actor=actor, action="devices.record_outcome", at=at, obj=held, submission=submission,
        detail={"force": force_used, "risk": risk},
    )  # fmt: skip
    return held


@operation("devices.complete_search")
def complete_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    tell_dsl: bool | None = None,
    tell_because: str = "",
    submission: UUID | None = None,
) -> SearchRecord:
    """Complete a search once all ten answers are there (law SE-5). DSL and parents hear of it as the rules say.

    Who may: whoever makes the search. Statutory items and risks always go to the DSL and deputies (law SE-6, SEA-08);
    where the rule is silent on the rest, `tell_dsl` is decided and `tell_because` says why. Parents are told the same
    day (law SE-7). Raises `SearchIncomplete` or `TellDslUndecided`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = in_hand(school, search, actor, _NOW)
    found = list(findings_of(held))
    if found:
        held.found = "; ".join(f"{finding.get_kind_display()}: {finding.what}" for finding in found)[:1000]
    _all_answered(held)
    held.completed_at = at
    move(held, SearchState.COMPLETED_FOUND if found else SearchState.COMPLETED_NOTHING, actor=actor, at=at)
    told = on_completion(held, actor=actor, at=at, decided=Told(tell_dsl, tell_because))
    record(
        school=school,
        actor=actor,
        action="devices.complete_search",
        at=at,
        obj=held,
        submission=submission,
        detail={"found": bool(found), "dsl": told},
    )
    return held


def _all_answered(search: SearchRecord) -> None:
    """The ten answers of law SE-5; what is missing is named."""
    answers = {
        "when it started": search.started_at,
        "the place": search.place,
        "everybody present": search.others_present,
        "what was looked for": search.sought,
        "the reason": search.grounds,
        "what was found, or that nothing was": search.found,
        "what follows": search.follow_up,
        "whether force was used": search.force_used is not None,
        "whether it shows a risk": search.risk is not None,
    }
    if search.of == SearchOf.POSSESSIONS:
        answers["how it was made"] = search.outer_clothing_only is not None
    missing = [name for name, given in answers.items() if not given]
    if missing:
        raise SearchIncomplete(f"Still to be answered: {', '.join(missing)}.", rule="SE-5")
