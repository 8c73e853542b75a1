"""Telling the office, and parents where the school wants it, what was not collected (NOT-02)."""

from __future__ import annotations

from datetime import date, datetime

from django.template.loader import render_to_string
from django.urls import reverse

from core.audit.operations import operation, record
from core.audit.queries import entries_for
from core.notices.operations import notify, queue_email
from core.people.calendar import calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import Contact, School
from core.people.queries import contacts_to_tell, holders_of
from core.people.roles import Role
from core.roll.queries import open_proposals
from devices.models import CustodyRecord
from devices.queries import desk_settings, overnight_now, parents_told, uncollected
from devices.queries.closing import TOLD_PARENTS

TOLD_OFFICE = "devices.tell_uncollected"
MOST_EMAILS = 3  # then somebody rings (ux 5: reminders at most three, then a phone call)


def uncollected_is_due(school: School, at: datetime) -> bool:
    """Whether it is a school day and the office has closed."""
    day, calendar = london_day(at), calendar_for(school)
    close = calendar.at(day, DayTimeKey.OFFICE_CLOSE)
    return calendar.is_school_day(day) and close is not None and at >= close


@operation(TOLD_OFFICE)
def tell_uncollected(*, school: School, at: datetime) -> int:
    """Tell the office what is uncollected, once a day until it is dealt with, and parents where the school chose so.

    For the clock; running it again the same day tells nobody twice. Returns how many devices it told of.
    """
    # Two workers do it in turn; the desk goes on, for its hand-ins only refer to the school.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    day = london_day(at)
    if entries_for(school, action=TOLD_OFFICE, first=day, last=day).exists():
        return 0
    stays = list(uncollected(school))
    if not stays:
        return 0
    notify(
        school=school,
        recipients=holders_of(school, Role.OFFICE, on=day),
        kind="devices.uncollected",
        subject=f"{len(stays)} device{' was' if len(stays) == 1 else 's were'} not collected",
        body="They stay on the list until they are given back. You are told each school day.",
        url=reverse("devices:uncollected", args=[school.slug]),
        at=at,
        dedupe_key=f"uncollected:{day}",
    )
    if desk_settings(school).tell_parents_uncollected:
        _tell_parents(school, at, day, stays)
    record(school=school, actor=None, action=TOLD_OFFICE, at=at, detail={"devices": len(stays)})
    return len(stays)


def _tell_parents(school: School, at: datetime, day: date, stays: list[CustodyRecord]) -> None:
    told = parents_told(school, [stay.pk for stay in stays])
    decided = overnight_now(school, day)
    adults = contacts_to_tell(school, [stay.pupil_id for stay in stays])
    in_doubt = set(open_proposals(school).values_list("contact_id", flat=True))
    text = render_to_string("emails/devices/uncollected.txt", {"school": school})
    for stay in stays:
        before = told.get(stay.pk, [])
        if len(before) >= MOST_EMAILS or any(london_day(moment) == day for moment in before):
            continue
        decision = decided.get(stay.pk)
        if decision is not None and decision.parent_told_at is not None:
            continue
        to = _addresses(adults.get(stay.pupil_id, []), in_doubt)
        for address in to:
            queue_email(
                school=school,
                to=address,
                subject=f"A device was not collected: {school.name}",
                text=text,
                cause=f"uncollected:{stay.pk}:{day}",
                at=at,
                template="uncollected",
            )
        if to:
            record(school=school, actor=None, action=TOLD_PARENTS, at=at, obj=stay, detail={"emails": len(to)})


def _addresses(adults: list[Contact], in_doubt: set[int]) -> list[str]:
    """Each address once; an adult whom the DSL may have to bar is not written to while that is open."""
    return list(dict.fromkeys(one.email.lower() for one in adults if one.email and one.pk not in in_doubt))
