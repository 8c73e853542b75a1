"""The DSL's answers about contacts that came with a court-order note."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import Contact, School, User
from core.people.operations import set_do_not_inform
from core.people.roles import Permission
from core.roll.enums import ProposalAnswer
from core.roll.models import ProposedDoNotInform


class AlreadyAnswered(Refusal):
    """Somebody has decided about this contact already."""


class ReasonNeeded(Refusal):
    """A contact with a court-order note may be informed only for a written reason."""

    default_field = "reason"


@operation("roll.answer_do_not_inform")
def answer_proposal(
    *,
    school: School,
    actor: User,
    at: datetime,
    proposal: ProposedDoNotInform,
    answer: ProposalAnswer,
    reason: str = "",
    submission: UUID | None = None,
) -> ProposedDoNotInform:
    """Decide whether a contact with a court-order note may be informed; only a DSL or deputy may (ORG-13).

    Confirming sets do-not-inform and takes away the right to collect a device. Dismissing needs a reason. Raises
    `AlreadyAnswered`, `ReasonNeeded`.
    """
    require(actor, Permission.SET_DO_NOT_INFORM, school)
    found: ProposedDoNotInform = ProposedDoNotInform.objects.select_for_update().get(pk=proposal.pk)
    if found.answer != ProposalAnswer.OPEN:
        raise AlreadyAnswered("This was decided already. Open the page again to see how.")
    if answer == ProposalAnswer.DISMISSED and not reason.strip():
        raise ReasonNeeded("Say why this contact may be informed in spite of the note.", rule="ORG-13")
    found.answer, found.reason = answer, reason.strip()
    found.answered_at, found.answered_by = at, actor
    found.save()
    contact: Contact = Contact.objects.get(pk=found.contact_id)
    if answer == ProposalAnswer.CONFIRMED:
        set_do_not_inform(
            school=school,
            actor=actor,
            at=at,
            contact=contact,
            version=contact.version,
            reason=found.reason or "Court-order note in the school's list of contacts",
            court_order_note=found.note,
        )
    record(
        school=school, actor=actor, action="roll.answer_do_not_inform", at=at, obj=found,
        detail={"answer": answer.value, "contact": contact.pk},
        submission=submission,
    )  # fmt: skip
    return found
