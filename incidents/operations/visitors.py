"""A visitor who was challenged about a device becomes a record in one step, with what is known (VIS-14, INC-44)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from incidents.enums import IncidentType, PersonKind, PersonRole
from incidents.models import Incident
from incidents.operations.reporting import AccountMissing, Named, begin, file_report, name_person
from incidents.queries import offered_types

NOT_KNOWN = "A visitor, not known by name"
_KINDS = (IncidentType.VISITOR, IncidentType.OTHER)


@operation("incidents.from_challenge")
def raise_from_challenge(
    *,
    school: School,
    actor: User,
    at: datetime,
    visitor_name: str,
    where: str,
    concern: str,
    response: str = "",
    company: str = "",
    host: str = "",
    pupil: Pupil | None = None,
    lent: bool = False,
    happened_at: datetime | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Report a visitor who was challenged: who, from where, whom they visit, what was of concern, what they answered.

    With `pupil`, or `lent`, a device was lent, shown or handed to a pupil: a reason of its own where the school counts
    it (INC-44). Whom the rules name is told at once (NOT-13). Who may: REPORT_INCIDENT. Raises a kind of
    `UnableToReport`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if not concern.strip():
        raise AccountMissing("Say what was of concern.", rule="VIS-12", field="concern")
    held = begin(school, actor, at)
    held.type = _kind(school, lent=lent or pupil is not None)
    held.happened_at, held.place, held.told_in_person = happened_at or at, where.strip(), None
    beside = (("Comes from", company), ("Visits", host))
    held.account = "\n".join([concern.strip(), *(f"{word}: {said.strip()}" for word, said in beside if said.strip())])
    held.immediate_action = response.strip()
    held.save()
    name_person(held, Named(kind=PersonKind.VISITOR, name=visitor_name.strip() or NOT_KNOWN), actor=actor, at=at)
    if pupil is not None:
        name_person(held, Named(role=PersonRole.AFFECTED, pupil=pupil), actor=actor, at=at)
    file_report(held, actor=actor, at=at, about="From a challenge")
    record(
        school=school, actor=actor, action="incidents.from_challenge", at=at, obj=held, submission=submission,
        detail={"type": held.type},
    )  # fmt: skip
    return held


def _kind(school: School, *, lent: bool) -> IncidentType:
    """Its own reason where the school's list has it; a challenge is never refused for its type."""
    offered = offered_types(school)
    wanted = (IncidentType.LENT_BY_VISITOR, *_KINDS) if lent else _KINDS
    return next(kind for kind in wanted if kind in offered)
