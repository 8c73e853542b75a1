"""Telling parents and carers what was taken, held, refused or found: due, told, not reached, withheld, not needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify, queue_email, withdraw_emails
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import Contact, Pupil, School, User
from core.people.queries import deputies_for, dsls_for
from core.people.roles import Permission
from devices.enums import NoticeAbout, TakenBecause, ToldHow
from devices.models import Confiscation, CustodyRecord, ParentNotice, SearchRecord
from devices.queries.taken.parents import (
    adults_to_tell,
    collecting_in_words,
    email_failed,
    is_restricted,
    may_be_dropped,
    waits_for_dsl,
    withheld_notice_of,
)
from devices.queries.taken.release import ASK_THE_DSL

_ONCE = frozenset({NoticeAbout.TAKEN, NoticeAbout.ESCALATED, NoticeAbout.SEARCH})
_OPENINGS = {
    NoticeAbout.TAKEN: "{school} has a device that was brought to school. It is kept safe.",
    NoticeAbout.ESCALATED: "{school} has a device that was brought to school. A parent or carer is to collect it.",
    NoticeAbout.HELD: "{school} has a device that was brought to school, and keeps it for now.",
}
_OPENING = "{school} has something to tell you about a device that was brought to school."


class UnableToTell(Refusal):
    """A parent or carer was not recorded as told."""


class NoticeSettled(UnableToTell):
    """Somebody told them already, or it was decided that they are not told."""


class MayNotBeTold(UnableToTell):
    """The adult is not this pupil's contact, must not be informed, or the DSL has yet to decide about them."""

    recorded = True
    default_field = "contact"


class NoEmailAddress(UnableToTell):
    """The adult has no email address on the record."""

    default_field = "how"


class MessageNeeded(UnableToTell):
    """What was said is part of the record (CNF-13)."""

    default_field = "message"


class ReasonForParents(UnableToTell):
    """Not telling is a decision with a reason (matrix A-51)."""

    default_field = "because"


class MustBeTold(UnableToTell):
    """The rules leave no choice: parents are told of this, unless the DSL withholds it."""

    recorded = True


class TheDslDecides(UnableToTell):
    """The device is held, and the DSL has not said that a parent is told (law IM-6)."""

    recorded = True


class NothingWithheld(UnableToTell):
    """It is not kept from parents."""


def open_notice(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    about: NoticeAbout,
    pupil: Pupil,
    custody: CustodyRecord | None = None,
    search: SearchRecord | None = None,
    due_at: datetime | None = None,
) -> ParentNotice:
    """A parent or carer is to be told, inside the caller's operation: by office close the same school day (CNF-13).

    Once for each thing: what is to be told already is returned as it stands. Where the DSL keeps the stay from parents
    it is opened as withheld, so that nothing goes out. A taking on a safeguarding ground tells the DSL too (NOT-03).
    """
    known = _known(about, custody, search)
    if known is not None:
        return known
    notice = ParentNotice(
        school=school, about=about, pupil=pupil, custody=custody, search=search, opened_at=at,
        due_at=due_at or due_the_same_day(school, at),
    )  # fmt: skip
    earlier = withheld_notice_of(custody)
    if earlier is not None:
        notice.withheld_at, notice.withheld_by = at, earlier.withheld_by
        notice.withheld_because = earlier.withheld_because
    notice.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            notice.save()
    except IntegrityError:
        known = _known(about, custody, search)
        if known is None:
            raise
        return known
    if about == NoticeAbout.TAKEN and custody is not None:
        _tell_dsl_of_ground(school, custody, pupil, at)
    return notice


def due_the_same_day(school: School, at: datetime) -> datetime:
    """Office close of the same school day; after it, or on another day, the start of the next school day."""
    calendar, day = calendar_for(school), london_day(at)
    close = calendar.at(day, DayTimeKey.OFFICE_CLOSE)
    if calendar.is_school_day(day) and close is not None and at < close:
        return close
    following = calendar.next_school_day(day)
    begins = calendar.at(following, DayTimeKey.START) if following is not None else None
    return begins or at + timedelta(days=1)


def _known(about: NoticeAbout, custody: CustodyRecord | None, search: SearchRecord | None) -> ParentNotice | None:
    """What is to be told of this stay or search already: ever, for what happens once; else while it is open."""
    found = ParentNotice.objects.filter(about=about, custody=custody, search=search)
    if about not in _ONCE:
        found = found.filter(told_at__isnull=True, withheld_at__isnull=True, dropped_at__isnull=True)
    known: ParentNotice | None = found.order_by("-id").first()
    return known


def _tell_dsl_of_ground(school: School, custody: CustodyRecord, pupil: Pupil, at: datetime) -> None:
    taken = Confiscation.objects.filter(custody=custody).first()
    if taken is None or not (taken.because == TakenBecause.SAFEGUARDING or taken.ground == "child_protection"):
        return
    notify(
        school=school,
        recipients=[*dsls_for(school, pupil.phase), *deputies_for(school)],
        kind="devices.taken_safeguarding",
        subject="A device was taken on a safeguarding ground",
        body="The page says what was seen, and what is to be told to a parent.",
        url=reverse("devices:release", args=[school.slug, custody.pk]),
        at=at,
        dedupe_key=f"taken:{custody.pk}:dsl",
    )


