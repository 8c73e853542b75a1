"""Three hundred devices given back one by one, beside the bare hand-in of the same run."""

from __future__ import annotations

from benchmarks.arrivals import ROUNDS, Desk
from benchmarks.stage import Load, Result, Stage, median


def return_all(stage: Stage) -> Result:
    """CPU and p95 of a return at 1, 4 and 16 clients against the bare hand-in; none left, none given back twice."""
    desk = Desk(stage)
    count = stage.size(300, 40)
    numbers = desk.numbers[:count]
    figures: dict[str, float] = {}
    limits: dict[str, float] = {}
    refused = 0
    desk.hand_ins(numbers[:20], 4)
    desk.returns(numbers[:20], 4)
    desk.bare_hand_ins(numbers[:20], 4)
    for clients in (1, 4, 16):
        ours: list[Load] = []
        bare: list[Load] = []
        for _ in range(ROUNDS):
            desk.hand_ins(numbers, 16)
            ours.append(desk.returns(numbers, clients))
            bare.append(desk.bare_hand_ins(numbers, clients))
        cpu, limit = median([load.cpu_ms for load in ours]), median([load.cpu_ms for load in bare])
        slow, quick = median([load.p95_ms for load in ours]), median([load.p95_ms for load in bare])
        refused += sum(number for load in ours for status, number in load.statuses.items() if status != 200)
        figures |= {
            f"{clients} clients: CPU ms": cpu,
            f"{clients} clients: bare CPU ms": limit,
            f"{clients} clients: CPU ratio": cpu / limit,
            f"{clients} clients: p95 ms": slow,
            f"{clients} clients: p95 ratio": slow / quick,
        }
        limits |= {f"{clients} clients: CPU ratio": 2.5, f"{clients} clients: p95 ratio": 2.5}
    told = stage.play("count", str(count))
    figures |= {"still here": float(told["stays"]), "refused": float(refused)}
    limits |= {"still here": 0, "refused": 0}
    return Result("return-all", figures, limits, ["Limits: those of arrivals (speed.md)."])
