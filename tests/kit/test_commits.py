"""What is rung after a commit: once it is there, and never at the cost of whoever asked."""

from __future__ import annotations

import pytest
from django.db import transaction

from core.kit.commits import after_commit


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_nobody_hears_is_no_fault_of_who_asked(caplog: pytest.LogCaptureFixture) -> None:
    """security 5, row 60: work goes on without the broker; the row is kept, and the log says what was not heard."""
    heard: list[int] = []

    def ring(key: int) -> None:
        heard.append(key)
        raise ConnectionError("nobody there")

    with transaction.atomic():
        after_commit(ring, 7)
        assert heard == []
    assert heard == [7]
    assert "nobody there" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_not_rung_for() -> None:
    heard: list[int] = []
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        after_commit(heard.append, 7)
        raise ZeroDivisionError
    assert heard == []
