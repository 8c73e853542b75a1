"""Finding a record: posted and answered on the same page, so that nothing typed stands in an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.people.roles import Permission
from core.people.views.base import SchoolView
from incidents.enums import CaseState
from incidents.forms.search import SearchForm
from incidents.queries.search import MOST_OPENED, MOST_PAGES, FoundCase, search_cases
from incidents.views.inbox import KINDS


class SearchView(SchoolView):
    """Records by reference, title, people, kind and dates, among those that somebody may read (security 5.2, 5.8).

    One that is hidden and none at all look alike; nothing leads on to a record by itself. That somebody had sealed text
    looked through is on record; what they typed is not.
    """

    permission = Permission.VIEW_CASES
    template_name = "incidents/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=SearchForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SearchForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        number = request.POST.get("page", "1")
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
        asked = form.asked()
        found = search_cases(self.actor, self.school, self.today, asked, page=min(max(page, 1), MOST_PAGES))
        if found.unnamed:
            form.add_error("person", "That fits too many pupils. Type more of the name")
        if found.too_many:
            form.add_error("sealed", f"These are more than {MOST_OPENED} records to open. Narrow it by dates or a name")
        if form.errors:
            return self.render(form=form, status=422)
        if asked.sealed:
            record(
                school=self.school, actor=self.actor, action="incidents.search_sealed", at=self.now, obj=self.school,
                outcome=Outcome.VIEWED, detail={"records": found.opened},
            )  # fmt: skip
        return self.render(
            form=form,
            kept=SearchForm(request.POST, auto_id=False),
            searched=True,
            rows=[self._row(one) for one in found.cases],
            page=found.page,
            later=found.page - 1,
            earlier=found.page + 1 if found.has_more else 0,
        )

    def _row(self, found: FoundCase) -> dict[str, Any]:
        case = found.case
        return {
            "case": case,
            "url": reverse("incidents:case", args=[self.school.slug, case.pk]),
            "title": case.title or case.get_type_display(),
            "people": found.people,
            "kind": KINDS.get(CaseState(case.state), "info"),
        }
