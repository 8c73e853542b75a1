"""Devices put aside at the desk, and what becomes of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices import operations
from devices.enums import ParkedOutcome
from devices.forms.parked import SettleParkedForm
from devices.judgement import desk_terms
from devices.models import DeviceType
from devices.queries import desk_devices, device_types, find_at_desk, match_pupil, parked_devices, parked_visible_to
from devices.views.desk import told_apart


class ListParkedView(SchoolView):
    """What lies under a temporary tag, and what became of the others of today."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/list_parked.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(
            waiting=list(parked_devices(self.school)),
            settled=list(parked_devices(self.school, settled_on=self.today)),
        )


class SettleParkedView(SchoolFormView):
    """Say what became of one device that was put aside."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/settle_parked.html"
    form_class = SettleParkedForm

    def dispatch_record(self) -> None:
        self.parked = get_or_404(parked_visible_to(self.actor, self.school), pk=self.kwargs["parked"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.dispatch_record()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.dispatch_record()
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        terms = desk_terms(self.rules)
        return super().get_form_kwargs() | {
            "kinds": [(kind.key, kind.label) for kind in device_types(self.school)],
            "asks_off": terms.off_check == "required" and not self.parked.switched_off,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("devices:parked", args=[self.school.slug])
        return super().get_context_data(**kwargs) | {"parked": self.parked, "back_url": back}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SettleParkedForm)
        said = form.cleaned_data
        outcome = ParkedOutcome(said["outcome"])
        pupil = device = new_type = None
        if outcome == ParkedOutcome.HANDED_IN:
            if said["pupil"]:
                pupil = match_pupil(self.school, int(said["pupil"]))
            elif said["whose"]:
                match = find_at_desk(self.school, said["whose"], on=self.parked.day)
                if match.pupil is not None and not match.near:
                    pupil, device = match.pupil, match.device
                elif match.pupils:
                    fitting = match.pupils
                    form.ask_which([(one.pk, f"{one.display_name}, {told_apart(one, fitting)}") for one in fitting])
                    return self.form_invalid(form)
                else:
                    form.add_error("whose", f"Nobody on roll fits “{said['whose']}”.")
                    return self.form_invalid(form)
            if pupil is not None and device is None:
                new_type = self._new_type(pupil, said["kind"])
        operations.settle_parked(
            school=self.school,
            actor=self.actor,
            at=self.now,
            parked=self.parked,
            outcome=outcome,
            pupil=pupil,
            device=device,
            new_type=new_type,
            switched_off=said["switched_off"] or None,
            note=said["note"],
            submission=said["submission"],
        )
        return self.done(f"{self.parked.tag} is settled.", reverse("devices:parked", args=[self.school.slug]))

    def _new_type(self, pupil: Any, kind: str) -> DeviceType | None:
        """The kind to put on record where the pupil has nothing of it yet."""
        owned = desk_devices(pupil)
        if not kind or any(one.type.key == kind for one in owned):
            return None
        return device_types(self.school).filter(key=kind).first()
