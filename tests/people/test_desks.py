"""Taking turns at a shared desk: enrolled computers, personal PINs, the desk's own scope (security §5.5, row 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.kit.refusals import Refusal
from core.people import desk, operations
from core.people.access import NotPermitted
from core.people.models import DeskDevice, DeskPin, Pupil, School, Session, User
from core.people.operations.desks import MOST_WRONG_TRIES, TooManyWrongPins, WrongPin, is_weak
from core.people.roles import Permission
from devices.models import CustodyEvent
from devices.operations import add_device, add_place, seed_device_types
from schoolsafe.access import ACCESS, PUBLIC
from tests.architecture.records import kwargs_of, named_patterns
from tests.factories import give_role, make_school
from tests.factories import make_user as build_user
from tests.people.conftest import at_once

PASSWORD = "a long enough password"
LOCK, UNLOCK = "/account/lock/", "/account/unlock/"


@dataclass
class Desk:
    """An enrolled computer, and two people of the office with PINs."""

    school: School
    device: DeskDevice
    anna: User
    ben: User
    pins: dict[int, str]
    at: datetime

    def browser(self, user: User | None, *, key: str | None = None) -> Client:
        """A browser that keeps the computer's key, with somebody signed in by force."""
        client = Client()
        if user is not None:
            client.force_login(user, backend="core.people.backends.PeopleBackend")
        value = key if key is not None else self.device.key
        if value:
            client.cookies[desk.COOKIE] = signing.get_cookie_signer(salt=desk.COOKIE + "core.people.desk").sign(value)
        return client

    def locked(self, user: User | None = None, path: str = "devices/arrivals/", **options: Any) -> Client:
        """The same, locked while a page stood open."""
        client = self.browser(user or self.anna, **options)
        assert client.get(f"/{self.school.slug}/{path}").status_code == 200
        client.post(LOCK, HTTP_REFERER=f"http://testserver/{self.school.slug}/{path}?pupil=7")
        return client

    def wrong(self) -> str:
        return next(pin for pin in ("111119", "222228", "333337") if pin not in self.pins.values())

    def opened(self, user: User | None = None) -> Client:
        """A session that a PIN has opened."""
        client = self.locked()
        client.post(UNLOCK, {"pin": self.pins[(user or self.ben).pk]})
        assert client.session["desk_only"] == self.school.pk
        return client


@pytest.fixture
def office_desk(school: School, administrator_user: User, at: datetime) -> Desk:
    return make_desk(school, administrator_user, at)


def make_desk(school: School, administrator: User, at: datetime) -> Desk:
    anna, ben = build_user("office", school, family_name="Anstey"), build_user("office", school, family_name="Bewick")
    with scope(school=school):
        device = operations.enrol_device(school=school, actor=administrator, at=at, name="Front office PC")
        pins = {who.pk: operations.issue_pin(school=school, actor=who, at=at).shown for who in (anna, ben)}
    return Desk(school, device, anna, ben, pins, at)


def tries(action: str = "people.unlock_with_pin") -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


# The computer


def test_enrol_device_keeps_its_key_in_the_browser_alone(
    school: School, administrator_user: User, client_for: Any
) -> None:
    """Security 5.5: 256 random bits in a signed cookie out of reach of scripts; here only their digest."""
    client, url = client_for(administrator_user), f"/{school.slug}/people/desks/"
    answer = client.post(url, {"name": "Front office PC"})
    assert answer.status_code == 302
    cookie = answer.cookies[desk.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    device = DeskDevice.objects.get()
    assert device.key_hash not in cookie.value and device.enrolled_by == administrator_user
    assert "key_hash" not in {field.name for field in DeskDevice.history.model._meta.fields}
    assert "enrolled as <strong>Front office PC" in client.get(url).content.decode()
    assert client.post(url, {"name": "Again"}).status_code == 422
    answer = client_for(administrator_user).post(url, {"name": "Safe PC"}, secure=True)
    assert answer.cookies[desk.COOKIE]["secure"] is True


def test_enrol_device_twice_by_the_same_form_is_one(school: School, administrator_user: User, at: datetime) -> None:
    import uuid

    said: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at, "submission": uuid.uuid4()}
    first = operations.enrol_device(name="Gate", **said)
    again = operations.enrol_device(name="Gate", **said)
    assert (first.pk, bool(first.key), again.key) == (again.pk, True, "")
    with pytest.raises(Refusal, match="Another computer has this name"):
        operations.enrol_device(school=school, actor=administrator_user, at=at, name="GATE")


