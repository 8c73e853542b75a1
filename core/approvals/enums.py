"""Choices about permissions and risk assessments."""

from django.db import models


class Kind(models.TextChoices):
    """What is asked for. Each kind has its own table of moves, and its own rule on who decides."""

    EXCEPTIONAL_USE = "exceptional_use", "Exceptional use of a device"
    BRING_DEVICE = "bring_device", "Bringing a device to school"
    CURRICULUM_USE = "curriculum_use", "Own devices for one activity"
    CONTACT_ROUTE = "contact_route", "A family’s own way to reach a child"
    STAFF_LESSON_USE = "staff_lesson_use", "Own device in teaching time"
    STAFF_CONTACT = "staff_contact", "Contact by an own device"
    REMOTE_TEACHING = "remote_teaching", "Remote teaching on an own device"
    SCHOOL_DEVICE = "school_device", "Use of a school device"


# Whom a permission is about: a pupil, a member of staff, or for one activity a class that its own record names.
PUPIL_KINDS = (Kind.EXCEPTIONAL_USE, Kind.BRING_DEVICE, Kind.CONTACT_ROUTE)
STAFF_KINDS = (Kind.STAFF_LESSON_USE, Kind.STAFF_CONTACT, Kind.REMOTE_TEACHING)
# Whoever decides about these may give them unasked, or on a word of the family: then one person asked and decided.
UNASKED_KINDS = (Kind.BRING_DEVICE, Kind.STAFF_LESSON_USE, Kind.SCHOOL_DEVICE)


class State(models.TextChoices):
    """Matrix 4.8 to 4.11; `workflow.MOVES` says which of them each kind has, and `words.state_label` its own words."""

    REQUESTED = "requested", "Asked for"
    DISCUSSED = "discussed", "Discussed"
    CONSENTED = "consented", "Teacher agrees"
    ASSESSED = "assessed", "Risk assessed"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Refused"
    CONFIRMED = "confirmed", "Confirmed by who gave it"
    DRAFTED = "drafted", "Agreement being drawn up"
    AWAITING = "awaiting", "Waiting for signatures"
    LIVE = "live", "In force"
    REVIEW_DUE = "review_due", "In force, due for review"
    SUSPENDED = "suspended", "Suspended"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Ended by its date"
    ENDED = "ended", "Ended"
    USED = "used", "Used"


# Still to be decided; decided and on its way; holding; over.
OPEN_STATES = (State.REQUESTED, State.DISCUSSED, State.CONSENTED, State.ASSESSED)
COMING_STATES = (State.APPROVED, State.CONFIRMED, State.DRAFTED, State.AWAITING)
LIVE_STATES = (State.LIVE, State.REVIEW_DUE)
OVER_STATES = (State.DECLINED, State.WITHDRAWN, State.LAPSED, State.ENDED, State.USED)


class EventKind(models.TextChoices):
    """What happened to a permission."""

    ASKED = "asked", "Asked for"
    CHANGED = "changed", "Request changed"
    DISCUSSED = "discussed", "Discussed"
    CONSENTED = "consented", "Teacher agreed"
    ASSESSED = "assessed", "Risk assessment completed"
    SENT_BACK = "sent_back", "Sent back"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Refused"
    CONFIRMED = "confirmed", "Confirmed by who gave it"
    DRAFTED = "drafted", "Agreement drawn up"
    ISSUED = "issued", "Agreement sent for signatures"
    STARTED = "started", "Came into force"
    REVIEW_DUE = "review_due", "Due for review"
    REVIEWED = "reviewed", "Reviewed"
    SUSPENDED = "suspended", "Suspended"
    RESUMED = "resumed", "In force again"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Ended by its date"
    ENDED = "ended", "Ended"
    USED = "used", "Used"
    NOTED = "noted", "Note"


class GivenHow(models.TextChoices):
    """In what form a permission was given (STA-02)."""

    WRITTEN = "written", "In writing"
    VERBAL = "verbal", "By word of mouth"


class AssessmentState(models.TextChoices):
    """A risk assessment is written, then complete, and never changed again."""

    DRAFT = "draft", "Being written"
    COMPLETE = "complete", "Complete"


class Level(models.TextChoices):
    """How likely, how grave, or how much is left."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
