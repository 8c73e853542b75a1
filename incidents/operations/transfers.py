"""A leaver's child-protection file: to the next school apart from the main file, with its receipt (law SG-4, SG-5)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from incidents.enums import SecureWay, TransferState, TransferStep
from incidents.models import FileArrival, FileTransfer, TransferEvent
from incidents.operations.exporting import export_chronology
from incidents.operations.moves import NothingThere
from incidents.queries.chronology import EntryKind, cases_in_chronology, pupils_for_chronology
from incidents.queries.transfers import (
    arrivals_visible_to,
    days_after,
    is_late,
    leavers_with_a_file,
    transfers_visible_to,
    waiting,
    who_sends,
)
from incidents.workflow import TRANSFER_MOVES, StepNotAllowed, check_pair

_NOTHING = "There is nothing here that you can see. Ask the DSL if you need it."
_SUBJECTS = {
    TransferState.DUE: "A child-protection file is to be sent",
    TransferState.SENT: "A child-protection file has no receipt yet",
}


class UnableToTransfer(Refusal):
    """The transfer stays as it is."""


class TransferOpenAlready(UnableToTransfer):
    """A pupil's file is on its way to one school at a time."""


class LeavesWhen(UnableToTransfer):
    """Five school days are counted from the last day here."""

    default_field = "leaves_on"


class SharingSaysWhy(UnableToTransfer):
    """Sharing before the file goes, or not, is a decision with a reason (SG-5)."""

    default_field = "reason"


class PaperFirst(UnableToTransfer):
    """What is sent is the chronology as it was made into a PDF."""


class SentWhole(UnableToTransfer):
    """A file goes to a named person of a named school by a secure way, apart from the main file."""

    recorded = True
    default_field = "to_dsl"


class ReceiptSaysWho(UnableToTransfer):
    """A receipt names who acknowledged it, and when."""

    default_field = "received_by"


class SetAsideSaysWhy(UnableToTransfer):
    """A file that is not sent has a reason."""

    default_field = "reason"


class ArrivalWhole(UnableToTransfer):
    """A file that came says from which school, from whom, when, and how."""

    default_field = "from_school"


class ArrivedAlready(UnableToTransfer):
    """The same file of the same day is written down once."""


class ReceiptGivenAlready(UnableToTransfer):
    """A receipt is given once."""


@operation("incidents.open_transfer")
def open_transfer(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    pupil: Pupil,
    leaves_on: date | None = None,
    to_school: str = "",
    submission: UUID | None = None,
) -> FileTransfer:
    """Begin the transfer of a pupil's file: due the fifth school day after the last day here, so for a pupil who leaves
    at the end of a term within the first five days of the new one (law SG-4).

    Who may: VIEW_CHRONOLOGY, never of one's own child; the clock for who left. Raises `TransferOpenAlready`,
    `LeavesWhen`, `NothingThere`.
    """
    held = _pupil(school, actor, pupil)
    last = leaves_on or held.left_on
    if last is None:
        raise LeavesWhen("Enter the last day here.", rule="SG-4")
    if FileTransfer.objects.filter(pupil=held, state__in=[TransferState.DUE, TransferState.SENT]).exists():
        raise TransferOpenAlready("This pupil’s file is on the list of transfers already.", rule="SG-4")
    row = FileTransfer(
        school=school, pupil=held, leaves_on=last, to_school=to_school.strip(), due_on=days_after(school, last)
    )
    _save(row, actor, at, TransferStep.OPENED)
    _note(row, "incidents.open_transfer", actor, at, submission)
    return row


@operation("incidents.decide_sharing")
def decide_sharing(
    *,
    school: School,
    actor: User,
    at: datetime,
    transfer: FileTransfer,
    share: bool,
    reason: str,
    submission: UUID | None = None,
) -> FileTransfer:
    """Decide whether something is shared before the file goes, so that support is ready on arrival, and say what and
    why (SG-5). The newest decision stands. Who may: as `open_transfer`. Raises `SharingSaysWhy`, `StepNotAllowed`."""
    row = _locked(school, actor, transfer)
    if not row.is_open:
        raise StepNotAllowed("The transfer is over.", rule="SG-5")
    if not reason.strip():
        raise SharingSaysWhy("Say what is shared and why, or why nothing is.", rule="SG-5")
    row.shared_early, row.shared_before = share, reason.strip()
    row.shared_at, row.shared_by = at, actor
    _save(row, actor, at, TransferStep.SHARED, f"{'Shared before' if share else 'Not shared before'}: {reason.strip()}")
    _note(row, "incidents.decide_sharing", actor, at, submission, share=share)
    return row


