"""A field whose text is sealed in the database and plain in the program."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from core.kit.sealing import seal, unseal


class SealedValue(bytes):
    """A text as it stands in the database, not opened yet."""


class _Opened:
    """What a row's attribute gives: the text, opened when it is asked for and not before."""

    def __init__(self, field: SealedTextField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Any:
        if row is None:
            return self
        held = row.__dict__
        name = self.field.attname
        if name not in held:
            row.refresh_from_db(fields=[name])
        value = held[name]
        if isinstance(value, SealedValue):
            value = held[name] = unseal(bytes(value), about=self.field.about(row))
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedTextField(models.BinaryField):
    """Confidential text (security 5.8). Its model has a `uid`, which binds what is sealed to the row.

    It cannot be searched or compared in the database, only told apart from nothing (`b""`). `length` limits what a form
    takes; the database holds no more than a little over that.
    """

    # What the type checker takes a row's attribute for: plain text, as `_Opened` gives it.
    _pyi_private_set_type: str
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, length: int = 4000, **kwargs: Any) -> None:
        self.length = length
        kwargs.setdefault("default", b"")
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        if self.length != 4000:
            kwargs["length"] = self.length
        if kwargs.get("default") == b"":
            del kwargs["default"]
        return name, path, args, kwargs

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opened(self))

    def about(self, row: Any) -> str:
        """The row and field that a value is bound to; a past version of the row is bound as the row is."""
        table = getattr(row, "instance_type", type(row))._meta.db_table
        return f"{table}.{self.column}:{row.uid}"

    def _get_default(self) -> Any:
        return ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> SealedValue | None:
        return None if value is None else SealedValue(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        return seal(value or "", about=self.about(model_instance))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        """A dump of rows as text holds nothing of it."""
        return ""


def new_uid() -> uuid.UUID:
    """The name that binds sealed text to its row."""
    return uuid.uuid4()
