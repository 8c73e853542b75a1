"""Who may be shown, and uses of images from plan to takedown (CON-02, CON-05, CON-06, CON-12, SOC-19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from agreements.enums import ConsentPurpose, ImageUseState, NamesShown
from agreements.models import ImageUse, Takedown
from agreements.operations.consent_giving import withdraw_consent
from agreements.operations.consent_refusals import (
    AccountNotNamed,
    DecisionNeeded,
    ModeratorNotNamed,
    NeedNotStated,
    NobodyChosen,
    NotConsentedTo,
    NotInThisUse,
    NotPublishedYet,
)
from agreements.operations.image_uses import cancel_use, leave_out, plan_use, publish_use, record_takedown
from agreements.queries.consent_usage import Verdict, usage_check
from agreements.workflow import MoveNotPossible
from core.people.models import FormGroup, Pupil, School, User
from core.rules.models import RecordedDecision
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.consents import PRESETS, make_use, parent_says

pytestmark = pytest.mark.django_db
P, V = ConsentPurpose, Verdict


@pytest.fixture
def world(at: datetime) -> Any:
    school = make_school(preset="image-and-conduct")
    with scope(school=school):
        form = make_form(school)
        yield school, make_user("office", school), make_pupil(school, form=form), form


@pytest.mark.parametrize("preset", PRESETS)
def test_usage_is_allowed_refused_or_to_decide_by_purpose(preset: str, at: datetime) -> None:
    """CON-01, CON-02, under every preset: the purpose agreed to is allowed; no answer is refused; another purpose is
    refused where the rule binds it, and is a person's decision, kept, where the rules are silent."""
    school = make_school(preset=preset)
    with scope(school=school):
        office, teacher = make_user("office", school), make_user("teacher", school)
        agreed, silent, other = (make_pupil(school) for _ in range(3))
        parent_says(agreed, office, at, [P.WEBSITE])
        parent_says(other, office, at, [P.PRINT])
        found = usage_check(school, P.WEBSITE, [agreed, silent, other], NamesShown.NONE, at.date())
        bound = preset == "primary-online-safety"
        assert [one.verdict for one in found] == [V.ALLOWED, V.REFUSED, V.REFUSED if bound else V.TO_DECIDE]
        assert [one.rule for one in found] == ["CON-02", "CON-01", "image_purpose_bound"]
        plan = {"school": school, "at": at, "purpose": P.WEBSITE, "title": "Sports day", "pupils": [agreed, other]}
        with pytest.raises(NotConsentedTo if bound else DecisionNeeded):
            plan_use(actor=teacher, reason="It is much the same.", **plan)
        if bound:
            return
        with pytest.raises(DecisionNeeded):
            plan_use(actor=office, **plan)
        use = plan_use(actor=office, reason="It is much the same.", **plan)
        kept = RecordedDecision.objects.get(key="image_purpose_bound")
        assert (kept.decided_by, kept.subject_id) == (office, use.pk)
        assert publish_use(school=school, actor=teacher, at=at, image_use=use).state == ImageUseState.PUBLISHED


@pytest.mark.parametrize("preset", PRESETS)
def test_names_do_not_go_with_images_but_by_the_rule(preset: str, at: datetime) -> None:
    """CON-06, under every preset: a first name only with its own permission and for a stated need; never a surname;
    where the rules are silent a person decides."""
    school = make_school(preset=preset)
    with scope(school=school):
        office = make_user("office", school)
        named, nameless = make_pupil(school), make_pupil(school)
        parent_says(named, office, at, [P.PRINT], first_name_for="The programme of the play")
        parent_says(nameless, office, at, [P.PRINT])

        def said(names: str) -> list[Verdict]:
            return [one.verdict for one in usage_check(school, P.PRINT, [named, nameless], names, at.date())]

        assert said(NamesShown.NONE) == [V.ALLOWED, V.ALLOWED]
        by_permission = preset == "image-and-conduct"
        assert said(NamesShown.FIRST) == ([V.ALLOWED, V.REFUSED] if by_permission else [V.TO_DECIDE] * 2)
        assert said(NamesShown.FULL) == ([V.REFUSED] * 2 if by_permission else [V.TO_DECIDE] * 2)
        plan = {
            "school": school, "actor": office, "at": at, "purpose": P.PRINT, "title": "The play", "pupils": [named],
            "names": NamesShown.FIRST, "reason": "The cast list.",
        }  # fmt: skip
        with pytest.raises(NeedNotStated):
            plan_use(**plan)
        assert plan_use(**plan, name_need="The cast list").names == NamesShown.FIRST
        assert RecordedDecision.objects.filter(key="image_names").exists() == (not by_permission)


