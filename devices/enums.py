"""The fixed choices about devices and custody; stored as short stable keys."""

from django.db import models


class Basis(models.TextChoices):
    """On what footing the school holds a device. The four are never merged (law PH-9)."""

    HAND_IN = "hand_in", "Handed in by arrangement"
    COLLECTED = "collected", "Collected: not handed in"
    CONFISCATED = "confiscated", "Confiscated"
    EVIDENCE = "evidence", "Held as evidence"


class State(models.TextChoices):
    """The states of matrix §4.1 that ordinary custody uses."""

    WITH_PUPIL_OFF_SITE = "with_pupil_off_site", "With the pupil, off site"
    HANDED_IN = "handed_in", "Handed in"
    STORED = "stored", "Stored"
    UNCOLLECTED = "uncollected", "Uncollected"
    RETURNED = "returned", "Returned"
    LOST_OR_DAMAGED = "lost_or_damaged", "Lost or damaged beyond return"


class EventKind(models.TextChoices):
    HAND_IN = "hand_in", "Handed in"
    STORE = "store", "Put away"
    MOVE = "move", "Moved"
    RETURN = "return", "Given back"
    UNCOLLECTED = "uncollected", "Not collected by office close"
    CORRECTION = "correction", "Corrected"
    NOTE = "note", "Note added"
    DAMAGE = "damage", "Damage reported"
    LOSS = "loss", "Loss reported"
    FOUND = "found", "Found again"
    KEPT_OVERNIGHT = "kept_overnight", "Kept overnight"


class Flag(models.TextChoices):
    """What the desk was warned of when it took the device in; stored with the record, never a verdict."""

    NO_AGREEMENT = "no_agreement", "No agreement to bring a device is recorded"
    NO_REASON = "no_reason", "No reason for bringing a device is recorded"
    BANNED = "banned", "The school's rule is that devices are not brought"
    UNDECIDED = "undecided", "The school's rules do not say; a decision was recorded"
    LATE = "late", "After the hand-in cut-off"
    NO_SLOT = "no_slot", "No slot was free"
    OTHER_PLACE = "other_place", "Put in another place than the rules name"
    DAMAGED = "damaged", "Damaged when it was handed in"
    OFFLINE = "offline", "Recorded while the desk was offline"
    FROM_PAPER = "from_paper", "Typed in from paper"
    COUNTED = "counted", "Recorded with its whole form; the box was counted"


# Flags that say how a hand-in was recorded; the others are warnings about the device or the rules.
HOW_RECORDED = frozenset({Flag.OFFLINE, Flag.FROM_PAPER, Flag.COUNTED})


class PlaceKind(models.TextChoices):
    """What a storage place is; the keys are those of the rule `storage_kind`."""

    SAFE = "safe", "Safe"
    LOCKED_PLACE = "locked_place", "Locked place"
    OFFICE = "office", "School office"
    SECURE_PLACE = "secure_place", "Secure place"


class PlacePurpose(models.TextChoices):
    DAILY = "daily", "Ordinary hand-ins"
    CONFISCATED = "confiscated", "Confiscated devices"
    EVIDENCE = "evidence", "Evidence"


class SlotState(models.TextChoices):
    USABLE = "usable", "In use"
    OUT_OF_USE = "out_of_use", "Out of use"


class EarlyReason(models.TextChoices):
    """Why a device goes back before the end of the day (DEV-08)."""

    LEAVING_EARLY = "leaving_early", "Leaving early"
    MEDICAL = "medical", "Medical"
    TRIP = "trip", "Trip or visit"
    OTHER = "other", "Other"


class GivenTo(models.TextChoices):
    PUPIL = "pupil", "The pupil"
    CONTACT = "contact", "A parent or carer"


class BringReason(models.TextChoices):
    """Why a pupil brings a device at all (DEV-37)."""

    TRAVEL = "travel", "Travels by bus or train"
    WALKS_ALONE = "walks_alone", "Walks alone"
    MEDICAL = "medical", "Medical"
    OTHER = "other", "Other"


class DeviceOwner(models.TextChoices):
    """Whose the device is: one that a pupil carries may belong to somebody else, who may want it back (law PH-11)."""

    PUPIL = "pupil", "The pupil"
    PARENT = "parent", "A parent or carer"
    SIBLING = "sibling", "A brother or sister"
    OTHER = "other", "Somebody else"


class CorrectionKind(models.TextChoices):
    """What a correction says about an earlier entry (DEV-33). It adds an entry and erases none."""

    NOT_HANDED_IN = "not_handed_in", "This device was not handed in"
    NOT_RETURNED = "not_returned", "This device was not given back"
    OTHER_SLOT = "other_slot", "It is in another slot"
    DETAIL = "detail", "Something else was recorded wrongly"


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


class BarredFunction(models.TextChoices):
    """What a device may be barred from doing in school; also a detail of a breach (DEV-32)."""

    SHORT_RANGE_SHARING = "short_range_sharing", "Short-range sharing"
    MESSAGING = "messaging", "Messaging"
    RECORDING = "recording", "Recording"
    CAMERA = "camera", "Camera"
    INTERNET = "internet", "Internet"


class LossKind(models.TextChoices):
    """What is reported about a device that was with the school (DEV-23)."""

    DAMAGED = "damaged", "Damaged"
    LOST = "lost", "Lost"
    STOLEN = "stolen", "Believed stolen"


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


class PrintState(models.TextChoices):
    WAITING = "waiting", "Waiting for the printer"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    EXPIRED = "expired", "Taken away after a day"


# What the catalogue starts with (DEV-01): key, label, communicates, goes online, records sound, records pictures.
STANDARD_TYPES: tuple[tuple[str, str, bool, bool, bool, bool], ...] = (
    ("phone", "Phone", True, True, True, True),
    ("tablet", "Tablet", True, True, True, True),
    ("e_reader", "E-reader", False, True, False, False),
    ("console", "Games console", True, True, True, False),
    ("smartwatch", "Smart watch", True, True, True, False),
    ("fitness_tracker", "Fitness tracker", False, True, False, False),
    ("earphones", "Wireless earphones", False, False, False, False),
    ("laptop", "Laptop", True, True, True, True),
    ("other", "Other device", False, False, False, False),
)
