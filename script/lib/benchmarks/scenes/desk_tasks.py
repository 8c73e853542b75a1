"""How long the server takes for what a desk does beside scanning: in one process, page and all."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import date
from functools import partial
from statistics import quantiles
from typing import Any

from django.core import signing
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from core.people import desk
from core.people.models import Membership, RoleHolding, School, User
from core.people.operations import enrol_device, issue_pin
from core.people.roles import Role
from devices.models import CustodyRecord

ARRIVALS, BACK = "/benchmark/devices/arrivals/", "/benchmark/devices/hand-back/"
LOCK, UNLOCK = "/account/lock/", "/account/unlock/"
_BACKEND = "core.people.backends.PeopleBackend"


def _administrator(school: School) -> User:
    user = User(email="administrator@example.org", given_name="Robin", family_name="Administrator")
    user.set_password("a long enough password")
    user.save()
    Membership.objects.create(school=school, user=user, joined_on=date(2025, 9, 1))
    RoleHolding.objects.create(school=school, user=user, role=Role.ADMINISTRATOR, starts_on=date(2025, 9, 1))
    return user


def _key() -> str:
    return str(uuid.uuid4())


def _took(act: Callable[[], Any], wanted: int) -> float:
    """Milliseconds of one request."""
    begun = time.perf_counter()
    answer = act()
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == wanted, f"{answer.status_code} at {answer.request['PATH_INFO']}"
    return took


def _p95(act: Callable[[int], Any], times: int, wanted: int) -> float:
    return quantiles([_took(partial(act, number), wanted) for number in range(times)], n=20)[-1]


def main(times: int) -> dict[str, Any]:
    school = School.objects.get(slug="benchmark")
    office = User.objects.get(email="office@example.org")
    now = timezone.now()
    with scope(school=school):
        device = enrol_device(school=school, actor=_administrator(school), at=now, name="Front office PC")
        pin = issue_pin(school=school, actor=office, at=now).shown
        numbers = list(school_numbers(school, times))
    client = Client(headers={"HX-Request": "true"})
    client.force_login(office, backend=_BACKEND)
    signer = signing.get_cookie_signer(salt=desk.COOKIE + "core.people.desk")
    client.cookies[desk.COOKIE] = signer.sign(device.key)

    def post(path: str, **values: Any) -> Any:
        return client.post(path, values | {"submission": _key()})

    told = {
        "hand in: p95 ms": _p95(lambda at: post(ARRIVALS, code=numbers[at][0], switched_off="on"), times, 200),
        "hand back: p95 ms": _p95(lambda at: post(BACK, code=numbers[at][0]), times, 200),
    }
    for number in range(times):
        post(ARRIVALS, code=numbers[number][0], switched_off="on")
    with scope(school=school):
        stays = dict(CustodyRecord.objects.filter(closed_at__isnull=True).values_list("pupil_id", "pk"))
    at_desk = f"http://testserver{ARRIVALS}"
    plain = Client()
    plain.force_login(office, backend=_BACKEND)

    def correct(at: int) -> Any:
        path = f"/benchmark/devices/custody/{stays[numbers[at][1]]}/correct/"
        return plain.post(path, {"kind": "not_handed_in", "note": "", "submission": _key()})

    plain.cookies[desk.COOKIE] = client.cookies[desk.COOKIE]

    def lock(at: int) -> Any:
        plain.get(ARRIVALS)
        return plain.post(LOCK, HTTP_REFERER=at_desk)

    told |= {
        "correct: p95 ms": _p95(correct, times, 302),
        "find a pupil: p95 ms": _p95(lambda at: plain.post("/benchmark/find/", {"query": "kov"}), times, 200),
        "pupil’s page: p95 ms": _p95(lambda at: plain.get(f"/benchmark/people/pupils/{numbers[at][1]}/"), times, 200),
    }
    few = 1 + times // 10  # a PIN is slow to prove, on purpose
    locked, opened = [], []
    for number in range(few):
        locked.append(_took(partial(lock, number), 302))
        opened.append(_took(partial(plain.post, UNLOCK, {"pin": pin}), 302))
    return told | {"lock and its page: p95 ms": max(locked), "unlock with a PIN: p95 ms": max(opened)}


def school_numbers(school: School, count: int) -> Any:
    """Admission numbers with the keys of their pupils."""
    from core.people.models import Pupil

    return Pupil.objects.filter(school=school).order_by("pk").values_list("admission_number", "pk")[:count]


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
