"""What people have read, whom systems are open to, what staff declare: in the demonstration (matrix 4.11, 4.14)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agreements.enums import DeclarationContext, EquipmentUseKind, RelationshipNature, SystemKind
from agreements.operations.access_register import add_system, grant_access, grant_access_to_form
from agreements.operations.conduct import advise, consult, declare_relationship
from agreements.operations.disclosures import ask_disclosure
from agreements.operations.equipment import authorise_equipment
from agreements.operations.promises import promise
from agreements.queries.conduct import consultees_for
from core.people.models import School, User
from core.people.queries import dsls_for, forms_of, pupils_on_roll, staff_of
from core.rules.queries import UNSPECIFIED, for_school
from policies.enums import DocumentKind, Readership
from policies.models import DocumentVersion
from policies.operations import (
    name_document,
    publish_version,
    read_and_acknowledge,
    record_form_acknowledgements,
)
from policies.ready import READY, ready_document

_FORMS = 2


def write_conduct(school: School, *, office: User, head: User, today: date, now: datetime) -> None:
    """The ready documents are published; two forms and half of the staff have read them, and are let in; somebody
    declared a tie, the head asked for a password and allowed a laptop."""
    at, dsl = now - timedelta(days=20), dsls_for(school)[0]
    versions = [_publish(school, kind, at) for kind in READY]
    staff = [one for one in staff_of(school) if one.pk not in (office.pk, head.pk, dsl.pk)]
    internet = add_system(school=school, actor=office, at=at, name="Internet in school", kind=SystemKind.INTERNET)
    records = add_system(school=school, actor=office, at=at, name="Pupil records", kind=SystemKind.RECORDS)
    for reader in (office, head, dsl, *staff[::2]):
        for version in versions:
            read_and_acknowledge(school=school, actor=reader, at=at + timedelta(hours=1), version=version)
    for reader in staff[:3:2]:
        grant_access(school=school, actor=office, at=at + timedelta(hours=2), person=reader, system=records)
    _forms(school, versions[0], office=office, internet=internet, at=at + timedelta(days=1))
    if staff:
        _ties(school, staff, head=head, dsl=dsl, today=today, at=now - timedelta(days=6))


def _publish(school: School, kind: DocumentKind, at: datetime) -> DocumentVersion:
    ready = ready_document(school, kind, for_school(school, on=at.date()))
    assert ready is not None
    document = name_document(
        school=school, actor=None, at=at, kind=kind, title=ready.title,
        asked_of=[*ready.asked_of, *([Readership.STAFF] if Readership.STAFF not in ready.asked_of else [])],
    )  # fmt: skip
    return publish_version(
        school=school, actor=None, at=at, document=document, label=str(at.year), starts_on=at.date(),
        texts=ready.texts,
    )  # fmt: skip


def _forms(school: School, version: DocumentVersion, *, office: User, internet: object, at: datetime) -> None:
    for number, form in enumerate(list(forms_of(school))[:_FORMS]):
        pupils = list(pupils_on_roll(school, at.date()).filter(form=form))
        if not pupils:
            continue
        known = pupils if number == 0 else pupils[: len(pupils) // 2]
        record_form_acknowledgements(
            school=school, actor=office, at=at, form=form, pupils=known, version=version, acknowledged_on=at.date(),
            method="in_class",
        )  # fmt: skip
        if number == 0:
            grant_access_to_form(
                school=school, actor=office, at=at, form=form, pupils=known, system=internet,  # type: ignore[arg-type]
            )  # fmt: skip
            promise(
                school=school, actor=office, at=at, pupil=known[0], text="Time out when it is needed",
                how="With a card, in the library", starts_on=at.date(),
            )  # fmt: skip


def _ties(school: School, staff: list[User], *, head: User, dsl: User, today: date, at: datetime) -> None:
    rules = for_school(school, on=today)
    row = declare_relationship(
        school=school, actor=staff[0], at=at, context=DeclarationContext.SOCIAL_MEDIA, nature=RelationshipNature.FAMILY,
        parties="A niece in another class", since="Since she was born",
        circumstances="The family shares a chat in which her parents post pictures and she answers now and then.",
    )  # fmt: skip
    people = [one.user for one in consultees_for(row) if one.is_named or one.user.pk == dsl.pk][:2]
    reason = "They know the family" if rules.relationship_consulted == UNSPECIFIED else ""
    consult(school=school, actor=staff[0], at=at, declaration=row, people=people, reason=reason)
    advise(
        school=school, actor=people[0], at=at + timedelta(hours=3), declaration=row, advice="Mute it in school hours."
    )
    authorise_equipment(
        school=school, actor=head, at=at, user=staff[-1], equipment="Laptop 12", kind=EquipmentUseKind.ANOTHER_JOB,
        terms="Marking for an examination board, at weekends", starts_on=today, ends_on=today + timedelta(days=25),
    )  # fmt: skip
    ask_disclosure(
        school=school, actor=head, at=at, holder=staff[-1], system="The mailbox of the science department",
        reason="Orders have to be followed up during an absence", reset_by=today + timedelta(days=4),
    )  # fmt: skip
