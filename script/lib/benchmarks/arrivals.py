"""The hand-in POST, whole, beside a bare Django hand-in in the same run; empty and with a million events."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from benchmarks.stage import Load, Result, Server, Stage, median

ROUNDS = 5
PATH = "/benchmark/devices/arrivals/"

_GROW = """
SET session_replication_role = replica;
INSERT INTO devices_custodyrecord (created_at, changed_at, version, day, basis, state, switched_off, condition, note,
    place_reason, bring_reason, flags, rules_version, opened_at, opened_by_id, closed_at, closed_by_id, voided,
    school_id, device_id, pupil_id, place_id, slot_id)
SELECT n.at, n.at, 2, n.at::date, 'hand_in', 'returned', true, '', '', '', '', '{{}}', 1, n.at, {user},
    n.at + interval '6 hours', {user}, false, d.school_id, d.id, d.pupil_id, s.place_id, s.id
FROM devices_pupildevice d JOIN devices_slot s ON s.id = d.usual_slot_id
    CROSS JOIN (SELECT now() - (g || ' days')::interval AS at FROM generate_series(3, {days}) g) n;
INSERT INTO devices_historicalcustodyrecord (id, created_at, changed_at, version, day, basis, state, switched_off,
    condition, note, place_reason, bring_reason, flags, rules_version, opened_at, opened_by_id, voided, school_id,
    device_id, pupil_id, place_id, slot_id, history_date, history_type, history_user_id)
SELECT c.id, c.created_at, c.changed_at, k.version, c.day, c.basis, k.state, c.switched_off, c.condition, c.note,
    c.place_reason, c.bring_reason, c.flags, c.rules_version, c.opened_at, c.opened_by_id, c.voided, c.school_id,
    c.device_id, c.pupil_id, c.place_id, c.slot_id, c.opened_at, k.kind, c.opened_by_id
FROM devices_custodyrecord c CROSS JOIN (VALUES (1, 'stored', '+'), (2, 'returned', '~')) AS k(version, state, kind)
WHERE c.closed_at IS NOT NULL;
INSERT INTO devices_custodyevent (kind, basis, from_state, to_state, at, recorded_at, switched_off, given_to,
    given_to_name, condition, reason, note, by_id, custody_id, device_id, place_id, slot_id, school_id)
SELECT k.kind, 'hand_in', k.origin, k.target, c.opened_at, c.opened_at, true, k.taker, '', '', '', '',
    c.opened_by_id, c.id, c.device_id, c.place_id, c.slot_id, c.school_id
FROM devices_custodyrecord c CROSS JOIN (VALUES ('hand_in', 'with_pupil_off_site', 'handed_in', ''),
    ('store', 'handed_in', 'stored', ''), ('return', 'stored', 'returned', 'pupil')) AS k(kind, origin, target, taker)
WHERE c.closed_at IS NOT NULL;
INSERT INTO audit_entry (school_id, actor_id, action, outcome, object_type, object_id, detail, at)
SELECT c.school_id, c.opened_by_id, 'devices.hand_in', 'done', 'devices.custodyrecord', c.id, '{{}}', c.opened_at
FROM devices_custodyrecord c WHERE c.closed_at IS NOT NULL;
SET session_replication_role = DEFAULT;
ANALYZE;
"""

_RESET = """
ALTER TABLE devices_custodyevent DISABLE TRIGGER devices_custodyevent_append_only;
DELETE FROM devices_custodyevent WHERE custody_id IN (SELECT id FROM devices_custodyrecord WHERE closed_at IS NULL);
DELETE FROM devices_historicalcustodyrecord WHERE id IN (SELECT id FROM devices_custodyrecord WHERE closed_at IS NULL);
DELETE FROM devices_custodyrecord WHERE closed_at IS NULL;
ALTER TABLE devices_custodyevent ENABLE ALWAYS TRIGGER devices_custodyevent_append_only;
ANALYZE devices_custodyrecord, devices_custodyevent, devices_historicalcustodyrecord;
"""


class Desk:
    """The product and the bare limit, seeded with the same pupils and served side by side."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.install()
        self.seed = stage.play("seed", str(stage.size(1500, 60)))
        self.numbers: list[str] = list(self.seed["numbers"])
        self.ours = stage.serve("schoolsafe.wsgi:application", CONN_MAX_AGE="600")
        self.bare_seed = self._bare()
        self.bare = stage.serve(
            "bare.wsgi:application", DJANGO_SETTINGS_MODULE="bare.settings", BARE_DATABASE_URL=self.bare_url
        )

    def _bare(self) -> dict[str, Any]:
        postgres = self.stage.servers.postgres
        assert postgres
        self.stage.sql("CREATE DATABASE bare OWNER schoolsafe_owner")
        self.bare_url = postgres.url("schoolsafe_owner", "bare")
        self.stage.env["BARE_DATABASE_URL"] = self.bare_url
        return self.stage.play("seed_bare", str(len(self.numbers)))

    def hand_ins(self, numbers: list[str], clients: int) -> Load:
        bodies = [
            urlencode({"code": number, "switched_off": "on", "submission": str(uuid.uuid4())}).encode()
            for number in numbers
        ]
        cookie = f"sessionid={self.seed['session']}"
        return self._load(self.ours, PATH, bodies, cookie, clients)

    def bare_hand_ins(self, numbers: list[str], clients: int) -> Load:
        bodies = [urlencode({"code": number}).encode() for number in numbers]
        return self._load(self.bare, "/hand-in/", bodies, f"sessionid={self.bare_seed['session']}", clients)

    def whole_forms(self, forms: dict[str, list[int]]) -> Load:
        """Each form in one POST, every pupil In."""
        bodies = [
            urlencode(
                {f"answer-{key}": "in" for key in pupils}
                | {"counted": len(pupils), "switched_off": "on", "submission": str(uuid.uuid4())}
            ).encode()
            for pupils in forms.values()
        ]
        paths = [f"/benchmark/devices/forms/{form}/" for form in forms]
        return self._load(self.ours, paths, bodies, f"sessionid={self.seed['session']}", 1)

    def returns(self, numbers: list[str], clients: int) -> Load:
        bodies = [urlencode({"code": number, "submission": str(uuid.uuid4())}).encode() for number in numbers]
        return self._load(
            self.ours, "/benchmark/devices/hand-back/", bodies, f"sessionid={self.seed['session']}", clients
        )

    def _load(self, server: Server, path: str | list[str], bodies: list[bytes], cookie: str, clients: int) -> Load:
        return self.stage.load(server, path, bodies, cookie=cookie, clients=clients)

    def reset(self) -> None:
        """As if the morning had not begun."""
        self.stage.sql(_RESET)


