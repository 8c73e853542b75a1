"""A new link for who holds one that opens nothing any more: to the address on file or to nobody (security 5.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from agreements.enums import Capacity
from agreements.models import Signatory, SigningLink
from agreements.operations.consent_links import send_to_change
from agreements.operations.links import send_links
from agreements.queries.links import MAY_SIGN, NOT_THEIRS, answered_by, items_of, may_be_asked
from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import Contact, School
from core.people.queries import holders_of
from core.people.roles import Role

MOST_A_DAY = 3


@operation("agreements.ask_for_link")
def ask_for_link(
    *, school: School, actor: None, at: datetime, link: SigningLink, submission: UUID | None = None
) -> SigningLink:
    """Whoever holds this link asks for a new one: for what of it still waits, and to change what it answered.

    The page says the same whatever comes of it. Only the address that the school has for its contact is written to,
    three times a day at most. Nothing goes to who is barred, or said that it is not their child: of that the office is
    told instead.
    """
    Contact.objects.select_for_update(no_key=True).only("pk").get(pk=link.contact_id)
    held = SigningLink.objects.select_related("contact__pupil").get(pk=link.pk)
    if held.withdrawn_because == NOT_THEIRS:
        sent = 0
        _tell_the_office(held, at)
    elif _sent_today(held, at) >= MOST_A_DAY:
        sent = 0
    else:
        sent = _send(held, at)
    record(
        school=school, actor=None, action="agreements.ask_for_link", at=at, obj=held, submission=submission,
        detail={"sent": sent},
    )  # fmt: skip
    return held


def _sent_today(link: SigningLink, at: datetime) -> int:
    """How many links went to this address since yesterday that nobody of the school sent."""
    rows = SigningLink.objects.filter(made_by__isnull=True, made_at__gt=at - timedelta(days=1))
    return rows.filter(contact__email__iexact=link.contact.email).count()


def _send(link: SigningLink, at: datetime) -> int:
    today = london_day(at)
    waiting = [
        item.signatory
        for item in items_of(link)
        if item.signatory is not None
        and item.signatory.capacity == Capacity.PARENT
        and item.signatory.state in MAY_SIGN
        and may_be_asked(item.signatory, today)
    ]
    without: list[Signatory] = []
    if waiting:
        without = send_links(school=link.school, actor=None, at=at, signatories=waiting, asked_for=True)
    unanswered = [item.consent for item in items_of(link) if item.consent is not None]
    to_change = {row.pk: row for row in [*unanswered, *answered_by(link)]}
    return int(len(without) < len(waiting)) + send_to_change(school=link.school, at=at, consents=to_change.values())


def _tell_the_office(link: SigningLink, at: datetime) -> None:
    today = london_day(at)
    notify(
        school=link.school,
        recipients=holders_of(link.school, Role.OFFICE, on=today),
        kind="agreements.link_asked_for",
        subject="Somebody who said that it is not their child asks for a new link",
        body="Nothing was sent. Check the contacts of this pupil, then send it yourself if it is theirs.",
        url=reverse("people:pupil", args=[link.school.slug, link.contact.pupil_id]),
        at=at,
        dedupe_key=f"agreements.link_asked_for:{link.pk}:{today:%Y-%m-%d}",
    )
