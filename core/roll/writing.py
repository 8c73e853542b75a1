"""Makes, changes, closes and takes back the records of one batch of an import, each with its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from core.kit import bulk
from core.people.enums import phase_for_year
from core.people.models import Contact, FormGroup, Placement, Pupil, School, User
from core.roll.enums import Action, ChangeState, Entity, ProposalAnswer
from core.roll.keys import MODELS
from core.roll.models import ProposedDoNotInform, RollImport, RollImportChange

Values = dict[str, Any]
_DATES = frozenset({"date_of_birth", "joined_on", "left_on", "starts_on", "ends_on", "ended_on", "closed_on"})
_SHOWN_ONLY = frozenset({"form"})  # the form's name beside its key, for the preview
_MANY = frozenset({Entity.PUPIL, Entity.CONTACT})  # thousands at once, so written without a model for each
_TAKEN = "Another record took this number, name or address meanwhile."
_CHANGED = "Somebody changed this record after the preview was made."
_CHANGED_SINCE = "Somebody changed this record after the import, so it keeps what it has now."


class Author(NamedTuple):
    """Who a batch is done for, when, and why, as the history will say."""

    school: School
    actor: User | None
    at: datetime
    reason: str


def to_json(values: Values) -> Values:
    """Values as a JSON column keeps them: dates as ISO text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def from_json(values: Values) -> Values:
    """The values of a change as the model takes them."""
    return {
        name: date.fromisoformat(value) if name in _DATES and value else value
        for name, value in values.items()
        if name not in _SHOWN_ONLY
    }


def references_checked_at_once() -> None:
    """Let the database refuse a dangling reference at the statement that makes it and not at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def carry_out(changes: Sequence[RollImportChange], author: Author) -> None:
    """Do every change of a batch; each one's `state` and `reason` say what became of it."""
    for (entity, action), group in groupby(changes, key=lambda change: (change.entity, change.action)):
        items = list(group)
        write = _add if action == Action.ADD else _change
        _all_or_each(items, lambda some, entity=entity, write=write: write(Entity(entity), some, author))  # type: ignore[misc]
        if entity == Entity.FORM and action == Action.ADD:
            _use_forms_of_that_name(items, changes, author.school)
    for change in changes:
        if change.state == ChangeState.PLANNED:
            change.state = ChangeState.DONE


def take_back(changes: Sequence[RollImportChange], author: Author) -> None:
    """Undo every change of a batch, the last first; what others rely on by now is kept or closed instead."""
    in_use = _pupils_in_use(changes)
    for (entity, action), group in groupby(changes, key=lambda change: (change.entity, change.action)):
        items = list(group)
        if action == Action.ADD:
            _remove(Entity(entity), items, author, in_use)
        else:
            _all_or_each(items, lambda some, entity=entity: _restore(Entity(entity), some, author))  # type: ignore[misc]
    for change in changes:
        if change.state == ChangeState.DONE:
            change.state = ChangeState.UNDONE


def _all_or_each(items: list[RollImportChange], write: Callable[[list[RollImportChange]], None]) -> None:
    """All in one go; if the database refuses one, each by itself, so that only that one is left alone."""
    try:
        with transaction.atomic():
            write(items)
        return
    except IntegrityError:
        pass
    for item in items:
        try:
            with transaction.atomic():
                write([item])
        except IntegrityError:
            item.state, item.reason = ChangeState.SKIPPED, _TAKEN


def _add(entity: Entity, items: list[RollImportChange], author: Author) -> None:
    model: Any = MODELS[entity]
    if entity in _MANY:
        bulk.bulk_insert(
            model, [_plain(entity, item, author.school) for item in items],
            by=author.actor, at=author.at, reason=author.reason,
        )  # fmt: skip
        return
    made: list[Any] = []
    for item in items:
        values = from_json(item.new)
        if entity == Entity.USER:
            made.append(User(pk=item.target_id, password=make_password(None), **values))
            continue
        if entity == Entity.PROPOSAL:
            values["roll_import_id"] = item.roll_import_id
        made.append(model(pk=item.target_id, school_id=author.school.pk, **values))
    if entity == Entity.PROPOSAL:
        ProposedDoNotInform.objects.bulk_create(made)
    else:
        bulk.bulk_create(model, made, by=author.actor, at=author.at, reason=author.reason)


def _plain(entity: Entity, item: RollImportChange, school: School) -> Values:
    """A pupil's or contact's columns, with what the model itself would work out on saving."""
    values = {name: value for name, value in item.new.items() if name not in _SHOWN_ONLY}
    values.update(id=item.target_id, school_id=school.pk)
    if entity == Entity.PUPIL:
        pupil = Pupil(**values)
        values.update(code=pupil.code, phase=phase_for_year(pupil.year_group), search_text=pupil.folded())
    return values


def _use_forms_of_that_name(
    items: Iterable[RollImportChange], batch: Sequence[RollImportChange], school: School
) -> None:
    """Where somebody made a form of the same name meanwhile, the pupils to come go into that one."""
    for item in items:
        if item.state != ChangeState.SKIPPED:
            continue
        there = FormGroup.objects.filter(school=school, name=item.new["name"]).first()
        if there is None:
            continue
        waiting = list(
            RollImportChange.objects.filter(
                roll_import_id=item.roll_import_id, new__form_id=item.target_id, state=ChangeState.PLANNED
            )
        )
        for change in (*waiting, *(change for change in batch if change.new.get("form_id") == item.target_id)):
            change.new["form_id"] = there.pk
        RollImportChange.objects.bulk_update(waiting, ["new"], batch_size=500)


