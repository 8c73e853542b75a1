"""A DSL with so many open records, one closed one to copy, and how long each list of the inbox takes."""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from core.people.models import Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role
from incidents.enums import CaseState, IncidentType, PersonKind, PersonRole
from incidents.models import Incident, IncidentPerson
from incidents.operations.moves import next_reference
from incidents.queries.inbox import SHOWS


def fill(records: int) -> dict[str, Any]:
    """One closed record, then the open ones: a third each new, the DSL's own, and another's."""
    school, now = School.objects.get(slug="benchmark"), timezone.now()
    with scope(school=school):
        people = []
        for name, role in (("dsl", Role.DSL), ("deputy", Role.DEPUTY_DSL)):
            user = User(email=f"{name}@example.org", given_name="Robin", family_name=name.title())
            user.set_password("a long enough password")
            user.save()
            Membership.objects.create(school=school, user=user, joined_on=date(2025, 9, 1))
            RoleHolding.objects.create(school=school, user=user, role=role, starts_on=date(2025, 9, 1))
            people.append(user)
        dsl, deputy = people
        pupils = list(Pupil.objects.order_by("pk")[: records + 1])
        for number in range(records + 1):
            at, is_closed = now - timedelta(hours=number), number == 0
            owner = None if is_closed else (None, dsl, deputy)[number % 3]
            case = Incident(
                school=school, reporter=deputy, type=IncidentType.USED_IN_LESSON, owner=owner, phase="secondary",
                state=CaseState.CLOSED if is_closed else CaseState.TRIAGED if owner else CaseState.REPORTED,
                account="Seen at the lockers after the bell, a phone in hand.", happened_at=at, reported_at=at,
                reference=next_reference(school, now), title="Phone in a lesson",
                **({"outcome": "spoken_to", "outcome_words": "Agreed.", "closed_at": at, "closed_by": dsl}
                   if is_closed else {}),
            )  # fmt: skip
            case.stamp(by=dsl, at=at)
            case.save()
            person = IncidentPerson(
                school=school, incident=case, role=PersonRole.SUBJECT, kind=PersonKind.PUPIL,
                pupil=pupils[number % len(pupils)],
            )  # fmt: skip
            person.stamp(by=dsl, at=at)
            person.save()
    own = {"id", "uid", "reference"}
    columns = ", ".join(str(field.column) for field in Incident._meta.concrete_fields if field.column not in own)
    return {"columns": columns, "last": case.pk}


def read(times: int) -> dict[str, Any]:
    """The median of each list, the 95th percentile of all of them, the most statements of one."""
    client = Client()
    client.force_login(User.objects.get(email="dsl@example.org"), backend="core.people.backends.PeopleBackend")
    told: dict[str, Any] = {"statements": 0}
    every: list[float] = []
    for show in SHOWS:
        path, took = f"/benchmark/incidents/inbox/?show={show}", []
        client.get(path)
        for _ in range(times):
            begun = time.perf_counter()
            answer = client.get(path)
            took.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        told |= {show: statistics.median(took), "statements": max(told["statements"], len(captured))}
        every += took
    with scope(school=School.objects.get(slug="benchmark")):
        last = Incident.objects.aggregate(last=Max("pk"))["last"]
        records = Incident.objects.count()
    return told | {"p95": statistics.quantiles(every, n=20)[-1], "last": last, "records": records}


if __name__ == "__main__":
    print(json.dumps({"fill": fill, "read": read}[sys.argv[1]](int(sys.argv[2]))))
