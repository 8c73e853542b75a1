"""Papers of the demonstration's caseload: documents that were made, a file that waits to be sent, one that came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from core.people.queries import pupils_on_roll
from incidents.enums import PaperKind, SecureWay, TellWhy
from incidents.models import Debrief, Notification
from incidents.operations.papers import make_paper
from incidents.operations.transfers import decide_sharing, make_transfer_paper, open_transfer, record_arrival
from incidents.queries import cases_visible_to


def write_files(school: School, *, dsl: User, head: User, now: datetime) -> None:
    """What leaves the records of the caseload, which the head reads whole, and what another school sent."""
    today = london_day(now)
    given: dict[str, Any] = {"school": school, "actor": dsl, "at": now}
    by_head = given | {"actor": head}
    mine = cases_visible_to(head, school, today)
    serious = Notification.objects.filter(incident__in=mine, why=TellWhy.SERIOUS, inside=False)
    told = serious.select_related("incident").first()
    if told is not None:
        make_paper(**by_head, incident=told.incident, kind=PaperKind.SERIOUS, notification=told)
    debrief = Debrief.objects.filter(incident__in=mine).select_related("incident").first()
    if debrief is not None:
        make_paper(**by_head, incident=debrief.incident, kind=PaperKind.DEBRIEF)
    pupils = list(pupils_on_roll(school, today).order_by("-pk")[:2])
    last_day = calendar_for(school).last_school_days(today, 2)[-1]
    leaver = open_transfer(**given, pupil=pupils[0], leaves_on=last_day, to_school="Mill Lane School")
    decide_sharing(
        **given, transfer=leaver, share=True, reason="A key adult is needed on the first day. The DSLs spoke by phone."
    )
    make_transfer_paper(**given, transfer=leaver)
    record_arrival(
        **given, pupil=pupils[1], from_school="Hollow Oak Primary School", from_whom="Their DSL",
        arrived_on=today - timedelta(days=3), channel=SecureWay.COURIER,
    )  # fmt: skip
