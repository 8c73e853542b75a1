"""From the files to the preview: upload, match columns, compare, cancel. Nothing here touches the roll itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.utils import timezone

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit import bulk
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from core.roll import queries
from core.roll.checking import Checked, check
from core.roll.columns import ColumnMapping, recognise, recognise_as, signature, with_columns
from core.roll.comparing import Plan, make_plan
from core.roll.enums import FileKind, ImportState
from core.roll.keys import DatabaseKeys
from core.roll.models import RememberedColumns, RollFile, RollImport, RollImportChange, RollProblem
from core.roll.reading import Severity, Table, UnreadableFile, read_table, visible
from core.roll.values import DateOrder
from core.roll.workflow import CHANGEABLE
from core.roll.writing import to_json

BATCH = 500
ROWS_AT_ONCE = 2_000
MAX_FILES = 5
MAX_PROBLEMS_KEPT = 5_000


class UnableToImport(Refusal):
    """The import cannot go on; nothing was changed."""


class NothingToImport(UnableToImport):
    """No file was sent."""

    default_field = "lists"


class TooManyFiles(UnableToImport):
    """More files than there are kinds of list."""

    default_field = "lists"


class SameListTwice(UnableToImport):
    """Two of the files hold the same kind of list."""

    default_field = "lists"


class NotOpen(UnableToImport):
    """The import was applied or cancelled already."""


class WrongColumns(UnableToImport):
    """The columns that were chosen cannot make a list."""


@dataclass(frozen=True)
class Sent:
    """A file as it arrived."""

    name: str
    content: bytes


@operation("roll.upload")
def upload_roll(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    files: Sequence[Sent],
    effective_on: date | None = None,
    submission: UUID | None = None,
) -> RollImport:
    """Take in up to five lists, recognise them, and make the preview where every column is clear (ORG-24).

    For whoever may manage the roll; a list of staff also needs the right to manage accounts. Raises `UnreadableFile`
    or `UnableToImport` with a sentence that names the file; nothing is kept of a file that is refused.
    """
    require(actor, Permission.MANAGE_ROLL, school)
    if not files:
        raise NothingToImport("Choose at least one CSV file.")
    if len(files) > MAX_FILES:
        raise TooManyFiles(f"Upload at most {MAX_FILES} files at once.")
    roll_import = RollImport(school=school, effective_on=effective_on or timezone.localdate(at))
    roll_import.stamp(by=actor, at=at)
    roll_import.save()
    rows: list[RollFile] = []
    for sent in files:
        row = _file(school, roll_import, sent, several=len(files) > 1)
        for other in rows:
            if other.kind == row.kind:
                raise SameListTwice(
                    f'"{other.name}" and "{row.name}" both look like lists of {row.get_kind_display().lower()}. '
                    "Upload one list of each kind."
                )
        rows.append(row)
    if any(row.kind == FileKind.STAFF for row in rows):
        require(actor, Permission.MANAGE_ACCOUNTS, school)
    RollFile.objects.bulk_create(rows)
    _prepare(roll_import, rows, school=school, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="roll.upload",
        at=at,
        obj=roll_import,
        detail={"files": [{"kind": row.kind, "rows": row.row_count, "sha256": row.sha256} for row in rows]},
        submission=submission,
    )
    return roll_import


@operation("roll.match")
def correct_mapping(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    roll_import: RollImport,
    columns: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str] | None = None,
    submission: UUID | None = None,
) -> RollImport:
    """Read the files by the columns that a person chose, and remember the choice for lists with the same headings.

    `columns` and `kinds` are keyed by the file's own key as text. A file whose kind is changed gets its columns
    recognised anew and waits to be looked at once more. For whoever may manage the roll. Raises
    `WrongColumns` when a field is chosen twice or a list lacks what it cannot do without, `NotOpen` after applying.
    """
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _open(roll_import)
    rows = list(RollFile.objects.filter(roll_import=roll_import))
    moved: set[int] = set()
    for row in rows:
        before, row.kind = row.kind, FileKind((kinds or {}).get(str(row.pk), row.kind))
        if row.kind != before:
            moved.add(row.pk)
    if len({row.kind for row in rows}) < len(rows):
        raise WrongColumns("Two of the files are marked as the same kind of list. Choose another kind for one of them.")
    if any(row.kind == FileKind.STAFF for row in rows):
        require(actor, Permission.MANAGE_ACCOUNTS, school)
    for row in rows:
        chosen = list(columns.get(str(row.pk), row.columns))
        table = read_table(bytes(row.content))
        if row.pk in moved:  # the columns were offered for another kind of list, so they are recognised anew
            mapping = recognise_as(table, FileKind(row.kind))
            row.columns, row.date_order, row.is_sure = list(mapping.columns), mapping.date_order.value, False
            continue
        _refuse_wrong_columns(row, table, chosen)
        mapping = with_columns(table, FileKind(row.kind), chosen)
        row.columns, row.date_order, row.is_sure = chosen, mapping.date_order.value, True
        _remember(school, actor, at, row)
    # A kind may pass from one file to another, so no file keeps its old one while the others are written.
    for place, row in enumerate(rows):
        RollFile.objects.filter(pk=row.pk).update(kind=f"moving-{place}")
    RollFile.objects.bulk_update(rows, ["kind", "columns", "date_order", "is_sure"])
    _prepare(roll_import, rows, school=school, actor=actor, at=at)
    record(school=school, actor=actor, action="roll.match", at=at, obj=roll_import, submission=submission)
    return roll_import


@operation("roll.preview")
def refresh_preview(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    roll_import: RollImport,
    effective_on: date | None = None,
    submission: UUID | None = None,
) -> RollImport:
    """Compare the files with the roll as it is now, after somebody else changed it. For whoever may manage the roll."""
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _open(roll_import)
    roll_import.effective_on = effective_on or roll_import.effective_on
    _prepare(roll_import, list(RollFile.objects.filter(roll_import=roll_import)), school=school, actor=actor, at=at)
    record(school=school, actor=actor, action="roll.preview", at=at, obj=roll_import, submission=submission)
    return roll_import


@operation("roll.cancel")
def cancel_roll(
    *, school: School, actor: User | None, at: datetime, roll_import: RollImport, submission: UUID | None = None
) -> RollImport:
    """Drop an import that was not applied, with its files. For whoever may manage the roll. Raises `NotOpen`."""
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _open(roll_import)
    roll_import.state = ImportState.CANCELLED
    roll_import.stamp(by=actor, at=at)
    roll_import.save()
    RollImportChange.objects.filter(roll_import=roll_import).delete()
    RollProblem.objects.filter(roll_import=roll_import).delete()
    RollFile.objects.filter(roll_import=roll_import).update(content=b"", cleared_at=at)
    record(school=school, actor=actor, action="roll.cancel", at=at, obj=roll_import, submission=submission)
    return roll_import


@operation("roll.download_problems")
def note_download(*, school: School, actor: User | None, at: datetime, roll_import: RollImport) -> RollImport:
    """Write down that somebody took the problem list away as a file (ORG-09). For whoever may manage the roll."""
    require(actor, Permission.MANAGE_ROLL, school)
    record(
        school=school, actor=actor, action="roll.download_problems", at=at, obj=roll_import, outcome=Outcome.EXPORTED
    )
    return roll_import


def replan(roll_import: RollImport, *, school: School, actor: User | None, at: datetime) -> None:
    """Make the plan again inside another operation, after a person changed roles or dates."""
    _prepare(roll_import, list(RollFile.objects.filter(roll_import=roll_import)), school=school, actor=actor, at=at)


def _open(roll_import: RollImport) -> RollImport:
    locked: RollImport = RollImport.objects.select_for_update(of=("self",)).get(pk=roll_import.pk)
    if locked.state not in CHANGEABLE:
        raise NotOpen(f"This import cannot be changed any more. It is {locked.get_state_display().lower()}.")
    return locked


def _file(school: School, roll_import: RollImport, sent: Sent, *, several: bool) -> RollFile:
    name = visible(PurePosixPath(sent.name.replace("\\", "/")).name, 110) or "file"
    try:
        table = read_table(sent.content)
    except UnreadableFile as refusal:
        raise UnreadableFile(f'"{name}": {refusal.message}' if several else refusal.message) from None

    def remembered(kind: FileKind) -> list[str] | None:
        columns = queries.remembered_columns(school, kind, _signature(table.header))
        return columns if columns is not None and len(columns) == len(table.header) else None

    mapping = recognise(table, sent.name, remembered)
    return RollFile(
        school=school,
        roll_import=roll_import,
        kind=mapping.kind,
        name=name,
        content=sent.content,
        sha256=hashlib.sha256(sent.content).hexdigest(),
        size=len(sent.content),
        encoding=table.encoding,
        delimiter=table.delimiter_word,
        header=list(table.header),
        columns=list(mapping.columns),
        date_order=mapping.date_order.value,
        row_count=len(table.rows) + len({problem.row for problem in table.problems}),
        is_sure=mapping.sure,
    )


def _signature(header: Sequence[str]) -> str:
    return hashlib.sha256(signature(header).encode()).hexdigest()


def _remember(school: School, actor: User | None, at: datetime, row: RollFile) -> None:
    key = {"school": school, "kind": row.kind, "signature": _signature(row.header)}
    known = RememberedColumns.objects.filter(**key).first() or RememberedColumns(**key)
    if list(known.columns) == list(row.columns):
        return
    known.columns = row.columns
    known.stamp(by=actor, at=at)
    known.save()


def _refuse_wrong_columns(row: RollFile, table: Table, chosen: Sequence[str]) -> None:
    if len(chosen) != len(table.header):
        raise WrongColumns(f'"{row.name}" has {len(table.header)} columns. Open the page again.')
    twice = {field for field in chosen if field and list(chosen).count(field) > 1}
    if twice:
        raise WrongColumns(f'"{row.name}": two columns are matched to the same thing. Set one of them to "Leave out".')
    missing = ColumnMapping(FileKind(row.kind), tuple(chosen)).missing()
    if missing:
        raise WrongColumns(f'"{row.name}": choose the column that holds the {" and the one with the ".join(missing)}.')


def _prepare(
    roll_import: RollImport, rows: Sequence[RollFile], *, school: School, actor: User | None, at: datetime
) -> None:
    """Check and compare the files and write the plan; an import whose columns are not clear waits to be matched."""
    RollImportChange.objects.filter(roll_import=roll_import).delete()
    RollProblem.objects.filter(roll_import=roll_import).delete()
    lists: list[Checked] = []
    clear = True
    today = timezone.localdate(at)
    for row in rows:
        mapping = ColumnMapping(FileKind(row.kind), tuple(row.columns), DateOrder(row.date_order), row.is_sure)
        clear = clear and row.is_sure and not mapping.missing()
        if clear:
            lists.append(check(read_table(bytes(row.content)), mapping, today=today))
    roll_import.state = ImportState.UPLOADED
    roll_import.summary = {}
    if clear:
        _plan(roll_import, lists, school, actor, at)
        roll_import.state = ImportState.PREVIEWED
    if not roll_import._state.adding:
        roll_import.stamp(by=actor, at=at)
    roll_import.save()


def _plan(roll_import: RollImport, lists: Sequence[Checked], school: School, actor: User | None, at: datetime) -> None:
    kinds = {checked.kind for checked in lists}
    emails = [row.values["email"] for checked in lists if checked.kind == FileKind.STAFF for row in checked.rows]
    roll_import.roll_mark = queries.roll_mark(school)
    plan = make_plan(
        lists,
        queries.roll_now(school, kinds, emails),
        DatabaseKeys(),
        effective_on=roll_import.effective_on,
        role_choices=roll_import.role_choices,
        actor_id=getattr(actor, "pk", None),
    )
    _write_problems(roll_import, school, plan)
    changes = plan.ordered()
    for first in range(0, len(changes), ROWS_AT_ONCE):
        bulk.bulk_insert(
            RollImportChange,
            [
                {
                    "school_id": school.pk,
                    "roll_import_id": roll_import.pk,
                    "position": position,
                    "batch": position // BATCH,
                    "entity": change.entity,
                    "action": change.action,
                    "kind": change.kind,
                    "row": change.row,
                    "target_id": change.target_id,
                    "belongs_to": change.belongs_to,
                    "label": change.label[:250],
                    "old": to_json(change.old),
                    "new": to_json(change.new),
                    "expected_version": change.expected_version,
                    "is_chosen": change.is_chosen,
                }
                for position, change in enumerate(changes[first : first + ROWS_AT_ONCE], start=first)
            ],
            by=actor,
            at=at,
            reason="",
        )
    roll_import.summary = {**plan.summary, "first_roll": plan.first_roll}


def _write_problems(roll_import: RollImport, school: School, plan: Plan) -> None:
    stopped: dict[FileKind, set[int]] = {}
    checks: dict[FileKind, int] = {}
    for kind, problem in plan.problems:
        if problem.severity == Severity.STOPS:
            stopped.setdefault(kind, set()).add(problem.row)
        else:
            checks[kind] = checks.get(kind, 0) + 1
    for kind in set(stopped) | set(checks):
        counts: dict[str, Any] = plan.summary.setdefault(kind.value, {})
        counts["problems"] = len(stopped.get(kind, ()))
        counts["checks"] = checks.get(kind, 0)
    worst_first = sorted(plan.problems, key=lambda item: item[1].severity != Severity.STOPS)
    RollProblem.objects.bulk_create(
        [
            RollProblem(
                school=school,
                roll_import=roll_import,
                kind=kind,
                row=problem.row,
                column=problem.column[:200],
                value=problem.value[:220],
                sentence=problem.sentence[:400],
                stops=problem.severity == Severity.STOPS,
            )
            for kind, problem in worst_first[:MAX_PROBLEMS_KEPT]
        ],
        batch_size=1000,
    )
    plan.summary["problems"] = sum(len(rows) for rows in stopped.values())
    plan.summary["checks"] = sum(checks.values())
    plan.summary["problems_unlisted"] = max(0, len(plan.problems) - MAX_PROBLEMS_KEPT)
