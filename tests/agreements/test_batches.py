"""Issuing to many: who is chosen, one agreement each whatever happens to the worker, one email a household."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.enums import AgreementKind, AgreementState, BatchScope, BatchState
from agreements.models import Agreement, AgreementEvent, IssueBatch, Signatory
from agreements.operations import batches
from agreements.operations.batches import (
    IssueRunning,
    NobodyToIssueTo,
    NotForMany,
    NotToGoOn,
    NotToStop,
    go_on_issuing,
    issue_batch,
    issue_to_many,
    resume_batches,
    stop_issue,
)
from agreements.operations.daily import mark_to_renew
from agreements.operations.refusals import WhoSignsOpen
from agreements.queries.batches import Chosen, preview_of
from core.notices.models import OutboxEmail
from core.people.models import School, User
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

ALL = ("pupil", "parent", "headteacher", "form_tutor")
EVERYBODY = Chosen(scope=BatchScope.WHOLE_SCHOOL)


@pytest.fixture
def world(at: datetime) -> tuple[School, User]:
    school = make_school(preset="phone-free-agreement")
    make_user("headteacher", school)
    return school, make_user("office", school)


def pupils(school: School, number: int, **fields: Any) -> list[Any]:
    found = []
    for position in range(number):
        pupil = make_pupil(school, f"Pupil{position}", "Batch", **fields)
        make_contact(pupil, f"Adult{position}", email=f"adult{position}@example.org", has_parental_responsibility=True)
        found.append(pupil)
    return found


def ask(world: tuple[School, User], at: datetime, chosen: Chosen = EVERYBODY, **fields: Any) -> IssueBatch:
    school, office = world
    fields.setdefault("version", make_version(school))
    fields.setdefault("starts_on", at.date())
    with scope(school=school):
        made: IssueBatch = issue_to_many(school=school, actor=office, at=at, chosen=chosen, **fields)
    return made


def issued(school: School) -> list[Agreement]:
    with scope(school=school):
        return list(Agreement.objects.filter(school=school).select_related("pupil").order_by("pk"))


@pytest.mark.django_db
def test_each_scope_chooses_its_own(world: Any, at: datetime) -> None:
    """AGR-01: a form, a year, joiners, everybody; who has one is left out, who left is not there."""
    school, office = world
    form = make_form(school, "9C", year=9)
    inside = make_pupil(school, "Ina", form=form, year_group=9)
    ninth = make_pupil(school, "Nia", year_group=9)
    joined = make_pupil(school, "Jo", year_group=7, joined_on=at.date() - timedelta(days=3))
    make_pupil(school, "Lea", year_group=9, left_on=at.date() - timedelta(days=1))
    has_one = make_pupil(school, "Ola", year_group=9)
    version = make_version(school)
    make_agreement(school, office, at, pupil=has_one, version=version)
    choices = {
        "form": (Chosen(scope="form", form=form), {inside}),
        "year": (Chosen(scope="year", year=9), {inside, ninth}),
        "joiners": (Chosen(scope="joiners", since=at.date() - timedelta(days=7)), {joined}),
        "everybody": (EVERYBODY, {inside, ninth, joined}),
    }
    for chosen, wanted in choices.values():
        with scope(school=school):
            found = batches.pupils_to_issue_to(chosen, version.template, at.date())
            assert set(found) == wanted
            preview = preview_of(chosen, version.template, at.date())
        assert preview.pupils == preview.nobody == len(wanted)
    assert preview.have_one == 1


@pytest.mark.django_db
def test_each_gets_one_and_each_household_one_email(world: Any, at: datetime) -> None:
    """AGR-01, AGR-03: wording frozen with each one's name, who signs as the rules say, siblings in one email."""
    school, office = world
    first, second = make_pupil(school, "Ava", "Khan"), make_pupil(school, "Bo", "Khan")
    for pupil in (first, second):
        make_contact(pupil, "Khan", email="khan@example.org", has_parental_responsibility=True)
    make_contact(make_pupil(school, "Cy", "Lund"), "Lund", email="", has_parental_responsibility=True)
    with scope(school=school):
        preview = preview_of(EVERYBODY, make_version(school).template, at.date())
    assert (preview.pupils, preview.by_email, preview.on_paper, preview.nobody) == (3, 1, 1, 0)
    batch = ask(world, at)
    assert issue_batch(batch_id=batch.pk, at=at)
    assert not issue_batch(batch_id=batch.pk, at=at)
    made = issued(school)
    assert [one.wording["about"]["forename"] for one in made] == ["Ava", "Bo", "Cy"]
    assert {one.state for one in made} == {AgreementState.ISSUED}
    with scope(school=school):
        row = IssueBatch.objects.get(pk=batch.pk)
        (mail,) = OutboxEmail.objects.filter(template="signing-link")
        capacities = list(Signatory.objects.filter(agreement=made[0]).values_list("capacity", flat=True))
        states = set(Signatory.objects.filter(capacity="parent").values_list("contact__email", "state"))
        assert AgreementEvent.objects.filter(kind="issued").count() == 3
        assert made[0].history.count() == 1
    assert (row.state, row.done, row.total, row.left_out) == (BatchState.READY, 3, 3, 0)
    assert capacities == ["pupil", "parent", "headteacher", "form_tutor"]
    assert states == {("khan@example.org", "sent"), ("", "not_sent")}
    assert not any(word in mail.text for word in ("Ava", "Khan", "Bo"))


