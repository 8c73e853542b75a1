"""Issuing: the wording is frozen, who has to sign is worked out from the rules of the day (AGR-01 to AGR-03)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agreements.enums import (
    STAFF_KINDS,
    AgreementEventKind,
    AgreementKind,
    AgreementState,
    Capacity,
    ConsentPurpose,
    ParentsNeeded,
    VersionState,
)
from agreements.models import Agreement, AgreementEvent, Clause, IssueBatch, Signatory, TemplateVersion, Translation
from agreements.operations.refusals import DatesWrong, IssuedAlready, NotOnRoll, NotPublished, WhoSignsOpen
from agreements.wording import checksum_of, is_whole, wording_of
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_to_tell, holders_of, tutors_of_forms
from core.people.roles import Permission, Role
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from core.rules.words import Words, words_for
from policies.models import DocumentVersion

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_FAMILY = (Capacity.PUPIL, Capacity.PARENT)
Needed = list[list[str]]


@dataclass(frozen=True)
class Text:
    """A published version and all that its wording is made from, read once for however many are issued from it."""

    version: TemplateVersion
    clauses: Sequence[Clause]
    translations: Sequence[Translation]
    readings: Sequence[Mapping[str, Any]]
    rules: Any
    words: Words
    school: School
    starts_on: date
    heads: Sequence[User] = field(default_factory=tuple)


def text_of(school: School, version: TemplateVersion, *, starts_on: date, today: date) -> Text:
    """Everything that agreements of `version` are made from, by the rules of the day they begin to hold."""
    day = max(starts_on, today)
    rules = for_school(school, on=day)
    clauses = list(version.clauses.all())
    readings = []
    for reading in version.readings.select_related("document"):
        held = (
            DocumentVersion.objects.filter(document=reading.document, starts_on__lte=day).order_by("-starts_on").first()
        )
        if held is not None:
            readings.append({"version": held.pk, "title": reading.document.title, "label": held.label})
    return Text(
        version=version,
        clauses=clauses,
        translations=[
            one for one in version.translations.filter(checked_at__isnull=False) if is_whole(one, clauses, rules)
        ],
        readings=readings,
        rules=rules,
        words=words_for(rules),
        school=school,
        starts_on=starts_on,
        heads=tuple(holders_of(school, Role.HEADTEACHER, on=today)),
    )


def needed_for(kind: str, rules: Any) -> Needed | None:
    """Who has to sign, as the rules say: one of each inner list; None where they leave it open (AGR-02, AGR-14)."""
    if kind in STAFF_KINDS:
        return [[Capacity.STAFF]]
    if kind == AgreementKind.IMAGE_CONSENT:
        # A pupil's own consent rests on a decision of the head and is recorded there (CON-03).
        return [[Capacity.PARENT]]
    if kind == AgreementKind.BRING_DEVICE:
        return [[Capacity.PARENT]]
    if kind == AgreementKind.EXCEPTIONAL_USE:
        said = rules.exception_agreed_by
        return {
            "pupil_or_parent": [[str(Capacity.PUPIL), str(Capacity.PARENT)]],
            "pupil_and_parent": [[str(Capacity.PUPIL)], [str(Capacity.PARENT)]],
            "parent_only": [[str(Capacity.PARENT)]],
        }.get(said)
    if not isinstance(rules.agreement_signatories, tuple):
        return None
    lists = [
        [str(Capacity.PUPIL), str(Capacity.PARENT)] if one == "pupil_or_parent" else [one]
        for one in rules.agreement_signatories
    ]
    if kind == AgreementKind.ONLINE_SAFETY:  # between the school and the family (AGR-24)
        lists = [one for one in lists if set(one) <= set(_FAMILY)]
    return lists or None


def rule_of(kind: str) -> str:
    """The rule that says who signs an agreement of this kind."""
    return "exception_agreed_by" if kind == AgreementKind.EXCEPTIONAL_USE else "agreement_signatories"


def without_the_youngest(needed: Needed, pupil: Pupil, rules: Any) -> Needed:
    """Who has to sign where pupils sign from a year group on (law AG-6)."""
    first = rules.pupil_signs_from_year
    if first == UNSPECIFIED or pupil.year_group >= first:
        return needed
    lists = [[one for one in among if one != Capacity.PUPIL] for among in needed]
    return [among for among in lists if among]


def parents_to_ask(contacts: Iterable[Contact]) -> list[Contact]:
    """Those of the adults who may be told who have parental responsibility; where that is known of nobody, those of
    whom it is not known. Someone known not to have it is not asked (law AG-5)."""
    told = list(contacts)
    return [one for one in told if one.has_parental_responsibility] or [
        one for one in told if one.has_parental_responsibility is None
    ]


def new_reference() -> str:
    """What an agreement is called on paper and on the telephone; it says nothing about it."""
    return "A-" + "".join(secrets.choice(_ALPHABET) for _ in range(7))


def compose(
    text: Text,
    *,
    at: datetime,
    pupil: Pupil | None,
    user: User | None,
    needed: Needed,
    parents: Sequence[Contact],
    tutors: Sequence[User],
    parents_needed: str = ParentsNeeded.ONE,
    ends_on: date | None = None,
    personal: Iterable[str] = (),
    actor: User | None = None,
    batch: IssueBatch | None = None,
) -> tuple[Agreement, list[Signatory]]:
    """An agreement and its signatories, not saved yet: the wording filled from the records and frozen (AGR-03)."""
    today = london_day(at)
    if pupil is not None:
        about = {
            "name": pupil.display_name,
            "forename": pupil.forename,
            "form": pupil.form.name if pupil.form is not None else "",
        }
        needed = without_the_youngest(needed, pupil, text.rules)
    else:
        assert user is not None
        about = {"name": user.full_name, "forename": user.given_name, "form": ""}
    consent = text.version.template.kind == AgreementKind.IMAGE_CONSENT
    wording = wording_of(
        text.version,
        clauses=text.clauses,
        translations=text.translations,
        readings=text.readings,
        school=text.school,
        rules=text.rules,
        words=text.words,
        starts_on=text.starts_on,
        issued_on=today,
        about=about,
        personal=personal,
        purposes=[{"key": str(one.value), "label": str(one.label)} for one in ConsentPurpose] if consent else (),
    )
    agreement = Agreement(
        school=text.school,
        reference=new_reference(),
        kind=text.version.template.kind,
        template=text.version.template,
        template_version=text.version,
        batch=batch,
        pupil=pupil,
        user=user,
        state=AgreementState.ISSUED,
        title=wording["title"][:120],
        wording=wording,
        wording_hash=checksum_of(wording),
        needed=needed,
        parents_needed=parents_needed,
        rules_version=text.rules.version,
        starts_on=text.starts_on,
        ends_on=ends_on,
        issued_at=at,
        issued_by=actor,
    )
    asked = _signatories(agreement, needed, parents, tutors, text.heads)
    return agreement, asked


def _signatories(
    agreement: Agreement, needed: Needed, parents: Sequence[Contact], tutors: Sequence[User], heads: Sequence[User]
) -> list[Signatory]:
    rows: list[Signatory] = []

    def add(capacity: Capacity, name: str, **who: Any) -> None:
        rows.append(
            Signatory(
                school=agreement.school, agreement=agreement, capacity=capacity, position=len(rows), name=name, **who
            )
        )

    for capacity in dict.fromkeys(one for among in needed for one in among):
        if capacity == Capacity.PUPIL:
            assert agreement.pupil is not None
            add(Capacity.PUPIL, agreement.pupil.display_name, pupil=agreement.pupil)
        elif capacity == Capacity.PARENT:
            for contact in parents:
                add(Capacity.PARENT, contact.display_name, contact=contact)
        elif capacity == Capacity.STAFF:
            assert agreement.user is not None
            add(Capacity.STAFF, agreement.user.full_name, user=agreement.user)
        elif capacity == Capacity.HEADTEACHER:
            add(Capacity.HEADTEACHER, heads[0].full_name if heads else "")
        else:
            add(Capacity.FORM_TUTOR, tutors[0].full_name if tutors else "")
    return rows


@operation("agreements.issue")
def issue_agreement(
    *,
    school: School,
    actor: User,
    at: datetime,
    version: TemplateVersion,
    pupil: Pupil | None = None,
    user: User | None = None,
    starts_on: date,
    ends_on: date | None = None,
    parents_needed: str = ParentsNeeded.ONE,
    personal: Sequence[str] = (),
    signatories: Sequence[str] = (),
    reason: str = "",
    submission: UUID | None = None,
) -> Agreement:
    """Issue one agreement to a pupil's family or to a member of staff; its wording never changes again (AGR-01).

    Who may: MANAGE_AGREEMENTS, and anybody of staff for a declaration of their own. `signatories` and `reason` are
    needed where the rules leave open who signs, and are kept as a decision (matrix 0.3). `personal` are clauses for
    this pupil alone; as they change what is signed, they always mean fresh signatures (matrix 5.3). One that stands is
    superseded when the new one comes into force. Raises a kind of `UnableToIssue`.
    """
    own = user is not None and user.pk == actor.pk and version.template.kind in STAFF_KINDS
    require(actor, Permission.SIGN_OWN if own else Permission.MANAGE_AGREEMENTS, school)
    check_issuable(version, starts_on)
    if ends_on is not None and ends_on < starts_on:
        raise DatesWrong("The last day must not be before the first.", rule="AGR-01")
    today = london_day(at)
    if pupil is not None and pupil.left_on is not None and pupil.left_on < today:
        raise NotOnRoll(f"{pupil.display_name} has left. Nothing more is issued.", rule="ORG-24")
    text = text_of(school, version, starts_on=starts_on, today=today)
    needed = needed_or_decided(text, actor, at, signatories, reason)
    agreement, asked = compose(
        text,
        at=at,
        pupil=pupil,
        user=user,
        needed=needed,
        parents=parents_to_ask(contacts_to_tell(school, [pupil.pk]).get(pupil.pk, [])) if pupil is not None else (),
        tutors=tutors_of_forms(school, today).get(pupil.form_id or 0, ()) if pupil is not None else (),
        parents_needed=parents_needed,
        ends_on=ends_on,
        personal=personal,
        actor=actor,
    )
    agreement.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            agreement.save()
    except IntegrityError as error:
        if "agreements_agreement_one_" not in str(error):
            raise
        raise IssuedAlready(
            "One of these waits for signatures already. Open it, or withdraw it first.", rule="AGR-01"
        ) from error
    for row in asked:
        row.stamp(by=actor, at=at)
        row.save()
    add_event(agreement, AgreementEventKind.ISSUED, actor, at, from_state=AgreementState.DRAFT)
    record(
        school=school,
        actor=actor,
        action="agreements.issue",
        at=at,
        obj=agreement,
        submission=submission,
        detail={"kind": agreement.kind, "version": version.number, "wording": agreement.wording_hash},
    )
    return agreement


def check_issuable(version: TemplateVersion, starts_on: date) -> None:
    """Raise `NotPublished` unless agreements may be issued from this version from that day."""
    retired = version.template.retired_on
    if version.state != VersionState.PUBLISHED:
        raise NotPublished("Publish this version first. It is still being written.", rule="AGR-01")
    if retired is not None and retired <= starts_on:
        raise NotPublished("This template is not used any more. Choose another.", rule="AGR-01")


def needed_or_decided(text: Text, actor: User, at: datetime, signatories: Sequence[str], reason: str) -> Needed:
    """Who signs: as the rules say, else as a person says it with a reason, which is kept. Raises `WhoSignsOpen`."""
    kind = text.version.template.kind
    needed = needed_for(kind, text.rules)
    if needed is not None:
        return needed
    chosen = [[one] for one in dict.fromkeys(signatories) if one in Capacity.values]
    if not chosen or not reason.strip():
        raise WhoSignsOpen(
            "Your school’s rules do not say who signs this. Choose who signs, and say who decided it and why.",
            rule=rule_of(kind),
        )
    if getattr(text.rules, rule_of(kind)) == UNSPECIFIED:
        record_decision(
            school=text.school,
            actor=actor,
            at=at,
            key=rule_of(kind),
            question="Who signs this agreement?",
            decision=", ".join(str(Capacity(one[0]).label) for one in chosen),
            reason=reason,
            subject=text.version,
        )
    return chosen


def add_event(
    agreement: Agreement,
    kind: AgreementEventKind,
    actor: User | None,
    at: datetime,
    *,
    from_state: str | None = None,
    signatory: Signatory | None = None,
    note: str = "",
) -> AgreementEvent:
    """Write down one thing that happened; `from_state` is given where it moved the agreement."""
    event = AgreementEvent(
        school=agreement.school,
        agreement=agreement,
        kind=kind,
        from_state=from_state or agreement.state,
        to_state=agreement.state,
        signatory=signatory,
        note=note,
        at=at,
        by=actor,
    )
    event.save()
    return event
