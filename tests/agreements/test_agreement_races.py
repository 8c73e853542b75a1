"""Two writers at once, on real connections, wherever the room of agreements has something that must be so once.

Each case makes its records afresh, starts its acts together, and says what may come of them; all cases share one
school, so that the database is emptied once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django_scopes import scope

from agreements.enums import AgreementState, SignatoryState
from agreements.models import (
    AccessGrant,
    AccessSystem,
    Agreement,
    AgreementEvent,
    ConsentEvent,
    DeclarationConsultation,
    DocumentJob,
    ImageConsent,
    ImageUse,
    OwnConsentDecision,
    PublishingDuty,
    PupilPromise,
    Signature,
    SigningLink,
)
from agreements.operations.access_register import add_system, end_access, suspend_access
from agreements.operations.asking import ask_also
from agreements.operations.conduct import advise, consult, decide_declaration
from agreements.operations.consent_giving import record_consent, withdraw_consent
from agreements.operations.consent_telling import name_publishing_duty
from agreements.operations.disclosures import decide_disclosure
from agreements.operations.ending import end_agreement, withdraw_agreement
from agreements.operations.equipment import withdraw_equipment
from agreements.operations.image_uses import plan_use, publish_use
from agreements.operations.issuing import issue_agreement
from agreements.operations.links import send_links
from agreements.operations.own_consent import ask_own_consent, decide_own_consent
from agreements.operations.promises import end_promise, promise
from core.notices.models import Notice
from core.people.models import User
from policies.models import Acknowledgement
from policies.operations import read_and_acknowledge, record_contact_acknowledgement
from tests.agreements.racing import World
from tests.agreements.test_access import acknowledge
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_user
from tests.factories.agreements import sign_as, signatory_of
from tests.factories.consents import make_use, parent_says

pytestmark = pytest.mark.django_db(transaction=True)
A = AgreementState
TIMES = 2  # each case anew so often: two threads do not always meet
Acts = list[Callable[[], Any]]
# The acts, what may come of them as sorted names of types, and what must hold afterwards.
Case = tuple[Acts, list[list[str]], Callable[[], bool]]


@pytest.fixture
def world(at: datetime) -> Iterator[World]:
    made = World(at)
    with scope(school=made.school):
        yield made


def promised_twice(world: World) -> Case:
    """AGR-27"""
    pupil, *_ = world.family()

    def act() -> Any:
        return promise(**world.by("office"), pupil=pupil, text="Time out", starts_on=world.today)

    return (
        [act, act],
        [["PromisedAlready", "PupilPromise"]],
        lambda: PupilPromise.objects.filter(pupil=pupil).count() == 1,
    )


def promise_ended_twice(world: World) -> Case:
    """AGR-27"""
    row = promise(**world.by("office"), pupil=world.family()[0], text="Time out", starts_on=world.today)

    def act() -> Any:
        return end_promise(**world.by("office"), promised=row)

    return [act, act], [["PromiseOver", "PupilPromise"]], lambda: True


def acknowledged_twice(world: World) -> Case:
    """AGR-18, AGR-21: by a member of staff for themselves, for a pupil, and for a parent."""
    pupil, contact, _ = world.family()
    reader = make_user("teacher", world.school)

    def own() -> Any:
        return read_and_acknowledge(**world.by("office") | {"actor": reader}, version=world.rules)

    def of_parent() -> Any:
        return record_contact_acknowledgement(
            **world.by("office"), contact=contact, version=world.rules, method="meeting", talked_over=True
        )

    def holds() -> bool:
        found = (Acknowledgement.objects.filter(**one).count() for one in ({"user": reader}, {"contact": contact}))
        return list(found) == [1, 1] and Acknowledgement.objects.filter(pupil=pupil).count() == 1

    def of_pupil() -> Any:
        return acknowledge(pupil, world.office, world.at, world.rules)

    return [own, own, of_parent, of_parent, of_pupil, of_pupil], [["Acknowledgement"] * 6], holds


def consulted_twice(world: World) -> Case:
    """STA-10: nobody is consulted twice."""
    row = world.declaration()

    def act() -> Any:
        return consult(**world.by("teacher"), declaration=row, people=[world.cast["dsl"]])

    asked = DeclarationConsultation.objects.filter(declaration=row)
    return [act, act], [["NobodyToConsult", "RelationshipDeclaration"]], lambda: asked.count() == 1


def advised_twice(world: World) -> Case:
    """STA-10: the first advice stands."""
    row = world.declaration("dsl")

    def act() -> Any:
        return advise(**world.by("dsl"), declaration=row, advice=f"Advice {uuid4()}")

    return [act, act], [["NotYourDeclaration", "RelationshipDeclaration"]], lambda: True


def decided_twice(world: World) -> Case:
    """STA-10: decided once, by one of those consulted."""
    row = world.declaration("dsl", "headteacher")
    for role in ("dsl", "headteacher"):
        advise(**world.by(role), declaration=row, advice="Be open about it.")

    def act(role: str) -> Callable[[], Any]:
        return lambda: decide_declaration(**world.by(role), declaration=row, decision=role, reason="As agreed.")

    steps = row.events.filter(to_state="decided")
    return (
        [act("dsl"), act("headteacher")],
        [["MoveNotPossible", "RelationshipDeclaration"]],
        lambda: steps.count() == 1,
    )


def password_allowed_and_refused(world: World) -> Case:
    """SDV-11: two who may decide decide otherwise: the first stands."""
    row = world.request()

    def act(actor: User, allow: bool) -> Callable[[], Any]:
        given = world.by("office") | {"actor": actor}
        return lambda: decide_disclosure(**given, disclosure=row, allow=allow, reason="As I see it.")

    acts = [act(world.cast["systems_manager"], True), act(world.other_manager, False)]
    return acts, [["MoveNotPossible", "PasswordDisclosure"]], lambda: True


def equipment_withdrawn_twice(world: World) -> Case:
    """SDV-08"""
    row = world.authorisation()

    def act() -> Any:
        return withdraw_equipment(**world.by("headteacher"), use=row, reason=f"Over {uuid4()}")

    return [act, act], [["EquipmentUse", "WithdrawnAlready"]], lambda: True


def consent_changed_and_withdrawn(world: World) -> Case:
    """CON-05, matrix 4.15: one after the other, each from where the other left it; nobody's answer is lost."""
    pupil, contact, _ = world.family()
    consent = parent_says(pupil, world.office, world.at, ["website", "print"], contact=contact)

    def change() -> Any:
        return record_consent(
            **world.by("office"), pupil=pupil, contact=contact, mode="desk", said_by="Dana", purposes=["print"]
        )

    def withdraw() -> Any:
        return withdraw_consent(**world.by("office"), consent=consent, mode="desk", said_by="Dana")

    def holds() -> bool:
        events = list(ConsentEvent.objects.filter(consent=consent).order_by("pk"))
        chain = all(one.to_state == two.from_state for one, two in pairwise(events))
        return chain and len(events) == 3 and ImageConsent.objects.get(pk=consent.pk).state == events[-1].to_state

    return [change, withdraw], [["ImageConsent", "ImageConsent"]], holds


