"""Steps of a migration that are done as one: which may be, and that they make the same tables, there and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, models
from django.db.migrations.operations import AddField, AlterField, CreateModel, RunSQL
from django.db.migrations.state import ProjectState

from core.kit.migrations import TablesTogether, Together, together


def table(name: str, **fields: Any) -> CreateModel:
    return CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


def column(model: str, name: str) -> AddField:
    return AddField(model, name, models.IntegerField(null=True))


def shape(steps: list[Any]) -> list[int]:
    """How many steps each one holds."""
    return [len(step.operations) if isinstance(step, Together) else 1 for step in steps]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([table("Shelf"), table("Box")], [2]),
        ([table("Shelf"), RunSQL("SELECT 1"), table("Box")], [1, 1, 1]),
        # A table that is made shows all its fields already: a field added after it has to wait.
        ([table("Shelf"), column("shelf", "height"), column("shelf", "width")], [1, 2]),
        ([column("shelf", "height"), AlterField("shelf", "height", models.BigIntegerField(null=True))], [1, 1]),
    ],
)
def test_steps_that_build_on_one_another_are_kept_apart(steps: list[Any], expected: list[int]) -> None:
    assert shape(together(steps)) == expected


@pytest.fixture
def as_owner(transactional_db: None) -> Iterator[None]:
    """Only the owner of the tables may make one."""
    role = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = str(urlsplit(os.environ["DATABASE_OWNER_URL"]).username)
    yield
    connection.close()
    connection.settings_dict["USER"] = role


def test_tables_made_together_point_at_each_other_and_can_be_taken_back(as_owner: None) -> None:
    class Moving(TablesTogether):
        operations = [
            table("Box", shelf=models.ForeignKey("kit.Shelf", models.CASCADE)),
            table("Shelf", height=models.IntegerField()),
            column("shelf", "width"),
            column("box", "label"),
        ]

    moving = Moving("0001_moving", "kit")
    assert shape(moving.operations) == [2, 2]
    with connection.schema_editor() as editor:
        state = moving.apply(ProjectState(), editor)
        made = state.apps.get_model("kit", "Box")
        shelf = state.apps.get_model("kit", "Shelf").objects.create(height=40, width=80)
        made.objects.create(shelf=shelf, label=1)
        assert made.objects.get().shelf.width == 80
    with connection.schema_editor() as editor:
        moving.unapply(ProjectState(), editor)
    assert not {"kit_box", "kit_shelf"} & set(connection.introspection.table_names())
