"""Pages about what staff declare: one's own, and those one is consulted about; for everybody else they do not exist."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from agreements.enums import DeclarationState
from agreements.forms.conduct import (
    AdviseForm,
    BecauseForm,
    ConsultForm,
    DecideDeclarationForm,
    DeclareForm,
    PutOnRecordForm,
)
from agreements.models import RelationshipDeclaration
from agreements.operations import conduct
from agreements.queries.conduct import consultees_for, declarations_visible_to, missing_from
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from core.rules.queries import UNSPECIFIED

_S = DeclarationState


class DeclarationsView(Page):
    """One's own declarations, and those one is consulted about (STA-10)."""

    permission = Permission.DECLARE_RELATIONSHIP
    template_name = "agreements/conduct_declarations.html"
    title = "Declarations"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(declarations_visible_to(self.actor, self.school))
        return super().get_context_data(
            own=[row for row in rows if row.declarer_id == self.actor.pk],
            others=[row for row in rows if row.declarer_id != self.actor.pk],
            **kwargs,
        )


class DeclareView(FormPage):
    """Declare a tie."""

    permission = Permission.DECLARE_RELATIONSHIP
    form_class = DeclareForm
    title = "Declare a relationship or circumstance"
    intro = "Only you and those you consult can read this. It helps to declare early: it protects you and the {child}."

    def cancel_url(self) -> str:
        return self.link("agreements:declarations")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Declarations", "url": self.cancel_url()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = conduct.declare_relationship(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(
            "It is declared. Now choose whom to consult.", self.link("agreements:declaration", declaration=row.pk)
        )


class DeclarationPage(Page, abstract=True):
    """What the pages about one declaration share."""

    permission = Permission.DECLARE_RELATIONSHIP

    @property
    def row(self) -> RelationshipDeclaration:
        if not hasattr(self, "_row"):
            self._row: RelationshipDeclaration = get_or_404(
                declarations_visible_to(self.actor, self.school), pk=self.kwargs["declaration"]
            )
        return self._row

    @property
    def is_own(self) -> bool:
        return self.row.declarer_id == self.actor.pk

    def back(self) -> str:
        return self.link("agreements:declaration", declaration=self.row.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Declarations", "url": self.link("agreements:declarations")}]


class DeclarationView(DeclarationPage):
    """One declaration: what was declared, who advised what, what was decided. Opening it is on record."""

    template_name = "agreements/conduct_declaration.html"
    title = "Declaration"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("agreements.look_at_declaration", self.row)
        return self.render()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        consultations = list(row.consultations.select_related("person"))
        mine = next((one for one in consultations if one.person_id == self.actor.pk), None)
        missing = missing_from(row, consultations)
        acts = []
        if mine is not None and mine.advised_at is None and row.state == _S.CONSULTED:
            acts.append(("advise", "Give your advice"))
        if mine is not None and not missing and row.state == _S.CONSULTED:
            acts.append(("decide-declaration", "Decide"))
        if mine is not None and row.state in (_S.DECIDED, _S.REVIEW_DUE):
            acts.append(
                ("put-on-record", "Put on record" if row.state == _S.DECIDED else "Confirm it until the next review")
            )
        if row.state in (_S.DECLARED, _S.CONSULTED, _S.REVIEW_DUE):
            acts.append(("consult", "Consult somebody"))
        if row.state != _S.CLOSED and (mine is not None or row.state == _S.DECLARED):
            acts.append(("close-declaration", "Close it"))
        return super().get_context_data(
            row=row,
            is_own=self.is_own,
            consultations=consultations,
            missing=missing if row.state in (_S.DECLARED, _S.CONSULTED) else [],
            acts=[{"url": self.link(f"agreements:{name}", declaration=row.pk), "label": label} for name, label in acts],
            events=list(row.events.select_related("by")),
            **kwargs,
        )


class ActOnDeclarationPage(FormPage, DeclarationPage, abstract=True):
    """A form about one declaration."""

    said = ""

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": "Declaration", "url": self.back()}]

    def cancel_url(self) -> str:
        return self.back()

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.row  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def act(self, given: dict[str, Any]) -> None:
        """One operation call."""
        raise NotImplementedError

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(
            {"school": self.school, "actor": self.actor, "at": self.now, "declaration": self.row, **form.cleaned_data}
        )
        return self.done(self.said, self.back())


class ConsultView(ActOnDeclarationPage):
    """Choose whom to consult."""

    form_class = ConsultForm
    title = "Consult somebody"
    intro = "They can read the declaration from then on, and are told that advice is asked of them."
    said = "They are told, and can read it now."

    def get_form_kwargs(self) -> dict[str, Any]:
        known = {one.person_id for one in self.row.consultations.all()}
        offered = [one for one in consultees_for(self.row) if one.user.pk not in known]
        is_open = self.row.consult == UNSPECIFIED and self.rules.relationship_consulted == UNSPECIFIED
        return super().get_form_kwargs() | {"consultees": offered, "is_open": is_open}

    def act(self, given: dict[str, Any]) -> None:
        conduct.consult(**given)


class AdviseView(ActOnDeclarationPage):
    """Give one's advice."""

    form_class = AdviseForm
    title = "Give your advice"
    said = "Your advice is recorded."

    def act(self, given: dict[str, Any]) -> None:
        conduct.advise(**given)


class DecideDeclarationView(ActOnDeclarationPage):
    """Decide, once everybody whom the rule names has advised."""

    form_class = DecideDeclarationForm
    title = "Decide about the declaration"
    said = "The decision is recorded."

    def get_form_kwargs(self) -> dict[str, Any]:
        recorded = str(self.rules.relationship_recorded)
        return super().get_form_kwargs() | {"recorded": recorded, "is_open": recorded == UNSPECIFIED}

    def act(self, given: dict[str, Any]) -> None:
        conduct.decide_declaration(**given)


class PutOnRecordView(ActOnDeclarationPage):
    """Put it on record, or confirm it at its review."""

    form_class = PutOnRecordForm
    title = "Put it on record"
    said = "It is on record."

    def act(self, given: dict[str, Any]) -> None:
        conduct.put_on_record(**given)


class CloseDeclarationView(ActOnDeclarationPage):
    """Close it."""

    form_class = BecauseForm
    title = "Close the declaration"
    submit_label = "Close it"
    said = "The declaration is closed."

    def act(self, given: dict[str, Any]) -> None:
        conduct.close_declaration(**given)
