"""What was decided about telling parents of a record, pupil by pupil, and what is still to be decided (INC-19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.people.calendar import london_day
from core.people.models import Pupil, User
from core.rules.queries import for_school
from devices.models import ParentNotice
from devices.operations.taken.parents import due_the_same_day
from devices.queries.taken.parents import notices_visible_to
from incidents.enums import ParentsDecision, PersonRole, Route, Track
from incidents.models import Incident, IncidentPerson, ParentContact

_CONCERNS = (PersonRole.SUBJECT, PersonRole.AFFECTED)


@dataclass(frozen=True)
class ParentsRow:
    """One pupil of a record: the decision that stands, those before it, and what the desk told of the same stay."""

    pupil: Pupil
    stands: ParentContact | None
    earlier: tuple[ParentContact, ...]
    notices: tuple[ParentNotice, ...]
    due_at: datetime | None

    @property
    def is_decided(self) -> bool:
        """Whether nobody has to be asked any more."""
        return self.stands is not None or any(not notice.is_open for notice in self.notices)


def rules_of(incident: Incident) -> Any:
    """The school's rules by which a record is judged: those of the day it happened (ORG-16)."""
    return for_school(incident.school, on=london_day(incident.happened_at or incident.created_at))


def is_safeguarding(incident: Incident) -> bool:
    """Whether a record about a pupil is one of safeguarding: all but low-level behaviour without a concern (INC-07)."""
    if incident.route != Route.PUPIL:
        return False
    return incident.concern_for_child or incident.track in (Track.SERIOUS, Track.VICTIM)


def pupils_of(incident: Incident) -> list[Pupil]:
    """The pupils whose parents are a question: subjects and those affected, each once."""
    there = IncidentPerson.objects.filter(
        incident=incident, removed_at__isnull=True, pupil__isnull=False, role__in=_CONCERNS
    )
    return list(
        {person.pupil_id: person.pupil for person in there.select_related("pupil__form").order_by("id")}.values()
    )


def parents_of(incident: Incident, user: User | None = None) -> list[ParentsRow]:
    """Each pupil with what was decided; a reader sees of the desk's notices what they may see at the desk (CNF-13).

    Where the school tells parents directly in safeguarding cases they are due the day it was reported (NOT-10).
    """
    pupils = pupils_of(incident)
    decided: dict[int, list[ParentContact]] = {}
    for row in ParentContact.objects.filter(incident=incident).select_related("contact", "by").order_by("at", "id"):
        decided.setdefault(row.pupil_id, []).append(row)
    told: dict[int, list[ParentNotice]] = {}
    for notice in _notices(incident, user):
        told.setdefault(notice.pupil_id, []).append(notice)
    due = due_of(incident)
    return [
        ParentsRow(
            pupil=pupil,
            stands=decided[pupil.pk][-1] if pupil.pk in decided else None,
            earlier=tuple(decided.get(pupil.pk, [])[:-1]),
            notices=tuple(told.get(pupil.pk, [])),
            due_at=due,
        )
        for pupil in pupils
    ]


def due_of(incident: Incident) -> datetime | None:
    """By when parents are told where the school tells them directly: the same day (NOT-10); else no time is set."""
    direct = rules_of(incident).parents_informed == "direct_in_safeguarding" and is_safeguarding(incident)
    return due_the_same_day(incident.school, incident.reported_at) if direct and incident.reported_at else None


def parents_undecided(incident: Incident) -> list[Pupil]:
    """The pupils about whose parents nobody has decided, here or at the desk of the same stay."""
    return [row.pupil for row in parents_of(incident) if not row.is_decided]


def parents_still_to_tell(incident: Incident) -> list[Pupil]:
    """The pupils whose parents were not told yet, and it was not withheld: what stands in the way of an end."""
    return [
        row.pupil
        for row in parents_of(incident)
        if not row.is_decided or (row.stands is not None and row.stands.decision == ParentsDecision.NOT_YET)
    ]


def is_withheld(incident: Incident, pupil: Pupil) -> bool:
    """Whether nothing of this record may go to the pupil's parents, by any way: whatever sends asks here first."""
    newest = ParentContact.objects.filter(incident=incident, pupil=pupil).order_by("-at", "-id").first()
    return newest is not None and newest.decision == ParentsDecision.WITHHELD


def notices_beside(incident: Incident, pupil: Pupil) -> Iterable[ParentNotice]:
    """What the desk is to tell, or told, this pupil's parents of the same stay or search."""
    return [notice for notice in _notices(incident, None) if notice.pupil_id == pupil.pk]


def _notices(incident: Incident, user: User | None) -> list[ParentNotice]:
    if incident.custody_id is None and incident.search_id is None:
        return []
    found = (
        ParentNotice.objects.filter(school=incident.school)
        if user is None
        else notices_visible_to(user, incident.school)
    )
    of_stay = found.filter(custody=incident.custody_id) if incident.custody_id is not None else found.none()
    of_search = found.filter(search=incident.search_id) if incident.search_id is not None else found.none()
    return sorted({notice.pk: notice for notice in [*of_stay, *of_search]}.values(), key=lambda notice: notice.pk)
