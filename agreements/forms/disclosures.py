"""Forms about passwords: none has a field for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_NEVER = "Never write a password here."


class PersonForm(SubmissionForm):
    """A form that chooses one of the staff."""

    person_label = "Who"
    person = forms.ChoiceField(label="Who", error_messages={"required": "Choose somebody"})

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.offer("person", [("", "Choose"), *((key, one.display_name) for key, one in self.people.items())])
        self.fields["person"].label = self.person_label

    def clean_person(self) -> User:
        return self.people[self.cleaned_data["person"]]


class AskDisclosureForm(PersonForm):
    """Whose access, to what, why, and by when it is reset."""

    submit_label = "Ask for it"
    person_label = "Whose access it is"

    system = LineField(label="What it opens", max_length=120, help_text=_NEVER)
    reason = TextField(label="Why it is needed", max_length=500, rows=3, help_text=_NEVER)
    reset_by = forms.DateField(label="To be reset by", error_messages={**_DAY, "required": "Enter the day"})


class DecideDisclosureForm(SubmissionForm):
    """Allowed or not."""

    submit_label = "Save the decision"

    allow = forms.TypedChoiceField(
        label="Decision", choices=[("yes", "Allow it"), ("no", "Refuse it")], widget=forms.RadioSelect,
        coerce=lambda answer: answer == "yes", error_messages={"required": "Choose"},
    )  # fmt: skip
    reason = TextField(label="Why", max_length=500, rows=3, required=False, help_text=f"Needed for a refusal. {_NEVER}")
