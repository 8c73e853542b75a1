"""Reads about issued agreements: one, a pupil's, a list, what waits for whose signature."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from agreements.access import capacity_of, forms_tutored, readable_by
from agreements.enums import (
    STAFF_KINDS,
    AgreementKind,
    AgreementState,
    Capacity,
    Decision,
    SignatoryState,
    VersionState,
)
from agreements.models import Agreement, AgreementEvent, Signatory, Signature, TemplateVersion
from core.people.access import holds
from core.people.models import Pupil, School
from core.people.roles import Role

_A, _S = AgreementState, SignatoryState
WAITING = (_A.ISSUED, _A.PARTLY_SIGNED, _A.REFUSED)
STANDING = (_A.IN_FORCE, _A.TO_RENEW)
_TO_SIGN = (_S.NOT_SENT, _S.SENT, _S.VIEWED, _S.TAKEN_BACK)
PAGE = 50


def visible_to(user: Any, school: School, on: date) -> QuerySet[Agreement]:
    """The agreements that a person may open, the newest first; without the wording, which only its page reads."""
    found: QuerySet[Agreement] = Agreement.objects.filter(readable_by(user, school, on), school=school)
    return found.select_related("pupil__form", "user").defer("wording").order_by("-issued_at", "-id")


def one_visible_to(user: Any, school: School, on: date) -> QuerySet[Agreement]:
    """The same with all that its page shows beside it."""
    found: QuerySet[Agreement] = Agreement.objects.filter(readable_by(user, school, on), school=school)
    return found.select_related(
        "pupil__form", "user", "template", "template_version", "issued_by", "superseded_by"
    ).prefetch_related(Prefetch("signatories", queryset=Signatory.objects.select_related("contact", "user")))


def signatories_visible_to(user: Any, school: School, on: date) -> QuerySet[Signatory]:
    """Those who are asked to sign agreements that a person may open."""
    found: QuerySet[Signatory] = Signatory.objects.filter(
        school=school, agreement__in=Agreement.objects.filter(readable_by(user, school, on), school=school)
    )
    return found.select_related("agreement__pupil__form", "agreement__school", "agreement__user", "contact")


def events_of(agreement: Agreement) -> QuerySet[AgreementEvent]:
    """What happened to an agreement, the newest first."""
    found: QuerySet[AgreementEvent] = AgreementEvent.objects.filter(agreement=agreement)
    return found.select_related("by", "signatory").order_by("-at", "-id")


def latest_signatures(agreement: Agreement) -> dict[int, Signature]:
    """The last decision of each signatory, by the signatory."""
    found: dict[int, Signature] = {}
    for signature in (
        Signature.objects.filter(agreement=agreement).select_related("witness").order_by("signed_at", "id")
    ):
        found[signature.signatory_id] = signature
    return found


def parents_disagree(signatories: Collection[Signatory]) -> bool:
    """Whether one parent has signed and another has said no: for staff to know, and for nobody else (law AG-5)."""
    states = {row.state for row in signatories if row.capacity == Capacity.PARENT}
    return {_S.SIGNED, _S.DECLINED} <= states


def waiting_parents(agreement: Agreement) -> list[Signatory]:
    """The parents and carers who have not decided yet and have an email address."""
    return [
        row
        for row in Signatory.objects.filter(agreement=agreement, capacity=Capacity.PARENT, state__in=_TO_SIGN)
        .select_related("contact")
        .order_by("position")
        if row.contact is not None and row.contact.email
    ]


@dataclass(frozen=True)
class KindCount:
    """How many agreements of one kind are in each state."""

    kind: str
    label: str
    waiting: int
    in_force: int
    to_renew: int
    refused: int


def counts_visible_to(user: Any, school: School, on: date) -> list[KindCount]:
    """By kind: how many wait, stand, are to be renewed or were not agreed to. One statement."""
    rows = (
        Agreement.objects.filter(readable_by(user, school, on), school=school)
        .values("kind", "state")
        .annotate(number=Count("id"))
        .order_by()
    )
    by: dict[str, dict[str, int]] = {}
    for row in rows:
        by.setdefault(row["kind"], {})[row["state"]] = row["number"]
    return [
        KindCount(
            kind=kind.value,
            label=str(kind.label),
            waiting=found.get(_A.ISSUED, 0) + found.get(_A.PARTLY_SIGNED, 0),
            in_force=found.get(_A.IN_FORCE, 0) + found.get(_A.COMPLETE, 0),
            to_renew=found.get(_A.TO_RENEW, 0),
            refused=found.get(_A.REFUSED, 0),
        )
        for kind in AgreementKind
        if (found := by.get(kind.value))
    ]


def versions_to_issue(school: School, on: date, *, of_staff: bool = False) -> list[TemplateVersion]:
    """The newest published version of each template in use, for pupils or for staff."""
    found: QuerySet[TemplateVersion] = TemplateVersion.objects.filter(
        school=school, state=VersionState.PUBLISHED, template__retired_on__isnull=True
    )
    found = found.filter(template__kind__in=STAFF_KINDS) if of_staff else found.exclude(template__kind__in=STAFF_KINDS)
    newest: dict[int, TemplateVersion] = {}
    for version in found.select_related("template").order_by(
        "template__kind", "template__title", "starts_on", "number"
    ):
        newest[version.template_id] = version
    return list(newest.values())


def agreements_of(pupil: Pupil) -> QuerySet[Agreement]:
    """A pupil's agreements, the newest first."""
    found: QuerySet[Agreement] = Agreement.objects.filter(pupil=pupil)
    return found.defer("wording").prefetch_related("signatories").order_by("-issued_at", "-id")


def to_sign_by(user: Any, school: School, on: date) -> list[Signatory]:
    """What waits for a person's own signature: as themselves, as the head, as a form's tutor; the oldest first."""
    if user is None:
        return []
    found = Signatory.objects.filter(school=school, agreement__state__in=[*WAITING, _A.COMPLETE], state__in=_TO_SIGN)
    mine = found.filter(capacity=Capacity.STAFF, user=user)
    forms = forms_tutored(user, school, on)
    if forms:
        mine |= found.filter(capacity=Capacity.FORM_TUTOR, agreement__pupil__form__in=forms)
    if holds(user, school, Role.HEADTEACHER):
        mine |= found.filter(capacity=Capacity.HEADTEACHER)
    return list(
        mine.select_related("agreement__pupil__form", "agreement__school", "agreement__user").order_by(
            "agreement__issued_at", "id"
        )
    )


def may_sign(user: Any, signatory: Signatory, on: date) -> bool:
    """Whether a person may sign as this signatory with their own account."""
    return capacity_of(user, signatory, on)


def declined(signature: Signature | None) -> bool:
    """Whether the last decision was a no."""
    return signature is not None and signature.decision == Decision.DECLINES
