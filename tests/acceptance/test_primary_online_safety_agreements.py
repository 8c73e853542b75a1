"""The scenarios of the primary-online-safety preset about agreements and consents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from agreements.enums import ConsentPurpose
from agreements.models import Agreement, ImageUse, TemplateVersion
from agreements.operations.daily import look_at_the_day
from core.people.models import School
from core.people.roles import Role
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_form, make_pupil


@pytest.fixture
def preset() -> str:
    return "primary-online-safety"


def test_rus_s10_neg_an_image_without_written_consent_for_the_website_is_refused(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None]
) -> None:
    """RUS-S10 NEG, its third part (CON-01, CON-02): a pupil's image without written purpose consent is refused for the
    website, whether nothing was signed or another use was."""
    form = make_form(place, "Year 2", year=2)
    silent, printed, agreed = (make_pupil(place, form=form, surname=name) for name in ("Adeyemi", "Brook", "Cole"))
    office, teacher = as_role(Role.OFFICE), as_role(Role.TEACHER)
    no = {f"use_{one.value}": "no" for one in ConsentPurpose} | {"mode": "paper"}
    for child, use in ((printed, "print"), (agreed, "website")):
        parent = make_contact(child, has_parental_responsibility=True)
        page = f"agreements/images/pupils/{child.pk}/record/"
        unanswered = office.sends(page, who=parent.pk, mode="paper", **{f"use_{use}": "yes"})
        assert unanswered.status_code == 422, "each use is answered by itself"
        office.sends(page, who=parent.pk, **no | {f"use_{use}": "yes"})
    use = {"purpose": "website", "title": "The nativity", "form_groups": form.pk, "names": "none"}
    found = shown(teacher.sends("agreements/images/check/", **use))
    assert "1 may be shown, 2 may not" in found
    assert "Agreed to other uses, not to this. Rule: is consent limited to its purpose?" in found
    for child in (silent, printed):
        refused = teacher.sends("agreements/images/check/keep/", **use, place="News page", pupils=child.pk)
        assert refused.status_code == 422
    assert not ImageUse.objects.exists()
    teacher.sends("agreements/images/check/keep/", **use, place="News page", pupils=agreed.pk)
    assert ImageUse.objects.count() == 1

    pupil_answers = office.sends(
        f"agreements/images/pupils/{silent.pk}/record/", who="own", **no | {"use_website": "yes"}
    )
    assert pupil_answers.status_code == 422
    assert "a parent or carer consents" in shown(pupil_answers)


@pytest.mark.usefixtures("page_contexts")
def test_rus_s7_neg_no_internet_without_an_acknowledged_aup(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None]
) -> None:
    """RUS-S7 NEG (AGR-18 to AGR-20): given a new pupil with no acknowledged AUP, when the office grants internet
    access, then refused; after an age-suited acknowledgement it is granted and appears in the access register."""
    pupil = make_pupil(place, surname="Okonkwo", form=make_form(place, "Year 1", year=1))
    office, dsl = as_role(Role.OFFICE), as_role(Role.DSL)
    added = dsl.sends(
        "policies/documents/add/", kind="acceptable_use", title="AUP", asked_of=["youngest", "primary", "staff"]
    )
    document = added.context["document"].pk
    dsl.sends(
        f"policies/documents/{document}/publish/", label="Autumn", starts_on="2026-09-01",
        youngest_full_title="Safe", youngest_full_text="I ask first.", staff_full_title="AUP",
        staff_full_text="I read.",
    )  # fmt: skip
    systems = office.sends("agreements/access/systems/", name="Internet", kind="internet")
    into = {"system": systems.context["systems"][0].pk}
    page = f"agreements/access/pupils/{pupil.pk}/"
    refused = office.sends(page, **into)
    assert refused.status_code == 422 and "AGR-19" in shown(refused)
    record = next(one["url"] for one in refused.context["missing"]).removeprefix("/fernleigh/")
    office.sends(record, acknowledged_on="2026-11-23", how="in_class")
    assert pupil.acknowledgements.get().text.readership == "youngest"
    granted = shown(office.sends(page, **into))
    assert "Okonkwo" in granted and "Internet" in granted and "AUP, Autumn" in granted
    listed = shown(office.opens("agreements/access/"))
    assert "Okonkwo" in listed and "Internet" in listed and "AUP, Autumn" in listed


def test_the_online_safety_agreement_is_signed_by_the_family_and_renewed_when_a_newer_version_holds(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """AGR-24, AGR-09, AGR-21, AGR-23: a separate agreement of pupil and parents, with the school's sites and how
    they are watched; from the day of a newer version it is to be renewed; what was signed stays readable."""
    office, head = as_role(Role.OFFICE), as_role(Role.HEADTEACHER)
    pupil = make_pupil(place, surname="Okonkwo", form=make_form(place, "Year 5", year=5))
    make_contact(pupil, has_parental_responsibility=True)
    head.sends("agreements/templates/start/", kind="online_safety", beginning="ready", title="")
    first = TemplateVersion.objects.get()
    edition = f"agreements/templates/versions/{first.pk}/"
    head.sends(
        f"{edition}change/", version=first.version, title="Online safety", intro="How we stay safe online.",
        sites="Our reading site\nOur maths site",
    )  # fmt: skip
    first.refresh_from_db()
    head.sends(f"{edition}publish/", version=first.version, starts_on="2026-11-23")
    office.sends(f"agreements/pupils/{pupil.pk}/issue/", version=first.pk, starts_on="2026-11-23", parents_needed="one")
    agreement = Agreement.objects.get()
    page = f"agreements/{agreement.pk}/"
    text = shown(office.opens(page))
    assert "Our maths site" in text and "filter" in text
    assert {row.capacity for row in agreement.signatories.all()} == {"pupil", "parent"}, "between school and family"
    for capacity, then in (("parent", "Partly signed"), ("pupil", "In force")):
        row = agreement.signatories.get(capacity=capacity)
        ticked, signs = ["read"], {"decision": "agrees", "name": row.name}
        if capacity == "parent":
            unsaid = office.sends(f"agreements/at-school/{row.pk}/", statements=ticked, **signs)
            assert unsaid.status_code == 422, "parents confirm that they talked it through, too"
            ticked.append("talked")
        answer = office.sends(f"agreements/at-school/{row.pk}/", statements=ticked, **signs)
        assert then in shown(answer)

    head.sends(f"agreements/templates/{first.template_id}/draft/")
    second = TemplateVersion.objects.get(number=2)
    clause = second.clauses.filter(party="pupil").first()
    assert clause is not None
    words = {"party": "pupil", "text": "I write only what I would say aloud.", "plain_text": "Kind.", "is_on": "on"}
    head.sends(f"agreements/templates/points/{clause.pk}/change/", version=clause.version, symbol="", **words)
    second.refresh_from_db()
    head.sends(
        f"agreements/templates/versions/{second.pk}/publish/", version=second.version, starts_on="2026-11-30",
        renews="on",
    )  # fmt: skip
    look_at_the_day(school=place, at=at + timedelta(days=6))
    assert "In force" in shown(office.opens(page))
    look_at_the_day(school=place, at=at + timedelta(days=7))
    renewed = shown(office.opens(page))
    assert "To be renewed" in renewed and clause.text in renewed
    assert words["text"] not in renewed
    listed = shown(office.opens("agreements/?state=to_renew"))
    assert "Okonkwo" in listed
