"""One device's chain of custody in words: who held it, where, on what basis, when, with every correction (DEV-33)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from core.kit.times import clock, day
from devices.enums import Basis, EventKind, GivenTo, State
from devices.models import CustodyEvent

_KINDS: dict[str, str] = {
    EventKind.HAND_IN: "ok",
    EventKind.STORE: "ok",
    EventKind.MOVE: "info",
    EventKind.RETURN: "neutral",
    EventKind.UNCOLLECTED: "attention",
    EventKind.CORRECTION: "attention",
    EventKind.NOTE: "info",
    EventKind.KEPT_OVERNIGHT: "info",
    EventKind.DAMAGE: "attention",
    EventKind.LOSS: "stop",
    EventKind.FOUND: "ok",
    EventKind.TAKE: "attention",
    EventKind.AWAIT_PARENT: "waiting",
    EventKind.RELEASE: "neutral",
    EventKind.HOLD: "stop",
    EventKind.LIFT_HOLD: "ok",
    EventKind.TO_POLICE: "stop",
    EventKind.FROM_POLICE: "attention",
    EventKind.GO_OUT: "info",
    EventKind.COME_BACK: "ok",
}
_WITH_SPOT: dict[str, str] = {
    EventKind.STORE: "Put away",
    EventKind.FOUND: "Found again",
    EventKind.TAKE: "Taken from the {child}",
    EventKind.HOLD: "Put on evidence hold",
    EventKind.FROM_POLICE: "Given back by the police",
    EventKind.COME_BACK: "Put back",
}


def when(moment: datetime) -> str:
    """ "23 November 2026, 8:30am"."""
    return f"{day(moment)}, {clock(moment)}"


def where(place: Any, slot: Any) -> str:
    """ "Main safe, slot 14"; the place alone where there is no slot; empty for nowhere."""
    return ", ".join(str(part) for part in (place, slot) if part is not None)


def author(event: CustodyEvent) -> str:
    """Who did it; the system marks what nobody collected."""
    return event.by.display_name if event.by is not None else "schoolsafe, by itself"


def title(event: CustodyEvent, child: str = "pupil") -> str:
    """What happened, in a few words; `child` is the school's word for a pupil (ORG-07)."""
    spot = where(event.place, event.slot)
    match event.kind:
        case EventKind.HAND_IN:
            return "Handed in"
        case EventKind.MOVE:
            return f"Moved: {spot}"
        case EventKind.RETURN | EventKind.RELEASE:
            taker = "a parent or carer" if event.given_to == GivenTo.CONTACT else f"the {child}"
            done = "Given back" if event.kind == EventKind.RETURN else "Released"
            return f"{done} to {event.given_to_name}, {taker}" if event.given_to_name else f"{done} to {taker}"
        case EventKind.UNCOLLECTED:
            return "Not collected by office close"
        case EventKind.KEPT_OVERNIGHT:
            return "Kept overnight by a decision"
        case EventKind.TAKE if event.from_state == State.BACK_FROM_POLICE:
            return "Kept as confiscated"
        case EventKind.CORRECTION:
            undone = event.to_state == State.WITH_PUPIL_OFF_SITE
            taken = event.basis != Basis.HAND_IN
            if undone:
                return "Correction: it was not taken" if taken else "Correction: it was not handed in"
            return "Correction: it was not given back"
        case kind if kind in _WITH_SPOT:
            done = _WITH_SPOT[kind].format(child=child)
            return f"{done}: {spot}" if spot else done
        case _:
            return str(EventKind(event.kind).label)


def text(event: CustodyEvent) -> str:
    """What else was recorded with it, as sentences."""
    parts = []
    if event.kind == EventKind.HAND_IN:
        parts.append(f"Basis: {event.get_basis_display().lower()}")
        if event.switched_off is not None:
            parts.append("Seen switched off" if event.switched_off else "Not switched off")
        parts += event.custody.flag_labels
    if event.kind == EventKind.CORRECTION and event.to_state != State.WITH_PUPIL_OFF_SITE:
        spot = where(event.place, event.slot)
        parts.append(f"It is here: {spot}" if spot else "It is here")
    if event.reason:
        parts.append(f"Before the end of the day: {event.get_reason_display().lower()}")
    if event.condition:
        parts.append(f"Condition: {event.condition}")
    if event.note and event.from_state != State.BACK_FROM_POLICE:  # why, after the police: for those who decide
        parts.append(event.note)
    if (event.recorded_at - event.at).total_seconds() >= 60:
        parts.append(f"Written down {when(event.recorded_at)}")
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)


def stood_as(event: CustodyEvent, child: str = "pupil") -> str:
    """What an entry said before it was corrected; empty for one that corrects nothing."""
    if event.corrects is not None:
        earlier = event.corrects
        spot = where(earlier.place, earlier.slot)
        return f"{title(earlier, child)}, {when(earlier.at)}, by {author(earlier)}" + (
            f" ({spot})." if spot and earlier.kind == EventKind.RETURN else "."
        )
    before = getattr(event, "slot_before", None)
    if event.kind == EventKind.MOVE and before:
        return f"slot {before}."
    return ""


def timeline_rows(
    events: Iterable[CustodyEvent], *, child: str = "pupil", correct_url: Callable[[CustodyEvent], str] | None = None
) -> list[dict[str, Any]]:
    """The events as `components/timeline.html` shows them.

    `correct_url` gives the latest event of a stay its link; a stay corrected away has nothing left to correct.
    """
    rows = []
    linked: set[int] = set()
    for event in events:
        corrected = list(event.corrections.all())
        said = text(event)
        for correction in corrected:
            said += f" Corrected {when(correction.at)} by {author(correction)}: {correction.note}"
        row: dict[str, Any] = {
            "title": title(event, child),
            "when": when(event.at),
            "by": author(event),
            "text": said.strip(),
            "kind": "neutral" if corrected else _KINDS[event.kind],
            "corrects": stood_as(event, child),
        }
        if corrected:
            row["word"] = "Corrected later"
        elif event.kind == EventKind.CORRECTION:
            row["word"] = "Correction"
        if correct_url is not None and event.custody_id not in linked and not event.custody.voided:
            linked.add(event.custody_id)
            row |= {"url": correct_url(event), "url_label": "Correct"}
        rows.append(row)
    return rows
