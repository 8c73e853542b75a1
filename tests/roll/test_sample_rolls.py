"""The six sample rolls go in without touching the mapping, to the last contact and accent; again they do nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from core.audit.models import Entry
from core.people.models import Contact, FormGroup, Membership, Placement, Pupil, RoleHolding, User
from core.people.roles import Role
from core.roll.enums import ImportState
from core.roll.models import ProposedDoNotInform, RollImport
from tests.roll.conftest import sample


class Expected(NamedTuple):
    pupils: int
    contacts: int
    forms: int
    staff: int
    proposals: int
    placements: int
    medical: int


ROLLS = {
    "ashgrove": Expected(134, 242, 14, 25, 0, 0, 3),
    "barley-lane": Expected(201, 398, 7, 18, 4, 0, 0),
    "rushmere": Expected(106, 213, 4, 18, 0, 0, 0),
    "unity": Expected(522, 1043, 20, 31, 7, 0, 15),
    "rochford-vale": Expected(160, 325, 20, 31, 2, 19, 6),
    "kingsmead": Expected(1500, 2963, 50, 61, 28, 0, 59),
}


def counted() -> Expected:
    """What the school holds now; the administrator who imports came before."""
    return Expected(
        Pupil.objects.count(),
        Contact.objects.count(),
        FormGroup.objects.count(),
        Membership.objects.exclude(staff_code="").count(),
        ProposedDoNotInform.objects.count(),
        Placement.objects.count(),
        Pupil.objects.exclude(medical_note="").count(),
    )


def people() -> dict[str, set[str]]:
    """Holders of each role, by full name."""
    found: dict[str, set[str]] = {}
    for holding in RoleHolding.objects.select_related("user").exclude(role=Role.ADMINISTRATOR):
        found.setdefault(holding.role, set()).add(holding.user.full_name)
    return found


@pytest.mark.parametrize("folder", ROLLS)
def test_upload_and_apply_sample_roll(
    folder: str, upload: Callable[..., RollImport], apply: Callable[..., RollImport]
) -> None:
    """ORG-24: counts exactly as in the files, with no correction; the second time there is nothing to change."""
    files = sample(folder)
    first = upload(*files)
    assert first.state == ImportState.PREVIEWED, "the mapping needed help"
    assert first.summary["problems"] == 0
    done = apply(first)
    assert done.state == ImportState.APPLIED
    assert counted() == ROLLS[folder]
    assert Pupil.objects.filter(code="").count() == 0
    assert Pupil.objects.values("code").distinct().count() == ROLLS[folder].pupils
    assert Pupil.history.count() == ROLLS[folder].pupils
    assert Contact.history.count() == ROLLS[folder].contacts
    assert Contact.objects.filter(do_not_inform=True).count() == 0, "only the DSL sets that"
    assert not any(user.has_usable_password() for user in User.objects.exclude(memberships__staff_code=""))
    assert Entry.objects.filter(action="roll.batch").count() == done.runs.get().last_batch + 1

    again = upload(*files)
    kinds = [again.summary[kind] for kind in ("pupils", "contacts", "staff")]
    assert [(kind["add"], kind["change"], kind["left"]) for kind in kinds] == [(0, 0, 0)] * 3
    assert [kind["same"] for kind in kinds] == [ROLLS[folder].pupils, ROLLS[folder].contacts, ROLLS[folder].staff]
    assert again.changes.count() == 0
    entries = Pupil.history.count()
    assert apply(again).state == ImportState.APPLIED
    assert counted() == ROLLS[folder]
    assert Pupil.history.count() == entries


@pytest.fixture
def roll(upload: Callable[..., RollImport], apply: Callable[..., RollImport]) -> Callable[[str], Any]:
    return lambda folder: apply(upload(*sample(folder)))


def test_ashgrove_wide_file_in_windows_letters(roll: Callable[[str], Any]) -> None:
    """ORG-24: one wide file, Windows-1252, contacts in columns, letters that it lacks as they came."""
    roll("ashgrove")
    caleb = Pupil.objects.get(admission_number="010004")
    assert (caleb.legal_surname, caleb.date_of_birth, caleb.year_group, caleb.form.name) == (
        "Smith-Jones", date(2017, 3, 26), 5, "5A",
    )  # fmt: skip
    first, second = caleb.contacts.order_by("priority")
    assert (first.forename, first.surname, first.relationship, first.email) == (
        "Roisín", "Smith-Jones", "Mother", "roisín.smith-jones50@example.org",
    )  # fmt: skip
    assert (second.forename, second.surname, second.mobile) == ("Oliver", "Kelly", "07700 900720")
    assert Pupil.objects.get(admission_number="010007").contacts.count() == 1
    assert User.objects.filter(given_name="Zoë", family_name="Taylor").exists(), "the staff file is UTF-8"
    assert FormGroup.objects.get(name="5A").tutor is not None
    assert Contact.objects.filter(surname="Szczepa?ski").exists()


def test_barley_lane_class_names_and_written_months(roll: Callable[[str], Any]) -> None:
    """ORG-24: `06 Mar 2022`, classes with names, staff who tutor "R" or "1": the class of that year."""
    roll("barley-lane")
    albie = Pupil.objects.get(admission_number="020002")
    assert (albie.date_of_birth, albie.preferred_forename, albie.year_group) == (date(2022, 3, 6), "Alb", 0)
    acorn = FormGroup.objects.get(name="Acorn")
    assert (acorn.year_from, acorn.year_to) == (0, 0)
    assert acorn.tutor.full_name == "Nia Watson"
    assert FormGroup.objects.filter(tutor__isnull=True).count() == 0
    assert Pupil.objects.filter(legal_forename="Łukasz", legal_surname="Bell").exists()
    assert Contact.objects.exclude(court_order_note="").filter(may_collect=True).count() == 0


def test_rushmere_semicolons_and_mixed_ages(roll: Callable[[str], Any]) -> None:
    """ORG-24: semicolons, ISO dates, classes of two years, contacts as `Surname, Forename`."""
    roll("rushmere")
    assert {(form.name, form.year_from, form.year_to) for form in FormGroup.objects.all()} == {
        ("EYFS", 0, 0), ("Y1/2", 1, 2), ("Y3/4", 3, 4), ("Y5/6", 5, 6),
    }  # fmt: skip
    ezra = Pupil.objects.get(admission_number="030001")
    assert [(contact.forename, contact.surname, contact.mobile) for contact in ezra.contacts.order_by("priority")] == [
        ("Wren", "Thomas", "07700 900564"), ("Tamsin", "Kelly", "07700 900237"), ("Freya", "Thomas", "07700 900776"),
    ]  # fmt: skip
    tutors = RoleHolding.objects.filter(role=Role.FORM_TUTOR)
    assert tutors.count() == 7, "each of the seven teachers tutors the class of their year"
    assert {holding.form.name for holding in tutors} == {"EYFS", "Y1/2", "Y3/4", "Y5/6"}


def test_rochford_vale_placements_and_medical_notes(roll: Callable[[str], Any]) -> None:
    """ORG-12: off-site placements; medical notes that explain a device."""
    roll("rochford-vale")
    assert set(Placement.objects.values_list("provider", flat=True)) == {"Medway Motor Workshop"}
    assert set(Pupil.objects.exclude(medical_note="").values_list("medical_note", flat=True)) == {
        "Type 1 diabetes: CGM"
    }
    assert Pupil.objects.get(admission_number="050002").legal_surname == "Fernández-García"


def test_unity_staff_get_the_roles_of_their_titles(roll: Callable[[str], Any]) -> None:
    """ORG-05: job titles in words became roles."""
    roll("unity")
    held = people()
    assert held[Role.HEADTEACHER] == {"Aarav Bailey"}
    assert held[Role.SLT] == {"Harry Mensah"}
    assert held[Role.DSL] == {"Ibrahim Marshall"}
    assert held[Role.DEPUTY_DSL] == {"Siân Bailey"}
    assert held[Role.OFFICE] == {"Rhys Davis", "Layla Fernández-García"}
    assert len(held[Role.TEACHER]) == 21 and len(held[Role.FORM_TUTOR]) == 20
    assert len(held[Role.SAFEGUARDING_GOVERNOR]) == 1 and len(held[Role.GOVERNOR]) == 2
    assert Membership.objects.get(user__family_name="Mensah").category == "leader"
