"""Searches, deletions, force and the registers beside them, for the sweeps."""

from __future__ import annotations

import itertools
from typing import Any

_lists = itertools.count(1)

# Where an address needs its search in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "devices:search-sought": {"search": "search_draft"},
    "devices:search-why": {"search": "search_allowed"},
    "devices:search-weigh": {"search": "search_allowed"},
    "devices:search-explain": {"search": "search_allowed"},
    "devices:search-start": {"search": "search_stated"},
    "devices:search-consent": {"search": "search_consent"},
    "devices:search-surroundings": {"search": "search_under_way"},
    "devices:search-manner": {"search": "search_under_way"},
    "devices:search-found": {"search": "search_found"},
    "devices:search-nothing": {"search": "search_under_way"},
    "devices:search-outcome": {"search": "search_under_way"},
    "devices:search-complete": {"search": "search_found"},
    "devices:search-stop": {"search": "search_under_way"},
    "devices:search-next-step": {"search": "search_refused"},
    "devices:search-close": {"search": "search_followed_up"},
    "devices:seizure-force": {"custody": "stay_seized"},
    "devices:request-deletion": {"custody": "stay_seized"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "devices:searches": ("search", "search_draft", "search_under_way", "search_refused"),
    "devices:deletions": ("deletion",),
    "devices:prohibited": ("prohibited_item",),
    "devices:searchers": ("searcher",),
    "devices:screenings": ("screening",),
    "devices:police-searches": ("police_search",),
    "devices:open-search": ("stay_seized",),
    "devices:search": ("search",),
}


class SearchRecords:
    """Made by the reader, whom the headteacher has put on the register."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any

    def _head(self) -> Any:
        return self.make("headteacher")

    def make_headteacher(self) -> Any:
        from tests.factories import make_user

        return make_user("headteacher", self.school)

    def make_searcher(self) -> Any:
        from devices.operations.searches import authorise_searcher

        return authorise_searcher(
            school=self.school, actor=self._head(), at=self.at, person=self.reader, scope=["possessions", "device"],
            classes=["statutory", "school"], starts_on=self.at.date(),
        )  # fmt: skip

    def make_prohibited_item(self) -> Any:
        from devices.operations.searches import add_prohibited

        return add_prohibited(
            school=self.school, actor=None, at=self.at, name=self.said(f"Vapes, list {next(_lists)}", 120),
            searchable=True, starts_on=self.at.date(), source=self.said("Behaviour policy, edition 3", 160),
        )  # fmt: skip

    def _search(self, state: str, **given: Any) -> Any:
        from devices.enums import SearchState
        from tests.factories.searching import make_search

        self.make("searcher")
        self._any_basis()
        given.setdefault("decision_reason", "Known to me.")
        return make_search(self.make("pupil"), by=self.reader, at=self.at, state=SearchState(state), **given)

    def make_search(self) -> Any:
        return self._search("completed_nothing", force=True)

    def make_search_draft(self) -> Any:
        return self._search("draft")

    def make_search_allowed(self) -> Any:
        return self._search("authorised")

    def make_search_stated(self) -> Any:
        return self._search("grounds_stated")

    def make_search_under_way(self) -> Any:
        return self._search("in_progress")

    def make_search_found(self) -> Any:
        from devices.operations.searches import add_finding

        return add_finding(
            school=self.school, actor=self.reader, at=self.at, search=self._search("in_progress"), kind="weapon",
            what=self.said("A craft knife", 200), disposal="police",
        )  # fmt: skip

    def make_search_followed_up(self) -> Any:
        return self._search("followed_up", dsl=self._head())

    def _any_basis(self) -> None:
        from core.rules.operations import change_rule
        from core.rules.queries import for_school

        if for_school(self.school, on=self.at.date()).search_basis != "either":
            change_rule(
                school=self.school, actor=None, at=self.at, key="search_basis", value="either",
                effective_from=self.at.date(), reason="For a test.",
            )  # fmt: skip
            self.school.refresh_from_db()

    def make_search_consent(self) -> Any:
        return self._search("consent_pending", basis="consent")

    def make_search_refused(self) -> Any:
        return self._search("ended_refused", basis="consent")

    def make_stay_seized(self) -> Any:
        from tests.factories.taking import make_taken

        device = self.make_device()
        return make_taken(device.pupil, device, by=self.reader, at=self.at)

    def make_deletion(self) -> Any:
        from devices.operations.searches import request_deletion

        return request_deletion(
            school=self.school, actor=self.reader, at=self.at, custody=self.make("stay_seized"), suspected=False,
            content=self.said("A copied answer sheet", 200), rule_broken=self.said("Exams", 200),
            reason=self.said("It is passed on", 500),
        )  # fmt: skip

    def make_force(self) -> Any:
        from devices.operations.searches import ForceFacts, record_force

        facts = ForceFacts(
            staff=self.said("R. Reed", 300), happened_at=self.at, place=self.said("Corridor", 120),
            lead_up=self.said("A shout", 1000), de_escalation=self.said("A calm word", 1000), kinds=("hold",),
            minutes=1, necessary=self.said("A blade", 1000), injuries="None", support=self.said("A talk", 500),
        )  # fmt: skip
        return record_force(school=self.school, actor=self.reader, at=self.at, search=self.make("search"), facts=facts)

    def make_screening(self) -> Any:
        from devices.operations.searches import record_screening

        return record_screening(
            school=self.school, actor=self._head(), at=self.at, kind="arch", place=self.said("Main gate", 120),
            started_at=self.at, ended_at=self.at, screened=120, led_to_searches=2, note=self.said("Quiet", 300),
        )  # fmt: skip

    def make_police_search(self) -> Any:
        from devices.operations.searches import PoliceSearchFacts, record_police_search

        facts = PoliceSearchFacts(
            strip_search=False, risk_weighed=self.said("A blade", 1000), called_at=self.at,
            officers=self.said("Officer 4417", 300), appropriate_adult=self.said("M. Osei", 160),
            parent_told_note=self.said("By phone", 300), started_at=self.at, ended_at=self.at,
            place=self.said("Office", 120), found="Nothing", aftercare=self.said("A talk", 1000),
        )  # fmt: skip
        return record_police_search(
            school=self.school, actor=self._head(), at=self.at, pupil=self.make("pupil"), facts=facts
        )
