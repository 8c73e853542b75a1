"""The form base: GOV.UK's habits on Bootstrap's parts. Forms clean the shape of input and never save."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from core.kit.refusals import Refusal
from core.kit.text import clean_line, clean_text


class LineField(forms.CharField):
    """One line of plain text; hidden and control characters are refused in words."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_line(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class TextField(forms.CharField):
    """Several lines of plain text."""

    widget = forms.Textarea

    def __init__(self, *args: Any, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_text(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class CsvField(forms.FileField):
    """One CSV list, given as its bytes: read where it is and never stored as a file."""

    default_error_messages = {"empty": "This file is empty", "invalid": "Choose a CSV file"}

    def __init__(self, *, most: int = 2 * 1024 * 1024, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> bytes:
        sent = super().clean(data, initial)
        if sent is None:
            return b""
        if (sent.size or 0) > self.most:
            raise forms.ValidationError("This file is larger than a list of a school can be. Choose another.")
        return bytes(sent.read())

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"accept": ".csv,.txt,text/csv,text/plain"}


class BaseForm(forms.Form):
    """A form whose look, error summary and helper come from one place (`templates/components/form.html`)."""

    submit_label = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # Django's own sentence says "This field is required."; ours says what to do.
            default = forms.Field.default_error_messages["required"]
            if str(field.error_messages.get("required", "")) == str(default):
                label = str(field.label or "a value")
                verb = "Choose" if isinstance(field, forms.ChoiceField) else "Enter"
                field.error_messages["required"] = f"{verb} {label[:1].lower()}{label[1:]}"
            if isinstance(field, forms.DateField) and not isinstance(field, forms.DateTimeField):
                field.widget = forms.DateInput(attrs={**field.widget.attrs, "type": "date"}, format="%Y-%m-%d")

    @property
    def helper(self) -> FormHelper:
        """Crispy's helper: the page writes the form tag, the token and the button."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        return helper

    def offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        """Give the field `name` its choices, where they are the school's or the day's and not fixed."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def add_refusal(self, refusal: Refusal) -> None:
        """Show an operation's refusal at the field it belongs to, or at the top."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, refusal.message)


def _fresh_key() -> uuid.UUID:
    return uuid.uuid4()


class SubmissionForm(BaseForm):
    """A form that writes. Its hidden key makes a double submit one act (security §5.11)."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=_fresh_key, required=False)

    def clean_submission(self) -> uuid.UUID:
        return self.cleaned_data.get("submission") or uuid.uuid4()
