"""A form on one morning (W2): what the page proposes for each pupil, and how far the school's forms are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.audit.enums import Outcome
from core.audit.queries import entries_for
from core.kit.times import clock, moment
from core.people.calendar import calendar_for, london_day
from core.people.models import FormGroup, Pupil, School
from core.people.queries import forms_of, people_at, pupils_on_roll
from core.rules.queries import for_school
from devices.cohorts import CohortRule, keeping_rules, kept_words
from devices.enums import Basis, FormAnswer, MarkKind, MarkSource
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.queries.cohorts import keepers
from devices.queries.day import BY_AGREEMENT, by_agreement
from devices.queries.standing import Standing, device_meant, devices_due, lately_taken_in, standing_of

# How many school days back the page looks for a pupil who keeps saying that they bring none.
_LOOK_BACK = 15
_DAYS_WITHOUT = 3


@dataclass(frozen=True)
class FormLine:
    """One pupil on the page. `settled` says in words why nothing is asked of them; else `answer` is proposed, `why`
    says from what, and `device` names the one that In would mean where the pupil has several."""

    pupil: Pupil
    answer: str
    why: str = ""
    device: str = ""
    slot: str = ""
    settled: str = ""
    left: bool = False
    kept: bool = False
    taken: bool = False


def pupils_of_form(school: School, form: FormGroup, day: date) -> list[Pupil]:
    """Who is on roll of the form, by surname."""
    found = pupils_on_roll(school, day).filter(form=form)
    return list(found.order_by("legal_surname", "legal_forename", "id"))


def form_lines(school: School, form: FormGroup, day: date, now: datetime) -> list[FormLine]:
    """A form's page, line by line, in the same few statements whatever the number of pupils (ux W2, DEV-10)."""
    pupils = pupils_of_form(school, form, day)
    standing = standing_of(school, day, [pupil.pk for pupil in pupils])
    lately = lately_taken_in(standing)
    without = _bring_none_lately(school, day, pupils)
    rules = for_school(school, on=day)
    lines = [_line(pupil, standing, lately, rules, now, usually_none=pupil.pk in without) for pupil in pupils]
    agreed = by_agreement(school, day, [pupil.pk for pupil in pupils])
    lines = [_agreed(line, standing, agreed) or line for line in lines] if agreed else lines
    keeping = keeping_rules(rules)
    return [_kept(line, standing, rules, keeping) or line for line in lines] if keeping else lines


def _agreed(line: FormLine, standing: Standing, agreed: dict[int, str]) -> FormLine | None:
    """The line of a pupil who keeps a device by a standing agreement, of whom the day has said nothing else (DEV-35).

    A mark of the day would say less than the agreement does, so none is asked for.
    """
    pupil = line.pupil
    if line.settled or pupil.pk not in agreed or pupil.pk in standing.declared or pupil.pk in standing.marks:
        return None
    limits = agreed[pupil.pk]
    return FormLine(pupil, line.answer, settled=f"{BY_AGREEMENT}{f', {limits}' if limits else ''}", kept=True)


def _kept(line: FormLine, standing: Standing, rules: Any, keeping: list[CohortRule]) -> FormLine | None:
    """The line of a pupil whose group keeps all they would hand in (law PH-3); None where something is to be asked."""
    pupil = line.pupil
    due = devices_due(rules, standing.devices.get(pupil.pk, []))
    said = [kept_words(keeping, pupil, one.type.key) for one in due]
    if line.settled or not all(said) or not said or pupil.pk in standing.declared or pupil.pk in standing.marks:
        return None
    return FormLine(pupil, line.answer, settled=said[0], kept=True)


def _line(
    pupil: Pupil, standing: Standing, lately: dict[int, datetime], rules: Any, now: datetime, *, usually_none: bool
) -> FormLine:
    owned = standing.devices.get(pupil.pk, [])
    stay = settled_by(pupil.pk, standing, rules)
    if stay is not None:
        taken = stay.basis != Basis.HAND_IN
        return FormLine(pupil, FormAnswer.IN, settled=_settled(stay, now), left=not stay.is_open, taken=taken)
    meant = device_meant(rules, owned, standing.here(pupil.pk), lately)
    usual = meant.usual_slot if meant is not None else None
    answer, why = _proposed(pupil.pk, standing, bool(devices_due(rules, owned)), usually_none=usually_none)
    return FormLine(
        pupil,
        answer,
        why=why,
        device=meant.description if meant is not None and len(owned) > 1 else "",
        slot=str(usual) if usual is not None else "",
    )


def settled_by(pupil_id: int, standing: Standing, rules: Any) -> CustodyRecord | None:
    """The stay that leaves nothing to ask of a pupil: the day's hand-in, or that of a device that never left."""
    today = standing.handed_in(pupil_id)
    if today is not None:
        return today
    here = standing.here(pupil_id)
    if not here or device_meant(rules, standing.devices.get(pupil_id, []), here, {}) is not None:
        return None
    return next(stay for stay in standing.stays[pupil_id] if stay.is_open)


def _settled(stay: CustodyRecord, now: datetime) -> str:
    if stay.basis != Basis.HAND_IN:
        return "Taken, and given back" if stay.closed_at is not None else "Kept apart from the hand-ins"
    where = f", {stay.slot}" if stay.slot else ""
    if stay.closed_at is not None:
        return f"In {clock(stay.opened_at)}, given back {moment(stay.closed_at, now=now)}"
    return f"In since {moment(stay.opened_at, now=now)}{where}, by {stay.opened_by.display_name}"


