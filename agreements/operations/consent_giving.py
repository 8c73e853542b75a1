"""What somebody says about images: yes or no to each use, changed or taken back at any time (CON-01, CON-05, AG-4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agreements.enums import ConsentBasis, ConsentPurpose, ConsentState
from agreements.models import ConsentEvent, ImageConsent, OwnConsentDecision, Signature
from agreements.operations.consent_refusals import (
    LastDayPassed,
    MayNotConsent,
    NameWithoutImage,
    NothingToWithdraw,
    OwnDecisionNeeded,
    ParentGivesConsent,
    PurposeNotNamed,
)
from agreements.operations.consent_telling import tell_of_change
from agreements.queries.consent_standing import LIVE, own_decisions_in_effect
from agreements.workflow import CONSENT_MOVES, check_move
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Permission
from core.rules.queries import for_school

_S = ConsentState


@operation("agreements.record_consent")
def record_consent(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    mode: str,
    said_by: str,
    purposes: Sequence[str],
    pupil: Pupil | None = None,
    contact: Contact | None = None,
    adult: User | None = None,
    other_purpose: str = "",
    first_name_for: str = "",
    ends_on: date | None = None,
    signature: Signature | None = None,
    note: str = "",
    submission: UUID | None = None,
) -> ImageConsent:
    """Write down what one person answered, whole: yes to each of `purposes`, no to all others (CON-01).

    About a pupil with a `contact`: that parent's answer; without: the pupil's own, for which the headteacher's decision
    in their case is in effect (CON-03). With an `adult`: their own, about themselves. Whoever agreed before and now
    leaves a use out has withdrawn it, and those who publish are told at once (NOT-24). Who may: MANAGE_CONSENTS;
    `actor` is None for what came by a link. Raises a kind of `UnableToRecordConsent`.
    """
    if actor is not None:
        require(actor, Permission.MANAGE_CONSENTS, school)
    chosen = [str(one) for one in ConsentPurpose if one in purposes]
    _check_answer(chosen, other_purpose, first_name_for, ends_on, at)
    consent = _row_of(school, pupil, contact, adult, said_by, at)
    _answer(
        consent, chosen, actor=actor, at=at, mode=mode, said_by=said_by, note=note, signature=signature,
        other_purpose=other_purpose.strip(), first_name_for=first_name_for.strip(), ends_on=ends_on,
    )  # fmt: skip
    _recorded("agreements.record_consent", consent, actor, at, mode, submission)
    return consent


@operation("agreements.withdraw_consent")
def withdraw_consent(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    consent: ImageConsent,
    mode: str,
    said_by: str,
    purposes: Sequence[str] | None = None,
    first_name: bool = False,
    note: str = "",
    submission: UUID | None = None,
) -> ImageConsent:
    """Take consent back, from all uses (`purposes` None) or some: no new use from this moment (CON-05, law AG-4).
    `first_name`: the permission for the first name is taken back, alone or with uses.

    What is published already is listed on the pupil's page. Who may: MANAGE_CONSENTS, for whoever says so; the giver
    by a link (`actor` None). Raises `NothingToWithdraw`.
    """
    if actor is not None:
        require(actor, Permission.MANAGE_CONSENTS, school)
    _hold(consent.pupil, consent.adult)
    row = ImageConsent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    given = set(row.purposes)
    taken = given if purposes is None else given & set(purposes)
    name_too = first_name and bool(row.first_name_for)
    if row.state not in LIVE or not (taken or name_too):
        raise NothingToWithdraw("Choose what is withdrawn. Nothing else was agreed to.", rule="CON-05")
    left = [one for one in row.purposes if one not in taken]
    _answer(
        row, left, actor=actor, at=at, mode=mode, said_by=said_by, note=note, ends_on=row.ends_on,
        other_purpose=row.other_purpose if ConsentPurpose.OTHER in left else "",
        first_name_for=row.first_name_for if left and not first_name else "",
    )  # fmt: skip
    _recorded("agreements.withdraw_consent", row, actor, at, mode, submission)
    return row


@operation("agreements.ask_for_consent")
def ask_for_consent(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    contacts: Sequence[Contact],
    submission: UUID | None = None,
) -> Pupil:
    """Note that these parents were asked. What was answered before stands; one that ran out waits for an answer anew.

    Who may: MANAGE_CONSENTS. Raises `MayNotConsent`.
    """
    require(actor, Permission.MANAGE_CONSENTS, school)
    for contact in contacts:
        consent = _row_of(school, pupil, contact, None, contact.display_name, at)
        if consent.pk is None or consent.state in (_S.ASKED, _S.EXPIRED):
            consent.state, consent.asked_at = _S.ASKED, at
            consent.stamp(by=actor, at=at)
            consent.save()
    record(
        school=school, actor=actor, action="agreements.ask_for_consent", at=at, obj=pupil, submission=submission,
        detail={"asked": len(contacts)},
    )  # fmt: skip
    return pupil


@operation("agreements.run_out_consents")
def run_out_consents(*, school: School, at: datetime, actor: None = None) -> int:
    """Each morning: consents whose last day has passed run out, and those who publish are told. For the worker."""
    today = london_day(at)
    due = ImageConsent.objects.filter(school=school, state__in=LIVE, ends_on__lt=today)
    ended = 0
    for key in list(due.values_list("pk", flat=True)):
        row = ImageConsent.objects.select_for_update(of=("self",)).get(pk=key)
        if row.state not in LIVE or row.ends_on is None or row.ends_on >= today:
            continue
        _answer(row, [], actor=None, at=at, mode="", said_by="", note="", target=_S.EXPIRED)
        ended += 1
    record(school=school, actor=None, action="agreements.run_out_consents", at=at, detail={"ended": ended})
    return ended


def _check_answer(chosen: list[str], other: str, first_name_for: str, ends_on: date | None, at: datetime) -> None:
    if ConsentPurpose.OTHER in chosen and not other.strip():
        raise PurposeNotNamed("Say what the other purpose is. Consent is for what was named.", rule="CON-01")
    if first_name_for.strip() and not chosen:
        raise NameWithoutImage("A first name goes with an image. Agree to a use, or leave this empty.", rule="CON-06")
    if ends_on is not None and ends_on < london_day(at):
        raise LastDayPassed("The last day is today or later.", rule="CON-01")


def _hold(pupil: Pupil | None, adult: User | None) -> None:
    """Whoever answers and whoever publishes about one pupil do so in turn."""
    if pupil is not None:
        Pupil.objects.select_for_update(no_key=True).only("pk").get(pk=pupil.pk)
    elif adult is not None:
        User.objects.select_for_update(no_key=True).only("pk").get(pk=adult.pk)


def _row_of(
    school: School, pupil: Pupil | None, contact: Contact | None, adult: User | None, said_by: str, at: datetime
) -> ImageConsent:
    """This giver's row, held; a new one, not saved yet, where they were never asked."""
    _hold(pupil, adult)
    rows = ImageConsent.objects.select_for_update(of=("self",))
    new: dict[str, Any] = {"school": school, "asked_at": at, "giver_name": said_by.strip()[:160]}
    if adult is not None:
        return rows.filter(adult=adult).first() or ImageConsent(adult=adult, basis=ConsentBasis.ADULT, **new)
    assert pupil is not None
    if contact is not None:
        _check_parent(pupil, contact, at)
        found = rows.filter(pupil=pupil, contact=contact).first()
        return found or ImageConsent(pupil=pupil, contact=contact, basis=ConsentBasis.PARENT, **new)
    decision = _own_decision(school, pupil, at)
    own = rows.filter(pupil=pupil, basis=ConsentBasis.OWN).first()
    if own is None:
        return ImageConsent(pupil=pupil, basis=ConsentBasis.OWN, decision=decision, **new)
    own.decision = decision
    return own


