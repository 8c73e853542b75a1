"""Accounts: invitations, leavers and sessions (ORG-05, ORG-08, ORG-20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django_scopes import scopes_disabled

from core.audit.operations import operation, record
from core.kit.history import attribute
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.enums import LinkKind
from core.people.models import Membership, OneTimeLink, RoleHolding, School, Session, User
from core.people.operations.desks import withdraw_pin
from core.people.operations.editing import change, locked
from core.people.operations.links import LinkNotUsable, send_invitation, spend_link
from core.people.operations.roles import RoleWish, cut_roles, hold_role, refuse_last_administrator
from core.people.queries import forget_roles
from core.people.roles import Permission


class UnableToInvite(Refusal):
    """Nobody was invited."""


class AlreadyHere(UnableToInvite):
    """The address belongs to somebody at this school."""

    default_field = "email"


class AlreadySignedUp(UnableToInvite):
    """The person has set a password; there is nothing to invite them to."""


class UnableToChangeAccount(Refusal):
    """The account was left as it is."""


class NotAtThisSchool(UnableToChangeAccount):
    """The person has no place at the school, or has left it."""


class OwnAccount(UnableToChangeAccount):
    """Nobody ends, deactivates or unlocks their own account; somebody else does."""

    recorded = True


class SharedAccount(UnableToChangeAccount):
    """The account also serves elsewhere, so one school may not switch it off."""


class AddressInUse(UnableToChangeAccount):
    """The address cannot be given to this account."""

    default_field = "email"


class AddressIsTheirs(UnableToChangeAccount):
    """Who has signed in changes the address on their own account page."""

    default_field = "email"


class NotTheirManager(UnableToChangeAccount):
    """A line manager is somebody else who works at the school."""

    default_field = "line_manager"


class StaffCodeTaken(UnableToChangeAccount):
    """Two people may not have the same staff code."""

    default_field = "staff_code"


@operation("people.invite_person")
def invite_person(
    *,
    school: School,
    actor: Any,
    at: datetime,
    email: str,
    given_name: str,
    family_name: str,
    category: str,
    title: str = "",
    job_title: str = "",
    staff_code: str = "",
    roles: Sequence[RoleWish] = (),
    submission: UUID | None = None,
) -> User:
    """Give a person a place and roles at the school, and an email with a link that lives a day (ORG-05, ORG-08).

    An address that has an account already keeps it, name and password included: the same person, one more school.
    Administrator or head. Raises `AlreadyHere`, `StaffCodeTaken`, the refusals of `hold_role`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    today = london_day(at)
    user = _account(email, given_name, family_name, title, actor)
    membership = Membership.objects.select_for_update().filter(school=school, user=user).first()
    if membership is None:
        membership = Membership(school=school, user=user)
    elif membership.left_on is None:
        raise AlreadyHere("Somebody at this school already has this address.", rule="ORG-20")
    membership.joined_on, membership.left_on = today, None
    membership.category, membership.job_title, membership.staff_code = category, job_title, staff_code
    membership.stamp(by=actor, at=at)
    _save_membership(membership)
    if not user.is_active:
        user.is_active = True
        user.save()
    for wish in roles:
        hold_role(school=school, actor=actor, at=at, user=user, wish=wish, starts_on=today)
    forget_roles(user)
    send_invitation(school, user, actor, at)
    record(
        school=school,
        actor=actor,
        action="people.invite_person",
        at=at,
        obj=user,
        detail={"new": {"category": category, "roles": [wish.role for wish in roles]}},
        submission=submission,
    )
    return user


def _account(email: str, given_name: str, family_name: str, title: str, actor: Any) -> User:
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(email, None, given_name=given_name, family_name=family_name, title=title)
    except IntegrityError:  # somebody else invited the same address at the same moment
        return User.objects.get(email__iexact=email)


def _save_membership(membership: Membership) -> None:
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        if "staff_code" in str(error):
            raise StaffCodeTaken("Somebody else at this school has this staff code.", rule="ORG-24") from None
        raise AlreadyHere("Somebody at this school already has this address.", rule="ORG-20") from None


