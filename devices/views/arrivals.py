"""The arrival desk (W1): one search and one confirmation for a known device."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join

from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.models import Pupil
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView
from devices import operations
from devices.enums import COMMANDS, HOW_RECORDED, BringReason, DeskAct, Flag
from devices.forms.desk import NOTHING_SAID, PARK, DecideHandInForm, arrival_form
from devices.judgement import DeskTerms, desk_terms, flags_in_words
from devices.models import CustodyRecord
from devices.queries import (
    custody_for,
    custody_visible_to,
    daily_places,
    desk_devices,
    device_types,
    find_at_desk,
    gates_in_use,
    handin_decision,
    looks_like_code,
    looks_like_form,
    match_pupil,
    owners_of_usual_slot,
    recent_arrivals,
    slots_labelled,
)
from devices.views.desk import Answer, DeskView, bump, forget_tally, slow_figures, tally, told_apart

# The desk's cards, keys and buttons, in the order they are shown.
COMMAND_BUTTONS = [
    {"code": code, "act": act.value, "label": str(act.label), "key": key} for code, (act, key) in COMMANDS.items()
]
# The same buttons under every answer of a morning, so they are written once.
_EXCEPTION_BUTTONS = format_html_join(
    "\n",
    '<button type="submit" name="act" value="{}" class="btn btn-secondary btn-sm" data-desk-choice'
    ' data-desk-command="{}" data-desk-label="{}">{}</button>',
    ((button["act"], button["code"], button["label"], button["label"]) for button in COMMAND_BUTTONS),
)
_SAID_INSTEAD = {
    DeskAct.NO_DEVICE: ("No device", "Brought none today."),
    DeskAct.REFUSED: ("Refused", "Asked and did not hand in. Recorded as said, nothing more."),
    DeskAct.PERMITTED: ("Keeps it", "Keeps it by permission today."),
}
_ALONG_WITH: dict[DeskAct, tuple[Flag, ...]] = {DeskAct.DAMAGED: (Flag.DAMAGED,), DeskAct.LATE: (Flag.LATE,)}


class ArrivalsView(DeskView):
    """Log hand-ins (W1): one search and one confirmation for a known device (DEV-04, DEV-12)."""

    template_name = "devices/arrivals.html"

    def answer(self) -> Answer:
        form = arrival_form(self.request.POST)
        if not form.is_valid():
            return self._wrong(form)
        self.data = NOTHING_SAID | form.cleaned_data
        self.submission = str(self.data["submission"])
        if self.data["custody"] and self.data["bring_reason"]:
            return self._reason_given()
        if self.data["pupil"]:
            pupil = match_pupil(self.school, self.data["pupil"])
            return self._act(pupil) if pupil else self.nothing("that choice")
        if self.data["code"].strip().upper() in COMMANDS:
            return self._card_alone()
        if self.data["act"] == PARK:
            return self._park()
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
        if match.kind == "form" and match.form is not None:
            return {"redirect": reverse("devices:whole-form", args=[self.school.slug, match.form.pk])}
        if match.kind == "choose":
            told = "Nobody is spelt quite like that. Did you mean:" if match.near else "Choose with ↓ and Enter."
            return self.choose(match, told)
        if not match.text:
            return {"kind": "idle", "word": "Ready", "detail": self.ready_text(), "refused": True}
        return self._unknown(match.text)

    def _wrong(self, form: BaseForm) -> Answer:
        first = next(iter(form.errors.values()))[0]
        return {"kind": "stop", "word": "Not recorded", "detail": str(first), "refused": True}

    def _act(self, pupil: Pupil, device: Any = None) -> Answer:
        act = DeskAct(self.data["act"] or DeskAct.HAND_IN)
        if act in (DeskAct.NO_DEVICE, DeskAct.REFUSED, DeskAct.PERMITTED):
            return self._instead(pupil, act)
        if act in (DeskAct.DAMAGED, DeskAct.LATE) and not self.data["device"] and not self.data["new_type"]:
            try:
                return self._added(pupil, act)
            except operations.NotHandedInYet:
                pass  # said together with the hand-in itself
        if act == DeskAct.SECOND and not self.data["device"] and not self.data["new_type"]:
            return self._second(pupil)
        return self._take_in(pupil, device, _ALONG_WITH.get(act, ()))

    def _take_in(self, pupil: Pupil, device: Any, extra_flags: tuple[Flag, ...]) -> Answer:
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
                gate=self.gate,
                extra_flags=extra_flags,
                submission=self.data["submission"],
            )
        except Refusal as refusal:
            return self._refused(refusal, pupil, device, new_type)
        return self._taken_in(stay, pupil)

    def _taken_in(self, stay: CustodyRecord, pupil: Pupil) -> Answer:
        bump(self.school, self.today, handed_in=1, seen=1)
        flags = flags_in_words(stay.flags, self.rules)
        where = stay.place.name if stay.place else ""
        row = self.row_of(stay)
        answer: Answer = {
            "kind": "attention" if flags else "ok",
            "word": "In, but" if flags else "In",
            "detail": f"{'. '.join(flags)}. {where}." if flags else where,
            "slot": stay.slot.label if stay.slot else "",
            "time": clock(stay.opened_at),
            "actions": [{"label": "Correct", "url": self._correct_url(stay)}],
            "submission": self.submission,
            "row": row | {"submission": self.submission},
        } | self.naming(pupil)
        if Flag.NO_REASON in stay.flags:
            answer["choices_label"] = "Choose why they bring it"
            answer |= self._questions(
                [(label, "bring_reason", key) for key, label in BringReason.choices], {"custody": stay.pk}, fresh=True
            )
        return answer | self._exceptions(pupil)

    def _reason_given(self) -> Answer:
        """The answer to "why do they bring it?", asked with a hand-in that has no reason (DEV-37)."""
        stay = custody_visible_to(self.actor, self.school).filter(pk=self.data["custody"]).first()
        if stay is None:
            return self.nothing("that choice")
        try:
            kept = operations.state_bring_reason(
                school=self.school,
                actor=self.actor,
                at=self.now,
                custody=stay,
                reason=BringReason(self.data["bring_reason"]),
                submission=self.data["submission"],
            )
        except Refusal as refusal:
            return self.refusal(refusal, stay.pupil)
        said = BringReason(kept.bring_reason).label
        row = self.row_of(kept) | {"word": "Reason", "detail": str(said), "submission": self.submission}
        return {
            "kind": "ok",
            "word": "In",
            "detail": f"Brings it because: {said.lower()}. The desk does not ask again.",
            "slot": kept.slot.label if kept.slot else "",
            "time": clock(kept.opened_at),
            "submission": self.submission,
            "row": row,
        } | self.naming(kept.pupil)

    def _refused(self, refusal: Refusal, pupil: Pupil, device: Any, new_type: Any) -> Answer:
        """What the desk may do about a refusal, where it may do something."""
        carried = {
            name: self.data[name] for name in ("slot", "place_reason", "condition", "note") if self.data.get(name)
        }
        carried["pupil"] = pupil.pk
        if self.data["act"]:
            carried["act"] = self.data["act"]
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
        return answer | self._exceptions(pupil)

    def _questions(
        self,
        asked: Sequence[tuple[str, str, Any]],
        carried: dict[str, Any],
        *,
        default: bool = False,
        fresh: bool = False,
    ) -> Answer:
        return {
            "choices": [
                {
                    "label": label,
                    "name": name,
                    "value": value,
                    "fields": {key: kept for key, kept in carried.items() if key != name},
                    "submission": uuid.uuid4() if fresh else self.submission,
                    "default": default and position == 0,
                }
                for position, (label, name, value) in enumerate(asked)
            ],
            "choices_url": self.request.path,
        }

    def _instead(self, pupil: Pupil, act: DeskAct) -> Answer:
        """No device, refused or permitted, in place of a hand-in."""
        try:
            operations.make_exception(
                school=self.school,
                actor=self.actor,
                at=self.now,
                pupil=pupil,
                act=act,
                submission=self.data["submission"],
            )
        except Refusal as refusal:
            return self.refusal(refusal, pupil, word="It is here")
        forget_tally(self.school, self.today)
        word, detail = _SAID_INSTEAD[act]
        return self._noted(pupil, word, detail, kind="ok" if act != DeskAct.REFUSED else "attention")

    def _added(self, pupil: Pupil, act: DeskAct) -> Answer:
        """Damaged or late, said of the hand-in of the day."""
        stay = operations.make_exception(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=pupil,
            act=act,
            submission=self.data["submission"],
        )
        answer = self._noted(pupil, act.label, "Noted with the hand-in.", kind="ok")
        if act == DeskAct.DAMAGED:
            answer["actions"] = [
                {
                    "label": "Describe the damage",
                    "url": reverse("devices:report-loss", args=[self.school.slug, stay.pk]),
                }
            ]
        return answer

    def _noted(self, pupil: Pupil, word: str, detail: str, *, kind: str) -> Answer:
        time_said = clock(self.now)
        row = {"kind": "info", "word": word, "time": time_said, "submission": self.submission}
        return (
            {
                "kind": kind,
                "word": word,
                "time": time_said,
                "detail": detail,
                "submission": self.submission,
                "row": row | self.naming(pupil),
            }
            | self.naming(pupil)
            | self._exceptions(pupil)
        )

    def _second(self, pupil: Pupil) -> Answer:
        """Another device of a pupil: the one on record that is not here, else what kind it is."""
        owned = desk_devices(pupil)
        here = {stay.device_id for stay in custody_for(pupil)}
        others = [one for one in owned if one.pk not in here]
        if here and len(others) == 1:
            return self._take_in(pupil, others[0], ())
        carried = {"pupil": pupil.pk, "act": DeskAct.SECOND.value}
        if self.data["switched_off"]:
            carried["switched_off"] = "on"
        asked: list[tuple[str, str, Any]] = [(one.description, "device", one.pk) for one in others]
        asked += [(f"Another {kind.label.lower()}", "new_type", kind.key) for kind in device_types(self.school)]
        return (
            {
                "kind": "choose",
                "word": "Second device",
                "detail": "What is it? A kind puts it on record.",
                "choices_label": "Choose the second device",
                "refused": True,
            }
            | self._questions(asked, carried)
            | self.naming(pupil)
        )

    def _card_alone(self) -> Answer:
        """A command card that came without a pupil before it."""
        return {
            "kind": "attention",
            "word": "Pupil first",
            "detail": "Scan the pupil first, then the card.",
            "refused": True,
        }

    def _unknown(self, text: str) -> Answer:
        """Nobody fits: put the device aside and go on; the queue never waits for a name."""
        answer = self.nothing(text)
        answer["detail"] = f"Nobody on roll fits “{text}”. Type it again, or put the device aside and settle it later."
        answer["choices_label"] = "What to do with it"
        answer |= self._questions([("Put it aside under a tag", "act", PARK)], {"code": text})
        return answer

    def _park(self) -> Answer:
        parked = operations.park_device(
            school=self.school,
            actor=self.actor,
            at=self.now,
            typed=self.data["code"].strip(),
            switched_off=self.data["switched_off"] or None,
            gate=self.gate,
            submission=self.data["submission"],
        )
        forget_tally(self.school, self.today)
        row = {"person": f"Put aside · {parked.tag}", "kind": "info", "word": "Put aside", "time": clock(self.now)}
        return {
            "kind": "attention",
            "word": parked.tag,
            "detail": f"Write {parked.tag} on its tag and put it aside. Settle it when the queue is gone.",
            "time": clock(self.now),
            "actions": [{"label": "Put aside", "url": reverse("devices:parked", args=[self.school.slug])}],
            "submission": self.submission,
            "row": row | {"submission": self.submission},
        }

    def _exceptions(self, pupil: Pupil) -> Answer:
        """What a card, a key or a button may still say of this pupil."""
        return {
            "exceptions": _EXCEPTION_BUTTONS,
            "exceptions_pupil": pupil.pk,
            "exceptions_url": self.request.path,
            "exceptions_submission": uuid.uuid4(),
        }

    def _correct_url(self, stay: CustodyRecord) -> str:
        return reverse("devices:correct", args=[self.school.slug, stay.pk])

    def counters(self) -> list[dict[str, Any]]:
        types, expected = slow_figures(self.school, self.today)
        counted = tally(self.school, self.today, types, fresh=not self.is_htmx)
        missing = max(expected - counted.seen, 0)
        register = reverse("devices:register", args=[self.school.slug])
        figures = [
            {"label": "In", "value": counted.handed_in, "of": max(expected - counted.excused, 0), "kind": "ok"},
            {"label": "No device", "value": counted.none_today, "kind": "neutral"},
            {
                "label": "Not seen",
                "value": missing,
                "kind": "neutral",
                "url": f"{register}?show=missing" if missing else "",
                "url_label": f"Show {missing}",
            },
        ]
        aside, to_settle, by_gate = self.side_figures()
        figures += [{"label": name, "value": number, "kind": "neutral"} for name, number in by_gate]
        for number, label, page in (
            (aside, "Put aside", "devices:parked"),
            (to_settle, "To settle", "devices:offline-scans"),
        ):
            if number:
                url = reverse(page, args=[self.school.slug])
                figures.append(
                    {"label": label, "value": number, "kind": "attention", "url": url, "url_label": "Settle"}
                )
        return figures

    def recent(self) -> list[CustodyRecord]:
        return recent_arrivals(self.school, self.today)

    def row_of(self, stay: CustodyRecord) -> dict[str, Any]:
        return {
            "kind": "attention" if set(stay.flags) - HOW_RECORDED else "ok",
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
                "gates": gates_in_use(self.school),
                "gate": self.gate,
                "commands": COMMAND_BUTTONS,
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
    elif terms.off_check == "advised" and not terms.needs_decision:
        lines.append("Ask that each is switched off.")
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


class DecideHandInView(SchoolFormView):
    """Record that devices are taken in today although the rules do not say so (matrix §0.3)."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/decide_hand_in.html"
    form_class = DecideHandInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"terms": desk_terms(self.rules)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.decide_hand_in(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(
            "The decision is recorded. Devices can be handed in today.",
            reverse("devices:arrivals", args=[self.school.slug]),
        )
