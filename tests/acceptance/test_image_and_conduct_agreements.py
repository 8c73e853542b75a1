"""The scenarios of the image-and-conduct preset about consent to images."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from agreements.enums import ConsentPurpose
from agreements.models import ImageConsent, ImageUse, OwnConsentDecision
from core.notices.models import Notice
from core.people.models import Pupil, School
from core.people.roles import Role
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_form, make_pupil

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]
YES = {f"use_{one.value}": "no" for one in ConsentPurpose} | {"use_website": "yes", "mode": "paper"}


@pytest.fixture
def preset() -> str:
    return "image-and-conduct"


@pytest.fixture
def pupil(place: School) -> Pupil:
    today = timezone.localdate()
    born = today.replace(year=today.year - 14)
    return make_pupil(place, form=make_form(place), forename="Lena", surname="Abara", date_of_birth=born)


def test_unn_s5_withdrawn_consent_refuses_new_use_and_lists_earlier_ones(
    place: School, pupil: Pupil, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S5 (CON-05, NOT-24): given image consent withdrawn, when staff plan a new use, then it is refused at once;
    earlier shared images are listed with a note that removal may be impossible."""
    office, teacher = as_role(Role.OFFICE), as_role(Role.TEACHER)
    parent = make_contact(pupil, has_parental_responsibility=True)
    clock(9, 0)
    office.sends("agreements/images/duties/", user=teacher.user.pk, kind="photographs", starts_on="2026-11-01")
    office.sends(f"agreements/images/pupils/{pupil.pk}/record/", who=parent.pk, **YES)
    use = {"purpose": "website", "title": "Sports day", "form_groups": pupil.form_id, "names": "none"}
    keep = use | {"place": "News page", "pupils": pupil.pk}
    assert "1 may be shown, 0 may not" in shown(teacher.sends("agreements/images/check/", **use))
    teacher.sends("agreements/images/check/keep/", **keep)
    teacher.sends(f"agreements/images/uses/{ImageUse.objects.get().pk}/publish/")

    clock(11, 0)
    consent = ImageConsent.objects.get()
    page = f"agreements/images/consents/{consent.pk}/withdraw/"
    assert "may not be retrievable" in shown(office.opens(page))
    office.sends(page, purposes="website", said_by="Dana Kovacs", mode="desk")
    assert Notice.objects.filter(recipient=teacher.user, urgency="urgent").count() == 1

    refused = teacher.sends("agreements/images/check/keep/", **keep)
    assert refused.status_code == 422
    assert ImageUse.objects.count() == 1
    assert "0 may be shown, 1 may not" in shown(teacher.sends("agreements/images/check/", **use))
    listed = shown(teacher.opens(f"agreements/images/pupils/{pupil.pk}/"))
    for words in ("Sports day", "News page", "Published", "may not be retrievable"):
        assert words in listed

    page = f"agreements/images/uses/{ImageUse.objects.get().pk}/"
    tried = {"pupil": pupil.pk, "where": "A local paper’s site", "outcome": "not_possible"}
    teacher.sends(f"{page}taken-down/", **tried)
    assert "A local paper’s site. Could not be removed" in shown(teacher.opens(page))


def test_unn_s7_neg_age_alone_does_not_let_a_pupil_consent(
    place: School, pupil: Pupil, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S7 NEG (CON-03, CON-04): given a 14-year-old who wants to give own photo consent, when only age is supplied,
    then refused; when the headteacher records a case decision, with parents where fitting, accepted."""
    office, head, teacher = as_role(Role.OFFICE), as_role(Role.HEADTEACHER), as_role(Role.TEACHER)
    record = f"agreements/images/pupils/{pupil.pk}/record/"
    assert "only about online services" in shown(office.opens(record))
    unasked = office.sends(record, who="own", **YES)
    assert unasked.status_code == 422
    assert "Age alone never decides" in shown(unasked)

    teacher.sends(f"agreements/images/pupils/{pupil.pk}/own/", wish="I want to be in the film of the play.")
    row = OwnConsentDecision.objects.get()
    page = f"agreements/images/own/{row.pk}/"
    case = {"may_decide": "yes", "parents": "asked", "parents_note": "They agree.", "reason": "She explained it well."}
    assert teacher.sends(page, **case, grounds=["age", "understanding"]).status_code == 403
    by_age = head.sends(page, **case, grounds="age")
    assert by_age.status_code == 422
    assert "Age alone never decides" in shown(by_age)
    head.sends(page, **case, grounds=["age", "understanding"])
    office.sends(f"{page}apply/")
    accepted = office.sends(record, who="own", **YES)
    assert "The answer is recorded" in accepted.content.decode()
    consent = ImageConsent.objects.get()
    assert (consent.basis, consent.state, consent.purposes) == ("own", "given", ["website"])


@pytest.mark.usefixtures("page_contexts")
def test_unn_s9_neg_a_password_is_asked_for_by_two_roles_alone(place: School, as_role: AsRole, clock: Clock) -> None:
    """UNN-S9 NEG (SDV-08, SDV-11), its second part: a password-disclosure request by anyone but head or systems manager
    is refused; with the head's written word, use of equipment for another job stands in the list."""
    holder = as_role(Role.TEACHER)
    wish = {"person": holder.user.pk, "system": "Mailbox", "reason": "Cover in an absence", "reset_by": "2026-11-30"}
    for role in (Role.DSL, Role.SLT, Role.OFFICE, Role.ADMINISTRATOR):
        assert as_role(role).sends("agreements/passwords/ask/", **wish).status_code == 403
    head, manager = as_role(Role.HEADTEACHER), as_role(Role.SYSTEMS_MANAGER)
    asked = manager.sends("agreements/passwords/ask/", **wish)
    page = f"agreements/passwords/{asked.context['row'].pk}/"
    assert as_role(Role.DSL).opens(page).status_code == 404
    assert "Allowed" in shown(head.sends(f"{page}decide/", allow="yes"))
    assert "to be reset" in shown(holder.sends(f"{page}disclosed/"))
    assert "Password reset" in shown(manager.sends(f"{page}reset/"))
    head.sends(
        "agreements/equipment/authorise/", person=holder.user.pk, equipment="Laptop 12", kind="another_job",
        terms="Marking at weekends", starts_on="2026-11-23", ends_on="2026-12-18",
    )  # fmt: skip
    assert "Laptop 12" in shown(as_role(Role.SLT).opens("agreements/equipment/"))
    assert "Laptop 12" in shown(holder.opens("agreements/mine/"))
