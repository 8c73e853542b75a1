"""What `script/test` does in its virtual environment: a private cluster, a private Valkey, pytest, and away again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from services import ROOT, PrivateServers, UnableToStart, temporary_folder


def targets(arguments: list[str]) -> list[str]:
    """What was asked for, or everything, with the browser journeys last: they hold an event loop to the end."""
    if any((ROOT / argument.split("::")[0]).exists() for argument in arguments if not argument.startswith("-")):
        return []
    names = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in (ROOT / "tests").rglob("test_*.py")}
    return sorted(names, key=lambda name: (name == "tests/journeys", name))


def main() -> int:
    arguments = sys.argv[1:]
    folder = temporary_folder()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        with PrivateServers(folder, durable=False) as servers:
            env = servers.environment() | {
                "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.test",
                "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # the browser journeys reach the database beside their event loop
                "PYTHONHASHSEED": "0",
                "PYTHONDONTWRITEBYTECODE": "",
                "MEDIA_ROOT": str(folder / "media"),
            }
            env.setdefault("SCHOOLSAFE_TEST_DB", "test_schoolsafe")
            pytest = ["-m", "coverage", "run", "-m", "pytest"] if os.environ.get("COVERAGE") else ["-m", "pytest"]
            # Coverage is counted in one process; what is asked for by name needs no company.
            everything = targets(arguments)
            shared = (
                ["-n", "2", "--dist", "loadscope", "--durations", "25"]
                if everything and not os.environ.get("COVERAGE")
                else []
            )
            done = subprocess.run([sys.executable, *pytest, *shared, *arguments, *everything], cwd=ROOT, env=env)
            return done.returncode
    except KeyboardInterrupt:
        return 130
    except UnableToStart as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(Path(folder), ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
