"""What `script/run` does in its virtual environment: databases, migrations, demonstration, web, worker, clock."""

from __future__ import annotations

import argparse
import base64
import fcntl
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from services import ROOT, PrivateServers, Process, UnableToStart, data_folder

PYTHON = sys.executable
WATCHED = ("schoolsafe", "core", "devices", "incidents", "agreements", "visitors", "policies")
STARTED = time.monotonic()


class Stop(BaseException):
    """Somebody asked us to end."""


def say(words: str) -> None:
    print(f"\033[1m==>\033[0m {words}", file=sys.stderr, flush=True)


def asked_to_stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise Stop


def fingerprint() -> str:
    """Changes when any code or preset changes, so that an unchanged second start can skip what is already done."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for app in WATCHED:
        for path in sorted((ROOT / app).rglob("*")):
            if path.suffix in {".py", ".toml", ".csv"} and path.is_file():
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def lock(folder: Path) -> object:
    """Hold the data folder for as long as we live; the kernel lets go of it however we end."""
    folder.mkdir(parents=True, exist_ok=True)
    holder = (folder / "lock").open("a+")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder.seek(0)
        raise UnableToStart(f"schoolsafe is already running here: {holder.read().strip() or 'starting'}") from None
    holder.truncate(0)
    return holder


def claim_port(port: int) -> None:
    """Fail early, with a sentence, when another program has the port."""
    for attempt in range(20):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError:
                if attempt == 0:
                    say(f"Port {port} is in use; waiting a moment for it.")
        time.sleep(0.2)
    raise UnableToStart(f"Another program uses port {port}. Choose one:  PORT={port + 1} script/run")


def secret_key(folder: Path) -> Path:
    """This installation's own key, made at the first start, so that sessions outlive a restart."""
    path = folder / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path


def seal_keys(folder: Path) -> Path:
    """What this installation seals its confidential texts with, made at the first start; without it they are lost."""
    path = folder / "seal_keys"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return path


