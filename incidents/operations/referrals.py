"""Referrals: begun, consent asked, sent, acknowledged, answered, closed; or decided against (INC-14 to INC-17)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import NotPermitted, holds, require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_to_tell
from core.people.roles import DSL_ROLES, Permission
from core.rules.operations import record_decision
from incidents.enums import CaseEventKind, CaseState, Consent, ReferralState
from incidents.models import Incident, Referral
from incidents.operations.moves import locked, step
from incidents.operations.outside import back_from_outside, wait_outside
from incidents.queries.levels import due_for
from incidents.queries.parents import pupils_of
from incidents.queries.referrals import TOP_LEVEL, consent_needed
from incidents.workflow import REFERRAL_MOVES, check_pair

_LEVEL_FOUR = "Level 4: a referral is not held up for consent."
_NOT_ASKED_HERE = "The school’s rules do not ask for consent here."


class UnableToRefer(Refusal):
    """The referral stays as it is."""


class ReferralSaysWhy(UnableToRefer):
    """A referral, or the decision against one, has a reason."""

    default_field = "reason"


class BodyNotNamed(UnableToRefer):
    """A referral goes to somebody."""

    default_field = "body"


class ConsentNeeded(UnableToRefer):
    """At this level it goes with consent, or by the DSL's recorded decision (INC-14, A-30)."""

    recorded = True


class ConsentFromWhom(UnableToRefer):
    """Consent is given or refused by an adult who may be told."""

    default_field = "contact"


class OverrideSaysWhy(UnableToRefer):
    """Going on without consent has a reason."""

    default_field = "reason"


class OutcomeNotWritten(UnableToRefer):
    """What came of it is said."""

    default_field = "outcome"


class NextContactPast(UnableToRefer):
    """The next contact is today or later."""

    default_field = "next_contact_on"


@operation("incidents.start_referral")
def start_referral(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    body: str,
    reason: str,
    pupil: Pupil | None = None,
    further: str = "",
    section_17: bool | None = None,
    section_47: bool | None = None,
    not_needed: bool = False,
    submission: UUID | None = None,
) -> Referral:
    """Begin a referral at the record's level, or record the decision not to refer (INC-17).

    Who may: SET_LEVEL. Where consent is needed it waits for it; at level 4, and where the rules ask for none, it may go
    at once. Section 17 and 47 and what else follows are kept at level 4 (INC-16). Raises a kind of `UnableToRefer`.
    """
    require(actor, Permission.SET_LEVEL, school)
    held = locked(school, incident, actor, at)
    if not body.strip():
        raise BodyNotNamed("Choose to whom it goes.", rule="INC-17")
    if not reason.strip():
        raise ReferralSaysWhy("Say why.", rule="INC-17")
    if pupil is not None and pupil.pk not in {one.pk for one in pupils_of(held)}:
        raise BodyNotNamed("The record is not about this pupil.", rule="INC-17", field="pupil")
    top = held.level == TOP_LEVEL
    state = ReferralState.NOT_NEEDED if not_needed else ReferralState.CONSENT_SOUGHT
    row = Referral(
        school=school, incident=held, pupil=pupil, state=state, body=body.strip(), level=held.level,
        reason=reason.strip(), further=further.strip() if top else "", section_17=section_17 if top else None,
        section_47=section_47 if top else None, due_at=due_for(school, held.level, at) if held.level else None,
    )  # fmt: skip
    if not not_needed and consent_needed(held, held.level) is False:
        _goes_without(row, actor, _LEVEL_FOUR if top else _NOT_ASKED_HERE)
    row.stamp(by=actor, at=at)
    row.save()
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Not referred" if not_needed else "Referral begun")
    _note(row, "incidents.start_referral", actor, at, submission)
    return row


@operation("incidents.record_consent")
def record_consent(
    *,
    school: School,
    actor: User,
    at: datetime,
    referral: Referral,
    consent: Consent,
    contact: Contact | None = None,
    reason: str = "",
    submission: UUID | None = None,
) -> Referral:
    """Record that a parent was asked for consent, gave it, or refused (INC-14). Who may: SET_LEVEL.

    Given and refused name the adult, who is one of those who may be told. Raises `ConsentFromWhom`, `StepNotAllowed`.
    """
    held, _case = _held(school, referral, actor, at)
    consent = Consent(consent)
    if contact is not None or consent in (Consent.GIVEN, Consent.REFUSED):
        pupils = {held.pupil_id} if held.pupil_id else {one.pk for one in pupils_of(held.incident)}
        allowed = {one.pk for many in contacts_to_tell(school, pupils).values() for one in many}
        if contact is None or contact.pk not in allowed:
            raise ConsentFromWhom("Choose the adult who was asked, of those who may be told.", rule="INC-14")
    target = {Consent.GIVEN: ReferralState.CONSENT_GIVEN, Consent.REFUSED: ReferralState.CONSENT_REFUSED}.get(consent)
    if target is not None:
        _move(held, target)
    held.consent, held.consent_from, held.consent_at = consent, contact, at
    held.consent_reason = reason.strip() or held.consent_reason
    _save(held, actor, at)
    _note(held, "incidents.record_consent", actor, at, submission)
    return held


