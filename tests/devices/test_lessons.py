"""Lessons with own devices: who takes part, another like it, what was agreed; and the break-time privilege (DEV-16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.approvals import operations as approvals
from core.approvals.models import Approval
from core.people.models import Pupil, User
from core.people.roles import Role
from devices.models import CurriculumUse, PrivilegeRevocation
from devices.operations import seed_device_types
from devices.operations.permissions import lessons as ops
from devices.queries import may_use_now
from devices.queries.lessons import revoked_at
from incidents.models import Incident
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.cases import make_case
from tests.people.conftest import at_once

TODAY = date(2026, 11, 23)


class Cast:
    """A school that knows both, a class of three, and who proposes, teaches and leads."""

    def __init__(self, at: datetime) -> None:
        self.school, self.at = make_school("elm-bank", preset="group-locked-storage"), at
        with scope(school=self.school):
            seed_device_types(school=self.school, actor=None, at=at)
            self.form, self.other_form = (make_form(self.school, name, year=8) for name in ("8B", "8C"))
            self.amara, self.ben, self.cleo = (
                make_pupil(self.school, name, "Kovacs", form=self.form) for name in ("Amara", "Ben", "Cleo")
            )
            self.lee = make_pupil(self.school, "Lee", "Brown", form=self.other_form)
        self.teacher, self.other, self.slt = (
            make_user(one, self.school) for one in (Role.TEACHER, Role.TEACHER, Role.SLT)
        )

    def by(self, actor: User, at: datetime | None = None) -> dict[str, Any]:
        return {"school": self.school, "actor": actor, "at": at or self.at}

    def as_(self, user: User) -> Person:
        return Person(user, self.school)

    def times(self) -> dict[str, datetime]:
        return {"starts_at": self.at + timedelta(hours=1), "ends_at": self.at + timedelta(hours=2)}

    def proposes(self, *pupils: Pupil) -> CurriculumUse:
        row: CurriculumUse = ops.propose_lesson(
            **self.by(self.other), title="Filming a play", purpose="Speaking clearly", form=self.form,
            teacher=self.teacher, pupils=pupils, **self.times(),
        )  # fmt: skip
        return row

    def revokes(self, pupil: Pupil, **said: Any) -> PrivilegeRevocation:
        days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=4), "reason": "Filmed others"}
        row: PrivilegeRevocation = ops.revoke_privilege(**self.by(self.slt), pupil=pupil, **days | said)
        return row


@pytest.fixture
def cast(db: None, at: datetime) -> Iterator[Cast]:
    made = Cast(at)
    with scope(school=made.school), time_machine.travel(at, tick=False):
        yield made


PROPOSAL = {
    "title": "Filming a play", "purpose": "Speaking clearly", "day": "2026-11-23", "from_time": "09:30",
    "to_time": "10:30",
}  # fmt: skip


def test_dev_18_some_of_the_class_are_chosen_in_two_steps_without_a_script(cast: Cast) -> None:
    """DEV-18: with the class known the form asks who; only its pupils are offered, and only they are covered."""
    person = cast.as_(cast.other)
    said = PROPOSAL | {"form": cast.form.pk, "teacher": cast.teacher.pk, "who": "some"}
    asked = person.sends("devices/lessons/propose/", **said)
    assert asked.status_code == 422 and "Choose who of the class takes part" in shown(asked)
    page = asked.content.decode()
    assert f'value="{cast.amara.pk}"' in page and f'value="{cast.lee.pk}"' not in page
    stranger = person.sends("devices/lessons/propose/", **said, pupils=[cast.lee.pk])
    assert stranger.status_code == 422 and not CurriculumUse.objects.exists()
    person.sends("devices/lessons/propose/", **said, pupils=[cast.amara.pk, cast.ben.pk])
    use = CurriculumUse.objects.get()
    assert not use.whole_class
    assert {one.pupil for one in use.taking_part.select_related("pupil")} == {cast.amara, cast.ben}
    assert "Amara Kovacs, Ben Kovacs" in shown(person.opens(f"permissions/{use.approval_id}/"))


def test_dev_19_another_like_it_takes_the_words_and_nothing_that_was_agreed(cast: Cast) -> None:
    """DEV-19: one approval is for one activity; the next begins as a proposal of its own."""
    use = cast.proposes()
    approvals.consent_to_lesson(**cast.by(cast.teacher), approval=use.approval)
    person = cast.as_(cast.other)
    listed = person.opens("devices/lessons/")
    assert f"Another like {use.approval.reference}" in shown(listed)
    page = person.opens(f"devices/lessons/propose/?like={use.approval_id}").content.decode()
    assert "Filming a play" in page and "Speaking clearly" in page and 'value="2026-11-23"' not in page
    for nonsense in ("x", "9" * 30, "999999"):
        assert person.opens(f"devices/lessons/propose/?like={nonsense}").status_code == 200
    person.sends("devices/lessons/propose/", **PROPOSAL, form=cast.form.pk, teacher=cast.teacher.pk, who="whole")
    assert Approval.objects.filter(consented_by__isnull=True).count() == 1


def test_dev_18_what_the_teacher_agreed_to_is_not_made_another_activity(cast: Cast) -> None:
    """DEV-18: another day, time or group after the consent is refused; other words are not."""
    use = cast.proposes(cast.amara)
    change = partial(
        ops.change_lesson, **cast.by(cast.other), use=use, title="Filming", purpose="Speaking clearly", **cast.times()
    )
    change(pupils=[cast.amara, cast.ben])
    assert use.taking_part.count() == 2
    approvals.consent_to_lesson(**cast.by(cast.teacher), approval=use.approval)
    with pytest.raises(ops.AgreedAsItIs):
        change(pupils=[])
    with pytest.raises(ops.AgreedAsItIs):
        change(ends_at=cast.at + timedelta(hours=3))
    change(title="Filming a scene")
    assert CurriculumUse.objects.get().title == "Filming a scene"
    with pytest.raises(ops.PupilsToName):
        cast.proposes(cast.lee)


def test_lessons_and_revocations_cost_the_same_for_one_and_three(cast: Cast) -> None:
    def cost(page: str) -> int:
        person = cast.as_(cast.slt)
        person.opens(page)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            person.client.get(f"/{cast.school.slug}/{page}")
        return len(seen)

    cast.proposes(cast.amara)
    cast.revokes(cast.amara)
    before = [cost(page) for page in ("devices/lessons/", "devices/permissions/revocations/")]
    for pupil in (cast.ben, cast.cleo):
        cast.proposes(pupil)
        cast.revokes(pupil)
    assert [cost(page) for page in ("devices/lessons/", "devices/permissions/revocations/")] == before


def test_dev_16_revocations_are_listed_with_the_breach_for_those_who_may_open_it(cast: Cast) -> None:
    """DEV-16: pupil, from and to, reason, linked breach, decided by; the office does not see the list."""
    breach: Incident = make_case(cast.school, by=cast.teacher, at=cast.at, pupil=cast.amara)
    cast.revokes(cast.amara, breach_reference=breach.reference.lower())
    row = PrivilegeRevocation.objects.get()
    assert (row.breach, row.breach_reference) == (breach.pk, breach.reference)
    leader = cast.as_(cast.slt)
    assert "Break-time privilege" in shown(leader.opens("permissions/"))
    said = shown(leader.opens("devices/permissions/revocations/"))
    for words in ("Kovacs, Amara", "23 November 2026 to 27 November 2026", "Filmed others", breach.reference):
        assert words in said, words
    assert cast.as_(make_user(Role.OFFICE, cast.school)).opens("devices/permissions/revocations/").status_code == 403
    with pytest.raises(ops.NoSuchBreach):
        cast.revokes(cast.ben, breach_reference=breach.reference)


def test_dev_16_as_it_stood_at_a_moment(cast: Cast) -> None:
    """DEV-16: not before it was decided, not after it was given back, and of two the longer."""
    short = cast.revokes(cast.amara, ends_on=TODAY)
    long = cast.revokes(cast.amara)
    assert revoked_at([cast.amara], cast.at)[cast.amara.pk] == long
    assert not revoked_at([cast.amara], cast.at - timedelta(minutes=1))
    later = cast.at + timedelta(hours=2)
    ops.restore_privilege(**cast.by(cast.slt, later), revocation=long, because="A talk was had")
    assert revoked_at([cast.amara], later - timedelta(minutes=1))[cast.amara.pk] == long
    assert revoked_at([cast.amara], later)[cast.amara.pk] == short
    answer = may_use_now(cast.school, [cast.amara], at=later, part="break")[cast.amara.pk]
    assert answer.answer == "not_allowed"


def test_dev_16_database_wants_words_and_days_in_order(cast: Cast) -> None:
    row = cast.revokes(cast.amara)
    for name, change in (
        ("devices_revocation_says_why", {"reason": ""}),
        ("devices_revocation_dates_in_order", {"ends_on": TODAY - timedelta(days=1)}),
        ("devices_revocation_ended_paired", {"ended_at": cast.at, "ended_because": "A talk was had"}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            PrivilegeRevocation.objects.filter(pk=row.pk).update(**change)


# --- Two at once


@pytest.fixture
def crowd(transactional_db: None, at: datetime) -> Iterator[Cast]:
    made = Cast(at)
    with scope(school=made.school):
        yield made


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_privilege_back_at_once_do_it_once(crowd: Cast) -> None:
    row = crowd.revokes(crowd.amara)
    back = partial(ops.restore_privilege, **crowd.by(crowd.slt), revocation=row, because="A talk was had")
    results = at_once(crowd.school, back, back)
    assert [type(one) for one in results if isinstance(one, Exception)] == [ops.RevocationOver], results


@pytest.mark.django_db(transaction=True)
def test_same_form_twice_at_once_revokes_and_proposes_once(crowd: Cast) -> None:
    """One key, one act."""
    revoke = partial(
        ops.revoke_privilege, **crowd.by(crowd.slt), pupil=crowd.amara, starts_on=TODAY, ends_on=TODAY,
        reason="Filmed others", submission=uuid4(),
    )  # fmt: skip
    propose = partial(
        ops.propose_lesson, **crowd.by(crowd.other), title="Filming", purpose="Speaking", form=crowd.form,
        teacher=crowd.teacher, pupils=[crowd.amara], submission=uuid4(), **crowd.times(),
    )  # fmt: skip
    for act in (revoke, propose):
        results = at_once(crowd.school, act, act)
        assert not [one for one in results if isinstance(one, Exception)], results
    assert (PrivilegeRevocation.objects.count(), CurriculumUse.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_lesson_changed_and_agreed_to_at_once_is_never_agreed_unseen(crowd: Cast) -> None:
    """DEV-18: the consent stands for what the teacher saw, or for what the change says, never for half of it."""
    use = crowd.proposes(crowd.amara)
    change = partial(
        ops.change_lesson, **crowd.by(crowd.other), use=use, title="Filming", purpose="Speaking",
        starts_at=crowd.at + timedelta(hours=3), ends_at=crowd.at + timedelta(hours=4), pupils=[crowd.ben],
    )  # fmt: skip
    agree = partial(approvals.consent_to_lesson, **crowd.by(crowd.teacher), approval=use.approval)
    results = at_once(crowd.school, change, agree)
    refused = {type(one) for one in results if isinstance(one, Exception)}
    assert refused <= {ops.AgreedAsItIs, approvals.NotReady}, results
    row = Approval.objects.get()
    moved = row.starts_at == crowd.at + timedelta(hours=3)
    assert {one.pupil_id for one in use.taking_part.all()} == {(crowd.ben if moved else crowd.amara).pk}