def _proposed(pupil_id: int, standing: Standing, has_one: bool, *, usually_none: bool) -> tuple[str, str]:
    marks = standing.marks.get(pupil_id, [])
    for mark in marks:
        if mark.kind == MarkKind.ABSENT:
            told = mark.source == MarkSource.DESK
            return FormAnswer.ABSENT, f"said {clock(mark.marked_at)}" if told else "filled from the day’s absences"
    if marks:
        return FormAnswer(marks[-1].kind), f"said {clock(marks[-1].marked_at)}"
    declared = standing.declared.get(pupil_id)
    if declared is not None:
        return FormAnswer.NO_DEVICE, f"said {clock(declared.declared_at)}"
    if not has_one:
        return FormAnswer.NO_DEVICE, "no device on record"
    if usually_none:
        return FormAnswer.NO_DEVICE, "no phone on the last 3 days"
    return FormAnswer.IN, ""


def _bring_none_lately(school: School, day: date, pupils: Sequence[Pupil]) -> set[int]:
    """Pupils who said that they brought none on each of their last three recorded school days. Three statements."""
    days = calendar_for(school).last_school_days(day, _LOOK_BACK)
    since = days[-1] if days else day - timedelta(days=_LOOK_BACK)
    span: Any = {"school": school, "pupil__in": pupils, "day__gte": since, "day__lt": day}
    none: dict[int, set[date]] = {}
    for pupil_id, on in NoDeviceDeclaration.objects.filter(withdrawn_at__isnull=True, **span).values_list(
        "pupil_id", "day"
    ):
        none.setdefault(pupil_id, set()).add(on)
    other: dict[int, set[date]] = {}
    stays = CustodyRecord.objects.filter(voided=False, **span).order_by().values_list("pupil_id", "day")
    marks = DayMark.objects.filter(withdrawn_at__isnull=True, **span).exclude(kind=MarkKind.ABSENT)
    for pupil_id, on in [*stays, *marks.values_list("pupil_id", "day")]:
        other.setdefault(pupil_id, set()).add(on)
    return {
        pupil_id
        for pupil_id, said in none.items()
        if len(said) >= _DAYS_WITHOUT
        and not any(on >= sorted(said)[-_DAYS_WITHOUT] for on in other.get(pupil_id, set()))
    }


@dataclass
class FormToday:
    """How far one form is on a day; who recorded it whole, and when, if somebody has."""

    form: FormGroup
    pupils: int
    recorded: int
    recorded_at: datetime | None = None
    recorded_by: str = ""

    @property
    def is_done(self) -> bool:
        return self.recorded >= self.pupils


def forms_today(school: School, day: date) -> list[FormToday]:
    """The school's forms with pupils on roll, in order, with how many of each are recorded on `day` or keep
    theirs by their group's rule. Four statements."""
    known = _recorded_on(day) | keepers(school, day)
    counted = {
        row["form"]: row
        for row in pupils_on_roll(school, day)
        .order_by()
        .values("form")
        .annotate(pupils=Count("id"), recorded=Count("id", filter=known))
    }
    rows = [
        FormToday(form, counted[form.pk]["pupils"], counted[form.pk]["recorded"])
        for form in forms_of(school)
        if form.pk in counted
    ]
    whole: dict[int, Any] = {}
    done = entries_for(school, action="devices.hand_in_form", outcome=Outcome.DONE, first=day, last=day)
    for entry in done:
        if entry.detail.get("day") == day.isoformat():
            whole.setdefault(entry.object_id or 0, entry)
    names = {person.pk: person.display_name for person in people_at(school).filter(pk__in=_actors(whole))}
    for row in rows:
        last = whole.get(row.form.pk)
        if last is not None:
            row.recorded_at, row.recorded_by = last.at, names.get(last.actor_id, "")
    return rows


def _actors(entries: dict[int, Any]) -> set[int]:
    return {entry.actor_id for entry in entries.values()}


def _recorded_on(day: date) -> Q:
    """Pupils of whom something is recorded on a day, or whose device never left."""
    stays = CustodyRecord.objects.filter(pupil=OuterRef("pk"), voided=False).filter(
        Q(day=day) | Q(closed_at__isnull=True, day__lt=day)
    )
    said: Any = {"pupil": OuterRef("pk"), "day": day, "withdrawn_at__isnull": True}
    none, marks = NoDeviceDeclaration.objects.filter(**said), DayMark.objects.filter(**said)
    return Q(Exists(stays)) | Q(Exists(none)) | Q(Exists(marks))


def next_form(rows: Sequence[FormToday], after: int | None = None) -> FormGroup | None:
    """The first form that is not all recorded yet: from the one after `after` on, else from the start."""
    keys = [row.form.pk for row in rows]
    begin = keys.index(after) + 1 if after in keys else 0
    return next((row.form for row in [*rows[begin:], *rows[:begin]] if not row.is_done and row.form.pk != after), None)


def stays_of_form(school: School, form: FormGroup) -> QuerySet[CustodyRecord]:
    """What the school holds now of the pupils of a form, by surname; ordinary hand-ins only (law PH-9)."""
    return (
        CustodyRecord.objects.filter(school=school, pupil__form=form, closed_at__isnull=True, basis=Basis.HAND_IN)
        .select_related("pupil", "device__type", "place", "slot", "opened_by")
        .order_by("pupil__legal_surname", "pupil__legal_forename", "id")
    )


def is_early(school: School, rules: Any, at: datetime) -> str:
    """The end of the day as "3:15pm" when `at` is before it on a school day; empty when the return is not early."""
    if rules.ordinary_return == "on_leaving_site":
        return ""
    calendar, day = calendar_for(school), london_day(at)
    end = calendar.at(day, "end_of_day")
    if end is None or not calendar.is_school_day(day) or at >= end:
        return ""
    return clock(end)
