"""A letter to a parent or carer about a breach: neutral, about their own child alone (DOC-16, ORG-07, INC-30)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.kit.text import apart
from core.kit.times import day
from core.people.models import Contact, Pupil, User
from core.rules.words import words_for
from incidents.documents.facts import LetterFacts, Rows, beginning, kept, pupil_words
from incidents.enums import IncidentType as T
from incidents.models import Incident, Sanction
from policies.models import Document

# What is said of each type; all others are "something that happened with a device or online".
_ABOUT: dict[str, str] = {
    T.USED_IN_LESSON: "a phone or other device that was used in a lesson",
    T.USED_ELSEWHERE: "a phone or other device that was used when devices are put away",
    T.BARRED_AREA: "a device in a place where none may be used",
    T.NOT_HANDED_IN: "a device that was not handed in",
    T.KEPT_ON_PERSON: "a device that was kept during the day",
    T.REFUSED: "a device that was not handed in when staff asked for it",
    T.SECOND_DEVICE: "a second device",
    T.OWN_ARRANGEMENTS: "a phone that was used to make arrangements",
    T.EXAM_POSSESSION: "a device in an exam",
    T.PLACEMENT: "a device that was used on a placement",
}
_IN_GENERAL = "something that happened with a device or online"
_TITLE = "About a {child} and the rules for devices"


def letter_facts(
    case: Incident,
    pupil: Pupil,
    contact: Contact,
    sanctions: Sequence[Sanction],
    *,
    rules: Any,
    complaints: Document | None,
    by: User,
    at: datetime,
) -> LetterFacts:
    """The letter: when, what in neutral words, what was decided for this child, whom to ask, and how to complain.

    Nobody else is named, nothing that was written in the record is quoted, and nobody is judged.
    """
    words = words_for(rules)
    when = day(case.happened_at or case.created_at)
    said = [
        f"We are writing about {_ABOUT.get(case.type, _IN_GENERAL)}, on {when}. It concerns {apart(pupil.forename)}.",
        f"The school’s {words.behaviour} is the same for every {words.child}. It says what happens next.",
        "If you know of something that we should know too, or would like to talk about it, please get in touch with "
        "the school. Questions are welcome.",
        _complaints(complaints),
    ]
    return LetterFacts(
        **{**beginning(case, title=_TITLE.format(child=words.child), by=by, at=at), "made": day(at)},  # type: ignore[arg-type]
        to=(f"{contact.title} {contact.display_name}".strip(),),
        whose=pupil_words(pupil),
        said=tuple(said),
        rows=_decided(sanctions),
    )


def _complaints(complaints: Document | None) -> str:
    if complaints is None:
        return "If you are not content with how the school has dealt with this, ask the office how to complain."
    return (
        "If you are not content with how the school has dealt with this, its complaints procedure says what to do: "
        f"{complaints.title}, {complaints.address}"
    )


def _decided(sanctions: Sequence[Sanction]) -> Rows:
    rows = []
    for row in sanctions:
        until = f" to {day(row.ends_on)}" if row.ends_on else ""
        rows.append((row.kind[:1].upper() + row.kind[1:], f"From {day(row.starts_on)}{until}"))
    return kept(*rows)
