"""What was said about images of a pupil: each purpose by itself, changed, taken back, run out (matrix 1.11, 4.15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.enums import (
    AgreementKind,
    ConsentBasis,
    ConsentPurpose,
    ConsentState,
    OwnConsentState,
    PublishingDutyKind,
)
from agreements.models import ConsentEvent, ImageConsent
from agreements.operations.consent_giving import ask_for_consent, record_consent, run_out_consents, withdraw_consent
from agreements.operations.consent_refusals import (
    AgeAloneNeverDecides,
    AskedAlready,
    DutyHeldAlready,
    LastDayPassed,
    MayNotConsent,
    NameWithoutImage,
    NothingToWithdraw,
    OwnDecisionNeeded,
    ParentGivesConsent,
    PurposeNotNamed,
)
from agreements.operations.consent_telling import end_publishing_duty, name_publishing_duty
from agreements.operations.own_consent import apply_own_consent, ask_own_consent, decide_own_consent
from agreements.queries.consent_standing import standings_of
from agreements.tasks import run_out_image_consents
from agreements.workflow import MoveNotPossible
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.rules.models import RecordedDecision
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as
from tests.factories.consents import PRESETS, make_use, parent_says

pytestmark = pytest.mark.django_db
C, P = ConsentState, ConsentPurpose
GIVER_OPEN = [one for one in PRESETS if one not in ("primary-online-safety", "image-and-conduct")]


@pytest.fixture
def world(at: datetime) -> Any:
    school = make_school(preset="image-and-conduct")
    with scope(school=school):
        pupil = make_pupil(school)
        yield school, make_user("office", school), pupil, make_contact(pupil, has_parental_responsibility=True)


def fresh(consent: ImageConsent) -> ImageConsent:
    return ImageConsent.objects.get(pk=consent.pk)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_answer_is_a_no_and_each_purpose_is_answered_by_itself(preset: str, at: datetime) -> None:
    """CON-01, under every preset: without an answer nothing is allowed; an answer is to each purpose, with giver, way
    and day; one that was left out is a no."""
    school = make_school(preset=preset)
    with scope(school=school):
        pupil, office = make_pupil(school), make_user("office", school)
        today = at.date()
        assert not any(standings_of(school, [pupil], today)[pupil.pk].allows(one) for one in P)
        consent = parent_says(pupil, office, at, [P.WEBSITE, P.PRINT], ends_on=today)
        stands = standings_of(school, [pupil], today)[pupil.pk]
        assert [one for one in P if stands.allows(one)] == [P.PRINT, P.WEBSITE]
        event = ConsentEvent.objects.get(consent=consent)
        assert (event.from_state, event.to_state, event.mode, event.by) == (C.ASKED, C.GIVEN, "paper", office)
        assert (consent.basis, consent.answered_at, consent.giver_name) == (ConsentBasis.PARENT, at, "Ann Parent")
        after = standings_of(school, [pupil], today + timedelta(days=1))[pupil.pk]
        assert not after.is_answered, "its last day has passed, whether or not the task has run"


def test_answer_is_changed_and_taken_back_and_said_again(world: Any, at: datetime) -> None:
    """Matrix 4.15, CON-05: given → changed → withdrawn → given; each with what it was and what was taken back."""
    school, office, pupil, contact = world
    says = {"school": school, "at": at, "pupil": pupil, "contact": contact, "mode": "desk", "said_by": "Ann Parent"}
    consent = record_consent(actor=office, purposes=[P.WEBSITE, P.PRESS], **says)
    record_consent(actor=office, purposes=[P.WEBSITE, P.PRESS], **says)
    assert fresh(consent).state == C.GIVEN, "the same answer again moves nothing"
    record_consent(actor=office, purposes=[P.WEBSITE, P.PRINT], **says)
    assert fresh(consent).state == C.CHANGED
    withdraw_consent(
        school=school, actor=None, at=at, consent=consent, mode="link", said_by="Ann Parent", purposes=[P.PRINT]
    )
    assert (fresh(consent).state, fresh(consent).purposes) == (C.CHANGED, [P.WEBSITE])
    withdraw_consent(school=school, actor=None, at=at, consent=consent, mode="link", said_by="Ann Parent")
    assert (fresh(consent).state, fresh(consent).purposes) == (C.WITHDRAWN, [])
    with pytest.raises(NothingToWithdraw):
        withdraw_consent(school=school, actor=office, at=at, consent=consent, mode="desk", said_by="Ann Parent")
    record_consent(actor=office, purposes=[], **says)
    assert fresh(consent).state == C.WITHDRAWN
    record_consent(actor=office, purposes=[P.WEBSITE], **says)
    taken = list(ConsentEvent.objects.filter(consent=consent).order_by("id").values_list("to_state", "taken_back"))
    assert taken == [
        (C.GIVEN, []), (C.GIVEN, []), (C.CHANGED, [P.PRESS]), (C.CHANGED, [P.PRINT]), (C.WITHDRAWN, [P.WEBSITE]),
        (C.WITHDRAWN, []), (C.GIVEN, []),
    ]  # fmt: skip


def test_answers_that_make_no_sense_are_refused_in_words(world: Any, at: datetime) -> None:
    school, office, pupil, contact = world
    says = {"school": school, "actor": office, "at": at, "pupil": pupil, "mode": "paper", "said_by": "Ann Parent"}
    stranger = make_contact(make_pupil(school))
    without = make_contact(pupil, has_parental_responsibility=False)
    for refusal, given in (
        (PurposeNotNamed, {"contact": contact, "purposes": [P.OTHER]}),
        (NameWithoutImage, {"contact": contact, "purposes": [], "first_name_for": "The programme"}),
        (LastDayPassed, {"contact": contact, "purposes": [P.PRESS], "ends_on": at.date() - timedelta(days=1)}),
        (MayNotConsent, {"contact": stranger, "purposes": [P.PRESS]}),
        (MayNotConsent, {"contact": without, "purposes": [P.PRESS]}),
    ):
        with pytest.raises(refusal):
            record_consent(**says, **given)
    with pytest.raises(NotPermitted):
        record_consent(**says | {"actor": make_user("teacher", school)}, contact=contact, purposes=[P.PRESS])
    assert not ImageConsent.objects.exists()


def test_permission_for_the_first_name_is_withdrawn_by_itself(world: Any, at: datetime) -> None:
    """CON-05, CON-06, NOT-24: the name may be taken back while the image stays; it is told like any withdrawal."""
    school, office, pupil, _contact = world
    head = make_user("headteacher", school)
    consent = parent_says(pupil, office, at, [P.PRINT], first_name_for="The programme")
    leave = {"school": school, "actor": office, "at": at, "consent": consent, "mode": "desk", "said_by": "Ann Parent"}
    withdraw_consent(**leave, purposes=[], first_name=True)
    assert (fresh(consent).state, fresh(consent).purposes, fresh(consent).first_name_for) == (C.CHANGED, [P.PRINT], "")
    assert Notice.objects.filter(recipient=head).count() == 1
    with pytest.raises(NothingToWithdraw):
        withdraw_consent(**leave, purposes=[], first_name=True)


def test_same_form_twice_is_one_answer(world: Any, at: datetime) -> None:
    school, office, pupil, contact = world
    key = uuid4()
    for _ in range(2):
        record_consent(
            school=school, actor=office, at=at, pupil=pupil, contact=contact, mode="paper", said_by="Ann Parent",
            purposes=[P.PRESS], submission=key,
        )  # fmt: skip
    assert ConsentEvent.objects.count() == 1


def test_an_adult_answers_for_themselves(world: Any, at: datetime) -> None:
    """CON-01, A-58: an adult who is shown signs for themselves, once."""
    school, office, _pupil, _contact = world
    for purposes in ([P.WEBSITE], []):
        consent = record_consent(
            school=school, actor=office, at=at, adult=office, mode="paper", said_by=office.full_name, purposes=purposes
        )
    assert (consent.basis, consent.state) == (ConsentBasis.ADULT, C.WITHDRAWN)
    assert ImageConsent.objects.count() == 1


def test_parents_answer_apart_and_the_stricter_answer_holds(world: Any, at: datetime) -> None:
    """AG-5: each parent's answer stands by itself; where they disagree it is a no, and staff see that they do."""
    school, office, pupil, _contact = world
    parent_says(pupil, office, at, [P.WEBSITE])
    stands = standings_of(school, [pupil], at.date())[pupil.pk]
    assert stands.allows(P.WEBSITE) and not stands.differs(P.WEBSITE)
    parent_says(pupil, office, at, [], surname="Okafor")
    stands = standings_of(school, [pupil], at.date())[pupil.pk]
    assert not stands.allows(P.WEBSITE)
    assert stands.differs(P.WEBSITE)


