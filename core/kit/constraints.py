"""Constraints that many tables share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


def paired(first: str, second: str, name: str) -> models.CheckConstraint:
    """Both of two fields are filled, or neither."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=name,
    )


def together(fields: list[str], texts: list[str], name: str) -> models.CheckConstraint:
    """All of several nullable fields and texts are filled, or none of them."""
    none = Q(**{f"{field}__isnull": True for field in fields}, **dict.fromkeys(texts, ""))
    whole = Q(**{f"{field}__isnull": False for field in fields})
    for text in texts:
        whole &= ~Q(**{text: ""})
    return models.CheckConstraint(condition=none | whole, name=name)
