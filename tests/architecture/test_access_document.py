"""docs/access.md says what the code decides."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from core.people.roles import Permission, Role
from schoolsafe.access import ACCESS

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/access.md"


def test_access_document_is_what_the_code_prints() -> None:
    """house 4.6: the table of addresses and roles is generated, never written by hand."""
    out = StringIO()
    call_command("access_table", stdout=out)
    assert PAGE.read_text() == out.getvalue(), "behind the code: script/manage access_table > docs/access.md"


def test_access_document_leaves_nothing_out() -> None:
    text = PAGE.read_text()
    for name in ACCESS:
        assert f"| `{name}` |" in text
    for key in (*Role.values, *(one.value for one in Permission)):
        assert f"`{key}`" in text
