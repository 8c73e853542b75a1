"""Who has read and acknowledged what: the version that holds for a person, and who still has to (AGR-18, STA-16)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django_scopes import get_scope

from core.people.models import Contact, Pupil, School, User
from core.people.queries import holders_of, load_holdings, managed_by, roles_in
from core.people.roles import STAFF_ROLES, Role
from policies.enums import ACKNOWLEDGED, DocumentKind, Readership
from policies.models import Acknowledgement, Document, DocumentText, DocumentVersion

Person = Pupil | User | Contact
OVERDUE_DAYS = 7

_VISITING = frozenset({Role.IT_CONTACT})
_GOVERNING = frozenset(set(Role) - STAFF_ROLES - _VISITING)
# Who is shown which text where there is none for themselves.
_NEXT_BEST: dict[str, tuple[str, ...]] = {
    Readership.YOUNGEST: (Readership.PRIMARY, Readership.SECONDARY),
    Readership.PRIMARY: (Readership.SECONDARY, Readership.YOUNGEST),
    Readership.SECONDARY: (Readership.PRIMARY,),
    Readership.GOVERNORS: (Readership.STAFF,),
    Readership.VISITORS: (Readership.STAFF,),
}
PUPILS = (Readership.YOUNGEST, Readership.PRIMARY, Readership.SECONDARY)
GROWN = (Readership.STAFF, Readership.GOVERNORS, Readership.VISITORS)
_LAST_OF_YOUNGEST, _LAST_OF_PRIMARY = 2, 6


def reading_documents(school: School) -> QuerySet[Document]:
    """The documents that people read and acknowledge."""
    return Document.objects.filter(school=school, kind__in=ACKNOWLEDGED)


def reading_versions(school: School) -> QuerySet[DocumentVersion]:
    """Every version of them, newest first."""
    found: QuerySet[DocumentVersion] = DocumentVersion.objects.filter(school=school, document__kind__in=ACKNOWLEDGED)
    return found.select_related("document", "created_by").order_by("-starts_on", "-id")


def texts_of(school: School) -> QuerySet[DocumentText]:
    """Every text of every version, by readership."""
    return DocumentText.objects.filter(school=school).select_related("document_version__document")


def versions_in_force(school: School, on: date, *, kind: str = "") -> list[DocumentVersion]:
    """The version of each document to acknowledge that holds on a day; one statement."""
    found = reading_versions(school).filter(starts_on__lte=on)
    if kind:
        found = found.filter(document__kind=kind)
    newest: dict[int, DocumentVersion] = {}
    for version in found:
        newest.setdefault(version.document_id, version)
    return sorted(newest.values(), key=lambda version: (version.document.kind, version.document.title))


def readership_of_pupil(pupil: Pupil) -> str:
    """By age: to Year 2, to Year 6, above (AGR-18)."""
    year = pupil.year_group
    if year is None or year > _LAST_OF_PRIMARY:
        return Readership.SECONDARY
    return Readership.YOUNGEST if year <= _LAST_OF_YOUNGEST else Readership.PRIMARY


def readership_of_user(user: User, school: School) -> str:
    """By role: who works here, who governs, who only comes in."""
    roles = roles_in(user, school)
    if roles & STAFF_ROLES:
        return Readership.STAFF
    return Readership.GOVERNORS if roles & _GOVERNING else Readership.VISITORS


def readership_of(person: Person, school: School) -> str:
    """For whom a text is written that this person reads."""
    if isinstance(person, Pupil):
        return readership_of_pupil(person)
    return Readership.PARENTS if isinstance(person, Contact) else readership_of_user(person, school)


def text_for(version: DocumentVersion, readership: str, *, plain: bool = False) -> DocumentText | None:
    """What a version says to a readership, in English: their own text, else the nearest; a plain one if asked for."""
    texts = [text for text in version.texts.all() if text.language == "en"]
    for wanted in (readership, *_NEXT_BEST.get(readership, ())):
        here = [text for text in texts if text.readership == wanted]
        if here:
            return next((text for text in here if text.plain == plain), here[0])
    return None


def asks(version: DocumentVersion, readership: str) -> bool:
    """Whether this readership has to acknowledge the document."""
    return readership in version.document.asked_of


def _known(
    versions: Collection[DocumentVersion], **people: Collection[Person]
) -> dict[tuple[int, int], Acknowledgement]:
    found: dict[tuple[int, int], Acknowledgement] = {}
    for name, asked in people.items():
        rows = Acknowledgement.objects.filter(
            document_version__in=[one.pk for one in versions], **{f"{name}__in": [one.pk for one in asked]}
        )
        for row in rows.select_related("document_version__document", "recorded_by"):
            found[row.document_version_id, getattr(row, f"{name}_id")] = row
    return found


def moment_of(row: Acknowledgement) -> datetime:
    """When it was given at the latest: the moment if it is known, else when it was written down (AGR-25)."""
    return row.acknowledged_at or row.recorded_at


def acknowledgements_for(
    school: School, kind: str, on: date, *, pupils: Iterable[Pupil] = (), users: Iterable[User] = ()
) -> dict[tuple[str, int], Acknowledgement]:
    """For those who have acknowledged all that is asked of them in this kind, the last of it, by ("pupil", key) or
    ("user", key). A handful of statements, however many people.

    Where the school has no document of the kind in force that is asked of somebody, they have acknowledged nothing: a
    notice that does not exist was not read (AGR-19).
    """
    pupils, users = list(pupils), list({user.pk: user for user in users}.values())
    load_holdings(user for user in users if not hasattr(user, "_holdings"))
    versions = versions_in_force(school, on, kind=kind)
    named: list[tuple[str, Person]] = [*(("pupil", one) for one in pupils), *(("user", one) for one in users)]
    known = {
        "pupil": _known(versions, pupil=pupils) if pupils else {},
        "user": _known(versions, user=users) if users else {},
    }
    found: dict[tuple[str, int], Acknowledgement] = {}
    for name, person in named:
        readership = readership_of(person, school)
        rows = [known[name].get((version.pk, person.pk)) for version in versions if asks(version, readership)]
        given = [row for row in rows if row is not None]
        if rows and len(given) == len(rows):
            found[name, person.pk] = max(given, key=moment_of)
    return found


def acknowledgement_for(person: Person, kind: str, on: date, *, school: School | None = None) -> Acknowledgement | None:
    """The acknowledgement on which something may be given to a person; None unless all that is asked is current.

    For somebody with an account the school is the one in scope, unless it is given.
    """
    if isinstance(person, Pupil):
        return acknowledgements_for(person.school, kind, on, pupils=[person]).get(("pupil", person.pk))
    if isinstance(person, User):
        place: School = school or get_scope()["school"]
        return acknowledgements_for(place, kind, on, users=[person]).get(("user", person.pk))
    versions = [one for one in versions_in_force(person.school, on, kind=kind) if asks(one, Readership.PARENTS)]
    rows = list(_known(versions, contact=[person]).values())
    return max(rows, key=moment_of) if rows and len(rows) == len(versions) else None


def has_current(person: Person, kind: str, on: date, *, school: School | None = None) -> bool:
    """Whether a person has acknowledged what is in force of a kind and asked of them."""
    return acknowledgement_for(person, kind, on, school=school) is not None


def monitoring_acknowledged(person: Pupil | User, on: date, *, school: School | None = None) -> Acknowledgement | None:
    """The acknowledgement of the notice of monitoring without which no school device is given (SDV-05, AGR-25)."""
    return acknowledgement_for(person, DocumentKind.MONITORING, on, school=school)


@dataclass(frozen=True)
class Reading:
    """One document for one person: its version in force, and when they acknowledged it, if so."""

    version: DocumentVersion
    known: Acknowledgement | None
    is_asked: bool


def readings_of(user: User, school: School, on: date) -> list[Reading]:
    """What a person with an account has to read, or has acknowledged, of what is in force (STA-18)."""
    return _readings(user, versions_in_force(school, on), school, _known_to(user=user))


def readings_of_pupil(pupil: Pupil, on: date) -> list[Reading]:
    """The same for a pupil."""
    return _readings(pupil, versions_in_force(pupil.school, on), pupil.school, _known_to(pupil=pupil))


def _known_to(**person: Person) -> dict[int, Acknowledgement]:
    rows = Acknowledgement.objects.filter(**person).select_related("document_version__document")
    return {row.document_version_id: row for row in rows}


def _readings(
    person: Person, versions: list[DocumentVersion], school: School, known: dict[int, Acknowledgement]
) -> list[Reading]:
    readership = readership_of(person, school)
    every = [Reading(version, known.get(version.pk), asks(version, readership)) for version in versions]
    return [reading for reading in every if reading.is_asked or reading.known is not None]


def earlier_of(user: User, school: School) -> QuerySet[Acknowledgement]:
    """Everything a person with an account ever acknowledged here, the newest first."""
    found: QuerySet[Acknowledgement] = Acknowledgement.objects.filter(school=school, user=user)
    return found.select_related("document_version__document")


@dataclass(frozen=True)
class Asked:
    """Of those with an account of whom a version is asked: who has acknowledged it, and who has not (STA-16)."""

    version: DocumentVersion
    people: list[User] = field(default_factory=list)
    known: dict[int, Acknowledgement] = field(default_factory=dict)

    @property
    def waiting(self) -> list[User]:
        return [person for person in self.people if person.pk not in self.known]

    @property
    def given(self) -> int:
        return len(self.people) - len(self.waiting)


def people_by_readership(school: School, on: date) -> dict[str, list[User]]:
    """Everybody with a role here, by the text they read; three statements."""
    staff = list(holders_of(school, *STAFF_ROLES, on=on))
    seen = {person.pk for person in staff}
    governing = [person for person in holders_of(school, *_GOVERNING, on=on) if person.pk not in seen]
    seen |= {person.pk for person in governing}
    visiting = [person for person in holders_of(school, *_VISITING, on=on) if person.pk not in seen]
    return {Readership.STAFF: staff, Readership.GOVERNORS: governing, Readership.VISITORS: visiting}


def coverage_of_people(school: School, versions: Iterable[DocumentVersion], on: date) -> list[Asked]:
    """For each version, who of those asked has acknowledged it; four statements, however many versions."""
    versions = list(versions)
    by_readership = people_by_readership(school, on)
    known: dict[int, dict[int, Acknowledgement]] = {}
    rows = Acknowledgement.objects.filter(document_version__in=[one.pk for one in versions], user__isnull=False)
    for row in rows:
        known.setdefault(row.document_version_id, {})[row.user_id] = row
    asked = []
    for version in versions:
        people = [one for readership in GROWN if asks(version, readership) for one in by_readership[readership]]
        people.sort(key=lambda person: (person.family_name, person.given_name))
        asked.append(Asked(version, people, known.get(version.pk, {})))
    return asked


@dataclass(frozen=True)
class Overdue:
    """Somebody who should have read something by now, and what."""

    person: User
    versions: list[DocumentVersion]


def overdue_readers(school: School, on: date) -> list[Overdue]:
    """Everybody with an account who has something to read that has held for more than a week (NOT-23)."""
    due = [one for one in versions_in_force(school, on) if (on - one.starts_on).days > OVERDUE_DAYS]
    behind: dict[int, Overdue] = {}
    for asked in coverage_of_people(school, due, on) if due else ():
        for person in asked.waiting:
            behind.setdefault(person.pk, Overdue(person, [])).versions.append(asked.version)
    return list(behind.values())


def overdue_managed_by(user: User, school: School, on: date) -> list[Overdue]:
    """Those of them whom somebody manages."""
    managed = managed_by(user, school)
    return [one for one in overdue_readers(school, on) if one.person.pk in managed] if managed else []


def is_acknowledged(text: DocumentText) -> bool:
    """Whether somebody has acknowledged this text, so that it stands as it is."""
    return Acknowledgement.objects.filter(text=text).exists()


def acknowledgements_of_contacts(
    contacts: Collection[Contact], versions: Collection[DocumentVersion]
) -> dict[tuple[int, int], Acknowledgement]:
    """What these parents and carers have acknowledged, by version and contact; one statement."""
    return _known(versions, contact=contacts)


def contacts_with_answers(pupil: Pupil, version: DocumentVersion) -> list[tuple[Contact, Acknowledgement | None]]:
    """A pupil's contacts, each with the acknowledgement of this version if there is one (AGR-21)."""
    contacts = list(Contact.objects.filter(pupil=pupil, ended_on__isnull=True))
    known = _known([version], contact=contacts)
    return [(contact, known.get((version.pk, contact.pk))) for contact in contacts]
