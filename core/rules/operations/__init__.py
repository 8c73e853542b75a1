"""Every write of the rules, by subject: changing them, telling staff of it, and deciding where they are silent."""

from core.rules.operations.announcing import announce_changes, announce_changes_of
from core.rules.operations.changing import (
    AlreadyInForce,
    AlreadyReplaced,
    EffectiveDateInPast,
    NothingChanges,
    ReasonMissing,
    UnableToChangeRules,
    UnableToWithdraw,
    UnknownPreset,
    UnknownRule,
    ValueNotAllowed,
    adopt_preset,
    change_rule,
    withdraw_change,
)
from core.rules.operations.deciding import DecisionNotNeeded, record_decision

__all__ = [
    "AlreadyInForce",
    "AlreadyReplaced",
    "DecisionNotNeeded",
    "EffectiveDateInPast",
    "NothingChanges",
    "ReasonMissing",
    "UnableToChangeRules",
    "UnableToWithdraw",
    "UnknownPreset",
    "UnknownRule",
    "ValueNotAllowed",
    "adopt_preset",
    "announce_changes",
    "announce_changes_of",
    "change_rule",
    "record_decision",
    "withdraw_change",
]
