"""The forms that unlock a screen, and those about a desk's computers and PINs."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.models import School
from core.people.operations.desks import PIN_DIGITS


class UnlockForm(BaseForm):
    """The password of the person who is already signed in."""

    submit_label = "Unlock"

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Enter your password"},
        strip=False,
    )

    def __init__(self, *args: Any, focus: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not focus:  # something else on the page is
            del self.fields["password"].widget.attrs["autofocus"]


class PinInput(forms.PasswordInput):
    """Never sent back to the page, as a password; a text box all the same, for browsers offer to keep what is not."""

    input_type = "text"


class DeskPinForm(BaseForm):
    """The PIN of anybody who may use this desk: one field, six digits, Enter."""

    submit_label = "Open the desk"

    pin = forms.RegexField(
        label="Your desk PIN",
        regex=rf"^[0-9]{{{PIN_DIGITS}}}$",
        help_text=f"{PIN_DIGITS} digits. Whatever you do here then carries your name.",
        widget=PinInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "maxlength": PIN_DIGITS,
                "autofocus": True,
                "class": "masked",
                "spellcheck": "false",
            }
        ),
        error_messages={
            "required": f"Type your PIN: {PIN_DIGITS} digits",
            "invalid": f"A PIN is {PIN_DIGITS} digits",
        },
    )


class EnrolDeskForm(SubmissionForm):
    """What this computer is called."""

    submit_label = "Enrol this computer"

    name = LineField(
        label="Name of this computer", max_length=60, help_text="For example Front office PC, or River gate laptop."
    )


class OwnPinForm(SubmissionForm):
    """A new PIN for oneself in one school, or an end to it."""

    school = forms.ChoiceField(label="School", widget=forms.HiddenInput)
    act = forms.ChoiceField(label="Act", choices=[("issue", "issue"), ("end", "end")], widget=forms.HiddenInput)

    def __init__(self, *args: Any, schools: list[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("school", ((school.slug, school.name) for school in schools))
