"""What is said about a member of staff: classed by a person, taken to the police and the LADO, read by named people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from incidents.access import ABOUT_STAFF, about_me, may_read
from incidents.enums import AccessReason, AllegationKind, CaseEventKind, OutsideBody, PersonKind, Route
from incidents.leading import need_leader
from incidents.models import CaseAccess, Incident, OutsideEntry, StaffConcern
from incidents.operations.crime import open_tasks, settle_call
from incidents.operations.moves import NothingThere, locked, step
from incidents.queries.closing import Missing, connect_check
from incidents.queries.staff_concerns import (
    ContactRule,
    concern_of,
    contact_rule,
    entries_of,
    lado_by,
    needs_both,
    outside_needed,
)

_SEALED = "Kept sealed in the record."


class UnableToClassify(Refusal):
    """What is said of the member of staff is classed as it was."""


class KindNeeded(UnableToClassify):
    """A concern says of what kind it is."""

    default_field = "kinds"


class ThresholdSaysWhy(UnableToClassify):
    """Whether the harm threshold is met is decided by a person, with a reason."""

    default_field = "reason"


class DocumentsToName(UnableToClassify):
    """The rules do not say under which documents it is handled, so a person does."""

    default_field = "documents"


class CoverToSay(UnableToClassify):
    """Whether an arrangement covered a contact is found out by a person, and how they know is written down."""

    default_field = "covered"


class NothingCovers(UnableToClassify):
    """Under the school's rules no arrangement covers this contact: it is a breach."""

    recorded = True
    default_field = "covered"


class UnableToRecordEntry(Refusal):
    """No conversation with somebody outside was recorded."""


class EntryIncomplete(UnableToRecordEntry):
    """An entry names whom, when, and what they advised."""

    default_field = "advice"


class NotSpokenYet(UnableToRecordEntry):
    """The conversation is not ahead."""

    default_field = "spoken_at"


class UnableToGiveAccess(Refusal):
    """Who reads the record is as it was."""

    default_field = "person"


class SubjectNeverReads(UnableToGiveAccess):
    """The record is about this person, or their child: they never read it."""

    recorded = True


class ReadsAlready(UnableToGiveAccess):
    """They can read it already."""


class AccessEnded(UnableToGiveAccess):
    """It was ended already, or has run out."""

    default_field = "until"


@operation("incidents.classify_concern")
def classify_concern(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    kinds: Sequence[str],
    meets_threshold: bool,
    reason: str,
    context: str = "",
    sharer_named: bool = True,
    documents: Sequence[str] = (),
    covered: bool | None = None,
    covered_words: str = "",
    version: int | None = None,
    submission: UUID | None = None,
) -> StaffConcern:
    """Decide what is said of a member of staff: its kinds, and whether it may meet the harm threshold (SG-7, STA-13).

    At or over the threshold it is an allegation, to be with the LADO within one working day; under it a low-level
    concern for the head's register. The documents are those that the rules of the day name; where they are silent
    `documents`, kept as a decision. Of a contact from an own device: whether an arrangement in force that day `covered`
    it, and how one knows (STA-08). Who may: whoever leads on it. Raises a kind of `UnableToClassify`.
    """
    held, concern = _both(school, incident, actor, at, version=version)
    chosen = [kind.value for kind in AllegationKind if kind in kinds]
    if not chosen:
        raise KindNeeded("Choose at least one kind.", rule="STA-13")
    if not reason.strip():
        raise ThresholdSaysWhy("Say why it does or does not meet the harm threshold.", rule="SG-7")
    listed = for_school(school, on=london_day(held.happened_at or at)).staff_breach_documents
    silent = listed == UNSPECIFIED
    named = [line.strip() for line in (documents if silent else listed) if line.strip()]
    if not named:
        raise DocumentsToName("Your school’s rules name no document. Write under which it is handled.", rule="STA-13")
    rule = _check_cover(held, covered, covered_words)
    both = needs_both(chosen)
    values = {
        "kinds": chosen, "meets_threshold": meets_threshold or both, "threshold_reason": reason.strip(),
        "context": context.strip(), "sharer_named": sharer_named, "documents": named, "needs_outside": both,
        "covered": covered, "covered_words": covered_words.strip(),
    }  # fmt: skip
    for name, value in values.items():
        setattr(concern, name, value)
    concern.stamp(by=actor, at=at)
    concern.save()
    route = Route.ALLEGATION if concern.meets_threshold else Route.LOW_LEVEL_CONCERN
    steps: dict[str, Any] = {}
    if outside_needed(concern) and not held.next_step:
        due = lado_by(held)
        steps = {"next_step": _to_do(concern), "next_step_on": due, "no_next_step": ""}
    step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about=route.label, route=route, **steps)
    if silent:
        record_decision(
            school=school, actor=actor, at=at, key="staff_breach_documents", decision=", ".join(named)[:200],
            question="Under which documents is a staff breach handled?", reason=_SEALED, subject=concern,
        )  # fmt: skip
    if rule is not None and rule.key == UNSPECIFIED:
        record_decision(
            school=school, actor=actor, at=at, key="staff_contact_own_device", decision="Yes" if covered else "No",
            question="Was the contact from an own device covered?", reason=_SEALED, subject=concern,
        )  # fmt: skip
    open_tasks(held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.classify_concern", at=at, obj=concern, submission=submission,
        detail={"incident": held.pk, "route": route.value},
    )  # fmt: skip
    return concern


