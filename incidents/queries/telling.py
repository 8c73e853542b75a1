"""Who has to be told of a serious record: by the school's two lists, and what of them is done (INC-23, INC-24)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import Role
from core.rules.catalogue import UNSPECIFIED
from core.rules.words import settings_in, words_for
from incidents.enums import PersonKind, Route, TellState, TellWhy
from incidents.models import Incident, IncidentPerson, Notification
from incidents.queries.parents import rules_of

LADO = "lado"
_INSIDE = {
    "group_head_of_safeguarding": (Role.GROUP_SAFEGUARDING_HEAD,),
    "headteacher": (Role.HEADTEACHER,),
}


@dataclass(frozen=True)
class Listed:
    """One that the school's rules name."""

    key: str
    body: str
    inside: bool = False


def listed_for(incident: Incident) -> list[Listed]:
    """Whom the rules of the day name for a serious record: inside, who must be told, then outside, where relevant."""
    rules = rules_of(incident)
    settings = settings_in(words_for(rules))
    found: list[Listed] = []
    for setting, inside in (("serious_inside_must", True), ("serious_outside_list", False)):
        value = getattr(rules, setting)
        if value != UNSPECIFIED:
            words = settings[setting].values
            found += [Listed(str(key), words.get(key, str(key)), inside) for key in value]
    return found


def lists_are_silent(incident: Incident) -> bool:
    """Whether the rules do not say whom outside to tell, so that a person decides (matrix 0.3)."""
    return bool(rules_of(incident).serious_outside_list == UNSPECIFIED)


def is_about_pupils_alone(incident: Incident) -> bool:
    """Whether no adult is in a record about a pupil: the LADO is for staff and volunteers (A-55)."""
    adults = IncidentPerson.objects.filter(incident=incident, removed_at__isnull=True).exclude(kind=PersonKind.PUPIL)
    return incident.route == Route.PUPIL and not adults.exists()


def people_inside(school: School, key: str, phase: str = "") -> list[User]:
    """Who answers to an inside entry of the rules, for their notice."""
    if key == "dsl":
        return dsls_for(school, phase)
    if key == "dsl_team":
        return [*dsls_for(school, phase), *deputies_for(school)]
    return list(holders_of(school, *_INSIDE[key])) if key in _INSIDE else []


def notifications_of(incident: Incident) -> QuerySet[Notification]:
    """Each body and post of a serious record; those who must be told first."""
    found: QuerySet[Notification] = Notification.objects.filter(incident=incident, why=TellWhy.SERIOUS)
    return found.select_related("told_by").order_by("-must", "-inside", "id")


def still_to_tell(incident: Incident) -> list[Notification]:
    """Who of a serious record's list was neither told nor set aside with a reason: it stands in the way of an end."""
    if not incident.is_serious:
        return []
    return list(notifications_of(incident).filter(state=TellState.NEEDED))
