"""The form with which a scan is added."""

from __future__ import annotations

from django import forms

from core.kit.forms import SubmissionForm
from core.kit.redrawing import NotRedrawn, Redrawn, redrawn


class ScanForm(SubmissionForm):
    """One file; its pixels are read and nothing else of it."""

    submit_label = "Keep it"

    file = forms.FileField(
        label="The scan",
        help_text="PDF, JPEG or PNG, at most 10 MB and 12 pages. It is drawn anew; the file itself is not kept.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
        error_messages={"required": "Choose the file"},
    )

    def clean_file(self) -> Redrawn:
        sent = self.cleaned_data["file"]
        try:
            return redrawn(bytes(sent.read()), sent.name or "")
        except NotRedrawn as reason:
            raise forms.ValidationError(str(reason)) from reason
