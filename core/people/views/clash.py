"""When two people change one record: what is saved now beside what was typed, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.kit.refusals import ChangedMeanwhile
from core.people.models import TrackedModel
from core.people.views.base import SchoolFormView


class VersionedFormView(SchoolFormView, abstract=True):
    """A form over a record that carries the `version` it was opened with. Subclasses give `record` and `save`."""

    def record(self) -> TrackedModel:
        """The record as it is saved now."""
        raise NotImplementedError

    def said(self, record: Any) -> dict[str, str]:
        """The record's values in words, by form field."""
        raise NotImplementedError

    def save(self, form: BaseForm) -> HttpResponseBase:
        """The one operation of the page."""
        raise NotImplementedError

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        try:
            return self.save(form)
        except ChangedMeanwhile as refusal:
            return self._both(refusal)

    def _both(self, refusal: ChangedMeanwhile) -> HttpResponseBase:
        record: Any = self.record()
        data = self.request.POST.copy()
        data["version"] = str(record.version)
        form = self.get_form_class()(data=data, **self.get_form_kwargs())
        form.is_valid()
        form.add_refusal(refusal)
        saved = self.said(record)
        clashes = []
        for name, words in saved.items():
            if name not in form.fields:
                continue
            typed = _typed(form, name)
            if typed != words:
                clashes.append({"label": form.fields[name].label, "saved": words, "typed": typed})
        return self.render(
            form=form,
            clashes=clashes,
            clash_by=record.changed_by.display_name if record.changed_by else "the system",
            clash_at=record.changed_at,
            status=422,
        )


def _words(choices: Any) -> dict[str, str]:
    """What each choice is called, those in groups too."""
    found: dict[str, str] = {}
    for key, words in choices:
        found |= _words(words) if isinstance(words, list | tuple) else {str(key): str(words)}
    return found


def _typed(form: BaseForm, name: str) -> str:
    """What was typed or chosen, in words."""
    field = form.fields[name]
    value = form[name].value()
    choices = _words(getattr(field, "choices", []))
    if choices:
        given = value if isinstance(value, list | tuple) else [value]
        return ", ".join(choices[str(one)] for one in given if one and str(one) in choices)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value or "")
