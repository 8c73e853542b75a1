"""A worker that is killed, two at once, every message five times: the same end, and progress never goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from core.people.models import Contact, FormGroup, Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role
from core.roll import operations, queries
from core.roll.enums import ImportState
from core.roll.models import ProposedDoNotInform, RollImport, RollRun
from core.roll.operations import preparing, running
from tests.factories import make_school, make_user
from tests.roll.conftest import PUPIL_HEAD, csv_of, pupil_row, sample

Upload = Callable[..., RollImport]


def state_of(school: School) -> dict[str, Any]:
    """Everything an import makes, without the keys that the database gives out."""
    people = Pupil.objects.filter(school=school).order_by("upn")
    return {
        "pupils": list(people.values_list("upn", "legal_surname", "form__name", "year_group", "search_text")),
        "contacts": sorted(
            Contact.objects.filter(school=school).values_list(
                "pupil__upn", "forename", "surname", "mobile", "may_collect"
            )
        ),
        "forms": sorted(FormGroup.objects.values_list("name", "year_from", "year_to", "tutor__email")),
        "staff": sorted(Membership.objects.exclude(staff_code="").values_list("staff_code", "user__email")),
        "roles": sorted(
            RoleHolding.objects.exclude(role=Role.ADMINISTRATOR).values_list("user__email", "role", "form__name")
        , key=str),
        "asked": ProposedDoNotInform.objects.count(),
        "histories": (Pupil.history.count(), Contact.history.count()),
    }  # fmt: skip


class Killed(BaseException):
    """The worker is gone: nothing catches this, as nothing catches SIGKILL."""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "BATCH", 40)


def test_run_killed_again_and_again_ends_the_same(
    school: School, administrator_user: User, at: datetime, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25: killed in the middle of eleven batches, after the writes and before the commit; no difference is left."""
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at}
    found = operations.upload_roll(files=sample("barley-lane"), **given)
    operations.apply_roll(roll_import=found, **given)
    mark, seen, kills = running._mark, [], iter([True, False] * 11)

    def mark_or_die(*args: Any) -> None:
        mark(*args)
        if next(kills, False):
            raise Killed

    monkeypatch.setattr(running, "_mark", mark_or_die)
    while True:
        try:
            with transaction.atomic():  # what the killed worker had not committed is gone
                ended = operations.run_roll_import(import_id=found.pk, at=at, seconds=0)
        except Killed:
            RollRun.objects.update(attempts=0)
            ended = False
        run = queries.run_of(found)
        assert run is not None
        seen.append(run.done)
        if ended:
            break
    monkeypatch.undo()
    assert seen == sorted(seen), "progress went back"
    assert len(seen) > 20
    broken = state_of(school)
    operations.undo_roll(roll_import=found, **given)
    assert operations.run_roll_import(import_id=found.pk, at=at)
    assert Pupil.objects.count() == 0

    whole = operations.upload_roll(files=sample("barley-lane"), **given)
    operations.apply_roll(roll_import=whole, **given)
    assert operations.run_roll_import(import_id=whole.pk, at=at)
    unbroken = state_of(school)
    histories, before = unbroken.pop("histories"), broken.pop("histories")
    assert unbroken == broken
    assert histories == tuple(number * 3 for number in before), "added, taken back, added again: each once"


def test_run_every_message_five_times_has_one_effect(
    school: School, administrator_user: User, at: datetime, small_batches: None
) -> None:
    """F09: delivery is at least once; the effect is once."""
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at}
    found = operations.upload_roll(files=sample("rushmere"), **given)
    operations.apply_roll(roll_import=found, **given)
    for _ in range(5):
        assert operations.run_roll_import(import_id=found.pk, at=at)
    assert (Pupil.objects.count(), Contact.objects.count(), Pupil.history.count()) == (106, 213, 106)


