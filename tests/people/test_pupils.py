"""Pupils, placements and forms by hand; who sees how much of a pupil (ORG-12, ORG-24)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people import operations, queries
from core.people.access import NotPermitted
from core.people.models import FormGroup, Placement, Pupil, School, User
from core.people.operations.pupils import (
    FormClosed,
    FormHasPupils,
    LeftBeforeJoining,
    NumberTaken,
    PupilHasLeft,
    PupilOnRoll,
    UnableToSaveForm,
    UnableToSavePlacement,
)
from core.people.roles import Role
from tests.factories import make_contact, make_form, make_pupil, make_user
from tests.people.conftest import at_once, version_in

TODAY = date(2026, 11, 23)
NAMES = {"legal_forename": "Zoë", "legal_surname": "O’Brien", "year_group": 8}


def add(school: School, actor: Any, at: datetime, **values: Any) -> Pupil:
    return operations.add_pupil(school=school, actor=actor, at=at, values=NAMES | values)


def test_add_pupil_is_on_roll_and_found(school: School, office_user: User, form_group: FormGroup, at: datetime) -> None:
    """ORG-12: phase from the year, folded name for the desk's box, on roll from today."""
    pupil = add(school, office_user, at, form=form_group)
    assert (pupil.phase, pupil.search_text, pupil.joined_on) == ("secondary", " zoe obrien", TODAY)
    assert queries.search_pupils(school, "obri") == [pupil]
    assert Entry.objects.get(action="people.add_pupil").actor_id == office_user.pk


def test_add_pupil_number_of_another_is_refused(school: School, office_user: User, at: datetime) -> None:
    add(school, office_user, at, admission_number="004711", upn="A123456789012")
    for field, value in (("admission_number", "004711"), ("upn", "A123456789012")):
        with pytest.raises(NumberTaken) as caught:
            add(school, office_user, at, **{field: value})
        assert caught.value.field == field


def test_add_pupil_same_number_in_the_neighbour_school_is_fine(
    school: School, other_school: School, office_user: User, at: datetime
) -> None:
    make_pupil(other_school, admission_number="004711")
    assert add(school, office_user, at, admission_number="004711").pk


@pytest.mark.django_db(transaction=True)
def test_add_pupil_two_writers_of_one_number_make_one(school: School, at: datetime) -> None:
    office = make_user(Role.OFFICE, school)
    results = at_once(
        school,
        lambda: add(school, office, at, admission_number="9"),
        lambda: add(school, office, at, admission_number="9"),
    )
    assert sorted(type(result).__name__ for result in results) == ["NumberTaken", "Pupil"]


@pytest.mark.parametrize("role", [Role.TEACHER, Role.FORM_TUTOR, Role.GOVERNOR, Role.IT_CONTACT])
def test_add_pupil_other_roles_may_not(school: School, make_user: Any, at: datetime, role: Role) -> None:
    with pytest.raises(NotPermitted):
        add(school, make_user(role), at)


def test_edit_pupil_keeps_the_medical_note_out_of_the_record(
    school: School, office_user: User, pupil: Pupil, at: datetime
) -> None:
    """ORG-09: that it changed is recorded; what it says is not."""
    operations.edit_pupil(
        school=school,
        actor=office_user,
        at=at,
        pupil=pupil,
        version=pupil.version,
        values={"medical_note": "Monitor", "legal_surname": "Kovács"},
    )
    detail = Entry.objects.get(action="people.edit_pupil").detail
    assert detail["new"] == {"medical_note": "recorded", "legal_surname": "Kovács"}
    assert queries.search_pupils(school, "kovacs") == [pupil]


def test_edit_pupil_of_an_old_page_is_refused(school: School, office_user: User, pupil: Pupil, at: datetime) -> None:
    def save() -> None:
        operations.edit_pupil(
            school=school, actor=office_user, at=at, pupil=pupil, version=1, values={"sen_status": "K"}
        )

    save()
    with pytest.raises(ChangedMeanwhile):
        save()


def test_edit_pupil_into_a_closed_form_is_refused(
    school: School, office_user: User, pupil: Pupil, at: datetime
) -> None:
    closed = make_form(school, "7Z", closed_on=TODAY)
    with pytest.raises(FormClosed):
        operations.edit_pupil(school=school, actor=office_user, at=at, pupil=pupil, version=1, values={"form": closed})


