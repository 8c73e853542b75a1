"""Asking staff to declare: those who manage the school's accounts, or everybody who has not yet (SOC-21)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from agreements.enums import AgreementKind
from agreements.models import TemplateVersion
from agreements.operations.issuing import issue_agreement
from agreements.operations.refusals import UnableToIssue
from agreements.queries.declared import declaration_to_issue, declared_of
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.operations.editing import locked
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school


class NothingToDeclare(UnableToIssue):
    """No text of the declaration is published and holds today."""


class NobodyToAsk(UnableToIssue):
    """Everybody has been asked."""


class ReasonForAsking(Refusal):
    """The rules do not say whether account managers declare."""

    default_field = "reason"


def asks_why(school: School, kind: str, at: datetime) -> bool:
    """Whether the rules leave open that this declaration is asked for, so that somebody says why (matrix 0.3)."""
    rules = for_school(school, on=london_day(at))
    return kind == AgreementKind.ACCOUNT_MANAGER and rules.official_accounts == UNSPECIFIED


@operation("agreements.ask_to_declare")
def ask_to_declare(
    *, school: School, actor: User, at: datetime, kind: str, reason: str = "", submission: UUID | None = None
) -> TemplateVersion:
    """Issue the declaration to everybody of whom it is asked and who has not been asked, or is to declare anew.

    Each is told in their inbox and signs with their own account. Where the rules leave open whether account managers
    declare, `reason` is kept as a decision. Returns the text that they are asked to sign. Who may: MANAGE_AGREEMENTS.
    Raises `NothingToDeclare`, `NobodyToAsk`, `ReasonForAsking`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    today = london_day(at)
    version = declaration_to_issue(school, kind, today)
    if version is None:
        raise NothingToDeclare("Publish the declaration first, under Templates.", rule="SOC-21")
    locked(version.template)  # two who ask at once ask each person once
    people = [one.person for one in declared_of(school, kind, today) if one.is_to_ask]
    if not people:
        raise NobodyToAsk("Everybody has been asked.", rule="SOC-21")
    if asks_why(school, kind, at):
        if not reason.strip():
            raise ReasonForAsking(
                "Your rules do not say whether account managers declare. Say who decided it and why.", rule="SOC-21"
            )
        record_decision(
            school=school, actor=actor, at=at, key="official_accounts", question="Do account managers declare?",
            decision="Yes", reason=reason, subject=version,
        )  # fmt: skip
    asked = [
        issue_agreement(school=school, actor=actor, at=at, version=version, user=person, starts_on=today)
        for person in people
    ]
    notify(
        school=school,
        recipients=people,
        kind="agreements.to_declare",
        subject="A declaration waits for your signature",
        body="Read it, and sign it with your account.",
        url=reverse("agreements:to-sign", args=[school.slug]),
        at=at,
        dedupe_key=f"agreements.to_declare.{kind}.{version.pk}.{asked[0].pk}",
    )
    record(
        school=school, actor=actor, action="agreements.ask_to_declare", at=at, obj=version, submission=submission,
        detail={"kind": str(kind), "asked": len(asked)},
    )  # fmt: skip
    return version
