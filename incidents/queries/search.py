"""Finding records among those that somebody may read: by words and people with an index, by sealed words one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.kit.text import fold
from core.people.calendar import LONDON
from core.people.models import School, User
from core.people.queries import find_pupils, people_at
from incidents.models import Incident, IncidentNote, IncidentPerson
from incidents.queries.cases import cases_visible_to
from incidents.queries.inbox import OPEN, short_name

PAGE = 50
MOST_PAGES = 1_000
# Sealed text is opened to be looked through: so many records at most, of so many days where nobody is named.
MOST_OPENED = 500
MOST_DAYS = 92
STILL_OPEN = "open"
_MOST_PUPILS = 100
_WORD = re.compile(r"[^\W_]+")
_REFERENCE = re.compile(r"^(?:I[\s-]*)?(\d{4})(?:[\s-]+(\d{1,6}))?-?$", re.IGNORECASE)
_LISTED = ("reference", "title", "type", "state", "reported_at", "school_id")
_NAMED = (
    "incident", "kind", "name", "pupil__preferred_forename", "pupil__legal_forename", "pupil__legal_surname",
    "pupil__form__name", "user__given_name", "user__family_name",
)  # fmt: skip
_WRITTEN = ("account", "own_words", "opinion", "immediate_action", "response")


@dataclass(frozen=True)
class Asked:
    """What somebody looks for; what is empty is not asked. `sealed` are words of a report or its notes."""

    words: str = ""
    person: str = ""
    type: str = ""
    route: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    sealed: str = ""


@dataclass(frozen=True)
class FoundCase:
    """One record of the list: who is in it stands in short names, for a screen that others can see."""

    case: Incident
    people: list[str]


@dataclass(frozen=True)
class FoundCases:
    """A page of records, the newest first. `opened` says how many were unsealed; `unnamed` and `too_many`, that the
    name fits too many pupils, or the records are too many to unseal: then nothing was looked for."""

    cases: list[FoundCase]
    page: int = 1
    has_more: bool = False
    opened: int = 0
    unnamed: bool = False
    too_many: bool = False


def search_cases(user: User, school: School, on: date, asked: Asked, *, page: int = 1) -> FoundCases:
    """What fits all that is asked, among what `user` may read on a day; what they may not read is never looked at.

    Every word begins a word of the title, or is a piece of the reference. A few statements, however many records.
    Sealed words are looked for by opening each record that fits the rest, never more than `MOST_OPENED` (security 5.8).
    """
    found = _narrowed(cases_visible_to(user, school, on), asked)
    if asked.person:
        named = _named(school, asked.person)
        if named is None:
            return FoundCases([], unnamed=True)
        found = found.filter(named)
    found = found.order_by("-reported_at", "-id")
    first = (page - 1) * PAGE
    if asked.sealed:
        rows = list(found.only("uid", *_LISTED, *_WRITTEN)[: MOST_OPENED + 1])
        if len(rows) > MOST_OPENED:
            return FoundCases([], too_many=True)
        fitting = _unsealed(rows, asked.sealed)[first : first + PAGE + 1]
        opened = len(rows)
    else:
        fitting, opened = list(found.only(*_LISTED)[first : first + PAGE + 1]), 0
    people = _people_of(fitting[:PAGE])
    shown = [FoundCase(case, people.get(case.pk, [])) for case in fitting[:PAGE]]
    return FoundCases(shown, page, has_more=len(fitting) > PAGE, opened=opened)


def words_of(text: str) -> list[str]:
    """The words of what somebody typed, without what stands between them."""
    return _WORD.findall(text)


def _narrowed(found: QuerySet[Incident], asked: Asked) -> QuerySet[Incident]:
    if asked.words:
        found = found.filter(_worded(asked.words))
    if asked.type:
        found = found.filter(type=asked.type)
    if asked.route:
        found = found.filter(route=asked.route)
    if asked.state:
        found = found.filter(state__in=OPEN if asked.state == STILL_OPEN else [asked.state])
    if asked.since:
        found = found.filter(reported_at__gte=datetime.combine(asked.since, time.min, LONDON))
    if asked.until:
        found = found.filter(reported_at__lt=datetime.combine(asked.until + timedelta(days=1), time.min, LONDON))
    return found


def _worded(text: str) -> Q:
    reference = _REFERENCE.match(text)
    if reference and reference[2]:
        month, number = reference.groups()
        return Q(reference=f"I-{month}-{int(number):04d}") | Q(reference__startswith=f"I-{month}-{number}")
    if reference:
        return Q(reference__contains=reference[1]) | _begins("title", reference[1])
    worded = Q()
    for word in words_of(text):
        one = _begins("title", word)
        worded &= one | Q(reference__contains=word) if any(letter.isdigit() for letter in word) else one
    return worded


def _begins(field: str, word: str) -> Q:
    """A word of the field begins so; its trigrams are in the index."""
    return Q(**{f"{field}__iregex": rf"\m{word}"})


def _named(school: School, name: str) -> Q | None:
    """The records with somebody of that name in them; None where it fits too many pupils to be a name."""
    pupils = find_pupils(school, name, limit=_MOST_PUPILS, leavers=True)
    if pupils.more and not pupils.near:
        return None
    words = fold(" ".join(words_of(name))).split()
    if not words:
        return Q(pk__in=[])
    staff = [
        pk
        for pk, *names in people_at(school).values_list("pk", "given_name", "family_name")
        if _all_begin(words, fold(" ".join(names)).split())
    ]
    called = ~Q(name="")
    for word in words_of(name):
        called &= _begins("name", word)
    fits = Q(user__in=staff) | called
    if pupils.pupils and not pupils.near:
        fits |= Q(pupil__in=[pupil.pk for pupil in pupils.pupils])
    there = IncidentPerson.objects.filter(removed_at__isnull=True, incident=OuterRef("pk"))
    return Q(Exists(there.filter(fits)))


def _all_begin(words: Iterable[str], written: list[str]) -> bool:
    return all(any(part.startswith(word) for part in written) for word in words)


def _unsealed(rows: list[Incident], text: str) -> list[Incident]:
    """Those whose report and notes hold each word, as the beginning of one."""
    words = fold(" ".join(words_of(text))).split()
    notes: dict[int, list[str]] = {}
    kept: Any = IncidentNote.objects.filter(incident__in=[row.pk for row in rows]).only("uid", "text", "incident_id")
    for note in kept.order_by():
        notes.setdefault(note.incident_id, []).append(note.text)
    fitting = []
    for row in rows:
        texts = [getattr(row, name) for name in _WRITTEN] + notes.get(row.pk, [])
        if _all_begin(words, _WORD.findall(fold(" ".join(texts)))):
            fitting.append(row)
    return fitting


def _people_of(cases: list[Incident]) -> dict[int, list[str]]:
    """Who is in each record; only what the short names are made of is read."""
    there = IncidentPerson.objects.filter(incident__in=[case.pk for case in cases], removed_at__isnull=True)
    people: dict[int, list[str]] = {}
    for person in there.select_related("pupil__form", "user").only(*_NAMED).order_by("id") if cases else ():
        listed = people.setdefault(person.incident_id, [])
        if (name := short_name(person)) not in listed:
            listed.append(name)
    return people
