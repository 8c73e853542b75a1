"""A family's own way to a child, the paper of bringing, and remote teaching (DEV-28, DOC-03, SDV-07)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import Value
from django_scopes import scope

from agreements.enums import AgreementKind, AgreementState
from agreements.models import Agreement
from core.approvals import operations as approvals
from core.approvals.enums import Level, State
from core.approvals.models import Approval
from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import User
from core.people.roles import Role
from devices.models import BringAgreement, ContactRoute, RemoteTeaching
from devices.operations import ask_bring_device
from devices.operations import assets as asset_ops
from devices.operations import remote_teaching as ops
from devices.operations.agreements import AlreadyDrawnUp, send_bring_agreement
from devices.operations.permissions import ask_contact_route
from devices.operations.permissions import staff as staff_ops
from tests.acceptance.conftest import Person, shown
from tests.devices.test_assets import Store
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_version
from tests.people.conftest import at_once

TODAY = date(2026, 11, 23)
WHY = "Zephyrglow works nights and sleeps by day."
ROUTE = "By a text that is read in the office at lunch"


class Cast:
    """A school under a preset, a pupil with a parent, and somebody for each job."""

    def __init__(self, preset: str, at: datetime) -> None:
        self.school, self.at = make_school("elm-bank", preset=preset), at
        with scope(school=self.school):
            self.pupil = make_pupil(self.school, "Amara", "Kovacs", form=make_form(self.school, "8B", year=8))
            make_contact(self.pupil, has_parental_responsibility=True, email="dana@example.org")
        self.head, self.slt, self.office, self.teacher, self.other = (
            make_user(one, self.school) for one in (Role.HEADTEACHER, Role.SLT, Role.OFFICE, Role.TEACHER, Role.TEACHER)
        )

    def as_(self, user: User) -> Person:
        return Person(user, self.school)

    def by(self, actor: User) -> dict[str, Any]:
        return {"school": self.school, "actor": actor, "at": self.at}


@pytest.fixture
def cast(db: None, at: datetime, request: pytest.FixtureRequest) -> Iterator[Cast]:
    made = Cast(getattr(request, "param", "group-locked-storage"), at)
    with scope(school=made.school), time_machine.travel(at, tick=False):
        yield made


def route_form(**more: Any) -> dict[str, Any]:
    return {"route": ROUTE, "why": WHY, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=30)} | more


# --- A family's own way (DEV-28)


def test_dev_28_the_head_excepts_a_family_case_by_case(cast: Cast) -> None:
    """DEV-28: asked with a way, a reason and dates; the head alone decides; staff read the way and never why."""
    teacher, head, slt = cast.as_(cast.teacher), cast.as_(cast.head), cast.as_(cast.slt)
    of_pupil = f"devices/permissions/pupils/{cast.pupil.pk}/"
    assert "Ask for a family’s own way" in shown(teacher.opens(of_pupil))
    assert "for the headteacher to decide" in shown(teacher.opens(f"{of_pupil}route/"))
    teacher.sends(f"{of_pupil}route/", **route_form())
    row = Approval.objects.get()
    assert (row.state, row.requested_by, row.conditions) == (State.REQUESTED, cast.teacher, ROUTE)
    panel, lookup = f"devices/pupils/{cast.pupil.pk}/", f"devices/may-use/{cast.pupil.pk}/"
    assert ROUTE not in shown(teacher.opens(lookup))

    decision = {"decision": "approve", "version": row.version, "conditions": row.conditions, "because": ""}
    assert "for the headteacher to decide" in shown(slt.sends(f"permissions/{row.pk}/", **decision))
    assert WHY in shown(head.opens(f"permissions/{row.pk}/"))
    head.sends(f"permissions/{row.pk}/", **decision)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (State.LIVE, cast.head)
    other = cast.as_(cast.other)
    for page in (panel, lookup, of_pupil, f"permissions/{row.pk}/"):
        said = shown(other.opens(page))
        assert ROUTE in said and "Zephyrglow" not in said, page
    assert not Entry.objects.filter(detail__icontains="Zephyrglow").exists()

    with time_machine.travel(cast.at + timedelta(days=31), tick=False):
        assert ROUTE not in shown(other.opens(lookup))


def test_dev_28_sent_back_is_changed_by_who_asked(cast: Cast) -> None:
    """DEV-28: what was sent back waits again once it is changed; nobody else changes it."""
    row = ask_contact_route(**cast.by(cast.teacher), pupil=cast.pupil, route=ROUTE, why=WHY, starts_on=TODAY,
                            ends_on=TODAY + timedelta(days=9)).approval  # fmt: skip
    approvals.send_back(**cast.by(cast.head), approval=row, because="Until when?", version=row.version)
    page = f"devices/permissions/{row.pk}/request/"
    assert cast.as_(cast.other).opens(page).status_code == 404
    teacher = cast.as_(cast.teacher)
    assert "Change the request" in shown(teacher.opens(f"permissions/{row.pk}/"))
    assert WHY in teacher.opens(page).content.decode()
    empty = teacher.sends(page, **route_form(why=" "))
    assert empty.status_code == 422 and "Say why the office’s way will not do" in shown(empty)
    teacher.sends(page, **route_form(route="By a call at noon"))
    row.refresh_from_db()
    assert (row.conditions, row.sent_back_at, row.state) == ("By a call at noon", None, State.REQUESTED)


@pytest.mark.parametrize("cast", ["phone-free-agreement"], indirect=True)
def test_dev_28_where_the_rules_know_no_exception_none_is_asked_for(cast: Cast) -> None:
    """DEV-28: the refusal names the rule, what was typed is kept, and no page offers it."""
    of_pupil, teacher = f"devices/permissions/pupils/{cast.pupil.pk}/", cast.as_(cast.teacher)
    assert "Ask for a family’s own way" not in shown(teacher.opens(of_pupil))
    answer = teacher.sends(f"{of_pupil}route/", **route_form())
    assert answer.status_code == 422 and "know no exception" in shown(answer) and WHY in answer.content.decode()
    assert not Approval.objects.exists() and not ContactRoute.objects.exists()


@pytest.mark.parametrize("cast", ["image-and-conduct"], indirect=True)
def test_dev_28_where_the_rules_are_silent_a_leader_decides_and_says_why_it_is_them(cast: Cast) -> None:
    """DEV-28, matrix 0.3: a gap in the rules is neither a yes nor a no."""
    row = ask_contact_route(**cast.by(cast.teacher), pupil=cast.pupil, route=ROUTE, why=WHY, starts_on=TODAY,
                            ends_on=TODAY).approval  # fmt: skip
    with pytest.raises(approvals.ReasonNeeded):
        approvals.approve(**cast.by(cast.slt), approval=row)
    approvals.approve(**cast.by(cast.slt), approval=row, because="The rules are silent; I lead on devices.")
    row.refresh_from_db()
    assert row.state == State.LIVE


def test_dev_28_database_keeps_no_way_without_a_why(cast: Cast) -> None:
    row = ask_contact_route(**cast.by(cast.teacher), pupil=cast.pupil, route=ROUTE, why=WHY, starts_on=TODAY,
                            ends_on=TODAY)  # fmt: skip
    with pytest.raises(IntegrityError, match="devices_contactroute_says_why"), transaction.atomic():
        ContactRoute.objects.filter(pk=row.pk).update(why=Value(b""))


# --- Bringing a device: the request, and the agreement that a parent signs (DEV-03, DOC-03)


def bring(cast: Cast, by: User) -> Approval:
    agreed: BringAgreement = ask_bring_device(
        **cast.by(by), pupil=cast.pupil, reason=WHY, starts_on=TODAY, ends_on=TODAY + timedelta(days=20)
    )
    return agreed.approval


@pytest.mark.parametrize("cast", ["primary-by-agreement"], indirect=True)
def test_dev_03_what_is_only_asked_for_is_not_agreed_and_why_is_not_for_everybody(cast: Cast) -> None:
    """DEV-03, law AP-6: the panel says "Agreed" once the head has, and why to those alone who may know."""
    row, panel = bring(cast, cast.office), f"devices/pupils/{cast.pupil.pk}/"
    colleague = make_user(Role.OFFICE, cast.school)
    assert "Not agreed" in shown(cast.as_(cast.office).opens(panel))
    assert "Agreed by" not in shown(cast.as_(cast.office).opens(panel))
    approvals.approve(**cast.by(cast.head), approval=row)
    for user, reads in ((cast.office, True), (colleague, False), (cast.head, True)):
        said = shown(cast.as_(user).opens(panel))
        assert "Agreed by" in said and ("Zephyrglow" in said) is reads, user


@pytest.mark.parametrize("cast", ["primary-by-agreement"], indirect=True)
def test_dev_03_a_request_sent_back_is_changed(cast: Cast) -> None:
    row = bring(cast, cast.teacher)
    approvals.send_back(**cast.by(cast.head), approval=row, because="Until when?", version=row.version)
    page = f"devices/permissions/{row.pk}/request/"
    days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=5)}
    cast.as_(cast.teacher).sends(page, reason="Walks home alone", **days)
    row.refresh_from_db()
    assert row.sent_back_at is None and BringAgreement.objects.get().reason == "Walks home alone"
    approvals.approve(**cast.by(cast.head), approval=row)
    late = cast.as_(cast.teacher).sends(page, reason="Something else", **days)
    assert late.status_code == 422 and "It has been decided" in shown(late)


@pytest.mark.parametrize("cast", ["primary-by-agreement"], indirect=True)
def test_doc_03_the_office_draws_it_up_and_it_ends_with_the_permission(cast: Cast) -> None:
    """DOC-03: from the page of the permission; a parent signs; once; why stands nowhere in it; it ends with it."""
    row, office = bring(cast, cast.teacher), cast.as_(cast.office)
    assert "Draw up the agreement" not in shown(office.opens(f"permissions/{row.pk}/"))
    approvals.approve(**cast.by(cast.head), approval=row)
    assert "Draw up the agreement" in shown(office.opens(f"permissions/{row.pk}/"))
    page = f"devices/permissions/{row.pk}/bring/"
    refused = office.sends(page)
    assert refused.status_code == 422 and "Publish a text of this kind first" in shown(refused)
    make_version(cast.school, AgreementKind.BRING_DEVICE)
    office.sends(page)
    agreement = Agreement.objects.get()
    assert agreement.kind == AgreementKind.BRING_DEVICE and agreement.ends_on == TODAY + timedelta(days=20)
    assert [one.capacity for one in agreement.signatories.all()] == ["parent"]
    assert "Zephyrglow" not in str(agreement.__dict__) and BringAgreement.objects.get().agreement == agreement
    assert "The agreement and who has signed" in shown(office.opens(f"devices/permissions/pupils/{cast.pupil.pk}/"))
    again = office.sends(page)
    assert again.status_code == 422 and "drawn up already" in shown(again)
    row.refresh_from_db()
    approvals.withdraw(**cast.by(cast.head), approval=row, because="They moved")
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.WITHDRAWN


# --- Remote teaching (SDV-07)


@pytest.fixture
def store(db: None, at: datetime) -> Iterator[Store]:
    made = Store(at, "phone-free-agreement")
    with scope(school=made.school), time_machine.travel(at, tick=False):
        yield made


def exception_of(store: Store, days: int = 5) -> Approval:
    """An exception in force for the teacher: asked, assessed, approved."""
    row = staff_ops.ask_remote_teaching(
        **store.by(store.teacher), why=WHY, device="own tablet", starts_on=TODAY, ends_on=TODAY + timedelta(days=days)
    ).approval
    assessment = approvals.begin_assessment(
        **store.by(store.teacher),
        title="Teaching from home",
        activity="Maths by video",
        review_on=TODAY + timedelta(90),
    )
    approvals.add_hazard(
        **store.by(store.teacher), assessment=assessment, hazard="A family is seen on screen", harmed="The family",
        likelihood=Level.LOW, severity=Level.MEDIUM, controls="The background is blurred", residual=Level.LOW,
    )  # fmt: skip
    approvals.complete_assessment(**store.by(store.teacher), assessment=assessment, conclusion="It can go ahead")
    approvals.attach_assessment(**store.by(store.teacher), approval=row, assessment=assessment)
    approvals.approve(**store.by(store.head), approval=row)
    return row


def log(store: Store, **more: Any) -> RemoteTeaching:
    said = {"what": "Year 11 maths", "starts_on": TODAY, "ends_on": TODAY + timedelta(days=4), "ground": ""} | more
    made: RemoteTeaching = ops.log_remote_teaching(**store.by(store.teacher), **said)
    return made


def test_sdv_07_neg_on_neither_a_school_device_nor_an_exception_it_is_refused(store: Store) -> None:
    """SDV-07: the refusal names the rule and is on record; what belongs to a colleague is no ground."""
    person = Person(store.teacher, store.school)
    page = person.opens("devices/staff/remote/log/")
    assert "You have neither" in shown(page)
    days = {"what": "Year 11 maths", "starts_on": TODAY, "ends_on": TODAY}
    refused = person.sends("devices/staff/remote/log/", **days)
    assert refused.status_code == 422 and "on a school device that you were given" in shown(refused)
    assert Entry.objects.filter(action="devices.log_remote_teaching", outcome=Outcome.REFUSED).count() == 1
    store.notices(store.head)
    issue = store.issues(store.head)
    with pytest.raises(ops.NothingToTeachOn):
        log(store, ground=f"school-{issue.pk}")
    assert not RemoteTeaching.objects.exists()


def test_sdv_07_on_a_school_device_until_it_is_given_back(store: Store) -> None:
    """SDV-07: linked to the school's device; given back, leaders see that there is nothing to teach on."""
    store.notices(store.teacher)
    issue, person = store.issues(store.teacher), Person(store.teacher, store.school)
    assert "School device L12, laptop" in shown(person.opens("devices/staff/remote/log/"))
    person.sends(
        "devices/staff/remote/log/", what="Year 11 maths", ground=f"school-{issue.pk}", starts_on=TODAY,
        ends_on=TODAY + timedelta(days=4),
    )  # fmt: skip
    row = RemoteTeaching.objects.get()
    assert (row.issue, row.exception, row.user) == (issue, None, store.teacher)
    head = Person(store.head, store.school)
    assert "Running" in shown(head.opens("devices/staff/remote/"))
    stranger = Person(make_user(Role.TEACHER, store.school), store.school)
    assert "Year 11 maths" not in shown(stranger.opens("devices/staff/remote/"))
    assert stranger.sends(f"devices/staff/remote/{row.pk}/end/").status_code == 404
    asset_ops.return_asset(**store.by(store.manager), issue=issue, condition="Good")
    assert "No device for it any more" in shown(head.opens("devices/staff/remote/"))
    person.sends(f"devices/staff/remote/{row.pk}/end/")
    assert "Over" in shown(person.opens("devices/staff/remote/"))
    with pytest.raises(ops.OverAlready):
        ops.end_remote_teaching(**store.by(store.head), row=row)


