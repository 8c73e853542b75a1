"""Every move of matrix 4.11 and 4.13 to 4.15, and every other that could be thought of: in the code and the database.

The tables stand here in the matrix's own words, so that a change of `agreements.workflow` alone fails.
"""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from agreements import workflow
from agreements.enums import (
    AccessState,
    AgreementState,
    ConsentState,
    DeclarationState,
    DisclosureState,
    ImageUseState,
    OwnConsentState,
    SignatoryState,
)
from agreements.workflow import MoveNotPossible, check_move
from tests.devices.test_every_move import pairs_of

# Matrix 4.13. Beyond it: one signature is enough for complete; who did not agree may think again; a signature taken
# back opens it again; leaving school, or a mistake, withdraws it.
AGREEMENT = """
draft → issued, withdrawn
issued → partly_signed → complete → in_force → to_renew → superseded
issued → complete, refused, superseded, withdrawn
partly_signed → issued, refused, superseded, withdrawn
refused → issued, partly_signed, complete, superseded, withdrawn
complete → issued, partly_signed, superseded, withdrawn
in_force → superseded, ended, withdrawn
to_renew → ended, withdrawn
"""
# Law AG-1.
SIGNATORY = """
not_sent → sent → viewed → signed, declined
not_sent → viewed, signed, declined, not_asked
sent → signed, declined, not_asked
viewed → not_asked
declined → signed, not_asked
signed → taken_back → signed
taken_back → not_asked
not_asked → not_sent, sent
"""
# Matrix 4.15; what was refused, withdrawn or ran out may be given again.
CONSENT = """
asked → given → changed → withdrawn
asked → refused
given → withdrawn, expired
changed → expired
refused, withdrawn, expired → given
expired → refused, asked
"""
OWN_CONSENT = """
asked → decided → applied
"""
IMAGE_USE = """
planned → published → taken_down
planned → cancelled
"""
# Matrix 4.14; what was suspended may be taken up again.
ACCESS = """
granted → suspended → revoked
suspended → granted → revoked
"""
# Matrix 4.11; where the rules consult nobody it is decided at once, and it may be closed wherever it stands.
DECLARATION = """
declared → consulted → decided → recorded → review_due → closed
declared → decided
review_due → consulted, recorded
declared, consulted, decided, recorded → closed
"""
DISCLOSURE = """
requested → allowed → disclosed → password_reset
requested → refused
"""

TABLES: dict[str, tuple[type[StrEnum], str, str]] = {
    "AGREEMENT": (AgreementState, "agreements_agreement", AGREEMENT),
    "SIGNATORY": (SignatoryState, "agreements_signatory", SIGNATORY),
    "CONSENT": (ConsentState, "agreements_imageconsent", CONSENT),
    "OWN_CONSENT": (OwnConsentState, "agreements_ownconsentdecision", OWN_CONSENT),
    "IMAGE_USE": (ImageUseState, "agreements_imageuse", IMAGE_USE),
    "ACCESS": (AccessState, "agreements_accessgrant", ACCESS),
    "DECLARATION": (DeclarationState, "agreements_relationshipdeclaration", DECLARATION),
    "DISCLOSURE": (DisclosureState, "agreements_passworddisclosure", DISCLOSURE),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_code_has_the_table_of_the_matrix_and_refuses_the_rest(name: str) -> None:
    states, _table, text = TABLES[name]
    moves = getattr(workflow, f"{name}_MOVES")
    assert {(str(one), str(other)) for one, other in moves} == pairs_of(text)
    assert set(getattr(import_module("agreements.migrations.0001_initial"), f"{name}_MOVES")) == pairs_of(text)
    for origin, target in product(states, repeat=2):
        if (str(origin), str(target)) in pairs_of(text):
            check_move(moves, origin, target, "No.", rule="matrix 4.13")
        else:
            with pytest.raises(MoveNotPossible):
                check_move(moves, origin, target, "No.", rule="matrix 4.13")


@pytest.mark.parametrize("name", TABLES)
def test_the_database_takes_these_moves_and_no_other(name: str, db: None) -> None:
    """The function that guards the table, on a row that has nothing but a state; and it does guard the table."""
    states, table, text = TABLES[name]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s",
            [table, f"{table}_state_allowed"],
        )
        assert cursor.fetchone() == ("O",)
        cursor.execute("CREATE TEMPORARY TABLE guarded (state text) ON COMMIT DROP")
        cursor.execute(
            "CREATE TRIGGER guard BEFORE UPDATE OF state ON guarded FOR EACH ROW "
            f"WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {table}_check_state()"
        )
        for origin, target in product(states, repeat=2):
            cursor.execute("TRUNCATE guarded")
            cursor.execute("INSERT INTO guarded VALUES (%s)", [origin])
            try:
                with transaction.atomic():
                    cursor.execute("UPDATE guarded SET state = %s", [target])
                moved = True
            except IntegrityError as error:
                assert f"{table}_state_allowed" in str(error) or "no move leads" in str(error)
                moved = False
            assert moved == (origin == target or (str(origin), str(target)) in pairs_of(text)), (origin, target)
