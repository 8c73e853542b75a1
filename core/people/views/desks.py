"""Pages about shared desks: the computers of a school that are enrolled, and one's own PIN."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View
from django_scopes import scope

from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.people import desk, operations, queries
from core.people.forms import EnrolDeskForm, OwnPinForm
from core.people.models import DeskPin, School, User
from core.people.operations.desks import MOST_WRONG_TRIES
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage


class DesksView(FormPage):
    """The computers on which a PIN opens the desk, this one perhaps, and who has a PIN."""

    permission = Permission.MANAGE_ACCOUNTS
    template_name = "people/list_desks.html"
    form_class = EnrolDeskForm
    title = "Shared desks"

    def cancel_url(self) -> str:
        return self.link("people:staff")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Staff", "url": self.cancel_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        devices = list(queries.desks_of(self.school))
        here = desk.desk_at(self.request)
        kwargs |= {
            "here": here,
            "elsewhere": here is not None and here.school_id != self.school.pk,
            "devices": [one for one in devices if one.revoked_at is None],
            "revoked": [one for one in devices if one.revoked_at is not None],
            "pins": list(queries.pins_of(self.school)),
            "most_wrong_tries": MOST_WRONG_TRIES,
            "cancel_url": "",
        }
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        here = desk.desk_at(self.request)
        if here is not None:
            form.add_error(None, f"This computer is enrolled already, as {here}. Revoke that first.")
            return self.form_invalid(form)
        device = operations.enrol_device(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        response = self.done(f"This computer is enrolled as {device}.", self.link("people:desks"))
        if device.key:  # the same form twice enrols once, and its key is known once
            assert isinstance(response, HttpResponse)
            desk.keep_key(self.request, response, device.key)
        return response


class RevokeDeskView(ActPage):
    """No PIN works on that computer any more."""

    permission = Permission.MANAGE_ACCOUNTS

    def back(self) -> str:
        return self.link("people:desks")

    def act(self, submission: Any) -> str:
        device = get_or_404(queries.desks_of(self.school), pk=self.kwargs["desk"])
        operations.revoke_device(
            school=self.school, actor=self.actor, at=self.now, device=device, submission=submission
        )
        return "The computer is revoked. No PIN works on it, and what was opened there with one has ended."


class EndDeskPinView(ActPage):
    """Stop somebody's PIN; they can get a new one themselves."""

    permission = Permission.MANAGE_ACCOUNTS

    def back(self) -> str:
        return self.link("people:desks")

    def act(self, submission: Any) -> str:
        pin = get_or_404(queries.pins_of(self.school), pk=self.kwargs["desk_pin"])
        operations.end_pin(school=self.school, actor=self.actor, at=self.now, pin=pin, submission=submission)
        return "The PIN is ended, and what was opened with it."


class OwnPinView(View):
    """One's own PIN, a school at a time: got, replaced or ended. Shown in the answer to the form, and never again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        assert isinstance(request.user, User)
        schools = desk.schools_with_desk(request.user)
        form = OwnPinForm(request.POST, schools=schools)
        if not form.is_valid():
            return self._page(request, status=422)
        said = form.cleaned_data
        school = next(one for one in schools if one.slug == said["school"])
        with scope(school=school):
            try:
                return self._act(request, school, said["act"], said["submission"])
            except Refusal as refusal:
                messages.error(request, refusal.message)
                return redirect("session:desk-pin")

    def _act(self, request: HttpRequest, school: School, act: str, submission: Any) -> HttpResponseBase:
        assert isinstance(request.user, User)
        same = {"school": school, "actor": request.user, "at": timezone.now(), "submission": submission}
        if act == "issue":
            return self._page(request, issued=operations.issue_pin(**same), of=school)
        pin = queries.pin_of(request.user, school)
        if pin is not None:
            operations.end_pin(pin=pin, **same)
            messages.success(request, "Your PIN is ended.")
        return HttpResponseRedirect(request.path)

    @staticmethod
    def _page(
        request: HttpRequest, *, issued: DeskPin | None = None, of: School | None = None, status: int = 200
    ) -> HttpResponse:
        assert isinstance(request.user, User)
        places = []
        for school in desk.schools_with_desk(request.user):
            with scope(school=school):
                places.append({"place": school, "pin": queries.pin_of(request.user, school)})
        context = {"places": places, "issued": issued, "issued_at_school": of, "fresh_key": uuid.uuid4}
        return render(request, "people/desk_pin.html", context, status=status)
