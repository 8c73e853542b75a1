"""Two acts that wait for each other: the database gives one up, and it is begun again (ORG-09, security row 9)."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django_scopes import scope

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.models import FormGroup, School
from tests.factories import make_form, make_school
from tests.people.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def forms(at: datetime) -> tuple[School, FormGroup, FormGroup]:
    school = make_school()
    with scope(school=school):
        return school, make_form(school, "8A"), make_form(school, "8B")


def crossing(first: FormGroup, second: FormGroup, met: threading.Barrier, tries: list[int]) -> Any:
    """An act that holds `first` before it asks for `second`; at its first try not before the other one does too."""

    @operation("test.cross")
    def cross(*, school: School, actor: Any, at: datetime) -> School:
        FormGroup.objects.select_for_update(of=("self",)).get(pk=first.pk)
        tries.append(first.pk)
        if tries.count(first.pk) == 1:
            met.wait(10)
        FormGroup.objects.select_for_update(of=("self",)).get(pk=second.pk)
        record(school=school, actor=actor, action="test.cross", at=at, obj=first)
        return school

    return cross


def test_two_acts_that_wait_for_each_other_are_both_done_once(
    forms: tuple[School, FormGroup, FormGroup], at: datetime
) -> None:
    school, left, right = forms
    met, tries = threading.Barrier(2), list[int]()
    acts = [
        partial(crossing(*pair, met, tries), school=school, actor=None, at=at)
        for pair in ((left, right), (right, left))
    ]
    assert at_once(school, *acts) == [school, school]
    assert len(tries) > 2  # the database gave one of them up, on a busy machine more than once
    assert Entry.objects.filter(action="test.cross").count() == 2


class TakenInTheSameMoment(Refusal):
    """Another desk was quicker."""

    of_a_moment = True


@pytest.mark.parametrize(("lost", "tried"), [(1, 2), (3, 4), (9, 4)])
def test_act_that_lost_to_another_of_the_same_moment_is_begun_again_a_few_times(
    forms: tuple[School, FormGroup, FormGroup], at: datetime, lost: int, tried: int
) -> None:
    """DEV-04: two desks that reach for one free slot are both served; nobody at a counter is asked to scan again."""
    school, form, _other = forms
    tries = []

    @operation("test.reach")
    def reach(*, school: School, actor: Any, at: datetime) -> FormGroup:
        tries.append(at)
        if len(tries) <= lost:
            raise TakenInTheSameMoment("Record it again.", rule="DEV-04")
        record(school=school, actor=actor, action="test.reach", at=at, obj=form)
        return form

    if lost < tried:
        assert reach(school=school, actor=None, at=at) == form
    else:
        with pytest.raises(TakenInTheSameMoment):
            reach(school=school, actor=None, at=at)
    assert len(tries) == tried
    assert Entry.objects.filter(action="test.reach").count() == int(lost < tried)


def test_act_inside_a_transaction_is_not_begun_again_alone(
    forms: tuple[School, FormGroup, FormGroup], at: datetime
) -> None:
    """What the transaction round it had written is gone with it, so the whole is refused."""
    school, left, right = forms
    met, tries = threading.Barrier(2), list[int]()

    def inside(first: FormGroup, second: FormGroup) -> Any:
        with transaction.atomic():
            return crossing(first, second, met, tries)(school=school, actor=None, at=at)

    results = at_once(school, partial(inside, left, right), partial(inside, right, left))
    assert {type(result) for result in results} == {School, OperationalError}
    assert Entry.objects.filter(action="test.cross").count() == 1
