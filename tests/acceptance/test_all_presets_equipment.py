"""Scenarios about school devices that every preset with a notice of monitoring plays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.people.models import School
from core.people.roles import Role
from core.rules.queries import for_school
from devices.models import AssetIssue, SchoolAsset
from devices.operations.permissions.school_device import give_school_device
from policies.enums import DocumentKind
from policies.operations import name_document, publish_version, read_and_acknowledge
from policies.ready import ready_document
from tests.acceptance.conftest import Person, shown

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]
TODAY = date(2026, 11, 23)


@pytest.fixture(params=["group-locked-storage", "primary-by-agreement", "primary-online-safety"])
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_all_s4_neg_a_school_laptop_waits_for_the_notice_of_monitoring(
    place: School, preset: str, as_role: AsRole, clock: Clock
) -> None:
    """ALL-S4 NEG (SDV-05, AGR-25): given BEL, BAR or ROC, when a school laptop is issued before the monitoring notice
    is acknowledged, then refused; after it, allowed, with notice version and time stored."""
    clock(9, 0)
    manager, teacher, head = as_role(Role.SYSTEMS_MANAGER), as_role(Role.TEACHER), as_role(Role.HEADTEACHER)
    now, versions = timezone.now(), {}
    for kind in (DocumentKind.MONITORING, DocumentKind.ACCEPTABLE_USE):
        ready = ready_document(place, kind, for_school(place, on=TODAY))
        assert ready is not None
        document = name_document(
            school=place, actor=None, at=now, kind=kind, title=ready.title, asked_of=[*{*ready.asked_of, "staff"}]
        )
        versions[kind] = publish_version(
            school=place, actor=None, at=now, document=document, label="2026", starts_on=TODAY, texts=ready.texts
        )
    read_and_acknowledge(school=place, actor=teacher.user, at=now, version=versions[DocumentKind.ACCEPTABLE_USE])
    if preset == "group-locked-storage":
        give_school_device(
            school=place, actor=head.user, at=now, person=teacher.user, purpose="Lessons", starts_on=TODAY,
            ends_on=TODAY + timedelta(days=90),
        )  # fmt: skip

    manager.sends("devices/school-owned/add/", number="L12", type="laptop")
    asset = SchoolAsset.objects.get()
    page = f"devices/school-owned/{asset.pk}/issue/staff/{teacher.user.pk}/"
    assert "Not acknowledged yet: the notice of monitoring" in shown(manager.opens(page))
    refused = manager.sends(page, condition="New", use="school_work")
    assert refused.status_code == 422
    assert "Before first use the person acknowledges the notice of monitoring" in shown(refused)
    assert not AssetIssue.objects.exists()

    clock(10, 0)
    notice = versions[DocumentKind.MONITORING]
    read = f"policies/documents/versions/{notice.pk}/read/"
    assert "monitored" in shown(teacher.opens(read)) or "can see" in shown(teacher.opens(read))
    teacher.sends(read, confirmed="on")

    clock(11, 0)
    assert "Not acknowledged yet" not in shown(manager.opens(page))
    issued = manager.sends(page, condition="New", use="school_work")
    assert "It is issued" in issued.content.decode()
    row = AssetIssue.objects.get()
    assert (row.user, row.notice_version) == (teacher.user, notice)
    assert row.noticed_at < row.issued_at
    on_page = shown(manager.opens(f"devices/school-owned/{asset.pk}/"))
    assert f"{notice.document.title}, version 2026, 23 November 2026, 10:00am" in on_page