def _check_parent(pupil: Pupil, contact: Contact, at: datetime) -> None:
    ended = contact.ended_on is not None and contact.ended_on < london_day(at)
    if contact.pupil_id != pupil.pk or ended or contact.has_parental_responsibility is False:
        raise MayNotConsent(
            "This adult cannot consent for the child: their contact has ended, or they have no parental "
            "responsibility on record.",
            rule="AG-5",
        )


def _own_decision(school: School, pupil: Pupil, at: datetime) -> OwnConsentDecision:
    if for_school(school, on=london_day(at)).image_consent_giver == "parent":
        raise ParentGivesConsent(
            "Your school’s rules say that a parent or carer consents. The child’s own answer is not enough.",
            rule="image_consent_giver",
        )
    decision = own_decisions_in_effect([pupil.pk]).get(pupil.pk)
    if decision is None or not decision.may_decide:
        raise OwnDecisionNeeded(
            "They answer for themselves only once the headteacher has decided so in their case, and it is in effect. "
            "Age alone never decides.",
            rule="CON-03",
        )
    return decision


def _answer(
    consent: ImageConsent,
    purposes: list[str],
    *,
    actor: User | None,
    at: datetime,
    mode: str,
    said_by: str,
    note: str,
    other_purpose: str = "",
    first_name_for: str = "",
    ends_on: date | None = None,
    signature: Signature | None = None,
    target: ConsentState | None = None,
) -> None:
    """Give a held row its new answer, and write down what it was and what it became."""
    before, given, named = consent.state, list(consent.purposes), consent.first_name_for
    target = target or _state_after(consent, purposes, other_purpose, first_name_for, ends_on)
    if target != before:
        check_move(CONSENT_MOVES, before, target, "This answer cannot follow the last one.", rule="matrix 4.15")
    taken_back = [one for one in given if one not in purposes]
    if consent.pk is None:
        _first_asked(consent, actor, at)
    consent.state, consent.purposes, consent.answered_at = target, purposes, at
    consent.other_purpose = other_purpose if ConsentPurpose.OTHER in purposes else ""
    consent.first_name_for = first_name_for if purposes else ""
    consent.ends_on = ends_on if purposes else consent.ends_on
    consent.signature = signature or consent.signature
    if said_by.strip():
        consent.giver_name = said_by.strip()[:160]
    consent.stamp(by=actor, at=at)
    consent.save()
    event = ConsentEvent(
        school=consent.school, consent=consent, from_state=before, to_state=target, purposes=purposes,
        taken_back=taken_back, first_name_for=consent.first_name_for, said_by=said_by.strip()[:160], mode=mode,
        note=note.strip()[:500], at=at, by=actor,
    )  # fmt: skip
    event.save()
    if taken_back or (named and not consent.first_name_for):
        tell_of_change(event, consent, at)


def _first_asked(consent: ImageConsent, actor: User | None, at: datetime) -> None:
    """An answer follows a question: the row begins as asked."""
    consent.state = _S.ASKED
    consent.stamp(by=actor, at=at)
    consent.save()


def _state_after(
    consent: ImageConsent, purposes: list[str], other: str, first_name_for: str, ends_on: date | None
) -> ConsentState:
    live = consent.state in LIVE
    if not purposes:
        return _S.WITHDRAWN if live or consent.state == _S.WITHDRAWN else _S.REFUSED
    same = (
        set(purposes) == set(consent.purposes)
        and other == consent.other_purpose
        and first_name_for == consent.first_name_for
        and ends_on == consent.ends_on
    )
    if live:
        return _S(consent.state) if same else _S.CHANGED
    return _S.GIVEN


def _recorded(
    action: str, consent: ImageConsent, actor: User | None, at: datetime, mode: str, submission: UUID | None
) -> None:
    record(
        school=consent.school, actor=actor, action=action, at=at, obj=consent, submission=submission,
        detail={"state": consent.state, "purposes": list(consent.purposes), "mode": str(mode)},
    )  # fmt: skip