def _compare(desk: Desk, clients: int, count: int) -> tuple[list[Load], list[Load]]:
    ours, bare = [], []
    desk.hand_ins(desk.numbers[:20], clients)
    desk.bare_hand_ins(desk.numbers[:20], clients)
    for _ in range(ROUNDS):
        desk.reset()
        ours.append(desk.hand_ins(desk.numbers[:count], clients))
        bare.append(desk.bare_hand_ins(desk.numbers[:count], clients))
    return ours, bare


def arrivals(stage: Stage) -> Result:
    """CPU and p95 at 1, 4 and 16 clients against the bare hand-in; none lost, none doubled."""
    desk = Desk(stage)
    count = stage.size(300, 40)
    figures: dict[str, float] = {}
    limits: dict[str, float] = {}
    refused = 0
    for clients in (1, 4, 16):
        ours, bare = _compare(desk, clients, count)
        cpu, limit = median([load.cpu_ms for load in ours]), median([load.cpu_ms for load in bare])
        slow, quick = median([load.p95_ms for load in ours]), median([load.p95_ms for load in bare])
        refused += sum(sum(n for status, n in load.statuses.items() if status != 200) for load in ours)
        figures |= {
            f"{clients} clients: CPU ms": cpu,
            f"{clients} clients: bare CPU ms": limit,
            f"{clients} clients: CPU ratio": cpu / limit,
            f"{clients} clients: p95 ms": slow,
            f"{clients} clients: bare p95 ms": quick,
            f"{clients} clients: p95 ratio": slow / quick,
        }
        limits |= {f"{clients} clients: CPU ratio": 2.5, f"{clients} clients: p95 ratio": 2.5}
    told = stage.play("count", str(count))
    figures |= {
        "statements": float(told["statements"]),
        "lost": float(count - int(told["stays"])),
        "doubled": float(told["doubled"]),
        "refused": float(refused),
    }
    limits |= {"statements": 13, "lost": 0, "doubled": 0, "refused": 0}
    return Result("arrivals", figures, limits, ["Limits: speed.md. Excellent is a CPU ratio of 2."])


def arrivals_grown(stage: Stage) -> Result:
    """The same POST with a million custody events already there."""
    desk = Desk(stage)
    count = stage.size(300, 40)
    empty, _ = _compare(desk, 4, count)
    desk.reset()
    days = stage.size(225, 5)
    stage.sql(_GROW.format(user=desk.seed["user"], days=days))
    grown, _ = _compare(desk, 4, count)
    before, after = median([load.cpu_ms for load in empty]), median([load.cpu_ms for load in grown])
    told = stage.play("count", str(count))
    figures = {
        "custody events": float(told["events"]),
        "empty: CPU ms": before,
        "grown: CPU ms": after,
        "CPU ratio": after / before,
    }
    return Result("arrivals-grown", figures, {"CPU ratio": 1.15})
