"""Looking at the rules: by section, one by one, what differs, what is not settled, what was decided and what comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404

from core.people.roles import Permission
from core.rules import queries
from core.rules.catalogue import SILENT_TITLES, SILENT_WORDS, Section
from core.rules.views.base import RuleMixin, RulesView
from core.rules.words import sections_in


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
