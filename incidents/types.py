"""Which types of report a school offers: always some, by its preset the rest, and what it set itself (INC-03)."""

from __future__ import annotations

from core.rules.reference_lists import reference_lists
from incidents.enums import IncidentType

# Nobody can switch off the way to say that a child or an adult may be in trouble (INC-20, floor of matrix 0.3).
ALWAYS = frozenset(
    {
        IncidentType.HARM_TO_CHILD,
        IncidentType.HARMFUL_CONTACT,
        IncidentType.HARMFUL_CONTENT,
        IncidentType.IMAGE,
        IncidentType.STAFF_CONDUCT,
        IncidentType.STAFF_CONTACT,
        IncidentType.STAFF_CONTENT,
        IncidentType.OTHER,
    }
)


def default_types(preset: str) -> frozenset[IncidentType]:
    """The types that a preset offers until the school sets one of them: all but those its list leaves out."""
    left_out = {IncidentType(key) for key in reference_lists().incident_types_left_out.get(preset, ())}
    return frozenset(IncidentType) - (left_out - ALWAYS)
