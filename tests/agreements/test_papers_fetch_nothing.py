"""Whatever people typed, no paper of agreements opens a connection or a file that its text names (security 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django_scopes import scope

from agreements.operations.access_register import add_system, grant_access
from agreements.operations.printing import make_run, print_many
from agreements.queries.printing import content_of, to_print
from core.people.models import School
from core.people.roles import Role
from policies.operations import Wording, name_document, publish_version
from tests.agreements.test_access import acknowledge
from tests.agreements.test_papers import _WATCHED
from tests.factories import make_contact, make_form, make_pupil, make_user
from tests.factories.agreements import make_agreement

HOSTILE = '<img src="http://127.0.0.1:9/a.png"> @import url(file:///etc/passwd) <link rel=attachment href=/etc/passwd>'


@pytest.fixture
def papers(school: School, at: datetime, time_machine: Any) -> Any:
    """A client of the office, and by name how each paper is asked for; every text that goes on one is hostile."""
    time_machine.move_to(at, tick=False)
    school.address, school.motto = HOSTILE, HOSTILE
    school.save()
    office, form = make_user(Role.OFFICE, school), make_form(school, "8B")
    pupil = make_pupil(school, "<img src=x>", HOSTILE[:60], form=form)
    make_contact(pupil, HOSTILE[:60], has_parental_responsibility=True)
    document = name_document(
        school=school, actor=None, at=at, kind="acceptable_use", title=HOSTILE[:100], asked_of=["secondary", "primary"]
    )
    texts = [Wording(one, HOSTILE[:100], HOSTILE) for one in ("secondary", "primary")]
    version = publish_version(
        school=school, actor=None, at=at, document=document, label="<b>1</b>", starts_on=at.date(), texts=texts
    )
    acknowledge(pupil, office, at, version)
    system = add_system(school=school, actor=office, at=at, name=HOSTILE[:110], kind="internet")
    grant_access(school=school, actor=office, at=at, person=pupil, system=system, device=HOSTILE[:110])
    agreement = make_agreement(school, office, at, pupil=pupil, personal=[HOSTILE])
    client, manager = Client(), Client()
    client.force_login(office)
    manager.force_login(make_user(Role.DSL, school))
    images, paper = f"/{school.slug}/agreements/images/", f"/{school.slug}/agreements/"
    return {
        "to sign": lambda: client.get(f"{paper}{agreement.pk}/to-sign.pdf"),
        "consent form": lambda: client.post(f"{images}pupils/{pupil.pk}/paper/", {"kind": "consent"}),
        "withdrawal form": lambda: client.post(f"{images}pupils/{pupil.pk}/paper/", {"kind": "withdrawal"}),
        "not to show": lambda: client.post(
            f"{images}not-to-show/print/", {"form_groups": form.pk, "event": HOSTILE[:60]}
        ),
        "register": lambda: client.get(f"{paper}access/print/"),
        "slip": lambda: manager.get(
            f"/{school.slug}/policies/documents/texts/{version.texts.get(readership='secondary').pk}/print/"
        ),
    }


def watched(make: Callable[[], Any]) -> tuple[list[str], Any]:
    """What was opened while something was made, and what came of it."""
    seen: list[str] = []
    _WATCHED.append(seen)
    try:
        return seen, make()
    finally:
        _WATCHED.pop()


def words_of(content: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))


def test_every_paper_shows_addresses_as_letters_and_fetches_none(papers: Any) -> None:
    """DOC-04, DOC-06, DOC-07, DOC-29, AGR-07, security 5: 0 connections, 0 files."""
    for name, asked in papers.items():
        seen, made = watched(asked)
        assert (made.status_code, made["Content-Type"]) == (200, "application/pdf"), name
        assert seen == [], name
        assert "<img" in words_of(made.content), f"{name}: it stands there as text"
        assert "no-store" in made["Cache-Control"], name


def test_a_print_of_many_fetches_none(school: School, papers: Any, at: datetime) -> None:
    """AGR-07, security 5: what the worker makes of many, also in large print."""
    office = make_user(Role.OFFICE, school)
    with scope(school=school):
        run = print_many(school=school, actor=office, at=at, agreements=to_print(school), large=True)
        seen, was_made = watched(lambda: make_run(run_id=run.pk, at=at))
        content = content_of(run)
    assert was_made and content is not None
    assert seen == []
    assert "<img" in words_of(content)
