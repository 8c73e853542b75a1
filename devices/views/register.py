"""The register of a day, what was not collected, and corrections."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices import operations
from devices.enums import CorrectionKind
from devices.forms.desk import CorrectCustodyForm, RegisterFilterForm, WithdrawNoDeviceForm
from devices.models import CustodyRecord
from devices.queries import (
    RegisterRow,
    custody_events,
    custody_visible_to,
    day_totals,
    declarations_of_day,
    overnight_now,
    parents_told,
    register_for,
    register_totals,
    slots_labelled,
    uncollected,
)
from devices.views.desk import slow_figures

# What the register can be narrowed to, and the columns of its totals; the last are shown where anybody is in them.
_SHOWS = {
    "missing": "Not seen",
    "in": "Here now",
    "returned": "Given back",
    "uncollected": "Uncollected",
    "none": "No device today",
    "refused": "Asked and did not hand in",
    "permitted": "Keep it by permission",
    "absent": "Absent",
    "placed": "At a placement",
    "keep_secure": "Keep it secure",
    "lost": "Reported lost",
    "confiscated": "Confiscated",
    "collected": "Collected: not handed in",
    "held": "Held",
    "released": "Taken, and given back",
}
_ALWAYS = ("missing", "in", "returned", "uncollected", "none")


class RegisterView(SchoolView):
    """The daily register (DEV-36, DOC-09): on screen, in print, and as CSV."""

    permission = Permission.VIEW_REGISTER
    on_desk = True
    template_name = "devices/register.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forms = list(forms_of(self.school))
        choices = [(form.pk, form.name) for form in forms]
        filters = RegisterFilterForm(request.GET or None, forms_in_use=choices)
        valid = filters.is_valid() if filters.is_bound else False
        day: date = (filters.cleaned_data.get("day") if valid else None) or self.today
        form_id = filters.cleaned_data.get("form") if valid else None
        types, _ = slow_figures(self.school, day)
        rows = register_for(self.school, day, form_id=form_id, handin_types=types)
        totals = register_totals(rows)
        whole: dict[str, Any] = totals[-1] if totals else {}
        shows = {key: label for key, label in _SHOWS.items() if key in _ALWAYS or whole.get(key)}
        show = request.GET.get("show", "")
        if show in _SHOWS:
            rows = [row for row in rows if row.status == show]
        if request.GET.get("as") == "csv":
            if self.is_desk_alone:
                raise PermissionDenied
            return self._csv(day, rows)
        if not filters.is_bound:
            filters = RegisterFilterForm(initial={"day": day}, forms_in_use=choices)
        return self.render(
            form=filters,
            day=day,
            rows=rows,
            totals=[
                {"form": total["form"], "counts": [(label, total[key]) for key, label in shows.items()]}
                for total in totals
            ],
            show=show if show in _SHOWS else "",
            shows=shows,
            book=day_totals(self.school, day, handin_types=types),
            chosen_form=next((form for form in forms if form.pk == form_id), None),
            back_url=reverse("devices:register", args=[self.school.slug]),
            csv_url="" if self.is_desk_alone else f"{request.path}?{self._query(day, form_id, show)}as=csv",
            print_url=f"{reverse('devices:register-print', args=[self.school.slug])}?{self._query(day, form_id, show)}",
        )

    @staticmethod
    def _query(day: date, form_id: int | None, show: str) -> str:
        parts = [f"day={day.isoformat()}"]
        if form_id:
            parts.append(f"form={form_id}")
        if show in _SHOWS:
            parts.append(f"show={show}")
        return "&".join(parts) + "&"

    def _csv(self, day: date, rows: list[RegisterRow]) -> HttpResponseBase:
        record(
            school=self.school,
            actor=self.actor,
            action="devices.register",
            at=self.now,
            outcome=Outcome.EXPORTED,
            detail={"day": day.isoformat(), "rows": len(rows)},
        )
        header = ["Form", "Surname", "Forename", "Status", "Device", "Place", "In", "Out", "Taken in by", "Notes"]
        lines = [
            [
                row.pupil.form.name if row.pupil.form else "",
                row.pupil.legal_surname,
                row.pupil.forename,
                row.word,
                row.device,
                row.slot,
                clock(row.handed_in_at) if row.handed_in_at else "",
                clock(row.returned_at) if row.returned_at else "",
                row.received_by,
                "; ".join(row.flags),
            ]
            for row in rows
        ]
        return safe_csv_response(f"register-{day.isoformat()}.csv", header, lines)


class PrintRegisterView(RegisterView):
    """The register as a sheet of paper: surname order, form by form."""

    on_desk = False
    template_name = "devices/print_register.html"


class UncollectedView(SchoolView):
    """Devices that nobody fetched by office close, listed until dealt with (DEV-09)."""

    permission = Permission.VIEW_REGISTER
    on_desk = True
    template_name = "devices/uncollected.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        stays = list(uncollected(self.school))
        told, kept = parents_told(self.school, [stay.pk for stay in stays]), overnight_now(self.school, self.today)
        return self.render(
            rows=[
                {"stay": stay, "told": sorted(told.get(stay.pk, [])), "decision": kept.get(stay.pk)} for stay in stays
            ],
            may_log=self.may(Permission.LOG_CUSTODY),
        )


class CorrectCustodyView(SchoolFormView):
    """Say that an entry was wrong: adds to the record, erases nothing (DEV-33)."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/correct_custody.html"
    form_class = CorrectCustodyForm

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay = get_or_404(custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"])
        return self._stay

    def get_form(self) -> BaseForm:
        form = super().get_form()
        possible = (
            {CorrectionKind.NOT_HANDED_IN, CorrectionKind.OTHER_SLOT, CorrectionKind.DETAIL}
            if self.stay.is_open
            else {CorrectionKind.DETAIL}
            if self.stay.voided
            else {CorrectionKind.NOT_RETURNED, CorrectionKind.DETAIL}
        )
        form.offer("kind", ((kind.value, kind.label) for kind in CorrectionKind if kind in possible))
        if CorrectionKind.OTHER_SLOT not in possible:
            del form.fields["slot"]
        return form

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        data = dict(form.cleaned_data)
        label, slot = data.pop("slot", ""), None
        if label:
            found = slots_labelled(self.school, label)
            if len(found) != 1:
                raise SlotNotFound(
                    "No slot has that number." if not found else "Several slots have that number. Type its code.",
                    field="slot",
                )
            slot = found[0]
        stay = operations.correct_custody(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, slot=slot, **data
        )
        return self.done(
            "The correction is recorded beside the first entry.",
            reverse("devices:device", args=[self.school.slug, stay.device_id]),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"stay": self.stay, "events": custody_events(self.stay)}


class SlotNotFound(Refusal):
    """The slot typed is not one of the school's, or not one alone."""


class NoDeviceListView(SchoolView):
    """Who said they brought none today, by whom it was written down, and the way to correct it (DEV-11)."""

    permission = Permission.VIEW_REGISTER
    on_desk = True
    template_name = "devices/no_device_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(declarations=list(declarations_of_day(self.school, self.today)))


class WithdrawNoDeviceView(SchoolFormView):
    """Correct a "no device today" that was wrong."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/withdraw_no_device.html"
    form_class = WithdrawNoDeviceForm

    def declaration(self) -> Any:
        if not hasattr(self, "_declaration"):
            self._declaration = get_or_404(declarations_of_day(self.school, None), pk=self.kwargs["declaration"])
        return self._declaration

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.withdraw_no_device(
            school=self.school, actor=self.actor, at=self.now, declaration=self.declaration(), **form.cleaned_data
        )
        return self.done("The correction is recorded.", reverse("devices:no-device", args=[self.school.slug]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"declaration": self.declaration()}
