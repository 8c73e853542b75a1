"""The rules for groups and named places, as their settings page takes and refuses them (law PH-3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.people.models import School, User
from core.rules.catalogue import SECTIONS, SETTINGS
from core.rules.presets import all_presets
from core.rules.queries import for_school

TODAY = date(2026, 11, 23)
GROUPS = next(section for section in SECTIONS if section.slug == "groups")


@pytest.fixture
def admin(administrator_user: User, client_for: Callable[[User], Client], at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield client_for(administrator_user)


def _change(key: str) -> str:
    return reverse("rules:change", args=["harbour-view", key])


@pytest.mark.parametrize("slug", all_presets())
def test_no_preset_excepts_anybody(slug: str) -> None:
    """Law PH-3, PH-2: phone-free by default; a relaxation is the school's own decision."""
    preset = all_presets()[slug]
    for key in ("sixth_form_devices", "boarder_devices", "lesson_devices"):
        assert preset.value(key) in (frozenset(), "unspecified")


def test_settings_page_explains_every_rule_of_the_section(admin: Client) -> None:
    """Law PH-3"""
    page = admin.get(reverse("rules:section", args=["harbour-view", "groups"])).content.decode()
    for key in GROUPS.keys:
        assert SETTINGS[key].label.split("{")[0].strip() in page


def test_lesson_devices_page_offers_no_phone_and_refuses_one(admin: Client, school: School) -> None:
    """Law PH-3: refused on the page too, whatever a form was made to send."""
    page = admin.get(_change("lesson_devices")).content.decode()
    assert 'value="laptop"' in page and 'value="phone"' not in page
    sent = {"value": ["laptop", "phone"], "effective_from": TODAY.isoformat(), "reason": "Try."}
    refused = admin.post(_change("lesson_devices"), sent)
    assert refused.status_code == 422
    assert "never phones or the like (PH-3)" in refused.content.decode()
    assert for_school(School.objects.get(pk=school.pk), on=TODAY).lesson_devices == frozenset()


def test_barred_functions_are_changed_by_the_school(admin: Client, school: School) -> None:
    """DEV-32: what a device is not used for is the school's to say."""
    sent = {
        "value": ["camera", "recording"],
        "effective_from": TODAY.isoformat(),
        "reason": "Agreed.",
        "confirm": "yes",
    }
    page = admin.get(_change("barred_functions")).content.decode()
    key = page.split('name="submission" value="')[1].split('"')[0]
    assert admin.post(_change("barred_functions"), {**sent, "submission": key}).status_code == 302
    found = for_school(School.objects.get(pk=school.pk), on=TODAY).barred_functions
    assert found == {"camera", "recording"}