@pytest.mark.parametrize("role", ["office", "dsl", "teacher"])
def test_enrolling_and_revoking_are_for_administrator_and_head(
    role: str, office_desk: Desk, make_user: Callable[..., User], at: datetime
) -> None:
    user, said = make_user(role), {"school": office_desk.school, "at": at}
    with pytest.raises(NotPermitted):
        operations.enrol_device(actor=user, name="Mine", **said)
    with pytest.raises(NotPermitted):
        operations.revoke_device(actor=user, device=office_desk.device, **said)
    head = make_user("headteacher")
    assert operations.revoke_device(actor=head, device=office_desk.device, **said).revoked_by == head


def test_desks_page_costs_the_same_for_three_computers_as_for_one(
    office_desk: Desk, administrator_user: User, client_for: Any, statements: Any, at: datetime
) -> None:
    client, url = client_for(administrator_user), f"/{office_desk.school.slug}/people/desks/"
    before = statements(client, url)
    for name in ("Gate", "Hall"):
        operations.enrol_device(school=office_desk.school, actor=administrator_user, at=at, name=name)
        operations.issue_pin(school=office_desk.school, actor=build_user("office", office_desk.school), at=at)
    assert statements(client, url) == before


# The PIN


def test_issue_pin_is_for_oneself_and_for_who_works_at_the_desk(
    school: School, office_user: User, governor_user: User, at: datetime
) -> None:
    with pytest.raises(NotPermitted):
        operations.issue_pin(school=school, actor=governor_user, at=at)
    first = operations.issue_pin(school=school, actor=office_user, at=at)
    second = operations.issue_pin(school=school, actor=office_user, at=at + timedelta(minutes=1))
    assert len(second.shown) == 6 and second.shown.isdecimal() and first.shown != second.shown
    first.refresh_from_db()
    assert (first.lookup, first.pin_hash, first.ended_at is not None) == ("", "", True)
    assert second.shown not in (second.lookup, second.pin_hash)
    kept = {field.name for field in DeskPin.history.model._meta.fields}
    assert not kept & {"lookup", "pin_hash", "shown"}
    assert not any(second.shown in str(entry.detail) for entry in Entry.objects.all())


def test_pins_that_somebody_would_try_first_are_never_given() -> None:
    for pin in ("000000", "123456", "654321", "777777", "121212", "123123", "890123", "112211"):
        assert is_weak(pin), pin
    assert not is_weak("302918")


def test_pins_of_a_school_are_unique_by_constraint(office_desk: Desk) -> None:
    """From both sides: one live PIN each, and no two alike; what has ended keeps no secret."""
    anna, ben = (DeskPin.objects.get(user=user) for user in (office_desk.anna, office_desk.ben))
    for wrong in (
        DeskPin(school=office_desk.school, user=office_desk.anna, lookup="x", pin_hash="x", issued_at=office_desk.at),
        DeskPin(
            school=office_desk.school, user=build_user("office", office_desk.school), lookup=ben.lookup, pin_hash="x",
            issued_at=office_desk.at,
        ),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()
    anna.ended_at = office_desk.at
    with pytest.raises(IntegrityError), transaction.atomic():
        anna.save()


def test_own_pin_page_shows_it_once(office_desk: Desk) -> None:
    client, url = office_desk.browser(office_desk.anna), "/account/desk-pin/"
    body = {"school": office_desk.school.slug, "act": "issue", "submission": "7b1d2a52-3f59-4d11-a9a7-0a3f4f1f2b11"}
    answer = client.post(url, body)
    assert answer["Cache-Control"] == "no-store"
    assert "It is shown this once" in answer.content.decode()
    assert "was shown already" in client.post(url, body).content.decode()
    assert "pin-shown" not in client.get(url).content.decode()
    assert client.post(url, {"school": office_desk.school.slug, "act": "end"}).status_code == 302
    assert not DeskPin.objects.filter(user=office_desk.anna, ended_at__isnull=True).exists()
    assert client.post(url, {"school": "elsewhere", "act": "issue"}).status_code == 422


def test_pin_survives_a_change_of_the_secret_key(office_desk: Desk, settings: Any) -> None:
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="n" * 60, SECRET_KEY_FALLBACKS=[old]):
        opened = operations.unlock_with_pin(
            key=office_desk.device.key, pin=office_desk.pins[office_desk.ben.pk], at=office_desk.at
        )
        assert opened.user == office_desk.ben


