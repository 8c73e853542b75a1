"""The directory of outside bodies: to look up, to print, to keep right (ORG-14)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Model
from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people import operations, queries
from core.people.enums import BodyKind
from core.people.forms import BodyForm
from core.people.models import OutsideBody
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage, Page


class DirectoryView(Page):
    """Whom to ring, by kind."""

    permission = Permission.VIEW_DIRECTORY
    template_name = "people/directory.html"
    title = "Directory"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = {kind.value: place for place, kind in enumerate(BodyKind)}
        bodies = sorted(queries.bodies_of(self.school), key=lambda body: (order.get(body.kind, 99), body.name))
        kwargs["groups"] = [
            {"label": BodyKind(kind).label, "bodies": list(found)}
            for kind, found in groupby(bodies, key=lambda body: body.kind)
        ]
        kwargs["may_manage"] = self.may(Permission.MANAGE_DIRECTORY)
        return super().get_context_data(**kwargs)


class PrintDirectoryView(DirectoryView):
    """The same on paper, for the day the computers are down."""

    template_name = "people/print_directory.html"
    title = "Directory of outside bodies"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs |= {
            "back_url": self.link("people:directory"),
            "printed_at": self.now,
            "printed_by": self.actor.display_name,
        }
        return super().get_context_data(**kwargs)


class _BodyPage(Page, abstract=True):
    permission = Permission.MANAGE_DIRECTORY

    def cancel_url(self) -> str:
        return self.link("people:directory")

    def back(self) -> str:
        return self.link("people:directory")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Directory", "url": self.cancel_url()}]

    def get_body(self) -> OutsideBody:
        return get_or_404(queries.bodies_of(self.school), pk=self.kwargs["body"])


class AddBodyView(_BodyPage, FormPage):
    """Add an entry."""

    form_class = BodyForm
    title = "Add to the directory"
    submit_label = "Add to the directory"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        given.pop("version")
        operations.add_body(
            school=self.school, actor=self.actor, at=self.now, submission=given.pop("submission"), values=given
        )
        return self.done("It is in the directory.", self.cancel_url())


class EditBodyView(_BodyPage, EditPage):
    """Change an entry."""

    form_class = BodyForm
    title = "Change an entry"
    submit_label = "Save the entry"

    def get_record(self) -> Model:
        return self.get_body()

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        operations.edit_body(
            school=self.school,
            actor=self.actor,
            at=self.now,
            body=self.get_body(),
            version=given.pop("version"),
            submission=given.pop("submission"),
            values=given,
        )
        return self.done("The entry is saved.", self.cancel_url())


class EndBodyView(_BodyPage, ActPage):
    """Take an entry out."""

    def act(self, submission: Any) -> str:
        operations.end_body(
            school=self.school, actor=self.actor, at=self.now, body=self.get_body(), submission=submission
        )
        return "The entry is taken out of the directory."
