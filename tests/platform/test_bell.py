"""Ringing for the worker: never a reason for a page to fail or to wait."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings

from schoolsafe.celery import app

RING = """
import json, time
from schoolsafe.celery import app

@app.task(name="tests.platform.bell")
def ring():
    pass

seconds = []
for _ in range(2):
    began = time.monotonic()
    answer = ring.delay()
    seconds.append(time.monotonic() - began)
print(json.dumps({"answer": None if answer is None else answer.id, "seconds": seconds}))
"""


def ring(broker: str) -> dict[str, Any]:
    """What happens to a process that rings while its broker is `broker`."""
    env = {**os.environ, "REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test"}
    done = subprocess.run([sys.executable, "-c", RING], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ring_broker_there_sends_the_task() -> None:
    assert ring("memory://")["answer"]


def test_ring_nobody_there_goes_on_at_once(tmp_path: Path) -> None:
    """F06: Redis stopped."""
    found = ring(f"redis+socket://{tmp_path}/none")
    assert found["answer"] is None
    assert sum(found["seconds"]) < 2


def test_ring_hung_broker_gives_up_soon_and_is_left_alone_for_a_while() -> None:
    """A Redis that accepts the connection and then says nothing: one page waits a little, the next not at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = ring(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    assert found["answer"] is None
    first, second = found["seconds"]
    assert first < 4
    assert second < 0.1


def test_every_periodic_entry_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in current_app.tasks, name
        assert entry["options"]["expires"] > 0
