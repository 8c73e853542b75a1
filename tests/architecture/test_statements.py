"""No page asks the database more often because there is more to show (speed: lists cost the same at 1 and at 3)."""

from __future__ import annotations

import re
from collections import Counter

from core.audit.operations import record
from schoolsafe.access import ACCESS
from tests.architecture.records import Records
from tests.architecture.stage import Answer, Stage, undone
from tests.architecture.test_every_address import GOES_ON, IN_SCHOOL

# One of each kind of record, about a pupil and a person of their own.
OWN = (
    "contact", "contact_barred", "placement", "device", "custody", "bring", "declaration", "pupil_who_left",
    "holding", "reset", "body", "term", "place", "change", "notice", "notice_urgent", "entry", "roll_import",
    "proposal", "import_stopped", "mark", "missing", "decision", "call", "message", "damage", "loss",
    "acknowledgement", "print_job",
)  # fmt: skip
# Once more, about the pupil, the person and the place whose pages are asked for.
SHARED = ("contact", "placement", "device", "bring", "notice", "entry", "message", "damage")

PAGES = [name for name in IN_SCHOOL if "GET" in ACCESS[name].methods and name not in GOES_ON]


def fill(stage: Stage, first: Records) -> None:
    """One more of everything, beside and about the records of `first`."""
    reader = stage.everybody.user
    fresh = Records(stage.school, stage.at, reader=reader)
    for kind in OWN:
        fresh.make(kind)
    for kind in ("person_invited", "person_switched_off", "import_applied"):
        Records(stage.school, stage.at, reader=reader).make(kind)
    more = Records(stage.school, stage.at, reader=reader)
    more.made |= {kind: first.make(kind) for kind in ("pupil", "person", "form", "place")}
    for kind in SHARED:
        more.make(kind)


def asked(stage: Stage, first: Records, names: list[str], *, times: int) -> dict[str, Answer]:
    """Each page of `names`, the last of several times that it is asked for."""
    found = {}
    pupil = first.make("pupil")
    # The newest entry, so that the first page of the record names a pupil however many there are.
    record(school=stage.school, actor=None, action="people.edit_pupil", at=stage.at, obj=pupil)
    for name in names:
        with undone():  # a school has one running import at a time: here and no longer
            url = (stage.records() if name == "roll:progress" else first).address(name)
            found[name] = [stage.everybody.ask("GET", url) for _ in range(times)][-1]
    return found


def shape(sql: str) -> str:
    """A statement without its values."""
    sql = re.sub(r"'[^']*'|\b\d+\b|\"(?:s\d+_x\d+|_django_curs_\w+)\"", "?", sql)
    return re.sub(r"\(\?(, \?)+\)", "(?)", sql)


def cost(answer: Answer) -> Counter[str]:
    """How often each statement was sent for a page."""
    return Counter(map(shape, answer.statements))


def test_every_page_costs_the_same_statements_at_one_row_and_at_three(stage: Stage) -> None:
    """Walks every page that answers GET, of every kind of record, for a person who may see everything."""
    first = Records(stage.school, stage.at, reader=stage.everybody.user)
    fill(stage, first)
    for name in set(PAGES) - {"roll:progress"}:
        first.address(name)
    at_one = asked(stage, first, PAGES, times=2)  # what a process remembers is remembered then
    for _ in range(2):
        fill(stage, first)
    at_three = asked(stage, first, PAGES, times=1)
    other = [name for name in PAGES if cost(at_one[name]) != cost(at_three[name])]
    at_three |= asked(stage, first, other, times=2)
    worse = []
    for name in PAGES:
        assert (at_one[name].status, at_three[name].status) == (200, 200), name
        before, after = cost(at_one[name]), cost(at_three[name])
        if before != after:
            worse.append(f"{name}: from {before.total()} to {after.total()}: {after - before or before - after}")
    assert not worse, "\n".join(worse)
