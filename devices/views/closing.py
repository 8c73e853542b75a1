"""The end of the day: what is left, keeping it overnight, closing the day, and the day on one page (W3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from core.kit.forms import BaseForm, SubmissionForm
from core.people.calendar import calendar_for
from core.people.models import Contact
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.clash import VersionedFormView
from devices import operations
from devices.forms.closing import CloseDayForm, DayForm, DeskSettingsForm, KeepOvernightForm, ParentToldForm
from devices.models import CustodyRecord, DeskSettings, OvernightDecision
from devices.queries import (
    LeftDevice,
    custody_visible_to,
    day_summary,
    day_totals,
    decisions_visible_to,
    desk_settings,
    handin_types,
    last_close,
    left_devices,
    moved_since,
    tags_waiting,
)
from devices.views.base import DevicesView


class ClosingView(DevicesView, abstract=True):
    """What the pages of the end of the day share."""

    permission = Permission.LOG_CUSTODY

    def to_ring(self, pupil_ids: list[int]) -> dict[int, list[Contact]]:
        """Whom to ring about each pupil, for people who may see contacts; nobody who must not be informed."""
        if not self.may(Permission.VIEW_CONTACTS):
            return {}
        adults = contacts_to_tell(self.school, pupil_ids)
        return {key: [one for one in found if one.mobile or one.phone] for key, found in adults.items()}


class CloseDayView(SchoolFormView, ClosingView):
    """Figures, what is still here with what can be done about it, and the closing (W3, DEV-07, DEV-09)."""

    template_name = "devices/close_day.html"
    form_class = CloseDayForm

    @property
    def left(self) -> list[LeftDevice]:
        if not hasattr(self, "_left"):
            self._left = left_devices(self.school, self.today)
        return self._left

    def get_form_kwargs(self) -> dict[str, Any]:
        last = last_close(self.school, self.today)
        return {"initial": {"after": last.number if last else 0}, "left": self.left}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, CloseDayForm)
        data = form.cleaned_data
        try:
            closed = operations.close_day(
                school=self.school, actor=self.actor, at=self.now, counted=data["counted"], note=data["note"],
                reasons=form.reasons(), after=data["after"], submission=data["submission"],
            )  # fmt: skip
        except operations.ReasonsMissing as refusal:
            form.add_missing(refusal.custody_ids)
            return self.form_invalid(form)
        except operations.ClosedMeanwhile as refusal:
            messages.error(self.request, refusal.message)
            return HttpResponseRedirect(self.url("close-day"))
        told = "The day is closed." if closed.number == 1 else "The day is closed again."
        return self.done(told, f"{self.url('day-summary')}?day={closed.day.isoformat()}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, adults = context["form"], self.to_ring([one.stay.pupil_id for one in self.left])
        last, aside = last_close(self.school, self.today), tags_waiting(self.school)
        return context | {
            "rows": [
                {"left": one, "reason": form.reason_for(one), "adults": adults.get(one.stay.pupil_id, [])}
                for one in self.left
            ],
            "totals": day_totals(self.school, self.today, handin_types=handin_types(self.school, self.today)),
            "kept": sum(one.is_kept for one in self.left),
            "aside": aside,
            "should_be": len(self.left) + aside,
            "last": last,
            "moved": last is not None and moved_since(self.school, last),
            "may_agree": {one.decision.pk for one in self.left if one.decision and self._may_agree(one)},
            "key": SubmissionForm(),
            "held_url": self.url("held") if self.may(Permission.VIEW_HELD) else "",
        }

    def _may_agree(self, one: LeftDevice) -> bool:
        return one.waits_for_name and one.decision is not None and one.decision.decided_by_id != self.actor.pk


class KeepOvernightView(SchoolFormView, ClosingView):
    """Decide that one device stays with the school: why, until when; the signed-in person decides."""

    template_name = "devices/keep_overnight.html"
    form_class = KeepOvernightForm

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay = get_or_404(custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"])
        return self._stay

    def get_initial(self) -> dict[str, Any]:
        return {"keep_until": self._next_day()}

    def _next_day(self) -> date:
        return calendar_for(self.school).next_school_day(self.today) or self.today + timedelta(days=1)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        decision = operations.keep_overnight(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.cleaned_data
        )
        said = "The decision is recorded."
        if decision.needs_second:
            said += " It counts once somebody else has agreed; they have been asked."
        return self.done(said, self.url("close-day"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "stay": self.stay,
            "adults": self.to_ring([self.stay.pupil_id]).get(self.stay.pupil_id, []),
            "two_names": desk_settings(self.school).overnight_two_names,
            "back_url": self.url("close-day"),
        }


class SecondOvernightView(ClosingView):
    """Agree, as a second person, that a device stays."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        decision = get_or_404(decisions_visible_to(self.actor, self.school), pk=self.kwargs["decision"])
        key = SubmissionForm(request.POST)
        key.is_valid()
        try:
            operations.agree_overnight(
                school=self.school, actor=self.actor, at=self.now, decision=decision,
                submission=key.cleaned_data.get("submission"),
            )  # fmt: skip
        except (operations.UnableToKeep, operations.NotInCustody) as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.url("close-day"))
        return self.done("Your name is recorded beside the first.", self.url("close-day"))


