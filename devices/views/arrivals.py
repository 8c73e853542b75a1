"""The arrival desk (W1): one search and one confirmation for a known device."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.models import Pupil
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from devices import operations
from devices.enums import COMMANDS, HOW_RECORDED, BringReason, DeskAct, Flag
from devices.forms.desk import NOTHING_SAID, PARK, DecideHandInForm, arrival_form
from devices.judgement import desk_terms, flags_in_words
from devices.models import CustodyRecord
from devices.queries import (
    agreed_in_words,
    custody_visible_to,
    daily_places,
    desk_devices,
    device_types,
    find_at_desk,
    gates_in_use,
    handin_decision,
    match_pupil,
    owners_of_usual_slot,
    recent_arrivals,
    slots_labelled,
)
from devices.views.desk import Answer, bump, slow_figures, tally
from devices.views.exceptions import COMMAND_BUTTONS, ExceptionAnswers
from devices.words import terms_in_words

_ALONG_WITH: dict[DeskAct, tuple[Flag, ...]] = {DeskAct.DAMAGED: (Flag.DAMAGED,), DeskAct.LATE: (Flag.LATE,)}


class ArrivalsView(ExceptionAnswers):
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
            told = "Nobody is spelt quite like that. Did you mean:" if match.near else "Choose: ↓ or Tab, then Enter."
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
        agreed = agreed_in_words(pupil, self.today)
        flags = [*flags_in_words(stay.flags, self.rules), *([agreed] if agreed else [])]
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
        if {Flag.NO_AGREEMENT, Flag.BANNED} & set(stay.flags) and not self.is_desk_alone:
            breach = reverse("incidents:quick-breach", args=[self.school.slug, pupil.pk])
            answer["actions"].append({"label": "Record a breach", "url": f"{breach}?custody={stay.pk}"})
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
