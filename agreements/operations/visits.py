"""The short visit that a signing link opens: begun, kept, and ended by what is sent (security 5.3)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from agreements.enums import AgreementEventKind, SignatoryState, SignMode
from agreements.models import ImageConsent, LinkItem, Signatory, Signature, SigningLink, SigningVisit
from agreements.operations.issuing import add_event
from agreements.operations.refusals import LinkNotUsable
from agreements.operations.signing import locked, sign
from agreements.queries.links import NOT_THEIRS
from agreements.workflow import SIGNATORY_MOVES, check_move
from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import School
from core.people.operations.links import token_hash
from core.people.queries import holders_of
from core.people.roles import Role

LONGEST = timedelta(hours=2)
_SOME_TIME = timedelta(minutes=1)


@transaction.atomic
def begin_visit(*, link: SigningLink, at: datetime) -> str:
    """Swap an open link for a visit; returns its key, which is nowhere else. The link stays as it was: a mail scanner
    that opens it spends nothing."""
    key = secrets.token_urlsafe(32)
    SigningVisit(
        school=link.school, link=link, key_hash=token_hash(key), began_at=at, seen_at=at, ends_at=at + LONGEST
    ).save()
    return key


def keep_alive(*, visit: SigningVisit, at: datetime) -> None:
    """A page of the visit was opened: half an hour more, within its two hours."""
    if at - visit.seen_at > _SOME_TIME:
        visit.seen_at = at
        visit.save(update_fields=["seen_at"])


@operation("agreements.open_by_link")
def open_by_link(*, school: School, actor: None, at: datetime, item: LinkItem, submission: UUID | None = None) -> None:
    """The person has begun to read: the office sees that it was opened."""
    opened: Signatory | ImageConsent | None = item.consent
    if item.signatory_id is not None:
        row = Signatory.objects.select_for_update(of=("self",)).get(pk=item.signatory_id)
        if row.state in (SignatoryState.NOT_SENT, SignatoryState.SENT):
            check_move(SIGNATORY_MOVES, row.state, SignatoryState.VIEWED, "This cannot be opened.", rule="AGR-07")
            row.state, row.viewed_at = SignatoryState.VIEWED, at
            row.stamp(by=None, at=at)
            row.save()
        opened = row
    record(school=school, actor=None, action="agreements.open_by_link", at=at, obj=opened, submission=submission)


@transaction.atomic
def keep_typed(*, visit: SigningVisit, item: LinkItem, typed: Mapping[str, Any] | None) -> None:
    """Keep what was typed about one agreement until it is sent, on the server alone; None forgets it."""
    row = SigningVisit.objects.select_for_update().get(pk=visit.pk)
    kept = {key: value for key, value in row.typed.items() if key != str(item.pk)}
    row.typed = kept | ({str(item.pk): dict(typed)} if typed is not None else {})
    row.save(update_fields=["typed"])
    visit.typed = row.typed


def sign_by_link(
    *,
    school: School,
    at: datetime,
    visit: SigningVisit,
    item: LinkItem,
    values: Mapping[str, Any],
    ip: str,
    device: str,
) -> Signature:
    """Sign what the visit holds, once: `sign` spends the item. Raises a kind of `UnableToSign`."""
    if item.link_id != visit.link_id or item.signatory is None:
        raise LinkNotUsable("This link has been used or has run out. Ask the school for a new one.", rule="AGR-07")
    signature: Signature = sign(
        school=school,
        actor=None,
        at=at,
        signatory=item.signatory,
        mode=SignMode.LINK,
        authentication="A link sent to the email address that the school has for them",
        item=item,
        ip=ip,
        device=device,
        **values,
    )
    keep_typed(visit=visit, item=item, typed=None)
    return signature


@operation("agreements.not_my_child")
def say_not_my_child(
    *, school: School, actor: None, at: datetime, item: LinkItem, submission: UUID | None = None
) -> SigningLink:
    """Somebody says that this is not their child: the whole link stops, its visits end, what was typed in them is
    forgotten, and the office is told; no blame.

    The event stands on the agreement too, where whoever follows it up finds it (security 5.3).
    """
    link = SigningLink.objects.select_for_update(of=("self",)).get(pk=item.link_id)
    if link.withdrawn_at is None:
        link.withdrawn_at, link.withdrawn_because = at, NOT_THEIRS
        link.stamp(by=None, at=at)
        link.save()
        SigningVisit.objects.filter(link=link, ended_at__isnull=True).update(ended_at=at, typed={})
        if item.signatory is not None:
            agreement = locked(item.signatory.agreement_id)
            add_event(agreement, AgreementEventKind.NOT_MY_CHILD, None, at, signatory=item.signatory)
            url = reverse("agreements:agreement", args=[school.slug, agreement.pk])
        else:
            assert item.consent is not None
            url = reverse("agreements:pupil-consents", args=[school.slug, item.consent.pupil_id])
        notify(
            school=school,
            recipients=holders_of(school, Role.OFFICE, on=london_day(at)),
            kind="agreements.not_my_child",
            subject="Somebody says that a link is not about their child",
            body="Their link is stopped. Check the contacts of this pupil.",
            url=url,
            at=at,
            dedupe_key=f"agreements.not_my_child:{link.pk}",
        )
    record(school=school, actor=None, action="agreements.not_my_child", at=at, obj=link, submission=submission)
    return link
