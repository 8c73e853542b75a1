"""Who may open which page about storage, kinds and records: by role, and never from the neighbouring school."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.people.models import Pupil, School, User
from core.people.roles import Permission, Role, permissions_of
from devices.models import PupilDevice, Slot, StoragePlace
from devices.operations import agree_bring_device
from schoolsafe.access import ACCESS
from tests.factories import make_user

Clients = Callable[[User], Client]

PAGES = (
    "storage", "add-place", "place", "change-place", "add-slots", "close-place", "slot-state", "types", "change-type",
    "device", "device-print", "change-device", "retire-device", "pupil-panel", "add-device", "agree-bring", "end-bring",
)  # fmt: skip


@pytest.fixture
def records(
    safe: StoragePlace, phone: PupilDevice, pupil: Pupil, types: dict[str, Any], headteacher_user: User, at: datetime
) -> dict[str, int]:
    """One record of each kind that an address may name."""
    bring = agree_bring_device(
        school=pupil.school,
        actor=headteacher_user,
        at=at,
        pupil=pupil,
        reason="Walks alone",
        starts_on=date(2026, 9, 1),
        ends_on=date(2027, 7, 20),
    )
    return {
        "place": safe.pk,
        "slot": Slot.objects.filter(place=safe)[0].pk,
        "device_type": types["phone"].pk,
        "device": phone.pk,
        "pupil": pupil.pk,
        "bring": bring.pk,
    }


def address(name: str, school: School, records: dict[str, int]) -> str:
    """The page's address with the records it needs."""
    from django.urls import get_resolver

    pattern = next(p for p in get_resolver("devices.urls").url_patterns if p.name == name)
    wanted = [key for key in pattern.pattern.converters if key != "school"]
    return reverse(f"devices:{name}", kwargs={"school": school.slug} | {key: records[key] for key in wanted})


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_the_roles_of_the_access_table_and_no_others(
    role: Role, school: School, records: dict[str, int], client_for: Clients
) -> None:
    """ORG-05, ORG-10"""
    client = client_for(make_user(role, school))
    granted = permissions_of(frozenset({role}), handin_point="any_staff")
    for name in PAGES:
        expected = 200 if ACCESS[f"devices:{name}"].needs in granted else 403
        assert client.get(address(name, school, records)).status_code == expected, name


def test_pages_from_the_neighbouring_school_are_not_found(
    school: School, other_school: School, records: dict[str, int], client_for: Clients
) -> None:
    """ORG-10: a record of one school does not exist in another, whoever asks."""
    neighbour = client_for(make_user(Role.HEADTEACHER, other_school))
    for name in PAGES:
        mine = address(name, school, records)
        assert neighbour.get(mine).status_code == 404, name
        theirs = mine.replace(school.slug, other_school.slug)
        if any(str(part).isdigit() for part in mine.split("/")):
            assert neighbour.get(theirs).status_code == 404, name
            assert neighbour.post(theirs, {"name": "x"}).status_code in (404, 405), name


def test_pages_signed_out_ask_to_sign_in(school: School, records: dict[str, int]) -> None:
    for name in PAGES:
        response = Client().get(address(name, school, records))
        assert response.status_code == 302 and "/account/login/" in response["Location"], name


def test_pages_have_no_place_for_a_file_or_an_unlock_code(
    school: School, records: dict[str, int], client_for: Clients
) -> None:
    """DEV-24, DEV-34: nobody can put a picture of a screen or a code on record."""
    office, head = client_for(make_user(Role.OFFICE, school)), client_for(make_user(Role.HEADTEACHER, school))
    for name in PAGES:
        client = office if ACCESS[f"devices:{name}"].needs != Permission.VIEW_PUPIL_DETAIL else head
        page = client.get(address(name, school, records)).content.decode().lower()
        assert 'type="file"' not in page, name
        assert "multipart/form-data" not in page, name
        assert 'name="pin"' not in page and 'name="unlock' not in page and 'type="password"' not in page, name


def test_forms_of_devices_have_no_file_field() -> None:
    """DEV-34"""
    import inspect

    from django import forms

    from core.kit.forms import BaseForm
    from devices.forms import agreements, desk, devices, storage

    for module in (agreements, desk, devices, storage):
        for _, form in inspect.getmembers(module, inspect.isclass):
            if issubclass(form, BaseForm):
                assert not [name for name, field in form.base_fields.items() if isinstance(field, forms.FileField)]


def test_models_of_devices_have_no_file_field() -> None:
    """DEV-34"""
    from django.apps import apps
    from django.db import models

    for model in apps.get_app_config("devices").get_models():
        assert not [field.name for field in model._meta.get_fields() if isinstance(field, models.FileField)]
