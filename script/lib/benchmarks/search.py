"""Type-ahead by name among 1,500 pupils against the bare select, and its plan at 50,000."""

from __future__ import annotations

from benchmarks.stage import Result, Stage


def desk_search(stage: Stage) -> Result:
    """Medians of interleaved rounds in one process; then the plan of the search at 50,000 pupils."""
    stage.install()
    stage.play("seed", str(stage.size(1500, 60)))
    told = stage.play("search", str(stage.size(50_000, 500)))
    figures = {key: float(value) for key, value in told.items() if isinstance(value, (int, float))}
    limits = {"ratio": 1.5} if stage.small else {"ratio": 1.5, "sequential scans at 50,000": 0}
    return Result("desk-search", figures, limits, [str(told["plan"])])
