"""Papers that are records and have no wording: the chain of custody, what the police were given, a claim's pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.kit.text import apart
from core.kit.times import moment
from core.people.models import User
from devices.documents.taken import Facts, letterhead_of, pupil_words
from devices.enums import EventKind, GivenTo, State
from devices.models import Confiscation, CustodyEvent, CustodyRecord, EvidenceHold, LossReport, PoliceHandover
from devices.timeline import author, stood_as, text, title, when, where

_GONE = frozenset({State.WITH_PUPIL_OFF_SITE, State.WITH_PUPIL_ON_SITE, State.NOT_HANDED_IN})

_WENT = frozenset({State.RETURNED, State.RELEASED_TO_PUPIL, State.RELEASED_TO_PARENT})


@dataclass(frozen=True)
class ChainLine:
    """One entry of the chain: when, what, who did it, who has the device from then on, and in which bag."""

    when: str
    what: str
    said: str
    by: str
    held_by: str
    bag: str
    corrected: bool


@dataclass(frozen=True)
class ChainFacts(Facts):
    """Everything that happened in one stay, oldest first, corrections beside what they correct (DOC-10, law EX-5)."""

    rows: tuple[tuple[str, str], ...]
    lines: tuple[ChainLine, ...]


@dataclass(frozen=True)
class PoliceFacts(Facts):
    """What the police were given, for the officer to sign (DOC-11, CNF-11)."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ClaimFacts(Facts):
    """A report of loss or damage with the words of its day, the condition at each step, and the chain (DEV-23)."""

    rows: tuple[tuple[str, str], ...]
    account: str
    on_loss: str
    judged_by: str
    conditions: tuple[tuple[str, str, str], ...]
    lines: tuple[ChainLine, ...]


def device_rows(stay: CustodyRecord) -> list[tuple[str, str]]:
    """What is meant and whose it is."""
    named = stay.device.description
    return [
        ("Device", named[:1].upper() + named[1:]),
        ("Mark on it", stay.device.mark),
        ("Code", stay.device.code),
        ("Whose", pupil_words(stay)),
    ]


def chain_lines(
    events: Iterable[CustodyEvent],
    *,
    taken: Confiscation | None,
    holds: Sequence[EvidenceHold],
    handovers: Sequence[PoliceHandover],
    child: str,
) -> tuple[ChainLine, ...]:
    """The events in words. Why something was held is not among them: that stands in the restricted record."""
    held, given = iter(holds), iter(handovers)
    lines, last, had = [], None, ""
    for event in events:
        bag, officer = "", ""
        if event.kind == EventKind.TAKE and taken is not None:
            bag = taken.bag
        elif event.kind == EventKind.HOLD:
            bag = _bag(held)
        elif event.kind == EventKind.TO_POLICE:
            last = next(given, None)
            bag = last.bag if last else ""
            officer = officer_words(last) if last else ""
        elif event.kind == EventKind.FROM_POLICE and last is not None:
            bag, officer = last.bag, f"From {last.returned_by_officer}."
        corrected = list(event.corrections.all())
        said = [text(event), officer if event.kind == EventKind.FROM_POLICE else ""]
        said += [f"Corrects: {stood_as(event, child)}" if event.corrects is not None else ""]
        said += [f"Corrected {when(one.at)} by {author(one)}: {one.note}" for one in corrected]
        had = _held_by(event, officer, child) or had
        lines.append(
            ChainLine(
                when=when(event.at),
                what=title(event, child),
                said=" ".join(part for part in said if part),
                by=author(event),
                held_by=had,
                bag=bag,
                corrected=bool(corrected),
            )
        )
    return tuple(lines)


def _bag(holds: Iterator[EvidenceHold]) -> str:
    hold = next(holds, None)
    return hold.bag if hold is not None else ""


def officer_words(handover: PoliceHandover) -> str:
    """ "PC Sam Marsh, 4417, Harbour Street, reference 26/1140"."""
    return (
        f"{apart(handover.officer_name)}, {handover.officer_number}, {handover.station}, reference {handover.reference}"
    )


