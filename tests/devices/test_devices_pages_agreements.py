"""The headteacher's agreement that a pupil brings a device (DEV-03, BAR-S1): who decides, who may only read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.approvals.models import Approval
from core.approvals.operations import MoveNotPossible
from core.audit.models import Entry
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.models import BringAgreement
from devices.operations import agree_bring_device, end_bring_agreement
from tests.factories import make_pupil, make_school, make_user

Clients = Callable[[User], Client]


@pytest.fixture
def primary(db: None) -> Iterator[School]:
    """A school where a device comes only if the head has agreed."""
    school = make_school("barn-elms", preset="primary-by-agreement")
    with scope(school=school):
        yield school


@pytest.fixture
def noor(primary: School) -> Pupil:
    return make_pupil(primary, "Noor", "Abbas")


@pytest.fixture
def head(primary: School) -> User:
    return make_user(Role.HEADTEACHER, primary)


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["barn-elms", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def form() -> dict[str, str]:
    today = timezone.localdate()
    return {
        "reason": "Walks home alone",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=90)).isoformat(),
    }


def test_agree_bring_by_the_head_is_live_at_once(noor: Pupil, head: User, client_for: Clients) -> None:
    """DEV-03: pupil, reason, who agreed, from when to when."""
    client = client_for(head)
    assert "Not agreed" in words(client.get(url("pupil-panel", noor.pk)))
    assert client.post(url("agree-bring", noor.pk), form()).status_code == 302
    agreement = BringAgreement.objects.get()
    approval = agreement.approval
    assert (approval.pupil, approval.decided_by, agreement.reason) == (noor, head, "Walks home alone")
    page = words(client.get(url("pupil-panel", noor.pk)))
    assert "Agreed" in page and "Not agreed" not in page and f"Agreed by {head.display_name}" in page


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DSL, Role.SLT, Role.HEAD_OF_SCHOOL, Role.FORM_TUTOR])
def test_agree_bring_by_anybody_else_is_explained_refused_and_recorded(
    primary: School, noor: Pupil, head: User, client_for: Clients, role: Role
) -> None:
    """BAR-S1: only the headteacher decides."""
    person = make_user(role, primary)
    client = client_for(person)
    page = client.get(url("agree-bring", noor.pk))
    assert page.status_code == 200
    assert f"Ask {head.display_name}." in words(page) and 'name="reason"' not in page.content.decode()
    refused = client.post(url("agree-bring", noor.pk), form())
    assert refused.status_code == 422 and "this is for the headteacher to decide" in words(refused)
    assert not BringAgreement.objects.exists()
    assert Entry.objects.filter(action="devices.agree_bring", outcome="refused", actor_id=person.pk).exists()
    assert url("agree-bring", noor.pk) not in client.get(url("pupil-panel", noor.pk)).content.decode()


def test_agree_bring_that_ends_before_it_starts_keeps_what_was_typed(
    noor: Pupil, head: User, client_for: Clients
) -> None:
    today = timezone.localdate()
    response = client_for(head).post(
        url("agree-bring", noor.pk), form() | {"ends_on": (today - timedelta(days=1)).isoformat()}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("The last day must not be before the first.") == 2
    assert 'value="Walks home alone"' in page


@pytest.mark.parametrize("day", ["", "31/02/2026", "soon"])
def test_agree_bring_with_an_odd_day_is_refused_in_words(
    noor: Pupil, head: User, client_for: Clients, day: str
) -> None:
    response = client_for(head).post(url("agree-bring", noor.pk), form() | {"ends_on": day})
    assert response.status_code == 422
    assert "Enter the last day" in words(response) or "Enter a day such as" in words(response)


def test_agree_bring_where_the_rule_asks_for_none_says_so(
    school: School, pupil: Pupil, headteacher_user: User, client_for: Clients
) -> None:
    """DEV-03: the page is there for schools whose rule is prior agreement."""
    client, address = client_for(headteacher_user), reverse("devices:agree-bring", args=[school.slug, pupil.pk])
    assert "No agreement is needed" in words(client.get(address))
    assert client.post(address, form()).status_code == 422
    assert not BringAgreement.objects.exists()


@pytest.fixture
def agreement(primary: School, noor: Pupil, head: User, at: datetime) -> BringAgreement:
    return agree_bring_device(
        school=primary,
        actor=head,
        at=at,
        pupil=noor,
        reason="Bus",
        starts_on=date(2026, 9, 1),
        ends_on=timezone.localdate() + timedelta(days=200),
    )


def test_end_bring_by_the_head_ends_it_and_stays_on_record(
    agreement: BringAgreement, head: User, client_for: Clients
) -> None:
    """DEV-03"""
    client = client_for(head)
    assert client.post(url("end-bring", agreement.pk)).status_code == 422
    assert client.post(url("end-bring", agreement.pk), {"because": "Moved house"}).status_code == 302
    approval = Approval.objects.get(pk=agreement.approval_id)
    assert (approval.over_by, approval.state) == (head, "withdrawn")
    page = words(client.get(url("pupil-panel", approval.pupil_id)))
    assert "Not agreed" in page and f"Ended by {head.display_name}" in page
    assert "Ended by" in words(client.get(url("end-bring", agreement.pk)))


def test_end_bring_twice_is_refused(agreement: BringAgreement, head: User, at: datetime) -> None:
    given = {"school": agreement.school, "actor": head, "at": at, "agreement": agreement, "because": "Moved house"}
    end_bring_agreement(**given)
    with pytest.raises(MoveNotPossible):
        end_bring_agreement(**given)


def test_end_bring_by_the_office_is_refused(primary: School, agreement: BringAgreement, client_for: Clients) -> None:
    client = client_for(make_user(Role.OFFICE, primary))
    assert "Only the" in words(client.get(url("end-bring", agreement.pk)))
    assert client.post(url("end-bring", agreement.pk), {"because": "So"}).status_code == 422
    assert Approval.objects.get(pk=agreement.approval_id).over_at is None
