"""What the office writes down beside the devices: calls home, messages, loss and damage; and two lists of devices."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet

from core.people.access import has
from core.people.models import Pupil, RoleHolding, School, User
from core.people.queries import live_on, pupils_on_roll
from core.people.roles import Permission, Role
from core.rules.queries import for_school
from devices.judgement import handin_duty
from devices.models import LossReport, OfficeMessage, PupilDevice, SchoolPhoneCall
from devices.queries.cohorts import kept_by_cohort
from devices.queries.kinds import handin_types
from devices.queries.register import device_types

URGENT_AFTER = timedelta(minutes=30)


def _tutor_roles(today: date) -> QuerySet[RoleHolding]:
    found: QuerySet[RoleHolding] = RoleHolding.objects.filter(live_on(today), role=Role.FORM_TUTOR, form__isnull=False)
    return found


# --- Messages for pupils ----------------------------------------------------------------------------------------------


def messages_visible_to(user: User, school: School, *, today: date) -> QuerySet[OfficeMessage]:
    """Messages for pupils: all of them for whoever takes them, for others those of the forms they are tutor of."""
    found: QuerySet[OfficeMessage] = OfficeMessage.objects.filter(school=school).select_related(
        "pupil__form", "contact", "taken_by", "delivered_by"
    )
    if has(user, Permission.LOG_CUSTODY, school):
        return found
    forms = _tutor_roles(today).filter(user=user).values("form_id")
    return found.filter(Q(pupil__form__tutor=user) | Q(pupil__form__in=forms))


def undelivered(messages: QuerySet[OfficeMessage]) -> QuerySet[OfficeMessage]:
    """Of these messages what has not reached its pupil: urgent ones first, then the oldest."""
    return messages.filter(delivered_at__isnull=True).order_by("-is_urgent", "taken_at", "id")


def delivered_on(messages: QuerySet[OfficeMessage], day: date) -> QuerySet[OfficeMessage]:
    """Of these messages what was delivered on a London day, newest first."""
    return messages.filter(delivered_at__date=day).order_by("-delivered_at", "-id")


def is_overdue(message: OfficeMessage, now: datetime) -> bool:
    """Whether an urgent message has waited longer than it should."""
    return message.delivered_at is None and message.is_urgent and now - message.taken_at > URGENT_AFTER


def messages_waiting_for(pupil: Pupil) -> int:
    """How many messages have not reached this pupil."""
    return OfficeMessage.objects.filter(pupil=pupil, delivered_at__isnull=True).count()


# --- Calls home, loss and damage --------------------------------------------------------------------------------------


def calls_on(school: School, day: date) -> QuerySet[SchoolPhoneCall]:
    """The calls home of a London day, newest first (DEV-26)."""
    found: QuerySet[SchoolPhoneCall] = SchoolPhoneCall.objects.filter(school=school, called_at__date=day)
    return found.select_related("pupil__form", "logged_by").order_by("-called_at", "-id")


def losses_visible_to(user: User, school: School) -> QuerySet[LossReport]:
    """Every report of loss or damage, those still open first (DEV-23)."""
    found: QuerySet[LossReport] = LossReport.objects.filter(school=school)
    return found.select_related(
        "custody__pupil__form", "custody__device__type", "custody__place", "custody__slot", "reported_by", "ended_by"
    ).order_by(F("ended_at").desc(nulls_first=True), "-reported_at", "-id")


def losses_of(pupil: Pupil, *, limit: int = 5) -> list[LossReport]:
    """The latest reports about a pupil's devices."""
    found = LossReport.objects.filter(custody__pupil=pupil).select_related("custody__device__type")
    return list(found.order_by("-reported_at", "-id")[:limit])


# --- Lists of devices -------------------------------------------------------------------------------------------------


def kept_secure(school: School, day: date) -> QuerySet[PupilDevice]:
    """Devices that the rules cover and leave with their pupils, of all or of a group, by form (DEV-38, law PH-3)."""
    rules = for_school(school, on=day)
    keys = [kind.key for kind in device_types(school) if handin_duty(rules, kind) == "keep_secure"]
    return _devices_in_use(school, day).filter(Q(type__key__in=keys) | kept_by_cohort(school, day))


def without_reason(school: School, day: date) -> QuerySet[PupilDevice]:
    """Devices for which nobody said why they are brought, by form (DEV-37)."""
    return _devices_in_use(school, day).filter(bring_reason="", type__key__in=handin_types(school, day))


def _devices_in_use(school: School, day: date) -> QuerySet[PupilDevice]:
    found: QuerySet[PupilDevice] = PupilDevice.objects.filter(
        school=school, retired_on__isnull=True, pupil__in=pupils_on_roll(school, day)
    )
    return found.select_related("type", "pupil__form").order_by(
        "pupil__form__year_from", "pupil__form__name", "pupil__legal_surname", "pupil__legal_forename", "id"
    )