def test_close_pupil_keeps_everything_and_bring_back_restores(
    school: School, office_user: User, pupil: Pupil, at: datetime
) -> None:
    """ORG-24: leavers are closed, never deleted."""
    operations.close_pupil(school=school, actor=office_user, at=at, pupil=pupil, left_on=TODAY)
    assert queries.pupils_on_roll(school, TODAY).exists(), "the last day is still a day"
    assert not queries.pupils_on_roll(school, TODAY + timedelta(days=1)).exists()
    assert queries.all_pupils(school).get() == pupil
    later = at + timedelta(days=2)
    with pytest.raises(PupilHasLeft):
        operations.close_pupil(school=school, actor=office_user, at=later, pupil=pupil, left_on=TODAY)
    operations.bring_back_pupil(school=school, actor=office_user, at=later, pupil=pupil)
    with pytest.raises(PupilOnRoll):
        operations.bring_back_pupil(school=school, actor=office_user, at=later, pupil=pupil)


def test_close_pupil_before_joining_is_refused(school: School, office_user: User, at: datetime) -> None:
    pupil = add(school, office_user, at)
    with pytest.raises(LeftBeforeJoining):
        operations.close_pupil(school=school, actor=office_user, at=at, pupil=pupil, left_on=TODAY - timedelta(days=1))


def test_placement_is_added_and_ended(school: School, office_user: User, pupil: Pupil, at: datetime) -> None:
    """ORG-12: off-site placements."""
    placement = operations.add_placement(
        school=school, actor=office_user, at=at, pupil=pupil, provider="Harbour Kitchens", starts_on=TODAY
    )
    with pytest.raises(UnableToSavePlacement):
        operations.end_placement(
            school=school, actor=office_user, at=at, placement=placement, ends_on=TODAY - timedelta(days=1)
        )
    ended = operations.end_placement(school=school, actor=office_user, at=at, placement=placement, ends_on=TODAY)
    assert ended.ends_on == TODAY
    with pytest.raises(UnableToSavePlacement):
        operations.add_placement(
            school=school,
            actor=office_user,
            at=at,
            pupil=pupil,
            provider="X",
            starts_on=TODAY,
            ends_on=TODAY - timedelta(days=1),
        )


def test_forms_are_added_changed_and_closed_when_empty(
    school: School, office_user: User, pupil: Pupil, form_group: FormGroup, at: datetime
) -> None:
    mixed = operations.add_form(school=school, actor=office_user, at=at, name="Oak", year_from=1, year_to=2)
    with pytest.raises(UnableToSaveForm):
        operations.add_form(school=school, actor=office_user, at=at, name="Oak", year_from=1, year_to=1)
    with pytest.raises(UnableToSaveForm):
        operations.edit_form(
            school=school, actor=office_user, at=at, form=mixed, version=1, name="Oak", year_from=3, year_to=2
        )
    with pytest.raises(FormHasPupils):
        operations.close_form(school=school, actor=office_user, at=at, form=form_group)
    operations.close_form(school=school, actor=office_user, at=at, form=mixed)
    assert list(queries.forms_of(school)) == [form_group]


def url(school: School, tail: str = "") -> str:
    return f"/{school.slug}/people/pupils/{tail}"


def test_pupils_page_filters_by_keys_and_searches_by_post(
    school: School, office_user: User, pupil: Pupil, form_group: FormGroup, client_for: Any
) -> None:
    """Security row 49: no name ever stands in an address."""
    make_pupil(school, "Ben", "Tull", form=make_form(school, "7A", year=7))
    client = client_for(office_user)
    whole = client.get(url(school)).content.decode()
    assert "Kovacs, Amara" in whole and "Tull, Ben" in whole and "2 pupils" in whole
    only = client.get(url(school), {"form": form_group.pk}).content.decode()
    assert "Kovacs, Amara" in only and "Tull, Ben" not in only
    assert "Tull, Ben" in client.get(url(school), {"year": 7}).content.decode()
    found = client.post(url(school), {"text": "tull"}).content.decode()
    assert "Tull, Ben" in found and "Kovacs" not in found
    assert "one letter away" in client.post(url(school), {"text": "tulll"}).content.decode()
    assert client.post(url(school), {"text": ""}).status_code == 422
    assert client.get(url(school), {"form": "kovacs"}).status_code == 200
    assert client.get(url(school), {"page": "99"}).status_code == 200


