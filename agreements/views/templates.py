"""Templates: the list, a version with its points, previews, comparing and publishing (AGR-01, AGR-04, AGR-09)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase

from agreements.forms.templates import ClauseForm, PreviewForm, PublishForm, StartTemplateForm, VersionForm
from agreements.languages import ENGLISH, language_of, readable_in
from agreements.models import AgreementTemplate, Clause, TemplateVersion
from agreements.operations import templates, templates_publishing
from agreements.queries import templates as queries
from agreements.queries.translations import languages_of
from agreements.wording import in_language
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage, Page
from policies.queries import reading_documents


class TemplatePage(Page, abstract=True):
    """What the pages about templates share."""

    permission = Permission.EDIT_TEMPLATES

    def crumbs(self) -> list[dict[str, str]]:
        found = [{"label": "Templates", "url": self.link("agreements:templates")}]
        if {"template_draft", "clause", "translation"} & set(self.kwargs):
            found.append({"label": self.template_version.title, "url": self.back()})
        return found

    @property
    def template_version(self) -> TemplateVersion:
        if not hasattr(self, "_template_version"):
            found = get_or_404(queries.versions_of(self.school), pk=self.version_key())
            self._template_version: TemplateVersion = found
        return self._template_version

    def version_key(self) -> int:
        """The key of the version that the page is about."""
        key: int = self.clause.template_version_id if "clause" in self.kwargs else self.kwargs["template_draft"]
        return key

    @property
    def clause(self) -> Clause:
        """The point of the address, read anew."""
        return get_or_404(queries.all_clauses_of(self.school), pk=self.kwargs["clause"])

    @property
    def template(self) -> AgreementTemplate:
        return get_or_404(queries.templates_of(self.school), pk=self.kwargs["template"])

    def back(self) -> str:
        return self.link("agreements:template-version", template_draft=self.template_version.pk)

    def cancel_url(self) -> str:
        return self.back()

    def doing(self) -> dict[str, Any]:
        return {"school": self.school, "actor": self.actor, "at": self.now}


class TemplatesView(TemplatePage):
    """Every template, and the ready texts that wait to be read."""

    template_name = "agreements/templates_list.html"
    title = "Templates of agreements"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            listed=queries.listed_templates(self.school, self.today),
            ready=queries.kinds_not_begun(self.school),
            **kwargs,
        )


class StartTemplateView(TemplatePage, FormPage):
    """Begin one."""

    form_class = StartTemplateForm
    title = "Start a template"
    intro = "It is a draft until you publish it. The points of a ready text follow your school’s rules."

    def cancel_url(self) -> str:
        return self.link("agreements:templates")

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        made = templates.start_template(
            **self.doing(), kind=given["kind"], title=given["title"], from_ready=given["beginning"] == "ready",
            submission=given["submission"],
        )  # fmt: skip
        url = self.link("agreements:template-version", template_draft=made.pk)
        return self.done("The draft is ready to be read.", url)


class TemplateVersionView(TemplatePage):
    """One version: its points, and what can be done with it."""

    template_name = "agreements/templates_version.html"

    def get_title(self) -> str:
        return f"{self.template_version.title}, version {self.template_version.number}"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Templates", "url": self.link("agreements:templates")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.template_version
        return super().get_context_data(
            version=version,
            template=version.template,
            groups=queries.groups_of(version, self.rules),
            readings=list(version.readings.select_related("document")),
            languages=languages_of(version, self.rules),
            others=list(queries.versions_of(self.school).filter(template=version.template_id).exclude(pk=version.pk)),
            **kwargs,
        )


class EditVersionView(TemplatePage, EditPage):
    """Title, opening, sites and readings of a draft."""

    form_class = VersionForm
    title = "Change the opening and the sites"

    def get_record(self) -> Model:
        return get_or_404(queries.versions_of(self.school), pk=self.template_version.pk)

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.template_version  # a key from elsewhere is refused before the form is made
        return super().get_form_kwargs() | {"offered": reading_documents(self.school)}

    def values_of(self, record: Any) -> dict[str, Any]:
        values = super().values_of(record)
        ticked = [str(key) for key in record.readings.values_list("document_id", flat=True)]
        offered = reading_documents(self.school).exists()
        return values | ({"documents": ticked} if offered else {})

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, VersionForm)
        templates.edit_version(
            **self.doing(), template_version=self.template_version, version=form.cleaned_data["version"],
            values=form.cleaned_data, documents=form.ticked(), submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The draft is saved.", self.back())


class ClausePage(TemplatePage, FormPage, abstract=True):
    """A point to fill in. Choosing a rule shows its answers first, and saves nothing."""

    form_class = ClauseForm
    template_name = "agreements/template_clause.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("step") == "answers":
            return self.render(form=ClauseForm(initial=ClauseForm.so_far(request.POST)))
        return super().post(request, *args, **kwargs)


class AddClauseView(ClausePage):
    """Add a point."""

    title = "Add a point"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ClauseForm)
        templates.add_clause(
            **self.doing(), template_version=self.template_version, values=form.values(),
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The point is added.", self.back())


class EditClauseView(ClausePage, EditPage):
    """Reword a point, switch it on or off, bind it to a rule."""

    title = "Change a point"

    def get_record(self) -> Model:
        return self.clause

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"answers": [f"{record.rule}:{one}" for one in record.answers]}

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ClauseForm)
        templates.edit_clause(
            **self.doing(), clause=self.clause, version=form.cleaned_data["version"], values=form.values(),
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The point is saved.", self.back())


class MoveClauseView(TemplatePage, ActPage):
    """Move a point up or down in its group."""

    def act(self, submission: UUID | None) -> str:
        up = self.request.POST.get("way") != "down"
        templates.move_clause(**self.doing(), clause=self.clause, up=up, submission=submission)
        return "The point is moved."


class StartVersionView(TemplatePage, ActPage):
    """Begin a new version of a template."""

    def back(self) -> str:
        return self.link("agreements:templates")

    def crumbs(self) -> list[dict[str, str]]:
        return []

    def act(self, submission: UUID | None) -> str:
        templates.start_version(**self.doing(), template=self.template, submission=submission)
        return "A new draft is begun. Open it to change it."


class RetireTemplateView(TemplatePage, ActPage):
    """Use a template no more."""

    def back(self) -> str:
        return self.link("agreements:templates")

    def act(self, submission: UUID | None) -> str:
        templates.retire_template(**self.doing(), template=self.template, submission=submission)
        return "Nothing is issued from it any more. What was signed stands."


class PublishTemplateView(TemplatePage, EditPage):
    """Publish a draft from a day on."""

    form_class = PublishForm
    title = "Publish a version"
    intro = "Afterwards neither it nor its points change. Agreements that were signed stay readable."

    def get_record(self) -> Model:
        return get_or_404(queries.versions_of(self.school), pk=self.template_version.pk)

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"starts_on": record.starts_on or self.today}

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        templates_publishing.publish_template(
            **self.doing(), template_version=self.template_version, version=given["version"],
            starts_on=given["starts_on"], change_note=given["change_note"], renews=given["renews"],
            submission=given["submission"],
        )  # fmt: skip
        return self.done("It is published.", self.back())


class PreviewTemplateView(TemplatePage):
    """The wording as it would be issued, in each reading and language, under the rules of a day; those in other
    languages also before they are checked."""

    template_name = "agreements/templates_preview.html"
    title = "Preview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PreviewForm(self.request.GET)
        given = form.cleaned_data if form.is_valid() else {}
        on, look = given.get("on") or self.today, given.get("look") or "full"
        wording = queries.preview_of(self.template_version, self.school, on=on)
        shown = in_language(wording, given.get("language") or ENGLISH)
        return super().get_context_data(
            wording=wording | shown,
            language=language_of(shown["language"]),
            languages=readable_in(wording["translations"]),
            on=on,
            look=look,
            looks=[(key, self.say(label)) for key, label in PreviewForm.LOOKS],
            back=self.back(),
            **kwargs,
        )


class CompareTemplateView(TemplatePage):
    """What changed since the version before."""

    template_name = "agreements/templates_compare.html"
    title = "What changed since the version before"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.template_version
        older = queries.versions_of(self.school).filter(template=version.template_id, number__lt=version.number)
        before = older.order_by("-number").first()
        return super().get_context_data(
            version=version,
            before=before,
            changes=queries.changes_between(before, version) if before is not None else [],
            **kwargs,
        )
