"""Under every preset: the office issues its usual text, the parent gets a link, reads, signs, prints, has a copy."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from agreements.enums import AgreementKind
from agreements.models import Agreement, DocumentJob, LinkItem, Signature
from agreements.operations.making import make_document
from agreements.operations.templates import start_template
from agreements.operations.templates_publishing import publish_template
from agreements.wording import statements_for
from core.audit.models import Entry
from core.notices.models import OutboxEmail
from core.people.models import School
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import sign_as

pytestmark = pytest.mark.django_db
K = AgreementKind
USUAL = {
    "group-locked-storage": (K.EXCEPTIONAL_USE, "in_force", ""),
    "primary-by-agreement": (K.BRING_DEVICE, "in_force", ""),
    "primary-online-safety": (K.ONLINE_SAFETY, "partly_signed", "filter"),
    "image-and-conduct": (K.IMAGE_CONSENT, "in_force", "brought back"),
    "phone-free-agreement": (K.HOME_SCHOOL, "partly_signed", "parents"),
}


class Issued:
    """An agreement that the office issued through its page, and the visit of the parent who opened the link."""

    def __init__(self, preset: str, kind: AgreementKind, at: datetime) -> None:
        cache.clear()
        self.school: School = make_school(preset=preset)
        head, self.office = make_user("headteacher", self.school), make_user("office", self.school)
        form = make_form(self.school, tutor=make_user("form_tutor", self.school))
        self.pupil = make_pupil(self.school, forename="Lee", form=form)
        contact = make_contact(self.pupil, "Moor", forename="Jo", email="jo@example.org")
        with scope(school=self.school):
            contact.has_parental_responsibility = True
            contact.save()
            version = start_template(school=self.school, actor=head, at=at, kind=kind)
            publish_template(school=self.school, actor=head, at=at, template_version=version, starts_on=at.date())
        desk = Client()
        desk.force_login(self.office)
        fields = {
            "version": version.pk, "starts_on": at.date(), "parents_needed": "one", "send": "on",
            "signatories": ["parent"], "reason": "The head says so.",
        }  # fmt: skip
        self.page = reverse("agreements:issue", args=[self.school.slug, self.pupil.pk])
        answer = desk.post(self.page, fields)
        assert answer.status_code == 302, re.findall(r"error[^<]*<", answer.content.decode())
        mail = OutboxEmail.objects.get(template="signing-link")
        found = re.search(r"https?://[^/]+(\S+)", mail.text)
        assert found is not None
        self.parent = Client()
        assert self.parent.get(found[1]).status_code == 302
        with scope(school=self.school):
            self.item = LinkItem.objects.select_related("signatory__agreement").get()

    def path(self, rest: str) -> str:
        return f"/{self.school.slug}/agreements/sign/{self.item.pk}/{rest}"

    def shown(self, rest: str) -> str:
        answer = self.parent.get(self.path(rest))
        assert answer.status_code == 200
        return str(answer.content.decode())

    def agreement(self) -> Agreement:
        with scope(school=self.school):
            return Agreement.objects.get()

    def sign(self) -> None:
        """All that is asked is ticked and answered; typed, checked, sent."""
        wording = self.agreement().wording
        given: dict[str, Any] = {"decision": "agrees", "name": "Jo Moor"}
        given["statements"] = [one["key"] for one in statements_for(wording, "parent")]
        given |= {f"use_{one['key']}": "no" for one in wording["purposes"]}
        assert self.parent.post(self.path(""), given).status_code == 302
        assert self.parent.post(self.path("check/"))["Location"] == self.path("sent/")

    def make_copy(self) -> None:
        with scope(school=self.school):
            job = DocumentJob.objects.latest("number")
        make_document(job_id=job.pk, at=timezone.now())


@pytest.mark.parametrize(("preset", "usual"), USUAL.items(), ids=list(USUAL))
def test_usual_text_is_issued_sent_read_printed_and_signed(preset: str, usual: tuple[K, str, str]) -> None:
    """AGR-05, AGR-07, AGR-21, AGR-23, AGR-24, CON-01, under every preset: page, link, page, signature; what is read is
    what was frozen; printed, in large print too, it says the same; who did not sign loses nothing."""
    kind, state, word = usual
    issued = Issued(preset, kind, timezone.now())
    read, printed = issued.shown(""), issued.shown("print/?large=1")
    assert word in read.casefold()
    for group in issued.agreement().wording["groups"]:
        for clause in group["clauses"]:
            assert clause["text"].replace("'", "&#x27;") in printed, clause["key"]
    assert "sign-large" in printed
    assert "sign-large" not in issued.shown("print/")
    assert "Not signing changes nothing" in read
    if kind == K.ONLINE_SAFETY:
        assert "I have talked it through with Lee." in read
    issued.sign()
    assert issued.agreement().state == state
    with scope(school=issued.school):
        (signature,) = Signature.objects.all()
        assert (signature.mode, signature.wording_hash) == ("link", issued.agreement().wording_hash)
    assert "Save your copy" not in issued.shown("sent/"), "nobody has made it yet"
    assert issued.parent.get(issued.path("copy/")).status_code == 404


def test_sealed_copy_is_to_be_had_in_the_visit_once_it_is_made() -> None:
    """AGR-06, AGR-07, security 5.3: only in this visit, only its own, and that it was taken is on record."""
    issued = Issued("image-and-conduct", K.IMAGE_CONSENT, timezone.now())
    issued.sign()
    issued.make_copy()
    assert "Save your copy" in issued.shown("sent/")
    copy = issued.parent.get(issued.path("copy/"))
    assert (copy.status_code, copy["Content-Type"], copy["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert copy.content.startswith(b"%PDF")
    assert "Moor" not in copy["Content-Disposition"]
    assert Entry.objects.filter(action="agreements.open_document", actor_id=None).count() == 1
    assert Client().get(issued.path("copy/")).status_code == 404


def test_sealed_copy_with_another_parent_on_it_is_not_handed_out() -> None:
    """Law AG-5: each sees nothing of the other; the office gives a copy."""
    at = timezone.now()
    issued = Issued("image-and-conduct", K.IMAGE_CONSENT, at)
    desk = Client()
    desk.force_login(issued.office)
    other = make_contact(issued.pupil, "Dale", forename="Kit", has_parental_responsibility=True)
    asked = reverse("agreements:ask-also", args=[issued.school.slug, issued.agreement().pk])
    assert desk.post(asked, {"contact": other.pk}).status_code == 302
    issued.sign()
    sign_as(issued.agreement(), "parent", issued.office, at, number=1, decision="declines")
    issued.make_copy()
    assert "Save your copy" not in issued.shown("sent/")
    assert issued.parent.get(issued.path("copy/")).status_code == 404
