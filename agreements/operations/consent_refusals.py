"""Why an answer about images is not recorded, or images are not used, each in a sentence for the person at hand."""

from __future__ import annotations

from core.kit.refusals import Refusal


class UnableToRecordConsent(Refusal):
    """Nothing was recorded about consent."""


class ParentGivesConsent(UnableToRecordConsent):
    """The school's rules let only a parent or carer consent for a pupil."""

    recorded = True
    default_field = "who"


class OwnDecisionNeeded(UnableToRecordConsent):
    """A pupil answers for themselves only after the headteacher's decision in their case is in effect (CON-03)."""

    recorded = True
    default_field = "who"


class MayNotConsent(UnableToRecordConsent):
    """This adult is no contact of the pupil any more, or has no parental responsibility."""

    recorded = True
    default_field = "who"


class PurposeNotNamed(UnableToRecordConsent):
    """Another purpose was agreed to, and nobody said which."""

    default_field = "other_purpose"


class NameWithoutImage(UnableToRecordConsent):
    """A name goes only with an image that was agreed to."""

    default_field = "first_name_for"


class LastDayPassed(UnableToRecordConsent):
    """The consent would have run out already."""

    default_field = "ends_on"


class NothingToWithdraw(UnableToRecordConsent):
    """No consent stands to any of these uses."""

    default_field = "purposes"


class UnableToDecideOwnConsent(Refusal):
    """Nothing was decided about a pupil's own consent."""


class AskedAlready(UnableToDecideOwnConsent):
    """A question about this pupil waits for the headteacher already."""


class AgeAloneNeverDecides(UnableToDecideOwnConsent):
    """Only age was given as a ground (CON-03, CON-04)."""

    recorded = True
    default_field = "grounds"


class GroundsMissing(UnableToDecideOwnConsent):
    """No ground was given."""

    default_field = "grounds"


class ReasonMissing(UnableToDecideOwnConsent):
    """A decision needs its reason."""

    default_field = "reason"


class UnableToUseImages(Refusal):
    """The use of images was not kept, published or changed."""


class NobodyChosen(UnableToUseImages):
    """A use needs somebody who is in it."""

    default_field = "pupils"


class NotConsentedTo(UnableToUseImages):
    """For somebody in it the answer is no, or there is no answer; which is the same (CON-01)."""

    recorded = True
    default_field = "pupils"


class DecisionNeeded(UnableToUseImages):
    """The rules are silent, so a person decides, with a reason (matrix 0.3)."""

    default_field = "reason"


class NeedNotStated(UnableToUseImages):
    """A name goes with an image only for a need that is stated (CON-06)."""

    default_field = "name_need"


class AccountNotNamed(UnableToUseImages):
    """What happens on an official account says on which (CON-12)."""

    default_field = "account"


class ModeratorNotNamed(UnableToUseImages):
    """Activity that involves pupils is moderated, or it is said why it cannot be (SOC-19)."""

    default_field = "moderator"


class NotInThisUse(UnableToUseImages):
    """The pupil is not, or no longer, in this use."""


class NotPublishedYet(UnableToUseImages):
    """Nothing can be taken down that was never published."""


class DutyHeldAlready(Refusal):
    """The person holds this duty already."""

    default_field = "user"


class DutyDatesWrong(Refusal):
    """The duty would end before it begins."""

    default_field = "ends_on"
