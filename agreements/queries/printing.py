"""Reads about prints of many agreements: what waits for a signature on paper, and the prints themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from agreements.enums import Capacity, MakeState
from agreements.models import Agreement, PrintRun
from agreements.queries.outstanding import still_missing
from core.kit.jobs import OPEN
from core.people.models import FormGroup, School, User

MISSED_BELL = timedelta(seconds=30)
KEEP = timedelta(hours=24)
_ORDER = ("pupil__form__year_from", "pupil__form__name", "pupil__legal_surname", "pupil__legal_forename", "pk")


def to_print(
    school: School, *, form: FormGroup | None = None, kind: str = "", no_address: bool = False
) -> list[Agreement]:
    """Pupils' agreements with a signature of the family missing, form by form in surname order; `no_address` leaves
    those alone of which a parent or carer has no email address."""
    missing = still_missing(school).filter(capacity__in=[Capacity.PUPIL, Capacity.PARENT])
    if no_address:
        missing = missing.filter(contact__isnull=False, contact__email="")
    found = Agreement.objects.filter(school=school, pk__in=missing.order_by().values("agreement"))
    if form is not None:
        found = found.filter(pupil__form=form)
    if kind:
        found = found.filter(kind=kind)
    return list(found.defer("wording").order_by(*_ORDER))


def agreements_in_order(school: School, keys: Sequence[int]) -> list[Agreement]:
    """These agreements with all that a page shows of them, in the order of `keys`."""
    found = Agreement.objects.filter(school=school, pk__in=keys).select_related("pupil__form", "school")
    by_key = {one.pk: one for one in found.prefetch_related("signatories")}
    return [by_key[key] for key in keys if key in by_key]


def runs_of(school: School) -> QuerySet[PrintRun]:
    """The school's prints without their content, the newest first."""
    found: QuerySet[PrintRun] = PrintRun.objects.filter(school=school)
    return found.select_related("requested_by").defer("content")


def open_run_of(user: User, school: School) -> PrintRun | None:
    """The print that this person is waiting for, if there is one."""
    return runs_of(school).filter(requested_by=user, state__in=OPEN).first()


def content_of(run: PrintRun) -> bytes | None:
    """The PDF itself, while it is kept."""
    content = PrintRun.objects.filter(pk=run.pk, state=MakeState.READY).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None
