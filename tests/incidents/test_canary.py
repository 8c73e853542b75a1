"""A sentence typed into a narrative stands nowhere in plain: no column, log line, email or message to the worker.

That no browser keeps it either is tried in `tests/journeys/test_narrative_leaves_the_browser.py`.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.core import mail
from django.db import connection, models
from django_scopes import scope

from core.kit.fields import SealedTextField
from core.notices.operations import deliver_outbox
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Role
from incidents import operations
from incidents.enums import IncidentType, NoteKind, PaperKind, PaperPart, ParentsDecision, Track
from incidents.models import Incident
from incidents.operations.papers import make_paper
from incidents.operations.reporting import Named, Said
from incidents.operations.transfers import decide_sharing, make_transfer_paper, open_transfer
from incidents.operations.triage import Classing
from tests.architecture.test_nothing_leaks import log
from tests.factories import make_contact, make_school, make_user

__all__ = ["log"]
CANARY = "Zanzabelline wept"
SEALED = [
    (model, field)
    for model in apps.get_app_config("incidents").get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, SealedTextField) and not model.__name__.startswith("Historical")
]
# Narratives of a course of its own, which the tests of that course fill: here each is sealed field by field.
ELSEWHERE = {"ImageCase", "ImageTask", "ViewingException", "CaseDocument", "ExamReport"}
_PARTS = {"own_words", "opinion", "immediate_action", "response", "account"}


@pytest.fixture
def school(db: None) -> Iterator[School]:
    """A school whose rules use levels of need, so that every narrative has its place."""
    school = make_school("larkfield", preset="primary-online-safety")
    with scope(school=school):
        yield school


@pytest.fixture
def messages() -> Iterator[list[str]]:
    """What is sent to the broker for the worker, whole: what Valkey is given and nothing else."""
    sent: list[str] = []

    def keep(**said: Any) -> None:
        sent.append(repr((said.get("body"), said.get("headers"), said.get("properties"))))

    before_task_publish.connect(keep)
    yield sent
    before_task_publish.disconnect(keep)


@pytest.fixture
def typed() -> Callable[[], str]:
    """A sentence with the canary, another each time, so that equal texts cannot hide one another."""
    numbers = itertools.count(1)
    return lambda: f"{CANARY} {next(numbers)} times behind the bicycle shed."


def columns_with(text: str) -> list[str]:
    """Every table in one of whose columns, read as text, jsonb or bytes, the sentence stands."""
    needles = (text.lower(), text.encode().hex())
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            dump = (cursor.fetchone()[0] or "").lower()
            found += [table] if any(needle in dump for needle in needles) else []
    return found


def tell_everything(
    school: School, pupil: Pupil, cast: dict[str, User], at: datetime, typed: Callable[[], str]
) -> Incident:
    """A record from its report to its end, each narrative typed through its operation."""
    dsl, day = cast["dsl"], london_day(at)
    said = Said(
        type=IncidentType.HARM_TO_CHILD, happened_at=at, place="Yard", platform="A network", told_in_person=True,
        told_whom=dsl, **{name: typed() for name in _PARTS},
    )  # fmt: skip
    case = operations.report_incident(
        school=school, actor=cast["teacher"], at=at, said=said, people=[Named(pupil=pupil)]
    )
    operations.add_to_record(school=school, actor=cast["teacher"], at=at, incident=case, text=typed())
    of: dict[str, Any] = {"school": school, "actor": dsl, "at": at, "incident": case}
    operations.acknowledge_case(**of)
    operations.mark_protected(text=typed(), **of)
    operations.decide_parents(
        pupil=pupil, decision=ParentsDecision.TOLD, contact=make_contact(pupil, "Kovacs"), told_at=at, channel="phone",
        summary=typed(), **of,
    )  # fmt: skip
    operations.decide_parents(pupil=pupil, decision=ParentsDecision.NOT_YET, reason=typed(), **of)
    operations.triage_case(classing=Classing(track=Track.SERIOUS, risk_area="contact"), owner=dsl, **of)
    operations.set_next_step(next_step=typed(), next_step_on=day + timedelta(days=1), **of)
    operations.set_level(level=2, reason=typed(), tool="The county’s tool", **of)
    note = operations.add_note(kind=NoteKind.MEETING, text=typed(), **of)
    operations.correct_note(corrects=note, text=typed(), **of)
    operations.start_referral(body="Early help", reason=typed(), further=typed(), pupil=pupil, **of)
    operations.take_into_review(**of)
    operations.decide_case(decision_reason=typed(), **of)
    advice = operations.ask_advice(body="police", question=typed(), **of)
    beside = {key: of[key] for key in ("school", "actor", "at")}
    operations.answer_advice(advice=advice, answer_from="An officer", answer=typed(), **beside)
    operations.act_on_advice(advice=advice, action=typed(), **beside)
    plan = operations.make_plan(
        pupil=pupil, aims=typed(), actions=typed(), owner=dsl, starts_on=day, review_on=day + timedelta(days=7), **of
    )
    operations.review_plan(plan=plan, text=typed(), end_words=typed(), **beside)
    operations.end_investigation(debrief=True, **of)
    operations.hold_debrief(held_on=day, present="The team", summary=typed(), **of)
    make_paper(kind=PaperKind.DEBRIEF, parts=frozenset({PaperPart.SUMMARY}), **of)
    leaver = open_transfer(pupil=pupil, leaves_on=day, **beside)
    decide_sharing(transfer=leaver, share=True, reason=typed(), **beside)
    make_transfer_paper(transfer=leaver, **beside)
    return case


def tell_of_staff(school: School, cast: dict[str, User], at: datetime, typed: Callable[[], str]) -> None:
    """A concern about staff, and a private question."""
    said = Said(type=IncidentType.STAFF_CONDUCT, happened_at=at, place="Hall", told_in_person=True, account=typed())
    case = operations.report_incident(
        school=school, actor=cast["teacher"], at=at, said=said, people=[Named(user=cast["support"])]
    )
    of: dict[str, Any] = {"school": school, "actor": cast["headteacher"], "at": at, "incident": case}
    operations.classify_concern(kinds=["illegal_content"], meets_threshold=True, reason=typed(), context=typed(), **of)
    operations.record_outside(body="lado", spoken_to="An adviser", spoken_at=at, advice=typed(), **of)
    question = operations.ask_privately(
        school=school, actor=cast["teacher"], at=at, adviser=Role.DSL.label, question=typed()
    )
    operations.answer_privately(school=school, actor=cast["dsl"], at=at, question=question, answer=typed())


def test_sentence_typed_into_a_narrative_stands_nowhere_in_plain(
    school: School,
    pupil: Pupil,
    at: datetime,
    typed: Callable[[], str],
    log: io.StringIO,
    messages: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Security 5.8, ASVS 14: a dump of every table, the log, the post, the record and what is sent to the worker
    hold none of what was typed."""
    roles = (Role.DSL, Role.TEACHER, Role.SUPPORT, Role.HEADTEACHER)
    cast = {role.value: make_user(role, school) for role in roles}
    with django_capture_on_commit_callbacks(execute=True):
        case = tell_everything(school, pupil, cast, at, typed)
        tell_of_staff(school, cast, at, typed)
    assert messages and not [one for one in messages if CANARY.lower() in one.lower()]
    deliver_outbox(at=at)
    assert "incidents_incident" in columns_with(str(case))  # the check would notice: a reference is plain
    assert columns_with(CANARY) == []
    assert CANARY.lower() not in log.getvalue().lower()
    assert mail.outbox and all(CANARY not in f"{one.subject} {one.body}" for one in mail.outbox)
    filled = {
        model.__name__
        for model, field in SEALED
        if any(CANARY in getattr(row, field.name) for row in model.objects.filter(school=school))
    }
    assert {model.__name__ for model, _field in SEALED} - filled - ELSEWHERE <= {"Notification", "Sanction", "Lesson"}


@pytest.mark.parametrize(("model", "field"), SEALED, ids=[f"{model.__name__}.{field.name}" for model, field in SEALED])
def test_every_narrative_is_sealed_to_its_row(model: type[models.Model], field: SealedTextField) -> None:
    """Security row 40: what reaches the database is not the text, and the same text in another row is another."""
    one, other = model(), model()
    for row in (one, other):
        setattr(row, field.attname, CANARY)
    sealed = [bytes(field.pre_save(row, add=True)) for row in (one, other)]
    assert CANARY.encode() not in sealed[0]
    assert sealed[0] != sealed[1]
