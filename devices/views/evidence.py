"""Evidence holds: putting a device on hold, which anybody on the staff may, and the DSL's view of what is held."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import all_pupils
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import for_school
from devices import operations
from devices.enums import Basis, HoldReason, PlacePurpose, State
from devices.forms.evidence import TARGETS, DecideTellingForm, LiftHoldForm, PlaceHoldForm
from devices.models import CustodyRecord, EvidenceHold
from devices.queries.taken import (
    HoldTold,
    devices_here,
    ended_holds,
    has_ground,
    holds_to_tell_of,
    holds_visible_to,
    live_holds,
    police_task,
    told_of_hold,
    with_police,
)
from devices.queries.taken.taking import ground_choices, taken_places
from devices.views.base import DevicesView
from devices.views.office import FindThenView
from devices.views.police import POLICE_TAGS, BackTasks, which

_A_PAGE = 40


class FindForHoldView(FindThenView):
    """Find the pupil whose device is to be held. Any member of staff (CNF-10)."""

    permission = Permission.TAKE_DEVICE
    template_name = "devices/find_for_hold.html"
    leads_to = "place-hold"


class PlaceHoldView(SchoolFormView, DevicesView):
    """Put one of the devices that the school has of a pupil's on evidence hold. The page asks for no description."""

    permission = Permission.TAKE_DEVICE
    form_class = PlaceHoldForm
    template_name = "devices/place_hold.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(all_pupils(self.school), pk=self.kwargs["pupil"])
        return self._pupil

    @property
    def stays(self) -> list[CustodyRecord]:
        """What the school has of the pupil's and is not held yet."""
        if not hasattr(self, "_stays"):
            here = devices_here(self.school, self.pupil.pk)
            self._stays = [stay for stay in here if stay.state != State.EVIDENCE_HOLD]
        return self._stays

    def get_form_kwargs(self) -> dict[str, Any]:
        places = taken_places(self.school, PlacePurpose.EVIDENCE)
        return super().get_form_kwargs() | {"stays": self.stays, "places": places}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            pupil=self.pupil, stays=self.stays, back_url=self.url("find-for-hold"), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PlaceHoldForm)
        hold = operations.taken.place_hold(school=self.school, actor=self.actor, at=self.now, **form.values())
        image = "?image=1" if hold.reason == HoldReason.INDECENT_IMAGE else ""
        return HttpResponseRedirect(self.url("hold-placed") + image)


class HoldPlacedView(DevicesView):
    """What to do now, and what not. It names no device: whoever reads over a shoulder learns nothing."""

    permission = Permission.TAKE_DEVICE
    template_name = "devices/hold_placed.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(is_image="image" in request.GET)


class EvidenceView(BackTasks):
    """What is held, what the police have, what came back: for those who decide about it. Opening it is on record."""

    permission = Permission.LIFT_HOLD
    template_name = "devices/evidence.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held = [{"hold": hold, "tag": POLICE_TAGS.get(police_task(hold))} for hold in live_holds(self.school)]
        page = Paginator(ended_holds(self.school), _A_PAGE).get_page(request.GET.get("page"))
        self.note_view("devices.view_holds", self.school)
        return self.render(
            held=held,
            handovers=list(with_police(self.school)),
            back=self.back_tasks(),
            to_tell_of=self._to_tell_of(),
            page_obj=page,
            ended=list(page),
        )

    def _to_tell_of(self) -> list[dict[str, str]]:
        """Holds about which the DSL has to decide whether a parent is told; for the DSL and deputies."""
        if not self.may(Permission.SET_DO_NOT_INFORM):
            return []
        return [
            {
                "label": which(hold.custody),
                "url": self.url("decide-telling", hold.pk),
                "hint": "Until you decide, nobody is told and nothing goes out.",
                "kind": "attention",
                "word": "Decide",
            }
            for hold in holds_to_tell_of(self.school, self.now)
        ]


class OneHoldView(DevicesView, abstract=True):
    """A page about one hold."""

    permission = Permission.LIFT_HOLD

    @property
    def hold(self) -> EvidenceHold:
        if not hasattr(self, "_hold"):
            self._hold: EvidenceHold = get_or_404(holds_visible_to(self.actor, self.school), pk=self.kwargs["hold"])
        return self._hold

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("hold", self.hold)
        kwargs.setdefault("stay", self.hold.custody)
        kwargs.setdefault("back_url", self.url("evidence"))
        return super().get_context_data(**kwargs)


class ShowHoldView(OneHoldView):
    """One hold: why, by whom, what it interrupted, and the two ways on. Reading it is on record."""

    template_name = "devices/show_hold.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        hold = self.hold
        self.note_view("devices.view_hold", hold)
        return self.render(
            tag=POLICE_TAGS.get(police_task(hold)),
            rows=self._rows(hold),
            handover=getattr(hold, "handover", None),
            told=told_of_hold(hold, self.now),
            decides_telling=self.may(Permission.SET_DO_NOT_INFORM),
            breadcrumbs=[{"label": "Held as evidence", "url": self.url("evidence")}, {"label": "Hold", "url": ""}],
        )

    @staticmethod
    def _rows(hold: EvidenceHold) -> list[dict[str, Any]]:
        return [
            {"label": "Why", "value": hold.get_reason_display()},
            {"label": "What led to it", "value": hold.note, "missing": "Nothing written"},
            {"label": "Sealed bag", "value": hold.bag, "missing": "No number"},
            {"label": "Before the hold", "value": hold.get_was_state_display()},
        ]


class LiftHoldView(SchoolFormView, OneHoldView):
    """Lift a hold, for a reason. The device goes back to what the hold interrupted."""

    form_class = LiftHoldForm
    template_name = "devices/lift_hold.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("devices.view_hold", self.hold)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        hold = self.hold
        states = [State.STORED, State.CONFISCATED] if hold.was_basis == Basis.HAND_IN else [State.CONFISCATED]
        asks_police = police_task(hold) == "required"
        return super().get_form_kwargs() | {
            "targets": [(state.value, TARGETS[state]) for state in states],
            "grounds": ground_choices(for_school(self.school, on=self.today)),
            "has_ground": has_ground(hold.custody),
            "why_help": "Say also why the police do not need it: your school’s rule is that they get it."
            if asks_police
            else "",
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LiftHoldForm)
        operations.taken.lift_hold(
            school=self.school, actor=self.actor, at=self.now, hold=self.hold, because=form.cleaned_data["because"],
            **form.values(),
        )  # fmt: skip
        return self.done("The hold is lifted.", self.url("hold", self.hold.pk))


class DecideTellingView(SchoolFormView, OneHoldView):
    """The DSL decides whether and when a parent is told of a hold. Reading the page, and the reason, is on record."""

    permission = Permission.SET_DO_NOT_INFORM
    form_class = DecideTellingForm
    template_name = "devices/decide_telling.html"

    @property
    def told(self) -> HoldTold:
        if not hasattr(self, "_told"):
            self._told = told_of_hold(self.hold, self.now)
        return self._told

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("devices.view_hold", self.hold)
        if self.told.notice is not None and self.told.notice.withheld_at is not None:
            self.note_view("devices.view_withheld_notice", self.told.notice)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(told=self.told, back_url=self.url("hold", self.hold.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        notice = operations.taken.decide_telling(
            school=self.school, actor=self.actor, at=self.now, hold=self.hold, **form.cleaned_data
        )
        said = (
            "A parent is to be told." if notice.is_open else "Nothing goes out. The office sees only that it is held."
        )
        return self.done(said, self.url("hold", self.hold.pk))
