"""What a family is given about a taken device: receipt, letter, collection slip (DOC-08, CNF-14, law PH-10, CO-4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.kit.text import apart
from core.kit.times import day as day_in_words
from core.kit.times import moment
from core.people.calendar import LONDON, Calendar, calendar_for, london_day
from core.people.models import Contact, School, User
from core.rules.words import Words, words_for
from devices.documents.registers import place_words
from devices.documents.wording import Wording, filled, paragraphs
from devices.enums import DocumentKind, PlacePurpose, State, TakenBecause
from devices.holding import closed_between, days_in_words
from devices.models import Confiscation, CustodyRecord
from devices.queries.taken.release import HELD_STATES, ReleaseTerms
from devices.words import disclaimer
from policies.queries import complaints_link

# Why, without a judgement and without what anybody saw; a sentence goes on after "because".
_WHY: dict[str, str] = {
    TakenBecause.USED_IN_DAY: "it was used during the school day",
    TakenBecause.NOT_HANDED_IN: "it was not handed in",
    TakenBecause.REFUSED: "it was not handed in when staff asked for it",
    TakenBecause.KEPT_ON_PERSON: "it was carried during the school day",
    TakenBecause.SECOND_HIDDEN: "a second device was in school",
    TakenBecause.OWN_ARRANGEMENTS: "it was used to make arrangements during the school day",
    TakenBecause.BREAK_REVOKED: "it was used at break",
    TakenBecause.BARRED_FUNCTION: "it was used for something that the school’s rules do not allow in school",
    TakenBecause.BARRED_AREA: "it was used in a part of the school where devices are not used",
    TakenBecause.EXAM: "it was in the room of an exam or test",
}
BRING = "Please bring something that shows who you are."
_IN_GENERAL = "the school’s rules ask for it to be kept"


@dataclass(frozen=True)
class Letterhead:
    """Who writes, and how to reach them."""

    school: str
    address: str
    contact: str


@dataclass(frozen=True)
class Facts:
    """What every one of these documents begins and ends with. `number` is the stay, or the permission, that it belongs
    to."""

    letterhead: Letterhead
    title: str
    number: int | str
    made: str
    made_by: str


@dataclass(frozen=True)
class FamilyFacts(Facts):
    """A receipt, letter or slip as it was given out. `rows` stand in each, whatever the wording says (CNF-14)."""

    to: tuple[str, ...]
    whose: str
    rows: tuple[tuple[str, str], ...]
    said: tuple[str, ...]
    on_loss: str
    judged_by: str
    wording: int
    to_sign: bool


def letterhead_of(school: School) -> Letterhead:
    reached = [f"Telephone {school.phone}." if school.phone else "", f"Email {school.email}." if school.email else ""]
    return Letterhead(school.name, school.address, " ".join(part for part in reached if part))


def pupil_words(stay: CustodyRecord) -> str:
    """ "Amara Kovacs, 8B"."""
    return named(stay.pupil.display_name, stay.pupil.form.name if stay.pupil.form else "")


def named(name: str, form: str) -> str:
    """The name with the form, each in its own direction of writing."""
    return f"{apart(name)}, {form}" if form else name


def complaints_words(school: School) -> str:
    """Where a family reads how to complain; every letter to them says so (INC-30)."""
    procedure = complaints_link(school)
    if procedure is None:
        return "Ask the school office for the complaints procedure."
    return f"{procedure.title}: {procedure.address}"


def judged_by_words(stay: CustodyRecord, rules: Any) -> str:
    """By which version of the rules the school's words on loss were taken (law PH-10)."""
    return f"The school’s words on loss and damage as they stood on {day_in_words(stay.day)}, version {rules.version}."


def why_in_words(taken: Confiscation, stay: CustodyRecord) -> str:
    """Why, in neutral words: never the ground, what was seen, or that something is suspected."""
    if State(stay.state) in HELD_STATES:
        return _IN_GENERAL
    return _WHY.get(taken.because, _IN_GENERAL)


def calendar_words(calendar: Calendar, taken: Confiscation, terms: ReleaseTerms, at: datetime) -> str:
    """How long it is kept, with the days that are no school days named (law CO-4)."""
    since = london_day(taken.taken_at)
    if terms.held or terms.needs_decision:
        return ""
    until = london_day(terms.not_before) if terms.not_before else taken.expected_on or since
    until = max(until, taken.expected_on or until)
    if until < london_day(at):
        passed, until = "It has been kept", london_day(at)
    else:
        passed = "It is kept"
    days = (until - since).days
    if not days:
        return "It can go back on the day it was taken."
    across = closed_between(calendar, since, until)
    return f"{passed}{f' over {across}' if across else ''}: {days_in_words(days)}."


