"""Forms of what follows a report: sanctions, support plans, advice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Pupil, User
from incidents.queries.course import excludes

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


def _named(pupil: Pupil) -> str:
    return f"{pupil.display_name}, {pupil.form.name}" if pupil.form else pupil.display_name


class PupilForm(SubmissionForm):
    """A form for one of the pupils of a record; where there is only one, nobody is asked which."""

    pupil = forms.ChoiceField(label="For whom", widget=forms.RadioSelect)

    def __init__(self, *args: Any, pupils: Sequence[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pupils = {str(pupil.pk): pupil for pupil in pupils}
        self.offer("pupil", [(key, _named(pupil)) for key, pupil in self.pupils.items()])
        if len(self.pupils) == 1:
            self.fields["pupil"].initial = next(iter(self.pupils))


class SanctionForm(PupilForm):
    """Which sanction, why, from when until when, and who looks at it again."""

    submit_label = "Record the sanction"

    kind = forms.ChoiceField(label="Sanction", widget=forms.RadioSelect)
    own_kind = LineField(
        label="Sanction", max_length=120,
        help_text="Your school’s rules list none. In your own words; that you decided is kept.",
    )  # fmt: skip
    takes_out = forms.BooleanField(label="It takes the pupil out of lessons or school", required=False)
    reason = TextField(label="Why", max_length=2000, rows=3, help_text="Kept sealed in this record.")
    agreed = TextField(
        label="What was agreed with parents and child", max_length=2000, rows=3, required=False,
        help_text="Level 1: a sanction is agreed with them.",
    )  # fmt: skip
    reflection = TextField(
        label="What the teacher went through with the pupil", max_length=2000, rows=3, required=False,
        help_text="If a teacher led a reflection. Kept as a note.",
    )  # fmt: skip
    starts_on = forms.DateField(label="First day", error_messages=_DAY)
    ends_on = forms.DateField(label="Last day", required=False, error_messages=_DAY)
    reviewer = forms.ChoiceField(label="Who looks at it again")
    review_on = forms.DateField(
        label="Looked at again on", required=False, error_messages=_DAY, help_text="Needed if there is no last day."
    )

    def __init__(
        self, *args: Any, ladder: Sequence[tuple[str, str]], staff: Sequence[User], may_exclude: bool,
        at_level_one: bool, is_low_level: bool, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.offer("reviewer", [("", "Choose"), *((key, who.display_name) for key, who in self.staff.items())])
        self.fields.pop("own_kind" if ladder else "kind")
        if ladder:
            self.offer("kind", [line for line in ladder if may_exclude or not excludes(line[0])])
        if not may_exclude:
            self.fields.pop("takes_out")
        if not at_level_one:
            self.fields.pop("agreed")
        if not is_low_level:
            self.fields.pop("reflection")

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        given["kind"] = given.pop("own_kind", "") or given.get("kind", "")
        return given | {"pupil": self.pupils[given["pupil"]], "reviewer": self.staff.get(given["reviewer"])}

    def add_refusal(self, refusal: Any) -> None:
        if refusal.field == "kind" and "own_kind" in self.fields:
            refusal.field = "own_kind"
        super().add_refusal(refusal)


class WithdrawSanctionForm(SubmissionForm):
    """Why it holds no more."""

    submit_label = "Withdraw the sanction"

    reason = TextField(label="Why it is withdrawn", max_length=2000, rows=3, help_text="Added to the record.")


class PlanForm(PupilForm):
    """What the support is to achieve, what is done, who sees to it, and when it is reviewed."""

    submit_label = "Save the plan"

    aims = TextField(label="What it is to achieve", max_length=4000, rows=3)
    actions = TextField(label="What is done, and by whom", max_length=4000, rows=4)
    owner = forms.ChoiceField(
        label="Who sees to it", help_text="Somebody who can read this record. Let others in first."
    )
    starts_on = forms.DateField(label="Begins on", error_messages=_DAY)
    review_on = forms.DateField(label="First review", error_messages=_DAY)
    begin = forms.ChoiceField(
        label="Is it agreed?", widget=forms.RadioSelect, choices=[("yes", "It begins"), ("no", "It is a draft still")],
        initial="yes",
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.offer("owner", [("", "Choose"), *((key, who.display_name) for key, who in self.people.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return given | {
            "pupil": self.pupils[given["pupil"]], "owner": self.people[given["owner"]], "begin": given["begin"] == "yes"
        }  # fmt: skip


class BeginPlanForm(SubmissionForm):
    """The button of a drafted plan."""

    submit_label = "Begin the plan"


class ReviewPlanForm(SubmissionForm):
    """How it goes, and whether it goes on."""

    submit_label = "Save the review"

    text = TextField(label="How it goes", max_length=4000, rows=4)
    goes_on = forms.ChoiceField(
        label="What becomes of it", widget=forms.RadioSelect, choices=[("on", "It goes on"), ("ends", "It ends")]
    )
    next_review_on = forms.DateField(label="Next review, if it goes on", required=False, error_messages=_DAY)
    end_words = TextField(label="Why it ends, and what it achieved", max_length=2000, rows=3, required=False)

    def values(self) -> dict[str, Any]:
        """What the operation takes: a day if it goes on, words if it ends."""
        given, ends = self.cleaned_data, self.cleaned_data["goes_on"] == "ends"
        return {
            "text": given["text"], "next_review_on": None if ends else given["next_review_on"],
            "end_words": given["end_words"] if ends else "", "submission": given["submission"],
        }  # fmt: skip

    def add_refusal(self, refusal: Any) -> None:
        if refusal.field == "next_review_on" and self.cleaned_data.get("goes_on") == "ends":
            refusal.field, refusal.message = "end_words", "Write why the plan ends."
        super().add_refusal(refusal)


class AskAdviceForm(SubmissionForm):
    """Who was asked, and what."""

    submit_label = "Save the question"

    body = forms.ChoiceField(label="Who is asked", widget=forms.RadioSelect)
    own_body = LineField(
        label="Who is asked", max_length=120,
        help_text="Your school’s rules name nobody. That you asked is kept as a decision.",
    )  # fmt: skip
    question = TextField(label="The question", max_length=4000, rows=4)

    def __init__(self, *args: Any, bodies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("own_body" if bodies else "body")
        if bodies:
            self.offer("body", bodies)

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        given["body"] = given.pop("own_body", "") or given.get("body", "")
        return given

    def add_refusal(self, refusal: Any) -> None:
        if refusal.field == "body" and "own_body" in self.fields:
            refusal.field = "own_body"
        super().add_refusal(refusal)


class AnswerAdviceForm(SubmissionForm):
    """What was answered."""

    submit_label = "Save the answer"

    answer_from = LineField(label="Who answered", max_length=120)
    answer = TextField(label="The answer", max_length=4000, rows=4)


class ActOnAdviceForm(SubmissionForm):
    """What was done about it."""

    submit_label = "Save what was done"

    action = TextField(label="What was done", max_length=4000, rows=4)
