"""The fixed choices about documents; stored as short stable keys."""

from django.db import models


class DocumentKind(models.TextChoices):
    """What a document governs."""

    HOME_LEARNING = "home_learning", "Own devices for learning at home"
    POLICY = "policy", "Policy"
    COMPLAINTS = "complaints", "Complaints procedure"
    WHISTLEBLOWING = "whistleblowing", "Whistleblowing procedure"
    ACCEPTABLE_USE = "acceptable_use", "Acceptable use"
    MONITORING = "monitoring", "Notice of monitoring"
    CONDUCT = "conduct", "Conduct of staff"
    SAFEGUARDING = "safeguarding", "Safeguarding and child protection"
    READING = "reading", "Reading for families"


# Procedures that everybody finds from the pages they belong to: one of each, with its address (INC-30).
PROCEDURES = (DocumentKind.COMPLAINTS, DocumentKind.WHISTLEBLOWING)


# What people read and acknowledge; each has versions with a text for each readership.
ACKNOWLEDGED = (
    DocumentKind.ACCEPTABLE_USE,
    DocumentKind.MONITORING,
    DocumentKind.CONDUCT,
    DocumentKind.SAFEGUARDING,
    DocumentKind.READING,
)


class Readership(models.TextChoices):
    """For whom a text is written, by age, understanding and role (AGR-18)."""

    YOUNGEST = "youngest", "Youngest pupils"
    PRIMARY = "primary", "Primary pupils"
    SECONDARY = "secondary", "Secondary pupils"
    PARENTS = "parents", "Parents and carers"
    STAFF = "staff", "Staff and volunteers"
    GOVERNORS = "governors", "Governors and trustees"
    VISITORS = "visitors", "Visitors and contractors"


class ImprovementList(models.TextChoices):
    """Where something to be made better is kept (INC-27, INC-28)."""

    POLICY = "policy", "Changes to a policy"
    CURRICULUM = "curriculum", "Changes to what is taught"
    ACTION_PLAN = "action_plan", "Action plan"


class ImprovementState(models.TextChoices):
    """What became of it."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Not taken up, for a reason"
    DONE = "done", "Done"


class AcknowledgedHow(models.TextChoices):
    """How somebody said that they know a document."""

    PAPER = "paper", "Signed on paper"
    IN_CLASS = "in_class", "Gone through in class"
    MEETING = "meeting", "At a meeting with a parent or carer"
    ONLINE = "online", "Through the school’s own system"
    ACCOUNT = "account", "Read and confirmed here, signed in"
    LINK = "link", "Read and confirmed by a link"
    WITH_SUPPORT = "with_support", "Gone through with help, in a way that suits"
