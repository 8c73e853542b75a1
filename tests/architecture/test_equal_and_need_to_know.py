"""Equal protection and need to know, held by reading the code and the role table (ORG-11, ORG-22)."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from django.test import Client

from core.people.models import Pupil, User
from core.people.roles import ROLE_PERMISSIONS, Permission, Role
from core.rules.catalogue import SETTINGS
from tests.architecture.test_house import ROOT, python_files
from tests.factories import make_contact

PROTECTED = ("gender", "sen_status", "medical_note", "date_of_birth", "religion", "ethnicity", "disability")


def test_no_list_or_report_picks_pupils_by_a_protected_characteristic() -> None:
    """ORG-22: no read filters, leaves out or orders children by what they are."""
    for path in python_files():
        if "roll" in path.parts:
            continue  # the import compares every field of a file with the roll; it chooses nobody by them
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            for keyword in node.keywords if node.func.attr in ("filter", "exclude") else []:
                words = set((keyword.arg or "").split("__"))
                assert not words & set(PROTECTED), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_rule_speaks_of_a_protected_characteristic() -> None:
    """ORG-22: a school cannot set a rule that treats some children otherwise for what they are."""
    for key in SETTINGS:
        assert not any(word in key for word in (*PROTECTED, "race", "sex_", "faith"))


@pytest.mark.parametrize("role", [Role.OFFICE, Role.TEACHER, Role.SUPPORT, Role.FORM_TUTOR])
def test_desk_roles_hold_nothing_that_opens_a_restricted_record(role: Role) -> None:
    """ORG-11: they log hand-in, storage and return, and no more than that."""
    assert not ROLE_PERMISSIONS[role] & {Permission.VIEW_AUDIT, Permission.SET_DO_NOT_INFORM, Permission.EDIT_RULES}


def test_office_sees_who_may_collect_and_never_why_not(
    pupil: Pupil, office_user: User, client_for: Callable[[User], Client]
) -> None:
    """ORG-11, ORG-13: the permitted collector shows; the court order and the bar do not."""
    make_contact(pupil, "Permitted", may_collect=True)
    make_contact(pupil, "Barred", may_collect=False, do_not_inform=True, court_order_note="Order of the family court")
    page = client_for(office_user).get(f"/harbour-view/people/pupils/{pupil.pk}/").content.decode()
    assert "Permitted" in page
    assert "family court" not in page
    assert "do not inform" not in page.lower()
