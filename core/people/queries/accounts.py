"""Reads about staff: who is here, what they hold, how they get in, who holds which post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.kit.text import fold
from core.people.enums import LinkKind, Phase
from core.people.models import FactorReset, Membership, OneTimeLink, RoleHolding, School, User
from core.people.queries.school import live_on, phases_of
from core.people.roles import Role

RESET_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class StaffRow:
    """One line of the staff list."""

    membership: Membership
    roles: list[RoleHolding] = field(default_factory=list)
    second_step: bool = False

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def state(self) -> str:
        """here, invited, off or left."""
        if self.membership.left_on is not None:
            return "left"
        if not self.user.is_active:
            return "off"
        return "here" if self.user.has_usable_password() else "invited"


def staff_list(school: School, *, today: date, role: str = "", state: str = "here", text: str = "") -> list[StaffRow]:
    """Everyone with a place at the school by surname, narrowed by role, by state and by the beginnings of names.

    `state` "here" is everybody who has not left; "left", "off" and "invited" as `StaffRow.state` says. Two statements,
    however many people.
    """
    places = (
        Membership.objects.filter(school=school)
        .select_related("user")
        .annotate(second_step=Exists(Authenticator.objects.filter(user_id=OuterRef("user_id"))))
        .order_by("user__family_name", "user__given_name", "pk")
    )
    places = places.filter(left_on__isnull=state != "left")
    held: dict[int, list[RoleHolding]] = defaultdict(list)
    for holding in (
        RoleHolding.objects.filter(live_on(today), school=school).select_related("form").order_by("role", "phase")
    ):
        held[holding.user_id].append(holding)
    words = fold(text).split()
    rows = []
    for place in places:
        row = StaffRow(place, held[place.user_id], place.second_step)
        if role and role not in {holding.role for holding in row.roles}:
            continue
        if state in {"off", "invited"} and row.state != state:
            continue
        names = f" {fold(place.user.full_name)} {fold(place.job_title)} {fold(place.staff_code)}"
        if all(f" {word}" in names for word in words):
            rows.append(row)
    return rows


def people_at(school: School) -> QuerySet[User]:
    """Everybody who has or had a place at the school."""
    return User.objects.filter(pk__in=Membership.objects.filter(school=school).values("user_id"))


def account_of(email: str) -> User | None:
    """The account of an address, in any school; for the command line."""
    return User.objects.filter(email__iexact=email).first()


def place_of(school: School, user: User) -> Membership:
    """The person's place at the school, present or past."""
    place: Membership = Membership.objects.select_related("user", "line_manager").get(school=school, user=user)
    return place


def line_managers_of(school: School, people: Iterable[User], on: date) -> dict[int, User]:
    """Who manages each of these people, by their key, as far as it is known and the manager still works here; two
    statements."""
    places = Membership.objects.filter(school=school, user__in=[one.pk for one in people], line_manager__isnull=False)
    here = Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=on), school=school, user=OuterRef("line_manager"), user__is_active=True
    )
    found = places.filter(Exists(here)).select_related("line_manager")
    return {place.user_id: place.line_manager for place in found if place.line_manager is not None}


def managed_by(user: User, school: School) -> set[int]:
    """The keys of the people here whom somebody manages."""
    found = Membership.objects.filter(school=school, line_manager=user, left_on__isnull=True)
    return set(found.values_list("user_id", flat=True))


def holdings_at(school: School, user: User | None = None) -> QuerySet[RoleHolding]:
    """The roles held in a school, by one person or by all, newest first."""
    found: QuerySet[RoleHolding] = (
        RoleHolding.objects.filter(school=school).select_related("form", "user").order_by("-starts_on", "-pk")
    )
    return found.filter(user=user) if user is not None else found


def has_second_step(user: User) -> bool:
    """Whether the account asks for a code or a passkey."""
    return Authenticator.objects.filter(user=user).exists()


