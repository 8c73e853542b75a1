"""The base models that know schools: scoped queries, who and when, versions, history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager
from simple_history.models import HistoricalRecords

from core.kit.history import attribute
from core.kit.models import BaseModel


class SchoolModel(BaseModel):
    """A row of one school. `objects` raises outside a school's scope, so no query can forget whose rows it wants."""

    school = models.ForeignKey("people.School", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = ScopedManager(school="school")

    class Meta:
        abstract = True


class History(HistoricalRecords):
    """The history of fields, without those that a model keeps out of it: a secret has no business in a past version."""

    def fields_included(self, model: Any) -> list[Any]:
        left_out: frozenset[str] = getattr(model, "history_leaves_out", frozenset())
        return [field for field in super().fields_included(model) if field.name not in left_out]


class TrackedModel(SchoolModel):
    """An editable row: who made and changed it and when, a version for concurrent edits, a history of its fields."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    history_leaves_out: ClassVar[frozenset[str]] = frozenset()
    history = History(inherit=True)

    class Meta:
        abstract = True

    def stamp(self, *, by: Any, at: datetime) -> None:
        """Attribute the coming save to `by` (None: the system) at `at`. Every operation calls it before saving."""
        actor = by if by is not None and getattr(by, "pk", None) else None
        if self._state.adding:
            self.created_by, self.created_at = actor, at
        else:
            self.version += 1
        self.changed_by, self.changed_at = actor, at
        attribute(self, by=actor, at=at)
