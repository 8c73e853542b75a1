"""The whole way of a job, with nothing pretended: a row, the bell, a real broker, a real worker, the row again."""

import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.notices.enums import MailState
from core.notices.models import OutboxEmail
from core.notices.operations import queue_email
from tests.factories import make_school

CELERY = [sys.executable, "-m", "celery", "--app", "schoolsafe"]
pytestmark = pytest.mark.real_clock

WORKER = [*CELERY, "worker", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a Valkey of our own."""
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "script" / "lib"))
    services = importlib.import_module("services")
    folder = services.temporary_folder()
    valkey = services.Valkey(folder, log=folder / "log").start()
    yield valkey.url
    valkey.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(broker: str, transactional_db: None) -> dict[str, str]:
    """What lets another process see this test's database."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": broker,
        "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test",
    }


def test_email_rung_for_is_sent_by_a_real_worker(environment: dict[str, str], tmp_path: Path) -> None:
    """House 4.7: the row first, then the bell; the worker sends it once and keeps no text."""
    school = make_school("harbour-view")
    mail = queue_email(
        school=school,
        to="office@harbour-view.example",
        subject="A notice",
        text="Open it.",
        cause="test",
        at=timezone.now(),
    )
    assert mail.state == MailState.WAITING
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            WORKER, cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        for _ in range(2):  # rung twice, sent once
            subprocess.run(
                [*CELERY, "call", "core.notices.tasks.deliver_outbox"],
                cwd=settings.BASE_DIR,
                env=environment,
                check=True,
                capture_output=True,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until and mail.state != MailState.SENT:
            time.sleep(0.2)
            mail = OutboxEmail.objects.get(pk=mail.pk)
    finally:
        worker.terminate()
        worker.wait(20)
    assert mail.state == MailState.SENT, log.read_text()
    assert mail.text == ""
    assert mail.attempts == 1
