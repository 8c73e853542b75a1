"""How each document about a taken device is laid out: its template, what stands at its foot, who signs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.enums import DocumentKind

_STYLES = ("pdf/taken/taken.css",)
_STAFF = "For the school’s record. It names a child: keep it locked away."
_TEMPLATES: dict[DocumentKind, tuple[str, str, tuple[str, ...]]] = {
    DocumentKind.RECEIPT: ("family", "", ()),
    DocumentKind.LETTER: ("family", "", ()),
    DocumentKind.SLIP: ("family", "", ("Collected by", "For the school")),
    DocumentKind.CHAIN: ("chain", _STAFF, ("Checked by",)),
    DocumentKind.POLICE_RECEIPT: ("police", "One copy for the police, one for the school.", ("Police", "School")),
    DocumentKind.SEARCH: ("search", _STAFF, ()),
    DocumentKind.CLAIM_PACK: ("claim", "", ()),
}


def layout_of(kind: DocumentKind, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Template, context and styles of one document, from its snapshot and nothing else."""
    template, foot, signers = _TEMPLATES[kind]
    return {
        "template": f"pdf/taken/{template}.html",
        "context": {"title": facts["title"], "facts": facts, "foot": foot, "signers": signers},
        "styles": _STYLES,
    }
