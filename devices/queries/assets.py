"""The school’s own devices: the register, what is unprotected, who has which, and what governs use (SDV-01 to 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from agreements.models import EquipmentUse
from agreements.queries.equipment import equipment_use_of
from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.queries import in_force
from core.people.enums import Category
from core.people.models import Pupil, School, User
from core.people.queries import memberships_of, pupils_on_roll, staff_of
from core.rules.queries import UNSPECIFIED, for_school
from core.rules.words import words_for
from devices.enums import AssetStatus, Protection
from devices.models import AssetIssue, SchoolAsset, WorkContact
from policies.enums import DocumentKind
from policies.models import DocumentText, DocumentVersion
from policies.queries import acknowledgement_for, asks, readership_of, text_for, versions_in_force

_ANY = (Protection.PIN, Protection.PASSWORD, Protection.PRIVATE)
# What counts as protected under each value of the rule; where it is silent, any measure does (SDV-02).
COUNTS: dict[str, tuple[Protection, ...]] = {
    "passcode_any": _ANY,
    "password": (Protection.PASSWORD, Protection.PRIVATE),
    "password_private": (Protection.PRIVATE,),
    "suitable_measures": (*_ANY, Protection.OTHER),
    UNSPECIFIED: (*_ANY, Protection.OTHER),
}
_GONE = (AssetStatus.LOST, AssetStatus.RETIRED)
# Who comes in from outside, whatever role their account has (SDV-03).
_OUTSIDE = (Category.CONTRACTOR, Category.VISITOR, Category.VOLUNTEER, Category.GOVERNOR, Category.OTHER_PROVIDER,
            Category.PARENT)  # fmt: skip
# The kinds of document under which a school device is used (SDV-13).
_GOVERN = (DocumentKind.ACCEPTABLE_USE, DocumentKind.MONITORING, DocumentKind.CONDUCT)


def counts_as_protected(rules: Any) -> tuple[Protection, ...]:
    """What the school's rule takes for protection."""
    return COUNTS[str(rules.school_device_protection)]


def assets_visible_to(user: Any, school: School) -> QuerySet[SchoolAsset]:
    """The register of the school’s own devices; a page about it asks for MANAGE_ASSETS."""
    found: QuerySet[SchoolAsset] = SchoolAsset.objects.filter(school=school)
    found = found.select_related("custodian", "protection_checked_by")
    return found if user is not None else found.none()


def issues_visible_to(user: Any, school: School) -> QuerySet[AssetIssue]:
    """Every issue of a school device, the newest first."""
    found: QuerySet[AssetIssue] = AssetIssue.objects.filter(school=school)
    found = found.select_related(
        "asset", "pupil__form", "user", "issued_by", "returned_to", "reset_by", "notice_version__document",
        "equipment_use__authorised_by", "permission",
    )  # fmt: skip
    return found if user is not None else found.none()


@dataclass(frozen=True)
class AssetRow:
    """One device of the register, whether it is protected as the rule says, and who has it."""

    asset: SchoolAsset
    is_protected: bool
    issue: AssetIssue | None = None

    @property
    def holder(self) -> Pupil | User | None:
        return None if self.issue is None else self.issue.pupil or self.issue.user


def register_of(
    user: Any, school: School, rules: Any, *, type: str = "", status: str = "", unprotected: bool = False
) -> list[AssetRow]:
    """The register in the order of its numbers; what is lost or no longer used only when it is asked for."""
    found = assets_visible_to(user, school)
    if type:
        found = found.filter(type=type)
    found = found.filter(status=status) if status else found.exclude(status__in=_GONE)
    if unprotected:
        found = found.exclude(protection__in=counts_as_protected(rules))
    now = AssetIssue.objects.filter(returned_at__isnull=True).select_related("pupil__form", "user")
    found = found.prefetch_related(Prefetch("issues", queryset=now, to_attr="now_with"))
    takes = counts_as_protected(rules)
    return [AssetRow(one, one.protection in takes, next(iter(one.now_with), None)) for one in found]


def unprotected(school: School, rules: Any) -> QuerySet[SchoolAsset]:
    """Devices in use without the protection that the rule wants, those that nobody has checked among them (SDV-02)."""
    found: QuerySet[SchoolAsset] = SchoolAsset.objects.filter(school=school).exclude(status__in=_GONE)
    return found.exclude(protection__in=counts_as_protected(rules))


def overdue(user: Any, school: School, on: date) -> QuerySet[AssetIssue]:
    """What should have been back by now, the longest ago first."""
    return issues_visible_to(user, school).filter(returned_at__isnull=True, due_on__lt=on).order_by("due_on", "id")


def to_be_reset(user: Any, school: School) -> QuerySet[AssetIssue]:
    """What came back and nobody has confirmed as reset."""
    found = issues_visible_to(user, school).filter(returned_at__isnull=False, reset_at__isnull=True)
    return found.order_by("returned_at", "id")


def issues_of_asset(user: Any, asset: SchoolAsset) -> list[AssetIssue]:
    """Who had it, from when to when, the newest first (SDV-10)."""
    return list(issues_visible_to(user, asset.school).filter(asset=asset))


