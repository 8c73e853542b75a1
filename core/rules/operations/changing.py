"""Changing the rules: taking a preset, giving one rule a value, withdrawing a change that is not in force yet."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.text import clean_text
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School
from core.people.roles import Permission
from core.rules import queries
from core.rules.catalogue import SETTINGS, as_json, read_value, say_date
from core.rules.enums import ChangeKind
from core.rules.models import RuleValue
from core.rules.presets import preset_of
from core.rules.words import settings_in, words_for


class UnableToChangeRules(Refusal):
    """The rules were left as they are."""


class UnknownRule(UnableToChangeRules):
    """There is no such rule in the catalogue."""

    default_field = "key"


class UnknownPreset(UnableToChangeRules):
    """There is no such preset."""

    default_field = "preset"


class ValueNotAllowed(UnableToChangeRules):
    """The rule does not allow this value; the sentence names those it does."""

    default_field = "value"


class ReasonMissing(UnableToChangeRules):
    """Every change says why (ORG-15)."""

    default_field = "reason"


class EffectiveDateInPast(UnableToChangeRules):
    """Records of past days are judged by the rules of those days, so no change reaches back (ORG-16)."""

    default_field = "effective_from"


class NothingChanges(UnableToChangeRules):
    """The rule says this already on that day."""

    default_field = "value"


class UnableToWithdraw(UnableToChangeRules):
    """The change stays."""


class AlreadyInForce(UnableToWithdraw):
    """A change that has taken effect is followed by another; it is not withdrawn."""


class AlreadyReplaced(UnableToWithdraw):
    """The change was withdrawn or corrected meanwhile."""


def reason_given(reason: str) -> str:
    """The reason as it is kept: plain text of at most 500 characters. Raises `ReasonMissing`."""
    try:
        said = clean_text(reason)
    except ValueError as error:
        raise ReasonMissing(str(error), rule="ORG-15") from error
    if not said:
        raise ReasonMissing("Enter why this is changed. It is kept with the rule.", rule="ORG-15")
    if len(said) > 500:
        raise ReasonMissing("The reason must be 500 characters or fewer.", rule="ORG-15")
    return said


def locked_school(school: School) -> School:
    """The school's row, held until the end of the transaction: changes of rules come one after another."""
    return School.objects.select_for_update().get(pk=school.pk)


def _advance(school: School, locked: School, version: int, *, preset: str | None = None) -> None:
    """Make every process read the rules again: the version is the newest row's key, never used twice.

    `rules_version` is a counter and leaves no history row; the change itself is the dated row and the audit entry.
    """
    locked.rules_version = school.rules_version = version
    fields = ["rules_version"]
    if preset is None:
        locked.skip_history_when_saving = True  # type: ignore[attr-defined]
    else:
        locked.preset = school.preset = preset
        fields.append("preset")
    locked.save(update_fields=fields)


def _replayed_school(entry: Any) -> School:
    return School.objects.get(pk=entry.school_id)


@operation("rules.adopt_preset", replay=_replayed_school)
def adopt_preset(
    *,
    school: School,
    actor: Any,
    at: datetime,
    preset: str,
    effective_from: date,
    reason: str,
    submission: UUID | None = None,
) -> School:
    """Give every rule the preset's value from a day on (ORG-15); administrator or head. Returns the school.

    The first preset of a school may start on any day, so that what is already on record is judged; a later one not
    before today. Raises `UnknownPreset`, `ReasonMissing`, `EffectiveDateInPast`, `NotPermitted`.
    """
    require(actor, Permission.EDIT_RULES, school)
    chosen = preset_of(preset)
    if chosen is None:
        raise UnknownPreset("Choose one of the presets.", rule="ORG-15")
    said = reason_given(reason)
    locked = locked_school(school)
    is_first = not RuleValue.objects.filter(school=locked).exists()
    if not is_first and effective_from < london_day(at):
        raise EffectiveDateInPast(_PAST, rule="ORG-16")
    before = queries.for_school(locked, on=effective_from)
    batch = uuid.uuid4()
    rows = RuleValue.objects.bulk_create(
        [
            RuleValue(
                school=locked,
                key=key,
                value=as_json(chosen.value(key)),
                kind=ChangeKind.PRESET,
                preset=chosen.slug,
                effective_from=effective_from,
                reason=said,
                batch=batch,
                created_at=at,
                created_by=actor,
            )
            for key in SETTINGS
        ]
    )
    _advance(school, locked, max(row.pk for row in rows), preset=chosen.slug)
    record(
        school=school,
        actor=actor,
        action="rules.adopt_preset",
        at=at,
        obj=school,
        detail={
            "preset": chosen.slug,
            "effective_from": effective_from.isoformat(),
            "reason": said,
            "old": {found.setting.key: as_json(found.before) for found in queries.differences_between(before, chosen)},
            "new": {found.setting.key: as_json(found.after) for found in queries.differences_between(before, chosen)},
        },
        submission=submission,
    )
    return school


