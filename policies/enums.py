"""The fixed choices about documents; stored as short stable keys."""

from django.db import models


class DocumentKind(models.TextChoices):
    """What a document governs."""

    HOME_LEARNING = "home_learning", "Own devices for learning at home"


class AcknowledgedHow(models.TextChoices):
    """How somebody said that they know a document."""

    PAPER = "paper", "Signed on paper"
    IN_CLASS = "in_class", "Gone through in class"
    MEETING = "meeting", "At a meeting with a parent or carer"
    ONLINE = "online", "Through the school’s own system"
