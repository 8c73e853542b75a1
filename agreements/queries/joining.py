"""Reads about families who joined: which agreements they were given, and who has read what goes with them (AGR-22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from agreements.enums import AgreementKind, AgreementState, VersionState
from agreements.models import Agreement, TemplateReading
from core.people.calendar import calendar_for
from core.people.models import Contact, Pupil, School
from core.people.queries import contacts_to_tell, pupils_on_roll
from policies.enums import Readership
from policies.models import Acknowledgement, DocumentVersion
from policies.queries import acknowledgements_of_contacts, asks, versions_in_force

GIVEN = (AgreementKind.HOME_SCHOOL, AgreementKind.ONLINE_SAFETY)
_RECENT = timedelta(days=90)


def joined_since(school: School, today: date) -> date:
    """From which day on somebody counts as new unless said otherwise: the term's first day, else 90 days ago."""
    terms = [first for first, last in calendar_for(school).terms if first <= today <= last]
    return terms[0] if terms else today - _RECENT


def joiners(school: School, today: date, since: date) -> QuerySet[Pupil]:
    """Pupils on roll who joined on that day or later, the newest first."""
    found = pupils_on_roll(school, today).filter(joined_on__gte=since)
    return found.order_by("-joined_on", "legal_surname", "legal_forename", "pk")


@dataclass(frozen=True)
class ReadBy:
    """One document of the pack: who of the family has read the version in force, and who has not."""

    version: DocumentVersion
    read: list[tuple[Contact, Acknowledgement]]
    missing: list[Contact]


@dataclass(frozen=True)
class Joiner:
    """One pupil who joined: the agreements they were given, and the reading that goes with them."""

    pupil: Pupil
    agreements: list[Agreement]
    readings: list[ReadBy]


def pack_versions(school: School, today: date) -> list[DocumentVersion]:
    """What families read on joining: what is asked of parents, and what a published agreement names (COM-04)."""
    found = TemplateReading.objects.filter(school=school, template_version__state=VersionState.PUBLISHED)
    found = found.filter(template_version__template__retired_on__isnull=True)
    named = set(found.values_list("document", flat=True))
    return [
        version
        for version in versions_in_force(school, today)
        if asks(version, Readership.PARENTS) or version.document_id in named
    ]


def packs_of(school: School, pupils: Sequence[Pupil], versions: Sequence[DocumentVersion]) -> list[Joiner]:
    """What each of these pupils was given and who has read it, in three statements."""
    keys = [pupil.pk for pupil in pupils]
    given: dict[int, list[Agreement]] = defaultdict(list)
    over = Q(state__in=[AgreementState.WITHDRAWN, AgreementState.SUPERSEDED])
    for row in (
        Agreement.objects.filter(pupil__in=keys, kind__in=GIVEN).exclude(over).defer("wording").order_by("kind", "-pk")
    ):
        given[row.pupil_id].append(row)
    contacts = contacts_to_tell(school, keys)
    everybody = [contact for several in contacts.values() for contact in several]
    known = acknowledgements_of_contacts(everybody, versions)
    return [
        Joiner(pupil, given[pupil.pk], [_read_by(version, contacts.get(pupil.pk, ()), known) for version in versions])
        for pupil in pupils
    ]


def _read_by(
    version: DocumentVersion, contacts: Iterable[Contact], known: dict[tuple[int, int], Acknowledgement]
) -> ReadBy:
    rows = {contact: known.get((version.pk, contact.pk)) for contact in contacts}
    return ReadBy(
        version=version,
        read=[(contact, row) for contact, row in rows.items() if row is not None],
        missing=[contact for contact, row in rows.items() if row is None],
    )
