"""Force used in a search or a seizure, and searches that the police made in school."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.models import Pupil
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import InterventionKind
from devices.forms.searches.force import ForceForm, PoliceSearchForm
from devices.models import Confiscation, PoliceSearch, UseOfForce
from devices.queries.searches.records import force_visible_to, police_searches, seizures_visible_to
from devices.views.searches.base import AboutSearchView, SearchesView
from devices.views.searches.opening import FindSearchedView

_A_PAGE = 40


class RecordSearchForceView(AboutSearchView):
    """Force was used in a search: every field of law SE-13."""

    form_class = ForceForm
    title = "Record the use of force"
    lead = "The search cannot be closed without it. A parent or carer is told today."

    def get_initial(self) -> dict[str, Any]:
        search = self.search
        when = search.started_at or self.now
        return {"on": when.date(), "place": search.place, "staff": search.searcher.display_name}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ForceForm)
        operations.searches.record_force(
            school=self.school,
            actor=self.actor,
            at=self.now,
            search=self.search,
            facts=operations.searches.ForceFacts(**form.values()),
            submission=form.cleaned_data["submission"],
        )
        return self.done("The use of force is on record.", self.url("search", self.search.pk))


class RecordSeizureForceView(SchoolFormView, SearchesView):
    """Force was used when a device was taken."""

    permission = Permission.TAKE_DEVICE
    form_class = ForceForm
    template_name = "devices/seizure_force.html"

    @property
    def confiscation(self) -> Confiscation:
        if not hasattr(self, "_confiscation"):
            self._confiscation: Confiscation = get_or_404(
                seizures_visible_to(self.actor, self.school), custody_id=self.kwargs["custody"]
            )
        return self._confiscation

    def get_initial(self) -> dict[str, Any]:
        taking = self.confiscation
        staff = taking.taken_by.display_name
        return {"on": taking.taken_at.date(), "place": taking.taken_where, "staff": staff}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stay=self.confiscation.custody, pupil=self.confiscation.pupil, back_url=self.url("searches"), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ForceForm)
        row = operations.searches.record_force(
            school=self.school,
            actor=self.actor,
            at=self.now,
            confiscation=self.confiscation,
            facts=operations.searches.ForceFacts(**form.values()),
            submission=form.cleaned_data["submission"],
        )
        return self.done("The use of force is on record.", self.url("use-of-force", row.pk))


class UseOfForceView(SearchesView):
    """One record of force."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/show_force.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        force: UseOfForce = get_or_404(force_visible_to(self.actor, self.school), pk=self.kwargs["force"])
        self.note_view("devices.view_force", force)
        rows = [
            {"label": "When", "value": moment(force.happened_at, now=self.now)},
            {"label": "Where", "value": force.place},
            {"label": "For how long", "value": f"{force.minutes} minute{'' if force.minutes == 1 else 's'}"},
            {"label": "Staff involved", "value": force.staff},
            {"label": "SEN status then", "value": force.sen_status},
            {"label": "What led up to it", "value": force.lead_up},
            {"label": "What was tried to calm it", "value": force.de_escalation},
            {"label": "What was done", "lines": [str(InterventionKind(kind).label) for kind in force.kinds]},
            {"label": "Why it was necessary", "value": force.necessary},
            {"label": "Injuries", "value": force.injuries},
            {"label": "Support offered", "value": force.support},
            {"label": "Recorded", "value": f"{moment(force.recorded_at, now=self.now)} by {force.recorded_by}"},
        ]
        back = ("One search", self.url("search", force.search_id)) if force.search_id else ("", "")
        return self.render(
            pupil=force.pupil,
            title="Use of force",
            rows=rows,
            breadcrumbs=self.crumbs(
                ("Searches", self.url("searches")), *([back] if force.search_id else []), ("Use of force", "")
            ),
        )


class ListPoliceSearchesView(SearchesView):
    """Searches that the police made in school, newest first."""

    permission = Permission.VIEW_SEARCHES
    template_name = "devices/list_police_searches.html"
    section = "police-searches"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = Paginator(police_searches(self.school), _A_PAGE).get_page(request.GET.get("page"))
        return self.render(page_obj=page, searches=list(page), may_record=self.may(Permission.LEAD_CUSTODY))


class FindPoliceSearchedView(FindSearchedView):
    """Which pupil the police searched."""

    permission = Permission.LEAD_CUSTODY
    leads_to = "record-police-search"
    heading = "Record a search by the police"


class RecordPoliceSearchView(SchoolFormView, SearchesView):
    """The police searched a pupil: what was weighed, who stood by them, what came of it (law SE-11)."""

    permission = Permission.LEAD_CUSTODY
    form_class = PoliceSearchForm
    template_name = "devices/record_police_search.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pupil=self.pupil, back_url=self.url("police-searches"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PoliceSearchForm)
        row = operations.searches.record_police_search(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            facts=operations.searches.PoliceSearchFacts(**form.values()),
            submission=form.cleaned_data["submission"],
        )
        return self.done("It is on record. The DSL has been told.", self.url("police-search", row.pk))


class PoliceSearchView(SearchesView):
    """One search by the police."""

    permission = Permission.VIEW_SEARCHES
    template_name = "devices/show_force.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row: PoliceSearch = get_or_404(police_searches(self.school), pk=self.kwargs["police_search"])
        self.note_view("devices.view_police_search", row)
        told = moment(row.parent_told_at, now=self.now) if row.parent_told_at else "Not before it"
        rows = [
            {"label": "What was weighed first", "value": row.risk_weighed},
            {"label": "Police called", "value": f"{moment(row.called_at, now=self.now)} by {row.called_by}"},
            {"label": "Reference", "value": row.reference},
            {"label": "Officers", "value": row.officers},
            {"label": "Appropriate adult", "value": row.appropriate_adult},
            {"label": "Parent told", "value": f"{told}: {row.parent_told_note}"},
            {"label": "Began", "value": moment(row.started_at, now=self.now)},
            {"label": "Ended", "value": moment(row.ended_at, now=self.now)},
            {"label": "Where", "value": row.place},
            {"label": "More than outer clothing", "value": "Yes" if row.strip_search else "No"},
            {"label": "What was found", "value": row.found},
            {"label": "What is done for the pupil", "value": row.aftercare},
        ]
        return self.render(
            pupil=row.pupil,
            title="Search by the police",
            rows=rows,
            breadcrumbs=self.crumbs(("Police searches", self.url("police-searches")), ("One search", "")),
        )
