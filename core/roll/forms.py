"""The shape of what the import's pages send: files, columns, what to apply, the DSL's answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.roles import Role
from core.roll.columns import MAX_CONTACTS, field_labels
from core.roll.comparing.staff import ROLES_BY_IMPORT
from core.roll.enums import FileKind, ProposalAnswer
from core.roll.models import RollFile
from core.roll.operations import Sent
from core.roll.reading import MAX_BYTES

_LEAVE_OUT = ("", "Leave out")
_FEWEST_WIDE = 3


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one control; each stays in memory or a closed temporary file and is never stored as one."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in sent]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"accept": ".csv,.txt,text/csv,text/plain"}


class UploadForm(SubmissionForm):
    """The lists to bring in."""

    submit_label = "Upload and check"

    lists = FilesField(
        label="CSV files",
        help_text="Pupils, contacts and staff: one file of each, chosen together. Nothing changes until you apply.",
        error_messages={
            "required": "Choose at least one CSV file",
            "empty": "This file is empty",
            "invalid": "Choose a file",
        },
    )

    def clean_lists(self) -> list[UploadedFile]:
        found: list[UploadedFile] = self.cleaned_data["lists"]
        for one in found:
            if (one.size or 0) > MAX_BYTES:
                raise forms.ValidationError(
                    "A file is larger than 10 MB. A whole school's list is far smaller: check the file."
                )
        return found

    @property
    def sent(self) -> list[Sent]:
        """The files with their bytes."""
        return [Sent(str(one.name or ""), one.read()) for one in self.cleaned_data["lists"]]


class MatchForm(SubmissionForm):
    """For each file which list it is, and for each of its columns what it holds."""

    submit_label = "Continue"

    def __init__(self, *args: Any, roll_files: Sequence[RollFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roll_files = list(roll_files)
        for file in self.roll_files:
            self.fields[f"kind-{file.pk}"] = forms.ChoiceField(
                label="This is a list of",
                choices=FileKind.choices,
                initial=file.kind,
                error_messages={"required": "Choose what the file lists"},
            )
            choices = _choices(FileKind(file.kind), file.columns)
            for place, heading in enumerate(file.header):
                self.fields[f"column-{file.pk}-{place}"] = forms.ChoiceField(
                    label=f"What the column {heading} holds",
                    choices=choices,
                    initial=file.columns[place],
                    required=False,
                    error_messages={"invalid_choice": "Choose one of the list"},
                )

    @property
    def kinds(self) -> dict[str, str]:
        return {str(file.pk): self.cleaned_data[f"kind-{file.pk}"] for file in self.roll_files}

    @property
    def columns(self) -> dict[str, list[str]]:
        return {
            str(file.pk): [self.cleaned_data[f"column-{file.pk}-{place}"] for place in range(len(file.header))]
            for file in self.roll_files
        }

    def sections(self, samples: dict[int, list[list[str]]]) -> list[dict[str, Any]]:
        """What the page lays out: each file, its kind, and its columns with the first values in them."""
        return [
            {
                "file": file,
                "kind": self[f"kind-{file.pk}"],
                "columns": [
                    {
                        "heading": heading,
                        "field": self[f"column-{file.pk}-{place}"],
                        "values": samples[file.pk][place] if place < len(samples[file.pk]) else [],
                        "is_left_out": not file.columns[place],
                    }
                    for place, heading in enumerate(file.header)
                ],
            }
            for file in self.roll_files
        ]


def _choices(kind: FileKind, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Every field of the kind of list; contacts in columns as far as the file goes."""
    present = max(
        (int(field[7]) for field in columns if field.startswith("contact") and field[7:8].isdigit()), default=0
    )
    shown = min(MAX_CONTACTS, max(_FEWEST_WIDE, present + 1))
    return [
        _LEAVE_OUT,
        *(
            (field, label)
            for field, label in field_labels(kind).items()
            if not (field.startswith("contact") and field[7:8].isdigit() and int(field[7]) > shown)
        ),
    ]


class ApplyForm(SubmissionForm):
    """What goes ahead: from which day, who left, which roles, and whether problem rows may stay out."""

    submit_label = "Apply"

    effective_on = forms.DateField(
        label="From which day",
        help_text="First day of those who join, last day of those you tick as having left.",
    )
    without_problem_rows = forms.BooleanField(label="Go ahead without the rows that have problems", required=False)

    def __init__(self, *args: Any, leavers: Sequence[tuple[str, str]], jobs: Sequence[dict[str, Any]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.jobs = list(jobs)
        self.fields["leavers"] = forms.MultipleChoiceField(
            label="Have left", choices=list(leavers), widget=forms.CheckboxSelectMultiple, required=False
        )
        roles = [("", "No role yet"), *((role.value, role.label) for role in Role if role in ROLES_BY_IMPORT)]
        for place, job in enumerate(self.jobs):
            given = [*job["roles"], "", ""]
            for number in (0, 1):
                self.fields[f"role-{place}-{number}"] = forms.ChoiceField(
                    label=f"{'Second role' if number else 'Role'} for {job['title']}",
                    choices=roles if number == 0 else [("", "None"), *roles[1:]],
                    initial=given[number],
                    required=False,
                )

    def job_rows(self) -> list[dict[str, Any]]:
        """Each job title with its two choices of role."""
        return [
            {**job, "first": self[f"role-{place}-0"], "second": self[f"role-{place}-1"]}
            for place, job in enumerate(self.jobs)
        ]

    @property
    def roles(self) -> dict[str, list[str]]:
        return {
            job["title"]: list(
                dict.fromkeys(
                    role for number in (0, 1) if (role := self.cleaned_data.get(f"role-{place}-{number}", ""))
                )
            )
            for place, job in enumerate(self.jobs)
        }


class ActForm(SubmissionForm):
    """A button: undo, cancel, go on, preview again."""


class AnswerForm(SubmissionForm):
    """The DSL's decision about one contact."""

    submit_label = "Save the decision"

    proposal = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**63 - 1,
        error_messages={"required": "Choose a contact to decide about", "invalid": "Choose a contact to decide about"},
    )
    answer = forms.ChoiceField(
        label="Decision",
        choices=[
            (ProposalAnswer.CONFIRMED, "Do not inform, and may not collect a device"),
            (ProposalAnswer.DISMISSED, "May be informed"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether this contact may be informed"},
    )
    reason = LineField(label="Reason, if they may be informed", max_length=300, required=False)


class AnswerTarget(BaseForm):
    """Which contact a decision is about, read before the form that shows it."""

    proposal = forms.IntegerField(min_value=1, max_value=2**63 - 1)
