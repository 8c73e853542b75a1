"""The scenarios of the primary-by-agreement preset about what is signed and what staff declare."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agreements.models import RelationshipDeclaration
from core.people.models import School
from core.people.roles import Role
from tests.acceptance.conftest import Person, shown
from tests.acceptance.exceptional import issued, signs

AsRole = Callable[[Role], Person]
Clock = Callable[[int, int], None]


@pytest.fixture
def preset() -> str:
    return "primary-by-agreement"


def test_bar_s6_neg_social_media_needs_both_and_a_device_one(place: School, as_role: AsRole, clock: Clock) -> None:
    """BAR-S6 NEG (STA-10, SOC-11): given a relationship declaration in the social-media context, when only the DSL has
    been consulted, then it cannot be finalised; with DSL and headteacher both recorded, the decision and advice are
    stored and restricted. In the device context, the DSL or SLT alone is enough."""
    teacher, dsl, head, slt = (as_role(role) for role in (Role.TEACHER, Role.DSL, Role.HEADTEACHER, Role.SLT))

    def declares(context: str) -> str:
        teacher.sends(
            "agreements/declarations/declare/", context=context, nature="family", parties="My cousin", since="2019",
            circumstances="We share a family chat.",
        )  # fmt: skip
        newest = RelationshipDeclaration.objects.order_by("pk").last()
        assert newest is not None
        return f"agreements/declarations/{newest.pk}/"

    page = declares("social_media")
    assert head.opens(page).status_code == 404
    teacher.sends(f"{page}consult/", people=[str(dsl.user.pk)])
    dsl.sends(f"{page}advise/", advice="Keep it to the family chat.")
    refused = dsl.sends(f"{page}decide/", decision="Agreed", review_on="2027-03-01")
    assert refused.status_code == 422
    assert "relationship_consulted" in shown(refused) and "the head must advise first" in shown(refused)
    assert RelationshipDeclaration.objects.get().decided_at is None

    teacher.sends(f"{page}consult/", people=[str(head.user.pk)])
    head.sends(f"{page}advise/", advice="Tell us of any change.")
    head.sends(f"{page}decide/", decision="Agreed, family matters alone", review_on="2027-03-01")
    said = shown(teacher.opens(page))
    assert "On record" in said and "Agreed, family matters alone" in said and "Keep it to the family chat." in said
    assert slt.opens(page).status_code == 404

    for leader in (dsl, slt):
        page = declares("devices")
        teacher.sends(f"{page}consult/", people=[str(leader.user.pk)])
        leader.sends(f"{page}advise/", advice="A message about lifts is fine.")
        assert "On record" in shown(leader.sends(f"{page}decide/", decision="Agreed", review_on="2027-03-01"))


def test_bar_s4_neg_signed_by_the_parent_only_it_is_not_active(place: School, as_role: AsRole, clock: Clock) -> None:
    """BAR-S4 NEG (AGR-14), its signing part: signed by the parent only, it is not in force because both learner and
    parent must agree; after the learner signs, it is active."""
    office = as_role(Role.OFFICE)
    agreement = issued(place, office, as_role)
    page = f"agreements/{agreement.pk}/"
    by_parent = shown(signs(office, agreement, "parent"))
    assert "Partly signed" in by_parent and "In force" not in by_parent
    again = signs(office, agreement, "parent")
    assert again.status_code == 422 and "The first signature stands" in shown(again)
    assert "Partly signed" in shown(as_role(Role.HEADTEACHER).opens(page))

    assert "In force" in shown(signs(office, agreement, "pupil"))
    signed = {row.capacity: row.decision for row in agreement.signatures.all()}
    assert signed == {"parent": "agrees", "pupil": "agrees"}
