"""Two people at one template, the same form twice, taken out of use, and a version that asks nobody to sign again."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django_scopes import scope

from agreements.enums import VersionState
from agreements.models import AgreementTemplate, Clause, TemplateVersion
from agreements.operations.daily import mark_to_renew
from agreements.operations.refusals import NotPublished
from agreements.operations.templates import (
    DraftExists,
    NotUsedAnyMore,
    PublishedAlready,
    TitleTaken,
    retire_template,
    start_template,
    start_version,
)
from agreements.operations.templates_publishing import publish_template
from core.people.models import School, User
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as


@pytest.fixture
def doing(school: School, at: datetime) -> dict[str, Any]:
    return {"school": school, "actor": make_user("headteacher", school), "at": at}


def test_a_template_out_of_use_issues_nothing_and_what_was_signed_stands(
    school: School, doing: dict[str, Any], client_for: Any
) -> None:
    """AGR-01, AGR-09: retired once, no new version, nothing issued from that day; signed ones stay in force."""
    version, at = make_version(school), doing["at"]
    pupil, other = make_pupil(school), make_pupil(school)
    for one in (pupil, other):
        make_contact(one)
    agreement = make_agreement(school, doing["actor"], at, pupil=pupil, version=version)
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, doing["actor"], at)
    client = client_for(doing["actor"])
    client.post(reverse("agreements:retire-template", args=[school.slug, version.template_id]))
    page = client.get(reverse("agreements:templates", args=[school.slug])).content.decode()
    assert "Not used since" in page and "Write a new version" not in page
    again = client.post(reverse("agreements:start-version", args=[school.slug, version.template_id]), follow=True)
    assert "not used any more" in again.content.decode()
    template = AgreementTemplate.objects.get(pk=version.template_id)
    for act in (retire_template, start_version):
        with pytest.raises(NotUsedAnyMore):
            act(**doing, template=template)
    version = TemplateVersion.objects.select_related("template").get(pk=version.pk)
    with pytest.raises(NotPublished):
        make_agreement(school, doing["actor"], at, pupil=other, version=version)
    agreement.refresh_from_db()
    assert agreement.state == "in_force"


def test_a_version_that_does_not_renew_leaves_what_was_signed_in_force(school: School, doing: dict[str, Any]) -> None:
    """AGR-09: a spelling put right asks nobody to sign again, on its day or later; the next that renews does."""
    at, version = doing["at"], make_version(school)
    pupil = make_pupil(school)
    make_contact(pupil)
    agreement = make_agreement(school, doing["actor"], at, pupil=pupil, version=version)
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, doing["actor"], at)
    quiet = start_version(**doing, template=version.template)
    publish_template(**doing, template_version=quiet, starts_on=at.date(), renews=False)
    assert mark_to_renew(school=school, at=at + timedelta(days=400)) == 0
    agreement.refresh_from_db()
    assert agreement.state == "in_force"
    loud = start_version(**doing, template=version.template)
    publish_template(**doing, template_version=loud, starts_on=at.date())
    agreement.refresh_from_db()
    assert (agreement.state, agreement.renew_from) == ("to_renew", at.date())


def test_the_same_form_twice_is_one_template_one_version_one_point_one_publication(
    school: School, doing: dict[str, Any]
) -> None:
    """AGR-01, security 5.11: the second gets the first's answer; another key meets a refusal in words."""
    key, day = uuid4(), doing["at"].date()
    first = start_template(**doing, kind="staff", submission=key)
    assert start_template(**doing, kind="staff", submission=key).pk == first.pk
    with pytest.raises(TitleTaken):
        start_template(**doing, kind="staff", submission=uuid4())
    key = uuid4()
    publish = {**doing, "template_version": first, "version": first.version, "starts_on": day, "submission": key}
    assert publish_template(**publish).pk == publish_template(**publish).pk == first.pk
    with pytest.raises(PublishedAlready):
        publish_template(**publish | {"submission": uuid4()})
    key = uuid4()
    drafts = [start_version(**doing, template=first.template, submission=key) for _time in range(2)]
    assert drafts[0].pk == drafts[1].pk
    assert TemplateVersion.objects.count() == 2


def test_two_people_change_a_draft_and_nothing_typed_is_lost(
    school: School, doing: dict[str, Any], client_for: Any
) -> None:
    """AGR-01, ORG-09: whoever saves second sees both texts and a sentence; saved again, theirs is the newer one."""
    draft = start_template(**doing, kind="home_school")
    clause = draft.clauses.get(key="respect")
    first, second = client_for(doing["actor"]), client_for(make_user("dsl", school))
    url = reverse("agreements:edit-clause", args=[school.slug, clause.pk])
    sent = {"party": "pupil", "is_on": "on", "plain_text": "", "symbol": "", "rule": "", "version": clause.version}
    assert first.post(url, sent | {"text": "I am polite."}).status_code == 302
    late = second.post(url, sent | {"text": "I am fair."})
    page = late.content.decode()
    assert late.status_code == 422 and "Somebody else saved this" in page
    assert "I am polite." in page and "I am fair." in page
    clause.refresh_from_db()
    assert second.post(url, sent | {"text": "I am polite and fair.", "version": clause.version}).status_code == 302
    round_it = reverse("agreements:edit-version", args=[school.slug, draft.pk])
    draft.refresh_from_db()
    opened = {"title": "Our agreement", "intro": "", "sites": "", "version": draft.version}
    assert first.post(round_it, opened).status_code == 302
    late = second.post(round_it, opened | {"title": "The agreement"})
    assert late.status_code == 422 and "Our agreement" in late.content.decode()
    publish = reverse("agreements:publish-template", args=[school.slug, draft.pk])
    stale = second.post(publish, {"version": draft.version, "starts_on": doing["at"].date(), "change_note": "Mine"})
    assert stale.status_code == 422 and "Mine" in stale.content.decode()
    draft.refresh_from_db()
    assert draft.state == VersionState.DRAFT


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_or_begin_at_once_make_one(at: datetime) -> None:
    """AGR-09: one publication, one next draft, and the other is told so in words."""
    school = make_school()
    doing = {"school": school, "at": at}
    people = [make_user("headteacher", school), make_user("dsl", school)]
    with scope(school=school):
        draft = start_template(**doing, actor=people[0], kind="staff")

    def publish(actor: User) -> Any:
        return publish_template(**doing, actor=actor, template_version=draft, starts_on=at.date())

    def begin(actor: User) -> Any:
        return start_version(**doing, actor=actor, template=draft.template)

    for act, refused in ((publish, PublishedAlready), (begin, DraftExists)):
        answers = at_once(school, *(partial(act, actor) for actor in people))
        assert sorted(type(one).__name__ for one in answers) == sorted(["TemplateVersion", refused.__name__]), answers
    with scope(school=school):
        assert sorted(TemplateVersion.objects.values_list("number", "state")) == [(1, "published"), (2, "draft")]
        assert Clause.objects.filter(template_version__number=2).count() == draft.clauses.count()
