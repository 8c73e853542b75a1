"""A pupil's chronology of 200 entries, in a school with 1,000 incidents and in one with 100,000."""

from __future__ import annotations

from benchmarks.stage import Result, Stage

# Copies of the first record about other pupils, each with one person, one note and two steps.
GROW = """
SET session_replication_role = replica;
INSERT INTO incidents_incident (uid, reference, {columns}) SELECT gen_random_uuid(), 'G' || g, {columns}
FROM incidents_incident CROSS JOIN generate_series({first}, {last}) g
WHERE incidents_incident.id = (SELECT min(id) FROM incidents_incident);
INSERT INTO incidents_incidentperson (created_at, changed_at, version, role, kind, name, incident_id, pupil_id,
    school_id)
SELECT now(), now(), 1, 'subject', 'pupil', '', i.id, p.id, i.school_id
FROM incidents_incident i
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM people_pupil
      WHERE id <> (SELECT min(pupil_id) FROM incidents_incidentperson)) p ON p.n = 1 + i.id % p.many
WHERE NOT EXISTS (SELECT FROM incidents_incidentperson x WHERE x.incident_id = i.id);
INSERT INTO incidents_incidentnote (uid, kind, text, at, incident_id, by_id, school_id)
SELECT gen_random_uuid(), 'case_note', '\\x01', i.reported_at, i.id, i.reporter_id, i.school_id
FROM incidents_incident i WHERE NOT EXISTS (SELECT FROM incidents_incidentnote x WHERE x.incident_id = i.id);
INSERT INTO incidents_incidentevent (kind, from_state, to_state, at, about, incident_id, by_id, school_id)
SELECT k.kind, k.origin, 'triaged', i.reported_at, '', i.id, i.reporter_id, i.school_id
FROM incidents_incident i CROSS JOIN (VALUES ('triaged', 'reported'), ('assigned', 'triaged')) AS k(kind, origin)
WHERE NOT EXISTS (SELECT FROM incidents_incidentevent x WHERE x.incident_id = i.id);
SET session_replication_role = DEFAULT;
ANALYZE;
"""


def chronology(stage: Stage) -> Result:
    """Medians of the page in one process, as the DSL opens it; the statements it sends."""
    stage.install()
    stage.play("seed", str(stage.size(1500, 60)))
    small, large = stage.size(1_000, 100), stage.size(100_000, 1_000)
    columns = stage.play("chronology", "fill", "40")["columns"]
    stage.sql(GROW.format(columns=columns, first=41, last=small))
    before = stage.play("chronology", "read", str(stage.size(60, 10)))
    stage.sql(GROW.format(columns=columns, first=small + 1, last=large))
    after = stage.play("chronology", "read", str(stage.size(60, 10)))
    figures = {
        "page at 1,000 incidents, ms": float(before["median"]),
        "page at 100,000 incidents, ms": float(after["median"]),
        "page at 100,000 incidents, p95 ms": float(after["p95"]),
        "ratio": float(after["median"]) / float(before["median"]),
        "statements": float(after["statements"]),
    }
    limits = {"ratio": 1.5, "statements": 20, "page at 100,000 incidents, p95 ms": 600}
    return Result("chronology", figures, limits, [f"{after['entries']} entries of one pupil, 50 a page."])
