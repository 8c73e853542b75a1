"""The desk: arrivals in the morning, hand-back at the end of the day. One box, one answer."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.models import Contact, Pupil, School
from core.people.queries import contacts_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView
from core.rules.queries import for_school
from devices import operations
from devices.enums import EarlyReason, GivenTo
from devices.forms.desk import ArrivalForm, DecideHandInForm, ReturnForm
from devices.judgement import DeskTerms, desk_terms, handin_duty
from devices.models import CustodyRecord
from devices.queries import (
    DeskCounts,
    DeskMatch,
    custody_for,
    custody_in_slot,
    custody_visible_to,
    daily_places,
    day_totals,
    desk_counts,
    desk_devices,
    device_types,
    expected_count,
    find_at_desk,
    handin_decision,
    match_pupil,
    owners_of_usual_slot,
    recent_arrivals,
    recent_returns,
    slots_labelled,
)

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
    rules = for_school(school, on=day)
    types = frozenset(kind.key for kind in device_types(school) if handin_duty(rules, kind) in ("hand_in", "undecided"))
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


class DeskView(SchoolView, abstract=True):
    """What both desks share: one box, an answer as a fragment for htmx or as the whole page without it."""

    permission = Permission.LOG_CUSTODY
    page_url: ClassVar[str]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.submission = str(uuid.uuid4())
        answer = self.answer()
        status = 422 if answer.pop("refused", False) else 200
        row = answer.pop("row", None)
        if self.is_htmx:
            return self.render(
                template="devices/desk_answer.html",
                status=status,
                answer=answer,
                row=row if status == 200 else None,
                counters=self.counters(),
            )
        return self.render(status=status, answer=answer)

    def answer(self) -> Answer:
        """Act on what was sent and say what came of it: the outcome panel's context, `refused`, and the new `row`."""
        raise NotImplementedError

    def counters(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["submission"] = uuid.uuid4()
        if "row" in context:  # a fragment: the page around it stays
            return context
        context.setdefault("answer", {"kind": "idle", "word": "Ready", "detail": self.ready_text()})
        context["counters"] = self.counters()
        context["recent"] = [self.row_of(stay) for stay in self.recent()]
        context["saved_at"] = timezone.localtime(self.now).strftime("%-I:%M:%S")
        return context

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


class ArrivalsView(DeskView):
    """Log hand-ins (W1): one search and one confirmation for a known device (DEV-04, DEV-12)."""

    template_name = "devices/arrivals.html"

    def answer(self) -> Answer:
        form = ArrivalForm(self.request.POST)
        if not form.is_valid():
            return self._wrong(form)
        self.data = form.cleaned_data
        self.submission = str(self.data["submission"])
        if self.data["pupil"]:
            pupil = match_pupil(self.school, self.data["pupil"])
            return self._act(pupil) if pupil else self.nothing("that choice")
        match = find_at_desk(self.school, self.data["code"], on=self.today)
        if match.kind in ("pupil", "left") and match.pupil is not None:
            return self._act(match.pupil, match.device)
        if match.kind == "slot" and match.slot is not None:
            owners = owners_of_usual_slot(match.slot)
            if len(owners) == 1:
                return self._act(owners[0].pupil, owners[0])
            return {
                "kind": "attention",
                "word": f"Slot {match.slot.label}",
                "detail": "This slot is nobody’s usual one. Scan or type the pupil.",
                "refused": True,
            }
        if match.kind == "form":
            return self.choose(match, f"{match.form}: choose a pupil.")
        if match.kind == "choose":
            told = "Nobody is spelt quite like that. Did you mean:" if match.near else "Choose with ↓ and Enter."
            return self.choose(match, told)
        if not match.text:
            return {"kind": "idle", "word": "Ready", "detail": self.ready_text(), "refused": True}
        return self.nothing(match.text)

    def _wrong(self, form: BaseForm) -> Answer:
        first = next(iter(form.errors.values()))[0]
        return {"kind": "stop", "word": "Not recorded", "detail": str(first), "refused": True}

    def _act(self, pupil: Pupil, device: Any = None) -> Answer:
        if self.data["act"] == "no_device":
            return self._no_device(pupil)
        slot = None
        if self.data["slot"]:
            found = slots_labelled(self.school, self.data["slot"])
            if len(found) != 1:
                told = "No slot has that number." if not found else "Several slots have that number: scan its code."
                return {"kind": "stop", "word": "Which slot?", "detail": told, "refused": True} | self.naming(pupil)
            slot = found[0]
        new_type = None
        if self.data["new_type"]:
            new_type = device_types(self.school).filter(key=self.data["new_type"]).first()
        if self.data["device"]:
            device = next((one for one in desk_devices(pupil) if one.pk == self.data["device"]), None)
        try:
            stay = operations.hand_in_device(
                school=self.school,
                actor=self.actor,
                at=self.now,
                pupil=pupil,
                device=device,
                new_type=new_type,
                switched_off=self.data["switched_off"] or None,
                slot=slot,
                place_reason=self.data["place_reason"],
                condition=self.data["condition"],
                note=self.data["note"],
                submission=self.data["submission"],
            )
        except Refusal as refusal:
            return self._refused(refusal, pupil, device, new_type)
        return self._taken_in(stay, pupil)

    def _taken_in(self, stay: CustodyRecord, pupil: Pupil) -> Answer:
        bump(self.school, self.today, handed_in=1, seen=1)
        flags = stay.flag_labels
        where = stay.place.name if stay.place else ""
        row = self.row_of(stay)
        return {
            "kind": "attention" if flags else "ok",
            "word": "In, but" if flags else "In",
            "detail": f"{'. '.join(flags)}. {where}." if flags else where,
            "slot": stay.slot.label if stay.slot else "",
            "time": clock(stay.opened_at),
            "actions": [{"label": "Correct", "url": self._correct_url(stay)}],
            "submission": self.submission,
            "row": row | {"submission": self.submission},
        } | self.naming(pupil)

    def _refused(self, refusal: Refusal, pupil: Pupil, device: Any, new_type: Any) -> Answer:
        """What the desk may do about a refusal, where it may do something."""
        carried = {
            name: self.data[name] for name in ("slot", "place_reason", "condition", "note") if self.data.get(name)
        }
        carried["pupil"] = pupil.pk
        if self.data["switched_off"]:
            carried["switched_off"] = "on"
        if device is not None:
            carried["device"] = device.pk
        if new_type is not None:
            carried["new_type"] = new_type.key
        answer = self.refusal(refusal, pupil)
        if isinstance(refusal, operations.OffCheckNeeded):
            answer |= {"kind": "choose", "word": "Is it off?", "choices_label": "Say that it is switched off"}
            answer |= self._questions([("It is switched off: record it", "switched_off", "on")], carried, default=True)
        elif isinstance(refusal, operations.NoDeviceOnRecord):
            kinds = list(device_types(self.school))
            answer |= {"kind": "choose", "word": "First time", "choices_label": "Choose the kind of device"}
            answer["detail"] = (
                "No device is on record yet. What is it?"
                if kinds
                else ("No device is on record, and the list of kinds is empty. Ask the administrator to fill it.")
            )
            answer |= self._questions([(kind.label, "new_type", kind.key) for kind in kinds], carried, default=True)
        elif isinstance(refusal, operations.DeviceChoiceNeeded):
            answer |= {"kind": "choose", "word": "Which device?", "choices_label": "Choose the device"}
            answer |= self._questions([(one.description, "device", one.pk) for one in refusal.devices], carried)
        elif isinstance(refusal, operations.KeptSecureByPupil):
            owned = desk_devices(pupil)
            answer |= {"kind": "attention", "word": "Keeps it"}
            answer |= self._questions(
                [(f"Take the {one.description} in all the same", "device", one.pk) for one in owned], carried
            )
        elif isinstance(refusal, operations.DeviceAlreadyInCustody):
            answer |= {"kind": "attention", "word": "Already in"}
            answer["slot"] = refusal.custody.slot.label if refusal.custody.slot else ""
            answer["actions"] = [{"label": "Correct", "url": self._correct_url(refusal.custody)}]
        elif isinstance(refusal, operations.DecisionNeeded):
            answer |= {"kind": "attention", "word": "Decide first"}
            answer["actions"] = [
                {"label": "Record the decision", "url": reverse("devices:decide-hand-in", args=[self.school.slug])}
            ]
        elif isinstance(refusal, operations.PupilHasLeft):
            answer["word"] = "Has left"
        return answer

    def _questions(
        self, asked: list[tuple[str, str, Any]], carried: dict[str, Any], *, default: bool = False
    ) -> Answer:
        return {
            "choices": [
                {
                    "label": label,
                    "name": name,
                    "value": value,
                    "fields": {key: kept for key, kept in carried.items() if key != name},
                    "submission": self.submission,
                    "default": default and position == 0,
                }
                for position, (label, name, value) in enumerate(asked)
            ],
            "choices_url": self.request.path,
        }

    def _no_device(self, pupil: Pupil) -> Answer:
        try:
            operations.declare_no_device(
                school=self.school, actor=self.actor, at=self.now, pupil=pupil, submission=self.data["submission"]
            )
        except Refusal as refusal:
            return self.refusal(refusal, pupil, word="It is here")
        time_said = clock(self.now)
        row = {"kind": "info", "word": "No device", "time": time_said, "submission": self.submission}
        return {
            "kind": "ok",
            "word": "No device",
            "time": time_said,
            "detail": "Brought none today.",
            "submission": self.submission,
            "row": row | self.naming(pupil),
        } | self.naming(pupil)

    def _correct_url(self, stay: CustodyRecord) -> str:
        return reverse("devices:correct", args=[self.school.slug, stay.pk])

    def counters(self) -> list[dict[str, Any]]:
        types, expected = slow_figures(self.school, self.today)
        counted = tally(self.school, self.today, types, fresh=not self.is_htmx)
        missing = max(expected - counted.seen, 0)
        register = reverse("devices:register", args=[self.school.slug])
        return [
            {"label": "In", "value": counted.handed_in, "of": expected, "kind": "ok"},
            {"label": "No device", "value": counted.none_today, "kind": "neutral"},
            {
                "label": "Not seen",
                "value": missing,
                "kind": "neutral",
                "url": f"{register}?show=missing" if missing else "",
                "url_label": f"Show {missing}",
            },
        ]

    def recent(self) -> list[CustodyRecord]:
        return recent_arrivals(self.school, self.today)

    def row_of(self, stay: CustodyRecord) -> dict[str, Any]:
        return {
            "kind": "attention" if stay.flags else "ok",
            "word": "In",
            "time": clock(stay.opened_at),
            "detail": f"slot {stay.slot.label}" if stay.slot else "",
            "correct_url": self._correct_url(stay),
        } | self.naming(stay.pupil)

    def ready_text(self) -> str:
        return "Scan a code, or type a name, form, slot or number. Enter records."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "row" not in context:
            terms = desk_terms(self.rules)
            context |= {
                "terms": terms,
                "terms_lines": terms_in_words(terms, self.rules),
                "decision": handin_decision(self.school, self.today) if terms.needs_decision else None,
                "places": list(daily_places(self.school)),
            }
        return context


def terms_in_words(terms: DeskTerms, rules: Any) -> list[str]:
    """What this school's rules make of a hand-in, for the strip above the box."""
    lines = []
    if terms.needs_decision:
        lines.append("The rules do not say whether devices are handed in.")
    elif rules.handin_required == "no":
        lines.append("Devices need not be handed in.")
    else:
        lines.append(f"Takes in {terms.takes_in}.")
    if terms.off_check == "required":
        lines.append("Each is seen switched off.")
    if terms.needs_agreement:
        lines.append("The headteacher agrees first who brings one.")
    if terms.needs_reason:
        lines.append("A reason for bringing one is kept.")
    if terms.banned:
        lines.append("Devices are not brought: each one is flagged.")
    return lines


class DeskSearchView(SchoolView):
    """Type-ahead under the box, by POST so that no name is in an address. Answers nothing for codes and numbers."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/desk_candidates.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("devices:arrivals", args=[self.school.slug]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        typed = request.POST.get("code", "").strip()[:80]
        if len(typed) < 2 or any(character.isdigit() for character in typed):
            return HttpResponse("")
        match = find_at_desk(self.school, typed, on=self.today)
        pupils = match.pupils if match.kind == "choose" else [match.pupil] if match.pupil else []
        target = "devices:returns" if request.POST.get("desk") == "returns" else "devices:arrivals"
        return self.render(
            candidates=[(pupil, told_apart(pupil, pupils)) for pupil in pupils], near=match.near, action=reverse(target, args=[self.school.slug]), row=None
        )


class DecideHandInView(SchoolFormView):
    """Record that devices are taken in today although the rules do not say so (matrix §0.3)."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/decide_hand_in.html"
    form_class = DecideHandInForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.decide_hand_in(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(
            "The decision is recorded. Devices can be handed in today.",
            reverse("devices:arrivals", args=[self.school.slug]),
        )


class ReturnsView(DeskView):
    """Hand back at the end of the day (W3), by slot, device or name, with a big confirmation."""

    template_name = "devices/returns.html"

    def answer(self) -> Answer:
        form = ReturnForm(self.request.POST)
        if not form.is_valid():
            return {"kind": "stop", "word": "Not recorded", "detail": "Choose one of the answers.", "refused": True}
        self.data = form.cleaned_data
        self.submission = str(self.data["submission"])
        if self.data["custody"]:
            stay = custody_visible_to(self.actor, self.school).filter(pk=self.data["custody"]).first()
            return self._give(stay) if stay else self.nothing("that choice")
        chosen = self.request.POST.get("pupil", "")
        if chosen.isdigit():
            pupil = match_pupil(self.school, int(chosen))
            return self._give_to(pupil) if pupil else self.nothing("that choice")
        text = self.data["code"]
        labelled = slots_labelled(self.school, text) if text.strip() else []
        held = [stay for stay in (custody_in_slot(slot) for slot in labelled) if stay is not None]
        if len(held) == 1:
            return self._give(held[0])
        match = find_at_desk(self.school, text, on=self.today)
        if match.kind == "slot" and match.slot is not None:
            stay = custody_in_slot(match.slot)
            return self._give(stay) if stay else self._empty(f"Slot {match.slot.label}", "Nothing is in this slot.")
        if match.pupil is not None:
            return self._give_to(match.pupil, match.device)
        if match.pupils:
            return self.choose(match, "Choose with ↓ and Enter.")
        if not match.text:
            return {"kind": "idle", "word": "Ready", "detail": self.ready_text(), "refused": True}
        return self.nothing(match.text)

    def _empty(self, word: str, detail: str, pupil: Pupil | None = None) -> Answer:
        return {"kind": "attention", "word": word, "detail": detail, "refused": True} | self.naming(pupil)

    def _give_to(self, pupil: Pupil, device: Any = None) -> Answer:
        stays = [stay for stay in custody_for(pupil) if device is None or stay.device_id == device.pk]
        if not stays:
            return self._empty("Not here", "No device of this pupil is here.", pupil)
        if len(stays) == 1:
            return self._give(stays[0])
        asked = [
            (f"{stay.device.description}, {stay.slot or (stay.place.name if stay.place else '')}", "custody", stay.pk)
            for stay in stays
        ]
        return self._ask("Which device?", "Several are here.", pupil, asked, {}, fresh=True)

    def _give(self, stay: CustodyRecord) -> Answer:
        contact: Contact | None = None
        if self.data["contact"]:
            contact = contacts_of(stay.pupil).filter(pk=self.data["contact"]).first()
        try:
            given = operations.return_device(
                school=self.school,
                actor=self.actor,
                at=self.now,
                custody=stay,
                given_to=self.data["given_to"] or GivenTo.PUPIL,
                contact=contact,
                reason=self.data["reason"],
                condition=self.data["condition"],
                note=self.data["note"],
                submission=self.data["submission"],
            )
        except operations.EarlyReasonNeeded as refusal:
            carried = {"custody": stay.pk} | self._said()
            asked = [(label, "reason", key) for key, label in EarlyReason.choices]
            return self._ask("Early: why?", refusal.message, stay.pupil, asked, carried)
        except operations.MustGoToParent as refusal:
            adults = [one for one in contacts_of(stay.pupil) if one.may_collect]
            carried = {"custody": stay.pk, "given_to": GivenTo.CONTACT.value} | self._said()
            asked = [(f"{one.display_name} ({one.relationship or 'contact'})", "contact", one.pk) for one in adults]
            return self._ask("To whom?", refusal.message, stay.pupil, asked, carried)
        except Refusal as refusal:
            return self.refusal(refusal, stay.pupil)
        assert given.closed_at is not None
        row = self.row_of(given)
        return {
            "kind": "ok",
            "word": "Give back",
            "detail": f"The {given.device.description}. Recorded as given back.",
            "slot": given.slot.label if given.slot else "",
            "time": clock(given.closed_at),
            "actions": [{"label": "Correct", "url": reverse("devices:correct", args=[self.school.slug, given.pk])}],
            "submission": self.submission,
            "row": row | {"submission": self.submission},
        } | self.naming(given.pupil)

    def _said(self) -> dict[str, Any]:
        return {
            name: self.data[name] for name in ("given_to", "contact", "condition", "note", "reason") if self.data[name]
        }

    def _ask(
        self,
        word: str,
        detail: str,
        pupil: Pupil,
        asked: list[tuple[str, str, Any]],
        carried: dict[str, Any],
        *,
        fresh: bool = False,
    ) -> Answer:
        return {
            "kind": "choose",
            "word": word,
            "detail": detail,
            "choices_label": word,
            "choices": [
                {
                    "label": label,
                    "name": name,
                    "value": value,
                    "fields": {key: kept for key, kept in carried.items() if key != name},
                    "submission": uuid.uuid4() if fresh else self.submission,
                }
                for label, name, value in asked
            ],
            "choices_url": self.request.path,
            "refused": True,
        } | self.naming(pupil)

    def counters(self) -> list[dict[str, Any]]:
        totals = day_totals(self.school, self.today, handin_types=slow_figures(self.school, self.today)[0])
        here = totals.still_here + totals.kept_from_before
        return [
            {"label": "Given back", "value": totals.returned, "of": totals.handed_in, "kind": "ok"},
            {"label": "Still here", "value": here, "kind": "neutral"},
            {
                "label": "Uncollected",
                "value": totals.uncollected,
                "kind": "attention" if totals.uncollected else "neutral",
                "url": reverse("devices:uncollected", args=[self.school.slug]) if totals.uncollected else "",
            },
        ]

    def recent(self) -> list[CustodyRecord]:
        return recent_returns(self.school, self.today)

    def row_of(self, stay: CustodyRecord) -> dict[str, Any]:
        return {
            "kind": "ok",
            "word": "Given back",
            "time": clock(stay.closed_at) if stay.closed_at else "",
            "detail": f"slot {stay.slot.label}" if stay.slot else "",
            "correct_url": reverse("devices:correct", args=[self.school.slug, stay.pk]),
        } | self.naming(stay.pupil)

    def ready_text(self) -> str:
        return "Scan a slot, a code or a pupil, or type a name. Enter records that it was given back."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "row" not in context:
            totals = day_totals(self.school, self.today)
            context["totals"] = totals
        return context
