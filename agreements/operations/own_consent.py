"""Whether a pupil may decide about images of themselves: asked by staff, decided by the head, case by case (CON-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from agreements.enums import ConsentGround, OwnConsentState, ParentsAsked
from agreements.models import OwnConsentDecision
from agreements.operations.consent_refusals import (
    AgeAloneNeverDecides,
    AskedAlready,
    GroundsMissing,
    ParentGivesConsent,
    ReasonMissing,
)
from agreements.workflow import OWN_CONSENT_MOVES, check_move
from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school

_O = OwnConsentState


def _check_rule(school: School, at: datetime) -> str:
    giver = str(for_school(school, on=london_day(at)).image_consent_giver)
    if giver == "parent":
        raise ParentGivesConsent(
            "Your school’s rules say that a parent or carer consents for a child. Nobody else can.",
            rule="image_consent_giver",
        )
    return giver


@operation("agreements.ask_own_consent")
def ask_own_consent(
    *, school: School, actor: User, at: datetime, pupil: Pupil, wish: str, submission: UUID | None = None
) -> OwnConsentDecision:
    """Ask the headteacher to judge whether a pupil may decide for themselves; `wish` is what the pupil wants.

    Who may: CHECK_IMAGES, which all staff have. Raises `ParentGivesConsent`, `AskedAlready`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    _check_rule(school, at)
    Pupil.objects.select_for_update(no_key=True).only("pk").get(pk=pupil.pk)
    if OwnConsentDecision.objects.filter(pupil=pupil, state=_O.ASKED).exists():
        raise AskedAlready("A question about this child waits for the headteacher already.", rule="CON-03")
    row = OwnConsentDecision(school=school, pupil=pupil, asked_at=at, asked_by=actor, wish=wish.strip())
    row.stamp(by=actor, at=at)
    row.save()
    notify(
        school=school,
        recipients=holders_of(school, Role.HEADTEACHER, on=london_day(at)),
        kind="agreements.own_consent_asked",
        subject="A decision about consent to images waits for you",
        url=reverse("agreements:decide-own-consent", args=[school.slug, row.pk]),
        at=at,
        dedupe_key=f"agreements.own_consent.{row.pk}",
    )
    record(school=school, actor=actor, action="agreements.ask_own_consent", at=at, obj=row, submission=submission)
    return row


@operation("agreements.decide_own_consent")
def decide_own_consent(
    *,
    school: School,
    actor: User,
    at: datetime,
    own_decision: OwnConsentDecision,
    may_decide: bool,
    grounds: Sequence[str],
    parents: str,
    reason: str,
    parents_note: str = "",
    review_on: date | None = None,
    submission: UUID | None = None,
) -> OwnConsentDecision:
    """Judge one pupil's case: whether they may decide, on which grounds, with the parents where fitting, and why.

    Who may: DECIDE_OWN_CONSENT, the headteacher alone. Age alone never decides (CON-03); 13 is only about online
    services offered straight to children (CON-04). Where the rules are silent on who consents, the decision is kept as
    one about the rule too. Raises a kind of `UnableToDecideOwnConsent`, `ParentGivesConsent`, `MoveNotPossible`.
    """
    require(actor, Permission.DECIDE_OWN_CONSENT, school)
    giver = _check_rule(school, at)
    row = OwnConsentDecision.objects.select_for_update(of=("self",)).get(pk=own_decision.pk)
    check_move(OWN_CONSENT_MOVES, row.state, _O.DECIDED, "This has been decided already.", rule="matrix 4.15")
    weighed = [str(one) for one in ConsentGround if one in grounds]
    if not weighed:
        raise GroundsMissing("Tick what you weighed.", rule="CON-03")
    if weighed == [ConsentGround.AGE]:
        raise AgeAloneNeverDecides(
            "Age alone never decides. Say what else you weighed: what this child understands, their maturity, their "
            "wishes. The age of 13 is only about online services offered straight to children.",
            rule="CON-03",
        )
    if not reason.strip():
        raise ReasonMissing("Say why, in this child’s case.", rule="CON-03")
    row.grounds, row.may_decide, row.reason = weighed, may_decide, reason.strip()
    row.parents, row.parents_note, row.review_on = ParentsAsked(parents), parents_note.strip(), review_on
    row.state, row.decided_at, row.decided_by = _O.DECIDED, at, actor
    row.stamp(by=actor, at=at)
    row.save()
    if giver == UNSPECIFIED:
        record_decision(
            school=school,
            actor=actor,
            at=at,
            key="image_consent_giver",
            question="May this child consent to images for themselves?",
            decision="Yes" if may_decide else "No, a parent or carer does",
            reason=reason,
            subject=row,
        )
    notify(
        school=school,
        recipients=[row.asked_by],
        kind="agreements.own_consent_decided",
        subject="A decision about consent to images was made",
        url=reverse("agreements:pupil-consents", args=[school.slug, row.pupil_id]),
        at=at,
        dedupe_key=f"agreements.own_consent_decided.{row.pk}",
    )
    record(
        school=school, actor=actor, action="agreements.decide_own_consent", at=at, obj=row, submission=submission,
        detail={"may_decide": may_decide, "grounds": weighed, "parents": str(parents)},
    )  # fmt: skip
    return row


@operation("agreements.apply_own_consent")
def apply_own_consent(
    *, school: School, actor: User, at: datetime, own_decision: OwnConsentDecision, submission: UUID | None = None
) -> OwnConsentDecision:
    """Bring a decision into effect: from now on the pupil answers for themselves, or does so no longer.

    Who may: MANAGE_CONSENTS. Raises `MoveNotPossible`.
    """
    require(actor, Permission.MANAGE_CONSENTS, school)
    Pupil.objects.select_for_update(no_key=True).only("pk").get(pk=own_decision.pupil_id)
    row = OwnConsentDecision.objects.select_for_update(of=("self",)).get(pk=own_decision.pk)
    check_move(
        OWN_CONSENT_MOVES, row.state, _O.APPLIED, "Only what the headteacher has decided comes into effect, once.",
        rule="matrix 4.15",
    )  # fmt: skip
    row.state, row.applied_at, row.applied_by = _O.APPLIED, at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.apply_own_consent", at=at, obj=row, submission=submission)
    return row
