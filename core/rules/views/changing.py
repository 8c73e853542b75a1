"""Changing the rules: one rule, a whole preset, and withdrawing a change; each says first what will follow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules import operations, queries
from core.rules.catalogue import say_date
from core.rules.forms import ChangeRuleForm, ChoosePresetForm, WithdrawChangeForm
from core.rules.views.base import RuleMixin, RulesView
from core.rules.words import sections_in, settings_in

# The rules in which the presets differ most, shown side by side before the whole table.
HEADLINES = (
    "pupil_bring_rule",
    "handin_required",
    "handin_point",
    "handin_switched_off",
    "storage_kind",
    "ordinary_return",
    "base_use_on_site",
    "break_use",
    "exception_authorisers",
    "agreement_signatories",
    "release_rule",
    "search_basis",
    "parents_informed",
    "staff_lesson_use_by",
    "visitor_default",
)


class CheckedFormView(SchoolFormView, RulesView, abstract=True):
    """A form with a page in between that says what will change. Only the confirmed post writes."""

    permission = Permission.EDIT_RULES
    check_template = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "confirm" in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        if "edit" in request.POST:
            return self.render(form=form)
        checked = self.check(form)
        if form.errors:
            return self.form_invalid(form)
        kept = [(name, value) for name in form.fields for value in request.POST.getlist(name) if name != "submission"]
        kept.append(("submission", str(form.cleaned_data["submission"])))
        return self.render(template=self.check_template, form=form, kept=kept, **checked)

    def check(self, form: BaseForm) -> dict[str, Any]:
        """What the page in between shows; it may add errors to the form."""
        raise NotImplementedError


class ChangeRuleView(RuleMixin, CheckedFormView):
    """Change one rule, from today or a later day."""

    form_class = ChangeRuleForm
    template_name = "rules/change_rule.html"
    check_template = "rules/check_change_rule.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "initial": {"effective_from": self.today},
            "setting": settings_in(self.words)[self.key],
            "current": getattr(self.rules, self.key),
            "earliest": self.today,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing = queries.standings_for(self.school, self.today, words=self.words)[self.key]
        section = next(section for section in sections_in(self.words) if section.slug == standing.setting.section)
        return super().get_context_data(
            title=f"Change: {standing.setting.label}",
            standing=standing,
            section=section,
            history=queries.history_for(self.school, self.key, today=self.today, words=self.words),
            breadcrumbs=self.crumbs(
                (section.name, self.url("section", section.slug)), (standing.setting.label, self.url("rule", self.key))
            ),
            **kwargs,
        )

    def check(self, form: BaseForm) -> dict[str, Any]:
        data = form.cleaned_data
        setting = settings_in(self.words)[self.key]
        before = getattr(queries.for_school(self.school, on=data["effective_from"]), self.key)
        if before == data["value"]:
            said = setting.words_for(before)
            form.add_error(None, f"On {say_date(data['effective_from'])} this rule already says “{said}”")
        return {
            "difference": queries.Difference(setting, before, data["value"]),
            "days_left": (data["effective_from"] - self.today).days,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        data = form.cleaned_data
        operations.change_rule(
            school=self.school,
            actor=self.actor,
            at=self.now,
            key=self.key,
            value=data["value"],
            effective_from=data["effective_from"],
            reason=data["reason"],
            submission=data["submission"],
        )
        when = "now" if data["effective_from"] <= self.today else f"from {say_date(data['effective_from'])}"
        return self.done(f"The rule is changed, {when}.", self.url("rule", self.key))


class ChoosePresetView(CheckedFormView):
    """The five presets side by side; one is taken from a day on."""

    form_class = ChoosePresetForm
    template_name = "rules/choose_preset.html"
    check_template = "rules/check_choose_preset.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "initial": {"effective_from": self.today},
            "earliest": self.today if queries.has_rules(self.school) else None,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        presets = list(queries.all_presets().values())
        spoken = settings_in(self.words)
        compared = [
            {
                "section": section,
                "rows": [_compared(spoken[key], presets) for key in section.keys],
            }
            for section in sections_in(self.words)
        ]
        return super().get_context_data(
            title="Choose a preset",
            presets=presets,
            current=queries.preset_on(self.school, self.today),
            headlines=[_compared(spoken[key], presets) for key in HEADLINES],
            compared=compared,
            breadcrumbs=self.crumbs(("Choose a preset", "")),
            **kwargs,
        )

    def check(self, form: BaseForm) -> dict[str, Any]:
        data = form.cleaned_data
        preset = queries.all_presets()[data["preset"]]
        before = queries.for_school(self.school, on=data["effective_from"])
        return {
            "chosen": preset,
            "differences": queries.differences_between(before, preset, words=self.words),
            "days_left": (data["effective_from"] - self.today).days,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        data = form.cleaned_data
        operations.adopt_preset(
            school=self.school,
            actor=self.actor,
            at=self.now,
            preset=data["preset"],
            effective_from=data["effective_from"],
            reason=data["reason"],
            submission=data["submission"],
        )
        when = f"from {say_date(data['effective_from'])}"
        return self.done(f"The preset’s rules are taken, {when}.", self.url("overview"))


def _compared(setting: Any, presets: list[Any]) -> dict[str, Any]:
    return {
        "setting": setting,
        "cells": [
            {
                "preset": preset,
                "words": setting.words_for(preset.value(setting.key)),
                "value": preset.values[setting.key],
                "is_unspecified": preset.value(setting.key) == queries.UNSPECIFIED,
            }
            for preset in presets
        ],
    }


class WithdrawChangeView(SchoolFormView, RulesView):
    """Take back a change that is not in force yet."""

    permission = Permission.EDIT_RULES
    form_class = WithdrawChangeForm
    template_name = "rules/withdraw_change.html"

    @property
    def change(self) -> Any:
        if not hasattr(self, "_change"):
            self._change = get_or_404(queries.changes_of(self.school), pk=self.kwargs["change"])
        return self._change

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = self.change.batch
        coming = queries.future_changes(self.school, self.today, words=self.words)
        return super().get_context_data(
            title="Withdraw a change",
            change=self.change,
            announcement=next((found for found in coming if found.batch == batch), None),
            breadcrumbs=self.crumbs(("Withdraw a change", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.withdraw_change(
            school=self.school,
            actor=self.actor,
            at=self.now,
            change=self.change,
            reason=form.cleaned_data["reason"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("The change is withdrawn. The rules stay as they are.", self.url("overview"))
