"""Writing and publishing templates: drafts change, what is published does not, older agreements come to be renewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_scopes import scope

from agreements.models import Clause
from agreements.operations.daily import mark_to_renew
from agreements.operations.templates import (
    ClauseRequired,
    DraftExists,
    FieldUnknown,
    PublishedAlready,
    edit_clause,
    move_clause,
    start_template,
    start_version,
)
from agreements.operations.templates_publishing import StartsTooEarly, publish_template
from agreements.queries.templates import changes_between
from core.kit.refusals import ChangedMeanwhile
from core.people.access import NotPermitted
from core.people.models import School
from tests.factories import make_contact, make_pupil, make_user
from tests.factories.agreements import make_agreement, sign_as

VALUES = {"party": "pupil", "text": "I ask first.", "plain_text": "", "symbol": "", "is_on": True, "rule": ""}


@pytest.fixture
def doing(school: School, at: datetime) -> dict[str, Any]:
    return {"school": school, "actor": make_user("headteacher", school), "at": at}


def test_a_draft_changes_and_a_published_version_does_not(school: School, doing: dict[str, Any]) -> None:
    """AGR-01, AGR-04: points are reworded and moved in a draft; published, operation and database refuse."""
    draft = start_template(**doing, kind="home_school")
    first, second = draft.clauses.all()[:2]
    with pytest.raises(NotPermitted):
        edit_clause(**doing | {"actor": make_user("teacher", school)}, clause=first, version=1, values=VALUES)
    changed = edit_clause(**doing, clause=first, version=1, values=VALUES)
    assert changed.text == "I ask first."
    with pytest.raises(ChangedMeanwhile):
        edit_clause(**doing, clause=first, version=1, values=VALUES)
    with pytest.raises(FieldUnknown):
        edit_clause(**doing, clause=second, version=1, values=VALUES | {"text": "I ask {nobody}."})
    required = draft.clauses.get(key="parents-told")
    with pytest.raises(ClauseRequired):
        edit_clause(**doing, clause=required, version=1, values=VALUES | {"is_on": False})
    move_clause(**doing, clause=second, up=True)
    assert draft.clauses.first() == second
    with pytest.raises(DraftExists):
        start_version(**doing, template=draft.template)
    with pytest.raises(StartsTooEarly):
        publish_template(**doing, template_version=draft, starts_on=doing["at"].date() - timedelta(days=1))
    publish_template(**doing, template_version=draft, starts_on=doing["at"].date())
    with pytest.raises(PublishedAlready):
        edit_clause(**doing, clause=second, version=2, values=VALUES)
    with pytest.raises(IntegrityError, match="stands as it is"), transaction.atomic():
        Clause.objects.filter(pk=second.pk).update(text="Something else")


def test_a_newer_version_marks_older_agreements_from_its_day(school: School, doing: dict[str, Any]) -> None:
    """AGR-09: not before its day; from then on what was signed is to be renewed, once, and stays readable."""
    at, office = doing["at"], make_user("office", school)
    version = start_template(**doing, kind="home_school")
    version = publish_template(**doing, template_version=version, starts_on=at.date())
    pupil = make_pupil(school)
    make_contact(pupil)
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, office, at)
    agreement.refresh_from_db()
    assert agreement.state == "in_force"
    wording = agreement.wording
    draft = start_version(**doing, template=version.template)
    clause = draft.clauses.get(key="support")
    edit_clause(**doing, clause=clause, version=1, values=VALUES | {"party": "school", "text": "We help."})
    assert [row["now"] for row in changes_between(version, draft)] == ["We help."]
    publish_template(**doing, template_version=draft, starts_on=at.date() + timedelta(days=3))
    agreement.refresh_from_db()
    assert agreement.state == "in_force"
    assert mark_to_renew(school=school, at=at + timedelta(days=3)) == 1
    assert mark_to_renew(school=school, at=at + timedelta(days=3)) == 0
    agreement.refresh_from_db()
    assert agreement.state == "to_renew" and agreement.wording == wording


def test_the_pages_lead_from_a_ready_text_to_publication(
    school: School, at: datetime, client_for: Any, headteacher_user: Any
) -> None:
    """AGR-04: begun, read, a wrong field refused in words, previewed and published, by forms alone."""
    client = client_for(headteacher_user)

    def url(name: str, *keys: int) -> str:
        return reverse(f"agreements:{name}", args=[school.slug, *keys])

    answer = client.post(url("start-template"), {"kind": "online_safety", "beginning": "ready", "title": ""})
    assert answer.status_code == 302
    with scope(school=school):
        clause = Clause.objects.select_related("template_version").filter(key="kind").get()
    draft = clause.template_version
    assert "filtered" in client.get(url("template-version", draft.pk)).content.decode()
    wrong = client.post(url("edit-clause", clause.pk), VALUES | {"text": "I am {kind}.", "version": 1})
    assert wrong.status_code == 422 and "is not a field" in wrong.content.decode()
    stale = client.post(url("edit-clause", clause.pk), VALUES | {"version": 9})
    assert stale.status_code == 422 and "I write to others" in stale.content.decode()
    assert "I am kind online." in client.get(url("preview-template", draft.pk), {"look": "plain"}).content.decode()
    data = {"version": draft.version, "starts_on": "2099-01-05", "change_note": "First", "renews": "on"}
    assert client.post(url("publish-template", draft.pk), data).status_code == 302
    assert client.post(url("edit-clause", clause.pk), VALUES | {"version": 1}).status_code == 422
    assert "from" in client.get(url("templates")).content.decode()


def test_only_the_answers_of_the_chosen_rule_are_shown(
    school: School, doing: dict[str, Any], client_for: Any, headteacher_user: Any
) -> None:
    """AGR-05: choosing a rule shows its answers with what was typed, and saves nothing; answers of another are left."""
    client, draft = client_for(headteacher_user), start_template(**doing, kind="staff", from_ready=False)
    url = reverse("agreements:add-clause", args=[school.slug, draft.pk])
    assert 'name="answers"' not in client.get(url).content.decode()
    typed = VALUES | {"rule": "release_rule", "answers": ["handin_when:morning"]}
    page = client.post(url, typed | {"step": "answers"})
    shown = page.content.decode()
    assert page.status_code == 200 and "I ask first." in shown and not draft.clauses.exists()
    assert 'value="release_rule:parent_only"' in shown and "handin_when:" not in shown
    none = client.post(url, typed)
    assert none.status_code == 422 and "Choose at which answers" in none.content.decode()
    assert client.post(url, typed | {"answers": ["release_rule:parent_only"]}).status_code == 302
    clause = draft.clauses.get()
    assert (clause.rule, clause.answers) == ("release_rule", ["parent_only"])
    page = client.get(reverse("agreements:edit-clause", args=[school.slug, clause.pk])).content.decode()
    assert 'value="release_rule:parent_only"' in page and "handin_when:" not in page
