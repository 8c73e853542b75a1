"""Consents, uses of images, access, declarations, password requests: every state, every act (matrix 4.11, 4.14, 4.15).

As `test_every_move` does it for agreements: where the table leads, or refused in a sentence; and each pair by some act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from agreements.enums import (
    AccessState,
    ConsentState,
    DeclarationState,
    DisclosureState,
    ImageUseState,
    OwnConsentState,
)
from agreements.models import (
    AccessGrant,
    DeclarationConsultation,
    ImageConsent,
    ImageUse,
    ImageUsePupil,
    OwnConsentDecision,
    PasswordDisclosure,
    RelationshipDeclaration,
)
from agreements.operations.access_register import (
    add_system,
    close_ended_access,
    end_access,
    end_system,
    resume_access,
    suspend_access,
)
from agreements.operations.conduct import (
    advise,
    close_declaration,
    consult,
    decide_declaration,
    mark_review_due,
    put_on_record,
)
from agreements.operations.consent_giving import ask_for_consent, record_consent, run_out_consents, withdraw_consent
from agreements.operations.disclosures import confirm_disclosed, confirm_reset, decide_disclosure
from agreements.operations.image_uses import cancel_use, leave_out, publish_use, record_takedown
from agreements.operations.own_consent import apply_own_consent, decide_own_consent
from core.people.models import Pupil, School, User
from tests.agreements.test_access import acknowledge, publish
from tests.agreements.test_every_move import gone
from tests.agreements.test_tables_of_moves import (
    ACCESS,
    CONSENT,
    DECLARATION,
    DISCLOSURE,
    IMAGE_USE,
    OWN_CONSENT,
)
from tests.devices.test_every_move import pairs_of
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.consents import parent_says

Act = Callable[[Any], object]


class World:
    """A school with everybody who acts, and a pupil whose parent is asked."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.school: School = make_school(preset="image-and-conduct")
        self.cast: dict[str, User] = {
            role: make_user(role, self.school)
            for role in ("office", "headteacher", "systems_manager", "slt", "dsl", "teacher")
        }
        self.pupil: Pupil = make_pupil(self.school, form=make_form(self.school))
        self.parent = make_contact(self.pupil, "Parent", forename="Ann", has_parental_responsibility=True)

    def by(self, role: str) -> dict[str, Any]:
        return {"school": self.school, "actor": self.cast[role], "at": self.at}

    def saved(self, row: Any) -> Any:
        """A row as only the owner of a database could put it there."""
        row.stamp(by=self.cast["office"], at=self.at)
        row.save()
        return row


@pytest.fixture
def world(db: None, at: datetime) -> Any:
    made = World(at)
    with scope(school=made.school):
        yield made


def all_gone(world: World, states: Any, table: str, stand: Callable[[Any], Any], acts: dict[str, Act]) -> None:
    allowed = pairs_of(table)
    assert sorted(allowed - gone(states, stand, acts, allowed)) == []


