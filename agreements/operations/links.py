"""Links by which parents and carers sign without an account: sent, and withdrawn by the next (AGR-07, security 5.3)."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from agreements.enums import AgreementEventKind, Capacity, LinkPurpose, SignatoryState
from agreements.models import ImageConsent, LinkItem, Signatory, SigningLink
from agreements.operations.issuing import add_event
from agreements.queries.links import ASKED, MAY_SIGN, is_open_item, items_among, may_be_asked, said_not_theirs
from agreements.workflow import SIGNATORY_MOVES, check_move
from core.audit.operations import operation, record
from core.kit.times import day as day_in_words
from core.notices.operations import queue_email
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Contact, School, User
from core.people.operations.links import token_hash
from core.people.roles import Permission

LIFETIME = timedelta(days=14)
_REPLACED = "A newer link was sent."
Adult = tuple[str, str]


def adult_of(contact: Contact) -> Adult:
    """Who a contact is, across the children of a household: two adults who share an address stay two (law AG-5)."""
    return contact.email.strip().lower(), contact.display_name.casefold()


@operation("agreements.send_links", replay=lambda entry: [])
def send_links(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    signatories: Sequence[Signatory],
    reminder: bool = False,
    asked_for: bool = False,
    submission: UUID | None = None,
) -> list[Signatory]:
    """Send each adult one link for all that waits for them, for all their children; older links stop working.

    `actor` is None where nobody of the school sends; else MANAGE_AGREEMENTS. The email names no child. Returns those to
    whom nothing was sent, because no email address is known: the office sends them paper. Who is not a parent, has
    decided, may not be told or whose child has left is passed over; who said that it is not their child gets nothing
    more until somebody of the school sends it. `asked_for`: they asked themselves, and may have said no before.
    """
    if actor is not None:
        require(actor, Permission.MANAGE_AGREEMENTS, school)
    today = london_day(at)
    wanted = (
        Signatory.objects.select_for_update(of=("self",))
        .select_related("contact", "agreement__pupil")
        .filter(pk__in=[row.pk for row in signatories], capacity=Capacity.PARENT)
        .filter(state__in=MAY_SIGN if asked_for else ASKED)
        .order_by("pk")
    )
    by_adult: dict[Adult, list[Signatory]] = defaultdict(list)
    without: list[Signatory] = []
    refused = said_not_theirs([row.contact_id for row in wanted]) if actor is None else set()
    for row in wanted:
        assert row.contact is not None
        if not may_be_asked(row, today) or row.contact_id in refused:
            continue
        if row.contact.email:
            by_adult[adult_of(row.contact)].append(row)
        else:
            without.append(row)
    for adult, rows in by_adult.items():
        _send_one(school, actor, at, adult, rows, reminder=reminder)
    record(
        school=school,
        actor=actor,
        action="agreements.send_links",
        at=at,
        submission=submission,
        detail={"links": len(by_adult), "without_address": len(without), "reminder": reminder},
    )
    return without


def _send_one(
    school: School, actor: User | None, at: datetime, adult: Adult, rows: list[Signatory], *, reminder: bool
) -> None:
    contact = rows[0].contact
    assert contact is not None
    older = [item.signatory for item in withdraw_older(adult, at, LinkPurpose.SIGN)]
    carried = [row for row in older if row is not None and row.state in ASKED]
    link, address = new_link(
        school, actor, at, contact, LinkPurpose.SIGN, signatories={row.pk: row for row in [*carried, *rows]}.values()
    )
    for row in rows:
        if row.state == SignatoryState.NOT_SENT:
            check_move(SIGNATORY_MOVES, row.state, SignatoryState.SENT, "This cannot be sent.", rule="AGR-07")
            row.state, row.sent_at = SignatoryState.SENT, at
        row.stamp(by=actor, at=at)
        row.save()
        kind = AgreementEventKind.REMINDED if reminder else AgreementEventKind.SENT
        add_event(row.agreement, kind, actor, at, signatory=row)
    write_link(
        link, address, "emails/agreements/to_sign.txt", f"Something to read and sign: {school.name}", reminder=reminder
    )


def new_link(
    school: School,
    actor: User | None,
    at: datetime,
    contact: Contact,
    purpose: LinkPurpose,
    *,
    signatories: Iterable[Signatory] = (),
    consents: Iterable[ImageConsent] = (),
) -> tuple[SigningLink, str]:
    """A link that names these, and its address, which holds the token and is kept nowhere but in the email."""
    token = secrets.token_urlsafe(32)
    link = SigningLink(
        school=school,
        purpose=purpose,
        token_hash=token_hash(token),
        contact=contact,
        made_at=at,
        made_by=actor,
        expires_at=at + LIFETIME,
    )
    link.stamp(by=actor, at=at)
    link.save()
    for row in signatories:
        LinkItem(school=school, link=link, signatory=row).save()
    for consent in consents:
        LinkItem(school=school, link=link, consent=consent).save()
    path = reverse("agreements:sign-link", kwargs={"school": school.slug, "token": token})
    return link, settings.SITE_ADDRESS + path


def write_link(link: SigningLink, address: str, template: str, subject: str, **facts: object) -> None:
    """Queue the email with a link, to the address that the school has for its contact; it names nobody."""
    last_day = day_in_words(london_day(link.expires_at))
    text = render_to_string(template, {"school": link.school, "link": address, "last_day": last_day, **facts})
    queue_email(
        school=link.school,
        to=link.contact.email,
        subject=subject,
        text=text,
        cause=f"signing-link:{link.pk}",
        at=link.made_at,
        template="signing-link",
    )


def withdraw_older(adult: Adult, at: datetime, purpose: LinkPurpose) -> list[LinkItem]:
    """Older open links of this adult for the same purpose stop working; returns what still waited on them, which goes
    on to the new one."""
    older = SigningLink.objects.select_for_update(of=("self",)).select_related("contact")
    older = older.filter(purpose=purpose, withdrawn_at__isnull=True, expires_at__gt=at)
    carried: list[LinkItem] = []
    for link in older.filter(contact__email__iexact=adult[0]).order_by("pk"):
        if adult_of(link.contact) != adult:
            continue
        link.withdrawn_at, link.withdrawn_because = at, _REPLACED
        link.stamp(by=None, at=at)
        link.save()
        carried += [item for item in items_among([link]) if is_open_item(item, london_day(at))]
    return carried
