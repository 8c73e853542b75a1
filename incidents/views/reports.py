"""One's own reports: received, read, closed, and no more; and adding to one without reading it (INC-01, SG-3)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.views.base import SchoolFormView, get_or_404
from incidents import operations, queries
from incidents.forms.reporting import AddToRecordForm, BeginForm
from incidents.models import Incident
from incidents.routing import OWN_CONTACT
from incidents.views.breaches import revoke_links
from incidents.views.reporting import ReportPage

_SHOWN = 100


class MyReportsView(ReportPage):
    """What I reported and how far it is, and the drafts that I have not sent."""

    template_name = "incidents/my_reports.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = [
            {
                "cells": [
                    {"value": report.reference, "url": self.url("my-report", report.pk)},
                    {"value": report.get_type_display(), "label": "What"},
                    {"value": moment(report.reported_at, self.now) if report.reported_at else "", "label": "Sent"},
                    {"value": standing(report), "label": "Now"},
                ]
            }
            for report in queries.reports_of(self.actor, self.school)[:_SHOWN]
        ]
        return self.render(
            rows=rows,
            columns=["Report", "What", "Sent", "Now"],
            drafts=queries.drafts_of(self.actor, self.school),
            discarding=BeginForm(auto_id=False),
        )


class OwnReport(ReportPage, abstract=True):
    """A page about one report of one's own; for everybody else there is none."""

    @cached_property
    def report(self) -> Incident:
        return get_or_404(queries.reports_of(self.actor, self.school), pk=self.kwargs["own_report"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("report", self.report)
        return super().get_context_data(**kwargs)


class MyReportView(OwnReport):
    """How far one report is: received, read, closed. What is written in the record stays there."""

    template_name = "incidents/my_report.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        report = self.report
        parts = [("Received", report.reported_at), ("Read", report.acknowledged_at), ("Closed", report.closed_at)]
        rows = [
            {"label": label, "value": moment(at, self.now) if at else "", "missing": "Not yet"} for label, at in parts
        ]
        return self.render(rows=rows)


class ReportSentView(OwnReport):
    """The reference, and what happens next; whoever was not told in person is to be told now (SG-6)."""

    template_name = "incidents/report_sent.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        report = self.report
        return self.render(
            tell_now=report.urgent and report.told_in_person is not True,
            nobody_told=report.dsl_notified_at is None,
            own_contact=report.type in OWN_CONTACT,
            custody=report.custody_id,
            revoke=revoke_links(self, report),
        )


class AddToRecordView(SchoolFormView, OwnReport):
    """Add to a report that was sent."""

    template_name = "incidents/add_to_record.html"
    form_class = AddToRecordForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_to_record(
            school=self.school,
            actor=self.actor,
            at=self.now,
            incident=self.report,
            text=form.cleaned_data["text"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("It is added to the record.", self.url("my-report", self.report.pk))


def standing(report: Incident) -> str:
    """How far a report is, in one word."""
    return "Closed" if report.closed_at else "Read" if report.acknowledged_at else "Received"
