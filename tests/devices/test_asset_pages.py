"""Pages about the school's own devices and the log of pictures: what they show, list, refuse and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.people.models import User
from core.people.roles import Role
from devices.models import AssetIssue, ImageSet, SchoolAsset, WorkContact
from devices.operations import assets as ops
from devices.operations.image_sets import name_shown
from tests.devices.test_assets import Store
from tests.factories import make_form, make_pupil, make_user

ClientFor = Callable[[User], Client]


@pytest.fixture
def store(db: None, at: datetime, time_machine: Any) -> Iterator[Store]:
    time_machine.move_to(at + timedelta(hours=1), tick=False)
    made = Store(at, "group-locked-storage")
    with scope(school=made.school):
        yield made


class Desk:
    """Somebody at their pages."""

    def __init__(self, store: Store, client: Client) -> None:
        self.store, self.client = store, client

    def opens(self, page: str, code: int = 200, **more: Any) -> str:
        response = self.client.get(f"/{self.store.school.slug}/devices/{page}", **more)
        assert response.status_code == code, response.status_code
        return response.content.decode()

    def sends(self, page: str, code: int = 302, **said: Any) -> str:
        response = self.client.post(f"/{self.store.school.slug}/devices/{page}", said)
        assert response.status_code == code, response.status_code
        return response.content.decode() if code != 302 else response["Location"]


@pytest.fixture
def desk(store: Store, client_for: ClientFor) -> Callable[[User], Desk]:
    return lambda user: Desk(store, client_for(user))


def test_register_is_added_to_changed_checked_filtered_and_taken_as_a_list(
    store: Store, desk: Callable[[User], Desk]
) -> None:
    """SDV-01, SDV-02: each by a page; a formula in a cell runs nowhere; that the list was taken is on record."""
    office = desk(make_user(Role.OFFICE, store.school))
    office.sends("school-owned/add/", number="=T1", type="tablet", make="Slate", custodian=store.teacher.pk)
    tablet = SchoolAsset.objects.get(number="=T1")
    assert "Not protected as your rules say" in office.opens(f"school-owned/{tablet.pk}/")
    assert "2 not protected, 0 overdue, 0 to be reset" in office.opens("school-owned/")
    office.sends(f"school-owned/{tablet.pk}/protection/", protection="pin")
    shown = office.opens(f"school-owned/{tablet.pk}/")
    assert "Not protected as your rules say" not in shown and "A passcode or PIN" in shown
    assert "=T1" not in office.opens("school-owned/?unprotected=on") and "L12" in office.opens("school-owned/")
    assert "L12" not in office.opens("school-owned/?type=tablet")
    assert "The filter leaves none" in office.opens("school-owned/?type=webcam")
    said = {"number": "T1", "type": "tablet", "status": "repair", "version": tablet.version}
    assert "Somebody changed this device" in office.sends(f"school-owned/{tablet.pk}/change/", 422, **said)
    office.sends(f"school-owned/{tablet.pk}/change/", **said | {"version": tablet.version + 1, "number": "=T2"})
    text = office.opens("school-owned/list/")
    assert "'=T2" in text and "Being repaired" in text
    assert Entry.objects.filter(action="devices.export_assets", outcome="exported").count() == 1
    desk(store.teacher).opens("school-owned/", 403)


def test_a_person_is_chosen_without_a_name_in_an_address(store: Store, desk: Callable[[User], Desk]) -> None:
    """SDV-03: staff from a list, a pupil by a name that is sent; what is missing stands there with where it is done."""
    office, page = desk(make_user(Role.OFFICE, store.school)), f"school-owned/{store.asset.pk}/issue/"
    staff = make_user(Role.GOVERNOR, store.school)
    assert staff.full_name not in office.opens(page)
    assert office.sends(page, person=store.teacher.pk).endswith(f"issue/staff/{store.teacher.pk}/")
    office.sends(page, 422, person=staff.pk)
    found = office.sends(page, query=store.pupil.legal_surname)
    assert found.endswith(f"issue/pupils/{store.pupil.pk}/") and store.pupil.legal_surname not in found
    assert "Nobody on roll matches" in office.sends(page, 422, query="Nowhere")
    refused = office.sends(f"{page}staff/{staff.pk}/", 422, condition="New", use="school_work")
    assert "staff and pupils alone" in refused
    shown = office.opens(f"{page}pupils/{store.pupil.pk}/")
    assert f"documents/versions/{store.notice.pk}/pupils/{store.pupil.pk}/" in shown  # SDV-05: record it
    assert "print it with a slip" in shown  # DOC-05
    assert "Group mobile-device policy" in shown  # SDV-13
    assert f"school-owned/ask/pupils/{store.pupil.pk}/" in shown  # SDV-04
    manager = desk(store.manager)
    assert f"documents/versions/{store.notice.pk}/read/" in manager.opens(f"{page}staff/{store.manager.pk}/")


def test_permission_is_asked_for_and_given_by_pages(store: Store, desk: Callable[[User], Desk]) -> None:
    """SDV-04: who, for what, given by whom; then the device is issued, returned and reset, each with its line."""
    store.notices(store.teacher)
    days = {"purpose": "Marking", "starts_on": "2026-11-23", "ends_on": "2026-12-18"}
    teacher, head = desk(store.teacher), desk(store.head)
    asked = teacher.sends("school-owned/ask/", **days)
    assert "Use of a school device" in teacher.client.get(asked).content.decode()
    teacher.opens(f"school-owned/give/staff/{store.teacher.pk}/", 403)
    head.sends(f"school-owned/give/staff/{store.head.pk}/", 422, **days)
    head.sends(f"school-owned/give/staff/{store.teacher.pk}/", **days)
    office, page = desk(make_user(Role.OFFICE, store.school)), f"school-owned/{store.asset.pk}/issue/"
    office.sends(f"{page}staff/{store.teacher.pk}/", condition="New", use="school_work", due_on="2026-11-23")
    issue = AssetIssue.objects.get()
    shown = office.opens(f"school-owned/{store.asset.pk}/")
    assert store.teacher.display_name in shown and "Take it back" in shown
    assert "It cannot be issued now" in office.opens(page)
    office.sends(f"school-owned/issues/{issue.pk}/return/", condition="Fine", status="available")
    assert "0 overdue, 1 to be reset" in office.opens("school-owned/")
    assert "Confirm the reset" in office.opens("school-owned/attention/")
    office.sends(f"school-owned/issues/{issue.pk}/reset/")
    issue.refresh_from_db()
    assert issue.reset_at is not None
    assert "L12" in office.opens(f"school-owned/staff/{store.teacher.pk}/")


def test_work_number_is_held_on_the_staff_record(store: Store, desk: Callable[[User], Desk]) -> None:
    """SDV-06: set by a page, listed where it is missing, and a part of the staff record."""
    head = desk(store.head)
    page = f"school-owned/staff/{store.teacher.pk}/"
    head.sends(f"{page}work-number/", needs_contact="on", number="01632 960111")
    assert "<span>Missing</span>" in head.opens("school-owned/work-numbers/")
    part = head.opens(page, headers={"HX-Request": "true"})
    assert "01632 960111" in part and "is missing" in part and "<main" not in part
    record = head.client.get(reverse("people:person", args=[store.school.slug, store.teacher.pk])).content.decode()
    assert page in record
    head.sends(f"{page}work-number/", needs_contact="on", number="01632 960111", email="robin@example.org")
    assert WorkContact.objects.get().is_complete
    assert "<span>Missing</span>" not in head.opens("school-owned/work-numbers/")


def test_log_of_pictures_is_narrowed_and_taken_as_a_list_without_names(
    store: Store, desk: Callable[[User], Desk]
) -> None:
    """CON-09: leaders take the list, no pupil is in it; others see their own alone."""
    pupil = make_pupil(store.school, "Quillamine", "Wrenfeatherby", form=make_form(store.school, "9Z", year=9))
    teacher, head = desk(store.teacher), desk(store.head)
    teacher.sends(
        "pictures-log/log/", activity="Play", taken_on="2026-11-23", photographer=store.teacher.pk,
        asset=store.asset.pk, purpose="print", suits="yes",
    )  # fmt: skip
    row = ImageSet.objects.get()
    name_shown(**store.by(store.teacher), image_set=row, pupils=[pupil])
    text = head.opens("pictures-log/list/")
    assert "Play" in text and "Wrenfeatherby" not in text
    assert Entry.objects.filter(action="devices.export_image_sets", outcome="exported").count() == 1
    teacher.opens("pictures-log/list/", 403)
    assert "Play" in head.opens("pictures-log/?look=not_allowed")
    assert "The filter leaves none" in head.opens("pictures-log/?purpose=website")
    desk(make_user(Role.TEACHER, store.school)).opens(f"pictures-log/{row.pk}/", 404)
    assert 'type="file"' not in teacher.opens("pictures-log/log/")


def test_lists_cost_as_many_statements_for_three_as_for_one(store: Store, desk: Callable[[User], Desk]) -> None:
    """Each list at one row and at three: register, what needs a look, one person's, work numbers, pictures."""
    head = desk(store.head)
    store.notices(store.teacher)
    head.sends(f"school-owned/give/staff/{store.teacher.pk}/", purpose="Work", starts_on="2026-11-23",
               ends_on="2026-12-18")  # fmt: skip

    def fill(number: str) -> None:
        issue = store.issues(store.teacher, store.adds(f"A{number}"), due_on=store.at.date())
        store.issues(store.teacher, store.adds(f"B{number}"))
        ops.return_asset(**store.by(store.manager), issue=issue, condition="Fine")
        ops.set_work_contact(**store.by(store.manager), user=make_user(Role.TEACHER, store.school), needs_contact=True)
        head.sends(
            "pictures-log/log/", activity=f"Play {number}", taken_on="2026-11-23", photographer=store.teacher.pk,
            asset=store.asset.pk, purpose="print", suits="yes",
        )  # fmt: skip

    pages = ("", "attention/", f"staff/{store.teacher.pk}/", "work-numbers/", "list/")

    def costs() -> list[int]:
        counted = []
        for page in (*(f"school-owned/{one}" for one in pages), "pictures-log/", "pictures-log/list/"):
            head.opens(page)
            with CaptureQueriesContext(connection) as caught:
                head.opens(page)
            counted.append(len(caught))
        return counted

    fill("1")
    at_one = costs()
    for number in "23":
        fill(number)
    assert costs() == at_one
