"""A pupil's chronology in words, for the page and the paper: what happened, what was written, what was corrected."""

from __future__ import annotations

from typing import Any

from core.kit.times import day, moment
from devices.enums import Basis, EventKind, NoticeAbout, SearchState, ToldHow
from incidents.enums import CaseEventKind, CaseState, Channel, IncidentType, NoteKind, ParentsDecision, PlanState, Route
from incidents.queries.chronology import Entry

ASK_DSL = "Held. Ask the DSL."
_ABOUT_STAFF = {Route.ALLEGATION, Route.LOW_LEVEL_CONCERN}
_PARENTS = {
    ParentsDecision.TOLD: "A parent or carer was told",
    ParentsDecision.NOT_YET: "A parent or carer is not told yet",
    ParentsDecision.WITHHELD: "Not told to a parent or carer: withheld",
}


def when(entry: Entry) -> str:
    """ "20 November 2026, 2:10pm"; the day alone where nobody knows the time."""
    if entry.source == "incident" and entry.case is not None and not entry.case.time_is_known:
        return f"{day(entry.at)}, time not known"
    return moment(entry.at)


def line_of(entry: Entry, *, reasons: bool = True) -> dict[str, Any]:
    """One entry as `components/timeline.html` shows it, without its address. `reasons`: sees why a device is held."""
    line: dict[str, Any] = {
        "when": when(entry),
        "by": entry.by.display_name if entry.by is not None else "",
        "kind": "info",
        "text": "",
        **_WORDS[entry.source](entry),
    }
    if entry.source == "taken" and entry.row.withheld and not reasons:
        line["text"] = ASK_DSL
    if entry.case is not None and entry.case.route in _ABOUT_STAFF:
        line |= {"kind": "stop", "word": "For fewer readers"}
    return line


def _incident(entry: Entry) -> dict[str, Any]:
    assert entry.case is not None
    title = entry.case.title or IncidentType(entry.words).label
    state = CaseState(entry.case.state).label
    return {"title": f"{entry.case}: {title}", "text": entry.row.account, "kind": "attention", "word": state}


def _note(entry: Entry) -> dict[str, Any]:
    note = entry.row
    found: dict[str, Any] = {"title": f"{NoteKind(entry.words).label}: {entry.case}", "text": note.text}
    if (note.at - entry.at).total_seconds() >= 60:
        found["text"] += f" (Written down {moment(note.at)}.)"
    if note.corrects is not None:
        found |= {"corrects": note.corrects.text, "word": "Correction", "kind": "attention"}
    if note.corrected:
        found |= {"word": "Corrected later", "kind": "neutral"}
    return found


def _contact(entry: Entry) -> dict[str, Any]:
    contact = entry.row
    channel = f"{Channel(contact.channel).label}. " if contact.channel else ""
    kind = "ok" if entry.words == ParentsDecision.TOLD else "waiting"
    title = f"{_PARENTS[ParentsDecision(entry.words)]}: {entry.case}"
    return {"title": title, "text": channel + (contact.summary or contact.reason), "kind": kind}


def _notice(entry: Entry) -> dict[str, Any]:
    about = f"About: {NoticeAbout(entry.words).label.lower()}."
    if entry.row.told_at is None:
        return {"title": _PARENTS[ParentsDecision.WITHHELD], "text": about, "kind": "stop", "word": "Restricted"}
    how = f" {ToldHow(entry.row.told_how).label}." if entry.row.told_how else ""
    return {"title": _PARENTS[ParentsDecision.TOLD], "text": about + how, "kind": "ok"}


def _event(entry: Entry) -> dict[str, Any]:
    """A decision and a closing say why, where it is still the one that stands."""
    event, case = entry.row, entry.row.incident
    said = ""
    if event.kind == CaseEventKind.DECIDED and event.at == case.decided_at:
        said = case.decision_reason
    if event.kind == CaseEventKind.CLOSED and event.at == case.closed_at:
        said = case.outcome_words
    return {"title": f"{CaseEventKind(entry.words).label}: {entry.case}", "text": said}


def _level(entry: Entry) -> dict[str, Any]:
    return {"title": f"Level {entry.words} set: {entry.case}", "text": f"With {entry.row.tool}. {entry.row.reason}"}


def _sanction(entry: Entry) -> dict[str, Any]:
    until = f" until {day(entry.row.ends_on)}" if entry.row.ends_on else ""
    text = f"From {day(entry.row.starts_on)}{until}. {entry.row.reason}"
    return {"title": f"{entry.words}: {entry.case}", "text": text}


def _plan(entry: Entry) -> dict[str, Any]:
    word = PlanState(entry.words).label
    return {"title": f"Support planned: {entry.case}", "text": entry.row.aims, "word": word}


def _referral(entry: Entry) -> dict[str, Any]:
    return {"title": f"Referral: {entry.words} ({entry.case})"}


def _taken(entry: Entry) -> dict[str, Any]:
    taking = entry.row
    text = f"{taking.ground_words}. {taking.seen} Where: {taking.taken_where}."
    return {"title": f"Device taken: {Basis(entry.words).label.lower()}", "text": text, "kind": "attention"}


def _search(entry: Entry) -> dict[str, Any]:
    state = SearchState(entry.words).label
    return {"title": "Search", "text": state, "kind": "attention", "word": "Restricted"}


def _custody(entry: Entry) -> dict[str, Any]:
    return {"title": str(EventKind(entry.words).label), "kind": "neutral"}


_WORDS = {
    "incident": _incident,
    "note": _note,
    "contact": _contact,
    "notice": _notice,
    "event": _event,
    "level": _level,
    "sanction": _sanction,
    "plan": _plan,
    "referral": _referral,
    "taken": _taken,
    "search": _search,
    "custody": _custody,
}
