"""Exceptional use: asked for, drawn up, sent for signatures, and what a signature brings with it (AGR-10 to 16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse

from agreements.enums import AgreementKind, AgreementState, Capacity, SignatoryState
from agreements.models import Agreement
from agreements.operations.issuing import issue_agreement
from core.approvals.enums import OVER_STATES, EventKind, Kind, State
from core.approvals.models import Approval
from core.approvals.operations import (
    Limits,
    after_day,
    change_request,
    first_moment,
    held,
    move,
    open_request,
    start,
    stop,
    tell,
    write_event,
)
from core.approvals.queries import last_day
from core.approvals.words import limits_in_words
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify, queue_email
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import holders_of, tutors_of_forms
from core.people.roles import Permission, Role
from core.rules.queries import for_school
from devices.enums import MEDICAL, UseReason
from devices.models import ExceptionalUse, PupilDevice
from devices.operations.permissions.papers import end_paper_of, text_to_sign
from devices.queries.permissions import AGREEMENT_OVER, exceptional_use_of, reasons_offered
from devices.queries.places import place_choices


class ReasonNotOffered(Refusal):
    """The school’s rules do not know this reason (AGR-10)."""

    default_field = "reason"


class DeviceOfSomebodyElse(Refusal):
    """The device is another pupil’s."""

    default_field = "device"


class SanctionsMissing(Refusal):
    """The rules want expectations, and what follows misuse, in writing (AGR-13)."""

    default_field = "sanctions"


@dataclass(frozen=True)
class Wish:
    """What is asked for and why, beside the limits. `need` says where, when and how it is used and what stays blocked;
    neither it nor the plan’s reference holds anything clinical (law AP-2, AP-3)."""

    reason: UseReason
    need: str
    device: PupilDevice | None = None
    device_words: str = ""
    asked_by: str = ""
    evidence_seen: bool = False
    plan_reference: str = ""
    plan_review_on: date | None = None
    expectations: str = ""
    sanctions: str = ""


@operation("devices.ask_exceptional")
def ask_exceptional_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    wish: Wish,
    limits: Limits,
    starts_on: date,
    ends_on: date,
    review_on: date | None = None,
    review_of: Approval | None = None,
    submission: UUID | None = None,
) -> ExceptionalUse:
    """Ask that a pupil may keep and use a device (AGR-10). Who may: ASK_PERMISSION; whom the rules name decides.

    `review_of` is a refusal that is to be looked at again (law AP-1). Raises `ReasonNotOffered`, `SanctionsMissing`,
    `DeviceOfSomebodyElse`, and as `open_request`.
    """
    approval = open_request(
        school=school,
        actor=actor,
        at=at,
        kind=Kind.EXCEPTIONAL_USE,
        pupil=pupil,
        starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on),
        review_on=review_on,
        limits=limits,
        review_of=review_of,
    )
    use = ExceptionalUse(school=school, approval=approval)
    _fill(use, pupil, wish, at)
    use.stamp(by=actor, at=at)
    use.save()
    record(school=school, actor=actor, action="devices.ask_exceptional", at=at, obj=use, submission=submission)
    return use


@operation("devices.change_exceptional")
def change_exceptional_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    use: ExceptionalUse,
    wish: Wish,
    limits: Limits,
    starts_on: date,
    ends_on: date,
    review_on: date | None = None,
    submission: UUID | None = None,
) -> ExceptionalUse:
    """Change a request before it is decided, as when it was sent back. Who may: whoever asked. Raises as asking."""
    approval = change_request(
        school=school,
        actor=actor,
        at=at,
        approval=use.approval,
        starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on),
        review_on=review_on,
        limits=limits,
    )
    row = ExceptionalUse.objects.select_for_update(of=("self",)).get(pk=use.pk, school=school)
    assert approval.pupil is not None
    _fill(row, approval.pupil, wish, at)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.change_exceptional", at=at, obj=row, submission=submission)
    return row


@operation("devices.send_exceptional")
def send_for_signatures(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    signatories: tuple[str, ...] = (),
    reason: str = "",
    submission: UUID | None = None,
) -> Agreement:
    """Draw the agreement up from what was approved and issue it to the family (AGR-13, AGR-17); it comes into force
    with the signatures that the rules ask for (AGR-14).

    Who may: MANAGE_AGREEMENTS. The reason stands nowhere in it. `signatories` and `reason` where the rules leave open
    who signs. Raises `NoTextToSign`, `MoveNotPossible`, and as `issue_agreement`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row = held(school, approval)
    use = exceptional_use_of(row)
    version = text_to_sign(school, AgreementKind.EXCEPTIONAL_USE, at)
    if row.state == State.APPROVED:
        move(row, State.DRAFTED, EventKind.DRAFTED, actor, at)
    move(row, State.AWAITING, EventKind.ISSUED, actor, at)
    agreement = issue_agreement(
        school=school,
        actor=actor,
        at=at,
        version=version,
        pupil=row.pupil,
        starts_on=max(london_day(row.starts_at), london_day(at)),
        ends_on=last_day(row),
        personal=terms_of(use, row, at),
        signatories=signatories,
        reason=reason,
    )
    use.agreement = agreement
    use.stamp(by=actor, at=at)
    use.save()
    record(
        school=school, actor=actor, action="devices.send_exceptional", at=at, obj=agreement, submission=submission,
        detail={"permission": row.pk},
    )  # fmt: skip
    return agreement


