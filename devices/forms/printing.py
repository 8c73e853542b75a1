"""Forms about printing: what to print, on which labels, and how far this school's printer is out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm
from devices.documents import SHEETS
from devices.enums import PrintKind

LABELS = frozenset({PrintKind.SLOT_LABELS, PrintKind.PUPIL_LABELS, PrintKind.DEVICE_LABELS})
OF_FORMS = frozenset(
    {PrintKind.PUPIL_LABELS, PrintKind.DEVICE_LABELS, PrintKind.MORNING_REGISTER, PrintKind.DAY_REGISTER}
)
OF_A_DAY = frozenset({PrintKind.MORNING_REGISTER, PrintKind.DAY_REGISTER, PrintKind.DAY_SUMMARY})
# What the page about prints offers; letters are chosen on a page of their own, one by one.
OFFERED = tuple(kind for kind in PrintKind if kind != PrintKind.LETTERS)
MOST_OUT = Decimal(20)


class PrintForm(SubmissionForm):
    """What to print, of one kind: only the questions that the kind needs are asked."""

    submit_label = "Make the PDF"

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in OFFERED], widget=forms.HiddenInput)
    place = forms.TypedChoiceField(label="Place", required=False, coerce=int, empty_value=None)
    form_groups = forms.TypedMultipleChoiceField(
        label="Forms",
        help_text="Tick the forms to print. With none ticked, all are printed.",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    day = forms.DateField(label="Day", error_messages={"required": "Enter the day"})
    sheet = forms.ChoiceField(
        label="Sheet of labels",
        help_text="As it says on the packet. Smaller labels hold no code that a scanner reads well.",
        choices=[(sheet.key, sheet.name) for sheet in SHEETS.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the sheet of labels"},
    )
    start = forms.IntegerField(
        label="First free label",
        help_text="On a sheet that was used in part: count along the rows, from the top left. A new sheet begins at 1.",
        min_value=1,
        error_messages={"required": "Enter the first free label, 1 on a new sheet", "invalid": "Enter a number"},
    )

    def __init__(
        self,
        *args: Any,
        kind: PrintKind,
        places: Sequence[tuple[int, str]] = (),
        forms_in_use: Sequence[tuple[int, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            "place": kind == PrintKind.SLOT_LABELS,
            "form_groups": kind in OF_FORMS,
            "day": kind in OF_A_DAY,
            "sheet": kind in LABELS,
            "start": kind in LABELS,
        }
        for name, is_asked in asked.items():
            if not is_asked:
                del self.fields[name]
        if "place" in self.fields:
            self.offer("place", [("", "All places"), *places])
        if "form_groups" in self.fields:
            self.offer("form_groups", forms_in_use)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        sheet, start = SHEETS.get(data.get("sheet", "")), data.get("start")
        if sheet is not None and start is not None and start > sheet.labels:
            self.add_error("start", f"This sheet has {sheet.labels} labels. Enter a number from 1 to {sheet.labels}")
        return data

    def wanted(self) -> dict[str, Any]:
        """What was chosen, by keys and settings, as a print keeps it."""
        data = self.cleaned_data
        found = {name: data[name] for name in ("place", "sheet", "start") if data.get(name)}
        if data.get("form_groups"):
            found["forms"] = data["form_groups"]
        if data.get("day"):
            found["day"] = data["day"].isoformat()
        return found


class LabelOffsetsForm(SubmissionForm):
    """How far to move everything on a sheet of labels."""

    submit_label = "Save"

    offset_x = forms.DecimalField(
        label="Move to the right, in millimetres",
        help_text="For example 0.5. A minus moves to the left.",
        min_value=-MOST_OUT,
        max_value=MOST_OUT,
        max_digits=4,
        decimal_places=1,
        error_messages={"required": "Enter a number, 0 for not at all"},
    )
    offset_y = forms.DecimalField(
        label="Move down, in millimetres",
        help_text="For example 1.0. A minus moves up.",
        min_value=-MOST_OUT,
        max_value=MOST_OUT,
        max_digits=4,
        decimal_places=1,
        error_messages={"required": "Enter a number, 0 for not at all"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