_PAST = "The date must be today or later. Records of past days are judged by the rules of those days."


@operation("rules.change_rule")
def change_rule(
    *,
    school: School,
    actor: Any,
    at: datetime,
    key: str,
    value: Any,
    effective_from: date,
    reason: str,
    submission: UUID | None = None,
) -> RuleValue:
    """Give one rule a value from a day on, today or later (ORG-15, ORG-16); administrator or head. Returns the row.

    A change already decided for the same day and not yet in force is corrected: the new row takes its place. Raises
    `UnknownRule`, `ValueNotAllowed`, `ReasonMissing`, `EffectiveDateInPast`, `NothingChanges`, `NotPermitted`.
    """
    require(actor, Permission.EDIT_RULES, school)
    if key not in SETTINGS:
        raise UnknownRule("There is no such rule.", rule="ORG-15")
    try:
        typed = read_value(key, value)
    except ValueError as error:
        words = words_for(queries.for_school(school, on=london_day(at)))
        raise ValueNotAllowed(words.say(str(error)), rule="ORG-15") from error
    said = reason_given(reason)
    today = london_day(at)
    if effective_from < today:
        raise EffectiveDateInPast(_PAST, rule="ORG-16")
    locked = locked_school(school)
    before = getattr(queries.for_school(locked, on=effective_from), key)
    if before == typed:
        spoken = settings_in(words_for(queries.for_school(locked, on=today)))[key].words_for(typed)
        raise NothingChanges(f"On {say_date(effective_from)} this rule already says “{spoken}”.", rule="ORG-15")
    replaced = None
    if effective_from > today:
        replaced = (
            RuleValue.objects.filter(school=locked, key=key, effective_from=effective_from, superseded_by__isnull=True)
            .exclude(kind__in=[ChangeKind.WITHDRAWAL, ChangeKind.PRESET])
            .order_by("-pk")
            .first()
        )
    row = RuleValue(
        school=locked,
        key=key,
        value=as_json(typed),
        kind=ChangeKind.CORRECTION if replaced else ChangeKind.CHANGE,
        effective_from=effective_from,
        reason=said,
        batch=uuid.uuid4(),
        supersedes=replaced,
        created_at=at,
        created_by=actor,
    )
    row.save()
    _advance(school, locked, row.pk)
    record(
        school=school,
        actor=actor,
        action="rules.change_rule",
        at=at,
        obj=row,
        detail={
            "key": key,
            "old": as_json(before),
            "new": as_json(typed),
            "effective_from": effective_from.isoformat(),
            "reason": said,
        },
        submission=submission,
    )
    return row


@operation("rules.withdraw_change")
def withdraw_change(
    *, school: School, actor: Any, at: datetime, change: RuleValue, reason: str, submission: UUID | None = None
) -> RuleValue:
    """Take back a change that is not in force yet, with everything that was written together with it.

    Administrator or head. Returns the withdrawal of `change`. Raises `AlreadyInForce`, `AlreadyReplaced`,
    `ReasonMissing`, `NotPermitted`.
    """
    require(actor, Permission.EDIT_RULES, school)
    said = reason_given(reason)
    locked = locked_school(school)
    if change.effective_from <= london_day(at):
        raise AlreadyInForce("This change is already in force. Change the rule again instead.", rule="ORG-16")
    live = list(
        RuleValue.objects.filter(school=locked, batch=change.batch, superseded_by__isnull=True)
        .exclude(kind=ChangeKind.WITHDRAWAL)
        .order_by("pk")
    )
    if change.pk not in {row.pk for row in live}:
        raise AlreadyReplaced("This change has been withdrawn or corrected meanwhile.", rule="ORG-16")
    batch = uuid.uuid4()
    rows = RuleValue.objects.bulk_create(
        [
            RuleValue(
                school=locked,
                key=row.key,
                value=None,
                kind=ChangeKind.WITHDRAWAL,
                effective_from=row.effective_from,
                reason=said,
                batch=batch,
                supersedes=row,
                created_at=at,
                created_by=actor,
            )
            for row in live
        ]
    )
    remaining = queries.preset_on(school, change.effective_from)
    is_preset = change.kind == ChangeKind.PRESET
    _advance(
        school,
        locked,
        max(row.pk for row in rows),
        preset=(remaining.slug if remaining else "") if is_preset else None,
    )
    row = next(row for row in rows if row.supersedes_id == change.pk)
    record(
        school=school,
        actor=actor,
        action="rules.withdraw_change",
        at=at,
        obj=row,
        detail={
            "old": {found.key: found.value for found in live},
            "new": None,
            "effective_from": change.effective_from.isoformat(),
            "reason": said,
        },
        submission=submission,
    )
    return row
