"""Who may have a taken device back, from when and where; how often one was taken; what was decided and refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from core.kit.times import moment
from core.people.calendar import LONDON, Calendar, calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_to_tell
from core.rules.queries import for_school
from core.rules.words import words_for
from devices.enums import Claimant, DeviceOwner, EventKind, ReleasedAt, State
from devices.judgement import UNSPECIFIED
from devices.models import (
    Confiscation,
    CustodyEvent,
    CustodyRecord,
    Escalation,
    Release,
    ReleaseDecision,
    ReleaseRefusal,
)
from devices.workflow import TAKEN_STATES

PARENT_ONLY, PARENT_AT_OFFICE = "parent_only", "parent_end_of_day_office"
PUPIL_RULE = "pupil_end_of_day_unless_escalated"
PARENT_RULES = frozenset({PARENT_ONLY, PARENT_AT_OFFICE})
# Nobody gets a device that is one of these, whatever the rule on release is (CNF-10).
HELD_STATES = frozenset({State.EVIDENCE_HOLD, State.WITH_POLICE, State.BACK_FROM_POLICE})
_LISTED = ("custody__pupil__form", "custody__device__type", "custody__slot", "released_by")
ASK_THE_DSL = "Held. Ask the DSL."
WITHOUT_TERMS = timedelta(weeks=13)  # what counts as a term where the calendar has none


@dataclass(frozen=True)
class ReleaseTerms:
    """Who may collect one taken device, from when and where, by the rules of the day it was taken (CNF-04).

    `pupil_from` and `contacts_from` are None where the rules set no time. `needs_decision`: the rules do not say, and
    nobody has decided yet (matrix §0.3). `held`: nobody may have it now. `withheld`: the DSL keeps it from parents, and
    only the DSL or head may let it go. `who`, `when`, `where` and `why` say the same in words.
    """

    rule: str
    may_pupil: bool
    contacts: tuple[Contact, ...]
    pupil_from: datetime | None
    contacts_from: datetime | None
    place: str
    needs_decision: bool
    decision: ReleaseDecision | None
    escalation: Escalation | None
    held: bool
    withheld: bool
    who: str
    when: str
    where: str
    why: str

    @property
    def not_before(self) -> datetime | None:
        """From when it may go to whoever may have it first; None: from now."""
        return self.pupil_from if self.may_pupil else self.contacts_from


def release_terms(stay: CustodyRecord, at: datetime) -> ReleaseTerms:
    """Who may collect this device, from when and where, by the rules in force on the day it was taken."""
    return release_terms_of([stay], at)[stay.pk]


def release_terms_of(stays: Iterable[CustodyRecord], at: datetime) -> dict[int, ReleaseTerms]:
    """The same for many, by stay, in four statements; each stay with its school, pupil and device."""
    known = {stay.pk: stay for stay in stays}
    if not known:
        return {}
    school = next(iter(known.values())).school
    taken = {one.custody_id: one for one in Confiscation.objects.filter(custody__in=known)}
    escalations = {
        one.custody_id: one for one in Escalation.objects.filter(custody__in=known).select_related("decided_by")
    }
    decisions: dict[int, ReleaseDecision] = {}
    for decision in ReleaseDecision.objects.filter(custody__in=known).select_related("decided_by").order_by("id"):
        decisions[decision.custody_id] = decision
    adults = contacts_to_tell(school, {stay.pupil_id for stay in known.values()})
    return {
        key: _terms(
            stay,
            taken.get(key),
            escalations.get(key),
            decisions.get(key),
            tuple(one for one in adults.get(stay.pupil_id, []) if one.may_collect),
            at,
        )
        for key, stay in known.items()
    }


def _terms(
    stay: CustodyRecord,
    taken: Confiscation | None,
    escalation: Escalation | None,
    decision: ReleaseDecision | None,
    adults: tuple[Contact, ...],
    at: datetime,
) -> ReleaseTerms:
    school = stay.school
    day = london_day(taken.taken_at) if taken else stay.day
    rules = for_school(school, on=day)
    rule = taken.release_rule if taken else str(rules.release_rule)
    to_parent = rule in PARENT_RULES or stay.state == State.PARENT_COLLECTION
    open_question = rule == UNSPECIFIED and not to_parent
    if not open_question:
        decision = None
    ends = _end_of_day(calendar_for(school), (taken.expected_on if taken else None) or day)
    own = stay.device.owner == DeviceOwner.PUPIL
    if open_question:
        may_pupil = decision is not None and decision.to == Claimant.PUPIL
        contacts = adults if decision is not None and decision.to == Claimant.CONTACT else ()
        since = decision.not_before if decision else None
        pupil_from, contacts_from = (since, None) if may_pupil else (None, since)
    else:
        may_pupil, contacts = not to_parent and own, adults
        pupil_from = ends if may_pupil else None
        contacts_from = ends if rule == PARENT_AT_OFFICE else None
    place = ReleasedAt.OFFICE.value if rule == PARENT_AT_OFFICE else ""
    child = words_for(rules).child
    return ReleaseTerms(
        rule=rule,
        may_pupil=may_pupil,
        contacts=contacts,
        pupil_from=pupil_from,
        contacts_from=contacts_from,
        place=place,
        needs_decision=open_question and decision is None,
        decision=decision,
        escalation=escalation,
        held=State(stay.state) in HELD_STATES,
        withheld=bool(taken and taken.withheld),
        who=_who(child, may_pupil, bool(contacts), adults, open_question and decision is None),
        when=_when(child, may_pupil, pupil_from, contacts_from, bool(contacts), at),
        where="At the school office." if place else "Anywhere at school; say where.",
        why=_why(child, rule, stay, escalation, decision, at),
    )


def _end_of_day(calendar: Calendar, day: date) -> datetime | None:
    """The end of a school day; on another day there is none to wait for."""
    return calendar.at(day, DayTimeKey.END_OF_DAY) if calendar.is_school_day(day) else None


def _who(child: str, may_pupil: bool, to_adults: bool, adults: tuple[Contact, ...], undecided: bool) -> str:
    if undecided:
        return "The school’s rules do not say. The head, a senior leader or the DSL decides first."
    names = ", ".join(f"{one.display_name} ({(one.relationship or 'contact').lower()})" for one in adults)
    if may_pupil:
        return f"The {child}{', or ' + names if to_adults and names else ''}."
    return f"{names}." if names else "Nobody on the record may collect. Ask the DSL."


def _when(
    child: str,
    may_pupil: bool,
    pupil_from: datetime | None,
    contacts_from: datetime | None,
    to_adults: bool,
    at: datetime,
) -> str:
    since = pupil_from if may_pupil else contacts_from
    if since is None or since <= at:
        return "Now."
    said = f"From {moment(since, now=at)}."
    if may_pupil and to_adults and contacts_from is None:
        return f"The {child} from {moment(since, now=at)}; an adult on the list now."
    return said


def _why(
    child: str,
    rule: str,
    stay: CustodyRecord,
    escalation: Escalation | None,
    decision: ReleaseDecision | None,
    at: datetime,
) -> str:
    """The sentence a member of staff can say aloud at the desk."""
    belongs = ""
    if stay.device.owner != DeviceOwner.PUPIL:
        belongs = f" It belongs to {stay.device.get_owner_display().lower()}, so it does not go to the {child}."
    if escalation is not None:
        return (
            f"{escalation.decided_by.display_name} decided {moment(escalation.decided_at, now=at)} that a parent or "
            f"carer collects: {escalation.get_trigger_display().lower()}."
        )
    if rule == PARENT_ONLY:
        return "The rule on the day it was taken: a parent or carer only."
    if rule == PARENT_AT_OFFICE:
        return "The rule on the day it was taken: a parent or carer, from the office, at the end of the day."
    if stay.state == State.PARENT_COLLECTION:
        return "It was decided that a parent or carer collects it."
    if rule == PUPIL_RULE:
        said = f"The rule on the day it was taken: the {child}, at the end of the day, unless a parent must collect."
        return said + belongs
    if decision is not None:
        return (
            f"{decision.decided_by.display_name} decided {moment(decision.decided_at, now=at)}: "
            f"{decision.get_to_display().lower()}. {decision.reason}"
        )
    return "The rules on the day it was taken do not say who may collect it." + belongs


# --- How often a pupil's devices were taken ---------------------------------------------------------------------------


@dataclass(frozen=True)
class RepeatCount:
    """How often devices of a pupil were taken since `since`; `proposes`: the rule's number is reached. A person
    decides (CNF-07, matrix A-43)."""

    count: int
    threshold: int | None
    since: date
    window: str
    proposes: bool

    @property
    def sentence(self) -> str:
        """In words, without a judgement."""
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"Taken {times} {self.window}."


def repeat_count(pupil: Pupil, at: datetime) -> RepeatCount:
    """Takings within the rule's window up to a moment, those corrected away left out. Proposes, never decides."""
    school, day = pupil.school, london_day(at)
    rules = for_school(school, on=day)
    since, window = repeat_window(calendar_for(school), rules.repeat_window, day)
    count = (
        Confiscation.objects.filter(pupil=pupil, custody__voided=False, taken_at__lte=at)
        .filter(taken_at__gte=datetime.combine(since, time.min, LONDON))
        .count()
    )
    threshold = rules.repeat_threshold if isinstance(rules.repeat_threshold, int) else None
    return RepeatCount(count, threshold, since, window, threshold is not None and count >= threshold)


