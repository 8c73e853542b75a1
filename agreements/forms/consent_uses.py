"""Forms about uses of images: what for, who is in it, where. They hold no picture and take none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import ConsentPurpose, NamesShown, TakedownOutcome
from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.models import FormGroup, Pupil, User

NOBODY = "none"


class CheckImagesForm(BaseForm):
    """What an image is for and who could be in it."""

    submit_label = "Show who may be shown"

    purpose = forms.ChoiceField(
        label="What it is for", choices=ConsentPurpose.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is for"},
    )  # fmt: skip
    title = LineField(
        label="What it shows", max_length=160, help_text="For example “Sports day”; for another purpose, that purpose.",
        error_messages={"required": "Enter what it shows"},
    )  # fmt: skip
    form_groups = forms.MultipleChoiceField(
        label="Who could be in it", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one form"},
    )  # fmt: skip
    names = forms.ChoiceField(
        label="Names beside it", choices=NamesShown.choices, initial=NamesShown.NONE, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, groups: Iterable[FormGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(one.pk): one for one in groups}
        self.offer("form_groups", [(key, one.name) for key, one in self.groups.items()])

    @property
    def chosen(self) -> list[FormGroup]:
        return [self.groups[key] for key in self.cleaned_data["form_groups"]]


class PlanUseForm(SubmissionForm):
    """Who is in it and where it goes, to be kept; what was checked comes along hidden."""

    submit_label = "Keep this use"

    purpose = forms.ChoiceField(choices=ConsentPurpose.choices, widget=forms.HiddenInput)
    title = LineField(max_length=160, widget=forms.HiddenInput)
    form_groups = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput, required=False)
    names = forms.ChoiceField(choices=NamesShown.choices, widget=forms.HiddenInput)
    pupils = forms.MultipleChoiceField(
        label="In it", widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Tick again", "required": "Tick those who are in it"},
    )  # fmt: skip
    place = LineField(
        label="Where", max_length=300, help_text="A page, a paper, a wall.",
        error_messages={"required": "Enter where it goes"},
    )  # fmt: skip
    name_need = LineField(label="Why the name is needed", max_length=200, required=False)
    account = LineField(label="Official account", max_length=120, required=False)
    moderator = forms.ChoiceField(label="Who moderates it", required=False)
    unmoderated_because = LineField(label="Why nobody can moderate it", max_length=200, required=False)
    reason = LineField(
        label="Why it is allowed in this use", max_length=500, required=False,
        help_text="The school’s rules do not settle this. What you decide is kept with your name.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, pupils: Iterable[Pupil], groups: Iterable[FormGroup], staff: Iterable[User],
        ask: set[str], **kwargs: Any,
    ) -> None:  # fmt: skip
        """`ask`: the names of the fields that this use needs beside those of every use."""
        super().__init__(*args, **kwargs)
        self.listed = {str(one.pk): one for one in pupils}
        self.staff = {str(one.pk): one for one in staff}
        self.offer("pupils", [(key, one.display_name) for key, one in self.listed.items()])
        self.offer("form_groups", [(str(one.pk), one.name) for one in groups])
        listed = [(key, one.full_name) for key, one in self.staff.items()]
        self.offer("moderator", [("", "Choose somebody"), *listed, (NOBODY, "Nobody can")])
        for name in {"name_need", "account", "moderator", "unmoderated_because", "reason"} - ask:
            del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the operation is given."""
        data = dict(self.cleaned_data)
        del data["form_groups"]
        data["pupils"] = [self.listed[key] for key in data["pupils"]]
        data["moderator"] = self.staff.get(data.get("moderator") or "")
        return data


class LeaveOutForm(SubmissionForm):
    """Whom to leave out of a planned use."""

    pupil = forms.ChoiceField(label="Who", error_messages={"required": "Choose who"})

    def __init__(self, *args: Any, pupils: Iterable[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = {str(one.pk): one for one in pupils}
        self.offer("pupil", [("", "Choose somebody"), *((key, one.display_name) for key, one in self.listed.items())])

    def clean_pupil(self) -> Pupil:
        return self.listed[self.cleaned_data["pupil"]]


class TakedownForm(LeaveOutForm):
    """One attempt to take an image down, and what came of it."""

    submit_label = "Record it"

    where = LineField(
        label="Where it was", max_length=300, help_text="A page, an account, a paper; whoever shared it on.",
        error_messages={"required": "Enter where it was"},
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label="What came of it", choices=TakedownOutcome.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of it"},
    )  # fmt: skip
    note = LineField(label="Note", max_length=500, required=False)
    whole = forms.BooleanField(label="Nothing of this use is shown by the school any more", required=False)
