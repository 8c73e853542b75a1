"""Words in 100,000 incidents that the DSL may see, against the bare select of the same rows by the same index."""

from __future__ import annotations

from benchmarks.chronology import GROW
from benchmarks.stage import Result, Stage

# The copies lie in the years before, one a minute, under titles of many kinds; one word stands in one of a thousand.
_WORDED = """
SET session_replication_role = replica;
UPDATE incidents_incident SET happened_at = happened_at - id * interval '1 minute',
    reported_at = reported_at - id * interval '1 minute',
    title = (array['Phone in a lesson', 'Message to a friend', 'Argument in a group chat', 'Smart watch in a test',
        'Film in the corridor', 'Game under its age limit', 'Picture passed on', 'Shouting by the gate'])[1 + id % 8]
        || CASE WHEN id % 1000 = 7 THEN ' with a kettle' ELSE '' END
    WHERE reference LIKE 'G%';
SET session_replication_role = DEFAULT;
VACUUM ANALYZE;
"""


def incident_search(stage: Stage) -> Result:
    """Medians of interleaved rounds in one process, by what is typed; the page whole, and its statements."""
    stage.install()
    stage.play("seed", str(stage.size(1500, 60)))
    columns = stage.play("inbox", "fill", "60")["columns"]
    stage.sql(GROW.format(columns=columns, first=62, last=stage.size(100_000, 1_000)) + _WORDED)
    told = stage.play("incident_search", str(stage.size(60, 6)))
    figures = {key: float(value) for key, value in told.items()}
    records = figures.pop("records")
    limits = {"ratio": 3.0, "statements of the page": 20, "page, p95 ms": 400}
    if not stage.small:
        limits["sequential scans"] = 0
    return Result("incident-search", figures, limits, [f"{records:,.0f} records, and the DSL may see them all."])
