"""A form of thirty in one POST beside one hand-in of the same run: it must not cost thirty hand-ins."""

from __future__ import annotations

from benchmarks.arrivals import ROUNDS, Desk
from benchmarks.stage import Result, Stage, median


def whole_form(stage: Stage) -> Result:
    """CPU of a whole form against one hand-in; every pupil taken in once; statements of one POST."""
    desk = Desk(stage)
    forms = dict(desk.seed["forms"])
    count = stage.size(300, 40)
    first = dict([next(iter(forms.items()))])
    desk.hand_ins(desk.numbers[:20], 1)
    desk.reset()
    desk.whole_forms(first)
    ones, wholes = [], []
    refused = 0
    for _ in range(ROUNDS):
        desk.reset()
        ones.append(desk.hand_ins(desk.numbers[:count], 1))
        desk.reset()
        wholes.append(desk.whole_forms(forms))
        refused += sum(number for status, number in wholes[-1].statuses.items() if status >= 400)
    told = stage.play("count", str(len(desk.numbers)))
    one, whole = median([load.cpu_ms for load in ones]), median([load.cpu_ms for load in wholes])
    desk.reset()
    sent = stage.play("count_form")
    figures = {
        "pupils in a form": median([float(len(pupils)) for pupils in forms.values()]),
        "one hand-in: CPU ms": one,
        "whole form: CPU ms": whole,
        "CPU ratio": whole / one,
        "whole form: p95 ms": median([load.p95_ms for load in wholes]),
        "statements": float(sent["statements"]),
        "lost": float(len(desk.numbers) - int(told["stays"])),
        "doubled": float(told["doubled"]),
        "refused": float(refused),
    }
    limits = {"CPU ratio": 4.0, "whole form: p95 ms": 400, "lost": 0, "doubled": 0, "refused": 0}
    return Result("whole-form", figures, limits, ["Limits: speed.md, and ux 8 for the 400 ms."])
