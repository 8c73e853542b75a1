"""What needs a person now, as cards: each composed from an app's queries, each able to fail alone."""

from __future__ import annotations

import logging
from dataclasses import replace

from django.db import transaction

from core.kit.times import clock
from schoolsafe.overview.cards.agreements import agreements_waiting
from schoolsafe.overview.cards.base import Card, Provider, Viewer
from schoolsafe.overview.cards.concerns import low_level, my_cases, new_concerns, tasks_outside
from schoolsafe.overview.cards.desk import desk_today, devices_uncollected, messages_waiting, own_forms
from schoolsafe.overview.cards.drafts import drafts_not_sent
from schoolsafe.overview.cards.evidence import evidence
from schoolsafe.overview.cards.leading import (
    few,
    governance,
    inbox,
    proposed_do_not_inform,
    record_kept,
    rule_changes,
    urgent_notices,
)
from schoolsafe.overview.cards.permissions import permissions
from schoolsafe.overview.cards.release import release
from schoolsafe.overview.cards.searches import searches
from schoolsafe.overview.cards.setting_up import accounts, gaps, roll_running, service, set_up
from schoolsafe.overview.cards.taken import taken_devices

__all__ = ["PROVIDERS", "Card", "Provider", "Viewer", "cards_for", "few"]

log = logging.getLogger(__name__)

# In the order of the page. The title is what a card that breaks is called.
PROVIDERS: list[tuple[str, Provider]] = [
    ("Urgent notices", urgent_notices),
    ("Drafts you have not sent", drafts_not_sent),
    ("Concerns", new_concerns),
    ("Police and LADO", tasks_outside),
    ("Your next steps", my_cases),
    ("Low-level behaviour", low_level),
    ("Set-up", set_up),
    ("Devices today", desk_today),
    ("Taken devices", taken_devices),
    ("Taken devices going back", release),
    ("Evidence", evidence),
    ("Searches", searches),
    ("Permissions", permissions),
    ("Agreements", agreements_waiting),
    ("Messages", messages_waiting),
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
            found.append(replace(card, key=provider.__name__.replace("_", "-"), checked_at=clock(viewer.now)))
    return found
