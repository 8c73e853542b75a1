"""Documents about a taken device: made once from what is on record, kept as made, for those who may read them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.rules.queries import all_presets, for_school
from core.rules.words import words_for
from devices import operations
from devices.enums import DocumentKind, LossKind, SearchState, State
from devices.models import CustodyRecord, IssuedDocument, PoliceHandover, PupilDevice, StoragePlace
from devices.words import disclaimer
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.searching import make_search
from tests.factories.taking import make_taken

FRIDAY = timedelta(days=4, hours=8)  # Friday 27 November, 4:30pm: the office has closed


def text_of(document: IssuedDocument) -> str:
    """Every page as a screen reader gets it, line breaks aside."""
    opened = pypdfium2.PdfDocument(bytes(document.content))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in opened).split())


@pytest.fixture
def taken(pupil: Pupil, phone: PupilDevice, safe: StoragePlace, office_user: User, at: datetime) -> CustodyRecord:
    """Amara's phone, taken on a Friday after the office closed, to go back on Monday."""
    stay = make_taken(
        pupil, phone, by=office_user, at=at + FRIDAY, place=safe, bag="B-1042", expected_on=date(2026, 11, 30),
        days_held=3,
    )  # fmt: skip
    return judged(stay)


def judged(stay: CustodyRecord) -> CustodyRecord:
    """The stay under the rules that its school has."""
    stay.rules_version = stay.school.rules_version
    stay.stamp(by=None, at=stay.opened_at)
    stay.save()
    return stay


@pytest.fixture
def issue(school: School, at: datetime) -> Callable[..., IssuedDocument]:
    def make(actor: User, kind: str, **about: Any) -> IssuedDocument:
        moment = about.pop("at", at + FRIDAY + timedelta(minutes=10))
        found: IssuedDocument = operations.taken.issue_document(
            school=school, actor=actor, at=moment, kind=DocumentKind(kind), **about
        )
        return found

    return make


Issue = Callable[..., IssuedDocument]


# --- what goes to a family -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["receipt", "letter", "slip"])
def test_issue_document_for_family_says_what_where_why_who_when_and_the_disclaimer(
    kind: str, taken: CustodyRecord, issue: Issue, office_user: User
) -> None:
    """DOC-08, CNF-14, PH-10: what is held, where, why in neutral words, who may collect and when, the words on loss."""
    mother = make_contact(taken.pupil, "Kovacs", title="Ms")
    made = issue(office_user, kind, custody=taken, contact=mother if kind == "letter" else None)
    text = text_of(made)
    for words in (
        "Harbour View School", "Amara Kovacs", "Black phone", "Office safe", "It was used during the school day",
        "on record to collect", "From Monday 30 November 2026", "at its owner’s risk", "B-1042",
        "as they stood on 27 November 2026", "Page 1 of 1",
    ):  # fmt: skip
        assert words in text, words
    assert ("Dear Ms Dana Kovacs" in text) == (kind == "letter")
    assert made.pages == 1
    for private in ("typed", "Room 4", "Behaviour"):  # what was seen, where, and the ground stay in school
        assert private not in text


def test_issue_document_slip_says_the_weekend(taken: CustodyRecord, issue: Issue, office_user: User) -> None:
    """CO-4: how long it is kept stands on the slip, the weekend named and counted."""
    assert "It is kept over the weekend: 3 days." in text_of(issue(office_user, "slip", custody=taken))


def test_issue_document_is_tagged_titled_and_in_english(taken: CustodyRecord, issue: Issue, office_user: User) -> None:
    """DOC-08: a screen reader gets a tagged document with a title and a language; the checksum fits the bytes."""
    made = issue(office_user, "receipt", custody=taken)
    content = bytes(made.content)
    opened = pypdfium2.PdfDocument(content)
    assert opened.is_tagged()
    assert opened.get_metadata_value("Title") == "Receipt for a device"
    assert made.checksum == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["ተስፋዬ", "张伟", "الأنصاري", "Featherstonehaugh-Cholmondeley-Worthington" * 2])
