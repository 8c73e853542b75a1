"""Documents to read, on paper: the text, and a slip to sign and give back (DOC-04, DOC-05)."""

from __future__ import annotations

from datetime import datetime

from core.kit.pdf import render_pdf
from policies.enums import Readership
from policies.models import DocumentText

_BLANKS = {
    Readership.PARENTS: ("Name of the child", "Form", "My name", "Signature", "Date"),
    Readership.STAFF: ("Name", "Job", "Signature", "Date"),
    Readership.GOVERNORS: ("Name", "Signature", "Date"),
    Readership.VISITORS: ("Name", "From", "Signature", "Date"),
}
_OF_PUPILS = ("Name", "Form", "Signature", "Date")
_SLIP = {
    Readership.YOUNGEST: "We have talked about this, and I know what to do.",
    Readership.PARENTS: "I have read this and talked it through with my child.",
}


def text_pdf(text: DocumentText, *, made_at: datetime) -> bytes:
    """One text with its slip, the same for everybody: no names are on it but the school’s."""
    version = text.document_version
    readership = Readership(text.readership)
    context = {
        "title": text.title,
        "school": text.school.name,
        "document": version.document.title,
        "label": version.label,
        "paragraphs": [part.strip() for part in text.text.split("\n\n") if part.strip()],
        "slip": _SLIP.get(readership, "I have read and understood this."),
        "blanks": _BLANKS.get(readership, _OF_PUPILS),
        "is_large": text.plain or readership == Readership.YOUNGEST,
    }
    return render_pdf(
        "pdf/reading.html", context, made_at=made_at, title=text.title, styles=("pdf/reading.css",)
    ).content
