"""Reads about documents and acknowledgements that views and other apps need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When

from core.people.access import has, holds
from core.people.models import FormGroup, Pupil, School, User
from core.people.queries import forms_of, pupils_on_roll
from core.people.roles import Permission, Role
from core.rules.queries import UNSPECIFIED
from policies.enums import PROCEDURES, DocumentKind, ImprovementList, ImprovementState
from policies.models import Acknowledgement, Document, DocumentVersion, ImprovementItem


def documents_of(school: School, kind: str) -> QuerySet[Document]:
    """The documents of one kind, those named before among them."""
    return Document.objects.filter(school=school, kind=kind)


def versions_of(school: School, kind: str) -> QuerySet[DocumentVersion]:
    """Every version of the documents of one kind, newest first."""
    found: QuerySet[DocumentVersion] = DocumentVersion.objects.filter(school=school, document__kind=kind)
    return found.select_related("document", "created_by").order_by("-starts_on", "-id")


def version_in_force(school: School, kind: str, on: date) -> DocumentVersion | None:
    """The version that holds on a day; None before any."""
    return versions_of(school, kind).filter(starts_on__lte=on).first()


def acknowledgement_of(pupil: Pupil, version: DocumentVersion) -> Acknowledgement | None:
    """When and how a pupil acknowledged a version, if so."""
    return Acknowledgement.objects.filter(pupil=pupil, document_version=version).select_related("recorded_by").first()


@dataclass(frozen=True)
class HomeLearning:
    """What governs a pupil's own device at home, and whether the pupil's record shows it acknowledged (DEV-31).

    `named` is the rule's own words for the document, empty where the rules name none.
    """

    named: str
    version: DocumentVersion | None
    acknowledged: Acknowledgement | None


def home_learning_of(pupil: Pupil, rules: Any, on: date) -> HomeLearning:
    """The pupil's line on learning at home, by the rules and the version of a day."""
    named = "" if rules.home_learning_document == UNSPECIFIED else str(rules.home_learning_document)
    version = version_in_force(pupil.school, DocumentKind.HOME_LEARNING, on)
    return HomeLearning(named, version, acknowledgement_of(pupil, version) if version is not None else None)


@dataclass(frozen=True)
class Coverage:
    """How many pupils of a form have acknowledged a version."""

    form: FormGroup
    pupils: int
    acknowledged: int

    @property
    def is_complete(self) -> bool:
        return self.pupils > 0 and self.acknowledged >= self.pupils


def coverage_by_form(school: School, version: DocumentVersion, on: date) -> list[Coverage]:
    """Every form in use with pupils on roll, in two statements."""
    pupils = pupils_on_roll(school, on).order_by()
    counted = {
        row["form"]: (row["every"], row["known"])
        for row in pupils.values("form").annotate(
            every=Count("pk", distinct=True),
            known=Count("pk", distinct=True, filter=Q(acknowledgements__document_version=version)),
        )
    }
    return [Coverage(form, *counted[form.pk]) for form in forms_of(school) if form.pk in counted]


def pupils_with_answers(
    form: FormGroup, version: DocumentVersion, on: date
) -> list[tuple[Pupil, Acknowledgement | None]]:
    """A form's pupils by surname, each with the acknowledgement of this version if there is one; two statements."""
    pupils = list(pupils_on_roll(form.school, on).filter(form=form).order_by("legal_surname", "legal_forename", "pk"))
    known = acknowledged_by(pupils, version)
    return [(pupil, known.get(pupil.pk)) for pupil in pupils]


def acknowledged_by(pupils: Iterable[Pupil], version: DocumentVersion) -> dict[int, Acknowledgement]:
    """The acknowledgements of a version by these pupils, by pupil."""
    found = Acknowledgement.objects.filter(document_version=version, pupil__in=list(pupils)).select_related(
        "recorded_by"
    )
    return {row.pupil_id: row for row in found}


def procedures_of(school: School) -> dict[str, Document]:
    """The procedures that the school has published, by kind: what each is called and its address (INC-30)."""
    found = Document.objects.filter(school=school, kind__in=PROCEDURES).exclude(address="")
    return {document.kind: document for document in found}


def complaints_link(school: School) -> Document | None:
    """The complaints procedure, for whatever a parent is given: `title` and `address`; None until it is named."""
    return procedures_of(school).get(DocumentKind.COMPLAINTS)


_SUBJECT_LEADS = (Role.COMPUTING_LEAD, Role.RSHE_LEAD)


def improvements_visible_to(user: User, school: School) -> QuerySet[ImprovementItem]:
    """All of them for who leads on cases; the curriculum's for the subject leads (INC-28); else what one sees to."""
    found = improvements_of(school)
    if has(user, Permission.LEAD_CASES, school):
        return found
    mine = Q(owner=user)
    if holds(user, school, *_SUBJECT_LEADS):
        mine |= Q(list=ImprovementList.CURRICULUM)
    return found.filter(mine)


def improvements_of(school: School, *, list: str = "", source: str = "") -> QuerySet[ImprovementItem]:
    """What is to change, what is open first and then the newest (POL-22); of one list, or raised by one source."""
    open_first = Case(
        When(state=ImprovementState.OPEN, then=0), When(state=ImprovementState.ACCEPTED, then=1), default=2
    )
    found: QuerySet[ImprovementItem] = ImprovementItem.objects.filter(school=school)
    if list:
        found = found.filter(list=list)
    if source:
        found = found.filter(source=source)
    return found.select_related("document", "owner").order_by(open_first, "-raised_at", "-id")
