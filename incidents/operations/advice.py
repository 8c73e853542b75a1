"""Advice on a record: who asked whom and when, what they were told, what was done about it (INC-25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from incidents.enums import AdviceState, CaseEventKind
from incidents.leading import need_leader
from incidents.models import AdviceRecord, Incident
from incidents.operations.moves import locked, step
from incidents.operations.outside import back_from_outside, wait_outside
from incidents.operations.sanctions import SEALED
from incidents.queries.course import lines_of, may_seek_advice
from incidents.workflow import ADVICE_MOVES, check_pair


class UnableToAdvise(Refusal):
    """Nothing was recorded about advice."""


class NotForThemToAsk(UnableToAdvise):
    """The school's rules say who asks for advice, and this is somebody else."""

    recorded = True


class BodyNotInRules(UnableToAdvise):
    """The school's rules name whom it asks."""

    default_field = "body"


class AdviceSaysWhat(UnableToAdvise):
    """A question, an answer and what was done are each written down."""

    default_field = "question"


@operation("incidents.ask_advice")
def ask_advice(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    body: str,
    question: str,
    submission: UUID | None = None,
) -> AdviceRecord:
    """Write down that advice on a record was asked for (INC-25). A record in action waits for the answer.

    Who may: whoever reads the record and is named by the rule on seekers; where it is silent, the DSL, deputies and the
    head, and that they asked is kept as a decision. `body` is one of the rules', or where these are silent any.
    Raises a kind of `UnableToAdvise`.
    """
    held = locked(school, incident, actor, at)
    rules = for_school(school, on=london_day(at))
    if not may_seek_advice(actor, school, rules):
        raise NotForThemToAsk("Your school’s rules say who asks for advice. Ask the DSL to.", rule="INC-25")
    bodies = dict(lines_of(rules, "advice_bodies"))
    named = bodies.get(body, "" if bodies else body.strip())
    if not named:
        raise BodyNotInRules("Choose whom you asked." if bodies else "Enter whom you asked.", rule="INC-25")
    if not question.strip():
        raise AdviceSaysWhat("Write what you asked.", rule="INC-25")
    advice = AdviceRecord(
        school=school, incident=held, body=named, question=question.strip(), asked_at=at, asked_by=actor
    )
    advice.stamp(by=actor, at=at)
    advice.save()
    step(held, CaseEventKind.ADVICE, actor=actor, at=at, about=AdviceState.ASKED.label)
    wait_outside(held, actor=actor, at=at, about="Advice")
    for key, asked in (("advice_seekers", "Who asks for advice?"), ("advice_bodies", "Who is asked?")):
        if getattr(rules, key) == UNSPECIFIED:
            record_decision(
                school=school, actor=actor, at=at, key=key, question=asked, decision="Advice on a record was asked for",
                reason=SEALED, subject=advice,
            )  # fmt: skip
    record(
        school=school, actor=actor, action="incidents.ask_advice", at=at, obj=advice, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return advice


@operation("incidents.answer_advice")
def answer_advice(
    *,
    school: School,
    actor: User,
    at: datetime,
    advice: AdviceRecord,
    answer_from: str,
    answer: str,
    submission: UUID | None = None,
) -> AdviceRecord:
    """Write down what was answered and by whom. Who may: whoever asked, and whoever leads on the record.

    A record that waited comes back to action. Raises `StepNotAllowed`, `AdviceSaysWhat`.
    """
    incident, held = _both(school, advice, actor, at)
    check_pair(ADVICE_MOVES, held.state, AdviceState.ANSWERED, "Advice")
    if not answer.strip():
        raise AdviceSaysWhat("Write what you were told.", rule="INC-25", field="answer")
    held.state, held.answer, held.answer_from = AdviceState.ANSWERED, answer.strip(), answer_from.strip()
    held.answered_at, held.answered_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    step(incident, CaseEventKind.ADVICE, actor=actor, at=at, about=AdviceState.ANSWERED.label)
    back_from_outside(incident, actor=actor, at=at, about="Advice")
    record(
        school=school, actor=actor, action="incidents.answer_advice", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk},
    )  # fmt: skip
    return held


@operation("incidents.act_on_advice")
def act_on_advice(
    *, school: School, actor: User, at: datetime, advice: AdviceRecord, action: str, submission: UUID | None = None
) -> AdviceRecord:
    """Write down what was done about an answer. Who may: whoever asked, and whoever leads on the record.

    Raises `StepNotAllowed`, `AdviceSaysWhat`.
    """
    incident, held = _both(school, advice, actor, at)
    check_pair(ADVICE_MOVES, held.state, AdviceState.ACTED_ON, "Advice")
    if not action.strip():
        raise AdviceSaysWhat("Write what was done.", rule="INC-25", field="action")
    held.state, held.action, held.acted_at = AdviceState.ACTED_ON, action.strip(), at
    held.stamp(by=actor, at=at)
    held.save()
    step(incident, CaseEventKind.ADVICE, actor=actor, at=at, about=AdviceState.ACTED_ON.label)
    record(
        school=school, actor=actor, action="incidents.act_on_advice", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk},
    )  # fmt: skip
    return held


def _both(school: School, advice: AdviceRecord, actor: User, at: datetime) -> tuple[Incident, AdviceRecord]:
    assert advice.incident is not None  # a question of one's own has no record
    incident = locked(school, advice.incident, actor, at)
    held: AdviceRecord = AdviceRecord.objects.select_for_update(of=("self",)).get(school=school, pk=advice.pk)
    if held.asked_by_id != actor.pk:
        need_leader(actor, incident)
    return incident, held
