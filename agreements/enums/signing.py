"""Choices about templates, agreements, signatures and the documents made of them."""

from django.db import models


class AgreementKind(models.TextChoices):
    """What an agreement is about; each kind has its ready text."""

    HOME_SCHOOL = "home_school", "Home-school agreement"
    ONLINE_SAFETY = "online_safety", "Online-safety agreement"
    IMAGE_CONSENT = "image_consent", "Consent to photographs and film"
    EXCEPTIONAL_USE = "exceptional_use", "Exceptional-use agreement"
    BRING_DEVICE = "bring_device", "Agreement that a device may be brought"
    ACCOUNT_MANAGER = "account_manager", "Declaration of an account manager"
    STAFF = "staff", "Staff declaration"


# What a member of staff signs for themselves; all others are about a pupil.
STAFF_KINDS = (AgreementKind.ACCOUNT_MANAGER, AgreementKind.STAFF)
# Of these a pupil or a person may have several at a time: they are about one device or one matter.
SEVERAL_KINDS = (AgreementKind.EXCEPTIONAL_USE, AgreementKind.BRING_DEVICE, AgreementKind.STAFF)


class Party(models.TextChoices):
    """Whose undertakings a group of clauses holds (matrix 5.2)."""

    TERMS = "terms", "What this is about"
    PUPIL = "pupil", "Pupil"
    CONSEQUENCES = "consequences", "What follows a breach"
    SCHOOL = "school", "School"
    PARENT = "parent", "Parents and carers"
    STAFF = "staff", "Member of staff"
    EVERYONE = "everyone", "Everyone"
    PERSONAL = "personal", "For this pupil"


class VersionState(models.TextChoices):
    """A version of a template is written, then published, and never changed again (AGR-01, AGR-09)."""

    DRAFT = "draft", "Being written"
    PUBLISHED = "published", "Published"


class Capacity(models.TextChoices):
    """In which capacity somebody signs."""

    PUPIL = "pupil", "Pupil"
    PARENT = "parent", "Parent or carer"
    HEADTEACHER = "headteacher", "Headteacher"
    FORM_TUTOR = "form_tutor", "Form tutor"
    STAFF = "staff", "Member of staff"


class ParentsNeeded(models.TextChoices):
    """Whether one signature of a parent is enough; each of them may sign, and signs apart (law AG-5)."""

    ONE = "one", "One parent or carer is enough"
    ALL = "all", "Every parent or carer who is asked"


class AgreementState(models.TextChoices):
    """Matrix 4.13."""

    DRAFT = "draft", "Being prepared"
    ISSUED = "issued", "Not signed yet"
    PARTLY_SIGNED = "partly_signed", "Partly signed"
    COMPLETE = "complete", "Complete, not in force yet"
    IN_FORCE = "in_force", "In force"
    TO_RENEW = "to_renew", "To be renewed"
    REFUSED = "refused", "Not agreed to"
    SUPERSEDED = "superseded", "Superseded"
    ENDED = "ended", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AgreementEventKind(models.TextChoices):
    """What happened to an agreement."""

    ISSUED = "issued", "Issued"
    SIGNED = "signed", "Signed"
    DECLINED = "declined", "Not agreed to"
    TAKEN_BACK = "taken_back", "Signature taken back"
    COMPLETED = "completed", "Signed by all who are needed"
    STARTED = "started", "Came into force"
    FOLLOWED_UP = "followed_up", "Followed up"
    SENT = "sent", "Link sent"
    REMINDED = "reminded", "Reminded"
    PHONED = "phoned", "Telephoned"
    SCANNED = "scanned", "Scan kept"
    NOT_ASKED = "not_asked", "No longer asked"
    NOT_MY_CHILD = "not_my_child", "Somebody said that it is not their child"
    TO_RENEW = "to_renew", "To be renewed"
    SUPERSEDED = "superseded", "Superseded by a newer one"
    ENDED = "ended", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SignatoryState(models.TextChoices):
    """How far one signatory is (law AG-1)."""

    NOT_SENT = "not_sent", "Not sent"
    SENT = "sent", "Sent"
    VIEWED = "viewed", "Opened"
    SIGNED = "signed", "Signed"
    DECLINED = "declined", "Not agreed to"
    TAKEN_BACK = "taken_back", "Signature taken back"
    NOT_ASKED = "not_asked", "No longer asked"


class Decision(models.TextChoices):
    """What somebody decided about what they were asked to sign."""

    AGREES = "agrees", "Agrees"
    DECLINES = "declines", "Does not agree"
    TAKES_BACK = "takes_back", "Takes the signature back"


class SignMode(models.TextChoices):
    """How a signature came (AGR-07)."""

    LINK = "link", "By a link sent to the person"
    DESK = "desk", "At school, on the school’s device"
    PAPER = "paper", "On paper, seen by staff"
    ACCOUNT = "account", "Signed in with an own account"


class MarkKind(models.TextChoices):
    """What the mark is; a typed name is complete by itself."""

    TYPED = "typed", "Typed name"
    DRAWN = "drawn", "Typed name and drawn mark"
    PAPER = "paper", "Signature on paper"


class LinkPurpose(models.TextChoices):
    """What a link opens, and nothing else."""

    SIGN = "sign", "Read and sign"
    CONSENT = "consent", "Change or withdraw a consent"


class BatchScope(models.TextChoices):
    """To whom agreements are issued in one go."""

    FORM = "form", "A form"
    YEAR = "year", "A year group"
    JOINERS = "joiners", "Those who joined since a day"
    WHOLE_SCHOOL = "whole_school", "Everybody on roll"
    RENEWAL = "renewal", "Those whose agreement is to be renewed"


class BatchState(models.TextChoices):
    """How far an issue in one go is."""

    WAITING = "waiting", "Waiting"
    MAKING = "making", "Being issued"
    READY = "ready", "Issued"
    FAILED = "failed", "Could not be issued"
    STOPPED = "stopped", "Stopped"


class PaperKind(models.TextChoices):
    """What a document is."""

    SIGNED = "signed", "Signed agreement"
    BLANK = "blank", "Agreement to sign on paper"


class MakeState(models.TextChoices):
    """How far the worker is with a document."""

    WAITING = "waiting", "Waiting"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    EXPIRED = "expired", "Taken away"
