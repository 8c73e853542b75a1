"""The budgets of ux 8 for the desk: each task in a real browser, its keys and clicks counted, the scan itself left out.

What is counted here stands in docs/desk-budgets.md; a count above its budget fails. The whole form is counted in
test_office_records_a_form.py, three hundred over two desks in test_half_past_eight.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django_scopes import scope
from playwright.sync_api import Locator, Page, expect

from core.people.calendar import london_day
from core.people.enums import DayKind
from core.people.models import CalendarDay
from core.people.roles import Role
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from tests.factories import make_user
from tests.journeys.conftest import Visit, World

pytestmark = pytest.mark.journey


class Hands:
    """Somebody at the desk: what the scanner types costs nothing, a key or a click costs one."""

    def __init__(self, page: Page) -> None:
        self.page, self.spent = page, 0

    def scan(self, code: str) -> None:
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.spent += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.spent += len(text)

    def click(self, what: Locator) -> None:
        what.click()
        self.spent += 1


@pytest.fixture
def morning(transactional_db: None) -> World:
    """A school whose rule asks nothing more than that phones are handed in."""
    return World(preset="group-locked-storage")


Desk = Callable[[str], Hands]


@pytest.fixture
def desk(morning: World, visit: Visit) -> Iterator[Desk]:
    def sit_down(page: str) -> Hands:
        return Hands(visit(morning.person(Role.OFFICE), f"/harbour-view/devices/{page}/"))

    yield sit_down


def _open(world: World) -> int:
    with scope(school=world.school):
        return int(CustodyRecord.objects.filter(closed_at__isnull=True).count())


def test_hand_in_by_code_costs_no_key(morning: World, desk: Desk) -> None:
    """ux 8: 0."""
    hands = desk("arrivals")
    hands.scan(morning.pupils[0].code)
    expect(hands.page.locator("#desk-outcome [data-outcome=ok]")).to_be_visible()
    assert _open(morning) == 1
    assert hands.spent == 0


def test_hand_in_by_name_costs_five(morning: World, desk: Desk) -> None:
    """ux 8: ≤4 letters + Enter."""
    hands = desk("arrivals")
    hands.type("ben")
    hands.press("Enter")
    expect(hands.page.locator("#desk-outcome [data-outcome=ok]")).to_be_visible()
    assert _open(morning) == 1
    assert hands.spent <= 5


def test_exception_costs_one_key_or_a_card(morning: World, desk: Desk) -> None:
    """ux 8: scan + card, or scan + function key: ≤1."""
    hands = desk("arrivals")
    outcome = hands.page.locator("#desk-outcome .outcome__word")
    hands.scan(morning.pupils[0].code)
    hands.press("F2")
    expect(outcome).to_contain_text("No device")
    assert hands.spent == 1
    hands.scan(morning.pupils[1].code)
    hands.scan("DESK-REFUSED")
    expect(outcome).to_contain_text("Refused")
    assert hands.spent == 1
    with scope(school=morning.school):
        assert NoDeviceDeclaration.objects.get(withdrawn_at__isnull=True).pupil == morning.pupils[0]
        assert DayMark.objects.get().pupil == morning.pupils[1]
    assert _open(morning) == 0


def test_correcting_a_mistake_costs_three(morning: World, desk: Desk) -> None:
    """ux 8: Correct, choose, save: 3."""
    hands = desk("arrivals")
    page = hands.page
    hands.scan(morning.pupils[0].code)
    expect(page.locator("#desk-outcome [data-outcome=ok]")).to_be_visible()
    hands.click(page.locator("#desk-outcome").get_by_role("link", name="Correct"))
    hands.click(page.get_by_label("This device was not handed in"))
    hands.click(page.get_by_role("button", name="Record correction"))
    expect(page.locator("h1")).not_to_contain_text("Correct")
    assert _open(morning) == 0
    assert hands.spent <= 3


def test_hand_back_costs_no_key(morning: World, desk: Desk) -> None:
    """ux 8: scan: 0. On a day without lessons, so that none is left early whatever the clock says."""
    with scope(school=morning.school):
        CalendarDay.objects.create(school=morning.school, date=london_day(morning.at), kind=DayKind.HOLIDAY)
    stay = morning.hand_in(0)
    hands = desk("hand-back")
    hands.scan(stay.slot.code)
    expect(hands.page.locator("#desk-outcome")).to_contain_text("Give back")
    assert _open(morning) == 0
    assert hands.spent == 0


def test_unknown_device_is_put_aside_in_two(morning: World, desk: Desk) -> None:
    """The queue never waits for a name: two keys."""
    hands = desk("arrivals")
    hands.scan("D23456789")
    expect(hands.page.locator("#desk-outcome")).to_contain_text("No match")
    hands.press("ArrowDown", "Enter")
    expect(hands.page.locator("#desk-outcome")).to_contain_text("T1")
    assert hands.spent == 2


def test_locking_costs_two(morning: World, desk: Desk) -> None:
    """ux 8: Esc Esc: 2."""
    hands = desk("arrivals")
    hands.press("Escape", "Escape")
    hands.page.wait_for_url("**/account/unlock/**")
    assert hands.spent == 2


def test_any_pupils_page_costs_six(morning: World, desk: Desk) -> None:
    """ux 8: Ctrl+K, four letters, Enter: 6."""
    hands = desk("register")
    hands.press("Control+k")
    hands.type("obri")
    expect(hands.page.locator("[data-find]").get_by_text("Ben O’Brien").first).to_be_visible()
    hands.press("Enter")
    expect(hands.page.locator("h1")).to_contain_text("O’Brien")
    assert hands.spent <= 6


def test_a_dsl_is_two_clicks_away(morning: World, desk: Desk) -> None:
    """ux 8: ≤2 from any page; the desk is where it must not take longer."""
    make_user(Role.DSL, morning.school, title="Mrs", family_name="Shah")
    for page in ("arrivals", "hand-back"):
        hands = desk(page)
        hands.click(hands.page.get_by_role("link", name="Tell a DSL").first)
        expect(hands.page.locator("main")).to_contain_text("Mrs Shah")
        assert hands.spent <= 2


def test_a_sheet_of_labels_costs_four(morning: World, desk: Desk) -> None:
    """ux 8: choose, preview, print: ≤4."""
    hands = desk("print")
    hands.click(hands.page.get_by_role("button", name="Make the PDF"))
    expect(hands.page.locator("main")).to_contain_text("Labels for slots")
    assert hands.spent + 2 <= 4, "what is left: open it, print it"
