"""Refreshing a roll: who is who, what changes, who left, what is left alone, and taking it all back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import Contact, FormGroup, Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role
from core.roll import operations, queries
from core.roll.enums import Action, ChangeState, Entity, ImportState, ProposalAnswer
from core.roll.models import ProposedDoNotInform, RememberedColumns, RollFile, RollImport
from core.roll.reading import UnreadableFile
from devices.models import DeviceType, PupilDevice
from tests.factories import make_contact, make_form, make_pupil
from tests.factories import make_user as build_user
from tests.roll.conftest import PUPIL_HEAD, csv_of, pupil_row, sample, upn
from tests.roll.defects import SOUND, defective_roll
from tests.roll.malformed import GOOD, unreadable, with_problems

Upload = Callable[..., RollImport]
Apply = Callable[..., RollImport]

CONTACT_HEAD = ("UPN", "Forename", "Surname", "Relationship", "Priority", "Mobile", "Email", "Note")
STAFF_HEAD = ("Staff code", "Forename", "Surname", "Role", "Email", "Form")


def pupils(*rows: list[str]) -> operations.Sent:
    return csv_of(PUPIL_HEAD, *rows)


def contacts(*rows: list[str]) -> operations.Sent:
    return csv_of(CONTACT_HEAD, *rows, name="contacts.csv")


def staff(*rows: list[str]) -> operations.Sent:
    return csv_of(STAFF_HEAD, *rows, name="staff.csv")


def ola(number: int = 1, **other: str) -> list[str]:
    row = {"Forename": "Ola", "Surname": "Osei", "Relationship": "Mother", "Priority": "1", "Mobile": "07700 900001",
           "Email": "ola@example.org", "Note": ""} | other  # fmt: skip
    return [upn(number), *row.values()]


@pytest.fixture
def roll(upload: Upload, apply: Apply) -> RollImport:
    """Three pupils, each with a mother, brought in as the school's first roll."""
    return apply(upload(pupils(*(pupil_row(n) for n in (1, 2, 3))), contacts(*(ola(n) for n in (1, 2, 3)))))


def plan_of(roll_import: RollImport) -> list[tuple[str, str]]:
    return list(roll_import.changes.values_list("entity", "action"))


# --- matching -------------------------------------------------------------------------------------------------------


def test_upload_matches_by_upn_then_number_then_name(roll: RollImport, upload: Upload) -> None:
    """ORG-24: a pupil is found again by UPN, by admission number, by legal name with date of birth."""
    renamed = [*pupil_row(1)]
    renamed[2] = "Mensah"
    without_upn = [*pupil_row(2)]
    without_upn[0] = ""
    named = [*pupil_row(3)]
    named[0] = named[1] = ""
    found = upload(pupils(renamed, without_upn, named))
    assert (found.summary["pupils"]["add"], found.summary["pupils"]["change"], found.summary["pupils"]["same"]) == (
        0,
        1,
        2,
    )
    (change,) = found.changes.all()
    assert (change.old, change.new) == ({"legal_surname": "Osei"}, {"legal_surname": "Mensah"})


