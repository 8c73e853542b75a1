"""Give a taken device back to whom the rules allow, or refuse and keep that somebody asked; say a release was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import moment
from core.people.access import has, require
from core.people.models import Contact, School, User
from core.people.roles import Permission
from devices.enums import Claimant, DeviceOwner, EventKind, GivenTo, IdentityCheck, NoticeAbout, SignedHow, State
from devices.models import CustodyRecord, Release, ReleaseRefusal
from devices.operations.moves import add_events, locked
from devices.operations.taken.evidence import OnEvidenceHold, refuse_if_held
from devices.operations.taken.parents import open_notice, told_in_person
from devices.queries.taken.release import (
    ASK_THE_DSL,
    PARENT_RULES,
    ReleaseTerms,
    is_taken,
    is_undone,
    release_event_of,
    release_terms,
)

_SAME_CLAIM = timedelta(seconds=20)  # a button pressed twice is one claim
_GIVEN_TO = {Claimant.PUPIL: GivenTo.PUPIL, Claimant.CONTACT: GivenTo.CONTACT}
_RELEASED = {Claimant.PUPIL: State.RELEASED_TO_PUPIL, Claimant.CONTACT: State.RELEASED_TO_PARENT}


class UnableToRelease(Refusal):
    """A taken device was not given back."""


class HandedInNotTaken(UnableToRelease):
    """It was handed in by arrangement, so it goes back at the hand-back desk."""


class ReleasedAlready(UnableToRelease):
    """It is not here any more."""


class ReleaseNotWhole(UnableToRelease):
    """The record of a release lacks something: how the collector was known, the signature, the condition."""


class ClaimRefused(UnableToRelease):
    """Somebody asked for a device that they may not have, or not now, or not here. Kept with who asked (CNF-05)."""

    recorded = True


class WithheldFromRelease(ClaimRefused):
    """The DSL keeps it from parents, and only the DSL or head lets it go."""


class ReleaseDecisionNeeded(ClaimRefused):
    """The rules do not say who may collect: the head, a senior leader or the DSL decides first (matrix §0.3)."""


class DecidedOtherwise(ClaimRefused):
    """What was decided about this device names somebody else."""

    default_field = "to"


class PupilMayNotCollect(ClaimRefused):
    """The rule gives it to a parent or carer only."""

    default_field = "to"


class EscalatedToParent(ClaimRefused):
    """It was decided that a parent or carer collects it (CNF-06)."""

    default_field = "to"


class BelongsToAnother(ClaimRefused):
    """It is not the pupil's own device, so it goes to a parent or carer (law PH-11)."""

    default_field = "to"


class FriendMayNotCollect(ClaimRefused):
    """No rule gives a device to a friend or another pupil."""

    default_field = "to"


class AdultNotListed(ClaimRefused):
    """The adult is not among this pupil's contacts who may collect."""

    default_field = "to"


class TooEarlyToRelease(ClaimRefused):
    """The rule, or the decision, gives it back later."""


class WrongPlaceToRelease(ClaimRefused):
    """The rule gives it back at the school office."""

    default_field = "place"


class UnableToUndoRelease(Refusal):
    """A release was not corrected."""


class ReleaseUndoneAlready(UnableToUndoRelease):
    """Somebody corrected it before."""


class TakenAgainSince(UnableToUndoRelease):
    """The device has been handed in or taken again since then."""


@dataclass(frozen=True)
class _Claim:
    """Who asks for the device."""

    claimant: Claimant
    contact: Contact | None
    name: str


