"""What is done about signatures that are missing (AGR-08)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agreements.enums import AgreementEventKind, Capacity, SignatoryState
from agreements.models import Signatory
from agreements.operations.ending import ReasonMissing
from agreements.operations.issuing import add_event
from agreements.operations.refusals import UnableToSign
from agreements.operations.signing import locked
from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

_ASKED = (SignatoryState.NOT_SENT, SignatoryState.SENT, SignatoryState.VIEWED, SignatoryState.TAKEN_BACK)


class NotToTelephone(UnableToSign):
    """Nobody waits for this adult’s answer any more."""


@operation("agreements.telephone")
def record_call(
    *, school: School, actor: User, at: datetime, signatory: Signatory, note: str, submission: UUID | None = None
) -> Signatory:
    """Write down that a parent or carer was telephoned about signing, and what came of it. Who may: MANAGE_AGREEMENTS.

    It signs nothing. Raises `NotToTelephone`, and `ReasonMissing` without an outcome.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    if not note.strip():
        raise ReasonMissing("Say what came of the call.", rule="AGR-08", field="note")
    agreement = locked(signatory.agreement_id)
    row: Signatory = Signatory.objects.select_for_update(of=("self",)).select_related("contact").get(pk=signatory.pk)
    if row.capacity != Capacity.PARENT or row.state not in _ASKED:
        raise NotToTelephone("This is answered already, or no longer asked. Open the list again.", rule="AGR-08")
    row.phoned_at, row.phoned_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    add_event(agreement, AgreementEventKind.PHONED, actor, at, signatory=row, note=note.strip()[:500])
    record(school=school, actor=actor, action="agreements.telephone", at=at, obj=row, submission=submission)
    return row
