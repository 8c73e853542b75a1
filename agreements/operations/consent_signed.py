"""What signing a consent form makes of the consents: each answer is recorded as the giver's own (CON-01, law AG-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agreements.enums import AgreementKind, Capacity, ConsentPurpose, Decision, SignMode
from agreements.models import Agreement, ImageConsent, Signatory, Signature
from agreements.operations.consent_giving import record_consent, withdraw_consent
from agreements.queries.consent_standing import LIVE
from core.people.models import User


def follow_consent(
    signature: Signature, agreement: Agreement, signatory: Signatory, actor: User | None, at: datetime
) -> None:
    """Record what a parent answered on a consent form that they signed; in the transaction of the signature.

    Not agreeing to the form is a no to every use; a signature that is taken back withdraws what it gave. `choices` may
    hold `other_purpose` and `first_name_for` beside the answers; another purpose that nobody named counts for nothing.
    """
    contact, pupil = signatory.contact, agreement.pupil
    if agreement.kind != AgreementKind.IMAGE_CONSENT or signatory.capacity != Capacity.PARENT:
        return
    if contact is None or pupil is None:
        return
    by = actor if signature.mode in (SignMode.DESK, SignMode.PAPER) else None
    said: dict[str, Any] = {
        "school": agreement.school,
        "actor": by,
        "at": at,
        "mode": signature.mode,
        "said_by": signature.name,
    }
    if signature.decision == Decision.TAKES_BACK:
        given = ImageConsent.objects.filter(pupil=pupil, contact=contact, state__in=LIVE).first()
        if given is not None:
            withdraw_consent(consent=given, **said)
        return
    choices = signature.choices if signature.decision == Decision.AGREES else {}
    other = str(choices.get("other_purpose", ""))
    purposes = [
        one.value
        for one in ConsentPurpose
        if choices.get(one.value) == "yes" and (one != ConsentPurpose.OTHER or other.strip())
    ]
    record_consent(
        pupil=pupil,
        contact=contact,
        purposes=purposes,
        other_purpose=other[:200],
        first_name_for=str(choices.get("first_name_for", ""))[:200] if purposes else "",
        signature=signature,
        **said,
    )
