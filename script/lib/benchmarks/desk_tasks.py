"""What the server takes for the desk's other tasks, beside its budgets (ux 8)."""

from __future__ import annotations

from benchmarks.stage import Result, Stage


def desk_tasks(stage: Stage) -> Result:
    """95th percentiles of one client in one process, page and all."""
    stage.install()
    stage.play("seed", str(stage.size(1500, 60)))
    told = stage.play("desk_tasks", str(stage.size(200, 30)))
    figures = {key: float(value) for key, value in told.items()}
    limits: dict[str, float] = {
        "hand in: p95 ms": 150,
        "hand back: p95 ms": 150,
        "correct: p95 ms": 200,
        "find a pupil: p95 ms": 200,
        "pupil’s page: p95 ms": 200,
        "lock and its page: p95 ms": 300,
        "unlock with a PIN: p95 ms": 300,
    }
    return Result("desk-tasks", figures, limits, ["Limits: the server's column of ux 8."])
