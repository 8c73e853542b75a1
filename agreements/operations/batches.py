"""Issuing to many: asked for by a person, done by the worker a few at a time, stopped and gone on with (AGR-01).

Each step holds the batch's row, issues to the next few pupils and moves the mark in one transaction. Killed at any
point, or run by two workers at once, every pupil gets one agreement and every household one link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.urls import reverse

from agreements.enums import (
    SEVERAL_KINDS,
    STAFF_KINDS,
    AgreementEventKind,
    AgreementState,
    BatchState,
    Capacity,
    ParentsNeeded,
    SignatoryState,
)
from agreements.models import Agreement, AgreementEvent, IssueBatch, Signatory, TemplateVersion
from agreements.operations.issuing import Text, check_issuable, compose, needed_or_decided, parents_to_ask, text_of
from agreements.operations.links import send_links
from agreements.operations.refusals import UnableToIssue
from agreements.queries.batches import MISSED_BELL, Chosen, chosen_by, pupils_to_issue_to
from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.commits import after_commit
from core.kit.jobs import MOST_TRIES, ClaimLost, Jobs, Now
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import contacts_to_tell, tutors_of_forms
from core.people.roles import Permission

_PUPILS, _ADULTS = 25, 20  # so many in one transaction: about a second of the database's time
_OPEN = (BatchState.WAITING, BatchState.MAKING)
_WHY = "Issued to many."


class NobodyToIssueTo(UnableToIssue):
    """Everybody who was chosen has one, or nobody was."""

    default_field = "scope"


class NotForMany(UnableToIssue):
    """This kind is about one person's matter and is issued from that person's page."""

    default_field = "version"


class IssueRunning(UnableToIssue):
    """The same text is being issued to others just now."""

    default_field = "version"


class NotToStop(Refusal):
    """It has ended already."""


class NotToGoOn(Refusal):
    """It was neither stopped nor has it failed."""


@operation("agreements.issue_to_many")
def issue_to_many(
    *,
    school: School,
    actor: User,
    at: datetime,
    version: TemplateVersion,
    chosen: Chosen,
    starts_on: date,
    parents_needed: str = ParentsNeeded.ONE,
    send: bool = True,
    signatories: Sequence[str] = (),
    reason: str = "",
    submission: UUID | None = None,
) -> IssueBatch:
    """Ask the worker to issue one text to a form, a year, joiners, everybody or those who have one to renew (AGR-01).

    Who may: MANAGE_AGREEMENTS. `signatories` and `reason` are needed where the rules leave open who signs. With `send`
    each household gets one email with a link once all are issued. Raises a kind of `UnableToIssue`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    check_issuable(version, starts_on)
    if version.template.kind in (*STAFF_KINDS, *SEVERAL_KINDS):
        raise NotForMany("This is issued from the page of whoever it is about.", rule="AGR-01")
    today = london_day(at)
    text = text_of(school, version, starts_on=starts_on, today=today)
    needed = needed_or_decided(text, actor, at, signatories, reason)
    total = pupils_to_issue_to(chosen, version.template, today).count()
    if not total:
        raise NobodyToIssueTo("Everybody who was chosen has this agreement, or nobody was chosen.", rule="AGR-01")
    batch = IssueBatch(
        school=school,
        template_version=version,
        scope=chosen.scope,
        form=chosen.form,
        year=chosen.year,
        since=chosen.since,
        starts_on=starts_on,
        parents_needed=parents_needed,
        send_links=send,
        needed=needed,
        total=total,
        requested_at=at,
        requested_by=actor,
    )
    _one_at_a_time(batch.save)
    record(
        school=school,
        actor=actor,
        action="agreements.issue_to_many",
        at=at,
        obj=batch,
        submission=submission,
        detail={"version": version.pk, "scope": str(chosen.scope), "pupils": total, "links": send},
    )
    after_commit(_ring, batch.pk)
    return batch


