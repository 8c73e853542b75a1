"""Own devices for one activity of one class (DEV-18, DEV-19), and the break-time privilege taken away (DEV-16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.kinds import TEACHERS
from core.approvals.models import Approval
from core.approvals.operations import change_request, held, open_request
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import holds, require
from core.people.calendar import london_day
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.hooks import find_breach, knows_breaches
from devices.models import CurriculumPupil, CurriculumUse, PrivilegeRevocation


class OneActivityOnly(Refusal):
    """An approval is for one activity on one day (DEV-19)."""

    recorded = True
    default_field = "to_time"


class NotATeacher(Refusal):
    """The teacher of the lesson is not one."""

    default_field = "teacher"


class PupilsToName(Refusal):
    """Where not the whole class takes part, it is said who does."""

    default_field = "pupils"


class AgreedAsItIs(Refusal):
    """The teacher agreed to another day, time or group than this (DEV-18)."""

    default_field = "day"


class NoSuchBreach(Refusal):
    """There is no such breach by the pupil, or none that the person may name."""

    default_field = "breach_reference"


class NoSuchPrivilege(Refusal):
    """The rules know no privilege at break that could be taken away (DEV-15)."""

    recorded = True


class RevocationDatesWrong(Refusal):
    """It ends before it begins, or is over already."""

    default_field = "ends_on"


class SayWhyRevoked(Refusal):
    """A revocation, and its end, say why."""

    default_field = "reason"


class RevocationOver(Refusal):
    """It has ended already."""


@operation("devices.propose_lesson")
def propose_lesson(
    *,
    school: School,
    actor: User,
    at: datetime,
    title: str,
    purpose: str,
    form: FormGroup,
    teacher: User,
    starts_at: datetime,
    ends_at: datetime,
    pupils: Sequence[Pupil] = (),
    submission: UUID | None = None,
) -> CurriculumUse:
    """Propose that a class, or some of it, uses own devices for one activity (DEV-18). Who may: ASK_PERMISSION.

    Unusable until the teacher agrees, a risk assessment is attached and a senior leader approves; where the rules ask
    for the teacher’s consent alone, until then. Raises `OneActivityOnly` for more than one day, `NotATeacher`,
    `NotUnderTheRules`.
    """
    _check_one_activity(starts_at, ends_at)
    if not holds(teacher, school, *TEACHERS):
        raise NotATeacher("Choose a teacher of the school.", rule="DEV-18")
    rules = for_school(school, on=london_day(at))
    approval = open_request(
        school=school, actor=actor, at=at, kind=Kind.CURRICULUM_USE, starts_at=starts_at, ends_at=ends_at,
        needs_assessment=rules.curriculum_use != "consent_only",
    )  # fmt: skip
    row = CurriculumUse(
        school=school, approval=approval, title=title.strip(), purpose=purpose.strip(), form=form, teacher=teacher,
        whole_class=not pupils,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    _take_part(row, pupils, actor, at)
    record(school=school, actor=actor, action="devices.propose_lesson", at=at, obj=row, submission=submission)
    return row


@operation("devices.change_lesson")
def change_lesson(
    *,
    school: School,
    actor: User,
    at: datetime,
    use: CurriculumUse,
    title: str,
    purpose: str,
    starts_at: datetime,
    ends_at: datetime,
    pupils: Sequence[Pupil] | None = None,
    submission: UUID | None = None,
) -> CurriculumUse:
    """Change a proposal that is not decided; `pupils` None leaves who takes part, empty is the whole class.

    Who may: whoever proposed it. Once the teacher has agreed, another day, time or group is another activity, which
    the teacher alone may make of it. Raises `AgreedAsItIs`, and as proposing.
    """
    _check_one_activity(starts_at, ends_at)
    before = held(school, use.approval)
    row = CurriculumUse.objects.select_for_update(of=("self",)).select_related("form").get(pk=use.pk, school=school)
    was = (before.starts_at, before.ends_at)
    taking = {one.pupil_id for one in row.taking_part.all()}
    others = pupils is not None and {one.pk for one in pupils} != taking
    if before.consented_by_id not in (None, actor.pk) and (was != (starts_at, ends_at) or others):
        raise AgreedAsItIs(
            "The teacher agreed to that day, time and group. Withdraw the proposal and make a new one.", rule="DEV-18"
        )
    change_request(school=school, actor=actor, at=at, approval=before, starts_at=starts_at, ends_at=ends_at)
    row.title, row.purpose = title.strip(), purpose.strip()
    if pupils is not None and others:
        for one in row.taking_part.all():
            one.delete()
        row.whole_class = not pupils
        _take_part(row, pupils, actor, at)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.change_lesson", at=at, obj=row, submission=submission)
    return row


@operation("devices.revoke_privilege")
def revoke_privilege(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    starts_on: date,
    ends_on: date,
    reason: str,
    breach_reference: str = "",
    submission: UUID | None = None,
) -> PrivilegeRevocation:
    """Take the break-time privilege from a pupil between two days, because of a breach (DEV-16); while it lasts, use at
    break is a breach. Who may: LEAD_CUSTODY. Raises `NoSuchPrivilege` where the rules know none, `SayWhyRevoked`,
    `RevocationDatesWrong`, `NoSuchBreach`."""
    require(actor, Permission.LEAD_CUSTODY, school)
    if for_school(school, on=london_day(at)).break_use != "revocable_privilege":
        raise NoSuchPrivilege("The school’s rules know no privilege at break to take away.", rule="break_use")
    if not reason.strip():
        raise SayWhyRevoked("Say what it is for.", rule="DEV-16")
    if ends_on < starts_on or ends_on < london_day(at):
        raise RevocationDatesWrong("The last day must not be before the first, nor past.", rule="DEV-16")
    reference, breach = breach_reference.strip().upper()[:20], None
    if reference and knows_breaches():
        breach = find_breach(school=school, pupil=pupil, reference=reference, reader=actor, on=london_day(at))
        if breach is None:
            raise NoSuchBreach(
                "There is no breach with this reference by this pupil that you may name. Check it, or leave it empty.",
                rule="DEV-16",
            )
    row = PrivilegeRevocation(
        school=school, pupil=pupil, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:300], breach=breach,
        breach_reference=reference, decided_at=at, decided_by=actor,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="devices.revoke_privilege", at=at, obj=row, submission=submission,
        detail={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
    )  # fmt: skip
    return row


@operation("devices.restore_privilege")
def restore_privilege(
    *,
    school: School,
    actor: User,
    at: datetime,
    revocation: PrivilegeRevocation,
    because: str,
    submission: UUID | None = None,
) -> PrivilegeRevocation:
    """Give the privilege back before the last day. Who may: LEAD_CUSTODY. Raises `RevocationOver`, `SayWhyRevoked`."""
    require(actor, Permission.LEAD_CUSTODY, school)
    row: PrivilegeRevocation = PrivilegeRevocation.objects.select_for_update(of=("self",)).get(
        pk=revocation.pk, school=school
    )
    if row.ended_at is not None:
        raise RevocationOver("It was given back already.", rule="DEV-16")
    if not because.strip():
        raise SayWhyRevoked("Say why it is given back.", rule="DEV-16", field="because")
    row.ended_at, row.ended_by, row.ended_because = at, actor, because.strip()[:300]
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.restore_privilege", at=at, obj=row, submission=submission)
    return row


def _take_part(row: CurriculumUse, pupils: Sequence[Pupil], actor: User, at: datetime) -> None:
    """Name who takes part, where not the whole class does."""
    for pupil in pupils:
        if pupil.form_id != row.form_id:
            raise PupilsToName(f"{pupil.display_name} is not in {row.form.name}.", rule="DEV-18")
        one = CurriculumPupil(school=row.school, use=row, pupil=pupil)
        one.stamp(by=actor, at=at)
        one.save()


def _check_one_activity(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise OneActivityOnly("It ends before it begins.", rule="DEV-19")
    if london_day(starts_at) != london_day(ends_at):
        raise OneActivityOnly("One activity, on one day. Propose another for another day.", rule="DEV-19")


def taught_by(approvals: Sequence[Approval]) -> dict[int, int]:
    """The teacher whose consent each proposal needs, in one statement."""
    return dict(CurriculumUse.objects.filter(approval__in=approvals).values_list("approval_id", "teacher_id"))
