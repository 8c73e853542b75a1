"""To whom the form about images is sent by a link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm
from core.people.models import Contact


class SendConsentForm(SubmissionForm):
    """Which of a pupil's adults."""

    submit_label = "Send the form"

    contacts = forms.MultipleChoiceField(
        label="Who is asked?", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick who is asked"}
    )

    def __init__(self, *args: Any, adults: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.adults = {str(one.pk): one for one in adults}
        self.offer(
            "contacts",
            [
                (key, f"{one.display_name}{f', {one.relationship.lower()}' if one.relationship else ''}")
                for key, one in self.adults.items()
            ],
        )

    def values(self) -> dict[str, Any]:
        """What the operation is given."""
        given = self.cleaned_data
        return {"contacts": [self.adults[key] for key in given["contacts"]], "submission": given["submission"]}
