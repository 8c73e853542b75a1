"""The police: handing a held device over, getting it back, and deciding what becomes of it (CNF-11, CNF-12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.text import capfirst

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import for_school
from devices import operations
from devices.enums import PlacePurpose, State
from devices.forms.evidence import TARGETS, BackFromPoliceForm, DecideForm, HandToPoliceForm
from devices.models import CustodyRecord, PoliceHandover
from devices.queries import custody_visible_to
from devices.queries.taken import (
    back_from_police,
    handovers_visible_to,
    has_ground,
    live_hold_of,
    live_holds,
    police_task,
    with_police,
)
from devices.queries.taken.taking import ground_choices, taken_places
from devices.views.base import DevicesView

POLICE_TAGS = {
    "required": {"kind": "attention", "word": "Hand it to the police"},
    "decide": {"kind": "waiting", "word": "Decide whether the police are to have it"},
}
_ON_HOLD = {"kind": "info", "word": "On hold"}
_TO_DECIDE = {"kind": "attention", "word": "Decide"}
_WAITS = {"kind": "waiting", "word": "Waits for the DSL or head"}


def which(stay: CustodyRecord) -> str:
    """Which device a line is about: "Black phone, Amara Kovacs"."""
    return f"{capfirst(stay.device.description)}, {stay.pupil.display_name}"


class BackTasks(DevicesView, abstract=True):
    """A page that lists what came back from the police and is not decided."""

    def back_tasks(self) -> list[dict[str, str]]:
        may = self.may(Permission.LIFT_HOLD)
        return [
            {
                "label": which(stay),
                "hint": str(stay.place or ""),
                "url": self.url("decide-after-police", stay.pk) if may else "",
                **(_TO_DECIDE if may else _WAITS),
            }
            for stay in back_from_police(self.school)
        ]


class PoliceView(BackTasks):
    """What may go to the police, what they have, what came back. Why a device is held does not stand here.

    Opening it is on record.
    """

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/police.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("devices.view_police", self.school)
        held = [
            {
                "label": which(hold.custody),
                "hint": str(hold.custody.place or ""),
                "url": self.url("hand-to-police", hold.custody_id),
                **POLICE_TAGS.get(police_task(hold), _ON_HOLD),
            }
            for hold in live_holds(self.school)
        ]
        return self.render(held=held, back=self.back_tasks(), handovers=list(with_police(self.school)))


class OneStayView(SchoolFormView, DevicesView, abstract=True):
    """A form about one stay."""

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay: CustodyRecord = get_or_404(
                custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"]
            )
        return self._stay

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stay=self.stay, back_url=self.url("police"), **kwargs)


class HandToPoliceView(OneStayView):
    """Write down a handover while the officer is there."""

    permission = Permission.LEAD_CUSTODY
    form_class = HandToPoliceForm
    template_name = "devices/hand_to_police.html"

    def get_initial(self) -> dict[str, Any]:
        hold = live_hold_of(self.stay)
        return {"items": self.stay.device.description, "bag": hold.bag if hold else ""}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, HandToPoliceForm)
        operations.taken.hand_to_police(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.values()
        )
        return self.done("The handover is on record. The receipt for the officer stands beside it.", self.url("police"))


class BackFromPoliceView(SchoolFormView, DevicesView):
    """Write down that the police gave a device back; it stays held until somebody decides."""

    permission = Permission.LEAD_CUSTODY
    form_class = BackFromPoliceForm
    template_name = "devices/back_from_police.html"

    @property
    def handover(self) -> PoliceHandover:
        if not hasattr(self, "_handover"):
            self._handover: PoliceHandover = get_or_404(
                handovers_visible_to(self.actor, self.school), pk=self.kwargs["handover"]
            )
        return self._handover

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("devices.view_police", self.handover)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"places": taken_places(self.school, PlacePurpose.EVIDENCE)}

    def get_initial(self) -> dict[str, Any]:
        return {"reference": self.handover.reference}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            handover=self.handover, stay=self.handover.custody, back_url=self.url("police"), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.take_back_from_police(
            school=self.school, actor=self.actor, at=self.now, handover=self.handover, **form.cleaned_data
        )
        return self.done("It is back, and held until the DSL or head decides.", self.url("police"))


class DecideAfterPoliceView(OneStayView):
    """Decide about a device that came back: DSL, deputies and head."""

    permission = Permission.LIFT_HOLD
    form_class = DecideForm
    template_name = "devices/decide_after_police.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "targets": [(state.value, TARGETS[state]) for state in (State.PARENT_COLLECTION, State.CONFISCATED)],
            "grounds": ground_choices(for_school(self.school, on=self.today)),
            "has_ground": has_ground(self.stay),
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DecideForm)
        operations.taken.decide_after_police(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, reason=form.cleaned_data["reason"],
            **form.values(),
        )  # fmt: skip
        return self.done("The decision is on record.", self.url("police"))
