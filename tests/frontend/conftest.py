"""A browser and a small server for the components: no database, the real content security policy."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import override_settings

# The journeys reach the database beside Playwright's event loop; `script/test` sets this for the whole run.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture(scope="module")
def gallery_address() -> Iterator[str]:
    """The component gallery served on a free port; nothing of it touches a database."""
    settings = override_settings(
        ROOT_URLCONF="tests.frontend.urls",
        DEBUG=True,
        ALLOWED_HOSTS=["127.0.0.1"],
        MIDDLEWARE=[
            "csp.middleware.CSPMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
    )
    settings.enable()
    server = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
    settings.disable()
