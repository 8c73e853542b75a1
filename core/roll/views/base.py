"""What every page of the import knows: its import, and the page on which that stands now."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.roll import queries
from core.roll.enums import ImportState
from core.roll.models import RollImport

SHOWN = 20


class RollView(SchoolView, abstract=True):
    """What every page of the import knows."""

    permission = Permission.MANAGE_ROLL

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"roll:{name}", args=[self.school.slug, *args])

    def load(self, key: int) -> RollImport:
        """The import of this school with that key, else 404."""
        return get_or_404(queries.imports_of(self.school), pk=key)

    def where(self, roll_import: RollImport) -> str:
        """The page on which an import stands now."""
        name = {ImportState.UPLOADED: "match", ImportState.PREVIEWED: "preview"}.get(ImportState(roll_import.state))
        if name is None:
            name = "progress" if roll_import.is_running else "result"
        return self.url(name, roll_import.pk)

    def crumbs(self, *trail: str) -> list[dict[str, str]]:
        return [{"label": "Roll import", "url": self.url("list")}, *({"label": label, "url": ""} for label in trail)]


class ImportView(RollView, abstract=True):
    """A page about one import that is still open; one that has gone on sends to the page where it is now."""

    roll_import: RollImport
    states: ClassVar[frozenset[ImportState]]

    def dispatch_open(self) -> HttpResponse | None:
        self.roll_import = self.load(int(self.kwargs["roll_import"]))
        if self.roll_import.state in self.states:
            return None
        return HttpResponseRedirect(self.where(self.roll_import))


class OpenFormView(SchoolFormView, ImportView, abstract=True):
    """A form about one open import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.dispatch_open() or super().get(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.dispatch_open() or super().post(request)
