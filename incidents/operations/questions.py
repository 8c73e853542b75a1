"""A private question of a member of staff to the designated adviser, and its answer (STA-15)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Permission
from incidents.enums import AdviceState
from incidents.models import AdviceRecord
from incidents.operations.moves import NothingThere
from incidents.queries.staff_concerns import ADVISERS, may_answer, questions_visible_to
from incidents.workflow import ADVICE_MOVES, check_pair


class QuestionEmpty(Refusal):
    """A question and an answer say something."""

    default_field = "question"


class NobodyToAsk(Refusal):
    """Nobody at the school holds this post, or only whoever asks."""

    default_field = "adviser"


@operation("incidents.ask_privately")
def ask_privately(
    *, school: School, actor: User, at: datetime, adviser: str, question: str, submission: UUID | None = None
) -> AdviceRecord:
    """Ask the DSL and deputies, or the head, whether something is allowed or what to do with what was received.

    Nobody reads it but the person who asks and those who are asked, until one of them answers; then these two. Who may:
    any member of staff. Raises `QuestionEmpty`, `NobodyToAsk`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if not question.strip():
        raise QuestionEmpty("Write what you want to ask.", rule="STA-15")
    roles = ADVISERS.get(adviser, frozenset())
    asked = [one for one in holders_of(school, *roles, on=london_day(at)) if one.pk != actor.pk] if roles else []
    if not asked:
        raise NobodyToAsk("Nobody else holds this post. Choose another.", rule="STA-15")
    found = AdviceRecord(school=school, body=adviser, question=question.strip(), asked_at=at, asked_by=actor)
    found.stamp(by=actor, at=at)
    found.save()
    notify(
        school=school, recipients=asked, kind="incidents.question", subject="A colleague asks you something in private",
        url=_url(school, found), at=at, dedupe_key=f"incidents.question:{found.pk}",
    )  # fmt: skip
    record(school=school, actor=actor, action="incidents.ask_privately", at=at, obj=found, submission=submission)
    return found


@operation("incidents.answer_privately")
def answer_privately(
    *, school: School, actor: User, at: datetime, question: AdviceRecord, answer: str, submission: UUID | None = None
) -> AdviceRecord:
    """Answer a private question, with the day. Who may: the adviser who was asked. Raises `NothingThere`,
    `StepNotAllowed`, `QuestionEmpty`."""
    held: AdviceRecord = AdviceRecord.objects.select_for_update(of=("self",)).get(school=school, pk=question.pk)
    seen = questions_visible_to(actor, school).filter(pk=held.pk).exists()
    if held.incident_id is not None or not seen or not may_answer(actor, held):
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    check_pair(ADVICE_MOVES, held.state, AdviceState.ANSWERED, "A question")
    if not answer.strip():
        raise QuestionEmpty("Write your answer.", rule="STA-15", field="answer")
    held.state, held.answer, held.answer_from = AdviceState.ANSWERED, answer.strip(), held.body
    held.answered_at, held.answered_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    notify(
        school=school, recipients=[held.asked_by], kind="incidents.answer", subject="Your question is answered",
        url=_url(school, held), at=at, dedupe_key=f"incidents.answer:{held.pk}",
    )  # fmt: skip
    record(school=school, actor=actor, action="incidents.answer_privately", at=at, obj=held, submission=submission)
    return held


def _url(school: School, question: AdviceRecord) -> str:
    return reverse("incidents:private-question", args=[school.slug, question.pk])
