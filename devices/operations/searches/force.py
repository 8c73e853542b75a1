"""Force used in a search or a seizure, and searches made by the police: records of their own (law SE-11, SE-13)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import NoticeAbout
from devices.models import Confiscation, PoliceSearch, SearchRecord, UseOfForce
from devices.operations.searches.effects import safeguarding
from devices.operations.taken.parents import open_notice


class UnableToRecordForce(Refusal):
    """The use of force was not put on record."""


class ForceRecordedAlready(UnableToRecordForce):
    """The search or seizure has its record of force."""


class UnableToRecordPoliceSearch(Refusal):
    """The police search was not put on record."""


class TimesOutOfOrder(UnableToRecordPoliceSearch):
    """It was called, began and ended in that order, and has ended."""

    default_field = "ended"


@dataclass(frozen=True)
class ForceFacts:
    """Every field of law SE-13."""

    staff: str
    happened_at: datetime
    place: str
    lead_up: str
    de_escalation: str
    kinds: tuple[str, ...]
    minutes: int
    necessary: str
    injuries: str
    support: str


@operation("devices.record_force")
def record_force(
    *,
    school: School,
    actor: User,
    at: datetime,
    facts: ForceFacts,
    search: SearchRecord | None = None,
    confiscation: Confiscation | None = None,
    submission: UUID | None = None,
) -> UseOfForce:
    """Put the use of force in one search or one seizure on record; a parent or carer is told the same day (SE-13).

    Who may: OPEN_SEARCH, whoever was there. The pupil's SEN status is kept as the roll has it. Raises
    `ForceRecordedAlready`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    about = search or confiscation
    assert about is not None
    if facts.happened_at > at:
        raise UnableToRecordForce("Enter a time that has passed.", rule="SE-13", field="time")
    row = UseOfForce(
        school=school,
        pupil=about.pupil,
        search=search,
        confiscation=confiscation,
        sen_status=about.pupil.sen_words or "None on the roll",
        recorded_at=at,
        recorded_by=actor,
        **asdict(facts) | {"kinds": list(facts.kinds)},
    )
    row.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "unique" not in str(error).lower() and "key" not in str(error).lower():
            raise
        raise ForceRecordedAlready("It is on record already.", rule="SE-13") from error
    if confiscation is not None and not confiscation.force_used:
        confiscation.force_used = True
        confiscation.stamp(by=actor, at=at)
        confiscation.save()
    open_notice(
        school=school,
        actor=actor,
        at=at,
        about=NoticeAbout.FORCE,
        pupil=about.pupil,
        custody=search.custody if search is not None else confiscation.custody if confiscation is not None else None,
        search=search,
    )
    record(
        school=school, actor=actor, action="devices.record_force", at=at, obj=row, submission=submission,
        detail={"search": row.search_id, "confiscation": row.confiscation_id},
    )  # fmt: skip
    return row


@dataclass(frozen=True)
class PoliceSearchFacts:
    """What was weighed before the police were called, who stood by the pupil, and what came of it (law SE-11)."""

    strip_search: bool
    risk_weighed: str
    called_at: datetime
    officers: str
    appropriate_adult: str
    parent_told_note: str
    started_at: datetime
    ended_at: datetime
    place: str
    found: str
    aftercare: str
    reference: str = ""
    parent_told_at: datetime | None = None


@operation("devices.record_police_search")
def record_police_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    facts: PoliceSearchFacts,
    submission: UUID | None = None,
) -> PoliceSearch:
    """Put a search by the police on the safeguarding record; the DSL always hears of it (law SE-6, SE-11).

    Who may: LEAD_CUSTODY, who may call the police. Raises `TimesOutOfOrder`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    if not facts.called_at <= facts.started_at <= facts.ended_at <= at:
        raise TimesOutOfOrder("Enter the times in order: called, began, ended. None lies ahead.", rule="SE-11")
    row = PoliceSearch(school=school, pupil=pupil, called_by=actor, recorded_at=at, recorded_by=actor, **asdict(facts))
    row.stamp(by=actor, at=at)
    row.save()
    notify(
        school=school,
        recipients=safeguarding(school, pupil),
        kind="devices.police_search",
        urgent=True,
        subject="The police searched a pupil in school",
        body="The page says what was weighed, who stood by the pupil and what is planned.",
        url=reverse("devices:police-search", args=[school.slug, row.pk]),
        at=at,
        dedupe_key=f"devices.police_search.{row.pk}",
    )
    record(
        school=school, actor=actor, action="devices.record_police_search", at=at, obj=row, submission=submission,
        detail={"strip": facts.strip_search},
    )  # fmt: skip
    return row