def test_issue_document_writes_every_name_right(
    name: str, types: dict[str, Any], school: School, office_user: User, at: datetime, issue: Issue
) -> None:
    """DOC-08: letters of any script come out of the PDF as they went in; a long name stays on the page."""
    pupil = make_pupil(school, name[:60], name[:60])
    device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    stay = make_taken(pupil, device, by=office_user, at=at)
    made = issue(office_user, "letter", custody=stay, contact=make_contact(pupil, name[:60]), at=at)
    text = text_of(made).replace("\ufffe", "").replace("\u2010", "").replace("-", "")
    wanted = sorted(name[:60].replace("-", ""))  # what is written from the right comes out in the order of the eye
    assert any(sorted(word) == wanted for word in text.split()), text
    assert made.pages == 1


def test_issue_document_keeps_what_it_was_made_from(
    taken: CustodyRecord, issue: Issue, office_user: User, at: datetime
) -> None:
    """COM-06: stored as sent; the record changes afterwards, the document and its facts do not, nor can they."""
    made = issue(office_user, "receipt", custody=taken)
    before = bytes(made.content)
    taken.pupil.legal_surname = "Another"
    taken.pupil.stamp(by=None, at=at)
    taken.pupil.save()
    kept = IssuedDocument.objects.get(pk=made.pk)
    assert bytes(kept.content) == before and kept.facts["whose"].startswith("Amara Kovacs")
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedDocument.objects.filter(pk=made.pk).update(title="Something else")


def test_issue_document_same_form_twice_is_one(taken: CustodyRecord, issue: Issue, office_user: User) -> None:
    key = uuid.uuid4()
    first, second = (issue(office_user, "receipt", custody=taken, submission=key) for _ in range(2))
    assert first.pk == second.pk and IssuedDocument.objects.count() == 1
    assert Entry.objects.get(action="devices.issue_document").detail["checksum"] == first.checksum


@pytest.mark.parametrize("kind", ["receipt", "letter", "slip"])
def test_issue_document_withheld_is_for_the_dsl_alone(
    kind: str, pupil: Pupil, phone: PupilDevice, issue: Issue, office_user: User, headteacher_user: User,
    make_user: Callable[..., User], at: datetime,
) -> None:  # fmt: skip
    """CNF-14 beside CNF-13: what the DSL keeps from parents does not go out; that somebody tried is on record."""
    stay = make_taken(pupil, phone, by=office_user, at=at, withheld=True)
    contact = make_contact(pupil)
    to = contact if kind == "letter" else None
    for person in (office_user, headteacher_user):
        with pytest.raises(operations.taken.WithheldFromFamily, match="Ask the DSL"):
            issue(person, kind, custody=stay, contact=to, at=at)
    assert Entry.objects.filter(action="devices.issue_document", outcome=Outcome.REFUSED).count() == 2
    assert issue(make_user("dsl"), kind, custody=stay, contact=to, at=at).pk


def test_issue_document_on_hold_says_nothing_of_why(
    pupil: Pupil, phone: PupilDevice, issue: Issue, office_user: User, dsl_user: User, at: datetime
) -> None:
    """CNF-14, CNF-10, IM-6: a family is not told by paper what is suspected, and is promised nothing; until the DSL has
    decided about the hold, by the DSL alone."""
    place = operations.add_place(
        school=pupil.school, actor=None, at=at, name="Evidence safe", kind="safe", lockable=True, purpose="evidence",
        slots=0,
    )  # fmt: skip
    stay = judged(make_taken(pupil, phone, by=office_user, at=at, state=State.EVIDENCE_HOLD, place=place, bag="E-066"))
    with pytest.raises(operations.taken.WithheldFromFamily):
        issue(office_user, "receipt", custody=stay, at=at)
    text = text_of(issue(dsl_user, "receipt", custody=stay, at=at)).lower()
    assert "for now nobody" in text
    for word in ("evidence", "crime", "police", "suspect", "hold", "e-066"):
        assert word not in text, word


