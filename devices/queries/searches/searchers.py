"""Who may search or delete under the rules of a day, the register of searchers, and what may be searched for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from core.people.access import holds
from core.people.models import School, User
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school, standings_for
from core.rules.words import settings_in, words_for
from devices.enums import Circumstance, ItemClass, SearchedAs
from devices.models import ProhibitedItem, SearcherAuthorisation

# Where a rule is silent, one of these decides and says why (matrix §0.3).
DECIDERS = (Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.DSL, Role.DEPUTY_DSL)
# National guidance that every school follows, and the edition in force (law [8]).
GUIDANCE = "DfE guidance “Searching, screening and confiscation”"
GUIDANCE_EDITION = "DfE: July 2022"
_ROLES: dict[str, tuple[Role, ...]] = {
    "slt": (Role.SLT, Role.HEAD_OF_SCHOOL),
    "dsl": (Role.DSL, Role.DEPUTY_DSL),
}


@dataclass(frozen=True)
class Road:
    """By which of the rule's roads a person may search, and by which entry of the register."""

    searched_as: SearchedAs
    authorisation: SearcherAuthorisation | None = None


def road_of(person: User, school: School, allowed: Any, *, on: date, of: str = "", item_class: str = "") -> Road | None:
    """How `person` comes under a rule of searchers (`search_allowed_to`, `deletion_by`) on a day; None: not at all.

    The headteacher always does (matrix §1.21, A-60). `of` and `item_class` are held against the register (law SE-3).
    """
    if allowed == UNSPECIFIED:
        return None
    if holds(person, school, Role.HEADTEACHER):
        return Road(SearchedAs.HEADTEACHER)
    for key, roles in _ROLES.items():
        if key in allowed and holds(person, school, *roles):
            return Road(SearchedAs(key))
    if "authorised_named" in allowed:
        for entry in searchers_on(school, on).filter(person=person):
            if (not of or of in entry.scope) and (not item_class or item_class in entry.classes):
                return Road(SearchedAs.AUTHORISED_NAMED, entry)
    return None


def may_decide(person: User, school: School) -> bool:
    """Whether somebody may decide where the rules on searching or deleting are silent."""
    return holds(person, school, *DECIDERS)


def decides_deletions(person: User, school: School, on: date) -> bool:
    """Whether somebody may decide about deleting, by the rule `deletion_by` or where it is silent (SEA-10)."""
    allowed = for_school(school, on=on).deletion_by
    if allowed == UNSPECIFIED:
        return may_decide(person, school)
    return road_of(person, school, allowed, on=on) is not None


def allowed_in_words(school: School, key: str, on: date) -> str:
    """Who comes under a rule of searchers, as a phrase: "senior leaders, the headteacher"."""
    rules = for_school(school, on=on)
    allowed = getattr(rules, key)
    if allowed == UNSPECIFIED:
        return f"whom the {words_for(rules).head}, a senior leader or the DSL decides on for this one"
    setting = settings_in(words_for(rules))[key]
    said = [setting.words_for_item(item) for item in setting.in_order(allowed | {"headteacher"})]
    words = "; ".join(text[0].lower() + text[1:] for text in said)
    if "authorised_named" not in allowed:
        return words
    named = dict.fromkeys(entry.person.display_name for entry in searchers_on(school, on))
    return f"{words} ({', '.join(named) or 'nobody is on the register yet'})"


def searchers_on(school: School, on: date) -> QuerySet[SearcherAuthorisation]:
    """The register as it stands on a day (SEA-05, law SE-3)."""
    return searchers_visible_to(school).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), Q(ended_at__isnull=True) | Q(ended_at__date__gt=on),
        starts_on__lte=on,
    )  # fmt: skip


def searchers_visible_to(school: School) -> QuerySet[SearcherAuthorisation]:
    """The whole register, entries that have ended among it; staff may know who searches."""
    found: QuerySet[SearcherAuthorisation] = SearcherAuthorisation.objects.filter(school=school)
    return found.select_related("person", "authorised_by", "ended_by")


def prohibited_items(school: School) -> QuerySet[ProhibitedItem]:
    """Every entry there has been on the list, by class and name."""
    return ProhibitedItem.objects.filter(school=school)


def prohibited_on(school: School, on: date) -> QuerySet[ProhibitedItem]:
    """The list of prohibited items as it stands on a day (SEA-13, law SE-2): statute first."""
    return (
        prohibited_items(school)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)
        .order_by("-item_class", "name", "id")
    )


def searchable_on(school: School, on: date) -> QuerySet[ProhibitedItem]:
    """What may be searched for without consent: by statute, or because the rules name it so (law SE-1)."""
    return prohibited_on(school, on).filter(Q(item_class=ItemClass.STATUTORY) | Q(searchable=True))


def governing_document(school: School, on: date) -> tuple[str, str]:
    """The document that governs searches on a day and its edition (SEA-04). National guidance applies to every school.

    Where the rules name no document that shows as missing, and the guidance alone stands.
    """
    standing = standings_for(school, on)["search_document"]
    if standing.is_unspecified:
        return "", GUIDANCE_EDITION
    since = f"; the school’s rules of {standing.since:%-d %B %Y}" if standing.since else ""
    return str(standing.value), f"{GUIDANCE_EDITION}{since}"


def in_words(circumstances: Iterable[str]) -> list[str]:
    """Circumstances as they stand on a page."""
    return [str(Circumstance(key).label) for key in circumstances]
