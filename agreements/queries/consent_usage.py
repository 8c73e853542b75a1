"""May this image be used? By purpose, for each pupil, with the reason and the rule (CON-02, CON-06, CON-12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from agreements.enums import ConsentPurpose, NamesShown
from agreements.queries.consent_standing import Standing, standings_of
from core.people.models import Pupil, School
from core.rules.queries import UNSPECIFIED, for_school


class Verdict(StrEnum):
    """What the check says about one pupil."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    TO_DECIDE = "to_decide"


_RULES = {
    "image_purpose_bound": "Rule: is consent limited to its purpose?",
    "image_names": "Rule: may a name go with an image?",
}


@dataclass(frozen=True)
class Check:
    """The answer for one pupil: what, why, and by which rule. `ask`: the rules that a person decides about."""

    pupil: Pupil
    verdict: Verdict
    reason: str
    rule: str
    consents: tuple[int, ...] = ()
    disagreement: bool = False
    without_name: bool = False
    ask: tuple[str, ...] = ()

    @property
    def rule_words(self) -> str:
        """The school's rule behind it, where there is one of its own."""
        return _RULES.get(self.rule, "")

    @property
    def tag(self) -> dict[str, str]:
        """The verdict as a mark in words and colour."""
        if self.verdict == Verdict.ALLOWED:
            return {"kind": "ok", "word": "May be shown"}
        if self.verdict == Verdict.TO_DECIDE:
            return {"kind": "attention", "word": "To be decided"}
        if self.disagreement:
            return {"kind": "stop", "word": "No: parents disagree"}
        return {"kind": "stop", "word": "No name" if self.without_name else "Do not show"}


def usage_check(
    school: School,
    purpose: str,
    pupils: Iterable[Pupil],
    names: str,
    on: date,
    *,
    other_purpose: str = "",
) -> list[Check]:
    """One answer for each pupil: allowed, refused or to be decided. No consent means no, and so does one parent's no.

    `other_purpose`: for OTHER, the purpose in the words of the form.
    """
    listed = list(pupils)
    rules = for_school(school, on=on)
    standings = standings_of(school, listed, on)
    return [check_one(standings[pupil.pk], purpose, names, rules, other_purpose) for pupil in listed]


def check_one(standing: Standing, purpose: str, names: str, rules: Any, other_purpose: str = "") -> Check:
    """The answer for one pupil whose standing has been read."""
    found = _by_purpose(standing, purpose, rules, other_purpose)
    if found.verdict == Verdict.REFUSED or names == NamesShown.NONE:
        return found
    return _by_name(standing, found, names, rules)


def _by_purpose(standing: Standing, purpose: str, rules: Any, other: str) -> Check:
    pupil, counted = standing.pupil, standing.counted
    label = str(ConsentPurpose(purpose).label)
    keys = tuple(one.row.pk for one in counted if one.live)

    def no(reason: str, rule: str = "CON-01", **more: Any) -> Check:
        return Check(pupil, Verdict.REFUSED, reason, rule, **more)

    if not counted:
        return no("Nobody has answered. No consent means no.")
    if standing.allows(purpose, other):
        return Check(pupil, Verdict.ALLOWED, f"Agreed: {label}.", "CON-02", keys)
    if rules.image_purpose_bound == "no" and all(one.live for one in counted):
        return Check(
            pupil, Verdict.ALLOWED, "Agreed to another use; the rules do not limit it.", "image_purpose_bound", keys
        )
    if any(one.live for one in counted) and any(not one.live for one in counted):
        return no("Those who were asked disagree. The stricter answer holds.", "AG-5", disagreement=True)
    if standing.differs(purpose, other):
        return no("Those who were asked disagree about this use.", "AG-5", disagreement=True)
    if not any(one.live for one in counted):
        return no("The answer is no.")
    if rules.image_purpose_bound == UNSPECIFIED:
        return Check(
            pupil,
            Verdict.TO_DECIDE,
            "Agreed to other uses, not to this. The rules do not say whether that is enough.",
            "image_purpose_bound",
            keys,
            ask=("image_purpose_bound",),
        )
    return no("Agreed to other uses, not to this.", "image_purpose_bound")


def _by_name(standing: Standing, found: Check, names: str, rules: Any) -> Check:
    rule = rules.image_names

    def no(reason: str) -> Check:
        return Check(
            found.pupil, Verdict.REFUSED, reason + " Without the name it may be shown.", "image_names", found.consents,
            without_name=True,
        )  # fmt: skip

    if rule == "open":
        return found
    if rule == "none":
        return no("Names do not go with images.")
    if rule == "first_name_with_permission":
        if names == NamesShown.FULL:
            return no("A surname never goes with an image.")
        if not standing.first_name_for:
            return no("Nobody has permitted the first name.")
        return Check(
            found.pupil,
            found.verdict,
            f"{found.reason} First name for: {'; '.join(standing.first_name_for)}.",
            found.rule,
            found.consents,
            ask=found.ask,
        )
    return Check(
        found.pupil,
        Verdict.TO_DECIDE,
        "The rules do not say whether a name may go with an image.",
        "image_names",
        found.consents,
        ask=(*found.ask, "image_names"),
    )