def terms_of(use: ExceptionalUse, row: Approval, at: datetime) -> list[str]:
    """The points of this pupil’s agreement: device, limits, what is expected, what follows misuse. Never why."""
    places = dict(place_choices(for_school(row.school, on=london_day(at))))
    said = [f"Device: {device_in_words(use)}."]
    said += [f"{label}: {value}." for label, value in limits_in_words(row, places)]
    if use.expectations:
        said.append(f"What is expected: {use.expectations}")
    if use.sanctions:
        said.append(f"What follows misuse: {use.sanctions}")
    return [one.replace("..", ".") for one in said]


def device_in_words(use: ExceptionalUse) -> str:
    """The device as the family and the desk know it."""
    return use.device.description if use.device is not None else use.device_words


def follow_agreement(*, agreement: Agreement, origin: str, actor: User | None, at: datetime) -> None:
    """A signed agreement brings the permission into force; one that is taken away suspends it, or has it drawn up anew.

    Called by `agreements` inside the act that moves it.
    """
    if agreement.kind != AgreementKind.EXCEPTIONAL_USE:
        return
    use = ExceptionalUse.objects.select_related("approval").filter(agreement=agreement).first()
    if use is None:
        return
    row = held(agreement.school, use.approval)
    if row.state in OVER_STATES or row.ends_at <= at:
        return
    if agreement.state == AgreementState.IN_FORCE and row.state == State.AWAITING:
        start(row, actor=actor, at=at)
        tell_tutors(row, "A pupil of your form uses a device by agreement", at)
    elif agreement.state == AgreementState.REFUSED and row.state == State.AWAITING:
        # It waits on: a family may think again, and the office can withdraw what was sent and draw it up anew.
        tell(row, [row.requested_by, row.decided_by], "An agreement was not agreed to", at, f"refused.{agreement.pk}")
    elif agreement.state in AGREEMENT_OVER:
        stop(row, actor=actor, at=at, because="The agreement was withdrawn or has ended.")
        if row.state == State.DRAFTED:
            use.agreement = None
            use.stamp(by=actor, at=at)
            use.save()


def end_with_permission(row: Approval, *, actor: User | None, at: datetime, because: str) -> None:
    """When the permission is over, its agreement is too, and those who signed it are told (AGR-16)."""
    use = exceptional_use_of(row)
    if use.agreement is None or row.state == State.DECLINED:
        return
    end_paper_of(row, use.agreement, at)
    if row.state == State.WITHDRAWN:
        tell_signatories(row, at=at, key="over")
    tell_tutors(row, "A device is no longer used by agreement", at)