@operation("devices.release")
def release_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    to: str,
    contact: Contact | None = None,
    claimant_name: str = "",
    identity: str = "",
    identity_note: str = "",
    signed: str = "",
    initials: str = "",
    condition: str = "",
    place: str = "",
    where: str = "",
    submission: UUID | None = None,
) -> Release:
    """Give a taken device back to whom the rules of the day it was taken allow, when and where (CNF-04, CNF-09).

    Who may: RELEASE_DEVICE. Whoever else asks is refused with a kind of `ClaimRefused`, which stays on record with who
    asked, and is to be told to a parent where only parents collect (NOT-25). `OnEvidenceHold` stands above every rule.
    A release under such a rule counts as told to the collector. `ReleaseNotWhole` asks for what the record needs.
    """
    require(actor, Permission.RELEASE_DEVICE, school)
    stay = locked(custody)
    if not is_taken(stay):
        raise HandedInNotTaken("It was handed in, not taken. Give it back at the hand-back desk.", rule="DEV-07")
    if not stay.is_open:
        raise ReleasedAlready(_gone(stay, at), rule="CNF-09")
    terms = release_terms(stay, at)
    claim = _claim(stay, Claimant(to), contact, claimant_name)
    try:
        refuse_if_held(stay)
        _refuse_claim(stay, terms, claim, actor, at, place)
    except (ClaimRefused, OnEvidenceHold) as refusal:
        refusal.leaves = partial(_keep_refusal, refusal, stay, terms, claim, actor, at)
        raise
    _refuse_gaps(identity, identity_note, signed, initials, condition, place, where)
    release = Release(
        school=school,
        custody=stay,
        to=claim.claimant,
        contact=claim.contact,
        collector_name=claim.name,
        relationship=claim.contact.relationship if claim.contact else "",
        identity=identity,
        identity_note=identity_note,
        signed=signed,
        initials=initials if signed == SignedHow.INITIALS else "",
        condition=condition,
        where=where or "School office",
        released_at=at,
        released_by=actor,
        decision=terms.decision,
    )
    release.save()
    origin, target = State(stay.state), _RELEASED[claim.claimant]
    stay.state, stay.closed_at, stay.closed_by = target, max(at, stay.opened_at), actor
    stay.stamp(by=actor, at=at)
    stay.save()
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.RELEASE, "from_state": origin, "to_state": target, "place": stay.place, "slot": stay.slot,
         "given_to": _GIVEN_TO[claim.claimant], "given_to_name": claim.name, "condition": condition},
    )  # fmt: skip
    if terms.rule in PARENT_RULES and claim.contact is not None and not terms.withheld:
        notice = open_notice(
            school=school, actor=actor, at=at, about=NoticeAbout.RELEASED, pupil=stay.pupil, custody=stay, due_at=at
        )
        told_in_person(notice, actor=actor, at=at, contact=claim.contact, message="Collected the device.")
    record(
        school=school,
        actor=actor,
        action="devices.release",
        at=at,
        obj=release,
        submission=submission,
        detail={"custody": stay.pk, "to": claim.claimant.value, "rule": terms.rule, "was": origin.value},
    )
    return release


def _gone(stay: CustodyRecord, at: datetime) -> str:
    if stay.state == State.WITH_POLICE:
        return "It is with the police."
    if stay.closed_at is None or stay.voided:
        return "It is not here any more."
    by = stay.closed_by.display_name if stay.closed_by else "the office"
    return f"Already released, {moment(stay.closed_at, now=at)}, by {by}."


def _claim(stay: CustodyRecord, claimant: Claimant, contact: Contact | None, name: str) -> _Claim:
    if claimant == Claimant.PUPIL:
        return _Claim(claimant, None, stay.pupil.display_name)
    if claimant == Claimant.CONTACT and contact is not None and contact.pupil_id == stay.pupil_id:
        return _Claim(claimant, contact, contact.display_name)
    return _Claim(claimant, None, name)


def _refuse_claim(
    stay: CustodyRecord, terms: ReleaseTerms, claim: _Claim, actor: User, at: datetime, place: str
) -> None:
    rule = f"release_rule={terms.rule}"
    if terms.withheld and not has(actor, Permission.LIFT_HOLD, stay.school):
        raise WithheldFromRelease(ASK_THE_DSL, rule="CNF-13")
    if claim.claimant == Claimant.FRIEND:
        raise FriendMayNotCollect("It never goes to a friend or another pupil.", rule=rule)
    if claim.claimant == Claimant.OTHER_ADULT:
        raise AdultNotListed("It goes only to an adult on the pupil’s list. Ask the DSL.", rule=rule)
    if terms.needs_decision:
        raise ReleaseDecisionNeeded(
            "Your school’s rules do not say who may collect it. The head, a senior leader or the DSL decides first.",
            rule=rule,
        )
    if claim.claimant == Claimant.PUPIL and not terms.may_pupil:
        raise _pupil_refused(stay, terms, rule, at)
    if claim.claimant == Claimant.CONTACT:
        if terms.decision is not None and terms.decision.to != Claimant.CONTACT:
            raise DecidedOtherwise(f"It was decided that it goes to the pupil. {terms.why}", rule="release_decision")
        if claim.contact is None or claim.contact.pk not in {one.pk for one in terms.contacts}:
            raise AdultNotListed(
                "That adult is not on the pupil’s list of people who may collect. Ask the DSL.", rule=rule
            )
    since = terms.pupil_from if claim.claimant == Claimant.PUPIL else terms.contacts_from
    if since is not None and at < since:
        raise TooEarlyToRelease(f"It may go back from {moment(since, now=at)}. {terms.why}", rule=rule)
    if terms.place and place != terms.place:
        raise WrongPlaceToRelease(f"It goes back at the school office only. {terms.why}", rule=rule)


