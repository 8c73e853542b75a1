"""“I have taken a device”: who, the form, and what happens next; and saying that it was recorded in error."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.calendar import calendar_for, london_day
from core.people.models import Pupil
from core.people.queries import pupils_on_roll, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import Authority, Basis, Circumstance, PlacePurpose, State, TakenBecause
from devices.forms.taking import NEW, TakeForm, WithdrawTakingForm
from devices.holding import how_long
from devices.judgement import UNSPECIFIED
from devices.models import Confiscation, PupilDevice
from devices.queries import all_places, area_choices, custody_for, desk_devices, device_types, may_use_now
from devices.queries.taken import (
    circumstances_of,
    force_unrecorded,
    function_choices,
    ground_choices,
    release_terms,
    taken_places,
    takings_visible_to,
)
from devices.queries.taken.taking import condition_when_taken
from devices.views.base import DevicesView
from devices.views.may_use import ANSWERS
from devices.views.office import FindThenView, OfficeView

# The ground that is chosen already where the rules name one that fits most takings; anybody may choose another.
_USUAL_GROUNDS = ("any_school_or_group_policy", "behaviour")


class TakeView(FindThenView):
    """Whose device was taken? One pupil that fits leads on at once."""

    permission = Permission.TAKE_DEVICE
    template_name = "devices/take.html"
    leads_to = "take-from"


def reason_choices(rules: Any, *, has_areas: bool) -> list[tuple[str, str]]:
    """What may have led to a taking, as the school's rules know it (DEV-16, DEV-21, DEV-22, DEV-29, DEV-32)."""
    handed_in = rules.handin_required != "no"
    left_out = {
        TakenBecause.NOT_HANDED_IN: not handed_in,
        TakenBecause.REFUSED: not handed_in,
        TakenBecause.SECOND_HIDDEN: not handed_in,
        TakenBecause.BREAK_REVOKED: rules.break_use != "revocable_privilege",
        TakenBecause.BARRED_FUNCTION: rules.barred_functions == UNSPECIFIED,
        TakenBecause.BARRED_AREA: not has_areas,
    }
    return [(one.value, str(one.label)) for one in TakenBecause if not left_out.get(one)]


