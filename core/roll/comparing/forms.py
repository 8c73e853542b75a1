"""Forms: found by name, made when a pupil is in one that is new, their years spanned by the pupils in them."""

from __future__ import annotations

from core.people.enums import year_label
from core.roll.comparing.now import FormNow, RollNow
from core.roll.comparing.plan import Keys, Plan, Planned, differences
from core.roll.enums import Action, Entity, FileKind
from core.roll.reading import Problem, Severity
from core.roll.values import BadValue, parse_year_group


class Forms:
    """The school's forms while a plan is made."""

    def __init__(self, plan: Plan, now: RollNow, keys: Keys) -> None:
        self.plan, self.keys = plan, keys
        self.now = {form.name.casefold(): form for form in now.forms}
        self.by_id = {form.id: form for form in now.forms}
        self.new: dict[str, tuple[int, str]] = {}
        self.years: dict[int, set[int]] = {}
        self.used: set[int] = set()

    def for_pupil(self, name: str, year: int) -> int | None:
        """The key of the form of that name, new if need be; its span takes in `year`."""
        if not name:
            return None
        folded = name.casefold()
        form = self.now.get(folded)
        if form is not None:
            key = form.id
        else:
            if folded not in self.new:
                self.new[folded] = (self.keys.take(Entity.FORM), name)
            key = self.new[folded][0]
        self.years.setdefault(key, set()).add(year)
        self.used.add(key)
        return key

    def stays(self, form_id: int | None, year: int) -> None:
        """A pupil who is not in the list stays in this form, so its span still takes in their year."""
        if form_id is not None:
            self.years.setdefault(form_id, set()).add(year)

    def for_tutor(self, text: str, row: int, column: str) -> int | None:
        """The form that a staff list means by name, or by a year that has only one form; else a note to look at."""
        folded = text.casefold()
        if folded in self.new:
            return self.new[folded][0]
        if folded in self.now:
            return self.now[folded].id
        found = self._of_year(text)
        if len(found) == 1:
            return found[0]
        sentence = (
            f'There is no form called "{text}". Several forms have pupils of that year: choose the tutor by hand.'
            if found
            else f'There is no form called "{text}", so no tutor is set.'
        )
        self.plan.problem(FileKind.STAFF, Problem(row, column, text, sentence, Severity.CHECK))
        return None

    def _of_year(self, text: str) -> list[int]:
        try:
            year = parse_year_group(text)
        except BadValue:
            return []
        return sorted(key for key in {*self.by_id, *(key for key, _ in self.new.values())} if self._spans(key, year))

    def _spans(self, key: int, year: int) -> bool:
        years = self.years.get(key)
        form = self.by_id.get(key)
        if years:
            return min(years) <= year <= max(years)
        if form is None or form.year_from is None or form.closed_on is not None:
            return False
        return form.year_from <= year <= (form.year_to if form.year_to is not None else form.year_from)

    def name(self, key: int) -> str:
        form = self.by_id.get(key)
        return form.name if form else next((name for known, name in self.new.values() if known == key), "")

    def finish(self, has_pupils: bool) -> None:
        """Plan the new forms, and the changes of years and tutors of those there are."""
        kind = FileKind.PUPILS if has_pupils else FileKind.STAFF
        added = changed = 0
        for key, name in self.new.values():
            years = self.years[key]
            added += 1
            self.plan.changes.append(
                Planned(
                    Entity.FORM, Action.ADD, kind, key,
                    {
                        "name": name, "year_from": min(years), "year_to": max(years),
                        "tutor_id": self.plan.tutors.get(key),
                    },
                    label=f"{name}, {_span(min(years), max(years))}",
                )
            )  # fmt: skip
        for key in sorted(self.used | set(self.plan.tutors)):
            form = self.by_id.get(key)
            if form is None:
                continue
            changed += self._change(form, kind)
        self.plan.summary["forms"] = {"add": added, "change": changed}

    def _change(self, form: FormNow, kind: FileKind) -> bool:
        wanted: dict[str, object] = {}
        if form.id in self.used:
            years = self.years[form.id]
            wanted.update(year_from=min(years), year_to=max(years), closed_on=None)
        if form.id in self.plan.tutors:
            wanted["tutor_id"] = self.plan.tutors[form.id]
        old, new = differences(form, wanted)
        if not new:
            return False
        self.plan.changes.append(
            Planned(Entity.FORM, Action.CHANGE, kind, form.id, new, old, label=form.name, expected_version=form.version)
        )
        return True


def _span(first: int, last: int) -> str:
    return year_label(first) if first == last else f"{year_label(first)} to {year_label(last)}"
