"""What has to be done about a suspected image: done, given, answered; and what a record turns out to be (IMG-07)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User
from incidents.enums import ImagePlace, ImageTaskKind, YesNoUnknown
from incidents.forms.images.fields import ELSEWHERE, UNKNOWN, CarefulForm, SecureForm, moment_of
from incidents.operations.images import SCOPES


class DoTaskForm(SecureForm):
    """A task is done: when, and what its kind asks for."""

    submit_label = "It is done"
    CAREFUL = ("words",)
    _WORDS = {
        ImageTaskKind.SECURE_DEVICE: "If it is secured elsewhere: where, since when, and who has it",
        ImageTaskKind.PUPILS_TOLD: "Who was told",
        ImageTaskKind.REMOVAL: "How the child asks for it, and who helps",
    }

    done_on = forms.DateField(label="Day", required=False)
    done_time = forms.TimeField(
        label="Time it was done", required=False, help_text="Left empty: now.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45"},
    )  # fmt: skip
    scope = forms.ChoiceField(
        label="For whom is the network blocked?", choices=list(SCOPES.items()), widget=forms.RadioSelect,
        required=False,
        help_text="Your school’s rules do not say. What you choose is kept as a decision.",
    )  # fmt: skip
    scope_reason = LineField(label="Why", max_length=400, required=False)
    site = LineField(label="Website or network", max_length=120, required=False)
    reference = LineField(label="Their reference", max_length=60, required=False)
    words = TextField(label="Anything to add", max_length=2000, rows=2, required=False)

    def __init__(
        self,
        *args: Any,
        kind: str,
        leads: bool,
        asks_scope: bool,
        today: date,
        secure: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["done_on"].initial = today
        kind = ImageTaskKind(kind)
        last = [(ELSEWHERE, "It is secured elsewhere")] if leads else []
        self.secure_with(last=last, pupil=None, **secure)
        if kind != ImageTaskKind.SECURE_DEVICE:
            for name in ("device", "taken_where", "bag", "evidence_place", "circumstances_weighed"):
                self.fields.pop(name, None)
        else:
            self.fields["device"].required = True
            self.fields["device"].error_messages["required"] = "Choose how it is secured"
        if not asks_scope:
            del self.fields["scope"], self.fields["scope_reason"]
        if kind not in (ImageTaskKind.REPORT_HOST, ImageTaskKind.REMOVAL):
            del self.fields["site"]
        if kind not in (ImageTaskKind.REPORT_HOST, ImageTaskKind.REPORT_CEOP, ImageTaskKind.REMOVAL):
            del self.fields["reference"]
        self.fields["words"].label = self._WORDS.get(kind, self.fields["words"].label)

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        names = ("words", "site", "reference", "scope", "scope_reason")
        return {
            **{name: given.get(name) or "" for name in names},
            "done_at": moment_of(given.get("done_on") or self.today, given.get("done_time")),
            "secured": self.secured(),
            "submission": given["submission"],
        }


class RestoreForm(SubmissionForm):
    """When access came back."""

    submit_label = "Access is back"

    restored_on = forms.DateField(label="Day", required=False)
    restored_at = forms.TimeField(
        label="Time access came back", required=False, help_text="Left empty: now.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45"},
    )  # fmt: skip


class AnswerForm(CarefulForm):
    """What a website, CEOP or a removal service answered."""

    submit_label = "Keep the answer"
    CAREFUL = ("response",)

    response = TextField(label="What they answered", max_length=2000, rows=3)


class GiveTaskForm(SubmissionForm):
    """Who does a task."""

    submit_label = "Give it to them"

    assignee = forms.ChoiceField(label="Who does it", required=False)
    name = LineField(label="Or somebody outside, by name", max_length=120, required=False)

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(one.pk): one for one in staff}
        self.offer("assignee", [("", "Nobody"), *((key, one.display_name) for key, one in self.staff.items())])


class AddTaskForm(SubmissionForm):
    """Another thing to do."""

    submit_label = "Put it on the list"

    kind = forms.ChoiceField(label="What is to be done", widget=forms.RadioSelect)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", kinds)


class PlaceForm(SubmissionForm):
    """Where it is, as it is known now."""

    submit_label = "Keep the place"

    place = forms.ChoiceField(
        label="Where is the image said to be?", choices=ImagePlace.choices, widget=forms.RadioSelect
    )
    site = LineField(label="Which website, network or computer", max_length=120, required=False)


class ReclassifyForm(PlaceForm):
    """A record of another type is of a suspected image."""

    submit_label = "Handle it as a suspected image"

    adult_involved = forms.ChoiceField(label="An adult is involved", choices=YesNoUnknown.choices, initial=UNKNOWN)
    threats = forms.ChoiceField(label="Threats or blackmail", choices=YesNoUnknown.choices, initial=UNKNOWN)
    under_13 = forms.ChoiceField(label="A child under 13 is involved", choices=YesNoUnknown.choices, initial=UNKNOWN)