@operation("incidents.make_transfer_paper")
def make_transfer_paper(
    *, school: School, actor: User, at: datetime, transfer: FileTransfer, submission: UUID | None = None
) -> FileTransfer:
    """Make what is sent: the whole chronology as `actor` may read it, but for what is about staff, as a PDF; the newest
    goes. Who may: as `open_transfer`. Raises `StepNotAllowed`."""
    row = _locked(school, actor, transfer)
    if row.state != TransferState.DUE:
        raise StepNotAllowed("It was sent already, or set aside.", rule="SG-4")
    row.paper = export_chronology(
        school=school, actor=actor, at=at, pupil=row.pupil, kinds=frozenset(EntryKind), oldest_first=True
    )
    row.records = cases_in_chronology(row.pupil, actor, london_day(at))
    _save(row, actor, at, TransferStep.PAPER)
    _note(row, "incidents.make_transfer_paper", actor, at, submission)
    return row


@operation("incidents.send_file")
def send_file(
    *,
    school: School,
    actor: User,
    at: datetime,
    transfer: FileTransfer,
    to_school: str,
    to_dsl: str,
    channel: str,
    apart: bool,
    what: str = "",
    sent_at: datetime | None = None,
    submission: UUID | None = None,
) -> FileTransfer:
    """Write down that the file went: what, to whose hands, by which secure way, apart from the main file (law SG-4).

    Who may: as `open_transfer`. Raises `PaperFirst`, `SentWhole`, `StepNotAllowed`.
    """
    row, when = _locked(school, actor, transfer), sent_at or at
    check_pair(TRANSFER_MOVES, row.state, TransferState.SENT, "A transfer")
    if row.paper_id is None:
        raise PaperFirst("Make the chronology into a PDF first: it is what is sent.", rule="SG-4")
    if not apart:
        raise SentWhole("It goes apart from the pupil’s main file. Say that it did.", rule="SG-4", field="apart")
    for field, said in (("to_school", to_school), ("to_dsl", to_dsl)):
        if not said.strip():
            raise SentWhole("Enter to which school, and into whose hands.", rule="SG-4", field=field)
    if channel not in SecureWay.values:
        raise SentWhole("Choose the secure way it went.", rule="SG-4", field="channel")
    if when > at:
        raise SentWhole("This is still to come. Enter when it was sent.", rule="SG-4", field="sent_at")
    row.state, row.sent_at, row.sent_by = TransferState.SENT, when, actor
    row.to_school, row.to_dsl, row.channel, row.what = to_school.strip(), to_dsl.strip(), channel, what.strip()
    _save(row, actor, at, TransferStep.SENT)
    _note(row, "incidents.send_file", actor, at, submission, channel=channel)
    return row


@operation("incidents.record_receipt")
def record_receipt(
    *,
    school: School,
    actor: User,
    at: datetime,
    transfer: FileTransfer,
    received_by: str,
    received_at: datetime | None = None,
    submission: UUID | None = None,
) -> FileTransfer:
    """Write down who at the other school acknowledged the file, and when (law SG-4). Who may: as `open_transfer`.

    Raises `ReceiptSaysWho`, `StepNotAllowed`.
    """
    row, when = _locked(school, actor, transfer), received_at or at
    check_pair(TRANSFER_MOVES, row.state, TransferState.RECEIVED, "A transfer")
    if not received_by.strip():
        raise ReceiptSaysWho("Enter who acknowledged it.", rule="SG-4")
    if when > at or (row.sent_at is not None and when < row.sent_at):
        raise ReceiptSaysWho("Enter a time between when it was sent and now.", rule="SG-4", field="received_at")
    row.state, row.received_at, row.received_by = TransferState.RECEIVED, when, received_by.strip()
    _save(row, actor, at, TransferStep.RECEIVED)
    _note(row, "incidents.record_receipt", actor, at, submission)
    return row


@operation("incidents.set_transfer_aside")
def set_transfer_aside(
    *,
    school: School,
    actor: User,
    at: datetime,
    transfer: FileTransfer,
    reason: str,
    submission: UUID | None = None,
) -> FileTransfer:
    """Decide that no file is sent, and say why: the pupil stays after all, or there is nothing to send.

    Who may: as `open_transfer`. Raises `SetAsideSaysWhy`, `StepNotAllowed`.
    """
    row = _locked(school, actor, transfer)
    check_pair(TRANSFER_MOVES, row.state, TransferState.NOT_NEEDED, "A transfer")
    if not reason.strip():
        raise SetAsideSaysWhy("Say why no file is sent.", rule="SG-4")
    row.state, row.why_not = TransferState.NOT_NEEDED, reason.strip()
    _save(row, actor, at, TransferStep.NOT_NEEDED, reason.strip())
    _note(row, "incidents.set_transfer_aside", actor, at, submission)
    return row


