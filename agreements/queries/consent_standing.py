"""What was said about images of pupils, and what it allows on a day: for each purpose by itself (CON-01, law AG-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agreements.enums import ConsentBasis, ConsentPurpose, ConsentState, OwnConsentState
from agreements.models import ImageConsent, OwnConsentDecision
from core.people.models import Pupil, School
from core.rules.queries import for_school

LIVE = (ConsentState.GIVEN, ConsentState.CHANGED)
_NO = (ConsentState.REFUSED, ConsentState.WITHDRAWN)


@dataclass(frozen=True)
class Answer:
    """One giver's answer as it counts on a day. `silent`: it counts neither as yes nor as no."""

    row: ImageConsent
    live: bool
    silent: bool

    @property
    def purposes(self) -> list[str]:
        return list(self.row.purposes) if self.live else []

    @property
    def first_name_for(self) -> str:
        return self.row.first_name_for if self.live else ""

    def says_yes(self, purpose: str, other: str = "") -> bool:
        """Whether it agrees to this purpose; to another purpose only in the words that were agreed to."""
        if purpose not in self.purposes:
            return False
        return purpose != ConsentPurpose.OTHER or self.row.other_purpose.casefold() == other.strip().casefold()


@dataclass(frozen=True)
class Standing:
    """All that was said about images of one pupil. Nothing said is a no (CON-01)."""

    pupil: Pupil
    answers: tuple[Answer, ...]
    may_decide: bool

    @property
    def counted(self) -> list[Answer]:
        return [one for one in self.answers if not one.silent]

    @property
    def is_answered(self) -> bool:
        """Whether somebody has answered, with yes or with no."""
        return bool(self.counted)

    def yes(self, purpose: str, other: str = "") -> list[Answer]:
        return [one for one in self.counted if one.says_yes(purpose, other)]

    def no(self, purpose: str, other: str = "") -> list[Answer]:
        return [one for one in self.counted if not one.says_yes(purpose, other)]

    def allows(self, purpose: str, other: str = "") -> bool:
        """Whether everybody who answered agrees, and somebody did: the stricter answer holds."""
        return self.is_answered and not self.no(purpose, other)

    def differs(self, purpose: str, other: str = "") -> bool:
        """Whether those who answered disagree (law AG-5)."""
        return bool(self.yes(purpose, other)) and bool(self.no(purpose, other))

    @property
    def first_name_for(self) -> list[str]:
        """The needs for which a first name may go with the image, where nobody who agreed leaves it out (CON-06)."""
        agreed = [one for one in self.counted if one.live]
        said = [one.first_name_for for one in agreed if one.first_name_for]
        return said if said and len(said) == len(agreed) else []


def _answer(row: ImageConsent, on: date, own_counts: bool) -> Answer:
    live = row.state in LIVE and (row.ends_on is None or row.ends_on >= on)
    if row.basis == ConsentBasis.OWN and not own_counts:
        live = False
    if row.contact is not None and (
        row.contact.has_parental_responsibility is False
        or (row.contact.ended_on is not None and row.contact.ended_on < on)
    ):
        live = False
    return Answer(row, live, silent=not live and row.state not in _NO)


def own_decisions_in_effect(pupils: Iterable[int]) -> dict[int, OwnConsentDecision]:
    """The latest decision that is in effect about each pupil's own consent, whichever way it went."""
    rows = OwnConsentDecision.objects.filter(pupil__in=list(pupils), state=OwnConsentState.APPLIED)
    return {row.pupil_id: row for row in rows.order_by("applied_at", "id")}


def standings_of(school: School, pupils: Iterable[Pupil], on: date) -> dict[int, Standing]:
    """How each of these pupils stands on a day, in two statements for however many."""
    listed = list(pupils)
    keys = [pupil.pk for pupil in listed]
    by_pupil: dict[int, list[ImageConsent]] = {}
    for row in ImageConsent.objects.filter(pupil__in=keys).select_related("contact").order_by("id"):
        by_pupil.setdefault(row.pupil_id or 0, []).append(row)
    decided = own_decisions_in_effect(keys)
    parents_only = for_school(school, on=on).image_consent_giver == "parent"
    found = {}
    for pupil in listed:
        decision = decided.get(pupil.pk)
        own = decision is not None and bool(decision.may_decide) and not parents_only
        found[pupil.pk] = Standing(
            pupil=pupil,
            answers=tuple(_answer(row, on, own) for row in by_pupil.get(pupil.pk, [])),
            may_decide=own,
        )
    return found
