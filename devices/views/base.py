"""What every page of devices knows: the way to the others, and the school's word for a pupil."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.people.views.base import SchoolView
from core.rules.words import words_for


class DevicesView(SchoolView, abstract=True):
    """A page of the desk or of devices."""

    def url(self, name: str, *args: Any) -> str:
        """The address of another page of this school's devices."""
        return reverse(f"devices:{name}", args=[self.school.slug, *args])

    @property
    def child(self) -> str:
        """The school's word for a pupil (ORG-07)."""
        return words_for(self.rules).child
