"""What must be true of every template, style and script, whoever wrote it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "pdf" not in path.parts)
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
VENDOR = ROOT / "static" / "vendor"
SPRITE = (ROOT / "static" / "img" / "icons.svg").read_text()
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    """Security §5.6, rows 51: no script, style, handler or address of another host in a page."""
    text = path.read_text()
    scripts = re.findall(r"<script\b([^>]*)>", text)
    assert all("src=" in attributes or 'type="application/json"' in attributes for attributes in scripts)
    assert "<style" not in text
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"hx-on|hx-vals=[\"']js:|javascript:", text)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)
    assert "|safe" not in text.replace("|safeseq", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_template_names_only_icons_that_exist(path: Path) -> None:
    for name in re.findall(r'components/icon\.html" with name="([\w-]+)"', path.read_text()):
        assert f'<symbol id="{name}"' in SPRITE


@pytest.mark.parametrize("path", COMPONENTS, ids=_relative)
def test_component_says_in_a_comment_what_it_is_and_takes(path: Path) -> None:
    assert re.search(r"\{# .{20,} #\}", path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=_relative)
def test_script_evaluates_nothing_and_builds_no_markup_from_text(path: Path) -> None:
    """Security §5.6 and row 55."""
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)


def test_scripts_are_each_described_in_their_readme() -> None:
    readme = (ROOT / "static" / "js" / "README.md").read_text()
    assert [path.name for path in SCRIPTS if f"`{path.name}`" not in readme] == []


def test_scripts_keep_nothing_in_the_browser_but_preferences_and_tokens() -> None:
    """House §4.9, security row 52: no one is named in the browser's storage.

    Three preferences; scans that wait for the line, codes only, in one file; and one page without a person in it.
    """
    keys = {key for path in SCRIPTS for key in re.findall(r'"(schoolsafe\.[\w.]+)"', path.read_text())}
    preferences = {"schoolsafe.theme", "schoolsafe.desk.sound", "schoolsafe.desk.keys"}
    assert keys == preferences | {"schoolsafe.desk.waiting", "schoolsafe.desk.shell"}
    holding = {
        word: {path.name for path in SCRIPTS if re.search(rf"\b{word}\b", path.read_text())}
        for word in ("localStorage", "sessionStorage", "indexedDB", "caches")
    }
    assert holding["sessionStorage"] == set()
    assert holding["indexedDB"] == {"desk-keep.js"}
    assert holding["caches"] == {"desk-worker.js"}
    assert "schoolsafe.desk.waiting" not in "".join(path.read_text() for path in SCRIPTS if path.name != "desk-keep.js")


def test_page_and_server_agree_on_what_a_token_is() -> None:
    """What a browser may keep and what the record takes from it: one pattern, written twice."""
    from devices.queries.offline import _TOKEN

    script = (ROOT / "static" / "js" / "desk-take.js").read_text()
    assert f"const TOKEN = /{_TOKEN.pattern}/;" in script


def test_scripts_and_styles_exist_wherever_a_template_names_them() -> None:
    for path in TEMPLATES:
        for name in re.findall(r"\{% static ['\"]([^'\"{]+)['\"] %\}", path.read_text()):
            if not name.startswith(("mfa/", "account/")):
                assert (ROOT / "static" / name).exists(), f"{_relative(path)} names {name}"


@pytest.mark.parametrize("path", STYLES, ids=_relative)
def test_style_never_removes_a_focus_ring(path: Path) -> None:
    """ux §3: the ring is never removed, except from parts that a script focuses and a keyboard cannot reach."""
    text = path.read_text()
    for rule in re.findall(r"([^{}]+)\{[^{}]*outline:\s*(?:none|0)\b[^{}]*\}", text):
        assert '[tabindex="-1"]' in rule or ".page__main:focus" in rule


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=_relative)
def test_style_and_script_load_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", path.read_text())


def test_vendor_files_have_their_licences_versions_and_no_map_comments() -> None:
    """stack §7: the static manifest fails on a sourceMappingURL whose map is not shipped."""
    readme = (VENDOR / "README.md").read_text()
    folders = [folder for folder in VENDOR.iterdir() if folder.is_dir()]
    assert folders
    for folder in folders:
        assert (folder / "LICENSE").exists()
        assert f"`{folder.name}/`" in readme
        for path in folder.iterdir():
            assert "sourceMappingURL" not in path.read_text()


def test_sprite_draws_each_icon_once_and_with_the_text_colour() -> None:
    names = re.findall(r'<symbol id="([\w-]+)"', SPRITE)
    assert len(names) == len(set(names))
    assert SPRITE.count('stroke="currentColor"') == len(names)
