"""The documents are true where a machine can tell: links, pictures, commands, tests and files they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs",
    "static/js",
    "static/vendor",
    "templates",
    "tests/data",
)


def documents() -> list[Path]:
    """Every Markdown file that people read."""
    found: list[Path] = []
    for name in TEXTS:
        place = ROOT / name
        found += [place] if place.is_file() else sorted(place.rglob("*.md"))
    return found


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_document = pytest.mark.parametrize("path", documents(), ids=shown)


def anchors(text: str) -> set[str]:
    """The anchors that headings get on the usual sites."""
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def links(text: str) -> Iterator[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


@every_document
def test_links_lead_somewhere(path: Path) -> None:
    wrong = []
    for target in links(path.read_text()):
        name, _, anchor = target.partition("#")
        place = (path.parent / name).resolve() if name else path
        if not place.exists() or (anchor and anchor not in anchors(place.read_text())):
            wrong.append(target)
    assert wrong == []


@every_document
def test_document_names_no_machine(path: Path) -> None:
    """A checkout stands alone: no path of somebody's machine, no address of a package index."""
    machines = r"(?<![\w.<>])/(?:work|root|home|farm|Users|tmp|var/tmp)/\S+|pypi\.|registry\.|localhost:\d{4}/\w"
    assert re.findall(machines, path.read_text()) == []


@every_document
def test_documents_name_files_and_tests_that_exist(path: Path) -> None:
    """`core/kit/csv.py`, `tests/journeys`, `test_house.py` and `test_links_lead_somewhere` must be there."""
    text = path.read_text()
    tops = "|".join(entry.name for entry in ROOT.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    wrong = [
        name
        for name in re.findall(rf"`((?:{tops})/[\w./-]+)`", text)
        if not (ROOT / name).exists() and not (path.parent / name).exists()
    ]
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    wrong += [name for name in re.findall(r"`(test_\w+\.py)`", text) if name not in {file.name for file in tests}]
    known = "\n".join(file.read_text() for file in tests)
    wrong += [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in known]
    assert wrong == []


@every_document
def test_documents_name_commands_that_exist(path: Path) -> None:
    text = path.read_text()
    for name in set(re.findall(r"(?<![\w/.])((?:script|deploy)/[a-z_-]+(?:\.sh)?)(?![\w/.-])", text)):
        file = ROOT / name
        assert file.is_file(), f"{shown(path)} names {name}"
        assert os.access(file, os.X_OK), f"{name} cannot be run"
    manage = set(re.findall(r"(?:manage\.py|script/manage) ([a-z_]+)", text))
    assert manage <= set(get_commands()), f"{shown(path)} names {manage - set(get_commands())}"


def test_commands_of_the_readme_say_what_they_take() -> None:
    """The options that the README names are those of the commands themselves."""
    run, bench = ((ROOT / f"script/lib/{name}.py").read_text() for name in ("run", "bench"))
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    for option in re.findall(r"script/run (--[a-z-]+)", text):
        assert f'"{option}"' in run
    for name in re.findall(r"script/bench ([a-z-]+)", text):
        assert name == "all" or f'"{name}":' in (ROOT / "script/lib/benchmarks/__init__.py").read_text()
    assert '"--small"' in bench
    for command in ("script/run", "script/test", "docker compose up -d --build", "script/run --empty"):
        assert command in text


def test_every_guide_and_decision_is_in_the_index() -> None:
    index = set(links((ROOT / "docs/README.md").read_text()))
    for folder in ("guides", "adr"):
        for path in (ROOT / "docs" / folder).glob("*.md"):
            assert f"{folder}/{path.name}" in {target.partition("#")[0] for target in index}, (
                f"{path.name} is not linked"
            )


def test_decisions_are_numbered_without_gaps_and_have_their_parts() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. ")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**What we gave up.**"):
            assert part in text, f"{path.name} lacks {part}"


def test_pictures_are_small_and_each_is_shown() -> None:
    shown_somewhere = "\n".join(path.read_text() for path in documents())
    for picture in (ROOT / "docs/img").iterdir():
        assert picture.stat().st_size <= 150_000, f"{picture.name} is too large"
        assert f"img/{picture.name}" in shown_somewhere, f"{picture.name} is shown nowhere"


def test_map_names_every_folder_of_code() -> None:
    """The README has a line for each folder a newcomer meets."""
    text = (ROOT / "README.md").read_text()
    apps = [*ROOT.glob("*/__init__.py"), *ROOT.glob("core/*/__init__.py")]
    for folder in {shown(path.parent) for path in apps} - {"core"}:
        assert f"`{folder}/`" in text, f"the README's map lacks {folder}/"
