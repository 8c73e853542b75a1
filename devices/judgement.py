"""What the school's rules, as they stood on a day, say about a device. Pure: rules and facts in, words out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from core.kit.text import any_of
from core.kit.times import clock, day
from core.people.calendar import LONDON, Calendar, london_day
from core.people.enums import DayTimeKey
from devices.cohorts import CohortRule, cohort_rules, is_named, named_places, only_in
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
    """What a pupil does with such a device on arrival (DEV-02, DEV-38); what is brought for lessons stays (PH-3)."""
    covered = is_in_scope(rules, device_type)
    if covered is False:
        return "out_of_scope"
    if rules.handin_required == "no":
        return "keep_secure"
    if rules.lesson_devices != UNSPECIFIED and device_type.key in rules.lesson_devices:
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


_AUTHORISERS = {"headteacher": "headteacher", "slt": "senior leadership team", "office": "office"}


def flags_in_words(flags: Sequence[str], rules: Any) -> list[str]:
    """What the desk is warned of, in this school's words: the agreement names who would have to agree."""
    words = []
    for flag in flags:
        who = _AUTHORISERS.get(rules.pupil_bring_authoriser) if flag == Flag.NO_AGREEMENT else None
        words.append(f"Not agreed with the {who}" if who else str(Flag(flag).label))
    return words


@dataclass(frozen=True)
class UseJudgement:
    """Whether use of a pupil's own device at a moment goes against the rules then in force, and which rule says so."""

    verdict: Literal["breach", "no_breach", "ask"]
    rule: str
    sentence: str
    limits: tuple[str, ...] = ()


def judge_use(
    rules: Any,
    calendar: Calendar,
    device_type: DeviceType,
    *,
    seen_at: datetime,
    area: str | None = None,
    part: str = "",
    cohorts: Collection[str] = (),
) -> UseJudgement:
    """Judge a sighting by the rules of its day (DEV-13, DEV-14, DEV-17, ORG-16, law PH-3), as `may_use` would have.

    `rules` must be those of that day. `area` is where it was seen, empty for the rest of the site, `OFF_SITE` at a
    placement; None where nobody said. `part` names what the timetable does not know: movement between lessons, meetings
    or interventions. `cohorts` are the pupil's groups. Permissions are not looked at: who asks must know of none. What
    the school has not stated, or hangs on a place that nobody said, is asked of a person, never invented.
    """
    if area is not None:
        elsewhere = _off_site(rules) if area == OFF_SITE else None
        if elsewhere is not None:
            verdict: Literal["no_breach", "ask"] = "no_breach" if elsewhere.answer == "allowed" else "ask"
            return UseJudgement(verdict, elsewhere.rule, elsewhere.sentence)
        return _judge_for(rules, calendar, device_type, seen_at, "" if area == OFF_SITE else area, part, cohorts)
    found = _judge_for_everybody(rules, calendar, device_type, seen_at, part)
    if found.verdict == "no_breach":
        return found
    places = named_places(rules.allowed_places) if rules.base_use_on_site == "allowed_in_places" else ()
    for place in [*places, *(place for rule in cohort_rules(rules, cohorts) for place in rule.places)]:
        there = _judge_for(rules, calendar, device_type, seen_at, place, part, cohorts)
        if there.verdict != "breach":
            return UseJudgement("ask", there.rule, "It depends on the place. Say where it was seen.", there.limits)
    return _judge_for(rules, calendar, device_type, seen_at, "", part, cohorts)


def _judge_for_everybody(
    rules: Any, calendar: Calendar, device_type: DeviceType, seen_at: datetime, part: str
) -> UseJudgement:
    """What the rule for everybody says of the moment, the place and the pupil's groups aside."""
    covered = is_in_scope(rules, device_type)
    if covered is None or rules.base_use_on_site == UNSPECIFIED:
        return UseJudgement("ask", "base_use_on_site", "The school's rules do not say. A person decides and says why.")
    if not covered:
        return UseJudgement(
            "no_breach", "device_types_in_scope", "The school's rules do not cover this kind of device."
        )
    part = part_of_day(calendar, seen_at, part)
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
        return UseJudgement("breach", "base_use_on_site", "Own devices are not used at this time of day.")
    return UseJudgement("no_breach", "rule_day_parts", "The rule does not apply at this time of day.")