def _pupil_refused(stay: CustodyRecord, terms: ReleaseTerms, rule: str, at: datetime) -> ClaimRefused:
    if terms.escalation is not None or (terms.rule not in PARENT_RULES and stay.state == State.PARENT_COLLECTION):
        return EscalatedToParent(f"Not to the pupil. {terms.why}", rule="CNF-06")
    if terms.decision is not None:
        return DecidedOtherwise(
            f"It was decided that it goes to a parent or carer. {terms.why}", rule="release_decision"
        )
    if terms.rule not in PARENT_RULES and stay.device.owner != DeviceOwner.PUPIL:
        return BelongsToAnother(
            f"It belongs to {stay.device.get_owner_display().lower()}. It goes to a parent or carer.", rule="PH-11"
        )
    return PupilMayNotCollect(f"Not to the pupil. {terms.why}", rule=rule)


def _refuse_gaps(
    identity: str, identity_note: str, signed: str, initials: str, condition: str, place: str, where: str
) -> None:
    for missing, field, sentence in (
        (not identity, "identity", "Choose how you know who the collector is."),
        (identity == IdentityCheck.OTHER and not identity_note, "identity_note", "Say how you know who it is."),
        (not signed, "signed", "Choose how the collector signed."),
        (signed == SignedHow.INITIALS and not initials, "initials", "Enter the collector’s initials."),
        (not condition, "condition", "Say in what condition it goes back."),
        (not place, "place", "Choose where it is handed over."),
        (place == "elsewhere" and not where, "where", "Say where it is handed over."),
    ):
        if missing:
            raise ReleaseNotWhole(sentence, rule="CNF-09", field=field)


def _keep_refusal(
    refusal: Refusal, custody: CustodyRecord, terms: ReleaseTerms, claim: _Claim, actor: User, at: datetime
) -> None:
    """Keep who asked and what was said, after the refused transaction and beside the entry in the record (CNF-05)."""
    stay = locked(custody)
    again = ReleaseRefusal.objects.filter(
        custody=stay, claimant=claim.claimant, claimant_name=claim.name[:160], refusal=refusal.code, refused_by=actor,
        refused_at__gte=at - _SAME_CLAIM,
    )  # fmt: skip
    if again.exists():
        return
    ReleaseRefusal(
        school=stay.school,
        custody=stay,
        claimant=claim.claimant,
        claimant_name=claim.name[:160],
        contact=claim.contact,
        refusal=refusal.code,
        rule=refusal.rule[:60],
        sentence=refusal.message[:400],
        refused_at=at,
        refused_by=actor,
    ).save()
    listed = claim.contact is not None and claim.contact.pk in {one.pk for one in terms.contacts}
    if terms.rule in PARENT_RULES and not terms.held and not terms.withheld and not listed:
        open_notice(
            school=stay.school, actor=actor, at=at, about=NoticeAbout.CLAIM_REFUSED, pupil=stay.pupil, custody=stay,
            due_at=at,
        )  # fmt: skip


@operation("devices.undo_release")
def undo_release(
    *, school: School, actor: User, at: datetime, release: Release, note: str, submission: UUID | None = None
) -> Release:
    """Say that a release was recorded wrongly: the device is here, and waits as it did before. Erases nothing.

    Who may: LEAD_CUSTODY. Adds a release that names the one it undoes, and an event that corrects it. Raises a kind of
    `UnableToUndoRelease`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    stay = locked(release.custody)
    if stay.is_open or is_undone(release):
        raise ReleaseUndoneAlready("This release was corrected already.", rule="CNF-09")
    event = release_event_of(stay)
    assert event is not None  # a release always leaves its event
    origin, target = State(stay.state), State(event.from_state)
    stay.state, stay.closed_at, stay.closed_by = target, None, None
    if stay.slot_id and CustodyRecord.objects.filter(slot_id=stay.slot_id, closed_at__isnull=True).exists():
        stay.slot = None
    stay.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as error:
        if "devices_custody_one_open_per_device" in str(error):
            raise TakenAgainSince("The device has come in again since then.", rule="CNF-09") from error
        raise
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.CORRECTION, "from_state": origin, "to_state": target, "place": stay.place,
         "slot": stay.slot, "note": note[:300], "corrects": event},
    )  # fmt: skip
    undoing = Release(
        school=school,
        custody=stay,
        to=release.to,
        contact=release.contact,
        collector_name=release.collector_name,
        relationship=release.relationship,
        identity=release.identity,
        identity_note=release.identity_note,
        signed=release.signed,
        initials=release.initials,
        condition=release.condition,
        where=release.where,
        released_at=at,
        released_by=actor,
        decision=release.decision,
        undone=release,
    )
    undoing.save()
    record(
        school=school,
        actor=actor,
        action="devices.undo_release",
        at=at,
        obj=undoing,
        submission=submission,
        detail={"custody": stay.pk, "release": release.pk, "new": target.value},
    )
    return undoing
