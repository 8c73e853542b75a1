"""Uses of images: checked for everybody in them, published, cancelled, taken down (CON-02, CON-05, CON-12, SOC-19).

A use holds no picture: it says what for, where, and who is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from agreements.enums import ConsentPurpose, ImageUseState, NamesShown, TakedownOutcome
from agreements.models import ImageUse, ImageUsePupil, Takedown
from agreements.operations.consent_refusals import (
    AccountNotNamed,
    DecisionNeeded,
    ModeratorNotNamed,
    NeedNotStated,
    NobodyChosen,
    NotConsentedTo,
    NotInThisUse,
    NotPublishedYet,
)
from agreements.queries.consent_usage import Check, Verdict, usage_check
from agreements.workflow import IMAGE_USE_MOVES, check_move
from core.audit.operations import operation, record
from core.people.access import has, require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from core.rules.operations import record_decision
from core.rules.queries import decisions_about, for_school

_U = ImageUseState
ON_ACCOUNTS = (ConsentPurpose.SOCIAL_MEDIA, ConsentPurpose.ACCOUNT_ACTIVITY)
_QUESTIONS = {
    "image_purpose_bound": "May an image be used for a purpose that was not agreed to, where another was?",
    "image_names": "May a name go with this image?",
}


def _held(pupils: Iterable[int]) -> list[Pupil]:
    """These pupils, held until the transaction ends: who withdraws in the same second comes before or after."""
    rows = Pupil.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(pupils)).order_by("pk")
    return list(rows)


@operation("agreements.plan_use")
def plan_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    purpose: str,
    title: str,
    pupils: Sequence[Pupil],
    place: str = "",
    account: str = "",
    names: str = NamesShown.NONE,
    name_need: str = "",
    moderator: User | None = None,
    unmoderated_because: str = "",
    reason: str = "",
    submission: UUID | None = None,
) -> ImageUse:
    """Check a use of images for everybody in it and keep it as planned (CON-02, CON-12). `title` is what it shows; for
    OTHER it is the purpose in the words of the form.

    Who may: CHECK_IMAGES. Where the rules are silent somebody with MANAGE_CONSENTS decides, with a `reason`, and it is
    kept (matrix 0.3). What involves pupils on an official account names its moderator, or why there is none (SOC-19).
    Raises a kind of `UnableToUseImages`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    if not pupils:
        raise NobodyChosen("Tick those who are in it.", rule="CON-02")
    if names != NamesShown.NONE and not name_need.strip():
        raise NeedNotStated("Say why the name is needed. Names do not go with images otherwise.", rule="CON-06")
    if purpose in ON_ACCOUNTS and not account.strip():
        raise AccountNotNamed("Name the official account.", rule="CON-12")
    if purpose == ConsentPurpose.ACCOUNT_ACTIVITY and moderator is None and not unmoderated_because.strip():
        raise ModeratorNotNamed("Choose who moderates it, or say why nobody can.", rule="SOC-19")
    held = _held(pupil.pk for pupil in pupils)
    checks = usage_check(school, purpose, held, names, london_day(at), other_purpose=title)
    ask = _refuse_or_ask(checks)
    if ask and not (reason.strip() and has(actor, Permission.MANAGE_CONSENTS, school)):
        raise DecisionNeeded(
            "Your school’s rules do not settle this. Somebody who manages consents decides, and says why.",
            rule=ask[0],
        )
    use = ImageUse(
        school=school,
        purpose=purpose,
        title=title.strip(),
        place=place.strip(),
        account=account.strip(),
        names=names,
        name_need=name_need.strip() if names != NamesShown.NONE else "",
        checked_at=at,
        checked_by=actor,
        moderator=moderator,
        rules_version=for_school(school, on=london_day(at)).version,
    )
    use.stamp(by=actor, at=at)
    use.save()
    for check in checks:
        ImageUsePupil(school=school, image_use=use, pupil=check.pupil, consents=list(check.consents)).save()
    for key in ask:
        record_decision(
            school=school, actor=actor, at=at, key=key, question=_QUESTIONS[key], decision="Yes, in this use",
            reason=reason, subject=use,
        )  # fmt: skip
    detail = {"purpose": str(purpose), "pupils": len(held), "decided": ask}
    if purpose == ConsentPurpose.ACCOUNT_ACTIVITY and moderator is None:
        detail["unmoderated"] = unmoderated_because.strip()[:200]
    record(
        school=school, actor=actor, action="agreements.plan_use", at=at, obj=use, submission=submission, detail=detail
    )
    return use


def _refuse_or_ask(checks: Iterable[Check]) -> list[str]:
    """The rules that a person has to decide about; raises `NotConsentedTo` where the answer is no for somebody."""
    refused = [check for check in checks if check.verdict == Verdict.REFUSED]
    if refused:
        count = len(refused)
        who = "1 child may not be shown so." if count == 1 else f"{count} children may not be shown so."
        raise NotConsentedTo(f"{who} Leave them out. The list says why.", rule=refused[0].rule)
    return list(dict.fromkeys(key for check in checks for key in check.ask))