# Opening the desk


def test_one_locks_and_another_opens_by_pin_and_acts_in_their_own_name(office_desk: Desk, pupil: Pupil) -> None:
    """Security 5.5: A locks, B unlocks, events show B; a fresh session with a fresh key, for five minutes at a time."""
    at, school = office_desk.at, office_desk.school
    kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=3)
    add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
    client = office_desk.locked()
    before = client.session.session_key
    page = client.get(UNLOCK).content.decode()
    assert 'inputmode="numeric"' in page and 'autocomplete="off"' in page and "Unlock with password instead" in page

    answer = client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})
    assert answer["Location"] == f"/{school.slug}/devices/arrivals/"
    session = client.session
    assert session.session_key != before and not Session.objects.filter(session_key=before).exists()
    assert (session["desk_only"], session["idle_limit"], session["locked"]) == (school.pk, 300, False)
    assert Session.objects.get(session_key=session.session_key).user_id == office_desk.ben.pk

    page = client.get(answer["Location"]).content.decode()
    assert "Bewick" in page and "Anstey" not in page
    client.post(answer["Location"], {"code": pupil.code, "switched_off": "on"})
    assert {event.by_id for event in CustodyEvent.objects.all()} == {office_desk.ben.pk}
    entry = tries()[-1]
    assert (entry.actor_id, entry.outcome, entry.object_id) == (office_desk.ben.pk, "done", office_desk.device.pk)


def test_desk_comes_back_where_it_was(office_desk: Desk) -> None:
    slug = office_desk.school.slug
    for path, lands in (("devices/hand-back/", "hand-back"), ("devices/register/", "arrivals"), ("", "arrivals")):
        client = office_desk.locked(path=path)
        answer = client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})
        assert answer["Location"] == f"/{slug}/devices/{lands}/"
        assert "data-desk-box" in client.get(answer["Location"]).content.decode()


def test_page_to_come_back_to_is_one_that_somebody_opened(office_desk: Desk) -> None:
    """What the desk's scripts fetch behind the lock does not take its place."""
    client, slug = office_desk.locked(path="devices/hand-back/"), office_desk.school.slug
    client.get(f"/{slug}/devices/desk/sync/", HTTP_SEC_FETCH_MODE="cors")
    client.get(f"/{slug}/devices/desk/offline/", HTTP_X_SCHOOLSAFE_POLL="1")
    answer = client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})
    assert answer["Location"] == f"/{slug}/devices/hand-back/"


def test_desk_session_locks_after_five_minutes_and_no_password_opens_it(office_desk: Desk) -> None:
    client, page = office_desk.opened(), f"/{office_desk.school.slug}/devices/arrivals/"
    with time_machine.travel(office_desk.at + timedelta(minutes=4), tick=False):
        assert client.get(page).status_code == 200
    with time_machine.travel(office_desk.at + timedelta(minutes=10), tick=False):
        assert client.get(page)["Location"] == UNLOCK
        text = client.get(UNLOCK).content.decode()
        assert "Sign in with password instead" in text and 'name="password"' not in text
        assert client.post(UNLOCK, {"password": PASSWORD}).status_code == 422
        assert client.get(page)["Location"] == UNLOCK
        answer = client.post(UNLOCK, {"pin": office_desk.pins[office_desk.anna.pk]})
        assert answer["Location"] == page and client.session["_auth_user_id"] == str(office_desk.anna.pk)


def test_lock_that_is_ten_hours_old_takes_no_pin(office_desk: Desk) -> None:
    client = office_desk.locked()
    session = client.session
    session["began"] -= 11 * 60 * 60
    session.save()
    assert client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})["Location"] == "/account/login/"


def test_what_was_being_sent_goes_on_to_the_same_person_alone(office_desk: Desk) -> None:
    """Nobody gets another's form; off the desk, what was typed is for the password."""
    slug = office_desk.school.slug
    arrivals, typed = f"/{slug}/devices/arrivals/", {"code": "Quillamine Wrenfeatherby", "pin": "000000"}
    for user, lands in ((office_desk.anna, "/account/continue/"), (office_desk.ben, arrivals)):
        client = office_desk.locked()
        assert client.post(arrivals, typed)["Location"] == UNLOCK
        assert "kept for you alone" in client.get(UNLOCK).content.decode()
        assert client.post(UNLOCK, {"pin": office_desk.pins[user.pk]})["Location"] == lands
        offered = client.get("/account/continue/")
        assert ("Quillamine" in offered.content.decode()) == (user == office_desk.anna)
        assert "000000" not in offered.content.decode()
    client = office_desk.locked()
    client.post(arrivals, typed, HTTP_HX_REQUEST="true")
    assert "held" not in client.session, "the desk’s own page keeps it"
    client.post(f"/{slug}/people/pupils/add/", {"legal_forename": "Quillamine"})
    assert "A PIN opens the desk and lets it go" in client.get(UNLOCK).content.decode()
    assert client.post(UNLOCK, {"pin": office_desk.pins[office_desk.anna.pk]})["Location"] == arrivals
    assert "held" not in client.session


