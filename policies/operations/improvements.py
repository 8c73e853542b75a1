"""Every write about what is to change: the lists that improvements stand on, who sees to one, what became of it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import NotPermitted, require
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.reference_lists import reference_lists
from policies.enums import DocumentKind, ImprovementList, ImprovementState
from policies.hooks import tell_source
from policies.models import Document, ImprovementItem
from policies.queries import improvements_visible_to

# Where the preset lists no documents, these can be chosen; a school adds its own (matrix 2.8, UNN).
_WITHOUT_LIST = ("Behaviour", "Safeguarding and child protection", "Staff conduct")


class UnableToImprove(Refusal):
    """The item stays as it was."""


class PolicyNotNamed(UnableToImprove):
    """A change to a policy names the policy."""

    default_field = "document"


class RejectedSaysWhy(UnableToImprove):
    """What is not taken up says why (POL-22)."""

    default_field = "reason"


class DecidedAlready(UnableToImprove):
    """Somebody has decided it, or it is not where this can be decided."""


@operation("policies.seed_policies")
def seed_policies(*, school: School, actor: User | None, at: datetime) -> int:
    """Name the policies that the school's preset lists, unless it has named any (matrix 2.8). For whoever needs the
    list first; returns how many were named."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two people do it in turn
    if Document.objects.filter(school=school, kind=DocumentKind.POLICY).exists():
        return 0
    linked = reference_lists().linked_documents.get(school.preset, ())
    listed = dict.fromkeys(document.title for document in linked if document.level in ("school", "group"))
    titles = tuple(listed) or _WITHOUT_LIST
    for title in titles:
        document = Document(school=school, kind=DocumentKind.POLICY, title=title)
        document.stamp(by=actor, at=at)
        document.save()
    record(school=school, actor=actor, action="policies.seed_policies", at=at, detail={"policies": len(titles)})
    return len(titles)


@operation("policies.raise_improvement")
def raise_improvement(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    list: str,
    text: str,
    document: Document | None = None,
    source: str = "",
    source_key: int | None = None,
    owner: User | None = None,
    due_on: date | None = None,
    early_review: bool = False,
    submission: UUID | None = None,
) -> ImprovementItem:
    """Put something to change on a policy's change list, the curriculum's or the action plan (INC-27, INC-28).

    The calling feature checks who may; raised again from the same source it is the same item. `text` names nobody.
    Raises `PolicyNotNamed`.
    """
    if list == ImprovementList.POLICY and document is None:
        raise PolicyNotNamed("Choose which policy is to change.", rule="INC-27")
    known = ImprovementItem.objects.filter(school=school, source=source, source_key=source_key)
    item: ImprovementItem | None = known.first() if source_key is not None else None
    if item is None:
        item = ImprovementItem(
            school=school, list=list, text=text, document=document, source=source, source_key=source_key, owner=owner,
            due_on=due_on, early_review=early_review and document is not None, raised_at=at, raised_by=actor,
        )  # fmt: skip
        item.stamp(by=actor, at=at)
        item.save()
    record(
        school=school, actor=actor, action="policies.raise_improvement", at=at, obj=item, submission=submission,
        detail={"list": list, "source": source},
    )  # fmt: skip
    return item


_DECIDED_FROM = {
    ImprovementState.ACCEPTED: ImprovementState.OPEN,
    ImprovementState.REJECTED: ImprovementState.OPEN,
    ImprovementState.DONE: ImprovementState.ACCEPTED,
}


@operation("policies.decide_improvement")
def decide_improvement(
    *,
    school: School,
    actor: User,
    at: datetime,
    item: ImprovementItem,
    state: str,
    reason: str = "",
    submission: UUID | None = None,
) -> ImprovementItem:
    """Take an item up, turn it down for a reason, or say that it is done; what raised it follows (POL-22, matrix 4.19).

    Who may: whoever sees to it, the subject leads for what is taught, and LEAD_CASES. Raises `RejectedSaysWhy`,
    `DecidedAlready`, and what its source refuses.
    """
    require(actor, Permission.VIEW_IMPROVEMENTS, school)
    if not improvements_visible_to(actor, school).filter(pk=item.pk).exists():
        raise NotPermitted("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    held: ImprovementItem = ImprovementItem.objects.select_for_update(of=("self",)).get(school=school, pk=item.pk)
    target = ImprovementState(state)
    if _DECIDED_FROM.get(target) != held.state:
        raise DecidedAlready(f"It is “{held.get_state_display().lower()}” now.", rule="POL-22")
    if target == ImprovementState.REJECTED and not reason.strip():
        raise RejectedSaysWhy("Say why it is not taken up.", rule="POL-22")
    held.state, held.reason = target, reason.strip() or held.reason
    if target != ImprovementState.DONE:
        held.decided_at, held.decided_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    tell_source(held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="policies.decide_improvement", at=at, obj=held, submission=submission,
        detail={"new": target.value},
    )  # fmt: skip
    return held


@operation("policies.give_improvement")
def give_improvement(
    *, school: School, actor: User | None, at: datetime, item: ImprovementItem, owner: User, due_on: date | None
) -> ImprovementItem:
    """An item has somebody who sees to it, and a day; they are told. The calling feature checks who may."""
    held: ImprovementItem = ImprovementItem.objects.select_for_update(of=("self",)).get(school=school, pk=item.pk)
    held.owner, held.due_on = owner, due_on
    held.stamp(by=actor, at=at)
    held.save()
    notify(
        school=school,
        recipients=[owner],
        kind="policies.improvement",
        subject="Something to change is given to you",
        url=reverse("policies:improvements", args=[school.slug]),
        at=at,
        dedupe_key=f"policies.improvement:{held.pk}:{owner.pk}",
    )
    record(school=school, actor=actor, action="policies.give_improvement", at=at, obj=held)
    return held