def test_issue_letter_only_to_those_who_may_be_told(
    taken: CustodyRecord, issue: Issue, office_user: User, school: School
) -> None:
    """ORG-13: not to a barred adult, nor to another pupil's; no other adult stands in a letter."""
    barred = make_contact(taken.pupil, "Barred", do_not_inform=True, may_collect=False)
    stranger = make_contact(make_pupil(school), "Stranger")
    for contact in (barred, stranger, None):
        with pytest.raises(operations.taken.ContactNotToBeTold):
            issue(office_user, "letter", custody=taken, contact=contact)
    mother, father = make_contact(taken.pupil, "Kovacs"), make_contact(taken.pupil, "Ferreira", forename="Luis")
    text = text_of(issue(office_user, "letter", custody=taken, contact=mother))
    assert "Dana Kovacs" in text and father.surname not in text


def test_issue_document_hand_in_has_no_letter(
    school: School, phone: PupilDevice, office_user: User, at: datetime, issue: Issue
) -> None:
    stay = operations.hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    with pytest.raises(operations.taken.NothingWasTaken):
        issue(office_user, "receipt", custody=stay, at=at)


@pytest.mark.parametrize("preset", list(all_presets()))
def test_issue_slip_says_who_may_collect_under_every_preset(preset: str, db: None, at: datetime) -> None:
    """CNF-14, CNF-04: a parent, or the child at the end of the day, or nobody until the school has decided."""
    school = make_school(preset=preset)
    with scope(school=school):
        office, pupil = make_user("office", school), make_pupil(school)
        make_contact(pupil)
        kinds = {kind.key: kind for kind in operations.seed_device_types(school=school, actor=None, at=at)}
        device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        rule = str(for_school(school, on=at.date()).release_rule)
        stay = judged(make_taken(pupil, device, by=office, at=at, release_rule=rule, expected_on=at.date()))
        made = operations.taken.issue_document(
            school=school, actor=office, at=at + timedelta(minutes=5), kind=DocumentKind.SLIP, custody=stay
        )
        said = dict(made.facts["rows"])
    word = words_for(for_school(school, on=at.date())).child
    wanted = {
        "parent_only": "A parent or carer whom the school has on record to collect",
        "parent_end_of_day_office": "A parent or carer whom the school has on record to collect",
        "unspecified": "For now nobody",
    }.get(rule, f"The {word}, or a parent or carer whom the school has on record to collect")
    assert said["Who may collect it"] == wanted
    assert said["When"] == "Until the school tells you" if rule == "unspecified" else said["When"]
    if rule == "parent_end_of_day_office":
        assert said["When"].endswith(", at the school office")


# --- the chain, the police, a claim ----------------------------------------------------------------------------------


@pytest.fixture
def with_police(school: School, taken: CustodyRecord, office_user: User, dsl_user: User, at: datetime) -> CustodyRecord:
    moment = at + FRIDAY + timedelta(minutes=20)
    operations.taken.place_hold(
        school=school, actor=office_user, at=moment, custody=taken, reason="crime", bag="B-2000",
        note="Zephyrdust was mentioned",
    )  # fmt: skip
    operations.taken.hand_to_police(
        school=school, actor=dsl_user, at=moment + timedelta(minutes=30), custody=taken, officer_name="Sam Marsh",
        officer_number="PC 4417", station="Harbour Street", reference="26/1140", items="One phone, sealed",
        condition="Cracked corner", bag="B-2001",
    )  # fmt: skip
    taken.refresh_from_db()
    return taken


def test_issue_chain_fits_a_page_with_bags_and_officer(
    with_police: CustodyRecord, issue: Issue, dsl_user: User, office_user: User
) -> None:
    """DOC-10, EX-5: who held it, when, in which bag, to which officer and number, on one page; never why."""
    made = issue(dsl_user, "chain", custody=with_police, at=with_police.opened_at + timedelta(hours=2))
    text = text_of(made)
    for words in (
        "Chain of custody", "Taken from the", "B-1042", "Put on evidence hold", "B-2000", "Handed to the police",
        "Sam Marsh, PC 4417, Harbour Street", "26/1140", "B-2001", "School: Office safe", office_user.display_name,
        "3 entries, oldest first; none is left out", "Page 1 of 1",
    ):  # fmt: skip
        assert words in text, words
    assert made.pages == 1 and "Zephyrdust" not in text


