"""Give back a whole form (W3): the operation, its page, and the schools whose rules say otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, User
from core.rules.operations import change_rule
from devices.enums import EarlyReason, EventKind, GivenTo, State
from devices.models import CustodyEvent, CustodyRecord
from devices.operations import (
    CountDiffers,
    EarlyReasonNeeded,
    MustGoToParent,
    NothingToRecord,
    add_device,
    hand_in_form,
    return_device,
    return_form,
)
from tests.factories import make_form, make_pupil


@pytest.fixture
def here(form_group: FormGroup, safe: Any, types: dict[str, Any], office_user: User, at: datetime) -> list[Any]:
    """The stays of three pupils of 8B, handed in this morning."""
    school = form_group.school
    pupils = [make_pupil(school, "Ama", surname, form=form_group) for surname in ("Abbas", "Brown", "Carter")]
    for pupil in pupils:
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    hand_in_form(
        school=school, actor=office_user, at=at, form=form_group, answers={pupil.pk: "in" for pupil in pupils},
        counted=3, switched_off=True,
    )  # fmt: skip
    return list(CustodyRecord.objects.order_by("pupil__legal_surname"))


@pytest.fixture
def afternoon(at: datetime) -> datetime:
    return at.replace(hour=15, minute=20)


@pytest.fixture
def give(form_group: FormGroup, office_user: User, afternoon: datetime) -> Callable[..., Any]:
    def act(stays: list[CustodyRecord], **changes: Any) -> Any:
        values: dict[str, Any] = {
            "school": form_group.school,
            "actor": office_user,
            "at": afternoon,
            "form": form_group,
            "custody": [stay.pk for stay in stays],
            "counted": len(stays),
            "submission": uuid.uuid4(),
        }
        return return_form(**values | changes)

    return act


def test_return_form_gives_each_back_as_the_desk_would(
    give: Any, here: list[Any], office_user: User, afternoon: datetime
) -> None:
    """DEV-07: who, when, to whom; one entry in the record; the stay left out stays."""
    alone = return_device(school=here[2].school, actor=office_user, at=afternoon, custody=here[2])
    done = give(here[:2])
    assert done.custody == [here[0].pk, here[1].pk]
    for stay in CustodyRecord.objects.filter(pk__in=done.custody):
        assert (stay.state, stay.closed_at, stay.closed_by) == (State.RETURNED, afternoon, office_user)
        assert (stay.version, stay.history.count()) == (2, 2)
        event = stay.events.get(kind=EventKind.RETURN)
        assert (event.given_to, event.given_to_name) == (GivenTo.PUPIL, stay.pupil.display_name)
        same = ("kind", "basis", "from_state", "to_state", "at", "recorded_at", "by_id", "place_id", "given_to",
                "reason", "note", "condition")  # fmt: skip
        other = alone.events.get(kind=EventKind.RETURN)
        assert {name: getattr(event, name) for name in same} == {name: getattr(other, name) for name in same}
    assert Entry.objects.get(action="devices.return_form").detail["custody"] == done.custody


@pytest.mark.parametrize("counted", [0, 2, 4])
def test_return_form_counted_wrongly_gives_nothing_back(give: Any, here: list[Any], counted: int) -> None:
    """law PH-9"""
    with pytest.raises(CountDiffers, match=f"You counted {counted}, and 3 are ticked to go back"):
        give(here, counted=counted)
    assert not CustodyEvent.objects.filter(kind=EventKind.RETURN).exists()


def test_return_form_one_given_back_at_a_desk_meanwhile_is_not_given_back_twice(
    give: Any, here: list[Any], office_user: User, afternoon: datetime
) -> None:
    """DEV-07: the count no longer fits, so the page is asked again."""
    return_device(school=here[0].school, actor=office_user, at=afternoon, custody=here[0])
    with pytest.raises(CountDiffers, match="1 pupil of this form was recorded at a desk"):
        give(here)
    give(here, counted=2)
    assert CustodyEvent.objects.filter(kind=EventKind.RETURN).count() == 3


def test_return_form_early_needs_one_reason_for_all(give: Any, here: list[Any], at: datetime) -> None:
    """DEV-08"""
    with pytest.raises(EarlyReasonNeeded) as refusal:
        give(here, at=at.replace(hour=11))
    assert refusal.value.field == "reason"
    give(here, at=at.replace(hour=11), reason=EarlyReason.TRIP)
    reasons = CustodyEvent.objects.filter(kind=EventKind.RETURN).values_list("reason", flat=True)
    assert list(reasons) == [EarlyReason.TRIP] * 3


def test_return_form_to_parents_only_is_refused_and_on_record(
    give: Any, here: list[Any], form_group: FormGroup, at: datetime
) -> None:
    """DEV-07: the rule is named; nothing goes back."""
    change_rule(
        school=form_group.school, actor=None, at=at, key="ordinary_return", value="end_of_day_parent",
        effective_from=at.date(), reason="The governors decided.",
    )  # fmt: skip
    form_group.school.refresh_from_db()
    with pytest.raises(MustGoToParent) as refusal:
        give(here)
    assert refusal.value.rule == "ordinary_return"
    assert Entry.objects.filter(action="devices.return_form", outcome="refused").count() == 1
    assert not CustodyEvent.objects.filter(kind=EventKind.RETURN).exists()


def test_return_form_same_submission_is_one_act(give: Any, here: list[Any]) -> None:
    """security 5.11"""
    key = uuid.uuid4()
    assert give(here, submission=key) == give(here, submission=key)
    assert CustodyEvent.objects.filter(kind=EventKind.RETURN).count() == 3


def test_return_form_without_the_permission_is_refused(give: Any, here: list[Any], governor_user: User) -> None:
    """ORG-10"""
    with pytest.raises(NotPermitted):
        give(here, actor=governor_user)


def test_return_form_stay_of_another_form_is_left_alone(give: Any, here: list[Any]) -> None:
    Pupil.objects.filter(pk=here[0].pupil_id).update(form=make_form(here[0].school, "9C", year=9))
    with pytest.raises(CountDiffers):
        give(here)
    with pytest.raises(NothingToRecord):
        give(here[:1], counted=0)


def test_return_form_costs_as_many_statements_for_two_as_for_one(give: Any, here: list[Any]) -> None:
    """speed"""
    costs = []
    for stays in (here[:1], here[1:]):
        with CaptureQueriesContext(connection) as captured:
            give(stays)
        costs.append(len(captured))
    assert costs[0] == costs[1]


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(afternoon: datetime, office_user: User, client_for: Callable[[User], Client]) -> Any:
    with time_machine.travel(afternoon, tick=False):
        yield client_for(office_user)


def address(form: FormGroup) -> str:
    return f"/harbour-view/devices/forms/{form.pk}/hand-back/"


def test_return_form_page_ticks_all_and_gives_them_back(office: Client, here: list[Any], form_group: FormGroup) -> None:
    """DEV-07, ux W3"""
    html = office.get(address(form_group)).content.decode()
    assert html.count("checked") == 3
    sent = {"submission": str(uuid.uuid4()), "custody": [stay.pk for stay in here], "counted": "3"}
    page = office.post(address(form_group), sent, follow=True)
    assert "8B: 3 given back." in page.content.decode()
    assert "Nothing of this form is here" in office.get(address(form_group)).content.decode()


def test_return_form_page_wrong_count_keeps_what_was_ticked(
    office: Client, here: list[Any], form_group: FormGroup
) -> None:
    page = office.post(address(form_group), {"custody": [here[0].pk, here[1].pk], "counted": "3"})
    html = page.content.decode()
    assert page.status_code == 422
    assert "You counted 3, and 2 are ticked to go back." in html
    assert html.count("checked") == 2


def test_return_form_page_nothing_ticked_is_told_so(office: Client, here: list[Any], form_group: FormGroup) -> None:
    page = office.post(address(form_group), {"counted": "0"})
    assert page.status_code == 422
    assert "Tick at least one device to give back" in page.content.decode()


def test_return_form_page_asks_why_before_the_end_of_the_day(
    here: list[Any], form_group: FormGroup, office_user: User, client_for: Any, at: datetime
) -> None:
    """DEV-08"""
    with time_machine.travel(at.replace(hour=11), tick=False):
        office = client_for(office_user)
        sent = {"custody": [stay.pk for stay in here], "counted": "3"}
        page = office.post(address(form_group), sent)
        assert page.status_code == 422
        assert "Choose why they go back before the end of the day" in page.content.decode()
        assert office.post(address(form_group), sent | {"reason": "trip"}).status_code == 302


def test_return_form_page_of_the_neighbour_is_not_there(office: Client, other_school: Any) -> None:
    """ORG-10"""
    with scope(school=other_school):
        form = make_form(other_school, "8B", year=8)
    assert office.get(address(form)).status_code == 404
    assert office.post(address(form), {"counted": "0"}).status_code == 404


def test_return_form_page_costs_the_same_for_one_and_for_three(
    office: Client, here: list[Any], form_group: FormGroup, give: Any
) -> None:
    """speed"""
    costs = []
    office.get(address(form_group))
    for stays in ([], here[:2]):
        if stays:
            give(stays)
        with CaptureQueriesContext(connection) as captured:
            office.get(address(form_group))
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_return_form_page_names_the_rule_that_gives_to_parents_only(
    office: Client, here: list[Any], form_group: FormGroup, at: datetime
) -> None:
    """DEV-07"""
    change_rule(
        school=form_group.school, actor=None, at=at, key="ordinary_return", value="end_of_day_parent",
        effective_from=at.date(), reason="The governors decided.",
    )  # fmt: skip
    assert "They go to a parent or carer" in office.get(address(form_group)).content.decode()
    page = office.post(address(form_group), {"custody": [stay.pk for stay in here], "counted": "3"})
    assert page.status_code == 422
    assert "devices go back to a parent or carer only" in page.content.decode()