def test_a_consent_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.15, CON-01, CON-05: asked, answered so and otherwise, taken back whole and in part, run out."""
    live = (ConsentState.GIVEN, ConsentState.CHANGED)

    def stand(state: str) -> ImageConsent:
        return world.saved(
            ImageConsent(
                school=world.school, pupil=world.pupil, contact=world.parent, basis="parent", giver_name="Ann Parent",
                state=state, purposes=["print", "website"] if state in live else [], asked_at=at,
                answered_at=None if state == ConsentState.ASKED else at, ends_on=at.date(),
            )
        )  # fmt: skip

    def says(*purposes: str) -> Act:
        return lambda row: record_consent(
            **world.by("office"), pupil=world.pupil, contact=world.parent, mode="paper", said_by="Ann Parent",
            purposes=purposes, ends_on=at.date(),
        )  # fmt: skip

    given = {"mode": "desk", "said_by": "Ann Parent"}
    acts: dict[str, Act] = {
        "yes as before": says("print", "website"),
        "yes otherwise": says("print"),
        "no": says(),
        "taken back": lambda row: withdraw_consent(**world.by("office"), consent=row, **given),
        "taken back in part": lambda row: withdraw_consent(
            **world.by("office"), consent=row, purposes=["website"], **given
        ),
        "asked again": lambda row: ask_for_consent(**world.by("office"), pupil=world.pupil, contacts=[world.parent]),
        "ran out": lambda row: run_out_consents(school=world.school, at=at + timedelta(days=1)),
    }
    all_gone(world, ConsentState, CONSENT, stand, acts)


def test_a_decision_on_own_consent_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.15, CON-03: decided once, by the head; in effect once."""

    def stand(state: str) -> OwnConsentDecision:
        decided: dict[str, Any] = {} if state == OwnConsentState.ASKED else {
            "decided_at": at, "decided_by": world.cast["headteacher"], "may_decide": True, "reason": "As she said.",
            "parents": "asked", "grounds": ["understanding"],
        }  # fmt: skip
        if state == OwnConsentState.APPLIED:
            decided |= {"applied_at": at, "applied_by": world.cast["office"]}
        return world.saved(
            OwnConsentDecision(
                school=world.school, pupil=world.pupil, state=state, asked_at=at, asked_by=world.cast["teacher"],
                wish="I want to be in the film.", **decided,
            )
        )  # fmt: skip

    said: dict[str, Any] = {"may_decide": True, "parents": "asked", "reason": "She explained it."}
    acts: dict[str, Act] = {
        "decide": lambda row: decide_own_consent(
            **world.by("headteacher"), own_decision=row, grounds=["understanding"], **said
        ),
        "by age": lambda row: decide_own_consent(**world.by("headteacher"), own_decision=row, grounds=["age"], **said),
        "apply": lambda row: apply_own_consent(**world.by("office"), own_decision=row),
    }
    all_gone(world, OwnConsentState, OWN_CONSENT, stand, acts)


def test_a_use_of_images_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.15, CON-05, CON-12: published once, cancelled before, taken down after."""
    consent = parent_says(world.pupil, world.cast["office"], at, ["website"], contact=world.parent)

    def stand(state: str) -> ImageUse:
        published = state in (ImageUseState.PUBLISHED, ImageUseState.TAKEN_DOWN)
        use: ImageUse = world.saved(
            ImageUse(
                school=world.school, purpose="website", title="Sports day", state=state, checked_at=at,
                checked_by=world.cast["teacher"], rules_version=1, published_at=at if published else None,
                published_by=world.cast["teacher"] if published else None,
            )
        )  # fmt: skip
        ImageUsePupil(school=world.school, image_use=use, pupil=world.pupil, consents=[consent.pk]).save()
        return use

    def takes_down(whole: bool) -> Act:
        return lambda row: record_takedown(
            **world.by("teacher"), image_use=row, pupil=world.pupil, where="News page", outcome="removed", whole=whole
        )

    acts: dict[str, Act] = {
        "publish": lambda row: publish_use(**world.by("teacher"), image_use=row),
        "cancel": lambda row: cancel_use(**world.by("teacher"), image_use=row),
        "leave out": lambda row: leave_out(**world.by("teacher"), image_use=row, pupil=world.pupil),
        "one place": takes_down(False),
        "taken down": takes_down(True),
    }
    all_gone(world, ImageUseState, IMAGE_USE, stand, acts)


def test_an_access_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.14, AGR-19, AGR-20: stopped, taken up again, ended: by hand, with its system, with its last day."""
    office = world.cast["office"]
    given = acknowledge(world.pupil, office, at, publish(world.school, at))
    system = add_system(school=world.school, actor=None, at=at, name="Internet", kind="internet")

    def stand(state: str) -> AccessGrant:
        ended, stopped = state == AccessState.REVOKED, state == AccessState.SUSPENDED
        return world.saved(
            AccessGrant(
                school=world.school, pupil=world.pupil, category="pupil", system=system, state=state,
                acknowledgement=given, acknowledged_at=at, granted_at=at, granted_by=office, ends_on=at.date(),
                suspended_at=at if stopped else None, suspended_because="A pause." if stopped else "",
                revoked_at=at if ended else None, revoked_because="Over." if ended else "",
            )
        )  # fmt: skip

    acts: dict[str, Act] = {
        "suspend": lambda row: suspend_access(**world.by("office"), grant=row, reason="A pause."),
        "resume": lambda row: resume_access(**world.by("office"), grant=row),
        "end": lambda row: end_access(**world.by("office"), grant=row, reason="Over."),
        "system ends": lambda row: end_system(**world.by("office"), system=system),
        "last day": lambda row: close_ended_access(school=world.school, at=at + timedelta(days=1)),
    }
    all_gone(world, AccessState, ACCESS, stand, acts)