def test_issue_chain_shows_corrections(
    school: School, phone: PupilDevice, office_user: User, slt_user: User, at: datetime, issue: Issue
) -> None:
    """DOC-10: what was corrected stands with its correction, who made it and why."""
    stay = operations.hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    operations.correct_custody(
        school=school,
        actor=office_user,
        at=at + timedelta(minutes=5),
        custody=stay,
        kind="not_handed_in",
        note="The wrong pupil",
    )
    text = text_of(issue(slt_user, "chain", custody=stay, at=at + timedelta(hours=1)))
    assert "(corrected)" in text and "The wrong pupil" in text and "Corrects: Handed in" in text


def test_issue_police_receipt_says_everything_and_has_room_to_sign(
    with_police: CustodyRecord, issue: Issue, dsl_user: User
) -> None:
    """DOC-11: items, condition, officer, station, reference, who handed it over; both sign."""
    made = issue(dsl_user, "police_receipt", custody=with_police, at=with_police.opened_at + timedelta(hours=2))
    text = text_of(made)
    for words in (
        "Police handover receipt", "One phone, sealed", "Cracked corner", "Sam Marsh", "PC 4417", "Harbour Street",
        "26/1140", "B-2001", dsl_user.display_name, "Signature",
    ):  # fmt: skip
        assert words in text, words


def test_issue_police_receipt_without_handover_is_refused(taken: CustodyRecord, issue: Issue, dsl_user: User) -> None:
    assert not PoliceHandover.objects.exists()
    with pytest.raises(operations.taken.NothingWithPolice):
        issue(dsl_user, "police_receipt", custody=taken)


def test_issue_claim_pack_from_a_report(
    school: School, phone: PupilDevice, office_user: User, at: datetime, issue: Issue
) -> None:
    """DEV-23, PH-10: the report, the condition, the chain, and the words on loss that the report kept, with version."""
    stay = operations.hand_in_device(
        school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True, condition="No marks"
    )
    later = at + timedelta(hours=2)
    with pytest.raises(operations.taken.NoReportOfLoss):
        issue(office_user, "claim_pack", custody=stay, at=later)
    report = operations.report_loss(
        school=school, actor=office_user, at=later, custody=stay, kind=LossKind.DAMAGED, noticed_at=later,
        told_by="The pupil", account="The screen is cracked.",
    )  # fmt: skip
    text = text_of(issue(office_user, "claim_pack", custody=stay, loss=report, at=later))
    for words in ("The screen is cracked.", "No marks", "Damage reported", report.disclaimer, "version"):
        assert words in text, words
    assert "at its owner’s risk" in disclaimer_of(school, at)


def disclaimer_of(school: School, at: datetime) -> str:
    from core.rules.queries import for_school

    return disclaimer(for_school(school, on=at.date()))


def test_issue_chain_after_it_went_back_says_who_has_it(
    school: School, phone: PupilDevice, office_user: User, slt_user: User, at: datetime, issue: Issue
) -> None:
    """EX-5: damage that is reported once the device went back does not put it into the school's hands again."""
    stay = operations.hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    later = at + timedelta(hours=7, minutes=10)
    operations.return_device(school=school, actor=office_user, at=later, custody=stay)
    operations.report_loss(
        school=school, actor=office_user, at=later + timedelta(minutes=5), custody=stay, kind=LossKind.DAMAGED,
        noticed_at=later, told_by="The pupil", account="The screen is cracked.",
    )  # fmt: skip
    lines = issue(slt_user, "chain", custody=stay, at=later + timedelta(hours=1)).facts["lines"]
    assert lines[-1]["what"] == "Damage reported" and lines[-1]["held_by"] == lines[-2]["held_by"]
    assert "School" not in lines[-1]["held_by"]


