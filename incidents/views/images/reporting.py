"""Reporting a suspected image: whom it is about, the form, what happens next, and “I have seen it”."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm, SubmissionForm
from core.people.models import Pupil
from core.people.queries import find_pupils, pupils_on_roll, safeguarding_team
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices.models import SearchRecord
from devices.queries.searches import searches_visible_to
from devices.queries.taken.taking import circumstances_of
from incidents import queries
from incidents.enums import ImagePlace, YesNoUnknown
from incidents.forms.images.reporting import FindImagePupilForm, FromSearchForm, ImageReportForm
from incidents.models import Incident
from incidents.operations import images
from incidents.queries.images import image_in_search, image_tasks_given_to, own_image_reports, reported_from
from incidents.views.images.base import ImageView, guidance, secure_kwargs


class FollowsMixin(ImageView, abstract=True):
    """A report that came from another: a pupil passed the image on (IMG-07). Its key goes along in the address."""

    @cached_property
    def follows(self) -> Incident | None:
        """The record it came from: one's own report, or one that this person reads."""
        key = self.request.GET.get("follows", "")
        if not key.isdigit():
            return None
        own = own_image_reports(self.actor, self.school).filter(pk=key).first()
        return own or queries.cases_visible_to(self.actor, self.school, self.today).filter(pk=key).first()

    def onward(self, url: str) -> str:
        return f"{url}?{urlencode({'follows': self.follows.pk})}" if self.follows is not None else url


class FindForImageView(FollowsMixin):
    """The first page of the report: what to do now, and whom it is about (IMG-02). Nobody need be named."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_find.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page(FindImagePupilForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = FindImagePupilForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        found = find_pupils(self.school, form.cleaned_data["query"], limit=10, on=self.today)
        if len(found.pupils) == 1 and not found.near:
            return HttpResponseRedirect(self._lead(found.pupils[0]))
        results = [
            {
                "url": self._lead(pupil),
                "name": pupil.display_name,
                "detail": pupil.form.name if pupil.form is not None else pupil.year_name,
            }
            for pupil in found.pupils
        ]
        status = 200 if results else 422
        return self._page(form, results=results, near=found.near, more=found.more, searched=True, status=status)

    def _lead(self, pupil: Pupil) -> str:
        return self.onward(self.url("image-report-about", pupil.pk))

    def _page(self, form: BaseForm, **context: Any) -> HttpResponseBase:
        unnamed = self.onward(self.url("image-report-unnamed"))
        return self.render(form=form, unnamed_url=unnamed, follows=self.follows, **guidance() | context)


class ReportUnnamedView(FollowsMixin, SchoolFormView):
    """The report of a suspected image: context, and never content. It takes no file (IMG-01, IMG-06)."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_report.html"
    form_class = ImageReportForm

    @cached_property
    def pupil(self) -> Pupil | None:
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        pupils = [self.pupil] if self.pupil is not None else []
        secure = secure_kwargs(self.school, pupils, self.now)
        return super().get_form_kwargs() | {"pupil": self.pupil, "today": self.today, "secure": secure}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, pupil = kwargs["form"], self.pupil
        facts = circumstances_of(pupil, [], self.now) if pupil is not None else []
        given = {"pupil": pupil, "circumstances": facts, "follows": self.follows, "back_url": self.url("image-report")}
        return super().get_context_data(**given | guidance(str(form["place"].value() or "")) | kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ImageReportForm)
        made = images.report_image(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupils=[self.pupil] if self.pupil is not None else [],
            follows=self.follows,
            **form.values(),
        )
        return HttpResponseRedirect(self.url("image-sent", made.pk))


class ReportAboutView(ReportUnnamedView):
    """The same, about a pupil: with their devices, one of which may be secured in the same act (IMG-03)."""

    permission = Permission.REPORT_INCIDENT

    @cached_property
    def pupil(self) -> Pupil | None:
        return get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])


class OwnImageView(ImageView, abstract=True):
    """A page for whoever reported a suspected image: their receipt, and nothing of what came after."""

    permission = Permission.REPORT_INCIDENT

    @cached_property
    def incident(self) -> Incident:
        return get_or_404(own_image_reports(self.actor, self.school), pk=self.kwargs["incident"])


class ImageSentView(OwnImageView):
    """It is reported: the reference, what is still to do, and what never to do."""

    template_name = "incidents/image_sent.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        case = self.incident.image_case
        mine = image_tasks_given_to(self.actor, self.school).filter(case=case)
        return self.render(
            incident=self.incident,
            image=case,
            adult=case.adult_involved == YesNoUnknown.YES,
            on_network=case.place == ImagePlace.SCHOOL_NETWORK,
            tasks=[
                {
                    "label": task.get_kind_display(),
                    "url": self.url("image-task", task.pk),
                    "kind": "attention",
                    "word": "To do now" if task.needed_first else "To do",
                }
                for task in mine
                if task.done_at is None
            ],
            team=safeguarding_team(self.school),
            copied_url=f"{self.url('image-report')}?{urlencode({'follows': self.incident.pk})}",
            **guidance(case.place),
        )


class ImageLookedView(SchoolFormView, OwnImageView):
    """“I have seen it”: nothing of it is written here; the only record is an exception that the DSL makes (IMG-05)."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_looked.html"
    form_class = SubmissionForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = {"incident": self.incident, "team": safeguarding_team(self.school)}
        return super().get_context_data(**given | guidance(self.incident.image_case.place) | kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        images.say_seen(
            school=self.school, actor=self.actor, at=self.now, incident=self.incident,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The DSL is told that you need to speak to them.", self.url("image-sent", self.incident.pk))


class FromSearchView(SchoolFormView, ImageView):
    """A record from a search in one step: the search's page leads here by its key (SEA-08, SEA-14)."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_from_search.html"
    form_class = FromSearchForm

    @cached_property
    def search(self) -> SearchRecord:
        return get_or_404(searches_visible_to(self.actor, self.school), pk=self.kwargs["search"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = reported_from(self.search)
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        reads = made is not None and visible.filter(pk=made.pk).exists()
        is_image = image_in_search(self.search)
        given = {
            "search": self.search,
            "is_image": is_image,
            "is_reported": made is not None,
            "made_url": self.url("case", made.pk) if made is not None and reads else "",
            "account": "" if made is not None else images.account_of(self.search, image=is_image, added=""),
            "back_url": self.search_url,
        }
        return super().get_context_data(**given | guidance(ImagePlace.PERSONAL_DEVICE) | kwargs)

    @property
    def search_url(self) -> str:
        return reverse("devices:search", args=[self.school.slug, self.search.pk])

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        made = images.open_from_search(
            school=self.school, actor=self.actor, at=self.now, search=self.search, added=form.cleaned_data["added"],
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done(f"Reported as {made.reference}. The DSL has been told urgently.", self.search_url)
