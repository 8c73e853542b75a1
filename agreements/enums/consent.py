"""Choices about photographs and film of pupils."""

from django.db import models


class ConsentPurpose(models.TextChoices):
    """What an image may be used for; each is asked by itself (CON-01)."""

    LEARNING_RECORD = "learning_record", "Learning records and displays inside school"
    PRINT = "print", "Printed publications, such as the prospectus"
    WEBSITE = "website", "The school’s website"
    SOCIAL_MEDIA = "social_media", "The school’s social media"
    PRESS = "press", "Newspapers and broadcasters"
    ACCOUNT_ACTIVITY = "account_activity", "Taking part in what happens on the school’s own online accounts"
    OTHER = "other", "Another purpose, named on the form"


class ConsentState(models.TextChoices):
    """Matrix 4.15."""

    ASKED = "asked", "Asked, no answer yet"
    GIVEN = "given", "Given"
    CHANGED = "changed", "Given, and changed since"
    REFUSED = "refused", "Not given"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Ran out"


class ConsentBasis(models.TextChoices):
    """Who gave it, and on what footing."""

    PARENT = "parent", "A parent or carer, for the child"
    OWN = "own", "The pupil, by the headteacher’s decision in their case"
    ADULT = "adult", "An adult, for themselves"


class ConsentGround(models.TextChoices):
    """What a decision about a pupil’s own consent weighs; age alone never decides (CON-03)."""

    AGE = "age", "Age"
    UNDERSTANDING = "understanding", "Understands what is asked and what may follow"
    MATURITY = "maturity", "Maturity in comparable matters"
    WISHES = "wishes", "Own wishes, freely said"
    PARENTS = "parents", "What the parents or carers think"
    CIRCUMSTANCES = "circumstances", "Circumstances of this pupil"


class ParentsAsked(models.TextChoices):
    """Whether the parents were asked before a pupil’s own consent was decided about."""

    ASKED = "asked", "Yes"
    NOT_FITTING = "not_fitting", "No, it would not have been fitting"


class OwnConsentState(models.TextChoices):
    """Matrix 4.15: asked → decided_by_head → applied."""

    ASKED = "asked", "Waits for the headteacher"
    DECIDED = "decided", "Decided by the headteacher"
    APPLIED = "applied", "In effect"


class NamesShown(models.TextChoices):
    """Whether a name goes with the image (CON-06)."""

    NONE = "none", "No name"
    FIRST = "first", "First name only"
    FULL = "full", "First name and surname"


class ImageUseState(models.TextChoices):
    """How far one use of images is."""

    PLANNED = "planned", "Checked, not published yet"
    PUBLISHED = "published", "Published"
    CANCELLED = "cancelled", "Not used"
    TAKEN_DOWN = "taken_down", "Taken down"


class TakedownOutcome(models.TextChoices):
    """What became of one attempt to take an image down (CON-05)."""

    REMOVED = "removed", "Removed"
    ASKED = "asked", "Asked for, no answer yet"
    NOT_POSSIBLE = "not_possible", "Could not be removed"


class PublishingDutyKind(models.TextChoices):
    """Who takes or publishes images for the school, and so is told of a withdrawal at once (NOT-24)."""

    PHOTOGRAPHS = "photographs", "Takes photographs for the school"
    ACCOUNTS = "accounts", "Manages an official account"
