"""Forms of the inbox and of triage: filters, whose, how it is answered, what comes next, joining and opening again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.enums import YEAR_CHOICES
from core.people.models import User
from incidents.enums import IncidentType, OffsiteTest, RiskArea, Track
from incidents.models import SubType
from incidents.operations import Classing
from incidents.queries.inbox import NO_OWNER

Group = tuple[str, Sequence[tuple[str, str]]]


class FilterForm(BaseForm):
    """What narrows the inbox; it holds no name and stands in the address."""

    type = forms.ChoiceField(label="Type", required=False, choices=[("", "Any"), *IncidentType.choices])
    year = forms.TypedChoiceField(
        label="Year", required=False, coerce=int, empty_value="", choices=[("", "Any"), *YEAR_CHOICES]
    )
    level = forms.TypedChoiceField(
        label="Level", required=False, coerce=int, empty_value="",
        choices=[("", "Any"), *((level, f"Level {level}") for level in range(1, 5))],
    )  # fmt: skip
    owner = forms.ChoiceField(label="Owner", required=False)
    policy = forms.ChoiceField(label="Handled under", required=False)
    since = forms.DateField(label="Happened from", required=False)
    until = forms.DateField(label="Happened until", required=False)
    show = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, owners: Iterable[User], policies: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("policy", [("", "Any"), *((title, title) for title in policies)])
        people = [(str(owner.pk), owner.display_name) for owner in owners]
        self.offer("owner", [("", "Anybody"), (NO_OWNER, "No owner"), *people])

    def chosen(self) -> dict[str, str]:
        """What was chosen, in words, by field."""
        said = {}
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if name == "show" or value in (None, ""):
                continue
            field = self.fields[name]
            offered = dict(getattr(field, "choices", []))
            words = offered.get(value, "") if offered else f"{value:%d/%m/%Y}"
            said[name] = f"{field.label}: {words}"
        return said


class OwnerChoice(BaseForm):
    """Somebody to give a record to: the team first, then other staff, for low-level behaviour."""

    owner = forms.ChoiceField(label="Assign to", error_messages={"required": "Choose who it is given to"})

    def offer_owners(self, team: Iterable[User], others: Iterable[User]) -> None:
        """Offer these people in two groups."""
        self.people = {str(user.pk): user for user in (*team, *others)}
        groups: list[Any] = [("", "Choose somebody")]
        for title, group in (("Safeguarding team and head", team), ("Low-level behaviour only", others)):
            listed = [(str(user.pk), user.display_name) for user in group]
            if listed:
                groups.append((title, listed))
        self.offer("owner", groups)

    @property
    def chosen_owner(self) -> User | None:
        return self.people.get(self.cleaned_data.get("owner") or "")


class AssignManyForm(OwnerChoice, SubmissionForm):
    """Whom the ticked records go to."""

    submit_label = "Assign"

    ticked = forms.MultipleChoiceField(
        label="Records",
        required=False,
        widget=forms.MultipleHiddenInput,
        error_messages={"invalid_choice": "Tick again"},
    )

    def __init__(self, *args: Any, cases: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].widget.attrs["class"] = "form-select"  # it stands in a line of its own making
        self.offer("ticked", [(str(key), str(key)) for key in cases])


class AssignForm(OwnerChoice, SubmissionForm):
    """Whom one record goes to."""

    submit_label = "Assign"

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, team: Sequence[User], others: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_owners(team, others)


class TriageForm(OwnerChoice, SubmissionForm):
    """How a record is answered: the four choices of W5, and marks. What the rules do not use is not asked."""

    submit_label = "Save and next"

    track = forms.ChoiceField(
        label="How is it answered?", choices=Track.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose how it is answered"},
    )  # fmt: skip
    risk_area = forms.ChoiceField(
        label="Main risk area", choices=[("", "None, or not yet"), *RiskArea.choices], required=False,
        widget=forms.RadioSelect, help_text="For what happened online.",
    )  # fmt: skip
    sub_type = forms.ChoiceField(label="Kind", required=False)
    other_areas = forms.MultipleChoiceField(
        label="Other risk areas", choices=RiskArea.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    offsite_tests = forms.MultipleChoiceField(
        label="Out of school the school acts when", choices=OffsiteTest.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text="Tick each that is met.",
    )  # fmt: skip
    owner = forms.ChoiceField(label="Owner", required=False)
    is_serious = forms.BooleanField(label="Serious", required=False, help_text="Opens the list of who has to be told.")
    not_serious_reason = TextField(
        label="Why it is not serious after all", max_length=4000, rows=3, required=False,
        help_text="If you take the mark off. Whoever was told stays told.",
    )  # fmt: skip
    between_children = forms.BooleanField(
        label="Between children", required=False, help_text="Child-on-child abuse has a policy of its own."
    )
    prejudice = forms.BooleanField(
        label="Prejudice played a part", required=False, help_text="Counted, to watch over it."
    )
    policies = forms.MultipleChoiceField(
        label="Handled under", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Each policy that it falls under. With none ticked those proposed stay.",
        error_messages={"invalid_choice": "Choose from the policies of the list"},
    )  # fmt: skip
    title = LineField(
        label="Title", max_length=120, required=False, help_text="In words that name nobody. Empty: its type."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[SubType],
        about_pupil: bool,
        areas: bool,
        tests: bool,
        is_team: bool,
        is_serious: bool,
        policies: Sequence[str],
        team: Sequence[User],
        others: Sequence[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {str(kind.pk): kind for kind in kinds}
        self.offer_owners(team, others)
        by_area: dict[str, list[tuple[str, str]]] = {}
        for key, kind in self.kinds.items():
            by_area.setdefault(kind.area, []).append((key, kind.name))
        listed: list[Any] = [(RiskArea(area).label, names) for area, names in by_area.items()]
        self.offer("sub_type", [("", "Not said"), *listed])
        self.offer("policies", [(title, title) for title in policies])
        if not about_pupil:
            del self.fields["track"]
        elif not is_team:
            self.offer("track", [(Track.LOW_LEVEL.value, Track.LOW_LEVEL.label)])
            for name in ("owner", "is_serious"):
                del self.fields[name]
        if not areas:
            for name in ("risk_area", "sub_type", "other_areas"):
                del self.fields[name]
        elif not self.kinds:
            del self.fields["sub_type"]
        if not tests:
            del self.fields["offsite_tests"]
        if not is_serious or "is_serious" not in self.fields:
            del self.fields["not_serious_reason"]

    def classing(self) -> Classing:
        """The answers as the operation takes them."""
        given = self.cleaned_data
        return Classing(
            track=given.get("track", ""),
            title=given["title"],
            risk_area=given.get("risk_area", ""),
            other_areas=tuple(given.get("other_areas", ())),
            sub_type=self.kinds.get(given.get("sub_type") or ""),
            between_children=given["between_children"],
            prejudice=given["prejudice"],
            is_serious=given.get("is_serious", False),
            not_serious_reason=given.get("not_serious_reason", ""),
            offsite_tests=tuple(given.get("offsite_tests", ())),
            policies=tuple(given["policies"]),
        )


class NextStepForm(SubmissionForm):
    """What comes next and by when, or why nothing has to."""

    submit_label = "Save"

    next_step = LineField(label="Next step", max_length=400, required=False)
    next_step_on = forms.DateField(label="By", required=False)
    no_next_step = LineField(label="Or why there is none", max_length=400, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ProtectForm(SubmissionForm):
    """What was done to protect the child."""

    submit_label = "Save"

    text = TextField(
        label="What was done to protect the child?", max_length=8000, rows=5, help_text="Facts: what, by whom, when.",
        error_messages={"required": "Say what was done to protect the child"},
    )  # fmt: skip


class ReasonForm(SubmissionForm):
    """An act that needs a reason."""

    reason = TextField(label="Why?", max_length=4000, rows=4, error_messages={"required": "Say why"})


class MergeForm(SubmissionForm):
    """The record that goes on, by its reference."""

    submit_label = "Join them"

    reference = LineField(
        label="Reference of the record that goes on", max_length=16, help_text="As I-2611-0142.",
        error_messages={"required": "Enter the reference of the other record"},
    )  # fmt: skip


class ActForm(SubmissionForm):
    """A button that acts: nothing to fill in."""


class TypesForm(SubmissionForm):
    """Which types of report are offered."""

    submit_label = "Save the list"

    types = forms.MultipleChoiceField(
        label="Types that staff can report", choices=IncidentType.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the types that staff can report"},
    )  # fmt: skip


class SubTypeForm(SubmissionForm):
    """One more kind of a risk area."""

    submit_label = "Add to the list"

    area = forms.ChoiceField(label="Risk area", choices=RiskArea.choices)
    name = LineField(label="Kind", max_length=80)