def test_parents_who_disagree_are_a_no_and_staff_see_it(world: Any, at: datetime) -> None:
    """AG-5, CON-02: the stricter answer holds, and the check says that they disagree."""
    school, office, pupil, _form = world
    parent_says(pupil, office, at, [P.WEBSITE])
    parent_says(pupil, office, at, [P.PRINT], surname="Okafor")
    (found,) = usage_check(school, P.WEBSITE, [pupil], NamesShown.NONE, at.date())
    assert (found.verdict, found.rule, found.disagreement) == (V.REFUSED, "AG-5", True)


def test_another_purpose_is_the_one_that_was_named(world: Any, at: datetime) -> None:
    """CON-01, CON-02: "other" is not anything."""
    school, office, pupil, _form = world
    parent_says(pupil, office, at, [P.OTHER], other_purpose="A calendar")

    def said(what: str) -> Verdict:
        return usage_check(school, P.OTHER, [pupil], NamesShown.NONE, at.date(), other_purpose=what)[0].verdict

    assert (said("a calendar"), said("A poster")) == (V.ALLOWED, V.TO_DECIDE)


def test_official_accounts_name_account_and_moderator(world: Any, at: datetime) -> None:
    """CON-12, SOC-19: what pupils take part in on an official account needs its own consent, the account, and whoever
    moderates it, or why nobody can."""
    school, office, pupil, _form = world
    parent_says(pupil, office, at, [P.SOCIAL_MEDIA])
    plan = {"school": school, "actor": office, "at": at, "title": "Book club", "pupils": [pupil]}
    with pytest.raises(AccountNotNamed):
        plan_use(purpose=P.SOCIAL_MEDIA, **plan)
    plan["account"] = "The library’s account"
    assert plan_use(purpose=P.SOCIAL_MEDIA, **plan).account == "The library’s account"
    with pytest.raises(ModeratorNotNamed):
        plan_use(purpose=P.ACCOUNT_ACTIVITY, **plan)
    with pytest.raises(DecisionNeeded):
        plan_use(purpose=P.ACCOUNT_ACTIVITY, moderator=office, **plan)
    parent_says(pupil, office, at, [P.ACCOUNT_ACTIVITY])
    assert plan_use(purpose=P.ACCOUNT_ACTIVITY, moderator=office, **plan).moderator == office
    assert plan_use(purpose=P.ACCOUNT_ACTIVITY, unmoderated_because="It has no replies.", **plan).moderator is None


def test_publishing_checks_once_more_and_who_withdrew_is_left_out(world: Any, at: datetime) -> None:
    """CON-05, CON-12: a withdrawal between plan and publishing refuses it, until the pupil is left out."""
    school, office, pupil, _form = world
    friend = make_pupil(school)
    consent = parent_says(pupil, office, at, [P.WEBSITE])
    parent_says(friend, office, at, [P.WEBSITE])
    act: dict[str, Any] = {"school": school, "actor": office, "at": at}
    use = make_use(school, office, at, [pupil, friend])
    withdraw_consent(**act, consent=consent, mode="desk", said_by="Ann Parent")
    with pytest.raises(NotConsentedTo):
        publish_use(**act, image_use=use)
    leave_out(**act, image_use=use, pupil=pupil)
    assert publish_use(**act, image_use=use).state == ImageUseState.PUBLISHED
    with pytest.raises(NotInThisUse):
        leave_out(**act, image_use=use, pupil=friend)
    with pytest.raises(NotInThisUse):
        record_takedown(**act, image_use=use, pupil=pupil, where="News page", outcome="removed")
    for again in (publish_use, cancel_use):
        with pytest.raises(MoveNotPossible):
            again(**act, image_use=use)