def _collect(terms: ReleaseTerms, contact: Contact | None, child: str) -> str:
    """Who may collect. No other adult is named: a family may have two homes."""
    if terms.held or terms.needs_decision:
        return "for now nobody"
    listed = contact is not None and contact.pk in {one.pk for one in terms.contacts}
    if not terms.contacts:
        return f"the {child}" if terms.may_pupil else "for now nobody"
    adult = f"{'you, or another adult' if listed else 'a parent or carer'} whom the school has on record to collect"
    return f"the {child}, or {adult}," if terms.may_pupil else f"{adult}{',' if listed else ''}"


def _from_when(terms: ReleaseTerms, taken: Confiscation, at: datetime) -> str:
    if terms.held or terms.needs_decision or not (terms.may_pupil or terms.contacts):
        return "until the school tells you"
    where = " at the school office" if terms.place else ""
    since = terms.not_before
    if since is None or since <= at:
        due = taken.expected_on
        if due is not None and due > london_day(at):
            return f"from {due:%A} {day_in_words(due)}, while the school office is open"
        return f"while the school office is open{where and ', there'}"
    return f"from {since.astimezone(LONDON):%A} {moment(since)}{f',{where}' if where else ''}"


def _held_at(stay: CustodyRecord) -> str:
    """Where it is; of what is held apart no more than that it is safe: the name of the place would say why."""
    place = stay.place
    if State(stay.state) in HELD_STATES or (place is not None and place.purpose == PlacePurpose.EVIDENCE):
        return "in safe keeping"
    return f"at the school ({place_words(stay)})" if place is not None else "at the school"


def merge_values(
    stay: CustodyRecord, taken: Confiscation, terms: ReleaseTerms, rules: Any, contact: Contact | None, at: datetime
) -> dict[str, str]:
    """Every merge field of one device for one reader; plain text, escaped where it is laid out."""
    words: Words = words_for(rules)
    since = taken.taken_at.astimezone(LONDON)
    return {
        "parent": addressee(contact) or "parent or carer",
        "child": stay.pupil.display_name,
        "child_word": words.child,
        "device": stay.device.description,
        "taken_on": f"{since:%A} {moment(taken.taken_at)}",
        "held_at": _held_at(stay),
        "why": why_in_words(taken, stay),
        "collect": _collect(terms, contact, words.child),
        "from_when": _from_when(terms, taken, at),
        "calendar": calendar_words(calendar_for(stay.school), taken, terms, at),
        "bring": BRING if terms.contacts and not (terms.held or terms.needs_decision) else "",
        "disclaimer": disclaimer(rules),
        "school": stay.school.name,
        "contact": letterhead_of(stay.school).contact,
    }


def addressee(contact: Contact | None) -> str:
    """ "Ms Dana Kovacs"; empty where it is written to nobody by name."""
    return f"{contact.title} {contact.display_name}".strip() if contact is not None else ""


def family_facts(
    kind: DocumentKind,
    stay: CustodyRecord,
    taken: Confiscation,
    terms: ReleaseTerms,
    *,
    rules: Any,
    wording: Wording,
    contact: Contact | None,
    at: datetime,
    by: User,
) -> dict[str, Any]:
    """The snapshot of one receipt, letter or slip. `stay` comes with school, device, pupil, place and slot."""
    values = merge_values(stay, taken, terms, rules, contact, at)
    rows = (
        ("Device", stay.device.description[:1].upper() + stay.device.description[1:]),
        ("Mark on it", stay.device.mark),
        ("Taken", values["taken_on"]),
        ("Why", _sentence(values["why"])),
        ("Kept", _sentence(values["held_at"])),
        ("Sealed bag", "" if terms.held else taken.bag),
        ("Condition", "" if terms.held else stay.condition),
        ("Who may collect it", _sentence(values["collect"])),
        ("When", _sentence(values["from_when"])),
        ("How long", values["calendar"]),
        ("If you are not satisfied", complaints_words(stay.school)),
    )
    return asdict(
        FamilyFacts(
            letterhead=letterhead_of(stay.school),
            title=filled(wording.title, values),
            number=stay.pk,
            made=moment(at),
            made_by=by.display_name,
            to=tuple(part for part in (addressee(contact), stay.school.name if contact is None else "") if part)
            if kind == DocumentKind.LETTER
            else (),
            whose=pupil_words(stay),
            rows=tuple((label, said) for label, said in rows if said),
            said=paragraphs(filled(wording.body, values)),
            on_loss="" if "{disclaimer}" in wording.body else values["disclaimer"],
            judged_by=judged_by_words(stay, rules),
            wording=wording.number,
            to_sign=kind == DocumentKind.SLIP,
        )
    )


def _sentence(said: str) -> str:
    said = said.rstrip(",")
    return said[:1].upper() + said[1:]
