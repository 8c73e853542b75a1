"""What a search sets off: the DSL and deputies hear of it, urgently where it shows a risk, and parents are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import Pupil, School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import HEAD_ROLES, Role
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import ItemClass, NoticeAbout
from devices.models import SearchRecord
from devices.operations.searches.refusals import TellDslUndecided
from devices.operations.taken.parents import open_notice
from devices.queries.searches.searchers import may_decide

_MINUTES = 15  # NOT-06


@dataclass(frozen=True)
class Told:
    """What a person decided where the rule on telling the DSL is silent."""

    tell: bool | None = None
    because: str = ""


def search_url(search: SearchRecord) -> str:
    """The page of one search."""
    return reverse("devices:search", args=[search.school.slug, search.pk])


def safeguarding(school: School, pupil: Pupil) -> list[User]:
    """The DSLs of the pupil's phase and every deputy; the head where there are none."""
    people = [*dsls_for(school, pupil.phase), *deputies_for(school)]
    return people or list(holders_of(school, *HEAD_ROLES))


def dsl_hears(search: SearchRecord, on: date) -> bool | None:
    """Whether the DSL hears of a made search by law and by the rules of a day; None: they do not say (SEA-07, SE-6)."""
    if search.risk or (search.item is not None and search.item.item_class == ItemClass.STATUTORY):
        return True
    rule = for_school(search.school, on=on).search_dsl_notice
    if rule == UNSPECIFIED:
        return None
    return bool(rule == "every_prohibited_item_search" and search.item is not None)


def on_completion(search: SearchRecord, *, actor: User, at: datetime, decided: Told) -> str:
    """Tell the DSL as law and rules say, and open the parents' notice; returns which notice went to the DSL."""
    hears = dsl_hears(search, london_day(at))
    if hears is None:
        hears = _decision(search, actor, at, decided)
    told = ""
    if search.risk:
        told = "urgent"
        _tell_of_risk(search, at)
    elif hears:
        told = "ordinary"
        notify(
            school=search.school,
            recipients=safeguarding(search.school, search.pupil),
            kind="devices.search",
            subject="A search was made",
            body="Look at whether it shows a wider risk. The page says what was looked for and found.",
            url=search_url(search),
            at=at,
            dedupe_key=f"devices.search.{search.pk}",
        )
    open_notice(
        school=search.school,
        actor=actor,
        at=at,
        about=NoticeAbout.SEARCH,
        pupil=search.pupil,
        custody=search.custody,
        search=search,
    )
    return told


def _decision(search: SearchRecord, actor: User, at: datetime, decided: Told) -> bool:
    if decided.tell is None:
        raise TellDslUndecided(
            "Your school’s rules do not say whether the DSL hears of it. Decide, and say why.",
            rule="search_dsl_notice",
            field="tell_dsl",
        )
    if not decided.tell and not may_decide(actor, search.school):
        raise TellDslUndecided(
            "Only the head, a senior leader or the DSL decides that the DSL is not told.",
            rule="search_dsl_notice",
            field="tell_dsl",
        )
    if not decided.because:
        raise TellDslUndecided("Say why.", rule="search_dsl_notice")
    record_decision(
        school=search.school,
        actor=actor,
        at=at,
        key="search_dsl_notice",
        question="Does the DSL hear of this search?",
        decision="Yes" if decided.tell else "No",
        reason=decided.because,
        subject=search,
    )
    return decided.tell


def _tell_of_risk(search: SearchRecord, at: datetime) -> None:
    """Urgent, to be acknowledged: within 15 minutes, or where the rule says so by the close of the office (NOT-06)."""
    notify(
        school=search.school,
        recipients=safeguarding(search.school, search.pupil),
        kind="devices.search_risk",
        urgent=True,
        subject="A search shows a safeguarding risk",
        body="The page says what was found and what was done. If a child is in danger now, act first.",
        url=search_url(search),
        at=at,
        dedupe_key=f"devices.search.{search.pk}.risk",
        escalate_to=Role.HEADTEACHER,
        escalate_after_minutes=risk_minutes(search.school, at),
    )


def risk_minutes(school: School, at: datetime) -> int:
    """How long an urgent notice of a risk waits before it is passed on, by `search_dsl_risk_timing` (SEA-08)."""
    day = london_day(at)
    close = calendar_for(school).at(day, DayTimeKey.OFFICE_CLOSE)
    if for_school(school, on=day).search_dsl_risk_timing != "same_day" or close is None or close <= at:
        return _MINUTES
    return max(int((close - at) / timedelta(minutes=1)), _MINUTES)


def tell_stopped(search: SearchRecord, *, at: datetime) -> None:
    """Tell the DSL at once that a search was stopped (matrix §4.2)."""
    notify(
        school=search.school,
        recipients=safeguarding(search.school, search.pupil),
        kind="devices.search_stopped",
        urgent=True,
        subject="A search was stopped: act now",
        body="Nobody looks at the device. The page says where it is.",
        url=search_url(search),
        at=at,
        dedupe_key=f"devices.search.{search.pk}.stopped",
        escalate_to=Role.HEADTEACHER,
        escalate_after_minutes=_MINUTES,
    )