# --- May this pupil use a device here and now? ------------------------------------------------------------------------

OFF_SITE = "placement"
WHOLE_SITE = "whole_site"

# Parts of the day that are listed in the rules and stand in no timetable (DEV-14).
SAID_PARTS = ("movement", "meetings", "interventions")
# Said too, and judged by no rule of the school: the exam bodies' own hold there (law JC-1).
EXAM = "exam"

# When a part of the day is over.
_ENDS = {
    "before": DayTimeKey.START,
    "break": DayTimeKey.BREAK_END,
    "lunch": DayTimeKey.LUNCH_END,
}


@dataclass(frozen=True)
class LivePermission:
    """A permission in force for a pupil, as far as staff need it: that there is one, and its limits. Never why.

    `places` and `parts` are keys of the rules or own words, `functions` what the device is used for, `hours` from when
    to when in the day; empty is no limit of that sort (AGR-15). `limits` are all of them in words, `source` the rule
    that the answer names.
    """

    limits: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    functions: tuple[str, ...] = ()
    hours: tuple[time, time] | None = None
    source: str = "permission"
    sentence: str = "A permission is in force today."

    def outside(self, *, at: datetime, area: str = "", part: str = "", function: str = "") -> str:
        """By which limit it does not cover this, in words; nothing where it does."""
        if self.parts and part not in self.parts:
            return "not at this time of the day"
        if self.hours is not None and not self.hours[0] <= at.astimezone(LONDON).time() < self.hours[1]:
            return "not at this time of the day"
        if self.places and area.casefold() not in {place.casefold() for place in self.places}:
            return "not in this place" if area else "only in certain places"
        if self.functions and function and function.casefold() not in {one.casefold() for one in self.functions}:
            return "not for this"
        return ""


@dataclass(frozen=True)
class MayUse:
    """The answer that staff get: allowed, not allowed or ask, within which limits, and which rule says so."""

    answer: Literal["allowed", "not_allowed", "ask"]
    rule: str
    sentence: str
    limits: tuple[str, ...] = ()


def part_of_day(calendar: Calendar, at: datetime, said: str = "") -> str:
    """The calendar's part of the day, or the one that was said where it is a school day (DEV-14)."""
    part = calendar.day_part(at)
    return said if said and part != "closed" else part


def is_barred(rules: Any, area: str) -> bool:
    """Whether no device may be used in the area, which is a key of the rule or the school's own words (DEV-17)."""
    barred = rules.barred_areas
    if barred == UNSPECIFIED:
        return False
    return WHOLE_SITE in barred or area.casefold() in {name.casefold() for name in barred}


def may_use(
    rules: Any,
    calendar: Calendar,
    kinds: Sequence[DeviceType],
    *,
    at: datetime,
    area: str = "",
    part: str = "",
    permission: LivePermission | None = None,
    cohorts: Collection[str] = (),
    barred_functions: Sequence[str] = (),
    function: str = "",
    revoked_until: date | None = None,
) -> MayUse:
    """Whether a pupil may use a device of one of `kinds` at a moment and place (DEV-13 to DEV-17, DEV-20, law PH-3).

    `rules` must be those of the day; `area` is empty for the rest of the site and `OFF_SITE` at a placement;
    `cohorts` are the groups of the pupil, whose rules hold where the one for everybody does not allow. A live
    permission goes before the rules within its limits, `function` among them, save in an exam, and in a no-device area
    that is closed to everybody: there a person looks. Outside its limits the rules hold, and the answer names the limit
    (AGR-15). Where the rules are silent the answer is to ask, never to allow.
    """
    functions = (f"Not for {any_of([name.lower() for name in barred_functions])}",) if barred_functions else ()
    if part == EXAM:
        return _in_an_exam(permission)
    if permission is not None:
        outside = permission.outside(at=at, area=area, part=part_of_day(calendar, at, part), function=function)
        if not outside:
            return _permitted(rules, area, permission, functions)
        found = may_use(rules, calendar, kinds, at=at, area=area, part=part, cohorts=cohorts,
                        barred_functions=barred_functions, revoked_until=revoked_until)  # fmt: skip
        if found.answer == "allowed":
            return found
        sentence = f"There is a permission, but {outside}. {found.sentence}"
        return MayUse(found.answer, permission.source, sentence, permission.limits)
    if area == OFF_SITE:
        elsewhere = _off_site(rules)
        if elsewhere is not None:
            return elsewhere
    here = "" if area == OFF_SITE else area
    judged = [(kind, _judge_for(rules, calendar, kind, at, here, part, cohorts)) for kind in kinds]
    covered = [(kind, found) for kind, found in judged if found.rule != "device_types_in_scope"] or judged
    if not covered:
        return MayUse("ask", "device_types_in_scope", "No kind of device is on the school’s list. Ask the office.")
    if revoked_until is not None and any(found.rule == "break_use" for _kind, found in covered):
        return MayUse("not_allowed", "break_use", f"Not at break until {day(revoked_until)}: the privilege is revoked.")
    return _together(rules, calendar, covered, at, part, functions)


