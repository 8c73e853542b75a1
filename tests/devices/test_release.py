"""Who may have a taken device back: the rules of the day, refusals that stay on record, decisions, escalation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import Contact, Pupil, School, User
from core.rules.operations import adopt_preset, change_rule
from devices import operations
from devices.enums import Claimant, DeviceOwner, EscalationTrigger, EventKind, NoticeAbout, State
from devices.models import (
    CustodyEvent,
    CustodyRecord,
    Escalation,
    ParentNotice,
    PupilDevice,
    Release,
    ReleaseDecision,
    ReleaseRefusal,
)
from devices.queries.taken import release_terms, repeat_count
from tests.factories import make_contact, make_pupil, make_user
from tests.factories.taking import make_taken

PARENT_ONLY, AT_OFFICE, PUPIL = "parent_only", "parent_end_of_day_office", "pupil_end_of_day_unless_escalated"
WHOLE: dict[str, Any] = {"identity": "known", "condition": "No damage seen", "place": "office", "signed": "paper"}
Taken = Callable[..., CustodyRecord]


@pytest.fixture
def evening(at: datetime) -> datetime:
    """Twenty past three: the school day has ended, the office is open."""
    return at.replace(hour=15, minute=20)


@pytest.fixture
def mother(pupil: Pupil) -> Contact:
    return make_contact(pupil, relationship="Mother", email="dana@example.org")


@pytest.fixture
def taken(phone: PupilDevice, teacher_user: User, at: datetime) -> Taken:
    """Amara's phone, taken at ten under a rule on release."""

    def make(release_rule: str = PARENT_ONLY, *, device: PupilDevice | None = None, **fields: Any) -> CustodyRecord:
        device = device or phone
        when = fields.pop("when", at.replace(hour=10))
        return make_taken(device.pupil, device, by=teacher_user, at=when, release_rule=release_rule, **fields)

    return make


def give(stay: CustodyRecord, actor: User, when: datetime, to: str, **fields: Any) -> Release:
    return operations.taken.release_device(
        school=stay.school, actor=actor, at=when, custody=stay, to=to, **WHOLE | fields
    )


# --- What the rules allow ---------------------------------------------------------------------------------------------


