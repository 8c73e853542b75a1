"""Why a permission is not asked for, decided or changed, each in a sentence for the person at hand."""

from __future__ import annotations

from core.kit.refusals import Refusal


class UnableToAsk(Refusal):
    """The request was not made."""


class NotUnderTheRules(UnableToAsk):
    """The school’s rules know no permission of this kind."""

    recorded = True


class DatesWrong(UnableToAsk):
    """It would end before it begins, has no end, or lasts longer than a school year."""

    default_field = "ends_on"


class HoursWrong(UnableToAsk):
    """The time of day ends before it begins."""

    default_field = "daily_to"


class ReviewDayWrong(UnableToAsk):
    """It would be looked at again before it begins or after it ends."""

    default_field = "review_on"


class UnableToDecide(Refusal):
    """Nothing was decided."""


class NotTheOneToDecide(UnableToDecide):
    """The rules name somebody else (AGR-11)."""

    recorded = True


class NotByOneself(UnableToDecide):
    """Nobody decides about what they asked for, or about themselves (law AP-7)."""

    recorded = True


class DecidedAlready(UnableToDecide):
    """Somebody decided meanwhile; the first decision stands."""


class NotReady(UnableToDecide):
    """Something has to be there first: a discussion, a consent, an assessment, what the rules want written down."""


class ReasonNeeded(UnableToDecide):
    """A refusal, and a decision that the rules leave open, say why."""

    default_field = "because"


class RouteNeeded(UnableToDecide):
    """A refusal says whom to ask again (law AP-1)."""

    default_field = "review_route"


class UnableToChange(Refusal):
    """The permission stays as it is."""


class NotYours(UnableToChange):
    """Somebody else may do this."""

    recorded = True


class SaysTooLittle(UnableToChange):
    """What was done is said in words."""

    default_field = "because"


class UnableToAssess(Refusal):
    """The risk assessment stays as it is."""


class StandsAsItIs(UnableToAssess):
    """A complete assessment is not changed: make a new one."""


class HazardsMissing(UnableToAssess):
    """An assessment has at least one hazard."""

    default_field = "hazard"


class UnableToDelegate(Refusal):
    """Nothing was delegated."""

    default_field = "delegate"
