"""The tables about schools and people, by subject."""

from core.people.models.account import Membership, RoleHolding, Session, User
from core.people.models.base import SchoolModel, TrackedModel
from core.people.models.calendar import CalendarDay, DayTime, Term
from core.people.models.desks import DeskDevice, DeskPin
from core.people.models.directory import OutsideBody, Placement
from core.people.models.links import FactorReset, OneTimeLink
from core.people.models.roll import Contact, FormGroup, Pupil, new_code
from core.people.models.school import School

__all__ = [
    "CalendarDay",
    "Contact",
    "DayTime",
    "DeskDevice",
    "DeskPin",
    "FactorReset",
    "FormGroup",
    "Membership",
    "OneTimeLink",
    "OutsideBody",
    "Placement",
    "Pupil",
    "RoleHolding",
    "School",
    "SchoolModel",
    "Session",
    "Term",
    "TrackedModel",
    "User",
    "new_code",
]
