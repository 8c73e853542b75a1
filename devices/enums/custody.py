"""Custody of pupils' devices: footing, states, events, places and owners."""

from __future__ import annotations

from django.db import models


class Basis(models.TextChoices):
    """On what footing the school holds a device. The four are never merged (law PH-9)."""

    HAND_IN = "hand_in", "Handed in by arrangement"
    COLLECTED = "collected", "Collected: not handed in"
    CONFISCATED = "confiscated", "Confiscated"
    EVIDENCE = "evidence", "Held as evidence"


class State(models.TextChoices):
    """Where a device stands, in the words of matrix §4.1."""

    WITH_PUPIL_OFF_SITE = "with_pupil_off_site", "With the pupil, off site"
    WITH_PUPIL_ON_SITE = "with_pupil_on_site", "With the pupil, on site"
    WITH_PUPIL_BY_AGREEMENT = "with_pupil_by_agreement", "With the pupil by agreement"
    NOT_HANDED_IN = "not_handed_in", "Not handed in"
    HANDED_IN = "handed_in", "Handed in"
    STORED = "stored", "Stored"
    OUT_FOR_BREAK = "out_for_break", "Out for break"
    OUT_FOR_ACTIVITY = "out_for_activity", "Out for a lesson activity"
    UNCOLLECTED = "uncollected", "Uncollected"
    RETURNED = "returned", "Returned"
    COLLECTED = "collected", "Collected: not handed in"
    CONFISCATED = "confiscated", "Confiscated"
    PARENT_COLLECTION = "parent_collection", "Waits for a parent or carer"
    EVIDENCE_HOLD = "evidence_hold", "On evidence hold"
    WITH_POLICE = "with_police", "With the police"
    BACK_FROM_POLICE = "back_from_police", "Back from the police"
    RELEASED_TO_PUPIL = "released_to_pupil", "Released to the pupil"
    RELEASED_TO_PARENT = "released_to_parent", "Released to a parent or carer"
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
    TAKE = "take", "Taken from the pupil"
    AWAIT_PARENT = "await_parent", "Kept for a parent or carer"
    RELEASE = "release", "Released"
    HOLD = "hold", "Put on evidence hold"
    LIFT_HOLD = "lift_hold", "Evidence hold lifted"
    TO_POLICE = "to_police", "Handed to the police"
    FROM_POLICE = "from_police", "Given back by the police"
    GO_OUT = "go_out", "Given out for a time"
    COME_BACK = "come_back", "Put back"


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
