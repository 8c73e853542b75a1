"""The days that figures of records are of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from core.kit.forms import BaseForm
from incidents.spans import DATES, Span


class SpanForm(BaseForm):
    """One of the spans that somebody may choose; for whoever reads the records, or any days."""

    span = forms.ChoiceField(label="Time", error_messages={"invalid_choice": "Choose one of the times listed"})
    since = forms.DateField(label="From", required=False)
    until = forms.DateField(label="To", required=False)

    def __init__(self, *args: Any, spans: Sequence[Span], any_days: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spans = {span.key: span for span in spans}
        choices = [(span.key, span.label) for span in spans]
        if any_days:
            choices.append((DATES, "The days below"))
        else:
            del self.fields["since"], self.fields["until"]
        self.offer("span", choices)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("span") != DATES:
            return given
        since: date | None = given.get("since")
        until: date | None = given.get("until")
        for name, missing in (("since", "Enter the first day"), ("until", "Enter the last day")):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, missing)
        if since and until and until < since:
            self.add_error("until", "The last day comes before the first")
        return given

    @property
    def chosen(self) -> tuple[date, date]:
        """The first and the last day."""
        given = self.cleaned_data
        if given["span"] == DATES:
            return given["since"], given["until"]
        span = self.spans[given["span"]]
        return span.since, span.until
