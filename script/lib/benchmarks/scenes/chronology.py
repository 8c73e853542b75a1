"""A pupil with five entries for each of so many records, and how long the DSL waits for the page that tells them."""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from core.people.models import Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role
from incidents.enums import CaseState, IncidentType, NoteKind, PersonKind, PersonRole
from incidents.models import Incident, IncidentNote, IncidentPerson
from incidents.operations.moves import next_reference


def fill(records: int) -> dict[str, Any]:
    """A DSL, and the first pupil with so many records of four notes each; the columns that a copy of one takes over."""
    school, now = School.objects.get(slug="benchmark"), timezone.now()
    with scope(school=school):
        dsl = User(email="dsl@example.org", given_name="Robin", family_name="Lead")
        dsl.set_password("a long enough password")
        dsl.save()
        Membership.objects.create(school=school, user=dsl, joined_on=date(2025, 9, 1))
        RoleHolding.objects.create(school=school, user=dsl, role=Role.DSL, starts_on=date(2025, 9, 1))
        pupil = Pupil.objects.order_by("pk")[0]
        for number in range(records):
            at = now - timedelta(days=number)
            case = Incident(
                school=school, reporter=dsl, type=IncidentType.USED_IN_LESSON, state=CaseState.REPORTED,
                account="Seen at the lockers after the bell, a phone in hand.", happened_at=at, reported_at=at,
                reference=next_reference(school, now), title="Phone in a lesson",
            )  # fmt: skip
            case.stamp(by=dsl, at=at)
            case.save()
            person = IncidentPerson(
                school=school, incident=case, role=PersonRole.SUBJECT, kind=PersonKind.PUPIL, pupil=pupil
            )
            person.stamp(by=dsl, at=at)
            person.save()
            for _ in range(4):
                IncidentNote.objects.create(
                    school=school, incident=case, kind=NoteKind.CASE_NOTE, text="Spoke with the tutor.", at=at, by=dsl
                )
    own = {"id", "uid", "reference"}
    return {
        "columns": ", ".join(str(field.column) for field in Incident._meta.concrete_fields if field.column not in own)
    }


def read(times: int) -> dict[str, Any]:
    """Median and 95th percentile of the first page, and its statements."""
    client = Client()
    client.force_login(User.objects.get(email="dsl@example.org"), backend="core.people.backends.PeopleBackend")
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        path = f"/benchmark/incidents/chronology/{Pupil.objects.order_by('pk')[0].pk}/"
    client.get(path)
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200
    with CaptureQueriesContext(connection) as captured:
        said = client.get(path).content.decode()
    entries = re.search(r"<p>(\d+) entries", said)
    return {
        "median": statistics.median(took),
        "p95": statistics.quantiles(took, n=20)[-1],
        "statements": len(captured),
        "entries": int(entries[1]) if entries else 0,
    }


if __name__ == "__main__":
    print(json.dumps({"fill": fill, "read": read}[sys.argv[1]](int(sys.argv[2]))))