def _change(entity: Entity, items: list[RollImportChange], author: Author) -> None:
    there = _locked(entity, items)
    changed: list[Any] = []
    fields: set[str] = set()
    for item in items:
        found = there.get(item.target_id)
        if found is None or not _is_as_expected(found, item.expected_version, item.old):
            item.state, item.reason = ChangeState.SKIPPED, _CHANGED
            continue
        fields |= _set(found, from_json(item.new))
        changed.append(found)
    _save(entity, changed, fields, author)


def _restore(entity: Entity, items: list[RollImportChange], author: Author) -> None:
    there = _locked(entity, items)
    changed: list[Any] = []
    fields: set[str] = set()
    for item in items:
        found = there.get(item.target_id)
        if found is None or not _is_as_expected(found, item.expected_version + 1, item.new):
            item.state, item.reason = ChangeState.KEPT, _CHANGED_SINCE
            continue
        fields |= _set(found, from_json(item.old))
        if hasattr(found, "version"):
            found.version = item.expected_version - 1  # saving makes it what it was, so an earlier import can be undone
        changed.append(found)
    _save(entity, changed, fields, author)


def _locked(entity: Entity, items: Sequence[RollImportChange]) -> dict[int, Any]:
    model: Any = MODELS[entity]
    rows = model._base_manager.select_for_update().filter(pk__in=[item.target_id for item in items])
    if entity != Entity.USER:
        rows = rows.filter(school_id=items[0].school_id)
    return {row.pk: row for row in rows}


def _is_as_expected(found: Any, version: int, values: Values) -> bool:
    """Whether nobody touched the record; accounts carry no version, so their values are compared."""
    if hasattr(found, "version"):
        return bool(found.version == version)
    return all(getattr(found, name) == value for name, value in from_json(values).items())


def _set(found: Any, values: Values) -> set[str]:
    if values.get("ends_on") and found.starts_on > values["ends_on"]:
        values["ends_on"] = found.starts_on
    if values.get("left_on") and found.joined_on and found.joined_on > values["left_on"]:
        values["left_on"] = found.joined_on
    for name, value in values.items():
        setattr(found, name, value)
    return set(values)


def _save(entity: Entity, changed: list[Any], fields: set[str], author: Author) -> None:
    if not changed:
        return
    if entity == Entity.PUPIL:
        fields |= {"phase", "search_text"}
    bulk.bulk_update(
        MODELS[entity], changed, sorted(name.removesuffix("_id") for name in fields),
        by=author.actor, at=author.at, reason=author.reason,
    )  # fmt: skip


def _pupils_in_use(changes: Sequence[RollImportChange]) -> set[int]:
    """Which pupils of the batch other records refer to: a device handed in, an agreement, anything but contacts."""
    keys = {
        change.belongs_to
        for change in changes
        if change.action == Action.ADD and change.entity in {Entity.PUPIL, Entity.CONTACT, Entity.PLACEMENT}
    }
    if not keys:
        return set()
    found: set[int] = set()
    for relation in Pupil._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or not getattr(relation.field, "db_constraint", False):
            continue
        owner: Any = relation.related_model
        if owner in (Contact, Placement):
            continue
        name = relation.field.name
        found.update(owner._base_manager.filter(**{f"{name}__in": keys}).values_list(name, flat=True))
    return found


def _remove(entity: Entity, items: list[RollImportChange], author: Author, in_use: set[int]) -> None:
    """Delete what the import added, unless somebody changed it or relies on it."""
    there = _locked(entity, items)
    free: list[RollImportChange] = []
    for item in items:
        found = there.get(item.target_id)
        if found is None:
            continue
        if entity in {Entity.CONTACT, Entity.PLACEMENT} and item.belongs_to in in_use:
            item.state, item.reason = ChangeState.KEPT, "The pupil is kept, because other records refer to them."
        elif entity == Entity.PROPOSAL and found.answer != ProposalAnswer.OPEN:
            item.state, item.reason = ChangeState.KEPT, "The DSL has decided about it."
        elif entity == Entity.USER and (found.last_login or found.has_usable_password()):
            item.state, item.reason = (
                ChangeState.KEPT,
                "The person has used the account. It has no role from this import.",
            )
        elif entity == Entity.PUPIL and item.target_id in in_use:
            _close(item, found, author)
        elif getattr(found, "version", 1) != 1:
            item.state, item.reason = ChangeState.KEPT, _CHANGED_SINCE
        else:
            free.append(item)
    if free:
        _all_or_each(free, lambda some: _delete(entity, some, author))
    for item in free:
        if item.state == ChangeState.SKIPPED:
            item.state, item.reason = ChangeState.DONE, ""
            if entity == Entity.PUPIL:
                _close(item, there[item.target_id], author)
            else:
                item.state, item.reason = ChangeState.KEPT, "Other records refer to it."


def _close(item: RollImportChange, pupil: Pupil, author: Author) -> None:
    """A pupil who came with the import and is referred to by now leaves the roll instead of vanishing."""
    left = timezone.localdate(author.at)
    pupil.left_on = max(left, pupil.joined_on) if pupil.joined_on else left
    bulk.bulk_update(
        Pupil, [pupil], ["left_on", "phase", "search_text"], by=author.actor, at=author.at, reason=author.reason
    )
    item.state, item.reason = ChangeState.CLOSED, "Other records refer to this pupil, so they left the roll instead."


def _delete(entity: Entity, items: list[RollImportChange], author: Author) -> None:
    keys = [item.target_id for item in items]
    if entity == Entity.PROPOSAL:
        ProposedDoNotInform.objects.filter(pk__in=keys).delete()
    else:
        bulk.bulk_delete(MODELS[entity], keys, by=author.actor, at=author.at, reason=author.reason)


def reason_for(roll_import: RollImport, *, undo: bool = False) -> str:
    """What the history of each record says."""
    return f"Roll import {roll_import.pk} {'undone' if undo else 'applied'}"