def test_withdrawal_tells_those_who_publish_at_once_and_names_nobody(world: Any, at: datetime) -> None:
    """NOT-24, CON-05: photographers, account managers and who planned a use with this pupil; without any of them the
    head. The subject names no one."""
    school, office, pupil, _contact = world
    head, teacher, planner = (make_user(role, school) for role in ("headteacher", "teacher", "teacher"))
    consent = parent_says(pupil, office, at, [P.WEBSITE, P.PRINT])
    leave = {"school": school, "actor": office, "at": at, "consent": consent, "mode": "desk", "said_by": "Ann Parent"}
    withdraw_consent(**leave, purposes=[P.PRINT])
    assert [one.recipient for one in Notice.objects.all()] == [head]
    make_use(school, planner, at, [pupil])
    duty = name_publishing_duty(
        school=school, actor=office, at=at, user=teacher, kind=PublishingDutyKind.PHOTOGRAPHS, starts_on=at.date()
    )
    with pytest.raises(DutyHeldAlready):
        name_publishing_duty(
            school=school, actor=office, at=at, user=teacher, kind=duty.kind, starts_on=at.date()
        )  # fmt: skip
    withdraw_consent(**leave)
    told = list(Notice.objects.exclude(recipient=head))
    assert {one.recipient for one in told} == {teacher, planner}
    assert all(one.urgency == "urgent" and one.created_at == at for one in told)
    for one in told:
        assert pupil.legal_surname not in one.subject + one.body + one.url
    end_publishing_duty(school=school, actor=office, at=at, duty=duty)
    parent_says(pupil, office, at, [P.WEBSITE])
    withdraw_consent(**leave | {"at": at + timedelta(days=1)})
    assert Notice.objects.filter(recipient=teacher).count() == 1, "the duty ended the day before"


