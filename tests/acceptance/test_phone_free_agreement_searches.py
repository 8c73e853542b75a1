"""The scenarios of the phone-free-agreement preset about searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.notices.enums import Urgency
from core.notices.models import Notice
from core.people.models import Pupil, School
from core.people.roles import Role
from devices.enums import SearchState
from devices.models import SearchRecord
from devices.operations.searches import authorise_searcher
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil
from tests.factories.searching import item_of


@pytest.fixture
def preset() -> str:
    return "phone-free-agreement"


def search_by(person: Person, pupil: Pupil, **outcome: str) -> SearchRecord:
    """One search through the pages, from open to saved, on grounds."""
    person.sends(f"devices/pupils/{pupil.pk}/search/", of="possessions")
    search = SearchRecord.objects.latest("id")
    page = f"devices/searches/{search.pk}/"
    person.sends(f"{page}sought/", item=str(item_of(pupil).pk), sought="A blade")
    unstated = person.sends(f"{page}why/", grounds="Seen by two pupils")
    assert unstated.status_code == 422
    stated = person.sends(f"{page}why/", grounds="Seen by two pupils", necessity="It may be used today")
    assert "Consent" not in shown(stated)
    person.sends(f"{page}weigh/", weighed="")
    person.sends(f"{page}explain/", explained="Why, how and where.", cooperation="agreed")
    person.sends(f"{page}start/")
    person.sends(f"{page}where/", place="Office", witness_name="M. Osei", others_present="nobody")
    person.sends(f"{page}how/", same_sex_searcher="yes", same_sex_witness="yes", outer_clothing_only="yes")
    person.sends(f"{page}nothing/")
    person.sends(f"{page}outcome/", force_used="no", follow_up="Nothing", **outcome)
    person.sends(f"{page}complete/")
    search.refresh_from_db()
    return search


def test_roc_s7_neg_a_search_on_suspicion_of_a_prohibited_item(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """ROC-S7 NEG (SEA-01, SEA-03, SEA-07, SEA-08): when an unauthorised teacher opens a search on suspicion of a
    prohibited item, then refused; when an authorised person does so with grounds and necessity stated, no consent is
    asked, the DSL is notified on saving, and a safeguarding finding raises an urgent notice."""
    amara = make_pupil(place, "Amara", "Kovacs", form=make_form(place, "8B", year=8))
    head, dsl = as_role(Role.HEADTEACHER), as_role(Role.DSL)
    teacher, authorised = as_role(Role.TEACHER), as_role(Role.TEACHER)
    authorise_searcher(
        school=place, actor=head.user, at=at, person=authorised.user, scope=["possessions"], classes=["statutory"],
        starts_on=at.date(),
    )  # fmt: skip
    clock(11, 0)

    refused = teacher.sends(f"devices/pupils/{amara.pk}/search/", of="possessions")
    assert refused.status_code == 422
    assert authorised.user.display_name in shown(refused)
    assert not SearchRecord.objects.exists()

    search = search_by(authorised, amara, risk="no")
    assert (search.state, search.consents.count()) == (SearchState.COMPLETED_NOTHING, 0)
    notice = Notice.objects.get(recipient=dsl.user, kind="devices.search")
    assert notice.urgency == Urgency.ORDINARY
    assert "A search" in shown(dsl.opens(notice.url.removeprefix("/fernleigh/")))

    search = search_by(authorised, amara, risk="yes", risk_note="A threat was made.")
    urgent = Notice.objects.get(recipient=dsl.user, kind="devices.search_risk")
    assert urgent.urgency == Urgency.URGENT
    assert urgent.url.endswith(f"/searches/{search.pk}/")
