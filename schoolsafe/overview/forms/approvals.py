"""Forms about permissions: deciding, and what comes before and after. The shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.approvals.enums import Kind, Level
from core.approvals.models import RiskAssessment
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class DecideForm(SubmissionForm):
    """Approve, send back or refuse, on one page and by one tap; a note for the record."""

    decision = forms.ChoiceField(
        choices=[("approve", "Approve"), ("back", "Send back"), ("refuse", "Refuse")],
        widget=forms.HiddenInput,
        error_messages={"required": "Choose Approve, Send back or Refuse"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    because = TextField(
        label="Note for the record",
        required=False,
        max_length=1000,
        rows=3,
        help_text="Needed when you send it back or refuse it. Read by those who may know the reason.",
    )
    conditions = LineField(
        label="Conditions that everybody may read",
        required=False,
        max_length=500,
        help_text="Never the reason. Leave it as it is, or narrow it.",
    )
    last_day = forms.DateField(
        label="Last day", required=False, help_text="Earlier than asked for, if you like.", error_messages=_DAY
    )
    review_route = LineField(
        label="If you refuse: whom they can ask again",
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, has_last_day: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_last_day:
            del self.fields["last_day"]


class BecauseForm(SubmissionForm):
    """Why."""

    because = TextField(
        label="Why", max_length=1000, rows=3, error_messages={"required": "Say why"},
        help_text="Read by those who may know the reason of the permission, and by nobody else.",
    )  # fmt: skip


class DiscussForm(SubmissionForm):
    """When it was talked over, and with whom."""

    submit_label = "Save the discussion"

    discussed_on = forms.DateField(
        label="Day of the discussion", error_messages={**_DAY, "required": "Enter the day of the discussion"}
    )
    discussed_with = LineField(
        label="With whom", max_length=200, help_text="For example “mother and pupil”.",
        error_messages={"required": "Say with whom it was discussed"},
    )  # fmt: skip
    note = TextField(label="What was said", required=False, max_length=1000, help_text="No medical detail.")


class AttachForm(SubmissionForm):
    """Which complete risk assessment belongs to it."""

    submit_label = "Attach it"

    assessment = forms.ModelChoiceField(
        label="Risk assessment", queryset=RiskAssessment._base_manager.none(), widget=forms.RadioSelect,
        empty_label=None, error_messages={"required": "Choose a risk assessment"},
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assessment"]
        field.queryset = offered
        field.label_from_instance = lambda row: f"{row.title} ({row.reference}, {row.assessor.display_name})"


class ReviewForm(SubmissionForm):
    """What the review found, and when it is looked at next."""

    submit_label = "Save the review"

    note = TextField(label="What the review found", max_length=1000, error_messages={"required": "Say what it found"})
    review_on = forms.DateField(label="Next review", required=False, error_messages=_DAY)


class BeginAssessmentForm(SubmissionForm):
    """What is to be done, and when the assessment is looked at again."""

    submit_label = "Continue"

    title = LineField(label="Title", max_length=160, error_messages={"required": "Enter a title"})
    activity = TextField(
        label="What is to be done, where and with whom", max_length=1000,
        help_text="Name no child.", error_messages={"required": "Say what is to be done"},
    )  # fmt: skip
    review_on = forms.DateField(
        label="To be looked at again on", error_messages={**_DAY, "required": "Enter the day of review"}
    )


class HazardForm(SubmissionForm):
    """One hazard and what is done about it."""

    submit_label = "Add the hazard"

    hazard = LineField(
        label="What could go wrong", max_length=300, error_messages={"required": "Say what could go wrong"}
    )
    harmed = LineField(
        label="Who could be harmed, and how", max_length=200, error_messages={"required": "Say who could be harmed"}
    )
    likelihood = forms.ChoiceField(label="How likely", choices=Level.choices, widget=forms.RadioSelect)
    severity = forms.ChoiceField(label="How grave", choices=Level.choices, widget=forms.RadioSelect)
    controls = TextField(
        label="What is done about it, and by whom", max_length=1000, rows=3,
        error_messages={"required": "Say what is done about it"},
    )  # fmt: skip
    residual = forms.ChoiceField(label="Risk that is left", choices=Level.choices, widget=forms.RadioSelect)


class CompleteAssessmentForm(SubmissionForm):
    """What the assessment comes to."""

    submit_label = "Complete it"

    conclusion = TextField(
        label="What it comes to", max_length=1000, rows=3,
        help_text="Whether it can go ahead, and on what conditions. After this the assessment is not changed.",
        error_messages={"required": "Say what it comes to"},
    )  # fmt: skip


class DelegateForm(SubmissionForm):
    """Who decides in the head’s place, about what, from when to when."""

    submit_label = "Delegate"

    delegate = forms.TypedChoiceField(
        label="Who decides in your place", coerce=int, error_messages={"required": "Choose somebody"}
    )
    kinds = forms.MultipleChoiceField(
        label="About what", choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: about all permissions.",
    )  # fmt: skip
    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", error_messages={**_DAY, "required": "Enter the last day"})
    reason = LineField(
        label="Why", max_length=300, help_text="For example “away at a conference”.",
        error_messages={"required": "Say why"},
    )  # fmt: skip

    def __init__(self, *args: Any, leaders: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("delegate", [("", "Choose"), *((one.pk, one.full_name) for one in leaders)])
