"""Pupils: the list, one pupil, adding, changing, leaving, placements, forms (ORG-12, ORG-24)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import NoReverseMatch

from core.kit.forms import BaseForm
from core.people import operations, queries
from core.people.access import may_link_contacts
from core.people.enums import year_label
from core.people.forms import (
    ClosePupilForm,
    EndPlacementForm,
    FormGroupForm,
    PlacementForm,
    PupilFilterForm,
    PupilForm,
    PupilSearchForm,
)
from core.people.models import Contact, FormGroup, Placement, Pupil
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage, Page

_PAGE = 50


class PupilsView(Page):
    """The roll. Form and year are filtered by keys in the address; a name is searched by POST and stands in none."""

    permission = Permission.VIEW_PUPILS
    template_name = "people/list_pupils.html"
    title = "{Children}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        groups = list(queries.forms_of(self.school))
        form = PupilFilterForm(request.GET or None, groups=groups)
        given = form.cleaned_data if form.is_bound and form.is_valid() else {}
        form_key, year, left = given.get("form"), given.get("year"), bool(given.get("left"))
        found = queries.pupil_list(self.school, today=self.today, form=form_key, year=year, left=left)
        page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
        kept = QueryDict(mutable=True)
        chosen = []
        if form_key is not None:
            kept["form"] = str(form_key)
            chosen.append({"label": next(group.name for group in groups if group.pk == form_key), "name": "form"})
        if year is not None:
            kept["year"] = str(year)
            chosen.append({"label": year_label(year), "name": "year"})
        if left:
            kept["left"] = "on"
            chosen.append({"label": "Left", "name": "left"})
        for item in chosen:
            others = kept.copy()
            del others[item.pop("name")]
            item["remove_url"] = f"{request.path}?{others.urlencode()}"
        return self._page(
            filter_form=form if form.is_bound else PupilFilterForm(groups=groups),
            page_obj=page,
            pupils=list(page),
            chosen=chosen,
            clear_url=request.path,
            query=f"{kept.urlencode()}&" if kept else "",
            left=left,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = PupilSearchForm(request.POST)
        if not form.is_valid():
            return self._page(search_form=form, form=form, pupils=[], searched=True, status=422)
        found = queries.find_pupils(self.school, form.cleaned_data["text"], limit=_PAGE)
        return self._page(
            search_form=form, pupils=found.pupils, near=found.near, more=found.more, searched=True,
            typed=form.cleaned_data["text"],
        )  # fmt: skip

    def _page(self, status: int = 200, **context: Any) -> HttpResponseBase:
        context.setdefault("search_form", PupilSearchForm())
        context.setdefault("filter_form", PupilFilterForm(groups=list(queries.forms_of(self.school))))
        return self.render(may_edit=self.may(Permission.EDIT_PUPILS), status=status, **context)


class _PupilPage(Page, abstract=True):
    permission = Permission.EDIT_PUPILS

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil = get_or_404(
                queries.all_pupils(self.school).select_related("form__tutor"), pk=self.kwargs["pupil"]
            )
        return self._pupil

    def pupil_url(self) -> str:
        return self.link("people:pupil", pupil=self.kwargs["pupil"])

    def cancel_url(self) -> str:
        return self.pupil_url()

    def back(self) -> str:
        return self.pupil_url()

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": self.say("{Children}"), "url": self.link("people:pupils")},
            {"label": self.pupil.display_name, "url": self.pupil_url()},
        ]


class PupilView(_PupilPage):
    """One pupil, as much of them as the reader's role needs (ORG-12, ORG-13)."""

    permission = Permission.VIEW_PUPILS
    template_name = "people/pupil.html"

    def get_title(self) -> str:
        return self.pupil.display_name

    def crumbs(self) -> list[dict[str, str]]:
        return super().crumbs()[:1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil = self.pupil
        detail, sees_contacts = self.may(Permission.VIEW_PUPIL_DETAIL), self.may(Permission.VIEW_CONTACTS)
        is_dsl, sees_agreements = self.may(Permission.SET_DO_NOT_INFORM), self.may(Permission.VIEW_AGREEMENTS)
        contacts = list(queries.contacts_of(pupil)) if sees_contacts else []
        if is_dsl and any(contact.do_not_inform or contact.court_order_note for contact in contacts):
            self.note_view("people.view_restricted_contact", pupil)
        may_link = sees_contacts and may_link_contacts(self.actor, self.school)
        kwargs |= {
            "may_link": may_link,
            "proposed": queries.accounts_proposed(self.school, contacts) if may_link else {},
            "pupil": pupil,
            "has_left": pupil.left_on is not None and pupil.left_on < self.today,
            "detail": detail,
            "sees_contacts": sees_contacts,
            "is_dsl": is_dsl,
            "contacts": contacts,
            "placements": list(queries.placements_of(pupil)) if detail else [],
            "may_edit": self.may(Permission.EDIT_PUPILS),
            "devices_url": self._optional_link("devices:pupil-panel") if detail else "",
            "agreements_url": self._optional_link("agreements:of-pupil") if sees_agreements else "",
            "undertaken_url": self._optional_link("agreements:undertaken") if detail else "",
            "images_url": self._optional_link("agreements:consent-panel") if self.may(Permission.CHECK_IMAGES) else "",
            "chronology_url": self._chronology_url(contacts),
        }
        return super().get_context_data(**kwargs)

    def _chronology_url(self, contacts: list[Contact]) -> str:
        """For whoever reads chronologies; nobody reads their own child's."""
        if not self.may(Permission.VIEW_CHRONOLOGY) or any(one.account_id == self.actor.pk for one in contacts):
            return ""
        return self._optional_link("incidents:chronology")

    def _optional_link(self, name: str) -> str:
        """The address of a page about this pupil in an app above this one, where there is such an app."""
        try:
            return self.link(name, pupil=self.pupil.pk)
        except NoReverseMatch:
            return ""


class MedicalNoteView(_PupilPage):
    """What the medical note says; each look is on record (ORG-09)."""

    template_name = "people/medical_note.html"
    title = "Medical note"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.pupil.medical_note:
            self.note_view("people.view_medical_note", self.pupil)
        return self.render(pupil=self.pupil)


class AddPupilView(FormPage):
    """Put a pupil on roll by hand."""

    permission = Permission.EDIT_PUPILS
    form_class = PupilForm
    title = "Add a {child}"
    submit_label = "Add the {child}"
    intro = "For one {child}. A whole roll comes in by import."

    def cancel_url(self) -> str:
        return self.link("people:pupils")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.say("{Children}"), "url": self.cancel_url()}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.school}

    def get_initial(self) -> dict[str, Any]:
        return {"joined_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        given.pop("version")
        pupil = operations.add_pupil(
            school=self.school, actor=self.actor, at=self.now, submission=given.pop("submission"), values=given
        )
        return self.done(self.say("The {child} is on roll."), self.link("people:pupil", pupil=pupil.pk))


class EditPupilView(_PupilPage, EditPage):
    """Change what is known. Opening it shows the medical note, so that is on record."""

    form_class = PupilForm
    title = "Change details"
    submit_label = "Save the details"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.pupil.medical_note:
            self.note_view("people.view_medical_note", self.pupil)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.school}

    def get_record(self) -> Model:
        return get_or_404(queries.all_pupils(self.school), pk=self.kwargs["pupil"])

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        operations.edit_pupil(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            version=given.pop("version"),
            submission=given.pop("submission"),
            values=given,
        )
        return self.done("The details are saved.", self.pupil_url())


