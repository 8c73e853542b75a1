"""Referrals to bodies outside: whether consent is needed, what is open, and whom to chase (INC-14 to INC-17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from core.people.models import School
from core.people.queries import bodies_of
from core.rules.catalogue import NOT_APPLICABLE, UNSPECIFIED
from core.rules.words import settings_in, words_for
from incidents.enums import Consent, ReferralState, Route
from incidents.models import Incident, Referral
from incidents.queries.cases import cases_visible_to
from incidents.queries.parents import rules_of

TOP_LEVEL = 4
_OVER = (ReferralState.NOT_NEEDED, ReferralState.CLOSED)
_WAITING = (ReferralState.SENT, ReferralState.ACKNOWLEDGED)


@dataclass(frozen=True)
class ChaseRow:
    """A referral on the list, and what is to be done about it now."""

    referral: Referral
    todo: str
    kind: str


def referrals_of(incident: Incident) -> QuerySet[Referral]:
    """The referrals of a record, in the order they were begun."""
    found: QuerySet[Referral] = Referral.objects.filter(incident=incident).select_related(
        "pupil", "consent_from", "overridden_by", "sent_by", "created_by"
    )
    return found.order_by("id")


def consent_needed(incident: Incident, level: int | None) -> bool | None:
    """Whether a parent's consent holds a referral up: never at level 4; None where the rules do not say (A-30)."""
    rule: Any = rules_of(incident).consent_needed_for_referral
    if level == TOP_LEVEL or rule == NOT_APPLICABLE or incident.route != Route.PUPIL:
        return False
    if rule == UNSPECIFIED:
        return None
    return level is not None and f"level_{level}" in rule


def standing_of(referral: Referral) -> str:
    """Where a referral stands, in words: one that waits for consent says whether anybody was asked."""
    if referral.state == ReferralState.CONSENT_SOUGHT and referral.consent == Consent.NOT_ASKED:
        return "Consent to be asked"
    return str(referral.get_state_display())


def bodies_offered(incident: Incident) -> list[str]:
    """Whom a record can be referred to: the school's directory, then whom its rules name (INC-17, ORG-14)."""
    school, rules = incident.school, rules_of(incident)
    named = [body.name for body in bodies_of(school)]
    listed = rules.serious_outside_list
    words = settings_in(words_for(rules))["serious_outside_list"].values
    if listed != UNSPECIFIED:
        named += [words.get(one, one) for one in listed]
    return list(dict.fromkeys(named))


def referrals_to_chase(user: Any, school: School, on: date) -> QuerySet[Referral]:
    """What is open of the records this person may read, the next contact first."""
    found: QuerySet[Referral] = (
        Referral.objects.filter(school=school, incident__in=cases_visible_to(user, school, on))
        .exclude(state__in=_OVER)
        .filter(~Q(state=ReferralState.OUTCOME) | Q(next_contact_on__isnull=False))
        .select_related("incident__owner")
        .order_by("next_contact_on", "due_at", "id")
    )
    return found


def chase_rows(referrals: Iterable[Referral], on: date) -> list[ChaseRow]:
    """Each with what is to be done: send it, ask for an answer, or wait until its day."""
    rows = []
    for referral in referrals:
        chased = referral.next_contact_on is not None and referral.next_contact_on <= on
        if referral.state not in (*_WAITING, ReferralState.OUTCOME):
            rows.append(ChaseRow(referral, "To be sent", "attention"))
        elif chased:
            rows.append(ChaseRow(referral, "Contact them", "attention"))
        else:
            rows.append(ChaseRow(referral, standing_of(referral), "waiting"))
    return sorted(rows, key=lambda row: row.kind != "attention")
