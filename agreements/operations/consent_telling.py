"""Who is told at once when a consent to images ends (NOT-24), and who has the duty to take or publish them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from agreements.enums import ConsentState, ImageUseState
from agreements.models import ConsentEvent, ImageConsent, ImageUsePupil, PublishingDuty
from agreements.operations.consent_refusals import DutyDatesWrong, DutyHeldAlready
from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role

_HOURS = 4 * 60


def tell_of_change(event: ConsentEvent, consent: ImageConsent, at: datetime) -> None:
    """Tell everybody who takes or publishes images, and who planned to use one; where nobody is named, the head.

    The notice names nobody: the page that it opens does.
    """
    school = consent.school
    people = {duty.user_id: duty.user for duty in _duties_live(school, london_day(at))}
    if consent.pupil_id is not None:
        planned = ImageUsePupil.objects.filter(
            pupil=consent.pupil_id, left_out_at__isnull=True, image_use__state=ImageUseState.PLANNED
        )
        for one in planned.select_related("image_use__checked_by"):
            people[one.image_use.checked_by_id] = one.image_use.checked_by
    heads = list(holders_of(school, Role.HEADTEACHER, on=london_day(at)))
    if consent.pupil_id is not None:
        url = reverse("agreements:pupil-consents", args=[school.slug, consent.pupil_id])
    else:
        url = reverse("agreements:adult-consents", args=[school.slug])
    ran_out = event.to_state == ConsentState.EXPIRED
    notify(
        school=school,
        recipients=people.values() or heads,
        kind="agreements.consent_ended",
        subject="A consent to images has run out" if ran_out else "A consent to images was withdrawn",
        body="Plan no new use. The page says whose it is and where images are.",
        url=url,
        at=at,
        urgent=True,
        escalate_to=heads,
        escalate_after_minutes=_HOURS,
        dedupe_key=f"agreements.consent_ended.{event.pk}",
    )


def _duties_live(school: School, on: date) -> list[PublishingDuty]:
    rows = PublishingDuty.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), school=school, starts_on__lte=on)
    return list(rows.select_related("user"))


@operation("agreements.name_publishing_duty")
def name_publishing_duty(
    *,
    school: School,
    actor: User,
    at: datetime,
    user: User,
    kind: str,
    account: str = "",
    starts_on: date,
    submission: UUID | None = None,
) -> PublishingDuty:
    """Name somebody who takes images for the school or manages an official account, so that they are told of every
    withdrawal (NOT-24). Who may: MANAGE_CONSENTS. Raises `DutyHeldAlready`."""
    require(actor, Permission.MANAGE_CONSENTS, school)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    account = account.strip()[:120]
    if PublishingDuty.objects.filter(user=user, kind=kind, account=account, ends_on__isnull=True).exists():
        raise DutyHeldAlready("This person is named for this already.", rule="NOT-24")
    duty = PublishingDuty(school=school, user=user, kind=kind, account=account, starts_on=starts_on)
    duty.stamp(by=actor, at=at)
    duty.save()
    record(
        school=school, actor=actor, action="agreements.name_publishing_duty", at=at, obj=duty, submission=submission,
        detail={"user": user.pk, "kind": str(kind)},
    )  # fmt: skip
    return duty


@operation("agreements.end_publishing_duty")
def end_publishing_duty(
    *, school: School, actor: User, at: datetime, duty: PublishingDuty, submission: UUID | None = None
) -> PublishingDuty:
    """Today is the last day of a duty; twice is once. Who may: MANAGE_CONSENTS. Raises `DutyDatesWrong`."""
    require(actor, Permission.MANAGE_CONSENTS, school)
    row = PublishingDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    today = london_day(at)
    if row.starts_on > today:
        raise DutyDatesWrong("This duty has not begun yet.", rule="NOT-24")
    if row.ends_on is None:
        row.ends_on = today
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school, actor=actor, action="agreements.end_publishing_duty", at=at, obj=row, submission=submission
    )  # fmt: skip
    return row
