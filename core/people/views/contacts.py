"""Contacts of a pupil, and the DSL's bar on one (ORG-13)."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm, SubmissionForm
from core.people import operations, queries
from core.people.access import may_link_contacts
from core.people.forms import BarContactForm, ContactForm, LiftBarForm, LinkContactForm
from core.people.models import Contact
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import EditPage, FormPage
from core.people.views.pupils import _PupilPage


class AddContactView(_PupilPage, FormPage):
    """Add somebody to reach."""

    form_class = ContactForm
    title = "Add a contact"
    submit_label = "Add the contact"

    def get_initial(self) -> dict[str, Any]:
        return {"priority": queries.contacts_of(self.pupil).count() + 1, "may_collect": True}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        given.pop("version")
        operations.add_contact(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            submission=given.pop("submission"),
            values=given,
        )
        return self.done("The contact is added.", self.pupil_url())


class _ContactPage(_PupilPage, abstract=True):
    def get_contact(self) -> Contact:
        return get_or_404(queries.contacts_of(self.pupil), pk=self.kwargs["contact"])


class EditContactView(_ContactPage, EditPage):
    """Change a contact."""

    form_class = ContactForm
    title = "Change a contact"
    submit_label = "Save the contact"

    def get_record(self) -> Model:
        return self.get_contact()

    def values_of(self, record: Any) -> dict[str, Any]:
        known = {True: "yes", False: "no", None: ""}
        return super().values_of(record) | {"has_parental_responsibility": known[record.has_parental_responsibility]}

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        operations.edit_contact(
            school=self.school,
            actor=self.actor,
            at=self.now,
            contact=self.get_contact(),
            version=given.pop("version"),
            submission=given.pop("submission"),
            values=given,
        )
        return self.done("The contact is saved.", self.pupil_url())


class EndContactView(_ContactPage, FormPage):
    """Take a contact out of use."""

    form_class = SubmissionForm
    title = "Take out a contact"
    submit_label = "Take out this contact"
    danger = True

    def get_intro(self) -> str:
        contact = self.get_contact()
        return f"{contact.display_name} is no longer offered to anybody. What refers to them stays on record."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.end_contact(
            school=self.school,
            actor=self.actor,
            at=self.now,
            contact=self.get_contact(),
            submission=form.cleaned_data["submission"],
        )
        return self.done("The contact is taken out.", self.pupil_url())


class LinkContactView(_ContactPage, EditPage):
    """Whether a contact also works at the school; for the DSL and whoever looks after accounts."""

    form_class = LinkContactForm
    title = "Does this contact work here?"
    intro = "Records about their own {child} are then not for them, whatever their role."

    def get_contact(self) -> Contact:
        if not may_link_contacts(self.actor, self.school):
            raise Http404
        return super().get_contact()

    def get_record(self) -> Model:
        return self.get_contact()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": queries.staff_of(self.school)}

    def values_of(self, record: Any) -> dict[str, Any]:
        """As it stands; where nothing does, the account with the same email is proposed."""
        proposed = queries.accounts_proposed(self.school, [record]).get(record.pk)
        return {"account": str(record.account_id or (proposed.pk if proposed else ""))}

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LinkContactForm)
        operations.link_contact(
            school=self.school,
            actor=self.actor,
            at=self.now,
            contact=self.get_contact(),
            version=form.cleaned_data["version"],
            account=form.chosen(),
            submission=form.cleaned_data["submission"],
        )
        return self.done("It is saved.", self.pupil_url())


class _BarPage(_ContactPage, EditPage, abstract=True):
    permission = Permission.SET_DO_NOT_INFORM

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("people.view_restricted_contact", self.get_contact())
        return super().get(request, *args, **kwargs)

    def get_record(self) -> Model:
        return self.get_contact()


class BarContactView(_BarPage):
    """Do not inform, may not collect: the DSL and deputies alone."""

    form_class = BarContactForm
    title = "Do not inform"
    submit_label = "Do not inform this person"
    danger = True

    def get_intro(self) -> str:
        contact = self.get_contact()
        return (
            f"{contact.display_name} will get no letter, email or call from the school about this "
            + self.say("{child}")
            + " and may not collect. Others see only that they may not collect and that the DSL is to be asked."
        )

    def values_of(self, record: Any) -> dict[str, Any]:
        return {"reason": record.do_not_inform_reason, "court_order_note": record.court_order_note}

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.set_do_not_inform(
            school=self.school, actor=self.actor, at=self.now, contact=self.get_contact(), **form.cleaned_data
        )
        return self.done("The contact is barred.", self.pupil_url())


class LiftBarView(_BarPage):
    """The bar is lifted, with the reason."""

    form_class = LiftBarForm
    title = "Lift the bar"
    submit_label = "Let this person be informed again"

    def get_intro(self) -> str:
        return self.get_contact().display_name

    def values_of(self, record: Any) -> dict[str, Any]:
        return {"reason": "", "may_collect": False}

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.lift_do_not_inform(
            school=self.school, actor=self.actor, at=self.now, contact=self.get_contact(), **form.cleaned_data
        )
        return self.done("The bar is lifted.", self.pupil_url())
