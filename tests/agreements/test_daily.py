"""What a day brings: agreements begin, end, are to be renewed, and go with who leaves (matrix 4.13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from agreements.enums import AgreementEventKind, AgreementState
from agreements.models import Agreement, AgreementEvent
from agreements.operations.daily import look_at_the_day, mark_to_renew
from agreements.operations.refusals import NothingToSign
from core.people.models import Pupil, School, User
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

pytestmark = pytest.mark.django_db
A = AgreementState
ALL = ("pupil", "parent", "headteacher", "form_tutor")


@pytest.fixture
def world(at: datetime) -> tuple[School, User, Pupil]:
    school = make_school(preset="phone-free-agreement")
    make_user("headteacher", school)
    pupil = make_pupil(school, form=make_form(school, tutor=make_user("form_tutor", school)))
    make_contact(pupil, has_parental_responsibility=True)
    return school, make_user("office", school), pupil


def signed(school: School, office: User, at: datetime, pupil: Pupil, **fields: Any) -> Agreement:
    agreement = make_agreement(school, office, at, pupil=pupil, **fields)
    for capacity in ALL:
        sign_as(agreement, capacity, office, at)
    return agreement


def look(school: School, at: datetime) -> int:
    with scope(school=school):
        return look_at_the_day(school=school, at=at)


def state_of(agreement: Agreement) -> tuple[str, date | None]:
    with scope(school=agreement.school):
        row = Agreement.objects.get(pk=agreement.pk)
    return row.state, row.in_force_on


def test_complete_one_begins_on_its_day_and_ends_after_its_last(world: Any, at: datetime) -> None:
    """Matrix 4.13: in force on the effective date, ended after the last day; looking twice is harmless."""
    school, office, pupil = world
    first = at.date() + timedelta(days=3)
    agreement = signed(school, office, at, pupil, starts_on=first, ends_on=first + timedelta(days=1))
    assert look(school, at + timedelta(days=2)) == 0
    assert look(school, at + timedelta(days=3)) == 1
    assert state_of(agreement) == (A.IN_FORCE, first)
    assert look(school, at + timedelta(days=4)) == 0
    assert look(school, at + timedelta(days=5)) == 1
    assert look(school, at + timedelta(days=5)) == 0
    assert state_of(agreement)[0] == A.ENDED


def test_what_was_not_signed_by_its_last_day_is_withdrawn(world: Any, at: datetime) -> None:
    """Matrix 4.13: nobody is asked to sign what is over, and nothing is signed in the night before."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil, ends_on=at.date())
    sign_as(agreement, "parent", office, at)
    assert look(school, at) == 0
    with pytest.raises(NothingToSign):
        sign_as(agreement, "pupil", office, at + timedelta(days=1))
    assert look(school, at + timedelta(days=1)) == 1
    assert state_of(agreement)[0] == A.WITHDRAWN


def test_the_day_is_londons_across_the_change_of_the_clocks(world: Any) -> None:
    """In summer time the day begins at 11pm of the day before by UTC; in winter time it does not."""
    school, office, pupil = world
    begun = datetime(2027, 3, 20, 10, tzinfo=UTC)
    agreement = signed(school, office, begun, pupil, starts_on=date(2027, 3, 29), ends_on=date(2027, 10, 31))
    assert look(school, datetime(2027, 3, 28, 22, 50, tzinfo=UTC)) == 0
    assert look(school, datetime(2027, 3, 28, 23, 10, tzinfo=UTC)) == 1
    assert look(school, datetime(2027, 10, 31, 23, 10, tzinfo=UTC)) == 0
    assert look(school, datetime(2027, 11, 1, 0, 10, tzinfo=UTC)) == 1
    assert state_of(agreement)[0] == A.ENDED


@pytest.mark.parametrize("capacities", [(), ("parent",), ALL])
def test_leaving_school_withdraws_and_asks_nobody_more(world: Any, at: datetime, capacities: tuple[str, ...]) -> None:
    """Matrix 4.13: withdrawn by leaving school, whether it waits or is in force; not before the last day is over."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    for capacity in capacities:
        sign_as(agreement, capacity, office, at)
    with scope(school=school):
        pupil.left_on = at.date()
        pupil.stamp(by=office, at=at)
        pupil.save()
    assert look(school, at) == 0
    assert look(school, at + timedelta(days=1)) == 1
    assert state_of(agreement)[0] == A.WITHDRAWN
    with scope(school=school):
        assert not agreement.signatories.filter(state__in=["not_sent", "sent", "viewed"]).exists()


def test_newer_version_marks_older_ones_from_its_day(world: Any, at: datetime) -> None:
    """AGR-09: to be renewed from the effective date of a version that asks for it; the wording stays as signed."""
    school, office, pupil = world
    version = make_version(school)
    agreement = signed(school, office, at, pupil, version=version)
    effective = at.date() + timedelta(days=10)
    make_version(school, template=version.template, starts_on=at.date(), renews=False)
    make_version(school, template=version.template, starts_on=effective)
    assert look(school, at + timedelta(days=9)) == 0
    assert look(school, at + timedelta(days=10)) == 1
    assert look(school, at + timedelta(days=11)) == 0
    with scope(school=school):
        row = Agreement.objects.get(pk=agreement.pk)
        (event,) = AgreementEvent.objects.filter(agreement=row, kind=AgreementEventKind.TO_RENEW)
        changes = row.history.filter(state=A.TO_RENEW).count()
    assert (row.state, row.renew_from, row.wording_hash) == (A.TO_RENEW, effective, agreement.wording_hash)
    assert (event.from_state, event.to_state, event.by, changes) == (A.IN_FORCE, A.TO_RENEW, None, 1)


def test_marking_costs_the_same_for_three_as_for_one(
    world: Any, at: datetime, django_assert_max_num_queries: Any
) -> None:
    school, office, pupil = world
    version = make_version(school)
    others = [make_pupil(school, form=pupil.form) for _number in range(2)]
    for other in others:
        make_contact(other, has_parental_responsibility=True)
    for one in (pupil, *others):
        signed(school, office, at, one, version=version)
    newer = at + timedelta(days=1)
    make_version(school, template=version.template, starts_on=newer.date())
    with scope(school=school), django_assert_max_num_queries(20):
        assert mark_to_renew(school=school, at=newer) == 3
