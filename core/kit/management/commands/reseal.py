"""`manage.py reseal`: seal every confidential text with the newest key; after it the older ones may go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.kit.resealing import reseal


class Command(BaseCommand):
    help = "Seal every confidential text with the first of SEAL_KEYS. Run it as the owner; it may be interrupted."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        for column, count in reseal():
            total += count
            if count:
                self.stdout.write(f"{column.table}.{column.column}: {count}")
        self.stdout.write(f"{total} sealed again. The older keys may now leave SEAL_KEYS.")
