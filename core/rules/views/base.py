"""What every page of the rules knows: the school's words, and whether this person may change a rule."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse

from core.people.roles import Permission
from core.people.views.base import SchoolView
from core.rules.catalogue import SETTINGS
from core.rules.words import Words, words_for


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
        kwargs.setdefault("may_edit", self.may(Permission.EDIT_RULES))
        return super().get_context_data(**kwargs)


class RuleMixin:
    """A page about one rule of the catalogue; an unknown key is not found."""

    kwargs: dict[str, Any]

    @property
    def key(self) -> str:
        key = str(self.kwargs["key"])
        if key not in SETTINGS:
            raise Http404
        return key
