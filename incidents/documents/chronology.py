"""A pupil's chronology on paper: what its maker could read, but for what is about staff, with what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.kit.times import moment
from core.people.models import Pupil, User
from incidents.access import ABOUT_STAFF
from incidents.queries.chronology import Chronology, Entry, EntryKind
from incidents.timeline import line_of

TITLE = "Chronology of a pupil"


@dataclass(frozen=True)
class Line:
    """One entry: when, what, what was written, what it corrects, by whom."""

    when: str
    title: str
    word: str
    text: str
    corrects: str
    by: str


@dataclass(frozen=True)
class ChronologyFacts:
    """The whole paper."""

    school: str
    pupil: str
    made: str
    order: str
    left_out: tuple[str, ...]
    lines: tuple[Line, ...]


def chronology_facts(
    found: Chronology, pupil: Pupil, *, by: User, at: datetime, kinds: frozenset[EntryKind], oldest_first: bool
) -> tuple[ChronologyFacts, int]:
    """The paper, and how many entries are not on it although its maker reads them: those about a member of staff."""
    kept = [entry for entry in found.entries if not _about_staff(entry)]
    hidden = len(found.entries) - len(kept)
    left_out = [kind.label for kind in EntryKind if kind not in kinds]
    if hidden:
        left_out.append(f"{hidden} entr{'y' if hidden == 1 else 'ies'} about a member of staff")
    form = f", {pupil.form.name}" if pupil.form else ""
    facts = ChronologyFacts(
        school=pupil.school.name,
        pupil=f"{pupil.display_name}{form}",
        made=f"Made {moment(at)} by {by.display_name}",
        order="Oldest first" if oldest_first else "Newest first",
        left_out=tuple(left_out),
        lines=tuple(_line(entry) for entry in kept),
    )
    return facts, hidden


def _about_staff(entry: Entry) -> bool:
    return entry.case is not None and entry.case.route in ABOUT_STAFF


def _line(entry: Entry) -> Line:
    words = line_of(entry)
    return Line(**{name: str(words.get(name, "")) for name in ("when", "title", "word", "text", "corrects", "by")})
