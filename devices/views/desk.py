"""What both desks share: one box, one answer, and figures that cost each scan nothing."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.kit.refusals import Refusal
from core.people.models import Pupil, School
from core.people.roles import Permission
from core.people.views.base import SchoolView
from devices.models import CustodyRecord, Gate
from devices.queries import (
    DayBook,
    DeskCounts,
    DeskMatch,
    SideFigures,
    desk_counts,
    expected_count,
    find_at_desk,
    gates_in_use,
    handin_types,
    looks_like_code,
    looks_like_form,
    side_figures,
)
from devices.views.line import line_of

Answer = dict[str, Any]

# Figures that hardly move in a morning, kept in this process so that each scan need not count the school.
_SLOW_FIGURES_FOR = 30.0
_slow: dict[tuple[int, int, date], tuple[float, frozenset[str], int]] = {}


def slow_figures(school: School, day: date) -> tuple[frozenset[str], int]:
    """The kinds of device to be handed in, and how many pupils have one; up to half a minute old."""
    key = (school.pk, school.rules_version, day)
    known = _slow.get(key)
    if known is not None and time.monotonic() - known[0] < _SLOW_FIGURES_FOR:
        return known[1], known[2]
    types = handin_types(school, day)
    expected = expected_count(school, day, handin_types=types)
    if len(_slow) > 200:
        _slow.clear()
    _slow[key] = (time.monotonic(), types, expected)
    return types, expected


def told_apart(pupil: Pupil, among: list[Pupil]) -> str:
    """The form, and where a namesake shares it the admission number too: two children are never confused."""
    form = pupil.form.name if pupil.form else ""
    alike = [one for one in among if one.display_name == pupil.display_name and one.form_id == pupil.form_id]
    return f"{form} · no. {pupil.admission_number}" if len(alike) > 1 else form


# The moving figures are counted every other second at most; in between, this process adds what it recorded itself.
_TALLY_FOR = 2.0
_tallies: dict[tuple[int, date], tuple[float, DeskCounts]] = {}


def tally(school: School, day: date, types: frozenset[str], *, fresh: bool) -> DeskCounts:
    """The figures of the day: counted now when `fresh`, else up to two seconds old."""
    key = (school.pk, day)
    known = _tallies.get(key)
    if not fresh and known is not None and time.monotonic() - known[0] < _TALLY_FOR:
        return known[1]
    counted = desk_counts(school, day, handin_types=types)
    if len(_tallies) > 200:
        _tallies.clear()
    _tallies[key] = (time.monotonic(), counted)
    return counted


def bump(school: School, day: date, **more: int) -> None:
    """Add what this process has just recorded to its figures."""
    known = _tallies.get((school.pk, day))
    if known is not None:
        moved = {name: getattr(known[1], name) + by for name, by in more.items()}
        _tallies[school.pk, day] = (known[0], replace(known[1], **moved))


def forget_tally(school: School, day: date) -> None:
    """Count again at the next answer: something other than a hand-in has happened."""
    _tallies.pop((school.pk, day), None)


# Figures beside the day's own: devices put aside, scans to settle, and each gate's count.
_side: dict[tuple[int, date], tuple[float, SideFigures]] = {}

GATE_COOKIE = "schoolsafe_gate"


_gates: dict[int, tuple[float, list[Gate]]] = {}


def slow_gates(school: School) -> list[Gate]:
    """The school's gates, up to half a minute old."""
    known = _gates.get(school.pk)
    if known is not None and time.monotonic() - known[0] < _SLOW_FIGURES_FOR:
        return known[1]
    gates = gates_in_use(school)
    if len(_gates) > 200:
        _gates.clear()
    _gates[school.pk] = (time.monotonic(), gates)
    return gates


def gate_of(request: HttpRequest, school: School) -> Gate | None:
    """The gate a device stands at, as it was last told; None where the school has none."""
    chosen = request.COOKIES.get(GATE_COOKIE, "")
    if not chosen:
        return None
    return next((gate for gate in slow_gates(school) if f"{school.pk}-{gate.pk}" == chosen), None)


# The day's book, as hand-back shows it.
kept_books: dict[tuple[int, date], tuple[float, DayBook]] = {}


def forget_figures() -> None:
    """Drop every figure this process keeps, as a test does between two schools."""
    for kept in (_slow, _tallies, _side, _gates, kept_books):
        kept.clear()


