"""The course of a suspected image in the DSL's hands: assessed, referral, police, support, closed (matrix 4.5)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.models import School, User
from incidents.enums import (
    CaseEventKind,
    ImageShared,
    ImageSpread,
    ImageState,
    ImageTaskKind,
    PoliceDecision,
    YesNoUnknown,
)
from incidents.models import ImageCase, Incident
from incidents.operations.images.moves import catch_up, held_case, move_image, note_step
from incidents.operations.images.opening import add_task_row, needs_ceop
from incidents.operations.images.refusals import DecisionSaysWhy, ImageNotFinished
from incidents.queries.images import what_keeps_image_open

_S = ImageState


@operation("incidents.assess_image")
def assess_image(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    assessment: str,
    assessed_with: str,
    shared: str = ImageShared.NOT_KNOWN,
    spread: str = ImageSpread.NOT_KNOWN,
    threats: str = YesNoUnknown.NOT_KNOWN,
    adult_involved: str = YesNoUnknown.NOT_KNOWN,
    under_13: str = YesNoUnknown.NOT_KNOWN,
    made_by_software: str = YesNoUnknown.NOT_KNOWN,
    beyond_age: str = YesNoUnknown.NOT_KNOWN,
    immediate_risk: str = YesNoUnknown.NOT_KNOWN,
    version: int | None = None,
    submission: UUID | None = None,
) -> ImageCase:
    """Keep the initial review meeting: who was there, what is known, what the team thinks of it (law IM-4, IMG-11).

    Who may: who leads on the record, once the first response is complete and the record acknowledged. What is answered
    with yes proposes a referral; a person decides. Where abuse is possible and the school's rule says so, a report to
    CEOP is put on the list (IMG-10). Raises `FirstResponseIncomplete`, `NotAcknowledged`, `DecisionSaysWhy`.
    """
    case, held = held_case(school, incident, actor, at, version=version)
    catch_up(case, held, actor=actor, at=at)
    if not assessment:
        raise DecisionSaysWhy("Say what the review came to.", rule="law IM-4", field="assessment")
    if not assessed_with:
        raise DecisionSaysWhy("Say who was there, or “nobody else”.", rule="law IM-4", field="assessed_with")
    case.shared, case.spread, case.threats = shared, spread, threats
    case.adult_involved, case.under_13, case.made_by_software = adult_involved, under_13, made_by_software
    case.beyond_age, case.immediate_risk = beyond_age, immediate_risk
    case.assessment, case.assessed_with = assessment, assessed_with
    case.assessed_at, case.assessed_by = at, actor
    move_image(case, _S.ASSESSED, actor=actor, at=at)
    if needs_ceop(case, at):
        add_task_row(case, ImageTaskKind.REPORT_CEOP, actor=actor, at=at, needed_first=False)
    note_step(held, "Assessed", actor=actor, at=at)
    _keep(case, held, "incidents.assess_image", actor=actor, at=at, submission=submission)
    return case


@operation("incidents.decide_image_referral")
def decide_referral(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    needed: bool,
    reason: str,
    submission: UUID | None = None,
) -> ImageCase:
    """Answer with yes or no, and why, whether a child needs protection at once or social care (IMG-13).

    Who may: who leads on the record. The referral itself is made on the record's page. Raises `DecisionSaysWhy`.
    """
    case, held = held_case(school, incident, actor, at)
    if not reason:
        raise DecisionSaysWhy("Say why, whether it is yes or no.", rule="IMG-13")
    case.protection_needed, case.protection_reason = needed, reason
    move_image(case, _S.REFERRED, actor=actor, at=at)
    note_step(held, f"Protection or referral needed: {'yes' if needed else 'no'}", actor=actor, at=at)
    _keep(case, held, "incidents.decide_image_referral", actor=actor, at=at, submission=submission)
    return case


@operation("incidents.record_image_police")
def record_police(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    decision: str,
    words: str = "",
    reference: str = "",
    submission: UUID | None = None,
) -> ImageCase:
    """Keep what came of telling the police, no formal action included, or why they were not told (IMG-14, law IM-3).

    Who may: who leads on the record, at any time of its course. Raises `DecisionSaysWhy`.
    """
    case, held = held_case(school, incident, actor, at)
    if decision != PoliceDecision.TOLD and not words:
        asked = "Say why they were not told." if decision == PoliceDecision.NOT_TOLD else "Say what they decided."
        raise DecisionSaysWhy(asked, rule="IMG-14", field="words")
    case.police, case.police_reference, case.police_at = PoliceDecision(decision), reference, at
    case.police_words = words or case.police_words
    case.stamp(by=actor, at=at)
    case.save()
    about = f"Police: {PoliceDecision(decision).label}"
    note_step(held, about, actor=actor, at=at, kind=CaseEventKind.TOLD)
    _keep(case, held, "incidents.record_image_police", actor=actor, at=at, submission=submission)
    return case


@operation("incidents.plan_image_support")
def plan_support(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    adult: User,
    support: str,
    on: date,
    submission: UUID | None = None,
) -> ImageCase:
    """Plan the care of the child now and afterwards: a named adult, what, and when they next speak (IMG-12).

    Who may: who leads on the record. Raises `DecisionSaysWhy`.
    """
    case, held = held_case(school, incident, actor, at)
    if not support:
        raise DecisionSaysWhy("Say what is done for the child.", rule="IMG-12", field="support")
    case.support_adult, case.support, case.support_on = adult, support, on
    if case.state in (_S.SUPPORT_IN_PLACE, _S.CLOSED):
        case.stamp(by=actor, at=at)
        case.save()
    else:
        move_image(case, _S.SUPPORT_IN_PLACE, actor=actor, at=at)
    note_step(held, "Support for the child", actor=actor, at=at, kind=CaseEventKind.SUPPORT)
    _keep(case, held, "incidents.plan_image_support", actor=actor, at=at, submission=submission)
    return case


@operation("incidents.close_image")
def close_image(
    *, school: School, actor: User, at: datetime, incident: Incident, submission: UUID | None = None
) -> ImageCase:
    """End the course of a suspected image; the record itself is closed on its own page afterwards (matrix 4.5, IMG-14).

    Who may: who leads on the record. Raises `ImageNotFinished` with what is missing: a task, what the police decided or
    why they were not told, access to the network.
    """
    case, held = held_case(school, incident, actor, at)
    missing = what_keeps_image_open(case)
    if missing and case.state == _S.SUPPORT_IN_PLACE:
        raise ImageNotFinished(missing)
    move_image(case, _S.CLOSED, actor=actor, at=at)
    note_step(held, "What the image needed is done", actor=actor, at=at)
    _keep(case, held, "incidents.close_image", actor=actor, at=at, submission=submission)
    return case


def _keep(case: ImageCase, held: Incident, action: str, *, actor: User, at: datetime, submission: UUID | None) -> None:
    record(
        school=case.school, actor=actor, action=action, at=at, obj=case, submission=submission,
        detail={"incident": held.pk, "state": case.state},
    )  # fmt: skip
