"""Where benchmarks play: a private durable PostgreSQL, seeded schools, gunicorn, clients, and the CPU they cost."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services import APP, OWNER, ROOT, PrivateServers, Process, UnableToStart

TICKS = os.sysconf("SC_CLK_TCK")
TOKEN = "a" * 32


@dataclass
class Result:
    """Figures of one benchmark, with the limits some of them are held to (a figure must not exceed its limit)."""

    name: str
    figures: dict[str, float]
    limits: dict[str, float]
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return all(self.figures[name] <= limit for name, limit in self.limits.items())


@dataclass
class Load:
    """What a run of requests cost: milliseconds of CPU for each (web and database), and how long each took."""

    cpu_ms: float
    seconds: list[float]
    statuses: dict[int, int]

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1] * 1000 if len(self.seconds) > 1 else 0.0


class Server:
    """A gunicorn of two workers on the loopback address."""

    def __init__(self, process: Process, port: int) -> None:
        self.process, self.port = process, port

    def pids(self) -> list[int]:
        assert self.process.process
        return _family(self.process.process.pid)


class Stage:
    """Everything a benchmark needs, started when asked for and gone at the end."""

    def __init__(self, folder: Path, *, small: bool) -> None:
        self.folder, self.small = folder, small
        self.servers = PrivateServers(folder, durable=True)
        self.processes: list[Process] = []

    def __enter__(self) -> Stage:
        self.servers.__enter__()
        self.env = self.servers.environment() | {
            "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.base",  # what production stands on, less its certificates
            "SECRET_KEY": "for-the-benchmark-only-0123456789-0123456789-0123456789",
            "SEAL_KEYS": "Zm9yLXRoZS1iZW5jaG1hcmstb25seS1uZXZlci1yZWE=",
            "ALLOWED_HOSTS": "*",
            "SITE_ADDRESS": "http://localhost",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'script/lib'}",
        }
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.stop(wait=5)
        self.servers.stop()

    def size(self, full: int, small: int) -> int:
        return small if self.small else full

    def manage(self, *arguments: str, owner: bool = False) -> None:
        """Run a management command of the product against this stage's database."""
        env = self.env | ({"DATABASE_URL": self.env["DATABASE_OWNER_URL"]} if owner else {})
        self._run([sys.executable, "manage.py", *arguments], env)

    def play(self, script: str, *arguments: str) -> dict[str, Any]:
        """Run a scene (a module of `benchmarks.scenes`) inside Django; it prints one JSON object."""
        command = [sys.executable, "-m", f"benchmarks.scenes.{script}", *arguments]
        return json.loads(self._run(command, self.env).splitlines()[-1])

    def _run(self, command: list[str], env: dict[str, str]) -> str:
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise UnableToStart(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    def install(self) -> None:
        """Migrate and grant, as the owner."""
        self.manage("install_database", owner=True)

    def sql(self, statement: str, *, user: str = "postgres") -> None:
        """Statements by the cluster's superuser, each in a transaction of its own, for seeding and resetting alone."""
        assert self.servers.postgres
        connection = self.servers.postgres.connection(user=user, database="schoolsafe")
        with contextlib.closing(connection), connection.cursor() as cursor:
            for one in statement.split(";\n"):
                if one.strip():
                    cursor.execute(one)

    def serve(self, application: str, **env: str) -> Server:
        """Start gunicorn as production does: two workers, DEBUG off."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(Path(sys.executable).parent / "gunicorn"), application, "--workers", "2", "--preload"]
        command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
        process = Process(application, command, log=self.folder / f"log/{port}.log", env=self.env | env).start()
        self.processes.append(process)
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                return Server(process, port)
            if not process.running:
                break
            time.sleep(0.1)
        raise UnableToStart(f"{application} did not answer:\n{process.last_words(30)}")

    def load(self, server: Server, path: str | list[str], bodies: list[bytes], *, cookie: str, clients: int) -> Load:
        """Send each body once, `clients` at a time, and account for the CPU of the web and database processes.

        `path` is one address for all, or one for each body.
        """
        assert self.servers.postgres and self.servers.postgres.process and self.servers.postgres.process.process
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={TOKEN}; {cookie}",
            "X-CSRFToken": TOKEN,
            "HX-Request": "true",
            "Host": "localhost",
        }
        paths = [path] * len(bodies) if isinstance(path, str) else path
        waiting, lock = iter(zip(paths, bodies, strict=True)), threading.Lock()
        seconds: list[float] = []
        statuses: dict[int, int] = {}

        def work() -> None:
            while True:
                with lock:
                    address, body = next(waiting, ("", b""))
                if not address:
                    return
                begun = time.perf_counter()
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                connection.request("POST", address, body, head)
                answer = connection.getresponse()
                answer.read()
                connection.close()
                took = time.perf_counter() - begun
                with lock:
                    seconds.append(took)
                    statuses[answer.status] = statuses.get(answer.status, 0) + 1

        postmaster = self.servers.postgres.process.process.pid
        before = _cpu(server.pids()) | _cpu(_backends(postmaster))
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = _cpu(server.pids()) | _cpu(_backends(postmaster))
        spent = sum(used - before.get(pid, 0.0) for pid, used in after.items())
        return Load(spent / len(bodies) * 1000, seconds, statuses)

    def cpu_of(self, pid: int) -> float:
        """Seconds of CPU that a process, its children and the database processes that serve somebody have used."""
        assert self.servers.postgres and self.servers.postgres.process and self.servers.postgres.process.process
        postmaster = self.servers.postgres.process.process.pid
        return sum(_cpu([*_family(pid), *_backends(postmaster)]).values())


def _family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *(int(child) for child in children.read_text().split())]


def _backends(postmaster: int) -> list[int]:
    """The database processes that serve somebody; PostgreSQL's own housekeeping is not the request's cost."""
    serving = []
    for pid in _family(postmaster):
        with contextlib.suppress(OSError):
            if b"[local]" in Path(f"/proc/{pid}/cmdline").read_bytes():
                serving.append(pid)
    return serving


def _cpu(pids: list[int]) -> dict[int, float]:
    """Seconds of CPU that each of these processes has used."""
    spent = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            spent[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return spent


def median(values: Iterator[float] | list[float]) -> float:
    return statistics.median(values)


__all__ = ["APP", "OWNER", "Load", "Result", "Server", "Stage", "median"]
