"""Choices about who may use a device by permission, and about the school’s own devices."""

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


class AssetType(models.TextChoices):
    """What kind of device the school owns (SDV-01)."""

    PHONE = "phone", "Phone"
    COMPUTER = "computer", "Computer"
    LAPTOP = "laptop", "Laptop"
    TABLET = "tablet", "Tablet"
    CAMERA = "camera", "Camera"
    WEBCAM = "webcam", "Webcam"
    VIDEO_CAMERA = "video_camera", "Video camera"
    OTHER = "other", "Something else"


class AssetStatus(models.TextChoices):
    """Where a school device stands; issuing and returning it alone make it issued and available again."""

    AVAILABLE = "available", "Available"
    ISSUED = "issued", "Issued"
    REPAIR = "repair", "Being repaired"
    LOST = "lost", "Lost or stolen"
    RETIRED = "retired", "No longer used"


class Protection(models.TextChoices):
    """How somebody who looked found a school device protected (SDV-02). The secret itself is never written down."""

    UNKNOWN = "unknown", "Not checked"
    NONE = "none", "Nothing is set"
    PIN = "pin", "A passcode or PIN"
    PASSWORD = "password", "A password"
    PRIVATE = "private", "A password that only its user knows"
    OTHER = "other", "Another measure, such as a locked room"


class AssetUse(models.TextChoices):
    """What a school device is issued for: anything but the school’s work needs the head’s written word (SDV-08)."""

    SCHOOL_WORK = "school_work", "School work"
    PERSONAL = "personal", "Personal use"
    ANOTHER_JOB = "another_job", "Another job"
