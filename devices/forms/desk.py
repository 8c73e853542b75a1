"""Forms of the desk: what was scanned or typed, and the answers to what the desk asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from devices.enums import BringReason, CorrectionKind, DeskAct, EarlyReason, GivenTo

PARK = "park"


class ScanForm(SubmissionForm):
    """One scan, name or number, and nothing said about it: the shape of nearly every hand-in."""

    code = forms.CharField(max_length=80, required=False)
    switched_off = forms.BooleanField(required=False)


class ArrivalForm(ScanForm):
    """One scan, name or number, and what is said about it."""

    pupil = forms.IntegerField(required=False)
    device = forms.IntegerField(required=False)
    new_type = forms.SlugField(required=False, max_length=40)
    act = forms.ChoiceField(choices=[*DeskAct.choices, (PARK, "Put aside")], required=False)
    custody = forms.IntegerField(required=False)
    bring_reason = forms.ChoiceField(choices=BringReason.choices, required=False)
    slot = LineField(max_length=12, required=False)
    place_reason = LineField(max_length=200, required=False)
    condition = LineField(max_length=200, required=False)
    note = LineField(max_length=200, required=False)


class ReturnScanForm(SubmissionForm):
    """One scan at hand-back, and nothing said about it."""

    code = forms.CharField(max_length=80, required=False)


class ReturnForm(ReturnScanForm):
    """One scan, slot, name or number at hand-back, and what is said about it."""

    custody = forms.IntegerField(required=False)
    given_to = forms.ChoiceField(choices=GivenTo.choices, required=False)
    contact = forms.IntegerField(required=False)
    reason = forms.ChoiceField(choices=EarlyReason.choices, required=False)
    condition = LineField(max_length=200, required=False)
    note = LineField(max_length=200, required=False)


def _nothing_said(form: type[SubmissionForm]) -> dict[str, Any]:
    """What the form gives for fields that nobody filled."""
    return {
        name: field.empty_value
        if isinstance(field, forms.CharField)
        else ""
        if isinstance(field, forms.ChoiceField)
        else None
        for name, field in form.base_fields.items()
    }


NOTHING_SAID = _nothing_said(ArrivalForm)
NOTHING_SAID_OF_RETURN = _nothing_said(ReturnForm)


def arrival_form(data: QueryDict) -> SubmissionForm:
    """The form that fits what was sent: a plain scan is not charged for the fields it leaves empty."""
    return ScanForm(data) if _says_only(data, ScanForm) else ArrivalForm(data)


def return_form(data: QueryDict) -> SubmissionForm:
    """The same at hand-back."""
    return ReturnScanForm(data) if _says_only(data, ReturnScanForm) else ReturnForm(data)


def _says_only(data: QueryDict, form: type[SubmissionForm]) -> bool:
    return {name for name, value in data.items() if value} <= {*form.base_fields, "csrfmiddlewaretoken"}


class DecideHandInForm(SubmissionForm):
    """Why devices are taken in today where the rules do not say."""

    submit_label = "Record decision"

    reason = TextField(
        label="Who decided that devices are handed in today, and why?",
        help_text="Your school’s rules do not say. This is kept with your name and the time.",
        max_length=500,
        rows=3,
        error_messages={"required": "Say who decided, and why"},
    )


class CorrectCustodyForm(SubmissionForm):
    """What was wrong with an entry."""

    submit_label = "Record correction"

    kind = forms.ChoiceField(
        label="What was wrong?",
        choices=CorrectionKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was wrong"},
    )
    slot = LineField(
        label="The slot it is in", help_text="Only if it is in another slot.", max_length=12, required=False
    )
    note = LineField(
        label="What happened?",
        help_text="In a few words where the choice above does not say it all. The first entry stays beside this one.",
        max_length=300,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if not cleaned.get("note") and kind == CorrectionKind.DETAIL:
            self.add_error("note", "Say what happened")
        elif not cleaned.get("note") and kind:
            cleaned["note"] = f"{CorrectionKind(kind).label}."
        return cleaned


class WithdrawNoDeviceForm(SubmissionForm):
    """Why a "no device today" was wrong."""

    submit_label = "Record correction"

    because = LineField(label="What happened?", max_length=200, error_messages={"required": "Say what happened"})


class RegisterFilterForm(BaseForm):
    """Which day and form of the register; ids and dates only, so nothing personal is in an address."""

    submit_label = "Show"

    day = forms.DateField(label="Day", required=False)
    form = forms.TypedChoiceField(label="Form", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: object, forms_in_use: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offer("form", [("", "All forms"), *forms_in_use])
