"""One-time links: made, handed out once as text, spent once (security row 27)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from core.audit.operations import record
from core.kit.refusals import Refusal
from core.people import hooks
from core.people.enums import LinkKind
from core.people.models import OneTimeLink, School, User

LIFETIME = timedelta(hours=24)
INVITATION_PATH = "/account/invitation/{token}/"


class LinkNotUsable(Refusal):
    """The link was used, replaced or ran out: all three look alike from outside."""


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256. The token itself is 256 random bits, so it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(
    kind: LinkKind, *, at: datetime, made_by: User | None, user: User | None = None, school: School | None = None
) -> str:
    """A new link in the caller's transaction; returns its token, which is nowhere else. Older ones stop working."""
    earlier = OneTimeLink.objects.select_for_update().filter(
        kind=kind, user=user, school=school, spent_at__isnull=True, withdrawn_at__isnull=True
    )
    for link in earlier:
        link.withdrawn_at = at
        link.save(update_fields=["withdrawn_at"])
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        kind=kind,
        token_hash=token_hash(token),
        user=user,
        school=school,
        made_at=at,
        made_by=made_by,
        expires_at=at + LIFETIME,
    )
    return token


def spend_link(link: OneTimeLink, *, at: datetime) -> OneTimeLink:
    """Use the link up in the caller's transaction, under lock. Raises `LinkNotUsable`."""
    row = OneTimeLink.objects.select_for_update().get(pk=link.pk)
    if not row.is_open(at):
        raise LinkNotUsable("This link has been used or has run out. Ask for a new one.", rule="ORG-20")
    row.spent_at = at
    row.save(update_fields=["spent_at"])
    return row


def send_invitation(school: School, user: User, actor: User | None, at: datetime) -> None:
    """A link for who has no password yet; a plain notice for who can sign in already."""
    if user.has_usable_password():
        hooks.send_account_email(school=school, user=user, kind="added", path="/", at=at)
        return
    token = make_link(LinkKind.INVITATION, at=at, made_by=actor, user=user, school=school)
    path = INVITATION_PATH.format(token=token)
    hooks.send_account_email(school=school, user=user, kind="invitation", path=path, at=at)


@transaction.atomic
def make_set_up_link(*, at: datetime) -> str:
    """A link for setting up the first school, made on the command line; returns its token."""
    token = make_link(LinkKind.SET_UP, at=at, made_by=None)
    record(school=None, actor=None, action="people.make_set_up_link", at=at)
    return token
