"""What is posted past the forms signs nothing: in another's capacity, another decision, for another school (AG-2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.enums import AgreementKind
from agreements.models import Signature
from core.people.models import School
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as, signatory_of

pytestmark = pytest.mark.django_db
SAID = {"decision": "agrees", "statements": ["read"], "name": "Robin Head"}


@pytest.fixture
def place(at: datetime, time_machine: Any) -> Any:
    time_machine.move_to(at, tick=False)
    school = make_school(preset="phone-free-agreement")
    cast = {role: make_user(role, school) for role in ("office", "headteacher", "form_tutor", "teacher", "governor")}
    pupil = make_pupil(school, form=make_form(school, tutor=cast["form_tutor"]))
    make_contact(pupil, has_parental_responsibility=True)
    return school, cast, make_agreement(school, cast["office"], at, pupil=pupil)


def sent(school: School, user: Any, way: str, key: int, **fields: Any) -> int:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"agreements:{way}", args=[school.slug, key]), SAID | fields).status_code


def test_nobody_signs_in_anothers_capacity(place: Any, at: datetime) -> None:
    """AGR-02, AG-2: each way to sign takes its own people: at school families alone, by an account its owner alone."""
    school, cast, agreement = place
    rows = {one: signatory_of(agreement, one).pk for one in ("pupil", "parent", "headteacher", "form_tutor")}
    tries = [
        *(("office", "sign-at-school", one) for one in ("headteacher", "form_tutor")),
        *(("office", "sign-own", one) for one in rows),
        *(("headteacher", "sign-own", one) for one in ("pupil", "parent", "form_tutor")),
        *(("form_tutor", "sign-own", one) for one in ("pupil", "parent", "headteacher")),
        *(
            (who, way, "parent")
            for who in ("teacher", "governor", "form_tutor")
            for way in ("sign-at-school", "sign-on-paper")
        ),
    ]
    answers = {one: sent(school, cast[one[0]], one[1], rows[one[2]], signed_on=at.date()) for one in tries}
    assert {one: status for one, status in answers.items() if status not in (403, 404)} == {}
    neighbour = make_user("office", make_school())
    assert sent(school, neighbour, "sign-at-school", rows["parent"]) == 404
    with scope(school=school):
        assert not Signature.objects.exists()


def test_what_no_form_offers_is_not_taken(place: Any, at: datetime) -> None:
    """AG-1, AG-2: a decision, a statement, a mode, a witness or a moment of one's own choosing."""
    school, cast, agreement = place
    parent = signatory_of(agreement, "parent").pk
    for wrong in ({"decision": "takes_back"}, {"decision": ""}, {"statements": ["other"]}, {"name": " "}):
        assert sent(school, cast["office"], "sign-at-school", parent, **wrong) == 422, wrong
    assert sent(school, cast["office"], "sign-on-paper", parent, signed_on="2026-11-20") == 422
    forged = {
        "mode": "account", "witness": cast["teacher"].pk, "signed_at": "2020-01-01", "signed_on": "2020-01-01",
        "wording_hash": "0" * 64, "capacity": "headteacher", "round": 9, "authentication": "By passport",
    }  # fmt: skip
    assert sent(school, cast["office"], "sign-at-school", parent, **forged) == 302
    with scope(school=school):
        kept = Signature.objects.get()
    assert (kept.mode, kept.witness, kept.signed_at, kept.signed_on) == ("desk", cast["office"], at, at.date())
    assert (kept.wording_hash, kept.capacity, kept.round) == (agreement.wording_hash, "parent", 1)
    assert kept.authentication.startswith("In person at school")


def test_what_is_over_or_signed_takes_no_more(place: Any, at: datetime) -> None:
    """AGR-02, AGR-09: neither a second time nor after it was withdrawn; the pages say why."""
    school, cast, agreement = place
    sign_as(agreement, "parent", cast["office"], at)
    assert sent(school, cast["office"], "sign-at-school", signatory_of(agreement, "parent").pk) == 422
    assert sent(school, cast["office"], "withdraw", agreement.pk, reason="A mistake.") == 302
    for way, capacity in (("sign-at-school", "pupil"), ("sign-on-paper", "parent"), ("sign-own", "headteacher")):
        who = cast["headteacher" if way == "sign-own" else "office"]
        assert sent(school, who, way, signatory_of(agreement, capacity).pk, signed_on=at.date()) in (404, 422), way
    with scope(school=school):
        assert Signature.objects.count() == 1


def test_what_staff_declare_is_opened_by_them_and_by_whoever_asks_for_it(place: Any, at: datetime) -> None:
    """SOC-21, STA-18: the list of who has declared leads somewhere, as does one's own page; a colleague finds nothing
    there."""
    school, cast, _agreement = place
    version = make_version(school, AgreementKind.ACCOUNT_MANAGER)
    declaration = make_agreement(school, cast["office"], at, user=cast["teacher"], version=version)
    page = reverse("agreements:agreement", args=[school.slug, declaration.pk])
    answers = {}
    for role, user in (cast | {"support": make_user("support", school)}).items():
        client = Client()
        client.force_login(user)
        answers[role] = client.get(page).status_code
    opened = {role for role, status in answers.items() if status == 200}
    assert opened == {"office", "headteacher", "teacher"}
    own = Client()
    own.force_login(cast["teacher"])
    assert page in own.get(reverse("agreements:mine", args=[school.slug])).content.decode()
    signatory = signatory_of(declaration, "staff").pk
    assert sent(school, cast["office"], "sign-own", signatory) == 404, "asked for is not signed for"
    assert sent(school, cast["teacher"], "sign-own", signatory) == 302