def _use(key: int) -> ImageUse:
    return ImageUse.objects.select_for_update(of=("self",)).get(pk=key)


def _move(use: ImageUse, target: ImageUseState, actor: User, at: datetime) -> None:
    check_move(
        IMAGE_USE_MOVES, use.state, target,
        f"A use that is “{_U(use.state).label.lower()}” cannot become “{target.label.lower()}”.", rule="CON-12",
    )  # fmt: skip
    use.state = target
    if target == _U.PUBLISHED:
        use.published_at, use.published_by = at, actor
    use.stamp(by=actor, at=at)
    use.save()


@operation("agreements.publish_use")
def publish_use(
    *, school: School, actor: User, at: datetime, image_use: ImageUse, submission: UUID | None = None
) -> ImageUse:
    """Say that it is published now. Everybody in it is checked once more, as things stand at this moment (CON-12).

    Who may: CHECK_IMAGES. Raises `NotConsentedTo`, `DecisionNeeded`, `NobodyChosen`, `MoveNotPossible`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    inside = ImageUsePupil.objects.filter(image_use=image_use.pk, left_out_at__isnull=True)
    held = _held(inside.values_list("pupil", flat=True))
    use = _use(image_use.pk)
    if not held:
        raise NobodyChosen("Nobody is left in it. Cancel it instead.", rule="CON-12")
    checks = usage_check(school, use.purpose, held, use.names, london_day(at), other_purpose=use.title)
    asked = _refuse_or_ask(checks)
    decided = {row.key for row in decisions_about(school, "agreements.imageuse", use.pk)} if asked else set()
    if set(asked) - decided:
        raise DecisionNeeded(
            "Your school’s rules do not settle this. Check it anew; somebody decides then.", rule="0.3"
        )
    _move(use, _U.PUBLISHED, actor, at)
    for check in checks:
        row = inside.get(pupil=check.pupil)
        row.consents = list(check.consents)
        row.save()
    record(school=school, actor=actor, action="agreements.publish_use", at=at, obj=use, submission=submission)
    return use


@operation("agreements.cancel_use")
def cancel_use(
    *, school: School, actor: User, at: datetime, image_use: ImageUse, submission: UUID | None = None
) -> ImageUse:
    """It was not used after all. Who may: CHECK_IMAGES. Raises `MoveNotPossible`."""
    require(actor, Permission.CHECK_IMAGES, school)
    use = _use(image_use.pk)
    _move(use, _U.CANCELLED, actor, at)
    record(school=school, actor=actor, action="agreements.cancel_use", at=at, obj=use, submission=submission)
    return use


@operation("agreements.leave_out")
def leave_out(
    *, school: School, actor: User, at: datetime, image_use: ImageUse, pupil: Pupil, submission: UUID | None = None
) -> ImageUse:
    """Take a pupil out of a use before it is published; twice is once. Who may: CHECK_IMAGES. Raises `NotInThisUse`."""
    require(actor, Permission.CHECK_IMAGES, school)
    use = _use(image_use.pk)
    row = ImageUsePupil.objects.filter(image_use=use, pupil=pupil).first()
    if row is None or use.state != _U.PLANNED:
        raise NotInThisUse("Only somebody who is in a planned use is left out of it.", rule="CON-05")
    if row.left_out_at is None:
        row.left_out_at = at
        row.save()
    record(
        school=school, actor=actor, action="agreements.leave_out", at=at, obj=use, submission=submission,
        detail={"pupil": pupil.pk},
    )  # fmt: skip
    return use


@operation("agreements.record_takedown")
def record_takedown(
    *,
    school: School,
    actor: User,
    at: datetime,
    image_use: ImageUse,
    pupil: Pupil,
    where: str,
    outcome: str,
    note: str = "",
    whole: bool = False,
    submission: UUID | None = None,
) -> Takedown:
    """Write down one attempt to take an image of a pupil down, and what came of it (CON-05). Copies that others have
    may not be retrievable. `whole`: nothing of this use is shown by the school any more.

    Who may: CHECK_IMAGES. Raises `NotPublishedYet`, `NotInThisUse`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    use = _use(image_use.pk)
    if use.state not in (_U.PUBLISHED, _U.TAKEN_DOWN):
        raise NotPublishedYet("It was never published. Cancel it, or leave the child out.", rule="CON-05")
    if not ImageUsePupil.objects.filter(image_use=use, pupil=pupil, left_out_at__isnull=True).exists():
        raise NotInThisUse("This child is not in it.", rule="CON-05")
    row = Takedown(
        school=school, image_use=use, pupil=pupil, where=where.strip(), outcome=TakedownOutcome(outcome),
        note=note.strip(), at=at, by=actor,
    )  # fmt: skip
    row.save()
    if whole and use.state == _U.PUBLISHED:
        _move(use, _U.TAKEN_DOWN, actor, at)
    record(
        school=school, actor=actor, action="agreements.record_takedown", at=at, obj=row, submission=submission,
        detail={"use": use.pk, "pupil": pupil.pk, "outcome": str(outcome)},
    )  # fmt: skip
    return row
