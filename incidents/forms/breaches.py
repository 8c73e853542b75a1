"""The quick breach: what and where, for a thumb; what the taking of the device needs is filled in already (DEV-13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from devices.models import DeviceType, PupilDevice
from incidents.operations.breaches import Taking
from incidents.queries.reporting import area_of

NEW, ELSEWHERE, SOMETHING_ELSE = "new", "elsewhere", "else"


class BreachForm(SubmissionForm):
    """What and where; of which device. `do` is the button: the breach alone, or the device taken as well."""

    submit_label = "Record the breach"

    type = forms.ChoiceField(label="What", widget=forms.RadioSelect, error_messages={"required": "Choose what it was"})
    where = forms.ChoiceField(
        label="Where", widget=forms.RadioSelect, error_messages={"required": "Choose where it was"}
    )
    function = forms.ChoiceField(
        label="What for",
        required=False,
        widget=forms.RadioSelect,
        help_text="A permission covers use for what it names. Use for anything else is a breach.",
    )
    elsewhere = LineField(label="Where exactly", max_length=120, required=False, help_text="For example “Room 4”.")
    device = forms.ChoiceField(label="Which device", widget=forms.RadioSelect, required=False)
    account = TextField(
        label="What was seen or heard",
        max_length=1000,
        rows=2,
        required=False,
        help_text="Plain facts. Left empty, the answer above is written down as what was seen.",
    )
    ground = forms.ChoiceField(label="On what ground it is taken", required=False)
    new_type = forms.ChoiceField(label="Kind of device, if it is not on record", required=False)
    circumstances_weighed = forms.BooleanField(label="I have weighed this, and taking it is reasonable", required=False)
    all_the_same = forms.BooleanField(label="It is a breach all the same", required=False)

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[tuple[str, str]],
        places: Sequence[tuple[str, str]],
        devices: Iterable[PupilDevice],
        types: Iterable[DeviceType],
        grounds: Sequence[tuple[str, str]],
        weigh: bool,
        may_take: bool,
        functions: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.functions = list(functions)
        if functions:
            known_uses = [(str(number), one) for number, one in enumerate(functions)]
            self.offer("function", [("", "I did not see"), *known_uses, (SOMETHING_ELSE, "Something else")])
        else:
            del self.fields["function"]
        self.devices = {str(one.pk): one for one in devices}
        self.types = {str(kind.pk): kind for kind in types}
        self.places = dict(places)
        self.offer("type", kinds)
        self.offer("where", [*places, (ELSEWHERE, "Somewhere else")])
        known = [(key, one.description[:1].upper() + one.description[1:]) for key, one in self.devices.items()]
        self.offer("device", [*known, (NEW, "Another device" if known else "A device that is not on record")])
        self.offer("new_type", [(key, kind.label) for key, kind in self.types.items()])
        if grounds:
            self.offer("ground", grounds)
        else:
            self.fields["ground"] = LineField(label="On what ground it is taken", max_length=120, required=False)
        if not weigh:
            del self.fields["circumstances_weighed"]
        if not may_take:
            for name in ("device", "ground", "new_type", "circumstances_weighed"):
                self.fields.pop(name, None)

    @property
    def takes(self) -> bool:
        """Whether the button said that the device was taken."""
        return self.data.get("do") == "take" and "device" in self.fields

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("where") == ELSEWHERE and not cleaned.get("elsewhere"):
            self.add_error("elsewhere", "Say where it was")
        if self.takes and cleaned.get("device") not in self.devices and not self.types.get(cleaned.get("new_type", "")):
            self.add_error("new_type", "Choose the kind of device")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        chosen, used = given["where"], given.get("function", "")
        device = self.devices.get(given.get("device", ""))
        taking = None
        if self.takes:
            taking = Taking(
                ground=given["ground"],
                new_type=None if device is not None else self.types[given["new_type"]],
                circumstances_weighed=given.get("circumstances_weighed", False),
            )
        return {
            "type": given["type"],
            "where": given["elsewhere"] or self.places.get(chosen, ""),
            "area": area_of(chosen),
            "used_for": self.functions[int(used)] if used.isdecimal() else used,
            "account": given["account"],
            "device": device,
            "taking": taking,
            "all_the_same": given["all_the_same"],
            "submission": given["submission"],
        }
