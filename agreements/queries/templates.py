"""Templates, their versions and clauses, for the pages of those who write them (AGR-01, AGR-04, AGR-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from agreements.enums import AgreementKind, AgreementState, Party
from agreements.models import AgreementTemplate, Clause, TemplateVersion
from agreements.wording import applies, wording_of
from core.people.models import School
from core.rules.queries import for_school
from core.rules.words import words_for

_SIGNED = (AgreementState.COMPLETE, AgreementState.IN_FORCE, AgreementState.TO_RENEW)


@dataclass(frozen=True)
class Listed:
    """A template in the list: the version in force, the one being written, how many have signed and are to renew."""

    template: AgreementTemplate
    in_force: TemplateVersion | None
    coming: TemplateVersion | None
    draft: TemplateVersion | None
    newest: TemplateVersion
    signed: int
    to_renew: int


def templates_of(school: School) -> QuerySet[AgreementTemplate]:
    """Every template of the school."""
    return AgreementTemplate.objects.filter(school=school)


def versions_of(school: School) -> QuerySet[TemplateVersion]:
    """Every version of every template."""
    return TemplateVersion.objects.filter(school=school).select_related("template", "published_by")


def clauses_of(version: TemplateVersion) -> QuerySet[Clause]:
    """The points of a version, in their order."""
    return Clause.objects.filter(template_version=version).select_related("template_version__template")


def listed_templates(school: School, on: date) -> list[Listed]:
    """The templates for the list, in three statements however many there are."""
    counted = templates_of(school).annotate(
        signed=Count("agreements", filter=Q(agreements__state__in=_SIGNED)),
        renewing=Count("agreements", filter=Q(agreements__state=AgreementState.TO_RENEW)),
    )
    found = []
    for template in counted.prefetch_related(Prefetch("versions", TemplateVersion.objects.order_by("-number"))):
        versions = list(template.versions.all())
        published = [one for one in versions if one.is_published and one.starts_on is not None]
        found.append(
            Listed(
                template,
                next((one for one in published if one.starts_on and one.starts_on <= on), None),
                next((one for one in published if one.starts_on and one.starts_on > on), None),
                next((one for one in versions if not one.is_published), None),
                versions[0],
                template.signed,
                template.renewing,
            )
        )
    return found


def kinds_not_begun(school: School) -> list[AgreementKind]:
    """The kinds of which the school has no template yet: their ready texts are offered."""
    known = set(templates_of(school).values_list("kind", flat=True))
    return [kind for kind in AgreementKind if kind not in known]


def groups_of(version: TemplateVersion, rules: Any) -> list[dict[str, Any]]:
    """The points by party, each with whether it stands under `rules`."""
    rows = list(clauses_of(version))
    return [
        {
            "label": party.label,
            "rows": [{"clause": one, "applies": applies(one, rules)} for one in rows if one.party == party],
        }
        for party in Party
        if any(one.party == party for one in rows)
    ]


def preview_of(version: TemplateVersion, school: School, *, on: date) -> dict[str, Any]:
    """The wording as it would be issued under the rules of a day, about nobody."""
    rules = for_school(school, on=on)
    words = words_for(rules)
    return wording_of(
        version,
        clauses=list(clauses_of(version)),
        translations=list(version.translations.all()),
        readings=[
            {"version": 0, "title": one.document.title, "label": ""}
            for one in version.readings.select_related("document")
        ],
        school=school,
        rules=rules,
        words=words,
        starts_on=on,
        issued_on=on,
        about={},
    )


def changes_between(older: TemplateVersion, newer: TemplateVersion) -> list[dict[str, str]]:
    """What changed from one version to another, point by point; a point switched off counts as not there."""
    before, after = ({one.key: one for one in clauses_of(version) if one.is_on} for version in (older, newer))
    rows = []
    for name, label in (("title", "Title"), ("intro", "Opening"), ("sites", "Sites")):
        was, now = str(getattr(older, name)), str(getattr(newer, name))
        if was != now:
            rows.append({"what": label, "was": was, "now": now})
    for key in {**before, **after}:
        first, second = before.get(key), after.get(key)
        was, now = first.text if first else "", second.text if second else ""
        if was != now:
            shown = second or first
            assert shown is not None
            rows.append({"what": str(Party(shown.party).label), "was": was, "now": now})
    return rows


def all_clauses_of(school: School) -> QuerySet[Clause]:
    """Every point of every version of the school."""
    return Clause.objects.filter(school=school).select_related("template_version__template")
