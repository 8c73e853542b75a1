"""Whether the process lives (`/healthz`) and can serve (`/readyz`); neither says anything about the school."""

from __future__ import annotations

import socket
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import KombuError


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else, so a slow database does not get the process killed."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every migration is applied, else 503.

    The broker is only reported: with it stopped the desk works and the outbox waits, so `degraded` is still 200.
    """
    database = _database()
    broker = "ok" if _broker_answers() else "degraded"
    ready = database == "ok"
    parts: dict[str, Any] = {"status": "ready" if ready else "not ready", "database": database, "broker": broker}
    return JsonResponse(parts, status=200 if ready else 503)


def _database() -> str:
    """ok, migrations missing, or unreachable."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "migrations missing" if waiting else "ok"


def _broker_answers() -> bool:
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            connect_timeout=1,
            transport_options={"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0},
        ) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
    except (KombuError, OSError, socket.gaierror):
        return False
    return True
