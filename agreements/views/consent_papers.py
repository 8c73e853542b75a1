"""Consent on paper and the list for whoever holds the camera (DOC-06, DOC-07)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from agreements.documents.consent_papers import NotToShow, consent_form, form_facts, not_to_show, not_to_show_pdf
from agreements.forms.consent import ConsentPaperForm, NotToShowForm
from agreements.operations import consent_giving
from agreements.queries.consent_lists import pupils_in, who_may_consent
from agreements.queries.consent_standing import standings_of
from agreements.views.consent import ImagesOfPupilView, ImagesView
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from core.rules.words import words_for


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF that no browser keeps; `name` holds nobody's name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class ConsentPaperView(ImagesOfPupilView):
    """The consent form or the withdrawal form of one pupil, to be filled in by hand (DOC-06); who has the consent form
    has been asked."""

    permission = Permission.MANAGE_CONSENTS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ConsentPaperForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose which form to print.")
            return HttpResponseRedirect(self.back())
        kind = form.cleaned_data["kind"]
        if kind == "consent":
            consent_giving.ask_for_consent(
                school=self.school, actor=self.actor, at=self.now, pupil=self.pupil,
                contacts=who_may_consent(self.pupil),
            )  # fmt: skip
        facts = form_facts(
            self.school, self.pupil, child=words_for(self.rules).child,
            parents_only=self.rules.image_consent_giver == "parent", at=self.now,
        )  # fmt: skip
        made = consent_form(facts, withdrawal=kind == "withdrawal", made_at=self.now)
        record(
            school=self.school, actor=self.actor, action="agreements.print_consent_form", at=self.now, obj=self.pupil,
            outcome=Outcome.EXPORTED, detail={"kind": kind, "checksum": made.checksum},
        )  # fmt: skip
        return pdf_response(made.content, f"{kind}-form-{self.pupil.pk}.pdf")


class DoNotPhotographView(SchoolFormView, ImagesView):
    """Who is not to be photographed, by form or for an event, on screen (CON-07)."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_not_to_show.html"
    form_class = NotToShowForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"groups": forms_of(self.school)}

    def listed(self, form: NotToShowForm) -> NotToShow:
        pupils = pupils_in(self.school, form.chosen, self.today)
        standings = standings_of(self.school, pupils, self.today)
        return not_to_show(
            self.school, [standings[pupil.pk] for pupil in pupils], form.chosen, event=form.cleaned_data["event"],
            by=self.actor, at=self.now,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, NotToShowForm)
        facts = self.listed(form)
        return self.render(
            form=form,
            facts=facts,
            chosen=form.cleaned_data["form_groups"],
            print_url=self.url("print-do-not-photograph"),
        )


class PrintNotToShowView(DoNotPhotographView):
    """The same list on A4."""

    permission = Permission.CHECK_IMAGES
    http_method_names = ["post", "options"]

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, NotToShowForm)
        made = not_to_show_pdf(self.listed(form), made_at=self.now)
        record(
            school=self.school, actor=self.actor, action="agreements.print_not_to_show", at=self.now,
            outcome=Outcome.EXPORTED, detail={"forms": form.cleaned_data["form_groups"], "checksum": made.checksum},
        )  # fmt: skip
        return pdf_response(made.content, "do-not-photograph.pdf")
