"""A pupil's own devices: one device with its chain of custody, on screen and on paper, and what changes it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst

from core.approvals.access import is_part_of, may_read_reasons
from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.people.access import holds
from core.people.models import Pupil
from core.people.queries import all_pupils, pupils_on_roll
from core.people.roles import Permission, Role
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.clash import VersionedFormView
from devices import operations
from devices.cohorts import keeping_rules, kept_words
from devices.enums import Basis, BringReason, State
from devices.forms.devices import NO_REASON, ChangeDeviceForm, DeviceForm, PrintSpanForm
from devices.forms.storage import ActForm
from devices.judgement import handin_duty
from devices.models import CustodyEvent, CustodyRecord, PupilDevice
from devices.queries import (
    bring_agreements_of,
    device_types,
    devices_visible_to,
    devices_with_place,
    events_between,
    events_of,
    last_stay_of,
    losses_of,
    messages_waiting_for,
    open_custody_of,
    open_places,
    owners_of_usual_slot,
    recent_events_of,
)
from devices.queries.permissions import contact_routes_now
from devices.timeline import timeline_rows, title, when, where
from devices.views.base import DevicesView
from devices.views.types import DUTIES, abilities
from policies.queries import home_learning_of

_A_PAGE = 40


class PupilsDevicesView(DevicesView, abstract=True):
    """What the pages about pupils' devices share."""

    permission = Permission.VIEW_PUPIL_DETAIL

    def crumbs(self, pupil: Pupil, *trail: tuple[str, str]) -> list[dict[str, str]]:
        first = {"label": pupil.display_name, "url": self.url("pupil-panel", pupil.pk)}
        return [first, *({"label": label, "url": url} for label, url in trail)]


class OneDeviceView(PupilsDevicesView, abstract=True):
    """A page about one device."""

    @property
    def device(self) -> PupilDevice:
        if not hasattr(self, "_device"):
            found = devices_visible_to(self.actor, self.school).select_related("changed_by")
            self._device: PupilDevice = get_or_404(found, pk=self.kwargs["device"])
        return self._device

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("device", self.device)
        kwargs.setdefault("back_url", self.url("device", self.device.pk))
        return super().get_context_data(**kwargs)


def now_tag(stay: CustodyRecord | None, child: str, *, is_lost: bool = False) -> dict[str, str]:
    """Where a device is now, as icon and word."""
    if is_lost:
        return {"kind": "stop", "word": "Reported lost"}
    if stay is None:
        return {"kind": "neutral", "word": f"With the {child}"}
    if stay.state == State.UNCOLLECTED:
        return {"kind": "attention", "word": "Uncollected"}
    if stay.state in (State.EVIDENCE_HOLD, State.BACK_FROM_POLICE):
        return {"kind": "stop", "word": "Held"}
    if stay.basis != Basis.HAND_IN:
        return {"kind": "attention", "word": stay.get_state_display()}
    return {"kind": "ok", "word": "Here"}


class ShowDeviceView(OneDeviceView):
    """One device: what it is, where it is now, and everything that ever happened to it."""

    template_name = "devices/show_device.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device, rules = self.device, self.rules
        stay = open_custody_of(device)
        page = Paginator(events_of(device), _A_PAGE).get_page(self.request.GET.get("page"))
        may_correct = self.may(Permission.LOG_CUSTODY)
        last = last_stay_of(device) if stay is None else None
        is_lost = last is not None and last.state == State.LOST_OR_DAMAGED
        kept = kept_words(keeping_rules(rules), device.pupil, device.type.key)
        duty = {"kind": "info", "word": kept} if kept else DUTIES[handin_duty(rules, device.type)]
        return super().get_context_data(
            stay=stay,
            last_stay=None if is_lost else last,
            now_tag=now_tag(stay, self.child, is_lost=is_lost),
            rows=self._rows(duty, rules),
            duty=duty,
            page_obj=page,
            events=timeline_rows(
                page.object_list, child=self.child, correct_url=self._correct_url if may_correct else None
            ),
            print_form=PrintSpanForm(),
            may_change=self.may(Permission.MANAGE_DEVICES),
            may_correct=may_correct,
            may_read_story=self.may(Permission.VIEW_HELD),
            breadcrumbs=self.crumbs(device.pupil, (capfirst(device.description), "")),
            **kwargs,
        )

    def _correct_url(self, event: CustodyEvent) -> str:
        return self.url("correct", event.custody_id)

    def _rows(self, duty: dict[str, str], rules: Any) -> list[dict[str, Any]]:
        device = self.device
        slot = device.usual_slot
        can = abilities(device.type)
        reason_missing = "Not said; your school’s rule asks for it" if rules.pupil_bring_rule == "reason_only" else ""
        return [
            {"label": "Kind", "value": device.type.label},
            {"label": "It can", "value": ", ".join(can), "missing": "None of the things the rules ask about"},
            {"label": "Under the rules today", "tag": duty},
            {"label": "Make and model", "value": " ".join(filter(None, (device.make, device.model)))},
            {"label": "Colour", "value": device.colour},
            {"label": "Mark", "value": device.mark},
            {"label": "Why it is brought", "value": device.get_bring_reason_display(), "missing": reason_missing},
            {"label": "Whose it is", "value": device.get_owner_display()},
            {"label": "Usual slot", "value": where(slot.place, slot) if slot else "", "missing": "None yet"},
            {"label": "Note", "value": device.note, "missing": "None"},
            {"label": "Code on its label", "value": device.code},
        ]


