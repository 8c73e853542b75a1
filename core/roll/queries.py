"""Every read about imports, and the roll as it stands for the comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django_scopes import scopes_disabled

from core.notices.queries import service_state
from core.people.models import Contact, FormGroup, Membership, Placement, Pupil, RoleHolding, School, User
from core.people.roles import Permission
from core.roll.columns import ColumnMapping
from core.roll.comparing.now import ContactNow, FormNow, HoldingNow, MemberNow, PupilNow, RollNow, UserNow
from core.roll.enums import Action, ChangeState, Entity, FileKind, ImportState, ProposalAnswer
from core.roll.models import (
    ProposedDoNotInform,
    RememberedColumns,
    RollFile,
    RollImport,
    RollImportChange,
    RollProblem,
    RollRun,
)
from core.roll.reading import Table, UnreadableFile, read_table

EVERYBODY = 1_000_000
UNDO_FOR = timedelta(hours=24)
SILENT_AFTER = timedelta(seconds=15)


def imports_of(school: School) -> QuerySet[RollImport]:
    """A school's imports, newest first."""
    return RollImport.objects.filter(school=school).select_related("created_by", "applied_by")


def running_import(school: School) -> RollImport | None:
    """The import that is being applied or undone now; there is at most one."""
    return RollImport.objects.filter(school=school, state__in=[ImportState.APPLYING, ImportState.UNDOING]).first()


def files_of(roll_import: RollImport) -> list[RollFile]:
    """An import's files without their bytes."""
    return list(RollFile.objects.filter(roll_import=roll_import).defer("content"))


def file_of(roll_import: RollImport, kind: str) -> RollFile | None:
    """One file of an import, with its bytes."""
    return RollFile.objects.filter(roll_import=roll_import, kind=kind).first()


def problems_of(roll_import: RollImport) -> QuerySet[RollProblem]:
    """What is wrong with an import's rows: those left out first, in the order of the files."""
    return RollProblem.objects.filter(roll_import=roll_import)


def changes_of(
    roll_import: RollImport, entity: Entity, action: Action, kind: FileKind | None = None
) -> QuerySet[RollImportChange]:
    """The changes of one sort, in the order of the files."""
    found = RollImportChange.objects.filter(roll_import=roll_import, entity=entity, action=action)
    return found.filter(kind=kind) if kind else found


def not_done(roll_import: RollImport) -> QuerySet[RollImportChange]:
    """Changes that were left alone, kept or closed instead, each with its reason."""
    return RollImportChange.objects.filter(roll_import=roll_import).exclude(reason="")


def run_of(roll_import: RollImport) -> RollRun | None:
    """How far the latest run of an import is: its undoing if there was one."""
    return RollRun.objects.filter(roll_import=roll_import).order_by("-is_undo").first()


def worker_seen_at(school: School, now: datetime) -> datetime | None:
    """When the background worker was last heard from, by its own heartbeat or by its work on this school's imports."""
    seen = [RollRun.objects.filter(school=school).aggregate(seen=Max("heartbeat_at"))["seen"]]
    seen.append(service_state(school, now).worker_seen_at)
    return max((moment for moment in seen if moment is not None), default=None)


def is_waiting(run: RollRun | None, roll_import: RollImport, now: datetime) -> bool:
    """Whether a running import has had no worker for longer than a batch takes."""
    if not roll_import.is_running or run is None:
        return False
    return now - (run.heartbeat_at or roll_import.changed_at) > SILENT_AFTER


def stale_imports(at: datetime, silent_for: timedelta) -> list[int]:
    """Keys of the running imports of every school that no worker has touched for a while."""
    with scopes_disabled():
        return list(
            RollImport.objects.filter(
                state__in=[ImportState.APPLYING, ImportState.UNDOING], changed_at__lt=at - silent_for
            )
            .exclude(runs__finished_at__isnull=True, runs__heartbeat_at__gte=at - silent_for)
            .values_list("pk", flat=True)
        )


def may_be_undone(roll_import: RollImport, at: datetime) -> bool:
    """Whether the 24 hours are not over and no later import stands on this one."""
    if roll_import.state != ImportState.APPLIED or roll_import.finished_at is None:
        return False
    return at - roll_import.finished_at <= UNDO_FOR and not has_later(roll_import)


