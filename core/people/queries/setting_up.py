"""How far a school is with setting itself up: each line's state is read from what is there (ORG-01, ORG-15, ORG-21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.people.enums import BodyKind, DayTimeKey, GoverningBody
from core.people.hooks import TaskState, set_up_task
from core.people.models import School
from core.people.queries.calendar import own_times, terms_of
from core.people.queries.school import bodies_of, pupils_on_roll, role_gaps

# Whom every school must be able to reach without looking for the number.
NEEDED_BODIES = (BodyKind.POLICE, BodyKind.SOCIAL_CARE, BodyKind.LADO)


@dataclass(frozen=True)
class SetUpLine:
    """A line of the list: what to do, where, and how far it is."""

    label: str
    url_name: str
    state: TaskState


def set_up_lines(school: School, today: date) -> list[SetUpLine]:
    """The eight things that a new school does, in the order in which they help one another."""
    return [
        SetUpLine("School profile", "people:profile", _profile(school)),
        SetUpLine("Rules on devices", "rules:overview", _rules(school)),
        SetUpLine("Calendar and times of the day", "people:calendar", _calendar(school)),
        SetUpLine("Storage places", "devices:storage", set_up_task("storage", school)),
        SetUpLine("Staff and roles", "people:staff", _roles(school)),
        SetUpLine("Outside bodies", "people:directory", _bodies(school)),
        SetUpLine("Roll import", "roll:list", _roll(school, today)),
        SetUpLine("First hand-in", "devices:arrivals", set_up_task("first-hand-in", school)),
    ]


def _profile(school: School) -> TaskState:
    wanted = {
        "phases": bool(school.phases),
        "kind of governing body": school.governing_body != GoverningBody.UNSPECIFIED,
        "safeguarding partnership": bool(school.safeguarding_partnership),
        "address": bool(school.address),
        "telephone": bool(school.phone),
        "email": bool(school.email),
    }
    missing = [name for name, given in wanted.items() if not given]
    return TaskState(not missing, f"Still to give: {', '.join(missing)}." if missing else "")


def _rules(school: School) -> TaskState:
    if not school.preset:
        return TaskState(False, "Choose one of the presets.")
    return TaskState(True, "A preset is chosen. Look through it, and change what is different here.")


def _calendar(school: School) -> TaskState:
    terms, times = terms_of(school).count(), own_times(school)
    missing = [key.label.lower() for key in DayTimeKey if key.value not in times]
    if not terms:
        return TaskState(False, "No term is entered: every weekday counts as a school day.")
    if missing:
        return TaskState(False, f"Still at a default: {', '.join(missing)}.")
    return TaskState(True, f"{terms} term{'' if terms == 1 else 's'} entered.")


def _roles(school: School) -> TaskState:
    gaps = role_gaps(school)
    return TaskState(not gaps, " ".join(gaps))


def _bodies(school: School) -> TaskState:
    there = set(bodies_of(school).values_list("kind", flat=True))
    missing = [kind.label for kind in NEEDED_BODIES if kind.value not in there]
    return TaskState(not missing, f"Still to enter: {', '.join(missing)}." if missing else "")


def _roll(school: School, today: date) -> TaskState:
    number = pupils_on_roll(school, today).count()
    return TaskState(number > 0, f"{number} pupil{'' if number == 1 else 's'} on roll." if number else "")
