"""The snapshot that an agreement's document is made from: its wording, who signed it, how that is known (AG-2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agreements.enums import Capacity, Decision, MarkKind, SignMode
from agreements.models import Agreement, Signatory, Signature
from core.kit.times import moment


def snapshot_of(
    agreement: Agreement, signatories: Iterable[Signatory], signatures: Iterable[Signature], *, at: datetime
) -> dict[str, Any]:
    """Plain values and nothing else: what is drawn from it is the same whatever the records say later."""
    latest: dict[int, Signature] = {}
    given = sorted(signatures, key=lambda one: (one.signed_at, one.pk))
    for signature in given:
        latest[signature.signatory_id] = signature
    return {
        "form": 1,
        "reference": agreement.reference,
        "kind": agreement.kind,
        "wording": agreement.wording,
        "wording_hash": agreement.wording_hash,
        "starts_on": agreement.starts_on.isoformat(),
        "ends_on": agreement.ends_on.isoformat() if agreement.ends_on else "",
        "issued_at": agreement.issued_at.isoformat() if agreement.issued_at else "",
        "completed_at": agreement.completed_at.isoformat() if agreement.completed_at else "",
        "as_of": at.isoformat(),
        "blocks": [_block(row, latest.get(row.pk)) for row in sorted(signatories, key=lambda row: row.position)],
        "evidence": [_evidence(one) for one in given],
    }


def _block(row: Signatory, signature: Signature | None) -> dict[str, Any]:
    signed = signature is not None and signature.decision == Decision.AGREES
    return {
        "capacity": row.capacity,
        "label": str(Capacity(row.capacity).label),
        "expected": row.name,
        "signed": signed,
        "name": signature.name if signed and signature is not None else "",
        "on": signature.signed_on.isoformat() if signed and signature is not None else "",
        "mark": signature.mark if signed and signature is not None and signature.mark_kind == MarkKind.DRAWN else [],
        "on_paper": bool(signed and signature is not None and signature.mode == SignMode.PAPER),
        "declined": signature is not None and signature.decision == Decision.DECLINES,
    }


def _evidence(signature: Signature) -> dict[str, Any]:
    """What law AG-2 asks to be shown of one decision."""
    return {
        "decision": str(Decision(signature.decision).label),
        "name": signature.name,
        "capacity": str(Capacity(signature.capacity).label),
        "mode": str(SignMode(signature.mode).label),
        "mark": str(MarkKind(signature.mark_kind).label),
        "intention": signature.intention,
        "statements": [statement["text"] for statement in signature.statements],
        "choices": signature.choices,
        "signed_on": signature.signed_on.isoformat(),
        "signed_at": signature.signed_at.isoformat(),
        "moment": moment(signature.signed_at),
        "zone": "Europe/London",
        "ip": signature.ip or "",
        "device": signature.device,
        "authentication": signature.authentication,
        "witness": signature.witness.full_name if signature.witness is not None else "",
        "version": signature.version_label,
        "language": signature.language,
        "wording_hash": signature.wording_hash,
    }
