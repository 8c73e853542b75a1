"""ORG-09: the record is added to and never changed, by the database's own refusal."""

import uuid
from datetime import datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.models import AppendOnlyError
from core.kit.refusals import Refusal, SubmissionMismatch
from core.people.models import School, User


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_record_as_app_role_cannot_be_changed(school: School, at: datetime, statement: str) -> None:
    """ORG-09"""
    record(school=school, actor=None, action="test", at=at)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_record_model_refuses_change_and_deletion(school: School, at: datetime) -> None:
    entry = record(school=school, actor=None, action="test", at=at)
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()


class NoSuchThing(Refusal):
    recorded = True


@operation("test.rename")
def rename(*, school, actor, at, name, submission=None):  # type: ignore[no-untyped-def]
    if not name:
        raise NoSuchThing("Enter a name.", rule="ORG-01")
    school.name = name
    school.save()
    record(school=school, actor=actor, action="test.rename", at=at, obj=school, submission=submission)
    return school


def test_operation_same_submission_twice_acts_once(school: School, office_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    rename(school=school, actor=office_user, at=at, name="First", submission=key)
    again = rename(school=school, actor=office_user, at=at, name="Second", submission=key)
    assert again.name == "First"
    assert Entry.objects.filter(submission=key).count() == 1


def test_operation_submission_of_another_person_is_refused(
    school: School, office_user: User, dsl_user: User, at: datetime
) -> None:
    key = uuid.uuid4()
    rename(school=school, actor=office_user, at=at, name="First", submission=key)
    with pytest.raises(SubmissionMismatch):
        rename(school=school, actor=dsl_user, at=at, name="Second", submission=key)


def test_operation_refusal_that_matters_is_recorded(school: School, office_user: User, at: datetime) -> None:
    with pytest.raises(NoSuchThing):
        rename(school=school, actor=office_user, at=at, name="")
    entry = Entry.objects.get(action="test.rename", outcome="refused")
    assert entry.detail == {"refusal": "no_such_thing", "rule": "ORG-01"}
