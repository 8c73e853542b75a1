"""The components as templates: what stands in the markup, without a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from core.kit.forms import BaseForm, SubmissionForm
from schoolsafe.gallery import SampleForm


class PlainForm(forms.Form):
    """A form that knows nothing of crispy, as allauth's are."""

    email = forms.EmailField(label="Email address")
    password = forms.CharField(widget=forms.PasswordInput, help_text="At least 12 characters.")


class _Collect(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def _elements(html: str, tag: str | None = None) -> list[dict[str, str | None]]:
    parser = _Collect()
    parser.feed(html)
    return [attributes for name, attributes in parser.elements if tag is None or name == tag]


def _render(name: str, context: dict[str, Any] | None = None) -> str:
    request = RequestFactory().get("/somewhere/")
    return render_to_string(name, context or {}, request=request)


def _wrong() -> SampleForm:
    return SampleForm({"note": "Kept as it was typed.", "opened_on": "31/02/2026"})


def test_form_with_errors_lists_each_one_with_a_link_to_its_field() -> None:
    """ux §2: summary at the top, links to fields, the same words at the field."""
    form = _wrong()
    html = _render("components/form.html", {"form": form})
    ids = {attributes.get("id") for attributes in _elements(html)}
    links = re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', html)
    assert "There is a problem" in html
    assert len(links) == sum(len(errors) for errors in form.errors.values())
    for target, words in links:
        assert target in ids
        assert html.count(words) >= 2


def test_form_with_errors_points_each_field_at_its_words() -> None:
    """ux §2, WCAG 3.3.1: aria-invalid and aria-describedby at the field."""
    html = _render("components/form.html", {"form": _wrong()})
    ids = {attributes.get("id") for attributes in _elements(html)}
    name = next(attributes for attributes in _elements(html, "input") if attributes.get("name") == "name")
    assert name["aria-invalid"] == "true"
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    for attributes in _elements(html):
        for part in (attributes.get("aria-describedby") or "").split():
            assert part in ids


def test_form_with_errors_keeps_what_was_typed() -> None:
    assert "Kept as it was typed." in _render("components/form.html", {"form": _wrong()})


def test_form_marks_optional_fields_in_words_and_required_ones_with_no_asterisk() -> None:
    """ux §2: never mark with asterisks."""
    html = _render("components/form.html", {"form": SampleForm()})
    assert "*" not in html
    assert html.count("(optional)") == 3


def test_form_switches_the_browsers_own_checks_off() -> None:
    (form,) = _elements(_render("components/form.html", {"form": SampleForm()}), "form")
    assert "novalidate" in form
    assert form["method"] == "post"
    assert form["enctype"] == "multipart/form-data"


@pytest.mark.parametrize("disable_csrf", [True, False])
def test_form_carries_the_token_once_whatever_the_helper_says(disable_csrf: bool) -> None:
    """Security row 55: repeated parameters are refused."""

    class Helped(BaseForm):
        name = forms.CharField()

        @property
        def helper(self) -> FormHelper:
            helper = FormHelper()
            helper.form_tag = False
            helper.disable_csrf = disable_csrf
            return helper

    assert _render("components/form.html", {"form": Helped()}).count("csrfmiddlewaretoken") == 1
    assert _render("components/form.html", {"form": PlainForm()}).count("csrfmiddlewaretoken") == 1


def test_form_non_field_error_stands_in_the_summary_only() -> None:
    form = PlainForm({"email": "a@example.org", "password": "x"})
    form.add_error(None, "That sign-in did not work.")
    assert _render("components/form.html", {"form": form}).count("That sign-in did not work.") == 1


def test_form_submission_key_is_hidden_and_fresh_each_time() -> None:
    keys = {
        attributes["value"]
        for _ in range(2)
        for attributes in _elements(_render("components/form.html", {"form": SubmissionForm()}), "input")
        if attributes.get("name") == "submission"
    }
    assert len(keys) == 2


def test_form_help_text_is_escaped() -> None:
    form = SampleForm()
    form.fields["name"].help_text = "<script>alert(1)</script>"
    assert "<script>alert" not in _render("components/form.html", {"form": form})


def test_page_title_says_error_first_when_a_form_has_one() -> None:
    """ux §2: "Error: " in the title."""
    assert "<title>Error: " in _render("base.html", {"form": _wrong()})
    assert "<title>Error: " not in _render("base.html", {"form": SampleForm()})


@pytest.mark.parametrize("kind", ["ok", "attention", "stop", "info", "neutral", "waiting"])
def test_status_tag_has_icon_word_and_colour(kind: str) -> None:
    """ux §1.6: never colour alone."""
    html = _render("components/status_tag.html", {"kind": kind, "word": "The word"})
    assert f"#{kind}" in html
    assert "The word" in html
    assert f"tag--{kind}" in html


def test_shell_with_no_context_at_all_still_stands() -> None:
    html = get_template("base.html").render({})
    assert '<main id="main"' in html
    assert "not a government service" in html
    assert "Tell a DSL" not in html


def test_shell_shows_the_way_to_a_dsl_on_every_page_in_one_click() -> None:
    """ux §8: reach "tell a DSL now" in ≤2 clicks from any page."""
    html = _render("base.html", {"tell_dsl_url": "/harbour-view/tell/"})
    assert html.count('href="/harbour-view/tell/"') == 2


def test_shell_counts_the_inbox_and_refreshes_it_by_a_marked_poll() -> None:
    """Security §5.5: a poll never keeps a forgotten screen awake."""
    html = _render("base.html", {"inbox_url": "/i/", "inbox_count": 3})
    assert re.search(r"band__count\">3<", html)
    html = _render("base.html", {"inbox_url": "/i/", "inbox_count": 3, "inbox_count_url": "/n/"})
    assert re.search(r"band__count\">3<", html)
    (poll,) = [attributes for attributes in _elements(html, "span") if attributes.get("hx-get") == "/n/"]
    assert poll["hx-headers"] == '{"X-Schoolsafe-Poll": "1"}'


def test_shell_signs_out_and_locks_by_post_only() -> None:
    user = SimpleNamespace(is_authenticated=True, display_name="Ms O. Larkfield", email="o@example.org")
    html = _render("base.html", {"user": user, "school": SimpleNamespace(name="Harbour View School")})
    for word in ("Lock now", "Sign out", "Sign out everywhere"):
        button = html[: html.index(f"{word}\n")]
        assert button.rindex('<form method="post"') > button.rindex("</form>") if "</form>" in button else True
    assert not re.search(r'<a[^>]*href="[^"]*log-?out', html)


def test_shell_of_a_person_nobody_knows_offers_no_account() -> None:
    assert "Sign out" not in _render("base.html", {"user": AnonymousUser()})


def test_shell_marks_the_page_one_is_on() -> None:
    nav = [
        {"label": "Home", "url": "/a/", "icon": "home", "current": False},
        {"label": "Arrivals", "url": "/b/", "icon": "scan", "current": True},
    ]
    links = _elements(_render("base.html", {"nav": nav}), "a")
    assert [link["href"] for link in links if link.get("aria-current") == "page"] == ["/b/"]


def test_shell_finds_a_pupil_by_post_so_that_no_name_gets_into_an_address() -> None:
    """House §4.9, security row 49."""
    form = next(
        attributes
        for attributes in _elements(_render("base.html", {"find_url": "/f/"}), "form")
        if "data-find" in attributes
    )
    assert form["method"] == "post"
    assert form["hx-post"] == "/f/"


def test_shell_sets_htmx_so_that_it_evaluates_and_stores_nothing() -> None:
    """Security §5.6."""
    html = _render("base.html")
    for setting in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"includeIndicatorStyles":false',
        '"historyCacheSize":0',
        '"selfRequestsOnly":true',
        '{"code":"422","swap":true}',
    ):
        assert setting in html


