"""The catalogue of kinds of device: what each can do, and what the school's rules make of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.clash import VersionedFormView
from devices import operations
from devices.forms.storage import ActForm, DeviceTypeForm
from devices.judgement import UNSPECIFIED, Duty, handin_duty, is_in_scope
from devices.models import DeviceType
from devices.queries import device_types, types_visible_to
from devices.views.storage import StorageView

DUTIES: dict[Duty, dict[str, str]] = {
    "hand_in": {"kind": "ok", "word": "Handed in"},
    "keep_secure": {"kind": "info", "word": "Kept secure, not handed in"},
    "out_of_scope": {"kind": "neutral", "word": "Not covered by the rules"},
    "undecided": {"kind": "attention", "word": "Not decided in the rules"},
}


def abilities(kind: DeviceType) -> list[str]:
    """What the kind can do, in words."""
    flags = (
        (kind.communicates, "calls or sends messages"),
        (kind.goes_online, "goes online"),
        (kind.records_sound, "records sound"),
        (kind.records_pictures, "takes pictures"),
    )
    return [word for flag, word in flags if flag]


def why_covered(rules: Any, kind: DeviceType) -> str:
    """Why the rules cover the kind or not: it is named, or it can do something (DEV-01)."""
    covered = is_in_scope(rules, kind)
    if covered is None:
        return "The rules do not say which kinds they cover."
    if not covered:
        return "Not named in the rules, and it can do none of these."
    listed = rules.device_types_in_scope
    return "Named in the rules." if listed != UNSPECIFIED and kind.key in listed else "Covered for what it can do."


class ListTypesView(SchoolFormView, StorageView):
    """Every kind with what it can do and what a pupil does with it on arrival. POST takes the standard list."""

    form_class = ActForm
    template_name = "devices/list_types.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = self.rules
        kinds = [
            {
                "kind": kind,
                "abilities": abilities(kind),
                "duty": DUTIES[handin_duty(rules, kind)],
                "why": why_covered(rules, kind),
            }
            for kind in device_types(self.school)
        ]
        return super().get_context_data(
            kinds=kinds, breadcrumbs=self.crumbs(("Kinds of device", "")), rules=rules, **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        added = operations.seed_device_types(school=self.school, actor=self.actor, at=self.now)
        said = f"{len(added)} kinds of device added." if added else "Every standard kind is on the list already."
        return self.done(said, self.url("types"))


class ChangeTypeView(VersionedFormView, StorageView):
    """What a kind of device is called and what it can do."""

    form_class = DeviceTypeForm
    template_name = "devices/change_type.html"

    _FLAGS = ("communicates", "goes_online", "records_sound", "records_pictures")

    def record(self) -> DeviceType:
        kinds = types_visible_to(self.actor, self.school).select_related("changed_by")
        return get_or_404(kinds, pk=self.kwargs["device_type"])

    def said(self, record: DeviceType) -> dict[str, str]:
        return {"label": record.label} | {name: "Yes" if getattr(record, name) else "No" for name in self._FLAGS}

    @property
    def kind(self) -> DeviceType:
        if not hasattr(self, "_kind"):
            self._kind = self.record()
        return self._kind

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.kind, name) for name in ("label", "version", *self._FLAGS)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = self.crumbs(("Kinds of device", self.url("types")), (self.kind.label, ""))
        return super().get_context_data(
            kind=self.kind,
            why=why_covered(self.rules, self.kind),
            back_url=self.url("types"),
            breadcrumbs=crumbs,
            **kwargs,
        )

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.change_device_type(
            school=self.school, actor=self.actor, at=self.now, device_type=self.kind, **form.cleaned_data
        )
        return self.done("Saved.", self.url("types"))
