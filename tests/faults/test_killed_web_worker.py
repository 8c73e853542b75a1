"""The real web server, its workers killed mid-request and its broker gone: nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import Client
from django_scopes import scope

from core.audit.models import Entry
from core.people.roles import Role
from devices.models import CustodyEvent, CustodyRecord
from tests.journeys.conftest import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "a" * 32


class Site:
    """gunicorn with two workers on this test's own database, with a broker that nobody answers."""

    def __init__(self, folder: Path) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = os.environ | {
            "DATABASE_URL": database,
            "REDIS_URL": f"redis+socket://{folder}/nobody.sock",
            "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test",
        }
        command = [str(Path(sys.executable).parent / "gunicorn"), "schoolsafe.wsgi:application", "--workers", "2"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self) -> None:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                if self.workers():
                    return
            time.sleep(0.1)
        raise AssertionError("gunicorn did not start")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text().split()]

    def post(self, path: str, cookie: str, **fields: str) -> int:
        """The status of a POST; 0 when the line broke before an answer."""
        head = {
            "Content-Type": "application/x-www-form-urlencoded", "Host": "localhost", "HX-Request": "true",
            "Cookie": f"csrftoken={TOKEN}; sessionid={cookie}", "X-CSRFToken": TOKEN,
        }  # fmt: skip
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("POST", path, urlencode(fields), head)
            answer = line.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.wait()
    yield site
    site.process.terminate()
    site.process.wait(15)


def test_web_workers_killed_mid_request_lose_and_double_nothing(transactional_db: None, site: Site) -> None:
    """F01, F06: a key sent until it is answered makes exactly one stay with its events and entry, without a broker."""
    world = World()
    with scope(school=world.school):
        from devices.operations import add_device
        from tests.factories import make_pupil

        numbers = []
        for _ in range(30):
            pupil = make_pupil(world.school, form=world.form)
            add_device(school=world.school, actor=None, at=world.at, pupil=pupil, type=world.kinds["phone"])
            numbers.append(pupil.admission_number)
    client = Client()
    client.force_login(world.person(Role.OFFICE), backend="core.people.backends.PeopleBackend")
    cookie = client.cookies["sessionid"].value
    acknowledged: dict[str, str] = {}
    waiting, lock = iter(numbers), threading.Lock()

    def desk() -> None:
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                return
            key = str(uuid.uuid4())
            for _ in range(60):
                status = site.post(
                    "/harbour-view/devices/arrivals/", cookie, code=number, switched_off="on", submission=key
                )
                if status == 200:
                    acknowledged[key] = number
                    break
                assert status in (0, 502, 503), f"{number} was answered {status}"
                time.sleep(0.1)

    desks = [threading.Thread(target=desk) for _ in range(3)]
    chance = random.Random(7)
    for one in desks:
        one.start()
    kills = 0
    while any(one.is_alive() for one in desks) and kills < 12:
        time.sleep(chance.uniform(0.05, 0.4))
        workers = site.workers()
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                kills += 1
    for one in desks:
        one.join(60)
    assert kills >= 3
    assert sorted(acknowledged.values()) == sorted(numbers)
    with scope(school=world.school):
        stays = CustodyRecord.objects.filter(pupil__admission_number__in=numbers)
        assert stays.count() == len(numbers)
        assert CustodyEvent.objects.filter(custody__in=stays).count() == 2 * len(numbers)
    assert Entry.objects.filter(action="devices.hand_in", submission__in=list(acknowledged)).count() == len(numbers)
