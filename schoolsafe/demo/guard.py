"""The demonstration's own lock: its commands run only where the settings say that it belongs."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError


def refuse_in_a_real_school() -> None:
    """Raise `CommandError` unless the settings are those of a demonstration; production's never are."""
    if not getattr(settings, "DEMONSTRATION", False):
        raise CommandError(
            "The demonstration is not part of this installation. It belongs on a machine for trying out."
        )
