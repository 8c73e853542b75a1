"""Signing: who has to, in any order, and what each signature makes of the agreement (matrix 4.13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from agreements.enums import AgreementKind, AgreementState
from agreements.models import Agreement, DocumentJob
from agreements.operations.refusals import (
    IssuedAlready,
    NoLongerAsked,
    NothingToSign,
    NotYoursToSign,
    SignedAlready,
    StatementsMissing,
    WhoSignsOpen,
)
from core.people.models import Pupil, School, User
from core.rules.models import RecordedDecision
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

pytestmark = pytest.mark.django_db
A = AgreementState


@pytest.fixture
def world(at: datetime) -> tuple[School, User, Pupil]:
    school = make_school(preset="phone-free-agreement")
    make_user("headteacher", school)
    form = make_form(school, tutor=make_user("form_tutor", school))
    pupil = make_pupil(school, form=form)
    make_contact(pupil, has_parental_responsibility=True)
    make_contact(pupil, "Okafor", forename="Ada", has_parental_responsibility=True)
    return school, make_user("office", school), pupil


def fresh(agreement: Agreement) -> Agreement:
    with scope(school=agreement.school):
        return Agreement.objects.get(pk=agreement.pk)


def test_issue_freezes_wording_and_asks_whom_the_rules_name(world: Any, at: datetime) -> None:
    """AGR-01, AGR-02, AGR-03: header from the records, the four signatories of the rule, each parent apart (AG-5)."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    assert agreement.state == A.ISSUED
    assert agreement.wording["about"]["name"] == pupil.display_name
    assert agreement.wording["groups"][1]["clauses"][0]["text"] == "The school listens to pupils."
    with scope(school=school):
        asked = [(row.capacity, row.name) for row in agreement.signatories.all()]
    assert [one for one, _name in asked] == ["pupil", "parent", "parent", "headteacher", "form_tutor"]
    assert agreement.needed == [["pupil"], ["parent"], ["headteacher"], ["form_tutor"]]


def test_agreement_is_complete_only_when_all_have_signed_in_any_order(world: Any, at: datetime) -> None:
    """AGR-02, ROC-S9: any order, each with an own date; then in force, and its document is asked for once."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    for minutes, capacity in enumerate(("form_tutor", "parent", "headteacher")):
        sign_as(agreement, capacity, office, at + timedelta(minutes=minutes))
        assert fresh(agreement).state == A.PARTLY_SIGNED
    sign_as(agreement, "pupil", office, at + timedelta(days=1))
    done = fresh(agreement)
    assert (done.state, done.in_force_on) == (A.IN_FORCE, (at + timedelta(days=1)).date())
    with scope(school=school):
        (job,) = DocumentJob.objects.filter(agreement=agreement)
    assert [block["signed"] for block in job.snapshot["blocks"]] == [True, True, False, True, True]
    with pytest.raises(SignedAlready):
        sign_as(agreement, "pupil", office, at + timedelta(days=2))
    sign_as(agreement, "parent", office, at + timedelta(days=2), number=1)
    with scope(school=school):
        assert DocumentJob.objects.filter(agreement=agreement).count() == 2


def test_it_begins_on_its_day_and_not_before(world: Any, at: datetime) -> None:
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil, starts_on=(at + timedelta(days=9)).date())
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, office, at)
    assert fresh(agreement).state == A.COMPLETE


def test_no_is_an_answer_and_may_change(world: Any, at: datetime) -> None:
    """AGR-26, AG-1: one parent’s no leaves the other’s yes; both make it refused; each may think again."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    sign_as(agreement, "parent", office, at, decision="declines", reason="")
    assert fresh(agreement).state == A.ISSUED
    sign_as(agreement, "parent", office, at, number=1, decision="declines", reason="Too strict")
    assert fresh(agreement).state == A.REFUSED
    sign_as(agreement, "parent", office, at)
    assert fresh(agreement).state == A.PARTLY_SIGNED


def test_taking_back_reopens_or_ends(world: Any, at: datetime) -> None:
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    sign_as(agreement, "parent", office, at)
    sign_as(agreement, "parent", office, at, decision="takes_back")
    assert fresh(agreement).state == A.ISSUED
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, office, at)
    sign_as(agreement, "pupil", office, at, decision="takes_back")
    assert fresh(agreement).state == A.WITHDRAWN
    with pytest.raises(NothingToSign):
        sign_as(agreement, "pupil", office, at)


def test_a_newer_one_supersedes_when_it_comes_into_force(world: Any, at: datetime) -> None:
    school, office, pupil = world
    version = make_version(school)
    old = make_agreement(school, office, at, pupil=pupil, version=version)
    with pytest.raises(IssuedAlready):
        make_agreement(school, office, at, pupil=pupil, version=version)
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(old, capacity, office, at)
    new = make_agreement(school, office, at, pupil=pupil, version=make_version(school, template=version.template))
    assert fresh(old).state == A.IN_FORCE
    for capacity in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(new, capacity, office, at)
    assert (fresh(old).state, fresh(old).superseded_by_id) == (A.SUPERSEDED, new.pk)


@pytest.mark.parametrize(
    ("preset", "capacities", "state"),
    [
        ("group-locked-storage", ["parent"], A.IN_FORCE),  # BEL-S6: one of the two is enough
        ("primary-by-agreement", ["parent"], A.PARTLY_SIGNED),  # BAR-S4: both are needed
        ("primary-by-agreement", ["parent", "pupil"], A.IN_FORCE),
    ],
)
def test_exceptional_use_is_agreed_by_whom_the_rule_says(
    preset: str, capacities: list[str], state: str, at: datetime
) -> None:
    """AGR-14 on this side, BEL-S6 and BAR-S4: the signing part."""
    school = make_school(preset=preset)
    office, pupil = make_user("office", school), make_pupil(school)
    make_contact(pupil)
    version = make_version(school, AgreementKind.EXCEPTIONAL_USE)
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    for capacity in capacities:
        sign_as(agreement, capacity, office, at)
    assert fresh(agreement).state == state


def test_where_the_rules_are_silent_a_person_says_who_signs(at: datetime) -> None:
    """0.3: no rule, so a decision with its reason, on record."""
    school = make_school(preset="primary-online-safety")
    office, pupil = make_user("office", school), make_pupil(school)
    make_contact(pupil)
    version = make_version(school, AgreementKind.EXCEPTIONAL_USE)
    with pytest.raises(WhoSignsOpen):
        make_agreement(school, office, at, pupil=pupil, version=version)
    agreement = make_agreement(
        school, office, at, pupil=pupil, version=version, signatories=["parent"], reason="The head said so."
    )
    assert agreement.needed == [["parent"]]
    with scope(school=school):
        assert RecordedDecision.objects.get().decision == "Parent or carer"


def test_signing_is_refused_to_whom_it_is_not_for(world: Any, at: datetime) -> None:
    """AG-5, AG-2: a contact who may not be told, a person in another capacity, a statement left out."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    with pytest.raises(StatementsMissing):
        sign_as(agreement, "parent", office, at, ticked=[])
    with pytest.raises(NotYoursToSign):
        sign_as(agreement, "headteacher", office, at, mode="account")
    with scope(school=school):
        row = agreement.signatories.filter(capacity="parent").first()
        row.contact.may_collect, row.contact.do_not_inform = False, True
        row.contact.stamp(by=None, at=at)
        row.contact.save()
    with pytest.raises(NoLongerAsked):
        sign_as(agreement, "parent", office, at)
