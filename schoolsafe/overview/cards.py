"""What needs a person now, as cards: each composed from an app's queries, each able to fail alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from core.kit.times import clock, day, moment
from core.notices.queries import service_state, unread_count, urgent_open
from core.people.access import has, holds
from core.people.hooks import rules_on
from core.people.models import School, User
from core.people.queries import role_gaps
from core.people.roles import DSL_ROLES, Permission, Role
from core.roll.queries import open_proposals, running_import
from core.rules.queries import future_changes, unspecified_keys
from devices.queries import day_totals, handin_types, not_seen, uncollected
from schoolsafe.overview.navigation import open_url
from schoolsafe.overview.queries import (
    forms_tutored_by,
    named_roles,
    refusals_since,
    rules_last_changed,
    without_second_step,
)

log = logging.getLogger(__name__)

FEW = 5  # a smaller number could point at a child (ux §5, Governors)
_SHOWN = 12

GOVERNING = frozenset(
    {
        Role.GOVERNOR,
        Role.SAFEGUARDING_GOVERNOR,
        Role.ONLINE_SAFETY_HOLDER,
        Role.GROUP_SAFEGUARDING_HEAD,
        Role.REGIONAL_DIRECTOR,
    }
)


@dataclass(frozen=True)
class Viewer:
    """Who looks at the home page of which school, and when."""

    user: User
    school: School
    now: datetime
    today: date

    def may(self, permission: Permission) -> bool:
        return has(self.user, permission, self.school)

    def holds(self, *roles: Role) -> bool:
        return holds(self.user, self.school, *roles)

    def url(self, name: str) -> str:
        """A page's address if this person may open it."""
        return open_url(name, self.user, self.school)


@dataclass(frozen=True)
class Card:
    """One panel of a home page. Without counters, tasks or facts it shows `done`: nothing needs this person."""

    title: str
    counters: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    done: str = "Nothing needs you here."
    links: list[dict[str, str]] = field(default_factory=list)
    checked_at: str = ""
    key: str = ""
    is_broken: bool = False

    @property
    def is_done(self) -> bool:
        return not (self.is_broken or self.counters or self.tasks or self.facts)


Provider = Callable[[Viewer], Card | None]


def cards_for(viewer: Viewer) -> list[Card]:
    """The cards of a person's roles, most urgent first. One that breaks says so and leaves the others standing."""
    found: list[Card] = []
    for title, provider in PROVIDERS:
        try:
            with transaction.atomic():
                card = provider(viewer)
        except Exception as error:
            log.error("The home page could not show %s: %s", provider.__name__, type(error).__name__)
            card = Card(title=title, is_broken=True)
        if card is not None:
            found.append(_stamped(card, key=provider.__name__, at=viewer.now))
    return found


def _stamped(card: Card, *, key: str, at: datetime) -> Card:
    return Card(**{**card.__dict__, "key": key.replace("_", "-"), "checked_at": clock(at)})


def _links(viewer: Viewer, *wanted: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "url": url} for name, label in wanted if (url := viewer.url(name))]


