"""One button about one import: compare it again, drop it, or go on with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.refusals import Refusal
from core.people.access import NotPermitted
from core.people.roles import Permission
from core.roll import operations
from core.roll.forms import ActForm
from core.roll.models import RollImport
from core.roll.views.base import RollView


class RefreshPreviewView(RollView):
    """Compare again with the roll as it is now."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.refresh_preview, "The preview is up to date.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseRedirect(self.where(self.load(kwargs["roll_import"])))


class CancelImportView(RefreshPreviewView):
    """Drop an import that was not applied."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.cancel_roll, "The import is cancelled. Nothing was changed.", "list")


class ResumeImportView(RefreshPreviewView):
    """Go on with an import that an error stopped."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.resume_roll, "The import goes on.")


def _act(view: RollView, key: int, operate: Callable[..., RollImport], said: str, then: str = "") -> HttpResponseBase:
    """One button about one import: do it, say so, go where the import is now; a refusal is said there."""
    found = view.load(key)
    form = ActForm(view.request.POST)
    form.is_valid()
    try:
        done = operate(
            school=view.school,
            actor=view.actor,
            at=view.now,
            roll_import=found,
            submission=form.cleaned_data.get("submission"),
        )
    except NotPermitted:
        raise
    except Refusal as refusal:
        return view.done(refusal.message, view.where(found))
    return view.done(said, view.url(then) if then else view.where(done))
