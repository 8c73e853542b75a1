"""The log of pictures: school equipment alone, checked against consent, scrutinised, questioned (CON-08, CON-09)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import models
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import School, User
from core.people.roles import Role
from devices.models import ImageSet, ImageSetPupil, SchoolAsset
from devices.operations import image_sets as ops
from devices.operations.assets import add_asset
from devices.queries.image_sets import image_sets, image_sets_visible_to, shown_in
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.consents import parent_says
from tests.people.conftest import at_once


class Studio:
    """A school with a camera, a photographer, a leader and a form."""

    def __init__(self, at: datetime) -> None:
        self.at, self.school = at, make_school(preset="image-and-conduct")
        self.teacher, self.other = (make_user(Role.TEACHER, self.school) for _ in range(2))
        self.head, self.office = (make_user(one, self.school) for one in (Role.HEADTEACHER, Role.OFFICE))
        with scope(school=self.school):
            self.form = make_form(self.school, year=8)
            self.camera: SchoolAsset = add_asset(**self.by(self.office), number="C1", type="camera")

    def by(self, actor: User) -> dict[str, Any]:
        return {"school": self.school, "actor": actor, "at": self.at}

    def logs(self, actor: User | None = None, **said: Any) -> ImageSet:
        row: ImageSet = ops.log_image_set(
            **self.by(actor or self.teacher),
            **{"activity": "Sports day", "taken_on": self.at.date(), "photographer": self.teacher,
               "asset": self.camera, "purpose": "website", "is_suitable": True, "stored_where": "Office drive"}
            | said,
        )  # fmt: skip
        return row


@pytest.fixture
def studio(db: None, at: datetime) -> Iterator[Studio]:
    made = Studio(at)
    with scope(school=made.school):
        yield made


def test_set_without_a_school_device_is_refused_on_record(studio: Studio) -> None:
    """CON-08: no asset, or one of another school's, no entry; the refusal is on record."""
    with pytest.raises(ops.NoSchoolAsset, match="Only school equipment") as refused:
        studio.logs(asset=None)
    assert refused.value.rule == "CON-08"
    other: School = make_school()
    with scope(school=other):
        theirs = add_asset(school=other, actor=None, at=studio.at, number="C9", type="camera")
    with pytest.raises(ops.NoSchoolAsset):
        studio.logs(asset=theirs)
    assert Entry.objects.filter(action="devices.log_image_set", outcome="refused").count() == 2
    assert not ImageSet.objects.exists()
    assert not ImageSet._meta.get_field("asset").null


def test_set_says_activity_day_photographer_asset_purpose_and_whether_it_suits(studio: Studio) -> None:
    """CON-09: each of them stands; what does not suit, another purpose and a day to come are asked for in words."""
    with pytest.raises(ops.SaysNothing):
        studio.logs(activity=" ")
    with pytest.raises(ops.SaysNothing):
        studio.logs(is_suitable=False)
    with pytest.raises(ops.SaysNothing):
        studio.logs(purpose="other")
    with pytest.raises(ops.DayStillToCome):
        studio.logs(taken_on=studio.at.date() + timedelta(days=1))
    with pytest.raises(ops.PhotographerNotOnStaff):
        studio.logs(photographer=make_user(Role.GOVERNOR, studio.school))
    with pytest.raises(NotPermitted):
        studio.logs(make_user(Role.GOVERNOR, studio.school))
    row = studio.logs(is_suitable=False, suitable_note="One is deleted")
    assert (row.activity, row.taken_on, row.photographer, row.asset, row.purpose, row.checked_by) == (
        "Sports day", studio.at.date(), studio.teacher, studio.camera, "website", studio.teacher,
    )  # fmt: skip


def test_each_pupil_is_checked_against_consent_and_the_answer_kept(studio: Studio) -> None:
    """CON-09, CON-01, CON-02: yes to this use, yes to another, no, and nobody asked; kept as it stood that day."""
    pupils = [make_pupil(studio.school, form=studio.form) for _ in range(4)]
    for pupil, uses in zip(pupils, (["website"], ["print"], []), strict=False):
        parent_says(pupil, studio.office, studio.at, uses)
    row = studio.logs()
    ops.name_shown(**studio.by(studio.teacher), image_set=row, pupils=pupils)
    kept = {one.pupil_id: one for one in shown_in(row)}
    assert [kept[one.pk].is_allowed for one in pupils] == [True, False, False, False]
    assert "No consent means no" in kept[pupils[3].pk].consent
    assert [one.is_allowed for one in shown_in(row)] == [False, False, False, True]
    parent_says(pupils[3], studio.office, studio.at, ["website"])
    assert not ImageSetPupil.objects.get(pupil=pupils[3]).is_allowed
    with pytest.raises(ops.NobodyChosen):
        ops.name_shown(**studio.by(studio.teacher), image_set=row, pupils=pupils)
    with pytest.raises(ops.NotYourSet):
        ops.name_shown(**studio.by(studio.other), image_set=row, pupils=[make_pupil(studio.school)])
    (flagged,) = image_sets(studio.head, studio.school, look="not_allowed")
    assert (flagged.shown_count, flagged.refused_count) == (4, 3)  # type: ignore[attr-defined]
    detail = Entry.objects.get(action="devices.name_shown", outcome="done").detail
    assert (detail["new"], detail["not_allowed"]) == (4, 3)


