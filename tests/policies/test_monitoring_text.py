"""The ready text of the notice of monitoring says what is watched and why, under each preset (SDV-09)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django_scopes import scope

from core.rules.queries import for_school
from policies.enums import DocumentKind
from policies.ready import ready_document
from tests.factories import make_school
from tests.factories.consents import PRESETS

WHAT = ("email", "calls", "internet", "documents")
WHY = ("safe", "nuisance", "offensive material", "viruses", "properly used")


@pytest.mark.parametrize("preset", PRESETS)
def test_notice_says_what_is_monitored_and_why(db: None, at: datetime, preset: str) -> None:
    """SDV-09: each thing that one of the policies watches, and each of its reasons; pupils read it in their words."""
    school = make_school(preset=preset)
    with scope(school=school):
        ready = ready_document(school, DocumentKind.MONITORING, for_school(school, on=at.date()))
    assert ready is not None
    texts = {one.readership: one.text.casefold() for one in ready.texts}
    assert not [word for word in (*WHAT, *WHY) if word not in texts["staff"]]
    for pupils in ("primary", "secondary"):
        assert "look" in texts[pupils] or "websites" in texts[pupils]
        assert "safe" in texts[pupils]
