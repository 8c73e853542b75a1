"""The pages of the rules: to look by section, to compare, to change one, to take a preset, to withdraw a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.access import has
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.rules import operations, queries
from core.rules.catalogue import SETTINGS, SILENT_TITLES, SILENT_WORDS, Section, say_date
from core.rules.forms import ChangeRuleForm, ChoosePresetForm, WithdrawChangeForm
from core.rules.words import Words, sections_in, settings_in, words_for

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


class RulesView(SchoolView, abstract=True):
    """What every page of the rules knows: the school's words, and whether this person may change a rule."""

    permission = Permission.VIEW_RULES

    @property
    def words(self) -> Words:
        return words_for(self.rules)

    def url(self, name: str, *args: Any) -> str:
        """The address of another page of this school's rules."""
        return reverse(f"rules:{name}", args=[self.school.slug, *args])

    def crumbs(self, *trail: tuple[str, str]) -> list[dict[str, str]]:
        """Rules › …, the last being this page."""
        items = [{"label": "Rules", "url": self.url("overview")}]
        items += [{"label": label, "url": url} for label, url in trail]
        return items

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("words", self.words)
        kwargs.setdefault("may_edit", has(self.request.user, Permission.EDIT_RULES, self.school))
        return super().get_context_data(**kwargs)


def _in_groups(standings: Iterable[queries.Standing]) -> list[dict[str, Any]]:
    """Standings under their group's name, in the catalogue's order."""
    groups: dict[str, list[queries.Standing]] = {}
    for standing in standings:
        groups.setdefault(standing.setting.group, []).append(standing)
    return [{"name": name, "standings": found} for name, found in groups.items()]


class OverviewView(RulesView):
    """The rules by section, what is not settled, and what is about to change."""

    template_name = "rules/view_rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standings = queries.standings_for(self.school, self.today, words=self.words)
        sections = [_summed(section, standings) for section in sections_in(self.words)]
        return super().get_context_data(
            title="Rules",
            preset=queries.preset_on(self.school, self.today),
            has_rules=queries.has_rules(self.school),
            sections=sections,
            differing=sum(section["differing"] for section in sections),
            unsettled=sum(section["unsettled"] for section in sections),
            coming=queries.future_changes(self.school, self.today, words=self.words),
            total=len(standings),
            **kwargs,
        )


def _summed(section: Section, standings: Any) -> dict[str, Any]:
    found = [standings[key] for key in section.keys]
    differing = sum(standing.differs for standing in found)
    unsettled = sum(standing.is_unspecified for standing in found)
    coming = sum(standing.coming is not None for standing in found)
    return {
        "section": section,
        "standings": found,
        "differing": differing,
        "differing_words": f"{differing} {'differs' if differing == 1 else 'differ'} from the preset",
        "unsettled": unsettled,
        "unsettled_words": f"{unsettled} not settled",
        "coming": coming,
        "coming_words": f"{coming} about to change",
    }


class SectionView(RulesView):
    """One section: each rule with its value, what it means, and what happens where it is not settled."""

    template_name = "rules/view_section.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = sections_in(self.words)
        section = next((section for section in sections if section.slug == self.kwargs["section"]), None)
        if section is None:
            raise Http404
        standings = queries.standings_for(self.school, self.today, words=self.words)
        place = sections.index(section)
        return super().get_context_data(
            title=section.name,
            section=section,
            groups=_in_groups(standings[key] for key in section.keys),
            breadcrumbs=self.crumbs((section.name, "")),
            previous=sections[place - 1] if place else None,
            following=sections[place + 1] if place + 1 < len(sections) else None,
            **kwargs,
        )


class RuleMixin:
    """A page about one rule of the catalogue; an unknown key is not found."""

    kwargs: dict[str, Any]

    @property
    def key(self) -> str:
        key = str(self.kwargs["key"])
        if key not in SETTINGS:
            raise Http404
        return key


class RuleView(RuleMixin, RulesView):
    """One rule: its value, what each allowed value means, and everything that was ever decided about it."""

    template_name = "rules/view_rule.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing = queries.standings_for(self.school, self.today, words=self.words)[self.key]
        section = next(section for section in sections_in(self.words) if section.slug == standing.setting.section)
        return super().get_context_data(
            title=standing.setting.label,
            standing=standing,
            section=section,
            history=queries.history_for(self.school, self.key, today=self.today, words=self.words),
            breadcrumbs=self.crumbs((section.name, self.url("section", section.slug)), (standing.setting.label, "")),
            **kwargs,
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


class DifferencesView(RulesView):
    """The rules in which the school has moved away from its preset (ORG-15)."""

    template_name = "rules/view_differences.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standings = queries.standings_for(self.school, self.today, words=self.words)
        return super().get_context_data(
            title="What differs from the preset",
            preset=queries.preset_on(self.school, self.today),
            standings=[standing for standing in standings.values() if standing.differs],
            total=len(standings),
            breadcrumbs=self.crumbs(("What differs from the preset", "")),
            **kwargs,
        )


class UnsettledView(RulesView):
    """The rules that are not settled, and what happens until they are (matrix 0.3)."""

    template_name = "rules/view_unsettled.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standings = queries.standings_for(self.school, self.today, words=self.words)
        unsettled = [standing for standing in standings.values() if standing.is_unspecified]
        groups: list[dict[str, Any]] = [
            {"title": title, "text": SILENT_WORDS[silent], "standings": found}
            for silent, title in SILENT_TITLES.items()
            if (found := [standing for standing in unsettled if standing.setting.silent == silent])
        ]
        return super().get_context_data(
            title="Rules that are not settled",
            groups=groups,
            count=len(unsettled),
            total=len(standings),
            breadcrumbs=self.crumbs(("Not settled", "")),
            **kwargs,
        )


class HistoryView(RulesView):
    """Everything that was ever decided about the rules, newest first, one line for what was written together."""

    template_name = "rules/view_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        history = queries.history_for(self.school, today=self.today, words=self.words)
        batches: dict[Any, list[queries.Change]] = {}
        for change in history:
            batches.setdefault(change.row.batch, []).append(change)
        page = Paginator(list(batches.values()), 25).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            title="History of the rules",
            page=page,
            breadcrumbs=self.crumbs(("History", "")),
            **kwargs,
        )


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


class ComingView(RulesView):
    """What all staff are told: the rules that are about to change, or have just changed (NOT-22)."""

    permission = Permission.VIEW_INBOX
    template_name = "rules/view_coming.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title="Rules that change",
            coming=queries.future_changes(self.school, self.today, words=self.words),
            recent=queries.recent_changes(self.school, self.today, words=self.words),
            breadcrumbs=[{"label": "Rules that change", "url": ""}],
            **kwargs,
        )
