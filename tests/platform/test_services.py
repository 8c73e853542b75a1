"""The private servers of script/run and script/test: nothing on TCP, nothing left behind, nothing else touched."""

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

LIBRARY = settings.BASE_DIR / "script" / "lib"
HOLD = """
import signal, sys, time
from pathlib import Path
from services import PrivateServers
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that started us in the background has it ignored
with PrivateServers(Path(sys.argv[1]), durable=False) as servers:
    pids = [servers.postgres.process.process.pid, servers.valkey.process.process.pid]
    print(*pids, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as the scripts see it: with no database of its own named."""
    monkeypatch.syspath_prepend(str(LIBRARY))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SCHOOLSAFE_DATA"):
        monkeypatch.delenv(name, raising=False)
    return importlib.import_module("services")


@pytest.fixture
def folder(services: ModuleType) -> Iterator[Path]:
    """A short path that an unprivileged user may pass through."""
    import shutil

    made = services.temporary_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def hold(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor that holds both servers, and their process numbers."""
    env = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    supervisor = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], env=env, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    return supervisor, [int(word) for word in supervisor.stdout.readline().split()]


def gone(pid: int, within: float = 10) -> bool:
    """Whether the process ends (or is only waiting to be counted) in that time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_servers_start_and_stop_leaving_the_data(services: ModuleType, folder: Path) -> None:
    """A row written before the stop is there after the next start; both roles exist; the app may not make tables."""
    import psycopg2

    with services.PrivateServers(folder, durable=False) as servers:
        owner = servers.postgres.connection(user=services.OWNER, database="schoolsafe")
        with owner.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (word text)")
            cursor.execute("INSERT INTO kept VALUES ('still here')")
            cursor.execute("SHOW listen_addresses")
            assert cursor.fetchone() == ("",)
        owner.close()
        app = servers.postgres.connection(user=services.APP, database="schoolsafe")
        with app.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE forbidden (word text)")
        app.close()
        assert (folder / "postgres").stat().st_mode & 0o777 == 0o700
    with services.PrivateServers(folder, durable=False) as servers:
        again = servers.postgres.connection(user=services.OWNER, database="schoolsafe")
        with again.cursor() as cursor:
            cursor.execute("SELECT word FROM kept")
            assert cursor.fetchone() == ("still here",)
        again.close()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_supervisor_ends_servers_end(services: ModuleType, folder: Path, ending: signal.Signals) -> None:
    """However the supervisor ends, even killed, nothing of its own goes on running."""
    supervisor, pids = hold(folder)
    assert len(pids) == 2
    supervisor.send_signal(ending)
    supervisor.wait(20)
    assert [gone(pid) for pid in pids] == [True, True]


def test_servers_named_by_the_environment_are_used_as_they_are(
    services: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@somewhere/school")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere:6379/0")
    with services.PrivateServers(folder, durable=False) as servers:
        assert servers.postgres is None
        assert servers.valkey is None
        assert servers.environment()["DATABASE_OWNER_URL"] == "postgres://somebody@somewhere/school"


@pytest.mark.parametrize(
    ("root", "inside"),
    [
        ("/var/tmp", True),
        ("/var/tmp/" + "long" * 25, False),
        ("/var/tmp/a folder with spaces", False),
    ],
)
def test_data_folder_in_the_project_unless_postgresql_could_not_work_there(
    services: ModuleType, monkeypatch: pytest.MonkeyPatch, root: str, inside: bool
) -> None:
    monkeypatch.setattr(services, "ROOT", Path(root))
    monkeypatch.setattr(services.os, "getuid", lambda: 1000)
    found = services.data_folder()
    assert (found == Path(root) / ".schoolsafe") is inside
    assert len(str(found)) <= services.LONGEST_FOLDER


def test_data_folder_root_below_a_closed_folder_moves_out(
    services: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """PostgreSQL runs as another user, who could not pass root's home."""
    closed = tmp_path / "closed"
    (closed / "project").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(services, "ROOT", closed / "project")
    monkeypatch.setattr(services.os, "getuid", lambda: 0)
    assert services.data_folder().parent == Path("/var/lib")


def test_left_over_number_of_another_program_is_not_touched(services: ModuleType, folder: Path) -> None:
    """After a power cut the number in the server's file may belong to somebody else's program: it must live on."""
    with services.PrivateServers(folder, durable=False) as servers:
        data = servers.postgres.data
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        (data / "postmaster.pid").write_text(f"{bystander.pid}\n{data}\n")
        with services.PrivateServers(folder, durable=False):
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