class TakeFromView(SchoolFormView, DevicesView):
    """I have taken a device from this pupil: first whether they may use it; then what, why, where (CNF-01, CNF-02)."""

    permission = Permission.TAKE_DEVICE
    template_name = "devices/take_from.html"
    form_class = TakeForm

    @cached_property
    def pupil(self) -> Pupil:
        return get_or_404(pupils_on_roll(self.school, self.today).select_related("form"), pk=self.kwargs["pupil"])

    @cached_property
    def owned(self) -> list[PupilDevice]:
        """The pupil's devices; of those that the school has as taken, only a form sent again may name one."""
        held = {stay.device_id for stay in custody_for(self.pupil) if stay.state != State.STORED}
        again = self.request.method == "POST"
        return [device for device in desk_devices(self.pupil) if again or device.pk not in held]

    @cached_property
    def circumstances(self) -> list[Any]:
        return circumstances_of(self.pupil, self.owned, self.now)

    def get_form_kwargs(self) -> dict[str, Any]:
        rules = self.rules
        areas = area_choices(rules)
        return super().get_form_kwargs() | {
            "school": self.school,
            "today": self.today,
            "devices": self.owned,
            "types": device_types(self.school),
            "reasons": reason_choices(rules, has_areas=bool(areas)),
            "grounds": ground_choices(rules),
            "functions": [] if rules.barred_functions == UNSPECIFIED else function_choices(rules),
            "areas": areas,
            "staff": [one for one in staff_of(self.school) if one.pk != self.actor.pk],
            "places": all_places(self.school).filter(closed_on__isnull=True),
            "weigh": bool(self.circumstances),
        }

    def get_initial(self) -> dict[str, Any]:
        grounds = dict(ground_choices(self.rules))
        phone = next((kind.pk for kind in device_types(self.school) if kind.key == "phone"), "")
        return {
            "device": str(self.owned[0].pk) if self.owned else NEW,
            "new_type": phone,
            "ground": next((key for key in _USUAL_GROUNDS if key in grounds), ""),
            "authority": Authority.PAID_STAFF,
            "switched_off": False,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil = self.pupil
        answer = may_use_now(self.school, [pupil], at=self.now)[pupil.pk]
        form = kwargs["form"]
        return super().get_context_data(
            pupil=pupil,
            answer=answer,
            tag=ANSWERS[answer.answer],
            circumstances=self.circumstances,
            holding=how_long(self.rules, calendar_for(self.school), self.now),
            here=[stay for stay in custody_for(pupil) if stay.state != State.STORED],
            has_types=bool(form.types),
            is_open=bool(set(form.errors) - set(TakeForm.FIRST) - {"__all__"}),
            breadcrumbs=[
                {"label": "I have taken a device", "url": self.url("take")},
                {"label": pupil.display_name, "url": ""},
            ],
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, TakeForm)
        stay = operations.taken.take_device(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("It is recorded as taken.", self.url("taken", stay.pk))


class OneTakingView(OfficeView, abstract=True):
    """A page about one taking: for who took it, and for those who see the board."""

    permission = Permission.TAKE_DEVICE

    @cached_property
    def taking(self) -> Confiscation:
        found: Confiscation = get_or_404(takings_visible_to(self.actor, self.school), custody_id=self.kwargs["custody"])
        if found.taken_by_id != self.actor.pk and not self.may(Permission.VIEW_HELD):
            raise Http404
        return found


class ShowTakingView(OneTakingView):
    """What was taken and why, where to bring it, and what happens next.

    Of one that is held, or kept from parents, only who took it and those who lift holds read why; that is on record.
    """

    template_name = "devices/taken.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        taking = self.taking
        stay = taking.custody
        purpose = PlacePurpose.EVIDENCE if stay.state == State.EVIDENCE_HOLD else PlacePurpose.CONFISCATED
        is_here = stay.is_open
        is_held = stay.state in (State.EVIDENCE_HOLD, State.BACK_FROM_POLICE, State.WITH_POLICE)
        restricted = is_held or taking.withheld or taking.basis == Basis.EVIDENCE
        may_read = not restricted or taking.taken_by_id == self.actor.pk or self.may(Permission.LIFT_HOLD)
        if restricted and may_read:
            self.note_view("devices.view_taking", taking)
        return self.render(
            taking=taking,
            stay=stay,
            is_here=is_here,
            is_held=is_held,
            terms=release_terms(stay, self.now) if is_here else None,
            bring_to=taken_places(self.school, purpose).first() or taken_places(self.school).first(),
            storage="" if self.rules.confiscated_storage == UNSPECIFIED else self.rules.confiscated_storage,
            force_missing=force_unrecorded(taking),
            may_record_force=taking.taken_by_id == self.actor.pk or self.may(Permission.VIEW_SEARCHES),
            rows=self._rows(taking) if may_read else [],
            may_store=is_here and self.may(Permission.VIEW_HELD),
            may_release=is_here and self.may(Permission.RELEASE_DEVICE),
            may_withdraw=stay.state in (State.COLLECTED, State.CONFISCATED, State.PARENT_COLLECTION)
            and (self.may(Permission.LEAD_CUSTODY) or self._is_own_today(taking)),
            may_see_board=self.may(Permission.VIEW_HELD),
            breadcrumbs=self.crumbs(("Taken devices", self.url("held")), (taking.pupil.display_name, ""))
            if self.may(Permission.VIEW_HELD)
            else [],
        )

    def _is_own_today(self, taking: Confiscation) -> bool:
        return taking.taken_by_id == self.actor.pk and london_day(taking.taken_at) == self.today

    def _rows(self, taking: Confiscation) -> list[dict[str, Any]]:
        labels = dict(function_choices(self.rules))
        functions = ", ".join(labels.get(key, key) for key in taking.functions)
        areas = dict(area_choices(self.rules))
        witness = taking.witness.display_name if taking.witness else taking.witness_name
        off = {True: "Yes", False: "No", None: ""}[taking.custody.switched_off]
        rows = [
            ("Footing", taking.get_basis_display()),
            ("Why", taking.get_because_display()),
            ("Used for", functions),
            ("No-device area", areas.get(taking.area, taking.area)),
            ("Ground", taking.ground_words),
            ("What was seen or heard", taking.seen),
            ("Where", taking.taken_where),
            ("Taken by", f"{taking.taken_by.display_name} ({taking.get_authority_display().lower()})"),
            ("Who else saw it", witness),
            ("Why it was reasonable", taking.proportionate),
            ("Weighed", ", ".join(taking_circumstances(taking))),
            ("Switched off", off),
            ("Sealed bag", taking.bag or ("Yes" if taking.sealed else "")),
            ("Its condition", condition_when_taken(taking.custody)),
            ("The way home", taking.home_plan),
        ]
        return [{"label": label, "value": value} for label, value in rows if value]


def taking_circumstances(taking: Confiscation) -> list[str]:
    """What was weighed, in words."""
    return [str(Circumstance(one).label) for one in taking.circumstances]


class WithdrawTakingView(SchoolFormView, OneTakingView):
    """It was recorded in error: the wrong pupil, or not taken at all. The record stays and says so (DEV-33)."""

    template_name = "devices/withdraw_taking.html"
    form_class = WithdrawTakingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            taking=self.taking, stay=self.taking.custody, back_url=self.url("taken", self.taking.custody_id), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.withdraw_taking(
            school=self.school,
            actor=self.actor,
            at=self.now,
            custody=self.taking.custody,
            note=form.cleaned_data["note"],
            submission=form.cleaned_data["submission"],
        )
        home = self.url("held") if self.may(Permission.VIEW_HELD) else reverse("overview:home", args=[self.school.slug])
        return self.done("The taking is withdrawn. The record says so, and keeps it.", home)
