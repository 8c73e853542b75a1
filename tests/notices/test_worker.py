"""The mailer under fire, nothing pretended: a real worker, a real Valkey on a socket, a mail server that counts."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.notices.enums import Beating, MailState
from core.notices.models import Heartbeat, OutboxEmail
from core.notices.operations import queue_email

pytestmark = pytest.mark.real_clock

DELIVER = "core.notices.tasks.deliver_outbox"
COMMAND = [sys.executable, "-m", "celery", "--app", "schoolsafe", "worker", "--concurrency", "2"]
QUIET = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]


class Session(socketserver.StreamRequestHandler):
    """One SMTP conversation. Until `accepting`, the answer to a mail waits; `dropping`, it never comes."""

    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline()) and text != b".\r\n":
                    lines.append(text)
                drop = sink.dropping
                sink.started.set()
                if not sink.accepting.wait(20) or drop:
                    return
                sink.take(b"".join(lines))
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Sink:
    """A mail server on the loopback that keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.dropping = False
        self.started, self.accepting = threading.Event(), threading.Event()
        self.accepting.set()
        self._lock = threading.Lock()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self._server.sink = self  # type: ignore[attr-defined]
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, message: bytes) -> None:
        with self._lock:
            self.taken.append(message)

    def close(self) -> None:
        self.accepting.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink()
    yield found
    found.close()


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Valkey of our own; `stop` and `start` again keep its socket."""
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "script" / "lib"))
    services = importlib.import_module("services")
    folder = services.temporary_folder()
    server = services.Valkey(folder, log=folder / "log").start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start_worker(
    valkey: Any, sink: Sink, transactional_db: None, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start real workers on this test's database, broker and mail server; each is ended with the test."""
    database = connection.settings_dict
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.development",
        "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}",
        "REDIS_URL": valkey.url,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(sink.port),
        "EMAIL_USE_TLS": "false",
        "DEBUG": "false",
    }
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"worker{len(workers)}.log").open("wb")
        worker = subprocess.Popen(
            [*COMMAND, *QUIET], cwd=settings.BASE_DIR, env=env, stdout=log, stderr=log, start_new_session=True
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the worker and the children it forked: its own session, nobody else's."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(20)


def ring(valkey: Any, task: str = DELIVER, times: int = 1) -> None:
    with Celery(broker=valkey.url, set_as_current=False) as bell:
        for _ in range(times):
            bell.send_task(task)


def queue(number: int) -> None:
    queue_email(
        school=None,
        to=f"person{number}@example.org",
        subject="1 record needs you",
        text="Open it.",
        cause=f"test:{number}",
        at=timezone.now(),
    )


def wait_for(condition: Callable[[], bool], seconds: float = 40) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def all_sent(count: int) -> Callable[[], bool]:
    return lambda: OutboxEmail.objects.filter(state=MailState.SENT).count() == count


def test_bell_rung_five_times_for_two_senders_sends_each_mail_once(
    valkey: Any, sink: Sink, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """F09: every message five times, one effect each; and both signs of life."""
    for number in range(20):
        queue(number)
    start_worker()
    ring(valkey, times=5)
    ring(valkey, "core.notices.tasks.heartbeat")
    assert wait_for(all_sent(20))
    assert wait_for(lambda: Heartbeat.objects.count() == 2)
    ring(valkey, times=5)
    assert wait_for(lambda: Heartbeat.objects.filter(name=Beating.MAILER).exists())
    assert len(sink.taken) == 20
    assert len({message.split(b"Message-ID: ")[1].split(b"\r\n")[0] for message in sink.taken}) == 20


def test_worker_killed_in_the_middle_of_a_mail_sends_it_after_all(
    valkey: Any, sink: Sink, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """F08: SIGKILL while the mail server holds the line; the row is whole, and the mail goes out once."""
    queue(1)
    sink.accepting.clear()
    sink.dropping = True
    worker = start_worker()
    ring(valkey)
    assert sink.started.wait(40)
    _kill(worker)
    row = OutboxEmail.objects.get()
    assert (row.state, row.attempts, row.text) == (MailState.WAITING, 1, "Open it.\n")
    assert row.next_try_at - timezone.now() < timedelta(minutes=2)
    sink.dropping = False
    sink.accepting.set()
    OutboxEmail.objects.update(next_try_at=timezone.now())  # the claim runs out
    start_worker()
    ring(valkey)
    assert wait_for(all_sent(1))
    assert len(sink.taken) == 1


def test_broker_away_and_back_the_outbox_drains(
    valkey: Any, sink: Sink, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """F06: writing goes on without the broker; what waited goes out when it is back."""
    start_worker()
    queue(1)
    ring(valkey)
    assert wait_for(all_sent(1))
    valkey.stop()
    queue(2)
    assert OutboxEmail.objects.filter(state=MailState.WAITING).count() == 1
    valkey.start()
    began = time.monotonic()
    while not all_sent(2)() and time.monotonic() - began < 60:  # beat rings every half minute; here, each second
        ring(valkey)
        time.sleep(1)
    assert all_sent(2)()
    assert len(sink.taken) == 2
