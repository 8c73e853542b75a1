"""Forms of absences: a typed list, an attendance list in a file, and which pupils of it are marked."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import CsvField, LineField, SubmissionForm, TextField
from devices.enums import MarkSource
from devices.queries import ABSENT_CODES


class AbsentLinesForm(SubmissionForm):
    """Who is absent, one a line."""

    submit_label = "Look them up"

    lines = TextField(
        label="Who is absent today?",
        help_text="One a line: a name, a form and a name, an admission number or a code. A list can be pasted.",
        max_length=20_000,
        rows=5,
        error_messages={"required": "Enter at least one pupil"},
    )


class AttendanceForm(SubmissionForm):
    """The attendance list of the school's information system."""

    submit_label = "Read the list"

    attendance = CsvField(
        label="Attendance list (CSV)",
        help_text="With a column for the admission number, the UPN or the name, and one for the mark. It is read and "
        "not kept.",
        error_messages={"required": "Choose the attendance list"},
    )
    codes = LineField(
        label="Marks that mean absent",
        help_text="Every other mark is taken as present, late ones (L and U) too. Add B, D, K, P, V or W if pupils "
        "who learn elsewhere bring no device to you.",
        max_length=120,
        initial=ABSENT_CODES,
    )
    column = LineField(
        label="Heading of the column with the marks",
        help_text="Only if it is not found by itself.",
        max_length=80,
        required=False,
    )


class KeysField(forms.MultipleChoiceField):
    """Ticked records by key; which of them exist is the query's to say."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isdigit() and len(str(value)) < 18


class RecordAbsencesForm(SubmissionForm):
    """The pupils ticked on the preview."""

    pupil = KeysField(required=False)
    source = forms.ChoiceField(choices=[(key.value, "") for key in (MarkSource.TYPED, MarkSource.FILE)])


class WithdrawMarkForm(SubmissionForm):
    """Why a mark was wrong."""

    submit_label = "Record correction"

    because = LineField(label="What happened?", max_length=200, error_messages={"required": "Say what happened"})
