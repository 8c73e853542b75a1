"""What one person with an account has read, signed, declared and been given; and what of it lapses soon (STA-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from agreements.enums import AgreementState, DisclosureState
from agreements.models import Agreement, EquipmentUse, PasswordDisclosure, RelationshipDeclaration
from agreements.queries.access_register import AccessRow, access_of
from agreements.queries.conduct import declarations_visible_to
from core.approvals.enums import LIVE_STATES, OVER_STATES
from core.approvals.models import Approval
from core.approvals.queries import last_day
from core.people.models import School, User
from policies.models import Acknowledgement
from policies.queries import Reading, earlier_of, readings_of

SOON_DAYS = 30


@dataclass(frozen=True)
class Lapse:
    """Something of one's own that runs out, or is to be looked at again."""

    what: str
    on: date


@dataclass(frozen=True)
class Mine:
    """One's own page."""

    to_read: list[Reading]
    given: list[Acknowledgement]
    agreements: list[Agreement]
    declarations: list[RelationshipDeclaration]
    access: list[AccessRow]
    equipment: list[EquipmentUse]
    disclosures: list[PasswordDisclosure]
    permissions: list[Approval]
    lapsing: list[Lapse]


def mine_of(user: User, school: School, on: date) -> Mine:
    """Everything of one's own, in a fixed number of statements."""
    soon = on + timedelta(days=SOON_DAYS)
    hidden = [AgreementState.DRAFT, AgreementState.WITHDRAWN]
    agreements = list(Agreement.objects.filter(school=school, user=user).exclude(state__in=hidden))
    declarations = list(declarations_visible_to(user, school))
    access = access_of(school, on, user=user)
    equipment = list(
        EquipmentUse.objects.filter(
            school=school, user=user, withdrawn_at__isnull=True, ends_on__gte=on
        ).select_related("authorised_by")
    )
    disclosures = PasswordDisclosure.objects.filter(school=school, holder=user).exclude(
        state__in=[DisclosureState.REFUSED, DisclosureState.PASSWORD_RESET]
    )
    permissions = list(Approval.objects.filter(school=school, user=user).exclude(state__in=OVER_STATES))
    lapsing = [Lapse(f"Access to {row.grant.system.name}", row.grant.ends_on) for row in access if row.grant.ends_on]
    lapsing += [Lapse(f"Use of {use.equipment}", use.ends_on) for use in equipment]
    lapsing += [Lapse(one.title, one.ends_on) for one in agreements if one.ends_on and one.ends_on >= on]
    in_force = [one for one in permissions if one.state in LIVE_STATES and last_day(one) >= on]
    lapsing += [Lapse(str(one.get_kind_display()), last_day(one)) for one in in_force]
    lapsing += [
        Lapse("Review of your declaration", row.review_on)
        for row in declarations
        if row.declarer_id == user.pk and row.review_on and row.closed_at is None
    ]
    return Mine(
        to_read=[one for one in readings_of(user, school, on) if one.known is None],
        given=list(earlier_of(user, school)),
        agreements=agreements,
        declarations=declarations,
        access=access,
        equipment=equipment,
        disclosures=list(disclosures.select_related("requested_by")),
        permissions=permissions,
        lapsing=sorted((one for one in lapsing if one.on <= soon), key=lambda one: one.on),
    )