@operation("incidents.override_consent")
def override_consent(
    *, school: School, actor: User, at: datetime, referral: Referral, reason: str, submission: UUID | None = None
) -> Referral:
    """The DSL decides that a referral goes without consent, and says why (INC-14, A-30).

    Who may: the DSL and deputies. Where the rules do not say whether consent is needed it is kept as a decision.
    Raises `OverrideSaysWhy`, `NotPermitted`, `StepNotAllowed`.
    """
    held, case = _held(school, referral, actor, at)
    if not holds(actor, school, *DSL_ROLES):
        raise NotPermitted("The DSL decides that a referral goes without consent.", rule="INC-14")
    if not reason.strip():
        raise OverrideSaysWhy("Say why it goes without consent.", rule="INC-14")
    _move(held, ReferralState.DSL_OVERRIDE)
    _goes_without(held, actor, reason.strip())
    _save(held, actor, at)
    if consent_needed(case, held.level) is None:
        record_decision(
            school=school, actor=actor, at=at, key="consent_needed_for_referral",
            question="Does this referral need consent?", decision="It goes without",
            reason=f"Kept in {case.reference}.", subject=case,
        )  # fmt: skip
    _note(held, "incidents.override_consent", actor, at, submission)
    return held


@operation("incidents.send_referral")
def send_referral(
    *,
    school: School,
    actor: User,
    at: datetime,
    referral: Referral,
    reference: str = "",
    next_contact_on: date | None = None,
    submission: UUID | None = None,
) -> Referral:
    """Record that a referral went; a record in action then waits for somebody outside (matrix 4.4).

    Who may: SET_LEVEL. Without consent, or the DSL's decision, it is refused where consent is needed; never at level 4
    (INC-16). Raises `ConsentNeeded`, recorded, `NextContactPast`, `StepNotAllowed`.
    """
    held, case = _held(school, referral, actor, at)
    if held.state in (ReferralState.CONSENT_SOUGHT, ReferralState.CONSENT_REFUSED):
        level = case.level or held.level  # it may have risen since
        if consent_needed(case, level) is not False:
            raise ConsentNeeded(
                "Record the consent of a parent first, or the DSL’s decision to go on without it.", rule="INC-14"
            )
        _move(held, ReferralState.DSL_OVERRIDE)
        _goes_without(held, actor, _LEVEL_FOUR if level == TOP_LEVEL else _NOT_ASKED_HERE)
        _save(held, actor, at)
    _next_contact(held, next_contact_on, at)
    _move(held, ReferralState.SENT)
    held.sent_at, held.sent_by, held.reference = at, actor, reference.strip()
    _save(held, actor, at)
    if case.state == CaseState.ACTION:
        wait_outside(case, actor=actor, at=at, about="Referral sent")
    else:
        step(case, CaseEventKind.TOLD, actor=actor, at=at, about="Referral sent")
    _note(held, "incidents.send_referral", actor, at, submission)
    return held


@operation("incidents.answer_referral")
def answer_referral(
    *,
    school: School,
    actor: User,
    at: datetime,
    referral: Referral,
    state: ReferralState,
    response: str = "",
    outcome: str = "",
    reference: str = "",
    next_contact_on: date | None = None,
    submission: UUID | None = None,
) -> Referral:
    """Record that a body acknowledged a referral, what came of it, or that it is closed (INC-17). Who may: SET_LEVEL.

    With the last answer that was waited for, of whomever, the record goes back to action. Raises `OutcomeNotWritten`,
    `NextContactPast`, `StepNotAllowed`.
    """
    held, case = _held(school, referral, actor, at)
    state = ReferralState(state)
    if state == ReferralState.OUTCOME and not outcome.strip():
        raise OutcomeNotWritten("Say what came of it.", rule="INC-17")
    _next_contact(held, next_contact_on, at)
    _move(held, state)
    held.response = response.strip() or held.response
    held.outcome = outcome.strip() or held.outcome
    held.reference = reference.strip() or held.reference
    if state == ReferralState.CLOSED:
        held.next_contact_on = None
    _save(held, actor, at)
    if state == ReferralState.OUTCOME:
        back_from_outside(case, actor=actor, at=at, about="Outcome of a referral")
    _note(held, "incidents.answer_referral", actor, at, submission)
    return held


@operation("incidents.contact_body")
def set_next_contact(
    *,
    school: School,
    actor: User,
    at: datetime,
    referral: Referral,
    next_contact_on: date,
    response: str = "",
    submission: UUID | None = None,
) -> Referral:
    """Somebody asked the body again: what was said, and when to ask next (INC-17). Who may: SET_LEVEL."""
    held, _case = _held(school, referral, actor, at)
    _next_contact(held, next_contact_on, at)
    held.response = response.strip() or held.response
    _save(held, actor, at)
    _note(held, "incidents.contact_body", actor, at, submission)
    return held


def _held(school: School, referral: Referral, actor: User, at: datetime) -> tuple[Referral, Incident]:
    """The referral and its record as they are now, held until the transaction ends, for who may refer."""
    require(actor, Permission.SET_LEVEL, school)
    case = locked(school, referral.incident, actor, at)
    found: Referral = Referral.objects.select_for_update(of=("self",)).get(school=school, pk=referral.pk)
    found.incident = case
    return found, case


def _move(held: Referral, target: ReferralState) -> None:
    check_pair(REFERRAL_MOVES, held.state, target, "A referral")
    held.state = target


def _goes_without(row: Referral, actor: User, reason: str) -> None:
    row.state, row.overridden_by, row.consent_reason = ReferralState.DSL_OVERRIDE, actor, reason


def _next_contact(held: Referral, on: date | None, at: datetime) -> None:
    if on is None:
        return
    if on < london_day(at):
        raise NextContactPast("Choose today or a later day.", rule="INC-17")
    held.next_contact_on = on


def _save(held: Referral, actor: User, at: datetime) -> None:
    held.stamp(by=actor, at=at)
    held.save()


def _note(held: Referral, action: str, actor: User, at: datetime, submission: UUID | None) -> None:
    record(
        school=held.school, actor=actor, action=action, at=at, obj=held, submission=submission,
        detail={"incident": held.incident_id, "state": held.state, "level": held.level},
    )  # fmt: skip
