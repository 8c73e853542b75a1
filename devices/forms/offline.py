"""Forms of the desk without a line: one kept scan as a browser sends it, and what a person says of one."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from core.kit.forms import BaseForm, LineField
from devices.enums import DeskAct, EarlyReason, OfflineOutcome
from devices.forms.which import WhichPupilForm
from devices.operations.offline import ACTS, RETURN
from devices.queries.offline import is_token


class OfflineScanForm(BaseForm):
    """One scan that a desk kept: a token and an act, never a name."""

    submission = forms.UUIDField()
    code = forms.CharField(max_length=20)
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    happened_at = forms.DateTimeField()
    switched_off = forms.BooleanField(required=False)
    gate = forms.IntegerField(required=False)
    by = forms.CharField(max_length=120, required=False)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not is_token(code):
            raise forms.ValidationError("Only a code or a number can be kept.")
        return code


class SettleScanForm(WhichPupilForm):
    """Record a kept scan after all, or let it go; a name that fits several is asked back as a choice."""

    submit_label = "Settle"

    outcome = forms.ChoiceField(
        label="What becomes of it?",
        choices=OfflineOutcome.choices,
        widget=forms.RadioSelect,
        initial=OfflineOutcome.RECORDED,
        error_messages={"required": "Choose what becomes of it"},
    )
    whose = LineField(
        label="Whose is it?", help_text="A name, code or admission number.", max_length=80, required=False
    )
    pupil = forms.ChoiceField(label="Which one?", widget=forms.RadioSelect, required=False)
    act = forms.ChoiceField(label="What happened?", required=False)
    device = forms.TypedChoiceField(label="Which device?", coerce=int, empty_value=None, required=False)
    kind = forms.ChoiceField(label="What is it, if none is on record?", required=False)
    reason = forms.ChoiceField(
        label="Why before the end of the day?", choices=[("", "It was not"), *EarlyReason.choices], required=False
    )
    contact = forms.TypedChoiceField(label="Who took it?", coerce=int, empty_value=None, required=False)
    switched_off = forms.BooleanField(label="It was seen that it is switched off", required=False)
    note = LineField(label="Note", max_length=200, required=False)

    def __init__(
        self,
        *args: object,
        act: str,
        kinds: Sequence[tuple[str, str]],
        devices: Sequence[tuple[int, str]],
        adults: Sequence[tuple[int, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        back = act == RETURN
        self.offer("act", [(RETURN, "Given back")] if back else DeskAct.choices)
        self.fields["act"].initial = act
        self.offer("kind", [("", "It is on record"), *kinds])
        self.offer("device", [("", "The only one"), *devices])
        self.offer("contact", [("", "The pupil"), *adults])
        unasked = {"act", "kind", "switched_off"} if back else {"reason", "contact"}
        for name in unasked | ({"device"} if len(devices) < 2 else set()):
            del self.fields[name]
        self.hide_which()
