"""The wording of an agreement: made from a version and the rules of a day, frozen whole, and known by its checksum.

What is signed is what was shown: the frozen wording holds every text in every language that a signatory may read
(matrix 5.3), and its checksum stands beside each signature (law AG-2).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from agreements.enums import AgreementKind, Capacity, Party
from agreements.languages import ENGLISH
from agreements.models import Clause, TemplateVersion, Translation
from core.kit.times import day as day_in_words
from core.people.models import School
from core.rules.words import Words

# What may stand in braces in a clause, and what it stands for. Nothing about one pupil: a clause is the same for all.
FIELDS: Final[dict[str, str]] = {
    "child": "Your school’s word for a pupil",
    "children": "… for pupils",
    "head": "Your school’s word for its head",
    "school": "The name of your school",
    "behaviour": "The name of your behaviour policy",
    "aup": "The name of your acceptable use policy",
    "child_protection": "The name of your child protection policy",
    "phone": "The school’s telephone number",
    "from": "The day from which the agreement holds",
}
_FIELD = re.compile(r"\{([^{}]*)\}")
_LOOSE = re.compile(r"[{}]")

# Who speaks in a group of clauses, and so who undertakes what it holds (matrix 5.1, 5.2).
PARTY_LABELS: Final[dict[str, str]] = {
    Party.TERMS: "What this is about",
    Party.PUPIL: "The {child}",
    Party.CONSEQUENCES: "What follows if this is not kept",
    Party.SCHOOL: "The school",
    Party.PARENT: "Parents and carers",
    Party.STAFF: "What I declare",
    Party.EVERYONE: "All of us",
    Party.PERSONAL: "For this {child}",
}
HEADING: Final = "heading-"  # a translation has a group’s heading under this and its party
SAYING: Final = "saying-"
# What stands beside a decision, in the order in which a family meets it; a translation may explain each of them.
SAYINGS: Final[dict[str, str]] = {
    "free": "Signing is a free choice. Not signing changes nothing about a place at the school.",
    "read": "I have read all the points.",
    "talked": "I have talked it through with my child.",
    "agree": "I agree",
    "decline": "I do not agree, please call me",
    "name": "Your full name",
    "why": "If you do not agree, you may say why. You need not.",
    "sign": "By typing my full name and sending this I sign this agreement, as I would on paper.",
    "check": "Check your answers",
    "send": "Accept and send",
}
_ORDER: Final = (
    Party.TERMS,
    Party.PUPIL,
    Party.CONSEQUENCES,
    Party.PERSONAL,
    Party.STAFF,
    Party.SCHOOL,
    Party.PARENT,
    Party.EVERYONE,
)


def wrong_fields(text: str) -> list[str]:
    """What is wrong with the fields of a text, in sentences; empty where all is well."""
    said = [
        f"“{{{name}}}” is not a field. Use one of {', '.join(f'{{{known}}}' for known in FIELDS)}."
        for name in _FIELD.findall(text)
        if name not in FIELDS
    ]
    if _LOOSE.search(_FIELD.sub("", text)):
        said.append("A brace stands without its partner.")
    return said


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled; one that is unknown is left as it stands."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def values_for(school: School, words: Words, starts_on: date) -> dict[str, str]:
    """What each field stands for at a school from a day."""
    return {
        "child": words.child,
        "children": words.children,
        "head": words.head,
        "school": school.name,
        "behaviour": words.behaviour,
        "aup": words.aup,
        "child_protection": words.child_protection,
        "phone": school.phone or "the school’s telephone number",
        "from": day_in_words(starts_on),
    }


def applies(clause: Clause, rules: Any) -> bool:
    """Whether a clause stands in what is issued under these rules (matrix 5.3, AGR-05)."""
    if not clause.is_on:
        return False
    if not clause.rule:
        return True
    answer = getattr(rules, clause.rule, None)
    given = {str(one) for one in answer} if isinstance(answer, list | tuple | set | frozenset) else {str(answer)}
    return bool(given & set(clause.answers))


def headings_of(clauses: Iterable[Clause]) -> list[Party]:
    """The groups that a text has, in the order in which they are shown."""
    there = {clause.party for clause in clauses if clause.is_on}
    return [Party(party) for party in _ORDER if party in there]


def is_whole(translation: Translation, clauses: Iterable[Clause], rules: Any) -> bool:
    """Whether a translation says all that stands under these rules: half of a text is offered to nobody."""
    needed = [clause.key for clause in clauses if applies(clause, rules)]
    return bool(translation.title) and all(translation.texts.get(key, {}).get("text") for key in needed)


def wording_of(
    version: TemplateVersion,
    *,
    clauses: Iterable[Clause],
    translations: Iterable[Translation],
    readings: Iterable[Mapping[str, Any]],
    school: School,
    rules: Any,
    words: Words,
    starts_on: date,
    issued_on: date,
    about: Mapping[str, str],
    personal: Iterable[str] = (),
    purposes: Iterable[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Everything that is shown, signed and printed, as plain values; `about` has the name and form of whom it is about.

    `readings`: the documents read with it (`version`, `title`, `label`); `personal`: clauses for this pupil alone.
    """
    values = values_for(school, words, starts_on)
    chosen = [clause for clause in clauses if applies(clause, rules)]
    extra = [text.strip() for text in personal if text.strip()]
    sites = [line.strip() for line in version.sites.splitlines() if line.strip()]

    def groups(texts: Mapping[str, Mapping[str, str]] | None) -> list[dict[str, Any]]:
        found = []
        for party in _ORDER:
            rows = []
            for clause in chosen:
                if clause.party != party:
                    continue
                own = {"text": clause.text, "plain": clause.plain_text}
                if texts is not None:  # a short reading that nobody translated is left out, not left in English
                    own = {**own, "plain": "", **texts.get(clause.key, {})}
                rows.append(
                    {
                        "key": clause.key,
                        "text": merged(own["text"] or clause.text, values),
                        "plain": merged(own["plain"], values),
                        "symbol": clause.symbol,
                    }
                )
            if party == Party.PERSONAL:
                rows += [
                    {"key": f"personal-{number}", "text": text, "plain": "", "symbol": ""}
                    for number, text in enumerate(extra, 1)
                ]
            if rows:
                label = (texts or {}).get(f"{HEADING}{party}", {}).get("text") or PARTY_LABELS[party]
                found.append({"party": str(party), "label": merged(label, values), "clauses": rows})
        return found

    return {
        "form": 1,
        "kind": str(version.template.kind),
        "title": merged(version.title, values),
        "intro": merged(version.intro, values),
        "version": version.number,
        "version_label": f"Version {version.number}, from {day_in_words(version.starts_on or starts_on)}",
        "school": {"name": school.name, "motto": school.motto, "phone": school.phone, "address": school.address},
        "words": {"child": words.child, "head": words.head},
        "issued_on": issued_on.isoformat(),
        "starts_on": starts_on.isoformat(),
        "about": dict(about),
        "groups": groups(None),
        "sites": sites,
        "readings": [dict(reading) for reading in readings],
        "purposes": [dict(purpose) for purpose in purposes],
        "translations": {
            one.language: {
                "title": merged(one.title, values),
                "intro": merged(one.intro, values),
                "groups": groups(one.texts),
                "sayings": [
                    {"english": english, "text": said["text"]}
                    for key, english in SAYINGS.items()
                    if (said := one.texts.get(f"{SAYING}{key}"))
                ],
            }
            for one in translations
        },
        "rules": rules.version,
    }


