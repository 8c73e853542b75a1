"""Agreements of many pupils printed in one go to sign on paper: asked for, made by the worker, gone after a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django_scopes import scopes_disabled

from agreements.documents.agreement import snapshot_of
from agreements.documents.layout import layout_of
from agreements.enums import MakeState
from agreements.models import Agreement, PrintRun
from agreements.operations.making import verify_address
from agreements.queries.printing import KEEP, MISSED_BELL, agreements_in_order, open_run_of
from core.audit.operations import operation, record
from core.kit.commits import after_commit
from core.kit.jobs import ClaimLost, Jobs, Now
from core.kit.pdf import Part, Pdf, join_pdf
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

MOST = 150  # about two minutes of the worker's time, and as much paper as anybody carries
TITLE = "Agreements to sign"


class UnableToPrint(Refusal):
    """Nothing is printed."""


class NothingToPrint(UnableToPrint):
    """No agreement of those chosen waits for a signature."""


class TooManyToPrint(UnableToPrint):
    """More than the worker makes in one go."""


class RunStillBeingMade(UnableToPrint):
    """One of a person at a time: it is the worker's heaviest job (security 5, row 10)."""


class NotToMakeAgain(UnableToPrint):
    """It did not fail."""


@operation("agreements.print_many")
def print_many(
    *,
    school: School,
    actor: User,
    at: datetime,
    agreements: Sequence[Agreement],
    large: bool = False,
    own_sheets: bool = True,
    submission: UUID | None = None,
) -> PrintRun:
    """Ask the worker for one PDF of these agreements, with lines to sign on (AGR-06, AGR-07).

    Who may: MANAGE_AGREEMENTS. In `large` print if wished; with `own_sheets` each begins on a sheet of its own when
    both sides are printed. Raises a kind of `UnableToPrint`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two clicks in one second ask one after the other
    if open_run_of(actor, school) is not None:
        raise RunStillBeingMade("Your last print is still being made. Open it, or wait until it is ready.")
    if not agreements:
        raise NothingToPrint("None of these waits for a signature on paper. Choose others.", rule="AGR-08")
    if len(agreements) > MOST:
        raise TooManyToPrint(
            f"These are {len(agreements)} agreements. Print at most {MOST} in one go, such as form by form.",
            rule="AGR-06",
        )
    run = PrintRun(
        school=school,
        wanted={"agreements": [one.pk for one in agreements], "large": large, "own_sheets": own_sheets},
        total=len(agreements),
        requested_at=at,
        requested_by=actor,
    )
    run.save()
    record(
        school=school,
        actor=actor,
        action="agreements.print_many",
        at=at,
        obj=run,
        submission=submission,
        detail=run.wanted,
    )
    after_commit(_ring, run.pk)
    return run


@operation("agreements.print_again")
def print_again(
    *, school: School, actor: User, at: datetime, run: PrintRun, submission: UUID | None = None
) -> PrintRun:
    """Ask once more for a print that could not be made. Who may: MANAGE_AGREEMENTS. Raises `NotToMakeAgain`."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row: PrintRun = PrintRun.objects.select_for_update(of=("self",)).defer("content").get(pk=run.pk)
    if row.state != MakeState.FAILED:
        raise NotToMakeAgain(f"This print is “{MakeState(row.state).label.lower()}”. Open the page again.")
    RUNS.begin_again(row, at)
    record(school=school, actor=actor, action="agreements.print_again", at=at, obj=row, submission=submission)
    after_commit(_ring, row.pk)
    return row


def make_run(*, run_id: int, at: datetime) -> bool:
    """Make one print, if it still has to be made and nobody else is making it; returns whether this call made it."""
    return RUNS.run(run_id, at=at, make=_make, keep=_keep)


def resume_runs(*, at: datetime) -> list[int]:
    """Ring for every print that waits unheard or whose worker is gone; returns their keys. For the periodic task."""
    found = RUNS.to_resume(at)
    for key in found:
        _ring(key)
    return found


def purge_runs(*, at: datetime) -> int:
    """Drop the content of prints a day after they were asked for, in every school; returns how many."""
    with scopes_disabled():
        old = PrintRun.objects.filter(requested_at__lt=at - KEEP).exclude(state=MakeState.EXPIRED)
        return int(old.update(state=MakeState.EXPIRED, content=None, checksum="", claimed_at=None))


def _ring(run_id: int) -> None:
    from agreements.tasks import make_run as task  # tasks import operations

    task.delay(run_id)


def _make(run: PrintRun, now: Now) -> Pdf:
    def note(part: Part) -> None:
        run.done += part.count
        if not RUNS.held(run).update(done=run.done, claimed_at=now()):
            raise ClaimLost

    return join_pdf(
        _parts(run), made_at=run.requested_at, title=TITLE, after_each=note, own_sheets=run.wanted["own_sheets"]
    )


def _parts(run: PrintRun) -> Iterator[Part]:
    """Each agreement in its turn, in the order that it was asked for."""
    address = verify_address(run.school)
    for agreement in agreements_in_order(run.school, run.wanted["agreements"]):
        snapshot = snapshot_of(agreement, agreement.signatories.all(), (), at=run.requested_at)
        laid = layout_of(snapshot, verify_address=address, is_blank=True, large=run.wanted["large"])
        yield Part(laid["template"], laid["context"], laid["styles"], laid["assets"])


def _keep(run: PrintRun, pdf: Pdf, at: datetime) -> bool:
    with transaction.atomic():
        kept = RUNS.held(run).update(
            state=MakeState.READY,
            content=pdf.content,
            checksum=pdf.checksum,
            pages=pdf.pages,
            claimed_at=None,
            finished_at=at,
        )
        if kept:
            detail = {"pages": pdf.pages, "checksum": pdf.checksum}
            record(school=run.school, actor=None, action="agreements.make_print", at=at, obj=run, detail=detail)
    return bool(kept)


def _fail(run: PrintRun, at: datetime) -> None:
    record(school=run.school, actor=None, action="agreements.fail_print", at=at, obj=run)


RUNS = Jobs(
    PrintRun,
    claim=timedelta(minutes=2),  # one agreement takes a second; whoever shows none for so long is gone
    missed_bell=MISSED_BELL,
    on_failed=_fail,
    related=("school", "requested_by"),
    fresh={"done": 0},
)
