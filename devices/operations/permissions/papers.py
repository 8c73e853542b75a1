"""The agreement that goes with a pupil’s permission: the text to draw it up from, and its end (AGR-13, DOC-03)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agreements.enums import AgreementKind, AgreementState
from agreements.models import Agreement, TemplateVersion
from agreements.operations.ending import end_agreement, withdraw_agreement
from agreements.queries.issued import versions_to_issue
from core.approvals.models import Approval
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School
from devices.queries.permissions import AGREEMENT_OVER

_ENDS = (AgreementState.IN_FORCE, AgreementState.TO_RENEW)


class NoTextToSign(Refusal):
    """The school has published no text of this kind."""


def text_to_sign(school: School, kind: AgreementKind, at: datetime) -> TemplateVersion:
    """The version that is issued now. Raises `NoTextToSign`."""
    found = versions_to_issue(school, london_day(at))
    version = next((one for one in found if one.template.kind == kind), None)
    if version is None:
        raise NoTextToSign(f"Publish a text of this kind first, under Templates: {kind.label.lower()}.", rule="AGR-13")
    return version


def end_paper_of(row: Approval, agreement: Agreement | None, at: datetime) -> None:
    """When a permission is over, the agreement that was drawn up from it is too."""
    if agreement is None or agreement.state in AGREEMENT_OVER:
        return
    said: dict[str, Any] = {
        "school": row.school, "actor": None, "at": at, "agreement": agreement,
        "reason": f"The permission {row.reference} is over.",
    }  # fmt: skip
    if agreement.state in _ENDS:
        end_agreement(**said)
    else:
        withdraw_agreement(**said)