class Installation:
    """The data folder's state and the commands that bring it up to date."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env, self.fingerprint = folder, env, fingerprint()
        self.logs = folder / "log"

    def manage(self, *arguments: str, owner: bool = False, capture: bool = False) -> str:
        """One management command; what it prints is its progress, or the answer when `capture` is asked for."""
        env = self.env | {"STATEMENT_TIMEOUT": "0", "IDLE_IN_TRANSACTION_TIMEOUT": "0"}
        if owner:
            env["DATABASE_URL"] = env["DATABASE_OWNER_URL"]
        command = subprocess.Popen(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            start_new_session=True,
        )
        try:
            answer, _ = command.communicate()
        except BaseException:
            command.terminate()
            command.wait()
            raise
        if command.returncode != 0:
            raise UnableToStart(f"manage.py {' '.join(arguments)} failed.")
        return answer or ""

    def fresh(self, name: str) -> bool:
        """Whether the step `name` was done with exactly this code."""
        stamp = self.folder / f"{name}.done"
        return stamp.exists() and stamp.read_text() == self.fingerprint

    def done(self, name: str) -> None:
        (self.folder / f"{name}.done").write_text(self.fingerprint)

    def install(self) -> None:
        if self.fresh("install"):
            return
        say("Bringing the database up to date")
        self.manage("install_database", "--verbosity", "0", owner=True)
        self.done("install")

    def demonstrate(self) -> str:
        """The demonstration schools, once, and the list of their accounts."""
        if not (self.folder / "demo.done").exists():
            say("Making the demonstration schools (once; a minute or two)")
            self.manage("make_demo")
            self.done("demo")
        listing = self.folder / "accounts.txt"
        if not (self.fresh("accounts") and listing.exists()):
            listing.touch(mode=0o600)
            listing.write_text(self.manage("demo_accounts", capture=True))
            self.done("accounts")
        return listing.read_text()

    def processes(self, *, port: int, develop: bool) -> list[Process]:
        celery = [PYTHON, "-m", "celery", "--app", "schoolsafe"]
        worker_env = self.env | {"STATEMENT_TIMEOUT": "240", "IDLE_IN_TRANSACTION_TIMEOUT": "300"}
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        web = [PYTHON, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
        return [
            Process(
                "web server",
                [*web, *(["--reload"] if develop else []), "schoolsafe.wsgi"],
                log=self.logs / "web.log",
                env=self.env,
                echo=develop,
            ),
            Process(
                "worker",
                [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO", "-O", "fair", *quiet],
                log=self.logs / "worker.log",
                env=worker_env,
            ),
            Process(
                "clock",
                [*celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", str(self.folder / "clock")],
                log=self.logs / "clock.log",
                env=worker_env,
            ),
        ]


def wait_for_pages(address: str, web: Process) -> None:
    for _ in range(300):
        if not web.running:
            raise UnableToStart(f"The web server ended at once:\n{web.last_words()}")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise UnableToStart(f"The web server does not answer:\n{web.last_words()}")


def watch(processes: list[Process], servers: PrivateServers) -> None:
    """Until somebody stops us. A fallen worker or clock is started again; without web server or database we end."""
    vital = [processes[0], *([servers.postgres.process] if servers.postgres and servers.postgres.process else [])]
    helpers = [*processes[1:], *([servers.valkey.process] if servers.valkey else [])]
    while True:
        time.sleep(1)
        for process in vital:
            if not process.running:
                raise UnableToStart(f"The {process.name} ended unexpectedly:\n{process.last_words()}")
        for process in helpers:
            if not process.running:
                say(f"The {process.name} ended; starting it again (its log: {process.log})")
                process.start()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/run", description="Start schoolsafe on this machine.")
    parser.add_argument("--empty", action="store_true", help="no demonstration: set up a school of your own")
    parser.add_argument("--develop", action="store_true", help="debug pages, and start again when the code changes")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, asked_to_stop)
    port = int(os.environ.get("PORT", "8000"))
    address = f"http://localhost:{port}"
    folder = data_folder(".schoolsafe")
    if options.empty:  # a real start and the demonstration never share their data
        folder = folder.with_name(f"{folder.name}-empty")
    processes: list[Process] = []
    try:
        held = lock(folder)
        claim_port(port)
        say("Starting PostgreSQL and Valkey")
        with PrivateServers(folder, durable=True) as servers:
            env = servers.environment() | {
                "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.development",
                "DEBUG": "1" if options.develop else "0",
                "SECRET_KEY_FILE": str(secret_key(folder)),
                "SEAL_KEYS_FILE": str(seal_keys(folder)),
                "MEDIA_ROOT": str(folder / "media"),
                "SITE_ADDRESS": address,
            }
            installation = Installation(folder, env)
            environment_file(folder, env)
            installation.install()
            words = installation.manage("setup_link", capture=True) if options.empty else installation.demonstrate()
            processes = installation.processes(port=port, develop=options.develop)
            try:
                processes[0].start()
                wait_for_pages(address, processes[0])
                for process in processes[1:]:  # after the pages, which somebody is waiting for
                    process.start()
                held.write(f"{address} (process {os.getpid()})")  # type: ignore[attr-defined]
                held.flush()  # type: ignore[attr-defined]
                print(f"\n{words.rstrip()}\n", flush=True)
                say(f"schoolsafe is at {address} (after {time.monotonic() - STARTED:.1f} s). Ctrl-C stops it.")
                say(f"Data and logs: {folder}. Emails are not sent; they are written to {folder}/log/worker.log.")
                watch(processes, servers)
            finally:
                say("Stopping")
                for process in processes:
                    if process.running and process.process:
                        process.process.send_signal(process.stop_signal)
                for process in processes:
                    process.stop()
    except Stop:
        say("Stopped. Nothing is lost; start again with script/run.")
        return 0
    except UnableToStart as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    return 0


def environment_file(folder: Path, env: dict[str, str]) -> None:
    """What `script/manage` needs to reach the same databases."""
    names = (
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "APP_DB_ROLE",
        "SECRET_KEY_FILE",
        "SEAL_KEYS_FILE",
        "MEDIA_ROOT",
        "SITE_ADDRESS",
    )
    path = folder / "environment"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={env[name]}\n" for name in names if name in env))


if __name__ == "__main__":
    sys.exit(main())
