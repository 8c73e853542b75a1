"""The scenarios of the image-and-conduct preset about school equipment and the log of pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.utils import timezone

from core.people.models import School
from core.people.roles import Role
from devices.models import ImageSet, SchoolAsset
from incidents.enums import CaseState, IncidentType
from incidents.models import Incident, IncidentPerson
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil
from tests.factories.cases import make_case
from tests.factories.consents import parent_says

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]


@pytest.fixture
def preset() -> str:
    return "image-and-conduct"


def begins(person: Person, page: str) -> Incident:
    """Follow an offered report, and begin it."""
    path = page.split(f"/{person.school.slug}/", 1)[1]
    assert "About" in shown(person.opens(path))
    person.sends(path, begin="1")
    return Incident.objects.get()


def offered(html: str) -> str:
    """The address of the report that a page offers."""
    found = re.search(r'href="(/fernleigh/[^"]*staff=[^"]*)"', html)
    assert found
    return unescape(found.group(1))


def test_unn_s8_neg_pictures_without_a_school_asset_are_refused_and_a_breach_is_offered(
    place: School, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S8 NEG (CON-08, CON-09): given staff used an own phone to photograph an activity, when the image set is
    logged with no school asset, then refused and a staff breach is offered; a set with an asset is kept ready for
    scrutiny."""
    clock(9, 0)
    teacher, office, head = as_role(Role.TEACHER), as_role(Role.OFFICE), as_role(Role.HEADTEACHER)
    said = {
        "activity": "Sports day", "taken_on": "2026-11-23", "photographer": teacher.user.pk, "purpose": "website",
        "suits": "yes", "stored_where": "Office drive",
    }  # fmt: skip
    refused = as_role(Role.SLT).sends("devices/pictures-log/log/", **said)
    assert refused.status_code == 422
    assert "Only school equipment takes pictures of pupils" in shown(refused)
    assert "Report a breach by staff" in shown(refused)
    assert not ImageSet.objects.exists()
    url = offered(refused.content.decode())
    assert teacher.user.family_name not in url
    draft = begins(as_role(Role.SUPPORT), url)
    assert draft.type == IncidentType.STAFF_OWN_DEVICE
    assert IncidentPerson.objects.get(incident=draft).user == teacher.user

    office.sends("devices/school-owned/add/", number="C1", type="camera", location="Office")
    camera = office.opens("devices/school-owned/").content.decode()
    assert "C1" in camera
    kept = teacher.sends("devices/pictures-log/log/", **said, asset=SchoolAsset.objects.get().pk)
    assert "The set is logged" in kept.content.decode()
    row = ImageSet.objects.get()
    page = f"devices/pictures-log/{row.pk}/"
    form = make_form(place)
    yes, no = (make_pupil(place, form=form, surname=name) for name in ("Yates", "Nolan"))
    parent_says(yes, office.user, row.created_at, ["website"])
    teacher.sends(f"{page}forms/{form.pk}/", pupils=[yes.pk, no.pk])
    assert "Somebody in it may not be shown" in shown(teacher.opens(page))
    assert as_role(Role.TEACHER).opens(page).status_code == 404

    assert "Not scrutinised yet" in shown(head.opens("devices/pictures-log/"))
    assert teacher.opens(f"{page}scrutinise/").status_code == 403
    head.sends(f"{page}question/", challenge="Why so close?")
    assert head.opens(f"{page}justify/").status_code == 404
    assert "Why so close?" in shown(teacher.opens(f"{page}justify/"))
    teacher.sends(f"{page}justify/", justification="It was the finish line.")
    head.sends(f"{page}scrutinise/", scrutiny="They suit.")
    told = shown(head.opens(page))
    for words in ("Sports day", "C1", "website", "It was the finish line.", "They suit.", "No consent means no"):
        assert words in told


def test_unn_s9_neg_equipment_for_another_job_is_misuse_without_the_heads_word(
    place: School, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S9 NEG (SDV-08, SDV-11, SDV-12): given school equipment used for another job, when there is no headteacher
    authorisation, then a misuse breach with disciplinary outcomes is offered; with one, no breach."""
    clock(9, 0)
    slt, head, teacher = as_role(Role.SLT), as_role(Role.HEADTEACHER), as_role(Role.TEACHER)
    ask = f"devices/school-owned/beyond/?person={teacher.user.pk}&use=another_job&day=2026-11-23"
    assert teacher.opens("devices/school-owned/beyond/").status_code == 403
    found = slt.opens(ask)
    assert "Not authorised" in shown(found) and "Outcomes go up to dismissal" in shown(found)
    draft = begins(slt, offered(found.content.decode()))
    assert draft.type == IncidentType.EQUIPMENT
    assert IncidentPerson.objects.get(incident=draft).user == teacher.user
    case = make_case(
        place, by=slt.user, at=timezone.now(), staff=teacher.user, type=IncidentType.EQUIPMENT, state=CaseState.ACTION,
        happened_at=timezone.now(),
    )  # fmt: skip
    classed, ended = f"incidents/case/{case.pk}/staff/class/", f"incidents/case/{case.pk}/close/"
    assert "No permission was in force" in shown(head.opens(classed))
    outcomes = shown(head.opens(ended))
    assert "Disciplinary process" in outcomes and "Dismissal" in outcomes

    head.sends(
        "agreements/equipment/authorise/", person=teacher.user.pk, equipment="Laptop 12", kind="another_job",
        terms="Marking at weekends", starts_on="2026-11-23", ends_on="2026-12-18",
    )  # fmt: skip
    assert "Laptop 12, Work for somebody else, until 18 December 2026" in shown(head.opens(classed))
    covered = slt.opens(ask)
    assert "Covered" in shown(covered) and "Marking at weekends" in shown(covered)
    assert "Report the misuse" not in shown(covered)
    personal = slt.opens(ask.replace("another_job", "personal"))
    assert "Not authorised" in shown(personal)
    late = slt.opens(ask.replace("2026-11-23", "2026-12-19"))
    assert "Not authorised" in shown(late)
