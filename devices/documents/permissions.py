"""A permission of staff on paper: the slip for teaching time, and remote teaching with its assessment (DOC-18, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.approvals.enums import GivenHow
from core.approvals.models import Approval, Hazard
from core.approvals.words import limits_in_words, state_label
from core.kit.pdf import render_pdf
from core.kit.times import day, moment
from core.people.roles import Role

Facts = Sequence[tuple[str, str]]


def permission_pdf(
    approval: Approval, *, facts: Facts, reasons: Facts, hazards: Sequence[Hazard], made_at: datetime
) -> bytes:
    """The permission as it stands at a moment, with the risk assessment that it stands on, if any.

    `reasons` are printed where the caller may read them, and nowhere else stands why.
    """
    assert approval.user is not None and approval.decided_by is not None
    is_spoken = approval.given_how == GivenHow.VERBAL
    title = str(approval.get_kind_display())
    context = {
        "title": title,
        "school": approval.school.name,
        "reference": approval.reference,
        "who": approval.user.full_name,
        "state": state_label(approval.kind, approval.state),
        "made": moment(made_at),
        "rows": [
            *facts,
            *limits_in_words(approval, {}),
            *([("Asked for by", asked_by(approval))] if approval.requested_by_id != approval.decided_by_id else []),
            ("Given by", given_by(approval)),
            *([("Confirmed", moment(approval.confirmed_at))] if is_spoken and approval.confirmed_at else []),
            *([("Over since", moment(approval.over_at))] if approval.over_at else []),
        ],
        "reasons": reasons,
        "assessment": approval.assessment,
        "assessed": assessed_by(approval),
        "hazards": hazards,
    }
    return render_pdf(
        "pdf/permission.html", context, made_at=made_at, title=title, styles=("pdf/permission.css",)
    ).content


def asked_by(approval: Approval) -> str:
    """Who asked for it, and when."""
    return f"{approval.requested_by.full_name}, {moment(approval.requested_at)}"


def given_by(approval: Approval) -> str:
    """Who gave it, as what, how and when."""
    assert approval.decided_by is not None and approval.decided_at is not None
    role = f", {Role(approval.decided_as).label.lower()}" if approval.decided_as else ""
    instead = ", in the head’s place" if approval.delegation_id else ""
    how = str(approval.get_given_how_display()).lower()
    return f"{approval.decided_by.full_name}{role}{instead}; {how}; {moment(approval.decided_at)}"


def assessed_by(approval: Approval) -> str:
    """Who assessed the risk, when, and when it is looked at again."""
    row = approval.assessment
    if row is None:
        return ""
    return f"{row.reference}, by {row.assessor.full_name}, {day(row.assessed_on)}; looked at again {day(row.review_on)}"
