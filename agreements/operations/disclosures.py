"""Requests to disclose a password: asked for by two roles alone, allowed or refused, disclosed, reset (SDV-11).

The password itself is never written anywhere: no field takes one, and a text that looks as if it held one is refused.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from agreements.enums import DisclosureState
from agreements.models import PasswordDisclosure
from agreements.queries.disclosures import deciders_for
from agreements.workflow import DISCLOSURE_MOVES, check_move
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import has, require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import roles_in
from core.people.roles import Permission

_S = DisclosureState
_A_SECRET = re.compile(r"\b(pass ?(word|code|phrase)|pwd|pin|log ?in)\b\s*(is|was|=|:|-|–|“|\")", re.IGNORECASE)


class UnableToDisclose(Refusal):
    """The request did not go on."""


class NotForYouToAsk(UnableToDisclose):
    """Only the head and the systems manager may ask (SDV-11)."""

    recorded = True


class LooksLikeASecret(UnableToDisclose):
    """What was typed looks as if it held the password itself."""

    default_field = "reason"


class NotOfYourself(UnableToDisclose):
    """One's own password is nobody's to ask for."""

    default_field = "holder"


class ResetDayWrong(UnableToDisclose):
    """The day by which it is reset is past."""

    default_field = "reset_by"


class NotYoursToDecide(UnableToDisclose):
    """Another decides about this request."""

    recorded = True


class WhyMissing(UnableToDisclose):
    """The reason was left out."""

    default_field = "reason"


@operation("agreements.ask_disclosure")
def ask_disclosure(
    *,
    school: School,
    actor: User,
    at: datetime,
    holder: User,
    system: str,
    reason: str,
    reset_by: date,
    submission: UUID | None = None,
) -> PasswordDisclosure:
    """Ask that somebody disclose a password or open a system; they are told, and the other of the two decides (SDV-11).

    Who may: ASK_DISCLOSURE, which only the head and the systems manager hold; anybody else is refused by name, on
    record. Raises `NotForYouToAsk`, `NotOfYourself`, `WhyMissing`, `LooksLikeASecret`, `ResetDayWrong`.
    """
    if not has(actor, Permission.ASK_DISCLOSURE, school):
        raise NotForYouToAsk("Only the head and the systems manager may ask for this (SDV-11).", rule="SDV-11")
    if holder.pk == actor.pk or not roles_in(holder, school):
        raise NotOfYourself("Choose somebody else who works here.", rule="SDV-11")
    if reset_by < london_day(at):
        raise ResetDayWrong("The day is past.", rule="SDV-11")
    row = PasswordDisclosure(
        school=school, holder=holder, system=_without_secret(system, "system"),
        reason=_without_secret(reason, "reason"),
        requested_at=at, requested_by=actor, reset_by=reset_by,
    )  # fmt: skip
    _save(row, actor, at)
    _tell(row, [holder], at, "A password of yours is asked for")
    _tell(row, deciders_for(row), at, "A request to disclose a password waits for you")
    record(school=school, actor=actor, action="agreements.ask_disclosure", at=at, obj=row, submission=submission)
    return row


@operation("agreements.decide_disclosure")
def decide_disclosure(
    *,
    school: School,
    actor: User,
    at: datetime,
    disclosure: PasswordDisclosure,
    allow: bool,
    reason: str = "",
    submission: UUID | None = None,
) -> PasswordDisclosure:
    """Allow a request, or refuse it for a reason.

    Who may: the other of the two, head or systems manager; never the holder. A head allows their own request only
    where nobody else holds the systems manager’s role, for then there is no other. Raises `NotYoursToDecide`,
    `WhyMissing`.
    """
    require(actor, Permission.ASK_DISCLOSURE, school)
    row = _held(school, disclosure)
    if actor.pk not in {person.pk for person in deciders_for(row)}:
        raise NotYoursToDecide("The other of the two, head or systems manager, decides this.", rule="SDV-11")
    _move(row, _S.ALLOWED if allow else _S.REFUSED)
    if not allow and not reason.strip():
        raise WhyMissing("Say why it is refused.", rule="SDV-11")
    row.decided_at, row.decided_by = at, actor
    row.decided_because = _without_secret(reason, "reason") if reason.strip() else ""
    _save(row, actor, at)
    said = "The request for your password is allowed" if allow else "A request for a password was refused"
    _tell(row, [row.holder, row.requested_by], at, said)
    record(
        school=school, actor=actor, action="agreements.decide_disclosure", at=at, obj=row, submission=submission,
        detail={"allowed": allow},
    )  # fmt: skip
    return row


@operation("agreements.confirm_disclosed")
def confirm_disclosed(
    *, school: School, actor: User, at: datetime, disclosure: PasswordDisclosure, submission: UUID | None = None
) -> PasswordDisclosure:
    """The holder says that they have disclosed it, in person. Raises `NotYoursToDecide`, `MoveNotPossible`."""
    row = _held(school, disclosure)
    if actor.pk != row.holder_id:
        raise NotYoursToDecide("Only the person whose password it is confirms this.", rule="SDV-11")
    _move(row, _S.DISCLOSED)
    row.disclosed_at = at
    _save(row, actor, at)
    record(school=school, actor=actor, action="agreements.confirm_disclosed", at=at, obj=row, submission=submission)
    return row


@operation("agreements.confirm_reset")
def confirm_reset(
    *, school: School, actor: User, at: datetime, disclosure: PasswordDisclosure, submission: UUID | None = None
) -> PasswordDisclosure:
    """The password was reset: said by the holder, or by the head or systems manager. Raises `NotYoursToDecide`."""
    row = _held(school, disclosure)
    if actor.pk != row.holder_id and not has(actor, Permission.ASK_DISCLOSURE, school):
        raise NotYoursToDecide("The holder, the head or the systems manager confirms this.", rule="SDV-11")
    _move(row, _S.PASSWORD_RESET)
    row.reset_at, row.reset_confirmed_by = at, actor
    _save(row, actor, at)
    record(school=school, actor=actor, action="agreements.confirm_reset", at=at, obj=row, submission=submission)
    return row


def remind_overdue_resets(*, school: School, at: datetime) -> int:
    """Tell the holder and who asked, once a day, that a reset is late. Called by the clock."""
    today = london_day(at)
    overdue = PasswordDisclosure.objects.filter(school=school, state=_S.DISCLOSED, reset_by__lt=today)
    rows = list(overdue.select_related("holder", "requested_by"))
    for row in rows:
        _tell(
            row, [row.holder, row.requested_by], at, "A disclosed password is still to be reset", key=today.isoformat()
        )
    return len(rows)


def _held(school: School, disclosure: PasswordDisclosure) -> PasswordDisclosure:
    found: PasswordDisclosure = (
        PasswordDisclosure.objects.select_for_update(of=("self",))
        .select_related("holder", "requested_by")
        .get(pk=disclosure.pk, school=school)
    )
    return found


def _move(row: PasswordDisclosure, target: DisclosureState) -> None:
    check_move(DISCLOSURE_MOVES, row.state, target, "This request is past that.", rule="matrix 4.11")
    row.state = target


def _without_secret(text: str, field: str) -> str:
    if not text.strip():
        raise WhyMissing("Fill this in.", rule="SDV-11", field=field)
    if _A_SECRET.search(text):
        raise LooksLikeASecret(
            "Never write a password here. Say only what it opens and why.", rule="SDV-11", field=field
        )
    return text.strip()


def _save(row: PasswordDisclosure, actor: User, at: datetime) -> None:
    row.stamp(by=actor, at=at)
    row.save()


def _tell(row: PasswordDisclosure, people: list[User], at: datetime, subject: str, *, key: str = "") -> None:
    notify(
        school=row.school, recipients=people, kind="agreements.disclosure", subject=subject,
        url=reverse("agreements:disclosure", args=[row.school.slug, row.pk]), at=at,
        dedupe_key=f"agreements.disclosure.{row.pk}.{row.state}.{key}",
    )  # fmt: skip
