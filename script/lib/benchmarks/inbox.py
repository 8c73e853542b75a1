"""The DSL's inbox, each of its lists, in a school with 1,000 incidents and in one with 100,000."""

from __future__ import annotations

from benchmarks.chronology import GROW
from benchmarks.stage import Result, Stage

# The closed records lie in the years before, one a minute.
_SPREAD = """
SET session_replication_role = replica;
UPDATE incidents_incident SET happened_at = happened_at - id * interval '1 minute',
    reported_at = reported_at - id * interval '1 minute' WHERE reference LIKE 'G%' AND id > {after};
SET session_replication_role = DEFAULT;
ANALYZE;
"""
_SHOWS = ("new", "mine", "waiting", "all")


def dsl_inbox(stage: Stage) -> Result:
    """Medians of each list in one process, sixty records open and all others closed; the most statements one sends."""
    stage.install()
    stage.play("seed", str(stage.size(1500, 60)))
    small, large, times = stage.size(1_000, 100), stage.size(100_000, 1_000), str(stage.size(40, 8))
    filled = stage.play("inbox", "fill", "60")
    first = int(filled["last"])
    stage.sql(GROW.format(columns=filled["columns"], first=62, last=small) + _SPREAD.format(after=first))
    before = stage.play("inbox", "read", times)
    stage.sql(
        GROW.format(columns=filled["columns"], first=small + 1, last=large) + _SPREAD.format(after=before["last"])
    )
    after = stage.play("inbox", "read", times)
    figures: dict[str, float] = {}
    for show in _SHOWS:
        figures[f"{show}, ms at 1,000"] = float(before[show])
        figures[f"{show}, ms at 100,000"] = float(after[show])
        figures[f"{show}, ratio"] = float(after[show]) / float(before[show])
    figures |= {"p95 at 100,000, ms": float(after["p95"]), "statements": float(after["statements"])}
    limits = {f"{show}, ratio": 1.5 for show in _SHOWS} | {"statements": 20, "p95 at 100,000, ms": 400}
    return Result("dsl-inbox", figures, limits, [f"{after['records']:,} records."])
