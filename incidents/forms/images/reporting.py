"""Reporting a suspected image of a child: no field for the image, and none for what it shows (IMG-01, IMG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, TextField
from core.people.calendar import LONDON
from core.people.models import Pupil
from incidents.enums import ImagePlace, PersonRole, RaisedBy
from incidents.forms.images.fields import CONTEXT, NOT_YET, CarefulForm, ContextMixin, SecureForm

_ROLES = [
    (PersonRole.AFFECTED, "The image may be of them"),
    (PersonRole.SUBJECT, "They may have it, or have sent it"),
    (PersonRole.WITNESS, "They told somebody about it"),
]


class FindImagePupilForm(BaseForm):
    """Whom it is about; sent by POST, so that no name stands in an address."""

    submit_label = "Find"

    query = LineField(
        label="Which pupil",
        max_length=80,
        help_text="Whose device it is, or whom it is about. A name, or a form and a name.",
        error_messages={"required": "Enter a name or a form"},
    )


class ImageReportForm(SecureForm, ContextMixin):
    """The report of a suspected image: its own form (IMG-01). No field for the image, none for its contents."""

    submit_label = "Report it now"
    CAREFUL = ("account", "holders", "immediate_action", "not_secured", "pupils_told")

    place = forms.ChoiceField(
        label="Where is the image said to be?", choices=ImagePlace.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose where it is said to be"},
    )  # fmt: skip
    site = LineField(
        label="Which website, network or computer", max_length=120, required=False,
        help_text="Its name. Do not open it to find out, and do not copy the link.",
    )  # fmt: skip
    role = forms.ChoiceField(
        label="What has this pupil to do with it?", choices=_ROLES, widget=forms.RadioSelect,
        error_messages={"required": "Choose what the pupil has to do with it"},
    )  # fmt: skip
    account = TextField(
        label="What happened, or what were you told?", max_length=8000, rows=5,
        help_text="Who said what, and when, in their words. Never what the picture shows.",
        error_messages={"required": "Say what happened, or what you were told"},
    )  # fmt: skip
    raised_by = forms.ChoiceField(
        label="How you know", choices=[one for one in RaisedBy.choices if one[0] != RaisedBy.SYSTEM],
        initial=RaisedBy.PUPIL,
    )  # fmt: skip
    happened_on = forms.DateField(label="Day", required=False, error_messages={"invalid": "Enter a day"})
    happened_time = forms.TimeField(
        label="Time", required=False, help_text="Left empty: not known.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45"},
    )  # fmt: skip
    where = LineField(label="Where you heard of it", max_length=120, required=False)
    danger_now = forms.BooleanField(label="A child is in danger now: I have called, or am calling, 999", required=False)
    not_secured = TextField(
        label="If it is not secured: why, and where is it?", max_length=1000, rows=2, required=False
    )
    pupils_told = LineField(
        label="Whom did you tell not to look, keep it or pass it on?", max_length=400, required=False,
        help_text="Left empty: still to be done.",
    )  # fmt: skip
    holders = TextField(label="Who may have it", max_length=1000, rows=2, required=False, help_text="Names, if known.")
    adult_name = LineField(label="The adult’s name, if known", max_length=120, required=False)
    immediate_action = TextField(label="What you have done so far", max_length=4000, rows=2, required=False)

    def __init__(self, *args: Any, pupil: Pupil | None, today: date, secure: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["happened_on"].initial = today
        self.secure_with(last=[(NOT_YET, "No, not yet")], pupil=pupil, **secure)
        if pupil is None:
            del self.fields["role"], self.fields["device"], self.fields["taken_where"], self.fields["bag"]
            self.fields.pop("evidence_place", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_own = cleaned.get("place") == ImagePlace.PERSONAL_DEVICE
        if is_own and "device" in self.fields and not cleaned.get("device") and "device" not in self.errors:
            self.add_error("device", "Say whether the device is secured")
        unsecured = cleaned.get("device") == NOT_YET or "device" not in self.fields
        if is_own and unsecured and not cleaned.get("not_secured") and "not_secured" not in self.errors:
            self.add_error("not_secured", "Say why it is not secured, and where it is")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        day, at_time = given.get("happened_on") or self.today, given.get("happened_time")
        same = ("place", "site", "account", "raised_by", "where", "danger_now", "pupils_told", "holders")
        others = ("adult_name", "immediate_action", "not_secured", "submission", *CONTEXT)
        known = at_time is not None or day != self.today
        return {
            **{name: given[name] for name in (*same, *others)},
            "role": given.get("role") or PersonRole.AFFECTED,
            "happened_at": datetime.combine(day, at_time or time(0), tzinfo=LONDON) if known else None,
            "time_is_known": at_time is not None,
            "secured": self.secured() if given["place"] == ImagePlace.PERSONAL_DEVICE else None,
        }


class FromSearchForm(CarefulForm):
    """What is added when a search becomes a record."""

    submit_label = "Report it now"
    CAREFUL = ("added",)

    added = TextField(
        label="Anything to add", max_length=2000, rows=3, required=False,
        help_text="What the search’s record says is carried over. Never what a picture shows.",
    )  # fmt: skip
