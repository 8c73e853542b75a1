"""Pages for those who decide about a record: for others who read it they do not exist."""

from __future__ import annotations

from django.urls import reverse

from core.people.models import User
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.views.base import CaseFormPage, CasePage


class LeadPage(CasePage, abstract=True):
    """A page about the record in the address for whoever leads on it (`incidents.leading`)."""

    def may_open(self, case: Incident) -> bool:
        return may_lead(self.actor, case)

    @property
    def actions_url(self) -> str:
        """Back to what is done about the record."""
        return self.url("case-actions", self.case.pk)


class LeadFormPage(LeadPage, CaseFormPage, abstract=True):
    """The same with one form that writes."""


def lead_links(case: Incident, user: User, *links: tuple[str, str]) -> list[dict[str, str]]:
    """The links of a panel, as (label, URL name), for whoever leads on the record."""
    if not may_lead(user, case):
        return []
    return [
        {"label": label, "url": reverse(f"incidents:{name}", args=[case.school.slug, case.pk])} for label, name in links
    ]
