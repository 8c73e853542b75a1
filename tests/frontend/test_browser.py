"""The components in a real browser, under the real content security policy: accessibility, keys, faults, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

pytestmark = pytest.mark.journey

STANDING = ["400", "403", "403-csrf", "404", "500", "unlock", "continue", "schools", "print"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 360, "height": 800}},
    "narrow-dark": {"color_scheme": "dark", "viewport": {"width": 320, "height": 800}},
    "text-200": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The gallery and the desk in every look; the standing pages, made of the same parts, in the two extremes.
SEEN = [(path, look) for path in ("/gallery/", "/gallery/desk/") for look in LOOKS] + [
    (f"/gallery/pages/{name}/", look) for name in STANDING for look in ("light", "narrow-dark")
]

Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, gallery_address: str) -> Iterator[Open]:
    """Open an address in a fresh context; breaches of the policy are gathered on `page.breaches`."""
    contexts: list[BrowserContext] = []

    def make(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=gallery_address, locale="en-GB", **options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.breaches = []  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda message: (
                page.breaches.append(message.text)  # type: ignore[attr-defined]
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: page.breaches.append(str(error)))  # type: ignore[attr-defined]
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()


def _short(rules: list[dict[str, Any]]) -> list[Any]:
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in rules]


@pytest.mark.parametrize(("path", "look"), SEEN)
def test_page_in_each_look_has_nothing_that_axe_finds(open_page: Open, path: str, look: str) -> None:
    """ux §6: axe on every page and look, 0 violations, nothing left undecided; no page scrolls sideways."""
    page = open_page(path, **LOOKS[look])
    if look == "text-200":
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = Axe().run(page, options={"runOnly": RULES}).response
    assert _short(found["violations"]) == []
    assert _short(found["incomplete"]) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.breaches == []  # type: ignore[attr-defined]


def test_page_for_the_printer_is_light_and_without_navigation(open_page: Open) -> None:
    """ux §6: axe on dark print."""
    page = open_page("/gallery/", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".band")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(20, 35, 42)"


def test_page_never_runs_a_planted_script_nor_sends_anything_elsewhere(open_page: Open, gallery_address: str) -> None:
    """Security §5.6, row 51."""
    page = open_page("/gallery/")
    hosts: list[str] = []
    page.on("request", lambda request: hosts.append(request.url))
    page.evaluate("document.body.append(document.createElement('script'))")
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.planted = 1';
        document.body.append(script);
    }""")
    page.reload()
    assert page.evaluate("window.planted === undefined")
    assert all(url.startswith((gallery_address, "data:")) for url in hosts)


def test_page_shows_a_ring_of_three_pixels_on_what_has_the_focus(open_page: Open) -> None:
    """ux §3, WCAG 2.4.11/2.4.13."""
    page = open_page("/gallery/pages/404/")
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; })()"
        )
        assert style == ["solid", "3px"]


