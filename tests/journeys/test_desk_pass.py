"""The desk with the sound off, without colour, magnified, read aloud and without scripts: real work in each condition.

What was tried by hand and mended stands in docs/desk-pass.md, with the name of the test here that holds it.
"""

from __future__ import annotations

from typing import Any

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from core.people.roles import Role
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration, ParkedDevice
from tests.journeys.conftest import Visit, World, findings
from tests.journeys.desk import until

pytestmark = pytest.mark.journey

SCHOOL = "/harbour-view/devices/"
ARRIVALS = f"{SCHOOL}arrivals/"
TWICE = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
FOUR_TIMES = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 2}

# What a screen reader would be handed: the words of each live region whenever they change, and each sound.
_LISTEN = """() => {
    window.heard = [];
    window.sounds = [];
    document.addEventListener("schoolsafe:sound", (event) => window.sounds.push(event.detail.name));
    new MutationObserver((changes) => {
        const regions = new Set(changes.map(({target}) => {
            const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            return element?.closest("[aria-live], [role=status], [role=alert]");
        }));
        for (const region of regions) {
            if (region?.innerText.trim()) {
                window.heard.push(region.innerText.replace(/\\s+/g, " ").trim());
            }
        }
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
_SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"


class Desk:
    """The desk's page: scanned at, listened to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box, self.panel = page.locator("[data-desk-box]"), page.locator("#desk-outcome [data-outcome]")
        outcome = page.locator("#desk-outcome")
        self.word, self.note = outcome.locator(".outcome__word"), outcome.locator(".outcome__note")
        self.line = page.locator("[data-desk-line]")
        expect(self.box).to_be_focused()
        page.evaluate(_LISTEN)

    def scan(self, code: str, word: str) -> None:
        """Scan, and wait for the answer's word."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        expect(self.word).to_contain_text(word)

    def press(self, key: str, word: str) -> None:
        self.page.keyboard.press(key)
        expect(self.word).to_contain_text(word)

    def heard(self) -> list[str]:
        """What was said since the last time of asking."""
        self.page.wait_for_timeout(150)
        return list(self.page.evaluate("() => window.heard.splice(0)"))

    def sounds(self) -> list[str]:
        return list(self.page.evaluate("() => window.sounds.splice(0)"))


@pytest.fixture
def office(world: World, visit: Visit) -> Any:
    """Open a page of the desk as office staff."""

    def open_page(path: str = ARRIVALS, **options: Any) -> Page:
        return visit(world.person(Role.OFFICE), path, **options)

    return open_page


def open_stays(world: World) -> int:
    with scope(school=world.school):
        return int(CustodyRecord.objects.filter(closed_at__isnull=True).count())


# --- Sound off --------------------------------------------------------------------------------------------------------


def test_every_sound_is_also_seen_and_said(world: World, office: Any) -> None:
    """ux 4 and 1.6: muted, each answer has its word on the panel and in a screen reader; the mute is remembered."""
    desk = Desk(office())
    desk.page.get_by_role("button", name="Sound on").click()
    expect(desk.page.get_by_role("button", name="Sound off")).to_have_attribute("aria-pressed", "true")
    desk.sounds()

    desk.scan(world.pupils[0].code, "Is it off?")
    assert (desk.sounds(), len(desk.heard())) == (["choose"], 1)
    desk.press("Enter", "In")
    assert (desk.sounds()[0] in ("ok", "attention"), len(desk.heard())) == (True, 1)
    desk.scan("D23456789", "No match")
    assert (desk.sounds(), len(desk.heard())) == (["attention"], 1)
    desk.scan("8B X", "No match")
    expect(desk.panel).to_contain_text("8B X")
    assert (desk.sounds(), len(desk.heard())) == (["attention"], 1)

    desk.page.keyboard.type("DESK-REFUSED")
    desk.page.keyboard.press("Enter")
    expect(desk.note).to_have_text("Scan the pupil first, then the card")
    assert (desk.sounds(), desk.heard()) == (["attention"], ["Scan the pupil first, then the card"])

    desk.page.context.set_offline(True)
    expect(desk.line).to_contain_text("The line is gone")
    desk.heard()
    desk.scan(world.pupils[1].code, "Kept")
    assert (desk.sounds(), len(desk.heard())) == (["kept"], 1)
    desk.page.keyboard.type("ben")
    desk.page.keyboard.press("Enter")
    expect(desk.note).to_have_text("Not saved: ben")
    assert desk.sounds() == ["attention"]
    assert [words for words in desk.heard() if words.startswith("Not saved: ben. Names and answers need the line")]

    desk.page.context.set_offline(False)
    desk.page.reload()
    expect(desk.page.get_by_role("button", name="Sound off")).to_be_visible()


# --- Without colour ---------------------------------------------------------------------------------------------------


def test_each_answer_has_a_word_and_a_sign_of_its_own(world: World, office: Any) -> None:
    """ux 1.6: nothing is told by colour alone; no two kinds of answer share a sign, no two answers a word."""
    desk, told = Desk(office()), []

    def look() -> None:
        sign = desk.page.locator("#desk-outcome .outcome__word use").get_attribute("href") or ""
        told.append((desk.panel.get_attribute("data-outcome"), sign.rpartition("#")[2], desk.word.inner_text().strip()))

    look()
    desk.scan(world.pupils[0].code, "Is it off?")
    look()
    desk.press("Enter", "In")
    look()
    desk.scan("D23456789", "No match")
    look()
    desk.scan(world.pupils[0].code, "Already in")
    look()
    desk.page.context.set_offline(True)
    desk.scan(world.pupils[1].code, "Kept")
    look()
    assert len({sign for _, sign, _ in told}) == len({kind for kind, _, _ in told}) >= 4
    assert len({word for _, _, word in told}) == len(told) and all(word for _, _, word in told)
    for row in desk.page.locator("#desk-recent li").all():
        expect(row.locator(".tag svg.icon")).to_have_count(1)
        assert row.locator(".tag span").inner_text().strip()


def test_forced_colours_keep_borders_focus_and_choice(world: World, office: Any) -> None:
    """ux 3 and 6: with the system's own colours, what only a ground or a tint has told has a border instead."""
    world.hand_in(0)
    page = office(forced_colors="active")
    desk = Desk(page)
    page.keyboard.type("kov")
    page.keyboard.press("Enter")
    expect(desk.word).to_contain_text("Which one?")
    for what in (desk.panel, page.locator("#desk-outcome .choice").first):
        expect(what).to_have_css("border-top-style", "solid")
        expect(what).to_have_css("border-top-width", "2px")
    page.context.set_offline(True)
    expect(desk.line).to_have_css("border-top-style", "solid")
    expect(desk.box).to_have_css("outline-style", "solid")
    page.context.set_offline(False)

    page.goto(f"{SCHOOL}register/")
    ground = "(link) => getComputedStyle(link).backgroundColor"
    chosen = page.locator(".register-shows a[aria-current]").evaluate(ground)
    assert chosen != page.locator(".register-shows a:not([aria-current])").first.evaluate(ground)


