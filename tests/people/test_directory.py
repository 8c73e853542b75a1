"""The directory of outside bodies (ORG-14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people import operations, queries
from core.people.access import NotPermitted
from core.people.enums import BodyKind
from core.people.models import OutsideBody, School, User
from core.people.operations.directory import BodyEnded, NoWayToReach
from core.people.roles import Role

POLICE = {"kind": "police", "name": "County police, schools desk", "phone": "101", "hours": "Day and night"}


def add(school: School, actor: Any, at: datetime, **changed: Any) -> OutsideBody:
    return operations.add_body(school=school, actor=actor, at=at, values=POLICE | changed)


def test_add_body_of_every_kind(school: School, office_user: User, at: datetime) -> None:
    """ORG-14: police, social care, LADO, front door, exam boards and the rest."""
    for kind in BodyKind:
        add(school, office_user, at, kind=kind.value)
    assert {body.kind for body in queries.bodies_of(school)} == set(BodyKind.values)
    assert queries.bodies_of(school, BodyKind.LADO).count() == 1


def test_add_body_without_a_way_to_reach_it_is_refused(school: School, office_user: User, at: datetime) -> None:
    with pytest.raises(NoWayToReach):
        add(school, office_user, at, phone="")
    assert add(school, office_user, at, phone="", email="desk@example.org").pk


def test_edit_and_end_body(school: School, dsl_user: User, at: datetime) -> None:
    body = add(school, dsl_user, at)
    common = {"school": school, "actor": dsl_user, "at": at, "body": body}
    operations.edit_body(**common, version=1, values={"phone": "01632 960101"})
    with pytest.raises(ChangedMeanwhile):
        operations.edit_body(**common, version=1, values={"phone": "1"})
    assert Entry.objects.get(action="people.edit_body", outcome="done").detail["old"] == {"phone": "101"}
    operations.end_body(**common)
    assert not queries.bodies_of(school).exists() and OutsideBody.objects.get() == body
    with pytest.raises(BodyEnded):
        operations.end_body(**common)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.SLT, Role.GOVERNOR])
def test_add_body_other_roles_may_not(school: School, make_user: Any, at: datetime, role: Role) -> None:
    with pytest.raises(NotPermitted):
        add(school, make_user(role), at)


def test_directory_pages(
    school: School, other_school: School, office_user: User, teacher_user: User, governor_user: User,
    client_for: Any, statements: Any, at: datetime,
) -> None:  # fmt: skip
    client, base = client_for(office_user), f"/{school.slug}/people/directory/"
    assert "Nobody is entered yet" in client.get(base).content.decode()
    assert client.post(base + "add/", POLICE | {"phone": ""}).status_code == 422
    assert client.post(base + "add/", POLICE).status_code == 302
    body = OutsideBody.objects.get()
    one = statements(client, base)
    add(school, None, at, kind="lado")
    add(school, None, at, kind="lado", name="Second")
    assert statements(client, base) == one
    reader = client_for(teacher_user)
    text = reader.get(base).content.decode()
    assert "101" in text and "Take out" not in text
    assert "County police" in reader.get(base + "print/").content.decode()
    assert reader.get(f"{base}{body.pk}/").status_code == 403
    assert client_for(governor_user).get(base).status_code == 403
    assert client.post(f"{base}{body.pk}/", POLICE | {"phone": "999", "version": "1"}).status_code == 302
    clash = client.post(f"{base}{body.pk}/", POLICE | {"phone": "100", "version": "1"})
    assert clash.status_code == 422 and "999" in clash.content.decode()
    assert client.post(f"{base}{body.pk}/take-out/").status_code == 302
    assert client.get(f"{base}{body.pk}/").status_code == 404
    stranger = add(other_school, None, at)
    assert client.get(f"{base}{stranger.pk}/").status_code == 404
