"""The report, one question a page, and the box that adds to it later. No upload, no description of a picture (SG-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import User
from devices.models import PupilDevice
from incidents.enums import IncidentType, PersonKind, PersonRole, RaisedBy, YesNoUnknown
from incidents.forms.case import AddPersonForm

_ROLES = {
    PersonRole.SUBJECT: "It is about them",
    PersonRole.AFFECTED: "It was done to them",
    PersonRole.WITNESS: "They saw or heard it",
    PersonRole.ADULT_INVOLVED: "An adult who was part of it",
}


class BeginForm(SubmissionForm):
    """The button that begins a report, or sends one."""


class WhoForm(AddPersonForm):
    """Somebody who is in it."""

    submit_label = "Add them"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("role", [(role.value, words) for role, words in _ROLES.items()])
        self.fields["role"].label = "What they have to do with it"
        self.fields["role"].initial = PersonRole.SUBJECT
        self.fields["kind"].initial = PersonKind.PUPIL
        name = self.fields["name"]
        name.label = "Name or number"
        name.help_text = "Of a pupil the name or admission number. Of somebody unknown what is known of them."
        self.order_fields(["submission", "kind", "name", "pupil", "user", "role"])


class KindForm(SubmissionForm):
    """What it is, of the types that the school offers."""

    submit_label = "Continue"

    type = forms.ChoiceField(
        label="What it is", widget=forms.RadioSelect, error_messages={"required": "Choose what it is"}
    )

    def __init__(self, *args: Any, types: Iterable[IncidentType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("type", [(kind.value, kind.label) for kind in types])


class WhenForm(SubmissionForm):
    """When and where."""

    submit_label = "Continue"

    on = forms.DateField(label="Day", error_messages={"required": "Enter the day"})
    time = forms.TimeField(
        label="Time",
        required=False,
        help_text="Left empty: the time is not known.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45"},
    )
    place = LineField(label="Where", max_length=120, required=False, help_text="For example “Corridor B”, “the bus”.")
    area = forms.ChoiceField(label="A place where no device may be used", required=False)
    is_online = forms.BooleanField(label="It happened online", required=False)
    is_offsite = forms.BooleanField(label="It happened away from school", required=False)
    provider = LineField(label="Placement", max_length=120, required=False, help_text="The provider, if on one.")

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("area", [("", "None"), *areas])
        if not areas:
            del self.fields["area"]

    def values(self) -> dict[str, Any]:
        """What the report says of it; a day without a time begins at midnight and says that it is not known."""
        given = self.cleaned_data
        time = given.get("time")
        plain = ("place", "is_online", "provider")
        return {name: given[name] for name in plain} | {
            "happened_at": datetime.combine(given["on"], time or datetime.min.time(), LONDON),
            "time_is_known": time is not None,
            "area": given.get("area", ""),
            "is_offsite": given["is_offsite"] or bool(given["provider"]),
        }


class SeenForm(SubmissionForm):
    """What was seen and heard, in whose words, and apart from it what one thinks (law SG-2)."""

    submit_label = "Continue"

    raised_by = forms.ChoiceField(
        label="How do you know of it?", choices=RaisedBy.choices, widget=forms.RadioSelect, initial=RaisedBy.SELF
    )
    account = TextField(
        label="What was seen or heard",
        max_length=8000,
        rows=6,
        help_text="Facts, in the order in which they happened.",
        error_messages={"required": "Write what you saw or heard"},
    )
    own_words = TextField(
        label="Their own words", max_length=4000, rows=3, required=False, help_text="As they were said, and by whom."
    )
    opinion = TextField(
        label="What you think of it", max_length=2000, rows=2, required=False, help_text="Kept apart from the facts."
    )
    arrangement = forms.ChoiceField(
        label="Was it said that the contact was agreed beforehand?", choices=YesNoUnknown.choices,
        widget=forms.RadioSelect, help_text="By them or anybody else. Whether it was is found out later, not by you.",
        error_messages={"required": "Say whether it was said to be agreed beforehand"},
    )  # fmt: skip
    platform = LineField(label="On which service", max_length=80, required=False)
    response = TextField(label="What you answered, if you did", max_length=2000, rows=2, required=False)
    device = forms.ChoiceField(label="A device that it is about", required=False)

    def __init__(
        self,
        *args: Any,
        own_contact: bool,
        staff_contact: bool,
        devices: Iterable[PupilDevice],
        named: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not staff_contact:
            del self.fields["arrangement"]
        self.devices = {str(device.pk): device for device in devices}
        if not own_contact:
            del self.fields["platform"], self.fields["response"]
        if self.devices:
            self.offer("device", [("", "None"), *((key, _device(one, named)) for key, one in self.devices.items())])
        else:
            del self.fields["device"]

    def values(self) -> dict[str, Any]:
        """What the report says of it."""
        given = self.cleaned_data
        names = [name for name in given if name not in ("submission", "device")]
        said: dict[str, Any] = {name: given[name] for name in names}
        return said | ({"device": self.devices.get(given["device"])} if "device" in given else {})


def _device(device: PupilDevice, named: bool) -> str:
    words = device.description[:1].upper() + device.description[1:]
    return f"{words} of {device.pupil.display_name}" if named else words


class DoneForm(SubmissionForm):
    """What was done, and whether a DSL was told in person (SG-6)."""

    submit_label = "Continue"

    danger_now = forms.BooleanField(label="A child is in danger now", required=False)
    concern_for_child = forms.BooleanField(
        label="A child may be harmed", required=False, help_text="It then goes to the DSLs whatever else it is."
    )
    told = forms.ChoiceField(
        label="Have you told a DSL in person?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you have told a DSL in person"},
    )
    told_whom = forms.ChoiceField(label="Whom", required=False)
    immediate_action = TextField(
        label="What did you do?",
        max_length=4000,
        rows=4,
        required=False,
        help_text="And what others did, that you saw.",
    )

    def __init__(self, *args: Any, team: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = {str(user.pk): user for user in team}
        self.offer("told_whom", [("", "Nobody of these"), *((key, one.display_name) for key, one in self.team.items())])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("told") == "yes" and self.team and not cleaned.get("told_whom"):
            self.add_error("told_whom", "Choose whom you told")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the report says of it."""
        given = self.cleaned_data
        told = given["told"] == "yes"
        return {
            "danger_now": given["danger_now"],
            "concern_for_child": given["concern_for_child"],
            "told_in_person": told,
            "told_whom": self.team.get(given["told_whom"]) if told else None,
            "immediate_action": given["immediate_action"],
        }


class AddToRecordForm(SubmissionForm):
    """Something that is added to one's own report."""

    submit_label = "Add it"

    text = TextField(
        label="What you want to add",
        max_length=8000,
        rows=5,
        help_text="Facts, and who said what. What you wrote before stays as it is.",
        error_messages={"required": "Write what you want to add"},
    )


class FindPupilForm(BaseForm):
    """What somebody types to find a pupil; sent by POST, so that no name stands in an address."""

    submit_label = "Find"

    query = LineField(
        label="Who",
        max_length=80,
        help_text="A name, a form and a name, or the admission number.",
        error_messages={"required": "Enter a name or a number"},
    )
