"""Everything that is on record about one device, for the page and the paper that tell it in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.audit.queries import entries_for
from core.people.models import User
from devices.models import (
    Confiscation,
    CustodyEvent,
    CustodyRecord,
    DeletionRecord,
    Escalation,
    EvidenceHold,
    IssuedDocument,
    ParentNotice,
    PoliceHandover,
    PupilDevice,
    Release,
    ReleaseDecision,
    ReleaseRefusal,
    SearchRecord,
    UseOfForce,
)
from devices.queries.records import events_between
from devices.queries.taken.parents import without_undecided


@dataclass(frozen=True)
class DeviceStory:
    """The rows of one device's story, each kind in order. What the reader may not see is not among them."""

    device: PupilDevice
    events: list[CustodyEvent]
    takings: list[Confiscation]
    escalations: list[Escalation]
    decisions: list[ReleaseDecision]
    refusals: list[ReleaseRefusal]
    releases: list[Release]
    notices: list[ParentNotice]
    documents: list[IssuedDocument]
    holds: list[EvidenceHold] = field(default_factory=list)
    handovers: list[PoliceHandover] = field(default_factory=list)
    searches: list[SearchRecord] = field(default_factory=list)
    deletions: list[DeletionRecord] = field(default_factory=list)
    looked: list[Entry] = field(default_factory=list)
    lookers: dict[int, User] = field(default_factory=dict)


def device_story(
    device: PupilDevice, *, holds: bool = False, police: bool = False, searches: bool = False, undecided: bool = False
) -> DeviceStory:
    """The whole story of a device. `holds`, `police`, `searches`: whether the reader may see those; with `holds` also
    who looked; `undecided`: what is to be told of a hold before the DSL has said so. A fixed number of statements,
    however much happened."""
    stays = list(CustodyRecord.objects.filter(device=device).values_list("pk", flat=True))
    of = {"custody_id__in": stays}
    told = ParentNotice.objects.filter(**of)
    force = UseOfForce.objects.filter(confiscation=OuterRef("pk"))
    found: list[EvidenceHold] = []
    looked: list[Entry] = []
    if holds:
        found = list(EvidenceHold.objects.filter(**of).select_related("placed_by", "lifted_by").order_by("placed_at"))
        looked = _looked(device, stays, [hold.pk for hold in found])
    return DeviceStory(
        device=device,
        events=list(events_between(device, None, None)),
        takings=list(
            Confiscation.objects.filter(**of)
            .select_related("taken_by", "witness")
            .annotate(force_missing=ExpressionWrapper(Q(force_used=True) & ~Exists(force), output_field=BooleanField()))
            .order_by("taken_at")
        ),
        escalations=list(Escalation.objects.filter(**of).select_related("decided_by").order_by("decided_at")),
        decisions=list(ReleaseDecision.objects.filter(**of).select_related("decided_by").order_by("decided_at")),
        refusals=list(ReleaseRefusal.objects.filter(**of).select_related("refused_by").order_by("refused_at")),
        releases=list(Release.objects.filter(**of).select_related("released_by").order_by("released_at")),
        notices=list(
            (told if undecided else without_undecided(told))
            .select_related("told_by", "withheld_by", "dropped_by", "contact")
            .order_by("opened_at")
        ),
        documents=list(
            IssuedDocument.objects.filter(**of).select_related("made_by").defer("content", "facts").order_by("made_at")
        ),
        holds=found,
        handovers=list(
            PoliceHandover.objects.filter(**of).select_related("handed_by", "returned_to").order_by("handed_at")
        )
        if police
        else [],
        searches=list(SearchRecord.objects.filter(**of).select_related("searcher", "opened_by").order_by("opened_at"))
        if searches
        else [],
        deletions=list(
            DeletionRecord.objects.filter(**of)
            .select_related("requested_by", "decided_by", "done_by")
            .order_by("requested_at")
        )
        if searches
        else [],
        looked=looked,
        lookers=User.objects.in_bulk({entry.actor_id for entry in looked if entry.actor_id}),
    )


def _looked(device: PupilDevice, stays: list[int], holds: list[int]) -> list[Entry]:
    """Who opened or printed something of the device, as the record has it."""
    about = (
        Q(object_type=PupilDevice._meta.label_lower, object_id=device.pk)
        | Q(object_type=CustodyRecord._meta.label_lower, object_id__in=stays)
        | Q(object_type=EvidenceHold._meta.label_lower, object_id__in=holds)
    )
    entries = entries_for(device.school).filter(about, outcome__in=[Outcome.VIEWED, Outcome.EXPORTED])
    return list(entries.order_by("id"))
