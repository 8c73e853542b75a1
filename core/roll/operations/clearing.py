"""Old files go: thirty days after the upload nothing of them is left but the counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scopes_disabled

from core.audit.operations import record
from core.roll.enums import ImportState
from core.roll.models import RollFile, RollImport, RollImportChange, RollProblem

KEEP_FILES = timedelta(days=30)


def clear_old_imports(*, at: datetime) -> int:
    """Empty the files, problems and before-and-after values of imports older than 30 days, in every school.

    Called by the daily task. An import that was never applied is cancelled by it. Returns how many were cleared.
    """
    cleared = 0
    with scopes_disabled():
        old = list(
            RollImport.objects.filter(files__cleared_at__isnull=True, created_at__lt=at - KEEP_FILES)
            .exclude(state__in=[ImportState.APPLYING, ImportState.UNDOING])
            .select_related("school")
            .distinct()
        )
        for roll_import in old:
            with transaction.atomic():
                RollFile.objects.filter(roll_import=roll_import).update(content=b"", name="cleared.csv", cleared_at=at)
                RollImportChange.objects.filter(roll_import=roll_import).update(label="", old={}, new={})
                RollProblem.objects.filter(roll_import=roll_import).delete()
                if roll_import.is_open:
                    roll_import.state = ImportState.CANCELLED
                    roll_import.stamp(by=None, at=at)
                    roll_import.save()
                record(school=roll_import.school, actor=None, action="roll.clear", at=at, obj=roll_import)
            cleared += 1
    return cleared
