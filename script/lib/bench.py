"""`script/bench`: run the named benchmarks, print a table for people or one JSON object each."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict

from benchmarks import BENCHMARKS
from benchmarks.stage import Result, Stage
from services import UnableToStart, temporary_folder


def show(result: Result) -> None:
    """A table for people: each figure beside the limit it is held to."""
    print(f"\n{result.name}: {'met' if result.passed else 'NOT met'}")
    for name, value in result.figures.items():
        limit = result.limits.get(name)
        beside = "" if limit is None else f"   limit {limit:g}{'' if value <= limit else '   over'}"
        print(f"  {name:<44} {value:>10.3f}{beside}")
    for note in result.notes:
        print(f"  {note}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("names", nargs="+", choices=[*BENCHMARKS, "all"], metavar="NAME", help="%(choices)s")
    parser.add_argument("--small", action="store_true", help="a size that only keeps the benchmark working")
    parser.add_argument("--json", action="store_true", help="one JSON object a benchmark")
    chosen = parser.parse_args()
    names = list(BENCHMARKS) if "all" in chosen.names else chosen.names
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # measured on a cluster of our own, never on somebody's data
    missed = False
    for name in names:
        folder = temporary_folder()
        try:
            with Stage(folder, small=chosen.small) as stage:
                result = BENCHMARKS[name](stage)
        except UnableToStart as reason:
            print(reason, file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        missed = missed or not result.passed
        if chosen.json:
            plain = asdict(result)
            print(json.dumps({**{key: plain[key] for key in ("name", "figures", "limits")}, "pass": result.passed}))
        else:
            show(result)
    return 1 if missed and not chosen.small else 0


if __name__ == "__main__":
    sys.exit(main())
