"""ORG-07: one setting changes the word on every screen, and the plain word stands where it is not settled."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template

from core.rules import queries
from core.rules.catalogue import Rules
from core.rules.words import PLAIN, words_for
from tests.factories import make_school

TODAY = date(2026, 11, 23)


def _render(text: str, **context: Any) -> str:
    return Template("{% load rules %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("group-locked-storage", "pupil, pupils, headteacher or principal, directors, mobile-device policy (group)"),
        ("primary-by-agreement", "learner, learners, headteacher, governors, acceptable use policy"),
        ("primary-online-safety", "pupil, pupils, head teacher, governing board, acceptable use policy"),
        ("image-and-conduct", "pupil, pupils, headteacher, governors, acceptable use policy"),
        ("phone-free-agreement", "pupil, pupils, headteacher, trustees, acceptable use of ICT document"),
    ],
)
def test_words_for_each_preset(db: None, slug: str, said: str) -> None:
    words = words_for(queries.for_school(make_school(preset=slug), on=TODAY))
    assert ", ".join([words.child, words.children, words.head, words.governors, words.aup]) == said


def test_words_for_nothing_settled_are_plain() -> None:
    assert words_for(Rules()) == PLAIN
    assert words_for(None) == PLAIN


def test_term_uses_the_requests_rules() -> None:
    request = SimpleNamespace(rules=Rules(term_child="learner", term_head="principal"))
    text = (
        '{% term "child" %} {% term "child" plural=True capital=True %} {% term "child" possessive=True %} '
        '{% term "child" plural=True possessive=True %} {% term "head" capital=True %} {% term "governors" %}'
    )
    assert _render(text, request=request) == "learner Learners learner’s learners’ Principal governors"


def test_term_outside_a_school_is_plain() -> None:
    assert _render('{% term "child" plural=True %}') == "pupils"
    assert _render('{% term "child" %}', request=SimpleNamespace(rules=None)) == "pupil"


def test_term_of_an_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        _render('{% term "parrot" %}')


def test_term_escapes_the_schools_own_words() -> None:
    request = SimpleNamespace(rules=Rules(term_aup="<b>rules</b>"))
    assert _render('{% term "aup" %}', request=request) == "&lt;b&gt;rules&lt;/b&gt;"


def test_rule_label_and_rule_words() -> None:
    rules = Rules(release_rule="pupil_end_of_day_unless_escalated", term_child="learner")
    said = "at the end of the day, unless it has been escalated to a parent"
    assert _render('{{ value|rule_label:"release_rule" }}', value=rules.release_rule) == f"The pupil, {said}"
    assert _render('{% rule_words "release_rule" %}', request=SimpleNamespace(rules=rules)) == f"The learner, {said}"


def test_a_school_that_changes_the_word_sees_it_on_its_pages(
    school: Any, administrator_user: Any, client_for: Any, settings: Any
) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.urls import reverse
    from django.utils import timezone

    from core.rules import operations

    client = client_for(administrator_user)
    address = reverse("rules:section", args=[school.slug, "pupil-devices"])
    assert "May a pupil bring a device?" in client.get(address).content.decode()
    operations.change_rule(
        school=school,
        actor=administrator_user,
        at=datetime.now(ZoneInfo("Europe/London")),
        key="term_child",
        value="learner",
        effective_from=timezone.localdate(),
        reason="The governors’ word.",
    )
    page = client.get(address).content.decode()
    assert "May a learner bring a device?" in page
    assert "Learners’ devices" in page
