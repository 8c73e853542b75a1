"""Give back what is still here of a whole form (ux W3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import FormGroup, School, User
from core.people.roles import Permission
from devices.operations.many import NothingToRecord, check_count, give_back, held_stays


@dataclass(frozen=True)
class FormReturned:
    """What came of it: the keys of the stays that ended."""

    form: FormGroup
    custody: list[int]


def _again(entry: Entry) -> FormReturned:
    return FormReturned(FormGroup.objects.get(pk=entry.object_id), list(entry.detail["custody"]))


@operation("devices.return_form", replay=_again)
def return_form(
    *,
    school: School,
    actor: User,
    at: datetime,
    form: FormGroup,
    custody: Collection[int],
    counted: int,
    reason: str = "",
    submission: UUID | None = None,
) -> FormReturned:
    """Give the stays `custody` of a form's pupils back to them, in one step (DEV-07, DEV-08).

    Who may: whoever holds LOG_CUSTODY. `counted` is how many devices were counted out, which must be the number of
    stays still open (`CountDiffers`): one given back at a desk meanwhile is not given back twice. Before the end of
    the day one `reason` holds for all. Raises `MustGoToParent` where the school's rule gives devices to a parent or
    carer only, `EarlyReasonNeeded`, or `NothingToRecord`; nothing is written then.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stays = held_stays(custody, school=school, pupil__form=form)
    check_count(counted, len(stays), noun="ticked to go back", meanwhile=len(set(custody)) - len(stays))
    if not stays:
        raise NothingToRecord("Nothing is ticked to go back.", rule="DEV-07")
    give_back(school=school, actor=actor, at=at, stays=stays, reason=reason)
    keys = [stay.pk for stay in stays]
    record(
        school=school,
        actor=actor,
        action="devices.return_form",
        at=at,
        obj=form,
        submission=submission,
        detail={"counted": counted, "reason": reason, "custody": keys},
    )
    return FormReturned(form, keys)
