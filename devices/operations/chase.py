"""Tell form tutors and the office who has not been seen at the desk (DEV-10, NOT-01)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role
from core.rules.queries import for_school
from devices.models import ChaseList
from devices.queries import Chase, ChaseForm, chase_for, handin_types, last_chase

AFTER_CUTOFF = timedelta(minutes=5)  # the last of the queue have been scanned by then


@operation("devices.send_chase")
def send_chase(*, school: School, actor: User | None, at: datetime, submission: UUID | None = None) -> ChaseList:
    """Keep the chase list as it stands and tell each form's tutors, and the office (DEV-10, NOT-01).

    Who may: LOG_CUSTODY; an `actor` of None is the clock, which tells once a day and is given the first list again.
    Each tutor is told of the own form alone. What they are told names nobody: it counts, and leads to the page.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    # Two who tell at once do it in turn; the desk goes on, for its hand-ins only refer to the school.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    last = last_chase(school, day)
    if last is not None and actor is None:
        return last
    chase = chase_for(school, day, handin_types=handin_types(school, day))
    sent = ChaseList(
        school=school,
        day=day,
        sent_at=at,
        sent_by=actor,
        number=last.number + 1 if last else 1,
        pupil_ids=[row.pupil.pk for form in chase.forms for row in form.not_seen],
        figures={
            "not_seen": chase.not_seen,
            "refused": chase.refused,
            "forms": [
                {
                    "form": form.form.pk if form.form else None,
                    "not_seen": len(form.not_seen),
                    "tutors": [tutor.pk for tutor in form.tutors],
                }
                for form in chase.forms
                if form.not_seen
            ],
        },
    )
    sent.save()
    _tell(school, chase, sent, at)
    record(
        school=school,
        actor=actor,
        action="devices.send_chase",
        at=at,
        obj=sent,
        submission=submission,
        detail={"number": sent.number, "not_seen": chase.not_seen, "forms": len(sent.figures["forms"])},
    )
    return sent


def _tell(school: School, chase: Chase, sent: ChaseList, at: datetime) -> None:
    """A notice to the tutors of each form with somebody to look for, and one to the office for the school."""
    page, event = reverse("devices:chase", args=[school.slug]), f"chase:{sent.day}:{sent.number}"
    waiting = [form for form in chase.forms if form.not_seen]
    for form in waiting:
        if form.tutors and form.form is not None:
            notify(
                school=school,
                recipients=form.tutors,
                kind="devices.chase",
                subject=f"{_pupils(len(form.not_seen))} of {form.name} not seen yet at the device desk",
                body="The page lists whom to ask. Nobody on it has done anything wrong.",
                url=f"{page}?form={form.form.pk}",
                at=at,
                dedupe_key=f"{event}:{form.form.pk}",
            )
    if waiting:
        notify(
            school=school,
            recipients=holders_of(school, Role.OFFICE, on=sent.day),
            kind="devices.chase",
            subject=f"{_pupils(chase.not_seen)} not seen yet at the device desk",
            body=_for_the_office(waiting),
            url=page,
            at=at,
            dedupe_key=f"{event}:office",
        )


def _for_the_office(waiting: list[ChaseForm]) -> str:
    told = sum(bool(form.tutors) for form in waiting)
    untold = [form.name for form in waiting if not form.tutors]
    said = f"The tutors of {told} form{'' if told == 1 else 's'} have been told." if told else ""
    if untold:
        said += f" Without a tutor, so for you to ask: {', '.join(untold)}."
    return said.strip()


def _pupils(number: int) -> str:
    return f"{number} pupil{'' if number == 1 else 's'}"


def chase_is_due(school: School, at: datetime) -> bool:
    """Whether the list goes out by itself now: a few minutes after the cut-off of a school day that has not ended, in
    a school whose rule is that devices are handed in."""
    day, calendar = london_day(at), calendar_for(school)
    cutoff = calendar.at(day, DayTimeKey.CUTOFF)
    if cutoff is None or not calendar.is_school_day(day) or for_school(school, on=day).handin_required != "yes":
        return False
    return cutoff + AFTER_CUTOFF <= at < _ends(school, day, cutoff)


def _ends(school: School, day: date, cutoff: datetime) -> datetime:
    return calendar_for(school).at(day, DayTimeKey.END_OF_DAY) or cutoff + timedelta(hours=6)