@operation("agreements.stop_issue")
def stop_issue(
    *, school: School, actor: User, at: datetime, batch: IssueBatch, submission: UUID | None = None
) -> IssueBatch:
    """Stop after the step that is being done; what was issued stays. Who may: MANAGE_AGREEMENTS. Raises `NotToStop`."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row: IssueBatch = IssueBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state not in _OPEN:
        raise NotToStop("It has ended already. Open the page again.", rule="AGR-01")
    row.state, row.claimed_at, row.finished_at = BatchState.STOPPED, None, at
    row.save()
    detail = {"issued": row.done}
    record(
        school=school, actor=actor, action="agreements.stop_issue", at=at, obj=row, submission=submission, detail=detail
    )
    return row


@operation("agreements.go_on_issuing")
def go_on_issuing(
    *, school: School, actor: User, at: datetime, batch: IssueBatch, submission: UUID | None = None
) -> IssueBatch:
    """Go on with what was stopped or failed, from where it is. Who may: MANAGE_AGREEMENTS. Raises `NotToGoOn`, and
    `IssueRunning` where the same text is being issued to others meanwhile."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row: IssueBatch = IssueBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state not in (BatchState.STOPPED, BatchState.FAILED):
        raise NotToGoOn("It is being issued, or done already. Open the page again.", rule="AGR-01")
    _one_at_a_time(lambda: BATCHES.begin_again(row, at))
    record(school=school, actor=actor, action="agreements.go_on_issuing", at=at, obj=row, submission=submission)
    after_commit(_ring, row.pk)
    return row


