"""Compares checked lists with the roll as it is: what would be added, changed, left alone or closed."""

from core.roll.comparing.now import ContactNow, FormNow, MemberNow, PupilNow, RollNow, UserNow
from core.roll.comparing.plan import Keys, Plan, Planned, make_plan

__all__ = [
    "ContactNow",
    "FormNow",
    "Keys",
    "MemberNow",
    "Plan",
    "Planned",
    "PupilNow",
    "RollNow",
    "UserNow",
    "make_plan",
]