def pause_with_notice(row: Approval, *, actor: User, at: datetime, because: str) -> None:
    """After misuse: what was agreed to follow is noted beside what happened; the signatories are told that it is
    suspended, and the form tutor (AGR-16)."""
    sanctions = exceptional_use_of(row).sanctions
    if sanctions:
        write_event(row, EventKind.NOTED, actor, at, note=f"What follows misuse, as it was agreed: {sanctions}")
    tell_signatories(row, at=at, key=f"suspended.{row.version}")
    tell_tutors(row, "A device is no longer used by agreement", at)


def tell_signatories(row: Approval, *, at: datetime, key: str) -> int:
    """Ask the adults who signed to get in touch; the email names nobody and says no reason. Returns how many."""
    use = exceptional_use_of(row)
    if use.agreement is None:
        return 0
    signed = use.agreement.signatories.filter(capacity=Capacity.PARENT, state=SignatoryState.SIGNED)
    written = 0
    for one in signed.select_related("contact"):
        if one.contact is None or not one.contact.email:
            continue
        queue_email(
            school=row.school,
            to=one.contact.email,
            subject=f"About an agreement you signed: {row.school.name}",
            text=render_to_string(
                "emails/devices/permission_changed.txt", {"school": row.school, "reference": use.agreement.reference}
            ),
            cause=f"permission:{row.pk}:{key}:{one.pk}",
            at=at,
            template="permission-changed",
        )
        written += 1
    return written


def tell_office(row: Approval, at: datetime) -> None:
    """What was approved waits for its agreement: the office draws it up."""
    assert row.pupil_id is not None
    notify(
        school=row.school,
        recipients=holders_of(row.school, Role.OFFICE, on=london_day(at)),
        kind="devices.permission",
        subject="An exceptional-use agreement is to be drawn up",
        url=reverse("devices:pupil-permissions", args=[row.school.slug, row.pupil_id]),
        at=at,
        dedupe_key=f"devices.permission.{row.pk}.draw-up",
    )


def tell_tutors(row: Approval, subject: str, at: datetime) -> None:
    """The tutor sees the outcome on the pupil’s permissions, without the reason."""
    if row.pupil is None or row.pupil.form_id is None:
        return
    notify(
        school=row.school,
        recipients=tutors_of_forms(row.school, london_day(at)).get(row.pupil.form_id, []),
        kind="devices.permission",
        subject=subject,
        url=reverse("devices:pupil-permissions", args=[row.school.slug, row.pupil_id]),
        at=at,
        dedupe_key=f"devices.permission.{row.pk}.{row.version}",
    )


def _fill(use: ExceptionalUse, pupil: Pupil, wish: Wish, at: datetime) -> None:
    rules = for_school(pupil.school, on=london_day(at))
    if wish.reason not in reasons_offered(rules):
        raise ReasonNotOffered("By the school’s rules this is no reason for exceptional use.", rule="exception_reasons")
    if wish.device is not None and wish.device.pupil_id != pupil.pk:
        raise DeviceOfSomebodyElse("That device belongs to another pupil.", rule="AGR-10")
    if wish.device is None and not wish.device_words.strip():
        raise DeviceOfSomebodyElse("Say which device it is.", rule="AGR-10")
    if rules.exception_sanctions_text == "required":
        for field in ("expectations", "sanctions"):
            if not getattr(wish, field).strip():
                raise SanctionsMissing(
                    "The school’s rules want this in writing before it can be approved.", rule="AGR-13", field=field
                )
    for field, value in vars(wish).items():
        setattr(use, field, value.strip() if isinstance(value, str) and field != "reason" else value)
    if wish.reason not in MEDICAL:
        use.plan_reference, use.plan_review_on = "", None
