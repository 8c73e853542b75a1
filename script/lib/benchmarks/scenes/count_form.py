"""How many statements one whole form of thirty sends."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.people.models import FormGroup, Pupil, School, User


def main() -> dict[str, Any]:
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        forms = [
            (form.pk, list(Pupil.objects.filter(form=form).values_list("pk", flat=True)))
            for form in FormGroup.objects.order_by("pk")[:2]
        ]
    client = Client()
    client.force_login(User.objects.get(), backend="core.people.backends.PeopleBackend")
    sent = 0
    for form, pupils in forms:
        body = {f"answer-{key}": "in" for key in pupils}
        body |= {"counted": str(len(pupils)), "switched_off": "on", "submission": str(uuid.uuid4())}
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(f"/benchmark/devices/forms/{form}/", body)
        assert answer.status_code == 302, answer.content
        sent = len(captured)
    return {"statements": sent}


if __name__ == "__main__":
    print(json.dumps(main()))
