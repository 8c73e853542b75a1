"""A school of so many pupils, each with a phone and a slot of its own, and a signed-in member of the office."""

from __future__ import annotations

import json
import random
import sys
from datetime import date
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django_scopes import scope

from core.kit.bulk import bulk_create
from core.people.models import FormGroup, Membership, Pupil, RoleHolding, School, Term, User
from core.people.roles import Role
from core.people.sessions import SessionStore
from core.rules.operations import adopt_preset
from devices.models import PupilDevice, Slot
from devices.operations import add_place, seed_device_types

FORENAMES = ["Amara", "Ben", "Zoë", "Sam", "Łukasz", "Noor", "Lee", "Mei", "Aarav", "Freya", "Idris", "Siân", "Oscar"]
SURNAMES = ["Kovacs", "Brown", "O’Brien", "Singh", "Müller", "Abbas", "Ali", "Carter", "Wright", "Okafor", "Nguyễn"]


def people(count: int, school: School, forms: list[FormGroup], *, start: int = 0) -> list[Pupil]:
    """Invented pupils, the same on every run."""
    chance = random.Random(start)
    return [
        Pupil(
            school=school,
            legal_forename=chance.choice(FORENAMES),
            legal_surname=f"{chance.choice(SURNAMES)}{'' if chance.random() < 0.5 else '-' + chance.choice(SURNAMES)}",
            admission_number=f"{start + number:06d}",
            year_group=7 + number % 5,
            form=forms[number % len(forms)] if forms else None,
        )
        for number in range(count)
    ]


def main(count: int) -> dict[str, Any]:
    now = timezone.now()
    school = School.objects.create(slug="benchmark", name="Benchmark School", phases=["secondary"])
    with scope(school=school):
        adopt_preset(
            school=school, actor=None, at=now, preset="phone-free-agreement", effective_from=date(2025, 9, 1),
            reason="Benchmark.",
        )  # fmt: skip
        # No term is on: whatever the clock says, nothing comes late and nothing goes home early.
        Term.objects.create(school=school, name="Autumn", starts_on=date(2025, 9, 1), ends_on=date(2025, 12, 19))
        user = User(email="office@example.org", given_name="Robin", family_name="Office")
        user.set_password("a long enough password")
        user.save()
        Membership.objects.create(school=school, user=user, joined_on=date(2025, 9, 1))
        RoleHolding.objects.create(school=school, user=user, role=Role.OFFICE, starts_on=date(2025, 9, 1))
        forms = [
            FormGroup(school=school, name=f"{7 + n % 5}{'ABCDEFGHJK'[n // 5]}")
            for n in range(min(50, max(1, count // 30)))
        ]
        forms = bulk_create(FormGroup, forms, by=None, at=now, reason="benchmark")
        pupils = bulk_create(Pupil, people(count, school, forms), by=None, at=now, reason="benchmark")
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=now)}
        place = add_place(
            school=school, actor=None, at=now, name="Safe", kind="safe", lockable=True, purpose="daily", slots=count
        )
        slots = list(Slot.objects.filter(place=place).order_by("number"))
        phones = [
            PupilDevice(school=school, pupil=pupil, type=kinds["phone"], usual_slot=slot)
            for pupil, slot in zip(pupils, slots, strict=True)
        ]
        bulk_create(PupilDevice, phones, by=None, at=now, reason="benchmark")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "core.people.backends.PeopleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {
        "numbers": [pupil.admission_number for pupil in pupils],
        "forms": {form.pk: [pupil.pk for pupil in pupils if pupil.form_id == form.pk] for form in forms},
        "session": session.session_key,
        "user": user.pk,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
