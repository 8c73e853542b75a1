"""Forms of the release desk: who asks and how they were known, decisions, escalation, and a release undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.calendar import LONDON
from core.people.models import Contact
from devices.enums import Claimant, EscalationTrigger, IdentityCheck, ReleasedAt, SignedHow
from devices.queries.taken import ReleaseTerms

_CONTACT = "contact-"
_NEEDED = ("identity", "condition", "place", "signed")  # by a release; a refused claim has none of them


class FindTakenForm(BaseForm):
    """What is scanned or typed at the release desk; sent by POST, so that no name stands in an address."""

    submit_label = "Find"

    code = LineField(
        label="Scan the device, its slot or the pupil’s card, or type a name",
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        error_messages={"required": "Scan or type something"},
    )


class ReleaseForm(SubmissionForm):
    """Who asks for the device, and what the record of a release needs (CNF-09).

    Whoever may not have it can be chosen and is refused in words. Listed are only contacts who may collect. With
    `asking_only` nobody may have it now, and the form takes no more than who asks.
    """

    submit_label = "Release it"

    to = forms.ChoiceField(
        label="Who asks for it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who asks for it"},
    )
    claimant_name = LineField(
        label="Their name",
        max_length=160,
        required=False,
        help_text="Of a friend or of an adult who is not listed.",
    )
    identity = forms.ChoiceField(
        label="How do you know who it is?",
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you know who it is"},
    )
    identity_note = LineField(
        label="If in another way: how?", max_length=120, required=False, help_text="Do not copy a document."
    )
    condition = LineField(
        label="Condition it goes back in",
        max_length=200,
        help_text="What can be seen from outside, for example: no damage seen.",
        error_messages={"required": "Enter the condition it goes back in"},
    )
    place = forms.ChoiceField(
        label="Where is it handed over?",
        choices=ReleasedAt.choices,
        widget=forms.RadioSelect,
        initial=ReleasedAt.OFFICE,
        error_messages={"required": "Choose where it is handed over"},
    )
    where = LineField(label="If somewhere else: where?", max_length=120, required=False)
    signed = forms.ChoiceField(
        label="How do they sign for it?",
        choices=SignedHow.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they sign for it"},
    )
    initials = LineField(label="Collector’s initials", max_length=12, required=False)

    def __init__(
        self,
        *args: Any,
        terms: ReleaseTerms,
        adults: Iterable[Contact],
        child: str,
        name: str,
        asking_only: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms, self.asking_only = terms, asking_only
        self.adults = {f"{_CONTACT}{one.pk}": one for one in adults}
        allowed = {one.pk for one in terms.contacts}
        listed = [(key, _said(one, one.pk in allowed and not asking_only)) for key, one in self.adults.items()]
        pupil = f"{name}, the {child}" + ("" if terms.may_pupil and not asking_only else ": may not have it")
        first = [(Claimant.PUPIL.value, pupil)]
        offered = first + listed if terms.may_pupil else listed + first
        self.offer(
            "to",
            [
                *offered,
                (Claimant.FRIEND.value, f"A friend or another {child}: may not have it"),
                (Claimant.OTHER_ADULT.value, "An adult who is not listed: may not have it"),
            ],
        )
        if asking_only:
            self.submit_label = "Record that they asked"
            for field in ("identity", "identity_note", "condition", "place", "where", "signed", "initials"):
                del self.fields[field]

    def full_clean(self) -> None:
        """Whoever may not have it is refused in words, not asked for what only a release needs."""
        needed = [self.fields[name] for name in _NEEDED if name in self.fields]
        for field in needed:
            field.required = self._is_allowed(str(self.data.get(self.add_prefix("to"), "")))
        super().full_clean()
        for field in needed:
            field.required = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.asking_only or not self._is_allowed(cleaned.get("to", "")):
            return cleaned
        for name, chosen, sentence in (
            ("identity_note", cleaned.get("identity") == IdentityCheck.OTHER, "Enter how you know who it is"),
            ("where", cleaned.get("place") == ReleasedAt.ELSEWHERE, "Enter where it is handed over"),
            ("initials", cleaned.get("signed") == SignedHow.INITIALS, "Enter the collector’s initials"),
        ):
            if chosen and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned

    def _is_allowed(self, chosen: str) -> bool:
        """Whether the rules let this person have it, so that the record of a release has to be whole."""
        if chosen == Claimant.PUPIL:
            return self.terms.may_pupil
        one = self.adults.get(chosen)
        return one is not None and one.pk in {contact.pk for contact in self.terms.contacts}

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        contact = self.adults.get(given.pop("to"))
        claimant = Claimant.CONTACT if contact is not None else Claimant(self.cleaned_data["to"])
        return given | {"to": claimant, "contact": contact}


def _said(contact: Contact, allowed: bool) -> str:
    relation = f", {contact.relationship.lower()}" if contact.relationship else ""
    return f"{contact.display_name}{relation}" + ("" if allowed else ": may not have it now")


class DecideReleaseForm(SubmissionForm):
    """To whom a device goes and from when, where the rules do not say (matrix §0.3)."""

    submit_label = "Record the decision"

    to = forms.ChoiceField(
        label="Who may collect it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who may collect it"},
    )
    on = forms.DateField(
        label="From which day?",
        error_messages={"required": "Enter the day", "invalid": "Enter a day such as 23/11/2026"},
    )
    time = forms.TimeField(
        label="From what time?",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Enter the time", "invalid": "Enter a time such as 15:15"},
    )
    reason = LineField(
        label="Why?",
        max_length=500,
        help_text="Keep to facts. Your name stays with it.",
        error_messages={"required": "Say why"},
    )

    def __init__(self, *args: Any, child: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "to", [(Claimant.PUPIL.value, f"The {child}"), (Claimant.CONTACT.value, "A parent or carer on the record")]
        )

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        day: date = given["on"]
        return {
            "to": given["to"],
            "not_before": datetime.combine(day, given["time"], LONDON),
            "reason": given["reason"],
            "submission": given["submission"],
        }


class EscalateForm(SubmissionForm):
    """What sets off collection by a parent or carer, and why (CNF-06)."""

    submit_label = "Have a parent collect it"

    trigger = forms.ChoiceField(
        label="What is the reason in the school’s rules?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason"},
    )
    reason = LineField(
        label="Why, in a sentence or two?",
        max_length=500,
        help_text="Keep to facts. Your name stays with it.",
        error_messages={"required": "Say why"},
    )

    def __init__(self, *args: Any, triggers: Iterable[EscalationTrigger], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("trigger", [(one.value, str(one.label)) for one in triggers])


class UndoReleaseForm(SubmissionForm):
    """What was wrong about a release that was recorded."""

    submit_label = "It is still here"

    note = LineField(
        label="What was wrong?",
        max_length=300,
        help_text="The release stays on record, with this beside it.",
        error_messages={"required": "Say what was wrong"},
    )
