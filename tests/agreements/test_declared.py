"""What staff declare, through pages and under every preset: account managers, ties, activity of pupils on accounts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from agreements.enums import AgreementKind, ConsentPurpose, PublishingDutyKind
from agreements.models import Agreement, ImageUse, RelationshipDeclaration
from agreements.operations.consent_telling import end_publishing_duty, name_publishing_duty
from agreements.operations.declaring import NobodyToAsk, ask_to_declare
from agreements.operations.templates import start_template, start_version
from agreements.operations.templates_publishing import publish_template
from agreements.queries.declared import declared_of
from core.notices.models import Notice
from core.people.models import User
from core.rules.models import RecordedDecision
from tests.devices.test_races import at_once
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_version
from tests.factories.consents import PRESETS, parent_says

pytestmark = pytest.mark.django_db
KIND = AgreementKind.ACCOUNT_MANAGER


class World:
    """A school under a preset, a head, an office, and a teacher who manages an account."""

    def __init__(self, preset: str, at: datetime) -> None:
        self.school = make_school(preset=preset)
        self.at = at
        self.head, self.office = make_user("headteacher", self.school), make_user("office", self.school)
        self.teacher = make_user("teacher", self.school)

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def url(self, name: str, *keys: int) -> str:
        return reverse(f"agreements:{name}", args=[self.school.slug, *keys])

    def manages(self, user: User, account: str = "School news") -> Any:
        return name_publishing_duty(
            school=self.school, actor=self.office, at=self.at, user=user, kind=PublishingDutyKind.ACCOUNTS,
            account=account, starts_on=self.at.date(),
        )  # fmt: skip


@pytest.fixture
def frozen(at: datetime, time_machine: Any) -> datetime:
    time_machine.move_to(at, tick=False)
    return at


@pytest.mark.parametrize("preset", PRESETS)
def test_account_managers_are_asked_sign_and_are_listed(preset: str, frozen: datetime) -> None:
    """SOC-21, under every preset: asked once, signed with their own account, listed with the day; where the rules are
    silent somebody says why, and that is kept (matrix 0.3); a text that renews is declared anew (AGR-09)."""
    world = World(preset, frozen)
    school, doing = world.school, {"school": world.school, "actor": world.head, "at": frozen}
    office, teacher, page = world.client(world.office), world.client(world.teacher), world.url("account-managers")
    is_settled = preset == "primary-online-safety"
    with scope(school=school):
        assert "Nobody to ask" in office.get(page).content.decode()
        world.manages(world.teacher)
        world.manages(world.teacher, "Sports")
        assert office.post(page, {"reason": "The head did."}).status_code == 422  # nothing is published
        version = publish_template(
            **doing, template_version=start_template(**doing, kind=KIND), starts_on=frozen.date()
        )
        shown = office.get(page).content.decode()
        assert "Not asked yet" in shown and "School news, Sports" in shown
        sent = {"submission": "0a0c1c1e-6d5d-4a51-9a0f-0e5a1c7a7a01"}
        if not is_settled:
            refused = office.post(page, {})
            assert refused.status_code == 422 and "Say who decided it and why" in refused.content.decode()
            sent["reason"] = "The head decided it with the governors."
        for _time in range(2):
            assert office.post(page, sent).status_code == 302
        assert RecordedDecision.objects.filter(key="official_accounts").count() == (0 if is_settled else 1)
        agreement = Agreement.objects.get()
        assert agreement.user == world.teacher and Notice.objects.filter(recipient=world.teacher).count() == 1
        assert "Asked, not signed yet" in office.get(page).content.decode()
        with pytest.raises(NobodyToAsk):
            ask_to_declare(**doing | {"actor": world.office}, kind=KIND, reason="x")
        own = world.url("sign-own", agreement.signatories.get().pk)
        ticked = {"decision": "agrees", "statements": ["read"], "name": world.teacher.full_name}
        assert teacher.post(own, ticked).status_code == 302
        assert "1 of 1 have declared" in office.get(page).content.decode()
        csv = office.get(world.url("account-managers-list"))
        assert csv["Content-Disposition"] == 'attachment; filename="account_manager-declared.csv"'
        assert "School news; Sports" in csv.content.decode() and "23 November 2026" in csv.content.decode()
        assert teacher.get(page).status_code == 403
        publish_template(
            **doing, template_version=start_version(**doing, template=version.template), starts_on=frozen.date()
        )
        assert "To be declared anew" in office.get(page).content.decode()
        ask_to_declare(**doing, kind=KIND, reason="As before.")
        assert [one.user for one in Agreement.objects.all()] == [world.teacher] * 2
        assert "Asked, not signed yet" in office.get(page).content.decode()


def test_the_list_has_who_manages_today_and_costs_the_same_for_three(frozen: datetime) -> None:
    """SOC-21: whose duty is over is not asked; of staff all are listed; no more statements for more rows."""
    world = World("primary-online-safety", frozen)
    office = world.client(world.office)
    with scope(school=world.school):
        over = world.manages(world.head)
        world.manages(world.teacher)
        end_publishing_duty(school=world.school, actor=world.office, at=frozen, duty=over)
        tomorrow = frozen.date() + timedelta(days=1)
        assert [one.person for one in declared_of(world.school, KIND, tomorrow)] == [world.teacher]
        office.get(world.url("account-managers"))
        counts = []
        for _round in range(2):
            with CaptureQueriesContext(connection) as found:
                assert office.get(world.url("account-managers")).status_code == 200
            counts.append(len(found))
            for _more in range(3):
                world.manages(make_user("teacher", world.school))
        assert counts[0] == counts[1]
        assert "Not asked yet" in office.get(world.url("staff-declared")).content.decode()
        assert "Person" in office.get(world.url("staff-declared-list")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_ask_each_person_once(at: datetime) -> None:
    """SOC-21: of a kind of which a person may have several, too."""
    school = make_school()
    people = [make_user("headteacher", school), make_user("office", school)]
    with scope(school=school):
        make_version(school, AgreementKind.STAFF)
    ask = partial(ask_to_declare, school=school, at=at, kind=AgreementKind.STAFF)
    answers = at_once(school, *(partial(ask, actor=actor) for actor in people))
    assert sorted(type(one).__name__ for one in answers) == ["NobodyToAsk", "TemplateVersion"]
    with scope(school=school):
        assert Agreement.objects.count() == 2


_CONSULTED = {
    "group-locked-storage": ("dsl", "headteacher"),
    "primary-by-agreement": ("dsl", "headteacher"),
    "primary-online-safety": ("headteacher",),
    "image-and-conduct": ("dsl",),
    "phone-free-agreement": ("dsl", "headteacher"),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_tie_on_social_media_is_decided_and_on_record(preset: str, frozen: datetime) -> None:
    """SOC-11, STA-10, through pages under every preset: formally recorded where the rules say so, where they leave it
    a choice when somebody chooses it, and where they are silent with the reason; a colleague finds nothing."""
    world = World(preset, frozen)
    people = {"dsl": make_user("dsl", world.school), "headteacher": world.head}
    teacher = world.client(world.teacher)
    with scope(school=world.school):
        teacher.post(
            world.url("declare"),
            {"context": "social_media", "nature": "family", "parties": "A cousin", "since": "2019",
             "circumstances": "We share a family chat."},
        )  # fmt: skip
        row = RelationshipDeclaration.objects.get()
        named = [people[who] for who in _CONSULTED[preset]]
        answer = teacher.post(
            world.url("consult", row.pk), {"people": [person.pk for person in named], "reason": "They know us."}
        )
        assert answer.status_code == 302
        for person in named:
            advice = {"advice": f"Advice {person.pk}"}
            assert world.client(person).post(world.url("advise", row.pk), advice).status_code == 302
        last = world.client(named[-1])
        decision = {
            "decision": "Family matters alone.", "on_record": "on", "review_on": date(2027, 3, 1), "reason": "So.",
        }  # fmt: skip
        assert last.post(world.url("decide-declaration", row.pk), decision).status_code == 302
        row.refresh_from_db()
        assert (row.state, row.recorded_by) == ("recorded", named[-1])
        assert all(f"Advice {person.pk}" in row.advice for person in named)
        decided = RecordedDecision.objects.filter(key="relationship_recorded").count()
        assert decided == (1 if preset == "image-and-conduct" else 0)
        assert "On record" in teacher.get(world.url("declaration", row.pk)).content.decode()
        colleague = world.client(make_user("teacher", world.school))
        assert colleague.get(world.url("declaration", row.pk)).status_code == 404


@pytest.mark.parametrize("preset", PRESETS)
def test_activity_of_pupils_on_an_account_has_consent_and_a_moderator(preset: str, frozen: datetime) -> None:
    """SOC-19, through pages under every preset: without a written consent nobody is offered for it; with it, the
    account and whoever moderates it, or why nobody can, are asked for."""
    world = World(preset, frozen)
    office = world.client(world.office)
    with scope(school=world.school):
        form = make_form(world.school)
        pupil, silent = (make_pupil(world.school, form=form) for _ in range(2))
        parent_says(pupil, world.office, frozen, [ConsentPurpose.ACCOUNT_ACTIVITY])
        asked = {
            "purpose": "account_activity", "title": "Book club", "form_groups": [form.pk], "names": "none"
        }  # fmt: skip
        assert office.post(world.url("check-images"), asked).status_code == 200
        plan = asked | {"place": "The library’s page", "account": "Library news", "pupils": [pupil.pk]}
        unmoderated = office.post(world.url("plan-use"), plan)
        assert unmoderated.status_code == 422 and "moderates it" in unmoderated.content.decode()
        without = office.post(world.url("plan-use"), plan | {"pupils": [silent.pk], "moderator": world.office.pk})
        assert without.status_code == 422 and not ImageUse.objects.exists()
        kept = office.post(world.url("plan-use"), plan | {"moderator": world.office.pk})
        assert kept.status_code == 302
        assert (ImageUse.objects.get().moderator, ImageUse.objects.get().account) == (world.office, "Library news")