def has_later(roll_import: RollImport) -> bool:
    """Whether another import was applied to the school's roll after this one."""
    return (
        RollImport.objects.filter(school_id=roll_import.school_id, applied_at__gt=roll_import.applied_at)
        .exclude(pk=roll_import.pk)
        .exclude(state__in=[ImportState.UNDONE, ImportState.CANCELLED])
        .exists()
    )


def remembered_columns(school: School, kind: FileKind, signature: str) -> list[str] | None:
    """The columns that this school corrected for a list with these headings."""
    found = RememberedColumns.objects.filter(school=school, kind=kind, signature=signature).first()
    return list(found.columns) if found else None


def read_list(content: bytes) -> Table:
    """The rows of a CSV list, whatever encoding and separator it came with; raises `UnreadableList` in words.

    For lists that another app reads once and does not keep. A picture or any other file is refused by its first bytes.
    """
    return read_table(content)


UnreadableList = UnreadableFile


def open_proposals(school: School) -> QuerySet[ProposedDoNotInform]:
    """Contacts with a court-order note about whom the DSL has yet to decide."""
    return (
        ProposedDoNotInform.objects.filter(school=school, answer=ProposalAnswer.OPEN)
        .select_related("contact__pupil__form")
        .order_by("contact__pupil__legal_surname", "contact__pupil__legal_forename", "id")
    )


def answered_proposals(school: School) -> QuerySet[ProposedDoNotInform]:
    """The decisions taken, newest first."""
    return (
        ProposedDoNotInform.objects.filter(school=school)
        .exclude(answer=ProposalAnswer.OPEN)
        .select_related("contact__pupil__form", "answered_by")
        .order_by("-answered_at", "-id")
    )


def roll_mark(school: School) -> str:
    """A short text that changes whenever anything changes that an import compares with."""
    parts = []
    for model in (Pupil, Contact, FormGroup, Membership, RoleHolding, Placement):
        total = model.objects.filter(school=school).aggregate(rows=Count("pk"), last=Max("pk"), versions=Sum("version"))
        parts.append(f"{total['rows']}.{total['last'] or 0}.{total['versions'] or 0}")
    return "/".join(parts)


def roll_now(school: School, kinds: Collection[FileKind], emails: Collection[str] = ()) -> RollNow:
    """The roll of a school as plain values: what an import of these kinds of list is compared with."""
    now = RollNow(
        pupils=_tuples(PupilNow, Pupil.objects.filter(school=school)),
        forms=_tuples(FormNow, FormGroup.objects.filter(school=school)),
    )
    if FileKind.PUPILS in kinds or FileKind.CONTACTS in kinds:
        now.contacts = _tuples(ContactNow, Contact.objects.filter(school=school, ended_on__isnull=True))
        now.proposals = set(ProposedDoNotInform.objects.filter(school=school).values_list("contact_id", "note"))
        now.placements = {
            (pupil, provider.casefold())
            for pupil, provider in Placement.objects.filter(school=school, ends_on__isnull=True).values_list(
                "pupil_id", "provider"
            )
        }
    if FileKind.STAFF in kinds:
        now.members = _tuples(MemberNow, Membership.objects.filter(school=school))
        now.holdings = _tuples(HoldingNow, RoleHolding.objects.filter(school=school, ends_on__isnull=True))
        ids = {member.user_id for member in now.members}
        now.users = _tuples(UserNow, User.objects.filter(Q(pk__in=ids) | Q(email__in=list(emails))))
        with scopes_disabled():
            known = [user.id for user in now.users]
            now.elsewhere = set(
                Membership.objects.filter(user_id__in=known).exclude(school=school).values_list("user_id", flat=True)
            )
    return now


def _tuples(kind: Any, rows: QuerySet[Any]) -> list[Any]:
    return [kind(*values) for values in rows.order_by("pk").values_list(*kind._fields)]


def people_to_ask(school: School) -> list[User]:
    """The DSLs and deputies, who decide about court-order notes."""
    from core.people.queries import holders_of
    from core.people.roles import ROLE_PERMISSIONS

    return list(
        holders_of(school, *(role for role, may in ROLE_PERMISSIONS.items() if Permission.SET_DO_NOT_INFORM in may))
    )


