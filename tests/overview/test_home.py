"""Home pages: what needs whom, honest about when it was checked and about what could not be shown."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.notices import operations as notice_operations
from core.notices.enums import Beating
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.models import DeviceType, PupilDevice
from schoolsafe.overview import cards
from schoolsafe.overview.cards import Viewer, cards_for, few
from tests.factories import make_form, make_pupil
from tests.notices.test_telling import tell

Clients = Callable[[User], Client]


def viewer(user: User, school: School, at: datetime) -> Viewer:
    return Viewer(user=user, school=school, now=at, today=at.date())


def titles(user: User, school: School, at: datetime) -> list[str]:
    return [card.title for card in cards_for(viewer(user, school, at))]


TAKEN = ["Taken devices", "Taken devices going back", "Evidence"]
CARDS = {
    Role.OFFICE: ["Devices today", *TAKEN, "Messages", "Not collected", "Inbox"],
    Role.COMPUTING_LEAD: ["Taken devices", "Evidence", "Inbox"],
    Role.DSL: [
        "Urgent notices",
        "Concerns",
        "Devices today",
        *TAKEN,
        "Messages",
        "Not collected",
        "Contacts to decide on",
        "Changes of the rules",
        "Inbox",
    ],
    Role.SLT: ["Devices today", *TAKEN, "Messages", "Not collected", "Changes of the rules", "To settle", "Inbox"],
    Role.ADMINISTRATOR: [
        "Set-up",
        "Changes of the rules",
        "To settle",
        "Roll import",
        "Accounts",
        "Email and background worker",
        "Inbox",
    ],
    Role.GOVERNOR: ["Who answers for what", "Inbox"],
    Role.DATA_PROTECTION_LEAD: ["The record", "Inbox"],
    Role.IT_CONTACT: ["Inbox"],
}


@pytest.mark.parametrize("role", CARDS)
def test_home_shows_the_cards_of_the_role(school: School, make_user: Any, at: datetime, role: Role) -> None:
    assert titles(make_user(role), school, at) == CARDS[role]


@pytest.mark.parametrize("role", list(Role))
def test_home_opens_for_every_role(school: School, make_user: Any, client_for: Clients, role: Role) -> None:
    page = client_for(make_user(role)).get("/harbour-view/")
    assert page.status_code == 200
    assert "Cannot be shown" not in page.content.decode()
    assert page.content.decode().count("Checked ") >= 2


def test_home_stranger_gets_nothing(school: School, no_role_user: User, client_for: Clients) -> None:
    assert client_for(no_role_user).get("/harbour-view/").status_code == 404


def test_home_card_that_breaks_says_so_and_leaves_the_others(
    school: School, office_user: User, client_for: Clients, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """Silence must look different from failure; and F41: the log names the failure and no words of it."""

    def broken(viewer: Viewer) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0 AS canary_name")

    monkeypatch.setattr(cards, "PROVIDERS", [("Devices today", broken), *cards.PROVIDERS[-1:]])
    page = client_for(office_user).get("/harbour-view/")
    assert page.status_code == 200
    assert "Cannot be shown" in page.content.decode()
    assert "No new notices." in page.content.decode()
    assert "canary_name" not in caplog.text


def test_home_urgent_notice_leads_to_it(school: School, dsl_user: User, at: datetime) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    card = cards_for(viewer(dsl_user, school, at))[0]
    assert card.tasks[0]["url"] == f"/harbour-view/inbox/{notice.pk}/"


def test_home_urgent_notice_reaches_anyone_it_was_sent_to(school: School, teacher_user: User, at: datetime) -> None:
    tell(school, [teacher_user], at, urgent=True)
    assert titles(teacher_user, school, at)[0] == "Urgent notices"


def test_home_of_a_tutor_lists_own_form_only(school: School, form_tutor_user: User, pupil: Pupil, at: datetime) -> None:
    own = make_form(school, "9C", year=9, tutor=form_tutor_user)
    mine = make_pupil(school, "Lena", "Marsh", form=own)
    phone = DeviceType.objects.filter(school=school, key="phone").first()
    if phone is None:
        phone = DeviceType.objects.create(school=school, key="phone", label="Phone", communicates=True)
    for owner in (mine, pupil):
        PupilDevice.objects.create(school=school, pupil=owner, type=phone)
    later = at.replace(hour=9, minute=5)
    card = own_form(form_tutor_user, school, later)
    assert [task["label"] for task in card.tasks] == ["Marsh, Lena"]
    assert card.tasks[0]["url"] == f"/harbour-view/people/pupils/{mine.pk}/"


def own_form(user: User, school: School, at: datetime) -> cards.Card:
    return next(card for card in cards_for(viewer(user, school, at)) if card.title == "Your form")


def test_home_of_a_tutor_before_the_cutoff_waits(school: School, form_tutor_user: User, at: datetime) -> None:
    """ux §4: at 9:05 the list goes to tutors, not to a red wall before."""
    make_form(school, "9C", year=9, tutor=form_tutor_user)
    card = own_form(form_tutor_user, school, at)
    assert card.is_done
    assert card.done.startswith("Hand-in is open until 9:00am.")


def test_home_of_a_tutor_everyone_seen_is_said(school: School, form_tutor_user: User, at: datetime) -> None:
    make_form(school, "9C", year=9, tutor=form_tutor_user)
    card = own_form(form_tutor_user, school, at.replace(hour=9, minute=5))
    assert card.is_done
    assert card.done == "Everyone in 9C who usually brings a device has been seen."


def test_home_on_a_sunday_asks_for_nobody(
    school: School, form_tutor_user: User, office_user: User, at: datetime
) -> None:
    make_form(school, "9C", year=9, tutor=form_tutor_user)
    sunday = at - timedelta(days=1)
    assert own_form(form_tutor_user, school, sunday).done == "No school today."
    desk = next(card for card in cards_for(viewer(office_user, school, sunday)) if card.title == "Devices today")
    assert desk.is_done


def test_home_of_the_administrator_shows_a_silent_worker(
    school: School, administrator_user: User, at: datetime
) -> None:
    def service() -> cards.Card:
        found = cards_for(viewer(administrator_user, school, at))
        return next(card for card in found if card.title == "Email and background worker")

    assert service().tasks[0]["label"] == "The background worker is silent"
    notice_operations.beat(name=Beating.WORKER, at=at - timedelta(minutes=1))
    assert service().is_done


def test_home_of_the_administrator_shows_who_has_no_second_step(
    school: School, administrator_user: User, dsl_user: User, at: datetime
) -> None:
    """ORG-20"""
    school.mfa_roles = [Role.DSL]
    school.save()
    card = next(card for card in cards_for(viewer(administrator_user, school, at)) if card.title == "Accounts")
    assert [task["label"] for task in card.tasks] == [dsl_user.full_name]


def test_home_of_the_head_names_the_gaps(school: School, headteacher_user: User, at: datetime) -> None:
    """ORG-02, ORG-21"""
    card = next(card for card in cards_for(viewer(headteacher_user, school, at)) if card.title == "To settle")
    assert "No designated safeguarding lead is named." in [task["label"] for task in card.tasks]


def test_home_of_a_governor_names_posts_and_hides_small_numbers(
    school: School, governor_user: User, dsl_user: User, pupil: Pupil, client_for: Clients
) -> None:
    """ux §5: counts under five are hidden; no pupil is named."""
    page = client_for(governor_user).get("/harbour-view/").content.decode()
    assert dsl_user.full_name in page
    assert pupil.legal_surname not in page
    assert "Figures under five are hidden" in page


def test_home_of_the_administrator_counts_the_steps_of_set_up_until_it_is_finished(
    school: School, administrator_user: User, at: datetime
) -> None:
    """ORG-01, ORG-15"""
    card = next(card for card in cards_for(viewer(administrator_user, school, at)) if card.title == "Set-up")
    assert card.tasks[0]["label"].endswith("steps are left")
    school.set_up_at = at
    school.save()
    assert "Set-up" not in titles(administrator_user, school, at)


@pytest.mark.parametrize(("number", "said"), [(0, "none"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_few_hides_small_numbers(number: int, said: str) -> None:
    assert few(number) == said


def test_home_takes_as_many_statements_for_three_rows_as_for_one(
    school: School, dsl_user: User, client_for: Clients
) -> None:
    client = client_for(dsl_user)
    client.get("/harbour-view/")
    counts = []
    for rows in (1, 3):
        for number in range(rows):
            tell(school, [dsl_user], timezone.now(), dedupe_key=f"{rows}{number}", urgent=True)
        with CaptureQueriesContext(connection) as captured:
            client.get("/harbour-view/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_frame_counts_the_inbox_once_and_not_for_htmx(
    school: School, office_user: User, client_for: Clients, at: datetime
) -> None:
    """The desk's scan must not pay for the frame."""
    tell(school, [office_user], at)
    client = client_for(office_user)

    def counting(**headers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post("/harbour-view/find/", {"query": ""}, headers=headers)
        return sum('FROM "notices_notice"' in query["sql"] for query in captured.captured_queries)

    assert counting() == 1
    assert counting(**{"HX-Request": "true"}) == 0


def test_refused_page_still_has_its_frame(school: School, office_user: User, client_for: Clients, at: datetime) -> None:
    tell(school, [office_user], at)
    page = client_for(office_user).get("/harbour-view/record/")
    assert page.status_code == 403
    assert "Tell a DSL" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.OFFICE, "Arrivals", "Record"),
        (Role.DATA_PROTECTION_LEAD, "Record", "Arrivals"),
        (Role.GOVERNOR, "Home", "Pupils"),
    ],
)
def test_frame_leads_only_where_the_role_may_go(
    school: School, make_user: Any, client_for: Clients, role: Role, shown: str, hidden: str
) -> None:
    page = client_for(make_user(role)).get("/harbour-view/").content.decode()
    nav = re.sub(r"\s*<[^>]*>\s*", "|", page.split('id="mainnav-list"')[1].split("</nav>")[0]).split("|")
    assert shown in nav
    assert hidden not in nav
