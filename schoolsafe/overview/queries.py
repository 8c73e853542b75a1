"""Reads that no one app owns: whose forms, who signed in how, and the record with names put to its keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.audit.queries import entries_for
from core.people.calendar import london_day
from core.people.enums import Phase
from core.people.models import FormGroup, Pupil, RoleHolding, School, User
from core.people.queries import forms_of, live_on, memberships_of, safeguarding_team
from core.people.roles import Role
from core.rules.models import RuleValue
from schoolsafe.overview.words import act_in_words

PAGE = 50


def forms_tutored_by(user: User, school: School, today: date) -> list[FormGroup]:
    """The forms a person is tutor of, by the form itself or by a role for it."""
    by_role = RoleHolding.objects.filter(
        live_on(today), school=school, user=user, role=Role.FORM_TUTOR, form__isnull=False
    )
    return list(forms_of(school).filter(Q(tutor=user) | Q(pk__in=by_role.values("form_id"))).distinct())


def without_second_step(school: School, today: date) -> list[User]:
    """Active people whose role must sign in with a second step and who have not set one up."""
    must = RoleHolding.objects.filter(live_on(today), school=school, role__in=school.mfa_roles)
    has_one = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values("user_id")
    return list(User.objects.filter(is_active=True, pk__in=must.values("user_id")).exclude(pk__in=has_one))


def named_roles(school: School, today: date) -> list[tuple[Role, str, list[User]]]:
    """Who holds the posts that governors ask about, each with its phase where it has one (ORG-02, 04, 21)."""
    wanted = [
        Role.HEADTEACHER,
        Role.HEAD_OF_SCHOOL,
        Role.DSL,
        Role.DEPUTY_DSL,
        Role.ONLINE_SAFETY_HOLDER,
        Role.FILTERING_LEAD,
        Role.SAFEGUARDING_GOVERNOR,
    ]
    held = (
        RoleHolding.objects.filter(live_on(today), school=school, role__in=wanted, user__is_active=True)
        .select_related("user")
        .order_by("phase", "user__family_name")
    )
    found: dict[tuple[Role, str], list[User]] = {}
    for holding in held:
        found.setdefault((Role(holding.role), holding.get_phase_display() if holding.phase else ""), []).append(
            holding.user
        )
    return [(role, phase, people) for role in wanted for (of, phase), people in found.items() if of == role]


def rules_last_changed(school: School, today: date) -> date | None:
    """The last day on which a rule took effect; None before any was set."""
    return (
        RuleValue.objects.filter(school=school, effective_from__lte=today)
        .order_by("-effective_from")
        .values_list("effective_from", flat=True)
        .first()
    )


def refusals_since(school: School, since: datetime) -> int:
    """How often somebody was refused, as the record has it (ORG-10)."""
    return entries_for(school, outcome=Outcome.REFUSED, first=london_day(since)).count()


@dataclass(frozen=True)
class TeamMember:
    """Somebody to tell: who, in which role, for which phase."""

    person: User
    role: Role
    phase: str


def team_by_phase(school: School) -> list[tuple[str, list[TeamMember]]]:
    """DSLs and deputies grouped by the phase they are for, those for the whole school first (ORG-02, ORG-03)."""
    groups: dict[str, list[TeamMember]] = {}
    for person, role, phase in safeguarding_team(school):
        groups.setdefault(phase, []).append(TeamMember(person, role, phase))
    order = ["", *Phase.values]
    return [
        (str(Phase(phase).label) if phase else "Whole school", groups[phase])
        for phase in sorted(groups, key=order.index)
    ]


# --- The record -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordFilter:
    """What an investigator asks for; keys only, so that it may stand in an address."""

    person: int | None = None
    act: str = ""
    outcome: str = ""
    first: date | None = None
    last: date | None = None
    object_type: str = ""
    object_id: int | None = None

    def entries(self, school: School) -> QuerySet[Entry]:
        return entries_for(
            school,
            actor_id=self.person,
            action=self.act,
            outcome=self.outcome,
            object_type=self.object_type,
            object_id=self.object_id,
            first=self.first,
            last=self.last,
        )

    def as_detail(self) -> dict[str, Any]:
        """What was asked, for the record of having looked."""
        asked = {
            "person": self.person,
            "act": self.act,
            "outcome": self.outcome,
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
            "object_type": self.object_type,
            "object_id": self.object_id,
        }
        return {key: value for key, value in asked.items() if value not in ("", None)}


@dataclass(frozen=True)
class RecordLine:
    """One entry with names put to its keys: who, did what, to what, how it ended."""

    entry: Entry
    who: str
    act: str
    what: str

    @property
    def outcome_word(self) -> str:
        return str(Outcome(self.entry.outcome).label)

    @property
    def kind(self) -> str:
        """The colour of the outcome's tag."""
        return {Outcome.REFUSED: "stop", Outcome.VIEWED: "info", Outcome.EXPORTED: "attention"}.get(
            Outcome(self.entry.outcome), "neutral"
        )

    @property
    def icon(self) -> str:
        """Instead of the colour's own, where that would say something else."""
        return {Outcome.DONE: "check", Outcome.EXPORTED: "download"}.get(Outcome(self.entry.outcome), "")


@dataclass(frozen=True)
class RecordPage:
    lines: list[RecordLine]
    before: int = 0


def record_page(school: School, asked: RecordFilter, *, before: int = 0) -> RecordPage:
    """A page of the record, newest first, by key: as quick on the last page as on the first."""
    found = asked.entries(school)
    if before:
        found = found.filter(pk__lt=before)
    entries = list(found[: PAGE + 1])
    shown = entries[:PAGE]
    return RecordPage(in_words(school, shown), before=shown[-1].pk if len(entries) > PAGE else 0)


