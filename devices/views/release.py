"""The release desk: find a taken device, see who may have it and from when, release it or refuse; and the decisions."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from core.kit.forms import BaseForm
from core.people.calendar import calendar_for
from core.people.enums import DayTimeKey
from core.people.models import Contact
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import Claimant, EscalationTrigger
from devices.forms.release import DecideReleaseForm, EscalateForm, FindTakenForm, ReleaseForm, UndoReleaseForm
from devices.judgement import UNSPECIFIED
from devices.models import CustodyRecord, Release
from devices.operations.taken.escalation import triggers_offered
from devices.queries import custody_in_slot, custody_visible_to, find_at_desk
from devices.queries.scan import stays_scanned
from devices.queries.taken import (
    ReleaseTerms,
    decisions_of,
    is_taken,
    is_undone,
    release_refusals_of,
    release_terms,
    release_terms_of,
    released_lately,
    releases_of,
    releases_visible_to,
    repeat_count,
    taken_now,
)
from devices.views.base import DevicesView

_MOST_SHOWN = 200


class ReleaseDeskView(DevicesView):
    """Every taken device that is here, with who may collect it and from when; and a box to scan or type into."""

    permission = Permission.RELEASE_DEVICE
    template_name = "devices/release_desk.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=FindTakenForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = FindTakenForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        found = self._found(form.cleaned_data["code"])
        if len(found) == 1:
            return HttpResponseRedirect(self.url("release", found[0].pk))
        if not found:
            form.add_error("code", "No device that was taken fits this. A device handed in goes back at Hand back.")
        return self.render(form=form, found=self._rows(found), status=200 if found else 422)

    def _found(self, text: str) -> list[CustodyRecord]:
        """The taken stays that were meant; never guessed between several."""
        stays = [stay for stay in stays_scanned(self.school, text) if is_taken(stay)]
        if stays:
            return stays
        match = find_at_desk(self.school, text, on=self.today)
        here = taken_now(self.school)
        if match.slot is not None:
            inside = custody_in_slot(match.slot)
            return [inside] if inside is not None and is_taken(inside) else []
        if match.device is not None:
            return list(here.filter(device=match.device))
        pupils = [match.pupil] if match.pupil is not None else match.pupils
        return list(here.filter(pupil__in=pupils)) if pupils else []

    def _rows(self, stays: list[CustodyRecord]) -> list[dict[str, Any]]:
        terms = release_terms_of(stays, self.now)
        may_lift = self.may(Permission.LIFT_HOLD)
        return [
            {
                "stay": stay,
                "terms": terms[stay.pk],
                "shut": terms[stay.pk].held or (terms[stay.pk].withheld and not may_lift),
                "ready": _is_ready(terms[stay.pk], self.now),
            }
            for stay in stays
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stays = list(taken_now(self.school)[: _MOST_SHOWN + 1])
        return super().get_context_data(
            rows=self._rows(stays[:_MOST_SHOWN]),
            more=len(stays) > _MOST_SHOWN,
            lately=released_lately(self.school),
            **kwargs,
        )


def _is_ready(terms: ReleaseTerms, now: datetime) -> bool:
    """Whether somebody may have it now."""
    if terms.held or terms.withheld or terms.needs_decision:
        return False
    waits = [terms.pupil_from] if terms.may_pupil else []
    waits += [terms.contacts_from] if terms.contacts else []
    return any(since is None or since <= now for since in waits)


class OfStayView(SchoolFormView, DevicesView, abstract=True):
    """A page about one taken device."""

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            stay = get_or_404(custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"])
            if not is_taken(stay):
                raise Http404
            self._stay = stay
        return self._stay

    @property
    def terms(self) -> ReleaseTerms:
        if not hasattr(self, "_terms"):
            self._terms = release_terms(self.stay, self.now)
        return self._terms

    @property
    def is_shut(self) -> bool:
        """Whether it is held, or kept from parents by the DSL, for the person of this request."""
        return self.terms.held or (self.terms.withheld and not self.may(Permission.LIFT_HOLD))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stay=self.stay,
            terms=self.terms,
            is_shut=self.is_shut,
            repeats=repeat_count(self.stay.pupil, self.now),
            may_lead=self.may(Permission.LEAD_CUSTODY),
            back_url=self.url("release-desk"),
            **kwargs,
        )


class ReleaseView(OfStayView):
    """Who may have one device, from when, where and why; the release itself; and what was refused and decided."""

    permission = Permission.RELEASE_DEVICE
    template_name = "devices/release.html"
    form_class = ReleaseForm

    @property
    def asking_only(self) -> bool:
        return self.is_shut or self.terms.needs_decision

    def adults(self) -> list[Contact]:
        """The contacts who may collect; nobody else's name is on the form (CNF-05)."""
        known = contacts_to_tell(self.school, [self.stay.pupil_id]).get(self.stay.pupil_id, [])
        return [one for one in known if one.may_collect]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "terms": self.terms,
            "adults": self.adults(),
            "child": self.child,
            "name": self.stay.pupil.display_name,
            "asking_only": self.asking_only,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ReleaseForm)
        release = operations.taken.release_device(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.values()
        )
        said = f"Released to {release.collector_name}. It is recorded."
        return self.done(said, self.url("release", self.stay.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        releases = releases_of(self.stay)
        return context | {
            "refusals": release_refusals_of(self.stay),
            "decisions": decisions_of(self.stay),
            "release": releases[0] if releases and not self.stay.is_open else None,
            "asking_only": self.asking_only,
            "may_escalate": context["may_lead"] and self._may_escalate(),
            "may_decide": context["may_lead"] and self._may_decide(),
        }

    def _may_escalate(self) -> bool:
        here = self.stay.is_open and not self.is_shut and self.terms.escalation is None
        return here and self.stay.state != "parent_collection" and bool(triggers_offered(self.school, self.stay))

    def _may_decide(self) -> bool:
        open_question = self.terms.rule == UNSPECIFIED and self.stay.state != "parent_collection"
        return self.stay.is_open and not self.is_shut and open_question


class DecideReleaseView(OfStayView):
    """Decide who may collect and from when, where the rules do not say."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/decide_release.html"
    form_class = DecideReleaseForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"child": self.child}

    def get_initial(self) -> dict[str, Any]:
        ends = calendar_for(self.school).at(self.today, DayTimeKey.END_OF_DAY)
        since = timezone.localtime(max(ends, self.now) if ends else self.now)
        return {"on": self.today, "time": time(since.hour, since.minute)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DecideReleaseForm)
        operations.taken.decide_release(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.values()
        )
        return self.done("The decision is recorded.", self.url("release", self.stay.pk))


class EscalateView(OfStayView):
    """Decide that a parent or carer collects: the figures propose, a person decides."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/escalate.html"
    form_class = EscalateForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"triggers": triggers_offered(self.school, self.stay)}

    def get_initial(self) -> dict[str, Any]:
        proposed = repeat_count(self.stay.pupil, self.now).proposes
        return {"trigger": EscalationTrigger.REPEATED.value} if proposed else {}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.escalate(
            school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.cleaned_data
        )
        return self.done(
            "A parent or carer collects it now. They are on the list of parents to tell.",
            self.url("release", self.stay.pk),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(offered=triggers_offered(self.school, self.stay), **kwargs)


class UndoReleaseView(SchoolFormView, DevicesView):
    """Say that a release was recorded wrongly, and the device is here."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/undo_release.html"
    form_class = UndoReleaseForm

    @property
    def release(self) -> Release:
        if not hasattr(self, "_release"):
            seen = releases_visible_to(self.actor, self.school)
            self._release: Release = get_or_404(seen, pk=self.kwargs["release"])
        return self._release

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.undo_release(
            school=self.school, actor=self.actor, at=self.now, release=self.release, **form.cleaned_data
        )
        return self.done("Corrected. The device waits as it did before.", self.url("release", self.release.custody_id))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            release=self.release,
            stay=self.release.custody,
            undone=is_undone(self.release),
            back_url=self.url("release", self.release.custody_id),
            to_pupil=self.release.to == Claimant.PUPIL,
            **kwargs,
        )