def test_release_device_parents_only_refuses_pupil_friend_and_unlisted_adult(
    taken: Taken, pupil: Pupil, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-04, CNF-05, A-04, NOT-25: under a parents-only rule each is refused by name and by rule; the refusal is in
    the record, who asked is kept although nothing else was written, and a parent is to be told at once, once."""
    stay = taken(PARENT_ONLY)
    asked: list[tuple[str, type[operations.taken.ClaimRefused], dict[str, Any]]] = [
        (Claimant.PUPIL, operations.taken.PupilMayNotCollect, {}),
        (Claimant.FRIEND, operations.taken.FriendMayNotCollect, {"claimant_name": "Ben Brown"}),
        (Claimant.OTHER_ADULT, operations.taken.AdultNotListed, {"claimant_name": "A neighbour"}),
    ]
    for claimant, refusal, fields in asked:
        with pytest.raises(refusal) as caught:
            give(stay, office_user, evening, claimant, **fields)
        assert caught.value.rule == "release_rule=parent_only"
    kept = list(ReleaseRefusal.objects.filter(custody=stay).order_by("id"))
    assert [(one.claimant, one.refusal, one.claimant_name) for one in kept] == [
        (Claimant.PUPIL, "pupil_may_not_collect", "Amara Kovacs"),
        (Claimant.FRIEND, "friend_may_not_collect", "Ben Brown"),
        (Claimant.OTHER_ADULT, "adult_not_listed", "A neighbour"),
    ]
    assert {one.refused_by for one in kept} == {office_user}
    refused = Entry.objects.filter(action="devices.release", outcome=Outcome.REFUSED)
    assert [entry.detail["rule"] for entry in refused] == ["release_rule=parent_only"] * 3
    notice = ParentNotice.objects.get(custody=stay, about=NoticeAbout.CLAIM_REFUSED)
    assert notice.is_open
    assert notice.due_at == evening
    stay.refresh_from_db()
    assert stay.is_open
    assert not Release.objects.exists()


def test_release_device_to_a_listed_parent_records_it_whole(
    taken: Taken, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-09, CO-6, NOT-25: collector, relationship, identity check, time, place, staff, signature, condition; the
    device is released to a parent, and where only parents collect, the collector counts as told."""
    stay = taken(PARENT_ONLY)
    release = give(
        stay, office_user, evening, Claimant.CONTACT, contact=mother, identity="photo", signed="initials",
        initials="DK",
    )  # fmt: skip
    assert (release.collector_name, release.relationship, release.identity) == ("Dana Kovacs", "Mother", "photo")
    assert (release.signed, release.initials, release.condition) == ("initials", "DK", "No damage seen")
    assert (release.released_by, release.released_at, release.where) == (office_user, evening, "School office")
    stay.refresh_from_db()
    assert (stay.state, stay.closed_by) == (State.RELEASED_TO_PARENT, office_user)
    event = CustodyEvent.objects.get(custody=stay, kind=EventKind.RELEASE)
    assert (event.given_to_name, event.at) == ("Dana Kovacs", evening)
    told = ParentNotice.objects.get(custody=stay, about=NoticeAbout.RELEASED)
    assert (told.told_how, told.contact, told.told_by) == ("in_person", mother, office_user)


def test_release_device_from_the_office_at_the_end_of_the_day_wants_all_three(
    taken: Taken, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-04, A-17: a parent, from the end of the day, at the office; two of the three are not enough."""
    stay = taken(AT_OFFICE)
    with pytest.raises(operations.taken.TooEarlyToRelease, match="3:15pm"):
        give(stay, office_user, evening.replace(hour=14), Claimant.CONTACT, contact=mother)
    with pytest.raises(operations.taken.WrongPlaceToRelease) as caught:
        give(stay, office_user, evening, Claimant.CONTACT, contact=mother, place="elsewhere", where="The gate")
    assert caught.value.field == "place"
    with pytest.raises(operations.taken.PupilMayNotCollect):
        give(stay, office_user, evening, Claimant.PUPIL)
    assert give(stay, office_user, evening, Claimant.CONTACT, contact=mother).contact == mother
    # A listed parent who came too soon is not told that somebody was refused: only the pupil's claim is.
    assert ReleaseRefusal.objects.filter(custody=stay).count() == 3
    assert ParentNotice.objects.filter(custody=stay, about=NoticeAbout.CLAIM_REFUSED).count() == 1


def test_release_device_to_the_pupil_from_the_end_of_the_day(
    taken: Taken, office_user: User, evening: datetime
) -> None:
    """CNF-04, A-42, A-52: who collects at the end of the day is the pupil; the clock is the school's calendar."""
    stay = taken(PUPIL, state=State.COLLECTED)
    assert release_terms(stay, evening).pupil_from == evening.replace(minute=15)
    with pytest.raises(operations.taken.TooEarlyToRelease):
        give(stay, office_user, evening.replace(minute=14), Claimant.PUPIL)
    give(stay, office_user, evening, Claimant.PUPIL)
    stay.refresh_from_db()
    assert stay.state == State.RELEASED_TO_PUPIL
    assert not ParentNotice.objects.exists()


def test_release_device_a_parent_may_come_sooner_than_the_pupil(
    taken: Taken, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-04: under the pupil's rule the time is the pupil's; a listed adult may collect before it."""
    stay = taken(PUPIL)
    assert give(stay, office_user, evening.replace(hour=11), Claimant.CONTACT, contact=mother).contact == mother


def test_release_device_only_to_contacts_who_may_collect(
    taken: Taken, pupil: Pupil, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-05: an adult who may not collect, is not to be informed, has ended, or belongs to another child is refused
    with the same sentence, and is never offered."""
    stay = taken(PARENT_ONLY)
    stepfather = make_contact(pupil, "Grey", may_collect=False)
    barred = make_contact(pupil, "Black", may_collect=False, do_not_inform=True)
    gone = make_contact(pupil, "White", ended_on=evening.date())
    stranger = make_contact(make_pupil(pupil.school), "Green")
    assert release_terms(stay, evening).contacts == (mother,)
    for contact in (stepfather, barred, gone, stranger):
        with pytest.raises(operations.taken.AdultNotListed, match="Ask the DSL"):
            give(stay, office_user, evening, Claimant.CONTACT, contact=contact)
    assert ReleaseRefusal.objects.filter(custody=stay, contact=stranger).count() == 0


def test_release_device_of_a_parents_phone_goes_to_a_parent(
    taken: Taken, phone: PupilDevice, mother: Contact, office_user: User, evening: datetime
) -> None:
    """PH-11: a device that belongs to a parent has a release route of its own, whatever the rule gives the pupil."""
    phone.owner = DeviceOwner.PARENT
    phone.stamp(by=office_user, at=evening)
    phone.save()
    stay = taken(PUPIL)
    with pytest.raises(operations.taken.BelongsToAnother) as caught:
        give(stay, office_user, evening, Claimant.PUPIL)
    assert caught.value.rule == "PH-11"
    assert give(stay, office_user, evening.replace(hour=9), Claimant.CONTACT, contact=mother).contact == mother


def test_release_terms_are_those_of_the_day_it_was_taken(
    school: School, taken: Taken, office_user: User, evening: datetime
) -> None:
    """CNF-04, ORG-16: a rule that changes tomorrow does not change what was taken today."""
    stay = taken(PUPIL)
    tomorrow = evening + timedelta(days=1)
    change_rule(
        school=school, actor=None, at=evening, key="release_rule", value=PARENT_ONLY,
        effective_from=tomorrow.date(), reason="A new policy.",
    )  # fmt: skip
    school.refresh_from_db()
    stay = CustodyRecord.objects.select_related("school", "device", "pupil").get(pk=stay.pk)
    assert release_terms(stay, tomorrow).may_pupil
    assert give(stay, office_user, tomorrow, Claimant.PUPIL).to == Claimant.PUPIL


# --- Held and withheld ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [PARENT_ONLY, AT_OFFICE, PUPIL, "unspecified"])
def test_release_device_on_hold_is_refused_to_every_role_under_every_rule(
    taken: Taken, mother: Contact, office_user: User, headteacher_user: User, dsl_user: User, evening: datetime,
    rule: str,
) -> None:  # fmt: skip
    """CNF-10: a hold stands above every rule and role; that somebody asked is kept, and no parent is to be told."""
    stay = taken(rule, state=State.EVIDENCE_HOLD)
    for actor in (office_user, headteacher_user, dsl_user):
        with pytest.raises(operations.taken.OnEvidenceHold) as caught:
            give(stay, actor, evening, Claimant.CONTACT, contact=mother)
        assert caught.value.rule == "CNF-10"
    assert ReleaseRefusal.objects.filter(custody=stay, refusal="on_evidence_hold").count() == 3
    assert not ParentNotice.objects.exists()


def test_release_device_kept_from_parents_is_for_the_dsl_alone(
    taken: Taken, mother: Contact, office_user: User, dsl_user: User, evening: datetime
) -> None:
    """CNF-13, A-11: the office hears "Held. Ask the DSL." and nothing goes out; the DSL may let it go."""
    stay = taken(PARENT_ONLY, withheld=True)
    with pytest.raises(operations.taken.WithheldFromRelease, match=r"^Held\. Ask the DSL\.$"):
        give(stay, office_user, evening, Claimant.CONTACT, contact=mother)
    assert give(stay, dsl_user, evening, Claimant.CONTACT, contact=mother).released_by == dsl_user
    assert not ParentNotice.objects.exists()


# --- Decisions where the rules do not say -----------------------------------------------------------------------------


def test_decide_release_is_asked_for_where_the_rules_do_not_say(
    taken: Taken, mother: Contact, office_user: User, slt_user: User, evening: datetime
) -> None:
    """CNF-04, 0.3: neither allowed nor refused in silence. A leader decides to whom and from when, with a reason; the
    newest decision counts, the office may not decide, and the release names the decision."""
    stay = taken("unspecified")
    with pytest.raises(operations.taken.ReleaseDecisionNeeded):
        give(stay, office_user, evening, Claimant.PUPIL)
    say: dict[str, Any] = {"school": stay.school, "custody": stay, "at": evening, "reason": "It was the first time."}
    with pytest.raises(NotPermitted):
        operations.taken.decide_release(actor=office_user, to=Claimant.PUPIL, not_before=evening, **say)
    operations.taken.decide_release(actor=slt_user, to=Claimant.CONTACT, not_before=evening, **say)
    with pytest.raises(operations.taken.DecidedOtherwise):
        give(stay, office_user, evening, Claimant.PUPIL)
    newest = operations.taken.decide_release(
        actor=slt_user, to=Claimant.PUPIL, not_before=evening + timedelta(minutes=10), **say
    )
    with pytest.raises(operations.taken.DecidedOtherwise):
        give(stay, office_user, evening, Claimant.CONTACT, contact=mother)
    with pytest.raises(operations.taken.TooEarlyToRelease):
        give(stay, office_user, evening, Claimant.PUPIL)
    assert give(stay, office_user, evening + timedelta(minutes=10), Claimant.PUPIL).decision == newest
    assert ReleaseDecision.objects.filter(custody=stay).count() == 2


def test_decide_release_where_the_rules_say_is_refused(taken: Taken, slt_user: User, evening: datetime) -> None:
    """CNF-04"""
    stay = taken(PARENT_ONLY)
    with pytest.raises(operations.taken.RulesDecide):
        operations.taken.decide_release(
            school=stay.school, actor=slt_user, at=evening, custody=stay, to=Claimant.PUPIL, not_before=evening,
            reason="Kind.",
        )  # fmt: skip


# --- Escalation -------------------------------------------------------------------------------------------------------


def raised(stay: CustodyRecord, actor: User, when: datetime, **fields: Any) -> Escalation:
    values: dict[str, Any] = {"trigger": EscalationTrigger.REPEATED, "reason": "The second time this term."}
    return operations.taken.escalate(school=stay.school, actor=actor, at=when, custody=stay, **values | fields)


def test_escalate_keeps_trigger_decider_and_reason_and_opens_what_the_parent_is_told(
    taken: Taken, mother: Contact, office_user: User, slt_user: User, evening: datetime
) -> None:
    """CNF-06, A-43: on any breach, by a leader; the parent is to be told the same day; the pupil is then refused."""
    stay = taken(PUPIL)
    with pytest.raises(NotPermitted):
        raised(stay, office_user, evening)
    escalation = raised(stay, slt_user, evening)
    assert (escalation.trigger, escalation.decided_by, escalation.counted) == ("repeated", slt_user, 1)
    assert escalation.reason == "The second time this term."
    stay.refresh_from_db()
    assert stay.state == State.PARENT_COLLECTION
    assert CustodyEvent.objects.filter(custody=stay, kind=EventKind.AWAIT_PARENT, by=slt_user).exists()
    notice = ParentNotice.objects.get(custody=stay, about=NoticeAbout.ESCALATED)
    assert notice.due_at == evening.replace(hour=16, minute=0)
    with pytest.raises(operations.taken.EscalatedToParent) as caught:
        give(stay, office_user, evening, Claimant.PUPIL)
    assert caught.value.rule == "CNF-06"
    with pytest.raises(operations.taken.EscalatedAlready):
        raised(stay, slt_user, evening)
    assert give(stay, office_user, evening, Claimant.CONTACT, contact=mother).contact == mother


def test_escalate_only_for_what_the_rules_name(school: School, taken: Taken, slt_user: User, evening: datetime) -> None:
    """CNF-06: the reasons are those of the rule; where a parent collects every time there is nothing to escalate."""
    with pytest.raises(operations.taken.ParentsCollectAnyway):
        raised(taken(PARENT_ONLY), slt_user, evening)
    change_rule(
        school=school, actor=None, at=evening - timedelta(days=2), key="release_escalators", value=["safeguarding"],
        effective_from=evening.date(), reason="A new policy.",
    )  # fmt: skip
    school.refresh_from_db()
    other = operations.add_device(
        school=school, actor=None, at=evening, pupil=make_pupil(school), type=PupilDevice.objects.get().type
    )
    with pytest.raises(operations.taken.TriggerNotInRules):
        raised(taken(PUPIL, device=other), slt_user, evening)


def test_repeat_count_proposes_by_the_rules_window_and_never_decides(
    school: School, taken: Taken, phone: PupilDevice, pupil: Pupil, office_user: User, evening: datetime
) -> None:
    """CNF-07, A-43: two takings within the term reach the number of the preset, and nothing is decided by counting.
    Under a rule of 30 days, three are needed and older ones fall out."""
    begin = evening - timedelta(days=40)
    for days in (40, 3):
        stay = taken(PUPIL, when=evening - timedelta(days=days))
        give(stay, office_user, evening - timedelta(days=days), Claimant.PUPIL)
    assert repeat_count(pupil, evening).proposes
    assert repeat_count(pupil, evening).count == 2
    assert repeat_count(pupil, begin).count == 1
    assert not repeat_count(pupil, begin).proposes
    assert not Escalation.objects.exists()
    adopt_preset(
        school=school, actor=None, at=evening, preset="primary-online-safety", effective_from=evening.date(),
        reason="Another policy.",
    )  # fmt: skip
    school.refresh_from_db()
    fresh = Pupil.objects.select_related("school").get(pk=pupil.pk)
    counted = repeat_count(fresh, evening)
    assert (counted.count, counted.threshold, counted.proposes) == (1, 3, False)
    assert counted.sentence == "Taken once in 30 days."


# --- One true record --------------------------------------------------------------------------------------------------


def test_release_device_same_submission_twice_is_one_release(
    taken: Taken, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-09: a lost answer and a second click give the first result; a refused claim clicked twice is one claim."""
    stay, key = taken(PARENT_ONLY), uuid.uuid4()
    for _ in range(2):
        with pytest.raises(operations.taken.PupilMayNotCollect):
            give(stay, office_user, evening, Claimant.PUPIL)
    assert ReleaseRefusal.objects.filter(custody=stay).count() == 1
    first = give(stay, office_user, evening, Claimant.CONTACT, contact=mother, submission=key)
    again = give(stay, office_user, evening, Claimant.CONTACT, contact=mother, submission=key)
    assert first == again
    with pytest.raises(operations.taken.ReleasedAlready, match="3:20pm"):
        give(stay, office_user, evening, Claimant.CONTACT, contact=mother)
    assert Release.objects.count() == 1


def test_undo_release_puts_it_back_as_it_was_and_erases_nothing(
    taken: Taken, mother: Contact, office_user: User, slt_user: User, evening: datetime
) -> None:
    """CNF-09, DEV-33: a leader says a release was wrong: the device waits as before, both entries stay, and it may be
    released again."""
    stay = taken(PARENT_ONLY, state=State.PARENT_COLLECTION)
    release = give(stay, office_user, evening, Claimant.CONTACT, contact=mother)
    say: dict[str, Any] = {"school": stay.school, "at": evening, "release": release, "note": "It was another phone."}
    with pytest.raises(NotPermitted):
        operations.taken.undo_release(actor=office_user, **say)
    undone = operations.taken.undo_release(actor=slt_user, **say)
    assert undone.undone == release
    stay.refresh_from_db()
    assert (stay.state, stay.is_open) == (State.PARENT_COLLECTION, True)
    event = CustodyEvent.objects.get(custody=stay, kind=EventKind.CORRECTION)
    assert (event.corrects.kind, event.note, event.by) == (EventKind.RELEASE, "It was another phone.", slt_user)
    with pytest.raises(operations.taken.ReleaseUndoneAlready):
        operations.taken.undo_release(actor=slt_user, **say)
    give(stay, office_user, evening, Claimant.CONTACT, contact=mother)


def test_release_of_a_hand_in_belongs_to_the_hand_back_desk(
    phone: PupilDevice, office_user: User, evening: datetime
) -> None:
    """A-04: handed in and taken are two classes with two rules."""
    stay = operations.hand_in_device(
        school=phone.school, actor=office_user, at=evening, pupil=phone.pupil, switched_off=True
    )
    with pytest.raises(operations.taken.HandedInNotTaken):
        give(stay, office_user, evening, Claimant.PUPIL)


def test_the_database_holds_a_release_and_a_refusal_to_their_shape(
    taken: Taken, mother: Contact, office_user: User, evening: datetime
) -> None:
    """CNF-09, CNF-05: a release to the pupil names no contact, initials are given where said; neither is changed."""
    stay = taken(PARENT_ONLY)
    whole: dict[str, Any] = {
        "school": stay.school, "custody": stay, "to": Claimant.CONTACT, "contact": mother, "identity": "known",
        "collector_name": "Dana", "condition": "Whole", "where": "Office", "released_at": evening, "signed": "paper",
        "released_by": office_user,
    }  # fmt: skip
    for wrong in ({"to": Claimant.PUPIL}, {"contact": None}, {"signed": "initials"}, {"condition": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.create(**whole | wrong)
    with pytest.raises(operations.taken.PupilMayNotCollect):
        give(stay, office_user, evening, Claimant.PUPIL)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE devices_releaserefusal SET sentence = ''")


# --- The pages --------------------------------------------------------------------------------------------------------


def page(school: School, name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=[school.slug, *args])


def test_release_page_offers_listed_contacts_only_and_refuses_in_words(
    taken: Taken, pupil: Pupil, mother: Contact, office_user: User, client_for: Callable[[User], Client],
    evening: datetime,
) -> None:  # fmt: skip
    """CNF-04, CNF-05: the page says who, when, where and why; only may-collect contacts are named; the pupil can be
    chosen and is refused in words, with nothing else to fill in; a release without its facts is asked for them all."""
    stay = taken(PARENT_ONLY)
    make_contact(pupil, "Grey", forename="Ned", may_collect=False)
    where = page(stay.school, "release", stay.pk)
    with time_machine.travel(evening, tick=False):
        client = client_for(office_user)
        shown = client.get(where).content.decode()
        assert "Dana Kovacs, mother" in shown
        assert "Ned Grey" not in shown
        assert "a parent or carer only" in shown
        refused = client.post(where, {"to": "pupil"})
        assert refused.status_code == 422
        assert "Not to the pupil." in refused.content.decode()
        assert "Asked for it and did not get it" in refused.content.decode()
        gaps = client.post(where, {"to": f"contact-{mother.pk}"})
        assert gaps.status_code == 422
        for sentence in ("how you know who it is", "the condition it goes back in", "how they sign for it"):
            assert sentence in gaps.content.decode()
        done = client.post(where, {"to": f"contact-{mother.pk}"} | WHOLE, follow=True)
        assert "Released to Dana Kovacs" in done.content.decode()
    stay.refresh_from_db()
    assert stay.state == State.RELEASED_TO_PARENT


def test_release_page_of_a_held_device_names_nobody_and_keeps_who_asks(
    taken: Taken, mother: Contact, office_user: User, client_for: Callable[[User], Client], evening: datetime
) -> None:
    """CNF-10, CNF-13: the office sees the hold and not its reason; who asks is kept."""
    stay = taken(PARENT_ONLY, withheld=True)
    where = page(stay.school, "release", stay.pk)
    with time_machine.travel(evening, tick=False):
        client = client_for(office_user)
        shown = client.get(where).content.decode()
        assert "Held. Ask the DSL." in shown
        assert "Release it" not in shown
        asked = client.post(where, {"to": f"contact-{mother.pk}"})
        assert asked.status_code == 422
    assert ReleaseRefusal.objects.get(custody=stay).refusal == "withheld_from_release"


def test_release_desk_finds_by_slot_code_and_name_and_names_nobody_in_the_address(
    taken: Taken, phone: PupilDevice, pupil: Pupil, mother: Contact, office_user: User,
    client_for: Callable[[User], Client], evening: datetime,
) -> None:  # fmt: skip
    """CNF-04: what is scanned or typed leads to the device; the pupil's name travels in the body alone."""
    stay = taken(PARENT_ONLY)
    desk, wanted = page(stay.school, "release-desk"), page(stay.school, "release", stay.pk)
    with time_machine.travel(evening, tick=False):
        client = client_for(office_user)
        for typed in (pupil.code, pupil.admission_number, phone.code, "Kovacs"):
            found = client.post(desk, {"code": typed})
            assert (found.status_code, found.headers.get("Location")) == (302, wanted), typed
        assert client.post(desk, {"code": "Nobody"}).status_code == 422
        assert "Dana Kovacs (mother)" in client.get(desk).content.decode()


def test_release_desk_costs_the_same_for_one_device_and_three(
    school: School, taken: Taken, phone: PupilDevice, mother: Contact, office_user: User,
    client_for: Callable[[User], Client], evening: datetime,
) -> None:  # fmt: skip
    taken(PARENT_ONLY)
    desk, client = page(school, "release-desk"), client_for(office_user)
    with time_machine.travel(evening, tick=False):
        client.get(desk)
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(desk)
        for rule in (PUPIL, "unspecified"):
            pupil = make_pupil(school)
            make_contact(pupil)
            device = operations.add_device(school=school, actor=None, at=evening, pupil=pupil, type=phone.type)
            taken(rule, device=device)
        with CaptureQueriesContext(connection) as three:
            client.get(desk)
    assert len(three) == len(one)


def test_decide_escalate_and_undo_through_their_pages(
    school: School, taken: Taken, phone: PupilDevice, mother: Contact, slt_user: User, office_user: User,
    client_for: Callable[[User], Client], evening: datetime,
) -> None:  # fmt: skip
    """CNF-04, CNF-06: a leader decides, escalates and corrects through pages; the office is shown neither."""
    stay = taken("unspecified")
    other = operations.add_device(school=school, actor=None, at=evening, pupil=make_pupil(school), type=phone.type)
    second = taken(PUPIL, device=other)
    with time_machine.travel(evening, tick=False):
        leader, office = client_for(slt_user), client_for(office_user)
        assert "Decide who may collect it" in leader.get(page(school, "release", stay.pk)).content.decode()
        assert "Decide who may collect it" not in office.get(page(school, "release", stay.pk)).content.decode()
        said = {"to": "pupil", "on": "2026-11-23", "time": "15:15", "reason": "The first time."}
        assert leader.post(page(school, "decide-release", stay.pk), said).status_code == 302
        assert office.post(page(school, "release", stay.pk), {"to": "pupil"} | WHOLE).status_code == 302
        release = Release.objects.get(custody=stay)
        undo = page(school, "undo-release", release.pk)
        assert leader.post(undo, {"note": "The wrong phone."}).status_code == 302
        assert "It was corrected already" in leader.get(undo).content.decode()
        grounds = {"trigger": "serious_misuse", "reason": "Filmed in class."}
        assert leader.post(page(school, "escalate", second.pk), grounds).status_code == 302
        assert office.get(page(school, "escalate", second.pk)).status_code == 403
    second.refresh_from_db()
    assert second.state == State.PARENT_COLLECTION


def test_release_page_of_a_hand_in_or_another_school_is_not_there(
    other_school: School, phone: PupilDevice, taken: Taken, client_for: Callable[[User], Client], office_user: User
) -> None:
    stay = taken(PARENT_ONLY)
    neighbour = client_for(make_user("office", other_school))
    assert neighbour.get(page(other_school, "release", stay.pk)).status_code == 404