def test_run_that_fails_five_times_stops_and_can_go_on(
    school: School, administrator_user: User, at: datetime, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that comes again stops the import with words; what is done stays, and it can go on or be undone."""
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at}
    found = operations.upload_roll(files=sample("rushmere"), **given)
    operations.apply_roll(roll_import=found, **given)
    carry_out, calls = running.carry_out, []

    def fail_at_third(*args: Any) -> None:
        calls.append(1)
        if len(calls) > 2:
            raise ValueError("a fault")
        carry_out(*args)

    monkeypatch.setattr(running, "carry_out", fail_at_third)
    for _ in range(7):
        operations.run_roll_import(import_id=found.pk, at=at)
    found.refresh_from_db()
    assert found.state == ImportState.FAILED
    run = queries.run_of(found)
    assert run is not None and run.done == 80
    monkeypatch.undo()
    monkeypatch.setattr(preparing, "BATCH", 40)
    operations.resume_roll(roll_import=found, **given)
    assert operations.run_roll_import(import_id=found.pk, at=at)
    found.refresh_from_db()
    assert found.state == ImportState.APPLIED
    assert Pupil.objects.count() == 106


def test_undo_of_a_stopped_import_takes_back_what_was_done(
    school: School, administrator_user: User, at: datetime, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at}
    found = operations.upload_roll(files=sample("rushmere"), **given)
    operations.apply_roll(roll_import=found, **given)
    assert operations.run_roll_import(import_id=found.pk, at=at, seconds=0) is False
    assert operations.run_roll_import(import_id=found.pk, at=at, seconds=0) is False
    running.fail_roll(school=school, actor=None, at=at, roll_import=RollImport.objects.get(pk=found.pk))
    operations.undo_roll(roll_import=found, **given)
    assert operations.run_roll_import(import_id=found.pk, at=at)
    found.refresh_from_db()
    assert found.state == ImportState.UNDONE
    assert User.objects.filter(memberships__staff_code__gt="").count() == Pupil.objects.count() == 0


def test_resume_stale_finds_what_no_worker_touches(school: School, administrator_user: User) -> None:
    """Security §5.11: a bell that nobody heard is a delay and never a loss."""
    now = timezone.now()
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": now - timedelta(minutes=2)}
    found = operations.upload_roll(files=[csv_of(PUPIL_HEAD, pupil_row(1))], **given)
    found = operations.apply_roll(roll_import=found, **given)
    assert queries.stale_imports(now, running.SILENT_FOR) == [found.pk]
    run = queries.run_of(found)
    assert queries.is_waiting(run, found, now)
    RollRun.objects.update(heartbeat_at=now)
    assert queries.stale_imports(now, running.SILENT_FOR) == []
    assert not queries.is_waiting(queries.run_of(found), found, now)


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_imports_at_once(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """F25: two workers share one import without doubling a row; of two imports started at once one waits."""
    monkeypatch.setattr(preparing, "BATCH", 20)
    school = make_school("two-at-once")
    with scope(school=school):
        administrator = make_user(Role.ADMINISTRATOR, school)
        given: dict[str, Any] = {"school": school, "actor": administrator, "at": at}
        found = operations.upload_roll(files=sample("rushmere"), **given)
        other = operations.upload_roll(files=sample("rushmere"), **given)
    outcomes: list[str] = []

    def start(roll_import: RollImport) -> None:
        with scope(school=school):
            try:
                operations.apply_roll(roll_import=roll_import, **given)
                outcomes.append("started")
            except operations.AnotherImportRunning:
                outcomes.append("waits")
        connection.close()

    def work() -> None:
        with scopes_disabled():
            running_now = RollImport.objects.get(state=ImportState.APPLYING).pk
        operations.run_roll_import(import_id=running_now, at=at)
        connection.close()

    for job in ([Thread(target=start, args=[one]) for one in (found, other)], [Thread(target=work) for _ in range(2)]):
        for thread in job:
            thread.start()
        for thread in job:
            thread.join()
    assert sorted(outcomes) == ["started", "waits"]
    with scope(school=school):
        assert RollImport.objects.filter(state=ImportState.APPLIED).count() == 1
        assert (Pupil.objects.count(), Contact.objects.count(), Pupil.history.count()) == (106, 213, 106)
        run = RollRun.objects.get()
        assert run.done == run.total
