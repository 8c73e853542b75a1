"""The list of what may be searched for, as dated entries: the statutory items, and those of the school's rules."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import STATUTORY_ITEMS, FoundKind, ItemClass
from devices.models import ProhibitedItem
from devices.queries.searches.searchers import GUIDANCE, GUIDANCE_EDITION

_STATUTE_SINCE = date(2022, 9, 1)  # the day from which the guidance of July 2022 applies; the statute is older
_ONCE = "devices_prohibited_listed_once"


class UnableToChangeList(Refusal):
    """The list of prohibited items stays as it is."""


class ItemListedAlready(UnableToChangeList):
    """An entry of that name is on the list."""

    default_field = "name"


class StatutoryItemStays(UnableToChangeList):
    """The law puts it on the list; a school does not take it off."""


class ItemHasEnded(UnableToChangeList):
    """Somebody ended the entry already."""


class DatesOutOfOrder(UnableToChangeList):
    """The last day lies before the first."""

    default_field = "ends_on"


@operation("devices.seed_prohibited")
def seed_prohibited(*, school: School, actor: User | None, at: datetime) -> list[ProhibitedItem]:
    """Begin a school's list with the statutory items (law SE-2); those it has are left alone.

    Who may: AUTHORISE_SEARCHERS, or the system. Called when a school is made, and by the first search of an older one.
    """
    require(actor, Permission.AUTHORISE_SEARCHERS, school)
    return ensure_statutory(school=school, actor=actor, at=at)


def ensure_statutory(*, school: School, actor: User | None, at: datetime) -> list[ProhibitedItem]:
    """The same, inside another operation that needs the list, whoever acts."""
    if _missing(school):
        School.objects.select_for_update().get(pk=school.pk)  # two first searches at once do it in turn
    rows = [
        ProhibitedItem(
            school=school,
            name=name,
            item_class=ItemClass.STATUTORY,
            searchable=True,
            found_kind=kind,
            starts_on=_STATUTE_SINCE,
            source=f"{GUIDANCE} ({GUIDANCE_EDITION})",
        )
        for name, kind in _missing(school)
    ]
    if not rows:
        return []
    created = bulk_create(ProhibitedItem, rows, by=actor, at=at, reason="statutory list")
    record(school=school, actor=actor, action="devices.list_statutory_items", at=at, detail={"added": len(rows)})
    return created


def _missing(school: School) -> list[tuple[str, FoundKind]]:
    listed = ProhibitedItem.objects.filter(school=school, ends_on__isnull=True)
    have = set(listed.values_list("name", flat=True))
    return [(name, kind) for name, kind in STATUTORY_ITEMS if name not in have]


@operation("devices.add_prohibited")
def add_prohibited(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    name: str,
    searchable: bool,
    starts_on: date,
    source: str,
    submission: UUID | None = None,
) -> ProhibitedItem:
    """Put a thing that the behaviour policy bans on the list, from a day, with the policy it stands in (SEA-13).

    Who may: AUTHORISE_SEARCHERS. `searchable`: the rules name it as one that may be searched for (law SE-1). Raises
    `ItemListedAlready`.
    """
    require(actor, Permission.AUTHORISE_SEARCHERS, school)
    ensure_statutory(school=school, actor=actor, at=at)
    item = ProhibitedItem(
        school=school,
        name=name,
        item_class=ItemClass.SCHOOL,
        searchable=searchable,
        found_kind=FoundKind.SCHOOL_RULE,
        starts_on=starts_on,
        source=source,
    )
    item.stamp(by=actor, at=at)
    if ProhibitedItem.objects.filter(school=school, name__iexact=name, ends_on__isnull=True).exists():
        raise ItemListedAlready(f"“{name}” is on the list already.", rule="SEA-13")
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError as error:
        if _ONCE not in str(error):
            raise
        raise ItemListedAlready(f"“{name}” was just put on the list.", rule="SEA-13") from error
    record(
        school=school,
        actor=actor,
        action="devices.add_prohibited",
        at=at,
        obj=item,
        submission=submission,
        detail={"name": name, "searchable": searchable, "from": str(starts_on), "source": source},
    )
    return item


@operation("devices.end_prohibited")
def end_prohibited(
    *,
    school: School,
    actor: User,
    at: datetime,
    item: ProhibitedItem,
    ends_on: date | None = None,
    submission: UUID | None = None,
) -> ProhibitedItem:
    """Take a school-rule item off the list after `ends_on` (today); searches of earlier days keep it (SEA-13).

    Who may: AUTHORISE_SEARCHERS. Raises `StatutoryItemStays`, `ItemHasEnded` or `DatesOutOfOrder`.
    """
    require(actor, Permission.AUTHORISE_SEARCHERS, school)
    held: ProhibitedItem = ProhibitedItem.objects.select_for_update().get(school=school, pk=item.pk)
    last = ends_on or london_day(at)
    if held.item_class == ItemClass.STATUTORY:
        raise StatutoryItemStays("The law lists this. It cannot be taken off.", rule="SE-2")
    if held.ends_on is not None:
        raise ItemHasEnded("It was taken off the list already.", rule="SEA-13")
    if last < held.starts_on:
        raise DatesOutOfOrder("The last day cannot be before the first.", rule="SEA-13")
    held.ends_on = last
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.end_prohibited",
        at=at,
        obj=held,
        submission=submission,
        detail={"name": held.name, "until": str(last)},
    )
    return held