def test_takedown_attempts_are_kept_and_end_a_use(world: Any, at: datetime) -> None:
    """CON-05: each attempt with its outcome; nothing is taken down that was never published; the same form twice is one
    attempt."""
    school, office, pupil, _form = world
    parent_says(pupil, office, at, [P.WEBSITE])
    act: dict[str, Any] = {"school": school, "actor": office, "at": at}
    with pytest.raises(NobodyChosen):
        plan_use(**act, purpose=P.WEBSITE, title="Nobody", pupils=[])
    use = make_use(school, office, at, [pupil])
    tried = {"image_use": use, "pupil": pupil, "where": "A sharing site"}
    with pytest.raises(NotPublishedYet):
        record_takedown(**act, **tried, outcome="asked")
    publish_use(**act, image_use=use)
    key = uuid4()
    for _ in range(2):
        record_takedown(**act, **tried, outcome="not_possible", submission=key)
    assert Takedown.objects.count() == 1
    record_takedown(**act, **tried, outcome="removed", whole=True)
    assert ImageUse.objects.get(pk=use.pk).state == ImageUseState.TAKEN_DOWN


# Through the pages.


def page(school: School, name: str, *keys: int) -> str:
    return reverse(f"agreements:{name}", args=[school.slug, *keys])


ClientFor = Callable[[User], Client]


def test_check_shows_who_may_be_shown_and_keeps_the_use(world: Any, client_for: ClientFor, at: datetime) -> None:
    """CON-02, CON-12, by pages without a script: a teacher checks a form, keeps the use, publishes it."""
    school, office, pupil, form = world
    silent = make_pupil(school, form=form)
    parent_says(pupil, office, at, [P.WEBSITE])
    teacher = client_for(make_user("teacher", school))
    asked = {"purpose": "website", "title": "Sports day", "form_groups": [form.pk], "names": "none"}
    found = teacher.post(page(school, "check-images"), asked).content.decode()
    assert "1 may be shown, 1 may not" in found
    assert 'type="file"' not in found
    nobody = teacher.post(page(school, "plan-use"), asked | {"place": "News page"})
    assert nobody.status_code == 422
    for pupils in ([silent.pk], [pupil.pk, silent.pk]):
        refused = teacher.post(page(school, "plan-use"), asked | {"place": "News page", "pupils": pupils})
        assert refused.status_code == 422
    kept = teacher.post(page(school, "plan-use"), asked | {"place": "News page", "pupils": [pupil.pk]})
    use = ImageUse.objects.get()
    assert kept.headers["Location"] == page(school, "image-use", use.pk)
    teacher.post(page(school, "publish-use", use.pk))
    assert ImageUse.objects.get().state == ImageUseState.PUBLISHED


def test_check_asks_for_what_the_purpose_needs(world: Any, client_for: ClientFor, at: datetime) -> None:
    """SOC-19, CON-06, CON-12, by pages: account and moderator for what pupils take part in, a need for a name; only
    somebody who manages consents is offered to decide what the rules leave open."""
    school, office, pupil, form = world
    named = {"first_name_for": "The quiz"}
    parent_says(pupil, office, at, [P.ACCOUNT_ACTIVITY], **named)
    open_case = make_pupil(school, form=form)
    parent_says(open_case, office, at, [P.PRINT], **named)
    asked = {"purpose": "account_activity", "title": "Quiz", "form_groups": [form.pk], "names": "first"}
    teacher = client_for(make_user("teacher", school))
    found = teacher.post(page(school, "check-images"), asked).content.decode()
    for label in ("Official account", "Who moderates it", "Why the name is needed"):
        assert label in found
    assert "Why it is allowed in this use" not in found
    assert "Somebody who manages consents decides" in found
    assert (
        "Why it is allowed in this use" in client_for(office).post(page(school, "check-images"), asked).content.decode()
    )
    sent = asked | {"place": "Live quiz", "pupils": [pupil.pk]}
    assert teacher.post(page(school, "plan-use"), sent).status_code == 422
    sent |= {"account": "The school’s account", "name_need": "To greet the winner", "moderator": office.pk}
    assert teacher.post(page(school, "plan-use"), sent).status_code == 302
    use = ImageUse.objects.get()
    assert (use.moderator, use.account, use.names) == (office, "The school’s account", NamesShown.FIRST)