def test_leaders_scrutinise_and_question_and_the_photographer_justifies(studio: Studio) -> None:
    """CON-09: nobody judges their own; whoever took them is told, without words; the answer stands as it is given."""
    row = studio.logs()
    with pytest.raises(NotPermitted):
        ops.scrutinise_images(**studio.by(studio.other), image_set=row, scrutiny="Fine")
    own = studio.logs(studio.head, photographer=studio.head)
    with pytest.raises(ops.NotYourSet):
        ops.scrutinise_images(**studio.by(studio.head), image_set=own, scrutiny="Fine")
    with pytest.raises(ops.NotYourSet):
        ops.challenge_images(**studio.by(studio.head), image_set=own, challenge="Why?")
    justify = partial(ops.justify_images, image_set=row, justification="It was the finish line.")
    with pytest.raises(ops.NothingToAnswer):
        justify(**studio.by(studio.teacher))
    challenge = partial(ops.challenge_images, **studio.by(studio.head), image_set=row, challenge="Why so close?")
    challenge()
    with pytest.raises(ops.ChallengedAlready):
        challenge()
    told = Notice.objects.get(recipient=studio.teacher)
    assert "close" not in f"{told.subject} {told.body} {told.url}"
    with pytest.raises(ops.NotYourSet):
        justify(**studio.by(studio.other))
    justify(**studio.by(studio.teacher))
    with pytest.raises(ops.NothingToAnswer):
        justify(**studio.by(studio.teacher))
    assert Notice.objects.filter(recipient=studio.head).count() == 1
    with pytest.raises(ops.SaysNothing):
        ops.scrutinise_images(**studio.by(studio.head), image_set=row, scrutiny=" ")
    ops.scrutinise_images(**studio.by(studio.head), image_set=row, scrutiny="Good")
    row.refresh_from_db()
    assert (row.scrutinised_by, row.scrutiny, row.justification) == (studio.head, "Good", "It was the finish line.")
    assert not image_sets(studio.head, studio.school, look="to_look").filter(pk=row.pk)


def test_who_sees_which_set(studio: Studio) -> None:
    """CON-09: leaders all; others what they took or logged; a governor none."""
    mine, logged = studio.logs(), studio.logs(studio.other)
    for user, seen in ((studio.head, {mine, logged}), (studio.teacher, {mine, logged}), (studio.other, {logged}),
                       (studio.office, set()), (make_user(Role.DSL, studio.school), {mine, logged}),
                       (make_user(Role.GOVERNOR, studio.school), set()), (None, set())):  # fmt: skip
        assert set(image_sets_visible_to(user, studio.school)) == seen


def test_the_log_has_no_place_for_a_picture() -> None:
    """SEA-16, CON-09: no file, no bytes, no address of one in any of its tables."""
    for model in (ImageSet, ImageSetPupil, SchoolAsset):
        for field in model._meta.get_fields():
            assert not isinstance(field, models.FileField | models.BinaryField | models.URLField), field


@pytest.mark.django_db(transaction=True)
def test_two_who_question_at_once_are_one_question(at: datetime) -> None:
    """CON-09: one challenge stands; the same answer sent twice is one; a pupil named twice is in it once."""
    studio = Studio(at)
    with scope(school=studio.school):
        row, pupil = studio.logs(), make_pupil(studio.school, form=studio.form)
        leaders = (studio.head, make_user(Role.SLT, studio.school))
        ask = [partial(ops.challenge_images, **studio.by(one), image_set=row, challenge="Why?") for one in leaders]
        results = at_once(studio.school, *ask)
        assert [type(one) for one in results if isinstance(one, Exception)] == [ops.ChallengedAlready], results
        answer = partial(
            ops.justify_images, **studio.by(studio.teacher), image_set=row, justification="So.", submission=uuid.uuid4()
        )
        assert {one.pk for one in at_once(studio.school, answer, answer)} == {row.pk}
        name = partial(ops.name_shown, **studio.by(studio.teacher), image_set=row, pupils=[pupil])
        results = at_once(studio.school, name, name)
        assert [type(one) for one in results if isinstance(one, Exception)] == [ops.NobodyChosen], results
        assert ImageSetPupil.objects.count() == 1
