"""What the school undertakes for a pupil, and what it can choose from (AGR-27)."""

from __future__ import annotations

from datetime import date

from django.db.models import F, QuerySet

from agreements.enums import AgreementKind, Party, VersionState
from agreements.models import Clause, PupilPromise, TemplateVersion
from core.people.models import Pupil, School


def promises_of(pupil: Pupil) -> QuerySet[PupilPromise]:
    """Every promise to a pupil, those that hold first."""
    found: QuerySet[PupilPromise] = PupilPromise.objects.filter(pupil=pupil)
    return found.select_related("created_by", "ended_by").order_by(
        F("ended_at").asc(nulls_first=True), "starts_on", "pk"
    )


def promises_to_offer(school: School, on: date) -> list[Clause]:
    """What the school undertakes in the home-school agreement in force: its own clauses, switched on."""
    version = (
        TemplateVersion.objects.filter(
            school=school,
            template__kind=AgreementKind.HOME_SCHOOL,
            template__retired_on__isnull=True,
            state=VersionState.PUBLISHED,
            starts_on__lte=on,
        )
        .order_by("-starts_on", "-number")
        .first()
    )
    return list(Clause.objects.filter(template_version=version, party=Party.SCHOOL, is_on=True)) if version else []
