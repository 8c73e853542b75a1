"""Forms of the office: may they use it, calls home, messages, loss and damage. No field takes a number to ring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import Contact
from devices.enums import CallReason, DeliveredHow, DialledBy, LossKind
from devices.judgement import OFF_SITE
from devices.models import DeviceType

SOMEBODY_ELSE = "name"
SOMETHING_ELSE = "else"
_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_TIME = {"invalid": "Enter a time such as 10:45"}


class FindPupilForm(BaseForm):
    """What somebody types to find a pupil; sent by POST, so that no name stands in an address."""

    submit_label = "Find"

    query = LineField(
        label="Who",
        max_length=80,
        help_text="A name, a form and a name, the admission number, or the code on the card.",
        error_messages={"required": "Enter a name, a number or a code"},
    )


class HereAndNowForm(BaseForm):
    """Where, what and when: keys and a time of today, nothing that names anybody."""

    area = forms.ChoiceField(label="Where", required=False)
    kind = forms.ChoiceField(label="Which device", required=False)
    part = forms.ChoiceField(
        label="What is going on",
        required=False,
        choices=[
            ("", "What the timetable says"),
            ("movement", "Moving between lessons"),
            ("meetings", "A meeting or assembly"),
            ("interventions", "An intervention"),
            ("exam", "An exam"),
        ],
    )
    function = forms.ChoiceField(label="What for", required=False)
    time = forms.TimeField(
        label="When",
        required=False,
        help_text="Left empty: now.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=_TIME,
    )

    def __init__(
        self,
        *args: Any,
        areas: Sequence[tuple[str, str]],
        kinds: Iterable[DeviceType],
        functions: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.functions = list(functions)
        if functions:
            # By number: what a permission is for stands in no address.
            known = [(str(number), one) for number, one in enumerate(functions)]
            self.offer("function", [("", "Anything"), *known, (SOMETHING_ELSE, "Something else")])
        else:
            del self.fields["function"]
        self.kinds = {str(kind.pk): kind for kind in kinds}
        self.offer("area", [("", "Anywhere else on site"), *areas, (OFF_SITE, "At a placement off site")])
        self.offer("kind", [("", "Any"), *((key, kind.label) for key, kind in self.kinds.items())])

    def what_for(self) -> str:
        """What it is to be used for, in the words of the permission; what no permission names for something else."""
        chosen = self.cleaned_data.get("function", "")
        return self.functions[int(chosen)] if chosen.isdecimal() else chosen

    def asked(self) -> dict[str, str]:
        """What was chosen, as the address of the answer carries it."""
        given = self.cleaned_data
        moment = given.get("time")
        said = {name: given.get(name) or "" for name in ("area", "kind", "part")}
        said["time"] = moment.strftime("%H:%M") if moment else ""
        return {name: value for name, value in said.items() if value}


class MayUseForm(HereAndNowForm, FindPupilForm):
    """Who, and where, what and when."""

    submit_label = "May they use it?"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["query", "area", "kind", "part", "time"])


class ContactForm(SubmissionForm):
    """Who was spoken to: one of the pupil's contacts, or a name."""

    contact = forms.ChoiceField(
        label="Who",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who it was, or enter their name"},
    )
    name = LineField(label="Their name", max_length=160, required=False, help_text="Of somebody else.")

    who_label = "Who"

    def __init__(self, *args: Any, contacts: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        known = ((key, self._said(contact)) for key, contact in self.contacts.items())
        self.offer("contact", [*known, (SOMEBODY_ELSE, "Somebody else")])
        self.fields["contact"].label = self.who_label
        if not self.contacts:
            del self.fields["contact"]
            name = self.fields["name"]
            name.label, name.help_text, name.required = self.who_label, "Their name.", True
            name.error_messages["required"] = "Enter their name"

    @staticmethod
    def _said(contact: Contact) -> str:
        relation = f", {contact.relationship.lower()}" if contact.relationship else ""
        warning = "" if contact.may_collect else " (ask the DSL first)"
        return f"{contact.display_name}{relation}{warning}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        key, name = cleaned.get("contact", ""), cleaned.get("name", "")
        if name and not self.data.get(self.add_prefix("contact")):
            self.errors.pop("contact", None)  # a name that was typed says that it was somebody else
        elif key == SOMEBODY_ELSE and not name and "name" not in self.errors:
            self.add_error("name", "Enter their name")
        cleaned["contact"] = self.contacts.get(key)
        return cleaned


class LogCallForm(ContactForm):
    """A call home on a school phone (DEV-26). The number is not written down."""

    submit_label = "Log the call"
    who_label = "Who was rung"

    reason = forms.ChoiceField(label="Why", choices=CallReason.choices, widget=forms.RadioSelect)
    detail = LineField(label="Anything else", max_length=200, required=False, help_text="What the office needs later.")
    dialled_by = forms.ChoiceField(label="Who dialled", choices=DialledBy.choices, widget=forms.RadioSelect)
    answered = forms.ChoiceField(
        label="Did somebody answer?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect, initial="yes"
    )
    on = forms.DateField(label="Day", error_messages={**_DAY, "required": "Enter the day"})
    time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={**_TIME, "required": "Enter the time"},
    )

    def __init__(self, *args: Any, dialled_help: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dialled_by"].help_text = dialled_help

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return {
            "contact": given["contact"],
            "called_name": given["name"],
            "called_at": datetime.combine(given["on"], given["time"], LONDON),
            "reason": given["reason"],
            "detail": given["detail"],
            "dialled_by": given["dialled_by"],
            "answered": given["answered"] == "yes",
            "submission": given["submission"],
        }


class TakeMessageForm(ContactForm):
    """A message for a pupil, as somebody at the office took it (DEV-27)."""

    submit_label = "Keep the message"
    who_label = "From whom"

    text = TextField(label="Message", max_length=500, rows=3, help_text="As it was given, in a sentence or two.")
    is_urgent = forms.BooleanField(label="It must reach the {child} soon", required=False)
    ask_dsl = forms.BooleanField(label="I ask the DSL before it is passed on", required=False)

    def __init__(self, *args: Any, child: str, asks_dsl: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_urgent"].label = f"It must reach the {child} soon"
        self.order_fields(["submission", "contact", "name", "ask_dsl", "text", "is_urgent"])
        if not asks_dsl:
            self.fields["ask_dsl"].widget = forms.HiddenInput()


class DeliverMessageForm(SubmissionForm):
    """How a message reached the pupil."""

    submit_label = "Mark as delivered"

    how = forms.ChoiceField(
        label="How it reached them",
        choices=DeliveredHow.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it reached them"},
    )


class ReportLossForm(SubmissionForm):
    """A device that was with the school is lost, believed stolen or damaged (DEV-23)."""

    submit_label = "Keep the report"

    kind = forms.ChoiceField(label="What happened", choices=LossKind.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="Day it was noticed", error_messages={**_DAY, "required": "Enter the day"})
    time = forms.TimeField(
        label="Time it was noticed",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={**_TIME, "required": "Enter the time"},
    )
    told_by = LineField(
        label="Who told the school", max_length=160, error_messages={"required": "Enter who told the school"}
    )
    account = TextField(
        label="What is known", max_length=2000, rows=5, help_text="Plain facts: what was seen, where, and by whom."
    )

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        noticed: date = given["on"]
        return {
            "kind": given["kind"],
            "noticed_at": datetime.combine(noticed, given["time"], LONDON),
            "told_by": given["told_by"],
            "account": given["account"],
            "submission": given["submission"],
        }


class EndLossForm(SubmissionForm):
    """What came of a report."""

    submit_label = "Close the report"

    found = forms.ChoiceField(
        label="Is the device here again?",
        choices=[("yes", "Yes, it is found and here"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is here again"},
    )
    outcome = LineField(label="What came of it", max_length=500, error_messages={"required": "Enter what came of it"})

    def __init__(self, *args: Any, may_be_found: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_found:
            del self.fields["found"]


class DayFilterForm(BaseForm):
    """Which day a list is of."""

    day = forms.DateField(label="Day", required=False, error_messages=_DAY)