def test_panel_on_the_pupils_page_says_it_at_a_glance(world: Any, client_for: ClientFor, at: datetime) -> None:
    """CON-01: a fragment for the pupil's page, open to all staff, without the names of those who answered."""
    school, office, pupil, _form = world
    teacher = client_for(make_user("teacher", school))
    panel = page(school, "consent-panel", pupil.pk)
    assert "No consent means no" in teacher.get(panel, headers={"HX-Request": "true"}).content.decode()
    parent_says(pupil, office, at, [P.WEBSITE])
    fragment = teacher.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and "Yes" in fragment
    assert "Ann Parent" not in fragment + teacher.get(page(school, "pupil-consents", pupil.pk)).content.decode()


def test_do_not_photograph_list_on_screen_and_on_paper(world: Any, client_for: ClientFor, at: datetime) -> None:
    """CON-07, DOC-07: per form and event; who is not to be shown at all, not everywhere, and without a name; as a
    tagged A4 whose name names nobody."""
    school, office, pupil, form = world
    partly = make_pupil(school, form=form)
    parent_says(partly, office, at, [P.WEBSITE])
    teacher = client_for(make_user("teacher", school))
    asked = {"form_groups": [form.pk], "event": "Sports day"}
    shown = teacher.post(page(school, "do-not-photograph"), asked).content.decode()
    never, rest = shown.split("Not for every use", 1)
    assert pupil.display_name in never and partly.display_name in rest
    assert "No answer yet" in never
    printed = teacher.post(page(school, "print-do-not-photograph"), asked)
    assert printed.headers["Content-Type"] == "application/pdf"
    assert pupil.legal_surname.lower() not in printed.headers["Content-Disposition"].lower()
    text = words_of(printed.content)
    assert "Sports day" in text and pupil.display_name in text and "NO" in text


@pytest.mark.parametrize(("kind", "says"), [("consent", "only about online services"), ("withdrawal", "Withdraw")])
def test_forms_on_paper_have_blank_lines_and_explain_age(
    world: Any, client_for: ClientFor, kind: str, says: str
) -> None:
    """DOC-06, CON-04, AG-7: both forms, with the pupil's name filled in, tagged and titled; 13 is explained."""
    school, office, pupil, _form = world
    made = client_for(office).post(page(school, "consent-paper", pupil.pk), {"kind": kind})
    text = words_of(made.content)
    assert pupil.display_name in text and "Signature and date" in text and says in text
    for purpose in list(P)[:-1]:
        assert str(purpose.label) in text
    document = pypdfium2.PdfDocument(made.content)
    assert pypdfium2.raw.FPDFCatalog_IsTagged(document.raw)
    assert "photographs and film" in document.get_metadata_value("Title")


def words_of(content: bytes) -> str:
    """What a PDF says, in one line."""
    document = pypdfium2.PdfDocument(content)
    pages = [sheet.get_textpage().get_text_range() for sheet in document]
    return " ".join(" ".join(pages).split())


def test_pupils_page_panel_and_lists_cost_the_same_for_one_and_for_three(
    world: Any, client_for: ClientFor, at: datetime
) -> None:
    """CON-01: the pupil's page has the panel; each list costs as many statements for three as for one."""
    school, office, pupil, form = world
    client = client_for(office)
    parent_says(pupil, office, at, [P.WEBSITE])
    make_use(school, office, at, [pupil])
    front = client.get(reverse("people:pupil", args=[school.slug, pupil.pk])).content.decode()
    assert page(school, "consent-panel", pupil.pk) in front
    pages = [
        page(school, "consents"), page(school, "form-consents", form.pk), page(school, "image-uses"),
        page(school, "pupil-consents", pupil.pk),
    ]  # fmt: skip
    before = [_cost(client, one) for one in pages]
    for _ in range(2):
        other: Pupil = make_pupil(school, form=form)
        parent_says(other, office, at, [P.WEBSITE])
        make_use(school, office, at, [pupil, other])
    _more_forms(school, office, at)
    assert [_cost(client, one) for one in pages] == before


def _more_forms(school: School, office: User, at: datetime) -> None:
    for _ in range(2):
        group: FormGroup = make_form(school)
        parent_says(make_pupil(school, form=group), office, at, [P.PRINT])


def _cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as taken:
        assert client.get(address).status_code == 200
    return len(taken)
