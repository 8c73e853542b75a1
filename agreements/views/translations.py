"""Versions in other languages: begun, written beside the English, read, checked, taken away (AGR-01, matrix 5.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpResponseBase

from agreements.forms.translations import AddTranslationForm, CheckTranslationForm, TranslationForm
from agreements.languages import language_of
from agreements.models import Translation
from agreements.operations import translations
from agreements.queries import templates as template_queries
from agreements.queries import translations as queries
from agreements.views.templates import TemplatePage
from agreements.wording import SAYING, SAYINGS, in_language
from core.kit.forms import BaseForm
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage


class AddTranslationView(TemplatePage, FormPage):
    """Begin a version in another language."""

    form_class = AddTranslationForm
    title = "Add a language"
    intro = "Families are offered it once somebody who reads the language has checked it."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        made = translations.add_translation(
            **self.doing(), template_version=self.template_version, language=form.cleaned_data["language"],
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done(
            "The language is there. Write each point beside the English.",
            self.link("agreements:edit-translation", translation=made.pk),
        )


class TranslationPage(TemplatePage, abstract=True):
    """What the pages about one language share."""

    @property
    def translation(self) -> Translation:
        """The translation of the address, read anew."""
        return get_or_404(queries.translations_of(self.school), pk=self.kwargs["translation"])

    def version_key(self) -> int:
        return self.translation.template_version_id

    def get_record(self) -> Model:
        return self.translation

    def get_title(self) -> str:
        return self.title.format(language=language_of(self.translation.language).name)

    def read(self) -> str:
        """The address where it is read beside the English."""
        return self.link("agreements:translation", translation=self.kwargs["translation"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.translation
        shown = next(
            one for one in queries.languages_of(self.template_version, self.rules) if one.translation.pk == row.pk
        )
        return super().get_context_data(shown=shown, language=shown.language, version=self.template_version, **kwargs)


class TranslationView(TranslationPage):
    """One language beside the English, with whoever checked it; or as a parent reads it."""

    template_name = "agreements/translation.html"
    title = "In {language}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.translation
        wording = template_queries.preview_of(self.template_version, self.school, on=self.today)
        return super().get_context_data(
            groups=queries.points_of(row, self.rules),
            wording=in_language(wording, row.language),
            back=self.back(),
            **kwargs,
        )


class EditTranslationView(TranslationPage, EditPage):
    """Write the points in the language; what is left empty stays to be done."""

    form_class = TranslationForm
    template_name = "agreements/translation_edit.html"
    title = "Write it in {language}"

    def cancel_url(self) -> str:
        return self.read()

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.translation
        return super().get_form_kwargs() | {
            "language": language_of(row.language),
            "groups": queries.points_of(row, self.rules),
        }

    def values_of(self, record: Any) -> dict[str, Any]:
        said = {"title": record.title, "intro": record.intro}
        for group in queries.points_of(record, self.rules):
            said[f"text_{group.key}"] = group.heading
            for point in group.points:
                said[f"text_{point.clause.key}"] = point.text
                if point.clause.plain_text:
                    said[f"plain_{point.clause.key}"] = point.plain
        for key in SAYINGS:
            said[f"text_{SAYING}{key}"] = record.texts.get(f"{SAYING}{key}", {}).get("text", "")
        return said

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, TranslationForm)
        given = form.cleaned_data
        translations.write_translation(
            **self.doing(), translation=self.translation, version=given["version"], title=given["title"],
            intro=given["intro"], texts=form.texts(), submission=given["submission"],
        )  # fmt: skip
        return self.done("What is written is saved.", self.read())


class CheckTranslationView(TranslationPage, EditPage):
    """Whoever reads the language confirms that it says the same."""

    form_class = CheckTranslationForm
    title = "Check the text in {language}"
    intro = (
        "Read it beside the English first. From then on families can choose this language in whatever is issued, "
        "and what they read is kept with their signature."
    )

    def cancel_url(self) -> str:
        return self.read()

    def values_of(self, record: Any) -> dict[str, Any]:
        return {}

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        translations.check_translation(
            **self.doing(), translation=self.translation, version=given["version"], compared=given["compared"],
            submission=given["submission"],
        )  # fmt: skip
        return self.done("It is checked. What is issued from now on can be read in it.", self.read())


class RemoveTranslationView(TranslationPage, ActPage):
    """Take a language away again."""

    def act(self, submission: UUID | None) -> str:
        assert self.back()  # found while the row is still there to lead to it
        translations.remove_translation(**self.doing(), translation=self.translation, submission=submission)
        return "The language is taken away."
