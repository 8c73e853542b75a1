"""What is filled in to issue an agreement, to sign it at school, to follow it up and to end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from agreements.enums import Capacity, Decision, ParentsNeeded
from agreements.marks import Strokes, strokes_from
from agreements.models import TemplateVersion
from agreements.wording import statements_for
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Contact


class IssueForm(SubmissionForm):
    """Which agreement, from when, with which clauses of its own; who signs, where the rules leave it open."""

    submit_label = "Issue it"

    version = forms.ChoiceField(label="Which agreement?", widget=forms.RadioSelect)
    starts_on = forms.DateField(label="From which day does it hold?")
    ends_on = forms.DateField(label="Until which day, if it ends?", required=False)
    parents_needed = forms.ChoiceField(
        label="How many parents or carers have to sign?", choices=ParentsNeeded.choices, widget=forms.RadioSelect
    )
    personal = TextField(
        label="Clauses for this child alone, one a line",
        required=False,
        max_length=2000,
        rows=3,
        help_text="Such as an arrangement that was agreed. Leave it empty for the usual wording.",
    )
    send = forms.BooleanField(
        label="Send each parent or carer who has an email address a link to sign by",
        required=False,
        help_text="The email names no child. You can send it later, too, or let them sign at school.",
    )
    signatories = forms.MultipleChoiceField(
        label="Who signs it?",
        required=False,
        choices=[(one.value, one.label) for one in Capacity if one != Capacity.STAFF],
        widget=forms.CheckboxSelectMultiple,
        help_text="Your school’s rules do not say.",
    )
    reason = LineField(
        label="Who decided that, and why?", required=False, max_length=300, help_text="It is kept as a decision."
    )

    def __init__(self, *args: Any, versions: Sequence[TemplateVersion], asks_who: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_who:
            del self.fields["signatories"], self.fields["reason"]
        self.versions = {str(version.pk): version for version in versions}
        self.offer("version", [(key, version.title) for key, version in self.versions.items()])

    def values(self) -> dict[str, Any]:
        """What `issue_agreement` takes."""
        given = self.cleaned_data
        return {
            "version": self.versions[given["version"]],
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
            "parents_needed": given["parents_needed"],
            "personal": [line for line in given["personal"].splitlines() if line.strip()],
            "signatories": given.get("signatories", ()),
            "reason": given.get("reason", ""),
            "submission": given["submission"],
        }


class SignForm(SubmissionForm):
    """A decision about one agreement: what was ticked, yes or no, the full name, a drawing if wished."""

    submit_label = "Accept and send"

    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[(Decision.AGREES.value, "I agree"), (Decision.DECLINES.value, "I do not agree")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you agree"},
    )
    statements = forms.MultipleChoiceField(
        label="Tick what you confirm", required=False, widget=forms.CheckboxSelectMultiple
    )
    name = LineField(label="Your full name", max_length=160, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    reason = LineField(
        label="If you do not agree, you may say why", required=False, max_length=500, help_text="You need not."
    )
    mark = forms.CharField(required=False, widget=forms.HiddenInput)  # bounded by strokes_from

    def __init__(self, *args: Any, wording: Mapping[str, Any], capacity: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purposes = [dict(one) for one in wording["purposes"]]
        self.offer("statements", [(one["key"], one["text"]) for one in statements_for(wording, capacity)])
        for purpose in self.purposes:
            self.fields[f"use_{purpose['key']}"] = forms.ChoiceField(
                label=purpose["label"],
                choices=[("yes", "Yes"), ("no", "No")],
                required=False,
                widget=forms.RadioSelect,
            )
        for name, field in self.fields.items():  # needed by who agrees, so not called optional
            if name == "statements" or name.startswith("use_"):
                field.is_asked = True  # type: ignore[attr-defined]

    def clean_mark(self) -> Strokes:
        """A drawing; anything that is none is left out, for the typed name is enough."""
        return strokes_from(self.cleaned_data["mark"])

    def values(self) -> dict[str, Any]:
        """What `sign` takes of it."""
        given = self.cleaned_data
        return {
            "decision": given["decision"],
            "ticked": given["statements"],
            "name": given["name"],
            "reason": given["reason"],
            "mark": given["mark"],
            "choices": {one["key"]: given[f"use_{one['key']}"] for one in self.purposes},
            "submission": given["submission"],
        }


class PaperForm(SignForm):
    """The same of a sheet that was signed, with the day that stands on it."""

    submit_label = "Record it"

    signed_on = forms.DateField(label="Which day stands beside the signature?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["mark"]
        self.fields["name"].label = "The full name, as it stands on the paper"
        self.fields["decision"].label = "What does it say?"
        self.fields["statements"].label = "Tick what the paper confirms"
        self.fields["reason"].label = "If they do not agree, what they said about it"
        self.order_fields(["submission", "decision", "statements", "name", "signed_on"])

    def values(self) -> dict[str, Any]:
        self.cleaned_data["mark"] = []
        return super().values() | {"signed_on": self.cleaned_data["signed_on"]}


class ReasonForm(SubmissionForm):
    """Why something is withdrawn or ended."""

    reason = LineField(label="Why?", max_length=300)


class FollowUpForm(SubmissionForm):
    """What was done about an agreement that waits, or was not agreed to."""

    submit_label = "Write it down"

    reason = TextField(label="What was done?", max_length=500, rows=3)


class AskAlsoForm(SubmissionForm):
    """Which other parent or carer is asked to sign."""

    submit_label = "Ask them too"

    contact = forms.ChoiceField(label="Who else?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, contacts: Sequence[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(one.pk): one for one in contacts}
        self.offer("contact", [(key, one.display_name) for key, one in self.contacts.items()])


def today_or(day: date | None, today: date) -> date:
    """The later of a version's first day and today."""
    return max(day, today) if day is not None else today
