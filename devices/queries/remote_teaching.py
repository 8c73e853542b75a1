"""Remote teaching: on what somebody may teach, who teaches, and whether what it stands on still holds (SDV-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from core.approvals.enums import Kind
from core.approvals.queries import in_force, last_day
from core.people.access import has
from core.people.models import School, User
from core.people.roles import Permission
from devices.models import AssetIssue, RemoteTeaching, RemoteTeachingException


@dataclass(frozen=True)
class Ground:
    """A device on which somebody may teach remotely: the school’s, or their own by exception until a day."""

    issue: AssetIssue | None = None
    exception: RemoteTeachingException | None = None
    until: date | None = None

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"school-{self.issue.pk}" if self.issue is not None else f"own-{self.exception.pk}"  # type: ignore[union-attr]

    @property
    def label(self) -> str:
        if self.issue is not None:
            return f"School device {self.issue.asset.number}, {self.issue.asset.get_type_display().lower()}"
        assert self.exception is not None
        return f"Own device by permission {self.exception.approval.reference}: {self.exception.device}"


def grounds_of(school: School, user: User, at: datetime) -> list[Ground]:
    """What one may teach on at a moment: school devices in one’s hands, and exceptions in force (STA-12)."""
    issues = AssetIssue.objects.filter(school=school, user=user, returned_at__isnull=True).select_related("asset")
    live = in_force(school, at, Kind.REMOTE_TEACHING).filter(user=user)
    exceptions = RemoteTeachingException.objects.filter(school=school, approval__in=live).select_related("approval")
    return [
        *(Ground(issue=one) for one in issues.order_by("asset__number")),
        *(Ground(exception=one, until=last_day(one.approval)) for one in exceptions.order_by("id")),
    ]


def remote_teaching_visible_to(user: Any, school: School) -> QuerySet[RemoteTeaching]:
    """One’s own; to those who lead on devices everybody’s. The newest first."""
    found: QuerySet[RemoteTeaching] = RemoteTeaching.objects.filter(school=school).select_related(
        "user", "issue__asset", "exception__approval"
    )
    if user is None:
        return found.none()
    return found if has(user, Permission.LEAD_CUSTODY, school) else found.filter(user=user)


@dataclass(frozen=True)
class Taught:
    """One entry, and whether what it stands on still holds."""

    row: RemoteTeaching
    ground: str
    is_running: bool
    is_covered: bool


def taught(user: Any, school: School, at: datetime, on: date) -> list[Taught]:
    """The latest entries that the person sees; one statement beside those for what is in force."""
    live = set(in_force(school, at, Kind.REMOTE_TEACHING).values_list("pk", flat=True))
    found = []
    for row in remote_teaching_visible_to(user, school)[:200]:
        ground = Ground(issue=row.issue, exception=row.exception)
        covered = (
            row.issue.returned_at is None if row.issue is not None else ground.exception.approval_id in live  # type: ignore[union-attr]
        )
        running = row.ended_at is None and row.starts_on <= on <= row.ends_on
        found.append(Taught(row, ground.label, running, covered))
    return found
