"""One's own page says what lapses soon; a pupil's page what is acknowledged, open to them and promised (STA-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.operations.access_register import add_system, grant_access
from agreements.operations.equipment import authorise_equipment
from agreements.operations.promises import promise
from agreements.queries.mine import mine_of
from core.people.models import School, User
from policies.models import DocumentVersion
from policies.operations import Wording, name_document, publish_version, read_and_acknowledge, record_acknowledgement
from tests.factories import make_form, make_pupil, make_user


def published(school: School) -> DocumentVersion:
    now = timezone.now()
    document = name_document(
        school=school, actor=None, at=now, kind="acceptable_use", title="AUP", asked_of=["staff", "secondary"]
    )
    return publish_version(
        school=school, actor=None, at=now, document=document, label="1", starts_on=timezone.localdate(now),
        texts=[Wording("staff", "AUP", "I take care."), Wording("secondary", "AUP", "I take care.")],
    )  # fmt: skip


def test_what_runs_out_within_a_month_is_named_and_nobody_elses(school: School) -> None:
    """STA-18: own permissions, declarations and acknowledgements, and what is about to lapse."""
    now, version = timezone.now(), published(school)
    today = timezone.localdate(now)
    head, office, teacher, other = (make_user(role, school) for role in ("headteacher", "office", "teacher", "support"))
    for person, days in ((teacher, 10), (other, 5)):
        read_and_acknowledge(school=school, actor=person, at=now, version=version)
        system = add_system(school=school, actor=office, at=now, name=f"System {days}", kind="platform")
        grant_access(
            school=school, actor=office, at=now, person=person, system=system, ends_on=today + timedelta(days=days)
        )
    authorise_equipment(
        school=school, actor=head, at=now, user=teacher, equipment="Laptop", kind="personal", terms="Evenings",
        starts_on=today, ends_on=today + timedelta(days=60),
    )  # fmt: skip
    mine = mine_of(teacher, school, today)
    assert [(one.what, one.on) for one in mine.lapsing] == [("Access to System 10", today + timedelta(days=10))]
    assert [use.equipment for use in mine.equipment] == ["Laptop"]
    assert [row.document_version for row in mine.given] == [version]


def test_a_pupils_part_costs_the_same_for_three_as_for_one(
    school: School, client_for: Callable[[User], Client]
) -> None:
    """AGR-18, AGR-20, AGR-27, SDV-05: on the pupil's page, by itself as a page too, and as a part for htmx."""
    now, version = timezone.now(), published(school)
    office, pupil = make_user("office", school), make_pupil(school, form=make_form(school, year=9))
    record_acknowledgement(
        school=school, actor=office, at=now, pupil=pupil, version=version, acknowledged_on=timezone.localdate(now),
        method="in_class",
    )  # fmt: skip
    client, counts = client_for(office), []
    page = f"/{school.slug}/agreements/undertaken/{pupil.pk}/"
    for number in range(3):
        system = add_system(school=school, actor=office, at=now, name=f"System {number}", kind="platform")
        grant_access(school=school, actor=office, at=now, person=pupil, system=system)
        promise(
            school=school,
            actor=office,
            at=now,
            pupil=pupil,
            text=f"Promise {number}",
            starts_on=timezone.localdate(now),
        )
        client.get(page)
        with CaptureQueriesContext(connection) as caught:
            said = client.get(page).content.decode()
        counts.append(len(caught))
    assert counts[0] == counts[2]
    assert "System 2" in said and "Promise 2" in said and "May be given a school device: no" in said
    part = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "Promise 2" in part and "<html" not in part
    assert page in client.get(f"/{school.slug}/people/pupils/{pupil.pk}/").content.decode()