def repeat_window(calendar: Calendar, rule: object, day: date) -> tuple[date, str]:
    """From which day something counts as repeated, and how that is said. Where the rule is silent or does not apply, a
    term counts."""
    if isinstance(rule, int):
        return day - timedelta(days=rule), f"in {rule} days"
    begun = [first for first, _last in calendar.terms if first <= day]
    if begun:
        return max(begun), "this term"
    return day - WITHOUT_TERMS, "in 13 weeks"


# --- What was decided, refused and released ---------------------------------------------------------------------------


def taken_now(school: School) -> QuerySet[CustodyRecord]:
    """Every taken device that the school has, oldest first; those held as evidence too."""
    found: QuerySet[CustodyRecord] = CustodyRecord.objects.filter(
        school=school, closed_at__isnull=True, state__in=[*TAKEN_STATES, *HELD_STATES]
    )
    return found.select_related("school", "device__type", "pupil__form", "place", "slot").order_by("opened_at", "id")


def is_taken(stay: CustodyRecord) -> bool:
    """Whether this is a taken device, here or gone, and not one handed in by arrangement."""
    states = {*TAKEN_STATES, *HELD_STATES, State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT}
    return State(stay.state) in states


def releases_of(stay: CustodyRecord) -> list[Release]:
    """Every release of a stay, newest first, those undone left out with what undid them."""
    undoing = Release.objects.filter(undone=OuterRef("pk"))
    return list(
        Release.objects.filter(~Exists(undoing), custody=stay, undone__isnull=True).select_related("released_by")
    )


