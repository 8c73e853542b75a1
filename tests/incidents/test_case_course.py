"""Parents, level and referral of a record: decisions with reasons, in the order that the school's rules give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope

from core.audit.queries import entries_for
from core.kit.refusals import Refusal
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from devices.enums import NoticeAbout
from devices.models import ParentNotice
from devices.operations import add_device, seed_device_types
from devices.operations.taken import open_notice
from incidents import operations
from incidents.enums import CaseState, Channel, Consent, ParentsDecision, ReferralState, RiskArea, Track
from incidents.models import ParentContact, Referral, ThresholdAssessment
from incidents.queries.levels import referral_task
from incidents.queries.parents import is_withheld, parents_of, parents_still_to_tell, parents_undecided
from incidents.workflow import REFERRAL_MOVES, StepNotAllowed
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.cases import make_case
from tests.factories.taking import make_taken

pytestmark = pytest.mark.django_db

SECRET = "Quernstone words that stand nowhere else"
PRESETS = [
    "group-locked-storage",
    "primary-by-agreement",
    "primary-online-safety",
    "image-and-conduct",
    "phone-free-agreement",
]


class Scene:
    """A safeguarding record about one pupil, with the DSL and a parent."""

    def __init__(self, preset: str, at: datetime, **fields: Any) -> None:
        self.school, self.at = make_school(preset=preset), at
        with scope(school=self.school):
            self.dsl = make_user(Role.DSL, self.school)
            self.teacher = make_user(Role.TEACHER, self.school)
            self.pupil = make_pupil(self.school, year_group=5)
            self.parent = make_contact(self.pupil)
            values = {"state": CaseState.ACTION, "track": Track.SERIOUS} | fields
            self.case = make_case(self.school, by=self.teacher, at=at, pupil=self.pupil, **values)

    def does(self, act: Any, by: User | None = None, **fields: Any) -> Any:
        given = {"incident": self.case} if "referral" not in fields else {}
        done = act(school=self.school, actor=by or self.dsl, at=self.at, **given, **fields)
        self.case.refresh_from_db()
        return done

    def tells(self, **fields: Any) -> ParentContact:
        values: dict[str, Any] = {
            "pupil": self.pupil, "decision": ParentsDecision.TOLD, "contact": self.parent, "told_at": self.at,
            "channel": Channel.PHONE, "summary": SECRET,
        }  # fmt: skip
        told: ParentContact = self.does(operations.decide_parents, **values | fields)
        return told

    def refers(self, **fields: Any) -> Referral:
        row: Referral = self.does(operations.start_referral, **{"body": "Front door", "reason": SECRET} | fields)
        return row


@pytest.fixture
def rus(at: datetime) -> Iterator[Scene]:
    scene = Scene("primary-online-safety", at)
    with scope(school=scene.school):
        yield scene


def test_parents_told_keeps_who_when_how_and_what_and_the_newest_stands(rus: Scene) -> None:
    """INC-19, CNF-13: message, channel, time and sender; a change is another row, and each says why."""
    assert [row.pk for row in parents_undecided(rus.case)] == [rus.pupil.pk]
    key = uuid4()
    first = rus.tells(decision=ParentsDecision.NOT_YET, reason=SECRET, submission=key)
    assert rus.tells(decision=ParentsDecision.NOT_YET, reason=SECRET, submission=key) == first
    assert parents_still_to_tell(rus.case) == [rus.pupil]
    told = rus.tells()
    assert (told.contact, told.channel, told.told_at, told.by, told.summary) == (
        rus.parent, Channel.PHONE, rus.at, rus.dsl, SECRET,
    )  # fmt: skip
    row = parents_of(rus.case)[0]
    assert (row.stands, row.earlier) == (told, (first,))
    assert not parents_still_to_tell(rus.case)
    with pytest.raises(IntegrityError), transaction.atomic():
        ParentContact.objects.create(
            school=rus.school, incident=rus.case, pupil=rus.pupil, decision="withheld", at=rus.at, by=rus.dsl
        )


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"decision": ParentsDecision.WITHHELD, "reason": " "}, operations.ReasonNotToTell),
        ({"decision": ParentsDecision.NOT_YET}, operations.ReasonNotToTell),
        ({"contact": None}, operations.ParentMayNotBeTold),
        ({"channel": ""}, operations.ToldHowAndWhen),
        ({"told_at": datetime.fromisoformat("2027-01-01T09:00+00:00")}, operations.ToldHowAndWhen),
        ({"summary": ""}, operations.ToldWhat),
    ],
)
def test_parents_decision_without_its_facts_is_refused(
    rus: Scene, fields: dict[str, Any], refusal: type[Refusal]
) -> None:
    """INC-19: withheld and not yet need a reason; told says how, when and what."""
    with pytest.raises(refusal):
        rus.tells(**fields)
    assert not ParentContact.objects.exists()


def test_contact_who_must_not_be_informed_is_never_told(rus: Scene) -> None:
    """CNF-13, ORG-13: they are not offered, and refused with a record of it."""
    barred = make_contact(rus.pupil, "Barred", do_not_inform=True, may_collect=False)
    with pytest.raises(operations.ParentMayNotBeTold):
        rus.tells(contact=barred)
    assert entries_for(rus.school, action="incidents.decide_parents", outcome="refused").exists()


def _notice_of_the_stay(scene: Scene) -> ParentNotice:
    """The record is about a device that was taken, and of which the desk is to tell a parent."""
    kinds = {kind.key: kind for kind in seed_device_types(school=scene.school, actor=None, at=scene.at)}
    device = add_device(school=scene.school, actor=None, at=scene.at, pupil=scene.pupil, type=kinds["phone"])
    stay = make_taken(scene.pupil, device, by=scene.teacher, at=scene.at)
    scene.case.custody = stay
    scene.case.stamp(by=None, at=scene.at)
    scene.case.save()
    return open_notice(
        school=scene.school, actor=None, at=scene.at, about=NoticeAbout.TAKEN, pupil=scene.pupil, custody=stay
    )


def test_withheld_keeps_back_what_the_desk_was_to_tell_of_the_same_stay(rus: Scene) -> None:
    """A-11, CNF-13: withheld means that nothing goes out anywhere; why, is read in the record alone."""
    notice = _notice_of_the_stay(rus)
    head = make_user(Role.HEADTEACHER, rus.school)
    with pytest.raises(operations.OnlyTheDslWithholds):
        rus.does(operations.decide_parents, by=head, pupil=rus.pupil, decision=ParentsDecision.WITHHELD, reason=SECRET)
    rus.tells(decision=ParentsDecision.WITHHELD, reason=SECRET)
    notice.refresh_from_db()
    assert notice.withheld_at is not None
    assert SECRET not in notice.withheld_because
    assert is_withheld(rus.case, rus.pupil)


def test_notice_of_the_same_stay_stands_for_the_record_and_is_not_asked_twice(rus: Scene) -> None:
    """CNF-13: what the desk told of the stay is shown, and settles the question."""
    notice = _notice_of_the_stay(rus)
    assert parents_undecided(rus.case) == [rus.pupil]
    notice.told_at, notice.told_by, notice.told_how = rus.at, rus.dsl, "phone"
    notice.stamp(by=rus.dsl, at=rus.at)
    notice.save()
    assert parents_of(rus.case, rus.dsl)[0].notices == (notice,)
    assert not parents_undecided(rus.case)


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_asks_for_the_decision_about_parents_before_anything_is_decided(preset: str, at: datetime) -> None:
    """INC-19, A-51: under every preset; where the rule is not settled the decision is kept as one. NOT-10 at RUS: due
    the same day, before classification."""
    scene = Scene(preset, at, state=CaseState.IN_REVIEW)
    with scope(school=scene.school):
        with pytest.raises(operations.ParentsUndecided):
            scene.does(operations.decide_case, decision_reason=SECRET)
        due = parents_of(scene.case)[0].due_at
        assert (due is not None) == (preset == "primary-online-safety")
        assert due is None or due.date() == at.date()
        scene.tells()
        kept = RecordedDecision.objects.filter(key="parents_informed")
        assert kept.exists() == (preset == "image-and-conduct")
        assert not kept.exists() or SECRET not in kept.get().reason
        scene.does(operations.decide_case, decision_reason=SECRET)
        assert scene.case.state == CaseState.ACTION


def test_level_is_refused_before_parents_then_before_the_area_and_keeps_its_history(rus: Scene) -> None:
    """INC-11, INC-12, RUS-S4: in that order; with both the level saves with the tool's name; it rises and falls."""
    with pytest.raises(operations.ParentsToldFirst):
        rus.does(operations.set_level, level=2, reason=SECRET)
    rus.tells()
    with pytest.raises(operations.AreaChosenFirst):
        rus.does(operations.set_level, level=2, reason=SECRET)
    rus.case.risk_area = RiskArea.CONDUCT
    rus.case.stamp(by=None, at=rus.at)
    rus.case.save()
    with pytest.raises(operations.LevelSaysWhy):
        rus.does(operations.set_level, level=2, reason="")
    with pytest.raises(NotPermitted):
        rus.does(operations.set_level, by=make_user(Role.HEAD_OF_SCHOOL, rus.school), level=2, reason=SECRET)
    key = uuid4()
    first = rus.does(operations.set_level, level=2, reason=SECRET, submission=key)
    assert rus.does(operations.set_level, level=2, reason=SECRET, submission=key) == first
    with pytest.raises(operations.SameLevel):
        rus.does(operations.set_level, level=2, reason=SECRET)
    assert (first.tool, first.by, first.previous) == ("continuum of need", rus.dsl, None)
    rus.does(operations.set_level, level=4, reason="It rose.")
    rus.does(operations.set_level, level=1, reason="It fell.")
    levels = ThresholdAssessment.objects.filter(incident=rus.case).values_list("previous", "level")
    assert list(levels) == [(None, 2), (2, 4), (4, 1)]
    assert rus.case.level == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ThresholdAssessment.objects.create(
            school=rus.school, incident=rus.case, level=5, tool="a tool", reason="why", at=rus.at, by=rus.dsl
        )


