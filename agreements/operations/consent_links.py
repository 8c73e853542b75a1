"""Answers about images by a link: the form sent to a parent, answered, and changed by a link again (CON-01, AG-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.template.loader import render_to_string

from agreements.enums import ConsentPurpose, LinkPurpose, SignMode
from agreements.models import ImageConsent, LinkItem, SigningVisit
from agreements.operations.consent_giving import ask_for_consent, record_consent
from agreements.operations.links import Adult, adult_of, new_link, withdraw_older, write_link
from agreements.operations.refusals import ChoicesMissing, LinkNotUsable, NameMissing, NoLongerAsked
from agreements.operations.visits import keep_typed
from agreements.queries.consent_links import children_of, is_named, offered_to
from agreements.queries.links import may_answer, said_not_theirs
from core.audit.operations import operation, record
from core.kit.times import moment
from core.notices.operations import queue_email
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, School, User
from core.people.roles import Permission


@operation("agreements.send_consent_form", replay=lambda entry: [])
def send_consent_form(
    *, school: School, actor: User, at: datetime, contacts: Sequence[Contact], submission: UUID | None = None
) -> list[Contact]:
    """Ask these adults about images by a link, each by themselves; brothers and sisters of the child who wait for an
    answer are on the same link, and older links of its kind stop working.

    Who may: MANAGE_CONSENTS. What was answered before stands until it is answered anew. Returns those to whom nothing
    was sent: no address, barred, or no parental responsibility.
    """
    require(actor, Permission.MANAGE_CONSENTS, school)
    today = london_day(at)
    without = [one for one in contacts if not one.email or not may_answer(one, today)]
    by_adult: dict[Adult, list[Contact]] = {}
    for contact in contacts:
        if contact not in without:
            by_adult.setdefault(adult_of(contact), []).append(contact)
    for chosen in by_adult.values():
        reached = {one.pk: one for one in [*chosen, *children_of(chosen[0], today)]}
        for contact in reached.values():
            ask_for_consent(school=school, actor=actor, at=at, pupil=contact.pupil, contacts=[contact])
        rows = ImageConsent.objects.filter(contact__in=reached).select_related("contact__pupil__form")
        _send(school, actor, at, list(rows.order_by("pk")))
    record(
        school=school, actor=actor, action="agreements.send_consent_form", at=at, submission=submission,
        detail={"links": len(by_adult), "without_address": len(without)},
    )  # fmt: skip
    return without


def send_to_change(*, school: School, at: datetime, consents: Iterable[ImageConsent]) -> int:
    """In the caller's transaction: a new link to whoever gave these answers, at the address on file; returns how many
    links. Who may not be written to, or said that it is not their child, gets none."""
    today = london_day(at)
    rows = [row for row in consents if row.contact is not None and row.contact.email]
    refused = said_not_theirs([row.contact_id for row in rows])
    by_adult: dict[Adult, list[ImageConsent]] = {}
    for row in rows:
        assert row.contact is not None
        if may_answer(row.contact, today) and row.contact_id not in refused:
            by_adult.setdefault(adult_of(row.contact), []).append(row)
    for chosen in by_adult.values():
        _send(school, None, at, chosen)
    return len(by_adult)


def _send(school: School, actor: User | None, at: datetime, rows: Sequence[ImageConsent]) -> None:
    contact = rows[0].contact
    assert contact is not None
    carried = [item.consent for item in withdraw_older(adult_of(contact), at, LinkPurpose.CONSENT)]
    named = {row.pk: row for row in [*(one for one in carried if one is not None), *rows]}
    link, address = new_link(school, actor, at, contact, LinkPurpose.CONSENT, consents=named.values())
    write_link(link, address, "emails/agreements/to_answer.txt", f"A form for you to answer: {school.name}")


@operation("agreements.answer_by_link")
def answer_by_link(
    *,
    school: School,
    actor: None,
    at: datetime,
    visit: SigningVisit,
    item: LinkItem,
    answers: Mapping[str, str],
    name: str,
    first_name: bool = False,
    submission: UUID | None = None,
) -> ImageConsent:
    """Record what a parent answered to each use, once for each link. What they agreed to before and now do not is
    withdrawn in the same moment, and those who publish are told (CON-05, NOT-24).

    `answers` holds yes or no to each use that the form offers; `first_name` keeps the permission for the first name,
    where there is one. Raises `LinkNotUsable`, `NoLongerAsked`, `ChoicesMissing` or `NameMissing`.
    """
    spent = item.link_id == visit.link_id and LinkItem.objects.filter(
        pk=item.pk, used_at__isnull=True, link__withdrawn_at__isnull=True, link__expires_at__gt=at
    ).update(used_at=at)
    if not spent:
        raise LinkNotUsable("This link has been used or has run out. Ask the school for a new one.", rule="AGR-07")
    asked = item.consent
    assert asked is not None and asked.contact is not None
    contact = Contact.objects.select_related("pupil").get(pk=asked.contact_id)
    if not may_answer(contact, london_day(at)):
        raise NoLongerAsked("This is no longer for you to answer. Call the school if you have a question.", rule="AG-5")
    if any(answers.get(one) not in ("yes", "no") for one in offered_to(asked)):
        raise ChoicesMissing("Answer yes or no to each use. Nothing is chosen for you.", rule="CON-01")
    if not name.strip():
        raise NameMissing("Enter the full name.", rule="AG-2")
    purposes = [one for one in offered_to(asked) if answers[one] == "yes"]
    lasts = asked.ends_on is not None and asked.ends_on >= london_day(at)
    consent: ImageConsent = record_consent(
        school=school,
        actor=None,
        at=at,
        mode=SignMode.LINK,
        said_by=name,
        purposes=purposes,
        pupil=contact.pupil,
        contact=contact,
        other_purpose=asked.other_purpose if ConsentPurpose.OTHER in purposes else "",
        first_name_for=asked.first_name_for if is_named(asked) and first_name and purposes else "",
        ends_on=asked.ends_on if lasts else None,
    )
    _receipt(school, contact, item, at)
    keep_typed(visit=visit, item=item, typed=None)
    record(
        school=school, actor=None, action="agreements.answer_by_link", at=at, obj=consent, submission=submission,
        detail={"link": item.link_id, "state": consent.state},
    )  # fmt: skip
    return consent


def _receipt(school: School, contact: Contact, item: LinkItem, at: datetime) -> None:
    """Word, at the address on file, that it arrived, and how to change it; it names nobody."""
    if contact.email:
        context = {"school": school, "when": moment(at)}
        queue_email(
            school=school,
            to=contact.email,
            subject=f"We have received what you sent: {school.name}",
            text=render_to_string("emails/agreements/answered.txt", context),
            cause=f"answered:{item.pk}",
            at=at,
            template="signing-receipt",
        )