def releases_visible_to(user: User, school: School) -> QuerySet[Release]:
    """Releases of the school; the page's permission says who may look."""
    found: QuerySet[Release] = Release.objects.filter(school=school, undone__isnull=True)
    return found.select_related(*_LISTED)


def is_undone(release: Release) -> bool:
    """Whether a correction said that this release did not happen."""
    return Release.objects.filter(undone=release).exists()


def release_event_of(stay: CustodyRecord) -> CustodyEvent | None:
    """The event of the latest release."""
    found: CustodyEvent | None = (
        CustodyEvent.objects.filter(custody=stay, kind=EventKind.RELEASE).order_by("-id").first()
    )
    return found


def release_refusals_of(stay: CustodyRecord) -> list[ReleaseRefusal]:
    """Who asked for the device and did not get it, newest first."""
    return list(ReleaseRefusal.objects.filter(custody=stay).select_related("refused_by"))


def decisions_of(stay: CustodyRecord) -> list[ReleaseDecision]:
    """What was decided about the release, newest first: the first one counts."""
    return list(ReleaseDecision.objects.filter(custody=stay).select_related("decided_by"))


def confiscation_of(stay: CustodyRecord) -> Confiscation | None:
    """Why and how a device was taken; None for one that was handed in by arrangement."""
    found: Confiscation | None = Confiscation.objects.filter(custody=stay).select_related("taken_by", "pupil").first()
    return found


def released_lately(school: School, *, limit: int = 8) -> list[Release]:
    """The last releases, newest first; those undone left out."""
    undoing = Release.objects.filter(undone=OuterRef("pk"))
    found = Release.objects.filter(~Exists(undoing), school=school, undone__isnull=True)
    return list(found.select_related(*_LISTED)[:limit])
