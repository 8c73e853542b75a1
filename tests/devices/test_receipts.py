"""The receipt for one hand-in: what is held, and what the school says to owners on that day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import School, User
from core.rules.operations import adopt_preset
from core.rules.queries import all_presets, for_school
from devices import operations
from devices.documents import receipt_of
from devices.models import CustodyRecord, PupilDevice
from devices.words import content_advice, disclaimer, pin_advice
from tests.factories import make_school

RISK = "at its owner’s risk"


@pytest.fixture
def stay(school: School, phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    found: CustodyRecord = operations.hand_in_device(
        school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True, condition="Cracked corner"
    )
    return found


@pytest.mark.parametrize("preset", list(all_presets()))
def test_receipt_of_carries_the_disclaimer_of_the_school_s_rules(
    preset: str, stay: CustodyRecord, at: datetime
) -> None:
    """DEV-23: four policies disclaim; where the policy only has aims, the receipt says that it does not say."""
    rules = for_school(make_school(preset=preset), on=at.date())
    receipt = receipt_of(stay, rules)
    assert receipt.on_loss == disclaimer(rules)
    if preset == "image-and-conduct":
        assert RISK not in receipt.on_loss
        assert "does not say" in receipt.on_loss
        assert "does not say" in receipt.goes_back
    else:
        assert RISK in receipt.on_loss
        assert receipt.goes_back


def test_receipt_page_says_what_is_held_and_advises_the_owner(
    stay: CustodyRecord, school: School, office_user: User, client_for: Callable[[User], Client]
) -> None:
    """DEV-23, DEV-24, DEV-25: disclaimer, advice on a PIN and on content; printed without JavaScript."""
    school.address, school.phone = "1 Harbour Road", "01632 960123"
    school.save()
    shown = client_for(office_user).get(reverse("devices:receipt", args=[school.slug, stay.pk])).content.decode()
    for words in (
        "Harbour View School", "1 Harbour Road", "01632 960123", "<bdi>Amara Kovacs</bdi>, 8B", "Black phone",
        stay.device.code, "Handed in by arrangement", "23 November 2026, 8:30am", office_user.display_name,
        "Office safe, slot 1", "Cracked corner", RISK, pin_advice(), content_advice(), f"Receipt {stay.pk}.",
    ):  # fmt: skip
        assert words in shown, words
    entry = Entry.objects.get(action="devices.print_receipt")
    assert (entry.outcome, entry.object_id) == (Outcome.EXPORTED, stay.pk)


def test_receipt_keeps_the_words_of_the_day_of_the_hand_in(
    stay: CustodyRecord, school: School, headteacher_user: User, office_user: User, at: datetime,
    client_for: Callable[[User], Client],
) -> None:  # fmt: skip
    """law PH-10, ORG-16: another policy afterwards does not change what the owner was told."""
    adopt_preset(
        school=school, actor=headteacher_user, at=at + timedelta(hours=1), preset="image-and-conduct",
        effective_from=at.date(), reason="Another policy.",
    )  # fmt: skip
    school.refresh_from_db()
    assert RISK not in disclaimer(for_school(school, on=at.date()))
    shown = client_for(office_user).get(reverse("devices:receipt", args=[school.slug, stay.pk])).content.decode()
    assert RISK in shown


def test_receipt_after_the_return_says_so(stay: CustodyRecord, school: School, office_user: User, at: datetime) -> None:
    operations.return_device(school=school, actor=office_user, at=at + timedelta(hours=7, minutes=10), custody=stay)
    stay.refresh_from_db()
    receipt = receipt_of(stay, for_school(school, on=date(2026, 11, 23)))
    assert receipt.now == "Returned, 23 November 2026, 3:40pm."


def test_receipt_needs_the_desk_and_the_school(
    stay: CustodyRecord, school: School, other_school: School, governor_user: User, make_user: Callable[..., User],
    client_for: Callable[[User], Client],
) -> None:  # fmt: skip
    url = reverse("devices:receipt", args=[school.slug, stay.pk])
    assert client_for(governor_user).get(url).status_code == 403
    neighbour = make_user("office", other_school)
    assert client_for(neighbour).get(url).status_code == 404
    theirs = reverse("devices:receipt", args=[other_school.slug, stay.pk])
    assert client_for(neighbour).get(theirs).status_code == 404
