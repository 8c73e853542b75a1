"""A suspected image from report to close: what it sets off, what comes first, who may, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import Pupil, School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from devices.enums import State
from devices.models import EvidenceHold, PupilDevice
from devices.operations import add_device, seed_device_types
from incidents.enums import ImagePlace, ImageState, ImageTaskKind, IncidentType, PoliceDecision
from incidents.models import ImageCase, ImageTask, Incident, ViewingException
from incidents.operations import images
from incidents.operations.acknowledging import acknowledge_case
from incidents.operations.reporting import AccountMissing
from incidents.queries.images import emergency_blocks, referral_prompts
from incidents.workflow import IMAGE_MOVES, StepNotAllowed
from tests.factories.cases import make_case

MakeUser = Callable[..., User]


@pytest.fixture
def cast(school: School, make_user: MakeUser) -> dict[str, User]:
    roles = (Role.TEACHER, Role.DSL, Role.HEADTEACHER, Role.SYSTEMS_MANAGER)
    return {role.value: make_user(role) for role in roles}


@pytest.fixture
def phone(school: School, pupil: Pupil, at: datetime) -> PupilDevice:
    kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    return add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])


@pytest.fixture
def report(school: School, pupil: Pupil, cast: dict[str, User], at: datetime) -> Callable[..., Incident]:
    def make(place: str = ImagePlace.PERSONAL_DEVICE, **fields: Any) -> Incident:
        given: dict[str, Any] = {"account": "A pupil told me at break.", "pupils": [pupil], "not_secured": "At home."}
        return images.report_image(school=school, actor=cast["teacher"], at=at, place=place, **given | fields)

    return make


def task_of(incident: Incident, kind: ImageTaskKind) -> ImageTask:
    return ImageTask.objects.get(case__incident=incident, kind=kind)


def test_report_takes_and_holds_the_device_and_tells_the_team(
    school: School,
    pupil: Pupil,
    phone: PupilDevice,
    cast: dict[str, User],
    at: datetime,
    report: Callable[..., Incident],
) -> None:
    """IMG-01, IMG-03, IMG-04, CNF-10, NOT-04: urgent, held with time and place, told at once; sent twice it is one."""
    key = uuid4()
    secured = images.Secured(pupil=pupil, device=phone, where="Room 4", bag="E-1")
    made = report(secured=secured, not_secured="", pupils_told="Her two friends", submission=key)
    assert report(secured=secured, submission=key) == made
    made.refresh_from_db()
    assert (made.type, made.urgent, made.concern_for_child, made.dsl_notified_at) == (
        IncidentType.IMAGE,
        True,
        True,
        at,
    )
    assert made.custody is not None
    assert made.custody.state == State.EVIDENCE_HOLD
    assert made.custody.confiscation.taken_where == "Room 4"
    assert EvidenceHold.objects.get().is_image
    assert made.image_case.state == ImageState.DSL_NOTIFIED
    notice = Notice.objects.get(kind="incidents.reported")
    assert (notice.recipient, notice.escalate_at) == (cast["dsl"], at + timedelta(minutes=15))
    said = [f"{one.subject}{one.body}{one.url}" for one in Notice.objects.filter(kind__startswith="incidents.")]
    assert not [one for one in said if "Kovacs" in one or "image of" in one or "device" in one]


def test_report_without_account_or_word_on_the_device_is_refused(report: Callable[..., Incident]) -> None:
    """IMG-01, IMG-03: what happened, and whether the device is secured, is part of every report."""
    with pytest.raises(AccountMissing):
        report(account="")
    with pytest.raises(images.DeviceNotAccounted):
        report(not_secured="")
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("place", "first"),
    [
        (ImagePlace.PERSONAL_DEVICE, {"secure_device", "pupils_told"}),
        (ImagePlace.SCHOOL_NETWORK, {"block_network", "isolate", "pupils_told"}),
        (ImagePlace.WEBSITE, {"report_host", "pupils_told"}),
        (ImagePlace.NOT_KNOWN, {"pupils_told"}),
    ],
)
def test_place_says_what_comes_first(place: str, first: set[str], report: Callable[..., Incident]) -> None:
    """IMG-07, IMG-08, IMG-09, matrix 4.5: the first response of each place."""
    tasks = ImageTask.objects.filter(case__incident=report(place), needed_first=True)
    assert {task.kind for task in tasks} == first


def test_network_case_waits_for_block_and_isolation_and_keeps_who_decided_the_scope(
    school: School, cast: dict[str, User], at: datetime, report: Callable[..., Incident]
) -> None:
    """IMG-08, FIL-18, A-37: the network's keeper is asked at once; where the rules are silent the scope is decided and
    kept; access back has its time, and the block is read with the filtering decisions."""
    made = report(ImagePlace.SCHOOL_NETWORK, site="Library 3", pupils_told="Nobody knows of it")
    keeper = cast["systems_manager"]
    assert Notice.objects.filter(recipient=keeper, kind="incidents.image_task").count() == 2
    block, isolate = task_of(made, ImageTaskKind.BLOCK_NETWORK), task_of(made, ImageTaskKind.ISOLATE)
    same: dict[str, Any] = {"school": school, "actor": keeper, "at": at + timedelta(minutes=9)}
    with pytest.raises(images.ScopeUndecided):
        images.do_task(**same, task=block)
    images.do_task(**same, task=block, scope="all_users", scope_reason="Nobody knows who opened it.")
    assert RecordedDecision.objects.get().key == "image_network_block"
    assert made.image_case.state == ImageState.RAISED
    with pytest.raises(images.TaskDone):
        images.do_task(**same, task=block, scope="all_users", scope_reason="Again")
    images.do_task(**same, task=isolate)
    made.image_case.refresh_from_db()
    assert made.image_case.state == ImageState.DSL_NOTIFIED
    with pytest.raises(images.TaskAhead):
        images.restore_network(**same, task=block, restored_at=at)
    images.restore_network(**same, task=block)
    seen = emergency_blocks(school).get()
    assert (seen.done_at, seen.restored_at) == (same["at"], same["at"])


def test_task_is_done_by_whom_it_was_given_to_or_who_leads(
    school: School, make_user: MakeUser, cast: dict[str, User], at: datetime, report: Callable[..., Incident]
) -> None:
    """IMG-07, ORG-10: another teacher is refused, and that is on record; one who was given it is not."""
    made = report(ImagePlace.NOT_KNOWN)
    told, other = task_of(made, ImageTaskKind.PUPILS_TOLD), make_user(Role.TEACHER)
    with pytest.raises(images.NotYourTask):
        images.do_task(school=school, actor=other, at=at, task=told, words="Two friends")
    assert Entry.objects.filter(actor_id=other.pk, outcome="refused").exists()
    with pytest.raises(images.WordsNeeded):
        images.do_task(school=school, actor=cast["teacher"], at=at, task=told)
    images.give_task(school=school, actor=cast["dsl"], at=at, task=told, assignee=other)
    images.do_task(school=school, actor=other, at=at, task=told, words="Two friends")


def test_device_is_secured_by_a_hold_or_by_the_dsl_who_says_where(
    school: School, cast: dict[str, User], at: datetime, report: Callable[..., Incident]
) -> None:
    """IMG-03: a word is not enough from the reporter; the DSL may say that the police have it."""
    made = report()
    task = task_of(made, ImageTaskKind.SECURE_DEVICE)
    with pytest.raises(images.NotSecured):
        images.do_task(school=school, actor=cast["teacher"], at=at, task=task, words="In my drawer")
    images.do_task(school=school, actor=cast["dsl"], at=at, task=task, words="The police have it since 9.")


def test_ceop_is_asked_for_where_abuse_is_possible_and_ends_the_wait_for_the_website(
    make_user: MakeUser, at: datetime
) -> None:
    """IMG-10, IM-3: under the preset that says so; a person refers, the software only prompts."""
    from django_scopes import scope

    from tests.factories import make_pupil, make_school
    from tests.factories import make_user as person

    place = make_school("northcote", preset="image-and-conduct")
    with scope(school=place):
        teacher, dsl = person(Role.TEACHER, place), person(Role.DSL, place)
        made = images.report_image(
            school=place, actor=teacher, at=at, place=ImagePlace.WEBSITE, site="A network", account="Told at break.",
            pupils=[make_pupil(place)], adult_involved="yes", pupils_told="Both of them",
        )  # fmt: skip
        assert "police" in referral_prompts(made.image_case)[0]
        ceop = task_of(made, ImageTaskKind.REPORT_CEOP)
        with pytest.raises(images.WordsNeeded):
            images.do_task(school=place, actor=dsl, at=at, task=ceop)
        images.do_task(school=place, actor=dsl, at=at, task=ceop, reference="C-77")
        made.image_case.refresh_from_db()
        assert made.image_case.state == ImageState.DSL_NOTIFIED
        assert not made.referrals.exists()


def test_course_goes_step_by_step_and_ends_with_the_police_decision(
    school: School, make_user: MakeUser, cast: dict[str, User], at: datetime, report: Callable[..., Incident]
) -> None:
    """Matrix 4.5, IMG-12, IMG-13, IMG-14, IM-4: nothing is skipped; no end without what the police decided or why they
    were not told."""
    made = report(ImagePlace.NOT_KNOWN)
    same: dict[str, Any] = {"school": school, "actor": cast["dsl"], "at": at, "incident": made}
    review = {"assessment": "Two of the same age.", "assessed_with": "The head"}
    with pytest.raises(images.FirstResponseIncomplete):
        images.assess_image(**same, **review)
    told = task_of(made, ImageTaskKind.PUPILS_TOLD)
    images.do_task(school=school, actor=cast["dsl"], at=at, task=told, words="Everybody who knew")
    with pytest.raises(images.NotAcknowledged):
        images.assess_image(**same, **review)
    acknowledge_case(**same)
    with pytest.raises(StepNotAllowed):
        images.decide_referral(**same, needed=False, reason="No")
    with pytest.raises(images.DecisionSaysWhy):
        images.assess_image(**same, assessment="", assessed_with="The head")
    images.assess_image(**same, **review)
    with pytest.raises(images.DecisionSaysWhy):
        images.decide_referral(**same, needed=True, reason="")
    images.decide_referral(**same, needed=True, reason="One is under pressure.")
    images.plan_support(**same, adult=cast["teacher"], support="Every day at break.", on=at.date())
    with pytest.raises(images.ImageNotFinished, match="police"):
        images.close_image(**same)
    with pytest.raises(images.DecisionSaysWhy):
        images.record_police(**same, decision=PoliceDecision.NOT_TOLD)
    images.record_police(**same, decision=PoliceDecision.NO_FORMAL_ACTION, words="Recorded under outcome 21.")
    assert images.close_image(**same).state == ImageState.CLOSED


def test_every_pair_of_states_is_held_by_the_database(
    school: School, cast: dict[str, User], report: Callable[..., Incident]
) -> None:
    """Matrix 4.5: what the table does not hold, no statement does."""
    case = report(ImagePlace.NOT_KNOWN).image_case
    ended = {"protection_needed": False, "police": PoliceDecision.NO_FORMAL_ACTION, "police_words": "None"}
    for name, value in ended.items():
        setattr(case, name, value)
    case.save()
    for origin, target in product(ImageState, ImageState):
        if origin == target:
            continue
        try:
            with transaction.atomic():
                _put(case, origin)
                with transaction.atomic():
                    ImageCase._base_manager.filter(pk=case.pk).update(state=target)  # the door behind the door
                allowed = True
                raise _Undo
        except IntegrityError:
            allowed = False
        except _Undo:
            pass
        assert allowed == ((origin, target) in IMAGE_MOVES), (origin, target)


class _Undo(Exception):
    """Take it back."""


def _put(case: ImageCase, state: ImageState) -> None:
    for target in list(ImageState)[1 : list(ImageState).index(state) + 1]:
        ImageCase._base_manager.filter(pk=case.pk).update(state=target)


def test_viewing_is_recorded_only_as_an_exception_that_dsl_or_head_decided(
    school: School, cast: dict[str, User], at: datetime, report: Callable[..., Incident]
) -> None:
    """IMG-05, IM-2: by DSL or head, with a clear reason, who was there, where, nothing copied; the head is told."""
    made = report()
    full: dict[str, Any] = {
        "viewer": cast["dsl"], "reason": "The police asked for it by phone.", "present": "The head", "where": "Office",
        "viewed_at": at, "not_copied": True, "same_sex_weighed": True, "decided_by": cast["headteacher"],
        "decided_before": True,
    }  # fmt: skip
    same: dict[str, Any] = {"school": school, "at": at, "incident": made}
    with pytest.raises(images.ViewingNotDecided):
        images.record_viewing(**same, actor=cast["teacher"], **full)
    assert Entry.objects.filter(action="incidents.record_viewing", outcome="refused").exists()
    for missing, refusal in (
        ({"decided_by": cast["teacher"]}, images.ViewingNotDecided),
        ({"reason": ""}, images.ViewingSaysWhy),
        ({"present": ""}, images.ViewingSaysHow),
        ({"not_copied": False}, images.ViewingSaysHow),
        ({"same_sex_weighed": False}, images.ViewingSaysHow),
    ):
        with pytest.raises(refusal):
            images.record_viewing(**same, actor=cast["dsl"], **full | missing)
    assert not ViewingException.objects.exists()
    images.record_viewing(**same, actor=cast["dsl"], **full)
    assert ViewingException.objects.get().head_told_at == at
    assert Notice.objects.filter(recipient=cast["headteacher"], kind="incidents.viewing").exists()


def test_record_of_another_type_becomes_one_and_its_device_is_held(
    school: School, pupil: Pupil, phone: PupilDevice, cast: dict[str, User], at: datetime
) -> None:
    """IMG-01, IMG-03: from then on it is urgent, held, and not for senior leaders; a second time is refused."""
    from tests.factories.taking import make_taken

    stay = make_taken(pupil, phone, by=cast["teacher"], at=at)
    case = make_case(school, by=cast["teacher"], at=at, pupil=pupil, custody=stay, track="low_level")
    same: dict[str, Any] = {
        "school": school,
        "actor": cast["dsl"],
        "at": at,
        "incident": case,
        "place": "personal_device",
    }
    made = images.reclassify_as_image(**same)
    stay.refresh_from_db()
    assert (stay.state, made.type, made.track, made.urgent) == (State.EVIDENCE_HOLD, IncidentType.IMAGE, "", True)
    assert task_of(made, ImageTaskKind.SECURE_DEVICE).done_at == at
    assert Notice.objects.filter(kind="incidents.image", escalate_role="headteacher").exists()
    with pytest.raises(images.ImageAlready):
        images.reclassify_as_image(**same)
    about_staff = make_case(school, by=cast["teacher"], at=at, staff=cast["systems_manager"])
    with pytest.raises(images.NotThisRoad):
        images.reclassify_as_image(**same | {"incident": about_staff})


def test_a_text_that_may_describe_the_picture_is_asked_about_once() -> None:
    """IMG-06: a warning at the field, nothing lost; a tick answers it, and before it there is no box."""
    from incidents.forms.images.deciding import ReferralDecisionForm

    assert "does_not_describe" not in ReferralDecisionForm().fields
    said = {"needed": "no", "reason": "The picture shows a friend."}
    asked = ReferralDecisionForm(said)
    assert not asked.is_valid()
    assert "does_not_describe" in asked.fields
    assert asked["reason"].value() == said["reason"]
    assert ReferralDecisionForm(said | {"does_not_describe": "on"}).is_valid()
    plain = ReferralDecisionForm({"needed": "", "reason": "No pressure was put on anybody."})
    assert not plain.is_valid()
    assert "does_not_describe" not in plain.fields
