"""Own devices for one activity of one class (DEV-18, DEV-19), and the break-time privilege taken away (DEV-16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.kinds import TEACHERS
from core.approvals.models import Approval
from core.approvals.operations import change_request, open_request
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import holds, require
from core.people.calendar import london_day
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Permission
from core.rules.queries import for_school
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
    for pupil in pupils:
        if pupil.form_id != form.pk:
            raise PupilsToName(f"{pupil.display_name} is not in {form.name}.", rule="DEV-18")
        one = CurriculumPupil(school=school, use=row, pupil=pupil)
        one.stamp(by=actor, at=at)
        one.save()
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
    submission: UUID | None = None,
) -> CurriculumUse:
    """Change a proposal that is not decided. Who may: whoever proposed it. Raises as proposing."""
    _check_one_activity(starts_at, ends_at)
    change_request(school=school, actor=actor, at=at, approval=use.approval, starts_at=starts_at, ends_at=ends_at)
    row = CurriculumUse.objects.select_for_update(of=("self",)).get(pk=use.pk, school=school)
    row.title, row.purpose = title.strip(), purpose.strip()
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
    breach: int | None = None,
    breach_reference: str = "",
    submission: UUID | None = None,
) -> PrivilegeRevocation:
    """Take the break-time privilege from a pupil between two days, because of a breach (DEV-16); while it lasts, use at
    break is a breach. Who may: LEAD_CUSTODY. Raises `NoSuchPrivilege` where the rules know none, `SayWhyRevoked`,
    `RevocationDatesWrong`."""
    require(actor, Permission.LEAD_CUSTODY, school)
    if for_school(school, on=london_day(at)).break_use != "revocable_privilege":
        raise NoSuchPrivilege("The school’s rules know no privilege at break to take away.", rule="break_use")
    if not reason.strip():
        raise SayWhyRevoked("Say what it is for.", rule="DEV-16")
    if ends_on < starts_on or ends_on < london_day(at):
        raise RevocationDatesWrong("The last day must not be before the first, nor past.", rule="DEV-16")
    row = PrivilegeRevocation(
        school=school, pupil=pupil, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:300], breach=breach,
        breach_reference=breach_reference.strip()[:20], decided_at=at, decided_by=actor,
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


def _check_one_activity(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise OneActivityOnly("It ends before it begins.", rule="DEV-19")
    if london_day(starts_at) != london_day(ends_at):
        raise OneActivityOnly("One activity, on one day. Propose another for another day.", rule="DEV-19")


def taught_by(approvals: Sequence[Approval]) -> dict[int, int]:
    """The teacher whose consent each proposal needs, in one statement."""
    return dict(CurriculumUse.objects.filter(approval__in=approvals).values_list("approval_id", "teacher_id"))
