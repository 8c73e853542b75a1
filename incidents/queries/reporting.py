"""What somebody who reports chooses from: types, devices of those they name, places."""

from __future__ import annotations

from typing import Any

from core.people.models import Pupil, School, User
from devices.models import CustodyRecord, PupilDevice
from devices.queries import area_choices, custody_visible_to, desk_devices
from incidents.enums import IncidentType
from incidents.models import Incident
from incidents.queries.cases import people_of
from incidents.queries.lists import offered_types
from incidents.routing import GROUPS, QUICK

# Where most things are seen; the places that the rules name come after them.
PLACES = ("Classroom", "Corridor", "Outside", "Toilets or changing rooms")
AREA = "area:"


def types_in(school: School, group: str) -> list[IncidentType]:
    """The types of one group that the school offers, in order (INC-03)."""
    offered = set(offered_types(school))
    return [kind for named, kinds in GROUPS.items() if named == group for kind in kinds if kind in offered]


def quick_types(school: School) -> list[IncidentType]:
    """The types of the quick form that the school offers (DEV-21, DEV-22, DEV-29)."""
    offered = set(offered_types(school))
    return [kind for kind in QUICK if kind in offered]


def devices_named(draft: Incident) -> list[PupilDevice]:
    """The devices of the pupils in a draft, for the link to the device (INC-02)."""
    pupils = [person.pupil for person in people_of(draft) if person.pupil is not None]
    return [device for pupil in pupils for device in desk_devices(pupil)]


def stay_of(user: User, school: School, pupil: Pupil, key: str) -> CustodyRecord | None:
    """The stay that an address names, if it is of this pupil."""
    if not key.isdigit():
        return None
    found: CustodyRecord | None = (
        custody_visible_to(user, school).filter(pk=int(key), pupil=pupil, voided=False).first()
    )
    return found


def where_choices(rules: Any) -> list[tuple[str, str]]:
    """Places for a thumb: the usual ones, then the areas that the rules name, each once (DEV-17)."""
    areas = [(f"{AREA}{key}", words) for key, words in area_choices(rules)]
    said = {words.casefold() for _key, words in areas}
    usual = [(place, place) for place in PLACES if not any(place.casefold().split()[0] in one for one in said)]
    return [*usual, *areas]


def area_of(chosen: str) -> str:
    """The area that an answer of `where_choices` names, or nothing."""
    return chosen.removeprefix(AREA) if chosen.startswith(AREA) else ""
