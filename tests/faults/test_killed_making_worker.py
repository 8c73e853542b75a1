"""The real worker, killed again and again while it seals documents: each is made, whole, and once."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from agreements.enums import MakeState
from agreements.models import DocumentJob, SealedDocument
from agreements.operations import making
from core.audit.models import Entry
from core.people.models import School
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, sign_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]

# Every way to die is met in the first few; the size for a whole school is `MAKING_BATCH=400`.
BATCH = int(os.environ.get("MAKING_BATCH", "10"))
KILLS = 5
WORKER = [sys.executable, "-m", "celery", "--app", "schoolsafe", "worker", "--pool", "prefork", "--concurrency", "2"]


class Worker:
    """A worker of two processes on this test's own database, with a broker of its own."""

    def __init__(self, folder: Path, broker: str) -> None:
        database = connection.settings_dict
        url = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}"
        self.env = os.environ | {
            "DATABASE_URL": url,
            "REDIS_URL": broker,
            "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test",
        }
        self.log = folder / "worker.log"
        self.bell = Celery(broker=broker, set_as_current=False)  # whoever rings after this test has another broker
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        command = [*WORKER, "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=self.env, stdout=out, stderr=out, start_new_session=True
            )
        return self.process

    def ring(self, task: str, *arguments: Any) -> None:
        self.bell.send_task(f"agreements.tasks.{task}", arguments)

    def kill_one(self, chance: random.Random) -> None:
        """End one of its processes as the kernel ends it when memory runs out."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(chance.choice(children)), signal.SIGKILL)

    def kill(self) -> None:
        """End all of it, as when the power fails."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(15)


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "script" / "lib"))
    services = importlib.import_module("services")
    folder = services.temporary_folder()
    valkey = services.Valkey(folder, log=folder / "log").start()
    worker = Worker(tmp_path, valkey.url)
    yield worker
    worker.kill()
    valkey.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_worker_killed_five_times_makes_each_document_once(transactional_db: None, worker: Worker) -> None:
    """AGR-06, house 4.7: a batch is finished whatever dies in it, nothing is lost and nothing is made twice."""
    school = make_school("harbour-view", preset="phone-free-agreement")
    jobs = asked_for(school)
    for job in jobs:
        worker.ring("make_document", job.pk)
    chance = random.Random(7)
    for kill in range(KILLS):
        until(partial(amid, school, kill * BATCH // (KILLS + 1)), worker)
        if kill == KILLS - 1:
            worker.kill()
            worker.start()
        else:
            worker.kill_one(chance)
    with scope(school=school):
        left = DocumentJob.objects.filter(school=school, state=MakeState.MAKING)
        two_minutes_ago = timezone.now() - making.DOCUMENTS.claim - timedelta(seconds=1)
        interrupted = left.update(claimed_at=two_minutes_ago)

    def finished() -> bool:
        if count(school, MakeState.READY) < BATCH:
            worker.ring("resume_documents")
        return count(school, MakeState.READY) == BATCH

    until(finished, worker, pause=1)
    with scope(school=school):
        documents = list(SealedDocument.objects.order_by("number"))
        assert [one.number for one in documents] == list(range(1, BATCH + 1))
        for one in documents:
            assert hashlib.sha256(bytes(one.content)).hexdigest() == one.checksum
        assert len({one.seal_id for one in documents}) == 1
        again = DocumentJob.objects.filter(school=school, tries__gt=1)
        assert interrupted and again.exists(), "somebody was in the middle of one"
        for job in again:
            assert making.drawn_from(job).checksum == next(
                one.source_checksum for one in documents if one.number == job.number
            )
    sealed = Entry.objects.filter(action="agreements.seal_document").values_list("object_id", flat=True)
    assert Counter(sealed) == Counter(one.pk for one in documents)


def asked_for(school: School) -> list[DocumentJob]:
    """So many documents to make, of one agreement that everybody has signed."""
    at = timezone.now() - timedelta(minutes=5)
    office = make_user("office", school)
    make_user("headteacher", school)
    pupil = make_pupil(school, form=make_form(school, "8B", tutor=make_user("form_tutor", school)))
    make_contact(pupil, has_parental_responsibility=True)
    agreement = make_agreement(school, office, at, pupil=pupil)
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, office, at)
    with scope(school=school):
        first = DocumentJob.objects.get(agreement=agreement)
        more = [
            DocumentJob(
                school=school, agreement=agreement, kind=first.kind, number=number, snapshot=first.snapshot,
                requested_at=first.requested_at,
            )
            for number in range(2, BATCH + 1)
        ]  # fmt: skip
        return [first, *DocumentJob.objects.bulk_create(more)]


def amid(school: School, least: int) -> bool:
    """Whether one is being made now, and so many are there already."""
    return count(school, MakeState.MAKING) > 0 and count(school, MakeState.READY) >= least


def count(school: School, state: str) -> int:
    with scope(school=school):
        return int(DocumentJob.objects.filter(school=school, state=state).count())


def until(reached: Callable[[], Any], worker: Worker, *, pause: float = 0.02) -> None:
    """Wait for it, as long as a slow machine may need for the whole batch."""
    give_up = time.monotonic() + 60 + 3 * BATCH
    while not reached():
        assert time.monotonic() < give_up, worker.log.read_text()[-3000:]
        time.sleep(pause)
