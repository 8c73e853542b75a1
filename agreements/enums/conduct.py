"""Choices about what staff declare, and about passwords and the school’s equipment."""

from django.db import models


class DeclarationContext(models.TextChoices):
    """Which no-contact rule the circumstance makes hard to keep; it decides who is consulted (A-15)."""

    DEVICES = "devices", "Calls and messages from an own device"
    SOCIAL_MEDIA = "social_media", "Social media"


class RelationshipNature(models.TextChoices):
    """What kind of tie it is."""

    FAMILY = "family", "Family"
    FRIENDS = "friends", "Family friends"
    OWN_CHILD = "own_child", "Own child at the school, or their friends"
    COMMUNITY = "community", "A club, a faith group or a neighbourhood"
    FORMER_PUPIL = "former_pupil", "A former pupil"
    OTHER = "other", "Something else"


class DeclarationState(models.TextChoices):
    """Matrix 4.11, relationships."""

    DECLARED = "declared", "Declared"
    CONSULTED = "consulted", "Being consulted about"
    DECIDED = "decided", "Decided"
    RECORDED = "recorded", "On record"
    REVIEW_DUE = "review_due", "Due for review"
    CLOSED = "closed", "Closed"


class DisclosureState(models.TextChoices):
    """Matrix 4.11: requested → allowed | refused → disclosed → password_reset."""

    REQUESTED = "requested", "Requested"
    ALLOWED = "allowed", "Allowed"
    REFUSED = "refused", "Refused"
    DISCLOSED = "disclosed", "Disclosed; to be reset"
    PASSWORD_RESET = "password_reset", "Password reset"


class EquipmentUseKind(models.TextChoices):
    """What school equipment may be used for beyond the job, with the head’s written word (SDV-08)."""

    PERSONAL = "personal", "Personal use"
    ANOTHER_JOB = "another_job", "Work for somebody else"
