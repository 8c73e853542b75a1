"""Choices about access to the school’s systems."""

from django.db import models


class SystemKind(models.TextChoices):
    """What somebody is let into."""

    INTERNET = "internet", "Internet"
    NETWORK = "network", "School network and drives"
    EMAIL = "email", "Email"
    PLATFORM = "platform", "Learning platform or app"
    RECORDS = "records", "Pupil records"
    DEVICE = "device", "School-owned device"
    OTHER = "other", "Something else"


class AccessState(models.TextChoices):
    """Matrix 4.14: none → granted → suspended → revoked."""

    GRANTED = "granted", "Granted"
    SUSPENDED = "suspended", "Suspended"
    REVOKED = "revoked", "Ended"