def _check_cover(held: Incident, covered: bool | None, words: str) -> ContactRule | None:
    """Raise unless what is said of an arrangement fits the rule of the day (STA-08, A-26, A-38)."""
    rule = contact_rule(held)
    if rule is None or not rule.is_asked:
        if covered:
            raise NothingCovers("Your school’s rules allow no such contact: it is a breach.", rule="STA-08")
        return rule
    if covered is None:
        raise CoverToSay("Say whether an arrangement in force that day covered it.", rule="STA-08")
    if covered and not words.strip():
        raise CoverToSay("Say which: agreed by whom, when, for what.", rule="STA-08", field="covered_words")
    pupil_is_there = held.people.filter(kind=PersonKind.PUPIL, removed_at__isnull=True).exists()
    if covered and rule.key == "judgement" and pupil_is_there:
        raise NothingCovers("With a pupil it is never left to judgement: it is a breach.", rule="A-38")
    return rule


def _to_do(concern: StaffConcern) -> str:
    words = {OutsideBody.POLICE: "the police", OutsideBody.LADO: "the LADO"}
    return "Speak to " + " and ".join(words[body] for body in outside_needed(concern))


@operation("incidents.record_outside")
def record_outside(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    body: str,
    spoken_to: str,
    spoken_at: datetime,
    advice: str,
    reference: str = "",
    submission: UUID | None = None,
) -> OutsideEntry:
    """Write down that the police or the LADO were spoken to: whom, when, their reference and advice (STA-14).

    Who may: whoever leads on it; added, never changed. Raises a kind of `UnableToRecordEntry`.
    """
    held, concern = _both(school, incident, actor, at)
    if not spoken_to.strip() or not advice.strip():
        field = "spoken_to" if not spoken_to.strip() else "advice"
        raise EntryIncomplete("Enter whom you spoke to, and what they advised.", rule="STA-14", field=field)
    if spoken_at > at:
        raise NotSpokenYet("Enter when you spoke to them: not ahead of now.", rule="STA-14")
    entry = OutsideEntry.objects.create(
        school=school, concern=concern, body=OutsideBody(body), spoken_to=spoken_to.strip(), spoken_at=spoken_at,
        reference=reference.strip(), advice=advice.strip(), at=at, by=actor,
    )  # fmt: skip
    settle_call(held, entry, actor=actor, at=at)
    step(held, CaseEventKind.TOLD, actor=actor, at=at, about=OutsideBody(body).label)
    record(
        school=school, actor=actor, action="incidents.record_outside", at=at, obj=entry, submission=submission,
        detail={"incident": held.pk, "body": OutsideBody(body).value},
    )  # fmt: skip
    return entry


