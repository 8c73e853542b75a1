"""The form with which anybody asks whether a document is the school's."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField

MOST = 10 * 1024 * 1024
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


class VerifyForm(BaseForm):
    """A file or a checksum; the file is read where it is and never kept."""

    submit_label = "Check"

    file = forms.FileField(
        label="The document, as a PDF file",
        required=False,
        help_text="It is checked and not kept.",
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )
    checksum = LineField(
        label="Or its checksum (SHA-256)",
        required=False,
        max_length=120,
        help_text="64 figures and letters from a to f; spaces do not matter.",
    )

    def clean_file(self) -> bytes:
        sent = self.cleaned_data.get("file")
        if sent is None:
            return b""
        if (sent.size or 0) > MOST:
            raise forms.ValidationError("This file is larger than any document of the school. Choose another.")
        content = bytes(sent.read())
        if not content.startswith(b"%PDF-"):
            raise forms.ValidationError("This is not a PDF file. Choose the file as you received it.")
        return content

    def clean_checksum(self) -> str:
        given = re.sub(r"\s", "", self.cleaned_data.get("checksum") or "").lower()
        if given and not _CHECKSUM.fullmatch(given):
            raise forms.ValidationError("A checksum has 64 figures and letters from a to f. Copy all of it.")
        return given

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("file") and not found.get("checksum"):
            self.add_error("file", "Choose the file, or paste its checksum")
        return found