def test_pupils_page_shows_leavers_when_asked(school: School, office_user: User, pupil: Pupil, client_for: Any) -> None:
    pupil.left_on = TODAY - timedelta(days=3)
    pupil.save()
    client = client_for(office_user)
    assert "Kovacs" not in client.get(url(school)).content.decode()
    assert "Kovacs" in client.get(url(school), {"left": "on"}).content.decode()


def test_pupils_page_statements_do_not_grow(
    school: School, office_user: User, form_group: FormGroup, client_for: Any, statements: Any
) -> None:
    client = client_for(office_user)
    make_pupil(school, form=form_group)
    one = statements(client, url(school))
    make_pupil(school, form=form_group)
    make_pupil(school, form=make_form(school))
    assert statements(client, url(school)) == one


def test_pupils_page_of_an_empty_school_says_what_to_do(school: School, office_user: User, client_for: Any) -> None:
    assert "Nobody is on roll yet" in client_for(office_user).get(url(school)).content.decode()


@pytest.mark.parametrize(
    ("role", "sees", "hidden"),
    [
        (
            Role.COMPUTING_LEAD,
            ["Amara Kovacs", "8B"],
            ["004711", "Medical", "Dana", "Change details", "devices/pupils"],
        ),
        (Role.FORM_TUTOR, ["004711", "medical note is held"], ["Dana", "Read it", "Glucose"]),
        (Role.OFFICE, ["004711", "Dana", "Read it", "Change details", "devices/pupils"], ["Glucose"]),
    ],
)
def test_pupil_page_shows_what_the_role_needs(
    school: School, form_group: FormGroup, make_user: Any, client_for: Any,
    role: Role, sees: list[str], hidden: list[str],
) -> None:  # fmt: skip
    """ORG-12, ORG-18: need to know."""
    pupil = make_pupil(
        school, "Amara", "Kovacs", form=form_group, admission_number="004711", medical_note="Glucose monitor"
    )
    make_contact(pupil)
    text = client_for(make_user(role)).get(url(school, f"{pupil.pk}/")).content.decode()
    assert [word for word in sees if word not in text] == []
    assert [word for word in hidden if word in text] == []


def test_medical_note_page_leaves_a_trace(school: School, office_user: User, pupil: Pupil, client_for: Any) -> None:
    """ORG-09: views of restricted detail are on record, in the edit form too."""
    pupil.medical_note = "Glucose monitor"
    pupil.save()
    client = client_for(office_user)
    for tail in ("medical-note/", "edit/"):
        assert "Glucose" in client.get(url(school, f"{pupil.pk}/{tail}")).content.decode()
    looks = Entry.objects.filter(action="people.view_medical_note", outcome="viewed", actor_id=office_user.pk)
    assert looks.count() == 2


def test_pupil_page_statements_do_not_grow(
    school: School, dsl_user: User, pupil: Pupil, client_for: Any, statements: Any
) -> None:
    client, page = client_for(dsl_user), url(school, f"{pupil.pk}/")
    make_contact(pupil)
    one = statements(client, page)
    for _ in range(2):
        make_contact(pupil)
        Placement.objects.create(school=school, pupil=pupil, provider="X")
    assert statements(client, page) == one


def test_pupil_pages_of_the_neighbour_are_not_there(
    school: School, other_school: School, office_user: User, client_for: Any
) -> None:
    stranger = make_pupil(other_school)
    client = client_for(office_user)
    for tail in ("", "edit/", "medical-note/", "leave/", "contacts/add/", "placements/add/"):
        assert client.get(url(school, f"{stranger.pk}/{tail}")).status_code == 404


