"""Writing rules: presets taken, rules changed and withdrawn, decisions kept; and what is refused."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.kit.models import AppendOnlyError
from core.people.access import NotPermitted
from core.people.models import School, User
from core.rules import operations, queries
from core.rules.catalogue import SETTINGS, UNSPECIFIED
from core.rules.enums import ChangeKind
from core.rules.models import RecordedDecision, RuleAnnouncement, RuleValue
from tests.factories import make_school
from tests.factories import make_user as build_user

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 23)


@pytest.fixture
def change(school: School, administrator_user: User, at: datetime) -> Callable[..., RuleValue]:
    """Change the release rule, or whatever is given, as the administrator."""

    def make(**given: Any) -> RuleValue:
        values = {
            "school": school,
            "actor": administrator_user,
            "at": at,
            "key": "release_rule",
            "value": "parent_only",
            "effective_from": TODAY,
            "reason": "Agreed by the governors.",
        }
        return operations.change_rule(**values | given)

    return make


# --- change_rule ------------------------------------------------------------------------------------------------------


def test_change_rule_today_is_in_force_at_once(school: School, change: Callable[..., RuleValue]) -> None:
    """ORG-15: one setting changed alone, with reason, author and date."""
    before = school.rules_version
    row = change()
    assert queries.for_school(school, on=TODAY).release_rule == "parent_only"
    assert queries.for_school(school, on=TODAY).version == row.pk == school.rules_version > before
    assert queries.for_school(school, on=TODAY - timedelta(days=1)).release_rule == "pupil_end_of_day_unless_escalated"
    assert (row.kind, row.reason) == (ChangeKind.CHANGE, "Agreed by the governors.")
    assert row.created_by is not None
    school.refresh_from_db()
    assert school.rules_version == row.pk


def test_change_rule_later_leaves_today_alone(school: School, change: Callable[..., RuleValue]) -> None:
    """ORG-16."""
    change(effective_from=TODAY + timedelta(days=10))
    assert queries.for_school(school, on=TODAY).release_rule == "pupil_end_of_day_unless_escalated"
    assert queries.for_school(school, on=TODAY + timedelta(days=9)).release_rule == "pupil_end_of_day_unless_escalated"
    assert queries.for_school(school, on=TODAY + timedelta(days=10)).release_rule == "parent_only"


def test_change_rule_again_for_the_same_later_day_adds_a_row(school: School, change: Callable[..., RuleValue]) -> None:
    later = TODAY + timedelta(days=10)
    first = change(effective_from=later)
    second = change(effective_from=later, value="parent_end_of_day_office")
    assert second.kind == ChangeKind.CORRECTION
    assert second.supersedes == first
    assert RuleValue.objects.get(pk=first.pk).value == "parent_only"
    assert queries.for_school(school, on=later).release_rule == "parent_end_of_day_office"


def test_change_rule_twice_today_keeps_both_and_the_last_counts(
    school: School, change: Callable[..., RuleValue]
) -> None:
    change()
    change(value="parent_end_of_day_office")
    assert RuleValue.objects.filter(key="release_rule", kind=ChangeKind.CHANGE).count() == 2
    assert queries.for_school(school, on=TODAY).release_rule == "parent_end_of_day_office"


def test_change_rule_writes_old_and_new_to_the_record(change: Callable[..., RuleValue], at: datetime) -> None:
    """ORG-09."""
    row = change()
    entry = Entry.objects.get(action="rules.change_rule")
    assert entry.object_id == row.pk
    assert entry.at == at
    assert entry.detail["old"] == "pupil_end_of_day_unless_escalated"
    assert entry.detail["new"] == "parent_only"
    assert entry.detail["reason"] == "Agreed by the governors."


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [
        ({"key": "colour"}, operations.UnknownRule, "key"),
        ({"value": "anyone"}, operations.ValueNotAllowed, "value"),
        ({"value": None}, operations.ValueNotAllowed, "value"),
        ({"reason": "  "}, operations.ReasonMissing, "reason"),
        ({"reason": "x" * 501}, operations.ReasonMissing, "reason"),
        ({"reason": "a\u202eb"}, operations.ReasonMissing, "reason"),
        ({"effective_from": TODAY - timedelta(days=1)}, operations.EffectiveDateInPast, "effective_from"),
        ({"value": "pupil_end_of_day_unless_escalated"}, operations.NothingChanges, "value"),
    ],
)
def test_change_rule_refused_changes_nothing(
    school: School, change: Callable[..., RuleValue], given: dict[str, Any], refusal: Any, field: str
) -> None:
    before, rows = school.rules_version, RuleValue.objects.count()
    with pytest.raises(refusal) as refused:
        change(**given)
    assert refused.value.field == field
    assert refused.value.message
    school.refresh_from_db()
    assert (school.rules_version, RuleValue.objects.count()) == (before, rows)


def test_change_rule_value_not_allowed_names_the_allowed_ones(change: Callable[..., RuleValue]) -> None:
    with pytest.raises(operations.ValueNotAllowed, match=r"“A parent or carer only”.*“Not settled”"):
        change(value="anyone")


@pytest.mark.parametrize("role", ["teacher", "office", "dsl", "governor"])
def test_change_rule_without_the_role_is_refused_and_recorded(
    make_user: Callable[..., User], change: Callable[..., RuleValue], role: str
) -> None:
    """Matrix 1.21: the DSL reads settings and does not edit them."""
    with pytest.raises(NotPermitted):
        change(actor=make_user(role))
    assert Entry.objects.filter(action="rules.change_rule", outcome=Outcome.REFUSED).count() == 1


def test_change_rule_same_submission_twice_is_one_change(change: Callable[..., RuleValue]) -> None:
    key = uuid.uuid4()
    first = change(submission=key)
    second = change(submission=key)
    assert first == second
    assert RuleValue.objects.filter(key="release_rule", kind=ChangeKind.CHANGE).count() == 1
    assert Entry.objects.filter(action="rules.change_rule").count() == 1


def test_change_rule_to_unspecified_is_allowed(school: School, change: Callable[..., RuleValue]) -> None:
    change(value=UNSPECIFIED)
    assert queries.for_school(school, on=TODAY).release_rule == UNSPECIFIED


@pytest.mark.django_db(transaction=True)
def test_change_rule_two_writers_at_once_both_count() -> None:
    """Two people change two rules in the same instant: neither is lost, and the version is the later one's."""
    school = make_school("two-writers")
    head = build_user("headteacher", school)
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def write(key: str, value: str) -> None:
        try:
            mine = School.objects.get(pk=school.pk)
            start.wait(timeout=10)
            with scope(school=mine):
                operations.change_rule(
                    school=mine,
                    actor=head,
                    at=datetime(2026, 11, 23, 9, 0, tzinfo=LONDON),
                    key=key,
                    value=value,
                    effective_from=TODAY,
                    reason="At once.",
                )
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=write, args=("release_rule", "parent_only")),
        threading.Thread(target=write, args=("storage_kind", "safe")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert failures == []
    school.refresh_from_db()
    rules = queries.for_school(school, on=TODAY)
    assert (rules.release_rule, rules.storage_kind) == ("parent_only", "safe")
    with scope(school=school):
        assert school.rules_version == RuleValue.objects.order_by("-pk").first().pk


# --- adopt_preset -----------------------------------------------------------------------------------------------------


def test_adopt_preset_first_time_may_start_in_the_past(administrator_user: User, at: datetime) -> None:
    school = make_school("brand-new", preset="")
    with scope(school=school):
        operations.adopt_preset(
            school=school,
            actor=None,
            at=at,
            preset="primary-by-agreement",
            effective_from=date(2026, 9, 1),
            reason="Set-up.",
        )
    assert school.preset == "primary-by-agreement"
    assert queries.for_school(school, on=date(2026, 9, 1)).storage_kind == "safe"
    assert queries.for_school(school, on=date(2026, 8, 31)).storage_kind == UNSPECIFIED
    assert queries.for_school(school, on=date(2026, 8, 31)).version == 0


def test_adopt_preset_again_in_the_past_is_refused(school: School, administrator_user: User, at: datetime) -> None:
    with pytest.raises(operations.EffectiveDateInPast):
        operations.adopt_preset(
            school=school,
            actor=administrator_user,
            at=at,
            preset="primary-by-agreement",
            effective_from=TODAY - timedelta(days=1),
            reason="Too late.",
        )


def test_adopt_preset_unknown_is_refused(school: School, administrator_user: User, at: datetime) -> None:
    with pytest.raises(operations.UnknownPreset):
        operations.adopt_preset(
            school=school, actor=administrator_user, at=at, preset="nonesuch", effective_from=TODAY, reason="Why not."
        )


def test_adopt_preset_gives_every_rule_a_row_and_one_entry(school: School) -> None:
    assert RuleValue.objects.filter(kind=ChangeKind.PRESET).count() == len(SETTINGS)
    entry = Entry.objects.get(action="rules.adopt_preset")
    assert entry.detail["preset"] == "phone-free-agreement"
    assert entry.detail["new"]["release_rule"] == "pupil_end_of_day_unless_escalated"


def test_adopt_preset_same_submission_twice_is_one(school: School, administrator_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        operations.adopt_preset(
            school=school,
            actor=administrator_user,
            at=at,
            preset="image-and-conduct",
            effective_from=TODAY,
            reason="A new policy.",
            submission=key,
        )
    assert RuleValue.objects.filter(preset="image-and-conduct").count() == len(SETTINGS)


# --- the phone-free day (ROC-S1) and past events (ALL-S9) -------------------------------------------------------------


@pytest.fixture
def phone_free_in_july(db: None) -> School:
    """A school under one preset since September 2025 that goes phone-free on 1 July 2026."""
    school = make_school("july", preset="group-locked-storage")
    with scope(school=school):
        operations.adopt_preset(
            school=school,
            actor=None,
            at=datetime(2026, 5, 20, 10, 0, tzinfo=LONDON),
            preset="phone-free-agreement",
            effective_from=date(2026, 7, 1),
            reason="Phone-free from July.",
        )
    return school


def test_rules_of_30_june_and_1_july_differ(phone_free_in_july: School) -> None:
    """ROC-S1, ORG-16: the earlier settings judge 30 June; on 1 July break is covered, and so are earphones."""
    june = queries.for_school(phone_free_in_july, on=date(2026, 6, 30))
    july = queries.for_school(phone_free_in_july, on=date(2026, 7, 1))
    assert june.break_use == "revocable_privilege"
    assert "break" not in june.rule_day_parts
    assert "earphones" not in june.device_types_in_scope
    assert july.break_use == "no"
    assert "break" in july.rule_day_parts
    assert "earphones" in july.device_types_in_scope
    assert june.version < july.version


def test_rules_as_judged_stay_what_they_were(phone_free_in_july: School) -> None:
    """ALL-S9: a record keeps the version it was judged by, and that version always gives the same rules."""
    school, day = phone_free_in_july, date(2026, 7, 2)
    judged = queries.for_school(school, on=day)
    with scope(school=school):
        operations.change_rule(
            school=school,
            actor=None,
            at=datetime(2026, 7, 2, 18, 0, tzinfo=LONDON),
            key="break_use",
            value="yes",
            effective_from=day,
            reason="Changed the same evening.",
        )
    assert queries.for_school(school, on=day).break_use == "yes"
    assert queries.rules_as_judged(school, on=day, version=judged.version) == judged
    assert queries.by_version(school, judged.version, on=day).break_use == "no"


def test_rules_as_judged_before_a_withdrawal_ignore_it(
    school: School, change: Callable[..., RuleValue], administrator_user: User, at: datetime
) -> None:
    """A change that was withdrawn before its day is never part of that day's rules, by date or by version."""
    later = TODAY + timedelta(days=10)
    doomed = change(effective_from=later)
    change(key="storage_kind", value="safe")
    operations.withdraw_change(school=school, actor=administrator_user, at=at, change=doomed, reason="Not after all.")
    rules = queries.for_school(school, on=later)
    assert rules.release_rule == "pupil_end_of_day_unless_escalated"
    assert queries.rules_as_judged(school, on=later, version=rules.version) == rules


# --- withdraw_change --------------------------------------------------------------------------------------------------


def test_withdraw_change_leaves_the_rules_as_they_are(
    school: School, change: Callable[..., RuleValue], administrator_user: User, at: datetime
) -> None:
    later = TODAY + timedelta(days=10)
    row = change(effective_from=later)
    withdrawal = operations.withdraw_change(
        school=school, actor=administrator_user, at=at, change=row, reason="Not after all."
    )
    assert withdrawal.kind == ChangeKind.WITHDRAWAL
    assert withdrawal.supersedes == row
    assert queries.for_school(school, on=later).release_rule == "pupil_end_of_day_unless_escalated"
    assert queries.future_changes(school, TODAY) == []


def test_withdraw_change_of_a_preset_withdraws_all_of_it(phone_free_in_july: School) -> None:
    school = phone_free_in_july
    with scope(school=school):
        row = RuleValue.objects.filter(preset="phone-free-agreement").first()
        operations.withdraw_change(
            school=school, actor=None, at=datetime(2026, 6, 1, tzinfo=LONDON), change=row, reason="Put off."
        )
        assert RuleValue.objects.filter(kind=ChangeKind.WITHDRAWAL).count() == len(SETTINGS)
        assert queries.preset_on(school, date(2026, 9, 1)).slug == "group-locked-storage"  # type: ignore[union-attr]
    assert school.preset == "group-locked-storage"
    assert queries.for_school(school, on=date(2026, 7, 1)).break_use == "revocable_privilege"


def test_withdraw_change_in_force_or_already_withdrawn_is_refused(
    school: School, change: Callable[..., RuleValue], administrator_user: User, at: datetime
) -> None:
    given = {"school": school, "actor": administrator_user, "at": at, "reason": "Second thoughts."}
    with pytest.raises(operations.AlreadyInForce):
        operations.withdraw_change(change=change(), **given)
    row = change(effective_from=TODAY + timedelta(days=3), value="parent_end_of_day_office")
    operations.withdraw_change(change=row, **given)
    with pytest.raises(operations.AlreadyReplaced):
        operations.withdraw_change(change=row, **given)


# --- the database says no as well -------------------------------------------------------------------------------------


def _row(school: School, **given: Any) -> RuleValue:
    values = {
        "school": school,
        "key": "break_use",
        "value": "no",
        "kind": ChangeKind.CHANGE,
        "effective_from": TODAY,
        "reason": "Because.",
        "batch": uuid.uuid4(),
        "created_at": datetime(2026, 11, 23, tzinfo=LONDON),
    }
    return RuleValue(**values | given)


@pytest.mark.parametrize("table", ["rules_rulevalue", "rules_ruleannouncement", "rules_recordeddecision"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_rules_tables_are_append_only_in_the_database(school: School, table: str, statement: str) -> None:
    """House §4.3: refused by the database to the role that the pages run as."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_rule_value_is_append_only_in_code(change: Callable[..., RuleValue]) -> None:
    row = change()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"kind": "whim"}, "rules_rulevalue_kind_known"),
        ({"reason": ""}, "rules_rulevalue_reason_given"),
        ({"value": None}, "rules_rulevalue_value_unless_withdrawn"),
        ({"kind": ChangeKind.CORRECTION}, "rules_rulevalue_supersedes_paired"),
        ({"kind": ChangeKind.PRESET}, "rules_rulevalue_preset_named"),
        ({"preset": "phone-free-agreement"}, "rules_rulevalue_preset_named"),
    ],
)
def test_rule_value_constraints(school: School, given: dict[str, Any], constraint: str) -> None:
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        _row(school, **given).save()


def test_rule_value_is_superseded_once(school: School) -> None:
    first = _row(school)
    first.save()
    _row(school, kind=ChangeKind.CORRECTION, supersedes=first).save()
    with pytest.raises(DatabaseError, match="rules_rulevalue_superseded_once"), transaction.atomic():
        _row(school, kind=ChangeKind.CORRECTION, supersedes=first).save()


def test_announcement_once_for_each_step(school: School, at: datetime) -> None:
    given = {"school": school, "batch": uuid.uuid4(), "effective_from": TODAY, "sent_at": at, "recipients": 1}
    RuleAnnouncement(days=7, **given).save()
    RuleAnnouncement(days=28, **given).save()
    with pytest.raises(DatabaseError, match="rules_ruleannouncement_once"), transaction.atomic():
        RuleAnnouncement(days=7, **given).save()
    with pytest.raises(DatabaseError, match="rules_ruleannouncement_days_known"), transaction.atomic():
        RuleAnnouncement(days=5, **given).save()


# --- recorded decisions (matrix 0.3) ----------------------------------------------------------------------------------


def test_record_decision_where_the_rule_is_not_settled(db: None, at: datetime) -> None:
    """UNN-S10, matrix 0.3 rule 1: who, when, why, and the rules' version."""
    school = make_school("silent", preset="image-and-conduct")
    head = build_user("headteacher", school)
    with scope(school=school):
        decision = operations.record_decision(
            school=school,
            actor=head,
            at=at,
            key="release_rule",
            question="May the pupil collect the phone now?",
            decision="Given to the pupil",
            reason="The parent agreed by telephone.",
            subject=school,
        )
        assert decision.rules_version == queries.for_school(school, on=TODAY).version
        assert (decision.decided_by, decision.decided_at) == (head, at)
        assert list(queries.decisions_about(school, "people.school", school.pk)) == [decision]
        entry = Entry.objects.get(action="rules.record_decision")
        assert "reason" not in entry.detail


def test_record_decision_where_the_rule_is_settled_is_refused(
    school: School, headteacher_user: User, at: datetime
) -> None:
    given = {
        "school": school,
        "actor": headteacher_user,
        "at": at,
        "question": "What now?",
        "decision": "This",
        "reason": "Because of that.",
    }
    with pytest.raises(operations.DecisionNotNeeded):
        operations.record_decision(key="release_rule", **given)
    with pytest.raises(operations.UnknownRule):
        operations.record_decision(key="colour", **given)
    with pytest.raises(operations.ReasonMissing):
        operations.record_decision(key="exception_agreed_by", **given | {"reason": ""})
    assert RecordedDecision.objects.count() == 0