def test_consents_run_out_each_morning_and_may_be_asked_anew(world: Any, at: datetime) -> None:
    """Matrix 4.15: expired the day after its last day; asked again, and answered."""
    school, office, pupil, contact = world
    consent = parent_says(pupil, office, at, [P.WEBSITE], contact=contact, ends_on=at.date())
    assert run_out_consents(school=school, at=at) == 0
    with time_machine.travel(at + timedelta(days=1), tick=False):
        assert run_out_image_consents() == 1
        assert (fresh(consent).state, fresh(consent).purposes) == (C.EXPIRED, [])
        assert run_out_image_consents() == 0
    other = make_contact(pupil, has_parental_responsibility=True)
    ask_for_consent(school=school, actor=office, at=at, pupil=pupil, contacts=[contact, other])
    assert fresh(consent).state == ImageConsent.objects.get(contact=other).state == C.ASKED
    assert not standings_of(school, [pupil], at.date())[pupil.pk].is_answered
    assert parent_says(pupil, office, at, [], contact=contact).state == C.REFUSED


def decide(school: School, head: User, at: datetime, row: Any, **given: Any) -> Any:
    values: dict[str, Any] = {
        "may_decide": True, "grounds": ["age", "understanding"], "parents": "asked", "reason": "She explained it well.",
    } | given  # fmt: skip
    return decide_own_consent(school=school, actor=head, at=at, own_decision=row, **values)


@pytest.mark.parametrize("preset", PRESETS)
def test_own_consent_rests_on_the_heads_decision_or_is_refused_by_the_rule(preset: str, at: datetime) -> None:
    """CON-03, under every preset: a parent's rule refuses and is named; otherwise only the head's decision, in effect,
    lets a pupil answer; age alone is refused; where the rules are silent the decision is kept."""
    school = make_school(preset=preset)
    with scope(school=school):
        pupil, office, head = make_pupil(school), make_user("office", school), make_user("headteacher", school)
        says = {"school": school, "actor": office, "at": at, "pupil": pupil, "mode": "desk", "said_by": "Self"}
        if preset == "primary-online-safety":
            for act in (
                lambda: record_consent(**says, purposes=[P.WEBSITE]),
                lambda: ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="To be in the film."),
            ):
                with pytest.raises(ParentGivesConsent) as refused:
                    act()
                assert refused.value.rule == "image_consent_giver"
            return
        row = ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="To be in the film.")
        with pytest.raises(AskedAlready):
            ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="Again.")
        with pytest.raises(NotPermitted):
            decide(school, office, at, row)
        with pytest.raises(AgeAloneNeverDecides) as alone:
            decide(school, head, at, row, grounds=["age"])
        assert "13" in alone.value.message
        assert Entry.objects.filter(detail__refusal="age_alone_never_decides").exists()
        decide(school, head, at, row)
        with pytest.raises(OwnDecisionNeeded):
            record_consent(**says, purposes=[P.WEBSITE])
        apply_own_consent(school=school, actor=office, at=at, own_decision=row)
        consent = record_consent(**says, purposes=[P.WEBSITE])
        assert (consent.basis, consent.decision_id) == (ConsentBasis.OWN, row.pk)
        assert standings_of(school, [pupil], at.date())[pupil.pk].allows(P.WEBSITE)
        kept = RecordedDecision.objects.filter(key="image_consent_giver").count()
        assert kept == (1 if preset in GIVER_OPEN else 0)
        later = ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="No longer.")
        apply_own_consent(
            school=school, actor=office, at=at + timedelta(hours=1),
            own_decision=decide(school, head, at, later, may_decide=False),
        )  # fmt: skip
        assert not standings_of(school, [pupil], at.date())[pupil.pk].allows(P.WEBSITE)