def issues_of(user: Any, school: School, person: Pupil | User) -> list[AssetIssue]:
    """Which school devices somebody has or had, the newest first (SDV-10)."""
    about = Q(pupil=person.pk) if isinstance(person, Pupil) else Q(user=person.pk)
    return list(issues_visible_to(user, school).filter(about))


def is_assignee(school: School, person: Pupil | User, on: date) -> bool:
    """Whether somebody may be given a school device at all: a pupil on roll, or staff who are not from outside."""
    if isinstance(person, Pupil):
        return pupils_on_roll(school, on).filter(pk=person.pk).exists()
    return person.pk in {one.pk for one in staff_to_issue_to(school)}


def staff_to_issue_to(school: School) -> list[User]:
    """Who works here and is not from outside; nobody else with an account is given a school device (SDV-03)."""
    outside = set(memberships_of(school).filter(category__in=_OUTSIDE).values_list("user_id", flat=True))
    return [one for one in staff_of(school) if one.pk not in outside]


def permission_of(school: School, person: Pupil | User, at: datetime) -> Approval | None:
    """The permission to use a school device that holds for somebody at a moment (SDV-04)."""
    found = in_force(school, at, Kind.SCHOOL_DEVICE)
    found = found.filter(pupil=person) if isinstance(person, Pupil) else found.filter(user=person)
    return found.order_by("-starts_at").first()


def documents_governing(school: School, rules: Any, on: date) -> list[str]:
    """What governs the use of school devices: what the rules name, and what is in force to be read, with its version
    (SDV-13)."""
    words = words_for(rules)
    named = [words.aup[:1].upper() + words.aup[1:]]
    vehicle = str(rules.monitoring_notice_vehicle)
    if vehicle == "this policy":
        named.insert(0, "Image and conduct policy")
    elif vehicle not in ("", UNSPECIFIED) and vehicle.casefold() != words.aup.casefold():
        named.insert(0, vehicle[:1].upper() + vehicle[1:])
    if rules.staff_breach_documents != UNSPECIFIED:
        named += [one[:1].upper() + one[1:] for one in rules.staff_breach_documents]
    named += [
        f"{one.document.title}, version {one.label}"
        for one in versions_in_force(school, on)
        if one.document.kind in _GOVERN
    ]
    return [one[:200] for one in dict.fromkeys(named)]


@dataclass(frozen=True)
class Notice:
    """One version that somebody has to acknowledge before a school device is theirs to use, and the text they read."""

    version: DocumentVersion
    text: DocumentText | None


@dataclass(frozen=True)
class Readiness:
    """What stands between somebody and a school device under the school's rules; empty lists and no texts: nothing."""

    person: Pupil | User
    notices: list[Notice] = field(default_factory=list)
    no_notice: bool = False
    documents: list[Notice] = field(default_factory=list)
    no_document: bool = False
    permission_missing: bool = False
    permission: Approval | None = None
    authorised: list[EquipmentUse] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return not (self.notices or self.no_notice or self.documents or self.no_document or self.permission_missing)


def readiness_of(school: School, person: Pupil | User, at: datetime, on: date) -> Readiness:
    """What is still missing before a school device may be issued to somebody (SDV-03 to SDV-05, SDV-08)."""
    rule = for_school(school, on=on).school_device_access
    notices = _missing(school, person, on, DocumentKind.MONITORING)
    documents = _missing(school, person, on, DocumentKind.ACCEPTABLE_USE) if rule == "after_acknowledgement" else None
    permission = permission_of(school, person, at)
    return Readiness(
        person=person,
        notices=notices or [],
        no_notice=notices == [],
        documents=documents or [],
        no_document=documents == [],
        permission_missing=rule == "with_prior_permission" and permission is None,
        permission=permission,
        authorised=[] if isinstance(person, Pupil) else equipment_use_of(person, on),
    )


def _missing(school: School, person: Pupil | User, on: date, kind: str) -> list[Notice] | None:
    """What somebody still has to acknowledge of a kind; None where they have, empty where there is nothing to read."""
    if acknowledgement_for(person, kind, on, school=school) is not None:
        return None
    readership = readership_of(person, school)
    asked = [one for one in versions_in_force(school, on, kind=kind) if asks(one, readership)]
    return [Notice(one, text_for(one, readership)) for one in asked]


def work_contact_of(school: School, user: User) -> WorkContact | None:
    """The work number and email of one of the staff."""
    return WorkContact.objects.filter(school=school, user=user).first()


@dataclass(frozen=True)
class ContactRow:
    """One of the staff, and by what work number and email pupils and families are reached."""

    user: User
    contact: WorkContact | None

    @property
    def is_missing(self) -> bool:
        """Their job is to reach pupils or families, and they have not both (SDV-06)."""
        return self.contact is not None and self.contact.needs_contact and not self.contact.is_complete


def work_contacts(school: School, staff: Iterable[User]) -> list[ContactRow]:
    """Staff with their work numbers and emails, those who lack one first; one statement."""
    known = {one.user_id: one for one in WorkContact.objects.filter(school=school)}
    rows = [ContactRow(one, known.get(one.pk)) for one in staff]
    return sorted(rows, key=lambda row: (not row.is_missing, row.user.family_name, row.user.given_name))
