"""Forms of the end of a record: the investigation, the debrief and its lessons, closing; and the exam report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User
from incidents.enums import ExamKind, ExamOutcome, LessonKind, Outcome
from policies.models import Document

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_NEEDED = [("yes", "Yes: leaders look back on it"), ("no", "No")]


class EndInvestigationForm(SubmissionForm):
    """The investigation has ended; where the rules leave it open, whether a debrief follows."""

    submit_label = "The investigation has ended"

    debrief = forms.ChoiceField(label="Is a debrief needed?", widget=forms.RadioSelect, choices=_NEEDED)

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            self.fields.pop("debrief")

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        said = self.cleaned_data.get("debrief")
        return {"submission": self.cleaned_data["submission"], "debrief": None if said is None else said == "yes"}


class DecideDebriefForm(SubmissionForm):
    """Whether this record is debriefed."""

    submit_label = "Save the decision"

    needed = forms.ChoiceField(label="Is a debrief needed?", widget=forms.RadioSelect, choices=_NEEDED)

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        return {"submission": self.cleaned_data["submission"], "needed": self.cleaned_data["needed"] == "yes"}


class DebriefForm(SubmissionForm):
    """When it was held, who was there, what it came to."""

    submit_label = "Save the debrief"

    held_on = forms.DateField(label="Held on", error_messages=_DAY)
    present = LineField(label="Who was there", max_length=400, help_text="Posts are enough, such as head and DSL.")
    summary = TextField(label="What it came to", max_length=8000, rows=5, help_text="Kept sealed in this record.")


class GiveForm(SubmissionForm):
    """Who sees to a lesson, and by when."""

    submit_label = "Give it to them"

    owner = forms.ChoiceField(label="Who sees to it", required=False)
    due_on = forms.DateField(label="By", required=False, error_messages=_DAY)

    def __init__(self, *args: Any, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.offer("owner", [("", "Choose"), *((key, who.display_name) for key, who in self.staff.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return given | {"owner": self.staff.get(given["owner"])}


class LessonForm(GiveForm):
    """What has to change, or why nothing has."""

    submit_label = "Add the lesson"

    kind = forms.ChoiceField(label="What has to change", choices=LessonKind.choices, widget=forms.RadioSelect)
    document = forms.ChoiceField(label="Which policy, if a policy", required=False)
    text = TextField(
        label="The change", max_length=400, rows=2, required=False,
        help_text="In words that name nobody: others read them on the list of changes.",
    )  # fmt: skip
    early_review = forms.BooleanField(label="The policy needs a review before the next one is due", required=False)
    reason = TextField(label="Why nothing has to change", max_length=2000, rows=2, required=False)

    def __init__(self, *args: Any, policies: Sequence[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = {str(document.pk): document for document in policies}
        self.offer("document", [("", "Choose"), *((key, one.title) for key, one in self.policies.items())])
        self.order_fields(["submission", "kind", "document", "text", "early_review", "owner", "due_on", "reason"])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = super().values()
        return given | {"document": self.policies.get(given["document"])}


class CloseForm(SubmissionForm):
    """How it ended."""

    submit_label = "Close the record"

    outcome = forms.ChoiceField(label="How it ended", widget=forms.RadioSelect)
    outcome_words = TextField(
        label="Why, and what came of it", max_length=4000, rows=4, help_text="Kept sealed in this record."
    )

    def __init__(self, *args: Any, outcomes: Sequence[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("outcome", [(one.value, one.label) for one in outcomes])


_KNOWN = [("", "Not known"), ("yes", "Yes"), ("no", "No")]
_TRUTH = {"yes": True, "no": False}


class ExamForm(SubmissionForm):
    """What was found in the exam: facts for the exam body."""

    submit_label = "Save the report"

    kind = forms.ChoiceField(label="Which exam", choices=ExamKind.choices, widget=forms.RadioSelect)
    exam = LineField(label="Exam", max_length=120, help_text="Subject, paper and level.")
    body = LineField(label="Exam body, if it is a public exam", max_length=120, required=False)
    candidate = LineField(label="Candidate number", max_length=20, required=False)
    room = LineField(label="Room", max_length=60, required=False)
    found_at = forms.DateTimeField(
        label="When it was found", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    found_by = LineField(label="Found by", max_length=120)
    device = LineField(label="What it is", max_length=120, help_text="Such as a phone or a watch.")
    was_on = forms.ChoiceField(label="Was it on?", choices=_KNOWN, required=False)
    could_communicate = forms.ChoiceField(label="Could it communicate?", choices=_KNOWN, required=False)
    could_go_online = forms.ChoiceField(label="Could it go online?", choices=_KNOWN, required=False)
    statement = TextField(label="What was seen", max_length=4000, rows=4, help_text="Plain facts. Kept sealed.")

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        for name in ("was_on", "could_communicate", "could_go_online"):
            given[name] = _TRUTH.get(given[name])
        return given


class SendExamForm(SubmissionForm):
    """Who has the report."""

    submit_label = "The exam body has it"

    reported_to = LineField(label="Who has the report", max_length=120)
    reference = LineField(label="Their reference", max_length=60, required=False)


class ExamOutcomeForm(SubmissionForm):
    """What the exam body decided."""

    submit_label = "Save what they decided"

    outcome = forms.ChoiceField(
        label="What the exam body decided", choices=ExamOutcome.choices, widget=forms.RadioSelect
    )
