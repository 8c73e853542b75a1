"""Lists of devices: those kept secure by their pupils (DEV-38), those brought without a reason (DEV-37)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.models import User
from core.people.roles import Role
from devices.operations import add_device, seed_device_types
from devices.queries import kept_secure, without_reason
from tests.factories import make_form, make_pupil, make_school, make_user

Clients = Callable[[User], Client]


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def page_of(name: str, client: Client) -> str:
    return words(client.get(reverse(f"devices:{name}", args=["harbour-view"])))


@pytest.mark.parametrize(
    ("preset", "listed"),
    [
        ("group-locked-storage", ["smartwatch", "tablet"]),
        ("primary-by-agreement", []),
        ("primary-online-safety", []),
        ("image-and-conduct", []),
        ("phone-free-agreement", []),
    ],
)
def test_kept_secure_lists_what_need_not_be_handed_in(
    db: None, client_for: Clients, at: datetime, preset: str, listed: list[str]
) -> None:
    """DEV-38: under a rule of phones only, other devices are kept secure and not chased; elsewhere there are none."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        pupil = make_pupil(school, "Amara", "Kovacs", form=make_form(school))
        for key in ("phone", "tablet", "smartwatch", "earphones"):
            add_device(school=school, actor=None, at=at, pupil=pupil, type=types[key])
        assert sorted(device.type.key for device in kept_secure(school, at.date())) == listed
        page = page_of("kept-secure", client_for(make_user(Role.OFFICE, school)))
    assert ("Kovacs, Amara" in page) == bool(listed)


@pytest.mark.parametrize(
    ("preset", "listed"),
    [("primary-online-safety", True), ("primary-by-agreement", False), ("image-and-conduct", False)],
)
def test_without_reason_lists_devices_where_the_rule_asks_for_one(
    db: None, client_for: Clients, at: datetime, preset: str, listed: bool
) -> None:
    """DEV-37: travel, walking alone, medical or other is recorded; who has none is listed with the way to mend it."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        bus, none = make_pupil(school, "Amara", "Kovacs"), make_pupil(school, "Noor", "Abbas")
        add_device(school=school, actor=None, at=at, pupil=bus, type=types["phone"], bring_reason="travel")
        device = add_device(school=school, actor=None, at=at, pupil=none, type=types["phone"])
        client = client_for(make_user(Role.OFFICE, school))
        page = page_of("without-reason", client)
        assert ("Abbas, Noor" in page) == listed and "Kovacs, Amara" not in page
        if listed:
            assert list(without_reason(school, at.date())) == [device]
            panels = [reverse("devices:pupil-panel", args=["harbour-view", pupil.pk]) for pupil in (bus, none)]
            assert "Travels by bus or train" in words(client.get(panels[0]))
            assert "No reason recorded" in words(client.get(panels[1]))
