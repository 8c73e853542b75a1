"""What is printed, and the prints themselves."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet

from core.people.access import has
from core.people.models import Pupil, School, User
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from devices.enums import PrintKind, PrintState, SlotState
from devices.models import PrintJob, PupilDevice, Slot

MISSED_BELL = timedelta(seconds=30)  # a print that nobody has begun by then was asked for while nobody heard
KEEP = timedelta(hours=24)


def prints_visible_to(user: User, school: School) -> QuerySet[PrintJob]:
    """The school's prints without their content; the page's permission says who may look, but letters to families
    are for those who may release."""
    found: QuerySet[PrintJob] = PrintJob.objects.filter(school=school)
    if not has(user, Permission.RELEASE_DEVICE, school):
        found = found.exclude(kind=PrintKind.LETTERS)
    return found.select_related("requested_by").defer("content").order_by("-id")


def print_content(job: PrintJob) -> bytes | None:
    """The PDF itself, while it is kept."""
    content = PrintJob.objects.filter(pk=job.pk, state=PrintState.READY).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None


def open_print_of(user: User, school: School) -> PrintJob | None:
    """The print that this person is waiting for, if there is one."""
    own = PrintJob.objects.filter(school=school, requested_by=user, state__in=_TO_DO)
    found: PrintJob | None = own.defer("content").order_by("-id").first()
    return found


_TO_DO = (PrintState.WAITING, PrintState.MAKING)


def slots_to_label(school: School, place_id: int | None) -> list[Slot]:
    """The slots in use of one place, or of every place in use, in order."""
    found = Slot.objects.filter(school=school, place__closed_on__isnull=True, state=SlotState.USABLE)
    if place_id is not None:
        found = found.filter(place_id=place_id)
    return list(found.select_related("place").order_by("place__position", "place__name", "number"))


def pupils_in_order(school: School, day: date, form_ids: list[int] | None = None) -> list[Pupil]:
    """Pupils on roll form by form in surname order; those without a form last."""
    found = pupils_on_roll(school, day)
    if form_ids:
        found = found.filter(form_id__in=form_ids)
    return list(found.order_by("form__year_from", "form__name", "legal_surname", "legal_forename", "id"))


def devices_in_order(school: School, day: date, form_ids: list[int] | None = None) -> list[PupilDevice]:
    """The devices in use of pupils on roll, in the order of their owners."""
    pupils = pupils_on_roll(school, day)
    if form_ids:
        pupils = pupils.filter(form_id__in=form_ids)
    return list(
        PupilDevice.objects.filter(school=school, retired_on__isnull=True, pupil__in=pupils.values("pk"))
        .select_related("type", "pupil__form", "usual_slot__place")
        .order_by(
            "pupil__form__year_from", "pupil__form__name", "pupil__legal_surname", "pupil__legal_forename",
            "pupil_id", "id",
        )
    )  # fmt: skip
