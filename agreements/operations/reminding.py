"""Reminders of signatures that are missing: three by email, one a household, then the telephone (AGR-08, NOT-17).

They go between 8 in the morning and 8 in the evening of a school day. The rules say after how many days. Tutors, heads
and staff who have to sign are told in their inbox, once after each of the first two waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse

from agreements.enums import Capacity
from agreements.models import Signatory
from agreements.operations.links import adult_of, send_links
from agreements.queries.links import ASKED, may_be_asked
from agreements.queries.outstanding import still_missing
from core.audit.operations import operation, record
from core.notices.models import Notice
from core.notices.operations import notify
from core.people.calendar import LONDON, calendar_for, london_day
from core.people.models import School, User
from core.people.queries import holders_of, tutors_of_forms
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school

MOST = 3
FROM, UNTIL = time(8), time(20)
_ADULTS = 50  # in one transaction
_WAITS = (1, 2)  # tutors and staff are told after one wait and after two


def remind_of_signatures(*, school: School, at: datetime) -> int:
    """Remind everybody who is due; returns how many were written to or told. For the clock; twice is harmless.

    Nothing goes on a day without school, before 8 or from 8 in the evening; nothing where the rules name no wait.
    """
    wait = for_school(school, on=london_day(at)).agreement_reminder_days
    if wait == UNSPECIFIED or not is_time_to_write(school, at):
        return 0
    told = _tell_the_school(school, at, wait)
    return told + _remind_parents(school, at, timedelta(days=wait))


def is_time_to_write(school: School, at: datetime) -> bool:
    """Whether a family may be written to at this moment without having asked: by day, on a school day."""
    local = at.astimezone(LONDON)
    return FROM <= local.time() < UNTIL and calendar_for(school).is_school_day(local.date())


def _remind_parents(school: School, at: datetime, wait: timedelta) -> int:
    """Who was last written to so long ago is written to once more about all that waits, or handed to the telephone."""
    by_adult: dict[tuple[str, str], list[Signatory]] = defaultdict(list)
    today = london_day(at)
    waiting = still_missing(school).filter(capacity=Capacity.PARENT, state__in=ASKED, sent_at__isnull=False)
    waiting = waiting.filter(phone_since__isnull=True)
    for row in waiting.select_related("contact", "agreement__pupil"):
        assert row.contact is not None
        if row.contact.email and may_be_asked(row, today):
            by_adult[adult_of(row.contact)].append(row)
    due = [rows for rows in by_adult.values() if max(_last_written(row) for row in rows) <= at - wait]
    reminded = 0
    for first in range(0, len(due), _ADULTS):
        reminded += remind_some(school=school, at=at, wait=wait, households=due[first : first + _ADULTS])
    return reminded


def _last_written(row: Signatory) -> datetime:
    assert row.sent_at is not None
    return max(row.sent_at, row.reminded_at or row.sent_at)


@operation("agreements.remind")
def remind_some(*, school: School, at: datetime, wait: timedelta, households: Sequence[Sequence[Signatory]]) -> int:
    """Remind these adults, each once for all that waits; who had three reminders goes on the telephone list.

    Looked at again under a lock, so that two clocks at once write once. Returns how many adults were written to.
    """
    keys = [row.pk for rows in households for row in rows]
    held = {
        row.pk: row
        for row in Signatory.objects.select_for_update(of=("self",))
        .select_related("contact", "agreement")
        .filter(pk__in=keys, state__in=ASKED)
        .order_by("pk")
    }
    written: list[Signatory] = []
    adults = telephone = 0
    for rows in households:
        mine = [held[row.pk] for row in rows if row.pk in held]
        if not mine or max(_last_written(row) for row in mine) > at - wait:
            continue
        again = [row for row in mine if row.reminders < MOST]
        for row in mine:
            if row.reminders >= MOST and row.phone_since is None:
                row.phone_since = at
                telephone += 1
            elif row.reminders < MOST:
                row.reminders += 1
                row.reminded_at = at
            row.stamp(by=None, at=at)
            row.save()
        written += again
        adults += bool(again)
    if written:
        send_links(school=school, actor=None, at=at, signatories=written, reminder=True)
    if adults or telephone:
        detail = {"adults": adults, "telephone": telephone}
        record(school=school, actor=None, action="agreements.remind", at=at, detail=detail)
    return adults


def _tell_the_school(school: School, at: datetime, wait: int) -> int:
    """Tutors learn how many signatures of their form are missing, staff that their own is: at the first school day
    after one wait and after two (NOT-17)."""
    today = london_day(at)
    before = next(iter(calendar_for(school).last_school_days(today, 1)), today - timedelta(days=1))
    due = Q()
    for times in _WAITS:
        late = timedelta(days=wait * times)
        due |= Q(agreement__issued_at__gt=_end_of(before - late), agreement__issued_at__lte=_end_of(today - late))
    rows = list(still_missing(school).filter(due).select_related("agreement__pupil", "user"))
    if not rows:
        return 0
    pupils = [row.agreement.pupil for row in rows if row.agreement.pupil is not None]
    forms = {pupil.form_id for pupil in pupils if pupil.form_id is not None}
    tutors = tutors_of_forms(school, today)
    heads = list(holders_of(school, Role.HEADTEACHER, on=today))
    lists = reverse("agreements:outstanding", args=[school.slug])
    told = 0
    for form in sorted(forms):
        told += _tell(
            school, at, tutors.get(form, ()), f"missing.{form}", "Signatures are missing in your form",
            "The list says on which agreements, and who was asked.", f"{lists}?form={form}",
        )  # fmt: skip
    own: dict[int, User] = {}
    for row in rows:
        for person in _own(row, tutors, heads):
            own[person.pk] = person
    return told + _tell(
        school, at, own.values(), "own", "An agreement waits for your signature",
        "Open the list of what waits for you.", reverse("agreements:to-sign", args=[school.slug]),
    )  # fmt: skip


def _own(row: Signatory, tutors: dict[int, list[User]], heads: Sequence[User]) -> Sequence[User]:
    """Who of the school’s people can give this signature."""
    if row.capacity == Capacity.STAFF:
        return [row.user] if row.user is not None else []
    if row.capacity == Capacity.HEADTEACHER:
        return heads
    if row.capacity == Capacity.FORM_TUTOR and row.agreement.pupil is not None:
        return tutors.get(row.agreement.pupil.form_id or 0, ())
    return ()


def _tell(school: School, at: datetime, people: Iterable[User], what: str, subject: str, body: str, url: str) -> int:
    key = f"agreements.unsigned.{what}.{london_day(at):%Y-%m-%d}"
    if not people or Notice.objects.filter(dedupe_key=key).exists():  # told at an earlier hour of this day
        return 0
    told = notify(
        school=school, recipients=people, kind="agreements.unsigned", subject=subject, body=body, url=url, at=at,
        dedupe_key=key,
    )  # fmt: skip
    return len(told)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, LONDON)
