"""What every page about one record shares: it is found among what the person may read, and the look is on record."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from incidents import queries
from incidents.models import Incident

_RELATED = (
    "reporter", "told_whom", "acknowledged_by", "triaged_by", "decided_by", "closed_by", "owner", "sub_type",
    "staff_concern",
)  # fmt: skip


class CasePage(SchoolView, abstract=True):
    """A page about the record in the address. Who may not read it gets the page that says there is nothing."""

    permission = Permission.VIEW_CASES

    @cached_property
    def case(self) -> Incident:
        """The record, among those this person may read, if the page is for them."""
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        found: Incident = get_or_404(visible.select_related(*_RELATED), pk=self.kwargs["incident"])
        found.school = self.school
        if not self.may_open(found):
            raise Http404
        return found

    def may_open(self, case: Incident) -> bool:
        """Whether the page is there for this reader of the record; for others there is nothing."""
        return True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look", self.case)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("case", self.case)
        kwargs.setdefault("people", queries.people_of(self.case))
        return super().get_context_data(**kwargs)

    def url(self, name: str, *args: Any) -> str:
        """The address of a page of the app in this school."""
        return reverse(f"incidents:{name}", args=[self.school.slug, *args])

    @property
    def case_url(self) -> str:
        """Where the record itself is read."""
        return self.url("case", self.case.pk)


class CaseFormPage(CasePage, SchoolFormView, abstract=True):
    """A page about one record with one form that writes. The template gets `form`; after it, back to the record."""
