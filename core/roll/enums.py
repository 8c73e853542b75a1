"""The fixed choices of roll imports; stored as short stable keys."""

from django.db import models


class FileKind(models.TextChoices):
    """What a file lists."""

    PUPILS = "pupils", "Pupils"
    CONTACTS = "contacts", "Contacts"
    STAFF = "staff", "Staff"


class ImportState(models.TextChoices):
    """Where an import stands. `core.roll.workflow` says which may follow which."""

    UPLOADED = "uploaded", "Columns to be matched"
    PREVIEWED = "previewed", "Ready to apply"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    FAILED = "failed", "Stopped by an error"
    CANCELLED = "cancelled", "Cancelled"


class Entity(models.TextChoices):
    """What kind of record a change is about."""

    USER = "user", "Account"
    MEMBERSHIP = "membership", "Member of staff"
    FORM = "form", "Form"
    PUPIL = "pupil", "Pupil"
    PLACEMENT = "placement", "Placement"
    CONTACT = "contact", "Contact"
    PROPOSAL = "proposal", "Do-not-inform question"
    ROLE = "role", "Role"


class Action(models.TextChoices):
    """What a change does to its record."""

    ADD = "add", "Added"
    CHANGE = "change", "Changed"
    CLOSE = "close", "Left"


class ChangeState(models.TextChoices):
    """What became of a change."""

    PLANNED = "planned", "Planned"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Left alone"
    UNDONE = "undone", "Undone"
    KEPT = "kept", "Kept"
    CLOSED = "closed", "Closed, because other records refer to it"


class ProposalAnswer(models.TextChoices):
    """What the DSL decided about a contact with a court-order note."""

    OPEN = "open", "To be decided"
    CONFIRMED = "confirmed", "Do not inform"
    DISMISSED = "dismissed", "May be informed"