def test_pin_opens_no_screen_that_is_not_locked(office_desk: Desk) -> None:
    client = office_desk.browser(office_desk.anna)
    client.get(f"/{office_desk.school.slug}/")
    assert client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(office_desk.anna.pk)
    nobody = office_desk.browser(None).post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})
    assert "/account/login/" in nobody["Location"]


# Where a PIN does not work


def refused(client: Client, pin: str) -> str:
    answer = client.post(UNLOCK, {"pin": pin})
    assert pin not in answer.content.decode()
    assert answer.status_code == 422 and "desk_only" not in client.session and client.session["locked"]
    return str(answer.content.decode())


@pytest.mark.parametrize("key", ["", "of-somebody-else"])
def test_pin_on_an_unenrolled_browser_never_works(office_desk: Desk, key: str) -> None:
    client = office_desk.locked(key=key)
    assert 'name="pin"' not in client.get(UNLOCK).content.decode()
    for pin in office_desk.pins.values():
        refused(client, pin)
    assert [entry.outcome for entry in tries()] == ["refused", "refused"]


def test_pin_with_a_key_that_we_did_not_sign_never_works(office_desk: Desk) -> None:
    client = office_desk.locked(key="")
    client.cookies[desk.COOKIE] = office_desk.device.key
    refused(client, office_desk.pins[office_desk.ben.pk])


def test_pin_on_a_revoked_computer_never_works_and_what_it_opened_ends(
    office_desk: Desk, administrator_user: User
) -> None:
    opened, locked, elsewhere = office_desk.opened(), office_desk.locked(), office_desk.browser(office_desk.ben)
    page = f"/{office_desk.school.slug}/devices/arrivals/"
    elsewhere.get(page)
    url = f"/{office_desk.school.slug}/people/desks/{office_desk.device.pk}/revoke/"
    assert office_desk.browser(administrator_user).post(url).status_code == 302
    assert "/account/login/" in opened.get(page)["Location"]
    refused(locked, office_desk.pins[office_desk.ben.pk])
    assert elsewhere.get(page).status_code == 200, "a session of a password stays"


def test_pin_of_another_school_never_works(office_desk: Desk, other_school: School, at: datetime) -> None:
    """Neither at this school's computer, nor this school's PIN at theirs: not even for who works at both."""
    give_role(office_desk.ben, other_school, "office")
    theirs = make_desk(other_school, build_user("administrator", other_school), at)
    refused(office_desk.locked(), theirs.pins[theirs.ben.pk])
    refused(office_desk.locked(key=theirs.device.key), office_desk.pins[office_desk.ben.pk])


def test_who_left_lost_the_desk_or_is_switched_off_opens_nothing(
    office_desk: Desk, administrator_user: User, make_user: Callable[..., User], at: datetime
) -> None:
    """A leaver's PIN, one whose role has ended, one whose account is closed: each counts as a wrong one."""
    said: dict[str, Any] = {"school": office_desk.school, "actor": administrator_user, "at": at}
    people = [make_user("office") for _ in range(3)]
    pins = [operations.issue_pin(school=office_desk.school, actor=user, at=at).shown for user in people]
    operations.end_employment(user=people[0], **said)
    operations.deactivate_account(user=people[1], reason="A doubt", **said)
    people[2].holdings.get().delete()
    client = office_desk.locked()
    for pin in pins:
        assert "That PIN is not right" in refused(client, pin)
    assert DeskDevice.objects.get().wrong_tries == 3
    assert DeskPin.objects.get(user=people[0]).ended_at is not None
    assert not any(Permission.LOG_CUSTODY in str(entry.detail) for entry in tries())