@pytest.mark.parametrize(("level", "days", "urgent"), [(1, None, False), (2, 2, False), (3, 1, False), (4, 0, True)])
def test_level_makes_a_referral_due(rus: Scene, level: int, days: int | None, urgent: bool) -> None:
    """NOT-11: level 2 in two school days, level 3 in one, level 4 at once; the notice names nobody. INC-13: level 1 is
    met in school."""
    _ready(rus)
    rus.does(operations.set_level, level=level, reason=SECRET)
    task, notices = referral_task(rus.case), Notice.objects.filter(kind="incidents.referral_due")
    if days is None:
        assert task is None
        assert not notices.exists()
        return
    assert task is not None
    assert (task.due_at.date() - rus.at.date()).days == days
    assert (notices.get().urgency == "urgent") == urgent
    assert SECRET not in notices.get().subject + notices.get().body
    rus.refers(not_needed=True)
    settled = referral_task(rus.case)
    assert settled is not None
    assert settled.is_settled


def _ready(scene: Scene, level: int | None = None) -> None:
    scene.tells()
    scene.case.risk_area = RiskArea.CONDUCT
    scene.case.stamp(by=None, at=scene.at)
    scene.case.save()
    if level is not None:
        scene.does(operations.set_level, level=level, reason="A reason.")


