"""What somebody types to find a record: posted, so that no name and no word of it stands in an address."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField
from incidents.enums import CaseState, IncidentType, Route
from incidents.queries.search import MOST_DAYS, MOST_OPENED, STILL_OPEN, Asked, words_of

_LONGEST, _MOST_WORDS, _SHORTEST = 80, 8, 3
_TOO_LONG = {"max_length": f"Type less: at most {_LONGEST} letters"}
_NEVER_READ = (CaseState.DRAFT, CaseState.DISCARDED)
_STATES = [(state.value, str(state.label)) for state in CaseState if state not in _NEVER_READ]
_TYPED = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


class SearchForm(BaseForm):
    """Reference or words, a name, and what narrows it; words of sealed text only where it is narrow already."""

    submit_label = "Find"
    narrowing = ("type", "route", "state", "since", "until")

    words = LineField(
        label="Reference or words of the title",
        max_length=_LONGEST,
        required=False,
        help_text="For example “I-2611-0142”, or the first letters of a word.",
        error_messages=_TOO_LONG,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
    )
    person = LineField(
        label="Somebody in it",
        max_length=_LONGEST,
        required=False,
        help_text="A pupil, a member of staff or anybody named.",
        error_messages=_TOO_LONG,
        widget=_TYPED,
    )
    type = forms.ChoiceField(label="Type", required=False, choices=[("", "Any"), *IncidentType.choices])
    route = forms.ChoiceField(label="About", required=False, choices=[("", "Anything"), *Route.choices])
    state = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), (STILL_OPEN, "Any open"), *_STATES])
    since = forms.DateField(label="Raised from", required=False)
    until = forms.DateField(label="Raised until", required=False)
    sealed = LineField(
        label="Words of the report or its notes",
        max_length=_LONGEST,
        required=False,
        help_text=(
            f"These texts are sealed and opened one by one. Name somebody above, or give dates at most {MOST_DAYS} "
            f"days apart; at most {MOST_OPENED} records are opened. It is on record that you looked, and not for what."
        ),
        error_messages=_TOO_LONG,
        widget=_TYPED,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:  # then what was found, or what is wrong, is read first
            self.fields["words"].widget.attrs.pop("autofocus", None)

    def clean_words(self) -> str:
        return _enough(self.cleaned_data["words"])

    def clean_sealed(self) -> str:
        return _enough(self.cleaned_data["sealed"])

    def clean_person(self) -> str:
        name: str = self.cleaned_data["person"]
        letters = "".join(words_of(name))
        if name and len(letters) < 2 and letters.isascii():  # some names are one letter, but no English one
            raise forms.ValidationError("Type at least two letters of a name")
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day is before the first")
        elif given.get("sealed") and not given.get("person") and not {"person", "since", "until"} & set(self.errors):
            if not since or not until:
                self.add_error("sealed", "Name somebody above, or give both dates: these texts are opened one by one")
            elif (until - since).days >= MOST_DAYS:
                self.add_error("until", f"Without a name, give dates at most {MOST_DAYS} days apart")
        if not self.errors and not any(given.values()):
            self.add_error("words", "Type a reference, a word or a name, or choose what to list")
        return given

    def asked(self) -> Asked:
        """What the search is given."""
        return Asked(**self.cleaned_data)

    @property
    def is_narrowed(self) -> bool:
        """Whether what narrows the search is to be seen: chosen, or wrong, or what sealed text waits for."""
        return any(self[name].value() or name in self.errors for name in self.narrowing) or "sealed" in self.errors


def _enough(text: str) -> str:
    """Enough letters for an index, and not so many words that it is a text. Nothing at all is not asked."""
    words = words_of(text)
    if text and max((len(word) for word in words), default=0) < _SHORTEST:
        raise forms.ValidationError("Type at least three letters of a word, or three figures")
    if len(words) > _MOST_WORDS:
        raise forms.ValidationError(f"Type fewer words: at most {_MOST_WORDS}")
    return text
