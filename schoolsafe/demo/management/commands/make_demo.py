"""`manage.py make_demo`: the five demonstration schools, once. Stopped half-way it goes on where it was."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schoolsafe.demo.building import NotTheDemonstration, build
from schoolsafe.demo.guard import refuse_in_a_real_school


class Command(BaseCommand):
    help = "Make five invented schools, one for each preset, with three weeks of history. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_in_a_real_school()
        begun = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"  {line}")
            self.stdout.flush()

        try:
            made = build(timezone.now(), say)
        except NotTheDemonstration as reason:
            raise CommandError(str(reason)) from None
        if made:
            self.stdout.write(f"{len(made)} demonstration schools made in {time.monotonic() - begun:.0f} s.")
        else:
            self.stdout.write("The demonstration schools are there already.")
