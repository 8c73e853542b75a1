"""Decisions about one taken device: a parent must collect it, or, where the rules do not say, who may and when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import Claimant, EscalationTrigger, EventKind, NoticeAbout, State
from devices.judgement import UNSPECIFIED
from devices.models import Confiscation, CustodyRecord, Escalation, ReleaseDecision
from devices.operations.moves import locked
from devices.operations.taken.evidence import refuse_if_held, step
from devices.operations.taken.parents import open_notice
from devices.operations.taken.release import HandedInNotTaken, ReleasedAlready
from devices.queries.taken.release import PARENT_RULES, is_taken, release_terms, repeat_count

NOT_APPLICABLE = "not_applicable"


class UnableToEscalate(Refusal):
    """It was not decided that a parent or carer collects."""


class ParentsCollectAnyway(UnableToEscalate):
    """The school's rule has a parent or carer collect every time, so there is nothing to escalate."""


class EscalatedAlready(UnableToEscalate):
    """It waits for a parent or carer already."""


class TriggerNotInRules(UnableToEscalate):
    """The school's rules do not name this as a reason for a parent to collect."""

    recorded = True
    default_field = "trigger"


class EscalationSaysWhy(UnableToEscalate):
    """The decision is kept with its reason."""

    default_field = "reason"


class UnableToDecideRelease(Refusal):
    """No decision was recorded on who may collect."""


class RulesDecide(UnableToDecideRelease):
    """The rules say who may collect, so that nobody need decide."""


class ReleaseDecisionSaysWhy(UnableToDecideRelease):
    """The decision is kept with its reason."""

    default_field = "reason"


def triggers_offered(school: School, stay: CustodyRecord) -> list[EscalationTrigger]:
    """What may set off collection by a parent, by the rules of the day it was taken; all, where these are silent. None
    where a parent collects every time."""
    taken = Confiscation.objects.filter(custody=stay).first()
    rules = for_school(school, on=london_day(taken.taken_at) if taken else stay.day)
    if (taken.release_rule if taken else rules.release_rule) in PARENT_RULES:
        return []
    said = rules.release_escalators
    return [one for one in EscalationTrigger if said in (UNSPECIFIED, NOT_APPLICABLE) or one.value in said]


@operation("devices.escalate")
def escalate(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    trigger: str,
    reason: str,
    submission: UUID | None = None,
) -> Escalation:
    """Decide that a parent or carer collects this device, and open what the parent is to be told (CNF-06, CNF-07).

    Who may: LEAD_CUSTODY, on any breach at their discretion; figures only propose (A-43). Judged by the rules of the
    day it was taken; where these are silent, the reason given is the recorded decision. Raises a kind of
    `UnableToEscalate`, `OnEvidenceHold`, `HandedInNotTaken` or `ReleasedAlready`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    stay = _here(custody)
    terms = release_terms(stay, at)
    if terms.rule in PARENT_RULES:
        raise ParentsCollectAnyway("Your school’s rule is that a parent or carer collects every time.", rule="CNF-06")
    if terms.escalation is not None or stay.state == State.PARENT_COLLECTION:
        raise EscalatedAlready("It waits for a parent or carer already.", rule="CNF-06")
    if EscalationTrigger(trigger) not in triggers_offered(school, stay):
        raise TriggerNotInRules("Your school’s rules do not name this as a reason.", rule="release_escalators")
    if not reason:
        raise EscalationSaysWhy("Say why a parent or carer must collect.", rule="CNF-06")
    escalation = Escalation(
        school=school,
        custody=stay,
        trigger=trigger,
        reason=reason,
        decided_at=at,
        decided_by=actor,
        counted=repeat_count(stay.pupil, at).count,
    )
    escalation.save()
    step(stay, EventKind.AWAIT_PARENT, State.PARENT_COLLECTION, actor, at)
    open_notice(school=school, actor=actor, at=at, about=NoticeAbout.ESCALATED, pupil=stay.pupil, custody=stay)
    record(
        school=school,
        actor=actor,
        action="devices.escalate",
        at=at,
        obj=escalation,
        submission=submission,
        detail={"custody": stay.pk, "trigger": trigger, "counted": escalation.counted},
    )
    return escalation


@operation("devices.decide_release")
def decide_release(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    to: str,
    not_before: datetime,
    reason: str,
    submission: UUID | None = None,
) -> ReleaseDecision:
    """Decide to whom a device goes and from when, where the rules of the day it was taken do not say (matrix §0.3).

    Who may: LEAD_CUSTODY, the head, senior leaders and the DSL. The newest decision counts. Raises a kind of
    `UnableToDecideRelease`, `OnEvidenceHold`, `HandedInNotTaken` or `ReleasedAlready`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    stay = _here(custody)
    terms = release_terms(stay, at)
    if terms.escalation is not None or stay.state == State.PARENT_COLLECTION:
        raise RulesDecide("It was decided that a parent or carer collects it.", rule="CNF-06")
    if terms.rule != UNSPECIFIED:
        raise RulesDecide("Your school’s rules say who may collect it.", rule=f"release_rule={terms.rule}")
    if not reason:
        raise ReleaseDecisionSaysWhy("Say why.", rule="CNF-04")
    decision = ReleaseDecision(
        school=school,
        custody=stay,
        to=Claimant(to),
        not_before=not_before,
        reason=reason,
        decided_at=at,
        decided_by=actor,
    )
    decision.save()
    record(
        school=school,
        actor=actor,
        action="devices.decide_release",
        at=at,
        obj=decision,
        submission=submission,
        detail={"custody": stay.pk, "to": to, "not_before": not_before.isoformat()},
    )
    return decision


def _here(custody: CustodyRecord) -> CustodyRecord:
    """The stay, held until the transaction ends; refused when it is held as evidence, gone, or was not taken."""
    stay = locked(custody)
    if not is_taken(stay):
        raise HandedInNotTaken("It was handed in, not taken.", rule="CNF-04")
    if not stay.is_open:
        raise ReleasedAlready("It is not here any more.", rule="CNF-04")
    refuse_if_held(stay)
    return stay
