"""The school's own words on receipts, letters and slips: each edition kept, seen on invented data first (COM-06)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from core.rules.words import words_for
from devices import operations
from devices.documents.taken import letterhead_of
from devices.documents.wording import MERGE_FIELDS, Wording, filled, in_force, invented, paragraphs
from devices.enums import WORDED_KINDS, DocumentKind
from devices.forms.papers import WordingForm
from devices.queries.taken import wording_row, wordings_of
from devices.views.base import DevicesView
from devices.words import disclaimer

_KINDS = [kind for kind in DocumentKind if kind in WORDED_KINDS]


class WordingsView(DevicesView):
    """Every document that the school may word for itself, with the edition in force."""

    permission = Permission.MANAGE_WORDING
    template_name = "devices/wordings.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = [
            {"kind": kind, "row": wording_row(self.school, kind), "url": self.url(f"wording-{kind.value}")}
            for kind in _KINDS
        ]
        return self.render(rows=rows)


class WordingView(SchoolFormView, DevicesView):
    """Write one wording, with the fields beside the box, and see it filled in before it is saved."""

    permission = Permission.MANAGE_WORDING
    template_name = "devices/wording.html"
    form_class = WordingForm
    kind: ClassVar[DocumentKind] = DocumentKind.RECEIPT

    @property
    def current(self) -> Wording:
        return in_force(self.kind, wording_row(self.school, self.kind))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now = self.current
        return self.render(form=self.get_form(), preview=self._preview(now.title, now.body))

    def get_initial(self) -> dict[str, Any]:
        now = self.current
        return {"title": now.title, "body": now.body, "edition": now.number}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        if "preview" in self.request.POST:
            return self.render(form=form, preview=self._preview(given["title"], given["body"]), is_tried=True)
        row = operations.taken.save_wording(school=self.school, actor=self.actor, at=self.now, kind=self.kind, **given)
        return self.done(f"Saved as edition {row.number}.", self.url(f"wording-{self.kind.value}"))

    def _preview(self, title: str, body: str) -> dict[str, Any]:
        values = invented(
            words_for(self.rules),
            school=self.school.name,
            contact=letterhead_of(self.school).contact,
            disclaimer=disclaimer(self.rules),
        )
        return {"title": filled(title, values), "said": paragraphs(filled(body, values))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = words_for(self.rules)
        return super().get_context_data(
            kind_label=self.kind.label,
            merge_fields=[(f"{{{name}}}", words.say(meaning)) for name, meaning in MERGE_FIELDS.items()],
            editions=list(wordings_of(self.school, self.kind)),
            breadcrumbs=[{"label": "Wording", "url": self.url("wordings")}, {"label": str(self.kind.label), "url": ""}],
            **kwargs,
        )
