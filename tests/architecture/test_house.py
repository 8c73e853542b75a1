"""The house's own rules, each held by reading the code (house.md 2 to 6)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import TrackedModel
from core.people.views.base import SchoolView

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("core", "schoolsafe", "devices", "incidents", "agreements", "visitors", "policies")


def python_files(*parts: str) -> Iterator[Path]:
    for top in parts or OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def our_models() -> list[type[models.Model]]:
    """Every concrete model of ours, history tables left out."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS and not hasattr(model, "history_user")
    ]


def test_every_model_declares_its_privacy_and_names_real_fields() -> None:
    """ORG-18: data class, retention and scrubbing are declared from the first migration."""
    for model in our_models():
        privacy = getattr(model, "privacy", None)
        assert isinstance(privacy, Privacy), f"{model.__name__} declares no privacy"
        known = {field.name for field in model._meta.get_fields()}
        assert set(privacy.scrub) <= known, f"{model.__name__} scrubs fields it does not have"
        if privacy.data_class in ("personal", "restricted"):
            assert privacy.keep


def test_every_table_belongs_to_a_school_or_says_why_not() -> None:
    """house 4.1. The exceptions: schools and people, sessions, the record, and what the system says of itself."""
    exempt = {"School", "User", "Session", "Entry", "OutboxEmail", "Heartbeat"}
    for model in our_models():
        has_school = any(field.name in ("school", "school_id") for field in model._meta.get_fields())
        assert has_school or model.__name__ in exempt or _through_parent(model), f"{model.__name__} has no school"


def _through_parent(model: type[models.Model]) -> bool:
    return model.__name__ in {"NoticePreference", "Invitation", "SetupLink", "WayIn", "SecondStepReset", "Link"}


def test_views_never_touch_objects() -> None:
    """house 3: reads are queries, writes are operations."""
    for path in python_files():
        if path.name == "views.py" or "views" in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager"):
                    pytest.fail(f"{path.relative_to(ROOT)}:{node.lineno} uses .{node.attr}")


def _root_name(node: ast.expr) -> tuple[str, bool]:
    """The name a chain of calls starts from, and whether it goes through a manager."""
    through = False
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            through = through or node.attr in ("objects", "_base_manager")
            node = node.value
        else:
            return (node.id if isinstance(node, ast.Name) else "", through)


def test_tracked_models_are_never_written_past_their_history() -> None:
    """house 4.7: raw bulk and queryset updates leave no history, so tracked models have none."""
    tracked = {model.__name__ for model in our_models() if hasattr(model, "history")}
    assert "CustodyRecord" in tracked
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in ("update", "bulk_create", "bulk_update", "delete", "update_or_create"):
                name, through_manager = _root_name(node.func.value)
                if through_manager and name in tracked:
                    pytest.fail(f"{path.relative_to(ROOT)}:{node.lineno} {name}…{node.func.attr}() writes no history")


def test_append_only_models_have_their_triggers() -> None:
    """ORG-09, DEV-33: the promise is the database's, not the model's."""
    migrations = "".join(path.read_text() for top in OURS for path in (ROOT / top).rglob("migrations/*.py"))
    for model in our_models():
        if issubclass(model, AppendOnlyModel):
            assert f'append_only("{model._meta.db_table}"' in migrations, f"{model.__name__} has no trigger"


def test_a_page_without_a_permission_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured):

        class Forgetful(SchoolView):
            pass


def test_tracked_models_keep_versions_and_authors() -> None:
    for model in our_models():
        if issubclass(model, TrackedModel):
            assert {"version", "created_by", "changed_by"} <= {field.name for field in model._meta.get_fields()}


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_nothing_inline_and_trusts_no_text(path: Path) -> None:
    """security 5.6: no inline script, style or handler, and no |safe."""
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "|safe" not in text
    assert "autoescape off" not in text
    assert "hx-on" not in text


def test_a_name_on_a_page_about_devices_has_its_own_direction() -> None:
    """A name written from right to left turns nothing round it: it stands in `<bdi>`, but in attributes and titles."""
    for path in sorted((ROOT / "templates/devices").rglob("*.html")):
        text = re.sub(r"{% block title %}.*?{% endblock", "", path.read_text())
        for name in re.finditer(r"{{ [a-z_.]*(?:display|sort|short)_name(?:\|[^}]*)? }}", text):
            before = text[: name.start()]
            in_attribute = before.rfind("<") > before.rfind(">")
            assert in_attribute or before.endswith("<bdi>"), (path, name.group())


def test_code_never_marks_text_safe() -> None:
    for path in python_files():
        assert "mark_safe" not in path.read_text(), path


def test_no_form_about_devices_or_incidents_takes_a_file() -> None:
    """SEA-16, IMG-06, security 5.4: no door for pictures."""
    for path in (*python_files("devices"), *python_files("incidents")):
        # The attendance list of a morning comes by core.kit's CsvField: text alone, read and not kept.
        text = path.read_text()
        assert "FileField" not in text, path
        assert "ImageField" not in text, path
    for path in (*(ROOT / "templates/devices").rglob("*.html"), *(ROOT / "templates/incidents").rglob("*.html")):
        text = path.read_text()
        assert 'type="file"' not in text, path
        assert "multipart" not in text, path


def test_no_field_for_an_unlock_code() -> None:
    """DEV-24: the system has no field for an unlock code."""
    for model in our_models():
        for field in model._meta.get_fields():
            assert not re.search(r"unlock|passcode|pin_code|\bpin\b", field.name), f"{model.__name__}.{field.name}"


def test_addresses_carry_no_names() -> None:
    """security row 49: addresses are made of keys; words in them come from the code."""
    from tests.architecture.records import named_patterns

    for name, pattern in named_patterns().items():
        for kind, converter in pattern.pattern.converters.items():
            word = type(converter).__name__
            allowed = {"IntConverter", "UUIDConverter"} | (
                {"SlugConverter", "StringConverter"}
                if kind in {"school", "key", "token", "preset", "section"}
                else set()
            )
            assert word in allowed, f"{name}: <{word}:{kind}>"


def test_time_enters_through_views_tasks_and_commands_alone() -> None:
    """house 4.10: operations and queries are given the moment."""
    for path in python_files():
        if path.name.startswith("operations") or "operations" in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                reads = node.func.attr in ("now", "today", "utcnow") or (
                    node.func.attr == "localdate" and not node.args
                )
                if reads:
                    pytest.fail(f"{path.relative_to(ROOT)}:{node.lineno} reads the clock")
