"""May this pupil use a device here and now? The question every member of staff may ask, and the no-device areas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.calendar import LONDON, calendar_for
from core.people.models import Pupil
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.rules.queries import standings_for
from core.rules.words import words_for
from devices.enums import Basis
from devices.forms.office import HereAndNowForm, MayUseForm
from devices.judgement import OFF_SITE, WHOLE_SITE, part_of_day
from devices.queries import custody_for, device_types, functions_permitted, may_use_now, place_choices, placements_on
from devices.queries.permissions import contact_routes_now
from devices.views.office import FindThenView, OfficeView

ANSWERS = {
    "allowed": {"kind": "ok", "word": "Allowed"},
    "not_allowed": {"kind": "stop", "word": "Not allowed"},
    "ask": {"kind": "attention", "word": "Ask"},
}
PARTS = {
    "closed": "no school",
    "before": "before school",
    "after": "after school",
    "lessons": "lessons",
    "break": "break",
    "lunch": "lunch",
    "movement": "moving between lessons",
    "meetings": "a meeting or assembly",
    "interventions": "an intervention",
    "exam": "an exam",
}


class MayUseView(FindThenView):
    """Find a pupil and say where, with what and when; the answer is a page of its own (DEV-13, law PH-3)."""

    permission = Permission.VIEW_PUPILS
    template_name = "devices/may_use.html"
    leads_to = "may-use-of"

    def get_find_form(self) -> BaseForm:
        return MayUseForm(
            self.request.POST if self.request.method == "POST" else None,
            areas=place_choices(self.rules),
            kinds=device_types(self.school),
        )

    def asked(self, form: BaseForm) -> dict[str, str]:
        assert isinstance(form, MayUseForm)
        return form.asked()


class MayUseOfView(OfficeView):
    """The answer about one pupil. The reason of a permission stands nowhere on it."""

    permission = Permission.VIEW_PUPILS
    template_name = "devices/may_use_of.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pupil, rules = self.pupil, self.rules
        form = HereAndNowForm(
            request.GET,
            areas=place_choices(rules),
            kinds=device_types(self.school),
            functions=functions_permitted(self.school, pupil, self.now),
        )
        given = form.cleaned_data if form.is_valid() else {}
        at = self._moment(given)
        area, part = given.get("area", ""), given.get("part", "")
        kind = form.kinds.get(given.get("kind", ""))
        function = form.what_for() if given else ""
        answer = may_use_now(
            self.school, [pupil], at=at, area=area, part=part, kind=kind, with_functions=True, function=function
        )[pupil.pk]
        placed = placements_on([pupil], self.today).get(pupil.pk, [])
        return self.render(
            pupil=pupil,
            form=form,
            status=200 if form.is_valid() else 422,
            answer=answer,
            tag=ANSWERS[answer.answer],
            where=self._where(form, area, placed),
            part=PARTS[part_of_day(calendar_for(self.school), at, part)],
            kind=kind,
            at=at,
            placements=placed if area != OFF_SITE else [],
            off_site=OFF_SITE,
            taken=[stay for stay in custody_for(pupil) if stay.basis != Basis.HAND_IN],
            may_take=self.may(Permission.TAKE_DEVICE),
            may_ask=self.may(Permission.ASK_PERMISSION),
            routes=contact_routes_now(pupil, at),
            function=function,
            breadcrumbs=self.crumbs(("May they use it?", self.url("may-use")), (pupil.display_name, "")),
        )

    def _moment(self, given: dict[str, Any]) -> datetime:
        said = given.get("time")
        return datetime.combine(self.today, said, LONDON) if said else self.now

    @staticmethod
    def _where(form: HereAndNowForm, area: str, placed: list[Any]) -> str:
        if area == OFF_SITE and placed:
            return ", ".join(str(placement.provider) for placement in placed)
        choices: Any = form.fields["area"]
        return str(dict(choices.choices)[area])


class AreasView(OfficeView):
    """The no-device areas as the rules name them, for signs and handouts (DEV-17)."""

    permission = Permission.VIEW_HOME
    template_name = "devices/areas.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        standing = standings_for(self.school, self.today)["barred_areas"]
        whole = not standing.is_unspecified and WHOLE_SITE in standing.value
        return self.render(
            standing=standing,
            areas=standing.items,
            # Staff on a whole site have a rule of their own; a named area is closed to everybody.
            who=f"All {words_for(self.rules).children}" if whole else "Everybody: pupils, staff, visitors and parents",
            breadcrumbs=self.crumbs(("May they use it?", self.url("may-use")), ("No-device areas", ""))
            if self.may(Permission.VIEW_PUPILS)
            else [],
        )
