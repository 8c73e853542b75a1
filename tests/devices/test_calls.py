"""Calls home on a school phone: who is rung, who dialled, and that no number is kept (DEV-26)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import CallReason, DialledBy
from devices.models import SchoolPhoneCall
from devices.operations import CallNotYetMade, NobodyNamed, log_call
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def call(pupil: Pupil, actor: User, at: datetime, **given: Any) -> SchoolPhoneCall:
    values: dict[str, Any] = {"reason": CallReason.UNWELL, "dialled_by": DialledBy.PUPIL, "called_at": at} | given
    return log_call(school=pupil.school, actor=actor, at=at, pupil=pupil, **values)


def sent(**given: Any) -> dict[str, Any]:
    local = timezone.localtime()
    return {
        "reason": "travel",
        "dialled_by": "pupil",
        "answered": "yes",
        "on": local.date().isoformat(),
        "time": local.strftime("%H:%M"),
    } | given


def test_log_call_keeps_whom_when_why_and_who_dialled(pupil: Pupil, office_user: User, at: datetime) -> None:
    """DEV-26: pupil, to whom, time, reason, dialled by pupil or adult."""
    mother = make_contact(pupil)
    found = call(pupil, office_user, at, contact=mother, answered=False, detail="Kit left at home")
    assert (found.pupil, found.contact, found.called_name) == (pupil, mother, "Dana Kovacs")
    assert (found.called_at, found.reason, found.dialled_by, found.answered) == (at, "unwell", "pupil", False)
    assert Entry.objects.filter(action="devices.log_call", object_id=found.pk, actor_id=office_user.pk).count() == 1


def test_call_has_no_field_for_a_number(db: None) -> None:
    """DEV-26: whom, not which number."""
    assert not [field.name for field in SchoolPhoneCall._meta.get_fields() if "number" in field.name]


def test_log_call_same_form_twice_is_one_call(pupil: Pupil, office_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    first, second = (call(pupil, office_user, at, called_name="Aunt", submission=key) for _ in range(2))
    assert first.pk == second.pk and SchoolPhoneCall.objects.count() == 1


def test_log_call_ahead_of_now_is_refused(pupil: Pupil, office_user: User, at: datetime) -> None:
    with pytest.raises(CallNotYetMade):
        call(pupil, office_user, at, called_name="Aunt", called_at=at + timedelta(minutes=5))


def test_log_call_of_another_pupils_contact_is_refused(pupil: Pupil, office_user: User, at: datetime) -> None:
    """ORG-13"""
    theirs = make_contact(make_pupil(pupil.school))
    with pytest.raises(NobodyNamed):
        call(pupil, office_user, at, contact=theirs)
    with pytest.raises(NobodyNamed):
        call(pupil, office_user, at, called_name=" ")


@pytest.mark.parametrize("by_name", [False, True])
def test_log_call_to_a_barred_adult_is_kept_and_the_dsl_is_told(
    pupil: Pupil, office_user: User, dsl_user: User, at: datetime, by_name: bool
) -> None:
    """ORG-13: what happened is kept; the DSL, and nobody else, is told, without a name, however they were named."""
    barred = make_contact(pupil, "Marsh", do_not_inform=True, may_collect=False)
    given = {"called_name": " dana  MARSH "} if by_name else {"contact": barred}
    assert call(pupil, office_user, at, **given).contact == barred
    notice = Notice.objects.get()
    assert notice.recipient == dsl_user
    assert not {"Amara", "Kovacs", "Marsh"} & set(f"{notice.subject} {notice.body}".split())


@pytest.mark.parametrize(
    ("preset", "rule", "dialled"),
    [
        ("group-locked-storage", "may use a school phone", "pupil"),
        ("primary-by-agreement", "an adult usually rings", "adult"),
        ("primary-online-safety", "", ""),
        ("image-and-conduct", "", ""),
        ("phone-free-agreement", "asks a member of staff for a school phone", "pupil"),
    ],
)
def test_log_call_page_expects_what_the_rule_says(
    db: None, client_for: Clients, preset: str, rule: str, dialled: str
) -> None:
    """DEV-26 under the five presets: where the rule is silent nothing is chosen beforehand."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        pupil = make_pupil(school, form=make_form(school))
        page = client_for(make_user(Role.OFFICE, school)).get(url("log-call", pupil.pk))
    assert rule in words(page)
    checked = re.findall(r'<input[^>]*name="dialled_by"[^>]*>', page.content.decode())
    chosen = [re.search(r'value="(\w+)"', field) for field in checked if "checked" in field]
    assert [found[1] for found in chosen if found] == ([dialled] if dialled else [])


def test_log_call_by_the_page_and_listed_on_its_day(pupil: Pupil, office_user: User, client_for: Clients) -> None:
    """DEV-26"""
    mother, client = make_contact(pupil, relationship="Mother"), client_for(office_user)
    found = client.post(url("calls"), {"query": "amara"})
    assert found.headers["Location"] == url("log-call", pupil.pk)
    assert "Dana Kovacs, mother" in words(client.get(found.headers["Location"]))
    assert client.post(url("log-call", pupil.pk), sent(contact=mother.pk)).status_code == 302
    assert "Kovacs, Amara" in words(client.get(url("calls"))) and "Dana Kovacs" in words(client.get(url("calls")))
    assert "No call is logged" in words(client.get(url("calls"), {"day": "2026-01-05"}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose who it was, or enter their name"),
        ({"contact": "name"}, "Enter their name"),
        ({"name": "Aunt", "time": "soon"}, "Enter a time such as 10:45"),
        ({"name": "Aunt", "reason": ""}, "Choose why"),
    ],
)
def test_log_call_page_says_what_is_missing(
    pupil: Pupil, office_user: User, client_for: Clients, given: dict[str, Any], said: str
) -> None:
    make_contact(pupil)
    page = client_for(office_user).post(url("log-call", pupil.pk), sent(**given))
    assert page.status_code == 422 and said in words(page)
    assert not SchoolPhoneCall.objects.exists()


def test_log_call_page_shows_no_contacts_to_who_may_not_see_them(
    school: School, pupil: Pupil, client_for: Clients
) -> None:
    """ORG-13: a teacher who takes devices in enters a name."""
    make_contact(pupil)
    teacher = make_user(Role.TEACHER, school)
    page = words(client_for(teacher).get(url("log-call", pupil.pk)))
    assert "Dana Kovacs" not in page and "Who was rung" in page


def test_calls_are_listed_with_their_london_day(pupil: Pupil, office_user: User, client_for: Clients) -> None:
    late = datetime(2026, 7, 6, 23, 30, tzinfo=timezone.get_current_timezone())
    with time_machine.travel(late):
        call(pupil, office_user, timezone.now(), called_name="Aunt")
        client = client_for(office_user)
        assert "Aunt" in words(client.get(url("calls"), {"day": "2026-07-06"}))
        assert "Aunt" not in words(client.get(url("calls"), {"day": "2026-07-07"}))
