"""Records of incidents, for the sweeps: a teacher's report about a pupil, which the DSL may read."""

from __future__ import annotations

from typing import Any

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {}
SHOWN: dict[str, tuple[str, ...]] = {
    "incidents:case": ("case_addition",),
    "incidents:case-notes": ("case_note", "case_correction"),
    "incidents:case-people": ("case_person",),
}


class CaseRecords:
    """Each record of a case belongs to the one incident, where its address does not need another."""

    school: Any
    at: Any
    make: Any
    said: Any

    def make_case_reporter(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school)

    def make_incident(self) -> Any:
        from tests.factories.cases import make_case

        words = {name: self.said("Words of a report.", 2000) for name in ("account", "own_words", "opinion")}
        return make_case(
            self.school, by=self.make("case_reporter"), at=self.at, pupil=self.make("pupil"),
            place=self.said("Corridor", 120), **words,
        )  # fmt: skip

    def _note(self, **fields: Any) -> Any:
        from incidents.models import IncidentNote

        values = {"kind": "case_note", "text": self.said("Words of a note.", 2000), "at": self.at}
        return IncidentNote.objects.create(
            school=self.school, incident=self.make("incident"), by=self.make("case_reporter"), **values | fields
        )

    def make_case_note(self) -> Any:
        return self._note()

    def make_case_addition(self) -> Any:
        return self._note(kind="added")

    def make_case_correction(self) -> Any:
        return self._note(kind="correction", corrects=self.make("case_note"))

    def make_case_person(self) -> Any:
        from tests.factories.cases import add_person

        return add_person(self.make("incident"), at=self.at, role="witness", name=self.said("A passer-by", 120))