@pytest.mark.django_db
def test_renewal_reaches_those_who_have_one_to_renew(world: Any, at: datetime) -> None:
    """AGR-09: a newer version is issued to whoever signed the older, and takes its place once all have signed."""
    school, office = world
    (pupil, new) = pupils(school, 2)
    older = make_version(school)
    old = make_agreement(school, office, at, pupil=pupil, version=older)
    for capacity in ALL:
        sign_as(old, capacity, office, at)
    later = at + timedelta(days=1)
    newer = make_version(school, template=older.template, starts_on=later.date(), renews=True)
    with scope(school=school):
        assert mark_to_renew(school=school, at=later) == 1
    batch = ask(world, later, Chosen(scope=BatchScope.RENEWAL), version=newer, send=False)
    issue_batch(batch_id=batch.pk, at=later)
    (_old, fresh) = issued(school)
    assert (fresh.pupil, fresh.state) == (pupil, AgreementState.ISSUED)
    for capacity in ALL:
        sign_as(fresh, capacity, office, later)
    with scope(school=school):
        assert Agreement.objects.get(pk=old.pk).superseded_by == fresh
    assert new not in {one.pupil for one in issued(school)}


@pytest.mark.django_db
def test_refusals_say_what_is_wrong_and_issue_nothing(world: Any, at: datetime) -> None:
    """AGR-01: nobody to issue to, one text at a time, kinds about one person; stop and go on in their order."""
    school, office = world
    with pytest.raises(NobodyToIssueTo):
        ask(world, at)
    pupils(school, 1)
    with pytest.raises(NotForMany):
        ask(world, at, version=make_version(school, AgreementKind.BRING_DEVICE))
    version = make_version(school)
    batch = ask(world, at, version=version)
    with pytest.raises(IssueRunning):
        ask(world, at, version=version)
    doing = {"school": school, "actor": office, "at": at, "batch": batch}
    with scope(school=school):
        with pytest.raises(NotToGoOn):
            go_on_issuing(**doing)
        stop_issue(**doing)
        with pytest.raises(NotToStop):
            stop_issue(**doing)
    assert not issue_batch(batch_id=batch.pk, at=at)
    assert issued(school) == []
    with scope(school=school):
        go_on_issuing(**doing)
    assert issue_batch(batch_id=batch.pk, at=at)
    assert len(issued(school)) == 1


@pytest.mark.django_db
def test_where_the_rules_are_silent_a_person_says_who_signs(at: datetime) -> None:
    """Matrix 0.3, AGR-02: the rules name nobody, so a person does, with a reason, and that is who is asked."""
    school = make_school(preset="image-and-conduct")
    office = make_user("office", school)
    pupils(school, 1)
    with pytest.raises(WhoSignsOpen):
        ask((school, office), at)
    batch = ask((school, office), at, signatories=["parent"], reason="Agreed with the head, September")
    issue_batch(batch_id=batch.pk, at=at)
    with scope(school=school):
        assert [row.capacity for row in Signatory.objects.all()] == ["parent"]


