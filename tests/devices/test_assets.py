"""The school's own devices: register, protection, who may have one, on what, and its return (SDV-01 to SDV-10, 13)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django_scopes import scope

from agreements.operations.equipment import authorise_equipment, withdraw_equipment
from core.approvals import operations as approvals
from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people.access import NotPermitted
from core.people.enums import Category
from core.people.models import Membership, Pupil, User
from core.people.roles import Role
from core.rules.queries import for_school
from devices.enums import AssetStatus, AssetUse, Protection
from devices.models import AssetIssue, SchoolAsset, WorkContact
from devices.operations import assets as ops
from devices.operations.permissions.school_device import (
    NotForThem,
    PurposeMissing,
    ask_school_device,
    change_school_device,
    give_school_device,
)
from devices.queries.assets import (
    COUNTS,
    documents_governing,
    is_assignee,
    issues_of,
    overdue,
    permission_of,
    readiness_of,
    register_of,
    to_be_reset,
    unprotected,
    work_contacts,
)
from policies.models import DocumentVersion
from policies.operations import read_and_acknowledge
from tests.agreements.test_access import acknowledge, again, publish
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.consents import PRESETS
from tests.people.conftest import at_once


class Store:
    """A school with a systems manager, a teacher, a pupil, a notice of monitoring and a laptop."""

    def __init__(self, at: datetime, preset: str) -> None:
        self.at, self.school = at, make_school(preset=preset)
        self.manager, self.teacher = (make_user(one, self.school) for one in (Role.SYSTEMS_MANAGER, Role.TEACHER))
        self.head = make_user(Role.HEADTEACHER, self.school)
        with scope(school=self.school):
            self.pupil = make_pupil(self.school, form=make_form(self.school, year=8))
            self.notice: DocumentVersion = publish(self.school, at, kind="monitoring")
            self.asset = self.adds("L12")

    def adds(self, number: str, **said: Any) -> SchoolAsset:
        asset: SchoolAsset = ops.add_asset(**self.by(self.manager), **{"number": number, "type": "laptop"} | said)
        return asset

    def by(self, actor: User, at: datetime | None = None) -> dict[str, Any]:
        return {"school": self.school, "actor": actor, "at": at or self.at}

    def notices(self, person: Pupil | User, version: DocumentVersion | None = None) -> Any:
        version = version or self.notice
        if isinstance(person, Pupil):
            return acknowledge(person, self.head, self.at, version)
        return read_and_acknowledge(school=self.school, actor=person, at=self.at, version=version)

    def issues(self, person: Pupil | User, asset: SchoolAsset | None = None, **said: Any) -> AssetIssue:
        row: AssetIssue = ops.issue_asset(
            **self.by(self.manager, said.pop("at", None)), asset=asset or self.asset, person=person,
            **{"condition": "Like new", "accessories": "Charger"} | said,
        )  # fmt: skip
        return row

    def status(self) -> str:
        return str(SchoolAsset.objects.get(pk=self.asset.pk).status)


@pytest.fixture
def under(db: None, at: datetime) -> Iterator[Callable[[str], Store]]:
    with transaction.atomic():
        scopes = []

        def build(preset: str) -> Store:
            store = Store(at, preset)
            scopes.append(scope(school=store.school))
            scopes[-1].__enter__()
            return store

        yield build
        for one in reversed(scopes):
            one.__exit__(None, None, None)


@pytest.fixture
def store(under: Callable[[str], Store]) -> Store:
    """Where staff and pupils may have one, with nothing but the notice before it."""
    return under("primary-by-agreement")


def test_register_holds_what_is_known_and_each_number_once(store: Store) -> None:
    """SDV-01: number, kind, make, serial, number or SIM, location, custodian, status; a clash is said."""
    said = {"make": "Slate 3", "serial": "SN-1", "phone_number": "07700 900001", "location": "Room 4",
            "custodian": store.teacher}  # fmt: skip
    phone = store.adds("P1", type="phone", **said)
    assert {name: getattr(phone, name) for name in said} == said
    assert (phone.status, phone.protection) == (AssetStatus.AVAILABLE, Protection.UNKNOWN)
    with pytest.raises(ops.NumberTaken):
        store.adds("P1")
    with pytest.raises(ops.NumberMissing):
        store.adds("  ")
    with pytest.raises(NotPermitted):
        ops.add_asset(**store.by(store.teacher), number="X", type="phone")
    change = partial(ops.change_asset, **store.by(store.manager), asset=phone, number="P1", type="phone")
    with pytest.raises(ops.WhileIssued):
        change(status=AssetStatus.ISSUED)
    with pytest.raises(ChangedMeanwhile):
        change(status=AssetStatus.LOST, version=99)
    change(status=AssetStatus.RETIRED, note="Cracked")
    rules = for_school(store.school, on=store.at.date())
    assert [row.asset.number for row in register_of(store.manager, store.school, rules)] == ["L12"]
    gone = register_of(store.manager, store.school, rules, status="retired")
    assert [row.asset.number for row in gone] == ["P1"]


@pytest.mark.parametrize("preset", PRESETS)
def test_protection_counts_as_the_rule_says_and_the_rest_is_listed(under: Callable[[str], Store], preset: str) -> None:
    """SDV-02: what was found, when and by whom; never checked is not protected; a lost one is not listed."""
    store = under(preset)
    rules = for_school(store.school, on=store.at.date())
    counts = {
        "group-locked-storage": {"pin", "password", "private"}, "primary-by-agreement": {"pin", "password", "private"},
        "primary-online-safety": {"pin", "password", "private", "other"}, "image-and-conduct": {"private"},
        "phone-free-agreement": {"password", "private"},
    }[preset]  # fmt: skip
    assert list(unprotected(store.school, rules)) == [store.asset]
    for found in (one for one in Protection if one != Protection.UNKNOWN):
        row = ops.check_protection(**store.by(store.manager), asset=store.asset, protection=found)
        assert (row.protection_checked_at, row.protection_checked_by) == (store.at, store.manager)
        assert list(unprotected(store.school, rules)) == ([] if found in counts else [store.asset])
    with pytest.raises(ops.SaysTooLittle):
        ops.check_protection(**store.by(store.manager), asset=store.asset, protection=Protection.UNKNOWN)
    ops.check_protection(**store.by(store.manager), asset=store.asset, protection=Protection.NONE)
    ops.change_asset(**store.by(store.manager), asset=store.asset, number="L12", type="laptop", status=AssetStatus.LOST)
    assert not unprotected(store.school, rules)
    with (
        pytest.raises(IntegrityError, match="protection_was_checked"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE devices_schoolasset SET protection = 'pin', protection_checked_at = NULL,"
            " protection_checked_by_id = NULL"
        )


def test_unsettled_rule_takes_any_protection() -> None:
    """SDV-02, matrix 0.3: where the school has not settled it, any measure counts."""
    assert set(COUNTS["unspecified"]) == set(Protection) - {Protection.UNKNOWN, Protection.NONE}


def test_only_staff_and_pupils_are_given_one(store: Store) -> None:
    """SDV-03: a governor, a contractor, a leaver and a stranger are refused, on record; staff and a pupil are not."""
    contractor, outsider = make_user(Role.SUPPORT, store.school), make_user(Role.TEACHER, make_school())
    place, _new = Membership.objects.get_or_create(
        school=store.school, user=contractor, defaults={"category": Category.CONTRACTOR, "joined_on": store.at.date()}
    )
    place.category = Category.CONTRACTOR
    place.stamp(by=None, at=store.at)
    place.save()
    gone = make_pupil(store.school, left_on=store.at.date() - timedelta(days=1))
    for nobody in (make_user(Role.GOVERNOR, store.school), make_user(Role.IT_CONTACT, store.school), contractor,
                   outsider, gone):  # fmt: skip
        assert not is_assignee(store.school, nobody, store.at.date())
        with pytest.raises(ops.NotAnAssignee, match="staff and pupils alone"):
            store.issues(nobody)
    assert Entry.objects.filter(action="devices.issue_asset", outcome="refused").count() == 5
    for person in (store.teacher, store.pupil):
        assert is_assignee(store.school, person, store.at.date())
    with pytest.raises(NotPermitted):
        ops.issue_asset(**store.by(store.teacher), asset=store.asset, person=store.pupil, condition="New")
    assert store.status() == AssetStatus.AVAILABLE


def test_issue_waits_for_the_notice_and_keeps_its_version_and_time(store: Store) -> None:
    """SDV-05, AGR-25: nobody before the acknowledgement; with it, its version and time stand on the issue; an old
    version is not enough; the database refuses an issue before its acknowledgement."""
    with pytest.raises(ops.NoticeNotAcknowledged, match="notice of monitoring") as refused:
        store.issues(store.teacher)
    assert refused.value.rule == "SDV-05"
    known = store.notices(store.teacher)
    later = store.at + timedelta(hours=1)
    row = store.issues(store.teacher, at=later)
    assert (row.notice, row.notice_version, row.noticed_at) == (known, store.notice, store.at)
    assert row.noticed_at < row.issued_at
    with (
        pytest.raises(IntegrityError, match="devices_issue_after_notice"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE devices_assetissue SET noticed_at = issued_at + interval '1 minute'")
    tomorrow = store.at + timedelta(days=1)
    again(store.school, tomorrow, store.notice.document, label="2")
    with pytest.raises(ops.NoticeNotAcknowledged):
        store.issues(store.teacher, store.adds("L13"), at=tomorrow)


def test_permission_comes_first_where_the_rule_says_so(under: Callable[[str], Store]) -> None:
    """SDV-04: asked for or given by a leader, for a person, a purpose and days; without it refused, on record."""
    store = under("group-locked-storage")
    today, month = store.at.date(), store.at.date() + timedelta(days=30)
    store.notices(store.teacher)
    store.notices(store.pupil)
    wish = {"purpose": "Marking at home", "starts_on": today, "ends_on": month}
    with pytest.raises(ops.PermissionNeeded, match="permission beforehand"):
        store.issues(store.teacher)
    with pytest.raises(PurposeMissing):
        ask_school_device(**store.by(store.teacher), person=store.teacher, **wish | {"purpose": " "})
    with pytest.raises(NotForThem):
        ask_school_device(**store.by(store.teacher), person=make_user(Role.GOVERNOR, store.school), **wish)
    asked = ask_school_device(**store.by(store.teacher), person=store.teacher, **wish)
    with pytest.raises(ops.PermissionNeeded):
        store.issues(store.teacher)
    with pytest.raises(approvals.NotTheOneToDecide):
        give_school_device(**store.by(store.teacher), person=store.pupil, **wish)
    with pytest.raises(approvals.NotByOneself):
        give_school_device(**store.by(store.head), person=store.head, **wish)
    approvals.send_back(**store.by(store.head), approval=asked, because="Until when?")
    change_school_device(
        **store.by(store.teacher), approval=asked, note="A month.", **wish | {"purpose": "Reports at home"}
    )
    approvals.approve(**store.by(store.head), approval=asked)
    row = store.issues(store.teacher)
    assert row.permission is not None
    assert (row.permission.decided_by, row.permission.conditions) == (store.head, "Reports at home")
    given = give_school_device(**store.by(store.head), person=store.pupil, **wish)
    assert permission_of(store.school, store.pupil, store.at) == given
    assert permission_of(store.school, store.pupil, store.at + timedelta(days=31)) is None
    assert store.issues(store.pupil, store.adds("L13")).permission == given


def test_acceptable_use_comes_first_where_the_rule_says_so(under: Callable[[str], Store]) -> None:
    """SDV-04, AGR-25: acknowledgement of acceptable use, then the device; what is missing is named before."""
    store = under("primary-online-safety")
    store.notices(store.pupil)
    ready = readiness_of(store.school, store.pupil, store.at, store.at.date())
    assert ready.no_document and not ready.is_ready
    rules = publish(store.school, store.at)
    with pytest.raises(ops.DocumentNotAcknowledged):
        store.issues(store.pupil)
    ready = readiness_of(store.school, store.pupil, store.at, store.at.date())
    assert [one.version for one in ready.documents] == [rules] and not ready.notices
    store.notices(store.pupil, rules)
    assert readiness_of(store.school, store.pupil, store.at, store.at.date()).is_ready
    store.issues(store.pupil)
    assert Entry.objects.get(action="devices.issue_asset", outcome="done").detail["acceptable_use"]


def test_school_work_only_unless_the_head_authorised_it(under: Callable[[str], Store]) -> None:
    """SDV-08: for another job only with the head's word that holds that day, for that kind; never a pupil."""
    store = under("image-and-conduct")
    store.notices(store.teacher)
    store.notices(store.pupil)
    with pytest.raises(ops.UseNotAuthorised, match="written authorisation") as refused:
        store.issues(store.teacher, use=AssetUse.ANOTHER_JOB)
    assert refused.value.rule == "SDV-08"
    with pytest.raises(ops.UseNotAuthorised):
        store.issues(store.pupil, use=AssetUse.PERSONAL)
    today = store.at.date()
    use = authorise_equipment(
        **store.by(store.head), user=store.teacher, equipment="Laptop 12", kind="another_job", terms="Marking",
        starts_on=today, ends_on=today,
    )  # fmt: skip
    with pytest.raises(ops.UseNotAuthorised):
        store.issues(store.teacher, use=AssetUse.PERSONAL)
    row = store.issues(store.teacher, use=AssetUse.ANOTHER_JOB)
    assert row.equipment_use == use
    withdraw_equipment(**store.by(store.head), use=use, reason="Over")
    with pytest.raises(ops.UseNotAuthorised):
        store.issues(store.teacher, store.adds("L13"), use=AssetUse.ANOTHER_JOB)
    store.issues(store.teacher, store.adds("L14"))


