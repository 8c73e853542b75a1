"""What staff declare of a relationship: consulted about, decided, put on record, reviewed, closed (STA-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from agreements.enums import DeclarationContext, DeclarationState
from agreements.models import DeclarationConsultation, DeclarationEvent, RelationshipDeclaration
from agreements.queries.conduct import REQUIRED, Consultee, consultees_for, missing_from
from agreements.workflow import DECLARATION_MOVES, check_move
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import NotPermitted, require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school

_S = DeclarationState


class UnableToDeclare(Refusal):
    """The declaration did not go on."""


class SaysTooLittle(UnableToDeclare):
    """Who it is about, or what the circumstance is, was left out."""

    default_field = "circumstances"


class NobodyToConsult(UnableToDeclare):
    """Nobody was chosen, or somebody who cannot be consulted about this."""

    default_field = "people"


class ReasonForConsulting(UnableToDeclare):
    """The rules leave open who is consulted, so a person says why these (matrix 0.3)."""

    default_field = "reason"


class NotYourDeclaration(UnableToDeclare):
    """The act belongs to another of those who read it."""

    recorded = True


class StillToConsult(UnableToDeclare):
    """Not everybody whom the rule names has been consulted and has advised."""

    recorded = True


class NotByOneself(UnableToDeclare):
    """Nobody decides about themselves."""

    recorded = True


class ReviewDayNeeded(UnableToDeclare):
    """It is put on record with a day on which it is looked at again."""

    default_field = "review_on"


@operation("agreements.declare")
def declare_relationship(
    *,
    school: School,
    actor: User,
    at: datetime,
    context: str,
    nature: str,
    parties: str,
    since: str,
    circumstances: str,
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Declare a tie that makes the no-contact rule hard to keep; whom to consult is by the rule of this day (STA-10).

    Who may: DECLARE_RELATIONSHIP, for themselves. Raises `SaysTooLittle`.
    """
    require(actor, Permission.DECLARE_RELATIONSHIP, school)
    if not parties.strip() or not circumstances.strip() or not since.strip():
        raise SaysTooLittle("Say who it is about, since when, and what the circumstance is.", rule="STA-10")
    rules = for_school(school, on=london_day(at))
    row = RelationshipDeclaration(
        school=school, declarer=actor, context=DeclarationContext(context), nature=nature, parties=parties.strip(),
        circumstances=circumstances.strip(), since=since.strip(), consult=str(rules.relationship_consulted),
        declared_at=at, rules_version=school.rules_version,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="agreements.declare", at=at, obj=row, submission=submission,
        detail={"consult": row.consult, "context": row.context},
    )  # fmt: skip
    return row


