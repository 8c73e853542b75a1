"""Deleting content from a device: the list, asking, deciding, carrying out (SEA-09 to SEA-11)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import UNSPECIFIED
from devices import operations
from devices.enums import DeletionState
from devices.forms.searches.deletions import CarryOutDeletionForm, DecideDeletionForm, RequestDeletionForm
from devices.forms.searches.fields import AnswerForm
from devices.models import CustodyRecord, DeletionRecord
from devices.queries.searches.records import deletions_visible_to, search_of_device, searched_devices
from devices.queries.searches.searchers import allowed_in_words, decides_deletions
from devices.views.searches.base import SearchesView

_A_PAGE = 40
_KINDS = {DeletionState.REQUESTED: "waiting", DeletionState.REFUSED: "neutral", DeletionState.APPROVED: "attention"}
_STEPS = {
    DeletionState.APPROVED: (DeletionState.DONE_BY_STAFF, DeletionState.ASKED_OF_PUPIL),
    DeletionState.ASKED_OF_PUPIL: (DeletionState.CONFIRMED,),
}


def tag_of(deletion: DeletionRecord) -> dict[str, str]:
    """The state of a deletion as a tag."""
    state = DeletionState(deletion.state)
    return {"kind": _KINDS.get(state, "info"), "word": str(state.label)}


class ListDeletionsView(SearchesView):
    """Deletions that this person may read, newest first."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/list_deletions.html"
    section = "deletions"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        decides = decides_deletions(self.actor, self.school, self.today)
        found = deletions_visible_to(self.actor, self.school, decides=decides)
        page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
        rows = [{"deletion": deletion, "tag": tag_of(deletion)} for deletion in page]
        return self.render(page_obj=page, rows=rows, who_may=allowed_in_words(self.school, "deletion_by", self.today))


class RequestDeletionView(SchoolFormView, SearchesView):
    """Ask that something be deleted from a device that the school has."""

    permission = Permission.OPEN_SEARCH
    form_class = RequestDeletionForm
    template_name = "devices/request_deletion.html"

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay: CustodyRecord = get_or_404(searched_devices(self.school), pk=self.kwargs["custody"])
        return self._stay

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stay=self.stay,
            who_may=allowed_in_words(self.school, "deletion_by", self.today),
            back_url=self.url("deletions"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AnswerForm)
        deletion = operations.searches.request_deletion(
            school=self.school,
            actor=self.actor,
            at=self.now,
            custody=self.stay,
            search=search_of_device(self.actor, self.stay),
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("The deletion is asked for. It waits for a decision.", self.url("deletion", deletion.pk))


class DeletionView(SchoolFormView, SearchesView):
    """One deletion with its course; whoever the rules name decides about it here, or notes that it was done."""

    permission = Permission.OPEN_SEARCH
    template_name = "devices/show_deletion.html"

    @property
    def deletion(self) -> DeletionRecord:
        if not hasattr(self, "_deletion"):
            decides = decides_deletions(self.actor, self.school, self.today)
            found = deletions_visible_to(self.actor, self.school, decides=decides)
            self._deletion: DeletionRecord = get_or_404(found, pk=self.kwargs["deletion"])
        return self._deletion

    def get_form(self) -> BaseForm:
        """By the state of the deletion; of what was sent by what it holds, so that the same form again is the same."""
        data = self.request.POST if self.request.method == "POST" else None
        asked = self.deletion.state == DeletionState.REQUESTED
        if "approve" in self.request.POST or (asked and "step" not in self.request.POST):
            return DecideDeletionForm(data, why_help=self._why_help())
        steps = _STEPS.get(DeletionState(self.deletion.state), ())
        every = tuple(dict.fromkeys(step for offered in _STEPS.values() for step in offered))
        return CarryOutDeletionForm(data, steps=steps if data is None else every)

    def _why_help(self) -> str:
        rules = self.rules
        if UNSPECIFIED in (rules.deletion_rule, rules.deletion_by):
            return "Your school’s rules do not say. What you decide is kept, with your name."
        if rules.deletion_rule == "exceptional_good_reason":
            return "Your school’s rules allow it only exceptionally: say what the good reason is."
        return "Needed if you refuse."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("devices.view_deletion", self.deletion)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deletion = self.deletion
        return super().get_context_data(
            deletion=deletion,
            stay=deletion.custody,
            tag=tag_of(deletion),
            is_over=deletion.state != DeletionState.REQUESTED and deletion.state not in _STEPS,
            who_may=allowed_in_words(self.school, "deletion_by", self.today),
            breadcrumbs=self.crumbs(("Deletions", self.url("deletions")), ("One deletion", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AnswerForm)
        deciding = isinstance(form, DecideDeletionForm)
        act: Any = operations.searches.decide_deletion if deciding else operations.searches.carry_out_deletion
        act(
            school=self.school,
            actor=self.actor,
            at=self.now,
            deletion=self.deletion,
            submission=form.cleaned_data["submission"],
            **form.values(),
        )
        return self.done("The decision is on record." if deciding else "It is on record.", self.url("deletions"))