class ClosePupilView(_PupilPage, FormPage):
    """A pupil leaves; the record stays."""

    form_class = ClosePupilForm
    title = "Close a leaver"
    danger = True
    intro = "The desk no longer finds them after this day. Everything on record stays, and they can be brought back."

    def get_initial(self) -> dict[str, Any]:
        return {"left_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.close_pupil(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            left_on=form.cleaned_data["left_on"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("The record is closed from that day.", self.pupil_url())


class BringBackPupilView(_PupilPage, ActPage):
    """A leaver comes back."""

    def act(self, submission: Any) -> str:
        operations.bring_back_pupil(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, submission=submission
        )
        return "The {child} is on roll again."


class AddPlacementView(_PupilPage, FormPage):
    """Time off site with a provider."""

    form_class = PlacementForm
    title = "Add a placement"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_placement(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data
        )
        return self.done("The placement is added.", self.pupil_url())


class EndPlacementView(_PupilPage, FormPage):
    """A placement ends."""

    form_class = EndPlacementForm
    title = "End a placement"

    def get_placement(self) -> Placement:
        return get_or_404(queries.placements_of(self.pupil), pk=self.kwargs["placement"])

    def get_intro(self) -> str:
        return self.get_placement().provider

    def get_initial(self) -> dict[str, Any]:
        return {"ends_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.end_placement(
            school=self.school, actor=self.actor, at=self.now, placement=self.get_placement(), **form.cleaned_data
        )
        return self.done("The placement has a last day.", self.pupil_url())


class FormsView(Page):
    """The forms or classes with tutor and number of pupils."""

    permission = Permission.VIEW_PUPILS
    template_name = "people/list_forms.html"
    title = "Forms"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.say("{Children}"), "url": self.link("people:pupils")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs["groups"] = list(queries.forms_with_counts(self.school, self.today))
        kwargs["may_edit"] = self.may(Permission.EDIT_PUPILS)
        return super().get_context_data(**kwargs)


class _FormGroupPage(Page, abstract=True):
    permission = Permission.EDIT_PUPILS

    def get_group(self) -> FormGroup:
        return get_or_404(queries.forms_of(self.school), pk=self.kwargs["form"])

    def cancel_url(self) -> str:
        return self.link("people:forms")

    def back(self) -> str:
        return self.link("people:forms")

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": self.say("{Children}"), "url": self.link("people:pupils")},
            {"label": "Forms", "url": self.link("people:forms")},
        ]


