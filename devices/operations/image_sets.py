"""The log of pictures taken with school equipment: logged, checked against consent, scrutinised (CON-08, CON-09).

No picture is kept, and none can be sent: what stands here is that there are some, and what somebody answers for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from agreements.enums import ConsentPurpose, NamesShown
from agreements.queries.consent_usage import Verdict, usage_check
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import has, require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import staff_of
from core.people.roles import Permission
from devices.models import ImageSet, ImageSetPupil, SchoolAsset

_MOST_SAID = 160


class UnableToLog(Refusal):
    """The set was not logged."""


class NoSchoolAsset(UnableToLog):
    """Only school equipment takes pictures of pupils: without it the set is a breach, not an entry (CON-08)."""

    recorded = True
    default_field = "asset"


class PhotographerNotOnStaff(UnableToLog):
    """Whoever took them does not work here."""

    default_field = "photographer"


class DayStillToCome(UnableToLog):
    """Pictures of a day to come."""

    default_field = "taken_on"


class SaysNothing(Refusal):
    """What has to be said in words was left out."""


class NotYourSet(Refusal):
    """It is somebody else's to answer, or one's own to be judged by others."""


class ChallengedAlready(Refusal):
    """It was questioned before."""

    default_field = "challenge"


class NothingToAnswer(Refusal):
    """Nobody has questioned it, or it is answered."""

    default_field = "justification"


class NobodyChosen(Refusal):
    """No pupil was ticked who is not in it already."""

    default_field = "pupils"


@operation("devices.log_image_set")
def log_image_set(
    *,
    school: School,
    actor: User,
    at: datetime,
    activity: str,
    taken_on: date,
    photographer: User,
    asset: SchoolAsset | None,
    purpose: ConsentPurpose,
    is_suitable: bool,
    suitable_note: str = "",
    for_what: str = "",
    stored_where: str = "",
    submission: UUID | None = None,
) -> ImageSet:
    """Log that pictures were taken: of what, when, by whom, with which school device, for what, and whether they suit.

    Who may: CHECK_IMAGES, any member of staff. Raises `NoSchoolAsset`, which is on record, `PhotographerNotOnStaff`,
    `DayStillToCome`, `SaysNothing`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    if asset is None or asset.school_id != school.pk:
        raise NoSchoolAsset(
            "Only school equipment takes pictures of pupils. Taken with anything else, report it instead.",
            rule="CON-08",
        )
    if not activity.strip():
        raise SaysNothing("Say what was done.", rule="CON-09", field="activity")
    if not is_suitable and not suitable_note.strip():
        raise SaysNothing("Say what does not suit, and what becomes of it.", rule="CON-09", field="suitable_note")
    if purpose == ConsentPurpose.OTHER and not for_what.strip():
        raise SaysNothing("Say what they are for.", rule="CON-09", field="for_what")
    if taken_on > london_day(at):
        raise DayStillToCome("The day is still to come.", rule="CON-09")
    if photographer.pk not in {one.pk for one in staff_of(school)}:
        raise PhotographerNotOnStaff("Choose somebody who works at the school.", rule="CON-09")
    row = ImageSet(
        school=school, activity=activity.strip(), taken_on=taken_on, photographer=photographer, asset=asset,
        purpose=purpose, for_what=for_what.strip(), stored_where=stored_where.strip(), is_suitable=is_suitable,
        suitable_note=suitable_note.strip(), checked_at=at, checked_by=actor,
    )  # fmt: skip
    _save(row, actor, at)
    record(
        school=school, actor=actor, action="devices.log_image_set", at=at, obj=row, submission=submission,
        detail={"asset": asset.pk, "purpose": str(purpose), "suitable": is_suitable},
    )  # fmt: skip
    return row


