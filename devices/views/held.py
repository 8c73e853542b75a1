"""The board of taken devices, putting one away, and signing that one is kept beyond the school's limit."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import PlacePurpose, State
from devices.forms.taking import PutAwayForm, SignOffForm
from devices.judgement import UNSPECIFIED
from devices.models import CustodyRecord
from devices.queries import all_places, custody_visible_to
from devices.queries.taken import SHOWS, HeldRow, held_board, taken_places
from devices.views.office import OfficeView
from devices.views.taking import OneTakingView

# What is shown without being asked for, however few there are.
_ALWAYS = ("all", "due", "overdue", "parent")


class HeldView(OfficeView):
    """Every taken device: what is due, overdue, held, undecided or unsigned, and where it lies (CNF-03, CNF-16)."""

    permission = Permission.VIEW_HELD
    template_name = "devices/held.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        board = held_board(self.school, self.now)
        show = request.GET.get("show", "all")
        show = show if show in SHOWS else "all"
        return self.render(
            board=board,
            rows=[self._line(row) for row in board.shown(show)],
            show=show,
            show_word=SHOWS[show],
            tabs=[
                {"label": label, "url": f"?show={key}", "current": key == show, "count": board.counts[key]}
                for key, label in SHOWS.items()
                if key in _ALWAYS or board.counts[key] or key == show
            ],
            may_take=self.may(Permission.TAKE_DEVICE),
        )

    def _line(self, row: HeldRow) -> dict[str, Any]:
        lead = self.may(Permission.LEAD_CUSTODY)
        release = self.may(Permission.RELEASE_DEVICE) and row.status not in ("held", "police")
        return {
            "row": row,
            "marks": [SHOWS[tag] for tag in ("over", "sign_off", "put_away", "force") if tag in row.tags],
            "taken_url": self.url("taken", row.stay.pk) if row.taking is not None else "",
            "release_url": self.url("release", row.stay.pk) if release else "",
            "store_url": self.url("store-taken", row.stay.pk) if row.status != "police" else "",
            "sign_url": self.url("sign-off", row.stay.pk)
            if lead and "sign_off" in row.tags and row.taking is not None and row.taking.taken_by_id != self.actor.pk
            else "",
        }


class StoreTakenView(SchoolFormView, OfficeView):
    """Brought to the office: put it away, or move it, in a place for taken devices (CNF-03)."""

    permission = Permission.VIEW_HELD
    template_name = "devices/store_taken.html"
    form_class = PutAwayForm

    @cached_property
    def stay(self) -> CustodyRecord:
        return get_or_404(
            custody_visible_to(self.actor, self.school).filter(closed_at__isnull=True), pk=self.kwargs["custody"]
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        places = all_places(self.school).filter(closed_on__isnull=True)
        order = [PlacePurpose.CONFISCATED, PlacePurpose.EVIDENCE, PlacePurpose.DAILY]
        return super().get_form_kwargs() | {
            "school": self.school,
            "places": sorted(places, key=lambda place: order.index(PlacePurpose(place.purpose))),
        }

    def get_initial(self) -> dict[str, Any]:
        stay = self.stay
        purpose = PlacePurpose.EVIDENCE if stay.state == State.EVIDENCE_HOLD else PlacePurpose.CONFISCATED
        place = stay.place or taken_places(self.school, purpose).first() or taken_places(self.school).first()
        return {"place": place.pk if place is not None else "", "slot": stay.slot.label if stay.slot else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stay=self.stay,
            has_place=taken_places(self.school).exists(),
            may_set_up=self.may(Permission.MANAGE_STORAGE),
            back_url=self.url("held"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PutAwayForm)
        given = form.cleaned_data
        stay = operations.taken.store_taken(
            school=self.school,
            actor=self.actor,
            at=self.now,
            custody=self.stay,
            place=form.places[given["place"]],
            slot=form.into,
            note=given["note"],
            submission=given["submission"],
        )
        where = f"{stay.place}, {stay.slot}" if stay.slot else str(stay.place)
        return self.done(f"It is in {where}.", self.url("held"))


class SignOffView(SchoolFormView, OneTakingView):
    """A senior leader signs that a device is kept longer than the school's limit (law CO-4)."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/sign_off.html"
    form_class = SignOffForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        limit = self.rules.confiscation_days_limit
        return super().get_context_data(
            taking=self.taking,
            stay=self.taking.custody,
            limit=None if limit == UNSPECIFIED else limit,
            back_url=self.url("held"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.sign_off_long_hold(
            school=self.school,
            actor=self.actor,
            at=self.now,
            taking=self.taking,
            note=form.cleaned_data["note"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("It is signed that the device is kept.", self.url("held"))
