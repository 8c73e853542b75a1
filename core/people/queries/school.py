"""Reads about schools, accounts, roles, pupils and contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django_scopes import scopes_disabled

from core.kit.rows import SideBySide
from core.people.enums import Phase
from core.people.models import Contact, FormGroup, Membership, OutsideBody, Placement, Pupil, RoleHolding, School, User
from core.people.roles import DSL_ROLES, STAFF_ROLES, Role


def live_on(today: date) -> Q:
    """The filter for roles in force on a day: one that was cut short stops on its last day, at that moment."""
    running = Q(ends_on__isnull=True) | Q(ends_on__gt=today) | Q(ends_on=today, cut_at__isnull=True)
    return Q(starts_on__lte=today) & running


def holdings_of(user: Any) -> list[RoleHolding]:
    """The live role holdings of a person in every school, with the schools: one statement, cached on the user."""
    cached: list[RoleHolding] | None = getattr(user, "_holdings", None)
    if cached is None:
        with scopes_disabled():
            cached = list(RoleHolding.objects.filter(live_on(timezone.localdate()), user=user).select_related("school"))
        user._holdings = cached
    return cached


def load_holdings(users: Iterable[User]) -> None:
    """Read the role holdings of many people at once, so that `holdings_of` asks for none of them: one statement."""
    wanted = {user.pk: user for user in users}
    found: dict[int, list[RoleHolding]] = {key: [] for key in wanted}
    with scopes_disabled():
        rows = RoleHolding.objects.filter(live_on(timezone.localdate()), user__in=found).select_related("school")
        for holding in rows:
            found[holding.user_id].append(holding)
    for key, holdings in found.items():
        wanted[key]._holdings = holdings  # type: ignore[attr-defined]


_HELD = SideBySide(("h", RoleHolding, ""), ("s", School, ""), ("u", User, ""))
# The same as `live_on`, by hand because every request reads it (see core.kit.rows).
_HELD_SQL = f"""
SELECT {_HELD.columns}
FROM {RoleHolding._meta.db_table} h
JOIN {School._meta.db_table} s ON s.id = h.school_id
JOIN {User._meta.db_table} u ON u.id = h.user_id
WHERE h.user_id = %s AND h.starts_on <= %s
AND (h.ends_on IS NULL OR h.ends_on > %s OR (h.ends_on = %s AND h.cut_at IS NULL))
ORDER BY h.id"""  # noqa: S608


def holdings_with_user(user_id: int) -> User | None:
    """The account with its live roles and their schools, in one statement; None for somebody who holds no role."""
    today = timezone.localdate()
    held: list[RoleHolding] = []
    for (holding, school, user), _nothing in _HELD.read(_HELD_SQL, [user_id, today, today, today]):
        holding.school, holding.user = school, held[0].user if held else user
        held.append(holding)
    if not held:
        return None
    person: Any = held[0].user
    person._holdings = held
    return person


def forget_roles(user: Any) -> None:
    """Drop what is remembered of a person's roles in this request, after an operation changed them."""
    for name in ("_holdings", "_permissions"):
        if hasattr(user, name):  # the person of a request is a proxy, whose own __dict__ holds nothing
            delattr(user, name)


def schools_of(user: Any) -> list[School]:
    """The schools in which the person holds a role today, by name."""
    return sorted({holding.school for holding in holdings_of(user)}, key=lambda school: school.name)


def school_for(user: Any, slug: str) -> School | None:
    """The school of that slug if the person holds a role in it, else None: strangers learn nothing."""
    return next((holding.school for holding in holdings_of(user) if holding.school.slug == slug), None)


def roles_in(user: Any, school: School) -> frozenset[Role]:
    """The roles a person holds in a school today."""
    return frozenset(Role(holding.role) for holding in holdings_of(user) if holding.school_id == school.pk)


def holders_of(school: School, *roles: Role, phase: str = "", on: date | None = None) -> QuerySet[User]:
    """The active people who hold one of `roles`; with a phase, those scoped to it or to none."""
    today = on or timezone.localdate()
    held = RoleHolding.objects.filter(live_on(today), school=school, role__in=roles)
    if phase:
        held = held.filter(Q(phase=phase) | Q(phase=""))
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("family_name", "given_name")


def dsls_for(school: School, phase: str = "") -> list[User]:
    """The DSLs of a pupil's phase; all DSLs when none is tied to it (ORG-02)."""
    today = timezone.localdate()
    held = RoleHolding.objects.filter(live_on(today), school=school, role=Role.DSL, user__is_active=True)
    if phase:
        of_phase = list(held.filter(phase=phase).select_related("user"))
        if of_phase:
            return list(dict.fromkeys(holding.user for holding in of_phase))
    return list(dict.fromkeys(holding.user for holding in held.select_related("user")))


def deputies_for(school: School) -> list[User]:
    """The deputy DSLs, who may do whatever a DSL may (ORG-03)."""
    return list(holders_of(school, Role.DEPUTY_DSL))


def safeguarding_team(school: School) -> list[tuple[User, Role, str]]:
    """DSLs and deputies with role and phase, DSLs first: "tell a DSL now" lists them."""
    held = RoleHolding.objects.filter(
        live_on(timezone.localdate()), school=school, role__in=DSL_ROLES, user__is_active=True
    ).select_related("user")
    rows = [(holding.user, Role(holding.role), holding.phase) for holding in held]
    return sorted(rows, key=lambda row: (row[1] != Role.DSL, row[2], row[0].family_name))