def test_issue_search_record_has_the_ten_answers(
    pupil: Pupil, issue: Issue, slt_user: User, headteacher_user: User, dsl_user: User, school: School, at: datetime
) -> None:
    """DOC-12: date, time, place, pupil, searcher, others, what was sought, why, what was found, what follows."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.COMPLETED_FOUND, dsl=dsl_user)
    made = issue(slt_user, "search", search=search, at=at + timedelta(hours=1))
    text = text_of(made)
    for words in (
        "Search record", "23 November 2026", "8:30am", search.place, "Amara Kovacs, 8B", headteacher_user.display_name,
        search.others_present, search.sought, search.grounds, search.found, search.follow_up, search.document,
    ):  # fmt: skip
        assert words and " ".join(words.split()) in text, words
    assert made.facts["finished"] and "Not answered yet" not in text
    draft = make_search(make_pupil(school), by=headteacher_user, at=at)
    assert "Not answered yet" in text_of(issue(slt_user, "search", search=draft, at=at))


@pytest.mark.parametrize(
    ("role", "kind"), [("office", "chain"), ("office", "police_receipt"), ("teacher", "receipt"), ("office", "search")]
)
def test_issue_document_needs_its_permission(
    role: str, kind: str, taken: CustodyRecord, issue: Issue, make_user: Callable[..., User]
) -> None:
    """DOC-08, DOC-10, DOC-11, DOC-12: office and leaders for families, leaders for chain and police and searches."""
    with pytest.raises(NotPermitted):
        issue(make_user(role), kind, custody=taken)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_papers_page_makes_a_document_and_opens_it_as_it_was_made(
    taken: CustodyRecord, school: School, office_user: User, client_for: Callable[[User], Client]
) -> None:
    """DOC-08: made, listed, downloaded; kept by no browser; the file's name names nobody; opening it is on record."""
    client, page = client_for(office_user), reverse("devices:papers", args=[school.slug, taken.pk])
    shown = client.get(page).content.decode()
    assert "Collection slip" in shown and "Chain of custody" not in shown
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"kind": "slip"}).status_code == 302
    made = IssuedDocument.objects.get()
    file = client.get(reverse("devices:issued-document", args=[school.slug, made.pk]))
    assert file.content == bytes(made.content) and file["Content-Type"] == "application/pdf"
    assert file["Cache-Control"] == "private, no-store"
    assert file["Content-Disposition"] == f'inline; filename="slip-{made.pk}.pdf"'
    assert Entry.objects.get(action="devices.open_document").outcome == Outcome.EXPORTED


def test_issued_document_is_there_for_those_of_its_kind_alone(
    taken: CustodyRecord, school: School, office_user: User, dsl_user: User, slt_user: User, issue: Issue,
    client_for: Callable[[User], Client],
) -> None:  # fmt: skip
    """DOC-10: the office does not open the chain; what is kept from parents is the DSL's alone, made before or not."""
    chain, receipt = issue(dsl_user, "chain", custody=taken), issue(office_user, "receipt", custody=taken)
    address = {one: reverse("devices:issued-document", args=[school.slug, one.pk]) for one in (chain, receipt)}
    assert client_for(office_user).get(address[chain]).status_code == 404
    assert client_for(slt_user).get(address[chain]).status_code == 200
    assert client_for(office_user).get(address[receipt]).status_code == 200
    taken.confiscation.withheld = True
    taken.confiscation.stamp(by=None, at=receipt.made_at)
    taken.confiscation.save()
    assert client_for(slt_user).get(address[receipt]).status_code == 404
    assert client_for(dsl_user).get(address[receipt]).status_code == 200
    page = client_for(office_user).get(reverse("devices:papers", args=[school.slug, taken.pk])).content.decode()
    assert "Held. Ask the DSL." in page and "Collection slip" not in page
