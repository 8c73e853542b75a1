"""Somebody looked at a suspected image: the only way to say so, and who decides it (IMG-05, law IM-2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import holds, require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import DSL_ROLES, HEAD_ROLES, Permission, Role
from incidents.models import Incident, ViewingException
from incidents.operations.images.moves import held_case, note_step
from incidents.operations.images.refusals import (
    NotYourTask,
    UnableToRecordViewing,
    ViewingNotDecided,
    ViewingSaysHow,
    ViewingSaysWhy,
)

_MAY_DECIDE = (*DSL_ROLES, *HEAD_ROLES)


@operation("incidents.record_viewing")
def record_viewing(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    viewer: User,
    reason: str,
    present: str,
    where: str,
    viewed_at: datetime,
    not_copied: bool,
    same_sex_weighed: bool,
    decided_by: User,
    decided_before: bool,
    submission: UUID | None = None,
) -> ViewingException:
    """Record that somebody looked at a suspected image. Nobody looks; this is for when it happened (IMG-05, law IM-2).

    Who may: the DSL, a deputy or the head, and one of them decided it, for a clear reason. It says who looked, who was
    there, where, that nothing was copied, and that looking by a person of the same sex was weighed. The head is told.
    Raises a kind of `UnableToRecordViewing`.
    """
    if not holds(actor, school, *_MAY_DECIDE):
        raise ViewingNotDecided("Only the DSL, a deputy or the headteacher records this. Tell them now.", rule="IMG-05")
    case, held = held_case(school, incident, actor, at)
    if not holds(decided_by, school, *_MAY_DECIDE):
        raise ViewingNotDecided("Only the DSL, a deputy or the headteacher decides this.", rule="IM-2")
    if not reason:
        raise ViewingSaysWhy("Say clearly why it could not be avoided. Not what it shows.", rule="IMG-05")
    for name, value, asked in (
        ("present", present, "Say who else was there, or “nobody”."),
        ("where", where, "Say where it was."),
        ("not_copied", not_copied, "Only a viewing of which nothing was copied is recorded here. Ask the police."),
        ("same_sex_weighed", same_sex_weighed, "Weigh whether a person of the same sex should look."),
    ):
        if not value:
            raise ViewingSaysHow(asked, rule="IM-2", field=name)
    if viewed_at > at:
        raise ViewingSaysHow("That time is still ahead.", rule="IM-2", field="viewed_at")
    heads = list(holders_of(school, *HEAD_ROLES, on=london_day(at)))
    viewing = ViewingException.objects.create(
        school=school, case=case, viewer=viewer, present=present, viewed_at=viewed_at, where=where, reason=reason,
        not_copied=not_copied, same_sex_weighed=same_sex_weighed, head_told_at=at if heads else None,
        decided_by=decided_by, decided_before=decided_before, at=at, by=actor,
    )  # fmt: skip
    notify(
        school=school, recipients=heads, kind="incidents.viewing", at=at,
        subject="An exception was recorded", body="The page says who decided it and why.",
        url=reverse("incidents:image-case", args=[school.slug, held.pk]),
        dedupe_key=f"incidents.viewing.{viewing.pk}",
    )  # fmt: skip
    note_step(held, "A viewing exception was recorded", actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.record_viewing", at=at, obj=viewing, submission=submission,
        detail={"incident": held.pk, "before": decided_before},
    )  # fmt: skip
    return viewing


@operation("incidents.say_seen")
def say_seen(
    *, school: School, actor: User, at: datetime, incident: Incident, submission: UUID | None = None
) -> Incident:
    """Whoever reported it has seen it, by chance or not: the team is told to make the record with them (IMG-05).

    Who may: the reporter. Nothing about the viewing is written here: only a viewing exception can say it.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if incident.reporter_id != actor.pk:
        raise NotYourTask("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    if not hasattr(incident, "image_case"):
        raise UnableToRecordViewing("This record is not of a suspected image.", rule="IMG-05")
    notify(
        school=school, recipients=[*dsls_for(school, incident.phase), *deputies_for(school)], at=at,
        kind="incidents.seen", urgent=True, subject="A reporter needs to speak to you",
        body="Speak to whoever reported it, today. The page says who.", escalate_to=Role.HEADTEACHER,
        url=reverse("incidents:image-case", args=[school.slug, incident.pk]),
        dedupe_key=f"incidents.seen.{incident.pk}.{actor.pk}",
    )  # fmt: skip
    record(
        school=school, actor=actor, action="incidents.say_seen", at=at, obj=incident, submission=submission
    )  # fmt: skip
    return incident
