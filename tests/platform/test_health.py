"""The two pages that machines ask."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def test_healthz_without_signing_in_answers_ok(client: Client) -> None:
    """It asks no database: no `db` fixture here, so any statement would fail the test."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_healthz_post_refused(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_readyz_broker_there_says_ready(client: Client, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_readyz_broker_away_is_degraded_not_failed(client: Client, settings: Any, tmp_path: Path) -> None:
    """F06: the desk works without Redis, so the proxy must go on sending people here."""
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/none"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["broker"] == "degraded"


@pytest.mark.django_db
def test_readyz_broker_hung_answers_within_three_seconds(client: Client, settings: Any) -> None:
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        response = client.get("/readyz")
        assert time.monotonic() - began < 3
    assert response.json()["broker"] == "degraded"


@pytest.mark.django_db
def test_readyz_migration_missing_is_not_ready(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    applied = MigrationRecorder(connection).applied_migrations()
    latest = max(key for key in applied if key[0] == "people")
    without = {key: value for key, value in applied.items() if key != latest}
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: without)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "migrations missing"
