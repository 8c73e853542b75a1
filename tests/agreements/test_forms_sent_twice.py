"""The same form sent twice, at the same instant and once more later, is one act: for each form of agreements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django_scopes import scope

from agreements.enums import AgreementKind
from agreements.operations.access_register import suspend_access
from agreements.operations.asking import ask_also
from agreements.operations.conduct import advise, declare_relationship
from agreements.operations.consent_giving import record_consent, withdraw_consent
from agreements.operations.disclosures import ask_disclosure, decide_disclosure
from agreements.operations.ending import end_agreement, follow_up
from agreements.operations.issuing import issue_agreement
from agreements.operations.promises import promise
from core.audit.models import Entry
from tests.agreements.racing import World
from tests.devices.test_races import at_once
from tests.factories import make_contact
from tests.factories.agreements import make_agreement, make_version, sign_as
from tests.factories.consents import parent_says

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(at: datetime) -> Iterator[World]:
    made = World(at)
    with scope(school=made.school):
        yield made


def same_key(world: World) -> dict[str, Callable[[Any], Any]]:
    """Forms that may be sent twice: what each does with a submission key."""
    pupil, contact, other = world.family()
    office, head = world.by("office"), world.by("headteacher")
    agreement, standing = world.agreement(), world.agreement("pupil", "parent", "headteacher", "form_tutor")
    extra = make_contact(pupil, "Third", forename="Bo")
    asking = make_agreement(world.school, world.office, world.at, pupil=pupil, version=world.version)
    bring = make_version(world.school, AgreementKind.BRING_DEVICE)
    consent = parent_says(pupil, world.office, world.at, ["print", "website"], contact=other)
    grant, row, request = world.access(), world.declaration("dsl"), world.request()
    said = {
        "context": "devices",
        "nature": "family",
        "parties": "A cousin",
        "since": "2019",
        "circumstances": "A chat.",
    }
    tomorrow = world.today + timedelta(days=1)
    return {
        "promise": lambda key: promise(
            **office, pupil=pupil, text="A quiet room", starts_on=world.today, submission=key
        ),
        "declare": lambda key: declare_relationship(**world.by("teacher"), **said, submission=key),
        "advise": lambda key: advise(**world.by("dsl"), declaration=row, advice="Be open.", submission=key),
        "ask a password": lambda key: ask_disclosure(
            **head, holder=world.cast["teacher"], system="Drive", reason="Cover", reset_by=tomorrow, submission=key
        ),
        "decide a password": lambda key: decide_disclosure(
            **world.by("systems_manager"), disclosure=request, allow=True, submission=key
        ),
        "authorise": lambda key: world.authorisation(submission=key),
        "record a consent": lambda key: record_consent(
            **office, pupil=pupil, contact=contact, mode="desk", said_by="Dana", purposes=["print"], submission=key
        ),
        "withdraw a consent": lambda key: withdraw_consent(
            **office, consent=consent, mode="desk", said_by="Ada", purposes=["website"], submission=key
        ),
        "suspend": lambda key: suspend_access(**office, grant=grant, reason="A pause", submission=key),
        # of a kind that a pupil may have several of: the key alone keeps it one
        "issue": lambda key: issue_agreement(
            **office, version=bring, pupil=pupil, starts_on=world.today, submission=key
        ),
        "sign": lambda key: sign_as(agreement, "parent", world.office, world.at, submission=key),
        "follow up": lambda key: follow_up(**office, agreement=agreement, note="Rang home.", submission=key),
        "ask another": lambda key: ask_also(**office, agreement=asking, contact=extra, submission=key),
        "end": lambda key: end_agreement(**office, agreement=standing, reason="Over.", submission=key),
    }


def test_the_same_form_sent_twice_is_one_act(world: World) -> None:
    """House 4.4, for each form of the room: at the same instant and once more later, one entry and one answer."""
    for name, act in same_key(world).items():
        key = uuid4()
        first, second = at_once(world.school, lambda act=act, key=key: act(key), lambda act=act, key=key: act(key))
        third = act(key)
        assert not isinstance(first, Exception) and not isinstance(second, Exception), (name, first, second)
        assert first.pk == second.pk == third.pk, name
        assert Entry.objects.filter(submission=key).count() == 1, name
