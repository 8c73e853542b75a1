"""Many rows at once leave the same history as one: who, when, why, and every field."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from core.kit import bulk
from core.people.models import Contact, FormGroup, Pupil, School, User
from tests.factories import make_contact, make_form


def form(school: School, name: str) -> FormGroup:
    return FormGroup(school=school, name=name, year_from=7, year_to=8)


@pytest.mark.parametrize("number", [1, 30])
def test_bulk_create_writes_history_in_one_statement(
    school: School, administrator_user: User, at: datetime, number: int
) -> None:
    """House §4.7: history in bulk too, as complete as simple-history's own."""
    with CaptureQueriesContext(connection) as statements:
        made = bulk.bulk_create(
            FormGroup, [form(school, f"F{n}") for n in range(number)], by=administrator_user, at=at, reason="why"
        )
    assert len([one for one in statements if one["sql"].startswith("INSERT")]) == 2
    for row in made:
        (past,) = row.history.all()
        assert (past.history_type, past.history_user, past.history_date, past.history_change_reason) == (
            "+", administrator_user, at, "why",
        )  # fmt: skip
        for field in row._meta.concrete_fields:
            assert getattr(past, field.attname) == getattr(FormGroup.objects.get(pk=row.pk), field.attname)


def test_bulk_update_stamps_and_writes_history(school: School, administrator_user: User, at: datetime) -> None:
    row = make_form(school, "7A", year=7)
    version = row.version
    row.name = "7B"
    assert bulk.bulk_update(FormGroup, [row], ["name"], by=administrator_user, at=at, reason="renamed") == 1
    row.refresh_from_db()
    past = row.history.latest("history_id")
    assert (row.name, row.version, row.changed_by, row.changed_at) == ("7B", version + 1, administrator_user, at)
    assert (past.history_type, past.name, past.version, past.history_change_reason) == (
        "~",
        "7B",
        version + 1,
        "renamed",
    )


def test_bulk_insert_fills_defaults_who_and_when(school: School, pupil: Pupil, at: datetime) -> None:
    """Rows as plain values get what the model would give them."""
    key = 10_000_000
    bulk.bulk_insert(
        Contact,
        [{"id": key, "school_id": school.pk, "pupil_id": pupil.pk, "surname": "Ó Súilleabháin 'x' \"y\" \\ %s"}],
        by=None,
        at=at,
        reason="why",
    )
    contact = Contact.objects.get(pk=key)
    assert contact.surname == "Ó Súilleabháin 'x' \"y\" \\ %s"
    assert (contact.may_collect, contact.do_not_inform, contact.priority, contact.version) == (True, False, 1, 1)
    assert (contact.mobile, contact.ended_on, contact.has_parental_responsibility) == ("", None, None)
    assert (contact.created_at, contact.created_by) == (at, None)
    assert contact.history.get().history_type == "+"
    bulk.bulk_insert(Contact, [], by=None, at=at, reason="nothing")


def test_bulk_delete_keeps_the_history_and_obeys_references(
    school: School, pupil: Pupil, administrator_user: User, at: datetime
) -> None:
    contact = make_contact(pupil)
    assert bulk.bulk_delete(Contact, [contact.pk], by=administrator_user, at=at, reason="undone") == 1
    assert Contact.history.filter(id=contact.pk).latest("history_id").history_type == "-"
    make_contact(pupil)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        bulk.bulk_delete(Pupil, [pupil.pk], by=administrator_user, at=at, reason="undone")
