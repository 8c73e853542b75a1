"""Access to systems relies on what was acknowledged, in code and database (AGR-18 to AGR-20, AGR-25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.enums import AccessState
from agreements.models import AccessGrant, AccessSystem
from agreements.operations.access_register import (
    AccessHeld,
    NoCurrentAcknowledgement,
    NotHere,
    NoticeNotAcknowledged,
    SystemEnded,
    add_system,
    close_ended_access,
    end_access,
    end_system,
    grant_access,
    grant_access_to_form,
    resume_access,
    suspend_access,
)
from agreements.queries.access_register import register
from agreements.workflow import MoveNotPossible
from core.audit.models import Entry
from core.people.models import FormGroup, Pupil, School, User
from policies.models import DocumentVersion
from policies.operations import Wording, name_document, publish_version, read_and_acknowledge, record_acknowledgement
from tests.devices.test_races import at_once
from tests.factories import make_form, make_pupil, make_school, make_user

World = tuple[School, User, Pupil, AccessSystem]


def publish(school: School, at: datetime, *, kind: str = "acceptable_use", label: str = "1", days: int = 9) -> Any:
    document = name_document(
        school=school, actor=None, at=at, kind=kind, title=f"{kind} {label}" if kind != "acceptable_use" else "AUP",
        asked_of=["youngest", "primary", "secondary", "staff", "parents"],
    )  # fmt: skip
    return again(school, at, document, label=label, days=days)


def again(school: School, at: datetime, document: Any, *, label: str, days: int = 0) -> DocumentVersion:
    texts = [
        Wording(one, f"For {one}", f"I take care ({one}).") for one in ("primary", "secondary", "staff", "parents")
    ]
    return publish_version(
        school=school, actor=None, at=at, document=document, label=label,
        starts_on=at.date() - timedelta(days=days), texts=texts,
    )  # fmt: skip


def acknowledge(pupil: Pupil, by: User, at: datetime, version: DocumentVersion) -> Any:
    return record_acknowledgement(
        school=pupil.school, actor=by, at=at, pupil=pupil, version=version, acknowledged_on=at.date(), method="in_class"
    )


def build(at: datetime, preset: str = "primary-online-safety") -> World:
    school = make_school(preset=preset)
    pupil = make_pupil(school, form=make_form(school, year=4))
    with scope(school=school):
        system = add_system(school=school, actor=None, at=at, name="Internet", kind="internet")
    return school, make_user("office", school), pupil, system


@pytest.fixture
def world(db: None, at: datetime) -> Any:
    made = build(at)
    with scope(school=made[0]):
        yield made


@pytest.mark.parametrize(
    "preset",
    [
        "image-and-conduct",
        "primary-by-agreement",
        "primary-online-safety",
        "group-locked-storage",
        "phone-free-agreement",
    ],
)
def test_grant_without_current_acknowledgement_is_refused_and_afterwards_relies_on_it(
    db: None, at: datetime, preset: str
) -> None:
    """AGR-18, AGR-19, AGR-20, AGR-25: no document, no acknowledgement, an outdated one: each time refused."""
    school, office, pupil, system = build(at, preset)
    with scope(school=school):
        given = {"school": school, "actor": office, "person": pupil, "system": system}
        with pytest.raises(NoCurrentAcknowledgement):
            grant_access(at=at, **given)
        version = publish(school, at)
        with pytest.raises(NoCurrentAcknowledgement, match="AGR-19"):
            grant_access(at=at, **given)
        known = acknowledge(pupil, office, at, version)
        assert known.text.readership == "primary"
        grant = grant_access(at=at + timedelta(minutes=5), **given)
        assert (grant.acknowledgement, grant.acknowledged_at, grant.category) == (known, at, "pupil")
        with pytest.raises(AccessHeld):
            grant_access(at=at + timedelta(minutes=6), **given)
        later = at + timedelta(days=1)
        again(school, later, version.document, label="2")
        (row,) = register(school, later.date())
        assert row.is_out_of_date and row.grant.state == AccessState.GRANTED


def test_staff_are_let_in_on_their_own_reading(world: World, at: datetime) -> None:
    """AGR-19, AGR-20 for staff; who is not at the school is let into nothing."""
    school, office, _pupil, system = world
    version = publish(school, at)
    teacher, stranger = make_user("teacher", school), make_user("teacher", make_school())
    given = {"school": school, "actor": office, "at": at, "system": system}
    with pytest.raises(NoCurrentAcknowledgement):
        grant_access(person=teacher, **given)
    read_and_acknowledge(school=school, actor=teacher, at=at, version=version)
    assert grant_access(person=teacher, **given).user == teacher
    with pytest.raises(NotHere):
        grant_access(person=stranger, **given)
    end_system(school=school, actor=office, at=at, system=system)
    assert AccessGrant.objects.get().state == AccessState.REVOKED
    system.refresh_from_db()
    with pytest.raises(SystemEnded):
        grant_access(person=teacher, **(given | {"system": system}))


def test_whole_form_is_all_or_nobody(world: World, at: datetime) -> None:
    """AGR-19, AGR-20: a form in one act; one without an acknowledgement, and nobody is let in."""
    school, office, pupil, system = world
    other = make_pupil(school, form=pupil.form)
    version = publish(school, at)
    acknowledge(pupil, office, at, version)
    form: FormGroup | None = pupil.form
    assert form is not None
    given = {"school": school, "actor": office, "at": at, "form": form, "pupils": [pupil, other], "system": system}
    with pytest.raises(NoCurrentAcknowledgement):
        grant_access_to_form(**given)
    assert not AccessGrant.objects.exists()
    acknowledge(other, office, at, version)
    grant_access_to_form(**given)
    grant_access_to_form(**given)
    assert AccessGrant.objects.count() == 2


def test_suspended_is_taken_up_on_a_current_acknowledgement_alone_and_ended_is_over(world: World, at: datetime) -> None:
    """Matrix 4.14: granted, suspended, granted again; ended never again."""
    school, office, pupil, system = world
    version = publish(school, at)
    acknowledge(pupil, office, at, version)
    act = {"school": school, "actor": office}
    grant = grant_access(at=at, person=pupil, system=system, **act)
    with pytest.raises(MoveNotPossible):
        resume_access(at=at, grant=grant, **act)
    suspend_access(at=at, grant=grant, reason="A question", **act)
    with pytest.raises(MoveNotPossible):
        suspend_access(at=at, grant=grant, reason="Again", **act)
    later = at + timedelta(days=1)
    newer = again(school, later, version.document, label="2")
    with pytest.raises(NoCurrentAcknowledgement):
        resume_access(at=later, grant=grant, **act)
    acknowledge(pupil, office, later, newer)
    assert resume_access(at=later, grant=grant, **act).state == AccessState.GRANTED
    end_access(at=later, grant=grant, reason="Left the club", **act)
    for move in (suspend_access, end_access):
        with pytest.raises(MoveNotPossible):
            move(at=later, grant=grant, reason="Again", **act)
    with pytest.raises(MoveNotPossible):
        resume_access(at=later, grant=grant, **act)


def test_a_school_device_asks_for_the_notice_of_monitoring_too(
    world: World, at: datetime, client_for: Callable[[User], Client]
) -> None:
    """SDV-05, AGR-25: to one, to a form and again after a pause; the page leads to recording it, and with the access
    stand the notice's version and time."""
    school, office, pupil, _system = world
    tablet = add_system(school=school, actor=office, at=at, name="School tablet", kind="device")
    rules, notice = publish(school, at), publish(school, at, kind="monitoring")
    acknowledge(pupil, office, at, rules)
    assert pupil.form is not None
    given = {"school": school, "actor": office, "at": at, "system": tablet}
    with pytest.raises(NoticeNotAcknowledged, match="SDV-05"):
        grant_access(person=pupil, **given)
    with pytest.raises(NoticeNotAcknowledged):
        grant_access_to_form(form=pupil.form, pupils=[pupil], **given)
    pages = [f"pupils/{pupil.pk}", f"forms/{pupil.form.pk}"]
    client = client_for(office)

    def led() -> list[bool]:
        return ["Record it: monitoring 1" in client.get(f"/{school.slug}/agreements/access/{page}/").content.decode()
                for page in pages]  # fmt: skip

    assert led() == [True, True]
    known = acknowledge(pupil, office, at, notice)
    assert led() == [False, False]
    grant = grant_access(person=pupil, **given)
    entry = Entry.objects.get(action="agreements.grant_access", outcome="done")
    assert entry.detail["notice"] == [known.pk]
    assert (known.document_version, known.text.readership) == (notice, "primary")
    suspend_access(school=school, actor=office, at=at, grant=grant, reason="A pause")
    later = at + timedelta(days=1)
    again(school, later, notice.document, label="2")
    with pytest.raises(NoticeNotAcknowledged):
        resume_access(school=school, actor=office, at=later, grant=grant)


