"""From which day on families count as new."""

from __future__ import annotations

from django import forms

from core.kit.forms import BaseForm


class SinceForm(BaseForm):
    """A day; no names."""

    since = forms.DateField(label="Joined since")
