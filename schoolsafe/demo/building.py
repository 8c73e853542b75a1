"""Builds the demonstration: each school whole or not at all, by the operations that the pages call."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.urls import reverse
from django_scopes import scope

from core.kit.bulk import bulk_update
from core.notices.operations import notify
from core.people.calendar import LONDON, Calendar, london_day
from core.people.enums import Category
from core.people.models import School, User
from core.people.operations.accounts import invite_person
from core.people.operations.calendar import save_term, set_days, set_times
from core.people.operations.directory import add_body
from core.people.operations.roles import RoleWish, grant_role
from core.people.operations.school import NewPerson, change_profile, create_school, finish_set_up
from core.people.queries import holders_of, memberships_of, pupils_on_roll
from core.people.roles import Role
from core.roll.enums import ImportState, ProposalAnswer
from core.roll.operations import Sent, answer_proposal, apply_roll, run_roll_import, upload_roll
from core.roll.queries import open_proposals
from core.rules.operations import adopt_preset, announce_changes_of, change_rule
from devices.queries import uncollected
from schoolsafe.demo.agreements import write_agreements
from schoolsafe.demo.assets import write_assets
from schoolsafe.demo.calendar import TIMES, SchoolYear, school_year_around
from schoolsafe.demo.conduct import write_conduct
from schoolsafe.demo.consents import write_consents
from schoolsafe.demo.declared import write_declared
from schoolsafe.demo.deletions import write_deletions
from schoolsafe.demo.evidence import write_evidence
from schoolsafe.demo.guidance import name_the_procedures, write_guidance
from schoolsafe.demo.history import SCHOOL_DAYS, Crew, write_history
from schoolsafe.demo.incidents import write_incidents
from schoolsafe.demo.office import write_office
from schoolsafe.demo.papers import write_backgrounds, write_papers
from schoolsafe.demo.permissions import write_permissions
from schoolsafe.demo.register import agree_to_bring, fill_register, set_up_storage
from schoolsafe.demo.release import write_releases
from schoolsafe.demo.schools import (
    ASHGROVE,
    BARLEY_LANE,
    PASSWORD,
    PHONE_FREE_FROM,
    ROCHFORD_VALE,
    RUSHMERE,
    SCHOOLS,
    SHARED_AT,
    SHARED_PERSON,
    DemoSchool,
)
from schoolsafe.demo.searches import write_searches
from schoolsafe.demo.taken import write_taken

_SEED = "open for the day"
_ONE_AT_A_TIME = 7_260_418  # the advisory lock that two runs at once contend for
_EARLIER_RULES = "group-locked-storage"

Say = Callable[[str], None]


class NotTheDemonstration(Exception):
    """The database holds schools of its own."""


@dataclass(frozen=True)
class Dates:
    """When a demonstration school did what: all of it counted back from today."""

    today: date
    now: datetime
    year: SchoolYear
    set_up: date
    since: date

    def at(self, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
        """A time on the day the school was set up, or `days` later."""
        return datetime.combine(self.set_up + timedelta(days=days), time(hour, minute), LONDON)


def dates_around(now: datetime) -> Dates:
    """The week before the history begins is when the schools were set up."""
    today = london_day(now)
    year = school_year_around(today)
    calendar = Calendar(
        terms=tuple((first, last) for _name, first, last in year.terms),
        days={day.on: day.kind for day in year.odd_days},
        times=(),
    )
    set_up = calendar.last_school_days(today, SCHOOL_DAYS)[-1] - timedelta(days=7)
    return Dates(today, now, year, set_up, min(set_up, year.begins_on))


def is_made(plan: DemoSchool) -> bool:
    """Whether the school is there; it never is in part."""
    return School.objects.filter(name=plan.name, email=plan.profile["email"], set_up_at__isnull=False).exists()


def build(now: datetime, say: Say) -> list[str]:
    """Make the demonstration schools that are not there yet; returns the names of those made.

    Each school is one transaction, so a run that was stopped goes on with the school it was at. Raises
    `NotTheDemonstration` before anything is written where other schools live.
    """
    missing = [plan for plan in SCHOOLS if not is_made(plan)]
    if not missing:
        return []
    if School.objects.exclude(name__in=[plan.name for plan in SCHOOLS]).exists():
        raise NotTheDemonstration("This database holds schools of its own. The demonstration is not mixed with them.")
    dates = dates_around(now)
    made = []
    for plan in missing:
        begun = clock.monotonic()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
            if is_made(plan):  # by a second run, while this one waited
                continue
            _build_school(plan, dates, say)
        made.append(plan.name)
        say(f"{plan.name}: ready after {clock.monotonic() - begun:.0f} s")
    return made


def _build_school(plan: DemoSchool, dates: Dates, say: Say) -> None:
    rng = Random(f"{_SEED}: {plan.key}")
    school = _found(plan, dates)
    with scope(school=school):
        administrator = _person(plan, "administrator")
        _describe(school, plan, dates, administrator)
        say(f"{plan.name}: bringing in the roll")
        _bring_in_roll(school, plan, dates, administrator)
        _staff(school, plan, dates, administrator)
        _adjust_rules(school, plan, dates)
        office, head = _person(plan, "office"), _person(plan, "head")
        set_up_storage(school, plan, administrator=_person(plan, "administrator"), at=dates.at(13))
        devices = fill_register(school, plan, office=office, at=dates.at(14, days=1), rng=rng)
        if plan is BARLEY_LANE:
            agree_to_bring(school, devices, head=head, at=dates.at(15, days=1), until=_end_of_year(dates), rng=rng)
        name_the_procedures(school, head=head, at=dates.at(15, days=1))
        finish_set_up(school=school, actor=administrator, at=dates.at(16, days=1))
        pupils = pupils_on_roll(school, dates.today).count()
        say(f"{plan.name}: {pupils} pupils, {len(devices)} devices; three weeks at the desk")
        crew = Crew(office=(office, _person(plan, "reception")), decides=_person(plan, "deputy.head"))
        write_history(school, plan, devices, crew, today=dates.today, now=dates.now, rng=rng)
        write_office(school, crew, head=head, today=dates.today, now=dates.now, rng=rng)
        write_evidence(school, head=head, today=dates.today, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: held"))
        write_releases(
            school, head=head, today=dates.today, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: released")
        )
        write_searches(school, today=dates.today, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: searched"))
        write_taken(school, office=office, today=dates.today, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: taken"))
        write_deletions(school, head=head, today=dates.today, now=dates.now)
        write_backgrounds(school, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: groups"))
        write_papers(school, office=office, head=head, today=dates.today, now=dates.now)
        write_incidents(
            school, head=head, today=dates.today, now=dates.now, rng=Random(f"{_SEED}: {plan.key}: incidents")
        )
        write_guidance(school, head=head, today=dates.today, now=dates.now)
        write_permissions(school, head=head, today=dates.today, now=dates.now)
        write_conduct(school, office=office, head=head, today=dates.today, now=dates.now)
        write_agreements(school, office=office, head=head, today=dates.today, now=dates.now)
        write_consents(
            school,
            office=office,
            head=head,
            today=dates.today,
            now=dates.now,
            rng=Random(f"{_SEED}: {plan.key}: consents"),
        )
        write_assets(school, office=office, head=head, today=dates.today, now=dates.now)
        write_declared(school, office=office, head=head, today=dates.today, now=dates.now)
        _notices(school, plan, dates)


def _person(plan: DemoSchool, post: str) -> User:
    """Whoever holds the post, freshly read: what they may do is remembered on the object."""
    return User.objects.get(email=plan.email(post))


def _found(plan: DemoSchool, dates: Dates) -> School:
    """The school, its first administrator and its rules since before the history (ORG-15, ORG-16)."""
    at, since, first_preset = dates.at(9), dates.since, plan.preset
    if plan is ROCHFORD_VALE:
        began = min(PHONE_FREE_FROM - timedelta(days=51), dates.set_up - timedelta(days=60))
        at, since, first_preset = datetime.combine(began, time(9), LONDON), min(since, began), _EARLIER_RULES
    given, family, title = plan.administrator
    school = create_school(
        name=plan.name,
        phases=plan.phases,
        preset=first_preset,
        rules_from=since,
        demand_mfa=False,
        administrator=NewPerson(
            given, family, plan.email("administrator"), title=title, job_title="School Administrator"
        ),
        actor=None,
        at=at,
    )
    if plan is ROCHFORD_VALE:
        with scope(school=school):
            adopt_preset(
                school=school,
                actor=_person(plan, "administrator"),
                at=at + timedelta(days=8, hours=6),
                preset=plan.preset,
                effective_from=PHONE_FREE_FROM,
                reason="The trustees agreed that the school goes phone-free from the summer.",
            )
    return school


def _describe(school: School, plan: DemoSchool, dates: Dates, administrator: User) -> None:
    """Profile, calendar and directory (ORG-01, ORG-14, ORG-17)."""
    at = dates.at(9, 30)
    change_profile(school=school, actor=administrator, at=at, version=school.version, values=plan.profile)
    school.refresh_from_db()
    for name, first, last in dates.year.terms:
        save_term(school=school, actor=administrator, at=at, name=name, starts_on=first, ends_on=last)
    for day in dates.year.odd_days:
        set_days(school=school, actor=administrator, at=at, first=day.on, last=day.on, kind=day.kind, note=day.note)
    set_times(school=school, actor=administrator, at=at, effective_from=dates.since, times=TIMES)
    for body in plan.bodies:
        values = {
            "kind": body.kind,
            "name": body.name,
            "contact_role": body.contact_role,
            "phone": body.phone,
            "hours": body.hours,
        }
        add_body(school=school, actor=administrator, at=at, values=values)


def _bring_in_roll(school: School, plan: DemoSchool, dates: Dates, administrator: User) -> None:
    """Pupils, contacts and staff from the sample lists, by the real import (ORG-24)."""
    files = [Sent(path.name, path.read_bytes()) for path in plan.rolls]
    found = upload_roll(school=school, actor=administrator, at=dates.at(10), files=files, effective_on=dates.since)
    if found.state != ImportState.PREVIEWED:
        raise RuntimeError(f"The sample roll of {plan.name} was not recognised.")
    jobs = {str(job["title"]) for job in found.summary.get("jobs", [])}
    chosen = {title: [role.value for role in roles] for title, roles in plan.roles.items() if title in jobs}
    apply_roll(
        school=school,
        actor=administrator,
        at=dates.at(10, 10),
        roll_import=found,
        roles=chosen,
        without_problem_rows=True,
    )
    if not run_roll_import(import_id=found.pk, at=dates.at(10, 12)):
        raise RuntimeError(f"The sample roll of {plan.name} could not be brought in.")
    found.refresh_from_db()
    if found.state != ImportState.APPLIED:
        raise RuntimeError(f"The sample roll of {plan.name} stopped: {found.failure}")


def _staff(school: School, plan: DemoSchool, dates: Dates, administrator: User) -> None:
    """Roles for one phase, somebody from the neighbouring school, and the password that all of them share."""
    at = dates.at(11)
    for post, role, phase in plan.phase_roles:
        grant_role(
            school=school,
            actor=administrator,
            at=at,
            user=_person(plan, post),
            wish=RoleWish(role, phase=phase),
            starts_on=dates.since,
        )
    if plan is SHARED_AT:
        shared = User.objects.get(email=SHARED_PERSON)
        invite_person(
            school=school,
            actor=administrator,
            at=at,
            email=shared.email,
            given_name=shared.given_name,
            family_name=shared.family_name,
            category=Category.SUPPORT,
            job_title="School Office, afternoons",
            roles=[RoleWish(Role.OFFICE)],
        )
    people = [place.user for place in memberships_of(school) if not place.user.has_usable_password()]
    for person in people:
        person.password = _password()
    bulk_update(User, people, ["password"], by=None, at=at, reason="Password of the demonstration")


@cache
def _password() -> str:
    """The shared password as it is stored: hashed once, because a good hash is slow on purpose."""
    return make_password(PASSWORD)


def _adjust_rules(school: School, plan: DemoSchool, dates: Dates) -> None:
    """One school has moved away from its preset; another has decided a change that is still to come (NOT-22)."""
    head = _person(plan, "head")
    if plan is ASHGROVE:
        change_rule(
            school=school,
            actor=head,
            at=dates.at(12),
            key="handin_switched_off",
            value="advised",
            effective_from=dates.set_up,
            reason="Alarms kept going off in the cabinet. Staff remind pupils; nobody is turned away.",
        )
    if plan is RUSHMERE:
        change_rule(
            school=school,
            actor=head,
            at=dates.now - timedelta(days=1),
            key="handin_switched_off",
            value="required",
            effective_from=dates.today + timedelta(days=21),
            reason="Agreed with governors after a phone rang during collective worship.",
        )
        announce_changes_of(school=school, at=dates.now)


def _notices(school: School, plan: DemoSchool, dates: Dates) -> None:
    """What waits in inboxes: a device nobody fetched, and court-order notes of which the DSL has seen to one."""
    left = list(uncollected(school))
    if left:
        notify(
            school=school,
            recipients=holders_of(school, Role.OFFICE),
            kind="devices.uncollected",
            subject="1 device was not collected" if len(left) == 1 else f"{len(left)} devices were not collected",
            url=reverse("devices:uncollected", args=[school.slug]),
            at=left[-1].changed_at,
            dedupe_key=f"devices.uncollected.{left[-1].pk}",
            email=False,
        )
    if plan is BARLEY_LANE:
        answer_proposal(
            school=school,
            actor=_person(plan, "dsl"),
            at=dates.at(15, 30, days=1),
            proposal=open_proposals(school)[0],
            answer=ProposalAnswer.CONFIRMED,
        )


def _end_of_year(dates: Dates) -> date:
    """The last day of the school year that today is in."""
    year = dates.today.year + (1 if dates.today.month >= 9 else 0)
    return date(year, 8, 31)