def test_skip_link_is_first_and_leads_past_the_band(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_error_summary_takes_the_focus_and_its_links_lead_to_the_field(open_page: Open) -> None:
    """ux §2."""
    page = open_page("/gallery/")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Choose what it holds").click()
    expect(page.locator("#id_wrong-holds_0")).to_be_focused()


def test_menu_opens_and_escape_closes_it_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/")
    summary = page.locator(".band__account summary")
    summary.click()
    expect(page.get_by_role("button", name="Lock now")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Lock now")).to_be_hidden()
    expect(summary).to_be_focused()


def test_find_box_opens_by_ctrl_k_and_enter_opens_the_first_answer(open_page: Open) -> None:
    """ux §8: find any pupil in six keys; the name is posted, never in an address."""
    page = open_page("/gallery/pages/404/")
    page.keyboard.press("Control+k")
    expect(page.locator("#find-query")).to_be_focused()
    page.keyboard.type("amar")
    expect(page.get_by_role("link", name="Amara K.")).to_be_visible()
    assert "amar" not in page.url
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#r1$"))


def test_find_box_escape_empties_it(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/")
    page.keyboard.press("Control+k")
    page.keyboard.type("amar")
    expect(page.get_by_role("link", name="Amara T.")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Amara K.")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#find-query")).to_be_focused()
    expect(page.locator("#find-query")).to_have_value("")
    expect(page.get_by_role("link", name="Amara T.")).to_have_count(0)


def test_theme_choice_is_remembered_on_this_device_and_nothing_else_is(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/", color_scheme="light")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"
    assert page.evaluate("Object.keys(localStorage)") == ["schoolsafe.theme"]
    page.get_by_role("button", name="As device").click()
    assert page.evaluate("Object.keys(localStorage)") == []


def test_idle_warning_lets_a_person_keep_the_screen_open(open_page: Open) -> None:
    """Security §5.5, ux §2: warn, let people extend."""
    page = open_page("/gallery/pages/idle/")
    page.clock.install()
    page.reload()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.clock.run_for(125_000)
    expect(page.get_by_role("heading", name="This screen will lock soon")).to_be_visible()
    posts = _posts(page)
    page.get_by_role("button", name="Keep it open").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert [post.url.rsplit("/gallery", 1)[1] for post in posts] == ["/find/"]


def test_idle_screen_that_nobody_answers_is_locked(open_page: Open) -> None:
    """Security §5.5: idle 20 minutes, then the lock."""
    page = open_page("/gallery/pages/idle/")
    page.clock.install()
    page.reload()
    posts = _posts(page)
    page.clock.run_for(300_000)
    expect(page).to_have_url(re.compile("/gallery/$"))
    assert posts[-1].url.endswith("/gallery/")


# --- The desk ---------------------------------------------------------------------------------------------------------


def _scan(page: Page, code: str) -> None:
    page.locator("#desk-box").fill(code)
    page.keyboard.press("Enter")


def _posts(page: Page) -> list[Request]:
    posts: list[Request] = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    return posts


def _field(request: Request, name: str) -> str:
    found = re.search(rf"(?:^|&){name}=([^&]*)", request.post_data or "")
    return found.group(1) if found else ""


def _settled(page: Page) -> None:
    expect(page.locator("[data-desk-sync]")).to_contain_text("0 waiting")
    expect(page.locator(".desk-row--pending")).to_have_count(0)


def test_desk_scan_shows_its_row_and_outcome_and_is_ready_again(open_page: Open) -> None:
    """ux §4: focus returns, the text is selected, the row is there, the footer says saved."""
    page = open_page("/gallery/desk/")
    _scan(page, "K-1041")
    expect(page.locator("#desk-outcome [data-outcome='ok']")).to_be_visible()
    expect(page.locator("#desk-recent li").first).to_contain_text("K-1041")
    _settled(page)
    expect(page.locator("[data-desk-sync]")).to_contain_text(
        re.compile(r"Online · 0 waiting · saved \d{1,2}:\d\d:\d\d")
    )
    expect(page.locator("#desk-box")).to_be_focused()
    assert page.evaluate("[...document.querySelector('#desk-box').value].length") == 6
    page.keyboard.type("K-2")
    expect(page.locator("#desk-box")).to_have_value("K-2")
    assert page.breaches == []  # type: ignore[attr-defined]


def test_desk_row_is_drawn_before_the_server_answers(open_page: Open) -> None:
    """ux §4: the row changes in ≤100 ms whatever the network does."""
    page = open_page("/gallery/desk/")
    page.route("**/gallery/desk/", lambda route: None if route.request.method == "POST" else route.continue_())
    drawn = page.evaluate("""() => {
        const box = document.querySelector('#desk-box');
        box.value = 'K-7';
        const start = performance.now();
        box.form.requestSubmit();
        const row = document.querySelector('.desk-row--pending');
        return row ? performance.now() - start : -1;
    }""")
    assert 0 <= drawn <= 100


def test_desk_quick_scans_are_all_sent_in_order_with_a_key_each(open_page: Open) -> None:
    """ux §8: 0 lost; security §5.11: one submission key an act."""
    page = open_page("/gallery/desk/")
    posts = _posts(page)
    for code in ("K-1", "K-2", "K-3", "K-4"):
        _scan(page, code)
    expect(page.locator("#desk-recent li").first).to_contain_text("K-4")
    _settled(page)
    assert [_field(post, "code") for post in posts] == ["K-1", "K-2", "K-3", "K-4"]
    assert len({_field(post, "submission") for post in posts}) == 4


def test_desk_same_code_within_three_seconds_is_ignored_quietly(open_page: Open) -> None:
    """ux §4."""
    page = open_page("/gallery/desk/")
    posts = _posts(page)
    _scan(page, "K-9")
    _settled(page)
    _scan(page, "k-9")
    page.wait_for_timeout(200)
    assert len(posts) == 1
    expect(page.locator(".desk-row--failed")).to_have_count(0)


def test_desk_failure_turns_the_row_amber_and_try_again_sends_the_same_key(open_page: Open) -> None:
    """ux §1.4: a failure stays until dealt with; a lost response and a retry make one record."""
    page = open_page("/gallery/desk/")
    posts = _posts(page)
    failing = [True]
    page.route(
        "**/gallery/desk/",
        lambda route: route.fulfill(status=503) if route.request.method == "POST" and failing[0] else route.continue_(),
    )
    _scan(page, "K-5")
    row = page.locator(".desk-row--failed")
    expect(row).to_contain_text("Not saved")
    expect(page.locator("[data-desk-sync]")).to_contain_text("1 not saved")
    failing[0] = False
    row.get_by_role("button", name="Try again").click()
    expect(page.locator("#desk-recent li").first).to_contain_text("K-5")
    expect(page.locator(".desk-row--failed")).to_have_count(0)
    assert len({_field(post, "submission") for post in posts}) == 1
    assert len(posts) == 2


def test_desk_without_a_network_keeps_the_row_and_sends_it_when_the_network_is_back(open_page: Open) -> None:
    """ux §4: offline: amber bar, queue count."""
    page = open_page("/gallery/desk/")
    page.context.set_offline(True)
    _scan(page, "K-6")
    expect(page.locator(".desk-row--failed")).to_contain_text("No answer from the server")
    expect(page.locator("[data-desk-sync]")).to_contain_text("Offline")
    page.context.set_offline(False)
    expect(page.locator(".desk-row--failed")).to_have_count(0)
    _settled(page)
    expect(page.locator("#desk-recent li").first).to_contain_text("K-6")


def test_desk_two_pupils_are_offered_and_the_arrows_choose(open_page: Open) -> None:
    """ux §4: never guess between two pupils."""
    page = open_page("/gallery/desk/")
    posts = _posts(page)
    _scan(page, "amara")
    expect(page.locator("[data-outcome='choose']")).to_be_visible()
    _settled(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Amara T.")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome='ok']")).to_be_visible()
    _settled(page)
    assert _field(posts[-1], "pupil") == "2"
    expect(page.locator("#desk-box")).to_be_focused()


def test_desk_a_scan_while_a_button_has_the_focus_lands_in_the_box(open_page: Open) -> None:
    page = open_page("/gallery/desk/")
    _scan(page, "amara")
    expect(page.locator("[data-outcome='choose']")).to_be_visible()
    _settled(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.type("K-12")
    expect(page.locator("#desk-box")).to_have_value("K-12")


def test_desk_escape_clears_and_twice_locks(open_page: Open) -> None:
    """ux §4: Esc clears the field, Esc again locks the desk."""
    page = open_page("/gallery/desk/")
    page.locator("#desk-box").fill("K-1")
    page.keyboard.press("Escape")
    expect(page.locator("#desk-box")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/gallery/$"))


def test_desk_function_key_presses_the_button_it_names(open_page: Open) -> None:
    page = open_page("/gallery/desk/")
    posts = _posts(page)
    _scan(page, "K-1")
    expect(page.locator("[data-outcome='ok']")).to_be_visible()
    _settled(page)
    page.keyboard.press("F2")
    _settled(page)
    assert _field(posts[-1], "act") == "none"


def test_desk_keeps_nothing_about_anybody_in_the_browser(open_page: Open) -> None:
    """Security row 52: dump the storage; 0 names, 0 page snapshots."""
    page = open_page("/gallery/desk/")
    _scan(page, "Amara Kovacs")
    _settled(page)
    kept = page.evaluate("JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})")
    assert "Amara" not in kept
    assert "htmx-history" not in kept


def test_desk_without_scripts_posts_the_form_and_answers_with_the_page(open_page: Open) -> None:
    """ux §1.10: every screen works without JavaScript."""
    page = open_page("/gallery/desk/", java_script_enabled=False)
    page.locator("#desk-box").fill("K-1041")
    page.get_by_role("button", name="Record hand-in").click()
    expect(page.locator("[data-outcome='ok']")).to_contain_text("K-1041")
    expect(page.locator("#desk-box")).to_be_visible()


def test_shell_without_scripts_shows_its_navigation_and_its_menus(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/", java_script_enabled=False, viewport={"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Register")).to_be_visible()
    page.locator(".band__account summary").click()
    expect(
        page.get_by_role("button", name="Sign out", exact=True).or_(page.get_by_role("button", name="Lock now")).first
    ).to_be_visible()
    page.locator("#find-query").fill("amar")
    page.locator("#find-query").press("Enter")
    expect(page.get_by_role("link", name="Amara K.")).to_be_visible()


def test_shell_on_a_phone_folds_its_navigation_behind_a_button(open_page: Open) -> None:
    page = open_page("/gallery/pages/404/", viewport={"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Register")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Register")).to_be_visible()