class ParentToldView(SchoolFormView, ClosingView):
    """Write down that a parent or carer was told that the device stays."""

    template_name = "devices/parent_told.html"
    form_class = ParentToldForm

    @property
    def decision(self) -> OvernightDecision:
        if not hasattr(self, "_decision"):
            self._decision: OvernightDecision = get_or_404(
                decisions_visible_to(self.actor, self.school), pk=self.kwargs["decision"]
            )
        return self._decision

    def get_initial(self) -> dict[str, Any]:
        return {"told_at": timezone.localtime(self.now).replace(second=0, microsecond=0)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.record_parent_told(
            school=self.school, actor=self.actor, at=self.now, decision=self.decision, **form.cleaned_data
        )
        return self.done("It is recorded that they were told.", self.url("close-day"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil_id = self.decision.custody.pupil_id
        return super().get_context_data(**kwargs) | {
            "decision": self.decision,
            "adults": self.to_ring([pupil_id]).get(pupil_id, []),
            "back_url": self.url("close-day"),
        }


class DaySummaryView(ClosingView):
    """One day on one page, today or any before: the book, the gates, the exceptions, the decisions, the closing."""

    permission = Permission.VIEW_REGISTER
    template_name = "devices/day_summary.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = DayForm(request.GET or None)
        asked = form.cleaned_data["day"] if form.is_bound and form.is_valid() else None
        day = min(asked or self.today, self.today)
        calendar = calendar_for(self.school)
        earlier = calendar.last_school_days(day, 1)
        later = calendar.next_school_day(day)
        here = self.url("day-summary")
        return self.render(
            form=form if form.errors else DayForm(initial={"day": day}),
            day=day,
            summary=day_summary(self.school, day, handin_types=handin_types(self.school, day)),
            earlier_url=f"{here}?day={earlier[0].isoformat()}" if earlier else "",
            later_url=f"{here}?day={later.isoformat()}" if later and later <= self.today else "",
            print_url=f"{self.url('day-summary-print')}?day={day.isoformat()}",
            back_url=f"{here}?day={day.isoformat()}",
            may_close=self.may(Permission.LOG_CUSTODY) and day == self.today,
        )


class PrintDaySummaryView(DaySummaryView):
    """The day as a sheet of paper."""

    template_name = "devices/print_day_summary.html"


class DeskSettingsView(VersionedFormView):
    """What the school chooses about the end of the day beside its policy."""

    permission = Permission.MANAGE_STORAGE
    template_name = "devices/desk_settings.html"
    form_class = DeskSettingsForm

    def record(self) -> DeskSettings:
        return desk_settings(self.school)

    def said(self, record: DeskSettings) -> dict[str, str]:
        return {
            "overnight_two_names": "Yes" if record.overnight_two_names else "No",
            "tell_parents_uncollected": "Yes" if record.tell_parents_uncollected else "No",
        }

    def get_initial(self) -> dict[str, Any]:
        settings = desk_settings(self.school)
        return {
            "overnight_two_names": settings.overnight_two_names,
            "tell_parents_uncollected": settings.tell_parents_uncollected,
            "version": settings.version if settings.pk else 0,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": reverse("devices:storage", args=[self.school.slug])}

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.change_desk_settings(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done("Saved.", reverse("devices:desk-settings", args=[self.school.slug]))
