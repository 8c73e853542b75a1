"""The school's vocabulary (ORG-07): the word for a child, the head, those who govern, and the documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from .catalogue import SECTIONS, SETTINGS, UNSPECIFIED, Section, Setting

# One and several of each word; the first row of each is the plain word.
_CHILD: Final = {
    "pupil": ("pupil", "pupils"),
    "learner": ("learner", "learners"),
    "student": ("student", "students"),
}
_HEAD: Final = {
    "headteacher": ("headteacher", "headteachers"),
    "principal": ("principal", "principals"),
    "head_teacher": ("head teacher", "head teachers"),
    "headteacher_or_principal": ("headteacher or principal", "headteachers or principals"),
}
_GOVERNORS: Final = {
    "governors": ("governor", "governors"),
    "trustees": ("trustee", "trustees"),
    "directors": ("director", "directors"),
    "governing_board": ("member of the governing board", "governing board"),
}
_DOCUMENTS: Final = {
    "term_child_protection": "child protection policy",
    "term_aup": "acceptable use policy",
    "term_behaviour": "behaviour policy",
}


@dataclass(frozen=True)
class Words:
    """What one school calls things. `child`, `head`, `governor` have a plural; the documents are named whole."""

    child: str = "pupil"
    children: str = "pupils"
    head: str = "headteacher"
    heads: str = "headteachers"
    governor: str = "governor"
    governors: str = "governors"
    child_protection: str = "child protection policy"
    aup: str = "acceptable use policy"
    behaviour: str = "behaviour policy"

    def term(self, name: str, *, plural: bool = False, capital: bool = False, possessive: bool = False) -> str:
        """The school's word for `child`, `head`, `governors`, `child_protection`, `aup` or `behaviour`.

        `governors` is plural by nature. Raises KeyError for a word that is not part of the vocabulary.
        """
        one, many = {
            "child": (self.child, self.children),
            "head": (self.head, self.heads),
            "governor": (self.governor, self.governors),
            "governors": (self.governors, self.governors),
            "child_protection": (self.child_protection, self.child_protection),
            "aup": (self.aup, self.aup),
            "behaviour": (self.behaviour, self.behaviour),
        }[name]
        word = many if plural else one
        if possessive:
            word += "’" if word.endswith("s") else "’s"
        return word[:1].upper() + word[1:] if capital else word

    def say(self, text: str) -> str:
        """A text of the catalogue with the school's words in place of {child}, {Children}, {head} and {governors}."""
        if "{" not in text:
            return text
        for name, word in (
            ("child", self.child),
            ("children", self.children),
            ("head", self.head),
            ("governors", self.governors),
        ):
            for place, said in ((f"{{{name}}}", word), (f"{{{name.capitalize()}}}", word[:1].upper() + word[1:])):
                if said.endswith("s"):
                    text = text.replace(f"{place}’s", f"{said}’")
                text = text.replace(place, said)
        return text


PLAIN: Final = Words()


def words_for(rules: Any) -> Words:
    """The vocabulary of a school’s rules; plain words where they are None or a word is not settled."""
    if rules is None:
        return PLAIN
    child, children = _CHILD.get(rules.term_child, (PLAIN.child, PLAIN.children))
    head, heads = _HEAD.get(rules.term_head, (PLAIN.head, PLAIN.heads))
    governor, governors = _GOVERNORS.get(rules.term_governors, (PLAIN.governor, PLAIN.governors))
    documents = {
        key.removeprefix("term_"): plain if getattr(rules, key) in (UNSPECIFIED, "none") else getattr(rules, key)
        for key, plain in _DOCUMENTS.items()
    }
    return Words(child, children, head, heads, governor, governors, **documents)


def _spoken(setting: Setting, words: Words) -> Setting:
    return dataclasses.replace(
        setting,
        label=words.say(setting.label),
        meaning=words.say(setting.meaning),
        values={key: words.say(text) for key, text in setting.values.items()},
    )


@lru_cache(maxsize=64)
def settings_in(words: Words) -> Mapping[str, Setting]:
    """Every setting of the catalogue, said in these words."""
    return {key: _spoken(setting, words) for key, setting in SETTINGS.items()}


@lru_cache(maxsize=64)
def sections_in(words: Words) -> tuple[Section, ...]:
    """Every section of the catalogue, named in these words."""
    return tuple(dataclasses.replace(section, name=words.say(section.name)) for section in SECTIONS)
