"""Taken devices that went back, or did not, in the demonstration; and what parents were told of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from core.kit.refusals import Refusal
from core.people.calendar import LONDON, calendar_for
from core.people.models import Contact, School, User
from core.people.queries import contacts_of, holders_of
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school
from devices import operations
from devices.enums import Claimant, EscalationTrigger, LossKind, MarkKind, NoticeAbout, TakenBecause, ToldHow
from devices.models import CustodyRecord, ParentNotice, PupilDevice, Release
from devices.queries.taken import ground_choices, release_terms
from schoolsafe.demo.evidence import freed, spare_device

_DAYS = 7
_WHOLE: dict[str, Any] = {
    "identity": "known",
    "condition": "No damage seen",
    "place": "office",
    "signed": "initials",
    "initials": "AB",
}
_SEEN = (
    "Filmed another pupil at the lockers.",
    "Sent messages in the lesson, twice.",
    "Played a game behind a book.",
    "Had it out in the dining hall.",
    "It rang in assembly and was answered.",
)


def write_releases(school: School, *, head: User, today: date, now: datetime, rng: Random) -> None:
    """Seven takings of the last days: lost at the school, given back, given back in error and then fetched by a parent,
    claimed by a friend, decided on or escalated, withheld by the DSL, and one of which a parent is still to be told.

    Where the rules know no ground but a suspected image, each was held first, and the DSL lifted the hold.
    """
    people = {
        role: holders_of(school, role, on=today).first() or head
        for role in (Role.OFFICE, Role.TEACHER, Role.SLT, Role.DSL)
    }
    days = calendar_for(school).last_school_days(today, _DAYS)[::-1]
    used: set[int] = set()
    for day, further in zip(days, (_lose, _give_back, _correct, _refuse, _lead, _withhold, _wait), strict=False):
        at = datetime.combine(day, time(11, rng.randrange(5, 55)), LONDON)
        because = TakenBecause.NOT_HANDED_IN if further in (_refuse, _wait) else TakenBecause.USED_IN_DAY
        if further is _lose:  # on the way in, before anything is to be handed in
            at = at.replace(hour=8, minute=at.minute // 4)
        begins = datetime.combine(day, time(0), LONDON)
        device = spare_device(school, begins, used, rng) or spare_device(school, begins, used, rng, only_phones=False)
        if device is None:  # all of them are handed in each day: at the gate, once they have gone back
            at, because = datetime.combine(days[-1], time(15, 45), LONDON), TakenBecause.USED_IN_DAY
            device = spare_device(school, at, used, rng)
        if device is None or at + timedelta(hours=5) > now:
            continue
        used.add(device.pk)
        if further is _lead:  # who had leave to keep it, and filmed with it
            operations.mark_day(
                school=school, actor=people[Role.OFFICE], at=at - timedelta(minutes=5), pupil=device.pupil,
                kind=MarkKind.PERMITTED, day=at.date(),
            )  # fmt: skip
        seen, ground = rng.choice(_SEEN), _ordinary_ground(school, day)
        stay = (
            _taken(school, people[Role.TEACHER], device, at, ground, seen, because)
            if ground
            else freed(school, people[Role.TEACHER], people[Role.DSL], device, at)
        )
        further(stay, people, max(at.replace(hour=15, minute=25), stay.changed_at + timedelta(minutes=5)))


def _ordinary_ground(school: School, day: date) -> str:
    """On what ground a teacher takes a device that was used; nothing where the rules name none for that."""
    grounds = [key for key, _label in ground_choices(for_school(school, on=day))]
    if not grounds:
        return "Used in the lesson after being asked to put it away."
    return next((key for key in ("behaviour", "any_school_or_group_policy") if key in grounds), "")


def _taken(
    school: School, teacher: User, device: PupilDevice, at: datetime, ground: str, seen: str, because: TakenBecause
) -> CustodyRecord:
    stay: CustodyRecord = operations.taken.take_device(
        school=school,
        actor=teacher,
        at=at,
        pupil=device.pupil,
        device=device,
        ground=ground,
        because=because,
        seen=seen,
        where="Main corridor",
        switched_off=True,
        circumstances_weighed=True,
    )
    return stay


def _collector(stay: CustodyRecord) -> Contact | None:
    return next((one for one in contacts_of(stay.pupil) if one.may_collect), None)


def _notice(stay: CustodyRecord, about: NoticeAbout) -> ParentNotice | None:
    found: ParentNotice | None = ParentNotice.objects.filter(custody=stay, about=about).first()
    return found if found is not None and found.is_open else None


def _tell(stay: CustodyRecord, people: dict[Role, User], at: datetime, about: NoticeAbout) -> None:
    notice, adult = _notice(stay, about), _collector(stay)
    if notice is None or adult is None:
        return
    how = ToldHow.EMAIL if adult.email else ToldHow.PHONE
    operations.taken.tell_parent(
        school=stay.school, actor=people[Role.OFFICE], at=at, notice=notice, contact=adult, how=how,
        message="The school has a device and keeps it safe. We said when it can be collected.",
    )  # fmt: skip


def _decide_if_asked(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    if release_terms(stay, at).needs_decision:
        operations.taken.decide_release(
            school=stay.school, actor=people[Role.SLT], at=at, custody=stay, to=Claimant.PUPIL, not_before=at,
            reason="The first time; the pupil has said how it came about.",
        )  # fmt: skip


def _give_back(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """To whom the rules, or the decision, allow; a parent was told."""
    _tell(stay, people, at, NoticeAbout.TAKEN)
    _decide_if_asked(stay, people, at)
    to_pupil = release_terms(stay, at).may_pupil
    adult = None if to_pupil else _collector(stay)
    if not to_pupil and adult is None:
        return
    operations.taken.release_device(
        school=stay.school, actor=people[Role.OFFICE], at=at + timedelta(minutes=10), custody=stay,
        to=Claimant.PUPIL if to_pupil else Claimant.CONTACT, contact=adult, **_WHOLE,
    )  # fmt: skip


def _lose(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """It was not there when it was to go back, and is looked for."""
    _tell(stay, people, at, NoticeAbout.TAKEN)
    operations.report_loss(
        school=stay.school, actor=people[Role.OFFICE], at=at, custody=stay, kind=LossKind.LOST, noticed_at=at,
        told_by="The office", account="It was not in the safe when it was to go back.",
    )  # fmt: skip


def _correct(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """Written down as collected, which it was not; a leader corrected that, and a parent came for it."""
    _give_back(stay, people, at)
    release = Release.objects.filter(custody=stay).first()
    if release is None:
        return
    operations.taken.undo_release(
        school=stay.school, actor=people[Role.SLT], at=at + timedelta(minutes=15), release=release,
        note="Written down for the wrong pupil. The device was here all the time.",
    )  # fmt: skip
    stay.refresh_from_db()
    _lead(stay, people, at + timedelta(minutes=18))
    stay.refresh_from_db()
    _give_back(stay, people, at + timedelta(minutes=20))


def _refuse(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """A friend came for it, and it stays on record that they asked."""
    _tell(stay, people, at, NoticeAbout.TAKEN)
    try:
        operations.taken.release_device(
            school=stay.school, actor=people[Role.OFFICE], at=at, custody=stay, to=Claimant.FRIEND,
            claimant_name="A friend from the same form",
        )  # fmt: skip
    except Refusal:
        return


def _lead(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """Escalated to a parent, where the rules know that or are silent."""
    rules = for_school(stay.school, on=at.date())
    _tell(stay, people, at, NoticeAbout.TAKEN)
    if rules.release_rule in (UNSPECIFIED, "pupil_end_of_day_unless_escalated"):
        operations.taken.escalate(
            school=stay.school, actor=people[Role.SLT], at=at, custody=stay, trigger=EscalationTrigger.SERIOUS_MISUSE,
            reason="Another pupil was filmed.",
        )  # fmt: skip


def _withhold(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """The DSL keeps it from parents."""
    notice = _notice(stay, NoticeAbout.TAKEN)
    if notice is not None:
        operations.taken.withhold_notice(
            school=stay.school, actor=people[Role.DSL], at=at, notice=notice, because="The DSL has spoken to the pupil."
        )


def _wait(stay: CustodyRecord, people: dict[Role, User], at: datetime) -> None:
    """Tried once, and still to be told."""
    notice = _notice(stay, NoticeAbout.TAKEN)
    if notice is not None:
        operations.taken.parent_not_reached(school=stay.school, actor=people[Role.OFFICE], at=at, notice=notice)
