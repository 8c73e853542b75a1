"""Publishing a version, and what it means for those who signed an older one (AGR-09)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from agreements.enums import VersionState
from agreements.models import TemplateVersion
from agreements.operations.daily import mark_to_renew
from agreements.operations.templates import PublishedAlready, UnableToWrite
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.operations.editing import locked
from core.people.roles import Permission


class NothingWritten(UnableToWrite):
    """A version without a single point that is switched on."""


class StartsTooEarly(UnableToWrite):
    """It would hold before today, or not after the version before it."""

    default_field = "starts_on"


@operation("agreements.publish_template")
def publish_template(
    *,
    school: School,
    actor: User,
    at: datetime,
    template_version: TemplateVersion,
    version: int | None = None,
    starts_on: date,
    change_note: str = "",
    renews: bool = True,
    submission: UUID | None = None,
) -> TemplateVersion:
    """Publish a draft from a day on; neither it nor its clauses change afterwards (AGR-01, AGR-09).

    Where it `renews` and its day has come, what was signed before is to be renewed at once; otherwise on the day.
    Who may: EDIT_TEMPLATES. Raises `ChangedMeanwhile`, `PublishedAlready`, `NothingWritten`, `StartsTooEarly`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = locked(template_version)
    if row.is_published:
        raise PublishedAlready("This version is published already.", rule="AGR-09")
    row = locked(row, version)
    if not row.clauses.filter(is_on=True).exists():
        raise NothingWritten("Switch on at least one point first.", rule="AGR-04")
    earlier = TemplateVersion.objects.filter(template=row.template_id, state=VersionState.PUBLISHED)
    last = earlier.order_by("-starts_on").first()
    if starts_on < london_day(at):
        raise StartsTooEarly("Choose today or a later day.", rule="AGR-09")
    if last is not None and last.starts_on is not None and starts_on < last.starts_on:
        raise StartsTooEarly("Choose a day on which the version before it holds already.", rule="AGR-09")
    row.state, row.starts_on, row.change_note, row.renews = VersionState.PUBLISHED, starts_on, change_note, renews
    row.published_at, row.published_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action="agreements.publish_template",
        at=at,
        obj=row,
        detail={"number": row.number, "starts_on": starts_on.isoformat(), "renews": renews},
        submission=submission,
    )
    mark_to_renew(school=school, at=at)
    return row