def staff_of(school: School) -> list[User]:
    """Everybody who works at the school today: who is told of a change of rules."""
    return list(holders_of(school, *STAFF_ROLES))


def accounts_proposed(school: School, contacts: Iterable[Contact]) -> dict[int, User]:
    """For contacts without an account, the member of staff whose email is the same, by the contact's key. A person
    decides whether they are one and the same."""
    asked = {one.email.casefold(): one.pk for one in contacts if one.email and one.account_id is None}
    if not asked:
        return {}
    staff = holders_of(school, *STAFF_ROLES).annotate(plain=Lower("email")).filter(plain__in=list(asked))
    return {asked[user.email.casefold()]: user for user in staff if user.email.casefold() in asked}


def role_gaps(school: School) -> list[str]:
    """Posts that must be held and are not, as sentences (ORG-02, ORG-21)."""
    held = set(
        RoleHolding.objects.filter(live_on(timezone.localdate()), school=school, user__is_active=True)
        .values_list("role", flat=True)
        .distinct()
    )
    wanted = [
        (Role.DSL, "No designated safeguarding lead is named."),
        (Role.HEADTEACHER, "No headteacher is named."),
        (Role.ONLINE_SAFETY_HOLDER, "Nobody is named as holding overall responsibility for online safety."),
        (Role.OFFICE, "No office staff are named."),
    ]
    return [sentence for role, sentence in wanted if role.value not in held]


def pupils_on_roll(school: School, on: date | None = None) -> QuerySet[Pupil]:
    """Pupils on roll on a day (today by default), with their form."""
    today = on or timezone.localdate()
    found: QuerySet[Pupil] = (
        Pupil.objects.filter(school=school)
        .filter(Q(left_on__isnull=True) | Q(left_on__gte=today))
        .filter(Q(joined_on__isnull=True) | Q(joined_on__lte=today))
        .select_related("form")
    )
    return found


def all_pupils(school: School) -> QuerySet[Pupil]:
    """Everybody ever on roll, for records that outlive a pupil's time at the school."""
    return Pupil.objects.filter(school=school).select_related("form")


def forms_of(school: School) -> QuerySet[FormGroup]:
    """The forms in use, youngest first."""
    return FormGroup.objects.filter(school=school, closed_on__isnull=True).select_related("tutor")


def tutors_of_forms(school: School, on: date) -> dict[int, list[User]]:
    """The active tutors of each form in use, by the form itself or by a role for it, in two statements."""
    found: dict[int, dict[int, User]] = {}
    for form in forms_of(school).filter(tutor__is_active=True):
        if form.tutor is not None:
            found.setdefault(form.pk, {})[form.tutor.pk] = form.tutor
    held = RoleHolding.objects.filter(
        live_on(on), school=school, role=Role.FORM_TUTOR, form__closed_on__isnull=True, user__is_active=True
    )
    for holding in held.exclude(form=None).select_related("user").order_by("user__family_name", "user__given_name"):
        found.setdefault(holding.form_id, {})[holding.user_id] = holding.user
    return {form_id: list(people.values()) for form_id, people in found.items()}


def contacts_to_tell(school: School, pupil_ids: Collection[int]) -> dict[int, list[Contact]]:
    """The adults who may be told of each of these pupils, in order of priority; those barred are left out (ORG-13)."""
    found: dict[int, list[Contact]] = {}
    live = Contact.objects.filter(school=school, pupil__in=pupil_ids, ended_on__isnull=True, do_not_inform=False)
    for contact in live.order_by("pupil", "priority", "id"):
        found.setdefault(contact.pupil_id, []).append(contact)
    return found


def contacts_of(pupil: Pupil) -> QuerySet[Contact]:
    """A pupil's contacts in order of priority."""
    return Contact.objects.filter(pupil=pupil, ended_on__isnull=True)


def placements_of(pupil: Pupil) -> QuerySet[Placement]:
    """A pupil's placements, newest first."""
    return Placement.objects.filter(pupil=pupil)


def memberships_of(school: School) -> QuerySet[Membership]:
    """Everyone with a place at the school, present people first."""
    return (
        Membership.objects.filter(school=school)
        .select_related("user")
        .order_by("left_on", "user__family_name", "user__given_name")
    )


def bodies_of(school: School, kind: str = "") -> QuerySet[OutsideBody]:
    """The directory of outside bodies in use, optionally of one kind (ORG-14)."""
    found: QuerySet[OutsideBody] = OutsideBody.objects.filter(school=school, ended_on__isnull=True)
    return found.filter(kind=kind) if kind else found


def phases_of(school: School) -> list[Phase]:
    """The phases the school has, in order of age."""
    return [phase for phase in Phase if phase.value in school.phases]


def all_schools() -> list[School]:
    """Every school of the installation, for periodic tasks."""
    return list(School.objects.order_by("pk"))


def school_now(school: School) -> School:
    """The school's row as it stands at this moment."""
    return School.objects.get(pk=school.pk)


def school_called(slug: str) -> School | None:
    """The school of that slug, whoever asks: for the record of refusals and for commands, never for a page."""
    return School.objects.filter(slug=slug).first()
