"""Why something about a suspected image was refused."""

from __future__ import annotations

from core.kit.refusals import Refusal


class UnableToReportImage(Refusal):
    """A suspected image was not reported."""


class DeviceNotAccounted(UnableToReportImage):
    """Of an image on somebody's own device the report says whether the device is secured (IMG-03)."""

    default_field = "device"


class NotYetHappened(UnableToReportImage):
    """What is reported has happened."""

    default_field = "happened_at"


class ImageAlready(UnableToReportImage):
    """The record is of a suspected image already."""


class NotThisRoad(UnableToReportImage):
    """A record about a member of staff keeps its own road and its own readers (STA-17)."""

    recorded = True


class ReportedFromSearch(UnableToReportImage):
    """A record was opened from this search already."""


class UnableToDoTask(Refusal):
    """A task about a suspected image was not marked done."""


class NotYourTask(UnableToDoTask):
    """Tasks are done by whom they were given to, and by those who lead on the record."""

    recorded = True


class TaskDone(UnableToDoTask):
    """It is done already; the first entry stands."""


class TaskThere(UnableToDoTask):
    """The list has this task."""

    default_field = "kind"


class TaskAhead(UnableToDoTask):
    """The time lies ahead, or before what it follows."""

    default_field = "done_at"


class NotSecured(UnableToDoTask):
    """The device is not on record as confiscated and held, with time and place (IMG-03)."""

    recorded = True
    default_field = "device"


class WordsNeeded(UnableToDoTask):
    """The task says whom, where or by which reference."""

    default_field = "words"


class ScopeUndecided(UnableToDoTask):
    """The rules do not say who loses access, so that a person decides and says why (A-37)."""

    default_field = "scope"


class UnableToMoveImage(Refusal):
    """The case of a suspected image was not taken on."""


class FirstResponseIncomplete(UnableToMoveImage):
    """Something that comes first is not done (IMG-03, UNN-S3)."""

    recorded = True


class NotAcknowledged(UnableToMoveImage):
    """Nobody of the safeguarding team has acknowledged the record."""


class DecisionSaysWhy(UnableToMoveImage):
    """A decision is kept with its reason."""

    default_field = "reason"


class ImageNotFinished(UnableToMoveImage):
    """Something that its end needs is missing: `missing` says what."""

    recorded = True

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"Before it can be closed: {'; '.join(missing)}.", rule="IMG-14")
        self.missing = missing


class UnableToRecordViewing(Refusal):
    """A viewing was not recorded. There is no other way to note one (IMG-05)."""

    recorded = True


class ViewingNotDecided(UnableToRecordViewing):
    """Only the DSL, a deputy or the head decides that somebody looks (IM-2)."""

    default_field = "decided_by"


class ViewingSaysWhy(UnableToRecordViewing):
    """A viewing without a clear reason is none that can be recorded."""

    default_field = "reason"


class ViewingSaysHow(UnableToRecordViewing):
    """Who was there, where it was, and that nothing was copied (IM-2)."""