def _years(given: dict[str, Any]) -> dict[str, Any]:
    """A form of one year has it at both ends."""
    first, last = given["year_from"], given["year_to"]
    return {"name": given["name"], "year_from": first, "year_to": last if last is not None else first}


class AddFormView(_FormGroupPage, FormPage):
    """Add a form."""

    form_class = FormGroupForm
    title = "Add a form"
    submit_label = "Add the form"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_form(
            school=self.school,
            actor=self.actor,
            at=self.now,
            submission=form.cleaned_data["submission"],
            **_years(form.cleaned_data),
        )
        return self.done("The form is added.", self.cancel_url())


class EditFormView(_FormGroupPage, EditPage):
    """Rename a form or change its years. Its tutor is whoever holds that role for it."""

    form_class = FormGroupForm
    title = "Change a form"
    submit_label = "Save the form"
    intro = "Its tutor is whoever holds the role of form tutor for it; that is set on the person’s page."

    def get_record(self) -> Model:
        return self.get_group()

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.edit_form(
            school=self.school,
            actor=self.actor,
            at=self.now,
            form=self.get_group(),
            version=form.cleaned_data["version"],
            submission=form.cleaned_data["submission"],
            **_years(form.cleaned_data),
        )
        return self.done("The form is saved.", self.cancel_url())


class CloseFormView(_FormGroupPage, ActPage):
    """Close a form that nobody is in."""

    def act(self, submission: Any) -> str:
        operations.close_form(
            school=self.school, actor=self.actor, at=self.now, form=self.get_group(), submission=submission
        )
        return "The form is closed."