@operation("people.resend_invitation")
def resend_invitation(*, school: School, actor: Any, at: datetime, user: User, submission: UUID | None = None) -> User:
    """Send a new link and stop the old one. Raises `AlreadySignedUp`, `NotAtThisSchool`, `NotPermitted`."""
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    membership_at(school, user)
    if user.has_usable_password():
        raise AlreadySignedUp("This person has signed in before. They can choose a new password themselves.")
    send_invitation(school, user, actor, at)
    record(school=school, actor=actor, action="people.resend_invitation", at=at, obj=user, submission=submission)
    return user


@transaction.atomic
def accept_invitation(*, link: OneTimeLink, password: str, at: datetime) -> User:
    """Set the first password and use the link up (security row 27). Raises `LinkNotUsable`."""
    row = spend_link(link, at=at)
    if row.kind != LinkKind.INVITATION or row.user_id is None:
        raise LinkNotUsable("This link has been used or has run out. Ask for a new one.", rule="ORG-20")
    user = User.objects.select_for_update().get(pk=row.user_id)
    if not user.is_active or user.has_usable_password():
        raise LinkNotUsable("This link has been used or has run out. Ask for a new one.", rule="ORG-20")
    user.set_password(password)
    user.save()
    record(school=row.school, actor=user, action="people.accept_invitation", at=at, obj=user)
    return user


@operation("people.edit_person")
def edit_person(
    *,
    school: School,
    actor: Any,
    at: datetime,
    user: User,
    version: int,
    email: str,
    given_name: str,
    family_name: str,
    title: str,
    category: str,
    job_title: str,
    staff_code: str,
    line_manager: User | None = None,
    submission: UUID | None = None,
) -> Membership:
    """Change a person's name and their place at the school; administrator or head (ORG-08).

    The address can be put right only until the person has set a password. Raises `ChangedMeanwhile`, `AddressIsTheirs`,
    `AddressInUse`, `StaffCodeTaken`, `NotTheirManager`, `NotAtThisSchool`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    membership = locked(membership_at(school, user), version)
    account = User.objects.select_for_update().get(pk=user.pk)
    if email.lower() != account.email:
        if account.has_usable_password():
            raise AddressIsTheirs("This person changes their address on their own account page.", rule="ORG-20")
        if User.objects.filter(email__iexact=email).exclude(pk=account.pk).exists():
            raise AddressInUse("This address cannot be used. Check it.", rule="ORG-20")
    if line_manager is not None:
        elsewhere = not Membership.objects.filter(school=school, user=line_manager, left_on__isnull=True).exists()
        if line_manager.pk == user.pk or elsewhere:
            raise NotTheirManager("Choose somebody else who works at this school.", rule="NOT-23")
    names = {"email": email.lower(), "given_name": given_name, "family_name": family_name, "title": title}
    about = change(account, names)
    given = {"category": category, "job_title": job_title, "staff_code": staff_code, "line_manager": line_manager}
    place = change(membership, given)
    if about["new"]:
        attribute(account, by=actor)
        account.save()
        if "email" in about["new"]:
            send_invitation(school, account, actor, at)
    membership.stamp(by=actor, at=at)
    _save_membership(membership)
    record(
        school=school,
        actor=actor,
        action="people.edit_person",
        at=at,
        obj=membership,
        detail={"old": about["old"] | place["old"], "new": about["new"] | place["new"]},
        submission=submission,
    )
    return membership


@operation("people.end_employment")
def end_employment(
    *, school: School, actor: Any, at: datetime, user: User, submission: UUID | None = None
) -> Membership:
    """The person leaves the school now: roles end, and without another school the account and its sessions too.

    Their next request is refused (security row 31). Nothing they did is touched. Administrator or head, never
    oneself. Raises `OwnAccount`, `LastAdministrator`, `NotAtThisSchool`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    refuse_self(actor, user, "You cannot end your own employment. Ask another administrator.")
    membership = locked(membership_at(school, user))
    refuse_last_administrator(school, user, at=at)
    ended = cut_roles(school=school, actor=actor, at=at, user=user)
    withdraw_pin(school=school, user=user, actor=actor, at=at)
    membership.left_on = max(london_day(at), membership.joined_on)
    membership.stamp(by=actor, at=at)
    membership.save()
    sessions = 0
    if not works_elsewhere(user, school, at=at):
        sessions = _switch_off(user, actor)
    record(
        school=school,
        actor=actor,
        action="people.end_employment",
        at=at,
        obj=membership,
        detail={"roles": ended, "sessions": sessions},
        submission=submission,
    )
    return membership


