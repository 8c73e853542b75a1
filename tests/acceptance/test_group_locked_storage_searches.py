"""The scenarios of the group-locked-storage preset about searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import School
from core.people.roles import Role
from devices.enums import SearchState
from devices.models import SearchRecord
from devices.operations import add_device, seed_device_types
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_form, make_pupil
from tests.factories.taking import make_taken


@pytest.fixture
def preset() -> str:
    return "group-locked-storage"


def test_bel_s3_neg_a_search_needs_the_role_and_consent(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """BEL-S3 NEG (SEA-01, SEA-02, SEA-04): given a confiscated phone, when a class teacher opens a search, then it is
    refused by role; when an SLT member opens one without consent, it stays a draft; when the SLT member records a
    parent's consent (or the pupil's), it can proceed and is saved with the DfE guidance edition."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    amara = make_pupil(place, "Amara", "Kovacs", form=make_form(place, "8B", year=8))
    mother = make_contact(amara, has_parental_responsibility=True)
    phone = add_device(school=place, actor=None, at=at, pupil=amara, type=types["phone"])
    teacher, slt = as_role(Role.TEACHER), as_role(Role.SLT)
    stay = make_taken(amara, phone, by=teacher.user, at=at)
    clock(10, 30)

    refused = teacher.sends(f"devices/pupils/{amara.pk}/search/", of="device", custody=stay.pk)
    assert refused.status_code == 422
    assert "senior leaders" in shown(refused)
    assert not SearchRecord.objects.exists()
    assert Entry.objects.get(action="devices.open_search").outcome == Outcome.REFUSED

    sought = slt.sends(f"devices/pupils/{amara.pk}/search/", of="device", custody=stay.pk)
    assert "What is looked for" in shown(sought)
    search = SearchRecord.objects.get()
    page = f"devices/searches/{search.pk}/"
    slt.sends(f"{page}sought/", item="none", sought="Threats that were sent")
    slt.sends(f"{page}why/", grounds="Two pupils showed what they were sent.", good_reason="harm")
    slt.sends(f"{page}weigh/", weighed="")
    slt.sends(f"{page}explain/", explained="Why, how and where.", cooperation="agreed")
    waits = slt.sends(f"{page}start/")
    assert waits.status_code == 422
    assert "Consent is not on record" in shown(waits)
    search.refresh_from_db()
    assert (search.state, search.started_at) == (SearchState.CONSENT_PENDING, None)

    asked = {"giver": "contact", "contact": str(mother.pk), "answer": "given", "how": "By phone; she understood."}
    assert "Check before you start" in shown(slt.sends(f"{page}consent/", **asked))
    assert "Where, and who is there" in shown(slt.sends(f"{page}start/"))
    slt.sends(f"{page}where/", place="Office", witness_name="M. Osei", others_present="Amara’s mother")
    slt.sends(f"{page}nothing/")
    slt.sends(f"{page}outcome/", force_used="no", risk="no", follow_up="Nothing")
    made = slt.sends(f"{page}complete/")
    assert "Made: nothing found" in shown(made)
    assert "DfE searching guidance" in shown(made)
    assert "July 2022" in shown(made)
    search.refresh_from_db()
    assert (search.document, search.edition[:14]) == ("DfE searching guidance", "DfE: July 2022")
    assert "Given by Dana Kovacs" in shown(made)