def test_role_that_ends_ends_an_open_desk_with_the_next_request(office_desk: Desk) -> None:
    client, page = office_desk.opened(), f"/{office_desk.school.slug}/devices/arrivals/"
    assert client.get(page).status_code == 200
    office_desk.ben.holdings.get().delete()
    assert client.get(page).status_code == 404


def test_pin_that_is_ended_ends_what_it_opened(office_desk: Desk, administrator_user: User) -> None:
    client, pin = office_desk.opened(), DeskPin.objects.get(user=office_desk.ben)
    url = f"/{office_desk.school.slug}/people/desks/pins/{pin.pk}/end/"
    assert office_desk.browser(administrator_user).post(url).status_code == 302
    assert "/account/login/" in client.get(f"/{office_desk.school.slug}/devices/arrivals/")["Location"]
    refused(office_desk.locked(), office_desk.pins[office_desk.ben.pk])
    with pytest.raises(NotPermitted):
        operations.end_pin(
            school=office_desk.school, actor=office_desk.ben, at=office_desk.at,
            pin=DeskPin.objects.get(user=office_desk.anna),
        )  # fmt: skip


def test_five_wrong_pins_stop_pins_there_until_somebody_signs_in(
    office_desk: Desk, administrator_user: User, at: datetime
) -> None:
    """Security 5.5: five tries, then a full sign-in on this computer; another computer goes on. Each try on record."""
    client, right = office_desk.locked(), office_desk.pins[office_desk.ben.pk]
    for _ in range(4):
        assert "That PIN is not right" in refused(client, office_desk.wrong())
    assert "Too many wrong PINs" in refused(client, office_desk.wrong())
    assert 'name="pin"' not in client.get(UNLOCK).content.decode()
    refused(client, right)
    assert [entry.detail["refusal"] for entry in tries()] == ["wrong_pin"] * 5 + ["too_many_wrong_pins"]
    assert {entry.actor_id for entry in tries()} == {None}
    other = operations.enrol_device(school=office_desk.school, actor=administrator_user, at=at, name="Gate laptop")
    assert office_desk.locked(key=other.key).post(UNLOCK, {"pin": right}).status_code == 302

    stranger = build_user("governor", office_desk.school)
    for user, works in ((stranger, False), (office_desk.anna, True)):
        signing_in = office_desk.browser(None)
        answer = signing_in.post("/account/login/", {"login": user.email, "password": PASSWORD})
        assert answer.status_code == 302
        assert (DeskDevice.objects.get(pk=office_desk.device.pk).wrong_tries == 0) == works
    assert client.post(UNLOCK, {"pin": right}).status_code == 302
    assert len(tries("people.trust_desk_again")) == 1


def test_password_at_the_lock_is_a_full_sign_in_too_unless_a_second_step_is_missing(office_desk: Desk) -> None:
    school = office_desk.school
    client = office_desk.locked()
    for _ in range(5):
        refused(client, office_desk.wrong())
    school.mfa_roles = ["office"]
    school.save()
    client.post(UNLOCK, {"password": PASSWORD})
    assert DeskDevice.objects.get().wrong_tries == MOST_WRONG_TRIES
    Authenticator.objects.create(user=office_desk.anna, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.post(LOCK)
    client.post(UNLOCK, {"password": PASSWORD})
    assert DeskDevice.objects.get().wrong_tries == 0


def test_right_pin_starts_the_count_again(office_desk: Desk) -> None:
    for _ in range(2):
        client = office_desk.locked()
        for _ in range(4):
            refused(client, office_desk.wrong())
        assert client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]}).status_code == 302
        assert DeskDevice.objects.get().wrong_tries == 0


@pytest.mark.django_db(transaction=True)
def test_two_wrong_tries_at_once_are_two(at: datetime) -> None:
    """By two writers at once: the fifth and the sixth guess are never both allowed."""
    school = make_school("harbour-view")
    made = make_desk(school, build_user("administrator", school), at)
    guess = lambda: operations.unlock_with_pin(key=made.device.key, pin=made.wrong(), at=at)  # noqa: E731
    came = at_once(school, *[guess] * 7)
    assert sorted(type(one).__name__ for one in came) == [TooManyWrongPins.__name__] * 2 + [WrongPin.__name__] * 5
    with scope(school=school):
        assert DeskDevice.objects.get().wrong_tries == MOST_WRONG_TRIES


