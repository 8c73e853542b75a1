"""Consent on paper: the form, its withdrawal, and the list for whoever holds the camera (DOC-06, DOC-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agreements.enums import ConsentPurpose
from agreements.queries.consent_lists import PICTURED
from agreements.queries.consent_standing import Standing
from core.kit.pdf import Pdf, render_pdf
from core.kit.text import apart
from core.kit.times import day, moment
from core.people.models import FormGroup, Pupil, School, User

_STYLES = ("pdf/taken/taken.css", "pdf/agreements/consent.css")


@dataclass(frozen=True)
class FormFacts:
    """A form to be filled in by hand: all that is known stands on it."""

    school: str
    address: str
    phone: str
    pupil: str
    child: str
    purposes: tuple[str, ...]
    may_decide: bool
    made: str


def form_facts(school: School, pupil: Pupil, *, child: str, parents_only: bool, at: datetime) -> FormFacts:
    """What a blank form for one pupil shows."""
    form = f", {pupil.form.name}" if pupil.form else ""
    return FormFacts(
        school=school.name,
        address=school.address,
        phone=school.phone,
        pupil=apart(f"{pupil.display_name}{form}"),
        child=child,
        purposes=tuple(str(one.label) for one in ConsentPurpose if one != ConsentPurpose.OTHER),
        may_decide=not parents_only,
        made=day(at.date()),
    )


def consent_form(facts: FormFacts, *, withdrawal: bool, made_at: datetime) -> Pdf:
    """The consent form or the withdrawal form, with blank lines (DOC-06, law AG-7)."""
    name = "withdrawal" if withdrawal else "form"
    title = "Withdrawing consent to photographs and film" if withdrawal else "Consent to photographs and film"
    context = {"facts": facts, "title": title}
    return render_pdf(f"pdf/agreements/consent_{name}.html", context, made_at=made_at, title=title, styles=_STYLES)


@dataclass(frozen=True)
class Row:
    """One pupil on the list: yes or no for each purpose."""

    pupil: str
    form: str
    never: bool
    marks: tuple[bool, ...]
    why: str


@dataclass(frozen=True)
class NotToShow:
    """The list for an event: who may not be shown at all, who not everywhere, whose name does not go with it."""

    school: str
    title: str
    forms: str
    purposes: tuple[str, ...]
    never: tuple[Row, ...]
    partly: tuple[Row, ...]
    nameless: tuple[str, ...]
    free: int
    made: str


def not_to_show(
    school: School, standings: Sequence[Standing], groups: Sequence[FormGroup], *, event: str, by: User, at: datetime
) -> NotToShow:
    """Sort these pupils by what was said: no answer stands with no (CON-07)."""
    never, partly, nameless, free = [], [], [], 0
    for one in standings:
        marks = tuple(one.allows(purpose) for purpose in PICTURED)
        row = Row(
            pupil=apart(one.pupil.display_name),
            form=one.pupil.form.name if one.pupil.form else "",
            never=not any(marks),
            marks=marks,
            why="" if one.is_answered else "No answer yet",
        )
        if row.never:
            never.append(row)
        elif not all(marks):
            partly.append(row)
        else:
            free += 1
        if any(marks) and not one.first_name_for:
            nameless.append(f"{row.pupil} ({row.form})" if row.form else row.pupil)
    return NotToShow(
        school=school.name,
        title=event or "Do not photograph",
        forms=", ".join(one.name for one in groups),
        purposes=tuple(str(one.label) for one in PICTURED),
        never=tuple(never),
        partly=tuple(partly),
        nameless=tuple(nameless),
        free=free,
        made=f"Made {moment(at)} by {by.display_name}",
    )


def not_to_show_pdf(facts: NotToShow, *, made_at: datetime) -> Pdf:
    """The list on A4, in rows that are read at arm's length."""
    return render_pdf(
        "pdf/agreements/consent_not_to_show.html", {"facts": facts, "title": "Do not photograph"}, made_at=made_at,
        title="Do not photograph", styles=_STYLES,
    )  # fmt: skip
