"""Documents made about the demonstration’s taken devices and searches, and what its figures tell groups apart by."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from core.kit.bulk import bulk_update
from core.kit.refusals import Refusal
from core.people.models import Pupil, School, User
from core.people.queries import contacts_to_tell, holders_of, pupils_on_roll
from core.people.roles import Role
from devices import operations
from devices.enums import DocumentKind, State
from devices.models import SearchRecord
from devices.queries.searches.records import MADE
from devices.queries.taken import taken_now

_FOR_FAMILIES = (DocumentKind.RECEIPT, DocumentKind.LETTER, DocumentKind.SLIP)
_ETHNICITIES = ("White British", "Asian Indian", "Black African", "Any mixed background", "")
_SHARES = (55, 15, 12, 10, 8)
_AFTER = timedelta(minutes=20)


def write_backgrounds(school: School, *, now: datetime, rng: Random) -> None:
    """What the figures tell groups apart by, spread over the invented pupils by chance alone."""
    pupils = list(pupils_on_roll(school, now.date()))
    for pupil in pupils:
        pupil.ethnicity = rng.choices(_ETHNICITIES, _SHARES)[0]
        pupil.pupil_premium = rng.random() < 0.25
        pupil.young_carer = rng.random() < 0.02
    bulk_update(
        Pupil, pupils, ("ethnicity", "pupil_premium", "young_carer"), by=None, at=now, reason="The demonstration."
    )


def write_papers(school: School, *, office: User, head: User, today: date, now: datetime) -> None:
    """A receipt, a letter and a slip for devices that wait, the chain of one that is held, and a search on paper."""
    dsl = holders_of(school, Role.DSL, on=today).first() or head
    stays = list(taken_now(school))
    adults = contacts_to_tell(school, {stay.pupil_id for stay in stays})
    waiting = [stay for stay in stays if stay.state != State.EVIDENCE_HOLD and adults.get(stay.pupil_id)]
    for kind, stay in zip(_FOR_FAMILIES, waiting, strict=False):
        contact = adults[stay.pupil_id][0] if kind == DocumentKind.LETTER else None
        at = min(stay.opened_at + _AFTER, now)
        try:
            operations.taken.issue_document(
                school=school, actor=office, at=at, kind=kind, custody=stay, contact=contact
            )
        except Refusal:  # the DSL keeps it from parents
            continue
    for stay in [one for one in stays if one.state == State.EVIDENCE_HOLD][:1]:
        at = min(stay.opened_at + _AFTER, now)
        operations.taken.issue_document(school=school, actor=dsl, at=at, kind=DocumentKind.CHAIN, custody=stay)
    for search in SearchRecord.objects.filter(school=school, state__in=MADE).order_by("-completed_at")[:1]:
        at = min((search.completed_at or now) + _AFTER, now)
        operations.taken.issue_document(school=school, actor=dsl, at=at, kind=DocumentKind.SEARCH, search=search)
