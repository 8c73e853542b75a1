"""What the forms about a suspected image share: the warning against describing it, and securing a device (IMG-06)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm
from core.people.calendar import LONDON
from core.people.models import Pupil
from devices.models import CustodyRecord, DeviceType, PupilDevice, StoragePlace
from incidents.enums import ImageShared, ImageSpread, YesNoUnknown
from incidents.operations.images import Secured

NEW, NOT_YET, ELSEWHERE = "new", "not", "elsewhere"
UNKNOWN = YesNoUnknown.NOT_KNOWN
# Words that tell what a picture shows. A warning, not a judgement: whoever reads it may say that it does not.
_DESCRIBES = re.compile(
    r"\b(breasts?|boobs?|genitals?|penis|vagina|bottom|topless|underwear|undress\w*|knickers|bra|posing|wearing"
    r"|(picture|image|photo|video)s? (of \w+ )?shows?)\b",
    re.IGNORECASE,
)
_WARNING = "This may describe what the picture shows. Take that out, or tick that it does not."


@dataclass(frozen=True)
class Choice:
    """A device that may be secured: one that the school has, or one that is taken."""

    pupil: Pupil
    label: str
    custody: CustodyRecord | None = None
    device: PupilDevice | None = None


class CarefulForm(SubmissionForm):
    """A form that asks again, once, where a text seems to describe the picture. Nothing typed is lost (IMG-06)."""

    CAREFUL: tuple[str, ...] = ()

    does_not_describe = forms.BooleanField(label="It does not say what the picture shows", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["does_not_describe"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("does_not_describe"):
            for name in self.CAREFUL:
                if _DESCRIBES.search(str(cleaned.get(name) or "")):
                    self.add_error(name, _WARNING)
        return cleaned

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not (self.warns or self.cleaned_data.get("does_not_describe")):
            self.fields.pop("does_not_describe", None)  # the box answers the warning and is not there before it

    @property
    def warns(self) -> bool:
        """Whether the warning is shown, and with it the box that answers it."""
        return any(_WARNING in errors for errors in self.errors.values())


class SecureForm(CarefulForm):
    """A form with the question whether a device is secured, and what taking one needs."""

    device = forms.ChoiceField(
        label="Is the device secured?", widget=forms.RadioSelect, required=False,
        help_text="Switched off, sealed, and not looked at.",
    )  # fmt: skip
    new_type = forms.ChoiceField(label="Kind of device", required=False)
    new_colour = LineField(label="Colour", max_length=40, required=False, help_text="Of the device, or of its case.")
    taken_where = LineField(label="Where it was taken", max_length=120, required=False)
    bag = LineField(label="Number of the sealed bag", max_length=40, required=False)
    evidence_place = forms.ChoiceField(label="Where it lies now", required=False)
    circumstances_weighed = forms.BooleanField(label="I have weighed this, and taking it is reasonable", required=False)

    def secure_with(
        self,
        choices: Mapping[str, Choice],
        *,
        last: Sequence[tuple[str, str]],
        types: Iterable[DeviceType],
        places: Iterable[StoragePlace],
        weigh: bool,
        pupil: Pupil | None,
    ) -> None:
        """Offer what can be secured. `pupil` is whose an unknown device would be."""
        self.choices, self.pupil = choices, pupil
        self.types = {str(kind.pk): kind for kind in types} if pupil is not None else {}
        self.places = {str(place.pk): place for place in places}
        new = [(NEW, "I have taken another device of theirs")] if self.types else []
        self.offer("device", [*((key, one.label) for key, one in choices.items()), *new, *last])
        self.offer("new_type", [(key, kind.label) for key, kind in self.types.items()])
        self.offer("evidence_place", [("", "Not put away yet"), *((key, row.name) for key, row in self.places.items())])
        if not self.places:
            del self.fields["evidence_place"]
        if not self.types:
            del self.fields["new_type"], self.fields["new_colour"]
        if not weigh:
            del self.fields["circumstances_weighed"]

    def secured(self) -> Secured | None:
        """How the device is secured, or nothing where it is not."""
        given = self.cleaned_data
        key = given.get("device") or ""
        chosen = self.choices.get(key)
        if chosen is None and (key != NEW or self.pupil is None):
            return None
        pupil = chosen.pupil if chosen is not None else self.pupil
        assert pupil is not None
        return Secured(
            pupil=pupil,
            custody=chosen.custody if chosen is not None else None,
            device=chosen.device if chosen is not None else None,
            new_type=self.types.get(given.get("new_type") or "") if chosen is None else None,
            new_colour=given.get("new_colour") or "",
            where=given.get("taken_where") or "",
            place=self.places.get(given.get("evidence_place") or ""),
            bag=given.get("bag") or "",
            circumstances_weighed=bool(given.get("circumstances_weighed")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = self.choices.get(cleaned.get("device") or "")
        takes = cleaned.get("device") == NEW or (chosen is not None and chosen.custody is None)
        if takes and not cleaned.get("taken_where"):
            self.add_error("taken_where", "Say where it was taken")
        return cleaned


class ContextMixin(forms.Form):
    """What is known about how it came about, without the picture (IMG-11, law IM-4)."""

    shared = forms.ChoiceField(label="It was made or shared", choices=ImageShared.choices, initial=UNKNOWN)
    spread = forms.ChoiceField(label="Who may have seen it", choices=ImageSpread.choices, initial=UNKNOWN)
    threats = forms.ChoiceField(label="Threats or blackmail", choices=YesNoUnknown.choices, initial=UNKNOWN)
    adult_involved = forms.ChoiceField(
        label="An adult is involved", choices=YesNoUnknown.choices, initial=UNKNOWN,
        help_text="Anybody of 18 or over who made, asked for, has or sent it.",
    )  # fmt: skip
    under_13 = forms.ChoiceField(label="A child under 13 is involved", choices=YesNoUnknown.choices, initial=UNKNOWN)
    made_by_software = forms.ChoiceField(
        label="It may have been made by software (AI)", choices=YesNoUnknown.choices, initial=UNKNOWN,
        help_text="It is handled in the same way.",
    )  # fmt: skip


CONTEXT = ("shared", "spread", "threats", "adult_involved", "under_13", "made_by_software")


def moment_of(day: date, at_time: time | None) -> datetime | None:
    """A day and a time of it in London; without a time there is none."""
    return datetime.combine(day, at_time, tzinfo=LONDON) if at_time is not None else None