@operation("agreements.consult")
def consult(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: RelationshipDeclaration,
    people: Sequence[User],
    reason: str = "",
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Consult these people: from now on they read the declaration, and they are told that something waits for them.

    Who may: the declarer, and whoever is consulted already. Where the rules are silent, `reason` says why these. Raises
    `NobodyToConsult`, `ReasonForConsulting`, `NotYourDeclaration`.
    """
    row = _held(school, actor, declaration)
    offered = {one.user.pk: one for one in consultees_for(row)}
    chosen = [offered[person.pk] for person in people if person.pk in offered]
    known = {one.person_id for one in row.consultations.all()}
    new = [one for one in chosen if one.user.pk not in known]
    if not new or len(chosen) != len(people):
        raise NobodyToConsult("Choose whom to consult; nobody is consulted twice.", rule="STA-10")
    _keep_reason(row, actor, at, new, reason)
    if row.state != _S.CONSULTED:
        _move(row, _S.CONSULTED, actor, at)
    for one in new:
        asked = DeclarationConsultation(
            school=school, declaration=row, person=one.user, role=one.role, asked_at=at, asked_by=actor
        )
        asked.stamp(by=actor, at=at)
        asked.save()
    _tell(row, [one.user for one in new], at, "You are asked for advice", "consult")
    record(
        school=school, actor=actor, action="agreements.consult", at=at, obj=row, submission=submission,
        detail={"roles": [one.role for one in new]},
    )  # fmt: skip
    return row


@operation("agreements.advise")
def advise(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: RelationshipDeclaration,
    advice: str,
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Give one's advice, once; whoever is consulted (STA-10). Raises `NotYourDeclaration`, `SaysTooLittle`."""
    row = _held(school, actor, declaration)
    mine = DeclarationConsultation.objects.filter(declaration=row, person=actor).first()
    if mine is None:
        raise NotYourDeclaration("You are not consulted about this.", rule="STA-10")
    if mine.advised_at is not None:
        raise NotYourDeclaration("You have given your advice already; it stands.", rule="STA-10")
    if row.state != _S.CONSULTED:
        raise NotYourDeclaration("It is decided or over. Tell whoever decided it.", rule="STA-10")
    if not advice.strip():
        raise SaysTooLittle("Write your advice.", rule="STA-10", field="advice")
    mine.advice, mine.advised_at = advice.strip(), at
    mine.stamp(by=actor, at=at)
    mine.save()
    _tell(row, [row.declarer], at, "There is advice on your declaration", f"advice.{mine.pk}")
    record(school=school, actor=actor, action="agreements.advise", at=at, obj=row, submission=submission)
    return row


@operation("agreements.decide_declaration")
def decide_declaration(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: RelationshipDeclaration,
    decision: str,
    review_on: date | None = None,
    on_record: bool = False,
    reason: str = "",
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Decide, once everybody whom `relationship_consulted` names has advised; and put decision and advice on record
    with a day of review where `relationship_recorded` asks for it, or `on_record` (STA-10, SOC-11).

    Who may: whoever is consulted about it; nobody about themselves. Where the rules leave open whether it is put on
    record, `reason` says why so. Raises `StillToConsult`, `NotByOneself`, `ReviewDayNeeded`, `ReasonForConsulting`.
    """
    row = _held(school, actor, declaration)
    if actor.pk == row.declarer_id:
        raise NotByOneself("Nobody decides about their own declaration.", rule="STA-10")
    consultations = list(row.consultations.select_related("person"))
    missing = missing_from(row, consultations)
    if missing:
        raise StillToConsult(
            f"The rule on whom to consult ({REQUIRED}) is not met: {' and '.join(missing)} must advise first.",
            rule=REQUIRED,
        )
    if not decision.strip():
        raise SaysTooLittle("Write the decision.", rule="STA-10", field="decision")
    recorded_by_rule = for_school(school, on=london_day(at)).relationship_recorded
    on_record = on_record or recorded_by_rule == "required"
    if recorded_by_rule == UNSPECIFIED:
        if not reason.strip():
            raise ReasonForConsulting("The rules leave open whether this is put on record. Say why so.", rule="0.3")
        record_decision(
            school=school, actor=actor, at=at, key="relationship_recorded",
            question="Is the decision on a declared relationship formally put on record?",
            decision="Put on record" if on_record else "Not put on record", reason=reason, subject=row,
        )  # fmt: skip
    _move(row, _S.DECIDED, actor, at)
    row.decision = decision.strip()
    row.advice = "\n\n".join(f"{one.get_role_display()}: {one.advice}" for one in consultations if one.advised_at)
    row.decided_at, row.decided_by = at, actor
    if on_record:
        _save(row, actor, at)  # two moves, which the database takes one after the other
        _put_on_record(row, actor, at, review_on)
    _save(row, actor, at)
    _tell(row, [row.declarer], at, "Your declaration is decided", f"decided.{at:%Y%m%d%H%M}")
    record(
        school=school, actor=actor, action="agreements.decide_declaration", at=at, obj=row, submission=submission,
        detail={"on_record": on_record, "rule": str(recorded_by_rule)},
    )  # fmt: skip
    return row


@operation("agreements.put_on_record")
def put_on_record(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: RelationshipDeclaration,
    review_on: date | None,
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Put a decision formally on record, or confirm it at its review, with the next day of review (SOC-11).

    Who may: whoever is consulted about it. Raises `ReviewDayNeeded`, `NotByOneself`.
    """
    row = _held(school, actor, declaration)
    if actor.pk == row.declarer_id:
        raise NotByOneself("Nobody puts their own declaration on record.", rule="SOC-11")
    _put_on_record(row, actor, at, review_on)
    _save(row, actor, at)
    record(school=school, actor=actor, action="agreements.put_on_record", at=at, obj=row, submission=submission)
    return row


@operation("agreements.close_declaration")
def close_declaration(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: RelationshipDeclaration,
    reason: str,
    submission: UUID | None = None,
) -> RelationshipDeclaration:
    """Close a declaration whose circumstance is over; it stays to be read. Who may: the declarer while nobody is
    consulted, then whoever is consulted. Raises `NotYourDeclaration`, `SaysTooLittle`."""
    row = _held(school, actor, declaration)
    if actor.pk == row.declarer_id and row.state != _S.DECLARED:
        raise NotYourDeclaration("Those consulted close it. Tell them that it is over.", rule="STA-10")
    if not reason.strip():
        raise SaysTooLittle("Say why it is over.", rule="STA-10", field="reason")
    _move(row, _S.CLOSED, actor, at)
    row.closed_at, row.closed_by, row.closed_because = at, actor, reason.strip()
    _save(row, actor, at)
    record(school=school, actor=actor, action="agreements.close_declaration", at=at, obj=row, submission=submission)
    return row


@operation("agreements.tell_declarations_due")
def mark_review_due(*, school: School, actor: None = None, at: datetime) -> int:
    """Mark what is to be looked at again today or before, and tell the declarer and whoever decided (STA-10).

    Called by the clock, daily; twice is harmless. Returns how many came due.
    """
    due = list(
        RelationshipDeclaration.objects.select_for_update(of=("self",))
        .select_related("declarer", "decided_by")
        .filter(school=school, state=_S.RECORDED, review_on__lte=london_day(at))
    )
    for row in due:
        _move(row, _S.REVIEW_DUE, None, at)
        _save(row, None, at)
        people = [row.declarer, *([row.decided_by] if row.decided_by else [])]
        _tell(row, people, at, "A declaration is due for review", f"review.{row.review_on}")
    if due:
        record(
            school=school, actor=None, action="agreements.tell_declarations_due", at=at, obj=school,
            detail={"due": [row.pk for row in due]},
        )  # fmt: skip
    return len(due)


def _held(school: School, actor: User, declaration: RelationshipDeclaration) -> RelationshipDeclaration:
    """The declaration, held; for its declarer and those consulted alone."""
    require(actor, Permission.DECLARE_RELATIONSHIP, school)
    row: RelationshipDeclaration = (
        RelationshipDeclaration.objects.select_for_update(of=("self",))
        .select_related("declarer")
        .get(pk=declaration.pk, school=school)
    )
    if actor.pk != row.declarer_id and not row.consultations.filter(person=actor).exists():
        raise NotPermitted("There is nothing here that you can see.", rule="STA-10")
    return row


def _keep_reason(
    row: RelationshipDeclaration, actor: User, at: datetime, new: Sequence[Consultee], reason: str
) -> None:
    if for_school(row.school, on=london_day(at)).relationship_consulted != UNSPECIFIED or row.consult != UNSPECIFIED:
        return
    if not reason.strip():
        raise ReasonForConsulting("The rules leave open who is consulted. Say why these people.", rule="0.3")
    record_decision(
        school=row.school, actor=actor, at=at, key="relationship_consulted",
        question="Who is consulted about a declared relationship?",
        decision=", ".join(sorted({one.label for one in new})), reason=reason, subject=row,
    )  # fmt: skip


def _put_on_record(row: RelationshipDeclaration, actor: User, at: datetime, review_on: date | None) -> None:
    if review_on is None or review_on <= london_day(at):
        raise ReviewDayNeeded("Enter a day to come on which it is looked at again.", rule="STA-10")
    _move(row, _S.RECORDED, actor, at)
    row.recorded_at, row.recorded_by, row.review_on = at, actor, review_on


def _move(row: RelationshipDeclaration, target: DeclarationState, actor: User | None, at: datetime) -> None:
    check_move(
        DECLARATION_MOVES, row.state, target, "The declaration cannot go there from where it is.", rule="matrix 4.11"
    )
    if row.pk is not None:
        DeclarationEvent(
            school=row.school, declaration=row, from_state=row.state, to_state=target, at=at, by=actor
        ).save()
    row.state = target
    if target == _S.CONSULTED:
        _save(row, actor, at)


def _save(row: RelationshipDeclaration, actor: User | None, at: datetime) -> None:
    row.stamp(by=actor, at=at)
    row.save()


def _tell(row: RelationshipDeclaration, people: Sequence[User], at: datetime, subject: str, key: str) -> None:
    """Nobody is named, nor what it is about: the page says it to those who may read it."""
    notify(
        school=row.school, recipients=people, kind="agreements.declaration", subject=subject,
        url=reverse("agreements:declaration", args=[row.school.slug, row.pk]), at=at,
        dedupe_key=f"agreements.declaration.{row.pk}.{key}",
    )  # fmt: skip