def test_sdv_07_on_an_own_device_no_longer_than_the_exception(store: Store) -> None:
    """SDV-07, STA-12: linked to an approved exception, and not beyond its last day."""
    approval = exception_of(store)
    ground = f"own-{approval_record(approval)}"
    with pytest.raises(ops.DaysWrong, match="ends on 28 November 2026"):
        log(store, ground=ground, ends_on=TODAY + timedelta(days=6))
    with pytest.raises(ops.DaysWrong, match="before the first"):
        log(store, ground=ground, ends_on=TODAY - timedelta(days=1))
    with pytest.raises(ops.SayWhat):
        log(store, ground=ground, what=" ")
    row = log(store, ground=ground)
    assert row.exception is not None and row.exception.approval == approval
    head = Person(store.head, store.school)
    assert "Running" in shown(head.opens("devices/staff/remote/"))
    approvals.withdraw(**store.by(store.head), approval=approval, because="The laptop has come")
    assert "No device for it any more" in shown(head.opens("devices/staff/remote/"))


def approval_record(approval: Approval) -> int:
    from devices.models import RemoteTeachingException

    found: int = RemoteTeachingException.objects.get(approval=approval).pk
    return found


def test_sdv_07_database_wants_one_ground_days_in_order_and_words(store: Store) -> None:
    store.notices(store.teacher)
    row = log(store, ground=f"school-{store.issues(store.teacher).pk}")
    for name, change in (
        ("devices_remote_on_one_device", {"issue": None}),
        ("devices_remote_says_what", {"what": ""}),
        ("devices_remote_dates_in_order", {"ends_on": TODAY - timedelta(days=1)}),
        ("devices_remote_ended_paired", {"ended_at": store.at}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RemoteTeaching.objects.filter(pk=row.pk).update(**change)


# --- Two at once


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_up_at_once_issue_one_agreement(transactional_db: None, at: datetime) -> None:
    """DOC-03: the second is told that it is drawn up."""
    cast = Cast("primary-by-agreement", at)
    with scope(school=cast.school):
        make_version(cast.school, AgreementKind.BRING_DEVICE)
        row = bring(cast, cast.teacher)
        approvals.approve(**cast.by(cast.head), approval=row)
        results = at_once(
            cast.school,
            *(partial(send_bring_agreement, **cast.by(one), approval=row) for one in (cast.office, cast.head)),
        )
        assert [type(one) for one in results if isinstance(one, Exception)] == [AlreadyDrawnUp], results
        assert Agreement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_end_remote_teaching_at_once_end_it_once(transactional_db: None, at: datetime) -> None:
    """SDV-07: one of them is told that it was ended."""
    store = Store(at, "phone-free-agreement")
    with scope(school=store.school):
        store.notices(store.teacher)
        row = log(store, ground=f"school-{store.issues(store.teacher).pk}")
        results = at_once(
            store.school,
            *(partial(ops.end_remote_teaching, **store.by(one), row=row) for one in (store.teacher, store.head)),
        )
        assert [type(one) for one in results if isinstance(one, Exception)] == [ops.OverAlready], results
