"""The forms of those who write a version in another language and check it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField

from agreements.languages import LANGUAGES, Language
from agreements.queries.translations import Point, PointGroup
from agreements.wording import SAYING, SAYINGS
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.forms import VersionedForm


class AddTranslationForm(SubmissionForm):
    """Which language."""

    submit_label = "Begin to write"

    language = forms.ChoiceField(
        label="Language", choices=[("", "Choose a language"), *((one.code, one.label) for one in LANGUAGES.values())]
    )


class TranslationForm(VersionedForm):
    """Title, opening and each point in the language, beside the English; what is left empty is still to be written."""

    submit_label = "Save what is written"

    title = LineField(label="Title", max_length=120, required=False)
    intro = TextField(label="Opening", max_length=2000, required=False, rows=5)

    def __init__(self, *args: Any, language: Language, groups: list[PointGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups
        for group in groups:
            self.fields[f"text_{group.key}"] = LineField(
                label=f"Heading: {group.label}", max_length=120, required=False
            )
            for number, point in enumerate([*group.standing, *group.others], 1):
                of = f"{group.label.lower()}, point {number}"
                key = point.clause.key
                self.fields[f"text_{key}"] = TextField(label=f"In full: {of}", max_length=1500, required=False, rows=3)
                if point.clause.plain_text:
                    self.fields[f"plain_{key}"] = LineField(
                        label=f"In a few words: {of}", max_length=300, required=False
                    )
        for key, english in SAYINGS.items():
            self.fields[f"text_{SAYING}{key}"] = LineField(label=english, max_length=300, required=False)
        for field in self.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs |= {"lang": language.code, "dir": language.direction}
                field.is_asked = True  # type: ignore[attr-defined]  # may wait, but is not called optional

    def rows(self) -> Iterator[dict[str, Any]]:
        """The groups as the page shows them: each point with its fields beside it."""
        for group in self.groups:
            yield {
                "group": group,
                "heading": self[f"text_{group.key}"],
                "standing": [self._beside(point) for point in group.standing],
                "others": [self._beside(point) for point in group.others],
            }

    def sayings(self) -> list[BoundField]:
        """What stands beside the decision, each labelled with its English."""
        return [self[f"text_{SAYING}{key}"] for key in SAYINGS]

    def _beside(self, point: Point) -> dict[str, Any]:
        plain = self[f"plain_{point.clause.key}"] if point.clause.plain_text else None
        return {"point": point, "text": self[f"text_{point.clause.key}"], "plain": plain}

    def texts(self) -> dict[str, dict[str, str]]:
        """What the operation takes: text and short reading by key."""
        found: dict[str, dict[str, str]] = {}
        for name, value in self.cleaned_data.items():
            part, _line, key = name.partition("_")
            if part in ("text", "plain") and key:
                found.setdefault(key, {})[part] = value
        return found


class CheckTranslationForm(VersionedForm):
    """That somebody who reads the language has compared it."""

    submit_label = "It says the same"

    compared = forms.BooleanField(
        label="Somebody who reads this language, I or a person beside me, has compared every point with the English",
        error_messages={"required": "Confirm that somebody who reads the language has compared every point"},
    )
