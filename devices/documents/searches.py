"""The record of one search on paper, with every answer that the law asks for (DOC-12, law SE-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.kit.times import clock, day, moment
from core.people.models import User
from devices.documents.taken import Facts, letterhead_of, named
from devices.models import ParentNotice, SearchConsent, SearchFinding, SearchRecord

NOT_ANSWERED = "Not answered yet"


@dataclass(frozen=True)
class SearchFacts(Facts):
    """The answers in their sections, each with its rows. `finished`: all ten of law SE-5 are there."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    finished: bool


def search_facts(
    search: SearchRecord,
    *,
    consents: Iterable[SearchConsent],
    findings: Iterable[SearchFinding],
    notices: Iterable[ParentNotice],
    at: datetime,
    by: User,
) -> dict[str, Any]:
    """The snapshot of one search. `search` comes with pupil, form, searcher, item, custody and device."""
    started = search.started_at
    required = [
        ("Date", day(started) if started else ""),
        ("Time", clock(started) if started else ""),
        ("Where", search.place),
        ("Who", _who(search)),
        ("Searched by", f"{search.searcher.display_name}: {search.get_searched_as_display().lower()}"),
        ("Witness", search.witness.display_name if search.witness else search.witness_name),
        ("Others there", search.others_present),
        ("What was looked for", search.sought or (search.item.name if search.item else "")),
        ("Why", search.grounds),
        ("What was found", search.found),
        ("What follows", search.follow_up),
    ]
    sections = [
        (
            "The search",
            [
                ("State", str(search.get_state_display())),
                ("What was searched", _searched(search)),
                ("Power", str(search.get_basis_display()) if search.basis else ""),
                ("Governing document", ", ".join(part for part in (search.document, search.edition) if part)),
            ],
        ),
        ("The ten answers", [(label, said or NOT_ANSWERED) for label, said in required]),
        ("Before it", _before(search, consents)),
        ("How it was made", _making(search)),
        ("What was found, and what was decided", [(str(one.get_kind_display()), _finding(one)) for one in findings]),
        ("After it", _after(search, notices)),
    ]
    return asdict(
        SearchFacts(
            letterhead=letterhead_of(search.school),
            title="Search record",
            number=search.pk,
            made=moment(at),
            made_by=by.display_name,
            sections=tuple(
                (name, kept)
                for name, rows in sections
                if (kept := tuple((label, said) for label, said in rows if said))
            ),
            finished=all(said for _label, said in required),
        )
    )


def _who(search: SearchRecord) -> str:
    form = search.pupil.form
    return named(search.pupil.display_name, form.name if form else "")


def _searched(search: SearchRecord) -> str:
    of = str(search.get_of_display())
    return f"{of}: {search.custody.device.description}" if search.custody else of


def _before(search: SearchRecord, consents: Iterable[SearchConsent]) -> list[tuple[str, str]]:
    rows = [
        ("Why it was necessary", search.necessity),
        ("Good reason to look at the contents", search.get_good_reason_display() if search.good_reason else ""),
        ("What was weighed", search.weighed),
        ("What was explained", search.explained),
        ("Cooperation", search.get_cooperation_display() if search.cooperation else ""),
        ("What was tried", search.tried),
    ]
    return rows + [
        (
            f"Consent: {one.get_answer_display().lower()}",
            f"{one.giver_name} ({one.get_giver_display().lower()}), {moment(one.answered_at)}. {one.how} "
            f"Taken by {one.taken_by.display_name}.",
        )
        for one in consents
    ]


def _making(search: SearchRecord) -> list[tuple[str, str]]:
    return [
        ("Completed", moment(search.completed_at) if search.completed_at else ""),
        ("Witness", search.witness.display_name if search.witness else search.witness_name),
        ("Searcher of the same sex", _yes_no(search.same_sex_searcher)),
        ("Witness of the same sex", _yes_no(search.same_sex_witness)),
        ("Only outer clothing", _yes_no(search.outer_clothing_only)),
        ("Why it could not wait", search.urgent_reason),
        ("Second adult told at once", search.second_adult),
        ("Force was used", _yes_no(search.force_used)),
        ("Why it stopped", search.stopped_because),
    ]


def _yes_no(answer: bool | None) -> str:
    return "" if answer is None else "Yes" if answer else "No"


def _finding(finding: SearchFinding) -> str:
    said = f"{finding.what}. {finding.get_disposal_display()}"
    return f"{said}: {finding.reason}" if finding.reason else said


def _after(search: SearchRecord, notices: Iterable[ParentNotice]) -> list[tuple[str, str]]:
    rows = [
        ("Shows a safeguarding risk", _yes_no(search.risk)),
        ("Of what kind", search.risk_note),
        ("Support offered", search.support),
        ("The DSL’s view of wider risk", search.wider_risk),
        ("Next step", search.get_next_step_display() if search.next_step else ""),
    ]
    rows += [("Parent or carer", _told(notice)) for notice in notices]
    if search.closed_at is not None and search.closed_by is not None:
        rows.append(("Closed", f"{moment(search.closed_at)}, by {search.closed_by.display_name}"))
    return rows


def _told(notice: ParentNotice) -> str:
    """Told when, how and by whom; why it is withheld is the DSL's alone and stands on no paper."""
    if notice.told_at is not None and notice.told_by is not None:
        who = f", {notice.contact.display_name}" if notice.contact else ""
        how = notice.get_told_how_display().lower()
        return f"Told {moment(notice.told_at)}, {how}{who}, by {notice.told_by.display_name}"
    if notice.withheld_at is not None:
        return "Not told: withheld by the DSL"
    if notice.dropped_at is not None:
        return f"Not told: {notice.dropped_because}"
    return f"To be told by {moment(notice.due_at)}"
