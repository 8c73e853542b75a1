"""The one way an operation says no: a named refusal whose text is fit for the person at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar


class Refusal(Exception):
    """An operation was not carried out, and nothing was written.

    `message` is shown as it stands. `rule` names the requirement or setting that refused. `field` is the form field
    that the sentence belongs to. `recorded` refusals leave an entry in the audit record (house §4.4), and with it what
    `leaves` writes, if it is set: rows that must stand although what was asked for was undone. A refusal `of_a_moment`
    only says that somebody else wrote in the same one: the operation is begun again before anybody is troubled with it.
    """

    recorded: ClassVar[bool] = False
    of_a_moment: ClassVar[bool] = False
    default_field: ClassVar[str | None] = None
    leaves: Callable[[], object] | None = None

    def __init__(self, message: str, *, rule: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.field = field if field is not None else self.default_field

    @property
    def code(self) -> str:
        """The class name in snake case, stable enough to be stored and counted."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class ChangedMeanwhile(Refusal):
    """Somebody else saved the record after this person opened it; nothing typed is lost, both texts are shown."""


class SubmissionMismatch(Refusal):
    """A submission key came back with another person or another act than the one it was first used for."""

    recorded = True