def test_upload_temporary_upn_is_replaced(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """ORG-24: a new UPN with the same number and name is the same pupil."""
    row = pupil_row(1)
    row[0] = upn(77)
    apply(upload(pupils(row)))
    assert Pupil.objects.get(admission_number="000001").upn == upn(77)
    assert Pupil.objects.count() == 3


@pytest.mark.parametrize(
    ("upn_of", "number_of", "words"),
    [
        (1, "000002", "one pupil on the roll and the admission number to another"),
        (9, "000002", "another pupil on the roll"),
    ],
)
def test_upload_contradictory_row_is_left_out(
    roll: RollImport, upload: Upload, upn_of: int, number_of: str, words: str
) -> None:
    found = upload(pupils([upn(upn_of), number_of, "Quite", "Other", "01/09/2014", "7", "7A"]))
    assert found.changes.filter(action=Action.ADD).count() == 0
    assert words in found.problems.get(stops=True).sentence


def test_upload_two_rows_of_one_pupil_leave_the_second_out(roll: RollImport, upload: Upload) -> None:
    by_name = pupil_row(1)
    by_name[0] = by_name[1] = ""
    found = upload(pupils(pupil_row(1), by_name))
    assert "Two" in found.problems.get().sentence or "both mean" in found.problems.get().sentence


def test_upload_empty_cell_keeps_upn_number_and_medical_note(roll: RollImport, upload: Upload, at: datetime) -> None:
    """ORG-24: an empty cell takes away a known-as name and not a medical note."""
    pupil = Pupil.objects.get(upn=upn(1))
    pupil.medical_note, pupil.preferred_forename = "Type 1 diabetes: CGM", "An"
    pupil.stamp(by=None, at=at)
    pupil.save()
    row = [*pupil_row(1), "", ""]
    found = upload(csv_of((*PUPIL_HEAD, "Medical", "Known as"), row))
    assert [change.new for change in found.changes.filter(action=Action.CHANGE)] == [{"preferred_forename": ""}]


def test_upload_column_that_is_absent_changes_nothing(roll: RollImport, upload: Upload) -> None:
    """ORG-24: only what the file speaks of is compared."""
    found = upload(csv_of(("UPN", "Surname", "Forename", "Year"), [upn(1), "Osei", "Anab", "7"]))
    assert found.summary["pupils"]["same"] == 1


# --- leavers ---------------------------------------------------------------------------------------------------------


def test_apply_keeps_whoever_is_not_in_the_file(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """ORG-24: not in the file means kept, until a person ticks them."""
    found = upload(pupils(pupil_row(1)))
    assert found.summary["pupils"]["left"] == 2
    apply(found)
    assert Pupil.objects.filter(left_on__isnull=True).count() == 3


def test_apply_ticked_leaver_is_closed_and_not_deleted(
    roll: RollImport, upload: Upload, apply: Apply, at: datetime
) -> None:
    """ORG-24: leavers are closed, never deleted; their contacts stay with them."""
    gone = Pupil.objects.get(upn=upn(2))
    apply(upload(pupils(pupil_row(1), pupil_row(3))), leavers=[f"pupil:{gone.pk}"])
    gone.refresh_from_db()
    assert gone.left_on == at.date()
    assert gone.contacts.count() == 1
    assert Pupil.objects.filter(left_on__isnull=True).count() == 2


def test_apply_pupil_who_comes_back_is_on_roll_again(
    roll: RollImport, upload: Upload, apply: Apply, at: datetime
) -> None:
    gone = Pupil.objects.get(upn=upn(2))
    apply(upload(pupils(pupil_row(1), pupil_row(3))), leavers=[f"pupil:{gone.pk}"])
    apply(upload(pupils(*(pupil_row(n) for n in (1, 2, 3)))), at=at + timedelta(days=1))
    gone.refresh_from_db()
    assert gone.left_on is None
    assert Pupil.objects.count() == 3


def test_upload_bad_row_is_not_taken_for_a_leaver(roll: RollImport, upload: Upload) -> None:
    """ORG-24: a pupil whose row has a problem is in the list."""
    bad = pupil_row(2)
    bad[4] = "31/02/2015"
    found = upload(pupils(pupil_row(1), bad, pupil_row(3)))
    assert found.summary["pupils"]["left"] == 0
    assert found.summary["problems"] == 1


def test_apply_closes_everybody_who_is_not_in_the_list_when_told(
    roll: RollImport, upload: Upload, apply: Apply
) -> None:
    """ORG-24: a whole year that left takes one tick."""
    apply(upload(pupils(pupil_row(1))), leavers=["pupil:all"])
    assert [pupil.upn for pupil in Pupil.objects.filter(left_on__isnull=True)] == [upn(1)]


def test_apply_ignores_a_leaver_who_was_not_proposed(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """A key that the preview did not offer closes nobody."""
    in_list = Pupil.objects.get(upn=upn(1))
    apply(upload(pupils(pupil_row(1))), leavers=[f"pupil:{in_list.pk}", "pupil:999999", "user:1", "pupil:x"])
    assert Pupil.objects.filter(left_on__isnull=False).count() == 0


# --- forms -----------------------------------------------------------------------------------------------------------


def test_apply_makes_forms_with_the_years_they_span(upload: Upload, apply: Apply) -> None:
    """ORG-24: forms are made as needed, mixed ages included; another spelling is the same form."""
    apply(
        upload(
            pupils(
                pupil_row(1, year="3", form="Oak"),
                pupil_row(2, year="4", form="oak"),
                pupil_row(3, year="R", form="Elm"),
            )
        )
    )
    assert list(FormGroup.objects.values_list("name", "year_from", "year_to")) == [("Elm", 0, 0), ("Oak", 3, 4)]
    assert {pupil.phase for pupil in Pupil.objects.all()} == {"primary", "early_years"}


def test_apply_new_year_moves_pupils_and_forms(roll: RollImport, upload: Upload, apply: Apply) -> None:
    found = upload(pupils(*(pupil_row(n, year="8") for n in (1, 2, 3))))
    apply(found)
    assert FormGroup.objects.get().year_from == 8
    assert set(Pupil.objects.values_list("year_group", flat=True)) == {8}


# --- contacts --------------------------------------------------------------------------------------------------------


def test_upload_contact_of_unknown_pupil_is_left_out(roll: RollImport, upload: Upload) -> None:
    found = upload(contacts(ola(1), ola(55)))
    assert found.summary["contacts"]["same"] == 1
    problem = found.problems.get()
    assert (problem.row, problem.sentence) == (
        3, f"No pupil with UPN {upn(55)} is on the roll or in the pupils' list.",
    )  # fmt: skip


def test_upload_contact_of_a_pupil_left_out_points_to_that_row(upload: Upload) -> None:
    bad = pupil_row(1)
    bad[4] = "31/02/2015"
    found = upload(pupils(bad, pupil_row(2)), contacts(ola(1), ola(2)))
    assert "see row 2 of the pupils' list" in found.problems.get(kind="contacts").sentence


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [
        ("Mobile", "07700 900777", "mobile"),
        ("Email", "new@example.org", "email"),
        ("Relationship", "Carer", "relationship"),
        ("Priority", "2", "priority"),
        ("Surname", "Mensah", "surname"),
    ],
)
def test_apply_changed_contact_stays_the_same_record(
    roll: RollImport, upload: Upload, apply: Apply, field: str, value: str, attribute: str
) -> None:
    """ORG-13: a contact is known again although one thing about them changed."""
    before = Contact.objects.get(pupil__upn=upn(1))
    apply(upload(contacts(ola(1, **{field: value}))))
    after = Contact.objects.get(pupil__upn=upn(1))
    assert after.pk == before.pk
    assert str(getattr(after, attribute)) == value


def test_apply_contact_not_in_the_file_is_kept_until_ticked(roll: RollImport, upload: Upload, apply: Apply) -> None:
    pupil = Pupil.objects.get(upn=upn(1))
    kept = make_contact(pupil, "Mensah", forename="Grandma")
    apply(upload(contacts(ola(1))))
    kept.refresh_from_db()
    assert kept.ended_on is None
    apply(upload(contacts(ola(1))), leavers=[f"contact:{kept.pk}"])
    kept.refresh_from_db()
    assert kept.ended_on is not None


def test_apply_court_order_note_asks_the_dsl_and_sets_nothing(
    upload: Upload, apply: Apply, dsl_user: User, school: School, at: datetime
) -> None:
    """ORG-13: the import proposes, the DSL decides; until then the contact may not collect."""
    apply(upload(pupils(pupil_row(1)), contacts(ola(1, Note="Do not contact: court order"))))
    contact = Contact.objects.get()
    assert (contact.do_not_inform, contact.may_collect, contact.court_order_note) == (
        False, False, "Do not contact: court order",
    )  # fmt: skip
    notice = Notice.objects.get(recipient=dsl_user)
    assert "Osei" not in notice.subject + notice.url
    proposal = ProposedDoNotInform.objects.get()
    operations.answer_proposal(school=school, actor=dsl_user, at=at, proposal=proposal, answer=ProposalAnswer.CONFIRMED)
    contact.refresh_from_db()
    assert contact.do_not_inform is True
    again = upload(contacts(ola(1, Note="Do not contact: court order")))
    assert again.changes.count() == 0, "what was decided is not asked again"


def test_answer_proposal_needs_the_dsl_and_a_reason_to_dismiss(
    upload: Upload, apply: Apply, dsl_user: User, administrator_user: User, school: School, at: datetime
) -> None:
    """ORG-13: settable by the DSL alone."""
    apply(upload(pupils(pupil_row(1)), contacts(ola(1, Note="Court order"))))
    proposal = ProposedDoNotInform.objects.get()
    given: dict[str, Any] = {"school": school, "at": at, "proposal": proposal}
    with pytest.raises(NotPermitted):
        operations.answer_proposal(actor=administrator_user, answer=ProposalAnswer.CONFIRMED, **given)
    with pytest.raises(operations.ReasonNeeded):
        operations.answer_proposal(actor=dsl_user, answer=ProposalAnswer.DISMISSED, **given)
    operations.answer_proposal(actor=dsl_user, answer=ProposalAnswer.DISMISSED, reason="Order has ended", **given)
    assert Contact.objects.get().do_not_inform is False
    with pytest.raises(operations.AlreadyAnswered):
        operations.answer_proposal(actor=dsl_user, answer=ProposalAnswer.CONFIRMED, **given)


# --- staff -----------------------------------------------------------------------------------------------------------


def test_apply_staff_gets_the_roles_that_a_person_chose(upload: Upload, apply: Apply) -> None:
    """ORG-05: roles are proposed from the title and given as corrected."""
    found = upload(staff(["S1", "Kai", "Green", "Wizard", "kai@example.org", ""]))
    assert found.summary["jobs"] == [{"title": "Wizard", "count": 1, "roles": []}]
    apply(found, roles={"Wizard": ["teacher", "rshe_lead"]})
    kai = User.objects.get(email="kai@example.org")
    assert {holding.role for holding in kai.holdings.all()} == {"teacher", "rshe_lead"}
    assert kai.has_usable_password() is False


def test_apply_staff_never_makes_an_administrator(upload: Upload, apply: Apply) -> None:
    """No list of staff gives away the keys."""
    found = upload(staff(["S1", "Kai", "Green", "Administrator", "kai@example.org", ""]))
    apply(found, roles={"Administrator": ["administrator"]})
    assert User.objects.get(email="kai@example.org").holdings.count() == 0


def test_apply_staff_again_gives_no_role_twice_or_back(upload: Upload, apply: Apply, at: datetime) -> None:
    """A role that was ended by hand does not come back with the next list."""
    row = ["S1", "Kai", "Green", "Teacher", "kai@example.org", ""]
    apply(upload(staff(row)))
    held = RoleHolding.objects.get(user__email="kai@example.org")
    held.ends_on = at.date()
    held.stamp(by=None, at=at)
    held.save()
    assert upload(staff(row)).changes.count() == 0


def test_apply_staff_who_left_is_closed_with_their_roles(upload: Upload, apply: Apply, at: datetime) -> None:
    kai = ["S1", "Kai", "Green", "Teacher", "kai@example.org", ""]
    ada = ["S2", "Ada", "Bell", "Office", "ada@example.org", ""]
    apply(upload(staff(kai, ada)))
    found = upload(staff(kai))
    assert found.summary["staff"]["left"] == 1, "the person who imports is not proposed as a leaver"
    gone = Membership.objects.get(staff_code="S2")
    apply(found, leavers=[f"membership:{gone.pk}"])
    gone.refresh_from_db()
    assert gone.left_on == at.date()
    assert RoleHolding.objects.get(user__email="ada@example.org").ends_on == at.date()
    assert RoleHolding.objects.get(user__email="kai@example.org").ends_on is None


def test_apply_staff_known_at_another_school_keeps_their_name(
    upload: Upload, apply: Apply, other_school: School
) -> None:
    """One person may work at several schools; neither renames them for the other."""
    with scope(school=other_school):
        known = build_user(Role.TEACHER, other_school)
    apply(upload(staff(["S1", "Nick", "Name", "Teacher", known.email, ""])))
    before = known.full_name
    known.refresh_from_db()
    assert known.full_name == before != "Nick Name"
    assert Membership.objects.get(staff_code="S1").user_id == known.pk


def test_apply_new_tutor_takes_over_from_the_old(roll: RollImport, upload: Upload, apply: Apply) -> None:
    kai = ["S1", "Kai", "Green", "Teacher", "kai@example.org", "7A"]
    ada = ["S2", "Ada", "Bell", "Teacher", "ada@example.org", ""]
    apply(upload(staff(kai, ada)))
    assert FormGroup.objects.get().tutor.given_name == "Kai"
    kai[5], ada[5] = "", "7A"
    apply(upload(staff(kai, ada)))
    assert FormGroup.objects.get().tutor.given_name == "Ada"
    assert RoleHolding.objects.get(role=Role.FORM_TUTOR, user__given_name="Kai").ends_on is not None


def test_upload_staff_needs_the_right_to_manage_accounts(school: School, at: datetime, office_user: User) -> None:
    with pytest.raises(NotPermitted):
        operations.upload_roll(school=school, actor=office_user, at=at, files=[pupils(pupil_row(1))])


# --- refusals --------------------------------------------------------------------------------------------------------


def test_upload_malformed_corpus_changes_nothing(upload: Upload, school: School) -> None:
    """F24: sixty broken files, no exception but a refusal, and nothing of them is left."""
    for _, content in unreadable():
        if len(content) > 2_000_000:
            continue  # their speed is shown in test_reading
        with pytest.raises(UnreadableFile):
            upload(operations.Sent("list.csv", content))
    assert RollImport.objects.count() == RollFile.objects.count() == 0
    for _, content in with_problems():
        found = upload(operations.Sent("list.csv", content))
        assert found.problems.filter(stops=True).exists()
    assert Pupil.objects.count() == 0


def test_upload_refuses_two_lists_of_one_kind_and_too_many(upload: Upload) -> None:
    with pytest.raises(operations.SameListTwice):
        upload(pupils(pupil_row(1)), pupils(pupil_row(2)))
    with pytest.raises(operations.TooManyFiles):
        upload(*[pupils(pupil_row(1))] * 6)
    with pytest.raises(operations.NothingToImport):
        upload()


def test_upload_names_the_broken_file_among_several(upload: Upload) -> None:
    with pytest.raises(UnreadableFile, match=r'^"contacts\.csv": This file is empty'):
        upload(pupils(pupil_row(1)), operations.Sent("contacts.csv", b""))


def test_apply_sixty_defects_needs_consent_and_then_takes_the_sound_rows(upload: Upload, apply: Apply) -> None:
    """ORG-24: a roll with 60 defects is reported row by row, and nothing is half-done."""
    sent, expected = defective_roll()
    found = upload(sent)
    assert found.summary["problems"] == 60
    assert set(found.problems.filter(stops=True).values_list("row", flat=True)) == set(expected)
    with pytest.raises(operations.ProblemRowsNotAccepted):
        apply(found)
    assert Pupil.objects.count() == Contact.objects.count() == 0
    apply(found, without_problem_rows=True)
    assert Pupil.objects.count() == Contact.objects.count() == SOUND


def test_apply_after_somebody_changed_the_roll_asks_for_a_new_preview(
    roll: RollImport, upload: Upload, apply: Apply, at: datetime, school: School, administrator_user: User
) -> None:
    found = upload(pupils(pupil_row(1, surname="Mensah")))
    make_pupil(school, "New", "Comer")
    with pytest.raises(operations.RollChangedMeanwhile):
        apply(found)
    operations.refresh_preview(school=school, actor=administrator_user, at=at, roll_import=found)
    assert apply(found).state == ImportState.APPLIED


def test_apply_leaves_alone_what_changes_while_it_runs(
    roll: RollImport, upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    """ORG-24: an edit by hand wins over a batch that comes later."""
    found = upload(pupils(*(pupil_row(n, surname="Mensah") for n in (1, 2, 3)), pupil_row(4)))
    operations.apply_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    edited = Pupil.objects.get(upn=upn(2))
    edited.legal_surname = "Typed"
    edited.stamp(by=administrator_user, at=at)
    edited.save()
    make_pupil(school, "Came", "Meanwhile", upn=upn(4), admission_number="999")
    assert operations.run_roll_import(import_id=found.pk, at=at)
    assert {pupil.legal_surname for pupil in Pupil.objects.all()} == {"Mensah", "Typed", "Meanwhile"}
    assert {change.reason[:8] for change in queries.not_done(found)} == {"Somebody", "Another "}


def test_apply_second_import_waits_for_the_first(
    roll: RollImport, upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    first, second = upload(pupils(pupil_row(4))), upload(pupils(pupil_row(5)))
    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at}
    operations.apply_roll(roll_import=first, **given)
    with pytest.raises(operations.AnotherImportRunning):
        operations.apply_roll(roll_import=second, **given)


def test_apply_twice_is_refused(roll: RollImport, apply: Apply) -> None:
    with pytest.raises(operations.NotOpen):
        apply(roll)


def test_cancel_leaves_nothing_of_the_files(
    upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    found = upload(pupils(pupil_row(1)))
    operations.cancel_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    assert bytes(RollFile.objects.get().content) == b""
    assert found.changes.count() == 0
    with pytest.raises(operations.NotOpen):
        operations.cancel_roll(school=school, actor=administrator_user, at=at, roll_import=found)


# --- columns ---------------------------------------------------------------------------------------------------------


def test_correct_mapping_is_remembered_for_the_same_headings(
    upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    """ORG-24: what a school corrects once it need not correct again."""
    odd = csv_of(("UPN", "Surname", "Forename", "Jahrgang", "Year"), [upn(1), "Osei", "Ana", "7", "x"])
    found = upload(odd)
    file = found.files.get()
    assert found.problems.filter(stops=True).count() == 1
    chosen = ["upn", "surname", "forename", "year_group", ""]
    found = operations.correct_mapping(
        school=school, actor=administrator_user, at=at, roll_import=found, columns={str(file.pk): chosen}
    )
    assert found.state == ImportState.PREVIEWED and found.summary["pupils"]["add"] == 1
    assert RememberedColumns.objects.get().columns == chosen
    assert upload(odd).summary["pupils"]["add"] == 1


def test_correct_mapping_refuses_what_makes_no_list(
    upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    found = upload(pupils(pupil_row(1)))
    file = found.files.get()
    for columns, words in (
        (["upn"] * 7, "matched to the same thing"),
        (["upn", *[""] * 6], "choose the column"),
        (["upn"], "7 columns"),
    ):
        with pytest.raises(operations.WrongColumns, match=words):
            operations.correct_mapping(
                school=school, actor=administrator_user, at=at, roll_import=found, columns={str(file.pk): columns}
            )


def test_correct_mapping_of_the_kind_recognises_anew(
    upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    found = upload(staff(["S1", "Kai", "Green", "Teacher", "kai@example.org", ""]))
    file = found.files.get()
    found = operations.correct_mapping(
        school=school, actor=administrator_user, at=at, roll_import=found, columns={}, kinds={str(file.pk): "contacts"}
    )
    file.refresh_from_db()
    assert (found.state, file.kind) == (ImportState.UPLOADED, "contacts")


# --- undo ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def undo(school: School, administrator_user: User, at: datetime) -> Callable[..., RollImport]:
    def make(roll_import: RollImport, *, at: datetime = at) -> RollImport:
        operations.undo_roll(school=school, actor=administrator_user, at=at, roll_import=roll_import)
        assert operations.run_roll_import(import_id=roll_import.pk, at=at)
        roll_import.refresh_from_db()
        return roll_import

    return make


def test_undo_takes_away_everything_that_was_added(upload: Upload, apply: Apply, undo: Apply) -> None:
    """ORG-24: undo for 24 hours; the history of what was there stays."""
    done = undo(apply(upload(*sample("rushmere"))))
    assert done.state == ImportState.UNDONE
    assert Pupil.objects.count() == Contact.objects.count() == FormGroup.objects.count() == 0
    assert Membership.objects.exclude(staff_code="").count() == 0
    assert RoleHolding.objects.exclude(role=Role.ADMINISTRATOR).count() == 0
    assert Pupil.history.filter(history_type="-").count() == 106
    assert queries.not_done(done).count() == 0


def test_undo_restores_what_was_changed_and_closed(roll: RollImport, upload: Upload, apply: Apply, undo: Apply) -> None:
    gone = Pupil.objects.get(upn=upn(3))
    rows = list(Pupil.objects.order_by("pk").values("upn", "legal_surname", "year_group", "left_on", "search_text"))
    done = apply(
        upload(pupils(pupil_row(1, surname="Mensah", year="8"), pupil_row(2), pupil_row(4))),
        leavers=[f"pupil:{gone.pk}"],
    )
    undo(done)
    assert (
        list(Pupil.objects.order_by("pk").values("upn", "legal_surname", "year_group", "left_on", "search_text"))
        == rows
    )


def test_undo_keeps_what_somebody_changed_since(
    roll: RollImport, upload: Upload, apply: Apply, undo: Apply, at: datetime
) -> None:
    done = apply(upload(pupils(*(pupil_row(n, surname="Mensah") for n in (1, 2, 3)))))
    edited = Pupil.objects.get(upn=upn(2))
    edited.preferred_forename = "Abi"
    edited.stamp(by=None, at=at)
    edited.save()
    undo(done)
    assert sorted(Pupil.objects.values_list("legal_surname", flat=True)) == ["Mensah", "Osei", "Osei"]
    assert "keeps what it has now" in queries.not_done(done).get().reason


def test_undo_closes_a_pupil_whom_other_records_refer_to(
    upload: Upload, apply: Apply, undo: Apply, school: School, at: datetime
) -> None:
    """ORG-24: never deleted while records refer to them; such a pupil keeps their contacts."""
    done = apply(upload(pupils(pupil_row(1), pupil_row(2)), contacts(ola(1), ola(2))))
    used = Pupil.objects.get(upn=upn(1))
    refer_to(used, at)
    undo(done)
    (left,) = Pupil.objects.all()
    assert (left.pk, left.left_on) == (used.pk, at.date())
    assert left.contacts.count() == 1
    assert done.changes.get(entity=Entity.PUPIL, target_id=used.pk).state == ChangeState.CLOSED


def refer_to(pupil: Pupil, at: datetime) -> None:
    """Give a pupil a device on record."""
    kind = DeviceType(school=pupil.school, key="phone", label="Phone")
    kind.stamp(by=None, at=at)
    kind.save()
    device = PupilDevice(school=pupil.school, pupil=pupil, type=kind)
    device.stamp(by=None, at=at)
    device.save()


def test_undo_is_refused_after_a_day_after_a_later_import_and_twice(
    roll: RollImport, upload: Upload, apply: Apply, undo: Apply, at: datetime
) -> None:
    with pytest.raises(operations.NotToBeUndone, match="24 hours"):
        undo(roll, at=at + timedelta(hours=25))
    later = apply(upload(pupils(pupil_row(1, surname="Mensah"))), at=at + timedelta(minutes=1))
    with pytest.raises(operations.NotToBeUndone, match="later import"):
        undo(roll, at=at + timedelta(minutes=2))
    undo(later, at=at + timedelta(minutes=2))
    undo(roll, at=at + timedelta(minutes=3))
    with pytest.raises(operations.NotToBeUndone, match="already"):
        undo(roll, at=at + timedelta(minutes=4))
    assert Pupil.objects.count() == 0


# --- the record, the clearing, the cost -----------------------------------------------------------------------------


def test_apply_writes_to_the_record_who_what_and_old_and_new(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """ORG-09: old and new values, and no note about health or courts."""
    row = [*pupil_row(1, surname="Mensah"), "Type 1 diabetes: CGM"]
    apply(upload(csv_of((*PUPIL_HEAD, "Medical"), row)))
    entry = Entry.objects.filter(action="roll.batch").latest("id")
    (change,) = entry.detail["changed"]
    assert change["old"]["legal_surname"] == "Osei" and change["new"]["legal_surname"] == "Mensah"
    assert "diabetes" not in str(entry.detail)
    assert Pupil.history.filter(upn=upn(1)).latest("history_id").history_change_reason.startswith("Roll import")


def test_clear_old_imports_empties_files_after_thirty_days(roll: RollImport, upload: Upload, at: datetime) -> None:
    """ORG-18: the files go, the roll and the counts stay."""
    waiting = upload(pupils(pupil_row(9)))
    assert operations.clear_old_imports(at=at + timedelta(days=29)) == 0
    assert operations.clear_old_imports(at=at + timedelta(days=31)) == 2
    assert {bytes(file.content) for file in RollFile.objects.all()} == {b""}
    assert set(roll.changes.values_list("label", flat=True)) == {""}
    waiting.refresh_from_db()
    assert waiting.state == ImportState.CANCELLED
    assert Pupil.objects.count() == 3
    assert operations.clear_old_imports(at=at + timedelta(days=32)) == 0


@pytest.mark.parametrize("number", [3, 30])
def test_apply_statements_do_not_grow_with_the_rows(
    number: int, upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    """House §4.7: the same number of statements for three pupils and for thirty."""
    found = upload(
        pupils(*(pupil_row(n) for n in range(1, number + 1))), contacts(*(ola(n) for n in range(1, number + 1)))
    )
    operations.apply_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    with CaptureQueriesContext(connection) as statements:
        operations.run_roll_import(import_id=found.pk, at=at)
    assert len([one for one in statements if "SAVEPOINT" not in one["sql"]]) == 22


def test_upload_same_submission_is_one_import(school: School, administrator_user: User, at: datetime) -> None:
    """Security §5.11: a double click uploads once."""
    from uuid import uuid4

    given: dict[str, Any] = {"school": school, "actor": administrator_user, "at": at, "submission": uuid4()}
    sent = operations.Sent("pupils.csv", GOOD.encode())
    first = operations.upload_roll(files=[sent], **given)
    assert operations.upload_roll(files=[sent], **given).pk == first.pk
    assert RollImport.objects.count() == 1


def test_form_made_meanwhile_takes_the_pupils(
    upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    """A form of the same name, made by hand while the import ran, is used and not doubled."""
    found = upload(pupils(pupil_row(1), pupil_row(2)))
    operations.apply_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    by_hand = make_form(school, "7A", year=7)
    assert operations.run_roll_import(import_id=found.pk, at=at)
    assert {pupil.form_id for pupil in Pupil.objects.all()} == {by_hand.pk}


# --- young carers, pupil premium, ethnicity --------------------------------------------------------------------------


def test_apply_columns_for_what_is_weighed_and_counted(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """CO-2, CO-7, SE-10, ORG-24: they come with the roll; the same list again, or one without them, changes nothing."""
    head = (*PUPIL_HEAD, "Young Carer", "Pupil Premium Indicator", "Ethnicity")
    full = csv_of(head, [*pupil_row(1), "Y", "Yes", "White - British"])
    apply(upload(full))
    found = Pupil.objects.get(upn=upn(1))
    assert (found.young_carer, found.pupil_premium, found.ethnicity) == (True, True, "White - British")
    for same in (full, pupils(pupil_row(1)), csv_of((*PUPIL_HEAD, "Ethnic Group"), [*pupil_row(1), ""])):
        apply(upload(same))
        assert Pupil.objects.get(upn=upn(1)).version == found.version
    wrong = upload(csv_of((*PUPIL_HEAD, "Pupil Premium"), [*pupil_row(1), "perhaps"]))
    assert "neither yes nor no" in wrong.problems.get().sentence
    apply(upload(csv_of((*PUPIL_HEAD, "PP", "Young carer"), [*pupil_row(1), "N", ""])))
    found.refresh_from_db()
    assert (found.young_carer, found.pupil_premium, found.ethnicity) == (False, False, "White - British")
    assert found.history.count() >= 2


# --- boarders --------------------------------------------------------------------------------------------------------


def test_apply_column_of_boarders(roll: RollImport, upload: Upload, apply: Apply) -> None:
    """Law PH-3, ORG-24: who boards comes with the roll; a list without the column changes nothing."""
    apply(upload(csv_of((*PUPIL_HEAD, "Boarder"), [*pupil_row(1), "B"])))
    assert Pupil.objects.get(upn=upn(1)).is_boarder
    apply(upload(pupils(pupil_row(1))))
    assert Pupil.objects.get(upn=upn(1)).is_boarder
    wrong = upload(csv_of((*PUPIL_HEAD, "Boarder"), [*pupil_row(1), "perhaps"]))
    assert "does not say whether the pupil boards" in wrong.problems.get().sentence
    apply(upload(csv_of((*PUPIL_HEAD, "Boarder"), [*pupil_row(1), "N"])))
    assert not Pupil.objects.get(upn=upn(1)).is_boarder
