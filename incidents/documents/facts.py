"""What every document made from one record begins and ends with: who writes, for whom, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.kit.text import apart
from core.kit.times import moment
from core.people.models import Pupil, School, User
from incidents.models import Incident

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Letterhead:
    """Who writes, and how to reach them."""

    school: str
    address: str
    contact: str


@dataclass(frozen=True)
class Section:
    """A part of a document: facts with their labels, or what somebody wrote."""

    title: str
    rows: Rows = ()
    text: str = ""


@dataclass(frozen=True)
class Facts:
    """A whole document, as plain values: what is printed is what was read at one moment."""

    letterhead: Letterhead
    title: str
    number: str
    made: str
    made_by: str
    for_whom: str
    mark: str
    sections: tuple[Section, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class LetterFacts:
    """A letter to a parent or carer: `to` falls in the window of an envelope."""

    letterhead: Letterhead
    title: str
    number: str
    made: str
    made_by: str
    to: tuple[str, ...]
    whose: str
    said: tuple[str, ...]
    rows: Rows


def letterhead_of(school: School) -> Letterhead:
    """The school's name, address, and how to reach it."""
    reached = [f"Telephone {school.phone}." if school.phone else "", f"Email {school.email}." if school.email else ""]
    return Letterhead(school.name, school.address, " ".join(part for part in reached if part))


def beginning(case: Incident, *, title: str, by: User, at: datetime) -> dict[str, object]:
    """What the foot of every page and the head of the first say."""
    return {
        "letterhead": letterhead_of(case.school),
        "title": title,
        "number": case.reference,
        "made": moment(at),
        "made_by": by.display_name,
    }


def pupil_words(pupil: Pupil) -> str:
    """ "Amara Kovacs, 8B", each in its own direction of writing."""
    return f"{apart(pupil.display_name)}, {pupil.form.name}" if pupil.form else apart(pupil.display_name)


def kept(*rows: tuple[str, str]) -> Rows:
    """The rows that say something."""
    return tuple((label, said) for label, said in rows if said)
