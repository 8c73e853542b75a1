"""Staff: accounts and places at the school, forms they tutor, and the roles that their job titles suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.kit.text import fold
from core.people.enums import Category
from core.people.roles import Role
from core.roll.checking import Checked, CheckedRow, Values
from core.roll.comparing.forms import Forms
from core.roll.comparing.now import HoldingNow, MemberNow, RollNow, UserNow
from core.roll.comparing.plan import Keys, Plan, Planned, differences
from core.roll.enums import Action, Entity, FileKind
from core.roll.reading import Problem, Severity
from core.roll.values import roles_for_job

_STAFF = FileKind.STAFF
_LEADERS = frozenset(
    {Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.REGIONAL_DIRECTOR, Role.GROUP_SAFEGUARDING_HEAD}
)
_GOVERNORS = frozenset({Role.GOVERNOR, Role.SAFEGUARDING_GOVERNOR, Role.CHAIR})
_TEACHERS = frozenset(
    {Role.TEACHER, Role.FORM_TUTOR, Role.DSL, Role.DEPUTY_DSL, Role.COMPUTING_LEAD, Role.RSHE_LEAD,
     Role.ONLINE_SAFETY_COORDINATOR}
)  # fmt: skip
# The import never makes an administrator: that takes the accounts page.
ROLES_BY_IMPORT = tuple(role for role in Role if role != Role.ADMINISTRATOR)


def category_for(roles: Sequence[Role]) -> Category:
    """The community category that goes with the roles (ORG-08); support staff where they say nothing."""
    for members, category in (
        (_GOVERNORS, Category.GOVERNOR),
        (_LEADERS, Category.LEADER),
        (_TEACHERS, Category.TEACHER),
    ):
        if members & set(roles):
            return category
    return Category.SUPPORT


class _People:
    """Accounts and places while the plan is made."""

    def __init__(self, now: RollNow) -> None:
        self.users = {user.id: user for user in now.users}
        self.by_email = {user.email.casefold(): user for user in now.users}
        self.by_code = {member.staff_code.casefold(): member for member in now.members if member.staff_code}
        self.by_user = {member.user_id: member for member in now.members}
        self.holds = {(holding.user_id, holding.role, holding.form_id) for holding in now.holdings}

    def find(self, values: Values) -> tuple[UserNow | None, MemberNow | None, str]:
        """The account and the place that a row means, or why that cannot be said."""
        by_email = self.by_email.get(values["email"])
        code = str(values.get("staff_code") or "").casefold()
        by_code = self.by_code.get(code) if code else None
        if by_code is not None and by_email is not None and by_code.user_id != by_email.id:
            return None, None, "The staff code belongs to one person and the email address to another."
        if by_code is not None and by_email is None:
            user = self.users[by_code.user_id]
            if fold(user.family_name) != fold(values["family_name"]) and fold(user.given_name) != fold(
                values["given_name"]
            ):
                return None, None, "The staff code belongs to somebody with another name and address."
            return user, by_code, ""
        if by_email is not None:
            return by_email, self.by_user.get(by_email.id), ""
        return None, None, ""


def plan_staff(
    plan: Plan,
    now: RollNow,
    keys: Keys,
    forms: Forms,
    checked: Checked,
    choices: Mapping[str, Sequence[str]],
    actor_id: int | None,
) -> None:
    """Plan accounts, places, tutors and roles; whoever is not in the list is proposed as a leaver."""
    people = _People(now)
    jobs: dict[str, dict[str, object]] = {}
    seen: dict[int, int] = {}
    tutors: dict[int, list[int]] = {}
    for row in checked.rows:
        user, member, trouble = people.find(row.values)
        if user is not None and user.id in seen:
            trouble = f"This row and row {seen[user.id]} both mean the same person."
        if trouble:
            plan.problem(_STAFF, Problem(row.number, "", row.values["email"], trouble))
            checked.refused.setdefault(row.values["email"], row.number)
            continue
        title = row.values.get("job_title", "")
        roles = _roles(title, choices)
        key = _account(plan, keys, row, user, now.elsewhere)
        seen[key] = row.number
        fresh = _place(plan, keys, row, key, member, roles)
        if title and fresh:
            job = jobs.setdefault(title, {"title": title, "count": 0, "roles": [role.value for role in roles]})
            job["count"] = int(str(job["count"])) + 1
        if fresh:
            for role in roles:
                _role(plan, keys, people, row, key, role, None)
        if row.values.get("form"):
            form = forms.for_tutor(row.values["form"], row.number, "")
            if form is not None:
                tutors.setdefault(form, []).append(key)
                _role(plan, keys, people, row, key, Role.FORM_TUTOR, form)
    _tutors(plan, now, forms, tutors, seen)
    _leavers(plan, now, checked, people, seen, actor_id)
    plan.summary["jobs"] = sorted(jobs.values(), key=lambda job: str(job["title"]).casefold())


def _roles(title: str, choices: Mapping[str, Sequence[str]]) -> tuple[Role, ...]:
    if title in choices:
        return tuple(dict.fromkeys(Role(role) for role in choices[title] if role in ROLES_BY_IMPORT))
    return roles_for_job(title) if title else ()


def _account(plan: Plan, keys: Keys, row: CheckedRow, user: UserNow | None, elsewhere: set[int]) -> int:
    values = row.values
    wanted: Values = {name: values[name] for name in ("given_name", "family_name", "title") if name in values}
    label = f"{values['given_name']} {values['family_name']}"
    if user is None:
        key = keys.take(Entity.USER)
        plan.changes.append(
            Planned(
                Entity.USER, Action.ADD, _STAFF, key, {**wanted, "email": values["email"]}, row=row.number,
                belongs_to=key, label=label,
            )
        )  # fmt: skip
        return key
    if user.email.casefold() != values["email"]:
        _note(
            plan, row, f"The account's address is {user.email}. Change it on the person's page if it should be another."
        )
    if not user.is_active:
        _note(plan, row, "This person's account is switched off, and stays so.")
    if user.id in elsewhere:
        return user.id  # a person who also works at another school is not renamed by this one
    if not wanted.get("title"):
        wanted.pop("title", None)
    old, new = differences(user, wanted)
    if new:
        plan.changes.append(Planned(Entity.USER, Action.CHANGE, _STAFF, user.id, new, old, row.number, user.id, label))
    return user.id


def _note(plan: Plan, row: CheckedRow, sentence: str) -> None:
    plan.problem(_STAFF, Problem(row.number, "", row.values["email"], sentence, Severity.CHECK))


def _place(
    plan: Plan, keys: Keys, row: CheckedRow, user_id: int, member: MemberNow | None, roles: Sequence[Role]
) -> bool:
    """Plan the person's place at the school. Whether roles go with it: they are new, came back, or changed jobs."""
    values = row.values
    label = f"{values['given_name']} {values['family_name']}"
    wanted: Values = {name: values[name] for name in ("staff_code", "job_title") if name in values}
    if member is None:
        plan.changes.append(
            Planned(
                Entity.MEMBERSHIP, Action.ADD, _STAFF, keys.take(Entity.MEMBERSHIP),
                {**wanted, "user_id": user_id, "category": category_for(roles).value, "joined_on": plan.effective_on},
                row=row.number, belongs_to=user_id, label=label,
            )
        )  # fmt: skip
        plan.count(_STAFF, "add")
        return True
    wanted = {name: value for name, value in wanted.items() if value}
    came_back = member.left_on is not None and member.left_on <= plan.effective_on
    if came_back:
        wanted["left_on"] = None
    old, new = differences(member, wanted)
    renamed = bool(plan.changes) and plan.changes[-1].entity == Entity.USER and plan.changes[-1].row == row.number
    plan.count(_STAFF, "change" if new or renamed else "same")
    if new:
        plan.changes.append(
            Planned(
                Entity.MEMBERSHIP, Action.CHANGE, _STAFF, member.id, new, old, row.number, user_id, label,
                expected_version=member.version,
            )
        )  # fmt: skip
    return came_back or "job_title" in new


