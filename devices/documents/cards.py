"""The command cards: one sheet to tape to the desk, so that an exception is a scan, a key or a button (W1)."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.pdf import Part
from core.kit.qr import Qr, qr_code
from devices.enums import COMMANDS, DeskAct

_MEANS = {
    DeskAct.NO_DEVICE: "The {child} brought no phone today.",
    DeskAct.REFUSED: "The {child} was asked and did not hand in.",
    DeskAct.PERMITTED: "The {child} keeps it by permission.",
    DeskAct.DAMAGED: "It was damaged when it was handed in.",
    DeskAct.LATE: "The {child} came after the cut-off.",
    DeskAct.SECOND: "The {child} hands in a second device.",
}


@dataclass(frozen=True)
class Card:
    """One act of the desk: what to scan, what it is called, which key does the same."""

    code: str
    act: str
    word: str
    means: str
    key: str

    @property
    def qr(self) -> Qr:
        return qr_code(self.code)


def command_cards(child: str) -> list[Card]:
    """Every card, in the order of the keys; `child` is the school's word for a pupil."""
    cards = [
        Card(code, act.value, str(act.label), _MEANS[act].format(child=child), key)
        for code, (act, key) in COMMANDS.items()
    ]
    return sorted(cards, key=lambda card: card.key)


def card_parts(*, school_name: str, child: str, children: str, title: str) -> list[Part]:
    """The sheet of cards, and behind it what to do when the network or the computer is down."""
    cards = command_cards(child)
    context = {
        "title": title, "school_name": school_name, "cards": cards, "child": child, "children": children,
    }  # fmt: skip
    return [Part("pdf/command_cards.html", context, ("pdf/cards.css",), count=len(cards))]
