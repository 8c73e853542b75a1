"""What `script/bench` can measure, by name."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.agreements_pdf import agreements_pdf
from benchmarks.arrivals import arrivals, arrivals_grown
from benchmarks.chronology import chronology
from benchmarks.desk_tasks import desk_tasks
from benchmarks.importing import import_roll
from benchmarks.inbox import dsl_inbox
from benchmarks.incident_search import incident_search
from benchmarks.return_all import return_all
from benchmarks.search import desk_search
from benchmarks.stage import Result, Stage
from benchmarks.starting import start
from benchmarks.whole_form import whole_form

BENCHMARKS: dict[str, Callable[[Stage], Result]] = {
    "agreements-pdf": agreements_pdf,
    "arrivals": arrivals,
    "arrivals-grown": arrivals_grown,
    "chronology": chronology,
    "desk-search": desk_search,
    "desk-tasks": desk_tasks,
    "dsl-inbox": dsl_inbox,
    "import": import_roll,
    "incident-search": incident_search,
    "return-all": return_all,
    "start": start,
    "whole-form": whole_form,
}
