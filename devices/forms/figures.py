"""The days that the figures are of."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from core.kit.forms import BaseForm


class FiguresForm(BaseForm):
    """From a day to a day, both included."""

    since = forms.DateField(label="From", error_messages={"required": "Enter the first day"})
    until = forms.DateField(label="To", error_messages={"required": "Enter the last day"})

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since: date | None = given.get("since")
        until: date | None = given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day comes before the first")
        return given
