"""Referrals: to whom and why, consent, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Contact, Pupil
from incidents.enums import Consent

_YES_NO = [("", "Not known yet"), ("yes", "Yes"), ("no", "No")]
_OTHER = "other"


class ReferForm(SubmissionForm):
    """To whom, about whom and why; at level 4 what the law asks for."""

    submit_label = "Save the referral"

    decision = forms.ChoiceField(
        label="What was decided", widget=forms.RadioSelect, initial="refer",
        choices=[("refer", "Refer"), ("not_needed", "Do not refer")],
    )  # fmt: skip
    body = forms.ChoiceField(label="To whom")
    other_body = LineField(label="To whom, if somebody else", max_length=120, required=False)
    pupil = forms.ChoiceField(label="About whom", required=False)
    reason = TextField(label="Why", max_length=4000, rows=4)
    section_17 = forms.ChoiceField(label="Section 17 assessment", choices=_YES_NO, required=False)
    section_47 = forms.ChoiceField(label="Section 47 enquiry", choices=_YES_NO, required=False)
    further = TextField(
        label="Further steps", max_length=2000, rows=2, required=False,
        help_text="Legal action or accommodation that may follow, and specialist work.",
    )  # fmt: skip

    def __init__(self, *args: Any, bodies: Iterable[str], pupils: Iterable[Pupil], top: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pupils = {str(pupil.pk): pupil for pupil in pupils}
        self.offer("body", [("", "Choose"), *((name, name) for name in bodies), (_OTHER, "Somebody else")])
        self.offer("pupil", [("", "All of them"), *((key, str(one.display_name)) for key, one in self.pupils.items())])
        if len(self.pupils) < 2:
            self.fields.pop("pupil")
        if not top:
            for name in ("section_17", "section_47", "further"):
                self.fields.pop(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("body") == _OTHER and not cleaned.get("other_body"):
            self.add_error("other_body", "Enter to whom it goes")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        known = {"yes": True, "no": False}
        only = next(iter(self.pupils.values()), None) if len(self.pupils) == 1 else None
        return {
            "body": given["other_body"] if given["body"] == _OTHER else given["body"],
            "pupil": self.pupils.get(given.get("pupil", "")) or only,
            "reason": given["reason"],
            "section_17": known.get(given.get("section_17", "")),
            "section_47": known.get(given.get("section_47", "")),
            "further": given.get("further", ""),
            "not_needed": given["decision"] == "not_needed",
            "submission": given["submission"],
        }


class ConsentForm(SubmissionForm):
    """What a parent said to a referral."""

    submit_label = "Save the answer"

    consent = forms.ChoiceField(
        label="Consent", widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Consent if one != Consent.NOT_ASKED],
    )  # fmt: skip
    contact = forms.ChoiceField(label="Of whom", required=False)
    reason = TextField(label="What they said", max_length=2000, rows=3, required=False)

    def __init__(self, *args: Any, contacts: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        self.offer("contact", [("", "Nobody yet"), *((key, one.display_name) for key, one in self.contacts.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return given | {"consent": Consent(given["consent"]), "contact": self.contacts.get(given["contact"])}


class OverrideForm(SubmissionForm):
    """Why it goes without consent."""

    submit_label = "Go on without consent"

    reason = TextField(label="Why it goes without consent", max_length=2000, rows=3)


class SendForm(SubmissionForm):
    """That it went."""

    submit_label = "It was sent"

    reference = LineField(label="Their reference", max_length=60, required=False)
    next_contact_on = forms.DateField(label="When to ask for an answer", required=False)


class AnswerForm(SubmissionForm):
    """What they answered."""

    submit_label = "Save the answer"

    state = forms.ChoiceField(label="What came", widget=forms.RadioSelect)
    reference = LineField(label="Their reference", max_length=60, required=False)
    response = TextField(label="What they said", max_length=4000, rows=3, required=False)
    outcome = TextField(label="Outcome", max_length=4000, rows=3, required=False)
    next_contact_on = forms.DateField(label="Next contact", required=False)

    def __init__(self, *args: Any, states: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("state", [*states, ("", "Nothing yet: ask again")])
        self.fields["state"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("state") and not cleaned.get("next_contact_on"):
            self.add_error("next_contact_on", "Enter when to ask again")
        return cleaned
