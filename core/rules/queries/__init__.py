"""Every read of the rules, by subject: what a feature asks, what the pages show, and what staff are told."""

from core.rules.catalogue import UNSPECIFIED, Rules
from core.rules.presets import all_presets
from core.rules.queries.announcing import Announcement, announcements_due, future_changes, recent_changes
from core.rules.queries.standing import (
    Change,
    Difference,
    Standing,
    changes_of,
    decisions_about,
    differences_between,
    differences_from_preset,
    has_rules,
    history_for,
    preset_on,
    standings_for,
    unspecified_keys,
)
from core.rules.queries.timeline import by_version, clear_cache, for_school, rules_as_judged

__all__ = [
    "UNSPECIFIED",
    "Announcement",
    "Change",
    "Difference",
    "Rules",
    "Standing",
    "all_presets",
    "announcements_due",
    "by_version",
    "changes_of",
    "clear_cache",
    "decisions_about",
    "differences_between",
    "differences_from_preset",
    "for_school",
    "future_changes",
    "has_rules",
    "history_for",
    "preset_on",
    "recent_changes",
    "rules_as_judged",
    "standings_for",
    "unspecified_keys",
]
