"""The form that asks staff to declare."""

from __future__ import annotations

from typing import Any

from core.kit.forms import LineField, SubmissionForm


class AskToDeclareForm(SubmissionForm):
    """Nothing to fill in, unless the rules leave it open: then who decided it, and why."""

    reason = LineField(label="Who decided that they declare, and why", max_length=300, required=False)

    def __init__(self, *args: Any, asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_why:
            self.fields["reason"].is_asked = True  # type: ignore[attr-defined]
        else:
            del self.fields["reason"]
