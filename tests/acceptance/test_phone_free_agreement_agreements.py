"""Acceptance: the phone-free agreement with its four signatures, in the scenario's own words (matrix 3.5)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.models import Agreement, DocumentJob, SealedDocument
from agreements.operations.making import make_document
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_version

pytestmark = pytest.mark.django_db


def client_for(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_roc_s9_complete_only_with_four_dated_signatures(at: datetime, time_machine: Any) -> None:
    """ROC-S9 NEG. Given an agreement lacking the form tutor's signature, when status is asked, then it is not complete;
    with pupil, parent, head teacher and form tutor each dated, it is complete, the PDF shows four blocks, and the
    wording is frozen (AGR-02 to AGR-06, AGR-07)."""
    time_machine.move_to(at, tick=False)
    school = make_school("rochford-vale", preset="phone-free-agreement")
    head, tutor, office = (make_user(role, school) for role in ("headteacher", "form_tutor", "office"))
    pupil = make_pupil(school, "Lee", "Brown", form=make_form(school, "8B", tutor=tutor))
    make_contact(pupil, "Brown", forename="Dana", has_parental_responsibility=True)
    version = make_version(school)
    at_desk = client_for(office)

    issued = at_desk.post(
        reverse("agreements:issue", args=[school.slug, pupil.pk]),
        {"version": version.pk, "starts_on": at.date(), "parents_needed": "one"},
    )
    page = issued.headers["Location"]
    with scope(school=school):
        agreement = Agreement.objects.get()
        rows = {row.capacity: row for row in agreement.signatories.all()}
    assert "Not signed yet" in at_desk.get(page).content.decode()

    def signs(client: Client, name: str, capacity: str, **more: Any) -> Any:
        answer = client.post(
            reverse(f"agreements:{name}", args=[school.slug, rows[capacity].pk]),
            {"decision": "agrees", "statements": ["read"], "name": f"The {capacity}"} | more,
        )
        assert answer.status_code == 302, re.findall(r"error[^<]*<[^>]*>([^<]+)", answer.content.decode())
        return answer

    signs(at_desk, "sign-at-school", "pupil")
    signs(at_desk, "sign-on-paper", "parent", signed_on=at.date())
    signs(client_for(head), "sign-own", "headteacher")
    assert "Partly signed" in at_desk.get(page).content.decode()

    # nobody signs in the tutor's place
    url = reverse("agreements:sign-own", args=[school.slug, rows["form_tutor"].pk])
    assert client_for(head).get(url).status_code == 404
    assert client_for(make_user("form_tutor", school)).get(url).status_code == 404

    signs(client_for(tutor), "sign-own", "form_tutor")
    assert "In force" in at_desk.get(page).content.decode()
    with scope(school=school):
        assert make_document(job_id=DocumentJob.objects.get().pk, at=at)
        document = SealedDocument.objects.get()
    text = " ".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(bytes(document.content)))
    blocks = re.sub(r"\s+", " ", text.split("Signatures")[1].split("How this was signed")[0])
    for capacity in ("Pupil", "Parent or carer", "Headteacher", "Form tutor"):
        assert capacity in blocks
    assert blocks.count("Date 23 November 2026") == 4
    make_version(school, template=version.template, title="Other words")
    shown = at_desk.get(page).content.decode()
    assert "I hand in my phone as soon as I arrive." in shown
    assert "Other words" not in shown
