"""The chase list: who has not been seen at the desk, and telling tutors (DEV-10, NOT-01)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import SubmissionForm
from core.kit.times import clock
from core.people.calendar import calendar_for
from core.people.enums import DayTimeKey
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolView
from devices import operations
from devices.queries import Chase, chase_for, forms_tutored_by, handin_types


class ShowChaseView(SchoolView):
    """Who has not been seen yet, form by form; a tutor's own forms first."""

    permission = Permission.VIEW_REGISTER
    template_name = "devices/show_chase.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own = set(forms_tutored_by(self.actor, self.school, self.today))
        chosen = self._chosen()
        shows_own = chosen is None and request.GET.get("all") is None and bool(own)
        form_ids = [chosen.pk] if chosen else own if shows_own else None
        chase = chase_for(
            self.school, self.today, handin_types=handin_types(self.school, self.today), form_ids=form_ids
        )
        if request.GET.get("as") == "csv":
            return self._csv(chase)
        calendar, here = calendar_for(self.school), request.path
        query = f"form={chosen.pk}" if chosen else "" if shows_own else "all=1"
        cutoff = calendar.at(self.today, DayTimeKey.CUTOFF)
        return self.render(
            chase=chase,
            chosen_form=chosen,
            shows_own=shows_own,
            own_forms=bool(own),
            is_school_day=calendar.is_school_day(self.today),
            cutoff=cutoff,
            is_past_cutoff=cutoff is not None and self.now >= cutoff,
            by_itself=self.rules.handin_required == "yes",
            may_tell=self.may(Permission.LOG_CUSTODY),
            form=SubmissionForm(),
            csv_url=f"{here}?{query}&as=csv",
            print_url=f"{reverse('devices:chase-print', args=[self.school.slug])}?{query}",
            back_url=f"{reverse('devices:chase', args=[self.school.slug])}?{query}",
        )

    def _chosen(self) -> Any:
        wanted = self.request.GET.get("form", "")
        return forms_of(self.school).filter(pk=wanted).first() if wanted.isdigit() and len(wanted) < 18 else None

    def _csv(self, chase: Chase) -> HttpResponseBase:
        record(
            school=self.school,
            actor=self.actor,
            action="devices.chase",
            at=self.now,
            outcome=Outcome.EXPORTED,
            detail={"day": chase.day.isoformat(), "not_seen": chase.not_seen},
        )
        lines = []
        for form in chase.forms:
            tutors = ", ".join(tutor.display_name for tutor in form.tutors)
            for word, rows in (("Not seen yet", form.not_seen), ("Asked and did not hand in", form.refused)):
                lines += [
                    [form.name, tutors, row.pupil.legal_surname, row.pupil.forename, word, row.device] for row in rows
                ]
            lines += [
                [form.name, tutors, stay.pupil.legal_surname, stay.pupil.forename,
                 f"Came in since, {clock(stay.opened_at)}", stay.device.description]
                for stay in form.came_in
            ]  # fmt: skip
        header = ["Form", "Tutor", "Surname", "Forename", "Status", "Device"]
        return safe_csv_response(f"not-seen-{chase.day.isoformat()}.csv", header, lines)


class PrintChaseView(ShowChaseView):
    """The chase list as a sheet of paper."""

    template_name = "devices/print_chase.html"


class SendChaseView(SchoolView):
    """Tell tutors and the office now, by a person's hand."""

    permission = Permission.LOG_CUSTODY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = SubmissionForm(request.POST)
        key.is_valid()
        sent = operations.send_chase(
            school=self.school, actor=self.actor, at=self.now, submission=key.cleaned_data.get("submission")
        )
        told = len([form for form in sent.figures["forms"] if form["tutors"]])
        said = f"The tutors of {told} form{'' if told == 1 else 's'} are told."
        if not sent.figures["forms"]:
            said = "Everybody has been seen, so nobody was told anything. That is on record."
        return self.done(said, reverse("devices:chase", args=[self.school.slug]) + "?all=1")
