"""What a signature brings with it in other records: consents that were answered, documents that were read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.template.loader import render_to_string

from agreements.enums import Capacity, Decision, SignMode
from agreements.models import Agreement, Signatory, Signature
from agreements.operations.consent_signed import follow_consent
from core.kit.times import moment
from core.notices.operations import queue_email
from core.people.models import User
from policies.enums import AcknowledgedHow
from policies.models import DocumentVersion
from policies.operations import NotInForce, record_contact_acknowledgement

Follower = Callable[[Signature, Agreement, Signatory, User | None, datetime], None]


def follow_readings(
    signature: Signature, agreement: Agreement, signatory: Signatory, actor: User | None, at: datetime
) -> None:
    """What a parent ticked as read is acknowledged, with whether they talked it through (AGR-21, AGR-22).

    A version that a newer one has replaced since the issue stays as the signature has it: ticked, in its words.
    """
    contact = signatory.contact
    if contact is None or signatory.capacity != Capacity.PARENT or signature.decision != Decision.AGREES:
        return
    ticked = {one["key"] for one in signature.statements}
    read = [one["version"] for one in agreement.wording["readings"] if f"reading-{one['version']}" in ticked]
    by_themselves = signature.mode == SignMode.LINK
    for version in DocumentVersion.objects.filter(pk__in=read).order_by("pk"):
        with suppress(NotInForce):
            record_contact_acknowledgement(
                school=agreement.school,
                actor=None if by_themselves else actor,
                at=at,
                contact=contact,
                version=version,
                method=AcknowledgedHow.LINK if by_themselves else AcknowledgedHow.MEETING,
                talked_over="talked" in ticked,
            )


def send_receipt(
    signature: Signature, agreement: Agreement, signatory: Signatory, actor: User | None, at: datetime
) -> None:
    """Who signed by a link gets word, at the address on file, that it arrived; it names nobody (law AG-2)."""
    contact, school = signatory.contact, agreement.school
    if signature.mode != SignMode.LINK or contact is None or not contact.email:
        return
    context = {"school": school, "reference": agreement.reference, "when": moment(signature.signed_at)}
    queue_email(
        school=school,
        to=contact.email,
        subject=f"We have received what you sent: {school.name}",
        text=render_to_string("emails/agreements/receipt.txt", context),
        cause=f"signed:{signature.pk}",
        at=at,
        template="signing-receipt",
    )


_FOLLOWERS: tuple[Follower, ...] = (follow_consent, follow_readings, send_receipt)


def follow_signature(
    signature: Signature, agreement: Agreement, signatory: Signatory, actor: User | None, at: datetime
) -> None:
    """Tell each in turn, in the transaction of the signature."""
    for follower in _FOLLOWERS:
        follower(signature, agreement, signatory, actor, at)
