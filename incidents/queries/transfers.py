"""Child-protection files on their way to and from other schools: what waits, by when, and for whom (law SG-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.people.access import has
from core.people.calendar import calendar_for, london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import all_pupils, deputies_for, dsls_for
from core.people.roles import Permission
from incidents.enums import CaseState, PersonRole, Route, Track, TransferState
from incidents.models import CaseDocument, FileArrival, FileTransfer, IncidentPerson, TransferEvent
from incidents.queries.cases import cases_visible_to
from incidents.queries.chronology import pupils_for_chronology

DAYS = 5  # school days, in a year and in a new term (law SG-4)
_BACK = timedelta(days=200)  # whoever left longer ago is found by a person, not by the clock
_WAITING = (TransferState.DUE, TransferState.SENT)


@dataclass(frozen=True)
class TransferRow:
    """One transfer on the list, and what is to be done about it now."""

    transfer: FileTransfer
    todo: str
    kind: str
    by: date | None


def days_after(school: School, day: date, count: int = DAYS) -> date:
    """The `count`-th school day after a date: for who left at the end of a term, a day of the new one (law SG-4)."""
    calendar = calendar_for(school)
    for _number in range(count):
        day = calendar.next_school_day(day) or day + timedelta(days=1)
    return day


def _in_a_file() -> Q:
    """The records that are of a child-protection file: of safeguarding, not low-level behaviour (INC-07)."""
    case = "incident__"
    serious = (
        Q(**{f"{case}concern_for_child": True})
        | Q(**{f"{case}track__in": [Track.SERIOUS, Track.VICTIM]})
        | Q(**{f"{case}level__isnull": False})
    )
    kept = ~Q(**{f"{case}state__in": [CaseState.DRAFT, CaseState.DISCARDED, CaseState.MERGED]})
    return Q(**{f"{case}route": Route.PUPIL}) & serious & kept


def leavers_with_a_file(school: School, on: date) -> QuerySet[Pupil]:
    """Pupils who left of late, with a file and no transfer of it since: for the clock, which opens one."""
    there = IncidentPerson.objects.filter(
        _in_a_file(), pupil=OuterRef("pk"), removed_at__isnull=True, role__in=[PersonRole.SUBJECT, PersonRole.AFFECTED]
    )
    begun = FileTransfer.objects.filter(pupil=OuterRef("pk")).filter(
        Q(leaves_on__gte=OuterRef("left_on")) | Q(state__in=_WAITING)
    )
    found: QuerySet[Pupil] = all_pupils(school).filter(left_on__lte=on, left_on__gte=on - _BACK)
    return found.filter(Exists(there), ~Exists(begun)).order_by("pk")


def transfers_visible_to(user: User, school: School) -> QuerySet[FileTransfer]:
    """The transfers that somebody may see: of pupils whose chronology they may open, never of their own child."""
    if not has(user, Permission.VIEW_CHRONOLOGY, school):
        return FileTransfer.objects.none()
    found: QuerySet[FileTransfer] = FileTransfer.objects.filter(
        school=school, pupil__in=pupils_for_chronology(user, school).order_by().values("pk")
    )
    return found.select_related("pupil__form", "sent_by", "shared_by", "school")


def arrivals_visible_to(user: User, school: School) -> QuerySet[FileArrival]:
    """The files that came from elsewhere, for the same readers."""
    if not has(user, Permission.VIEW_CHRONOLOGY, school):
        return FileArrival.objects.none()
    found: QuerySet[FileArrival] = FileArrival.objects.filter(
        school=school, pupil__in=pupils_for_chronology(user, school).order_by().values("pk")
    )
    return found.select_related("pupil__form", "receipt_by")


def waiting(transfers: QuerySet[FileTransfer]) -> QuerySet[FileTransfer]:
    """Of these what is still to be sent, or waits for its receipt; the longest due first."""
    return transfers.filter(state__in=_WAITING).order_by("due_on", "id")


def over(transfers: QuerySet[FileTransfer], *, limit: int = 20) -> list[FileTransfer]:
    """Of these the last that were received or set aside."""
    return list(transfers.exclude(state__in=_WAITING).order_by("-changed_at", "-id")[:limit])


def receipt_due_on(transfer: FileTransfer) -> date | None:
    """From which day the receipt is asked after: the fifth school day after it was sent (law SG-4)."""
    return days_after(transfer.school, london_day(transfer.sent_at)) if transfer.sent_at is not None else None


def transfer_rows(transfers: Iterable[FileTransfer], on: date) -> list[TransferRow]:
    """Each with what is to be done; what is late comes first."""
    rows = []
    for transfer in transfers:
        if transfer.state == TransferState.DUE:
            late = transfer.due_on < on
            rows.append(
                TransferRow(transfer, "Late: send it" if late else "To be sent", "attention" if late else "info",
                            transfer.due_on)
            )  # fmt: skip
        else:
            by = receipt_due_on(transfer)
            late = by is not None and by <= on
            word, kind = ("Ask for the receipt", "attention") if late else ("Waits for its receipt", "waiting")
            rows.append(TransferRow(transfer, word, kind, by))
    return sorted(rows, key=lambda row: row.kind != "attention")


def is_late(transfer: FileTransfer, on: date) -> bool:
    """Whether the clock tells of it: due today or before, or five school days without a receipt."""
    if transfer.state == TransferState.DUE:
        return transfer.due_on <= on
    by = receipt_due_on(transfer)
    return transfer.state == TransferState.SENT and by is not None and by <= on


def steps_of(transfer: FileTransfer) -> QuerySet[TransferEvent]:
    """Each step of a transfer, the newest first."""
    return TransferEvent.objects.filter(transfer=transfer).select_related("by").order_by("-at", "-id")


def who_sends(pupil: Pupil) -> list[User]:
    """Who is told of a transfer: the DSLs of the phase and the deputies, but nobody of their own child's."""
    parents = set(
        Contact.objects.filter(pupil=pupil, account__isnull=False, ended_on__isnull=True).values_list(
            "account", flat=True
        )
    )
    team = dict.fromkeys([*dsls_for(pupil.school, pupil.phase), *deputies_for(pupil.school)])
    return [one for one in team if one.pk not in parents]


def paper_for(user: User, transfer: FileTransfer, on: date) -> CaseDocument | None:
    """The chronology that goes with a transfer, for its maker and for whoever reads each record that is in it."""
    paper = CaseDocument.objects.filter(pk=transfer.paper_id).first() if transfer.paper_id else None
    if paper is None or paper.made_by_id == user.pk:
        return paper
    readable = cases_visible_to(user, transfer.school, on).filter(pk__in=transfer.records).count()
    return paper if readable == len(transfer.records) else None
