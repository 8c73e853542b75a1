"""Declarations of staff: who has signed and who has not, asking them, and the list for a spreadsheet (SOC-21)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from agreements.enums import AgreementKind
from agreements.forms.declared import AskToDeclareForm
from agreements.operations import declaring
from agreements.queries.declared import HEADER, declaration_to_issue, declared_of
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.pages import FormPage, Page


class DeclaredPage(Page, abstract=True):
    """What the pages of one kind of declaration share."""

    permission = Permission.MANAGE_AGREEMENTS
    kind: ClassVar[AgreementKind]
    name: ClassVar[str]

    def rows(self) -> Any:
        return declared_of(self.school, self.kind, self.today)


class DeclaredView(DeclaredPage, FormPage, abstract=True):
    """Who has declared and who has not, with the button that asks those who have not."""

    template_name = "agreements/declared.html"
    form_class = AskToDeclareForm
    nobody: ClassVar[str]

    def cancel_url(self) -> str:
        return ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"asks_why": declaring.asks_why(self.school, self.kind, self.now)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.rows()
        return super().get_context_data(
            rows=rows,
            declared=sum(one.has_declared for one in rows),
            to_ask=sum(one.is_to_ask for one in rows),
            version=declaration_to_issue(self.school, self.kind, self.today),
            with_accounts=self.kind == AgreementKind.ACCOUNT_MANAGER,
            nobody=self.nobody,
            may_write=self.may(Permission.EDIT_TEMPLATES),
            may_name=self.may(Permission.MANAGE_CONSENTS),
            list_url=self.link(f"{self.name}-list"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        declaring.ask_to_declare(school=self.school, actor=self.actor, at=self.now, kind=self.kind, **form.cleaned_data)
        return self.done("They are asked to declare, and told in their inbox.", self.link(self.name))


class DeclaredListView(DeclaredPage, abstract=True):
    """The same as a list for a spreadsheet."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        record(
            school=self.school, actor=self.actor, action="agreements.export_declared", at=self.now,
            outcome=Outcome.EXPORTED, detail={"kind": str(self.kind)},
        )  # fmt: skip
        return safe_csv_response(f"{self.kind}-declared.csv", HEADER, [one.cells() for one in self.rows()])


class AccountManagersView(DeclaredView):
    """Those who manage the school's accounts."""

    kind, name = AgreementKind.ACCOUNT_MANAGER, "agreements:account-managers"
    title = "Account managers"
    intro = "Whoever manages an account of the school declares how they do it, and signs with their own account."
    nobody = "Nobody is named who manages an account of the school."


class AccountManagersListView(DeclaredListView):
    """Those who manage the school's accounts, for a spreadsheet."""

    kind, name = AgreementKind.ACCOUNT_MANAGER, "agreements:account-managers"


class StaffDeclaredView(DeclaredView):
    """All staff."""

    kind, name = AgreementKind.STAFF, "agreements:staff-declared"
    title = "Staff declarations"
    intro = "What staff declare about their own conduct with technology, each with their own account."
    nobody = "Nobody works here yet."


class StaffDeclaredListView(DeclaredListView):
    """All staff, for a spreadsheet."""

    kind, name = AgreementKind.STAFF, "agreements:staff-declared"
