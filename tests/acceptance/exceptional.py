"""What the scenarios of exceptional use share: an agreement from the school's ready text, issued to a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agreements.models import Agreement, TemplateVersion
from core.people.models import School
from core.people.roles import Role
from tests.acceptance.conftest import Person
from tests.factories import make_contact, make_form, make_pupil

ANSWER = {"decision": "agrees", "statements": ["read"]}
SANCTION = "written down before it begins: misuse means that the phone stays at home for a week."


def issued(place: School, office: Person, as_role: Callable[[Role], Person]) -> Agreement:
    """The head publishes the ready text; the office issues it with what was agreed for this pupil, and the sanction."""
    pupil = make_pupil(place, "Amara", "Kovacs", form=make_form(place, "8B", year=8))
    make_contact(pupil, has_parental_responsibility=True)
    as_role(Role.HEADTEACHER).sends(
        "agreements/templates/start/", kind="exceptional_use", beginning="ready", title="Phone for a medical reason"
    )
    draft = TemplateVersion.objects.get()
    as_role(Role.HEADTEACHER).sends(
        f"agreements/templates/versions/{draft.pk}/publish/", version=draft.version, starts_on="2026-11-23"
    )
    office.sends(
        f"agreements/pupils/{pupil.pk}/issue/", version=draft.pk, starts_on="2026-11-23", ends_on="2027-03-26",
        parents_needed="one", personal=f"Glucose alarms in lessons.\nMisuse was {SANCTION}",
    )  # fmt: skip
    return Agreement.objects.get()


def signs(office: Person, agreement: Agreement, capacity: str, **more: Any) -> Any:
    """A pupil or a parent signs at school, before the office."""
    row = agreement.signatories.get(capacity=capacity)
    return office.sends(f"agreements/at-school/{row.pk}/", name=row.name, **ANSWER | more)
