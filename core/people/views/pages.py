"""Shapes that several pages share: a page with one form, an edit that may clash, an act behind one button."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm, SubmissionForm
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people import hooks
from core.people.access import NotPermitted
from core.people.views.base import SchoolFormView, SchoolView


class Page(SchoolView, abstract=True):
    """A page with a title and its place in the school."""

    title: ClassVar[str] = ""

    def link(self, name: str, **keys: Any) -> str:
        """The address of a page of this school."""
        return reverse(name, kwargs={"school": self.school.slug, **keys})

    def get_title(self) -> str:
        return self.say(self.title)

    def say(self, sentence: str) -> str:
        """One of our own sentences in the school's words (ORG-07): "{child}", "{Children}", "{head}", "{governor}"."""
        words = hooks.words_on(self.school, self.today)
        said = {name: str(getattr(words, name)) for name in ("child", "children", "head", "governor")}
        return sentence.format(**said, **{name.capitalize(): word.capitalize() for name, word in said.items()})

    def crumbs(self) -> list[dict[str, str]]:
        """Where this page stands; the last is the page itself."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("heading", self.get_title())
        crumbs = self.crumbs()
        if crumbs:
            kwargs.setdefault("breadcrumbs", [*crumbs, {"label": kwargs["heading"]}])
        kwargs.setdefault("fresh_key", uuid.uuid4)
        return super().get_context_data(**kwargs)


class FormPage(Page, SchoolFormView, abstract=True):
    """A page that is one form: title, a sentence, the fields, a verb on the button, a way back."""

    template_name = "people/fill_form.html"
    intro: ClassVar[str] = ""
    submit_label: ClassVar[str] = ""
    danger: ClassVar[bool] = False

    def cancel_url(self) -> str:
        """Where "Cancel" leads, and where the page goes on to afterwards unless it says otherwise."""
        raise NotImplementedError

    def get_intro(self) -> str:
        return self.say(self.intro)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("intro", self.get_intro())
        kwargs.setdefault("submit_label", self.say(self.submit_label or self.get_form_class().submit_label))
        kwargs.setdefault("cancel_url", self.cancel_url())
        kwargs.setdefault("danger", self.danger)
        return super().get_context_data(**kwargs)


class EditPage(FormPage, abstract=True):
    """An edit of one record. Where somebody else saved it meanwhile, both texts are shown and nothing typed is lost."""

    def get_record(self) -> Model:
        """The record as it stands, read anew at each call."""
        raise NotImplementedError

    def values_of(self, record: Any) -> dict[str, Any]:
        """The record as the form shows it."""
        return {
            name: getattr(record, name)
            for name in self.get_form_class().base_fields
            if name not in {"submission", "version"} and hasattr(record, name)
        }

    def get_initial(self) -> dict[str, Any]:
        record: Any = self.get_record()
        return self.values_of(record) | {"version": record.version}

    def save(self, form: BaseForm) -> HttpResponseBase:
        """One operation call with the form's version."""
        raise NotImplementedError

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        try:
            return self.save(form)
        except ChangedMeanwhile as refusal:
            record: Any = self.get_record()
            clash = self._differences(form, self.values_of(record))
            again = self.request.POST.copy()
            again["version"] = str(record.version)
            form.data = again
            form.add_refusal(refusal)
            return self.render(form=form, clash=clash, status=422)

    @staticmethod
    def _differences(form: BaseForm, theirs: dict[str, Any]) -> list[dict[str, str]]:
        rows = []
        for name, saved in theirs.items():
            typed = form.cleaned_data.get(name)
            field = form.fields[name]
            if _said(field, saved) != _said(field, typed):
                rows.append({"label": str(field.label), "theirs": _said(field, saved), "yours": _said(field, typed)})
        return rows


def _said(field: forms.Field, value: Any) -> str:
    """A value in the words of its field."""
    if value is None or value == "" or value == []:
        return "Nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Model):
        return str(value)
    words = {
        str(key): str(label) for key, label in getattr(field, "choices", []) if not isinstance(label, list | tuple)
    }
    if isinstance(value, list | tuple):
        return ", ".join(words.get(str(item), str(item)) for item in value)
    return words.get(str(value), str(value))


class ActPage(Page, abstract=True):
    """An act behind a button on another page: POST alone, one operation, and back with a sentence."""

    http_method_names = ["post", "options"]

    def back(self) -> str:
        """Where the button was."""
        raise NotImplementedError

    def act(self, submission: uuid.UUID | None) -> str:
        """One operation call; returns the sentence that says what happened."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SubmissionForm(request.POST)
        submission = form.cleaned_data["submission"] if form.is_valid() else None
        try:
            said = self.act(submission)
        except NotPermitted:
            raise
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.back())
        return self.done(self.say(said), self.back())
