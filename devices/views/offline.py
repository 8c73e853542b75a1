"""The desk without a line: taking in what it kept, the page that stands in for it, and what needs a person."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import contacts_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices import operations
from devices.enums import DeskAct, OfflineOutcome
from devices.forms.offline import OfflineScanForm, SettleScanForm
from devices.models import OfflineScan
from devices.operations.offline import RETURN
from devices.queries import desk_devices, device_types, find_at_desk, match_pupil
from devices.queries.offline import offline_scans, offline_scans_visible_to, open_gate, scanner_of
from devices.views.desk import forget_tally, gate_of, told_apart
from devices.views.exceptions import COMMAND_BUTTONS
from devices.views.line import line_of

_WORKER = Path(settings.BASE_DIR) / "static" / "js" / "desk-worker.js"


@lru_cache(maxsize=1)
def _worker() -> str:
    return _WORKER.read_text(encoding="utf-8")


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that stands in for the desk’s pages: at the root, for it answers only for what lies below it."""
    text = _WORKER.read_text(encoding="utf-8") if settings.DEBUG else _worker()
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers=headers)


class DeskSyncView(SchoolView):
    """Where a desk asks whether the line is back, and hands over what it kept, one scan at a time."""

    permission = Permission.LOG_CUSTODY
    on_desk = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return JsonResponse({"ok": True, "csrf": get_token(request)})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = OfflineScanForm(request.POST)
        if not form.is_valid():
            return JsonResponse({"result": "refused", "fields": sorted(form.errors)}, status=400)
        said = form.cleaned_data
        scanned = operations.record_offline_scan(
            school=self.school,
            actor=self.actor,
            at=self.now,
            submission=said["submission"],
            code=said["code"],
            act=said["act"],
            happened_at=said["happened_at"],
            scanned_by=scanner_of(self.school, said["by"]),
            switched_off=said["switched_off"] or None,
            gate=open_gate(self.school, said["gate"]),
        )
        forget_tally(self.school, self.today)
        return JsonResponse({"result": scanned.result})


class OfflineDeskView(SchoolView):
    """The page that stands in for a desk whose line is gone. It is kept by browsers, so it names nobody."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/offline_desk.html"
    uses_camera = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        gate = gate_of(request, self.school)
        line = line_of(self.school, self.actor, self.rules, desk="arrivals", gate=gate, stands_in=True)
        response = self.render(
            csrf_token="",  # a kept page holds no key to anything
            line=line,
            returns_url=reverse("devices:returns", args=[self.school.slug]),
            commands=COMMAND_BUTTONS,
            camera=True,
        )
        response["X-Schoolsafe-Shell"] = "1"
        return response


class OfflineScansView(SchoolView):
    """Scans made without the line that the record could not take as they were, and those settled today."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/offline_scans.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(
            waiting=[(scan, act_in_words(scan.act)) for scan in offline_scans(self.school)],
            settled=[(scan, act_in_words(scan.act)) for scan in offline_scans(self.school, settled_on=self.today)],
        )


def act_in_words(act: str) -> str:
    """What was done at the desk, for the list."""
    return "Given back" if act == RETURN else str(DeskAct(act).label) if act in DeskAct.values else act


class SettleOfflineScanView(SchoolFormView):
    """Record one kept scan after all, for the pupil who was meant, or let it go with a word why."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/offline_settle.html"
    form_class = SettleScanForm

    @property
    def scan(self) -> OfflineScan:
        if not hasattr(self, "_scan"):
            self._scan = get_or_404(offline_scans_visible_to(self.actor, self.school), pk=self.kwargs["scan"])
        return self._scan

    def get_form_kwargs(self) -> dict[str, Any]:
        pupil = self.scan.pupil
        adults = [one for one in contacts_of(pupil) if one.may_collect] if pupil else []
        return super().get_form_kwargs() | {
            "act": self.scan.act,
            "kinds": [(kind.key, kind.label) for kind in device_types(self.school)],
            "devices": [(one.pk, one.description) for one in desk_devices(pupil)] if pupil else [],
            "adults": [(one.pk, one.display_name) for one in adults],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("devices:offline-scans", args=[self.school.slug])
        words = act_in_words(self.scan.act)
        return super().get_context_data(**kwargs) | {"scan": self.scan, "act_words": words, "back_url": back}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SettleScanForm)
        said = form.cleaned_data
        outcome = OfflineOutcome(said["outcome"])
        pupil = self.scan.pupil
        if outcome == OfflineOutcome.RECORDED and (said["pupil"] or said["whose"]):
            pupil = self._meant(form)
            if pupil is None:
                return self.form_invalid(form)
        operations.settle_offline_scan(
            school=self.school,
            actor=self.actor,
            at=self.now,
            scan=self.scan,
            outcome=outcome,
            pupil=pupil,
            act=said.get("act", ""),
            device=self._device(pupil, said.get("device")),
            new_type=device_types(self.school).filter(key=said["kind"]).first() if said.get("kind") else None,
            contact=contacts_of(pupil).filter(pk=said["contact"]).first() if pupil and said.get("contact") else None,
            reason=said.get("reason", ""),
            switched_off=said.get("switched_off") or None,
            note=said["note"],
            submission=said["submission"],
        )
        forget_tally(self.school, self.today)
        return self.done("The scan is settled.", reverse("devices:offline-scans", args=[self.school.slug]))

    def _meant(self, form: SettleScanForm) -> Pupil | None:
        """Whom the form names; None with the form saying why not."""
        said = form.cleaned_data
        if said["pupil"]:
            return match_pupil(self.school, int(said["pupil"]))
        match = find_at_desk(self.school, said["whose"], on=self.today)
        if match.pupil is not None and not match.near:
            return match.pupil
        if match.pupils:
            form.ask_which([(one.pk, f"{one.display_name}, {told_apart(one, match.pupils)}") for one in match.pupils])
        else:
            form.add_error("whose", f"Nobody on roll fits “{said['whose']}”.")
        return None

    @staticmethod
    def _device(pupil: Pupil | None, key: int | None) -> Any:
        return next((one for one in desk_devices(pupil) if one.pk == key), None) if pupil and key else None
