"""The document for own devices at home: named by a rule, kept by version, acknowledged by pupils (DEV-31)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Role
from policies.enums import DocumentKind
from policies.models import Acknowledgement, Document, DocumentVersion
from policies.operations import (
    DayAhead,
    DocumentUnnamed,
    NobodyChosen,
    VersionKnown,
    add_document,
    add_version,
    record_acknowledgement,
    record_form_acknowledgements,
)
from policies.queries import coverage_by_form, home_learning_of, version_in_force
from tests.devices.test_races import at_once
from tests.factories import make_form, make_pupil, make_school, make_user

Clients = Callable[[User], Client]

KIND = DocumentKind.HOME_LEARNING
BEGINS = date(2026, 9, 1)


def url(name: str, *args: Any) -> str:
    return reverse(f"policies:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def set_version(school: School, at: datetime, *, label: str = "2026", starts_on: date = BEGINS) -> DocumentVersion:
    return add_version(
        school=school, actor=None, at=at, kind=KIND, title="Acceptable use", label=label, starts_on=starts_on
    )


@pytest.fixture
def version(school: School, at: datetime) -> DocumentVersion:
    return set_version(school, at)


def acknowledge(pupil: Pupil, actor: User, at: datetime, version: DocumentVersion, **given: Any) -> Acknowledgement:
    values: dict[str, Any] = {"acknowledged_on": at.date(), "method": "paper"} | given
    return record_acknowledgement(school=pupil.school, actor=actor, at=at, pupil=pupil, version=version, **values)


# --- Documents and versions ---


def test_add_document_named_twice_is_one(school: School, at: datetime) -> None:
    first, second = (add_document(school=school, actor=None, at=at, kind=KIND, title=" AUP ") for _ in range(2))
    assert first.pk == second.pk and Document.objects.get().title == "AUP"
    with pytest.raises(DocumentUnnamed):
        add_document(school=school, actor=None, at=at, kind=KIND, title=" ")


def test_version_in_force_is_the_latest_that_has_begun(school: School, version: DocumentVersion, at: datetime) -> None:
    """DEV-31: a later version counts from its own first day."""
    later = set_version(school, at, label="2027", starts_on=date(2027, 1, 1))
    assert version_in_force(school, KIND, date(2026, 8, 31)) is None
    assert version_in_force(school, KIND, date(2026, 12, 31)) == version
    assert version_in_force(school, KIND, date(2027, 1, 1)) == later


@pytest.mark.parametrize(("label", "starts_on"), [("2026", date(2027, 1, 1)), ("Other", BEGINS)])
def test_add_version_of_the_same_name_or_day_is_refused(
    school: School, version: DocumentVersion, at: datetime, label: str, starts_on: date
) -> None:
    with pytest.raises(VersionKnown):
        set_version(school, at, label=label, starts_on=starts_on)
    assert DocumentVersion.objects.count() == 1


@pytest.mark.parametrize("role", [Role.OFFICE, Role.FORM_TUTOR, Role.SLT])
def test_add_version_by_who_may_not_change_rules_is_refused(school: School, at: datetime, role: Role) -> None:
    with pytest.raises(NotPermitted):
        add_version(
            school=school, actor=make_user(role, school), at=at, kind=KIND, title="AUP", label="1", starts_on=BEGINS
        )


# --- One pupil ---


def test_record_acknowledgement_keeps_day_way_and_who_wrote_it(
    pupil: Pupil, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    """DEV-31"""
    found = acknowledge(pupil, office_user, at, version, acknowledged_on=date(2026, 9, 10))
    assert (found.acknowledged_on, found.method, found.recorded_by) == (date(2026, 9, 10), "paper", office_user)
    again = acknowledge(pupil, office_user, at + timedelta(days=1), version, method="online")
    assert again.pk == found.pk and again.method == "paper"


def test_record_acknowledgement_same_form_twice_is_one(
    pupil: Pupil, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    key = uuid.uuid4()
    first, second = (acknowledge(pupil, office_user, at, version, submission=key) for _ in range(2))
    assert first.pk == second.pk and Entry.objects.filter(action="policies.acknowledge").count() == 1


@pytest.mark.parametrize("on", [date(2026, 8, 31), date(2026, 11, 24)])
def test_record_acknowledgement_before_the_version_or_ahead_is_refused(
    pupil: Pupil, office_user: User, version: DocumentVersion, at: datetime, on: date
) -> None:
    with pytest.raises(DayAhead):
        acknowledge(pupil, office_user, at, version, acknowledged_on=on)


def test_acknowledgement_twice_is_refused_by_the_database(
    pupil: Pupil, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    found = acknowledge(pupil, office_user, at, version)
    found.pk, found._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()


def test_new_version_is_not_yet_acknowledged_and_the_old_stays(
    pupil: Pupil, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    """DEV-31: by version."""
    acknowledge(pupil, office_user, at, version)
    rules = type("Rules", (), {"home_learning_document": "AUP"})()
    assert home_learning_of(pupil, rules, at.date()).acknowledged is not None
    set_version(pupil.school, at, label="2027", starts_on=date(2027, 1, 1))
    learning = home_learning_of(pupil, rules, date(2027, 1, 2))
    assert learning.version is not None and learning.version.label == "2027" and learning.acknowledged is None
    assert Acknowledgement.objects.count() == 1


# --- A whole form ---


def whole(form: FormGroup, actor: User, at: datetime, version: DocumentVersion, pupils: list[Pupil]) -> FormGroup:
    return record_form_acknowledgements(
        school=form.school, actor=actor, at=at, form=form, pupils=pupils, version=version,
        acknowledged_on=at.date(), method="in_class",
    )  # fmt: skip


def test_record_form_acknowledgements_is_one_act_with_a_history_for_each(
    form_group: FormGroup, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    """DEV-31: those known already stay as they were; nobody of another form is taken along."""
    pupils = [make_pupil(form_group.school, form=form_group) for _ in range(3)]
    stranger = make_pupil(form_group.school, form=make_form(form_group.school))
    known = acknowledge(pupils[0], office_user, at, version)
    whole(form_group, office_user, at, version, [*pupils, stranger])
    assert set(Acknowledgement.objects.values_list("pupil_id", flat=True)) == {pupil.pk for pupil in pupils}
    known.refresh_from_db()
    assert known.method == "paper" and Acknowledgement.history.count() == 3
    assert Entry.objects.filter(action="policies.acknowledge_form").get().detail["new"] == 2


def test_record_form_acknowledgements_of_nobody_is_refused(
    form_group: FormGroup, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    with pytest.raises(NobodyChosen):
        whole(form_group, office_user, at, version, [])


def test_record_form_acknowledgements_by_two_at_once_is_one_each(transactional_db: None, at: datetime) -> None:
    """The form and one pupil of it, in the same second."""
    school = make_school("harbour-view")
    with scope(school=school):
        form, office = make_form(school), make_user(Role.OFFICE, school)
        pupils = [make_pupil(school, form=form) for _ in range(5)]
        version = set_version(school, at)
    results = at_once(
        school,
        lambda: whole(form, office, at, version, pupils),
        lambda: whole(form, office, at, version, pupils),
        lambda: acknowledge(pupils[0], office, at, version),
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    with scope(school=school):
        assert Acknowledgement.objects.count() == 5


def test_coverage_by_form_counts_pupils_and_costs_the_same(
    form_group: FormGroup, office_user: User, version: DocumentVersion, at: datetime
) -> None:
    pupils = [make_pupil(form_group.school, form=form_group) for _ in range(3)]
    whole(form_group, office_user, at, version, pupils[:2])
    with CaptureQueriesContext(connection) as one:
        found = coverage_by_form(form_group.school, version, at.date())
    assert [(row.form, row.pupils, row.acknowledged, row.is_complete) for row in found] == [(form_group, 3, 2, False)]
    for _ in range(2):
        make_pupil(form_group.school, form=make_form(form_group.school))
    with CaptureQueriesContext(connection) as three:
        assert len(coverage_by_form(form_group.school, version, at.date())) == 3
    assert len(one) == len(three)


# --- The pages ---


def test_set_version_by_the_head_then_a_form_by_the_office(
    form_group: FormGroup, pupil: Pupil, headteacher_user: User, office_user: User, client_for: Clients
) -> None:
    """DEV-31: from the rule's words to the pupil's own page."""
    head, office, today = client_for(headteacher_user), client_for(office_user), timezone.localdate()
    panel = reverse("devices:pupil-panel", args=["harbour-view", pupil.pk])
    assert "No version set" in words(office.get(panel))
    given = {"title": "Acceptable use of ICT", "label": "September 2026", "starts_on": BEGINS.isoformat()}
    assert head.post(url("set-version"), given).status_code == 302
    assert "Not yet acknowledged" in words(office.get(panel))
    form = {"acknowledged_on": today.isoformat(), "how": "in_class", "pupils": [pupil.pk]}
    assert office.post(url("acknowledge-form", form_group.pk), form).status_code == 302
    page = words(office.get(url("home-learning")))
    assert "8B 1 1" in page and "September 2026" in page
    panel_page = words(office.get(panel))
    assert "governed by: " in panel_page and "Acknowledged" in panel_page
    assert "Not yet" not in panel_page
    assert "Nobody is left" in words(office.get(url("acknowledge-form", form_group.pk)))


def test_acknowledge_one_pupil_by_the_page(
    pupil: Pupil, version: DocumentVersion, office_user: User, client_for: Clients
) -> None:
    client, today = client_for(office_user), timezone.localdate()
    form = {"acknowledged_on": max(today, BEGINS).isoformat(), "how": "meeting"}
    sent = client.post(url("acknowledge", pupil.pk), form)
    assert sent.status_code == 302 and Acknowledgement.objects.get().pupil == pupil
    assert "recorded by" in words(client.get(url("acknowledge", pupil.pk)))


@pytest.mark.parametrize("name", ["acknowledge", "acknowledge-form"])
def test_acknowledge_page_says_what_is_missing(
    pupil: Pupil, version: DocumentVersion, office_user: User, client_for: Clients, name: str
) -> None:
    key = pupil.pk if name == "acknowledge" else pupil.form_id
    page = client_for(office_user).post(url(name, key), {"acknowledged_on": "soon"})
    assert page.status_code == 422
    assert "Enter a day such as" in words(page) and "Choose how" in words(page)
    assert name == "acknowledge" or "Tick who has acknowledged it" in words(page)


def test_acknowledge_without_a_version_says_so(pupil: Pupil, office_user: User, client_for: Clients) -> None:
    client = client_for(office_user)
    page = client.get(url("acknowledge", pupil.pk))
    assert page.status_code == 200 and "No version is in force" in words(page)
    assert client.post(url("acknowledge", pupil.pk), {}).status_code == 422


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("group-locked-storage", "mobile"),
        ("primary-by-agreement", "aup"),
        ("primary-online-safety", "name no document"),
        ("image-and-conduct", "name no document"),
        ("phone-free-agreement", "acceptable use"),
    ],
)
def test_pupils_record_names_the_document_under_each_preset(
    db: None, client_for: Clients, preset: str, said: str
) -> None:
    """DEV-31: the rule's own words; where it names none, that it is missing."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        pupil = make_pupil(school, form=make_form(school))
        client = client_for(make_user(Role.OFFICE, school))
        panel = reverse("devices:pupil-panel", args=["harbour-view", pupil.pk])
        assert said in words(client.get(panel)).lower()
        assert said in words(client.get(url("home-learning"))).lower()
