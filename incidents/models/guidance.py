"""What pupils are told about where to find help: the school's own entries on its poster."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.kit.models import Privacy
from core.people.models import TrackedModel
from incidents.enums import HelpKind


class HelpEntry(TrackedModel):
    """Somebody or some place that a pupil can turn to; taken off by `ended_at`, never removed (COM-05).

    Who leads on safeguarding is not among them: the poster reads those from the roles that people hold.
    """

    kind = models.CharField(max_length=8, choices=HelpKind.choices)
    name = models.CharField(max_length=80)
    reach = models.CharField(max_length=120, blank=True, default="", help_text="A number, a website, a room.")
    words = models.CharField(max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "name"], condition=Q(ended_at__isnull=True), name="incidents_help_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
