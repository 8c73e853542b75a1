"""What the DSL decides about a suspected image, and the exception for a viewing (law IM-2, IM-4, IMG-12 to IMG-14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User
from incidents.enums import PoliceDecision, YesNoUnknown
from incidents.forms.images.fields import CONTEXT, CarefulForm, ContextMixin, moment_of


class AssessForm(CarefulForm, ContextMixin):
    """The initial review meeting (law IM-4)."""

    submit_label = "Keep the review"
    CAREFUL = ("assessment",)

    assessed_with = LineField(
        label="Who was there", max_length=400, help_text="Or “nobody else”.",
        error_messages={"required": "Say who was there, or “nobody else”"},
    )  # fmt: skip
    immediate_risk = forms.ChoiceField(
        label="A child is at risk now", choices=YesNoUnknown.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose whether a child is at risk now"},
    )  # fmt: skip
    beyond_age = forms.ChoiceField(
        label="Violence, or what is not right for their age", choices=YesNoUnknown.choices,
        initial=YesNoUnknown.NOT_KNOWN, help_text="As far as people said so. Nobody looks to find out.",
    )  # fmt: skip
    assessment = TextField(
        label="What the review came to", max_length=4000, rows=6,
        help_text="What ages, needs, consent or pressure mean here. Never what the picture shows.",
        error_messages={"required": "Say what the review came to"},
    )  # fmt: skip

    field_order = (
        "submission", "assessed_with", "immediate_risk", *CONTEXT, "beyond_age", "assessment", "does_not_describe",
    )  # fmt: skip


class ReferralDecisionForm(CarefulForm):
    """Yes or no, with a reason (IMG-13)."""

    submit_label = "Keep the decision"
    CAREFUL = ("reason",)

    needed = forms.ChoiceField(
        label="Does a child need protection now, or a referral to social care?",
        choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
    )  # fmt: skip
    reason = TextField(label="Why", max_length=2000, rows=4, error_messages={"required": "Say why"})

    field_order = ("submission", "needed", "reason", "does_not_describe")


class PoliceForm(CarefulForm):
    """What came of telling the police, or why they were not told (IMG-14)."""

    submit_label = "Keep it"
    CAREFUL = ("words",)

    decision = forms.ChoiceField(
        label="The police", choices=PoliceDecision.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of it"},
    )  # fmt: skip
    reference = LineField(label="Police reference", max_length=60, required=False)
    words = TextField(label="What they decided, or why they were not told", max_length=2000, rows=4, required=False)

    field_order = ("submission", "decision", "reference", "words", "does_not_describe")


class SupportForm(SubmissionForm):
    """Who looks after the child, how, and when they next speak (IMG-12)."""

    submit_label = "Keep the plan"

    adult = forms.ChoiceField(label="Named adult", error_messages={"required": "Choose who looks after the child"})
    support = TextField(
        label="What is done for the child, now and afterwards", max_length=2000, rows=4,
        error_messages={"required": "Say what is done for the child"},
    )  # fmt: skip
    on = forms.DateField(
        label="When they next speak", error_messages={"required": "Enter the day", "invalid": "Enter a day"}
    )

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(one.pk): one for one in staff}
        self.offer("adult", [("", "Choose"), *((key, one.display_name) for key, one in self.staff.items())])


class ViewingForm(CarefulForm):
    """Somebody looked at a suspected image: the exception, with everything that it needs (IMG-05, law IM-2)."""

    submit_label = "Record the exception"
    CAREFUL = ("reason",)

    viewer = forms.ChoiceField(label="Who looked", error_messages={"required": "Choose who looked"})
    decided_by = forms.ChoiceField(
        label="Who decided it", error_messages={"required": "Choose the DSL, deputy or head who decided it"}
    )
    decided_before = forms.ChoiceField(
        label="When was it decided?",
        choices=[("yes", "Before anybody looked"), ("no", "Afterwards: it had happened")], widget=forms.RadioSelect,
        error_messages={"required": "Choose when it was decided"},
    )  # fmt: skip
    reason = TextField(
        label="Why it could not be avoided", max_length=2000, rows=4,
        help_text="A clear reason. Never what it shows.",
        error_messages={"required": "Say clearly why it could not be avoided"},
    )  # fmt: skip
    present = LineField(
        label="Who else was there", max_length=400, help_text="Or “nobody”.",
        error_messages={"required": "Say who else was there, or “nobody”"},
    )  # fmt: skip
    where = LineField(label="Where it was", max_length=120, error_messages={"required": "Say where it was"})
    viewed_on = forms.DateField(label="Day", error_messages={"required": "Enter the day", "invalid": "Enter a day"})
    viewed_time = forms.TimeField(
        label="Time", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Enter the time", "invalid": "Enter a time such as 10:45"},
    )  # fmt: skip
    not_copied = forms.BooleanField(label="Nothing was copied, sent, printed or kept", required=False)
    same_sex_weighed = forms.BooleanField(
        label="It was weighed whether a person of the child’s sex should look", required=False
    )

    field_order = (
        "submission", "viewer", "decided_by", "decided_before", "reason", "does_not_describe", "present", "where",
        "viewed_on", "viewed_time", "not_copied", "same_sex_weighed",
    )  # fmt: skip

    def __init__(self, *args: Any, staff: Iterable[User], deciders: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(one.pk): one for one in staff}
        self.deciders = {str(one.pk): one for one in deciders}
        self.offer("viewer", [("", "Choose"), *((key, one.display_name) for key, one in self.staff.items())])
        self.offer("decided_by", [("", "Choose"), *((key, one.display_name) for key, one in self.deciders.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        viewed = moment_of(given["viewed_on"], given["viewed_time"])
        names = ("reason", "present", "where", "not_copied", "same_sex_weighed", "submission")
        return {
            **{name: given[name] for name in names},
            "viewer": self.staff[given["viewer"]],
            "decided_by": self.deciders[given["decided_by"]],
            "decided_before": given["decided_before"] == "yes",
            "viewed_at": viewed,
        }
