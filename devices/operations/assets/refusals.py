"""Why something about a school device was not done."""

from __future__ import annotations

from core.kit.refusals import Refusal


class NumberTaken(Refusal):
    """Another school device has this number."""

    default_field = "number"


class NumberMissing(Refusal):
    """The number on its label was left out."""

    default_field = "number"


class WhileIssued(Refusal):
    """It is in somebody's hands: it is returned first."""

    default_field = "status"


class SaysTooLittle(Refusal):
    """Something that has to be said in words was left out."""

    default_field = "condition"


class UnableToIssue(Refusal):
    """The school device was given to nobody."""


class AssetNotAvailable(UnableToIssue):
    """Somebody has it, or it cannot be given out as it is."""


class NotAnAssignee(UnableToIssue):
    """A school device is for staff and pupils alone (SDV-03)."""

    recorded = True


class PermissionNeeded(UnableToIssue):
    """The rules want permission beforehand, and there is none in force (SDV-04)."""

    recorded = True


class DocumentNotAcknowledged(UnableToIssue):
    """The rules want the document about acceptable use acknowledged first (SDV-04)."""

    recorded = True


class NoticeNotAcknowledged(UnableToIssue):
    """The person has not acknowledged that use can be watched (SDV-05, AGR-25)."""

    recorded = True


class UseNotAuthorised(UnableToIssue):
    """It is not for school work, and the head has not authorised that in writing (SDV-08)."""

    recorded = True
    default_field = "use"


class DueTooEarly(UnableToIssue):
    """It would have to be back before it is given out."""

    default_field = "due_on"


class NotIssued(Refusal):
    """It was returned already."""


class ResetAlready(Refusal):
    """Somebody confirmed the reset, or it is not back yet."""
