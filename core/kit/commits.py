"""What is done once a transaction has ended well."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction


def after_commit(ring: Callable[[int], object], key: int) -> None:
    """Ring the worker for a row once it is there to be found. Where nobody hears the bell the row is safe, and the
    periodic run takes it up: the person who asked is told nothing of it."""

    def ring_for_it() -> None:
        ring(key)

    transaction.on_commit(ring_for_it, robust=True)
