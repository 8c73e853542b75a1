"""What an import would do or did, in words: figures by list, changes field by field, and who is not in the lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.people.models import Pupil
from core.roll import queries
from core.roll.enums import Action, Entity, FileKind
from core.roll.forms import ApplyForm
from core.roll.models import RollImport, RollImportChange
from core.roll.views.base import SHOWN

_WORDS = {FileKind.PUPILS: "Pupils", FileKind.CONTACTS: "Contacts", FileKind.STAFF: "Staff"}


def counts_of(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """One line of figures for each kind of list."""
    return [
        {
            "word": word,
            "add": counts.get("add", 0),
            "change": counts.get("change", 0),
            "same": counts.get("same", 0),
            "left": counts.get("left", 0),
            "problems": counts.get("problems", 0),
            "rows": counts.get("rows", 0),
        }
        for kind, word in _WORDS.items()
        if (counts := summary.get(kind.value))
    ]


_SHOWN_GROUPS = (
    (Entity.PUPIL, Action.ADD, "New pupils"),
    (Entity.PUPIL, Action.CHANGE, "Pupils with changes"),
    (Entity.PLACEMENT, Action.ADD, "Off-site placements"),
    (Entity.FORM, Action.ADD, "New forms"),
    (Entity.FORM, Action.CHANGE, "Forms with changes"),
    (Entity.CONTACT, Action.ADD, "New contacts"),
    (Entity.CONTACT, Action.CHANGE, "Contacts with changes"),
    (Entity.MEMBERSHIP, Action.ADD, "New staff"),
    (Entity.MEMBERSHIP, Action.CHANGE, "Staff with changes"),
    (Entity.USER, Action.CHANGE, "Staff whose name changes"),
)


def groups_of(roll_import: RollImport) -> list[dict[str, Any]]:
    """The first twenty changes of each sort, in words."""
    totals = queries.totals_of(roll_import)
    shown = queries.first_of_each(roll_import, SHOWN)
    return [
        {
            "title": title,
            "total": totals[entity, action],
            "is_change": action == Action.CHANGE,
            "rows": [{"change": change, "fields": _fields(change)} for change in shown.get((entity, action), [])],
        }
        for entity, action, title in _SHOWN_GROUPS
        if totals.get((entity, action))
    ]


_FIELD_WORDS = {
    "upn": "UPN",
    "admission_number": "admission number",
    "legal_forename": "legal forename",
    "legal_surname": "legal surname",
    "preferred_forename": "preferred forename",
    "date_of_birth": "date of birth",
    "year_group": "year group",
    "sen_status": "SEN status",
    "medical_note": "medical note",
    "young_carer": "a young carer",
    "pupil_premium": "pupil premium",
    "is_boarder": "boards at school",
    "left_on": "left on",
    "form": "form",
    "closed_on": "closed on",
    "year_from": "first year",
    "year_to": "last year",
    "given_name": "forename",
    "family_name": "surname",
    "job_title": "job title",
    "staff_code": "staff code",
    "has_parental_responsibility": "parental responsibility",
    "court_order_note": "court-order note",
    "may_collect": "may collect",
    "tutor_id": "tutor",
}


def _fields(change: RollImportChange) -> list[dict[str, str]]:
    """Field by field what it was and what it becomes; keys of other records are left to their names."""
    names = [name for name in change.new if name != "form_id"] if change.action == Action.CHANGE else []
    return [
        {
            "name": _FIELD_WORDS.get(name, name.replace("_", " ")),
            "old": _say(name, change.old.get(name)),
            "new": _say(name, change.new.get(name)),
        }
        for name in names
    ]


def _say(name: str, value: Any) -> str:
    if name == "ethnicity":  # it stands on the edit page alone
        return "recorded" if value else "empty"
    if name == "tutor_id":
        return "set" if value else "none"
    if name in {"year_group", "year_from", "year_to"} and isinstance(value, int):
        return Pupil(year_group=value).year_name
    if value is True or value is False:
        return "yes" if value else "no"
    return "empty" if value in (None, "") else str(value)


def leaver_groups(
    leavers: Iterable[RollImportChange], form: ApplyForm, totals: dict[tuple[str, str], int]
) -> list[dict[str, Any]]:
    """Who is not in the lists, as boxes to tick: pupils, contacts and staff apart."""
    words = {
        Entity.PUPIL: "Pupils who are on roll and not in the list",
        Entity.CONTACT: "Contacts who are not in the list",
        Entity.MEMBERSHIP: "Staff who are not in the list",
    }
    ticked = set(form["leavers"].value() or [])
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, change in enumerate(leavers):
        value = f"{change.entity}:{change.target_id}"
        groups.setdefault(change.entity, []).append(
            {"id": f"id_leavers_{place}", "value": value, "label": change.label, "is_ticked": value in ticked}
        )
    return [
        {
            "title": words[Entity(entity)],
            "boxes": boxes,
            "total": totals.get((entity, Action.CLOSE), 0),
            "is_long": len(boxes) > SHOWN,
            "all": {"id": f"id_all_{entity}", "value": f"{entity}:all", "is_ticked": f"{entity}:all" in ticked},
        }
        for entity, boxes in groups.items()
    ]
