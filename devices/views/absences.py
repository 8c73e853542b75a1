"""Who is absent today: typed, pasted or from the attendance list, looked at before it is recorded (DEV-10)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices import operations
from devices.enums import MarkSource
from devices.forms.absences import AbsentLinesForm, AttendanceForm, RecordAbsencesForm, WithdrawMarkForm
from devices.models import DayMark
from devices.queries import AbsencePreview, absence_rows, marks_visible_to, read_absences, read_attendance
from devices.views.desk import forget_tally


class ListAbsencesView(SchoolFormView):
    """Who is marked absent today, and a box for more. A single name that fits one pupil is recorded at once."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/list_absences.html"
    form_class: ClassVar[type[BaseForm]] = AbsentLinesForm
    source = MarkSource.TYPED

    def read(self, form: BaseForm) -> AbsencePreview:
        """What was sent, as pupils."""
        return read_absences(self.school, form.cleaned_data["lines"], on=self.today)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        found = self.read(form)
        if self.source == MarkSource.TYPED and len(found.matched) == 1 and not (found.choose or found.unmatched):
            done = operations.record_absences(
                school=self.school, actor=self.actor, at=self.now, pupils=found.matched, source=self.source,
                submission=form.cleaned_data["submission"],
            )  # fmt: skip
            forget_tally(self.school, self.today)
            return self.done(self.said(done), self.url())
        return self.render(
            template="devices/preview_absences.html",
            found=found,
            source=self.source.value,
            submission=uuid.uuid4(),
            here_url=self.request.path,
        )

    def url(self) -> str:
        return reverse("devices:absences", args=[self.school.slug])

    @staticmethod
    def said(done: operations.Absences) -> str:
        """What came of a list, in a sentence or three."""
        told = f"{done.marked} pupil{'' if done.marked == 1 else 's'} marked absent."
        if done.already:
            told += f" {done.already} {'was' if done.already == 1 else 'were'} marked already."
        if done.at_desk:
            told += f" {done.at_desk} {'has' if done.at_desk == 1 else 'have'} been at the desk and count as here."
        return told

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "found" not in context:
            rows = absence_rows(self.school, self.today)
            context |= {"rows": rows, "absent": sum(row.mark.withdrawn_at is None and not row.stay for row in rows)}
        return context


class ReadAttendanceView(ListAbsencesView):
    """The attendance list of any information system, as a CSV file: read once, matched, and not kept."""

    template_name = "devices/read_attendance.html"
    form_class = AttendanceForm
    takes_files = True
    source = MarkSource.FILE

    def read(self, form: BaseForm) -> AbsencePreview:
        data = form.cleaned_data
        return read_attendance(
            self.school, data["attendance"], codes=data["codes"], column=data["column"], on=self.today
        )


class RecordAbsencesView(SchoolView):
    """Record the pupils who are ticked on the preview."""

    permission = Permission.LOG_CUSTODY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, back = RecordAbsencesForm(request.POST), reverse("devices:absences", args=[self.school.slug])
        if not form.is_valid():
            messages.error(request, "Nothing was recorded. Send the list again.")
            return HttpResponseRedirect(back)
        data = form.cleaned_data
        try:
            done = operations.record_absences(
                school=self.school,
                actor=self.actor,
                at=self.now,
                pupils=list(pupils_on_roll(self.school, self.today).filter(pk__in=data["pupil"])),
                source=MarkSource(data["source"]),
                submission=data["submission"],
            )
        except operations.NobodyToMark as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(back)
        forget_tally(self.school, self.today)
        return self.done(ListAbsencesView.said(done), back)


class WithdrawMarkView(SchoolFormView):
    """Correct a mark of a day that was wrong; it stays on record, marked as withdrawn (DEV-33)."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/withdraw_mark.html"
    form_class = WithdrawMarkForm

    @property
    def mark(self) -> DayMark:
        if not hasattr(self, "_mark"):
            self._mark: DayMark = get_or_404(marks_visible_to(self.actor, self.school), pk=self.kwargs["mark"])
        return self._mark

    def back(self) -> str:
        return reverse("devices:register", args=[self.school.slug]) + f"?day={self.mark.day.isoformat()}"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.withdraw_mark(school=self.school, actor=self.actor, at=self.now, mark=self.mark, **form.cleaned_data)
        forget_tally(self.school, self.today)
        return self.done("The correction is recorded.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"mark": self.mark, "back_url": self.back()}
