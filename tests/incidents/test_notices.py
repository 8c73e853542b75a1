"""What goes out of the app about records names nobody and says nothing of them, whatever notice it is (law SG-14)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "incidents"
# What may be put into a subject or a body: the school's own name, a day, how many, and a sentence of a table of them.
MAY_STAND = re.compile(r"school\.name|day_words\([\w(). ]+\)|number|when|_SUBJECTS\[.*\]")
# Words of what happened, to whom, or of what kind a record is: in no notice.
TELLING = re.compile(
    r"\b(pupil|child(?!-protection)|girl|boy|mother|father|parent of|staff|teacher|image|nude|photo|phone|device|"
    r"bully\w*|abus\w*|drug\w*|knife|police|lado|crime|illegal|allegation|visitor|referr\w+ of|sex\w*|harm\w*)\b",
    re.IGNORECASE,
)
# "If a child is in danger now, act first."
URGENT = {"incidents.reported": {"child"}, "incidents.image": {"child"}}


def notices() -> Iterator[tuple[str, ast.Call]]:
    """Every call that sends a notice, with its place."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "notify":
                yield f"{path.relative_to(APP)}:{node.lineno}", node


SENT = list(notices())
TABLES = [
    (path.name, ast.literal_eval(ast.unparse(value)))
    for path in sorted(APP.rglob("*.py"))
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_SUBJECTS"
    for value in [ast.List(list(node.value.values), ast.Load())]  # type: ignore[attr-defined]
]


def plain_parts(node: ast.expr | None) -> tuple[list[str], list[str]]:
    """The words written in the program, and what is put in between them."""
    if node is None:
        return [], []
    words = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    put_in = [ast.unparse(one.value) for one in ast.walk(node) if isinstance(one, ast.FormattedValue)]
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        put_in.append(ast.unparse(node))
    return words, put_in


@pytest.mark.parametrize(("where", "call"), SENT, ids=[where.rsplit(":")[0] for where, _call in SENT])
def test_notice_of_whatever_kind_names_nobody_and_tells_nothing(where: str, call: ast.Call) -> None:
    """SG-14, security 5.4: alert emails and messages hold no pupil's name and no narrative; what is put into their
    words is on a short list, and the address they lead to is made of keys."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    kind = ast.unparse(given["kind"]).strip("'f")
    for field in ("subject", "body"):
        words, put_in = plain_parts(given.get(field))
        assert [part for part in put_in if not MAY_STAND.fullmatch(part)] == [], where
        assert set(TELLING.findall(" ".join(words))) <= URGENT.get(kind, set()), where
    url = ast.unparse(given["url"])
    assert not re.search(r"name\b|title|account|person\.", url.replace("url_name", "").replace("name}'", "")), where
    assert "display_name" not in ast.unparse(call), where


def test_every_kind_of_notice_is_found() -> None:
    """SG-14: what is looked at is what is sent, so that a new notice is held to the rule by being written; the
    sentences that stand in tables are held to it too."""
    kinds = {ast.unparse(keyword.value) for _where, call in SENT for keyword in call.keywords if keyword.arg == "kind"}
    assert len(kinds) >= 15
    assert not [path for path in APP.rglob("*.py") if "queue_email" in path.read_text(encoding="utf-8")]  # no other way
    assert TABLES and [one for _name, told in TABLES for one in told if TELLING.search(one)] == []
