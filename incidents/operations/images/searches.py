"""A record opened from a search in one step: something indecent appeared, or a risk (SEA-08, SEA-12, SEA-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.times import moment
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.models import SearchRecord
from devices.queries.searches import findings_of, searches_visible_to
from devices.queries.taken.evidence import live_hold_of
from incidents.enums import ImagePlace, ImageTaskKind, IncidentType
from incidents.models import Incident
from incidents.operations.images.moves import catch_up
from incidents.operations.images.opening import file_image, open_image_case
from incidents.operations.images.refusals import ReportedFromSearch
from incidents.operations.images.reporting import finish
from incidents.operations.moves import NothingThere
from incidents.operations.reporting import Named
from incidents.queries.images import image_in_search


@operation("incidents.open_from_search")
def open_from_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    added: str = "",
    submission: UUID | None = None,
) -> Incident:
    """Open an urgent record from a search, carrying its data: pupil, device, what was found and done (SEA-08, SEA-14).

    Who may: whoever reads the search. One that was stopped because something indecent appeared opens the case of a
    suspected image, and nothing of the picture is carried over. Raises `ReportedFromSearch` for a second one.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    found: SearchRecord = SearchRecord.objects.select_for_update(of=("self",)).get(school=school, pk=search.pk)
    if not searches_visible_to(actor, school).filter(pk=found.pk).exists():
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    if Incident.objects.filter(school=school, search=found).exists():
        raise ReportedFromSearch("This search is reported already. The DSL has it.", rule="SEA-14")
    image = image_in_search(found)
    custody = found.custody
    incident = file_image(
        school=school,
        actor=actor,
        at=at,
        people=[Named(pupil=found.pupil)],
        about="From a search",
        type=IncidentType.IMAGE if image else IncidentType.HARM_TO_CHILD,
        happened_at=found.started_at or found.opened_at,
        place=found.place,
        account=account_of(found, image=image, added=added),
        immediate_action="" if image else found.follow_up,
        concern_for_child=True,
        search=found,
        custody=custody,
        device=custody.device if custody is not None else None,
    )
    if image:
        case = open_image_case(incident, actor=actor, at=at, reporter=actor, place=ImagePlace.PERSONAL_DEVICE)
        if custody is not None and live_hold_of(custody) is not None:
            finish(case, ImageTaskKind.SECURE_DEVICE, actor=actor, at=at)
        catch_up(case, incident, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.open_from_search", at=at, obj=incident, submission=submission,
        detail={"search": found.pk, "image": image},
    )  # fmt: skip
    return incident


def account_of(search: SearchRecord, *, image: bool, added: str) -> str:
    """The account of a record that comes from a search, in the search's own words; of an image nothing is described."""
    lines = [f"From the record of a search of {moment(search.started_at or search.opened_at)}."]
    if image:
        lines.append("The search was stopped because something that nobody may look at appeared.")
    else:
        found = search.found or "; ".join(finding.what for finding in findings_of(search) if finding.what)
        lines += [
            f"{label}: {text}"
            for label, text in (
                ("Looked for", search.sought),
                ("Grounds", search.grounds),
                ("Found", found),
                ("Risk", search.risk_note),
                ("Stopped because", search.stopped_because),
            )
            if text
        ]
    return "\n".join([*lines, *([added] if added else [])])