@pytest.mark.django_db(transaction=True)
def test_two_pins_issued_at_once_to_one_person_leave_one(at: datetime) -> None:
    school = make_school("harbour-view")
    user = build_user("office", school)
    came = at_once(school, *[lambda: operations.issue_pin(school=school, actor=user, at=at)] * 2)
    assert all(isinstance(one, DeskPin) for one in came)
    with scope(school=school):
        assert DeskPin.objects.filter(ended_at__isnull=True).count() == 1


# The desk's own scope

_ADDRESSES = {
    name: {kind: 1 if "Int" in type(convert).__name__ else "x" for kind, convert in pattern.pattern.converters.items()}
    for name, pattern in named_patterns().items()
    if ACCESS[name].needs != PUBLIC
}


def _address(name: str, slug: str) -> str:
    said = dict(_ADDRESSES[name])
    if "school" in kwargs_of(name):
        said["school"] = slug
    return reverse(name, kwargs=said)


def test_desk_session_reaches_desk_pages_and_nothing_else(office_desk: Desk) -> None:
    """Security 5.5: every address off the desk is 403 from a desk session, for a person who holds every permission."""
    for role in ("headteacher", "dsl", "administrator"):
        give_role(office_desk.ben, office_desk.school, role)
    client = office_desk.opened()
    wrong = []
    for name in _ADDRESSES:
        if name == "session:lock":
            continue
        for method in ACCESS[name].methods:
            answer = getattr(client, method.lower())(_address(name, office_desk.school.slug))
            if (answer.status_code == 403) == ACCESS[name].desk:
                wrong.append(f"{method} {name} {answer.status_code}")
    assert wrong == []
    assert sum(not ACCESS[name].desk for name in _ADDRESSES) > 100


def test_desk_session_reaches_no_page_of_the_account_package(office_desk: Desk) -> None:
    """Neither the password nor the second step can be touched from a desk that a PIN opened."""
    client = office_desk.opened()
    for name in ("account_change_password", "mfa_index", "mfa_activate_totp", "account_email", "mfa_list_webauthn"):
        assert client.get(reverse(name)).status_code == 403, name


def test_page_off_the_desk_says_so_and_offers_to_sign_in(office_desk: Desk) -> None:
    client = office_desk.opened()
    answer = client.get(f"/{office_desk.school.slug}/people/pupils/")
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "This desk was opened with a PIN. Sign in with your password to go there." in text
    assert client.get("/")["Location"] == f"/{office_desk.school.slug}/devices/arrivals/"
    out = client.post("/account/logout/", {"next": f"/account/login/?next=/{office_desk.school.slug}/people/pupils/"})
    assert out["Location"].startswith("/account/login/")
    entry = Entry.objects.filter(action="page.open", outcome="refused").latest("pk")
    assert (entry.actor_id, entry.detail["rule"]) == (office_desk.ben.pk, "desk")


def test_desk_session_stays_in_its_school(office_desk: Desk, other_school: School) -> None:
    give_role(office_desk.ben, other_school, "office")
    client = office_desk.opened()
    assert client.get(f"/{other_school.slug}/devices/arrivals/").status_code == 403


def test_desk_session_is_offered_only_what_it_reaches(office_desk: Desk) -> None:
    client = office_desk.opened()
    page = f"/{office_desk.school.slug}/devices/arrivals/"
    text = client.get(page).content.decode()
    header = text[text.index("<header") : text.index("</header>")]
    for label in ("Arrivals", "Hand back", "Register", "Lock now", "Tell a DSL"):
        assert label in header, label
    for label in ("Pupils", "Inbox", "Your account", "Sign-in and security", "Sign out everywhere", "Find any pupil"):
        assert label not in header, label


def test_register_is_read_at_a_desk_and_not_carried_away(office_desk: Desk) -> None:
    client, url = office_desk.opened(), f"/{office_desk.school.slug}/devices/register/"
    page = client.get(url)
    assert page.status_code == 200 and "Download as CSV" not in page.content.decode()
    assert client.get(url, {"as": "csv"}).status_code == 403


def test_second_step_is_the_enrolled_computer(office_desk: Desk) -> None:
    """Row 13: where a role demands a second step, the desk still opens by PIN, and nothing but the desk does."""
    office_desk.school.mfa_roles = ["office"]
    client = office_desk.locked()
    office_desk.school.save()
    client.post(UNLOCK, {"pin": office_desk.pins[office_desk.ben.pk]})
    assert client.get(f"/{office_desk.school.slug}/devices/arrivals/").status_code == 200
    assert client.get(f"/{office_desk.school.slug}/").status_code == 403