def problem_rows(roll_import: RollImport) -> Iterator[tuple[Any, ...]]:
    """The problem list as it is downloaded: list, row, column, what was read, why, and what follows."""
    labels = dict(FileKind.choices)
    for problem in problems_of(roll_import).order_by("kind", "row", "id").iterator(chunk_size=1000):
        yield (
            labels[FileKind(problem.kind)],
            problem.row,
            problem.column,
            problem.value,
            problem.sentence,
            "Row left out" if problem.stops else "Brought in: please check",
        )


def all_proposals(school: School) -> QuerySet[ProposedDoNotInform]:
    """Every question ever put to the DSL, decided or not."""
    return ProposedDoNotInform.objects.filter(school=school)


def samples_of(roll_import: RollImport) -> dict[int, list[list[str]]]:
    """The first three values of each column of each file, by the file's key."""
    found: dict[int, list[list[str]]] = {}
    for file in RollFile.objects.filter(roll_import=roll_import):
        rows = read_table(bytes(file.content)).rows
        found[file.pk] = [
            list(islice((row.cells[place] for row in rows if row.cells[place]), 3)) for place in range(len(file.header))
        ]
    return found


def missing_columns(files: Iterable[RollFile]) -> list[str]:
    """What each list still needs a column for, in words."""
    return [
        f"{file.get_kind_display()}: no column holds the {label}."
        for file in files
        for label in ColumnMapping(FileKind(file.kind), tuple(file.columns)).missing()
    ]


def leavers_of(roll_import: RollImport, most: int) -> list[RollImportChange]:
    """Who is not in the lists: pupils, then contacts, then staff; at most so many."""
    return list(
        RollImportChange.objects.filter(
            roll_import=roll_import, action=Action.CLOSE, entity__in=[Entity.PUPIL, Entity.CONTACT, Entity.MEMBERSHIP]
        ).order_by("position")[:most]
    )


def planned_total(roll_import: RollImport) -> int:
    """How many records the import would touch without any leaver."""
    return RollImportChange.objects.filter(roll_import=roll_import, is_chosen=True).count()


def totals_of(roll_import: RollImport) -> dict[tuple[str, str], int]:
    """How many changes there are of each entity and action."""
    rows = (
        RollImportChange.objects.filter(roll_import=roll_import)
        .values_list("entity", "action")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return {(entity, action): number for entity, action, number in rows}


def first_of_each(roll_import: RollImport, most: int) -> dict[tuple[str, str], list[RollImportChange]]:
    """The first so many changes of each entity and action, in one statement."""
    numbered = RollImportChange.objects.filter(roll_import=roll_import).annotate(
        place=Window(RowNumber(), partition_by=[F("entity"), F("action")], order_by="position")
    )
    found: dict[tuple[str, str], list[RollImportChange]] = {}
    for change in numbered.filter(place__lte=most).order_by("position"):
        found.setdefault((change.entity, change.action), []).append(change)
    return found


def done_by(roll_import: RollImport) -> list[dict[str, Any]]:
    """What became of the changes, by kind of record: added, changed, left, and undone or kept afterwards."""
    words = {
        Entity.PUPIL: "Pupils",
        Entity.CONTACT: "Contacts",
        Entity.FORM: "Forms",
        Entity.PLACEMENT: "Off-site placements",
        Entity.MEMBERSHIP: "Staff",
        Entity.ROLE: "Roles",
    }
    done = Q(state__in=[ChangeState.DONE, ChangeState.UNDONE, ChangeState.KEPT, ChangeState.CLOSED])
    rows = (
        RollImportChange.objects.filter(roll_import=roll_import, entity__in=list(words), is_chosen=True)
        .values("entity")
        .annotate(
            add=Count("pk", filter=done & Q(action=Action.ADD)),
            change=Count("pk", filter=done & Q(action=Action.CHANGE)),
            close=Count("pk", filter=done & Q(action=Action.CLOSE)),
            undone=Count("pk", filter=Q(state=ChangeState.UNDONE)),
            kept=Count("pk", filter=Q(state__in=[ChangeState.KEPT, ChangeState.CLOSED])),
        )
        .order_by()
    )
    by_entity = {row["entity"]: row for row in rows}
    return [{"word": word, **by_entity[entity]} for entity, word in words.items() if entity in by_entity]


def school_called(slug: str) -> School | None:
    """The school of that short name, for the command line."""
    return School.objects.filter(slug=slug).first()


def account_called(email: str) -> User | None:
    """The account of that address, for the command line."""
    return User.objects.filter(email__iexact=email).first()