def test_pupil_pages_from_adding_to_leaving(
    school: School, office_user: User, form_group: FormGroup, client_for: Any
) -> None:
    client = client_for(office_user)
    form = {"legal_forename": "Zoë", "legal_surname": "O’Brien", "year_group": "8", "form": form_group.pk}
    assert client.post(url(school, "add/"), form | {"year_group": ""}).status_code == 422
    page = client.post(url(school, "add/"), form)
    pupil = Pupil.objects.get()
    one = url(school, f"{pupil.pk}/")
    assert page["Location"] == one
    edited = form | {"sen_status": "K", "version": version_in(client.get(one + "edit/"))}
    assert client.post(one + "edit/", edited).status_code == 302
    clash = client.post(one + "edit/", edited | {"sen_status": "E"})
    assert clash.status_code == 422 and "Saved by somebody else" in clash.content.decode()
    assert client.post(one + "placements/add/", {"provider": "Harbour Kitchens"}).status_code == 302
    placement = Placement.objects.get()
    end = f"{one}placements/{placement.pk}/end/"
    assert client.get(end).status_code == 200
    assert client.post(end, {"ends_on": "2026-11-23"}).status_code == 302
    assert client.post(one + "leave/", {"left_on": ""}).status_code == 422
    assert client.post(one + "leave/", {"left_on": "2026-11-23"}).status_code == 302
    assert client.post(one + "return/").status_code == 302
    pupil.refresh_from_db()
    assert pupil.left_on is None and pupil.sen_status == "K"


def test_form_pages_add_change_close(
    school: School, office_user: User, pupil: Pupil, client_for: Any, statements: Any
) -> None:
    client, base = client_for(office_user), f"/{school.slug}/people/forms/"
    one = statements(client, base)
    for name in ("7A", "7C"):
        assert client.post(base + "add/", {"name": name, "year_from": "7"}).status_code == 302
    assert statements(client, base) == one
    assert client.post(base + "add/", {"name": "7A", "year_from": "7"}).status_code == 422
    form = FormGroup.objects.get(name="7A")
    assert form.year_to == 7
    assert client.get(f"{base}{form.pk}/").status_code == 200
    changed = {"name": "7B", "year_from": "7", "year_to": "8", "version": "1"}
    assert client.post(f"{base}{form.pk}/", changed).status_code == 302
    assert client.post(f"{base}{form.pk}/close/").status_code == 302
    assert client.get(f"{base}{form.pk}/").status_code == 404
    assert "Pupils are in this form" in client.post(
        f"{base}{pupil.form_id}/close/", follow=True
    ).content.decode()  # fmt: skip


def test_pages_use_the_schools_own_words(school: School, office_user: User, pupil: Pupil, client_for: Any) -> None:
    """ORG-07: vocabulary is a setting; headings, buttons and messages follow it."""
    from core.rules.operations import change_rule

    client = client_for(office_user)
    assert "<h1>Pupils</h1>" in client.get(url(school)).content.decode()
    common = {"school": school, "actor": None, "effective_from": TODAY, "reason": "Our words"}
    at = datetime(2026, 11, 23, 8, 30).astimezone()
    change_rule(**common, at=at, key="term_child", value="learner")
    change_rule(**common, at=at, key="term_head", value="principal")
    text = client.get(url(school)).content.decode()
    assert "<h1>Learners</h1>" in text and "1 learner" in text and "Add a learner" in text
    assert "<h1>Add a learner</h1>" in client.get(url(school, "add/")).content.decode()
    slt = client_for(make_user(Role.SLT, school)).get(f"/{school.slug}/people/roles/").content.decode()
    assert "No principal is named." in slt and "Headteacher" not in slt


def test_edit_pupil_keeps_what_is_for_figures_out_of_the_record_and_off_every_page(
    pupil: Pupil, office_user: User, client_for: Any, at: datetime
) -> None:
    """CO-2, CO-7: young carer, pupil premium and ethnicity are edited by hand; the last stands on no other page."""
    values = {"young_carer": True, "pupil_premium": True, "ethnicity": "Zephyrdust"}
    changed = operations.edit_pupil(
        school=pupil.school, actor=office_user, at=at, pupil=pupil, version=pupil.version, values=values
    )
    assert (changed.young_carer, changed.pupil_premium, changed.ethnicity) == (True, True, "Zephyrdust")
    assert Entry.objects.get(action="people.edit_pupil").detail["new"]["ethnicity"] == "recorded"
    assert changed.history.count() == 2
    client, one = client_for(office_user), f"/{pupil.school.slug}/people/pupils/{pupil.pk}/"
    assert "Zephyrdust" in client.get(one + "edit/").content.decode()
    for page in (one, f"/{pupil.school.slug}/people/pupils/"):
        assert "Zephyrdust" not in client.get(page).content.decode()