def _one_at_a_time(save: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if "agreements_batch_one_at_a_time" not in str(error):
            raise
        raise IssueRunning(
            "This text is being issued to others just now. Wait until that is done, or stop it first.", rule="AGR-01"
        ) from error


def issue_batch(*, batch_id: int, at: datetime) -> bool:
    """Do what is left of a batch; returns whether this call finished it. For the worker; several may run at once.

    Three errors without a step between them leave it to a person.
    """
    return BATCHES.run(batch_id, at=at, make=_do, keep=_finish)


def resume_batches(*, at: datetime) -> list[int]:
    """Ring for every batch that waits unheard or whose worker is gone; returns their keys. For the periodic task."""
    found = BATCHES.to_resume(at)
    for key in found:
        _ring(key)
    return found


def _ring(batch_id: int) -> None:
    from agreements.tasks import issue_batch as task  # tasks import operations

    task.delay(batch_id)


def _do(batch: IssueBatch, now: Now) -> None:
    _issue_all(batch, now)
    if batch.send_links:
        _send_all(batch, now)


def _held(batch: IssueBatch) -> IssueBatch:
    """The row, locked, for one step. Raises `ClaimLost` once somebody stopped it, or another worker has it."""
    row: IssueBatch | None = BATCHES.held(batch).select_for_update(of=("self",)).first()
    if row is None:
        raise ClaimLost
    return row


def _note_step(batch: IssueBatch, row: IssueBatch, at: datetime) -> None:
    """A step is done: the claim begins anew, and the tries are counted from here."""
    row.claimed_at, row.tries = at, 0
    row.save(update_fields=["after", "claimed_at", "tries", "done", "total"])
    batch.tries = 0


def _issue_all(batch: IssueBatch, now: Now) -> None:
    """Issue to pupil after pupil; one who got an agreement meanwhile by another hand is passed over."""
    version, today = batch.template_version, london_day(batch.requested_at)
    text = text_of(batch.school, version, starts_on=batch.starts_on, today=today)
    tutors = tutors_of_forms(batch.school, today)
    collisions = 0
    while True:
        try:
            if not _issue_next(batch, text, tutors, now()):
                return
        except IntegrityError as error:
            collisions += 1
            if collisions > MOST_TRIES or "agreements_agreement_one_" not in str(error):
                raise


def _issue_next(batch: IssueBatch, text: Text, tutors: dict[int, list[User]], at: datetime) -> bool:
    with transaction.atomic():
        row = _held(batch)
        needing = pupils_to_issue_to(chosen_by(batch), batch.template_version.template, london_day(at))
        pupils = list(needing.filter(pk__gt=row.after).order_by("pk")[:_PUPILS])
        if not pupils:
            return False
        agreements = _issue_to(batch, text, pupils, tutors, at)
        row.after = pupils[-1].pk
        row.done += len(agreements)
        row.total = max(row.total, row.done)  # somebody who joined since it was asked for is issued to as well
        _note_step(batch, row, at)
        detail = {"agreements": [one.pk for one in agreements]}
        record(school=batch.school, actor=batch.requested_by, action="agreements.issue_some", at=at, obj=row,
               detail=detail)  # fmt: skip
    return True


def _issue_to(
    batch: IssueBatch, text: Text, pupils: Sequence[Pupil], tutors: dict[int, list[User]], at: datetime
) -> list[Agreement]:
    by = batch.requested_by
    told = contacts_to_tell(batch.school, [pupil.pk for pupil in pupils])
    made: list[tuple[Agreement, list[Signatory]]] = [
        compose(
            text,
            at=at,
            pupil=pupil,
            user=None,
            needed=batch.needed,
            parents=parents_to_ask(told.get(pupil.pk, [])),
            tutors=tutors.get(pupil.form_id or 0, ()),
            parents_needed=batch.parents_needed,
            actor=by,
            batch=batch,
        )
        for pupil in pupils
    ]
    agreements = bulk_create(Agreement, [agreement for agreement, _rows in made], by=by, at=at, reason=_WHY)
    rows = []
    for agreement, asked in made:
        for row in asked:
            row.agreement = agreement  # now that it has a key
            rows.append(row)
    bulk_create(Signatory, rows, by=by, at=at, reason=_WHY)
    events = [
        AgreementEvent(
            school=batch.school,
            agreement=agreement,
            kind=AgreementEventKind.ISSUED,
            from_state=AgreementState.DRAFT,
            to_state=agreement.state,
            at=at,
            by=by,
        )
        for agreement in agreements
    ]
    AgreementEvent.objects.bulk_create(events)
    return agreements


def _send_all(batch: IssueBatch, now: Now) -> None:
    """One link to each adult for all their children, a few adults at a time; whose address is not known is on paper."""
    last = ""
    while True:
        with transaction.atomic():
            row = _held(batch)
            waiting = Signatory.objects.filter(
                agreement__batch=batch, capacity=Capacity.PARENT, state=SignatoryState.NOT_SENT
            ).annotate(address=Lower("contact__email"))
            found = waiting.filter(address__gt=last).order_by("address").values_list("address", flat=True)
            addresses = list(found.distinct()[:_ADULTS])
            if not addresses:
                return
            last = addresses[-1]
            rows = list(waiting.filter(address__in=addresses))
            send_links(school=batch.school, actor=None, at=now(), signatories=rows)
            _note_step(batch, row, now())


def _finish(batch: IssueBatch, done: None, at: datetime) -> bool:
    with transaction.atomic():
        try:
            row = _held(batch)
        except ClaimLost:
            return False
        row.state, row.claimed_at, row.finished_at = BatchState.READY, None, at
        row.left_out = row.total - row.done
        row.save(update_fields=["state", "claimed_at", "finished_at", "left_out"])
        detail = {"issued": row.done, "left_out": row.left_out}
        record(school=batch.school, actor=None, action="agreements.finish_issue", at=at, obj=row, detail=detail)
        notify(
            school=batch.school,
            recipients=[batch.requested_by],
            kind="agreements.issued",
            subject="The agreements are issued",
            body="The page says to how many, and who has no email address.",
            url=reverse("agreements:batch", args=[batch.school.slug, batch.pk]),
            at=at,
            email=False,
            dedupe_key=f"agreements.issued.{batch.pk}",
        )
    return True


def _note_failure(batch: IssueBatch, at: datetime) -> None:
    record(school=batch.school, actor=None, action="agreements.fail_issue", at=at, obj=batch)


BATCHES = Jobs(
    IssueBatch,
    claim=timedelta(minutes=2),  # a step takes a second; whoever holds the batch longer is gone
    missed_bell=MISSED_BELL,
    on_failed=_note_failure,
    related=("school", "template_version__template", "form", "requested_by"),
)
