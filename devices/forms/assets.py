"""Forms about the school’s own devices and the log of pictures: the shape of input only. None takes a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import ConsentPurpose
from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.models import Pupil, User
from devices.enums import AssetStatus, AssetType, AssetUse, Protection
from devices.models import SchoolAsset

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_BACK = (AssetStatus.AVAILABLE, AssetStatus.REPAIR, AssetStatus.RETIRED)


class FilterAssetsForm(BaseForm):
    """Which lines of the register; no names."""

    type = forms.ChoiceField(label="Kind", choices=[("", "All kinds"), *AssetType.choices], required=False)
    status = forms.ChoiceField(
        label="Where it stands", choices=[("", "All in use"), *AssetStatus.choices], required=False
    )
    unprotected = forms.BooleanField(label="Only what is not protected", required=False)

    def wanted(self) -> dict[str, Any]:
        """What the query takes; what is not a choice is left out."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            "type": given.get("type", ""),
            "status": given.get("status", ""),
            "unprotected": given.get("unprotected", False),
        }


class AssetForm(SubmissionForm):
    """A device of the school's, as the register has it (SDV-01)."""

    submit_label = "Add it"

    number = LineField(label="Number on its label", max_length=40)
    type = forms.ChoiceField(label="Kind", choices=[("", "Choose"), *AssetType.choices])
    make = LineField(label="Make and model", max_length=80, required=False)
    serial = LineField(label="Serial number", max_length=80, required=False)
    phone_number = LineField(label="Telephone number or SIM", max_length=40, required=False)
    location = LineField(label="Where it is kept", max_length=120, required=False)
    custodian = forms.TypedChoiceField(label="Who looks after it", coerce=int, empty_value=None, required=False)
    note = LineField(
        label="Note", max_length=300, required=False, help_text="Never a password, passcode or PIN."
    )  # fmt: skip

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.offer("custodian", [("", "Nobody named"), *((one.pk, one.full_name) for one in self.people.values())])

    def given(self) -> dict[str, Any]:
        """What the operation takes."""
        said = dict(self.cleaned_data)
        said["type"] = AssetType(said["type"])
        said["custodian"] = self.people.get(said["custodian"])
        if "status" in said:
            said["status"] = AssetStatus(said["status"])
        return said


class ChangeAssetForm(AssetForm):
    """The same, with where it stands."""

    submit_label = "Save"

    status = forms.ChoiceField(label="Where it stands", choices=AssetStatus.choices)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ProtectionForm(SubmissionForm):
    """What somebody found who looked (SDV-02). There is no field for the secret itself."""

    submit_label = "Save what you found"

    protection = forms.ChoiceField(
        label="What protects it", widget=forms.RadioSelect,
        choices=[one for one in Protection.choices if one[0] != Protection.UNKNOWN],
        error_messages={"required": "Choose what you found"},
    )  # fmt: skip


class IssueForm(SubmissionForm):
    """In what state it goes out, for what and until when (SDV-10)."""

    submit_label = "Issue it"

    condition = LineField(
        label="Condition", max_length=200, error_messages={"required": "Say in what condition it is"}
    )  # fmt: skip
    accessories = LineField(label="What goes with it", max_length=200, required=False, help_text="Charger, case, bag.")
    use = forms.ChoiceField(
        label="What it is for", choices=AssetUse.choices, widget=forms.RadioSelect, initial=AssetUse.SCHOOL_WORK,
        help_text="Anything but school work needs the head’s written authorisation where the rules say so.",
    )  # fmt: skip
    purpose = LineField(label="In words", max_length=200, required=False)
    due_on = forms.DateField(
        label="Due back on", required=False, error_messages=_DAY, help_text="Left empty: until it is asked for."
    )

    def given(self) -> dict[str, Any]:
        return self.cleaned_data | {"use": AssetUse(self.cleaned_data["use"])}


class ChooseStaffForm(BaseForm):
    """Which of the staff; the address that follows carries a key and no name."""

    submit_label = "Go on"

    person = forms.TypedChoiceField(label="Which of the staff", coerce=int, error_messages={"required": "Choose whom"})

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.offer("person", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])


class ReturnForm(SubmissionForm):
    """In what state it came back (SDV-10)."""

    submit_label = "Take it back"

    condition = LineField(
        label="Condition", max_length=200, error_messages={"required": "Say in what condition it came back"}
    )  # fmt: skip
    accessories = LineField(label="What came with it", max_length=200, required=False)
    is_reset = forms.BooleanField(
        label="It is reset: nothing of its last user is on it", required=False,
        help_text="Not yet? It stays in the list “to be reset” until somebody confirms it.",
    )  # fmt: skip
    status = forms.ChoiceField(
        label="From now on", choices=[(one.value, one.label) for one in _BACK], initial=AssetStatus.AVAILABLE
    )

    def given(self) -> dict[str, Any]:
        return self.cleaned_data | {"status": AssetStatus(self.cleaned_data["status"])}


class WorkContactForm(SubmissionForm):
    """A work number and a work email (SDV-06)."""

    needs_contact = forms.BooleanField(
        label="Their job is to reach pupils, parents or carers", required=False, initial=True
    )
    number = LineField(label="Work number", max_length=40, required=False)
    email = forms.EmailField(label="Work email", required=False, error_messages={"invalid": "Enter an email address"})


