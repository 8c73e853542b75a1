"""Paste a list: look at what each line means, then record them all in one step (ux W1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from devices import operations
from devices.enums import PasteAct
from devices.forms.paste import PasteForm, fingerprint, lines_of
from devices.judgement import desk_terms
from devices.queries import PasteLine, handin_decision, is_early, match_lines
from devices.views.desk import forget_tally, gate_of

_DONE = {
    PasteAct.HANDED_IN: "recorded as handed in",
    PasteAct.NO_DEVICE: "recorded as having brought none",
    PasteAct.ABSENT: "marked as absent",
    PasteAct.GIVEN_BACK: "recorded as given back",
}


class PasteView(SchoolFormView):
    """A list of codes, numbers, slots or names, one a line; nothing is recorded before it has been looked at."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/paste.html"
    form_class = PasteForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PasteForm)
        if self.request.POST.get("step") != "record":
            return self.render(form=form)
        if not form.was_looked_at:
            form.add_error("text", "The list was changed. Look at the lines below, then record them.")
            return self.form_invalid(form)
        if not form.chosen:
            form.add_error(None, "Choose at least one line to record.")
            return self.form_invalid(form)
        data = form.cleaned_data
        act = PasteAct(data["act"])
        done = operations.record_pasted(
            school=self.school,
            actor=self.actor,
            at=self.now,
            act=act,
            pupils=form.keys_of("p"),
            devices=form.keys_of("d"),
            custody=form.keys_of("c"),
            switched_off=data["switched_off"],
            reason=data["reason"],
            gate=gate_of(self.request, self.school),
            submission=data["submission"],
        )
        forget_tally(self.school, self.today)
        told = f"{done.recorded} {_DONE[act]}."
        if done.left_out:
            told += f" {done.left_out} left out: recorded at a desk meanwhile, or twice on the list."
        return self.done(told, self.request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        if not form.is_bound or not form.cleaned_data.get("text") or "act" not in form.cleaned_data:
            return context
        act, text = form.cleaned_data["act"], form.cleaned_data["text"]
        lines = match_lines(self.school, lines_of(text), act, self.today, self.now)
        terms = desk_terms(self.rules)
        coming = act == PasteAct.HANDED_IN
        early = is_early(self.school, self.rules, self.now) if act == PasteAct.GIVEN_BACK else ""
        form.fields["reason"].required = bool(early)  # for the label; the operation asks for it
        chosen = form.chosen if self.request.POST.get("step") == "record" and form.was_looked_at else None
        return context | {
            "lines": [(line, self._shown(line, chosen)) for line in lines],
            "found": sum(1 for line in lines if line.kind == "one"),
            "looked": fingerprint(act, text),
            "act_label": PasteAct(act).label,
            "ask_off": coming and terms.off_check != "none",
            "early": early,
            "undecided": coming and terms.needs_decision and handin_decision(self.school, self.today) is None,
        }

    @staticmethod
    def _shown(line: PasteLine, chosen: dict[int, str] | None) -> str:
        """The key that stands chosen on a line: what was sent, or at first what the line means without a doubt."""
        if chosen is not None:
            return chosen.get(line.number, "")
        return line.choices[0].key if line.kind == "one" else ""
