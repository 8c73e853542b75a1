"""Why custody says no: each refusal is a class of its own, its text fit for the desk."""

from __future__ import annotations

from core.kit.refusals import Refusal
from devices.models import (
    CustodyRecord,
    PupilDevice,
)


class UnableToHandIn(Refusal):
    """A device was not taken into custody."""


class PupilHasLeft(UnableToHandIn):
    """The pupil's last day on roll has passed."""


class NoDeviceOnRecord(UnableToHandIn):
    """The pupil has no device on the register yet; the desk offers to add one."""


class DeviceChoiceNeeded(UnableToHandIn):
    """The pupil has several devices that could be meant; `devices` lists them."""

    def __init__(self, message: str, devices: list[PupilDevice]) -> None:
        super().__init__(message, rule="DEV-04", field="device")
        self.devices = devices


class KeptSecureByPupil(UnableToHandIn):
    """The school's rule takes in other kinds only; the pupil keeps this one safe and away (DEV-38)."""


class DeviceRetired(UnableToHandIn):
    """The device is marked as no longer in use."""


class DeviceAlreadyInCustody(UnableToHandIn):
    """The device is here already; `custody` says since when, where, and who took it in."""

    def __init__(self, message: str, custody: CustodyRecord) -> None:
        super().__init__(message, rule="DEV-04")
        self.custody = custody


class OffCheckNeeded(UnableToHandIn):
    """The rule wants the device seen switched off before the entry is complete (DEV-05)."""

    default_field = "switched_off"


class DecisionNeeded(UnableToHandIn):
    """The rules do not say whether devices are handed in: a person decides for the day and says why (matrix §0.3)."""


class SlotTaken(UnableToHandIn):
    """The slot holds another device, or is out of use."""

    default_field = "slot"


class OtherPlaceNeedsReason(UnableToHandIn):
    """The place chosen is not the one the rules name, and no reason was given (DEV-06)."""

    default_field = "place_reason"


class NoPlaceSetUp(UnableToHandIn):
    """The school has no storage place for ordinary hand-ins."""


class LostRace(UnableToHandIn):
    """Another desk recorded the same device, or took the free slot, in the same second."""

    of_a_moment = True


class NotHandedInYet(UnableToHandIn):
    """Something was to be said of a hand-in of the day, and there is none."""


class UnableToReturn(Refusal):
    """A device was not given back."""


class NotInCustody(UnableToReturn):
    """The device is not here: given back already, or never taken in."""


class TakenNotHandedIn(UnableToReturn):
    """The device was taken: it goes back by the rule on release, at the release desk (CNF-04)."""

    recorded = True


class EarlyReasonNeeded(UnableToReturn):
    """Before the end of the day a return needs a reason (DEV-08)."""

    default_field = "reason"


class MustGoToParent(UnableToReturn):
    """The school's rule gives devices back to a parent or carer only."""

    recorded = True
    default_field = "given_to"


class CollectorNotPermitted(UnableToReturn):
    """The adult named is not this pupil's contact, or may not collect."""

    recorded = True
    default_field = "contact"


class CorrectionNotPossible(Refusal):
    """What the correction says cannot be so as things stand now."""