def told_in_person(notice: ParentNotice, *, actor: User, at: datetime, contact: Contact, message: str) -> None:
    """Mark a notice that its reader heard at the desk, inside the caller's operation."""
    notice.told_at, notice.told_by, notice.told_how = at, actor, ToldHow.IN_PERSON
    notice.contact, notice.message = contact, message
    notice.stamp(by=actor, at=at)
    notice.save()


@operation("devices.tell_parent")
def tell_parent(
    *,
    school: School,
    actor: User,
    at: datetime,
    notice: ParentNotice,
    contact: Contact,
    how: str,
    message: str = "",
    submission: UUID | None = None,
) -> ParentNotice:
    """Record that a parent or carer was told, by whom, how and in which words; by email, queue it (CNF-13, CO-5).

    Who may: RELEASE_DEVICE. An email names nobody and holds no detail (ORG-19); after one that never came they may be
    told again. Raises a kind of `UnableToTell`.
    """
    held = _to_tell(school, notice, actor)
    if contact.pk not in {one.pk for one in adults_to_tell(school, held.pupil)}:
        raise MayNotBeTold("That adult is not on the list of people who may be told. Ask the DSL.", rule="ORG-13")
    if how == ToldHow.EMAIL:
        if not contact.email:
            raise NoEmailAddress("There is no email address on the record for this adult.", rule="CNF-13")
        message = email_text(held, at)
        mail = queue_email(
            school=school,
            to=contact.email,
            subject=f"About a device: {school.name}",
            text=message,
            cause=f"parent-notice:{held.pk}:{held.version}",
            at=at,
            template="parent_notice",
        )
        held.email = mail.pk
    elif not message:
        raise MessageNeeded("Say in a few neutral words what they were told.", rule="CNF-13")
    held.told_at, held.told_by, held.told_how = at, actor, ToldHow(how)
    held.contact, held.message = contact, message[:1000]
    if how != ToldHow.EMAIL:
        held.email = None
    held.stamp(by=actor, at=at)
    held.save()
    _note(held, "devices.tell_parent", actor, at, submission, {"how": how, "contact": contact.pk})
    return held


def email_text(notice: ParentNotice, at: datetime) -> str:
    """The neutral words of the email: that there is a device, and who may collect it in general; nobody by name."""
    collecting = collecting_in_words(notice.custody, at) if notice.about in _OPENINGS and notice.custody else ""
    opening = _OPENINGS.get(NoticeAbout(notice.about), _OPENING).format(school=notice.school.name)
    return render_to_string(
        "emails/devices/parent_notice.txt",
        {"school": notice.school, "opening": opening, "collecting": collecting},
    ).strip()


@operation("devices.parent_not_reached")
def parent_not_reached(
    *, school: School, actor: User, at: datetime, notice: ParentNotice, submission: UUID | None = None
) -> ParentNotice:
    """Count a try that reached nobody; it stays on the list. Who may: RELEASE_DEVICE. Raises `NoticeSettled`."""
    held = _to_tell(school, notice, actor)
    held.tries += 1
    held.stamp(by=actor, at=at)
    held.save()
    _note(held, "devices.parent_not_reached", actor, at, submission, {"tries": held.tries})
    return held


@operation("devices.withhold_notice")
def withhold_notice(
    *, school: School, actor: User, at: datetime, notice: ParentNotice, because: str, submission: UUID | None = None
) -> ParentNotice:
    """Keep something from parents because telling would put a child at risk (A-11, SE-7), for a reason the DSL reads.

    Who may: the DSL and deputies (SET_DO_NOT_INFORM), under every preset. All that is open about the same stay is
    withheld with it, emails that have not gone are taken back, and the office sees only that the device is held. Raises
    `NoticeSettled` or `ReasonForParents`.
    """
    require(actor, Permission.SET_DO_NOT_INFORM, school)
    if not because:
        raise ReasonForParents("Say why a parent is not told. Only the DSL reads it.", rule="CNF-13")
    held = _held(school, notice)
    _refuse_settled(held)
    number = keep_from_parents(held, actor, at, because)
    _note(held, "devices.withhold_notice", actor, at, submission, {"notices": number})
    return held


def keep_from_parents(held: ParentNotice, actor: User, at: datetime, because: str) -> int:
    """Withhold a notice and all that is open about its stay, inside the caller's operation; how many these are."""
    others = _open_beside(held)
    for one in [held, *others]:
        one.withheld_at, one.withheld_by, one.withheld_because = at, actor, because
        if one.about == NoticeAbout.HELD:
            one.due_at = at  # no day is set on which the DSL is asked again
        one.stamp(by=actor, at=at)
        one.save()
    if held.custody_id is not None:
        _flag(held.custody_id, True, actor, at)
        sent = ParentNotice.objects.filter(custody=held.custody_id, email__isnull=False)
        withdraw_emails(school=held.school, keys=list(sent.values_list("email", flat=True)))
    return 1 + len(others)


