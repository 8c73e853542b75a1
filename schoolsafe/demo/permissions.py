"""Permissions in the demonstration: of pupils, of staff, for a lesson, as far as the school’s rules allow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.approvals.enums import GivenHow, Level
from core.approvals.models import Approval
from core.approvals.operations import (
    Limits,
    add_hazard,
    approve,
    attach_assessment,
    begin_assessment,
    complete_assessment,
    consent_to_lesson,
    decline,
    delegate,
    discuss,
)
from core.people.models import Pupil, School, User
from core.people.queries import holders_of, pupils_on_roll
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import ContactChannel, LessonUseReason, UseReason
from devices.operations import ask_bring_device
from devices.operations.permissions import Wish, ask_contact_route, ask_exceptional_use
from devices.operations.permissions.lessons import propose_lesson, revoke_privilege
from devices.operations.permissions.staff import (
    ask_lesson_use,
    ask_remote_teaching,
    ask_staff_contact,
    give_lesson_use,
)
from devices.queries.permissions import reasons_offered

_WHY = "The rules leave it to a leader, and the need is plain."


def write_permissions(school: School, *, head: User, today: date, now: datetime) -> None:
    """A teacher asks for three pupils: one waits for the talk, one for the decision, one is decided; staff ask and are
    given leave; where the rules know it, a class films a play and a pupil’s break is taken away for a week."""
    teachers = [one for one in holders_of(school, Role.TEACHER, on=today) if one.pk != head.pk]
    leaders = [one for one in holders_of(school, Role.SLT, on=today) if one.pk != head.pk]
    if not teachers:
        return
    teacher, at = teachers[0], now - timedelta(days=5)
    pupils = list(pupils_on_roll(school, today).filter(form__isnull=False).order_by("id")[40:44])
    rules = for_school(school, on=at.date())
    for step, pupil in enumerate(pupils[:3]):
        row = _asked(school, teacher, pupil, at, today, medical=UseReason.MEDICAL_MONITORING in reasons_offered(rules))
        if step >= 1:
            _talked_over(school, teacher, row, at)
        if step == 2:
            approve(school=school, actor=head, at=at + timedelta(hours=4), approval=row, because=_WHY)
    if len(pupils) > 3:
        refused = _asked(school, teacher, pupils[3], at, today, medical=False)
        _talked_over(school, teacher, refused, at)
        decline(
            school=school, actor=head, at=at + timedelta(hours=5), approval=refused,
            because="The office can call home for them at lunch.",
        )  # fmt: skip
    if rules.parent_contact_exception_by == "headteacher" and pupils:
        for step, pupil in enumerate(pupils[:2]):
            route = ask_contact_route(
                school=school, actor=teacher, at=at, pupil=pupil, route="A text that the office reads out at lunch",
                why="The parent who can be reached works nights.", starts_on=at.date(),
                ends_on=today + timedelta(days=40),
            )  # fmt: skip
            if step:
                approve(school=school, actor=head, at=at + timedelta(hours=6), approval=route.approval)
    if rules.pupil_bring_rule == "prior_agreement" and pupils:
        ask_bring_device(
            school=school, actor=teacher, at=at, pupil=pupils[0], reason="Walks home across the common",
            starts_on=at.date(), ends_on=today + timedelta(days=100),
        )  # fmt: skip
    _staff(school, teachers, head, at, today, rules.staff_lesson_use_form)
    if rules.staff_contact_own_device == "by_arrangement":
        contact = ask_staff_contact(
            school=school, actor=teachers[-1], at=at, whom="The coach company, and parents waiting at the gate",
            purpose="The residential trip", channel=ContactChannel.CALL, starts_on=today,
            ends_on=today + timedelta(days=6),
        )  # fmt: skip
        approve(school=school, actor=head, at=at + timedelta(hours=3), approval=contact.approval, because=_WHY)
    if leaders:
        delegate(
            school=school, actor=head, at=at, to=leaders[0], starts_on=today, ends_on=today + timedelta(days=4),
            reason="Away with Year 9", kinds=["staff_lesson_use"],
        )  # fmt: skip
    if rules.curriculum_use == "consent_risk_slt" and leaders and pupils:
        _lesson(school, teacher, leaders[0], pupils[0], at, today)
    if rules.break_use == "revocable_privilege" and pupils:
        revoke_privilege(
            school=school, actor=head, at=at, pupil=pupils[-1], starts_on=at.date(), ends_on=today + timedelta(days=2),
            reason="Filmed others at break.",
        )  # fmt: skip


def _asked(school: School, teacher: User, pupil: Pupil, at: datetime, today: date, *, medical: bool) -> Approval:
    rules = for_school(school, on=at.date())
    reason = UseReason.MEDICAL_MONITORING if medical else reasons_offered(rules)[-1]
    use = ask_exceptional_use(
        school=school, actor=teacher, at=at, pupil=pupil,
        wish=Wish(
            reason, "An app is answered wherever it rings; nothing else on the phone is opened.",
            device_words="Phone in a grey case", asked_by="A parent", evidence_seen=medical,
            plan_reference="IHP 14" if medical else "", plan_review_on=today + timedelta(days=90) if medical else None,
            expectations="Nothing but the app is opened.", sanctions="We talk first; then it stays at the office.",
        ),
        limits=Limits(functions=["the monitoring app"] if medical else ["calls home"], kept="in the blazer pocket",
                      conditions="Face down on the desk in lessons"),
        starts_on=at.date(), ends_on=today + timedelta(days=120), review_on=today + timedelta(days=60),
    )  # fmt: skip
    return use.approval


def _talked_over(school: School, teacher: User, row: Approval, at: datetime) -> None:
    discuss(
        school=school, actor=teacher, at=at + timedelta(hours=2), approval=row, discussed_on=at.date(),
        discussed_with="parent and pupil",
    )  # fmt: skip


def _staff(school: School, teachers: list[User], head: User, at: datetime, today: date, form: str) -> None:
    asks = teachers[-1]
    noon = datetime.combine(today, datetime.min.time(), at.tzinfo) + timedelta(hours=12)
    ask_lesson_use(
        school=school, actor=asks, at=at, reason=LessonUseReason.OTHER, why="Waiting for a call from the surgery",
        place="Room 12", starts_at=noon + timedelta(days=1), ends_at=noon + timedelta(days=1, hours=1),
    )  # fmt: skip
    if len(teachers) > 1:
        spoken = form in (GivenHow.VERBAL, "either")
        give_lesson_use(
            school=school, actor=head, at=at, user=teachers[0],
            given_how=GivenHow.VERBAL if spoken else GivenHow.WRITTEN, reason=LessonUseReason.EMERGENCY,
            place="Science block", starts_at=noon - timedelta(hours=6), ends_at=noon + timedelta(days=3),
            because=_WHY if form == UNSPECIFIED else "",
        )  # fmt: skip
    ask_remote_teaching(
        school=school, actor=asks, at=at, why="The school laptop is being repaired", device="Own tablet",
        starts_on=today, ends_on=today + timedelta(days=20),
    )  # fmt: skip


def _lesson(school: School, teacher: User, leader: User, pupil: Pupil, at: datetime, today: date) -> None:
    assert pupil.form is not None
    day = datetime.combine(today + timedelta(days=1), datetime.min.time(), at.tzinfo)
    use = propose_lesson(
        school=school, actor=teacher, at=at, title="Filming a scene", purpose="Speaking so that others follow",
        form=pupil.form, teacher=teacher, starts_at=day + timedelta(hours=10), ends_at=day + timedelta(hours=11),
    )  # fmt: skip
    consent_to_lesson(school=school, actor=teacher, at=at, approval=use.approval)
    row = begin_assessment(
        school=school, actor=teacher, at=at, title="A class films with its own devices",
        activity="In the drama room, in groups of five.", review_on=today + timedelta(days=300),
    )  # fmt: skip
    add_hazard(
        school=school, actor=teacher, at=at, assessment=row, hazard="Somebody is filmed who should not be",
        harmed="Pupils on the do-not-photograph list", likelihood=Level.LOW, severity=Level.HIGH,
        controls="The teacher chooses the groups and looks through each film.", residual=Level.LOW,
    )  # fmt: skip
    complete_assessment(
        school=school, actor=teacher, at=at, assessment=row, conclusion="It can go ahead with these groups."
    )
    attach_assessment(school=school, actor=teacher, at=at, approval=use.approval, assessment=row)
    approve(school=school, actor=leader, at=at + timedelta(hours=1), approval=use.approval)
