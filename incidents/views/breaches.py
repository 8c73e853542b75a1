"""The quick breach: find the pupil; what and where; what is allowed is said first, and a device is taken with it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import find_pupils, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices.enums import Flag, State
from devices.models import CustodyRecord, PupilDevice
from devices.queries import custody_for, desk_devices, device_types, functions_permitted, may_use_now
from devices.queries.taken import circumstances_of, ground_choices
from incidents import operations
from incidents.enums import IncidentType
from incidents.forms.breaches import NEW, BreachForm
from incidents.forms.reporting import FindPupilForm
from incidents.guidance import EXAM_BEFORE, EXAM_PERMISSION
from incidents.models import Incident
from incidents.operations import AllowedHere
from incidents.operations.breaches import BECAUSE
from incidents.queries.reporting import PLACES, quick_types, stay_of, where_choices
from incidents.queries.revoking import subjects_of
from incidents.routing import QUICK
from incidents.views.reporting import ReportPage

_USUAL_GROUNDS = ("any_school_or_group_policy", "behaviour")
_NO_AGREEMENT = frozenset({Flag.NO_AGREEMENT, Flag.NO_REASON, Flag.BANNED})


def revoke_links(view: SchoolView, case: Incident) -> list[dict[str, str]]:
    """The way to take a pupil's break-time privilege away for this breach, for those who may (DEV-16)."""
    if view.rules.break_use != "revocable_privilege" or not view.may(Permission.LEAD_CUSTODY):
        return []
    if case.type not in {*QUICK, IncidentType.OTHER}:
        return []
    return [
        {
            "label": f"Revoke the break-time privilege of {pupil.display_name}",
            "url": f"{reverse('devices:revoke-privilege', args=[view.school.slug, pupil.pk])}?breach={case.reference}",
        }
        for pupil in subjects_of(case)
    ]


class FindForBreachView(ReportPage):
    """Whose device? One that fits leads on at once."""

    template_name = "incidents/quick_find.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=FindPupilForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = FindPupilForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        found = find_pupils(self.school, form.cleaned_data["query"], limit=10, on=self.today)
        if len(found.pupils) == 1 and not found.near:
            return HttpResponseRedirect(self.url("quick-breach", found.pupils[0].pk))
        results = [
            {
                "url": self.url("quick-breach", pupil.pk),
                "name": pupil.display_name,
                "detail": pupil.form.name if pupil.form is not None else pupil.year_name,
            }
            for pupil in found.pupils
        ]
        return self.render(
            form=form, results=results, near=found.near, more=found.more, searched=True, status=200 if results else 422
        )


class QuickBreachView(SchoolFormView, ReportPage):
    """A breach of the device rules by this pupil, in one page (DEV-13, DEV-21, DEV-22, DEV-29).

    From a page about a device with the school, `custody` comes along in the address: then nothing is taken again.
    """

    template_name = "incidents/quick_breach.html"
    form_class = BreachForm

    @cached_property
    def pupil(self) -> Pupil:
        return get_or_404(pupils_on_roll(self.school, self.today).select_related("form"), pk=self.kwargs["pupil"])

    @cached_property
    def stay(self) -> CustodyRecord | None:
        return stay_of(self.actor, self.school, self.pupil, self.request.GET.get("custody", ""))

    @cached_property
    def owned(self) -> list[PupilDevice]:
        held = {stay.device_id for stay in custody_for(self.pupil) if stay.state != State.STORED}
        again = self.request.method == "POST"
        return [device for device in desk_devices(self.pupil) if again or device.pk not in held]

    @property
    def may_take(self) -> bool:
        return self.stay is None and self.may(Permission.TAKE_DEVICE)

    @cached_property
    def circumstances(self) -> list[Any]:
        return circumstances_of(self.pupil, self.owned, self.now) if self.may_take else []

    def _kinds(self) -> list[tuple[str, str]]:
        kinds = [(kind.value, str(kind.label)) for kind in quick_types(self.school)]
        if self.stay is not None and _NO_AGREEMENT & set(self.stay.flags):
            kinds.insert(0, (IncidentType.OTHER.value, "Brought without the agreement or reason asked for"))
        return kinds

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "kinds": self._kinds(),
            "places": where_choices(self.rules),
            "devices": self.owned,
            "types": device_types(self.school),
            "grounds": ground_choices(self.rules),
            "weigh": bool(self.circumstances),
            "may_take": self.may_take,
            "functions": functions_permitted(self.school, self.pupil, self.now) if self.stay is None else [],
        }

    def get_initial(self) -> dict[str, Any]:
        grounds = dict(ground_choices(self.rules))
        phone = next((kind.pk for kind in device_types(self.school) if kind.key == "phone"), "")
        initial = {
            "device": str(self.owned[0].pk) if self.owned else NEW,
            "new_type": phone,
            "ground": next((key for key in _USUAL_GROUNDS if key in grounds), ""),
        }
        if self.stay is not None:
            initial["type"], initial["where"] = self._known(self.stay)
        return initial

    def _known(self, stay: CustodyRecord) -> tuple[str, str]:
        """What the stay says already: why it was taken, and where."""
        taking = getattr(stay, "confiscation", None)
        if taking is None:
            return (IncidentType.OTHER if _NO_AGREEMENT & set(stay.flags) else ""), ""
        because = {reason: kind for kind, reason in BECAUSE.items()}
        return because.get(taking.because, ""), taking.taken_where if taking.taken_where in PLACES else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        kwargs.setdefault("answer", may_use_now(self.school, [self.pupil], at=self.now)[self.pupil.pk])
        in_exam = str(form["type"].value() or "") == IncidentType.EXAM_POSSESSION
        folded = ("device", "new_type", "ground", "circumstances_weighed", "account")
        return super().get_context_data(
            pupil=self.pupil, stay=self.stay, circumstances=self.circumstances,
            is_open=any(name in form.errors for name in folded), in_exam=in_exam,
            on_exams=(EXAM_PERMISSION, EXAM_BEFORE) if self._takes_exams(form) else (), **kwargs,
        )  # fmt: skip

    @staticmethod
    def _takes_exams(form: BaseForm) -> bool:
        kinds: Any = form.fields["type"]
        return IncidentType.EXAM_POSSESSION in dict(kinds.choices)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, BreachForm)
        try:
            sent = operations.record_breach(
                school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, custody=self.stay, **form.values()
            )
        except AllowedHere as allowed:
            return self.render(form=form, allowed=allowed.message, status=422)
        return HttpResponseRedirect(self.url("report-sent", sent.pk))
