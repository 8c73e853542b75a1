"""Exceptional use: who may ask for what, what it takes to hold, and what ends it (AGR-10 to 17, law AP-1 to AP-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope

from agreements.enums import AgreementState
from agreements.models import Agreement
from agreements.operations.ending import withdraw_agreement
from core.approvals import operations as approvals
from core.approvals.enums import EventKind, State
from core.approvals.models import Approval
from core.approvals.operations import Limits
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.access import NotPermitted
from core.people.calendar import LONDON
from core.people.roles import Role
from core.rules.operations import change_rule
from core.rules.queries import for_school
from devices.enums import UseReason
from devices.models import ExceptionalUse
from devices.operations import add_device
from devices.operations.permissions import (
    DeviceOfSomebodyElse,
    NoTextToSign,
    ReasonNotOffered,
    SanctionsMissing,
    change_exceptional_use,
    send_for_signatures,
)
from devices.operations.permissions.exceptional import Wish
from devices.queries import device_types, may_use_now, permitted_pupils, register_for
from devices.queries.permissions import reasons_offered
from tests.devices.permitting import EXPECTED, SANCTION, WHY, Cast, cast_of
from tests.factories import make_pupil, make_school, make_user
from tests.factories.agreements import sign_as

LOCKED, AGREED, FREE, CONDUCT = (
    "group-locked-storage", "primary-by-agreement", "phone-free-agreement", "image-and-conduct"
)  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def preset() -> str:
    return LOCKED


@pytest.fixture
def cast(db: None, preset: str, at: datetime) -> Iterator[Cast]:
    school = make_school("elm-bank", preset=preset)
    with scope(school=school):
        yield cast_of(school, at)


def answer(cast: Cast, at: datetime, **here: Any) -> str:
    return may_use_now(cast.school, [cast.pupil], at=at, **here)[cast.pupil.pk].answer


def noon(cast: Cast, days: int = 0) -> datetime:
    return datetime.combine(cast.at.date() + timedelta(days=days), time(11, 30), LONDON)


# --- Asking ---


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        (("medical_aid", "medical_monitoring", "other"), list(UseReason)),
        (("medical_monitoring", "other"), [one for one in UseReason if one != UseReason.MEDICAL_AID]),
        (("medical_aid",), [UseReason.MEDICAL_AID]),
        ("unspecified", list(UseReason)),
    ],
)
def test_reasons_offered_follow_the_rule(said: Any, offered: list[UseReason]) -> None:
    """AGR-10: the medical ones where they are named, all others where another reason is known."""

    class Rules:
        exception_reasons = said

    assert reasons_offered(Rules) == offered


def test_no_reason_is_a_calculator() -> None:
    """Law AP-4: a calculator, research or a photograph of the board is nothing to choose."""
    labels = " ".join(str(one.label).lower() for one in UseReason)
    assert not any(word in labels for word in ("calculator", "research", "photo", "board "))


def test_ask_keeps_what_was_said_and_waits_for_the_discussion(cast: Cast) -> None:
    """AGR-10: pupil, device, reason, what is needed, when, where, requested by; discussion held on, with whom."""
    limits = Limits(places=["Library"], parts=["lessons"], functions=["the app"])
    plan = {"plan_reference": "IHP 12", "plan_review_on": date(2027, 1, 8)}
    use = cast.asks(asked_by="Dana Kovacs", evidence_seen=True, limits=limits, **plan)
    row = cast.row(use)
    assert (row.state, row.pupil, row.requested_by) == (State.REQUESTED, cast.pupil, cast.teacher)
    assert (row.places, row.parts, row.functions) == (["Library"], ["lessons"], ["the app"])
    use.refresh_from_db()
    assert (use.reason, use.need, use.plan_reference) == (UseReason.MEDICAL_MONITORING, WHY, "IHP 12")
    with pytest.raises(approvals.NotReady, match="discussed with the family"):
        approvals.approve(**cast.who(cast.head), approval=row)
    done = approvals.discuss(
        **cast.who(cast.teacher), approval=row, discussed_on=cast.at.date(), discussed_with="mother and pupil"
    )
    assert (done.state, done.discussed_with) == (State.DISCUSSED, "mother and pupil")
    said = Entry.objects.get(action="devices.ask_exceptional")
    assert WHY not in str(said.detail) and "IHP" not in str(said.detail)


def test_ask_with_another_reason_keeps_no_plan(cast: Cast) -> None:
    """Law AP-2: the plan belongs to a medical reason alone."""
    use = cast.asks(reason=UseReason.YOUNG_CARER, plan_reference="IHP 12", plan_review_on=date(2027, 1, 8))
    use.refresh_from_db()
    assert (use.plan_reference, use.plan_review_on) == ("", None)


@pytest.mark.parametrize("preset", [FREE])
def test_ask_for_a_reason_that_the_rule_does_not_know_is_refused(cast: Cast) -> None:
    """AGR-10: this school names medical monitoring and other reasons, and no medical aid."""
    with pytest.raises(ReasonNotOffered) as refused:
        cast.asks(reason=UseReason.MEDICAL_AID)
    assert refused.value.rule == "exception_reasons" and not ExceptionalUse.objects.exists()


def test_ask_names_a_device_of_the_pupil(cast: Cast) -> None:
    """AGR-10."""
    kind = device_types(cast.school).get(key="phone")
    other = make_pupil(cast.school)
    theirs = add_device(school=cast.school, actor=None, at=cast.at, pupil=other, type=kind)
    with pytest.raises(DeviceOfSomebodyElse, match="another pupil"):
        cast.asks(device=theirs)
    with pytest.raises(DeviceOfSomebodyElse, match="Say which device"):
        cast.asks(device_words=" ")
    own = add_device(school=cast.school, actor=None, at=cast.at, pupil=cast.pupil, type=kind)
    assert cast.asks(device=own, device_words="").device == own
    with pytest.raises(IntegrityError, match="devices_exceptional_names_device"), transaction.atomic():
        ExceptionalUse.objects.update(device=None, device_words="")


@pytest.mark.parametrize("field", ["expectations", "sanctions"])
def test_ask_without_expectations_or_sanctions_is_refused_where_they_are_wanted(cast: Cast, field: str) -> None:
    """AGR-13: mandatory where the preset says so."""
    with pytest.raises(SanctionsMissing) as refused:
        cast.asks(**dict[str, Any]({field: " "}))
    assert (refused.value.rule, refused.value.field) == ("AGR-13", field)


@pytest.mark.parametrize("preset", [FREE])
def test_ask_without_sanctions_is_fine_where_they_are_optional(cast: Cast) -> None:
    """AGR-13; a rule that is changed meanwhile is asked again before anybody approves."""
    use = cast.discussed(expectations="", sanctions="")
    yesterday = cast.at - timedelta(days=1)
    change_rule(
        school=cast.school, actor=cast.head, at=yesterday, key="exception_sanctions_text", value="required",
        effective_from=cast.at.date(), reason="Asked for",
    )  # fmt: skip
    with pytest.raises(approvals.NotReady, match="what follows misuse"):
        approvals.approve(**cast.who(cast.head), approval=use.approval)


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ({"ends_on": date(2027, 11, 30)}, approvals.DatesWrong),
        ({"starts_on": date(2026, 11, 30), "ends_on": date(2026, 11, 24)}, approvals.DatesWrong),
        ({"starts_on": date(2026, 11, 2), "ends_on": date(2026, 11, 20)}, approvals.DatesWrong),
        ({"review_on": date(2027, 5, 1)}, approvals.ReviewDayWrong),
    ],
)
def test_ask_for_days_that_cannot_be_is_refused(cast: Cast, days: dict[str, Any], refusal: type[Exception]) -> None:
    """AGR-15, law AP-5: it ends after it begins, within a school year, and is reviewed between."""
    with pytest.raises(refusal):
        cast.asks(**days)
    assert not Approval.objects.exists()


def test_governor_cannot_ask(cast: Cast) -> None:
    """AGR-10: staff ask."""
    cast.teacher = make_user(Role.GOVERNOR, cast.school)
    with pytest.raises(NotPermitted):
        cast.asks()


def test_change_of_a_request_sent_back_waits_again_and_is_the_askers_alone(cast: Cast) -> None:
    """Law AP-1: sent back, changed, decided."""
    use = cast.discussed()
    approvals.send_back(**cast.who(cast.head), approval=use.approval, because="Which days?")
    wish = Wish(UseReason.OTHER, "On Fridays", device_words="watch", expectations=EXPECTED, sanctions=SANCTION)
    given: dict[str, Any] = {
        "use": use, "wish": wish, "limits": Limits(parts=["break"]), "starts_on": cast.at.date(),
        "ends_on": cast.at.date(),
    }  # fmt: skip
    with pytest.raises(approvals.NotYours):
        change_exceptional_use(**cast.who(cast.office), **given)
    changed = change_exceptional_use(**cast.who(cast.teacher), **given)
    row = cast.row(changed)
    assert (changed.need, changed.device_words, row.parts, row.sent_back_at) == ("On Fridays", "watch", ["break"], None)
    approvals.approve(**cast.who(cast.head), approval=row)
    with pytest.raises(approvals.NotReady, match="decided"):
        change_exceptional_use(**cast.who(cast.teacher), **given)


def test_refusal_can_be_asked_to_be_looked_at_again(cast: Cast) -> None:
    """Law AP-1: a reason and a way to ask again; the new request names the refusal."""
    use = cast.discussed()
    approvals.decline(**cast.who(cast.head), approval=use.approval, because="The plan does not name it")
    from devices.operations.permissions import ask_exceptional_use

    refused = cast.row(use)
    assert refused.state == State.DECLINED and refused.review_route
    again = ask_exceptional_use(
        **cast.who(cast.teacher), pupil=cast.pupil, limits=Limits(), starts_on=cast.at.date(), ends_on=cast.at.date(),
        wish=Wish(UseReason.OTHER, WHY, device_words="phone", expectations=EXPECTED, sanctions=SANCTION),
        review_of=refused,
    )  # fmt: skip
    assert again.approval.review_of == refused


# --- From the decision to the signature ---


def test_before_it_is_signed_the_base_rule_holds_at_every_step(cast: Cast) -> None:
    """AGR-12: asked, discussed, approved, sent: the register and the look-up know nothing of it; signed, they do."""

    def seen() -> tuple[str, bool]:
        return answer(cast, noon(cast)), cast.pupil.pk in permitted_pupils(cast.school, cast.at.date())

    use = cast.asks()
    steps = [seen()]
    approvals.discuss(
        **cast.who(cast.teacher), approval=use.approval, discussed_on=cast.at.date(), discussed_with="father"
    )
    steps.append(seen())
    approvals.approve(**cast.who(cast.head), approval=use.approval)
    assert cast.row(use).state == State.APPROVED
    steps.append(seen())
    agreement = send_for_signatures(**cast.who(cast.office), approval=use.approval)
    assert cast.row(use).state == State.AWAITING
    steps.append(seen())
    assert steps == [("not_allowed", False)] * 4
    sign_as(agreement, "parent", cast.office, cast.at)
    assert cast.row(use).state == State.LIVE
    assert seen() == ("allowed", True)
    kinds = [event.kind for event in cast.row(use).events.order_by("id")]
    assert kinds == [
        EventKind.ASKED, EventKind.DISCUSSED, EventKind.APPROVED, EventKind.DRAFTED, EventKind.ISSUED, EventKind.STARTED
    ]  # fmt: skip


@pytest.mark.parametrize("preset", [AGREED])
def test_where_both_must_agree_one_signature_is_not_enough(cast: Cast) -> None:
    """AGR-14."""
    use, agreement = cast.sent()
    sign_as(agreement, "parent", cast.office, cast.at)
    assert cast.row(use).state == State.AWAITING and answer(cast, noon(cast)) == "not_allowed"
    sign_as(agreement, "pupil", cast.office, cast.at)
    assert cast.row(use).state == State.LIVE and answer(cast, noon(cast)) == "allowed"


@pytest.mark.parametrize("preset", [FREE])
def test_where_no_written_agreement_is_asked_for_it_holds_when_approved(cast: Cast) -> None:
    """AGR-12: agreed in advance is enough where the rules say so; the tutor hears of it."""
    use = cast.approved()
    assert cast.row(use).state == State.LIVE and answer(cast, noon(cast)) == "allowed"
    assert Notice.objects.filter(recipient=cast.tutor, kind="devices.permission").count() == 1


def test_sent_agreement_says_limits_and_sanctions_and_never_why(cast: Cast) -> None:
    """AGR-13, AGR-17, law AP-6: the points of this pupil’s agreement."""
    limits = Limits(places=["toilets", "Library"], parts=["lessons", "break"], functions=["the monitoring app"],
                    daily_from=time(9), daily_to=time(14, 30), kept="in the blazer pocket", supervisor=cast.tutor,
                    conditions="Face down on the desk")  # fmt: skip
    use, agreement = cast.sent(limits=limits, review_on=cast.at.date() + timedelta(days=7), plan_reference="IHP 12")
    assert use.agreement == agreement
    whole = str(agreement.wording)
    for part in (
        "Device: black phone.", "Library", "lessons or break", "the monitoring app", "9:00am to 2:30pm",
        "in the blazer pocket", cast.tutor.display_name, "Face down on the desk", EXPECTED, SANCTION, "30 Nov",
    ):  # fmt: skip
        assert part in whole, part
    for part in (WHY, "medical", "IHP 12", str(UseReason.MEDICAL_MONITORING.label)):
        assert part.casefold() not in whole.casefold(), part
    assert (agreement.starts_on, agreement.ends_on) == (cast.at.date(), cast.at.date() + timedelta(days=13))


def test_send_needs_a_text_a_decision_and_the_right_person(cast: Cast) -> None:
    """AGR-13: drawn up from what was approved, once."""
    use = cast.discussed()
    with pytest.raises(approvals.MoveNotPossible):
        send_for_signatures(**cast.who(cast.office), approval=use.approval)
    approvals.approve(**cast.who(cast.head), approval=use.approval)
    with pytest.raises(NotPermitted):
        send_for_signatures(**cast.who(cast.teacher), approval=use.approval)
    send_for_signatures(**cast.who(cast.office), approval=use.approval)
    with pytest.raises(approvals.MoveNotPossible):
        send_for_signatures(**cast.who(cast.office), approval=use.approval)
    assert Agreement.objects.count() == 1


def test_send_without_a_published_text_says_what_to_do(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    use = cast.approved()
    monkeypatch.setattr("devices.operations.permissions.papers.versions_to_issue", lambda *_said: [])
    with pytest.raises(NoTextToSign, match="Publish a text of this kind first"):
        send_for_signatures(**cast.who(cast.office), approval=use.approval)
    assert cast.row(use).state == State.APPROVED


def test_agreement_taken_back_before_it_is_signed_is_drawn_up_anew(cast: Cast) -> None:
    """Matrix 4.8: waiting → drawn up again → sent again; the first agreement brings nothing into force."""
    use, first = cast.sent()
    withdraw_agreement(**cast.who(cast.office), agreement=first, reason="A wrong date")
    use.refresh_from_db()
    assert (cast.row(use).state, use.agreement) == (State.DRAFTED, None)
    second = send_for_signatures(**cast.who(cast.office), approval=use.approval)
    sign_as(second, "parent", cast.office, cast.at)
    use.refresh_from_db()
    assert (cast.row(use).state, use.agreement) == (State.LIVE, second)


def test_agreement_that_the_family_does_not_agree_to_holds_nothing(cast: Cast) -> None:
    """AGR-12, AGR-14: no to it leaves the base rule, and whoever asked hears of it; a later yes still counts."""
    use, agreement = cast.sent()
    for capacity in ("parent", "pupil"):
        sign_as(agreement, capacity, cast.office, cast.at, decision="declines", reason="Not like this")
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.REFUSED and cast.row(use).state == State.AWAITING
    assert answer(cast, noon(cast)) == "not_allowed"
    assert Notice.objects.filter(recipient=cast.teacher, subject="An agreement was not agreed to").count() == 1


# --- While it holds, and after ---


def test_it_holds_to_the_minute(cast: Cast) -> None:
    """AGR-15: from the first minute of the first day to the last of the last, whatever the clock has done."""
    use = cast.live(starts_on=cast.at.date(), ends_on=cast.at.date() + timedelta(days=1))
    ends = cast.row(use).ends_at
    assert [answer(cast, moment) for moment in (noon(cast), noon(cast, 1))] == ["allowed"] * 2
    from devices.queries import live_permissions

    assert live_permissions(cast.school, [cast.pupil], ends - MINUTE)
    assert not live_permissions(cast.school, [cast.pupil], ends)
    assert not live_permissions(cast.school, [cast.pupil], cast.at - MINUTE)
    assert cast.row(use).state == State.LIVE  # nobody has run the clock yet
    assert answer(cast, noon(cast, 2)) == "not_allowed"


def test_it_lapses_by_itself_and_its_agreement_with_it(cast: Cast) -> None:
    """AGR-15: no notice to the family for an end that they signed."""
    use = cast.live()
    agreement = Agreement.objects.get()
    later = cast.row(use).ends_at + MINUTE
    assert approvals.end_what_ran_out(school=cast.school, at=later) == 1
    agreement.refresh_from_db()
    assert (cast.row(use).state, agreement.state) == (State.LAPSED, AgreementState.ENDED)
    assert not OutboxEmail.objects.filter(template="permission-changed").exists()
    assert approvals.end_what_ran_out(school=cast.school, at=later) == 0


@pytest.mark.parametrize(
    ("limits", "inside", "outside", "said"),
    [
        ({"places": ["Library"]}, {"area": "Library"}, {"area": "toilets"}, "not in this place"),
        ({"places": ["Library"]}, {"area": "library"}, {}, "only in certain places"),
        ({"parts": ["lessons"]}, {"part": "lessons"}, {"part": "movement"}, "not at this time of the day"),
        ({"functions": ["the app"]}, {"function": "The app"}, {"function": "else"}, "not for this"),
        ({"daily_from": time(11), "daily_to": time(12)}, {}, {"at": time(12)}, "not at this time of the day"),
    ],
)
def test_outside_its_limits_the_base_rule_holds_and_the_answer_names_the_limit(
    cast: Cast, limits: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any], said: str
) -> None:
    """AGR-15: places, times, parts of the day, functions."""
    cast.live(limits=Limits(**limits))
    assert answer(cast, noon(cast), **inside) == "allowed"
    at = datetime.combine(cast.at.date(), outside.pop("at", time(11, 30)), LONDON)
    found = may_use_now(cast.school, [cast.pupil], at=at, **outside)[cast.pupil.pk]
    assert found.answer == "not_allowed"
    assert found.sentence.startswith(f"There is a permission, but {said}.") and found.limits


def test_two_permissions_each_cover_what_they_name(cast: Cast) -> None:
    """AGR-15: the one that covers this answers."""
    cast.live(limits=Limits(functions=["the app"]))
    use = cast.approved(limits=Limits(functions=["a timer"]), reason=UseReason.SEND)
    agreement = send_for_signatures(**cast.who(cast.office), approval=use.approval)
    sign_as(agreement, "parent", cast.office, cast.at)
    assert [answer(cast, noon(cast), function=one) for one in ("the app", "a timer", "else")] == [
        "allowed", "allowed", "not_allowed",
    ]  # fmt: skip


def test_mark_of_the_day_widens_no_permission_with_limits(cast: Cast) -> None:
    """AGR-15, DEV-35: the desk says that the pupil keeps it, and not what for."""
    from devices.enums import MarkKind
    from devices.operations import mark_day

    cast.live(limits=Limits(functions=["the app"]))
    mark_day(**cast.who(cast.office), pupil=cast.pupil, kind=MarkKind.PERMITTED)
    assert answer(cast, noon(cast), function="else") == "not_allowed"


def test_register_and_form_page_show_it_with_its_limits(cast: Cast) -> None:
    """DEV-35: 'with pupil by agreement', with its limits, and out of the chase."""
    from devices.queries import form_lines, not_seen

    kind = device_types(cast.school).get(key="phone")
    own = add_device(school=cast.school, actor=None, at=cast.at, pupil=cast.pupil, type=kind)
    day = cast.at.date()
    assert cast.pupil in not_seen(cast.school, day)
    cast.live(device=own, device_words="", limits=Limits(functions=["the app"], kept="in the pocket"))
    assert cast.pupil not in not_seen(cast.school, day)
    row = next(one for one in register_for(cast.school, day, handin_types=None) if one.pupil == cast.pupil)
    assert row.word == "With pupil by agreement" and "for: the app" in row.slot
    assert cast.pupil.form is not None
    line = form_lines(cast.school, cast.pupil.form, day, cast.at)[0]
    assert line.kept and line.settled == "With pupil by agreement, for: the app; when not in use: in the pocket"
    assert WHY not in row.slot + line.settled


def test_suspended_after_misuse_it_does_not_hold_that_minute_and_signatories_are_told(cast: Cast) -> None:
    """AGR-16: with the reason, the sanction that was agreed, and a notice that names nobody."""
    use = cast.live()
    row = cast.row(use)
    approvals.suspend(**cast.who(cast.head, noon(cast)), approval=row, because="Sent messages in maths")
    assert answer(cast, noon(cast) + MINUTE) == "not_allowed"
    notes = [(event.kind, event.note) for event in row.events.all()]
    assert (EventKind.SUSPENDED, "Sent messages in maths") in notes
    assert any(kind == EventKind.NOTED and SANCTION in note for kind, note in notes)
    email = OutboxEmail.objects.get(template="permission-changed")
    assert email.address == "dana@example.org"
    for private in ("Kovacs", "Amara", "messages", WHY):
        assert private not in email.subject + email.text
    assert Notice.objects.filter(recipient=cast.tutor, subject="A device is no longer used by agreement").exists()

    approvals.resume(**cast.who(cast.head, noon(cast, 1)), approval=row, because="Talked over with the family")
    assert answer(cast, noon(cast, 1) + MINUTE) == "allowed"
    # What was so yesterday stays so: a look back asks how it stood then.
    assert answer(cast, noon(cast) + 2 * MINUTE) == "not_allowed"


@pytest.mark.parametrize(("act", "state"), [("withdraw", State.WITHDRAWN), ("end", State.ENDED)])
def test_over_before_its_day_the_agreement_is_over_too(cast: Cast, act: str, state: State) -> None:
    """AGR-16: withdrawn, the signatories are told; ended because it is not needed any more, they asked for it."""
    use = cast.live()
    agreement = Agreement.objects.get()
    getattr(approvals, act)(**cast.who(cast.head, noon(cast)), approval=use.approval, because="Said so")
    agreement.refresh_from_db()
    assert (cast.row(use).state, agreement.state) == (state, AgreementState.ENDED)
    assert answer(cast, noon(cast) + MINUTE) == "not_allowed"
    told = OutboxEmail.objects.filter(template="permission-changed").count()
    assert told == (1 if state == State.WITHDRAWN else 0)


def test_withdrawn_before_it_is_signed_nothing_is_left_to_sign(cast: Cast) -> None:
    """AGR-16: who has not signed is not written to."""
    use, agreement = cast.sent()
    approvals.withdraw(**cast.who(cast.head), approval=use.approval, because="Not needed")
    agreement.refresh_from_db()
    assert (cast.row(use).state, agreement.state) == (State.WITHDRAWN, AgreementState.WITHDRAWN)
    assert not OutboxEmail.objects.filter(template="permission-changed").exists()


def test_agreement_taken_away_while_it_holds_suspends_it(cast: Cast) -> None:
    """AGR-12: without the agreement that it stands on it does not hold; a person decides what follows."""
    use = cast.live()
    withdraw_agreement(**cast.who(cast.office, noon(cast)), agreement=Agreement.objects.get(), reason="Wrong text")
    assert cast.row(use).state == State.SUSPENDED
    assert answer(cast, noon(cast) + MINUTE) == "not_allowed"
    assert Notice.objects.filter(recipient=cast.head, subject="A permission was suspended").exists()


def test_a_signature_taken_back_suspends_it(cast: Cast) -> None:
    """AGR-14: who must agree is enforced afterwards too."""
    use = cast.live()
    agreement = Agreement.objects.get()
    sign_as(agreement, "parent", cast.office, noon(cast), decision="takes_back", reason="Changed our mind")
    assert cast.row(use).state == State.SUSPENDED


@pytest.mark.parametrize("preset", [CONDUCT])
def test_where_the_rules_are_silent_a_leader_decides_and_says_why(cast: Cast) -> None:
    """Matrix 0.3: and who signs is a recorded decision as well; an agreement is drawn up."""
    from agreements.operations.refusals import WhoSignsOpen

    use = cast.discussed()
    with pytest.raises(approvals.ReasonNeeded):
        approvals.approve(**cast.who(cast.head), approval=use.approval)
    approvals.approve(**cast.who(cast.head), approval=use.approval, because="Nobody else can")
    assert cast.row(use).state == State.APPROVED
    with pytest.raises(WhoSignsOpen):
        send_for_signatures(**cast.who(cast.office), approval=use.approval)
    agreement = send_for_signatures(
        **cast.who(cast.office), approval=use.approval, signatories=("parent",), reason="The head: a parent"
    )
    sign_as(agreement, "parent", cast.office, cast.at)
    assert cast.row(use).state == State.LIVE


def test_look_up_costs_the_same_for_one_permission_and_for_three(cast: Cast, django_assert_num_queries: Any) -> None:
    """DEV-35: a form costs what one pupil costs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cast.live(limits=Limits(functions=["the app"]))
    for_school(cast.school, on=cast.at.date())
    answer(cast, noon(cast))

    def cost() -> int:
        pupils = [one.pupil for one in Approval.objects.select_related("pupil__form")]
        with CaptureQueriesContext(connection) as found:
            may_use_now(cast.school, pupils, at=noon(cast))
            register_for(cast.school, cast.at.date(), handin_types=None)
        return len(found)

    one = cost()
    for _ in range(2):
        cast.pupil = make_pupil(cast.school, form=cast.pupil.form)
        from tests.factories import make_contact

        make_contact(cast.pupil, has_parental_responsibility=True)
        cast.live()
    assert cost() == one