@pytest.mark.parametrize("name", ["400.html", "500.html", "403_csrf.html"])
def test_error_page_needs_no_context(name: str) -> None:
    """Security row 60: shown when nothing else works."""
    html = get_template(name).render({})
    assert "<h1>" in html
    assert "999" in html


def test_error_pages_for_hidden_and_for_absent_records_say_the_same() -> None:
    """ORG-10, house §4.6."""
    for name in ("403.html", "404.html"):
        html = _render(name)
        assert "There is nothing here that you can see" in html
        assert "Ask the DSL if you need it." in html


def test_progress_marks_its_polls_and_offers_a_link_without_javascript() -> None:
    """Security §5.5: polling must not keep a forgotten screen awake. ux §5: no meta refresh."""
    html = _render(
        "components/progress.html",
        {"running": True, "poll_url": "/p/", "page_url": "/q/", "done": 24, "total": 36, "what": "pupils"},
    )
    assert 'hx-trigger="every 2s"' in html
    assert '"X-Schoolsafe-Poll": "1"' in html
    assert "24 of 36 pupils" in html
    assert 'href="/q/"' in html


def test_progress_that_has_ended_asks_no_more() -> None:
    html = _render("components/progress.html", {"running": False, "poll_url": "/p/", "result_url": "/r/", "total": 36})
    assert "hx-get" not in html
    assert 'href="/r/"' in html


