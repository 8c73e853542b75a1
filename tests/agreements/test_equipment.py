"""School equipment beyond the job needs the head's word; promises to a pupil are listed and ended (SDV-08, AGR-27)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agreements.models import EquipmentUse
from agreements.operations.equipment import DaysWrong, ForOneself, authorise_equipment, withdraw_equipment
from agreements.operations.promises import PromisedAlready, end_promise, promise
from agreements.queries.equipment import equipment_use_of
from agreements.queries.promises import promises_of, promises_to_offer
from core.people.access import NotPermitted
from core.people.models import School
from tests.factories import make_pupil, make_user
from tests.factories.agreements import make_version


def authorise(school: School, at: datetime, by: Any, who: Any, **given: Any) -> EquipmentUse:
    values = {
        "equipment": "Laptop 12", "kind": "another_job", "terms": "Marking for the board, at weekends",
        "starts_on": at.date(), "ends_on": (at + timedelta(days=30)).date(),
    } | given  # fmt: skip
    return authorise_equipment(school=school, actor=by, at=at, user=who, **values)


def test_only_the_head_authorises_another_between_two_days(school: School, at: datetime) -> None:
    """SDV-08: written, specific, with limits and dates; what is taken back or over no longer counts."""
    head, teacher, dsl = (make_user(role, school) for role in ("headteacher", "teacher", "dsl"))
    with pytest.raises(NotPermitted):
        authorise(school, at, dsl, teacher)
    with pytest.raises(ForOneself):
        authorise(school, at, head, head)
    with pytest.raises(DaysWrong):
        authorise(school, at, head, teacher, ends_on=(at - timedelta(days=1)).date())
    use = authorise(school, at, head, teacher)
    assert equipment_use_of(teacher, at.date()) == [use]
    assert equipment_use_of(teacher, (at + timedelta(days=31)).date()) == []
    with pytest.raises(IntegrityError, match="not_by_oneself"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE agreements_equipmentuse SET user_id = authorised_by_id")
    withdraw_equipment(school=school, actor=head, at=at, use=use, reason="The other job is over")
    assert equipment_use_of(teacher, at.date()) == []


def test_promises_come_from_the_schools_own_agreement_or_in_own_words(school: School, at: datetime) -> None:
    """AGR-27: the clauses of the school in the published home-school agreement; each once while it holds."""
    office, pupil = make_user("office", school), make_pupil(school)
    make_version(school)
    (clause,) = promises_to_offer(school, at.date())
    given = {"school": school, "actor": office, "at": at, "pupil": pupil, "starts_on": at.date()}
    row = promise(text=clause.plain_text, clause_key=clause.key, how="With the librarian", **given)
    with pytest.raises(PromisedAlready):
        promise(text=clause.plain_text, **given)
    end_promise(school=school, actor=office, at=at, promised=row)
    promise(text=clause.plain_text, **given)
    promise(text="Ear defenders in the hall", **given)
    assert [one.ended_at is None for one in promises_of(pupil)] == [True, True, False] or promises_of(
        pupil
    ).count() == 3
