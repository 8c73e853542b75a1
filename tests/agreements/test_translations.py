"""A text in another language: written beside the English, checked by a person, then offered; then it stands."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from agreements.enums import AgreementKind
from agreements.languages import LANGUAGES, language_of
from agreements.models import LinkItem, Signature, SigningLink, TemplateReading, Translation
from agreements.operations.links import send_links
from agreements.operations.templates import FieldUnknown, edit_clause, start_version
from agreements.operations.translations import (
    LanguageThere,
    NotCompared,
    PointsMissing,
    TextChanged,
    TranslationStands,
    add_translation,
    check_translation,
    remove_translation,
    write_translation,
)
from agreements.operations.visits import begin_visit
from agreements.wording import in_language
from core.people.access import NotPermitted
from core.people.models import School
from policies.models import Document
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as, signatory_of

TEXTS = {
    "heading-pupil": {"text": "طالب علم"},
    "hand-in": {"text": "میں پہنچتے ہی فون جمع کراتا ہوں۔", "plain": "فون جمع۔"},
    "listen": {"text": "{school} بچوں کی بات سنتا ہے۔"},
    "saying-agree": {"text": "میں متفق ہوں"},
    "support": {"text": "ہم گھر میں ان اصولوں کی حمایت کرتے ہیں۔"},
}


@pytest.fixture
def doing(school: School, at: datetime) -> dict[str, Any]:
    return {"school": school, "actor": make_user("headteacher", school), "at": at}


def written(doing: dict[str, Any], version: Any, texts: Any = TEXTS) -> Translation:
    row = add_translation(**doing, template_version=version, language="ur")
    done: Translation = write_translation(
        **doing, translation=row, version=row.version, title="معاہدہ", intro="ہم سب۔", texts=texts
    )
    return done


def test_a_language_is_offered_once_a_person_has_checked_all_of_it(school: School, doing: dict[str, Any]) -> None:
    """AGR-01, matrix 5.3: unchecked it reaches no family; checked it stands in what is issued."""
    version, pupil = make_version(school), make_pupil(school)
    make_contact(pupil)
    half = written(doing, version, {key: said for key, said in TEXTS.items() if key != "support"})
    checking = {**doing, "translation": half, "compared": True}
    with pytest.raises(PointsMissing, match="not written: 1"):
        check_translation(**checking, version=half.version)
    whole = write_translation(
        **doing, translation=half, version=half.version, title="معاہدہ", intro="ہم سب۔", texts=TEXTS
    )
    assert make_agreement(school, doing["actor"], doing["at"], pupil=pupil).wording["translations"] == {}
    with pytest.raises(TextChanged):
        check_translation(**checking, version=half.version)
    with pytest.raises(NotCompared):
        check_translation(**{**checking, "compared": False}, version=whole.version)
    with pytest.raises(NotPermitted):
        check_translation(**{**checking, "actor": make_user("teacher", school)}, version=whole.version)
    checked = check_translation(**checking, version=whole.version)
    assert (checked.checked_by, checked.checked_at) == (doing["actor"], doing["at"])
    other = make_pupil(school)
    make_contact(other)
    agreement = make_agreement(school, doing["actor"], doing["at"], pupil=other, version=version)
    shown = in_language(agreement.wording, "ur")
    assert shown["title"] == "معاہدہ" and shown["groups"][0]["label"] == "طالب علم"
    points = {one["key"]: one for group in shown["groups"] for one in group["clauses"]}
    assert points["listen"]["text"].startswith(school.name) and points["support"]["plain"] == ""
    signature = sign_as(agreement, "parent", doing["actor"], doing["at"], language="ur")
    assert signature.language == "ur" and signature.wording_hash == agreement.wording_hash


def test_what_was_checked_of_a_published_version_stands(school: School, doing: dict[str, Any]) -> None:
    """AGR-01, AGR-09: neither the operation nor the database changes it, nor what is read with a published version; a
    new version has it to be checked anew."""
    version = make_version(school)
    row = written(doing, version)
    with pytest.raises(LanguageThere):
        add_translation(**doing, template_version=version, language="ur")
    with pytest.raises(LanguageThere):
        add_translation(**doing, template_version=version, language="xx")
    with pytest.raises(FieldUnknown):
        wrong = {**TEXTS, "listen": {"text": "{schule}"}}
        write_translation(**doing, translation=row, version=row.version, title="x", texts=wrong)
    row = check_translation(**doing, translation=row, version=row.version, compared=True)
    again = {**doing, "translation": row}
    for change in (
        lambda: write_translation(**again, version=row.version, title="x", texts={}),
        lambda: check_translation(**again, version=row.version, compared=True),
        lambda: remove_translation(**again),
    ):
        with pytest.raises(TranslationStands):
            change()
    found = Translation.objects.filter(pk=row.pk)
    for touch in (lambda: found.update(title="x"), lambda: found.update(checked_at=None), found.delete):
        with pytest.raises(IntegrityError, match="stands as it is"), transaction.atomic():
            touch()
    document = Document(school=school, kind="acceptable_use", title="Acceptable use")
    document.stamp(by=None, at=doing["at"])
    document.save()
    with pytest.raises(IntegrityError, match="stands as it is"), transaction.atomic():
        TemplateReading(school=school, template_version=version, document=document).save()
    draft = start_version(**doing, template=version.template)
    copied = draft.translations.get()
    assert copied.texts == row.texts and copied.checked_at is None
    copied = check_translation(**doing, translation=copied, version=copied.version, compared=True)
    values = {"party": "pupil", "text": "I switch it off.", "plain_text": "", "symbol": "", "is_on": True, "rule": ""}
    edit_clause(**doing, clause=draft.clauses.get(key="hand-in"), version=1, values=values)
    copied.refresh_from_db()
    assert copied.checked_at is None
    with pytest.raises(PointsMissing, match="changed since: 1"):
        check_translation(**doing, translation=copied, version=copied.version, compared=True)
    remove_translation(**doing, translation=copied)
    assert not draft.translations.exists()


def test_the_pages_lead_from_a_language_to_a_parent_who_reads_it(
    school: School, at: datetime, client_for: Any, headteacher_user: Any
) -> None:
    """AGR-01: by forms alone, with the direction of the writing; two who write at once lose nothing; elsewhere 404."""
    client, version = client_for(headteacher_user), make_version(school)

    def url(name: str, key: int, slug: str = school.slug) -> str:
        return reverse(f"agreements:{name}", args=[slug, key])

    assert client.post(url("add-translation", version.pk), {"language": ""}).status_code == 422
    data = {"language": "ur", "submission": "5b1ea41c-1f4e-4a53-9d8f-0a3f6f0f4a11"}
    assert client.post(url("add-translation", version.pk), data).status_code == 302
    assert client.post(url("add-translation", version.pk), data).status_code == 302
    with scope(school=school):
        row = Translation.objects.get()
    page = client.get(url("edit-translation", row.pk)).content.decode()
    assert 'dir="rtl"' in page and 'lang="ur"' in page
    said = {f"{part}_{key}": text for key, one in TEXTS.items() for part, text in one.items()} | {"title": "معاہدہ"}
    assert client.post(url("edit-translation", row.pk), said | {"version": row.version}).status_code == 302
    late = client.post(url("edit-translation", row.pk), said | {"version": row.version, "title": "دوسرا"})
    assert late.status_code == 422
    assert "دوسرا" in late.content.decode() and "Saved by somebody else" in late.content.decode()
    assert "To be checked" in client.get(url("template-version", version.pk)).content.decode()
    with scope(school=school):
        row.refresh_from_db()
    unsure = client.post(url("check-translation", row.pk), {"version": row.version})
    assert unsure.status_code == 422 and "somebody who reads the language" in unsure.content.decode()
    assert client.post(url("check-translation", row.pk), {"version": row.version, "compared": "on"}).status_code == 302
    assert "Checked" in client.get(url("translation", row.pk)).content.decode()
    client.post(url("remove-translation", row.pk))
    with scope(school=school):
        assert Translation.objects.filter(pk=row.pk).exists()
    elsewhere = make_school()
    with scope(school=elsewhere):
        theirs = make_version(elsewhere, AgreementKind.STAFF)
    assert client.get(url("add-translation", theirs.pk)).status_code == 404


def test_a_family_chooses_the_language_and_it_is_kept_with_the_signature(
    school: School, doing: dict[str, Any], client_for: Any
) -> None:
    """AGR-07, matrix 5.3: at school and by a link; the pupil sees pictures; unknown languages are read in English."""
    office, at = make_user("office", school), doing["at"]
    version = make_version(school)
    row = written(doing, version)
    check_translation(**doing, translation=row, version=row.version, compared=True)
    pupil = make_pupil(school)
    contact = make_contact(pupil, email="jo@example.org", has_parental_responsibility=True)
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    ticked = {"decision": "agrees", "statements": ["read"], "name": "Jo Moor"}
    client = client_for(office)
    at_school = reverse("agreements:sign-at-school", args=[school.slug, signatory_of(agreement, "pupil").pk])
    page = client.get(at_school, {"language": "ur"}).content.decode()
    assert 'lang="ur" dir="rtl"' in page and "فون جمع۔" in page and 'aria-current="true"' in page
    assert "I hand in my phone" in client.get(at_school, {"language": "xx"}).content.decode()
    assert client.post(f"{at_school}?language=ur", ticked).status_code == 302
    send_links(school=school, actor=office, at=at, signatories=[signatory_of(agreement, "parent")])
    key = begin_visit(link=SigningLink.objects.get(contact=contact), at=at)
    family, item = Client(), LinkItem.objects.get()
    family.cookies["signing"] = key
    read = reverse("agreements:sign-item", args=[school.slug, item.pk])
    page = family.get(f"{read}?language=ur").content.decode()
    assert 'dir="rtl"' in page and "میں متفق ہوں" in page
    answer = family.post(f"{read}?language=ur", ticked)
    check = family.get(answer["Location"]).content.decode()
    assert "اردو" in check and f"{read}?language=ur" in check
    assert family.post(answer["Location"]).status_code == 302
    assert [one.language for one in Signature.objects.order_by("pk")] == ["ur", "ur"]


def test_a_version_costs_the_same_with_three_languages(school: School, doing: dict[str, Any], client_for: Any) -> None:
    client, version = client_for(doing["actor"]), make_version(school)
    page, counts = reverse("agreements:template-version", args=[school.slug, version.pk]), []
    client.get(page)
    for languages in (["ur"], ["pl", "ro"]):
        for language in languages:
            add_translation(**doing, template_version=version, language=language)
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_at_one_language_end_in_one_text_and_a_sentence(at: datetime) -> None:
    """AGR-01: one row of a language; what is checked is what was read, whoever writes in the same second."""
    school = make_school()
    people = [make_user("headteacher", school), make_user("dsl", school)]
    version = make_version(school)
    begin = {"school": school, "at": at, "template_version": version, "language": "ur"}
    answers = at_once(school, *(partial(add_translation, **begin, actor=actor) for actor in people))
    assert sorted(type(one).__name__ for one in answers) == ["LanguageThere", "Translation"]
    with scope(school=school):
        row = Translation.objects.get()
        doing = {"school": school, "actor": people[0], "at": at}
        row = write_translation(**doing, translation=row, version=row.version, title="معاہدہ", texts=TEXTS)
    act = {"school": school, "at": at, "translation": row, "version": row.version}
    other = {**TEXTS, "listen": {"text": "دوسرا"}}
    answers = at_once(
        school,
        partial(check_translation, **act, actor=people[0], compared=True),
        partial(write_translation, **act, actor=people[1], title="معاہدہ", texts=other),
    )
    with scope(school=school):
        row.refresh_from_db()
    said = {type(one).__name__ for one in answers}
    assert said in ({"Translation", "TextChanged"}, {"Translation", "TranslationStands"}), answers
    assert (row.checked_at is not None) == (row.texts["listen"]["text"] != "دوسرا")


def test_each_language_has_its_own_name_and_direction() -> None:
    assert len(LANGUAGES) > 40 and all(len(code) <= 12 for code in LANGUAGES)
    assert {code for code, one in LANGUAGES.items() if one.right_to_left} == {
        "ar",
        "prs",
        "he",
        "ckb",
        "ps",
        "fa",
        "ur",
    }
    assert language_of("en").direction == "ltr" and language_of("xx").own == "xx"