def use_planned_while_withdrawn(world: World) -> Case:
    """CON-02, CON-05: planned before and its planner told, or refused."""
    pupil, contact, _ = world.family()
    consent = parent_says(pupil, world.office, world.at, ["website"], contact=contact)

    def plan() -> Any:
        return plan_use(**world.by("teacher"), purpose="website", title="Sports day", pupils=[pupil])

    def withdraw() -> Any:
        return withdraw_consent(**world.by("office"), consent=consent, mode="desk", said_by="Dana")

    def holds() -> bool:
        planned = ImageUse.objects.filter(pupils__pupil=pupil).exists()
        event = ConsentEvent.objects.filter(consent=consent).latest("pk")
        key = f"agreements.consent_ended.{event.pk}"
        told = Notice.objects.filter(recipient=world.cast["teacher"], dedupe_key__startswith=key).exists()
        return told if planned else True

    return [plan, withdraw], [["ImageConsent", "ImageUse"], ["ImageConsent", "NotConsentedTo"]], holds


def published_twice(world: World) -> Case:
    """CON-12"""
    pupil, contact, _ = world.family()
    parent_says(pupil, world.office, world.at, ["website"], contact=contact)
    use = make_use(world.school, world.cast["teacher"], world.at, [pupil])

    def act() -> Any:
        return publish_use(**world.by("teacher"), image_use=use)

    return [act, act], [["ImageUse", "MoveNotPossible"]], lambda: True


