"""Declarations are decided once those whom the rule names have advised, and read by them and the declarer alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django_scopes import scope

from agreements.enums import DeclarationState
from agreements.models import DeclarationEvent, RelationshipDeclaration
from agreements.operations.conduct import (
    NobodyToConsult,
    NotByOneself,
    NotYourDeclaration,
    ReasonForConsulting,
    ReviewDayNeeded,
    StillToConsult,
    advise,
    close_declaration,
    consult,
    decide_declaration,
    declare_relationship,
    mark_review_due,
    put_on_record,
)
from agreements.queries.conduct import declarations_visible_to
from agreements.workflow import MoveNotPossible
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import School, User
from core.rules.models import RecordedDecision
from tests.factories import make_school, make_user

pytestmark = pytest.mark.django_db
S = DeclarationState


class Cast:
    """A school with everybody who may be consulted, and somebody who declares."""

    def __init__(self, preset: str, at: datetime) -> None:
        self.school: School = make_school(preset=preset)
        self.at = at
        for role in ("dsl", "headteacher", "slt", "chair", "teacher"):
            setattr(self, role, make_user(role, self.school))
        self.teacher: User

    def declares(self, who: User | None = None, context: str = "social_media") -> RelationshipDeclaration:
        return declare_relationship(
            school=self.school, actor=who or self.teacher, at=self.at, context=context, nature="family",
            parties="A cousin in Year 5", since="Always", circumstances="We message about family matters.",
        )  # fmt: skip

    def asks(self, row: RelationshipDeclaration, *people: str, reason: str = "") -> None:
        chosen = [getattr(self, one) for one in people]
        consult(school=self.school, actor=row.declarer, at=self.at, declaration=row, people=chosen, reason=reason)

    def advises(self, row: RelationshipDeclaration, who: str) -> None:
        advise(school=self.school, actor=getattr(self, who), at=self.at, declaration=row, advice=f"{who} advises care")

    def decides(self, row: RelationshipDeclaration, who: str, **given: Any) -> RelationshipDeclaration:
        values = {"decision": "Agreed, in the open", "review_on": (self.at + timedelta(days=90)).date()} | given
        return decide_declaration(school=self.school, actor=getattr(self, who), at=self.at, declaration=row, **values)


def test_social_media_needs_dsl_and_head_and_devices_one_of_them(at: datetime) -> None:
    """STA-10, SOC-11, A-15, BAR-S6 under by_context: and what is decided is on record with the advice."""
    cast = Cast("primary-by-agreement", at)
    with scope(school=cast.school):
        row = cast.declares()
        cast.asks(row, "dsl", "headteacher")
        cast.advises(row, "dsl")
        with pytest.raises(StillToConsult, match=r"relationship_consulted.*the head"):
            cast.decides(row, "dsl")
        cast.advises(row, "headteacher")
        with pytest.raises(ReviewDayNeeded):
            cast.decides(row, "headteacher", review_on=None)
        done = cast.decides(row, "headteacher")
        assert (done.state, done.recorded_by) == (S.RECORDED, cast.headteacher)
        assert "dsl advises care" in done.advice and "headteacher advises care" in done.advice
        assert list(DeclarationEvent.objects.filter(declaration=row).values_list("to_state", flat=True)) == [
            "consulted", "decided", "recorded",
        ]  # fmt: skip
        for who in ("dsl", "slt"):
            row = cast.declares(context="devices")
            cast.asks(row, who)
            cast.advises(row, who)
            assert cast.decides(row, who).state == S.RECORDED


@pytest.mark.parametrize(
    ("preset", "needed", "state"),
    [
        ("group-locked-storage", ["dsl", "headteacher"], S.DECIDED),
        ("phone-free-agreement", ["dsl", "headteacher"], S.DECIDED),
        ("primary-online-safety", ["headteacher"], S.DECIDED),
        ("image-and-conduct", ["slt"], S.DECIDED),
    ],
)
def test_each_preset_has_its_set(at: datetime, preset: str, needed: list[str], state: str) -> None:
    """STA-10 by `relationship_consulted`; where `relationship_recorded` is silent a person says why (matrix 0.3)."""
    cast = Cast(preset, at)
    with scope(school=cast.school):
        row = cast.declares()
        cast.asks(row, *needed)
        for who in needed:
            with pytest.raises(StillToConsult):
                cast.decides(row, needed[0])
            cast.advises(row, who)
        if preset == "image-and-conduct":
            with pytest.raises(ReasonForConsulting):
                cast.decides(row, needed[0])
            cast.decides(row, needed[0], reason="Nothing to record")
            assert RecordedDecision.objects.get().key == "relationship_recorded"
        else:
            cast.decides(row, needed[0])
        row.refresh_from_db()
        assert row.state == state


def test_nobody_decides_about_themselves_and_others_stand_in(at: datetime) -> None:
    """STA-10: where the head declares, the chair takes the head’s part; the database knows it too."""
    cast = Cast("primary-by-agreement", at)
    with scope(school=cast.school):
        row = cast.declares(cast.headteacher)  # type: ignore[attr-defined]
        with pytest.raises(NobodyToConsult):
            cast.asks(row, "headteacher")
        cast.asks(row, "dsl", "chair")
        cast.advises(row, "dsl")
        with pytest.raises(StillToConsult, match="the chair"):
            cast.decides(row, "dsl")
        cast.advises(row, "chair")
        with pytest.raises(NotByOneself):
            cast.decides(row, "headteacher")
        refused = pytest.raises(IntegrityError, match="not_by_oneself")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE agreements_relationshipdeclaration SET decided_at = now(), decided_by_id = declarer_id"
            )
        assert cast.decides(row, "chair").state == S.RECORDED


def test_only_the_declarer_and_those_consulted_read_it(at: datetime, client_for: Callable[[User], Client]) -> None:
    """STA-10: for the head and the DSL, too, it does not exist until they are consulted; each look is on record."""
    cast = Cast("primary-by-agreement", at)
    with scope(school=cast.school):
        row = cast.declares()
        page = f"/{cast.school.slug}/agreements/declarations/{row.pk}/"
        for who in ("dsl", "headteacher", "slt", "chair"):
            assert client_for(getattr(cast, who)).get(page).status_code == 404
            assert not declarations_visible_to(getattr(cast, who), cast.school)
        with pytest.raises(NotPermitted):
            cast.advises(row, "dsl")
        cast.asks(row, "dsl")
        with pytest.raises(NobodyToConsult):
            cast.asks(row, "dsl")
        assert "A cousin in Year 5" in client_for(cast.dsl).get(page).content.decode()  # type: ignore[attr-defined]
        assert client_for(cast.headteacher).get(page).status_code == 404  # type: ignore[attr-defined]
        assert Entry.objects.filter(action="agreements.look_at_declaration", object_id=row.pk).count() == 1
        notice = Notice.objects.get(recipient=cast.dsl)  # type: ignore[attr-defined]
        assert "cousin" not in notice.subject + notice.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT parties, circumstances FROM agreements_relationshipdeclaration")
        assert not any(b"cousin" in bytes(cell) for cell in cursor.fetchone())


def test_it_comes_due_for_review_and_is_confirmed_or_closed(at: datetime) -> None:
    """STA-10, matrix 4.11: on the review day both hear of it, once; then confirmed, or closed by those consulted."""
    cast = Cast("primary-online-safety", at)
    with scope(school=cast.school):
        row = cast.declares()
        given = {"school": cast.school, "declaration": row}
        with pytest.raises(NotPermitted):
            put_on_record(actor=cast.headteacher, at=at, review_on=None, **given)  # type: ignore[attr-defined]
        cast.asks(row, "headteacher")
        cast.advises(row, "headteacher")
        with pytest.raises(NotYourDeclaration):
            cast.advises(row, "headteacher")
        cast.decides(row, "headteacher", on_record=True)
        due = at + timedelta(days=90)
        assert mark_review_due(school=cast.school, at=at) == 0
        assert mark_review_due(school=cast.school, at=due) == 1
        assert mark_review_due(school=cast.school, at=due) == 0
        head = cast.headteacher  # type: ignore[attr-defined]
        again = put_on_record(actor=head, at=due, review_on=(due + timedelta(days=90)).date(), **given)
        assert again.state == S.RECORDED
        with pytest.raises(NotYourDeclaration):
            close_declaration(actor=cast.teacher, at=due, reason="Over", **given)
        assert close_declaration(actor=head, at=due, reason="They moved away", **given).state == S.CLOSED
        with pytest.raises(MoveNotPossible):
            put_on_record(actor=head, at=due, review_on=(due + timedelta(days=9)).date(), **given)
