"""What the desk and the office choose from: acts, marks, lists, prints, calls and messages."""

from __future__ import annotations

from django.db import models


class DeskAct(models.TextChoices):
    """What the desk does with a pupil: the ordinary hand-in, or an exception said after or instead of the scan."""

    HAND_IN = "hand_in", "Hand in"
    NO_DEVICE = "no_device", "No phone"
    REFUSED = "refused", "Refused"
    PERMITTED = "permitted", "Permitted"
    DAMAGED = "damaged", "Damaged"
    LATE = "late", "Late"
    SECOND = "second", "Second device"


# The desk's command cards and function keys: each does one act to the pupil scanned last, or to what is in the box.
# F1, F3, F5, F10, F11 and F12 are left to the browser.
COMMANDS: dict[str, tuple[DeskAct, str]] = {
    "DESK-NONE": (DeskAct.NO_DEVICE, "F2"),
    "DESK-REFUSED": (DeskAct.REFUSED, "F4"),
    "DESK-PERMITTED": (DeskAct.PERMITTED, "F8"),
    "DESK-DAMAGED": (DeskAct.DAMAGED, "F9"),
    "DESK-LATE": (DeskAct.LATE, "F7"),
    "DESK-SECOND": (DeskAct.SECOND, "F6"),
}


class MarkKind(models.TextChoices):
    """What was said of a pupil's day beside a hand-in; a fact of the day, never a verdict (DEV-10, DEV-35)."""

    ABSENT = "absent", "Absent"
    REFUSED = "refused", "Asked and did not hand in"
    PERMITTED = "permitted", "Keeps it by permission"


class MarkSource(models.TextChoices):
    """How a mark came to be known."""

    DESK = "desk", "Said at the desk"
    FORM = "form", "Recorded with the whole form"
    TYPED = "typed", "Typed or pasted"
    FILE = "file", "Read from an attendance file"
    PAPER = "paper", "Typed in from paper"


class FormAnswer(models.TextChoices):
    """What the whole-form page says of one pupil: what hands in is In until somebody says otherwise (ux 1.3)."""

    IN = "in", "In"
    NO_DEVICE = "no_device", "No phone"
    REFUSED = "refused", "Refused"
    PERMITTED = "permitted", "Permitted"
    ABSENT = "absent", "Absent"


class PasteAct(models.TextChoices):
    """What a pasted list of pupils is a list of."""

    HANDED_IN = "handed_in", "Handed in"
    NO_DEVICE = "no_device", "No device today"
    ABSENT = "absent", "Absent today"
    GIVEN_BACK = "given_back", "Given back"


class ParkedOutcome(models.TextChoices):
    """What became of a device that was put aside because nobody knew whose it was."""

    HANDED_IN = "handed_in", "It is a pupil’s: recorded as handed in"
    GIVEN_BACK = "given_back", "Given back without a hand-in"
    LOST_PROPERTY = "lost_property", "Went to lost property"
    MISTAKE = "mistake", "There was no such device"


class OfflineOutcome(models.TextChoices):
    """What a person decided about a scan made offline that the record could not take as it was."""

    RECORDED = "recorded", "Recorded after all"
    LET_GO = "let_go", "Nothing to record"


class CallReason(models.TextChoices):
    """Why a pupil rang home on a school phone (DEV-26)."""

    UNWELL = "unwell", "Unwell"
    TRAVEL = "travel", "Travel or collection"
    FORGOTTEN = "forgotten", "Something forgotten"
    WORRIED = "worried", "Worried or upset"
    OTHER = "other", "Other"


class DialledBy(models.TextChoices):
    PUPIL = "pupil", "The pupil"
    ADULT = "adult", "A member of staff"


class DeliveredHow(models.TextChoices):
    """How a message taken at the office reached the pupil (DEV-27)."""

    IN_PERSON = "in_person", "Told in person"
    BY_STAFF = "by_staff", "Through a member of staff"
    NOTE = "note", "Written note"
    NOT_NEEDED = "not_needed", "No longer needed"


class PrintKind(models.TextChoices):
    """What the worker can print (DOC-09, labels, the paper twin)."""

    SLOT_LABELS = "slot_labels", "Labels for slots"
    PUPIL_LABELS = "pupil_labels", "Labels for pupils"
    DEVICE_LABELS = "device_labels", "Labels for devices"
    COMMAND_CARDS = "command_cards", "Command cards for the desk"
    MORNING_REGISTER = "morning_register", "Morning register with codes"
    DAY_REGISTER = "day_register", "Register of a day"
    UNCOLLECTED = "uncollected", "Uncollected devices"
    DAY_SUMMARY = "day_summary", "Summary of a day"
    LETTERS = "letters", "Letters to parents and carers"  # asked for on their own page


class PrintState(models.TextChoices):
    WAITING = "waiting", "Waiting for the printer"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    EXPIRED = "expired", "Taken away after a day"
