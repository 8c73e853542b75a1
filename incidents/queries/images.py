"""Reads about suspected images: the case of a record, its tasks, what a person is asked to do, what keeps it open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet

from core.people.models import School, User
from devices.enums import FoundKind, HoldReason, SearchState
from devices.models import EvidenceHold, SearchRecord
from devices.queries.searches import findings_of
from incidents.enums import (
    CaseState,
    ImageShared,
    ImageSpread,
    ImageState,
    ImageTaskKind,
    IncidentType,
    PoliceDecision,
    YesNoUnknown,
)
from incidents.models import ImageCase, ImageTask, Incident, IncidentPerson, ViewingException
from incidents.queries.closing import Missing, connect_check

_YES = YesNoUnknown.YES


def in_a_sentence(label: str) -> str:
    """The words of a task inside a sentence: only their first letter becomes small, for CEOP stays CEOP."""
    return f"{label[:1].lower()}{label[1:]}"


def image_case_of(incident: Incident) -> ImageCase | None:
    """The case of a suspected image that a record is of, if it is."""
    found: ImageCase | None = (
        ImageCase.objects.filter(incident=incident).select_related("assessed_by", "support_adult").first()
    )
    return found


def image_tasks_of(case: ImageCase) -> QuerySet[ImageTask]:
    """The tasks of a case, those that come first at the top."""
    found: QuerySet[ImageTask] = ImageTask.objects.filter(case=case).select_related("assignee", "done_by")
    return found.order_by("-needed_first", "id")


def image_tasks_given_to(user: User, school: School) -> QuerySet[ImageTask]:
    """What one member of staff was asked to do, with what is still to be undone; nothing of the record behind it."""
    open_case = ~Q(case__incident__state__in=[CaseState.CLOSED, CaseState.MERGED])
    blocked = Q(kind=ImageTaskKind.BLOCK_NETWORK, restored_at__isnull=True)
    found: QuerySet[ImageTask] = ImageTask.objects.filter(
        open_case, Q(done_at__isnull=True) | blocked, school=school, assignee=user
    )
    return found.select_related("case__incident").order_by("id")


def image_tasks_visible_to(user: User, school: School, cases: QuerySet[Incident]) -> QuerySet[ImageTask]:
    """Tasks that a person may open: their own, and those of the records they may read (`cases`)."""
    found: QuerySet[ImageTask] = ImageTask.objects.filter(
        Q(assignee=user) | Q(case__incident__in=cases.values("pk")), school=school
    )
    return found.select_related("case__incident", "assignee", "done_by")


def viewings_of(case: ImageCase) -> QuerySet[ViewingException]:
    """Each viewing that was recorded as an exception."""
    found: QuerySet[ViewingException] = ViewingException.objects.filter(case=case)
    return found.select_related("viewer", "decided_by", "by")


def referral_prompts(case: ImageCase) -> list[str]:
    """What speaks for a referral, one sentence each. A person decides (law IM-3, IM-4, IMG-10)."""
    there = IncidentPerson.objects.filter(incident_id=case.incident_id, removed_at__isnull=True, pupil__isnull=False)
    has_needs = any(person.pupil.sen_words for person in there.select_related("pupil"))
    facts = (
        (case.adult_involved == _YES, "An adult may be involved. That is abuse of a child: tell the police now."),
        (case.immediate_risk == _YES, "A child is at risk now. Call 999, and tell children’s social care."),
        (case.under_13 == _YES, "A child under 13 is involved. Refer to children’s social care and the police."),
        (case.threats == _YES, "There are threats or blackmail. Tell the police and CEOP; nobody pays or answers."),
        (case.beyond_age == _YES, "There is violence, or what is not right for their age. Weigh a referral."),
        (has_needs, "A child in it has special educational needs. Weigh what they understood, and a referral."),
        (case.shared == ImageShared.PRESSURE, "A child was put under pressure. Weigh a referral."),
        (case.spread == ImageSpread.WIDE, "It has gone far. Weigh a referral, and help the child to have it removed."),
    )
    return [sentence for is_so, sentence in facts if is_so]


def what_keeps_image_open(case: ImageCase) -> list[str]:
    """What the end of the case still needs, in words that name nobody (matrix 4.5, IMG-14)."""
    tasks = list(ImageTask.objects.filter(case=case))
    missing = [in_a_sentence(ImageTaskKind(task.kind).label) for task in tasks if task.done_at is None]
    if any(task.kind == ImageTaskKind.BLOCK_NETWORK and task.done_at and not task.restored_at for task in tasks):
        missing.append("network access restored")
    if case.protection_needed is None:
        missing.append("the answer whether protection or a referral is needed")
    if case.police in ("", PoliceDecision.TOLD):
        missing.append("what the police decided, or why they were not told")
    if case.support_adult_id is None:
        missing.append("support with a named adult")
    return missing


@connect_check
def image_not_closed(incident: Incident, on: date) -> Iterator[Missing]:
    """What keeps a record from closing: it is of a suspected image whose own course has not ended (matrix 4.5)."""
    case = image_case_of(incident)
    if case is not None and case.state != ImageState.CLOSED:
        still = "; ".join(what_keeps_image_open(case)) or "its course is to be ended"
        yield Missing("image", f"The suspected image: {still}.", "image-case")


def emergency_blocks(school: School) -> QuerySet[ImageTask]:
    """Each time the network was blocked at once because of an image: when, by whom, when it came back (FIL-18).

    It says nothing of the record behind it, and is read with the school's other filtering decisions.
    """
    found: QuerySet[ImageTask] = ImageTask.objects.filter(
        school=school, kind=ImageTaskKind.BLOCK_NETWORK, done_at__isnull=False
    )
    return (
        found.select_related("done_by")
        .order_by("-done_at", "-id")
        .only(
            "school_id",
            "uid",
            "kind",
            "done_at",
            "restored_at",
            "done_by",
            "done_by__given_name",
            "done_by__family_name",
        )
    )


def own_image_reports(user: User, school: School) -> QuerySet[Incident]:
    """Suspected images that somebody reported themselves: for the receipt, and nothing of what came after."""
    found: QuerySet[Incident] = Incident.objects.filter(school=school, reporter=user, type=IncidentType.IMAGE)
    return found.exclude(state__in=[CaseState.DRAFT, CaseState.DISCARDED])


def image_in_search(search: SearchRecord) -> bool:
    """Whether a search was stopped because an image of a child may be on the device."""
    if search.state != SearchState.STOPPED:
        return False
    held = EvidenceHold.objects.filter(custody_id=search.custody_id, reason=HoldReason.INDECENT_IMAGE)
    found = findings_of(search).filter(kind=FoundKind.ILLEGAL_IMAGE)
    return (search.custody_id is not None and held.exists()) or found.exists()


def reported_from(search: SearchRecord) -> Incident | None:
    """The record that was opened from a search, if one was."""
    found: Incident | None = Incident.objects.filter(school_id=search.school_id, search=search).first()
    return found
