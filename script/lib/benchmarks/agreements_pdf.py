"""Four hundred signed agreements drawn, sealed and kept by the worker, beside the desk that goes on meanwhile."""

from __future__ import annotations

import contextlib
import sys
import time
import uuid
from urllib.parse import urlencode

from benchmarks.stage import Load, Result, Stage, median
from services import Process, UnableToStart

PATH = "/benchmark/devices/arrivals/"
ROUNDS = 5
WORKER = ["-m", "celery", "--app", "schoolsafe", "worker", "--concurrency", "1", "--loglevel", "WARNING", "-O", "fair"]


class Press:
    """The worker as it runs in production, and how far it is."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        command = [sys.executable, *WORKER, "--without-gossip", "--without-mingle"]
        env = stage.env | {"STATEMENT_TIMEOUT": "240", "IDLE_IN_TRANSACTION_TIMEOUT": "300"}
        self.process = Process("worker", command, log=stage.folder / "log/worker.log", env=env).start()
        stage.processes.append(self.process)
        self.rung = 0

    def ring(self, number: int) -> None:
        """Ask for so many more documents."""
        self.rung += number
        self.stage.play("agreements_pdf", "ring", str(self.rung - number), str(self.rung))

    def made(self) -> int:
        assert self.stage.servers.postgres
        line = self.stage.servers.postgres.connection(user="postgres", database="schoolsafe")
        with contextlib.closing(line), line.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM agreements_documentjob WHERE state = 'ready'")
            return int(cursor.fetchone()[0])

    def wait(self) -> None:
        """Until all that was asked for is there."""
        give_up = time.monotonic() + 60 + 5 * self.rung
        while self.made() < self.rung:
            if not self.process.running or time.monotonic() > give_up:
                raise UnableToStart(f"The worker made {self.made()}:\n{self.process.last_words(30)}")
            time.sleep(0.2)

    def cpu(self) -> float:
        """Seconds of CPU of the worker's processes and of the database that serves somebody."""
        assert self.process.process
        return self.stage.cpu_of(self.process.process.pid)


def agreements_pdf(stage: Stage) -> Result:
    """CPU of a document against bare WeasyPrint and pyHanko in the same run; the desk's p95 with the worker at work."""
    stage.install()
    seed = stage.play("seed", str(stage.size(1500, 60)))
    count, batch = stage.size(400, 12), stage.size(100, 4)
    stage.play("agreements_pdf", "prepare", str(count))
    bare = [float(stage.play("agreements_pdf", "bare", str(batch // 2))["cpu_ms"])]
    press = Press(stage)
    press.ring(2)  # what is read once in a process is read
    press.wait()
    before = press.cpu()
    press.ring(count // 2)
    press.wait()
    ours = (press.cpu() - before) / (count // 2) * 1000
    bare.append(float(stage.play("agreements_pdf", "bare", str(batch // 2))["cpu_ms"]))

    server = stage.serve("schoolsafe.wsgi:application", CONN_MAX_AGE="600")
    numbers = iter(seed["numbers"])

    def desk() -> Load:
        bodies = [
            urlencode({"code": next(numbers), "switched_off": "on", "submission": str(uuid.uuid4())}).encode()
            for _ in range(batch)
        ]
        return stage.load(server, PATH, bodies, cookie=f"sessionid={seed['session']}", clients=1)

    desk()
    idle = [desk() for _ in range(ROUNDS)]
    press.ring(count - press.rung)
    busy = [desk() for _ in range(ROUNDS)]
    waiting = press.rung - press.made()
    press.wait()
    told = stage.play("agreements_pdf", "count")
    limit = median(bare)
    slow, quick = median([load.p95_ms for load in busy]), median([load.p95_ms for load in idle])
    refused = sum(number for load in idle + busy for status, number in load.statuses.items() if status != 200)
    figures = {
        "documents": float(told["documents"]),
        "a document: CPU ms": ours,
        "bare: CPU ms": limit,
        "CPU ratio": ours / limit,
        "desk alone: p95 ms": quick,
        "desk meanwhile: p95 ms": slow,
        "desk p95 ratio": slow / quick,
        "desk outlasted the worker": float(waiting <= 0),
        "not made": float(count - told["documents"]),
        "not as sealed": float(told["not_as_sealed"]),
        "refused": float(refused),
    }
    limits: dict[str, float] = {
        "CPU ratio": 1 / 0.85,
        "desk p95 ratio": 1.5,
        "desk outlasted the worker": 0,
        "not made": 0,
        "not as sealed": 0,
        "refused": 0,
    }
    notes = ["Limits: speed.md; 85 % of the bare rate is 1.18 times its CPU."]
    return Result("agreements-pdf", figures, limits, notes)
