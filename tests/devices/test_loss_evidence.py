"""What is kept in case a device is lost or damaged, and what the school may say of it (law CO-3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.people.models import School, User
from core.rules.queries import all_presets, for_school
from devices import operations
from devices.documents import receipt_of
from devices.documents.wording import first_wording
from devices.enums import WORDED_KINDS, Basis, DocumentKind, LossKind, PlaceKind, PlacePurpose
from devices.models import Confiscation, CustodyEvent, CustodyRecord, PupilDevice, StoragePlace
from devices.words import disclaimer
from tests.devices.test_papers import text_of
from tests.factories import make_school

# What no paper says: that the law, or a section of it, frees the school.
_SHIELD = re.compile(r"\bliab|\blaw(ful|ful?ly)?\b|statut|section 94|s\.\s?94|\bAct\b|not responsible", re.IGNORECASE)


@pytest.fixture
def drawer(school: School, at: datetime) -> StoragePlace:
    """Where taken devices are kept, with slots."""
    return operations.add_place(
        school=school, actor=None, at=at, name="Head’s safe", kind=PlaceKind.SAFE, lockable=True,
        purpose=PlacePurpose.CONFISCATED, slots=3,
    )  # fmt: skip


def take(phone: PupilDevice, actor: User, at: datetime, **given: Any) -> CustodyRecord:
    stay: CustodyRecord = operations.taken.take_device(
        school=phone.school, actor=actor, at=at, pupil=phone.pupil, device=phone, ground="behaviour",
        because="used_in_day", seen="Typed under the desk.", where="Room 4", **given,
    )  # fmt: skip
    return stay


def test_hand_in_keeps_slot_and_condition_for_the_case_of_loss(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """Law CO-3, PH-9: an ordinary hand-in, which no shield covers: slot and condition, on record and on its receipt."""
    stay = operations.hand_in_device(
        school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True, condition="Cracked corner"
    )
    stay = CustodyRecord.objects.get(pk=stay.pk)
    assert (stay.basis, str(stay.slot), stay.condition) == (Basis.HAND_IN, "slot 1", "Cracked corner")
    assert "Cracked corner" in CustodyEvent.objects.filter(custody=stay).values_list("condition", flat=True)
    receipt = receipt_of(stay, for_school(phone.school, on=at.date()))
    assert (receipt.place, receipt.condition) == ("Office safe, slot 1", "Cracked corner")


def test_taking_keeps_slot_bag_and_condition_for_the_case_of_loss(
    phone: PupilDevice, drawer: StoragePlace, office_user: User, teacher_user: User, at: datetime
) -> None:
    """Law CO-3: a taken device: slot, sealed bag and condition, on record, in the chain and on what the family gets."""
    slot = drawer.slots.get(number=2)
    stay = CustodyRecord.objects.get(
        pk=take(phone, teacher_user, at, bag="B 17", condition="Scratched back", slot=slot).pk
    )
    assert (stay.basis, stay.slot, stay.condition) == (Basis.CONFISCATED, slot, "Scratched back")
    assert (Confiscation.objects.get(custody=stay).bag, CustodyEvent.objects.get(custody=stay).condition) == (
        "B 17", "Scratched back",
    )  # fmt: skip
    text = text_of(
        operations.taken.issue_document(
            school=stay.school, actor=office_user, at=at + timedelta(hours=1), kind=DocumentKind.RECEIPT, custody=stay
        )
    )
    for kept in ("Head’s safe, slot 2", "B 17", "Scratched back"):
        assert kept in text, kept


def test_taking_of_what_was_handed_in_keeps_both_conditions(
    phone: PupilDevice, office_user: User, teacher_user: User, at: datetime
) -> None:
    """Law CO-3, DEV-23: as it came and as it was when it was taken, each once in a claim."""
    came = operations.hand_in_device(
        school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True, condition="No marks"
    )
    stay = take(phone, teacher_user, at, condition="Cracked corner")
    later = at + timedelta(hours=1)
    report = operations.report_loss(
        school=stay.school, actor=office_user, at=later, custody=stay, kind=LossKind.DAMAGED, noticed_at=later,
        told_by="The pupil", account="The screen is broken.",
    )  # fmt: skip
    made = operations.taken.issue_document(
        school=stay.school, actor=office_user, at=later, kind=DocumentKind.CLAIM_PACK, custody=stay, loss=report
    )
    assert stay.pk == came.pk
    assert [said for _what, _when, said in made.facts["conditions"]] == ["No marks", "Cracked corner"]


def test_take_page_asks_for_the_condition_and_shows_it(
    phone: PupilDevice, school: School, teacher_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """Law CO-3: whoever takes it may write down how it looks from outside; it stands in the entry."""
    url = reverse("devices:take-from", args=[school.slug, phone.pupil_id])
    sent = {"device": str(phone.pk), "because": "used_in_day", "where": "Corridor", "ground": "behaviour",
            "condition": "Scratched back"}  # fmt: skip
    with time_machine.travel(at, tick=False):
        client = client_for(teacher_user)
        assert "Its condition" in client.get(url).content.decode()
        assert "Scratched back" in client.post(url, sent, follow=True).content.decode()


@pytest.mark.parametrize("preset", list(all_presets()))
def test_no_wording_says_that_the_law_frees_the_school(preset: str, db: None, at: datetime) -> None:
    """Law CO-3, PH-9: the shield is a lawful penalty's alone, and no desk can say that it holds: no paper claims it."""
    said = disclaimer(for_school(make_school(preset=preset), on=at.date()))
    for text in (said, *(first_wording(DocumentKind(kind)).body for kind in WORDED_KINDS)):
        assert not _SHIELD.search(text), text
    assert "ordinary duty of care" in said or "reasonable care of a device that it keeps" in said