def own_consent_asked_twice(world: World) -> Case:
    """CON-03: one question at a time."""
    pupil, *_ = world.family()

    def act() -> Any:
        return ask_own_consent(**world.by("teacher"), pupil=pupil, wish="The film")

    asked = OwnConsentDecision.objects.filter(pupil=pupil)
    return [act, act], [["AskedAlready", "OwnConsentDecision"]], lambda: asked.count() == 1


def own_consent_decided_twice(world: World) -> Case:
    """CON-03"""
    row = ask_own_consent(**world.by("teacher"), pupil=world.family()[0], wish="The film")

    def act(may: bool) -> Callable[[], Any]:
        return lambda: decide_own_consent(
            **world.by("headteacher"), own_decision=row, may_decide=may, grounds=["maturity"], parents="asked",
            reason="As I see it.",
        )  # fmt: skip

    return [act(True), act(False)], [["MoveNotPossible", "OwnConsentDecision"]], lambda: True


def suspended_and_ended(world: World) -> Case:
    """AGR-20, matrix 4.14: in any order it has ended in the end."""
    grant = world.access()

    def suspend() -> Any:
        return suspend_access(**world.by("office"), grant=grant, reason="A pause")

    def end() -> Any:
        return end_access(**world.by("office"), grant=grant, reason="Over")

    row = AccessGrant.objects.filter(pk=grant.pk)
    return (
        [suspend, end],
        [["AccessGrant", "AccessGrant"], ["AccessGrant", "MoveNotPossible"]],
        lambda: row.get().state == "revoked",
    )


def system_named_twice(world: World) -> Case:
    """AGR-20"""
    name = f"Reading app {next(world.numbers)}"

    def act() -> Any:
        return add_system(**world.by("office"), name=name, kind="platform")

    return [act, act], [["AccessSystem", "SystemKnown"]], lambda: AccessSystem.objects.filter(name=name).count() == 1


def duty_named_twice(world: World) -> Case:
    """NOT-24"""
    user = make_user("teacher", world.school)

    def act() -> Any:
        return name_publishing_duty(**world.by("office"), user=user, kind="photographs", starts_on=world.today)

    held = PublishingDuty.objects.filter(user=user)
    return [act, act], [["DutyHeldAlready", "PublishingDuty"]], lambda: held.count() == 1


def issued_twice(world: World) -> Case:
    """AGR-01: one waits at a time."""
    pupil, *_ = world.family()

    def act() -> Any:
        return issue_agreement(**world.by("office"), version=world.version, pupil=pupil, starts_on=world.today)

    found = Agreement.objects.filter(pupil=pupil)
    return [act, act], [["Agreement", "IssuedAlready"]], lambda: found.count() == 1


def sent_twice(world: World) -> Case:
    """AGR-07: one link of an adult is open at a time."""
    row = signatory_of(world.agreement(), "parent")

    def act() -> Any:
        return send_links(**world.by("office"), signatories=[row])

    still_open = SigningLink.objects.filter(contact=row.contact_id, withdrawn_at__isnull=True)
    return [act, act], [["list", "list"]], lambda: still_open.count() == 1


