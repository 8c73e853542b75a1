"""Naming the procedures that everybody finds from the pages and letters they belong to (INC-30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from policies.enums import PROCEDURES, DocumentKind
from policies.models import Document


class NotWhole(Refusal):
    """A procedure is named by its title and the address where it is published, or not at all."""


@dataclass(frozen=True)
class Published:
    """What a procedure is called and where it can be read; both empty where the school has not published it."""

    title: str = ""
    address: str = ""


_NOT_YET = Published()


@operation("policies.name_procedures")
def name_procedures(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    published: Mapping[DocumentKind, Published],
    submission: UUID | None = None,
) -> School:
    """Say where the complaints and the whistleblowing procedure are published: pages and letters show them from now on.

    What is left out of `published` stays; what is empty is shown no longer. Who may: EDIT_RULES. Raises `NotWhole`.
    """
    require(actor, Permission.EDIT_RULES, school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two people name them in turn
    known = {row.kind: row for row in Document.objects.filter(school=school, kind__in=PROCEDURES)}
    changed = []
    for kind in PROCEDURES:
        said, document = published.get(kind), known.get(kind)
        is_named = document is not None and bool(document.address)
        if said is None or said == (Published(document.title, document.address) if document and is_named else _NOT_YET):
            continue
        if bool(said.title) != bool(said.address):
            missing = "address" if said.title else "title"
            asked = "Enter where it is published." if said.title else "Enter what it is called."
            raise NotWhole(asked, rule="INC-30", field=f"{kind}_{missing}")
        document = document or Document(school=school, kind=kind)
        document.title, document.address = said.title or document.title, said.address
        document.stamp(by=actor, at=at)
        document.save()
        changed.append(kind.value)
    record(
        school=school, actor=actor, action="policies.name_procedures", at=at, obj=school, submission=submission,
        detail={"changed": changed},
    )  # fmt: skip
    return school
