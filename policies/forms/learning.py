"""Forms about documents and acknowledgements: the shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Pupil
from policies.enums import PROCEDURES, AcknowledgedHow, DocumentKind, ImprovementState
from policies.operations import Published

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class SetVersionForm(SubmissionForm):
    """Which version of which document holds from when."""

    submit_label = "Set this version"

    title = LineField(
        label="Document", max_length=200, error_messages={"required": "Enter what the document is called"}
    )
    label = LineField(
        label="Version",
        max_length=60,
        help_text="As it stands on the document, for example “September 2026”.",
        error_messages={"required": "Enter the version"},
    )
    starts_on = forms.DateField(label="In force from", error_messages={**_DAY, "required": "Enter the first day"})


class AcknowledgeForm(SubmissionForm):
    """When and how one pupil acknowledged a version."""

    submit_label = "Record it"

    acknowledged_on = forms.DateField(label="Acknowledged on", error_messages={**_DAY, "required": "Enter the day"})
    how = forms.ChoiceField(
        label="How",
        choices=AcknowledgedHow.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how"},
    )

    def values(self) -> dict[str, Any]:
        """What the operation takes. A field called “method” would stand in the way of the page's own form."""
        given = dict(self.cleaned_data)
        given["method"] = given.pop("how")
        return given


class AcknowledgeFormGroupForm(AcknowledgeForm):
    """The same for a whole form: everybody ticked."""

    submit_label = "Record for those ticked"

    pupils = forms.MultipleChoiceField(
        label="Who",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick who has acknowledged it"},
    )

    def __init__(self, *args: Any, pupils: Iterable[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(pupil.pk): pupil for pupil in pupils}
        self.offer("pupils", ((key, pupil.sort_name) for key, pupil in self.by_key.items()))
        self.order_fields(["submission", "acknowledged_on", "how", "pupils"])

    def clean_pupils(self) -> list[Pupil]:
        return [self.by_key[key] for key in self.cleaned_data["pupils"]]


class DecideImprovementForm(SubmissionForm):
    """What becomes of something to change."""

    submit_label = "Save the decision"

    state = forms.ChoiceField(
        label="What becomes of it", widget=forms.RadioSelect, error_messages={"required": "Choose what becomes of it"}
    )
    reason = TextField(label="Why", max_length=400, rows=2, required=False, help_text="Needed when it is not taken up.")

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [ImprovementState.ACCEPTED, ImprovementState.REJECTED]
        if state != ImprovementState.OPEN:
            offered = [ImprovementState.DONE]
            self.fields["state"].initial = ImprovementState.DONE.value
            self.fields["reason"].help_text = "What was done, if you wish."
        self.offer("state", [(one.value, one.label) for one in offered])


class ProceduresForm(SubmissionForm):
    """Where the two procedures are published: a name and an address of each, or neither."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in PROCEDURES:
            self.fields[f"{kind.value}_title"] = LineField(
                label=f"Name of the {kind.label.lower()}", max_length=200, required=False
            )
            self.fields[f"{kind.value}_address"] = forms.URLField(
                label=f"Address of the {kind.label.lower()}", max_length=300, required=False, assume_scheme="https",
                help_text="Of the page or file that anybody can open, such as https://www.school.example/complaints.",
                error_messages={"invalid": "Enter the whole address, beginning with https://"},
            )  # fmt: skip

    def published(self) -> dict[DocumentKind, Published]:
        """What the operation takes."""
        given = self.cleaned_data
        return {kind: Published(given[f"{kind.value}_title"], given[f"{kind.value}_address"]) for kind in PROCEDURES}
