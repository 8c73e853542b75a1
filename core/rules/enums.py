"""How a row of rules came to be."""

from django.db import models


class ChangeKind(models.TextChoices):
    """A dated value is set by a preset or by a change; a change not yet in force can be corrected or withdrawn."""

    PRESET = "preset", "Preset taken"
    CHANGE = "change", "Changed"
    CORRECTION = "correction", "Corrected before it took effect"
    WITHDRAWAL = "withdrawal", "Withdrawn before it took effect"


ANNOUNCE_DAYS = (28, 7, 0)
"""Days before a change takes effect on which staff are told (NOT-22)."""
