"""Every write about documents, acknowledgements, procedures and improvements."""

from policies.operations.documents import (
    DayAhead,
    DocumentUnnamed,
    NobodyChosen,
    VersionKnown,
    add_document,
    add_version,
    record_acknowledgement,
    record_form_acknowledgements,
)
from policies.operations.improvements import (
    DecidedAlready,
    PolicyNotNamed,
    RejectedSaysWhy,
    UnableToImprove,
    decide_improvement,
    give_improvement,
    raise_improvement,
    seed_policies,
)
from policies.operations.procedures import NotWhole, Published, name_procedures

__all__ = [
    "DayAhead",
    "DecidedAlready",
    "DocumentUnnamed",
    "NobodyChosen",
    "NotWhole",
    "PolicyNotNamed",
    "Published",
    "RejectedSaysWhy",
    "UnableToImprove",
    "VersionKnown",
    "add_document",
    "add_version",
    "decide_improvement",
    "give_improvement",
    "name_procedures",
    "raise_improvement",
    "record_acknowledgement",
    "record_form_acknowledgements",
    "seed_policies",
]