def test_log_keeps_to_whom_from_to_condition_accessories_and_reset(store: Store) -> None:
    """SDV-10: issue and return by device and by person; a reset that is confirmed later is listed until then."""
    store.notices(store.teacher)
    yesterday = store.at.date() - timedelta(days=1)
    with pytest.raises(ops.DueTooEarly):
        store.issues(store.teacher, due_on=yesterday)
    with pytest.raises(ops.SaysTooLittle):
        store.issues(store.teacher, condition=" ")
    row = store.issues(store.teacher, due_on=store.at.date())
    assert store.status() == AssetStatus.ISSUED
    with pytest.raises(ops.AssetNotAvailable):
        store.issues(store.pupil)
    with pytest.raises(ops.WhileIssued):
        ops.change_asset(
            **store.by(store.manager), asset=store.asset, number="L12", type="laptop", status=AssetStatus.LOST
        )
    with pytest.raises(ops.ResetAlready):
        ops.confirm_reset(**store.by(store.manager), issue=row)
    assert not overdue(store.manager, store.school, store.at.date())
    assert list(overdue(store.manager, store.school, store.at.date() + timedelta(days=1))) == [row]
    later = store.at + timedelta(days=2)
    back = partial(
        ops.return_asset, **store.by(store.manager, later), issue=row, condition="Scratched", accessories="None",
        status=AssetStatus.REPAIR,
    )  # fmt: skip
    back()
    with pytest.raises(ops.NotIssued):
        back()
    assert store.status() == AssetStatus.REPAIR
    assert list(to_be_reset(store.manager, store.school)) == [row]
    ops.confirm_reset(**store.by(store.manager, later), issue=row)
    with pytest.raises(ops.ResetAlready):
        ops.confirm_reset(**store.by(store.manager, later), issue=row)
    (kept,) = issues_of(store.manager, store.school, store.teacher)
    assert (kept.condition, kept.accessories, kept.condition_back, kept.accessories_back) == (
        "Like new", "Charger", "Scratched", "None",
    )  # fmt: skip
    assert (kept.returned_at, kept.returned_to, kept.reset_at, kept.reset_by) == (
        later, store.manager, later, store.manager,
    )  # fmt: skip
    assert not to_be_reset(store.manager, store.school)


