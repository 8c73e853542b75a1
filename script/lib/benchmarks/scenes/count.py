"""What the hand-ins of a run left behind, and how many statements one of them sends."""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.people.models import School, User
from devices.models import CustodyEvent, CustodyRecord, PupilDevice

PATH = "/benchmark/devices/arrivals/"


def main(count: int) -> dict[str, Any]:
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        stays = CustodyRecord.objects.filter(closed_at__isnull=True)
        twice = stays.values("device").annotate(n=Count("id")).filter(n__gt=1).count()
        waiting = PupilDevice.objects.exclude(pk__in=stays.values("device_id")).select_related("pupil").order_by("pk")
        told = {"stays": stays.count(), "doubled": twice, "events": CustodyEvent.objects.count()}
        numbers = [device.pupil.admission_number for device in waiting[:2]]
    client = Client(headers={"HX-Request": "true"})
    client.force_login(User.objects.get(), backend="core.people.backends.PeopleBackend")
    sent = 0
    for number in numbers:
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(PATH, {"code": number, "switched_off": "on", "submission": str(uuid.uuid4())})
        assert answer.status_code == 200, answer.content
        sent = len(captured)
    return told | {"statements": sent}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
