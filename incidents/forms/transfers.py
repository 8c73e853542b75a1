"""Files that go to another school and come from one: to whose hands, by which way, with whose receipt."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from incidents.enums import SecureWay

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_MOMENT = {"invalid": "Enter a day and a time"}


def _when(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, error_messages=_MOMENT,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class OpenTransferForm(SubmissionForm):
    """The last day here, and the next school where it is known."""

    submit_label = "Put it on the list"

    leaves_on = forms.DateField(
        label="Last day here", error_messages=_DAY, help_text="The file is due the fifth school day after it."
    )
    to_school = LineField(label="Next school, if you know it", max_length=160, required=False)


class SharingForm(SubmissionForm):
    """Whether something is shared before the file goes, and why."""

    submit_label = "Save the decision"

    share = forms.ChoiceField(
        label="Share something before the file goes?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes"), ("no", "No")],
        help_text="Support may have to be ready on the first day there.",
    )
    reason = TextField(
        label="What, with whom, and why; or why nothing", max_length=1900, rows=4, help_text="Kept sealed."
    )

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return {"share": given["share"] == "yes", "reason": given["reason"], "submission": given["submission"]}


class SendFileForm(SubmissionForm):
    """That the file went: to which school, into whose hands, how, and apart from the main file."""

    submit_label = "Save that it was sent"

    to_school = LineField(label="To which school", max_length=160)
    to_dsl = LineField(label="Into whose hands", max_length=120, help_text="Their DSL, by name or post.")
    channel = forms.ChoiceField(label="How it went", widget=forms.RadioSelect, choices=SecureWay.choices)
    what = LineField(
        label="What else went with it", max_length=400, required=False,
        help_text="In a few words that name nobody. The chronology is on record already.",
    )  # fmt: skip
    sent_at = _when("When it was sent")
    apart = forms.BooleanField(
        label="It went apart from the pupil’s main file",
        error_messages={"required": "It goes apart from the main file. Tick the box when it did"},
    )


class ReceiptForm(SubmissionForm):
    """Who acknowledged the file at the other school, and when."""

    submit_label = "Save the receipt"

    received_by = LineField(label="Who acknowledged it", max_length=120)
    received_at = _when("When")


class SetAsideForm(SubmissionForm):
    """Why no file is sent."""

    submit_label = "No file is sent"

    reason = TextField(label="Why", max_length=2000, rows=3, help_text="Kept sealed.")


class ArrivalForm(SubmissionForm):
    """A file that came from another school."""

    submit_label = "Save that it came"

    from_school = LineField(label="From which school", max_length=160)
    from_whom = LineField(label="From whom", max_length=120)
    arrived_on = forms.DateField(label="When it came", error_messages=_DAY)
    channel = forms.ChoiceField(label="How it came", widget=forms.RadioSelect, choices=SecureWay.choices)
    receipt = forms.BooleanField(label="They have our receipt", required=False)