class DaysForm(SubmissionForm):
    """What for, and from which day to which."""

    purpose = LineField(
        label="What it is for", max_length=200, help_text="All staff read it.",
        error_messages={"required": "Say what it is for"},
    )  # fmt: skip
    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", error_messages={**_DAY, "required": "Enter the last day"})


class AskSchoolDeviceForm(DaysForm):
    """Permission beforehand (SDV-04)."""

    submit_label = "Ask for it"


class GiveSchoolDeviceForm(DaysForm):
    """Permission that a senior leader gives unasked."""

    submit_label = "Give it"


class ChangeSchoolDeviceForm(DaysForm):
    """A request that was sent back."""

    submit_label = "Save the request"

    note = TextField(label="What you say to it", max_length=1000, rows=3, error_messages={"required": "Say something"})


class BeyondForm(BaseForm):
    """Somebody used school equipment for something else: who, for what, on which day."""

    submit_label = "Look it up"

    person = forms.TypedChoiceField(label="Who", coerce=int, error_messages={"required": "Choose who"})
    use = forms.ChoiceField(
        label="For what", widget=forms.RadioSelect,
        choices=[one for one in AssetUse.choices if one[0] != AssetUse.SCHOOL_WORK],
        error_messages={"required": "Choose for what"},
    )  # fmt: skip
    day = forms.DateField(label="On which day", error_messages={**_DAY, "required": "Enter the day"})

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.offer("person", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])


class FilterSetsForm(BaseForm):
    """Which sets of pictures; no names."""

    since = forms.DateField(label="Taken since", required=False, error_messages=_DAY)
    purpose = forms.ChoiceField(label="What for", choices=[("", "All"), *ConsentPurpose.choices], required=False)
    look = forms.ChoiceField(
        label="Which", required=False,
        choices=[
            ("", "All"), ("to_look", "Not scrutinised yet"), ("questioned", "Questioned, not answered"),
            ("not_allowed", "Somebody in it may not be shown"), ("unsuitable", "Something does not suit"),
        ],
    )  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        """What the query takes; what is not a choice is left out."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            "since": given.get("since"), "purpose": given.get("purpose", ""), "look": given.get("look", ""),
        }  # fmt: skip


class ImageSetForm(SubmissionForm):
    """What was taken, when, by whom, with what and for what (CON-09). There is no field for a picture."""

    submit_label = "Log the set"

    activity = LineField(label="Activity", max_length=200, help_text="What was going on. No pupil’s name.")
    taken_on = forms.DateField(label="Day", error_messages={**_DAY, "required": "Enter the day"})
    photographer = forms.TypedChoiceField(
        label="Who took them", coerce=int, error_messages={"required": "Choose who took them"}
    )
    asset = forms.TypedChoiceField(
        label="With which school device", coerce=int, empty_value=None, required=False,
        help_text="Only school equipment takes pictures of pupils.",
    )  # fmt: skip
    purpose = forms.ChoiceField(label="What for", choices=[("", "Choose"), *ConsentPurpose.choices])
    for_what = LineField(
        label="In words",
        max_length=300,
        required=False,
        help_text="Needed for another purpose, as the consent names it.",
    )
    stored_where = LineField(label="Where they are kept", max_length=200, required=False)
    suits = forms.TypedChoiceField(
        label="Did somebody look whether they all suit?", widget=forms.RadioSelect,
        choices=[("yes", "Yes, and they all suit"), ("no", "Something does not suit")],
        coerce=lambda answer: answer == "yes", error_messages={"required": "Say whether they suit"},
    )  # fmt: skip
    suitable_note = LineField(label="What does not suit, and what becomes of it", max_length=300, required=False)

    def __init__(self, *args: Any, staff: Iterable[User], assets: Iterable[SchoolAsset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.assets = {one.pk: one for one in assets}
        self.offer("photographer", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])
        self.offer(
            "asset",
            [
                ("", "None of the school’s"),
                *((one.pk, f"{one.number}, {one.get_type_display()}") for one in self.assets.values()),
            ],
        )

    def given(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        suits = said.pop("suits")
        return said | {
            "photographer": self.people[said["photographer"]],
            "asset": self.assets.get(said["asset"]),
            "purpose": ConsentPurpose(said["purpose"]),
            "is_suitable": suits,
        }


class ShownForm(SubmissionForm):
    """Who of a form is to be seen."""

    submit_label = "Add those ticked"

    pupils = forms.MultipleChoiceField(
        label="Who is to be seen", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick who is seen"}
    )

    def __init__(self, *args: Any, pupils: Iterable[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.pk): one for one in pupils}
        self.offer("pupils", [(key, one.sort_name) for key, one in self.by_key.items()])

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"pupils": [self.by_key[key] for key in said["pupils"]], "submission": said["submission"]}


class ScrutinyForm(SubmissionForm):
    """What a leader found."""

    submit_label = "Save what you found"

    scrutiny = TextField(label="What you found", max_length=500, rows=3, help_text="No pupil’s name.")


class ChallengeForm(SubmissionForm):
    """What has to be justified."""

    submit_label = "Ask for the reason"

    challenge = TextField(label="What has to be justified", max_length=500, rows=3, help_text="They are told at once.")


class JustifyForm(SubmissionForm):
    """Why the pictures were taken so."""

    submit_label = "Send your answer"

    justification = TextField(label="Your answer", max_length=1000, rows=5, help_text="It stands as you give it.")
