"""What the school's rules, as they stood on a day, say about a device. Pure: rules and facts in, words out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.kit.times import day
from core.people.calendar import Calendar
from devices.enums import Flag, PlaceKind
from devices.models import DeviceType, StoragePlace

UNSPECIFIED = "unspecified"

Duty = Literal["hand_in", "keep_secure", "out_of_scope", "undecided"]

# Which kinds of place satisfy the rule `storage_kind`: a safe is a locked place, and any of them is secure.
_PLACES: dict[str, frozenset[str]] = {
    "safe": frozenset({PlaceKind.SAFE}),
    "locked_place": frozenset({PlaceKind.LOCKED_PLACE, PlaceKind.SAFE}),
    "office": frozenset({PlaceKind.OFFICE, PlaceKind.SAFE}),
    "secure_place": frozenset(PlaceKind),
    UNSPECIFIED: frozenset(PlaceKind),
}


def is_in_scope(rules: Any, device_type: DeviceType) -> bool | None:
    """Whether the school's device rules cover the type, by name or by what it can do (DEV-01); None: not stated."""
    listed = rules.device_types_in_scope
    if listed == UNSPECIFIED:
        return None
    return device_type.key in listed or ("any_flagged" in listed and device_type.is_flagged)


def handin_duty(rules: Any, device_type: DeviceType) -> Duty:
    """What a pupil does with such a device on arrival (DEV-02, DEV-38)."""
    covered = is_in_scope(rules, device_type)
    if covered is False:
        return "out_of_scope"
    if rules.handin_required == "no":
        return "keep_secure"
    if rules.handin_required == UNSPECIFIED or covered is None:
        return "undecided"
    if rules.handin_device_scope == "phones_only" and device_type.key != "phone":
        return "keep_secure"
    return "hand_in"


def place_is_allowed(rules: Any, place: StoragePlace) -> bool:
    """Whether the place is one the rule `storage_kind` names (DEV-06)."""
    return place.kind in _PLACES[rules.storage_kind]


def allowed_place_kinds(rules: Any) -> frozenset[str]:
    """The kinds of place the school's rule accepts for ordinary hand-ins."""
    return _PLACES[rules.storage_kind]


@dataclass(frozen=True)
class DeskTerms:
    """What the desk must show and ask under the rules of the day; every text is fit for the screen."""

    off_check: Literal["required", "advised", "none"]
    needs_decision: bool
    needs_agreement: bool
    needs_reason: bool
    banned: bool
    takes_in: str


def desk_terms(rules: Any) -> DeskTerms:
    """The desk's side of the rules."""
    off = rules.handin_switched_off
    return DeskTerms(
        off_check="required" if off == "required" else "none" if off == "not_required" else "advised",
        needs_decision=rules.handin_required == UNSPECIFIED,
        needs_agreement=rules.pupil_bring_rule == "prior_agreement",
        needs_reason=rules.pupil_bring_rule == "reason_only",
        banned=rules.pupil_bring_rule == "banned",
        takes_in="phones" if rules.handin_device_scope == "phones_only" else "phones and other personal devices",
    )


def bring_flags(terms: DeskTerms, *, has_agreement: bool, has_reason: bool) -> list[Flag]:
    """What the desk is warned of; the device is stored all the same (DEV-02)."""
    flags = []
    if terms.banned:
        flags.append(Flag.BANNED)
    if terms.needs_agreement and not has_agreement:
        flags.append(Flag.NO_AGREEMENT)
    if terms.needs_reason and not has_reason:
        flags.append(Flag.NO_REASON)
    return flags


@dataclass(frozen=True)
class UseJudgement:
    """Whether use of a pupil's own device at a moment goes against the rules then in force, and which rule says so."""

    verdict: Literal["breach", "no_breach", "ask"]
    rule: str
    sentence: str


def judge_use(rules: Any, calendar: Calendar, device_type: DeviceType, *, seen_at: datetime) -> UseJudgement:
    """Judge a sighting by the rules of its day (DEV-13, DEV-14, ORG-16). `rules` must be those of that day.

    Permissions are not looked at: who asks must know of none. A rule that the school has not stated is asked of a
    person, never invented.
    """
    covered = is_in_scope(rules, device_type)
    if covered is None or rules.base_use_on_site == UNSPECIFIED:
        return UseJudgement("ask", "base_use_on_site", "The school's rules do not say. A person decides and says why.")
    if not covered:
        return UseJudgement(
            "no_breach", "device_types_in_scope", "The school's rules do not cover this kind of device."
        )
    part = calendar.day_part(seen_at)
    if part == "closed":
        return UseJudgement("no_breach", "rule_day_parts", f"{day(seen_at)} was not a school day.")
    if part == "break" and rules.break_use == "yes":
        return UseJudgement("no_breach", "break_use", "Use at break is allowed.")
    if part == "break" and rules.break_use == "revocable_privilege":
        if rules.break_use_scope == "all_devices" or handin_duty(rules, device_type) == "keep_secure":
            return UseJudgement("no_breach", "break_use", "Use at break is a privilege this kind of device has.")
        return UseJudgement("breach", "break_use_scope", "The break-time privilege does not cover this device.")
    parts = rules.rule_day_parts
    if parts == UNSPECIFIED:
        return UseJudgement("ask", "rule_day_parts", "The school's rules do not say when they apply.")
    named = {"before": "other", "after": "other"}.get(part, part)
    if named in parts:
        return UseJudgement("breach", "base_use_on_site", "Pupils' own devices are not used at this time of day.")
    return UseJudgement("no_breach", "rule_day_parts", "The rule does not apply at this time of day.")
