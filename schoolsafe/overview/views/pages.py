"""Home pages by role, finding a pupil, telling a DSL, and the investigator's record."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.queries import actions_in, entries_for
from core.kit.csv import safe_csv_response
from core.kit.refusals import Refusal
from core.kit.times import clock, day
from core.people.models import Pupil
from core.people.queries import find_pupils
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from devices.judgement import MayUse
from devices.queries import may_use_now
from schoolsafe.overview import operations, queries
from schoolsafe.overview.cards import Viewer, cards_for
from schoolsafe.overview.forms.record import FindForm, RecordFilterForm
from schoolsafe.overview.navigation import open_url
from schoolsafe.overview.queries import RecordFilter
from schoolsafe.overview.words import act_in_words

_MAY_USE = {
    "allowed": ("ok", "Device allowed now"),
    "not_allowed": ("stop", "Device not allowed now"),
    "ask": ("attention", "Device: ask"),
}


class HomeView(SchoolView):
    """What needs me now."""

    permission = Permission.VIEW_HOME
    template_name = "overview/show_home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer = Viewer(user=self.actor, school=self.school, now=self.now, today=self.today)
        return super().get_context_data(cards=cards_for(viewer), **kwargs)


class FindPupilView(SchoolView):
    """Find any pupil: a fragment under the box for htmx, a page without it. The name travels in the body only."""

    permission = Permission.VIEW_PUPILS
    template_name = "overview/find_pupil.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=FindForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = FindForm(request.POST)
        valid = form.is_valid()
        query = form.cleaned_data["query"] if valid else ""
        found = find_pupils(self.school, query, limit=10, on=self.today)
        answers = may_use_now(self.school, found.pupils, at=self.now)
        return self.render(
            template="components/find_results.html" if self.is_htmx else None,
            status=200 if valid or self.is_htmx else 422,
            form=form,
            query=query,
            results=[self._result(pupil, answers[pupil.pk], near=found.near) for pupil in found.pupils],
            more=found.more,
        )

    def _result(self, pupil: Pupil, answer: MayUse, *, near: bool) -> dict[str, Any]:
        """One line: who, and in a word whether they may use a device now (DEV-13)."""
        where = pupil.form.name if pupil.form is not None else pupil.year_name
        kind, word = _MAY_USE[answer.answer]
        if answer.answer == "not_allowed" and answer.limits:
            kind, word = "attention", "Device at certain places or times only"
        return {
            "url": reverse("people:pupil", args=[self.school.slug, pupil.pk]),
            "name": pupil.display_name,
            "detail": f"{where}, similar name" if near else where,
            "use": {
                "url": reverse("devices:may-use-of", args=[self.school.slug, pupil.pk]),
                "kind": kind,
                "word": f"{word}, with limits" if answer.limits and answer.answer == "allowed" else word,
            },
        }


class TellDslView(SchoolView):
    """Who the DSLs and deputies are, how to reach them, and when to ring 999: two clicks from anywhere at most."""

    permission = Permission.TELL_DSL
    on_desk = True
    template_name = "overview/tell_dsl.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report_url = "" if self.is_desk_alone else open_url("incidents:report", self.actor, self.school)
        return super().get_context_data(team=queries.team_by_phase(self.school), report_url=report_url, **kwargs)


class RecordView(SchoolView, abstract=True):
    """What the pages of the record share: the filter, from an address or from a form."""

    permission = Permission.VIEW_AUDIT

    def filter_form(self, data: QueryDict) -> RecordFilterForm:
        return RecordFilterForm(data, people=queries.people_on_record(self.school), acts=actions_in(self.school))


class ShowRecordView(RecordView):
    """Who did what, who looked, who was refused (ORG-09). Looking here is recorded too."""

    template_name = "overview/show_record.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.filter_form(request.GET)
        valid = form.is_valid()
        return self.show(form, form.asked() if valid else RecordFilter(), status=200 if valid else 422)

    def show(self, form: RecordFilterForm, asked: RecordFilter, *, status: int) -> HttpResponseBase:
        before = self.request.GET.get("before", "")
        key = int(before) if before.isdecimal() and len(before) < 18 else 0
        page = queries.record_page(self.school, asked, before=key)
        operations.look_at_record(school=self.school, actor=self.actor, at=self.now, asked=asked)
        fields = asked.as_detail()
        url = reverse("overview:record", args=[self.school.slug])
        return self.render(
            status=status,
            form=form,
            record=page,
            chosen=self._chosen(form, fields, url),
            fields=fields,
            record_url=url,
            older=f"{url}?{urlencode({**fields, 'before': page.before})}" if page.before else "",
            newest=f"{url}?{urlencode(fields)}" if key else "",
        )

    def _chosen(self, form: RecordFilterForm, fields: dict[str, Any], url: str) -> list[dict[str, str]]:
        """The filters in words, each with the address that drops it."""
        chosen = []
        for name, value in fields.items():
            if name == "object_id":
                continue
            dropped = {"object_type", "object_id"} if name == "object_type" else {name}
            rest = {key: kept for key, kept in fields.items() if key not in dropped}
            chosen.append({"label": self._said(form, name, value, fields), "remove_url": f"{url}?{urlencode(rest)}"})
        return chosen

    @staticmethod
    def _said(form: RecordFilterForm, name: str, value: Any, fields: dict[str, Any]) -> str:
        if name == "person":
            choices: Any = form.fields["person"]
            return str(dict(choices.choices).get(value, f"Account {value}"))
        if name == "act":
            return act_in_words(value)
        if name == "outcome":
            return str(Outcome(value).label)
        if name == "object_type":
            return f"{queries.kind_in_words(value)} {fields.get('object_id', '')}".strip()
        return f"{'From' if name == 'first' else 'To'} {day(form.cleaned_data[name])}"


class ShowEntryView(RecordView):
    """One entry, and beside it what each field of the record was and became (house §4.3)."""

    template_name = "overview/show_entry.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        entry = get_or_404(entries_for(self.school), pk=self.kwargs["entry"])
        operations.look_at_entry(school=self.school, actor=self.actor, at=self.now, entry=entry)
        url = reverse("overview:record", args=[self.school.slug])
        about = {"object_type": entry.object_type, "object_id": entry.object_id}
        return self.render(
            line=queries.in_words(self.school, [entry])[0],
            history=queries.history_at(self.school, entry),
            detail=queries.detail_in_words(entry.detail),
            about_url=f"{url}?{urlencode(about)}" if entry.object_id is not None else "",
            breadcrumbs=[{"label": "Record", "url": url}, {"label": f"Entry {entry.pk}"}],
        )


class ExportRecordView(ShowRecordView):
    """The narrowed record as a file for a spreadsheet; taking it away is recorded (F28)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.filter_form(request.POST)
        if not form.is_valid():
            return self.show(form, RecordFilter(), status=422)
        asked = form.asked()
        try:
            lines = operations.export_record(school=self.school, actor=self.actor, at=self.now, asked=asked)
        except Refusal as refusal:
            form.add_refusal(refusal)
            return self.show(form, asked, status=422)
        return safe_csv_response(
            f"record-{self.today.isoformat()}.csv",
            ["Entry", "Date", "Time", "Who", "Act", "Outcome", "What", "Old", "New", "Other"],
            (
                [
                    line.entry.pk,
                    day(line.entry.at),
                    clock(line.entry.at),
                    line.who,
                    line.act,
                    line.outcome_word,
                    line.what,
                    *queries.detail_columns(line.entry.detail),
                ]
                for line in lines
            ),
        )
