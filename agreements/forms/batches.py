"""What is filled in to issue an agreement to many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from agreements.enums import BatchScope, Capacity, ParentsNeeded
from agreements.models import TemplateVersion
from agreements.queries.batches import Chosen
from core.kit.forms import LineField, SubmissionForm
from core.people.models import FormGroup

_NEEDS = {
    BatchScope.FORM: ("form", "Choose the form"),
    BatchScope.YEAR: ("year", "Choose the year group"),
    BatchScope.JOINERS: ("since", "Say since which day they joined"),
}


class IssueManyForm(SubmissionForm):
    """Which agreement, to whom, from when; who signs, where the rules leave it open."""

    submit_label = "See what it would do"

    version = forms.ChoiceField(label="Which agreement?", widget=forms.RadioSelect)
    scope = forms.ChoiceField(label="To whom?", choices=BatchScope.choices, widget=forms.RadioSelect)
    form = forms.ChoiceField(label="Which form?", required=False, help_text="Only for a form.")
    year = forms.ChoiceField(label="Which year group?", required=False, help_text="Only for a year group.")
    since = forms.DateField(label="Joined since which day?", required=False, help_text="Only for those who joined.")
    starts_on = forms.DateField(label="From which day does it hold?")
    parents_needed = forms.ChoiceField(
        label="How many parents or carers have to sign?", choices=ParentsNeeded.choices, widget=forms.RadioSelect
    )
    send = forms.BooleanField(
        label="Send each parent or carer who has an email address a link to sign by",
        required=False,
        help_text="One email for all their children, which names no child.",
    )
    signatories = forms.MultipleChoiceField(
        label="Who signs it?",
        required=False,
        choices=[(one.value, one.label) for one in Capacity if one != Capacity.STAFF],
        widget=forms.CheckboxSelectMultiple,
        help_text="Your school’s rules do not say.",
    )
    reason = LineField(
        label="Who decided that, and why?", required=False, max_length=300, help_text="It is kept as a decision."
    )

    def __init__(
        self,
        *args: Any,
        versions: Sequence[TemplateVersion],
        groups: Iterable[FormGroup],
        years: Iterable[tuple[int, str]],
        asks_who: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not asks_who:
            del self.fields["signatories"], self.fields["reason"]
        self.versions = {str(version.pk): version for version in versions}
        self.groups = {str(group.pk): group for group in groups}
        self.offer("version", [(key, version.title) for key, version in self.versions.items()])
        self.offer("form", [("", "Choose a form"), *((key, group.name) for key, group in self.groups.items())])
        self.offer("year", [("", "Choose a year group"), *((str(year), label) for year, label in years)])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        field, said = _NEEDS.get(BatchScope(given["scope"]), ("", "")) if given.get("scope") else ("", "")
        if field and not given.get(field) and field not in self.errors:
            self.add_error(field, said)
        return given

    def chosen(self) -> Chosen:
        """To whom, without what another choice left filled in."""
        given = self.cleaned_data
        named = given["scope"]
        return Chosen(
            scope=named,
            form=self.groups[given["form"]] if named == BatchScope.FORM else None,
            year=int(given["year"]) if named == BatchScope.YEAR else None,
            since=given["since"] if named == BatchScope.JOINERS else None,
        )

    def version_chosen(self) -> TemplateVersion:
        """Which text."""
        return self.versions[self.cleaned_data["version"]]

    def values(self) -> dict[str, Any]:
        """What `issue_to_many` takes."""
        given = self.cleaned_data
        kept = ("starts_on", "parents_needed", "send", "signatories", "reason", "submission")
        named = {name: given[name] for name in kept if name in given}
        return {"version": self.version_chosen(), "chosen": self.chosen()} | named