@pytest.mark.parametrize("level", [2, 3])
def test_referral_at_level_2_or_3_waits_for_consent_or_the_dsls_decision(rus: Scene, level: int) -> None:
    """INC-14, INC-15, RUS-S5, A-30: not sent without; given, or refused and then the DSL's decision with a reason."""
    _ready(rus, level)
    given, refused = rus.refers(), rus.refers(body="Social care")
    for row in (given, refused):
        with pytest.raises(operations.ConsentNeeded):
            rus.does(operations.send_referral, referral=row)
    with pytest.raises(operations.ConsentFromWhom):
        rus.does(operations.record_consent, referral=given, consent=Consent.GIVEN)
    rus.does(operations.record_consent, referral=given, consent=Consent.GIVEN, contact=rus.parent)
    rus.does(operations.record_consent, referral=refused, consent=Consent.REFUSED, contact=rus.parent, reason="No.")
    with pytest.raises(operations.ConsentNeeded):
        rus.does(operations.send_referral, referral=refused)
    with pytest.raises(NotPermitted):
        head = make_user(Role.HEADTEACHER, rus.school)
        rus.does(operations.override_consent, by=head, referral=refused, reason="On advice.")
    with pytest.raises(operations.OverrideSaysWhy):
        rus.does(operations.override_consent, referral=refused, reason=" ")
    rus.does(operations.override_consent, referral=refused, reason="On advice.")
    for row in (given, refused):
        rus.does(operations.send_referral, referral=row)
    refused.refresh_from_db()
    assert (refused.state, refused.consent, refused.overridden_by) == (ReferralState.SENT, Consent.REFUSED, rus.dsl)
    with pytest.raises(IntegrityError), transaction.atomic():
        refused.sent_at = None
        refused.stamp(by=None, at=rus.at)
        refused.save()


def test_referral_at_level_4_is_never_held_up_and_keeps_section_17_and_47(rus: Scene) -> None:
    """INC-16, RUS-S5: it goes at once, begun at level 4 or risen to it while consent was refused."""
    _ready(rus, 3)
    waiting = rus.refers()
    rus.does(operations.set_level, level=4, reason="Significant harm.")
    row = rus.refers(section_17=True, section_47=False, further=SECRET)
    assert (row.section_17, row.section_47, row.further) == (True, False, SECRET)
    for one in (waiting, row):
        rus.does(operations.send_referral, referral=one)
        one.refresh_from_db()
        assert one.state == ReferralState.SENT


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_asks_for_consent_where_its_rules_do(preset: str, at: datetime) -> None:
    """INC-14 to INC-17: only where the rule names the level; elsewhere nobody is asked."""
    scene = Scene(preset, at)
    with scope(school=scene.school):
        if preset == "primary-online-safety":
            _ready(scene, 2)
            assert scene.refers().state == ReferralState.CONSENT_SOUGHT
            return
        with pytest.raises(operations.LevelsNotUsed):
            scene.does(operations.set_level, level=2, reason=SECRET)
        row = scene.refers()
        scene.does(operations.send_referral, referral=row)
        assert Referral.objects.get().state == ReferralState.SENT