@pytest.mark.django_db
def test_killed_between_steps_it_goes_on_where_it_was(
    world: Any, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies leaves whole steps: the next one issues the rest, and sends each link once."""
    school, _office = world
    pupils(school, 5)
    monkeypatch.setattr(batches, "_PUPILS", 1)
    monkeypatch.setattr(batches, "_ADULTS", 1)
    batch = ask(world, at)
    steps = 0

    def dies(*args: Any, **kwargs: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps % 2 == 0:
            raise MemoryError("killed")
        return whole(*args, **kwargs)

    for name in ("compose", "send_links"):
        whole = getattr(batches, name)
        with monkeypatch.context() as broken:
            broken.setattr(batches, name, dies)
            for _death in range(4):
                issue_batch(batch_id=batch.pk, at=at)
    assert resume_batches(at=at + timedelta(minutes=5)) == [batch.pk]
    assert issue_batch(batch_id=batch.pk, at=at)
    assert len({one.pupil_id for one in issued(school)}) == len(issued(school)) == 5
    with scope(school=school):
        assert OutboxEmail.objects.filter(template="signing-link").count() == 5


@pytest.mark.django_db
def test_three_failures_without_a_step_leave_it_to_a_person(
    world: Any, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, _office = world
    pupils(school, 1)
    batch = ask(world, at)
    with monkeypatch.context() as broken:
        broken.setattr(batches, "compose", lambda *args, **kwargs: 1 / 0)
        for _try in range(4):
            issue_batch(batch_id=batch.pk, at=at)
    with scope(school=school):
        assert IssueBatch.objects.get(pk=batch.pk).state == BatchState.FAILED
    assert issued(school) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_person_at_once_give_everybody_one(world: Any, at: datetime) -> None:
    """Two writers at once: the batch's row is held for a step, and one pending agreement is the database's rule."""
    school, office = world
    children = pupils(school, 6)
    version = make_version(school)
    batch = ask(world, at, version=version)

    def worker() -> Any:
        return issue_batch(batch_id=batch.pk, at=at)

    def person() -> Any:
        return make_agreement(school, office, at, pupil=children[3], version=version)

    at_once(school, worker, worker, person)
    issue_batch(batch_id=batch.pk, at=at + timedelta(minutes=5))
    made = issued(school)
    assert len({one.pupil_id for one in made}) == len(made) == 6
    with scope(school=school):
        assert IssueBatch.objects.get(pk=batch.pk).state == BatchState.READY


@pytest.mark.django_db
def test_one_asks_sees_what_it_would_do_and_says_yes(world: Any, at: datetime, client: Client) -> None:
    """AGR-01 through the pages: each missing answer at its field, nothing issued before the yes, the same yes once."""
    school, office = world
    form = make_form(school, "9C", year=9)
    pupils(school, 2, form=form)
    version = make_version(school)
    client.force_login(office)
    page = f"/{school.slug}/agreements/many/issue/"
    typed: dict[str, Any] = {
        "version": version.pk, "scope": "form", "starts_on": at.date().isoformat(), "parents_needed": "one",
        "submission": uuid4(),
    }  # fmt: skip
    empty = client.post(page, typed)
    assert (empty.status_code, "Choose the form" in empty.text) == (422, True)
    typed["form"] = form.pk
    shown = client.post(page, typed)
    assert "Issue 2" in shown.text
    assert issued(school) == []
    with scope(school=school):
        assert not IssueBatch.objects.exists()
    back = client.post(page, typed | {"step": "change"})
    assert 'name="scope"' in back.text
    assert back.status_code == 200
    sent = client.post(page, typed | {"step": "issue"})
    again = client.post(page, typed | {"step": "issue"})
    assert sent.status_code == again.status_code == 302
    assert sent["Location"] == again["Location"]
    assert "0 of 2" in client.get(sent["Location"]).text
    stopped = client.post(f"{sent['Location']}stop/", follow=True)
    assert "What was issued stays" in stopped.text
    client.post(f"{sent['Location']}go-on/", {"submission": uuid4()})
    with scope(school=school):
        issue_batch(batch_id=IssueBatch.objects.get().pk, at=at)
    assert "All are issued" in client.get(sent["Location"]).text
    assert len(issued(school)) == 2


@pytest.mark.django_db
def test_previewing_and_issuing_cost_the_same_for_one_and_three(world: Any, at: datetime) -> None:
    school, _office = world
    counts = []
    version = make_version(school)
    for number in (1, 2):
        pupils(school, number, year_group=6 + number)
        chosen = Chosen(scope="year", year=6 + number)
        batch = ask(world, at, chosen, version=version, send=False)
        with scope(school=school), CaptureQueriesContext(connection) as seen:
            preview_of(chosen, version.template, at.date())
            issue_batch(batch_id=batch.pk, at=at)
        counts.append(len(seen))
    assert counts[0] == counts[1]