def test_a_declaration_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.11, STA-10, SOC-11: consulted about, advised on, decided, put on record, due, confirmed, closed."""
    leader, later = world.cast["slt"], (at + timedelta(days=90)).date()

    def stand(state: str, *, advised: bool = True) -> RelationshipDeclaration:
        decided = state in (DeclarationState.DECIDED, DeclarationState.RECORDED, DeclarationState.REVIEW_DUE)
        noted = state in (DeclarationState.RECORDED, DeclarationState.REVIEW_DUE)
        closed = state == DeclarationState.CLOSED
        row: RelationshipDeclaration = world.saved(
            RelationshipDeclaration(
                school=world.school, declarer=world.cast["teacher"], context="devices", nature="family",
                parties="A cousin", circumstances="We share a chat.", since="Always", consult="unspecified",
                state=state, declared_at=at, rules_version=1, decision="Agreed." if decided else "",
                decided_at=at if decided else None, decided_by=leader if decided else None,
                recorded_at=at if noted else None, recorded_by=leader if noted else None,
                review_on=at.date() if noted else None, closed_at=at if closed else None,
                closed_by=leader if closed else None,
            )
        )  # fmt: skip
        world.saved(
            DeclarationConsultation(
                school=world.school, declaration=row, person=leader, role="slt", asked_at=at, asked_by=leader,
                advised_at=at if advised else None, advice="Be open about it." if advised else "",
            )
        )  # fmt: skip
        return row

    said: dict[str, Any] = {"decision": "Agreed.", "reason": "As agreed."}
    acts: dict[str, Act] = {
        "consult": lambda row: consult(
            **world.by("teacher"), declaration=row, people=[world.cast["dsl"]], reason="She knows them."
        ),
        "advise": lambda row: advise(**world.by("slt"), declaration=row, advice="Be open about it."),
        "decide": lambda row: decide_declaration(**world.by("slt"), declaration=row, **said),
        "decide on record": lambda row: decide_declaration(
            **world.by("slt"), declaration=row, on_record=True, review_on=later, **said
        ),
        "put on record": lambda row: put_on_record(**world.by("slt"), declaration=row, review_on=later),
        "close by declarer": lambda row: close_declaration(**world.by("teacher"), declaration=row, reason="Over."),
        "close": lambda row: close_declaration(**world.by("slt"), declaration=row, reason="Over."),
        "comes due": lambda row: mark_review_due(school=world.school, at=at),
    }
    all_gone(world, DeclarationState, DECLARATION, stand, acts)


def test_a_password_request_goes_where_its_table_leads_by_every_act(world: World, at: datetime) -> None:
    """Matrix 4.11, SDV-11: allowed or refused by the other of the two, disclosed by its holder, reset."""

    def stand(state: str) -> PasswordDisclosure:
        decided = state != DisclosureState.REQUESTED
        reset = state == DisclosureState.PASSWORD_RESET
        return world.saved(
            PasswordDisclosure(
                school=world.school, holder=world.cast["teacher"], system="Mailbox", reason="Cover", state=state,
                requested_at=at, requested_by=world.cast["headteacher"], reset_by=at.date(),
                decided_at=at if decided else None, decided_by=world.cast["systems_manager"] if decided else None,
                decided_because="No need." if decided else "", reset_at=at if reset else None,
                reset_confirmed_by=world.cast["teacher"] if reset else None,
            )
        )  # fmt: skip

    acts: dict[str, Act] = {
        "allow": lambda row: decide_disclosure(**world.by("systems_manager"), disclosure=row, allow=True),
        "refuse": lambda row: decide_disclosure(
            **world.by("systems_manager"), disclosure=row, allow=False, reason="No need."
        ),
        "disclose": lambda row: confirm_disclosed(**world.by("teacher"), disclosure=row),
        "reset": lambda row: confirm_reset(**world.by("teacher"), disclosure=row),
    }
    all_gone(world, DisclosureState, DISCLOSURE, stand, acts)