def ended_while_signed(world: World) -> Case:
    """Matrix 4.13: over in the end; whoever signed did so before."""
    agreement = world.agreement("pupil", "parent", "headteacher", "form_tutor")
    assert agreement.pupil is not None
    other = ask_also(
        **world.by("office"), agreement=agreement, contact=make_contact(agreement.pupil, "Third", forename="Bo")
    )

    def end() -> Any:
        return end_agreement(**world.by("office"), agreement=agreement, reason="The child changed class.")

    return over(agreement, other.pk, end, A.ENDED)


def withdrawn_while_signed(world: World) -> Case:
    """Matrix 4.13, AG-1: nothing is signed that is over, and nobody who signed is called no longer asked."""
    agreement = world.agreement("pupil", "headteacher", "form_tutor")

    def withdraw() -> Any:
        return withdraw_agreement(**world.by("office"), agreement=agreement, reason="A mistake.")

    return over(agreement, signatory_of(agreement, "parent").pk, withdraw, A.WITHDRAWN)


def over(agreement: Agreement, key: int, end: Callable[[], Any], state: str) -> Case:
    number = [row.pk for row in agreement.signatories.filter(capacity="parent")].index(key)

    def sign() -> Any:
        with scope(school=agreement.school):
            return sign_as(
                agreement, "parent", User.objects.get(pk=agreement.issued_by_id), agreement.issued_at, number=number
            )  # type: ignore[arg-type]

    def holds() -> bool:
        row = agreement.signatories.get(pk=key)
        last = AgreementEvent.objects.filter(agreement=agreement).latest("pk")
        signed = Signature.objects.filter(signatory=key).exists()
        return Agreement.objects.get(pk=agreement.pk).state == state == last.to_state and row.state == (
            SignatoryState.SIGNED if signed else SignatoryState.NOT_ASKED
        )

    refused = [["Agreement", "NoLongerAsked"], ["Agreement", "NothingToSign"]]
    return [sign, end], [["Agreement", "Signature"], *refused], holds


def the_last_two_sign(world: World) -> Case:
    """AGR-02, AGR-06: complete once, in force once, and one document is asked for."""
    agreement = world.agreement("pupil", "parent")

    def act(capacity: str) -> Callable[[], Any]:
        return lambda: sign_as(agreement, capacity, world.office, world.at)

    def holds() -> bool:
        kinds = list(AgreementEvent.objects.filter(agreement=agreement).values_list("kind", flat=True))
        jobs = list(DocumentJob.objects.filter(agreement=agreement))
        signed = [block["signed"] for job in jobs for block in job.snapshot["blocks"]]
        return (kinds.count("completed"), kinds.count("started"), len(jobs)) == (1, 1, 1) and signed.count(True) == 4

    return [act("headteacher"), act("form_tutor")], [["Signature", "Signature"]], holds


CASES = (
    promised_twice, promise_ended_twice, acknowledged_twice, consulted_twice, advised_twice, decided_twice,
    password_allowed_and_refused, equipment_withdrawn_twice, consent_changed_and_withdrawn, use_planned_while_withdrawn,
    published_twice, own_consent_asked_twice, own_consent_decided_twice, suspended_and_ended, system_named_twice,
    duty_named_twice, issued_twice,  sent_twice, ended_while_signed, withdrawn_while_signed,
    the_last_two_sign,
)  # fmt: skip


def test_two_writers_at_once_end_in_one_true_record(world: World) -> None:
    """AGR-01, AGR-02, AGR-06, AGR-18, AGR-20, AGR-27, CON-02, CON-03, CON-05, CON-12, SDV-08, SDV-11, STA-10: see each
    case; whoever comes second is refused in a sentence, or follows on."""
    wrong: list[str] = []
    for case in CASES:
        for _time in range(TIMES):
            acts, may_come, holds = case(world)
            names = sorted(type(one).__name__ for one in at_once(world.school, *acts))
            if names not in may_come or not holds():
                wrong.append(f"{case.__name__}: {names}")
    assert not wrong, "\n".join(wrong)