def in_words(school: School, entries: list[Entry]) -> list[RecordLine]:
    """Entries with the names of people and pupils: two statements, however many there are."""
    names = Names.of(school, entries)
    return [RecordLine(entry, names.actor(entry), act_in_words(entry.action), names.object(entry)) for entry in entries]


@dataclass(frozen=True)
class Names:
    """The names behind the keys of some entries."""

    users: dict[int, User] = field(default_factory=dict)
    pupils: dict[int, Pupil] = field(default_factory=dict)

    @classmethod
    def of(cls, school: School, entries: list[Entry]) -> Names:
        users = {entry.actor_id for entry in entries} | {
            entry.object_id for entry in entries if entry.object_type == User._meta.label_lower
        }
        pupils = {entry.object_id for entry in entries if entry.object_type == Pupil._meta.label_lower}
        return cls(
            users=User.objects.in_bulk([key for key in users if key is not None]),
            pupils={row.pk: row for row in Pupil.objects.filter(school=school, pk__in=pupils)},
        )

    def actor(self, entry: Entry) -> str:
        if entry.actor_id is None:
            return "The system"
        person = self.users.get(entry.actor_id)
        return person.full_name if person else f"Account {entry.actor_id}"

    def object(self, entry: Entry) -> str:
        key = entry.object_id
        if key is None:
            return ""
        if entry.object_type == User._meta.label_lower and key in self.users:
            return self.users[key].full_name
        if entry.object_type == Pupil._meta.label_lower and key in self.pupils:
            return self.pupils[key].display_name
        return f"{kind_in_words(entry.object_type)} {key}"


def kind_in_words(object_type: str) -> str:
    """ "Custody record" for "devices.custodyrecord"; the key itself where the table is gone."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return object_type


@dataclass(frozen=True)
class FieldChange:
    """One field of a record before and after."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """What simple-history keeps of one save: the fields that differ from the save before it."""

    kind: str
    at: datetime
    changes: list[FieldChange]


_KINDS = {"+": "Made", "~": "Changed", "-": "Removed"}
_BESIDE = timedelta(seconds=2)  # an operation stamps its rows with its own `at`; system jobs may be a little off
_PLUMBING = frozenset(
    {"changed_at", "changed_by", "created_at", "created_by", "version", "search_text", "code", "id", "school"}
)
_LONGEST = 300


def history_at(school: School, entry: Entry) -> list[RowChange]:
    """The field-level history of the entry's object at the entry's time, oldest first (house §4.3)."""
    try:
        model: Any = apps.get_model(entry.object_type)
    except (LookupError, ValueError):
        return []
    if entry.object_id is None or not hasattr(model, "history"):
        return []
    rows = model.history.filter(
        id=entry.object_id, history_date__gte=entry.at - _BESIDE, history_date__lte=entry.at + _BESIDE
    ).order_by("history_date", "history_id")
    if any(found.name == "school" for found in model._meta.fields):
        rows = rows.filter(school_id=school.pk)
    return [_row_change(model, row) for row in rows]


def _row_change(model: Any, row: Any) -> RowChange:
    before = None if row.history_type == "+" else row.prev_record
    is_restricted = model.privacy.data_class == "restricted"
    changes = []
    for found in row._meta.model.tracked_fields:
        if found.name in _PLUMBING:
            continue
        new = getattr(row, found.attname)
        old = getattr(before, found.attname) if before is not None else None
        if before is not None and old == new:
            continue
        if before is None and new in ("", None, [], {}):
            continue
        label = capfirst(str(found.verbose_name))
        if is_restricted:
            changes.append(FieldChange(label, "", "Not shown here"))
        else:
            changes.append(FieldChange(label, _said(found, old), _said(found, new)))
    return RowChange(_KINDS.get(row.history_type, row.history_type), row.history_date, changes)


def _said(found: Any, value: Any) -> str:
    if value in ("", None, [], {}):
        return ""
    if found.is_relation:
        of = found.related_model._base_manager.filter(pk=value).first()
        return str(of) if of is not None else str(value)
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)[:_LONGEST]


def people_on_record(school: School) -> list[User]:
    """Everyone who ever had a place at the school, for the filter."""
    return sorted(
        {membership.user for membership in memberships_of(school)}, key=lambda user: (user.family_name, user.given_name)
    )


def detail_in_words(detail: dict[str, Any]) -> list[FieldChange]:
    """An entry's own detail as lines: old and new values side by side, anything else alone."""
    old, new = detail.get("old"), detail.get("new")
    lines: list[FieldChange] = []
    if isinstance(old, dict) or isinstance(new, dict):
        before, after = (old if isinstance(old, dict) else {}), (new if isinstance(new, dict) else {})
        keys = dict.fromkeys([*before, *after])
        lines += [FieldChange(_label(key), _plain(before.get(key)), _plain(after.get(key))) for key in keys]
    elif "old" in detail or "new" in detail:
        lines.append(FieldChange("Value", _plain(old), _plain(new)))
    lines += [FieldChange(_label(key), "", _plain(value)) for key, value in detail.items() if key not in ("old", "new")]
    return lines


def detail_columns(detail: dict[str, Any]) -> tuple[str, str, str]:
    """An entry's detail as three cells: old, new, the rest."""
    rest = "; ".join(f"{_label(key)}: {_plain(value)}" for key, value in detail.items() if key not in ("old", "new"))
    return _plain(detail.get("old")), _plain(detail.get("new")), rest


def _label(key: str) -> str:
    return capfirst(key.replace("_", " "))


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return "; ".join(f"{_label(str(key))}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)
