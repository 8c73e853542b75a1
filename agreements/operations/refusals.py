"""Why an agreement is not issued or not signed, each in a sentence for the person at hand."""

from __future__ import annotations

from core.kit.refusals import Refusal


class UnableToIssue(Refusal):
    """An agreement was not issued."""


class NotPublished(UnableToIssue):
    """The version is still being written, or the template is not used any more."""

    default_field = "version"


class IssuedAlready(UnableToIssue):
    """One of the same kind waits for this person’s signatures already."""


class NotOnRoll(UnableToIssue):
    """The pupil has left."""


class WhoSignsOpen(UnableToIssue):
    """The rules do not say who signs, so a person says it, with a reason (matrix 0.3)."""

    default_field = "signatories"


class DatesWrong(UnableToIssue):
    """It would end before it begins."""

    default_field = "ends_on"


class UnableToSign(Refusal):
    """Nothing was signed."""


class NothingToSign(UnableToSign):
    """The agreement is over, or was superseded by a newer one."""


class NoLongerAsked(UnableToSign):
    """This person is not asked any more: the pupil left, the contact ended or may not be told."""

    recorded = True


class SignedAlready(UnableToSign):
    """This person has signed; the first signature stands."""


class NotYoursToSign(UnableToSign):
    """The person may not sign in this capacity."""

    recorded = True


class NameMissing(UnableToSign):
    """A signature needs the full name."""

    default_field = "name"


class StatementsMissing(UnableToSign):
    """Not everything that has to be confirmed was ticked."""

    default_field = "statements"


class ChoicesMissing(UnableToSign):
    """A consent needs an answer to each purpose."""

    default_field = "choices"


class DayOfSigningWrong(UnableToSign):
    """The day on the paper is still to come, or before the agreement was issued."""

    default_field = "signed_on"


class LinkNotUsable(UnableToSign):
    """The link was used, replaced, withdrawn or ran out: from outside all look alike (security 5.3)."""
