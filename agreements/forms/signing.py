"""What a parent or carer fills in who signs by a link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from agreements.enums import ConsentPurpose, Decision
from agreements.forms.issued import SignForm
from agreements.models import ImageConsent
from agreements.queries.consent_links import is_named, offered_to
from core.kit.forms import LineField, SubmissionForm


class LinkSignForm(SignForm):
    """The decision as it is typed on a telephone; nothing is chosen or ticked for anybody."""

    name = LineField(label="Your full name", max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "decision",
            [(Decision.AGREES.value, "I agree"), (Decision.DECLINES.value, "I do not agree, please call me")],
        )
        uses = [name for name in self.fields if name.startswith("use_")]
        self.order_fields(["submission", "statements", *uses, "decision", "name", "reason"])

    def clean(self) -> dict[str, Any]:
        """Who agrees has ticked each statement and answered each use."""
        given = super().clean() or self.cleaned_data
        if given.get("decision") == Decision.AGREES:
            offered = [key for key, _label in self.fields["statements"].choices]  # type: ignore[attr-defined]
            if set(offered) - set(given.get("statements") or ()):
                self.add_error("statements", "Tick each statement that you confirm")
            for name in self.fields:
                if name.startswith("use_") and not given.get(name):
                    self.add_error(name, "Choose yes or no")
        return given

    def typed(self) -> dict[str, Any]:
        """What the visit keeps until it is sent."""
        given = self.values()
        return given | {"submission": str(given["submission"])}

    @staticmethod
    def initial_of(typed: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed before, for who goes back to change it."""
        answers = {f"use_{key}": value for key, value in typed.get("choices", {}).items()}
        kept: dict[str, Any] = {
            name: typed[name] for name in ("decision", "name", "reason", "submission") if name in typed
        }
        mark = json.dumps(typed["mark"]) if typed.get("mark") else ""
        return {**kept, **answers, "statements": typed.get("ticked", []), "mark": mark}


class LinkAnswersForm(SubmissionForm):
    """Yes or no to each use of images, as a parent answers on a telephone; nothing is chosen for anybody (CON-01)."""

    name = LineField(label="Your full name", max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def __init__(self, *args: Any, consent: ImageConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered_to(consent)
        for key in self.offered:
            is_other = key == ConsentPurpose.OTHER
            self.ask(f"use_{key}", consent.other_purpose if is_other else str(ConsentPurpose(key).label))
        if is_named(consent):
            self.ask("first_name", f"May the first name stay with the image, for: {consent.first_name_for}")
        self.order_fields(["submission", *(name for name in self.fields if name not in ("submission", "name")), "name"])

    def ask(self, name: str, label: str) -> None:
        """One question, yes or no."""
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=[("yes", "Yes"), ("no", "No")],
            widget=forms.RadioSelect,
            error_messages={"required": f"Say yes or no to: {label}"},
        )

    def typed(self) -> dict[str, Any]:
        """What the visit keeps until it is sent."""
        given = self.cleaned_data
        return {
            "answers": {key: given[f"use_{key}"] for key in self.offered},
            "first_name": given.get("first_name") == "yes",
            "name": given["name"],
            "submission": str(given["submission"]),
        }

    @staticmethod
    def initial_of(typed: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed before, for who goes back to change it."""
        if not typed:
            return {}
        answers = {f"use_{key}": value for key, value in typed["answers"].items()}
        first = "yes" if typed["first_name"] else "no"
        return {**answers, "first_name": first, "name": typed["name"], "submission": typed["submission"]}
