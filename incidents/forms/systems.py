"""What has to change about a system."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm, TextField
from core.people.models import User


class PutOnPlanForm(SubmissionForm):
    """An item of the action plan: what, and if it is known who sees to it by when."""

    submit_label = "Put it on the action plan"

    text = TextField(
        label="What has to change", max_length=400, rows=3,
        help_text="In words that name nobody: those who keep the plan do not read the record.",
        error_messages={"required": "Say what has to change"},
    )  # fmt: skip
    owner = forms.ChoiceField(label="Who sees to it", required=False)
    due_on = forms.DateField(label="By", required=False, error_messages={"invalid": "Enter a day"})

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(one.pk): one for one in staff}
        self.offer("owner", [("", "Not decided yet"), *((key, one.display_name) for key, one in self.staff.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        return self.cleaned_data | {"owner": self.staff.get(self.cleaned_data["owner"])}
