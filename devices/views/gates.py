"""The gates of a school, and the one that this desk stands at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices import operations
from devices.forms.gates import GateForm
from devices.queries import gates_in_use, gates_visible_to
from devices.views.desk import GATE_COOKIE

_A_YEAR = 365 * 24 * 60 * 60


class ChooseGateView(SchoolView):
    """Remember on this device where it stands; the cookie holds two numbers and nothing about anybody."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = request.POST.get("gate", "")
        response = HttpResponseRedirect(reverse("devices:arrivals", args=[self.school.slug]))
        gate = next((one for one in gates_in_use(self.school) if str(one.pk) == chosen), None)
        if gate is None:
            response.delete_cookie(GATE_COOKIE)
        else:
            response.set_cookie(
                GATE_COOKIE,
                f"{self.school.pk}-{gate.pk}",
                max_age=_A_YEAR,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return response


class ListGatesView(SchoolFormView):
    """The gates where devices are taken in, and one more."""

    permission = Permission.MANAGE_STORAGE
    template_name = "devices/list_gates.html"
    form_class = GateForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gates = list(gates_visible_to(self.actor, self.school))
        return super().get_context_data(**kwargs) | {
            "gates": [gate for gate in gates if gate.closed_on is None],
            "closed": [gate for gate in gates if gate.closed_on is not None],
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        gate = operations.add_gate(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(f"{gate.name} is added.", reverse("devices:gates", args=[self.school.slug]))


class CloseGateView(SchoolView):
    """Take a gate out of use."""

    permission = Permission.MANAGE_STORAGE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        gate = get_or_404(gates_visible_to(self.actor, self.school), pk=self.kwargs["gate"])
        url = reverse("devices:gates", args=[self.school.slug])
        if gate.closed_on is not None:
            return self.done(f"{gate.name} is out of use already.", url)
        operations.close_gate(school=self.school, actor=self.actor, at=self.now, gate=gate)
        return self.done(f"{gate.name} is out of use. Its figures stay.", url)