def test_outcome_panel_offers_each_choice_as_a_form_of_its_own() -> None:
    """ux §4: two are never guessed between, and it works without JavaScript."""
    choices = [{"label": "Amara K.", "value": 1}, {"label": "Amara T.", "value": 2}]
    html = _render(
        "components/outcome_panel.html",
        {"kind": "choose", "word": "Which one?", "choices": choices, "choices_url": "/desk/", "submission": "k"},
    )
    assert len(_elements(html, "form")) == 2
    assert 'data-outcome="choose"' in html


def test_desk_row_out_of_band_goes_to_the_top_of_the_list_with_its_key() -> None:
    html = _render("components/desk_row.html", {"oob": True, "submission": "abc", "person": "Ben T.", "word": "In"})
    assert 'hx-swap-oob="afterbegin:#desk-recent"' in html
    assert 'data-submission="abc"' in html


def test_data_table_names_its_columns_for_the_stacked_form() -> None:
    rows = [
        {
            "cells": [
                {"value": "Lee B."},
                {"value": 0, "label": "Times", "numeric": True},
                {"label": "Slot", "slot": "14"},
            ]
        }
    ]
    html = _render("components/data_table.html", {"caption": "In", "columns": ["Pupil", "Times", "Slot"], "rows": rows})
    assert 'data-label="Times"' in html
    assert re.search(r'data-label="Times" class="num">\s*0\s*</td>', html)
    assert re.search(r'<th scope="row">\s*Lee B\.\s*</th>', html)


def test_summary_list_says_when_nothing_was_given() -> None:
    html = _render(
        "components/summary_list.html", {"rows": [{"label": "Motto", "value": ""}, {"label": "In", "value": 0}]}
    )
    assert "Not given" in html
    assert re.search(r"summary__value\">\s*0\s*</dd>", html)


@pytest.mark.parametrize("kind", ["first_use", "done", "no_results", "no_access", "broken"])
def test_empty_state_says_which_nothing_it_is(kind: str) -> None:
    """ux §1.12: silence must look different from failure."""
    html = _render("components/empty_state.html", {"kind": kind, "checked_at": "10:02am"})
    assert f"empty--{kind}" in html
    assert "Checked 10:02am" in html


def test_components_never_need_more_context_than_they_say() -> None:
    """Each component stands with nothing given: a missing variable is an empty place, never an error."""
    from pathlib import Path

    for path in (Path(__file__).parents[2] / "templates" / "components").glob("*.html"):
        if path.name in {"form.html", "form_fields.html", "filter_bar.html", "icon.html", "pagination.html"}:
            continue
        get_template(f"components/{path.name}").render({}, RequestFactory().get("/"))
