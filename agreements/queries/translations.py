"""Versions in other languages, point beside point, for those who write and check them (AGR-01, matrix 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from agreements.languages import Language, language_of
from agreements.models import Clause, TemplateVersion, Translation
from agreements.wording import HEADING, applies, headings_of
from core.people.models import School


@dataclass(frozen=True)
class Point:
    """A point in English and in the language. `stands` is whether it stands under the school's rules."""

    clause: Clause
    text: str
    plain: str
    of: str
    stands: bool

    @property
    def is_missing(self) -> bool:
        """Whether families would miss it."""
        return self.stands and not self.text

    @property
    def is_outdated(self) -> bool:
        """Whether the English says something else than when this was written."""
        return self.stands and bool(self.text) and self.of != self.clause.text


@dataclass(frozen=True)
class PointGroup:
    """The points of one party, under a heading in both languages."""

    key: str
    label: str
    heading: str
    points: list[Point]

    @property
    def standing(self) -> list[Point]:
        """Those that families are shown under the rules of the day."""
        return [one for one in self.points if one.stands]

    @property
    def others(self) -> list[Point]:
        """Those that would stand under other rules."""
        return [one for one in self.points if not one.stands]


@dataclass(frozen=True)
class InLanguage:
    """A version in one language, for the list: how far it is."""

    translation: Translation
    language: Language
    missing: int
    outdated: int

    @property
    def is_whole(self) -> bool:
        return bool(self.translation.title) and not self.missing and not self.outdated


def translations_of(school: School) -> QuerySet[Translation]:
    """Every version in another language of the school."""
    found: QuerySet[Translation] = Translation.objects.filter(school=school)
    return found.select_related("template_version__template", "checked_by")


def points_of(translation: Translation, rules: Any, clauses: Iterable[Clause] | None = None) -> list[PointGroup]:
    """Every point that is switched on, by party, in English and in the language."""
    rows = [one for one in (clauses or translation.template_version.clauses.all()) if one.is_on]
    groups = []
    for party in headings_of(rows):
        points = []
        for clause in rows:
            if clause.party == party:
                said = translation.texts.get(clause.key, {})
                points.append(
                    Point(
                        clause,
                        said.get("text", ""),
                        said.get("plain", ""),
                        said.get("of", ""),
                        applies(clause, rules),
                    )
                )
        key = f"{HEADING}{party}"
        groups.append(PointGroup(key, str(party.label), translation.texts.get(key, {}).get("text", ""), points))
    return groups


def languages_of(version: TemplateVersion, rules: Any) -> list[InLanguage]:
    """The languages that a version is written in besides English, in two statements however many there are."""
    clauses = list(version.clauses.all())
    found = []
    for one in version.translations.select_related("checked_by"):
        points = [point for group in points_of(one, rules, clauses) for point in group.points]
        missing, outdated = sum(point.is_missing for point in points), sum(point.is_outdated for point in points)
        found.append(InLanguage(one, language_of(one.language), missing, outdated))
    return sorted(found, key=lambda one: one.language.name)