def _how_many(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def urgent_notices(viewer: Viewer) -> Card | None:
    """For everybody when there are any; for DSLs and deputies always, so that none is seen to be none."""
    urgent = urgent_open(viewer.user, viewer.school)
    if not urgent and not viewer.holds(*DSL_ROLES):
        return None
    inbox = viewer.url("notices:inbox")
    return Card(
        title="Urgent notices",
        tasks=[
            {
                "label": notice.subject,
                "url": f"{inbox}{notice.pk}/",
                "hint": f"Since {moment(notice.created_at, viewer.now)}",
                "kind": "stop",
                "word": "Acknowledge",
            }
            for notice in urgent[:_SHOWN]
        ],
        done="No urgent notice waits for you.",
        links=_links(viewer, ("notices:inbox", "Open your inbox")),
    )


def desk_today(viewer: Viewer) -> Card | None:
    """Office and whoever else takes devices in: how the day stands."""
    if not viewer.may(Permission.VIEW_REGISTER) or not viewer.may(Permission.LOG_CUSTODY):
        return None
    types = handin_types(viewer.school, viewer.today)
    totals = day_totals(viewer.school, viewer.today, handin_types=types)
    return Card(
        title="Devices today",
        counters=[
            {"label": "Handed in", "value": totals.handed_in, "of": totals.expected or None, "kind": "ok"},
            {"label": "No device today", "value": totals.none_today, "kind": "neutral"},
            {"label": "Not seen", "value": totals.not_seen, "kind": "attention" if totals.not_seen else "neutral"},
            {"label": "Still here", "value": totals.still_here, "kind": "info"},
        ],
        links=_links(
            viewer,
            ("devices:arrivals", "Open arrivals"),
            ("devices:returns", "Hand back"),
            ("devices:register", "Register"),
        ),
    )


def devices_uncollected(viewer: Viewer) -> Card | None:
    """Devices that nobody collected by office close."""
    if not viewer.may(Permission.LOG_CUSTODY) or not viewer.may(Permission.VIEW_REGISTER):
        return None
    waiting = list(uncollected(viewer.school)[: _SHOWN + 1])
    url = viewer.url("devices:uncollected")
    return Card(
        title="Not collected",
        tasks=[
            {
                "label": custody.pupil.display_name,
                "url": url,
                "hint": f"Here since {day(custody.day)}",
                "kind": "attention",
                "word": "Not collected",
            }
            for custody in waiting[:_SHOWN]
        ],
        note="There are more." if len(waiting) > _SHOWN else "",
        done="Every device was collected by office close.",
        links=[{"label": "See them all", "url": url}] if waiting and url else [],
    )


def own_forms(viewer: Viewer) -> Card | None:
    """A tutor's forms: whose device has not been seen today. It is a list to ask about, not a list of offences."""
    forms = forms_tutored_by(viewer.user, viewer.school, viewer.today)
    if not forms or not viewer.may(Permission.VIEW_REGISTER):
        return None
    types = handin_types(viewer.school, viewer.today)
    pupils = [
        (form, pupil)
        for form in forms
        for pupil in not_seen(viewer.school, viewer.today, handin_types=types, form_id=form.pk)
    ]
    return Card(
        title="Your form" if len(forms) == 1 else "Your forms",
        tasks=[
            {"label": pupil.sort_name, "hint": form.name, "kind": "attention", "word": "Not seen today"}
            for form, pupil in pupils[:_SHOWN]
        ],
        note=f"And {len(pupils) - _SHOWN} more." if len(pupils) > _SHOWN else "",
        done=f"Everyone in {' and '.join(form.name for form in forms)} who usually brings a device has been seen.",
        links=_links(viewer, ("devices:register", "Register")),
    )


def proposed_do_not_inform(viewer: Viewer) -> Card | None:
    """Contacts about whom the DSL has to decide, because a list that was imported spoke of a court order (ORG-13)."""
    if not viewer.may(Permission.SET_DO_NOT_INFORM):
        return None
    waiting = open_proposals(viewer.school).count()
    url = viewer.url("roll:proposals") or viewer.url("people:pupils")
    return Card(
        title="Contacts to decide on",
        tasks=[
            {
                "label": _how_many(waiting, "contact with a court-order note", "contacts with court-order notes"),
                "url": url,
                "hint": "Decide whether the school tells them anything.",
                "kind": "attention",
                "word": "Decide",
            }
        ]
        if waiting
        else [],
        done="No contact waits for your decision.",
    )


def rule_changes(viewer: Viewer) -> Card | None:
    """Changes of the rules that are on their way, for those who answer for them (ORG-16, NOT-22)."""
    leading = (Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.DSL, Role.DEPUTY_DSL, Role.ADMINISTRATOR)
    if not viewer.may(Permission.VIEW_RULES) or not viewer.holds(*leading):
        return None
    coming = future_changes(viewer.school, viewer.today)
    return Card(
        title="Changes of the rules",
        tasks=[
            {
                "label": change.title,
                "url": viewer.url("rules:coming"),
                "hint": f"From {day(change.effective_from)}",
                "kind": "info",
                "word": "On the way",
            }
            for change in coming[:_SHOWN]
        ],
        done="No change of the rules is on the way.",
        links=_links(viewer, ("rules:overview", "Rules")),
    )


def gaps(viewer: Viewer) -> Card | None:
    """What the school still has to name or settle, for head, SLT and administrator (ORG-02, ORG-21)."""
    if not viewer.holds(Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.ADMINISTRATOR):
        return None
    staff = viewer.url("people:staff")
    tasks: list[dict[str, Any]] = [
        {"label": sentence, "url": staff, "kind": "attention", "word": "Name someone"}
        for sentence in role_gaps(viewer.school)
    ]
    unsettled = len(unspecified_keys(viewer.school, viewer.today))
    if unsettled:
        tasks.append(
            {
                "label": _how_many(unsettled, "rule is not settled", "rules are not settled"),
                "url": viewer.url("rules:unsettled"),
                "hint": "Where the rules are silent, staff record a decision each time.",
                "kind": "info",
                "word": "Look",
            }
        )
    if viewer.school.set_up_at is None and (url := viewer.url("people:set-up")):
        tasks.append({"label": "The set-up list is not finished", "url": url, "kind": "info", "word": "To do"})
    return Card(title="To settle", tasks=tasks, done="Every post is named and every rule is settled.")


def roll_running(viewer: Viewer) -> Card | None:
    """An import of the roll that is running now."""
    if not viewer.may(Permission.MANAGE_ROLL):
        return None
    running = running_import(viewer.school)
    url = viewer.url("roll:list")
    return Card(
        title="Roll import",
        tasks=[{"label": "The roll is being imported", "url": url, "kind": "waiting", "word": "Running"}]
        if running
        else [],
        done="No import is running.",
        links=_links(viewer, ("roll:list", "Roll import")),
    )


def accounts(viewer: Viewer) -> Card | None:
    """People whose role must have a second step to sign in and who have not set one up (ORG-20)."""
    if not viewer.may(Permission.MANAGE_ACCOUNTS):
        return None
    waiting = without_second_step(viewer.school, viewer.today)
    return Card(
        title="Accounts",
        tasks=[
            {
                "label": person.full_name,
                "url": viewer.url("people:staff"),
                "kind": "attention",
                "word": "No second step",
            }
            for person in waiting[:_SHOWN]
        ],
        note=f"And {len(waiting) - _SHOWN} more. They are asked for it when they next sign in."
        if len(waiting) > _SHOWN
        else "",
        done="Everyone who must have a second step has one.",
    )


def service(viewer: Viewer) -> Card | None:
    """Whether the background worker and the mailer are well, for those who can see to it (security §5.11)."""
    if not viewer.may(Permission.MANAGE_SCHOOL):
        return None
    state = service_state(viewer.school, viewer.now)
    url = viewer.url("notices:email")
    seen = moment(state.worker_seen_at, viewer.now) if state.worker_seen_at else "never"
    tasks = []
    if state.worker_is_silent:
        tasks.append(
            {
                "label": "The background worker is silent",
                "url": url,
                "hint": f"Last heard from: {seen}. The desk works; emails and reminders wait.",
                "kind": "stop",
                "word": "See to it",
            }
        )
    if state.dead:
        tasks.append(
            {
                "label": _how_many(state.dead, "email was given up", "emails were given up"),
                "url": url,
                "kind": "stop",
                "word": "See to it",
            }
        )
    elif state.mail_is_late:
        tasks.append(
            {
                "label": f"{_how_many(state.waiting, 'email waits', 'emails wait')} longer than usual",
                "url": url,
                "kind": "attention",
                "word": "Look",
            }
        )
    return Card(
        title="Email and background worker",
        tasks=tasks,
        done=f"All is well. The worker was last heard from at {seen}.",
        links=_links(viewer, ("notices:email", "Details")),
    )


def governance(viewer: Viewer) -> Card | None:
    """Who holds which post, when the rules last changed, and two figures; small numbers are hidden (ux §5)."""
    if not viewer.may(Permission.VIEW_GOVERNORS) or not viewer.holds(*GOVERNING):
        return None
    facts: list[dict[str, Any]] = [
        {
            "label": f"{role.label}{f', {phase.lower()}' if phase else ''}",
            "value": ", ".join(person.full_name for person in people),
        }
        for role, phase, people in named_roles(viewer.school, viewer.today)
    ]
    facts += [{"label": "Not named", "value": sentence} for sentence in role_gaps(viewer.school)]
    changed = rules_last_changed(viewer.school, viewer.today)
    facts.append({"label": "Rules last changed", "value": day(changed) if changed else "", "missing": "Never set"})
    coming = future_changes(viewer.school, viewer.today)
    if coming:
        facts.append({"label": "Next change of the rules", "value": day(coming[0].effective_from)})
    rules = rules_on(viewer.school, viewer.today)
    if rules is not None:
        totals = day_totals(viewer.school, viewer.today, handin_types=handin_types(viewer.school, viewer.today))
        facts.append({"label": "Devices handed in today", "value": few(totals.handed_in)})
        facts.append({"label": "Devices not collected", "value": few(totals.uncollected)})
    return Card(
        title="Who answers for what",
        facts=facts,
        note="Figures under five are hidden, so that no child can be recognised.",
        links=_links(viewer, ("rules:overview", "Rules")),
    )


def few(number: int) -> str:
    """A figure for governors: none, "fewer than 5", or the number."""
    return "none" if number == 0 else f"fewer than {FEW}" if number < FEW else str(number)


def record_kept(viewer: Viewer) -> Card | None:
    """The record, for those whose work it is to read it (ORG-09, ORG-10)."""
    if not viewer.may(Permission.VIEW_AUDIT) or not viewer.holds(Role.DATA_PROTECTION_LEAD, Role.HEADTEACHER):
        return None
    refused = refusals_since(viewer.school, viewer.now - timedelta(days=7))
    url = viewer.url("overview:record")
    return Card(
        title="The record",
        tasks=[
            {
                "label": _how_many(refused, "refusal in the last 7 days", "refusals in the last 7 days"),
                "url": f"{url}?outcome=refused",
                "kind": "info",
                "word": "Look",
            }
        ]
        if refused
        else [],
        done="Nobody was refused anything in the last 7 days.",
        links=_links(viewer, ("overview:record", "Open the record")),
    )


def inbox(viewer: Viewer) -> Card | None:
    """What else was told to this person."""
    if not viewer.may(Permission.VIEW_INBOX):
        return None
    waiting = unread_count(viewer.user, viewer.school)
    return Card(
        title="Inbox",
        tasks=[
            {
                "label": _how_many(waiting, "notice waits", "notices wait"),
                "url": viewer.url("notices:inbox"),
                "kind": "info",
                "word": "Unread",
            }
        ]
        if waiting
        else [],
        done="No new notices.",
        links=_links(viewer, ("notices:inbox", "Open your inbox")),
    )


# In the order of the page. The title is what a card that breaks is called.
PROVIDERS: list[tuple[str, Provider]] = [
    ("Urgent notices", urgent_notices),
    ("Devices today", desk_today),
    ("Not collected", devices_uncollected),
    ("Your form", own_forms),
    ("Contacts to decide on", proposed_do_not_inform),
    ("Changes of the rules", rule_changes),
    ("To settle", gaps),
    ("Roll import", roll_running),
    ("Accounts", accounts),
    ("Email and background worker", service),
    ("Who answers for what", governance),
    ("The record", record_kept),
    ("Inbox", inbox),
]
