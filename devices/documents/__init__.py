"""What is put on paper: each document a frozen snapshot of the records as they stood, laid out by `templates/pdf`."""

from devices.documents.labels import KNOWN_SHEETS, SHEETS, Label, Sheet, label_parts
from devices.documents.printouts import Printout, printout_for
from devices.documents.receipts import Receipt, receipt_of

__all__ = [
    "KNOWN_SHEETS",
    "SHEETS",
    "Label",
    "Printout",
    "Receipt",
    "Sheet",
    "label_parts",
    "printout_for",
    "receipt_of",
]
