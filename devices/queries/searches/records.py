"""Searches as they are read: those a person may see, one with its whole course, and what waits to be done."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core.people.access import has
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import SearchState
from devices.models import (
    Confiscation,
    CustodyRecord,
    DeletionRecord,
    ParentNotice,
    PoliceSearch,
    ScreeningSession,
    SearchConsent,
    SearchEvent,
    SearchFinding,
    SearchRecord,
    UseOfForce,
)

MADE = (
    SearchState.COMPLETED_NOTHING,
    SearchState.COMPLETED_FOUND,
    SearchState.FOLLOWED_UP,
    SearchState.CLOSED,
)
UNDER_WAY = (
    SearchState.DRAFT,
    SearchState.AUTHORISED,
    SearchState.CONSENT_PENDING,
    SearchState.GROUNDS_STATED,
    SearchState.IN_PROGRESS,
)
_BESIDE = ("pupil__form", "item", "searcher", "opened_by", "custody__device__type", "authorisation")


def searches_visible_to(user: User, school: School) -> QuerySet[SearchRecord]:
    """Every search for whoever may read them; for others those they make or opened. Newest first."""
    found: QuerySet[SearchRecord] = SearchRecord.objects.filter(school=school).select_related(*_BESIDE)
    if has(user, Permission.VIEW_SEARCHES, school):
        return found
    return found.filter(Q(searcher=user) | Q(opened_by=user))


def searches_in_hand(user: User, school: School) -> QuerySet[SearchRecord]:
    """The searches that a person makes, which only they go on with."""
    return searches_visible_to(user, school).filter(Q(searcher=user) | Q(opened_by=user))


def searches_to_follow_up(school: School) -> QuerySet[SearchRecord]:
    """What the DSL still has to look at or to close, the oldest first (law SE-9)."""
    found: QuerySet[SearchRecord] = SearchRecord.objects.filter(
        school=school,
        state__in=[SearchState.COMPLETED_NOTHING, SearchState.COMPLETED_FOUND, SearchState.FOLLOWED_UP],
    )
    return found.select_related(*_BESIDE).order_by("completed_at", "id")


def searches_under_way(user: User, school: School) -> QuerySet[SearchRecord]:
    """What a person has begun and not completed."""
    return searches_in_hand(user, school).filter(state__in=UNDER_WAY)


def searches_to_decide(school: School) -> QuerySet[SearchRecord]:
    """Searches that ended because consent was refused, and nobody has said what is done (SEA-15)."""
    found: QuerySet[SearchRecord] = SearchRecord.objects.filter(
        school=school, state=SearchState.ENDED_REFUSED, next_step=""
    )
    return found


def last_consent(search: SearchRecord) -> SearchConsent | None:
    """The latest answer to the question for consent."""
    return consents_of(search).first()


def consents_of(search: SearchRecord) -> QuerySet[SearchConsent]:
    """Every answer, the latest first."""
    found: QuerySet[SearchConsent] = SearchConsent.objects.filter(search=search)
    return found.select_related("contact", "taken_by").order_by("-answered_at", "-id")


def findings_of(search: SearchRecord) -> QuerySet[SearchFinding]:
    """What was found, in the order it was written down."""
    found: QuerySet[SearchFinding] = SearchFinding.objects.filter(search=search)
    return found.select_related("decided_by")


def search_events(search: SearchRecord) -> QuerySet[SearchEvent]:
    """The course of a search, step by step."""
    found: QuerySet[SearchEvent] = SearchEvent.objects.filter(search=search)
    return found.select_related("by")


def force_of(search: SearchRecord) -> UseOfForce | None:
    """The record of force used in a search (law SE-13)."""
    return UseOfForce.objects.filter(search=search).select_related("recorded_by").first()


def force_visible_to(user: User, school: School) -> QuerySet[UseOfForce]:
    """Records of force: all for whoever reads searches, for others those they wrote."""
    found: QuerySet[UseOfForce] = UseOfForce.objects.filter(school=school)
    found = found.select_related("pupil__form", "search", "confiscation", "recorded_by")
    return found if has(user, Permission.VIEW_SEARCHES, school) else found.filter(recorded_by=user)


def seizures_visible_to(user: User, school: School) -> QuerySet[Confiscation]:
    """Takings to which force may be added: one's own, or any for whoever reads searches."""
    found: QuerySet[Confiscation] = Confiscation.objects.filter(school=school)
    found = found.select_related("pupil__form", "custody__device__type", "taken_by")
    return found if has(user, Permission.VIEW_SEARCHES, school) else found.filter(taken_by=user)


def deletions_visible_to(user: User, school: School, *, decides: bool = False) -> QuerySet[DeletionRecord]:
    """Deletions: all for whoever reads searches or `decides` about them, for others those they had to do with."""
    found: QuerySet[DeletionRecord] = DeletionRecord.objects.filter(school=school)
    found = found.select_related(
        "custody__pupil__form", "custody__device__type", "search", "requested_by", "decided_by", "done_by"
    )
    if decides or has(user, Permission.VIEW_SEARCHES, school):
        return found
    return found.filter(Q(requested_by=user) | Q(decided_by=user) | Q(done_by=user))


def searched_devices(school: School) -> QuerySet[CustodyRecord]:
    """The devices that the school has now: what is on them is searched or deleted only while it does (law EX-1)."""
    found: QuerySet[CustodyRecord] = CustodyRecord.objects.filter(school=school, closed_at__isnull=True)
    return found.select_related("pupil__form", "device__type", "place", "slot")


def police_searches(school: School) -> QuerySet[PoliceSearch]:
    """Searches that the police made in school, newest first (law SE-11)."""
    found: QuerySet[PoliceSearch] = PoliceSearch.objects.filter(school=school)
    return found.select_related("pupil__form", "called_by", "recorded_by")


def screenings(school: School) -> QuerySet[ScreeningSession]:
    """Sessions of screening, newest first; none names a pupil (law SE-12)."""
    found: QuerySet[ScreeningSession] = ScreeningSession.objects.filter(school=school)
    return found.select_related("recorded_by")


def search_notices(search: SearchRecord) -> QuerySet[ParentNotice]:
    """What parents are to be told of a search, and whether they were (law SE-7)."""
    found: QuerySet[ParentNotice] = ParentNotice.objects.filter(search=search)
    return found.select_related("contact", "told_by", "withheld_by", "dropped_by")


def search_of_device(user: User, stay: CustodyRecord) -> SearchRecord | None:
    """The latest search of what is on a device that the school has, if this person may read it."""
    return searches_visible_to(user, stay.school).filter(custody=stay, started_at__isnull=False).first()
