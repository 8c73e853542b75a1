"""The register of access to systems, on paper and as a list (DOC-29)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agreements.queries.access_register import AccessRow
from core.kit.pdf import render_pdf
from core.kit.times import day, moment

HEADER = (
    "Person",
    "Form or category",
    "System",
    "Device",
    "State",
    "From",
    "To",
    "Granted by",
    "Relying on",
    "Given on",
)


def lines_of(rows: Iterable[AccessRow]) -> list[tuple[str, ...]]:
    """One line of plain values for each access, in the order of `HEADER`."""
    return [_line(row) for row in rows]


def register_pdf(rows: Iterable[AccessRow], *, school: str, made_at: datetime) -> bytes:
    """The register as it stands at a moment."""
    context = {
        "title": "Register of access to systems",
        "school": school,
        "made": moment(made_at),
        "header": HEADER,
        "lines": lines_of(rows),
    }
    return render_pdf(
        "pdf/access_register.html", context, made_at=made_at, title="Register of access to systems",
        styles=("pdf/access_register.css",),
    ).content  # fmt: skip


def _line(row: AccessRow) -> tuple[str, ...]:
    grant = row.grant
    version = grant.acknowledgement.document_version
    until = grant.revoked_at.date() if grant.revoked_at else grant.ends_on
    out_of_date = " (out of date since)" if row.is_out_of_date else ""
    return (
        row.name,
        row.group,
        grant.system.name,
        grant.device,
        str(grant.get_state_display()),
        day(grant.granted_at.date()),
        day(until) if until else "",
        grant.granted_by.display_name,
        f"{version.document.title}, {version.label}{out_of_date}",
        day(grant.acknowledged_at.date()),
    )