def test_database_keeps_age_alone_out_and_events_as_they_are(world: Any, at: datetime) -> None:
    """CON-03 and law AG-4, from the other side: past the operations the database refuses."""
    school, office, pupil, _contact = world
    row = ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="To be in the film.")
    row.state, row.decided_at, row.decided_by = OwnConsentState.DECIDED, at, office
    row.may_decide, row.reason, row.parents, row.grounds = True, "Is 14.", "asked", ["age"]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    parent_says(pupil, office, at, [P.WEBSITE])
    with pytest.raises(Exception, match=r"permission denied|append-only"), transaction.atomic():
        ConsentEvent.objects.update(note="Otherwise")


def test_moves_that_the_table_lacks_are_refused_by_the_operations(world: Any, at: datetime) -> None:
    """Matrix 4.15: what was decided is not decided twice, and nothing comes into effect before it was decided."""
    school, office, pupil, _contact = world
    head = make_user("headteacher", school)
    row = ask_own_consent(school=school, actor=office, at=at, pupil=pupil, wish="To be in the film.")
    with pytest.raises(MoveNotPossible):
        apply_own_consent(school=school, actor=office, at=at, own_decision=row)
    decide(school, head, at, row)
    with pytest.raises(MoveNotPossible):
        decide(school, head, at, row)
    apply_own_consent(school=school, actor=office, at=at, own_decision=row)
    with pytest.raises(MoveNotPossible):
        apply_own_consent(school=school, actor=office, at=at, own_decision=row)


def test_standings_cost_the_same_for_one_and_for_many(world: Any, at: datetime) -> None:
    school, office, pupil, _contact = world
    pupils: list[Pupil] = [pupil, make_pupil(school), make_pupil(school)]
    for one in pupils:
        parent_says(one, office, at, [P.WEBSITE])
    standings_of(school, pupils[:1], at.date())
    counts = []
    for many in (pupils[:1], pupils):
        with CaptureQueriesContext(connection) as taken:
            standings_of(school, many, at.date())
        counts.append(len(taken))
    assert counts[0] == counts[1]


def test_signing_a_consent_form_records_each_answer_and_taking_it_back_withdraws(world: Any, at: datetime) -> None:
    """CON-01, AG-4: the answers of a signed form are the giver's; taken back they are withdrawn; a no is a no."""
    school, office, pupil, contact = world
    form = make_agreement(school, office, at, pupil=pupil, version=make_version(school, AgreementKind.IMAGE_CONSENT))
    answers = {one.value: "yes" if one in (P.WEBSITE, P.OTHER) else "no" for one in P}
    signature = sign_as(form, "parent", office, at, choices=answers)
    consent = ImageConsent.objects.get(pupil=pupil, contact=contact)
    assert (consent.state, consent.purposes, consent.signature) == (C.GIVEN, [P.WEBSITE], signature)
    sign_as(form, "parent", office, at + timedelta(minutes=1), decision="takes_back")
    assert fresh(consent).state == C.WITHDRAWN
    other = make_pupil(school)
    second = make_contact(other, has_parental_responsibility=True)
    again = make_agreement(school, office, at, pupil=other, version=form.template_version)
    sign_as(again, "parent", office, at, decision="declines")
    assert ImageConsent.objects.get(contact=second).state == C.REFUSED
