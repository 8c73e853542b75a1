"""Reads about signatures that are missing: by form, by who signs, and whom to telephone (AGR-08)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from agreements.enums import AgreementState, Capacity, ParentsNeeded, SignatoryState
from agreements.models import Agreement, Signatory
from agreements.queries.issued import WAITING, signatories_visible_to
from core.people.models import School

_S = SignatoryState
_FAMILY = [str(Capacity.PUPIL), str(Capacity.PARENT)]
_NO_FORM = "Staff, or no form"


def missing_visible_to(user: Any, school: School, on: date) -> QuerySet[Signatory]:
    """Whose signature is missing on an agreement that a person may open, the longest waiting first."""
    found = _missing_among(signatories_visible_to(user, school, on))
    return found.defer("agreement__wording").order_by("agreement__issued_at", "agreement", "position")


def still_missing(school: School) -> QuerySet[Signatory]:
    """Whose signature is missing in the whole school, for the clock."""
    found = _missing_among(Signatory.objects.filter(school=school))
    return found.defer("agreement__wording").order_by("pk")


def _missing_among(signatories: QuerySet[Signatory]) -> QuerySet[Signatory]:
    """Nobody is missing for whom another has signed: a parent where one is enough, either where pupil or parent signs.
    Who did not agree has answered; who took a signature back is asked again."""
    others = Signatory.objects.filter(agreement=OuterRef("agreement"), state=_S.SIGNED).exclude(pk=OuterRef("pk"))
    one_parent = Q(agreement__parents_needed=ParentsNeeded.ONE) & Exists(others.filter(capacity=Capacity.PARENT))
    either = Q(agreement__needed__contains=[_FAMILY], capacity__in=_FAMILY)
    done = (Q(capacity=Capacity.PARENT) & one_parent) | (
        either & (Q(Exists(others.filter(capacity=Capacity.PUPIL))) | one_parent)
    )
    found = signatories.filter(agreement__state__in=WAITING, state__in=[_S.NOT_SENT, _S.SENT, _S.VIEWED, _S.TAKEN_BACK])
    return found.exclude(done)


@dataclass(frozen=True)
class FormMissing:
    """How many signatures are missing in one form, by capacity."""

    form: int
    name: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def pupils(self) -> int:
        return self.counts.get(Capacity.PUPIL, 0)

    @property
    def parents(self) -> int:
        return self.counts.get(Capacity.PARENT, 0)

    @property
    def school(self) -> int:
        """What the headteacher, the tutor and staff have not signed."""
        return self.total - self.pupils - self.parents


def missing_by_form(found: QuerySet[Signatory]) -> list[FormMissing]:
    """The missing ones counted by form, staff’s own and those without a form last. One statement."""
    rows = (
        found.order_by()
        .values("capacity", form=Coalesce("agreement__pupil__form", 0), group=F("agreement__pupil__form__name"))
        .annotate(number=Count("id"))
    )
    by: dict[int, FormMissing] = {}
    for row in rows:
        line = by.setdefault(row["form"], FormMissing(row["form"], row["group"] or _NO_FORM, {}))
        line.counts[row["capacity"]] = row["number"]
    return sorted(by.values(), key=lambda line: (line.form == 0, line.name))


# An email cannot reach them, or was sent as often as may be; nobody has telephoned since.
TO_TELEPHONE = Q(contact__isnull=False, phoned_at__isnull=True) & (Q(contact__email="") | Q(phone_since__isnull=False))


@dataclass(frozen=True)
class Pressing:
    """What presses about agreements: adults to telephone, and agreements that somebody did not agree to."""

    telephone: int
    refused: int


def pressing(school: School) -> Pressing:
    """The counts for whoever manages agreements, in two statements."""
    refused = Agreement.objects.filter(school=school, state=AgreementState.REFUSED).count()
    return Pressing(telephone=still_missing(school).filter(TO_TELEPHONE).count(), refused=refused)


def to_telephone(signatories: Iterable[Signatory]) -> set[int]:
    """Those of a list whom an email cannot reach, or was sent as often as may be: they are telephoned."""
    return {
        row.pk for row in signatories
        if row.contact is not None and row.phoned_at is None and (not row.contact.email or row.phone_since is not None)
    }  # fmt: skip