def _in_an_exam(permission: LivePermission | None) -> MayUse:
    """Nothing of the day allows a device in an exam; what a candidate needs is an access arrangement (JC-1, JC-4)."""
    if permission is None:
        return MayUse("not_allowed", "exam", "No candidate has a device in an exam, on or off. Watches too.")
    return MayUse(
        "ask", "exam", "The permission of the day does not count in an exam. Ask the exams officer what is arranged."
    )


def _permitted(rules: Any, area: str, permission: LivePermission, functions: tuple[str, ...]) -> MayUse:
    named = area.casefold() in {place.casefold() for place in permission.places}
    if area and not named and area != OFF_SITE and is_barred(rules, area) and WHOLE_SITE not in rules.barred_areas:
        return MayUse(
            "ask",
            "barred_areas",
            "No device is used here by anybody. Whether the permission counts here, ask the office.",
        )
    limits = ("Within the limits agreed, with the device that was named", *permission.limits, *functions)
    return MayUse("allowed", permission.source, permission.sentence, limits)


def _off_site(rules: Any) -> MayUse | None:
    """What the rule on placements says; None where the school's own rules go along (DEV-20)."""
    rule = "offsite_rule"
    if rules.offsite_rule == "same_as_site":
        return None
    if rules.offsite_rule == "provider_rule":
        return MayUse("ask", rule, "The provider’s own rule holds there. Ask the provider.")
    if rules.offsite_rule == "none":
        return MayUse("allowed", rule, "The school has no rule for placements.")
    return MayUse("ask", rule, "The school’s rules do not say what holds at a placement. A person decides.")


def _judge_here(rules: Any, calendar: Calendar, kind: DeviceType, at: datetime, area: str, part: str) -> UseJudgement:
    """The judgement of the moment, and of the place where that is a no-device area."""
    found = _judge_for_everybody(rules, calendar, kind, at, part)
    if calendar.day_part(at) == "closed" or is_in_scope(rules, kind) is False:
        return found
    if is_barred(rules, area) and (found.verdict != "breach" or area):
        return UseJudgement("breach", "barred_areas", "No device is used here.")
    if found.rule == "base_use_on_site" and rules.base_use_on_site == "allowed_in_places":
        return _in_places(rules, area)
    return found


def _in_places(rules: Any, area: str) -> UseJudgement:
    """What "only in certain places" comes to here; without named places a person is asked (law PH-3)."""
    places = named_places(rules.allowed_places)
    if not places:
        return UseJudgement("ask", "base_use_on_site", "Use is allowed in certain places only. Ask the office which.")
    if is_named(area, places):
        return UseJudgement("no_breach", "allowed_places", "Use is allowed in this place.")
    return UseJudgement("breach", "allowed_places", "Use is allowed in certain places only.", (only_in(places),))


