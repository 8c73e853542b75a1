"""Parents and carers to tell: what is due, whom, how an email fared, and what the rules leave open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from core.kit.times import moment
from core.notices.enums import MailState
from core.notices.queries import mail_states
from core.people.access import has
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.roll.queries import open_proposals
from core.rules.queries import for_school
from devices.enums import NoticeAbout, ReleasedAt, TakenBecause
from devices.models import Confiscation, CustodyRecord, EvidenceHold, ParentNotice
from devices.queries.taken.release import HELD_STATES, release_terms

_OPEN = Q(told_at__isnull=True, withheld_at__isnull=True, dropped_at__isnull=True)
_WITHHELD = Q(withheld_at__isnull=False) | Q(custody__confiscation__withheld=True)
# Told under every rule: to collect it they must know; the law has them told of a search or of force (SE-7, SE-13).
# That a device is held they are told because the DSL said so.
_ALWAYS = frozenset(
    {NoticeAbout.ESCALATED, NoticeAbout.SEARCH, NoticeAbout.FORCE, NoticeAbout.CLAIM_REFUSED, NoticeAbout.HELD}
)
_RESTRICTED = frozenset({NoticeAbout.SEARCH, NoticeAbout.FORCE})
_DELIVERY = {
    MailState.WAITING: "waits to be sent",
    MailState.FAILED: "not sent yet, it is tried again",
    MailState.SENT: "sent",
    MailState.DEAD: "not delivered: tell them another way",
    MailState.WITHDRAWN: "taken back before it went",
}


@dataclass(frozen=True)
class NoticeRow:
    """One notice as the list shows it."""

    notice: ParentNotice
    overdue: bool
    at_once: bool
    delivery: str
    failed: bool


def notices_visible_to(user: User, school: School) -> QuerySet[ParentNotice]:
    """What parents are to be told, and were: of a search, for those who may see searches; what the DSL withholds, for
    the DSL alone (CNF-13)."""
    found: QuerySet[ParentNotice] = ParentNotice.objects.filter(school=school).select_related(
        "pupil__form", "custody__device__type", "custody__pupil", "custody__school", "contact", "told_by",
        "withheld_by", "dropped_by", "search",
    )  # fmt: skip
    if not has(user, Permission.VIEW_SEARCHES, school):
        found = found.exclude(about__in=_RESTRICTED)
    if has(user, Permission.SET_DO_NOT_INFORM, school):
        return found
    return without_undecided(found).exclude(_WITHHELD)


def to_tell(notices: QuerySet[ParentNotice]) -> QuerySet[ParentNotice]:
    """Of these what nobody has been told yet, the longest due first."""
    return notices.filter(_OPEN).order_by("due_at", "id")


def told_lately(notices: QuerySet[ParentNotice], *, limit: int = 20) -> list[ParentNotice]:
    """Of these the last that were told, newest first."""
    return list(notices.filter(told_at__isnull=False).order_by("-told_at", "-id")[:limit])


def withheld(notices: QuerySet[ParentNotice]) -> QuerySet[ParentNotice]:
    """Of these what the DSL keeps from parents; a hold that ended leaves nothing to keep."""
    return notices.filter(withheld_at__isnull=False, dropped_at__isnull=True).order_by("-withheld_at", "-id")


def notices_overdue(school: School, at: datetime, *, of_searches: bool = True) -> QuerySet[ParentNotice]:
    """What parents should have been told by now; with or without what is about a search."""
    found: QuerySet[ParentNotice] = ParentNotice.objects.filter(_OPEN, school=school, due_at__lte=at)
    if not of_searches:
        found = found.exclude(about__in=_RESTRICTED)
    return without_undecided(found).exclude(_WITHHELD)


def without_undecided(notices: QuerySet[ParentNotice]) -> QuerySet[ParentNotice]:
    """Leaves out what is open about a device that is held, until the DSL says that a parent is told (law IM-6)."""
    open_while_held = _OPEN & Q(custody__state__in=HELD_STATES)
    return notices.filter(~open_while_held | Exists(_said_yes(OuterRef("custody"))))


def _said_yes(custody: OuterRef | int | None) -> QuerySet[ParentNotice]:
    """The notice by which the DSL let a parent be told of the hold that a stay is under, or was last."""
    last = EvidenceHold.objects.filter(custody=OuterRef("custody")).order_by("-pk").values("placed_at")[:1]
    found: QuerySet[ParentNotice] = ParentNotice.objects.filter(
        custody=custody, about=NoticeAbout.HELD, withheld_at__isnull=True, dropped_at__isnull=True,
        opened_at__gte=Subquery(last),
    )  # fmt: skip
    return found


def waits_for_dsl(stay: CustodyRecord | None) -> bool:
    """Whether a device is held, and the DSL has not said that a parent is told."""
    return stay is not None and stay.state in HELD_STATES and not _said_yes(stay.pk).exists()


def is_restricted(notice: ParentNotice) -> bool:
    """Whether it tells of a search or of force, which only some may see."""
    return notice.about in _RESTRICTED


def notice_rows(school: School, notices: Iterable[ParentNotice], at: datetime) -> list[NoticeRow]:
    """Each with its delivery state, in one statement for all of them."""
    listed = list(notices)
    states = mail_states(school, {one.email for one in listed if one.email is not None})
    return [
        NoticeRow(
            notice=one,
            overdue=one.is_open and one.due_at <= at,
            at_once=one.due_at <= one.opened_at,
            delivery=_DELIVERY.get(MailState(states[one.email]), "") if one.email in states else "",
            failed=states.get(one.email or 0) == MailState.DEAD,
        )
        for one in listed
    ]


def email_failed(notice: ParentNotice) -> bool:
    """Whether the email that told of it was given up or taken back, so that it is to be told again."""
    if notice.email is None:
        return False
    state = mail_states(notice.school, [notice.email]).get(notice.email)
    return state in (MailState.DEAD, MailState.WITHDRAWN)


def adults_to_tell(school: School, pupil: Pupil) -> list[Contact]:
    """Whom one may tell: nobody who must not be informed, and nobody about whom the DSL has yet to decide."""
    in_doubt = set(open_proposals(school).values_list("contact_id", flat=True))
    return [one for one in contacts_to_tell(school, [pupil.pk]).get(pupil.pk, []) if one.pk not in in_doubt]


def may_be_dropped(notice: ParentNotice) -> bool:
    """Whether the rules of the day leave it to a decision that a parent is not told (matrix A-51)."""
    if notice.about in _ALWAYS:
        return False
    rule = for_school(notice.school, on=london_day(notice.opened_at)).parents_informed
    if rule == "always":
        return False
    if rule == "direct_in_safeguarding":
        taken = Confiscation.objects.filter(custody=notice.custody_id).first() if notice.custody_id else None
        return not (taken and (taken.because == TakenBecause.SAFEGUARDING or taken.ground == "child_protection"))
    return True


def withheld_notice_of(custody: CustodyRecord | None) -> ParentNotice | None:
    """By which decision of the DSL a stay is kept from parents; None when it is not."""
    if custody is None or not Confiscation.objects.filter(custody=custody, withheld=True).exists():
        return None
    found: ParentNotice | None = (
        ParentNotice.objects.filter(custody=custody, withheld_at__isnull=False)
        .select_related("withheld_by")
        .order_by("-id")
        .first()
    )
    return found


def collecting_in_words(stay: CustodyRecord, at: datetime) -> str:
    """Who may collect a device and from when, without a name: fit for an email."""
    terms = release_terms(stay, at)
    if terms.held or terms.needs_decision:
        return "The school will say when it can be collected."
    since = terms.not_before
    when = f" from {moment(since, now=at)}" if since is not None and since > at else ""
    if terms.may_pupil:
        return f"It goes back to your child{when}."
    where = " from the school office" if terms.place == ReleasedAt.OFFICE else ""
    return f"An adult on the school’s list may collect it{where}{when}."
