"""Deleting content from a pupil's device: asked for, decided, done by staff or asked of the pupil. Never a copy."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import DeletionState, FoundKind, SearchState
from devices.models import CustodyRecord, DeletionRecord, PoliceHandover, SearchFinding, SearchRecord
from devices.operations.moves import locked
from devices.operations.taken.evidence import refuse_if_held, refuse_if_image_suspected
from devices.queries.searches.searchers import allowed_in_words, decides_deletions
from devices.workflow import check_deletion_move


class UnableToDelete(Refusal):
    """Nothing is deleted."""


class DeletionForbidden(UnableToDelete):
    """The school's rules forbid deleting from a pupil's device."""

    recorded = True


class EvidenceNotDeleted(UnableToDelete):
    """It may be evidence: it is kept as it is, for the police (SEA-11, law EX-3)."""

    recorded = True
    default_field = "suspected"


class MayNotDelete(UnableToDelete):
    """The school's rules name others; the sentence says whom (SEA-10)."""

    recorded = True


class DeletionReasonMissing(UnableToDelete):
    """A deletion has its reason, and where the rules ask for a good one the decision gives it."""

    default_field = "decision"


class DeviceGoneBack(UnableToDelete):
    """The school does not have the device, so it deletes nothing from it."""


@operation("devices.request_deletion")
def request_deletion(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    content: str,
    rule_broken: str,
    reason: str,
    suspected: bool,
    search: SearchRecord | None = None,
    submission: UUID | None = None,
) -> DeletionRecord:
    """Ask that content be deleted: its kind in words, the rule it broke, and why (SEA-09). Never a copy.

    Who may: OPEN_SEARCH. With `suspected` (an offence, or the police have to do with it), under a hold, under suspicion
    of an indecent image, or after a search that was stopped, it is refused: the device is held for the police (SEA-11,
    law EX-3). Raises a kind of `UnableToDelete`, `OnEvidenceHold` or `ImageSuspected`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    rules = for_school(school, on=london_day(at))
    stay = locked(custody)
    _refuse_evidence(stay)
    if suspected:
        raise EvidenceNotDeleted(
            "Nothing is deleted. Put the device on evidence hold, and tell the DSL: the police may need it.",
            rule="SEA-11",
        )
    if rules.deletion_rule == "forbidden":
        raise DeletionForbidden("Your school’s rules do not allow deleting from a device.", rule="deletion_rule")
    deletion = DeletionRecord(
        school=school,
        custody=stay,
        search=search,
        content=content,
        rule_broken=rule_broken,
        reason=reason,
        requested_at=at,
        requested_by=actor,
        rules_version=rules.version,
    )
    deletion.stamp(by=actor, at=at)
    deletion.save()
    record(
        school=school,
        actor=actor,
        action="devices.request_deletion",
        at=at,
        obj=deletion,
        submission=submission,
        detail={"custody": stay.pk},
    )
    return deletion


def _refuse_evidence(stay: CustodyRecord) -> None:
    """Whatever may be evidence stays as it is (SEA-11, law EX-3)."""
    refuse_if_held(stay)
    refuse_if_image_suspected(stay)
    if not stay.is_open:
        raise DeviceGoneBack("The school does not have the device.", rule="SEA-09")
    stopped = SearchRecord.objects.filter(custody__device_id=stay.device_id, state=SearchState.STOPPED)
    found = SearchFinding.objects.filter(search__custody__device_id=stay.device_id, kind=FoundKind.ILLEGAL_IMAGE)
    police = PoliceHandover.objects.filter(custody=stay)
    if found.exists() or police.exists() or stopped.filter(custody=stay).exists():
        raise EvidenceNotDeleted(
            "It may be evidence. Nothing is deleted: it is kept as it is, for the police. Ask the DSL.", rule="SEA-11"
        )


@operation("devices.decide_deletion")
def decide_deletion(
    *,
    school: School,
    actor: User,
    at: datetime,
    deletion: DeletionRecord,
    approve: bool,
    decision: str = "",
    submission: UUID | None = None,
) -> DeletionRecord:
    """Approve or refuse a deletion (matrix §4.3). Who may: those of the rule `deletion_by`; the head always.

    A refusal says why, and so does an approval where the rules allow it only exceptionally. Where they are silent, the
    head, a senior leader or the DSL decides and says why. Raises a kind of `UnableToDelete`, or what keeps evidence.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held, stay = _held(school, deletion)
    rules = for_school(school, on=london_day(at))
    _may(actor, school, at)
    silent = UNSPECIFIED in (rules.deletion_rule, rules.deletion_by)
    if approve:
        _refuse_evidence(stay)
        if rules.deletion_rule == "forbidden":
            raise DeletionForbidden("Your school’s rules do not allow deleting from a device.", rule="deletion_rule")
    if not decision and (not approve or silent or rules.deletion_rule == "exceptional_good_reason"):
        said = "Say why it is refused." if not approve else "Say what the good reason is. It stays on record."
        raise DeletionReasonMissing(said, rule="SEA-09")
    target = DeletionState.APPROVED if approve else DeletionState.REFUSED
    check_deletion_move(held.state, target)
    held.state, held.decision = target, decision
    held.decided_at, held.decided_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    if silent:
        record_decision(
            school=school,
            actor=actor,
            at=at,
            key="deletion_rule" if rules.deletion_rule == UNSPECIFIED else "deletion_by",
            question="Is content deleted this time?",
            decision=str(target.label),
            reason=decision,
            subject=held,
        )
    record(
        school=school, actor=actor, action="devices.decide_deletion", at=at, obj=held, submission=submission,
        detail={"approved": approve},
    )  # fmt: skip
    return held


def _held(school: School, deletion: DeletionRecord) -> tuple[DeletionRecord, CustodyRecord]:
    """The stay before the deletion: the order in which they are asked for."""
    stay = locked(deletion.custody)
    held: DeletionRecord = DeletionRecord.objects.select_for_update(of=("self",)).get(school=school, pk=deletion.pk)
    return held, stay


def _may(actor: User, school: School, at: datetime) -> None:
    """Raise `MayNotDelete` for whom the rule `deletion_by` does not name (SEA-10)."""
    day = london_day(at)
    if not decides_deletions(actor, school, day):
        who = allowed_in_words(school, "deletion_by", day)
        raise MayNotDelete(f"Your school’s rules do not name you for this. They name {who}.", rule="SEA-10")


@operation("devices.carry_out_deletion")
def carry_out_deletion(
    *,
    school: School,
    actor: User,
    at: datetime,
    deletion: DeletionRecord,
    step: str,
    submission: UUID | None = None,
) -> DeletionRecord:
    """Note that an approved deletion was done by staff, asked of the pupil, or then confirmed (matrix §4.3).

    `step` is the state it comes to. Who may: those of the rule `deletion_by`. What became evidence since then stays.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held, stay = _held(school, deletion)
    _may(actor, school, at)
    target = DeletionState(step)
    check_deletion_move(held.state, target)
    if target != DeletionState.CONFIRMED or stay.is_open:
        _refuse_evidence(stay)
    held.state = target
    if target in (DeletionState.DONE_BY_STAFF, DeletionState.CONFIRMED):
        held.done_at, held.done_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school, actor=actor, action="devices.carry_out_deletion", at=at, obj=held, submission=submission,
        detail={"step": target.value},
    )  # fmt: skip
    return held
