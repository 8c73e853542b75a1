"""What the worker does for the roll: run an import, find those that were left lying, clear old files."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task
def run_import(import_id: int) -> None:
    """Apply or undo an import from wherever it stands; rung again when time runs out before it is done."""
    from core.roll.operations import run_roll_import

    if not run_roll_import(import_id=import_id, at=timezone.now()):
        run_import.apply_async([import_id], countdown=2)


@shared_task
def resume_stale() -> None:
    """Ring again for running imports that no worker has touched for a minute."""
    from core.roll.operations import resume_stale_imports

    resume_stale_imports(at=timezone.now())


@shared_task
def clear_old() -> None:
    """Empty the files of imports older than thirty days."""
    from core.roll.operations import clear_old_imports

    clear_old_imports(at=timezone.now())
