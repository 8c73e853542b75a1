"""What people did at a desk, as plain values: the history is planned in these and then written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.people.models import Contact, Pupil, User
from devices.enums import GivenTo
from devices.models import PupilDevice

if TYPE_CHECKING:
    from schoolsafe.demo.writing import Desk


@dataclass(frozen=True)
class HandIn:
    """A device is taken in and put into its usual slot."""

    at: datetime
    by: User
    device: PupilDevice
    switched_off: bool | None = None
    condition: str = ""
    note: str = ""


@dataclass(frozen=True)
class NoneToday:
    """A pupil says that they brought none."""

    at: datetime
    by: User
    pupil: Pupil


@dataclass(frozen=True)
class GiveBack:
    """A device goes back to its pupil or to an adult who may collect; early ones say why."""

    at: datetime
    by: User
    device: PupilDevice
    reason: str = ""
    given_to: str = GivenTo.PUPIL
    contact: Contact | None = None
    condition: str = ""
    note: str = ""


@dataclass(frozen=True)
class Special:
    """Anything rarer: done through its operation when its turn comes."""

    at: datetime
    do: Callable[[Desk], None]


Act = HandIn | NoneToday | GiveBack | Special
