"""Whether parents are told of a record: a decision about each pupil, told, not yet or withheld (INC-19, CNF-13)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import has
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Permission
from core.rules.catalogue import UNSPECIFIED
from core.rules.operations import record_decision
from devices.operations.taken import withhold_notice
from devices.queries.taken.parents import adults_to_tell
from incidents.access import ABOUT_STAFF
from incidents.enums import CaseEventKind, Channel, ParentsDecision
from incidents.leading import need_leader
from incidents.models import Incident, ParentContact
from incidents.operations.moves import locked, step
from incidents.queries.parents import notices_beside, pupils_of, rules_of


class UnableToDecideParents(Refusal):
    """Nothing was decided about telling parents."""


class NotInThisRecord(UnableToDecideParents):
    """The record is not about this pupil."""


class ParentMayNotBeTold(UnableToDecideParents):
    """The adult is not this pupil's contact, must not be informed, or the DSL has yet to decide about them."""

    recorded = True
    default_field = "contact"


class ToldHowAndWhen(UnableToDecideParents):
    """That somebody was told says how, when and what."""

    default_field = "channel"


class ToldWhat(UnableToDecideParents):
    """What was said is part of the record."""

    default_field = "summary"


class ReasonNotToTell(UnableToDecideParents):
    """Not telling parents, or not yet, is a decision with a reason."""

    default_field = "reason"


class OnlyTheDslWithholds(UnableToDecideParents):
    """Keeping something from parents is the DSL's decision under every preset (A-11)."""

    recorded = True
    default_field = "decision"


@operation("incidents.decide_parents")
def decide_parents(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    pupil: Pupil,
    decision: ParentsDecision,
    contact: Contact | None = None,
    told_at: datetime | None = None,
    channel: str = "",
    summary: str = "",
    reason: str = "",
    submission: UUID | None = None,
) -> ParentContact:
    """Record that a parent was told, is not told yet, or that it is withheld; the newest decision stands (INC-19).

    Who may: whoever leads on the record; withholding is for the DSL and deputies, and about staff for who leads there.
    Told says how, when and what; the other two say why. Withheld keeps back what the desk was to tell of the same stay
    too. Where the rule is not settled the decision is kept as one. Raises a kind of `UnableToDecideParents`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    decision = ParentsDecision(decision)
    if pupil.pk not in {one.pk for one in pupils_of(held)}:
        raise NotInThisRecord("The record is not about this pupil.", rule="INC-19")
    if decision == ParentsDecision.TOLD:
        _check_told(held, pupil, at, contact, told_at, channel, summary)
    elif not reason.strip():
        raise ReasonNotToTell("Say why a parent is not told.", rule="INC-19")
    if decision == ParentsDecision.WITHHELD:
        _need_dsl(actor, held)
    told = decision == ParentsDecision.TOLD
    row: ParentContact = ParentContact.objects.create(
        school=school, incident=held, pupil=pupil, decision=decision, contact=contact if told else None,
        told_at=told_at if told else None, channel=channel if told else "", summary=summary.strip() if told else "",
        reason=reason.strip(), at=at, by=actor,
    )  # fmt: skip
    step(held, CaseEventKind.PARENTS, actor=actor, at=at, about=decision.label)
    if decision == ParentsDecision.WITHHELD:
        _keep_back(held, pupil, actor, at)
    if rules_of(held).parents_informed == UNSPECIFIED:
        _keep_as_decision(held, row, actor, at)
    record(
        school=school, actor=actor, action="incidents.decide_parents", at=at, obj=row, submission=submission,
        detail={"incident": held.pk, "decision": decision.value},
    )  # fmt: skip
    return row


def _check_told(
    held: Incident,
    pupil: Pupil,
    at: datetime,
    contact: Contact | None,
    told_at: datetime | None,
    channel: str,
    summary: str,
) -> None:
    """Raise what is missing of a telling, or who may not be told."""
    if contact is None or contact.pk not in {one.pk for one in adults_to_tell(held.school, pupil)}:
        raise ParentMayNotBeTold("Choose who was told, of the adults who may be told.", rule="ORG-13")
    if told_at is None or channel not in Channel.values:
        raise ToldHowAndWhen("Say how and when they were told.", rule="INC-19")
    if told_at > at:
        raise ToldHowAndWhen("This is still to come. Enter when they were told.", rule="INC-19", field="told_at")
    if not summary.strip():
        raise ToldWhat("Say in a few words what they were told.", rule="INC-19")


def _need_dsl(actor: User, held: Incident) -> None:
    needed = Permission.LEAD_STAFF_CONCERNS if held.route in ABOUT_STAFF else Permission.SET_DO_NOT_INFORM
    if not has(actor, needed, held.school):
        raise OnlyTheDslWithholds("The DSL decides that a parent is not told. Ask the DSL.", rule="A-11")


def _keep_back(held: Incident, pupil: Pupil, actor: User, at: datetime) -> None:
    """What the desk was to tell of the same stay stays untold; why, is read in the record alone."""
    for notice in notices_beside(held, pupil):
        notice.refresh_from_db()  # one that is withheld takes the others of its stay along
        if notice.is_open and has(actor, Permission.SET_DO_NOT_INFORM, held.school):
            because = f"Decided in {held.reference}: the reason is kept there."
            withhold_notice(school=held.school, actor=actor, at=at, notice=notice, because=because)


def _keep_as_decision(held: Incident, row: ParentContact, actor: User, at: datetime) -> None:
    """Where the rules are silent, that a person decided; why, is sealed in the record (matrix 0.3)."""
    record_decision(
        school=held.school, actor=actor, at=at, key="parents_informed", question="Are parents told of this record?",
        decision=row.get_decision_display(), reason=f"Kept in {held.reference}.", subject=held,
    )  # fmt: skip
