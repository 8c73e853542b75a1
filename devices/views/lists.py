"""Lists of devices for staff: those that pupils keep themselves, and those brought without a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.people.roles import Permission
from devices.queries import kept_secure, without_reason
from devices.views.office import OfficeView


class KeptSecureView(OfficeView):
    """Devices that need not be handed in: kept secure by their pupils, not chased (DEV-38)."""

    permission = Permission.VIEW_REGISTER
    template_name = "devices/kept_secure.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(
            devices=list(kept_secure(self.school, self.today)),
            phones_only=self.rules.handin_device_scope == "phones_only",
            breadcrumbs=self.crumbs(("Register", self.url("register")), ("Kept secure", "")),
        )


class WithoutReasonView(OfficeView):
    """Devices for which nobody said why they are brought, where the rule asks for a reason (DEV-37)."""

    permission = Permission.VIEW_REGISTER
    template_name = "devices/without_reason.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked_for = self.rules.pupil_bring_rule == "reason_only"
        return self.render(
            asked_for=asked_for,
            devices=list(without_reason(self.school, self.today)) if asked_for else [],
            may_change=self.may(Permission.MANAGE_DEVICES),
            breadcrumbs=self.crumbs(("Register", self.url("register")), ("Brought without a reason", "")),
        )
