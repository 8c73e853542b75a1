"""Forms of a record's own page: notes, corrections, people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Pupil, User
from incidents.enums import NoteKind, PersonKind, PersonRole

_KINDS = [kind for kind in NoteKind if kind not in (NoteKind.ADDED, NoteKind.CORRECTION)]
_NAMED = [PersonKind.VISITOR, PersonKind.PARENT, PersonKind.UNKNOWN]


class AddNoteForm(SubmissionForm):
    """One more note."""

    submit_label = "Add to the record"

    kind = forms.ChoiceField(label="What it is", choices=[(kind.value, kind.label) for kind in _KINDS])
    text = TextField(
        label="Note", max_length=8000, rows=5, error_messages={"required": "Write the note"},
        help_text="Facts, and who said what. It cannot be changed later, only corrected beside it.",
    )  # fmt: skip
    about_at = forms.DateTimeField(
        label="When it happened, if not now", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class CorrectNoteForm(SubmissionForm):
    """What is right."""

    submit_label = "Add the correction"

    text = TextField(label="What is right", max_length=8000, rows=5)


class RemovePersonForm(SubmissionForm):
    """The button beside a person."""

    submit_label = "Take out"


class AddPersonForm(SubmissionForm):
    """Somebody else who is in it. A pupil is found by name; where several fit, the page asks which."""

    submit_label = "Add to the record"

    role = forms.ChoiceField(label="What they are in it", choices=PersonRole.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="Who they are", choices=PersonKind.choices, widget=forms.RadioSelect)
    user = forms.ChoiceField(label="Member of staff", required=False)
    name = LineField(
        label="Name of a pupil or somebody else", max_length=120, required=False,
        help_text="A pupil by name or form. Of somebody unknown what is known of them.",
    )  # fmt: skip
    pupil = forms.ChoiceField(label="Which pupil", required=False)

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(user.pk): user for user in staff}
        self.offer("user", [("", "Nobody"), *((key, user.display_name) for key, user in self.staff.items())])
        chosen = str(self.data.get("pupil", "")) if self.is_bound else ""
        self.fields["pupil"].widget = forms.HiddenInput()
        if chosen.isdigit():  # answered from the list that was offered before
            self.offer("pupil", [(chosen, "The pupil chosen")])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == PersonKind.STAFF and not cleaned.get("user") and not cleaned.get("name"):
            self.add_error("user", "Choose the member of staff")
        elif kind and kind != PersonKind.STAFF and not cleaned.get("name") and not cleaned.get("pupil"):
            self.add_error("name", "Enter a name")
        return cleaned

    def ask_which(self, pupils: Iterable[Pupil]) -> None:
        """Ask which of several is meant; nobody fits: say so."""
        found = [(str(pupil.pk), str(pupil.display_name)) for pupil in pupils]
        if not found:
            self.add_error("name", "No pupil on the roll fits this. Check the spelling.")
            return
        self.fields["pupil"].widget = forms.RadioSelect()
        self.offer("pupil", found)
        self.add_error("pupil", "Choose which one it is")

    def values(self) -> dict[str, Any]:
        """What the operation takes beside the pupil."""
        given = self.cleaned_data
        kind = PersonKind(given["kind"])
        return {
            "role": PersonRole(given["role"]),
            "kind": kind,
            "user": self.staff.get(given["user"]) if kind == PersonKind.STAFF else None,
            "name": given["name"],
            "submission": given["submission"],
        }