@operation("devices.name_shown")
def name_shown(
    *,
    school: School,
    actor: User,
    at: datetime,
    image_set: ImageSet,
    pupils: Iterable[Pupil],
    submission: UUID | None = None,
) -> ImageSet:
    """Say who is to be seen; what their image consent says today about this purpose is kept with each (CON-09).

    Who may: who took or logged it, and who scrutinises. A pupil without consent is named all the same, and marked: it
    was taken, and nothing of them may be used. Raises `NobodyChosen`, `NotYourSet`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    row = _held(school, image_set)
    if actor.pk not in (row.photographer_id, row.created_by_id) and not has(actor, Permission.VIEW_IMAGE_SETS, school):
        raise NotYourSet("Whoever took or logged the pictures says who is in them.", rule="CON-09")
    known = set(row.shown.values_list("pupil_id", flat=True))
    new = [one for one in {one.pk: one for one in pupils}.values() if one.pk not in known]
    if not new:
        raise NobodyChosen("Tick who is to be seen.", rule="CON-09")
    checks = usage_check(school, row.purpose, new, NamesShown.NONE, london_day(at), other_purpose=row.for_what)
    for check in checks:
        shown = ImageSetPupil(
            school=school, image_set=row, pupil=check.pupil, consent=check.reason[:_MOST_SAID],
            is_allowed=check.verdict == Verdict.ALLOWED,
        )  # fmt: skip
        shown.stamp(by=actor, at=at)
        shown.save()
    _save(row, actor, at)
    record(
        school=school, actor=actor, action="devices.name_shown", at=at, obj=row, submission=submission,
        detail={"new": len(new), "not_allowed": sum(one.verdict != Verdict.ALLOWED for one in checks)},
    )  # fmt: skip
    return row


@operation("devices.scrutinise_images")
def scrutinise_images(
    *, school: School, actor: User, at: datetime, image_set: ImageSet, scrutiny: str, submission: UUID | None = None
) -> ImageSet:
    """Keep that a leader looked through a set, and what they found (CON-09). Looked at again, the newest word stands;
    the earlier ones stay in its history.

    Who may: VIEW_IMAGE_SETS; nobody their own pictures. Raises `NotYourSet`, `SaysNothing`.
    """
    row = _to_judge(school, actor, image_set)
    if not scrutiny.strip():
        raise SaysNothing("Say what you found.", rule="CON-09", field="scrutiny")
    row.scrutinised_at, row.scrutinised_by, row.scrutiny = at, actor, scrutiny.strip()
    _save(row, actor, at)
    record(school=school, actor=actor, action="devices.scrutinise_images", at=at, obj=row, submission=submission)
    return row


@operation("devices.challenge_images")
def challenge_images(
    *, school: School, actor: User, at: datetime, image_set: ImageSet, challenge: str, submission: UUID | None = None
) -> ImageSet:
    """Ask whoever took the pictures to justify them; they are told (CON-09). Who may: as `scrutinise_images`.

    Raises `NotYourSet`, `ChallengedAlready`, `SaysNothing`.
    """
    row = _to_judge(school, actor, image_set)
    if row.challenged_at is not None:
        raise ChallengedAlready("These pictures were questioned already.", rule="CON-09")
    if not challenge.strip():
        raise SaysNothing("Say what has to be justified.", rule="CON-09", field="challenge")
    row.challenged_at, row.challenged_by, row.challenge = at, actor, challenge.strip()
    _save(row, actor, at)
    notify(
        school=school, recipients=[row.photographer], kind="devices.images_questioned",
        subject="Pictures that you took are questioned", url=reverse("devices:image-set", args=[school.slug, row.pk]),
        at=at, dedupe_key=f"devices.images_questioned.{row.pk}",
    )  # fmt: skip
    record(school=school, actor=actor, action="devices.challenge_images", at=at, obj=row, submission=submission)
    return row


@operation("devices.justify_images")
def justify_images(
    *,
    school: School,
    actor: User,
    at: datetime,
    image_set: ImageSet,
    justification: str,
    submission: UUID | None = None,
) -> ImageSet:
    """Answer a challenge, once and for good; whoever asked is told (CON-09). Who may: who took the pictures.

    Raises `NotYourSet`, `NothingToAnswer`, `SaysNothing`.
    """
    require(actor, Permission.CHECK_IMAGES, school)
    row = _held(school, image_set)
    if row.photographer_id != actor.pk:
        raise NotYourSet("Whoever took the pictures justifies them.", rule="CON-09")
    if row.challenged_at is None or row.justified_at is not None:
        raise NothingToAnswer("Nobody has questioned them, or you have answered.", rule="CON-09")
    if not justification.strip():
        raise SaysNothing("Say why these pictures were taken so.", rule="CON-09", field="justification")
    row.justified_at, row.justification = at, justification.strip()
    _save(row, actor, at)
    assert row.challenged_by is not None
    notify(
        school=school, recipients=[row.challenged_by], kind="devices.images_justified",
        subject="Pictures that you questioned are justified",
        url=reverse("devices:image-set", args=[school.slug, row.pk]), at=at,
        dedupe_key=f"devices.images_justified.{row.pk}",
    )  # fmt: skip
    record(school=school, actor=actor, action="devices.justify_images", at=at, obj=row, submission=submission)
    return row


def _held(school: School, image_set: ImageSet) -> ImageSet:
    found: ImageSet = (
        ImageSet.objects.select_for_update(of=("self",))
        .select_related("photographer", "challenged_by")
        .get(pk=image_set.pk, school=school)
    )
    return found


def _to_judge(school: School, actor: User, image_set: ImageSet) -> ImageSet:
    require(actor, Permission.VIEW_IMAGE_SETS, school)
    row = _held(school, image_set)
    if row.photographer_id == actor.pk:
        raise NotYourSet("Nobody judges their own pictures. Ask another leader.", rule="CON-09")
    return row


def _save(row: ImageSet, actor: User, at: datetime) -> None:
    row.stamp(by=actor, at=at)
    row.save()