def _role(plan: Plan, keys: Keys, people: _People, row: CheckedRow, user_id: int, role: Role, form: int | None) -> None:
    if (user_id, role.value, form) in people.holds:
        return
    people.holds.add((user_id, role.value, form))
    plan.changes.append(
        Planned(
            Entity.ROLE, Action.ADD, _STAFF, keys.take(Entity.ROLE),
            {"user_id": user_id, "role": role.value, "form_id": form, "starts_on": plan.effective_on},
            row=row.number, belongs_to=user_id, label=f"{row.values['given_name']} {row.values['family_name']}",
        )
    )  # fmt: skip


def _tutors(plan: Plan, now: RollNow, forms: Forms, tutors: dict[int, list[int]], seen: dict[int, int]) -> None:
    """The first person listed becomes the form's tutor; who tutored it and is in the list elsewhere no longer does."""
    for form, people in tutors.items():
        current = forms.by_id[form].tutor_id if form in forms.by_id else None
        plan.tutors[form] = current if current in people else people[0]
    for holding in now.holdings:
        if holding.role != Role.FORM_TUTOR or holding.form_id not in tutors or holding.user_id not in seen:
            continue
        if holding.user_id not in tutors[holding.form_id]:
            ended = _ending(plan, holding, forms.name(holding.form_id))
            ended.row = seen[holding.user_id]
            plan.changes.append(ended)


def _ending(plan: Plan, holding: HoldingNow, label: str) -> Planned:
    return Planned(
        Entity.ROLE, Action.CLOSE, _STAFF, holding.id, {"ends_on": plan.effective_on}, {"ends_on": None},
        belongs_to=holding.user_id, label=label, expected_version=holding.version,
    )  # fmt: skip


def _leavers(
    plan: Plan, now: RollNow, checked: Checked, people: _People, seen: dict[int, int], actor_id: int | None
) -> None:
    if not checked.rows:
        return
    ended = {
        change.target_id for change in plan.changes if change.entity == Entity.ROLE and change.action == Action.CLOSE
    }
    for member in now.members:
        user = people.users[member.user_id]
        if member.left_on is not None or member.user_id in seen or member.user_id == actor_id:
            continue
        if user.email.casefold() in checked.refused:
            continue
        plan.count(_STAFF, "left")
        plan.changes.append(
            Planned(
                Entity.MEMBERSHIP, Action.CLOSE, _STAFF, member.id, {"left_on": plan.effective_on}, {"left_on": None},
                belongs_to=member.user_id, label=f"{user.given_name} {user.family_name}",
                expected_version=member.version, is_chosen=False,
            )
        )  # fmt: skip
        for holding in now.holdings:
            if holding.user_id == member.user_id and holding.id not in ended:
                ended_role = _ending(plan, holding, f"{user.given_name} {user.family_name}")
                ended_role.is_chosen = False
                plan.changes.append(ended_role)