@operation("people.deactivate_account")
def deactivate_account(
    *, school: School, actor: Any, at: datetime, user: User, reason: str, submission: UUID | None = None
) -> User:
    """Switch an account off at once, for a lost computer or a doubt; roles stay as they are.

    Raises `OwnAccount`, `SharedAccount`, `LastAdministrator`, `NotAtThisSchool`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    refuse_self(actor, user, "You cannot deactivate your own account. Ask another administrator.")
    membership_at(school, user)
    refuse_last_administrator(school, user, at=at)
    if works_elsewhere(user, school, at=at):
        raise SharedAccount(
            "This account is not the school’s alone. Sign the person out everywhere, or end their employment here.",
            rule="ORG-20",
        )
    sessions = _switch_off(user, actor)
    record(
        school=school,
        actor=actor,
        action="people.deactivate_account",
        at=at,
        obj=user,
        detail={"reason": reason, "sessions": sessions},
        submission=submission,
    )
    return user


@operation("people.reactivate_account")
def reactivate_account(*, school: School, actor: Any, at: datetime, user: User, submission: UUID | None = None) -> User:
    """Switch an account on again. Raises `NotAtThisSchool` for a leaver, who is invited anew; `NotPermitted`."""
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    membership_at(school, user)
    account = User.objects.select_for_update().get(pk=user.pk)
    account.is_active = True
    attribute(account, by=actor)
    account.save()
    record(school=school, actor=actor, action="people.reactivate_account", at=at, obj=account, submission=submission)
    return account


@transaction.atomic
def sign_out_everywhere(*, user: User, actor: Any, at: datetime, school: Any = None) -> int:
    """End every session of `user`; the next request of each is refused (security row 31). Returns how many."""
    ended, _ = Session.objects.filter(user_id=user.pk).delete()
    record(school=school, actor=actor, action="people.sign_out_everywhere", at=at, obj=user, detail={"sessions": ended})
    return int(ended)


@operation("people.sign_out_person")
def sign_out_person(*, school: School, actor: Any, at: datetime, user: User, submission: UUID | None = None) -> User:
    """End every session of somebody else. Administrator or head. Raises `NotAtThisSchool`, `NotPermitted`."""
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    membership_at(school, user)
    ended, _ = Session.objects.filter(user_id=user.pk).delete()
    record(
        school=school,
        actor=actor,
        action="people.sign_out_person",
        at=at,
        obj=user,
        detail={"sessions": ended},
        submission=submission,
    )
    return user


def membership_at(school: School, user: User) -> Membership:
    """The person's present place at the school. Raises `NotAtThisSchool`."""
    membership: Membership | None = Membership.objects.filter(school=school, user=user, left_on__isnull=True).first()
    if membership is None:
        raise NotAtThisSchool("This person does not work at the school.", rule="ORG-05")
    return membership


def works_elsewhere(user: User, school: School, *, at: datetime) -> bool:
    """Whether the person has a place or a role in any other school today."""
    today = london_day(at)
    with scopes_disabled():
        places = Membership.objects.filter(user=user, left_on__isnull=True).exclude(school=school)
        running = RoleHolding.objects.filter(user=user, cut_at__isnull=True).exclude(school=school)
        return places.exists() or running.exclude(ends_on__lt=today).exists()


def _switch_off(user: User, actor: Any) -> int:
    """Close the account and end its sessions; returns how many there were."""
    account = User.objects.select_for_update().get(pk=user.pk)
    account.is_active = False
    attribute(account, by=actor)
    account.save()
    user.is_active = False
    ended, _ = Session.objects.filter(user_id=user.pk).delete()
    return int(ended)


def refuse_self(actor: Any, user: User, sentence: str) -> None:
    """Raise `OwnAccount` with the sentence, where a person would act on their own account."""
    if actor is not None and actor.pk == user.pk:
        raise OwnAccount(sentence, rule="ORG-20")
