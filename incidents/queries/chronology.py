"""One pupil across everything that is on record: what a reader may not see is neither listed nor counted (W6, SG-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast, Coalesce

from core.people.models import Contact, Pupil, School, User
from core.people.queries import all_pupils, holders_of
from core.people.roles import ROLE_PERMISSIONS, Permission
from devices.enums import EventKind
from devices.models import Confiscation, CustodyEvent, ParentNotice
from devices.queries.searches import searches_visible_to
from devices.queries.taken import notices_visible_to
from incidents.access import ABOUT_STAFF
from incidents.enums import CaseEventKind, PaperKind
from incidents.models import (
    CaseDocument,
    Incident,
    IncidentEvent,
    IncidentNote,
    IncidentPerson,
    ParentContact,
    Referral,
    Sanction,
    SupportPlan,
    ThresholdAssessment,
)
from incidents.queries.cases import cases_visible_to


class EntryKind(TextChoices):
    """What a reader may ask to see; hand-ins of every school day stand there only when asked for."""

    RECORD = "record", "Records"
    NOTE = "note", "Notes"
    CONTACT = "contact", "Parents and carers"
    DECISION = "decision", "Decisions"
    LEVEL = "level", "Levels of need"
    TAKEN = "taken", "Devices taken"
    SEARCH = "search", "Searches"
    HAND_IN = "hand_in", "Handed in and given back"


USUAL = frozenset(EntryKind) - {EntryKind.HAND_IN}
_DECIDED = (
    CaseEventKind.DECIDED,
    CaseEventKind.SENT_OUTSIDE,
    CaseEventKind.ANSWERED,
    CaseEventKind.INVESTIGATED,
    CaseEventKind.CLOSED,
    CaseEventKind.REOPENED,
    CaseEventKind.MERGED,
)
_LISTED = ("pk", "source", "moment", "author", "words", "record")
_TEXT: CharField[str, str] = CharField()


@dataclass(frozen=True)
class Entry:
    """One thing that happened: `source` names its table, `words` is its plain key, `row` holds what was written."""

    pk: int
    source: str
    at: datetime
    by: User | None
    words: str
    case: Incident | None
    row: Any = None


@dataclass(frozen=True)
class Chronology:
    """A page of entries, and how many there are for this reader."""

    entries: list[Entry]
    total: int


def pupils_for_chronology(user: User, school: School) -> QuerySet[Pupil]:
    """The pupils whose chronology somebody may open: nobody reads their own child's (security 5.2)."""
    own = Contact.objects.filter(pupil=OuterRef("pk"), account=user, ended_on__isnull=True)
    found: QuerySet[Pupil] = all_pupils(school).filter(~Exists(own)).select_related("form")
    return found


def readers_of_chronology(pupil: Pupil, on: date) -> list[User]:
    """Whoever may open this pupil's chronology; some entries are for fewer of them."""
    roles = [role for role, granted in ROLE_PERMISSIONS.items() if Permission.VIEW_CHRONOLOGY in granted]
    parents = Contact.objects.filter(pupil=pupil, account__isnull=False, ended_on__isnull=True)
    found = holders_of(pupil.school, *roles, on=on)
    return list(found.exclude(pk__in=parents.values("account_id")))


def chronology_of(
    pupil: Pupil,
    reader: User,
    on: date,
    *,
    kinds: frozenset[EntryKind] = USUAL,
    oldest_first: bool = False,
    first: int = 0,
    last: int | None = None,
) -> Chronology:
    """Entries `first` to `last` of what the reader may see of a pupil, in order of when they happened.

    The same number of statements however much there is: the order is made of keys and moments, and only what is shown
    is unsealed.
    """
    visible = _cases_of(pupil, reader, on)
    cases = {
        case.pk: case
        for case in visible.only("reference", "state", "type", "route", "title", "time_is_known", "school_id")
    }
    found = _keys(pupil, reader, list(cases), kinds)
    found.sort(key=lambda keys: (keys[2], keys[0]), reverse=not oldest_first)
    shown = found[first:last]
    rows = _rows(shown)
    people = User.objects.in_bulk({keys[3] for keys in shown if keys[3]})
    return Chronology(
        entries=[
            Entry(
                pk=key, source=source, at=moment, by=people.get(author), words=words, case=cases.get(record),
                row=rows.get((source, key)),
            )
            for key, source, moment, author, words, record in shown
        ],
        total=len(found),
    )  # fmt: skip


def _cases_of(pupil: Pupil, reader: User, on: date) -> QuerySet[Incident]:
    there = IncidentPerson.objects.filter(incident=OuterRef("pk"), pupil=pupil, removed_at__isnull=True)
    return cases_visible_to(reader, pupil.school, on).filter(Exists(there))


def cases_in_chronology(pupil: Pupil, reader: User, on: date) -> list[int]:
    """The keys of the records that are in a pupil's chronology on paper: what is about staff is in none (SG-7)."""
    kept = _cases_of(pupil, reader, on).exclude(route__in=ABOUT_STAFF)
    return list(kept.order_by("pk").values_list("pk", flat=True))


def _source(rows: QuerySet[Any], name: str, *, at: Any, by: str, words: Any, record: str = "") -> QuerySet[Any]:
    """The keys of one table in the columns that all share."""
    return rows.order_by().annotate(
        source=Value(name, output_field=_TEXT),
        moment=at if isinstance(at, Coalesce) else F(at),
        author=F(by),
        words=Value(words, output_field=_TEXT) if words == "" else Cast(words, _TEXT),
        record=F(record) if record else Value(None, output_field=Incident._meta.pk.__class__()),
    ).values_list(*_LISTED)  # fmt: skip