def test_leavers_are_closed_on_their_leaving_date(world: World, at: datetime) -> None:
    """AGR-20: the day somebody leaves their access ends; so does what had a last day."""
    school, office, pupil, system = world
    version = publish(school, at)
    stays = make_pupil(school, form=pupil.form)
    for one in (pupil, stays):
        acknowledge(one, office, at, version)
        grant_access(school=school, actor=office, at=at, person=one, system=system)
    pupil.left_on = at.date()
    pupil.stamp(by=office, at=at)
    pupil.save()
    assert close_ended_access(school=school, at=at + timedelta(days=1)) == 1
    assert close_ended_access(school=school, at=at + timedelta(days=1)) == 0
    assert AccessGrant.objects.get(state="revoked").pupil == pupil


def test_database_refuses_access_before_the_acknowledgement(world: World, at: datetime) -> None:
    """AGR-25: first read, then used; whatever writes it."""
    school, office, pupil, system = world
    acknowledge(pupil, office, at, publish(school, at))
    grant = grant_access(school=school, actor=office, at=at, person=pupil, system=system)
    with (
        pytest.raises(IntegrityError, match="after_acknowledgement"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE agreements_accessgrant SET granted_at = acknowledged_at - interval '1 minute' WHERE id = %s",
            [grant.pk],
        )


@pytest.mark.django_db(transaction=True)
def test_two_desks_let_the_same_pupil_in_once(at: datetime) -> None:
    school, office, pupil, system = build(at)
    with scope(school=school):
        acknowledge(pupil, office, at, publish(school, at))

    def let_in() -> Any:
        return grant_access(school=school, actor=office, at=at, person=pupil, system=system)

    _first, second = sorted(at_once(school, let_in, let_in), key=lambda result: isinstance(result, Exception))
    assert isinstance(second, AccessHeld)
    with scope(school=school):
        assert AccessGrant.objects.count() == 1


def test_register_costs_the_same_for_three_as_for_one_and_its_list_runs_nothing(
    world: World, at: datetime, client_for: Callable[[User], Client]
) -> None:
    """AGR-20, DOC-29: page, paper and list; a name that looks like a formula is text."""
    school, office, pupil, system = world
    version = publish(school, at)
    client, counts = client_for(office), []
    for name in ("=HYPERLINK(1)", "Bo", "Cy"):
        one = make_pupil(school, surname=name, form=pupil.form)
        acknowledge(one, office, at, version)
        grant_access(school=school, actor=office, at=at, person=one, system=system)
        client.get(f"/{school.slug}/agreements/access/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"/{school.slug}/agreements/access/").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[2]
    listed = client.get(f"/{school.slug}/agreements/access/list/?state=granted").content.decode()
    assert "'=HYPERLINK(1)" in listed and "AUP, 1" in listed
    paper = client.get(f"/{school.slug}/agreements/access/print/")
    assert paper.content.startswith(b"%PDF")


def test_ending_a_system_twice_is_once(world: World, client_for: Callable[[User], Client]) -> None:
    """A second click, and a page that was open since: the system has ended, and the list says so."""
    school, office, _pupil, system = world
    url = f"/{school.slug}/agreements/access/systems/{system.pk}/end/"
    assert [client_for(office).post(url).status_code for _time in range(2)] == [302, 302]
    system.refresh_from_db()
    assert system.ended_on is not None
