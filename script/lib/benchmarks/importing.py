"""The roll of 1,500 pupils and 2,963 contacts: preview, apply, and the same file again."""

from __future__ import annotations

from benchmarks.stage import Result, Stage

ROLL = "tests/data/rolls/kingsmead"


def import_roll(stage: Stage) -> Result:
    """Apply against the bare `bulk_create` of the same rows in the same run; the second import must find nothing."""
    stage.install()
    folder = "tests/data/rolls/rushmere" if stage.small else ROLL
    told = stage.play("importing", folder, str(stage.size(3, 1)))
    figures = {key: float(value) for key, value in told.items()}
    return Result(
        "import",
        figures,
        {
            "apply / bare bulk_create": 2,
            "second import / first": 0.3,
            "changes of the second import": 0,
            "preview, s": 10,
            "apply, s": 60,
        },
    )
