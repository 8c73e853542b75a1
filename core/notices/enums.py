"""How a notice reaches a person, and where an email stands; stored as short stable keys."""

from django.db import models


class Urgency(models.TextChoices):
    """Urgent ones must be acknowledged and go on to somebody else when nobody does (ORG-19)."""

    ORDINARY = "ordinary", "Ordinary"
    URGENT = "urgent", "Urgent"


class Delivery(models.TextChoices):
    """How notices that are not urgent come by email. The inbox holds every one of them, whatever is chosen."""

    AT_ONCE = "at_once", "At once, one email for each"
    DIGEST = "digest", "Together, at 7:45am and 3:30pm on school days"
    NONE = "none", "Not by email"


class MailState(models.TextChoices):
    WAITING = "waiting", "Waiting to be sent"
    FAILED = "failed", "Failed, will be tried again"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up after eight tries"
    WITHDRAWN = "withdrawn", "Not sent: the person has left"


class Beating(models.TextChoices):
    """The parts of the service that must be heard from."""

    WORKER = "worker", "Background worker"
    MAILER = "mailer", "Mailer"
