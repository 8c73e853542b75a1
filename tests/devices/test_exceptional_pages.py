"""The pages of exceptional use, its paper, and the reason that is on none of them (AGR-10, 13, 17, DOC-02, AP-6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.models import Agreement, DocumentJob, SealedDocument
from agreements.operations import making
from core.approvals import operations as approvals
from core.approvals.enums import State
from core.approvals.models import Approval
from core.approvals.operations import Limits
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.calendar import LONDON
from core.people.models import Pupil, User
from core.people.roles import Role
from devices.enums import UseReason
from devices.models import ExceptionalUse
from devices.operations import add_device, add_place
from devices.queries import device_types
from incidents.models import Incident
from tests.devices.permitting import EXPECTED, SANCTION, WHY, Cast, cast_of, day_after
from tests.factories import make_pupil, make_school, make_user
from tests.factories.agreements import sign_as

LOCKED, FREE, CONDUCT = "group-locked-storage", "phone-free-agreement", "image-and-conduct"
AT_ELEVEN = datetime(2026, 11, 23, 11, 30, tzinfo=LONDON)
# Whatever says why: the need, the reason’s own words, the plan, who asked, what was said about it.
WHYS = [WHY, "Zephyrglow", "Medical monitoring", "IHP-7731", "Ottoline", "Quillmarsh", "Thornwick"]


@pytest.fixture
def preset() -> str:
    return LOCKED


@pytest.fixture
def cast(db: None, preset: str, at: datetime) -> Iterator[Cast]:
    school = make_school("elm-bank", preset=preset, motto="Kind, curious, brave")
    with scope(school=school), time_machine.travel(at, tick=False):
        yield cast_of(school, at)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="core.people.backends.PeopleBackend")
    return client


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["elm-bank", *args])


def words(page: Any) -> str:
    html = page.content.decode()
    html = html[html.index("<main") :] if "<main" in html else html
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html)).split())


def form(**more: Any) -> dict[str, Any]:
    return {
        "device": "another", "device_words": "black phone", "reason": "medical_monitoring", "need": WHY,
        "starts_on": "2026-11-23", "ends_on": "2026-12-18", "expectations": EXPECTED, "sanctions": SANCTION,
    } | more  # fmt: skip


# --- Asking and changing ---


def test_ask_keeps_every_limit_as_it_was_typed(cast: Cast) -> None:
    """AGR-10, AGR-15."""
    sent = client_of(cast.teacher).post(
        url("devices:ask-exceptional", cast.pupil.pk),
        form(
            places=["toilets"], other_place="Library", parts=["lessons", "break"], functions="the app\n\n a timer ",
            daily_from="09:00", daily_to="14:30", kept="in the bag", supervisor=str(cast.tutor.pk),
            conditions="Face down", review_on="2026-12-04", plan_reference="IHP-7731", plan_review_on="2027-01-08",
            asked_by="Ottoline", evidence_seen="on",
        ),
    )  # fmt: skip
    row, use = Approval.objects.get(), ExceptionalUse.objects.get()
    assert sent.headers["Location"] == url("overview:approval", row.pk)
    assert (row.places, row.parts, row.functions) == (
        ["toilets", "Library"],
        ["lessons", "break"],
        ["the app", "a timer"],
    )
    assert (row.daily_from, row.daily_to, row.kept, row.supervisor) == (time(9), time(14, 30), "in the bag", cast.tutor)
    assert (row.conditions, str(row.review_on), str(day_after(use))) == ("Face down", "2026-12-04", "2026-12-18")
    assert (use.plan_reference, use.asked_by, use.evidence_seen) == ("IHP-7731", "Ottoline", True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"need": ""}, "Say what is needed"),
        ({"reason": ""}, "Choose the reason"),
        ({"reason": "calculator"}, "Select a valid choice"),
        ({"device_words": ""}, "Say which device it is"),
        ({"sanctions": ""}, "Write down what follows misuse"),
        ({"ends_on": ""}, "Enter the last day"),
        ({"ends_on": "2027-12-18"}, "no longer than a school year"),
        ({"plan_review_on": "2027-01-08"}, "Enter the reference of the healthcare plan"),
        ({"daily_from": "09:00"}, "from when and until when"),
    ],
)
def test_ask_wrongly_is_refused_in_words_and_keeps_what_was_typed(cast: Cast, more: dict[str, str], said: str) -> None:
    """AGR-10, AGR-13, law AP-2, AP-5: nothing is written."""
    page = client_of(cast.teacher).post(url("devices:ask-exceptional", cast.pupil.pk), form(**more))
    assert page.status_code == 422 and said in words(page)
    assert "black phone" in page.content.decode() or "device_words" in more
    assert not Approval.objects.exists() and not ExceptionalUse.objects.exists()


def test_ask_page_says_what_to_leave_out_and_that_support_gets_no_worse(cast: Cast) -> None:
    """Law AP-2, AP-3, AP-4."""
    said = words(client_of(cast.teacher).get(url("devices:ask-exceptional", cast.pupil.pk)))
    for part in (
        "Where, when and how it is used, and what stays blocked.", "No medical detail", "Not what it says.",
        "Nobody should have worse support for having the device.", "A young carer",
    ):  # fmt: skip
        assert part in said, part
    assert "alculator" not in said and "esearch" not in said


@pytest.mark.parametrize("preset", [FREE])
def test_ask_page_offers_what_the_rule_knows(cast: Cast) -> None:
    """AGR-10: no medical aid here; sanctions need not be written."""
    client = client_of(cast.teacher)
    said = words(client.get(url("devices:ask-exceptional", cast.pupil.pk)))
    assert "Medical monitoring" in said and "A medical aid" not in said
    assert client.post(url("devices:ask-exceptional", cast.pupil.pk), form(sanctions="")).status_code == 302


def test_change_shows_what_was_asked_to_the_asker_alone(cast: Cast) -> None:
    """Law AP-6: what it says is the reason too."""
    use = cast.asks(limits=Limits(places=["Library", "toilets"], functions=["the app"]), asked_by="Ottoline")
    page = url("devices:change-exceptional", use.approval_id)
    for stranger in (cast.head, cast.office, cast.tutor):
        assert client_of(stranger).get(page).status_code == 404
        assert client_of(stranger).post(page, form()).status_code == 404
    client = client_of(cast.teacher)
    html = client.get(page).content.decode()
    for part in (WHY, "Ottoline", "the app", "Library", "2026-12-06"):
        assert part in html, part
    client.post(page, form(need="On Fridays", functions="a timer"))
    use.refresh_from_db()
    assert use.need == "On Fridays" and cast.row(use).functions == ["a timer"]


def test_refusal_leads_to_asking_again(cast: Cast) -> None:
    """Law AP-1."""
    use = cast.discussed()
    approvals.decline(**cast.who(cast.head), approval=use.approval, because="Not named in the plan")
    client = client_of(cast.teacher)
    again = url("devices:ask-exceptional", cast.pupil.pk) + f"?again={use.approval_id}"
    assert f'href="{again}"' in client.get(url("devices:pupil-permissions", cast.pupil.pk)).content.decode()
    client.post(again, form(reason="other"))
    assert Approval.objects.get(state=State.REQUESTED).review_of_id == use.approval_id


def test_send_is_for_the_office_and_asks_who_signs_where_the_rules_are_silent(cast: Cast) -> None:
    """AGR-13, AGR-14, matrix 0.3."""
    use = cast.approved()
    page = url("devices:send-exceptional", use.approval_id)
    told = Notice.objects.get(recipient=cast.office, kind="devices.permission")
    assert page in client_of(cast.office).get(told.url).content.decode()
    assert client_of(cast.teacher).get(page).status_code == 403
    said = words(client_of(cast.office).get(page))
    assert "The reason stands nowhere in it." in said and "Who signs" not in said
    client_of(cast.office).post(page, {})
    assert cast.row(use).state == State.AWAITING
    signed = url("agreements:agreement", Agreement.objects.get().pk)
    assert signed in client_of(cast.office).get(told.url).content.decode()
    assert signed not in client_of(cast.teacher).get(told.url).content.decode()
    again = client_of(cast.office).post(page, {})
    assert again.status_code == 422 and Agreement.objects.count() == 1


@pytest.mark.parametrize("preset", [CONDUCT])
def test_send_where_the_rules_are_silent_needs_who_signs_and_who_said_so(cast: Cast) -> None:
    """Matrix 0.3, AGR-14."""
    use = cast.discussed()
    approvals.approve(**cast.who(cast.head), approval=use.approval, because="Nobody else")
    client, page = client_of(cast.office), url("devices:send-exceptional", use.approval_id)
    assert client.post(page, {}).status_code == 422
    client.post(page, {"signatories": ["parent"], "reason": "The head decided"})
    assert cast.row(use).state == State.AWAITING


# --- What everybody may read ---


def test_list_of_a_pupil_costs_the_same_for_one_and_three(cast: Cast, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, page = client_of(cast.teacher), url("devices:pupil-permissions", cast.pupil.pk)
    cast.live(limits=Limits(functions=["the app"], supervisor=cast.tutor))
    client.get(page)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        return len(found)

    one = cost()
    cast.asks(limits=Limits(functions=["a timer"], supervisor=cast.head))
    cast.discussed(limits=Limits(kept="bag"))
    assert cost() == one


def test_list_of_a_pupil_who_has_none_says_so(cast: Cast) -> None:
    said = words(client_of(cast.teacher).get(url("devices:pupil-permissions", cast.pupil.pk)))
    assert "No permission" in said and "ordinary rules on devices hold" in said


def test_look_up_asks_what_for_and_carries_no_words_of_it_in_the_address(cast: Cast) -> None:
    """AGR-15, law AP-6: use for something else is not allowed, and says so."""
    cast.live(limits=Limits(functions=["the app", "a timer"]))
    client, page = client_of(make_user(Role.TEACHER, cast.school)), url("devices:may-use-of", cast.pupil.pk)
    with time_machine.travel(AT_ELEVEN, tick=False):
        answers = {chosen: words(client.get(page, {"function": chosen})) for chosen in ("", "0", "1", "else")}
        assert client.get(page, {"function": "the app"}).status_code == 422
        nobody = words(client.get(url("devices:may-use-of", make_pupil(cast.school).pk)))
    assert all("With the pupil by agreement." in answers[one] for one in ("", "0", "1"))
    assert "Not allowed" in answers["else"] and "There is a permission, but not for this." in answers["else"]
    assert "What for" in answers[""] and "What for" not in nobody


def test_breach_within_the_limits_is_covered_and_outside_it_is_filed(cast: Cast) -> None:
    """ROC-S6, AGR-15, DEV-13: the form asks what for, where a permission says."""
    cast.live(limits=Limits(functions=["the app"]))
    client = client_of(make_user(Role.TEACHER, cast.school))
    page = url("incidents:quick-breach", cast.pupil.pk)
    seen = {"type": "used_elsewhere", "where": "Corridor"}
    with time_machine.travel(AT_ELEVEN, tick=False):
        assert "I did not see" in words(client.get(page))
        for covered in ("", "0"):
            answer = client.post(page, seen | {"function": covered})
            assert answer.status_code == 422 and "With the pupil by agreement." in words(answer)
        assert not Incident.objects.exists()
        client.post(page, seen | {"function": "else"})
    made = Incident.objects.get()
    assert made.type == "used_elsewhere"
    assert Entry.objects.get(action="incidents.breach").detail["allowed"] is False


@pytest.mark.parametrize("by", ["code", "choice"])
def test_desk_says_that_a_device_may_be_with_the_pupil(cast: Cast, by: str) -> None:
    """DEV-35: on a scan and on a choice by name; a device of anybody else is taken in without a word."""
    kind = device_types(cast.school).get(key="phone")
    add_place(school=cast.school, actor=None, at=cast.at, name="Safe", kind="safe", lockable=True, purpose="daily",
              slots=5)  # fmt: skip
    other = make_pupil(cast.school)
    for one in (cast.pupil, other):
        add_device(school=cast.school, actor=None, at=cast.at, pupil=one, type=kind)
    cast.live(limits=Limits(functions=["the app"]))
    desk = client_of(cast.office)

    def taken_in(pupil: Pupil) -> str:
        sent = {"code": pupil.code} if by == "code" else {"pupil": pupil.pk}
        return words(desk.post(url("devices:arrivals"), {**sent, "switched_off": "on", "submission": str(uuid4())}))

    mine = taken_in(cast.pupil)
    assert "With pupil by agreement, for: the app" in mine and WHY not in mine
    assert "by agreement" not in taken_in(other)


# --- The paper ---


def sealed(agreement: Agreement, at: datetime) -> str:
    """The words of its document."""
    job = DocumentJob.objects.get(agreement=agreement)
    assert making.make_document(job_id=job.pk, at=at)
    content = bytes(SealedDocument.objects.get(agreement=agreement).content)
    pages = pypdfium2.PdfDocument(content)
    return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pages))


def test_signed_agreement_on_paper_has_parties_limits_sanctions_and_signatures(cast: Cast) -> None:
    """AGR-17, DOC-02: and never why (law AP-6)."""
    limits = Limits(
        places=["Library"], functions=["the app"], daily_from=time(9), daily_to=time(14, 30), kept="in the bag",
        supervisor=cast.tutor, conditions="Face down",
    )  # fmt: skip
    _use, agreement = cast.sent(limits=limits, plan_reference="IHP-7731")
    sign_as(agreement, "parent", cast.office, cast.at)
    text = sealed(agreement, cast.at)
    for part in (
        "Amara Kovacs", "8B", "Elm Bank School", "Dana Kovacs", "Parent or carer", "Date 23 November 2026",
        "Device: black phone.", "For: the app.", "Time of day: 9:00am to 2:30pm.", "Where: Library.",
        "When not in use: in the bag.", f"Supervised by: {cast.tutor.display_name}.", "Conditions: Face down.",
        EXPECTED, SANCTION,
    ):  # fmt: skip
        assert part in text, (part, text)
    for why in (*WHYS, "medical", "monitor"):
        assert why.casefold() not in text.casefold(), why


# --- The reason ---


def test_reason_is_on_no_page_paper_notice_or_record_for_those_who_need_not_know(cast: Cast) -> None:
    """Law AP-6: office, tutor and teacher see that it is allowed and its limits; head, asker and DSL see why."""
    use = cast.asks(
        plan_reference="IHP-7731", asked_by="Ottoline", limits=Limits(functions=["the app"]),
        reason=UseReason.MEDICAL_MONITORING,
    )  # fmt: skip
    approvals.discuss(
        **cast.who(cast.teacher), approval=use.approval, discussed_on=cast.at.date(), discussed_with="Ottoline",
        note="Quillmarsh is the clinic",
    )  # fmt: skip
    approvals.approve(**cast.who(cast.head), approval=use.approval, because="Thornwick wrote to us")
    from devices.operations.permissions import send_for_signatures

    agreement = send_for_signatures(**cast.who(cast.office), approval=use.approval)
    sign_as(agreement, "parent", cast.office, cast.at)
    text = sealed(agreement, cast.at)

    row, key = cast.row(use), cast.pupil.pk
    assert cast.pupil.form is not None
    pages = [
        url("overview:home"), url("overview:approvals"), url("overview:approval", row.pk), url("notices:inbox"),
        url("people:pupils"), url("people:pupil", key), url("devices:pupil-panel", key),
        url("devices:pupil-permissions", key), url("devices:may-use-of", key), url("devices:take-from", key),
        url("devices:register") + "?all=on", url("devices:register-print"), url("devices:chase"),
        url("devices:whole-form", cast.pupil.form.pk), url("agreements:agreement", agreement.pk),
        url("agreements:overview"), url("incidents:quick-breach", key), url("overview:record"),
    ]  # fmt: skip
    found = []
    with time_machine.travel(AT_ELEVEN, tick=False):
        for user in (cast.office, cast.tutor, make_user(Role.TEACHER, cast.school)):
            client = client_of(user)
            answers = [(page, client.get(page)) for page in pages]
            answers += [("find", client.post(url("overview:find"), {"query": one})) for one in ("amara", "zephyrglow")]
            assert client.get(url("overview:approval", row.pk)).status_code == 200
            for page, answer in answers:
                html = answer.content.decode()
                # What somebody typed into a search stands in its box again.
                found += [(page, why) for why in WHYS if why in html and page != "find"]
        for knows in (cast.head, cast.teacher, make_user(Role.DSL, cast.school)):
            html = client_of(knows).get(url("overview:approval", row.pk)).content.decode()
            assert all(why in html for why in ("Zephyrglow", "Medical monitoring", "IHP-7731")), knows
    assert not found

    said = [f"{one.subject} {one.body} {one.url}" for one in Notice.objects.all()]
    said += [f"{one.subject} {one.text}" for one in OutboxEmail.objects.all()]
    said += [str(one.detail) for one in Entry.objects.all()]
    assert said and not [why for why in WHYS for one in [*said, text] if why in one]
