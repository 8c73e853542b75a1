"""Sealed text: not in the database, bound to its row, opened by keys that can be replaced (security 5.8)."""

from __future__ import annotations

import os
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.test import override_settings
from django_scopes import scope

from core.kit.sealing import SealBroken, is_current, new_key, ring, seal, unseal
from core.people.roles import Role
from incidents.models import Incident, IncidentNote
from tests.factories import make_school, make_user
from tests.factories.cases import make_case


def _connect_as(role: str) -> None:
    connection.close()
    connection.settings_dict["USER"] = role


CANARY = "the heron stood on one leg by the weir"


def test_text_comes_back_and_nothing_of_it_stands_in_the_sealed() -> None:
    sealed = seal(CANARY, about="a:1")
    assert unseal(sealed, about="a:1") == CANARY
    assert b"heron" not in sealed
    assert seal(CANARY, about="a:1") != sealed
    assert seal("", about="a:1") == b"" and unseal(b"", about="a:1") == ""


def test_sealed_text_in_another_row_or_damaged_does_not_open() -> None:
    sealed = seal(CANARY, about="a:1")
    for broken in (sealed[:-1], b"\x02" + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SealBroken):
            unseal(broken, about="a:1")
    with pytest.raises(SealBroken):
        unseal(sealed, about="a:2")


def test_keys_that_are_none_or_no_keys_stop_the_first_use() -> None:
    for written in ("", "short", "?"):
        with override_settings(SEAL_KEYS=written), pytest.raises(ImproperlyConfigured):
            ring()


@pytest.mark.django_db
def test_a_row_and_its_past_versions_hold_sealed_text_alone(at: datetime) -> None:
    """The field opens for the program; the table and its history hold none of the words."""
    school = make_school()
    with scope(school=school):
        case = make_case(school, by=make_user(Role.TEACHER, school), at=at, account=CANARY)
        case.account = f"{CANARY}, then flew"
        case.stamp(by=None, at=at)
        case.save()
        assert Incident.objects.get(pk=case.pk).account == f"{CANARY}, then flew"
        assert [past.account for past in case.history.order_by("history_id")] == [CANARY, f"{CANARY}, then flew"]
        # Never loaded, never opened.
        assert "account" not in Incident.objects.only("reference").get(pk=case.pk).__dict__
    with connection.cursor() as cursor:
        for table in ("incidents_incident", "incidents_historicalincident"):
            cursor.execute(f"SELECT account::text || t.*::text FROM {table} t")
            for (whole,) in cursor.fetchall():
                assert "heron" not in whole and b"heron".hex() not in whole


@pytest.mark.django_db(transaction=True)
def test_new_key_seals_again_what_the_old_one_sealed_even_of_facts(at: datetime) -> None:
    """Rotation: new first, old after it; `reseal`; then the old one may go."""
    school = make_school()
    with scope(school=school):
        teacher = make_user(Role.TEACHER, school)
        case = make_case(school, by=teacher, at=at, account=CANARY)
        note = IncidentNote.objects.create(school=school, incident=case, kind="added", text=CANARY, at=at, by=teacher)
    fresh = new_key()
    app_role, owner = connection.settings_dict["USER"], urlsplit(os.environ["DATABASE_OWNER_URL"]).username
    with override_settings(SEAL_KEYS=f"{fresh} {settings.SEAL_KEYS}"):
        with pytest.raises(ProgrammingError):
            call_command("reseal", verbosity=0)
        _connect_as(str(owner))
        call_command("reseal", verbosity=0)
        _connect_as(app_role)
    with override_settings(SEAL_KEYS=fresh), scope(school=school):
        assert Incident.objects.get(pk=case.pk).account == CANARY
        assert IncidentNote.objects.get(pk=note.pk).text == CANARY
        with connection.cursor() as cursor:
            cursor.execute("SELECT account FROM incidents_historicalincident")
            assert all(is_current(bytes(sealed)) for (sealed,) in cursor.fetchall())
