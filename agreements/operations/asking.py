"""Which parents and carers are asked to sign: one more, or one no longer (law AG-5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agreements.enums import AgreementEventKind, AgreementState, Capacity, SignatoryState
from agreements.models import Agreement, Signatory
from agreements.operations.ending import ReasonMissing
from agreements.operations.issuing import add_event
from agreements.operations.refusals import NoLongerAsked, NothingToSign, UnableToSign
from agreements.operations.signing import locked, stand_as_signed
from agreements.queries.issued import WAITING
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, School, User
from core.people.roles import Permission

_A, _S = AgreementState, SignatoryState
_OVER = (_A.SUPERSEDED, _A.ENDED, _A.WITHDRAWN)
_UNANSWERED = (_S.NOT_SENT, _S.SENT, _S.VIEWED, _S.TAKEN_BACK)


class AskedAlready(UnableToSign):
    """This parent or carer is asked to sign already."""

    default_field = "contact"


class AnswerStands(UnableToSign):
    """A parent who has answered is not passed over (law AG-5)."""


@operation("agreements.ask_also")
def ask_also(
    *,
    school: School,
    actor: User,
    at: datetime,
    agreement: Agreement,
    contact: Contact,
    submission: UUID | None = None,
) -> Signatory:
    """Ask one more parent or carer to sign, apart from the others (law AG-5). Who may: MANAGE_AGREEMENTS.

    What waits or is complete waits for them too, where every parent is needed or the others have said no. Who was not
    asked any more is asked again. Raises `NothingToSign`, `NoLongerAsked`, `AskedAlready`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row = locked(agreement.pk)
    if row.state in _OVER or row.pupil_id is None:
        raise NothingToSign("This agreement is not open any more.", rule="AGR-09")
    today = london_day(at)
    if contact.pupil_id != row.pupil_id or contact.do_not_inform or (contact.ended_on and contact.ended_on < today):
        raise NoLongerAsked("That adult is not one who may be told about this pupil.", rule="ORG-13", field="contact")
    signatory = Signatory.objects.filter(agreement=row, contact=contact).first()
    if signatory is None:
        signatory = Signatory(
            school=school,
            agreement=row,
            capacity=Capacity.PARENT,
            position=Signatory.objects.filter(agreement=row).count(),
            contact=contact,
            name=contact.display_name,
        )
    elif signatory.state == _S.NOT_ASKED:
        signatory.state, signatory.reminders, signatory.reminded_at, signatory.phone_since = _S.NOT_SENT, 0, None, None
    else:
        raise AskedAlready(f"{contact.display_name} is asked already.", rule="AGR-02")
    signatory.stamp(by=actor, at=at)
    signatory.save()
    origin = row.state
    if origin in (*WAITING, _A.COMPLETE):
        stand_as_signed(row, actor, at)
    add_event(row, AgreementEventKind.ISSUED, actor, at, from_state=origin, signatory=signatory)
    record(school=school, actor=actor, action="agreements.ask_also", at=at, obj=signatory, submission=submission)
    return signatory


@operation("agreements.stop_asking")
def stop_asking(
    *,
    school: School,
    actor: User,
    at: datetime,
    signatory: Signatory,
    reason: str,
    submission: UUID | None = None,
) -> Signatory:
    """Do not ask one of the parents or carers any more: they cannot be reached, may not be told, or need not sign.

    Who may: MANAGE_AGREEMENTS. What waited for them alone is complete then. Who has said no is not passed over, except
    where they may not be told any more or are no longer a contact. Raises `AnswerStands`, `NothingToSign`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    because = reason.strip()
    if not because:
        raise ReasonMissing("Say why they are not asked any more.", rule="AG-5")
    agreement = locked(signatory.agreement_id)
    if agreement.state not in WAITING:
        raise NothingToSign("This agreement does not wait for anybody.", rule="AGR-09")
    row: Signatory = Signatory.objects.select_for_update(of=("self",)).select_related("contact").get(pk=signatory.pk)
    contact, today = row.contact, london_day(at)
    gone = contact is not None and (
        contact.do_not_inform or (contact.ended_on is not None and contact.ended_on < today)
    )
    if row.capacity != Capacity.PARENT or not (row.state in _UNANSWERED or (gone and row.state == _S.DECLINED)):
        raise AnswerStands("They have answered, and their answer stands.", rule="AG-5")
    row.state, row.phone_since = _S.NOT_ASKED, None
    row.stamp(by=actor, at=at)
    row.save()
    add_event(agreement, AgreementEventKind.NOT_ASKED, actor, at, signatory=row, note=because[:500])
    stand_as_signed(agreement, actor, at)
    record(school=school, actor=actor, action="agreements.stop_asking", at=at, obj=row, submission=submission)
    return row