# --- Magnified --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [TWICE, FOUR_TIMES], ids=["200", "400"])
def test_the_answer_comes_into_view(world: World, office: Any, zoom: Any) -> None:
    """ux 4: the answer stands under the box; magnified it would be below what is seen after every scan."""
    desk = Desk(office(**zoom))
    desk.scan(world.pupils[0].code, "Is it off?")
    expect(desk.word).to_be_in_viewport(ratio=1)
    expect(desk.box).to_be_focused()
    desk.press("Enter", "In")
    expect(desk.word).to_be_in_viewport(ratio=1)
    desk.scan("D23456789", "No match")
    expect(desk.word).to_be_in_viewport(ratio=1)
    desk.page.context.set_offline(True)
    desk.scan(world.pupils[1].code, "Kept")
    expect(desk.word).to_be_in_viewport(ratio=1)
    desk.page.keyboard.type("ben")
    desk.page.keyboard.press("Enter")
    expect(desk.note).to_be_in_viewport(ratio=1)


def test_no_page_of_the_desk_scrolls_sideways(world: World, office: Any) -> None:
    """WCAG 1.4.10: at 320 pixels, 400 % of 1280, with the longest name on the page."""
    world.hand_in(5)
    page = office(**FOUR_TIMES)
    form, longest = world.form.pk, world.pupils[5].pk
    for path in (
        "arrivals/", "hand-back/", "forms/", f"forms/{form}/", f"forms/{form}/hand-back/", f"forms/{form}/paper/",
        "paste/", "absences/", "chase/?all=1", "close/", "register/", f"may-use/{longest}/", "desk/offline/",
        "arrivals/put-aside/", "print/",
    ):  # fmt: skip
        page.goto(SCHOOL + path)
        assert not page.evaluate(_SIDEWAYS), path