class DeskView(SchoolView, abstract=True):
    """What both desks share: one box, an answer as a fragment for htmx or as the whole page without it."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    keeps_its_own = True  # its scripts send again what a lock has turned away
    uses_camera = True
    page_url: ClassVar[str]
    desk: ClassVar[str] = "arrivals"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.submission = str(uuid.uuid4())
        answer = self.answer()
        if "redirect" in answer:
            return HttpResponseRedirect(answer["redirect"])
        status = 422 if answer.pop("refused", False) else 200
        row = answer.pop("row", None)
        if self.is_htmx:
            return self.render(
                template="devices/desk_answer.html",
                status=status,
                row=row if status == 200 else None,
                counters=self.counters(),
                **answer,
            )
        return self.render(status=status, answer=answer)

    def answer(self) -> Answer:
        """Act on what was sent and say what came of it: the outcome panel's context, `refused`, and the new `row`."""
        raise NotImplementedError

    def counters(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "row" in context:  # a fragment: the page around it stays
            return context
        context["submission"] = uuid.uuid4()
        context.setdefault("answer", {"kind": "idle", "word": "Ready", "detail": self.ready_text()})
        context["counters"] = self.counters()
        context["line"] = line_of(self.school, self.actor, self.rules, desk=self.desk, gate=self.gate)
        context["camera"] = True
        context["recent"] = [self.row_of(stay) for stay in self.recent()]
        context["saved_at"] = timezone.localtime(self.now).strftime("%-I:%M:%S")
        return context

    @cached_property
    def gate(self) -> Gate | None:
        """The gate this device stands at."""
        return gate_of(self.request, self.school)

    def side_figures(self) -> SideFigures:
        """What waits to be settled and each gate's count, up to two seconds old."""
        key = (self.school.pk, self.today)
        known = _side.get(key)
        if known is not None and self.is_htmx and time.monotonic() - known[0] < _TALLY_FOR and key in _tallies:
            return known[1]
        figures = side_figures(self.school, self.today)
        if len(_side) > 200:
            _side.clear()
        _side[key] = (time.monotonic(), figures)
        return figures

    def ready_text(self) -> str:
        return "Scan a code, or type a name, form, slot or number."

    def recent(self) -> list[CustodyRecord]:
        raise NotImplementedError

    def row_of(self, stay: CustodyRecord) -> dict[str, Any]:
        raise NotImplementedError

    def choose(self, match: DeskMatch, detail: str) -> Answer:
        """The panel that offers several pupils: never guess between two."""
        return {
            "kind": "choose",
            "word": "Which one?",
            "detail": detail,
            "choices": [
                {
                    "label": pupil.display_name,
                    "detail": told_apart(pupil, match.pupils),
                    "name": "pupil",
                    "value": pupil.pk,
                    "submission": uuid.uuid4(),
                }
                for pupil in match.pupils
            ],
            "choices_url": self.request.path,
            "refused": True,
        }

    def nothing(self, text: str) -> Answer:
        return {
            "kind": "attention",
            "word": "No match",
            "detail": f"Nobody on roll fits “{text}”. Check the spelling, or look under all pupils.",
            "actions": [{"label": "All pupils", "url": reverse("people:pupils", args=[self.school.slug])}],
            "refused": True,
        }

    def refusal(self, refusal: Refusal, pupil: Pupil | None = None, word: str = "Not recorded") -> Answer:
        return {"kind": "stop", "word": word, "detail": refusal.message, "refused": True} | self.naming(pupil)

    @staticmethod
    def naming(pupil: Pupil | None) -> Answer:
        """The pupil as the desk's screen shows them: other children can see it."""
        if pupil is None:
            return {}
        return {"person": pupil.short_name, "form_name": pupil.form.name if pupil.form else ""}


class DeskSearchView(SchoolView):
    """Type-ahead under the box, by POST so that no name is in an address. Answers nothing for codes and numbers."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/desk_candidates.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("devices:arrivals", args=[self.school.slug]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        typed = request.POST.get("code", "").strip()[:80]
        if len(typed) < 2 or (looks_like_code(typed) and not looks_like_form(typed)):
            return HttpResponse("")
        match = find_at_desk(self.school, typed, on=self.today)
        pupils = match.pupils if match.kind in ("choose", "form") else [match.pupil] if match.pupil else []
        target = "devices:returns" if request.POST.get("desk") == "returns" else "devices:arrivals"
        return self.render(
            candidates=[(pupil, told_apart(pupil, pupils)) for pupil in pupils],
            near=match.near,
            action=reverse(target, args=[self.school.slug]),
            row=None,
        )
