"""A drawn mark is lines on a paper of our own, and nothing else can come with it (AGR-07, security row 43)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.documents.agreement import snapshot_of
from agreements.documents.layout import drawn
from agreements.marks import MOST_POINTS, path_of, strokes_from
from agreements.models import Signature
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, signatory_of

WRONG = [
    "", "null", "7", "nonsense", '{"a": 1}', "[[1, 2]]", "[[[1]]]", "[[[1, 2, 3]]]", '[[["1", "2"]]]', "[[[NaN, 1]]]",
    "[[[1e999, 1]]]", '[[[1, "<script>"]]]', "[" * 50_000, f"[[[{10**400}, 1]]]", " " * 90_000,
    json.dumps([[[1, 1]] * (MOST_POINTS + 1)]), json.dumps([[[1, 1]]] * 201), "[[[true, null]]]",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_no_drawing_is_left_out(text: str) -> None:
    assert strokes_from(text) == []


def test_strokes_stay_on_the_paper_and_are_drawn_as_lines() -> None:
    strokes = strokes_from("[[[10.26, 20], [700, -5]], [], [[5, 5]]]")
    assert strokes == [[[10.3, 20.0], [600.0, 0.0]], [[5.0, 5.0]]]
    assert path_of(strokes) == "M10.3 20.0 L600.0 0.0 M5.0 5.0 L5.5 5.0"
    assert path_of(strokes).encode() in drawn(strokes)


@pytest.mark.django_db
@pytest.mark.parametrize(("sent", "kind"), [("[[[1, 2], [30, 40]]]", "drawn"), ("", "typed"), ("nonsense", "typed")])
def test_mark_drawn_at_school_stands_with_the_signature_and_in_its_document(
    sent: str, kind: str, at: datetime, time_machine: Any
) -> None:
    """AGR-07: drawn or typed before a witness; the typed name is enough, and a drawing that is none stops nobody."""
    time_machine.move_to(at, tick=False)
    school = make_school(preset="phone-free-agreement")
    office = make_user("office", school)
    pupil = make_pupil(school)
    make_contact(pupil)
    agreement = make_agreement(school, office, at, pupil=pupil)
    client = Client()
    client.force_login(office)
    page = reverse("agreements:sign-at-school", args=[school.slug, signatory_of(agreement, "parent").pk])
    assert "data-signature-pad" in client.get(page).content.decode()
    given = {"decision": "agrees", "statements": ["read"], "name": "Dana Kovacs", "mark": sent}
    assert client.post(page, given).status_code == 302
    with scope(school=school):
        signature = Signature.objects.get()
        block = snapshot_of(agreement, [signature.signatory], [signature], at=at)["blocks"][0]
    assert (signature.mark_kind, bool(signature.mark), bool(block["mark"])) == (kind, kind == "drawn", kind == "drawn")
