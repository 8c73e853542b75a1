"""The stage on which the sweeps play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django_scopes import scope

from tests.architecture.stage import AT, Stage, Undo


@pytest.fixture(scope="module")
def _stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), time_machine.travel(AT, tick=False):
        try:
            with transaction.atomic():
                stage = Stage()
                stage.warm()
                yield stage
                raise Undo
        except Undo:
            pass


@pytest.fixture
def stage(_stage: Stage, db: None) -> Iterator[Stage]:
    """Two schools and their people at 8:30 on a Monday, where no time passes; the first school's scope is open, `db`
    undoes the test."""
    with scope(school=_stage.school), time_machine.travel(AT, tick=False):
        yield _stage