def test_nothing_moves_for_who_asked_for_less_motion(world: World, office: Any) -> None:
    """ux 6: no glide of the page to the answer, no transition longer than an instant."""
    desk = Desk(office(reduced_motion="reduce", **TWICE))
    expect(desk.page.locator("html")).to_have_css("scroll-behavior", "auto")
    longest = desk.page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('*')].flatMap((element) => {"
        "  const {transitionDuration, animationDuration} = getComputedStyle(element);"
        "  return `${transitionDuration}, ${animationDuration}`.split(', ').map(parseFloat);"
        "}))"
    )
    assert longest <= 0.001


# --- Keyboard only ----------------------------------------------------------------------------------------------------


def test_what_is_typed_while_the_page_loads_is_kept(world: World, office: Any) -> None:
    """product "no scan is lost": the box has the focus before its script; the rest of a code does not write over it."""
    page, held = office(service_workers="block"), []
    page.route("**/js/desk-box*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    expect(page.locator("[data-desk-box]")).to_be_focused()
    page.keyboard.type(world.pupils[0].code[:4])
    until(lambda: bool(held))
    held[0].continue_()
    page.wait_for_load_state("load")
    page.keyboard.type(world.pupils[0].code[4:])
    page.keyboard.press("Enter")
    expect(page.locator("#desk-outcome")).to_contain_text("Amara K.")


# --- Read aloud -------------------------------------------------------------------------------------------------------


def test_each_scan_is_said_once_and_focus_stays(world: World, office: Any) -> None:
    """ux 4 and 6: word, who, slot and what is asked, once; not the buttons under it; the box keeps the focus."""
    desk = Desk(office())
    desk.scan(world.pupils[0].code, "Is it off?")
    asked = desk.heard()
    assert len(asked) == 1 and "Amara K. 8B" in asked[0] and asked[0].endswith("Enter: It is switched off: record it.")
    expect(desk.box).to_be_focused()

    desk.press("Enter", "In")
    said = desk.heard()
    assert len(said) == 1 and said[0].startswith("In") and "Amara K. 8B. slot 1" in said[0]
    assert "Refused" not in said[0] and "Correct" not in said[0]
    expect(desk.box).to_be_focused()

    desk.page.keyboard.type("kov")
    expect(desk.page.locator("#desk-candidates [data-desk-choice]")).to_have_count(2)
    assert desk.heard() == ["Pupils that fit: 2. Down arrow to choose."]
    desk.press("Enter", "Which one?")
    said = desk.heard()
    assert len(said) == 1 and said[0].endswith("Choose the pupil: 2 choices, Down arrow.")
    expect(desk.box).to_be_focused()

    instead = desk.page.get_by_role("form", name="Record instead, for Amara K.")
    desk.scan(world.pupils[0].code, "Already in")
    expect(instead.get_by_role("button", name="Refused")).to_be_visible()
    assert "Already in. Amara K. 8B. slot 1." in desk.heard()[-1]
    assert "aria-describedby" not in (desk.box.evaluate("(box) => box.outerHTML"))


def test_a_line_that_is_gone_is_said_once(world: World, office: Any) -> None:
    """Every five seconds the desk asks for the server: only news is spoken. Then "sent", once."""
    desk = Desk(office())
    desk.page.context.set_offline(True)
    expect(desk.line).to_contain_text("The line is gone")
    for _ in range(3):
        desk.page.evaluate("() => window.dispatchEvent(new Event('online'))")
        desk.page.wait_for_timeout(200)
    assert [words[:17] for words in desk.heard()] == ["The line is gone."]
    desk.scan(world.pupils[1].code, "Kept")
    assert desk.heard() == [f"Kept. {world.pupils[1].code}. Will be sent when the line is back."]
    desk.page.context.set_offline(False)
    expect(desk.word).to_contain_text("Sent", timeout=15_000)
    assert [words[:19] for words in desk.heard() if "sent" in words.lower()] == ["Everything is sent."]


def test_whole_form_says_all_its_totals_and_how_many_are_shown(world: World, office: Any) -> None:
    """W2: a number alone means nothing aloud; one change is one sentence."""
    page = office(f"{SCHOOL}forms/{world.form.pk}/")
    page.evaluate(_LISTEN)
    page.locator("[data-form-row]").first.get_by_text("Refused", exact=True).click()
    page.wait_for_timeout(150)
    assert page.evaluate("() => window.heard.splice(0)") == ["5 in 0 no phone 1 refused 0 permitted 0 absent"]
    expect(page.locator("[data-form-totals]")).to_have_attribute("aria-atomic", "true")
    page.get_by_label("Show only").fill("kov")
    page.wait_for_timeout(150)
    assert page.evaluate("() => window.heard.splice(0)") == ["2 shown."]


# --- Without scripts --------------------------------------------------------------------------------------------------


def test_every_act_of_a_morning_without_scripts(world: World, office: Any) -> None:
    """ux 1.10: exceptions beside the box and under the answer, put aside, ambiguous names, a correction."""
    page = office(java_script_enabled=False)
    box, outcome = page.locator("[data-desk-box]"), page.locator("#desk-outcome")

    def send(text: str, button: str = "Record hand-in") -> None:
        page.goto(ARRIVALS)
        box.fill(text)
        page.locator("form[data-desk]").get_by_role("button", name=button, exact=True).click()
        expect(box).to_be_focused()

    send(world.pupils[0].code)
    expect(box).to_have_accessible_description("Is it off? Amara K. 8B")
    outcome.get_by_role("button", name="It is switched off: record it").click()
    expect(box).to_be_focused()
    expect(outcome).to_contain_text("slot 1")
    send(world.pupils[1].code, "No phone")
    expect(outcome).to_contain_text("No device")
    outcome.get_by_role("button", name="Refused").click()
    expect(outcome).to_contain_text("Refused")
    send("kov")
    outcome.get_by_role("button", name="Hana Kovacs").click()
    expect(outcome).to_contain_text("Is it off?")
    send("Zzyxq")
    outcome.get_by_role("button", name="Put it aside under a tag").click()
    expect(outcome).to_contain_text("T1")
    with scope(school=world.school):
        assert ParkedDevice.objects.count() == 1
        assert DayMark.objects.get(withdrawn_at__isnull=True).pupil == world.pupils[1]
        assert not NoDeviceDeclaration.objects.filter(withdrawn_at__isnull=True).exists()
    assert open_stays(world) == 1

    page.goto(ARRIVALS)
    page.locator("#desk-recent").get_by_role("link", name="Correct Amara K.").click()
    page.get_by_label("This device was not handed in").check()
    page.get_by_role("button", name="Record correction").click()
    assert open_stays(world) == 0


def test_whole_form_and_lists_without_scripts(world: World, office: Any) -> None:
    """W2: a wrong count is refused with the focus on what is wrong, and nothing typed is lost; then recorded."""
    page = office(f"{SCHOOL}forms/{world.form.pk}/", java_script_enabled=False)
    page.locator("[data-form-row]").first.get_by_label("Absent").check()
    page.get_by_label("Phones counted").fill("9")
    page.get_by_label("switched off").check()
    page.get_by_role("button", name="Record 8B").click()
    expect(page.get_by_role("alert")).to_contain_text("You counted 9, and 5 are marked In")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[data-form-row]").first.get_by_label("Absent")).to_be_checked()
    assert open_stays(world) == 0
    page.get_by_label("Phones counted").fill("5")
    page.get_by_role("button", name="Record 8B").click()
    expect(page.locator("main")).to_contain_text("8B recorded")
    assert open_stays(world) == 5

    page.goto(f"{SCHOOL}paste/")
    page.get_by_label("The list").fill(f"{world.pupils[5].admission_number}\nNobody Here")
    page.get_by_role("button", name="Look at the lines").click()
    expect(page.locator("main")).to_contain_text("Nobody on roll fits")


def test_a_silent_policy_is_decided_without_scripts(transactional_db: None, visit: Visit) -> None:
    """ORG-24: where the rules do not say, the desk asks a person; the preset whose hand-in is unspecified."""
    world = World(preset="image-and-conduct")
    page = visit(world.person(Role.OFFICE), ARRIVALS, java_script_enabled=False)
    page.locator("[data-desk-box]").fill(world.pupils[0].code)
    page.get_by_role("button", name="Record hand-in").click()
    expect(page.locator("#desk-outcome")).to_contain_text("Decide first")
    page.locator("#desk-outcome").get_by_role("link", name="Record the decision").click()
    page.get_by_role("button", name="Record decision").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Who decided that devices are handed in today").fill("The head, in briefing")
    page.get_by_role("button", name="Record decision").click()
    page.locator("[data-desk-box]").fill(world.pupils[0].code)
    page.get_by_role("button", name="Record hand-in").click()
    expect(page.locator("#desk-outcome")).to_contain_text("Amara K.")
    assert open_stays(world) == 1


def test_panels_of_the_pass_have_nothing_that_axe_finds(world: World, office: Any) -> None:
    """The answer with its group of buttons, a note above it, the candidates: with and without the line."""
    desk = Desk(office(scan=True))
    desk.scan(world.pupils[0].code, "Is it off?")
    desk.press("Enter", "In")
    assert findings(desk.page) == []
    desk.page.context.set_offline(True)
    desk.scan(world.pupils[1].code, "Kept")
    desk.page.keyboard.type("ben")
    desk.page.keyboard.press("Enter")
    expect(desk.note).to_be_visible()
    assert findings(desk.page) == []
