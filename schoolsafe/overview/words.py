"""The record's acts in words."""

from __future__ import annotations

_AREAS = {
    "people": "People",
    "rules": "Rules",
    "roll": "Roll",
    "notices": "Notices",
    "devices": "Devices",
    "overview": "Record",
    "page": "Page",
    "audit": "Record",
    "demo": "Demonstration",
}
# Where the key alone would read badly.
_WORDS = {
    "page.open": "Asked for a page",
    "overview.look_at_record": "Looked at the record",
    "overview.look_at_entry": "Looked at an entry of the record",
    "overview.export_record": "Exported the record",
    "notices.notify": "Notice sent",
    "notices.escalate": "Urgent notice passed on",
    "notices.mark_read": "Notice read",
    "notices.acknowledge": "Urgent notice acknowledged",
    "notices.set_preferences": "Emails chosen",
    "notices.try_dead_again": "Given-up emails tried again",
    "people.sign_out_everywhere": "Signed out everywhere",
    "rules.adopt_preset": "Rules: preset adopted",
    "rules.change_rule": "Rule changed",
    "rules.withdraw_change": "Change of a rule withdrawn",
    "rules.announce_changes": "Staff told of changes of the rules",
    "rules.record_decision": "Decision recorded where the rules are silent",
}


def act_in_words(action: str) -> str:
    """ "Rule changed" for "rules.change_rule"; an act without words of its own as "Devices: hand in device"."""
    if action in _WORDS:
        return _WORDS[action]
    area, _, act = action.partition(".")
    said = act.replace("_", " ").replace(".", ", ")
    return f"{_AREAS.get(area, area.capitalize())}: {said}" if said else area.replace("_", " ").capitalize()