@pytest.mark.parametrize(
    ("preset", "named"),
    [
        ("group-locked-storage", {"Group mobile-device policy", "Code of conduct"}),
        ("primary-by-agreement", {"Code of conduct"}),
        ("image-and-conduct", {"Image and conduct policy"}),
    ],
)
def test_documents_that_govern_use_stand_on_the_issue(
    under: Callable[[str], Store], preset: str, named: set[str]
) -> None:
    """SDV-13: what the rules name, and what is in force with its version; frozen on the issue."""
    store = under(preset)
    rules = for_school(store.school, on=store.at.date())
    documents = documents_governing(store.school, rules, store.at.date())
    assert named | {f"{store.notice.document.title}, version {store.notice.label}"} <= set(documents)
    store.notices(store.teacher)
    if preset == "group-locked-storage":
        give_school_device(
            **store.by(store.head), person=store.teacher, purpose="Work", starts_on=store.at.date(),
            ends_on=store.at.date(),
        )  # fmt: skip
    row = store.issues(store.teacher)
    publish(store.school, store.at, kind="conduct")
    row.refresh_from_db()
    assert row.documents == documents


def test_contact_staff_without_a_work_number_come_first(under: Callable[[str], Store]) -> None:
    """SDV-06: a work number and a work email; one without the other is missing; one row a person."""
    store = under("group-locked-storage")
    with pytest.raises(NotPermitted):
        ops.set_work_contact(**store.by(store.teacher), user=store.teacher, needs_contact=True)
    for number, email in (("01632 960111", ""), ("01632 960111", "robin@example.org")):
        row = ops.set_work_contact(
            **store.by(store.manager), user=store.teacher, needs_contact=True, number=number, email=email
        )
        first, *_rest = work_contacts(store.school, [store.head, store.teacher])
        assert first.is_missing == (not email)
        assert row.is_complete == bool(email)
    ops.set_work_contact(**store.by(store.manager), user=store.head, needs_contact=False)
    assert not [one for one in work_contacts(store.school, [store.head, store.teacher]) if one.is_missing]
    assert WorkContact.objects.filter(user=store.teacher).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_issues_at_once_leave_one(at: datetime) -> None:
    """SDV-10: two people at two desks, one laptop; the same form twice is one act; two returns are one."""
    store = Store(at, "primary-by-agreement")
    with scope(school=store.school):
        store.notices(store.teacher)
        store.notices(store.pupil)
        for_school(store.school, on=at.date())
        results = at_once(store.school, partial(store.issues, store.teacher), partial(store.issues, store.pupil))
        assert [type(one) for one in results if isinstance(one, Exception)] == [ops.AssetNotAvailable], results
        issue = AssetIssue.objects.get()
        back = partial(ops.return_asset, **store.by(store.manager), issue=issue, condition="Fine")
        results = at_once(store.school, back, back)
        assert [type(one) for one in results if isinstance(one, Exception)] == [ops.NotIssued], results
        once = partial(store.issues, store.teacher, submission=uuid.uuid4())
        results = at_once(store.school, once, once)
        assert len({one.pk for one in results}) == 1, results
        assert AssetIssue.objects.filter(returned_at__isnull=True).count() == 1


def test_database_keeps_one_issue_at_a_time_to_one_person(store: Store) -> None:
    """SDV-10: whatever code does, one open issue a device; to a pupil or to staff, and to one of them."""
    store.notices(store.teacher)
    store.issues(store.teacher)
    copy = """INSERT INTO devices_assetissue (school_id, created_at, changed_at, version, asset_id, user_id, issued_at,
        issued_by_id, condition, accessories, use, purpose, notice_id, notice_version_id, noticed_at, documents,
        condition_back, accessories_back) SELECT school_id, created_at, changed_at, version, asset_id, {user},
        issued_at, issued_by_id, condition, accessories, use, purpose, notice_id, notice_version_id, noticed_at,
        documents, '', '' FROM devices_assetissue"""
    for user, name in (("user_id", "one_at_a_time"), ("NULL", "to_one_person")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy.format(user=user))
