"""How long a second `script/run` takes until the sign-in page answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request

from benchmarks.stage import Result, Stage, median
from services import ROOT, UnableToStart


def _start_once(stage: Stage, port: int) -> float:
    """Seconds from the command to the first answer of the sign-in page; then Ctrl-C and wait for the end."""
    env = {**os.environ, "SCHOOLSAFE_DATA": str(stage.folder / "run"), "PORT": str(port)}
    log = (stage.folder / "run.log").open("ab")
    begun = time.monotonic()
    running = subprocess.Popen(
        [str(ROOT / "script/run"), *(["--empty"] if stage.small else [])],
        cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while time.monotonic() - begun < 600:
            if running.poll() is not None:
                raise UnableToStart("script/run ended by itself:\n" + (stage.folder / "run.log").read_text()[-2000:])
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=2) as page:
                    if page.status == 200:
                        return time.monotonic() - begun
            except OSError:
                time.sleep(0.05)
        raise UnableToStart("script/run did not answer in ten minutes.")
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
        log.close()


def start(stage: Stage) -> Result:
    """The first start prepares; the median of the next three is held to ten seconds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    first = _start_once(stage, port)
    again = median([_start_once(stage, port) for _ in range(1 if stage.small else 3)])
    return Result("start", {"first start, s": first, "second start, s": again}, {"second start, s": 10})
