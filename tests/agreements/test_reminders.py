"""Reminders of missing signatures: three, a week apart, by day, one a household; then telephone (AGR-08, NOT-17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from agreements.models import Agreement, AgreementEvent, Signatory
from agreements.operations.links import send_links
from agreements.operations.outstanding import record_call
from agreements.operations.reminding import remind_of_signatures
from core.notices.models import Notice, OutboxEmail
from core.people.models import Pupil, School, User
from core.rules.operations import change_rule
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as, signatory_of

WEEK = timedelta(days=7)
World = tuple[School, User, Pupil]


@pytest.fixture
def world(at: datetime) -> World:
    school = make_school(preset="phone-free-agreement")
    make_user("headteacher", school)
    pupil = make_pupil(school, "Ina", "Moss", form=make_form(school, tutor=make_user("form_tutor", school)))
    make_contact(pupil, "Moss", email="moss@example.org", has_parental_responsibility=True)
    return school, make_user("office", school), pupil


def sent(world: World, at: datetime, pupil: Pupil | None = None, **fields: Any) -> Agreement:
    school, office, first = world
    agreement = make_agreement(school, office, at, pupil=pupil or first, **fields)
    with scope(school=school):
        send_links(school=school, actor=office, at=at, signatories=list(agreement.signatories.all()))
    return agreement


def remind(school: School, at: datetime) -> int:
    with scope(school=school):
        return remind_of_signatures(school=school, at=at)


def mails(school: School) -> int:
    with scope(school=school):
        return OutboxEmail.objects.filter(template="signing-link").count()


def parent(agreement: Agreement) -> Signatory:
    return signatory_of(agreement, "parent")


@pytest.mark.django_db
def test_three_reminders_a_week_apart_then_the_telephone(world: World, at: datetime, client: Client) -> None:
    """AGR-08: three and no more; then the adult is on the list to telephone until somebody has."""
    school, office, _pupil = world
    agreement = sent(world, at)
    for week in range(1, 6):
        remind(school, at + week * WEEK - timedelta(hours=1))
        assert mails(school) == min(week, 4)
        remind(school, at + week * WEEK)
        assert mails(school) == min(week + 1, 4)
    row = parent(agreement)
    assert (row.reminders, row.phone_since) == (3, at + 4 * WEEK)
    with scope(school=school):
        assert AgreementEvent.objects.filter(agreement=agreement, kind="reminded").count() == 3
    client.force_login(office)
    home = f"/{school.slug}/"
    assert "1 parent or carer to telephone" in client.get(home).text
    calls = f"/{school.slug}/agreements/outstanding/?calls=on"
    assert "Moss" in client.get(calls).text
    with scope(school=school):
        record_call(school=school, actor=office, at=at + 5 * WEEK, signatory=row, note="Signs at the gate tomorrow")
    assert "to telephone" not in client.get(home).text
    assert "Moss" not in client.get(calls).text.split("<main")[1].split("One by one")[-1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("later", "why"),
    [
        (timedelta(days=7, hours=11, minutes=30), "from 8 in the evening"),
        (timedelta(days=7, minutes=-31), "before 8 in the morning"),
        (timedelta(days=12), "on a Saturday"),
        (timedelta(days=6), "before a week is over"),
    ],
)
def test_nothing_goes_at_a_quiet_time(world: World, at: datetime, later: timedelta, why: str) -> None:
    """ux 6: families are written to by day on school days only; what is due goes when the time has come."""
    school, _office, _pupil = world
    sent(world, at)
    assert (remind(school, at + later), mails(school)) == (0, 1), why
    assert remind(school, at + timedelta(days=14)) > 0


@pytest.mark.django_db
def test_one_message_a_household_for_all_that_waits(world: World, at: datetime) -> None:
    """NOT-17: siblings and several agreements in one email; one written to lately is left in peace for a week."""
    school, _office, _pupil = world
    brother = make_pupil(school, "Olu", "Moss")
    make_contact(brother, "Moss", email="MOSS@example.org", has_parental_responsibility=True)
    version = make_version(school)
    first = sent(world, at, version=version)
    second = sent(world, at + timedelta(days=3), brother, version=version)
    before = mails(school)
    remind(school, at + WEEK)
    assert mails(school) == before
    remind(school, at + timedelta(days=10))
    assert mails(school) == before + 1
    assert [parent(one).reminders for one in (first, second)] == [1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["signs", "declines", "other parent", "barred", "left", "rule"])
def test_who_needs_no_reminder_gets_none(world: World, at: datetime, ending: str) -> None:
    """law AG-1, AG-5: who answered, is not needed, may not be told, or whose child left is not reminded."""
    school, office, pupil = world
    make_contact(pupil, "Lund", email="", has_parental_responsibility=True)
    agreement = sent(world, at)
    row = parent(agreement)
    assert row.contact is not None
    if ending == "signs":
        sign_as(agreement, "parent", office, at)
    elif ending == "declines":
        sign_as(agreement, "parent", office, at, decision="declines")
    elif ending == "other parent":
        sign_as(agreement, "parent", office, at, number=1)
    elif ending == "barred":
        row.contact.do_not_inform, row.contact.may_collect = True, False
        row.contact.save()
    elif ending == "left":
        pupil.left_on = at.date()
        pupil.save()
    else:
        with scope(school=school):
            change_rule(
                school=school, actor=make_user("headteacher", school), at=at, key="agreement_reminder_days",
                value="unspecified", effective_from=at.date(), reason="Telephone from the start",
            )  # fmt: skip
    remind(school, at + WEEK)
    assert mails(school) == 1


@pytest.mark.django_db
def test_tutor_and_who_signs_are_told_after_one_wait_and_after_two(world: World, at: datetime) -> None:
    """NOT-17: form tutor and missing signatory at 7 and 14 days; once each, whatever hour the clock looks."""
    school, _office, pupil = world
    sent(world, at)
    told = []
    for day in range(1, 22):
        for hour in (0, 2):
            remind(school, at + timedelta(days=day, hours=hour))
        with scope(school=school):
            told.append(Notice.objects.filter(kind="agreements.unsigned").count())
    # The tutor about the form; the tutor and the head about their own signature.
    assert [told[day - 1] for day in (6, 7, 13, 14, 21)] == [0, 3, 3, 6, 6]
    with scope(school=school):
        assert not any(pupil.forename in notice.subject + notice.body for notice in Notice.objects.all())


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_remind_once(world: World, at: datetime) -> None:
    school, _office, _pupil = world
    sent(world, at)
    look: Callable[[], Any] = lambda: remind_of_signatures(school=school, at=at + WEEK)  # noqa: E731  the same act twice
    at_once(school, look, look, look)
    assert mails(school) == 2
