"""Who has not been seen at the desk, form by form with its tutors, and who was told (DEV-10, NOT-01)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from core.people.models import FormGroup, Pupil, School, User
from core.people.queries import tutors_of_forms
from devices.models import ChaseList, CustodyRecord, PupilDevice
from devices.queries.cohorts import kept_by_cohort
from devices.queries.custody import not_seen, refused_on


@dataclass(frozen=True)
class ChaseRow:
    """One pupil to ask about. `told_at`: when the tutor was last told; None for somebody new since then."""

    pupil: Pupil
    device: str
    told_at: datetime | None = None


@dataclass(frozen=True)
class ChaseForm:
    """One form: who has not been seen yet, who was asked and did not hand in, and who came in after the telling."""

    form: FormGroup | None
    tutors: list[User]
    not_seen: list[ChaseRow] = field(default_factory=list)
    refused: list[ChaseRow] = field(default_factory=list)
    came_in: list[CustodyRecord] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.form.name if self.form else "No form"


@dataclass(frozen=True)
class Chase:
    """A day's chase list as it stands now. Words for it: not seen yet. Nobody on it has done anything."""

    day: date
    forms: list[ChaseForm]
    last: ChaseList | None

    @property
    def not_seen(self) -> int:
        return sum(len(form.not_seen) for form in self.forms)

    @property
    def refused(self) -> int:
        return sum(len(form.refused) for form in self.forms)

    @property
    def came_in(self) -> int:
        return sum(len(form.came_in) for form in self.forms)


def chase_for(
    school: School, day: date, *, handin_types: frozenset[str] | None = None, form_ids: Collection[int] | None = None
) -> Chase:
    """The list as it stands, of some forms or of all, in ten statements whatever the number of pupils."""
    missing, refused = not_seen(school, day, handin_types=handin_types), refused_on(school, day)
    last = last_chase(school, day)
    told = set(last.pupil_ids) if last else set()
    since = CustodyRecord.objects.none()
    if last is not None:
        since = (
            CustodyRecord.objects.filter(school=school, voided=False, day=day, opened_at__gt=last.sent_at)
            .filter(pupil__in=told)
            .select_related("pupil__form", "device__type")
            .order_by("opened_at")
        )
    if form_ids is not None:
        missing, refused = missing.filter(form__in=form_ids), refused.filter(form__in=form_ids)
        since = since.filter(pupil__form__in=form_ids)
    unseen, asked, came = list(missing), list(refused), list(since)
    devices = _devices_of({pupil.pk for pupil in [*unseen, *asked]}, handin_types, kept_by_cohort(school, day))
    tutors = tutors_of_forms(school, day)
    found: dict[int | None, ChaseForm] = {}

    def form_of(pupil: Pupil) -> ChaseForm:
        if pupil.form_id not in found:
            found[pupil.form_id] = ChaseForm(pupil.form, tutors.get(pupil.form_id or 0, []))
        return found[pupil.form_id]

    for pupil in unseen:
        told_at = last.sent_at if last and pupil.pk in told else None
        form_of(pupil).not_seen.append(ChaseRow(pupil, devices.get(pupil.pk, ""), told_at))
    for pupil in asked:
        form_of(pupil).refused.append(ChaseRow(pupil, devices.get(pupil.pk, "")))
    for stay in came:
        form_of(stay.pupil).came_in.append(stay)
    return Chase(day, sorted(found.values(), key=_by_year), last)


def _by_year(form: ChaseForm) -> tuple[bool, int, str]:
    year = form.form.year_from if form.form else None
    return (form.form is None, 99 if year is None else year, form.name)


def _devices_of(pupil_ids: Collection[int], handin_types: frozenset[str] | None, kept: Q) -> dict[int, str]:
    due = Q() if handin_types is None else Q(type__key__in=handin_types)
    found: dict[int, list[str]] = {}
    devices = PupilDevice.objects.filter(due, pupil__in=pupil_ids, retired_on__isnull=True).exclude(kept)
    for device in devices.select_related("type").order_by("id"):
        found.setdefault(device.pupil_id, []).append(device.description)
    return {pupil_id: ", ".join(names) for pupil_id, names in found.items()}


def chases_of(school: School, day: date) -> list[ChaseList]:
    """Every time tutors were told that day, the first first."""
    return list(ChaseList.objects.filter(school=school, day=day).select_related("sent_by").order_by("number"))


def last_chase(school: School, day: date) -> ChaseList | None:
    """The last time tutors were told that day."""
    found: ChaseList | None = (
        ChaseList.objects.filter(school=school, day=day).select_related("sent_by").order_by("-number").first()
    )
    return found


def forms_tutored_by(user: User, school: School, on: date) -> list[int]:
    """The keys of the forms a person is tutor of."""
    return [
        form_id for form_id, tutors in tutors_of_forms(school, on).items() if any(user.pk == one.pk for one in tutors)
    ]
