"""What monitoring found about a system, as far as it stands on the action plan."""

from __future__ import annotations

from incidents.models import Incident
from policies.models import ImprovementItem
from policies.queries import improvements_of

SOURCE = "monitoring"


def on_the_plan(incident: Incident) -> ImprovementItem | None:
    """The item of the action plan that a record about a system became, if it did."""
    found: ImprovementItem | None = (
        improvements_of(incident.school, source=SOURCE).filter(source_key=incident.pk).first()
    )
    return found
