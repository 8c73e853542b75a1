"""Every write about incidents, and the refusals that go with them."""

from incidents.operations.moves import NothingThere
from incidents.operations.notes import (
    AlreadyInIt,
    LastSubject,
    NobodyNamed,
    NoteOfAnotherRecord,
    NothingWritten,
    NotOfTheFuture,
    UnableToAdd,
    UnableToName,
    add_note,
    add_person,
    correct_note,
    remove_person,
)

__all__ = [
    "AlreadyInIt",
    "LastSubject",
    "NobodyNamed",
    "NotOfTheFuture",
    "NoteOfAnotherRecord",
    "NothingThere",
    "NothingWritten",
    "UnableToAdd",
    "UnableToName",
    "add_note",
    "add_person",
    "correct_note",
    "remove_person",
]
