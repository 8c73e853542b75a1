"""The questions of a search in their order, what each was answered, and which comes next."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.kit.times import moment
from devices.enums import ConsentAnswer, SearchBasis, SearchOf, SearchState
from devices.models import SearchRecord
from devices.queries.searches.records import findings_of, last_consent
from devices.queries.searches.searchers import in_words

LABELS = {
    "search-sought": "What is looked for",
    "search-why": "Why",
    "search-weigh": "What is known",
    "search-explain": "What the pupil was told",
    "search-consent": "Consent",
    "search-start": "Check before you start",
    "search-surroundings": "Where, and who is there",
    "search-manner": "How it is made",
    "search-found": "What was found",
    "search-outcome": "Force, risk and what follows",
    "search-complete": "Check your answers",
}
BEFORE = frozenset({SearchState.DRAFT, SearchState.AUTHORISED, SearchState.CONSENT_PENDING, SearchState.GROUNDS_STATED})
DURING = frozenset({SearchState.IN_PROGRESS})
_YES = {True: "Yes", False: "No", None: ""}


def questions_before(search: SearchRecord) -> list[str]:
    """The pages before the search, by URL name."""
    asked = ["search-sought", "search-why", "search-weigh", "search-explain"]
    return [*asked, "search-consent"] if search.basis == SearchBasis.CONSENT else asked


def questions_during(search: SearchRecord) -> list[str]:
    """The pages while it is made."""
    how = ["search-manner"] if search.of == SearchOf.POSSESSIONS else []
    return ["search-surroundings", *how, "search-found", "search-outcome"]


def questions_of(search: SearchRecord) -> list[str]:
    """The pages of the part that the search is in, the check last."""
    if search.state == SearchState.IN_PROGRESS:
        return [*questions_during(search), "search-complete"]
    return [*questions_before(search), "search-start"]


def is_answered(search: SearchRecord, name: str) -> bool:
    """Whether a page has been answered."""
    if name == "search-consent":
        consent = last_consent(search)
        return consent is not None and consent.answer == ConsentAnswer.GIVEN
    if name == "search-found":
        return bool(search.found) or findings_of(search).exists()
    given = {
        "search-sought": search.sought,
        "search-why": search.basis,
        "search-weigh": search.weighed,
        "search-explain": search.explained,
        "search-surroundings": search.place,
        "search-manner": search.outer_clothing_only is not None,
        "search-outcome": search.follow_up,
    }
    return bool(given.get(name, False))


def next_question(search: SearchRecord) -> str:
    """The first page that waits for an answer; the check when none does, the record when nothing is asked any more."""
    if search.state not in BEFORE | DURING:
        return "search"
    pages = questions_of(search)
    return next((name for name in pages[:-1] if not is_answered(search, name)), pages[-1])


def before_rows(search: SearchRecord) -> list[dict[str, Any]]:
    """What was answered before the search, each with the page it stands on."""
    rows = [
        _row("Item", str(search.item) if search.item else "Not on the list", "search-sought"),
        _row("What is looked for", search.sought, "search-sought"),
    ]
    if search.basis:
        rows.append(_row("By which power", search.get_basis_display(), "search-why"))
    rows.append(_row("The reason", search.grounds, "search-why"))
    if search.basis == SearchBasis.GROUNDS:
        rows.append(_row("Why it is necessary", search.necessity, "search-why"))
    if search.of == SearchOf.DEVICE:
        rows.append(_row("Good reason", search.get_good_reason_display(), "search-why"))
    rows += [
        {**_row("What is known", "", "search-weigh"), "lines": in_words(search.circumstances), "missing": "Nothing"},
        _row("How it was weighed", search.weighed, "search-weigh"),
        _row("What the pupil was told", search.explained, "search-explain"),
        _row("How they met it", search.get_cooperation_display(), "search-explain"),
    ]
    if search.tried:
        rows.append(_row("What was tried", search.tried, "search-explain"))
    if search.basis == SearchBasis.CONSENT:
        rows.append(_row("Consent", consent_in_words(search), "search-consent"))
    return rows


def consent_in_words(search: SearchRecord) -> str:
    """The latest answer, by whom, how, when and taken by whom."""
    consent = last_consent(search)
    if consent is None:
        return ""
    when = moment(consent.answered_at, now=timezone.now())
    said = f"{consent.get_answer_display()} by {consent.giver_name}, {when}: {consent.how}"
    return f"{said} (taken by {consent.taken_by.display_name})"


def during_rows(search: SearchRecord) -> list[dict[str, Any]]:
    """What was answered while it was made."""
    found = [
        f"{one.get_kind_display()}: {one.what}. {one.get_disposal_display()}{f' ({one.reason})' if one.reason else ''}"
        for one in findings_of(search)
    ]
    rows = [
        _row("Where", search.place, "search-surroundings"),
        _row("Witness", search.witness_name, "search-surroundings"),
        _row("Everybody else there", search.others_present, "search-surroundings"),
    ]
    if search.of == SearchOf.POSSESSIONS:
        rows += [
            _row("Searcher of the same sex", _YES[search.same_sex_searcher], "search-manner"),
            _row("Witness of the same sex", _YES[search.same_sex_witness], "search-manner"),
            _row("Outer clothing only", _YES[search.outer_clothing_only], "search-manner"),
        ]
        if search.urgent_reason:
            rows += [
                _row("Why it could not wait", search.urgent_reason, "search-manner"),
                _row("Second adult told at once", search.second_adult, "search-manner"),
            ]
    rows += [
        {**_row("What was found", "" if found else search.found, "search-found"), "lines": found},
        _row("Force used", _YES[search.force_used], "search-outcome"),
        _row("Shows a risk", _YES[search.risk], "search-outcome"),
    ]
    if search.risk_note:
        rows.append(_row("What the risk is", search.risk_note, "search-outcome"))
    rows.append(_row("What follows", search.follow_up, "search-outcome"))
    if search.support:
        rows.append(_row("Support", search.support, "search-outcome"))
    return rows


def _row(label: str, value: str, page: str) -> dict[str, Any]:
    return {"label": label, "value": value, "page": page}
