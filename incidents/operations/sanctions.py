"""Sanctions: what a person decided, for whom and until when; never for whoever was harmed (INC-08 to 10, CNF-15)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from incidents.enums import CaseEventKind, NoteKind
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, Sanction
from incidents.operations.moves import locked, step
from incidents.queries.course import excludes, lines_of, may_exclude, pupils_for_sanction

SEALED = "The reason is kept with the record, where it is sealed."


class UnableToSanction(Refusal):
    """No sanction was recorded."""


class SanctionForVictim(UnableToSanction):
    """A sanction is never for whoever was harmed."""

    recorded = True
    default_field = "pupil"


class NotTheSubject(UnableToSanction):
    """A sanction is for a pupil whom the record is about."""

    default_field = "pupil"


class NotOnTheLadder(UnableToSanction):
    """The school's rules do not name this sanction."""

    recorded = True
    default_field = "kind"


class NotForThemToExclude(UnableToSanction):
    """Only the person whom the rules name takes a pupil out of lessons or school."""

    recorded = True
    default_field = "kind"


class SanctionSaysWhy(UnableToSanction):
    """A sanction is kept with its reason."""

    default_field = "reason"


class SanctionHasEnd(UnableToSanction):
    """A sanction ends on a day, or is looked at again on one, by somebody who is named."""

    default_field = "ends_on"


class AgreedWithFamily(UnableToSanction):
    """At level 1 a sanction is agreed with parents and child."""

    default_field = "agreed"


class WithdrawnAlready(UnableToSanction):
    """It does not hold any more."""


@operation("incidents.record_sanction")
def record_sanction(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    pupil: Pupil,
    kind: str,
    reason: str,
    starts_on: date,
    reviewer: User | None,
    ends_on: date | None = None,
    review_on: date | None = None,
    takes_out: bool = False,
    agreed: str = "",
    reflection: str = "",
    submission: UUID | None = None,
) -> Sanction:
    """Write down a sanction that a person decided, from a day to a day, and who looks at it again (CNF-15).

    Who may: whoever leads on the record; one that excludes only the head, or a senior leader where the rules say so
    (INC-09). `kind` is a rung of the school's ladder; where the rules name none, the school's own words, and the
    decision is kept. `agreed`: what parents and child said, needed at level 1 (INC-13). `reflection`: what a teacher
    went through with the pupil (INC-08). Raises a kind of `UnableToSanction`.
    """
    held = locked(school, incident, actor, at)
    rules = for_school(school, on=london_day(at))
    out = takes_out or excludes(kind)
    if not (out and may_exclude(actor, school, rules)):
        need_leader(actor, held)
    _check_whom(held, pupil)
    ladder = [line for line, _words in lines_of(rules, "sanction_ladder")]
    if ladder and kind not in ladder:
        raise NotOnTheLadder("Your school’s rules do not name this sanction.", rule="sanction_ladder")
    if not kind.strip():
        raise NotOnTheLadder("Say which sanction it is.", rule="INC-09")
    if out and not may_exclude(actor, school, rules):
        who = "a senior leader or the head" if rules.exclusion_decided_by == "slt" else "the head alone"
        raise NotForThemToExclude(f"A sanction that excludes is decided by {who}.", rule="INC-09")
    if not reason.strip():
        raise SanctionSaysWhy("Say why.", rule="CNF-15")
    if reviewer is None:
        raise SanctionHasEnd("Say who looks at it again.", rule="CNF-15", field="reviewer")
    if ends_on is None and review_on is None:
        raise SanctionHasEnd("Enter the last day, or the day on which it is looked at again.", rule="CNF-15")
    if any(day is not None and day < starts_on for day in (ends_on, review_on)):
        raise SanctionHasEnd("This is before its first day.", rule="CNF-15")
    if held.level == 1 and not agreed.strip():
        raise AgreedWithFamily("At level 1, write what was agreed with parents and child.", rule="INC-13")
    sanction = Sanction(
        school=school, incident=held, pupil=pupil, kind=kind.strip(), excludes=out, reason=reason.strip(),
        starts_on=starts_on, ends_on=ends_on, reviewer=reviewer, review_on=review_on, decided_at=at, decided_by=actor,
    )  # fmt: skip
    sanction.stamp(by=actor, at=at)
    sanction.save()
    step(held, CaseEventKind.SANCTION, actor=actor, at=at)
    for note_kind, text in ((NoteKind.PARENT_WORK, agreed), (NoteKind.REFLECTION, reflection)):
        if text.strip():
            _note(held, note_kind, text, actor, at)
    _keep_decisions(school, actor, at, sanction, rules)
    record(
        school=school, actor=actor, action="incidents.record_sanction", at=at, obj=sanction, submission=submission,
        detail={"incident": held.pk, "excludes": out},
    )  # fmt: skip
    return sanction


def _check_whom(held: Incident, pupil: Pupil) -> None:
    if pupil.pk in {one.pk for one in pupils_for_sanction(held)}:
        return
    if held.people.filter(pupil=pupil, removed_at__isnull=True).exists():
        raise SanctionForVictim("Sanctions are not for whoever was harmed.", rule="INC-10")
    raise NotTheSubject("This record is not about that pupil.", rule="INC-09")


def _keep_decisions(school: School, actor: User, at: datetime, sanction: Sanction, rules: object) -> None:
    """Where a rule is silent, who decided stands on record; why stands in the sanction, sealed (matrix 0.3)."""
    asked = [("sanction_ladder", "Which sanction?", "One in the school’s own words")]
    if sanction.excludes:
        asked.append(("exclusion_decided_by", "Who decides a sanction that excludes?", "The head decided"))
    for key, question, decision in asked:
        if getattr(rules, key) == UNSPECIFIED:
            record_decision(
                school=school, actor=actor, at=at, key=key, question=question, decision=decision, reason=SEALED,
                subject=sanction,
            )  # fmt: skip


@operation("incidents.withdraw_sanction")
def withdraw_sanction(
    *, school: School, actor: User, at: datetime, sanction: Sanction, reason: str, submission: UUID | None = None
) -> Sanction:
    """A sanction holds no more, for a reason that is added to the record. Who may: whoever could decide it.

    Raises `WithdrawnAlready`, `SanctionSaysWhy`, `NotForThemToExclude`.
    """
    held = locked(school, sanction.incident, actor, at)
    found: Sanction = Sanction.objects.select_for_update(of=("self",)).get(school=school, pk=sanction.pk)
    if found.excludes:
        if not may_exclude(actor, school, for_school(school, on=london_day(at))):
            raise NotForThemToExclude("Whoever decides such a sanction withdraws it.", rule="INC-09")
    else:
        need_leader(actor, held)
    if found.withdrawn_at is not None:
        raise WithdrawnAlready("It was withdrawn already.", rule="CNF-15")
    if not reason.strip():
        raise SanctionSaysWhy("Say why it is withdrawn.", rule="CNF-15")
    found.withdrawn_at, found.withdrawn_by = at, actor
    found.stamp(by=actor, at=at)
    found.save()
    _note(held, NoteKind.CASE_NOTE, f"Sanction withdrawn. {reason.strip()}", actor, at)
    record(
        school=school, actor=actor, action="incidents.withdraw_sanction", at=at, obj=found, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return found


def _note(held: Incident, kind: NoteKind, text: str, actor: User, at: datetime) -> None:
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about=kind.label)
    IncidentNote.objects.create(school=held.school, incident=held, kind=kind, text=text.strip(), at=at, by=actor)