@operation("incidents.record_arrival")
def record_arrival(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    from_school: str,
    from_whom: str,
    arrived_on: date,
    channel: str,
    receipt: bool = False,
    submission: UUID | None = None,
) -> FileArrival:
    """Write down that a pupil's file came from another school, and whether its receipt was given (law SG-4).

    Who may: as `open_transfer`. Raises `ArrivalWhole`, `ArrivedAlready`.
    """
    held = _pupil(school, actor, pupil)
    for field, said in (("from_school", from_school), ("from_whom", from_whom)):
        if not said.strip():
            raise ArrivalWhole("Enter from which school, and from whom.", rule="SG-4", field=field)
    if arrived_on > london_day(at):
        raise ArrivalWhole("The day is still to come.", rule="SG-4", field="arrived_on")
    if channel not in SecureWay.values:
        raise ArrivalWhole("Choose how it came.", rule="SG-4", field="channel")
    if FileArrival.objects.filter(pupil=held, from_school=from_school.strip(), arrived_on=arrived_on).exists():
        raise ArrivedAlready("It is written down already.", rule="SG-4")
    row = FileArrival(
        school=school, pupil=held, from_school=from_school.strip(), from_whom=from_whom.strip(), channel=channel,
        arrived_on=arrived_on, receipt_at=at if receipt else None, receipt_by=actor if receipt else None,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="incidents.record_arrival", at=at, obj=row, submission=submission,
        detail={"pupil": held.pk, "receipt": receipt},
    )  # fmt: skip
    return row


@operation("incidents.give_receipt")
def give_receipt(
    *, school: School, actor: User, at: datetime, arrival: FileArrival, submission: UUID | None = None
) -> FileArrival:
    """Write down that the other school has its receipt. Who may: as `open_transfer`. Raises `ReceiptGivenAlready`."""
    require(actor, Permission.VIEW_CHRONOLOGY, school)
    if not arrivals_visible_to(actor, school).filter(pk=arrival.pk).exists():
        raise NothingThere(_NOTHING, rule="ORG-10")
    row: FileArrival = FileArrival.objects.select_for_update(of=("self",)).get(school=school, pk=arrival.pk)
    if row.receipt_at is not None:
        raise ReceiptGivenAlready("The receipt was given already.", rule="SG-4")
    row.receipt_at, row.receipt_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="incidents.give_receipt", at=at, obj=row, submission=submission)
    return row


@operation("incidents.tell_transfers")
def tell_transfers(*, school: School, at: datetime) -> int:
    """Open the transfer of each pupil who left with a file, and tell the DSL of each that is late: to be sent, or five
    school days without a receipt (law SG-4). For the clock, on school days; each once a day. The notices name nobody.
    Returns how many it told of."""
    today = london_day(at)
    if not calendar_for(school).is_school_day(today):
        return 0
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two workers do it in turn
    told = 0
    for pupil in leavers_with_a_file(school, today):
        row = open_transfer(school=school, actor=None, at=at, pupil=pupil)
        _tell(row, at, f"incidents.transfer_opened:{row.pk}")
        told += 1
    for row in waiting(FileTransfer.objects.filter(school=school).select_related("pupil__school", "school")):
        if is_late(row, today) and not row.events.filter(kind=TransferStep.CHASED, at__date=today).exists():
            _tell(row, at, f"incidents.transfer_late:{row.pk}:{today}")
            _step(row, None, at, TransferStep.CHASED)
            told += 1
    if told:
        record(school=school, actor=None, action="incidents.tell_transfers", at=at, detail={"told": told})
    return told


def _tell(row: FileTransfer, at: datetime, key: str) -> None:
    notify(
        school=row.school, recipients=who_sends(row.pupil), kind="incidents.transfer_due",
        subject=_SUBJECTS[TransferState(row.state)], body="The page says which, and what is still to be done.",
        url=reverse("incidents:transfer", args=[row.school.slug, row.pk]), at=at, dedupe_key=key,
    )  # fmt: skip


def _pupil(school: School, actor: User | None, pupil: Pupil) -> Pupil:
    """The pupil, held so that two people begin in turn, if `actor` (None: the clock) may open their chronology."""
    if actor is not None:
        require(actor, Permission.VIEW_CHRONOLOGY, school)
        if not pupils_for_chronology(actor, school).filter(pk=pupil.pk).exists():
            raise NothingThere(_NOTHING, rule="ORG-10")
    held: Pupil = Pupil.objects.select_for_update(of=("self",), no_key=True).get(school=school, pk=pupil.pk)
    return held


def _locked(school: School, actor: User, transfer: FileTransfer) -> FileTransfer:
    require(actor, Permission.VIEW_CHRONOLOGY, school)
    if not transfers_visible_to(actor, school).filter(pk=transfer.pk).exists():
        raise NothingThere(_NOTHING, rule="ORG-10")
    found = FileTransfer.objects.select_for_update(of=("self",)).select_related("pupil__school", "school")
    held: FileTransfer = found.get(school=school, pk=transfer.pk)
    return held


def _save(row: FileTransfer, actor: User | None, at: datetime, kind: TransferStep, text: str = "") -> None:
    row.stamp(by=actor, at=at)
    row.save()
    _step(row, actor, at, kind, text)


def _step(row: FileTransfer, actor: User | None, at: datetime, kind: TransferStep, text: str = "") -> None:
    TransferEvent.objects.create(school=row.school, transfer=row, kind=kind, text=text, at=at, by=actor)


def _note(
    row: FileTransfer, action: str, actor: User | None, at: datetime, submission: UUID | None, **detail: object
) -> None:
    record(
        school=row.school, actor=actor, action=action, at=at, obj=row, submission=submission,
        detail={"pupil": row.pupil_id, "state": row.state, **detail},
    )  # fmt: skip