@operation("devices.stop_withholding")
def stop_withholding(
    *, school: School, actor: User, at: datetime, notice: ParentNotice, submission: UUID | None = None
) -> ParentNotice:
    """Parents may be told after all: what was withheld of the stay is to be told now. Who may: the DSL and deputies."""
    require(actor, Permission.SET_DO_NOT_INFORM, school)
    held = _held(school, notice)
    if held.withheld_at is None:
        raise NothingWithheld("It is not kept from parents.", rule="CNF-13")
    if held.custody_id is None:
        _open_again([held], actor, at)
    else:
        tell_again(held.custody, actor, at)
        held.refresh_from_db()
    _note(held, "devices.stop_withholding", actor, at, submission, {})
    return held


def tell_again(stay: CustodyRecord | None, actor: User, at: datetime) -> None:
    """What was withheld of a stay is to be told now, inside the caller's operation."""
    if stay is None:
        return
    kept = ParentNotice.objects.select_for_update(of=("self",)).filter(custody=stay, withheld_at__isnull=False)
    _open_again(list(kept.select_related("school")), actor, at)
    _flag(stay.pk, False, actor, at)


def _open_again(kept: list[ParentNotice], actor: User, at: datetime) -> None:
    for one in kept:
        one.withheld_at, one.withheld_by, one.withheld_because = None, None, ""
        one.due_at = due_the_same_day(one.school, at)
        one.stamp(by=actor, at=at)
        one.save()


@operation("devices.drop_notice")
def drop_notice(
    *, school: School, actor: User, at: datetime, notice: ParentNotice, because: str, submission: UUID | None = None
) -> ParentNotice:
    """Decide that a parent need not be told, where the school's rules leave it open; kept with the reason (A-51).

    Who may: LEAD_CUSTODY. Judged by the rules of the day it came up. Raises `MustBeTold`, recorded, where the rules
    leave no choice, `NoticeSettled` or `ReasonForParents`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    held = _held(school, notice)
    _refuse_settled(held)
    if not may_be_dropped(held):
        raise MustBeTold("Parents are told of this, unless the DSL withholds it.", rule="parents_informed")
    if not because:
        raise ReasonForParents("Say why it is not appropriate to tell them.", rule="A-51")
    held.dropped_at, held.dropped_by, held.dropped_because = at, actor, because
    held.stamp(by=actor, at=at)
    held.save()
    _note(held, "devices.drop_notice", actor, at, submission, {})
    return held


def _held(school: School, notice: ParentNotice) -> ParentNotice:
    """The notice as it is now, held until the transaction ends."""
    found: ParentNotice = (
        ParentNotice.objects.select_for_update(of=("self",))
        .select_related("school", "pupil", "custody__school", "custody__pupil", "custody__device")
        .get(school=school, pk=notice.pk)
    )
    return found


def _to_tell(school: School, notice: ParentNotice, actor: User) -> ParentNotice:
    """The notice, for those who tell parents; of a search, for those who may see searches."""
    require(actor, Permission.RELEASE_DEVICE, school)
    held = _held(school, notice)
    if is_restricted(held):
        require(actor, Permission.VIEW_SEARCHES, school)
    _refuse_settled(held)
    if waits_for_dsl(held.custody):
        raise TheDslDecides(ASK_THE_DSL, rule="IM-6")
    return held


def _refuse_settled(held: ParentNotice) -> None:
    if held.is_open or (held.told_at is not None and email_failed(held)):
        return
    if held.told_at is not None and held.told_by is not None:
        raise NoticeSettled(f"{held.told_by.display_name} told them already.", rule="CNF-13")
    raise NoticeSettled("It was decided that they are not told.", rule="CNF-13")


def _open_beside(held: ParentNotice) -> list[ParentNotice]:
    """What else is to be told of the same stay."""
    if held.custody_id is None:
        return []
    beside = ParentNotice.objects.select_for_update().filter(
        custody=held.custody_id, told_at__isnull=True, withheld_at__isnull=True, dropped_at__isnull=True
    )
    return list(beside.exclude(pk=held.pk))


def _flag(custody_id: int, withheld: bool, actor: User, at: datetime) -> None:
    taken = Confiscation.objects.select_for_update().filter(custody=custody_id).first()
    if taken is not None and taken.withheld != withheld:
        taken.withheld = withheld
        taken.stamp(by=actor, at=at)
        taken.save()


def _note(
    held: ParentNotice, action: str, actor: User, at: datetime, submission: UUID | None, detail: dict[str, object]
) -> None:
    record(
        school=held.school,
        actor=actor,
        action=action,
        at=at,
        obj=held,
        submission=submission,
        detail={"about": held.about, "custody": held.custody_id, "search": held.search_id} | detail,
    )
