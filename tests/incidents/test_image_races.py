"""Two people at once on a suspected image, on real connections: one true record each time."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django_scopes import scope

from core.people.roles import Role
from incidents.enums import ImageTaskKind
from incidents.models import ImageTask, Incident
from incidents.operations import images
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_task_done_and_one_record_reclassified_by_two_at_once(at: datetime) -> None:
    """IMG-01, IMG-07: the second is told that it is done; neither overwrites the first."""
    from tests.factories.cases import make_case

    school = make_school("harbour-view")
    with scope(school=school):
        teacher, dsl, deputy = (make_user(role, school) for role in (Role.TEACHER, Role.DSL, Role.DEPUTY_DSL))
        pupil = make_pupil(school)
        made = images.report_image(
            school=school, actor=teacher, at=at, place="not_known", account="Told at break.", pupils=[pupil]
        )
        told = ImageTask.objects.get(case__incident=made, kind=ImageTaskKind.PUPILS_TOLD)
        other = make_case(school, by=teacher, at=at, pupil=pupil)

    def do_by_teacher() -> ImageTask:
        return images.do_task(school=school, actor=teacher, at=at, task=told, words="Her friend", submission=uuid4())

    def do_by_dsl() -> ImageTask:
        return images.do_task(school=school, actor=dsl, at=at, task=told, words="Both friends", submission=uuid4())

    results = at_once(school, do_by_teacher, do_by_dsl)
    assert sorted(type(result).__name__ for result in results) == ["ImageTask", "TaskDone"]

    def by_dsl() -> Incident:
        return images.reclassify_as_image(school=school, actor=dsl, at=at, incident=other, place="website")

    def by_deputy() -> Incident:
        return images.reclassify_as_image(school=school, actor=deputy, at=at, incident=other, place="not_known")

    results = at_once(school, by_dsl, by_deputy)
    assert sorted(type(result).__name__ for result in results) == ["ImageAlready", "Incident"]
