"""Forms of the pages that compose the features: the shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.audit.enums import Outcome
from core.kit.forms import BaseForm, LineField
from core.people.models import User
from schoolsafe.overview.queries import RecordFilter
from schoolsafe.overview.words import act_in_words


class FindForm(BaseForm):
    """What somebody types to find a pupil. Sent by POST: a name never stands in an address."""

    query = LineField(label="Name, form or admission number", max_length=80)


class RecordFilterForm(BaseForm):
    """What an investigator narrows the record by; keys and dates, no names."""

    person = forms.TypedChoiceField(label="Person", coerce=int, empty_value=None, required=False)
    act = forms.ChoiceField(label="Act", required=False)
    outcome = forms.ChoiceField(label="Outcome", choices=[("", "Any"), *Outcome.choices], required=False)
    first = forms.DateField(label="From", required=False)
    last = forms.DateField(label="To", required=False)
    object_type = forms.RegexField(r"^[a-z_]+\.[a-z_]+$", label="Kind of record", max_length=80, required=False)
    object_id = forms.IntegerField(label="Its number", min_value=1, max_value=2**62, required=False)

    def __init__(self, *args: Any, people: Iterable[User], acts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", [("", "Anyone"), *((user.pk, user.full_name) for user in people)])
        known = sorted(((key, act_in_words(key)) for key in acts), key=lambda row: row[1])
        self.offer("act", [("", "Anything"), *known])
        self.fields["object_type"].widget = forms.HiddenInput()
        self.fields["object_id"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("last") and cleaned["first"] > cleaned["last"]:
            self.add_error("last", "The second date must not be before the first")
        return cleaned

    def asked(self) -> RecordFilter:
        """What was asked, as far as it is of the right shape."""
        given = {key: value for key, value in self.cleaned_data.items() if value not in ("", None)}
        return RecordFilter(**given)
