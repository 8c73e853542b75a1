"""Abstract models and the privacy declaration that every concrete model must make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from django.db import models

DataClass = Literal["public", "school", "personal", "restricted"]
ScrubMethod = Literal["keep", "blank", "fake_name", "fake_email", "fake_phone", "hash", "shift_date", "drop"]


@dataclass(frozen=True)
class Privacy:
    """What a table holds about people, how long it is kept, and how each personal field is scrubbed (ORG-18).

    `keep` states trigger and period in words; retention reads it when disposal is built. `scrub` names the fields
    that identify someone and what becomes of them in a scrubbed copy.
    """

    data_class: DataClass
    keep: str
    scrub: dict[str, ScrubMethod] = field(default_factory=dict)


class AppendOnlyError(TypeError):
    """Code tried to change or delete a row that may only ever be added."""


class BaseModel(models.Model):
    """The root of every table: a 64-bit key and a required privacy declaration."""

    id = models.BigAutoField(primary_key=True)

    privacy: ClassVar[Privacy]

    class Meta:
        abstract = True


class AppendOnlyModel(BaseModel):
    """A table of facts. Rows are added and never changed; the database refuses it too (see `core.kit.migrations`)."""

    append_only: ClassVar[bool] = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are added, never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{type(self).__name__} rows are never deleted.")
