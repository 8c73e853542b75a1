"""Every write of the roll import, by subject: preparing, starting, running, clearing, and the DSL's answers."""

from core.roll.operations.clearing import clear_old_imports
from core.roll.operations.preparing import (
    NothingToImport,
    NotOpen,
    SameListTwice,
    Sent,
    TooManyFiles,
    UnableToImport,
    WrongColumns,
    cancel_roll,
    correct_mapping,
    note_download,
    refresh_preview,
    upload_roll,
)
from core.roll.operations.proposals import AlreadyAnswered, ReasonNeeded, answer_proposal
from core.roll.operations.running import resume_stale_imports, run_roll_import
from core.roll.operations.starting import (
    AnotherImportRunning,
    NotToBeUndone,
    ProblemRowsNotAccepted,
    RollChangedMeanwhile,
    apply_roll,
    resume_roll,
    undo_roll,
)

__all__ = [
    "AlreadyAnswered",
    "AnotherImportRunning",
    "NotOpen",
    "NotToBeUndone",
    "NothingToImport",
    "ProblemRowsNotAccepted",
    "ReasonNeeded",
    "RollChangedMeanwhile",
    "SameListTwice",
    "Sent",
    "TooManyFiles",
    "UnableToImport",
    "WrongColumns",
    "answer_proposal",
    "apply_roll",
    "cancel_roll",
    "clear_old_imports",
    "correct_mapping",
    "note_download",
    "refresh_preview",
    "resume_roll",
    "resume_stale_imports",
    "run_roll_import",
    "undo_roll",
    "upload_roll",
]
