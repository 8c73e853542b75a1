"""What the arrival desk answers when it is no plain hand-in: exceptions, a second device, nobody known, put aside."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join

from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.models import Pupil
from devices import operations
from devices.enums import COMMANDS, DeskAct, Flag
from devices.forms.desk import PARK
from devices.queries import custody_for, desk_devices, device_types
from devices.views.desk import Answer, DeskView, forget_tally

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


class ExceptionAnswers(DeskView, abstract=True):
    """The answers beside the hand-in itself: what a card, a key, a button or a choice says of a pupil."""

    data: dict[str, Any]

    def _take_in(self, pupil: Pupil, device: Any, extra_flags: tuple[Flag, ...]) -> Answer:
        raise NotImplementedError

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