def open_reset(school: School, user: User, at: datetime) -> FactorReset | None:
    """The request to take off a lost second step that still waits for its second person."""
    found: FactorReset | None = open_resets(school, at).filter(user=user).select_related("asked_by").first()
    return found


def open_resets(school: School, at: datetime) -> QuerySet[FactorReset]:
    """Every such request of the school that has not run out."""
    found: QuerySet[FactorReset] = FactorReset.objects.filter(
        school=school, confirmed_at__isnull=True, withdrawn_at__isnull=True, asked_at__gt=at - RESET_LIFETIME
    )
    return found


def last_invitation(school: School, user: User) -> OneTimeLink | None:
    """The newest invitation of a person to the school."""
    return OneTimeLink.objects.filter(kind=LinkKind.INVITATION, school=school, user=user).order_by("-pk").first()


def link_of(kind: LinkKind, digest: str, at: datetime) -> OneTimeLink | None:
    """The link whose token has this digest, if it can still be used."""
    link = OneTimeLink.objects.filter(kind=kind, token_hash=digest).select_related("user", "school").first()
    return link if link is not None and link.is_open(at) else None


def is_set_up() -> bool:
    """Whether the installation has a school with somebody to run it."""
    return School.objects.exists()


@dataclass(frozen=True)
class Post:
    """One post of the school and who holds it; `gap` says what is missing where nobody does and somebody must."""

    label: str
    holders: list[RoleHolding]
    gap: str = ""


_POSTS: tuple[tuple[Role, str], ...] = (
    (Role.HEADTEACHER, "No headteacher is named."),
    (Role.HEAD_OF_SCHOOL, ""),
    (Role.DEPUTY_DSL, ""),
    (Role.ONLINE_SAFETY_HOLDER, "Nobody is named as holding overall responsibility for online safety."),
    (Role.ONLINE_SAFETY_COORDINATOR, ""),
    (Role.FILTERING_LEAD, ""),
    (Role.SAFEGUARDING_GOVERNOR, ""),
    (Role.CHAIR, ""),
    (Role.DATA_PROTECTION_LEAD, ""),
    (Role.EXAMS_OFFICER, ""),
    (Role.COMPUTING_LEAD, ""),
    (Role.RSHE_LEAD, ""),
    (Role.SYSTEMS_MANAGER, ""),
    (Role.IT_CONTACT, ""),
    (Role.GROUP_SAFEGUARDING_HEAD, ""),
    (Role.REGIONAL_DIRECTOR, ""),
    (Role.OFFICE, "No office staff are named."),
    (Role.ADMINISTRATOR, "Nobody can run the accounts."),
)


def posts_of(school: School, today: date) -> list[Post]:
    """Who holds what: the DSL of each phase first, then the other posts; a post that must be held shows its gap.

    ORG-02, ORG-03, ORG-04, ORG-06, ORG-21. One statement.
    """
    held: dict[str, list[RoleHolding]] = defaultdict(list)
    rows = (
        RoleHolding.objects.filter(live_on(today), school=school, user__is_active=True)
        .filter(Q(role__in=[role for role, _ in _POSTS]) | Q(role=Role.DSL))
        .select_related("user")
        .order_by("user__family_name", "user__given_name")
    )
    for holding in rows:
        held[holding.role].append(holding)
    return [
        *_dsl_posts(phases_of(school), held[Role.DSL]),
        *(Post(role.label, held[role], gap if not held[role] else "") for role, gap in _POSTS),
    ]


def _dsl_posts(phases: list[Phase], dsls: list[RoleHolding]) -> list[Post]:
    whole = [holding for holding in dsls if not holding.phase]
    if not any(holding.phase for holding in dsls):
        return [Post(Role.DSL.label, whole, "" if whole else "No designated safeguarding lead is named.")]
    return [
        Post(
            f"{Role.DSL.label}, {phase.label.lower()}",
            found := [holding for holding in dsls if holding.phase in ("", phase.value)],
            "" if found else f"No designated safeguarding lead is named for {phase.label.lower()}.",
        )
        for phase in phases
    ]