class PrintTimelineView(OneDeviceView):
    """The chain of custody on paper, oldest first; who printed it is written to the record."""

    template_name = "devices/print_timeline.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        device = self.device
        form = PrintSpanForm(request.GET if request.GET else None)
        if form.is_bound and not form.is_valid():
            return self.render(form=form, events=[], printed_at=None)
        since = form.cleaned_data["since"] if form.is_bound else None
        until = form.cleaned_data["until"] if form.is_bound else None
        events = list(events_between(device, since, until))
        record(
            school=self.school,
            actor=self.actor,
            action="devices.print_timeline",
            at=self.now,
            obj=device,
            outcome=Outcome.EXPORTED,
            detail={"events": len(events), "since": str(since or ""), "until": str(until or "")},
        )
        return self.render(
            form=PrintSpanForm(initial={"since": since, "until": until}),
            events=timeline_rows(events, child=self.child),
            since=since,
            until=until,
            stay=open_custody_of(device),
            printed_at=self.now,
            printed_by=self.actor.display_name,
        )


class DeviceFormMixin:
    """What the two forms about a device need from the page."""

    kind_now: Any = None

    def form_extras(self, view: Any) -> dict[str, Any]:
        kinds = list(device_types(view.school))
        if self.kind_now is not None and self.kind_now not in kinds:
            kinds.append(self.kind_now)
        return {
            "school": view.school,
            "types": kinds,
            "places": open_places(view.school),
            "reason_matters": view.rules.pupil_bring_rule == "reason_only",
        }


