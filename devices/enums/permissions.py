"""Choices about who may use a device by permission."""

from django.db import models


class UseReason(models.TextChoices):
    """Why a pupil keeps a device (AGR-10, law AP-4). The rule `exception_reasons` says which are offered.

    A calculator, research or a photograph of the board is no such reason, and is not here.
    """

    MEDICAL_AID = "medical_aid", "A medical aid"
    MEDICAL_MONITORING = "medical_monitoring", "Medical monitoring"
    SEND = "send", "Assistive technology for special educational needs"
    YOUNG_CARER = "young_carer", "A young carer"
    SAFEGUARDING_PLAN = "safeguarding_plan", "Part of a safeguarding plan"
    BEREAVEMENT = "bereavement", "A bereavement or family emergency"
    TRAVEL = "travel", "Exceptional travel"
    SIXTH_FORM = "sixth_form", "A sixth-form area"
    BOARDING = "boarding", "Boarding"
    OTHER = "other", "Another exceptional reason"


MEDICAL = (UseReason.MEDICAL_AID, UseReason.MEDICAL_MONITORING)


class LessonUseReason(models.TextChoices):
    """Why a member of staff uses an own device in teaching time (STA-01)."""

    EMERGENCY = "emergency", "An emergency"
    OTHER = "other", "Another reason"


class ContactChannel(models.TextChoices):
    """By what means staff reach somebody from an own device (STA-09)."""

    CALL = "call", "Telephone call"
    TEXT = "text", "Text message"
    EMAIL = "email", "Email"
    APP = "app", "Messaging app"
    VIDEO = "video", "Video call"