def _keys(pupil: Pupil, reader: User, cases: list[int], kinds: frozenset[EntryKind]) -> list[tuple[Any, ...]]:
    """Key, source, moment, author, plain words and record of everything, in one statement."""
    of = {"incident_id__in": cases}
    parts: dict[EntryKind, list[QuerySet[Any]]] = {
        EntryKind.RECORD: [
            _source(Incident.objects.filter(pk__in=cases), "incident", at="happened_at", by="reporter_id",
                    words="type", record="pk")
        ],
        EntryKind.NOTE: [
            _source(IncidentNote.objects.filter(**of), "note", at=Coalesce("about_at", "at"), by="by_id",
                    words="kind", record="incident_id")
        ],
        EntryKind.CONTACT: [
            _source(ParentContact.objects.filter(**of, pupil=pupil), "contact", at=Coalesce("told_at", "at"),
                    by="by_id", words="decision", record="incident_id"),
            _source(_told(pupil, reader), "notice", at=Coalesce("told_at", "withheld_at"), by="told_by_id",
                    words="about"),
        ],
        EntryKind.DECISION: [
            _source(IncidentEvent.objects.filter(**of, kind__in=_DECIDED), "event", at="at", by="by_id", words="kind",
                    record="incident_id"),
            _source(Sanction.objects.filter(**of, pupil=pupil), "sanction", at="decided_at", by="decided_by_id",
                    words="kind", record="incident_id"),
            _source(SupportPlan.objects.filter(**of, pupil=pupil), "plan", at="created_at", by="owner_id",
                    words="state", record="incident_id"),
            _source(Referral.objects.filter(Q(pupil=pupil) | Q(pupil__isnull=True), **of), "referral",
                    at=Coalesce("sent_at", "created_at", output_field=DateTimeField()), by="created_by_id",
                    words="body", record="incident_id"),
        ],
        EntryKind.LEVEL: [
            _source(ThresholdAssessment.objects.filter(**of), "level", at="at", by="by_id", words="level",
                    record="incident_id")
        ],
        EntryKind.TAKEN: [
            _source(Confiscation.objects.filter(pupil=pupil), "taken", at="taken_at", by="taken_by_id", words="basis")
        ],
        EntryKind.SEARCH: [
            _source(searches_visible_to(reader, pupil.school).filter(pupil=pupil).select_related(None), "search",
                    at=Coalesce("started_at", "opened_at"), by="searcher_id", words="state")
        ],
        EntryKind.HAND_IN: [
            _source(CustodyEvent.objects.filter(custody__pupil=pupil).exclude(kind=EventKind.TAKE), "custody",
                    at="at", by="by_id", words="kind")
        ],
    }  # fmt: skip
    chosen = [part for kind in EntryKind if kind in kinds for part in parts[kind]]
    return list(chosen[0].union(*chosen[1:], all=True)) if chosen else []


def _told(pupil: Pupil, reader: User) -> QuerySet[Any]:
    """What parents were told of a device or a search, and what is withheld from them, as far as the reader may know."""
    return (
        notices_visible_to(reader, pupil.school)
        .filter(Q(told_at__isnull=False) | Q(withheld_at__isnull=False), pupil=pupil)
        .select_related(None)
    )


def _rows(shown: list[tuple[Any, ...]]) -> dict[tuple[str, int], Any]:
    """The rows of the entries that are shown: one statement for each table that has something written in it."""
    keys: dict[str, list[int]] = {}
    for key, source, *_rest in shown:
        keys.setdefault(source, []).append(key)
    corrected = Exists(IncidentNote.objects.filter(corrects=OuterRef("pk")))
    tables: dict[str, QuerySet[Any]] = {
        "incident": Incident.objects.only("uid", "account"),
        "note": IncidentNote.objects.select_related("corrects").annotate(corrected=corrected),
        "contact": ParentContact.objects.only("uid", "summary", "reason", "channel"),
        "event": IncidentEvent.objects.select_related("incident").only(
            "kind", "at", "incident__uid", "incident__decided_at", "incident__decision_reason",
            "incident__closed_at", "incident__outcome_words",
        ),
        "level": ThresholdAssessment.objects.only("uid", "tool", "reason"),
        "sanction": Sanction.objects.only("uid", "reason", "starts_on", "ends_on"),
        "plan": SupportPlan.objects.only("uid", "aims"),
        "notice": ParentNotice.objects.only("told_how", "told_at"),
        "taken": Confiscation.objects.only("ground_words", "seen", "taken_where", "withheld"),
    }  # fmt: skip
    return {
        (source, row.pk): row
        for source, rows in tables.items()
        if source in keys
        for row in rows.filter(pk__in=keys[source]).order_by()
    }


def chronologies_made(user: User, pupil: Pupil) -> QuerySet[CaseDocument]:
    """The papers that somebody made of a pupil's chronology: each holds what its maker could read, and is theirs."""
    found: QuerySet[CaseDocument] = CaseDocument.objects.filter(
        school=pupil.school, pupil=pupil, made_by=user, kind=PaperKind.CHRONOLOGY
    )
    return found.order_by("-made_at", "-id")