class AddDeviceView(DeviceFormMixin, SchoolFormView, PupilsDevicesView):
    """Put a pupil's device on the register (DEV-34)."""

    permission = Permission.MANAGE_DEVICES
    form_class = DeviceForm
    template_name = "devices/add_device.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.form_extras(self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            pupil=self.pupil,
            has_types=device_types(self.school).exists(),
            may_set_up=self.may(Permission.MANAGE_STORAGE),
            back_url=self.url("pupil-panel", self.pupil.pk),
            breadcrumbs=self.crumbs(self.pupil, ("Add a device", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DeviceForm)
        device = operations.add_device(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done(f"The {device.description} is added.{shared_slot(device)}", self.url("device", device.pk))


def shared_slot(device: PupilDevice) -> str:
    """A sentence when another device has the same usual slot: the first to come has it for the day."""
    if device.usual_slot is None:
        return ""
    others = [other for other in owners_of_usual_slot(device.usual_slot) if other.pk != device.pk]
    if not others:
        return ""
    return f" Slot {device.usual_slot.label} is also the usual slot of {others[0].pupil.short_name}"


class ChangeDeviceView(DeviceFormMixin, VersionedFormView, OneDeviceView):
    """How a device is described. Two people at once see both texts."""

    permission = Permission.MANAGE_DEVICES
    form_class = ChangeDeviceForm
    template_name = "devices/change_device.html"

    def record(self) -> PupilDevice:
        found = devices_visible_to(self.actor, self.school).select_related("changed_by")
        return get_or_404(found, pk=self.kwargs["device"])

    def said(self, record: PupilDevice) -> dict[str, str]:
        slot = record.usual_slot
        return {
            "type": record.type.label,
            "make": record.make,
            "model": record.model,
            "colour": record.colour,
            "mark": record.mark,
            "note": record.note,
            "bring_reason": str(dict(BringReason.choices).get(record.bring_reason, "")),
            "owner": record.get_owner_display(),
            "usual_slot": slot.label if slot else "",
            "usual_place": slot.place.name if slot else "",
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        self.kind_now = self.device.type
        return super().get_form_kwargs() | self.form_extras(self)

    def get_initial(self) -> dict[str, Any]:
        device = self.device
        slot = device.usual_slot if device.usual_slot and device.usual_slot.place.closed_on is None else None
        needs_reason = self.rules.pupil_bring_rule == "reason_only"
        return {
            "type": device.type_id,
            **{name: getattr(device, name) for name in ("make", "model", "colour", "mark", "note", "owner", "version")},
            "bring_reason": device.bring_reason or (NO_REASON if needs_reason else ""),
            "usual_slot": slot.label if slot else "",
            "usual_place": slot.place_id if slot else "",
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = self.device
        crumbs = self.crumbs(
            device.pupil, (capfirst(device.description), self.url("device", device.pk)), ("Change", "")
        )
        return super().get_context_data(breadcrumbs=crumbs, **kwargs)

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeDeviceForm)
        device = operations.change_device(
            school=self.school,
            actor=self.actor,
            at=self.now,
            device=self.device,
            version=form.cleaned_data["version"],
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done(f"Saved.{shared_slot(device)}", self.url("device", device.pk))


class RetireDeviceView(SchoolFormView, OneDeviceView):
    """Mark a device as no longer brought. Its record stays."""

    permission = Permission.MANAGE_DEVICES
    form_class = ActForm
    template_name = "devices/retire_device.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = self.device
        crumbs = self.crumbs(
            device.pupil, (capfirst(device.description), self.url("device", device.pk)), ("No longer brought", "")
        )
        return super().get_context_data(stay=open_custody_of(device), breadcrumbs=crumbs, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        device = operations.retire_device(
            school=self.school,
            actor=self.actor,
            at=self.now,
            device=self.device,
            submission=form.cleaned_data["submission"],
        )
        return self.done(
            "It is marked as no longer brought. Its record stays.", self.url("pupil-panel", device.pupil_id)
        )


class PupilPanelView(PupilsDevicesView):
    """A pupil's devices: where each is, what happened last, and whether bringing one is agreed. A page of its own, and
    the fragment that the pupil's page asks for."""

    template_name = "devices/pupil_panel.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pupil = get_or_404(all_pupils(self.school), pk=self.kwargs["pupil"])
        on_roll = pupil.left_on is None or pupil.left_on >= self.today
        agreeing = self.rules.pupil_bring_rule == "prior_agreement"
        agreements = bring_agreements_of(pupil) if agreeing else []
        live = [a for a in agreements if not a.is_over and a.starts_on <= self.today <= a.ends_on]
        devices: list[Any] = devices_with_place(pupil)
        return self.render(
            template="devices/_pupil_panel.html" if self.is_htmx else None,
            pupil=pupil,
            devices=[
                {
                    "device": device,
                    "stay": device.stay,
                    "tag": now_tag(device.stay, self.child, is_lost=device.is_lost),
                    "reason": self._reason(device),
                    "entry_url": self._entry_url(device.stay),
                }
                for device in devices
            ],
            events=[
                {"title": title(event, self.child), "when": when(event.at), "device": event.device}
                for event in recent_events_of(pupil)
            ],
            may_add=on_roll and self.may(Permission.MANAGE_DEVICES),
            agreeing=agreeing,
            agreements=agreements,
            why_read=self._why_read([one.approval for one in agreements]),
            routes=contact_routes_now(pupil, self.now),
            live=live,
            may_agree=on_roll and holds(self.actor, self.school, Role.HEADTEACHER),
            losses=losses_of(pupil),
            messages_waiting=messages_waiting_for(pupil),
            may_log=on_roll and self.may(Permission.LOG_CUSTODY),
            may_ask=self.may(Permission.ASK_PERMISSION),
            may_take=on_roll and self.may(Permission.TAKE_DEVICE),
            learning=home_learning_of(pupil, self.rules, self.today),
            may_record=on_roll and self.may(Permission.EDIT_PUPILS),
            breadcrumbs=[
                {"label": pupil.display_name, "url": reverse("people:pupil", args=[self.school.slug, pupil.pk])},
                {"label": "Devices", "url": ""},
            ],
        )

    def _why_read(self, approvals: list[Approval]) -> set[int]:
        """Of which of them the person may know why (law AP-6)."""
        kind = Kind.BRING_DEVICE
        if approvals and may_read_reasons(self.actor, self.school, kind, self.rules, self.today):
            return {one.pk for one in approvals}
        return {one.pk for one in approvals if is_part_of(self.actor, one)}

    def _entry_url(self, stay: CustodyRecord | None) -> str:
        """The page of a taking, for those who see the board; a hold placed on a hand-in has none."""
        if stay is None or stay.basis not in (Basis.COLLECTED, Basis.CONFISCATED) or not self.may(Permission.VIEW_HELD):
            return ""
        return self.url("taken", stay.pk)

    def _reason(self, device: PupilDevice) -> str:
        """Why it is brought; where the rule asks for a reason, that there is none (DEV-37)."""
        if device.bring_reason:
            return device.get_bring_reason_display()
        return "No reason recorded" if self.rules.pupil_bring_rule == "reason_only" else ""