def test_record_waits_outside_until_the_last_answer_has_come(rus: Scene) -> None:
    """INC-17, matrix 4.4 and 4.6: sent, acknowledged, outcome, closed; the record goes to wait and comes back."""
    _ready(rus, 4)
    one, two = rus.refers(), rus.refers(body="Police")
    later = rus.at.date() + timedelta(days=3)
    rus.does(operations.send_referral, referral=one, reference="F-1", next_contact_on=later)
    rus.does(operations.send_referral, referral=two)
    assert rus.case.state == CaseState.AWAITING_OUTSIDE
    with pytest.raises(operations.OutcomeNotWritten):
        rus.does(operations.answer_referral, referral=one, state=ReferralState.OUTCOME)
    with pytest.raises(operations.NextContactPast):
        yesterday = rus.at.date() - timedelta(days=1)
        rus.does(operations.set_next_contact, referral=one, next_contact_on=yesterday)
    rus.does(operations.answer_referral, referral=one, state=ReferralState.ACKNOWLEDGED, response=SECRET)
    rus.does(operations.answer_referral, referral=one, state=ReferralState.OUTCOME, outcome=SECRET)
    assert rus.case.state == CaseState.AWAITING_OUTSIDE, "the other has not answered"
    rus.does(operations.answer_referral, referral=two, state=ReferralState.OUTCOME, outcome=SECRET)
    assert rus.case.state == CaseState.ACTION
    rus.does(operations.answer_referral, referral=one, state=ReferralState.CLOSED)
    one.refresh_from_db()
    assert (one.state, one.reference, one.next_contact_on) == (ReferralState.CLOSED, "F-1", None)


def test_every_move_of_a_referral_is_that_of_the_table_here_and_in_the_database(rus: Scene) -> None:
    """Matrix 4.6: each pair that is not in the table is refused by the operation's check and by the database."""
    from incidents.workflow import check_pair

    filled: dict[str, Any] = {
        "body": "B", "reason": "R", "consent_reason": "C", "overridden_by": rus.dsl, "sent_at": rus.at,
        "sent_by": rus.dsl,
    }  # fmt: skip
    for origin in ReferralState:
        for target in ReferralState:
            if origin == target:
                continue
            row = Referral(school=rus.school, incident=rus.case, state=origin, **filled)
            row.stamp(by=rus.dsl, at=rus.at)
            row.save()
            row.state = target
            row.stamp(by=rus.dsl, at=rus.at)
            if (origin, target) in REFERRAL_MOVES:
                check_pair(REFERRAL_MOVES, origin, target, "A referral")
                row.save()
                continue
            with pytest.raises(StepNotAllowed):
                check_pair(REFERRAL_MOVES, origin, target, "A referral")
            with pytest.raises(IntegrityError), transaction.atomic():
                row.save()


def test_clock_tells_the_team_once_a_day_of_what_is_due(rus: Scene) -> None:
    """NOT-09, NOT-10, NOT-11: parents and the serious list by the end of the day, the referral by its own."""
    evening, next_week = rus.at.replace(hour=16, minute=10), rus.at + timedelta(days=7)
    assert operations.tell_due(school=rus.school, at=rus.at) == 0
    assert operations.tell_due(school=rus.school, at=evening) == 1
    operations.tell_due(school=rus.school, at=evening + timedelta(minutes=50))
    assert (
        Notice.objects.get(recipient=rus.dsl, kind="incidents.parents_due").subject == "Parents were to be told today"
    )
    _ready(rus, 2)
    rus.does(operations.set_serious)
    assert operations.tell_due(school=rus.school, at=evening) == 1
    assert Notice.objects.filter(kind="incidents.serious_due").exists()
    assert operations.tell_due(school=rus.school, at=next_week) == 2
    assert Notice.objects.filter(kind="incidents.referral_due", dedupe_key__endswith=str(next_week.date())).exists()
    assert operations.tell_due(school=rus.school, at=rus.at + timedelta(days=5)) == 0, "a Saturday"


def test_what_was_written_stands_in_no_plain_column(rus: Scene) -> None:
    """SG-3, INC-19: reasons are sealed; no audit entry, notice, email or past version has them."""
    from django.db import connection

    _ready(rus)
    rus.tells(decision=ParentsDecision.WITHHELD, reason=SECRET)
    rus.does(operations.set_level, level=4, reason=SECRET)
    row = rus.refers(further=SECRET)
    rus.does(operations.send_referral, referral=row)
    rus.does(operations.set_serious, reason=SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS found WHERE found::text LIKE %s', ["%Quernstone%"])
            assert cursor.fetchone()[0] == 0, table