@operation("incidents.give_access")
def give_access(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    person: User,
    reason: str,
    until: date | None = None,
    submission: UUID | None = None,
) -> CaseAccess:
    """Let somebody who is not of its readers read one record, until a day if one is given (STA-17).

    An investigator is named on the concern. Who may: whoever leads on the record. Whom it is about never reads it.
    Raises a kind of `UnableToGiveAccess`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if Incident.objects.filter(about_me(person), pk=held.pk).exists():
        raise SubjectNeverReads("The record is about them, or about their own child.", rule="STA-17")
    if until is not None and until < london_day(at):
        raise AccessEnded("The last day is over already.", rule="STA-17")
    if may_read(person, held, london_day(at)):
        raise ReadsAlready("They can read it already.", rule="STA-17")
    for over in CaseAccess.objects.filter(incident=held, user=person, ended_at__isnull=True):
        _end(over, actor, at)  # it ran out; the new one takes its place
    access = CaseAccess(
        school=school, incident=held, user=person, reason=AccessReason(reason), given_at=at, given_by=actor, until=until
    )
    access.stamp(by=actor, at=at)
    access.save()
    concern = concern_of(held)
    if concern is not None and reason == AccessReason.INVESTIGATOR and concern.investigator_id is None:
        concern.investigator = person
        concern.stamp(by=actor, at=at)
        concern.save()
    step(held, CaseEventKind.ACCESS, actor=actor, at=at, about=f"Given: {AccessReason(reason).label.lower()}")
    notify(
        school=school, recipients=[person], kind="incidents.access", subject="You can read a record now",
        url=reverse("incidents:case", args=[school.slug, held.pk]), at=at, dedupe_key=f"incidents.access:{access.pk}",
    )  # fmt: skip
    record(
        school=school, actor=actor, action="incidents.give_access", at=at, obj=access, submission=submission,
        detail={"incident": held.pk, "person": person.pk},
    )  # fmt: skip
    return access


@operation("incidents.end_access")
def end_access(
    *, school: School, actor: User, at: datetime, access: CaseAccess, submission: UUID | None = None
) -> CaseAccess:
    """From now on this person reads the record no longer. Who may: whoever leads on it. Raises `AccessEnded`."""
    held = locked(school, access.incident, actor, at)
    need_leader(actor, held)
    way_in = CaseAccess.objects.select_for_update().get(school=school, pk=access.pk)
    if way_in.ended_at is not None:
        raise AccessEnded("It was ended already.", rule="STA-17")
    _end(way_in, actor, at)
    step(held, CaseEventKind.ACCESS, actor=actor, at=at, about="Ended")
    record(
        school=school, actor=actor, action="incidents.end_access", at=at, obj=way_in, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return way_in


def _end(access: CaseAccess, actor: User, at: datetime) -> None:
    access.ended_at, access.ended_by = at, actor
    access.stamp(by=actor, at=at)
    access.save()


def _both(
    school: School, incident: Incident, actor: User, at: datetime, *, version: int | None = None
) -> tuple[Incident, StaffConcern]:
    """The record and its concern, held until the transaction ends, for whoever leads on it."""
    held = locked(school, incident, actor, at, version=version)
    need_leader(actor, held)
    concern = StaffConcern.objects.select_for_update(of=("self",)).filter(school=school, incident=held).first()
    if concern is None or held.route not in ABOUT_STAFF:
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    return held, concern


@connect_check
def _concern_is_whole(case: Incident, on: date) -> list[Missing]:
    """STA-14, SG-7: before it closes a person has decided on the threshold, and who must be spoken to has been."""
    concern = concern_of(case) if case.route in ABOUT_STAFF else None
    if concern is None:
        return []
    if concern.meets_threshold is None:
        return [Missing("threshold", "Whether it meets the harm threshold is not decided.", "classify-concern")]
    spoken = {entry.body for entry in entries_of(concern)}
    words = {OutsideBody.POLICE: "the police were", OutsideBody.LADO: "the LADO was"}
    return [
        Missing(f"outside-{body.value}", f"There is no entry that {words[body]} spoken to.", "outside-entry")
        for body in outside_needed(concern)
        if body not in spoken
    ]