def _held_by(event: CustodyEvent, officer: str, child: str) -> str:
    """Who has the device once this has happened; empty where it had gone back before, and stays where it went."""
    state = State(event.to_state)
    if state == State.WITH_POLICE:
        return f"Police: {officer}" if officer else "Police"
    if event.kind in (EventKind.RETURN, EventKind.RELEASE, EventKind.GO_OUT):
        return event.given_to_name or ("A parent or carer" if event.given_to == GivenTo.CONTACT else f"The {child}")
    if state in _WENT:
        return ""
    if state in _GONE:
        return f"The {child}"
    if state == State.LOST_OR_DAMAGED:
        return "Not known"
    spot = where(event.place, event.slot)
    return f"School: {spot}" if spot else "School"


def chain_facts(
    stay: CustodyRecord, lines: tuple[ChainLine, ...], taken: Confiscation | None, *, at: datetime, by: User
) -> dict[str, Any]:
    """The snapshot of one chain of custody."""
    rows = [
        *device_rows(stay),
        ("Switched off", "" if stay.switched_off is None else "Yes" if stay.switched_off else "No"),
        ("Condition", stay.condition),
        ("Taken by", f"{taken.taken_by.display_name}, {moment(taken.taken_at)}" if taken else ""),
        ("Now", str(stay.get_state_display())),
        ("On this paper", f"{len(lines)} {'entry' if len(lines) == 1 else 'entries'}, oldest first; none is left out."),
    ]
    return asdict(
        ChainFacts(
            **_head(stay, "Chain of custody", at, by),
            rows=tuple((label, said) for label, said in rows if said),
            lines=lines,
        )
    )


def police_facts(stay: CustodyRecord, handover: PoliceHandover, *, at: datetime, by: User) -> dict[str, Any]:
    """The snapshot of one handover to the police."""
    rows = [
        *device_rows(stay),
        ("Items", handover.items),
        ("Condition", handover.condition),
        ("Sealed bag", handover.bag),
        ("Handed over", moment(handover.handed_at)),
        ("By", f"{handover.handed_by.display_name}, {stay.school.name}"),
        ("To", handover.officer_name),
        ("Officer’s number", handover.officer_number),
        ("Station", handover.station),
        ("Police reference", handover.reference),
    ]
    if handover.returned_at is not None:
        rows += [
            ("Given back", moment(handover.returned_at)),
            ("From", handover.returned_by_officer),
            ("Condition then", handover.returned_condition),
        ]
    return asdict(
        PoliceFacts(
            **_head(stay, "Police handover receipt", at, by),
            rows=tuple((label, said) for label, said in rows if said),
        )
    )


def claim_facts(
    report: LossReport,
    stay: CustodyRecord,
    events: Sequence[CustodyEvent],
    lines: tuple[ChainLine, ...],
    *,
    judged_by: str,
    at: datetime,
    by: User,
) -> dict[str, Any]:
    """The snapshot of one claim. The words on loss are those that the report kept, not those of today (law PH-10)."""
    rows = [
        *device_rows(stay),
        ("What is reported", str(report.get_kind_display())),
        ("Noticed", moment(report.noticed_at)),
        ("Told by", report.told_by),
        ("Reported", f"{moment(report.reported_at)}, by {report.reported_by.display_name}"),
        ("On what footing the school had it", str(stay.get_basis_display())),
        ("What came of it", report.outcome or "Still open"),
    ]
    conditions = [("On arrival", moment(stay.opened_at), stay.condition)] if stay.condition else []
    conditions += [
        (title(event), moment(event.at), event.condition)
        for event in events
        if event.condition and event.kind != EventKind.HAND_IN and event != events[0]
    ]
    return asdict(
        ClaimFacts(
            **_head(stay, "Loss or damage claim", at, by),
            rows=tuple((label, said) for label, said in rows if said),
            account=report.account,
            on_loss=report.disclaimer,
            judged_by=judged_by,
            conditions=tuple(conditions),
            lines=lines,
        )
    )


def _head(stay: CustodyRecord, title: str, at: datetime, by: User) -> dict[str, Any]:
    return {
        "letterhead": letterhead_of(stay.school),
        "title": title,
        "number": stay.pk,
        "made": moment(at),
        "made_by": by.display_name,
    }
