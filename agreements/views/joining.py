"""The page of families who joined: what they were given, and who has read it (AGR-22, COM-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator

from agreements.forms.joining import SinceForm
from agreements.queries.issued import PAGE
from agreements.queries.joining import joined_since, joiners, pack_versions, packs_of
from agreements.views.issued import tag_of
from core.people.roles import Permission
from core.people.views.pages import Page


class JoiningView(Page):
    """The joining pack's read-by list: agreements given to each new family, and who of it has read which document."""

    permission = Permission.MANAGE_AGREEMENTS
    template_name = "agreements/joining.html"
    title = "Joining pack"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Agreements", "url": self.link("agreements:overview")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        usual = joined_since(self.school, self.today)
        form = SinceForm(self.request.GET or {"since": usual.isoformat()})
        since: date = form.cleaned_data["since"] if form.is_valid() else usual
        versions = pack_versions(self.school, self.today)
        page = Paginator(joiners(self.school, self.today, since), PAGE).get_page(self.request.GET.get("page"))
        rows = packs_of(self.school, list(page.object_list), versions)
        return super().get_context_data(
            form=form,
            since=since,
            versions=versions,
            rows=[{"joiner": row, "tags": [(one, tag_of(one)) for one in row.agreements]} for row in rows],
            page_obj=page,
            query=f"since={since.isoformat()}&",
            issue_url=f"{self.link('agreements:issue-many')}?scope=joiners&since={since.isoformat()}",
            **kwargs,
        )