def _judge_for(
    rules: Any, calendar: Calendar, kind: DeviceType, at: datetime, area: str, part: str, cohorts: Collection[str]
) -> UseJudgement:
    """The judgement for everybody, and where that does not allow it what the pupil's groups or a lesson allow.

    A no-device area with a name stays closed to all; a site closed as a whole opens where a rule names the place.
    """
    found = _judge_here(rules, calendar, kind, at, area, part)
    if found.verdict == "no_breach" or (is_barred(rules, area) and WHOLE_SITE not in rules.barred_areas):
        return found
    now = part_of_day(calendar, at, part)
    lessons = rules.lesson_devices
    if now == "lessons" and lessons != UNSPECIFIED and kind.key in lessons:
        return UseJudgement(
            "no_breach", "lesson_devices", "It may be used for the lesson.", ("For the lesson, as the teacher says",)
        )
    narrower = [_for_group(rule, calendar, at, area, now) for rule in cohort_rules(rules, cohorts)
                if kind.key in rule.devices]  # fmt: skip
    for verdict in ("no_breach", "ask"):
        for one in narrower:
            if one.verdict == verdict:
                return one
    return narrower[0] if narrower and found.verdict == "breach" and not found.limits else found


def _for_group(rule: CohortRule, calendar: Calendar, at: datetime, area: str, now: str) -> UseJudgement:
    """What the rule of a group says of its own devices here and now; nothing in it says who the pupil is."""
    key = f"{rule.cohort}_devices"
    if not rule.places or not rule.times:
        missing = "places" if not rule.places else "times"
        return UseJudgement(
            "ask", f"{rule.cohort}_{missing}", f"Use is allowed at certain {missing} only. Ask the office which."
        )
    limits = rule.limits(calendar, at)
    if not rule.is_in_place(area):
        return UseJudgement("breach", key, "Not here. Use is allowed in certain places only.", limits)
    if now not in rule.times:
        return UseJudgement("breach", key, "Not now. Use is allowed at certain times only.", limits)
    return UseJudgement("no_breach", key, "Use is allowed here now.", limits)


def _together(
    rules: Any,
    calendar: Calendar,
    judged: Sequence[tuple[DeviceType, UseJudgement]],
    at: datetime,
    part: str,
    functions: tuple[str, ...],
) -> MayUse:
    """One answer for all the kinds that were asked about."""
    asked = [found for _kind, found in judged if found.verdict == "ask"]
    fine = [(kind, found) for kind, found in judged if found.verdict == "no_breach"]
    refused = [(kind, found) for kind, found in judged if found.verdict == "breach"]
    if asked:
        return MayUse("ask", asked[0].rule, asked[0].sentence)
    if not fine:
        first = next((found for _kind, found in judged if found.limits), judged[0][1])
        return MayUse("not_allowed", first.rule, first.sentence, tuple(_own_limits(judged)))
    found = fine[0][1]
    limits = _own_limits(fine)
    now = part_of_day(calendar, at, part)
    if found.rule != "device_types_in_scope" and not found.limits and now in _ENDS:
        ends = calendar.at(london_day(at), _ENDS[now])
        limits += [f"Until {clock(ends)}"] if ends is not None else []
    if found.rule == "break_use" and rules.break_use_scope == "devices_not_handed_in":
        limits.append("Devices that need not be handed in only")
    never = [kind.label.lower() for kind, found in refused if not found.limits]
    if never:
        limits.append(f"Not: {any_of(never)}")
    limits += _own_limits([(kind, found) for kind, found in refused if found.limits], named=True)
    if found.rule == "break_use":
        limits.append("Within the behaviour and anti-bullying policies")
    if now != "closed" and found.rule != "device_types_in_scope":
        limits += functions
    sentence = "Some kinds of device may be used now, others not." if refused else found.sentence
    return MayUse("allowed", found.rule, sentence, tuple(limits))


def _own_limits(judged: Sequence[tuple[DeviceType, UseJudgement]], *, named: bool = False) -> list[str]:
    """The limits that came with the judgements; said of which kinds, where they are not those of all or `named`."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, found in judged:
        kinds.setdefault(found.limits, []).append(kind.label)
    said = []
    for limits, labels in kinds.items():
        which = f"{any_of([labels[0], *(label.lower() for label in labels[1:])])}: " if named or len(kinds) > 1 else ""
        said += [f"{which}{limit[:1].lower() if which else limit[:1]}{limit[1:]}" for limit in limits]
    return said
