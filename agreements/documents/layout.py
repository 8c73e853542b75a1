"""From a frozen snapshot to the pages: all that is drawn comes from it and from nowhere else (AGR-06, DOC-01)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from agreements.enums import ConsentPurpose
from agreements.languages import ENGLISH, language_of
from agreements.marks import HIGH, WIDE, path_of
from agreements.wording import in_language
from core.kit.qr import qr_code
from core.kit.times import day as day_in_words

TEMPLATE = "pdf/agreements/agreement.html"
STYLES = ("pdf/agreements/agreement.css",)
LARGE = ("pdf/agreements/agreement.css", "pdf/agreements/large.css")
_YES_NO = {"yes": "Yes", "no": "No"}


def layout_of(
    snapshot: Mapping[str, Any], *, verify_address: str, is_blank: bool = False, large: bool = False
) -> dict[str, Any]:
    """What `core.kit.pdf.render_pdf` takes, `made_at` left out: the same snapshot and address give the same pages."""
    wording = snapshot["wording"]
    blocks = [dict(block) for block in snapshot["blocks"]]
    assets: dict[str, bytes] = {}
    for number, block in enumerate(blocks, 1):
        block["on"] = _day(block["on"])
        if block["mark"]:
            block["asset"] = f"mark-{number}.svg"
            assets[block["asset"]] = drawn(block["mark"])
    facts = {
        "school": wording["school"] | {"contact": _contact(wording["school"])},
        "child": wording["words"]["child"],
        "reference": snapshot["reference"],
        "version": wording["version"],
        "about": _about(snapshot),
        "intro": wording["intro"],
        "groups": wording["groups"],
        "sites": wording["sites"],
        "readings": wording["readings"],
        "blocks": blocks,
        "is_blank": is_blank,
        "evidence": [_evidence(one) for one in snapshot["evidence"]],
        "languages": _languages(snapshot),
        "wording_hash": snapshot["wording_hash"],
        "verify_address": verify_address,
        "verify_qr": qr_code(verify_address),
    } | _purposes(snapshot, is_blank=is_blank)
    return {
        "template": TEMPLATE,
        "context": {"title": wording["title"], "facts": facts},
        "title": f"{wording['title']}, {snapshot['reference']}",
        "styles": LARGE if large else STYLES,
        "assets": assets,
        "attached": {} if is_blank else {"record.json": machine_readable(snapshot)},
    }


def machine_readable(snapshot: Mapping[str, Any]) -> bytes:
    """The snapshot as it is attached: the same bytes whenever it is written."""
    return json.dumps(snapshot, ensure_ascii=False, sort_keys=True, indent=1).encode()


def drawn(strokes: Iterable[Sequence[Sequence[float]]]) -> bytes:
    """Strokes as a picture that we draw: numbers in, lines out, so that nothing else can come with a signature."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}">'
        f'<path d="{path_of(strokes)}" fill="none" stroke="#0b2545" stroke-width="4" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    ).encode()


def _day(iso: str) -> str:
    return day_in_words(date.fromisoformat(iso)) if iso else ""


def _contact(school: Mapping[str, str]) -> str:
    said = [school.get("address", ""), f"Telephone {school['phone']}" if school.get("phone") else ""]
    return ". ".join(part.rstrip(".") for part in said if part)


def _about(snapshot: Mapping[str, Any]) -> list[tuple[str, str]]:
    wording = snapshot["wording"]
    child = wording["words"]["child"]
    is_of_staff = not wording["about"].get("form") and snapshot["kind"] in ("account_manager", "staff")
    rows = [
        ("Name" if is_of_staff else f"{child.capitalize()}’s name", wording["about"]["name"]),
        ("Form", wording["about"].get("form", "")),
        ("Date of agreement", _day(wording["issued_on"])),
        ("Holds from", _day(snapshot["starts_on"])),
        ("Holds until", _day(snapshot["ends_on"])),
        ("Version", wording["version_label"].removeprefix("Version ")),
        ("Reference", snapshot["reference"]),
    ]
    return [(label, value) for label, value in rows if value]


def _purposes(snapshot: Mapping[str, Any], *, is_blank: bool) -> dict[str, Any]:
    """The uses of images, and what each person answered to each: the latest answer of each."""
    purposes = snapshot["wording"]["purposes"]
    if is_blank:
        return {"purposes": [dict(one) for one in purposes], "answerers": []}
    answers: dict[str, dict[str, Any]] = {}
    for one in snapshot["evidence"]:
        answers[one["name"]] = one["choices"]
    rows = [
        {
            "label": purpose["label"],
            "answers": [_YES_NO.get(given.get(purpose["key"], ""), "–") for given in answers.values()],
        }
        for purpose in purposes
    ]
    return {"purposes": rows, "answerers": list(answers) if purposes else []}


def _evidence(one: Mapping[str, Any]) -> dict[str, Any]:
    labels = dict(ConsentPurpose.choices)
    choices = "; ".join(
        f"{labels.get(key, key)}: {_YES_NO[value].lower()}" for key, value in one["choices"].items() if value in _YES_NO
    )
    rows = [
        ("Decision", one["decision"]),
        ("Name as written", one["name"]),
        ("Capacity", one["capacity"]),
        ("When", f"{one['moment']} ({one['zone']}; {one['signed_at']})"),
        ("Day on the paper", _day(one["signed_on"]) if one["mark"] == "Signature on paper" else ""),
        ("How", one["mode"]),
        ("How the person was known", one["authentication"]),
        ("Witness", one["witness"]),
        ("Mark", one["mark"]),
        ("Read before signing", one["intention"]),
        ("Confirmed", " ".join(one["statements"])),
        ("Answers", choices),
        ("Language read", "" if one["language"] == ENGLISH else language_of(one["language"]).label),
        ("Address and device", " · ".join(part for part in (one["ip"], one["device"]) if part)),
        ("Version read", one["version"]),
        ("SHA-256 of what was read", one["wording_hash"]),
    ]
    return {
        "heading": f"{one['name']}, {one['capacity'].lower()}",
        "rows": [(label, value) for label, value in rows if value],
    }


def _languages(snapshot: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was shown in another language to somebody who signed."""
    read = dict.fromkeys(one["language"] for one in snapshot["evidence"] if one["language"] != ENGLISH)
    found = []
    for language in read:
        shown = in_language(snapshot["wording"], language)
        if shown["language"] != ENGLISH:
            found.append(shown | {"direction": language_of(language).direction})
    return found