def checksum_of(wording: Mapping[str, Any]) -> str:
    """The SHA-256 of a wording, the same wherever and whenever it is worked out."""
    return hashlib.sha256(json.dumps(wording, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def in_language(wording: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Title, intro, groups and sayings in a language that the wording has; in English for any other."""
    found = wording["translations"].get(language)
    if found is None:
        return {"language": ENGLISH, "title": wording["title"], "intro": wording["intro"], "groups": wording["groups"]}
    return {"language": language, **found}


def point_count(wording: Mapping[str, Any]) -> int:
    """How many points an agreement has."""
    return sum(len(group["clauses"]) for group in wording["groups"])


def statements_for(wording: Mapping[str, Any], capacity: str) -> list[dict[str, str]]:
    """What a signatory has to tick, by capacity: that it was read, and what a parent did beside it (AGR-21, AGR-22)."""
    said = [{"key": "read", "text": f"I have read points 1 to {point_count(wording)}."}]
    if capacity == Capacity.PARENT:
        child = wording["about"].get("forename") or "my child"
        said += [
            {"key": f"reading-{reading['version']}", "text": f"I have read “{reading['title']}”."}
            for reading in wording["readings"]
        ]
        if wording["kind"] == AgreementKind.ONLINE_SAFETY:
            said.append({"key": "talked", "text": f"I have talked it through with {child}."})
    return said


_INTENTIONS: Final = {
    Capacity.PUPIL: "By writing my name I sign this agreement and mean to keep it.",
    Capacity.PARENT: "By typing my full name and sending this I sign this agreement, as I would on paper.",
    Capacity.HEADTEACHER: "By typing my full name I sign this agreement for the school.",
    Capacity.FORM_TUTOR: "By typing my full name I sign this agreement as form tutor.",
    Capacity.STAFF: "By typing my full name I make this declaration and sign it.",
}


def intention_of(capacity: str) -> str:
    """The sentence beside the name that shows that it is meant as a signature (law AG-2)."""
    return _INTENTIONS[Capacity(capacity)]
