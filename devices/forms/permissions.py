"""Forms about who may use a device by permission: the shape of input only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from agreements.enums import Capacity
from core.approvals.operations import Limits
from core.approvals.words import PARTS
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User
from devices.enums import MEDICAL, UseReason
from devices.models import PupilDevice
from devices.operations.permissions import Wish

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_TIME = {"invalid": "Enter a time such as 10:45"}
ANOTHER = "another"
_PARTS = [(key, label.capitalize()) for key, label in PARTS.items()]


def _hour(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, error_messages=_TIME,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip


class LimitsForm(SubmissionForm):
    """Within what limits: days, places, times, what for, where it is kept, who keeps an eye on it (AGR-15)."""

    LIMITS = ("starts_on", "ends_on", "review_on", "parts", "daily_from", "daily_to", "places", "other_place",
              "functions", "kept", "supervisor", "conditions")  # fmt: skip

    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(
        label="Last day", help_text="A school year at most.",
        error_messages={**_DAY, "required": "Enter the last day"},
    )  # fmt: skip
    review_on = forms.DateField(
        label="To be reviewed on", required=False, help_text="Between the first and the last day.", error_messages=_DAY
    )
    parts = forms.MultipleChoiceField(
        label="At which times", choices=_PARTS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: at any time of the day.",
    )  # fmt: skip
    daily_from = _hour("From, in the day")
    daily_to = _hour("Until, in the day")
    places = forms.MultipleChoiceField(
        label="In which places", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked, and none named below: in any place but the no-device areas.",
    )  # fmt: skip
    other_place = LineField(label="Another place", max_length=80, required=False)
    functions = TextField(
        label="What for", required=False, rows=3, max_length=600,
        help_text="A line each, for example “the monitoring app”. All staff read it. Nothing else is covered. Left "
        "empty: for anything that the rules do not bar.",
    )  # fmt: skip
    kept = LineField(label="Where it is when not in use", max_length=200, required=False)
    supervisor = forms.TypedChoiceField(
        label="Who keeps an eye on it", coerce=int, empty_value=None, required=False, help_text="A member of staff."
    )
    conditions = LineField(
        label="Conditions", max_length=500, required=False,
        help_text="All staff may read them. They never say why.",
    )  # fmt: skip

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {one.pk: one for one in staff}
        self.offer("places", places)
        people = [(one.pk, one.full_name) for one in self.staff.values()]
        self.offer("supervisor", [("", "Nobody in particular"), *people])

    def clean_functions(self) -> list[str]:
        return [line.strip()[:80] for line in self.cleaned_data["functions"].splitlines() if line.strip()][:12]

    def limits(self) -> Limits:
        """What was asked for, as the operation takes it."""
        given = self.cleaned_data
        places = [*given["places"], *([given["other_place"]] if given["other_place"] else [])]
        return Limits(
            places=places,
            parts=given["parts"],
            functions=given["functions"],
            daily_from=given["daily_from"],
            daily_to=given["daily_to"],
            kept=given["kept"],
            supervisor=self.staff.get(given["supervisor"]) if given["supervisor"] else None,
            conditions=given["conditions"],
        )


class ExceptionalForm(LimitsForm):
    """Exceptional use: which device, why, what it needs, and what is expected (AGR-10, AGR-13, law AP-2, AP-3)."""

    submit_label = "Ask for it"

    device = forms.ChoiceField(
        label="Which device", widget=forms.RadioSelect, error_messages={"required": "Choose the device"}
    )
    device_words = LineField(label="Which other device", max_length=120, required=False)
    reason = forms.ChoiceField(
        label="Why", widget=forms.RadioSelect, error_messages={"required": "Choose the reason"},
        help_text="Read by you, by whoever decides and by the DSL, and by nobody else.",
    )  # fmt: skip
    need = TextField(
        label="What is needed", max_length=2000,
        help_text="Where, when and how it is used, and what stays blocked. No medical detail: name the healthcare plan "
        "below. Nobody should have worse support for having the device.",
        error_messages={"required": "Say what is needed"},
    )  # fmt: skip
    asked_by = LineField(label="Who in the family asked", max_length=160, required=False)
    evidence_seen = forms.BooleanField(label="I have seen evidence", required=False)
    plan_reference = LineField(
        label="Healthcare plan", max_length=60, required=False,
        help_text="Its reference, where the reason is medical. Not what it says.",
    )  # fmt: skip
    plan_review_on = forms.DateField(label="The plan is next reviewed on", required=False, error_messages=_DAY)
    expectations = TextField(label="What is expected of the pupil", max_length=1000, required=False, rows=3)
    sanctions = TextField(
        label="What follows misuse", max_length=1000, required=False, rows=3,
        help_text="Up to suspending or withdrawing it. What is needed for health is never taken away as a sanction.",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        devices: Iterable[PupilDevice],
        reasons: Iterable[UseReason],
        needs_sanctions: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.devices = {str(one.pk): one for one in devices}
        known = [(key, one.description.capitalize()) for key, one in self.devices.items()]
        self.offer("device", [*known, (ANOTHER, "Another device")])
        self.offer("reason", [(one.value, one.label) for one in reasons])
        if not self.devices:
            self.fields["device"].initial = ANOTHER
        if needs_sanctions:
            for name, sentence in (
                ("expectations", "Write down what is expected"), ("sanctions", "Write down what follows misuse"),
            ):  # fmt: skip
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = sentence
        self.order_fields(
            ["device", "device_words", "reason", "need", "asked_by", "evidence_seen", "plan_reference",
             "plan_review_on", *self.LIMITS, "expectations", "sanctions"]
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("device") == ANOTHER and not given.get("device_words"):
            self.add_error("device_words", "Say which device it is")
        if given.get("plan_review_on") and not given.get("plan_reference"):
            self.add_error("plan_reference", "Enter the reference of the healthcare plan")
        return given

    def wish(self) -> Wish:
        """What was asked for and why, as the operation takes it."""
        given = self.cleaned_data
        reason = UseReason(given["reason"])
        medical = reason in MEDICAL
        return Wish(
            reason=reason,
            need=given["need"],
            device=self.devices.get(given["device"]),
            device_words="" if given["device"] in self.devices else given["device_words"],
            asked_by=given["asked_by"],
            evidence_seen=given["evidence_seen"],
            plan_reference=given["plan_reference"] if medical else "",
            plan_review_on=given["plan_review_on"] if medical else None,
            expectations=given["expectations"],
            sanctions=given["sanctions"],
        )


class SendForm(SubmissionForm):
    """Send the agreement to the family; who signs, where the rules leave that open."""

    submit_label = "Draw it up and send it"

    signatories = forms.MultipleChoiceField(
        label="Who signs",
        choices=[(Capacity.PUPIL, Capacity.PUPIL.label), (Capacity.PARENT, Capacity.PARENT.label)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose who signs"},
    )
    reason = LineField(
        label="Who decided that, and why", max_length=300, error_messages={"required": "Say who decided"}
    )

    def __init__(self, *args: Any, is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_open:
            del self.fields["signatories"], self.fields["reason"]
