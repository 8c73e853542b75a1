"""`manage.py new_seal_key`: a fresh key for SEAL_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.kit.sealing import new_key


class Command(BaseCommand):
    help = "Print a fresh key. Put it first in SEAL_KEYS, keep the older ones after it, start again, then run reseal."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_key())
