"""What a draft says, question by question, with the way back to each (W4, “Check answers”)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.kit.times import day, moment
from devices.queries import area_choices
from incidents.enums import IncidentType
from incidents.models import Incident
from incidents.routing import OWN_CONTACT

_TOLD: dict[bool | None, str] = {True: "Yes", False: "No", None: ""}


def told_in_person(incident: Incident) -> str:
    """Whether a DSL was told in person, and who, as far as it was said."""
    if incident.told_whom is not None:
        return f"Yes, {incident.told_whom.display_name}"
    return _TOLD[incident.told_in_person]


def answers_of(draft: Incident, rules: Any, url: Callable[..., str]) -> list[dict[str, Any]]:
    """The rows of the summary list; `url` gives the address of a page of the app."""
    when = ""
    if draft.happened_at is not None:
        when = moment(draft.happened_at) if draft.time_is_known else f"{day(draft.happened_at)}, time not known"
    areas = dict(area_choices(rules))
    where = [draft.place, areas.get(draft.area, draft.area), draft.provider]
    where += [word for word, is_so in (("online", draft.is_online), ("away from school", draft.is_offsite)) if is_so]
    marks = [("A child is in danger now", draft.danger_now), ("A child may be harmed", draft.concern_for_child)]
    device = draft.device.description if draft.device is not None else ""
    rows: list[tuple[str, str, Any]] = [
        ("What", "what", IncidentType(draft.type).label if draft.type else ""),
        ("When", "when", when),
        ("Where", "when", ", ".join(word for word in where if word)),
        ("How you know of it", "seen", draft.get_raised_by_display()),
        ("What was seen or heard", "seen", draft.account),
        ("Their own words", "seen", draft.own_words),
        ("What you think of it", "seen", draft.opinion),
        ("What you did", "done", draft.immediate_action),
        ("DSL told in person", "done", told_in_person(draft)),
        ("Marked", "done", [word for word, is_so in marks if is_so]),
    ]
    if draft.type in OWN_CONTACT:
        rows += [("Service", "seen", draft.platform), ("What you answered", "seen", draft.response)]
    if draft.type == IncidentType.STAFF_CONTACT:
        rows.append(("Said to be agreed beforehand", "seen", draft.get_arrangement_display()))
    if device:
        rows.append(("Device", "seen", device[:1].upper() + device[1:]))
    return [
        {
            "label": label,
            "url": f"{url(f'report-{step}', draft.pk)}?check",
            "lines" if isinstance(value, list) else "value": value,
        }
        for label, step, value in rows
    ]
