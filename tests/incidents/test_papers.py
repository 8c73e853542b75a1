"""Documents made of one record: what each holds and leaves out, who makes and opens it, and how it is kept."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import Contact, School, User
from core.people.roles import Role
from incidents.enums import CaseState, Consent, IncidentType, PaperKind, PaperPart, PersonKind, ReferralState, Track
from incidents.models import (
    CaseDocument,
    Debrief,
    ExamReport,
    Incident,
    IncidentPerson,
    Lesson,
    Notification,
    ParentContact,
    Referral,
    Sanction,
)
from incidents.operations.papers import (
    ConsentFirst,
    KeptFromParents,
    NotForOutside,
    NothingToPutIn,
    NotToThisAdult,
    make_paper,
)
from incidents.queries.papers import adults_for_letter
from policies.enums import DocumentKind
from policies.operations import Published, name_procedures
from tests.factories import make_contact, make_form, make_pupil, make_user
from tests.factories.cases import ACCOUNT, add_person, make_case

Clients = Callable[[User], Client]
LONG = "Wolfeschlegelsteinhausenbergerdorff-Llanfairpwllgwyngyll"
ARABIC = "عبد الرحمن"
SECRET = "A sentence of the debrief that only this record holds."


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def reporter(school: School) -> User:
    return make_user(Role.TEACHER, school, family_name="Reporterson")


def put(row: Any, by: User, at: datetime) -> Any:
    row.stamp(by=by, at=at)
    row.save()
    return row


def unpacked(content: bytes) -> bytes:
    """The objects of a PDF, out of their compressed streams."""
    found = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\nendstream", content, re.S):
        try:
            found.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return b"".join(found)


def read(content: bytes) -> str:
    """The words of a PDF as another program reads them; tagged, titled, in English."""
    document = pypdfium2.PdfDocument(content)
    assert document.is_tagged() and document.get_metadata_value("Title")
    assert b"/Lang (en-GB)" in unpacked(content)
    said = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    return said.replace("\u2068", "").replace("\u2069", "").replace("\ufffe", "")


@pytest.fixture
def case(school: School, reporter: User, dsl_user: User, at: datetime) -> Incident:
    """A serious record of two pupils with everything that a document is made from."""
    form = make_form(school, year=8)
    one = make_pupil(school, "Zoë-Anastasia", LONG, form=form, date_of_birth=date(2014, 3, 9))
    other = make_pupil(school, ARABIC, "الحسيني", form=form)
    case = make_case(
        school, by=reporter, at=at, pupil=one, state=CaseState.ACTION, track=Track.SERIOUS,
        type=IncidentType.RECORDING, is_serious=True, risk_area="conduct", level=3,
    )  # fmt: skip
    add_person(case, at=at, role="affected", pupil=other)  # type: ignore[arg-type]
    put(Notification(school=school, incident=case, body="Police", told_at=at, told_by=dsl_user, told_whom="Sgt Vane",
                     channel="phone", reference="P-77", state="sent", due_at=at), dsl_user, at)  # fmt: skip
    put(Notification(school=school, incident=case, body="The group", inside=True, must=True, due_at=at), dsl_user, at)
    put(Referral(school=school, incident=case, pupil=one, body="Front door", level=4, state=ReferralState.DSL_OVERRIDE,
                 reason="She may be harmed.", consent=Consent.REFUSED, consent_reason="Waiting puts her at risk.",
                 overridden_by=dsl_user, section_47=True), dsl_user, at)  # fmt: skip
    put(Sanction(school=school, incident=case, pupil=one, kind="detention", reason="Filmed.", starts_on=at.date(),
                 decided_at=at, decided_by=dsl_user), dsl_user, at)  # fmt: skip
    debrief = put(Debrief(school=school, incident=case, held_on=at.date(), present="Head and DSL", summary=SECRET),
                  dsl_user, at)  # fmt: skip
    put(Lesson(school=school, debrief=debrief, kind="practice", text="Two people stand at the doors."), dsl_user, at)
    return case


def given(case: Incident, dsl: User, at: datetime, **of: Any) -> dict[str, Any]:
    return {"school": case.school, "actor": dsl, "at": at, "incident": case} | of


def subject(case: Incident) -> Any:
    return case.people.get(role="subject").pupil


def made(client: Client, case: Incident, page: str, *keys: int, **fields: Any) -> str:
    """Make a document on its page, open it, and read it."""
    answer = client.post(reverse(f"incidents:{page}", args=[case.school.slug, case.pk, *keys]), fields)
    assert answer.status_code == 302, answer.content.decode()[:400]
    paper = CaseDocument.objects.order_by("-pk").first()
    assert paper is not None
    opened = client.get(reverse("incidents:case-paper", args=[case.school.slug, case.pk, paper.pk]))
    assert opened["Cache-Control"] == "private, no-store" and opened["Content-Type"] == "application/pdf"
    assert opened["Content-Disposition"] == f'attachment; filename="{paper.kind}-{paper.pk}.pdf"'
    assert hashlib.sha256(opened.content).hexdigest() == paper.checksum
    return read(opened.content)


def test_a_notification_sheet_holds_what_one_body_needs_and_says_what_it_leaves_out(
    case: Incident, dsl_user: User, reporter: User, client_for: Clients
) -> None:
    """DOC-13, INC-23: what happened, whom the school must tell and when each was told; never who reported it."""
    browser, police = client_for(dsl_user), case.notifications.get(body="Police")
    told = made(browser, case, "serious-paper", police.pk)
    for expected in (case.reference, "Recording or filming", "For: Police", "Sgt Vane", "P-77", "The group", "must be",
                     "Left out: names; what was reported in words; who reported it"):  # fmt: skip
        assert expected in told, expected
    for hidden in (LONG, ARABIC, ACCOUNT, reporter.display_name, SECRET):
        assert hidden not in told, hidden
    whole = made(browser, case, "serious-paper", police.pk, parts=["names", "account"])
    assert "Zoë-Anastasia" in whole and ACCOUNT in whole and "9 March 2014" in whole
    assert reporter.display_name not in whole
    group = made(browser, case, "serious-paper", case.notifications.get(body="The group").pk)
    assert "Sgt Vane" not in group, "whom another body named is that body's"


def test_a_referral_summary_says_level_area_and_why_it_goes_without_consent(
    case: Incident, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """DOC-15, INC-14: the child it is about is named, the other counted; before consent none is made."""
    row = case.referrals.get()
    told = made(client_for(dsl_user), case, "referral-paper", row.pk)
    for expected in ("Level 4", "Conduct", "Refused", f"By decision of {dsl_user.display_name}", "Waiting puts her",
                     "Section 47 enquiry", "1 other person in the record", "She may be harmed."):  # fmt: skip
        assert expected in told, expected
    assert ARABIC not in told and ACCOUNT not in told
    waiting = put(Referral(school=case.school, incident=case, body="Early help", reason="Help.", level=2,
                           state=ReferralState.CONSENT_SOUGHT), dsl_user, at)  # fmt: skip
    with pytest.raises(ConsentFirst):
        make_paper(**given(case, dsl_user, at, kind=PaperKind.REFERRAL, referral=waiting))


def test_an_exam_report_holds_each_field_and_is_the_exams_officers_too(
    school: School, reporter: User, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """DOC-14, INC-35: every field of the report; an internal test is not reported outside."""
    pupil = make_pupil(school, "Ada", "Pell", form=make_form(school, year=11))
    case = make_case(school, by=reporter, at=at, pupil=pupil, type=IncidentType.EXAM_POSSESSION)
    report = put(ExamReport(
        school=school, incident=case, kind="public", exam="Maths, paper 1", body="The exam body", candidate="0417",
        room="Sports hall", found_at=at, found_by="An invigilator", device="A watch", was_on=True,
        could_communicate=True, could_go_online=False, statement="On the wrist, under a sleeve.",
    ), reporter, at)  # fmt: skip
    officer = client_for(make_user(Role.EXAMS_OFFICER, school))
    told = made(officer, case, "exam-paper", parts=["names"])
    for expected in ("Maths, paper 1", "The exam body", "0417", "Ada Pell", "Sports hall", "A watch", "An invigilator",
                     "Could it communicate? Yes", "Could it go online? No", "On the wrist",
                     "For the exam body to decide"):  # fmt: skip
        assert expected in told, expected
    assert ACCOUNT not in told
    plain = made(officer, case, "exam-paper")
    assert "Ada Pell" not in plain and "Left out: the candidate’s name" in plain
    page = officer.get(reverse("incidents:exam", args=[school.slug, case.pk])).content.decode()
    assert page.count("Report to an exam body: The exam body") == 2
    assert officer.get(reverse("incidents:case-papers", args=[school.slug, case.pk])).status_code == 404
    report.kind, report.body = "internal", ""
    put(report, reporter, at)
    with pytest.raises(NotForOutside):
        make_paper(**given(case, dsl_user, at, kind=PaperKind.EXAM))


def test_a_letter_is_neutral_and_about_one_child_alone(
    case: Incident, dsl_user: User, reporter: User, at: datetime, client_for: Clients
) -> None:
    """DOC-16, INC-30, ORG-07: the school's words, what was decided, whom to ask, how to complain; nothing quoted."""
    pupil = subject(case)
    contact = make_contact(pupil, "Kovacs", title="Ms", relationship="Mother")
    procedures = {DocumentKind.COMPLAINTS: Published("How to complain", "https://fernleigh.example.org/complaints")}
    name_procedures(school=case.school, actor=None, at=at, published=procedures)
    told = made(client_for(dsl_user), case, "letter-paper", pupil.pk, contact=contact.pk)
    for expected in ("Ms Dana Kovacs", "Zoë-Anastasia", "something that happened with a device or online", "Detention",
                     "How to complain", "https://fernleigh.example.org/complaints"):  # fmt: skip
        assert expected in told, expected
    for hidden in (ARABIC, ACCOUNT, reporter.display_name, case.get_type_display(), "offen", "Level", SECRET):
        assert hidden not in told, hidden


def test_no_letter_is_proposed_to_a_parent_who_may_not_have_one(
    case: Incident, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """DOC-16 NEG, ORG-13: neither who must not be informed nor whom the record is against, under name or account."""
    school, pupil = case.school, subject(case)
    mother = make_contact(pupil, "Kovacs", forename="Dana")
    father = make_contact(pupil, "Kovacs", forename="Ilie")
    barred = make_contact(pupil, "Pell", do_not_inform=True, may_collect=False)
    aunt = make_contact(pupil, "Roe", forename="Ines", account=make_user(Role.SUPPORT, school))
    assert {one.pk for one in adults_for_letter(case, pupil)} == {mother.pk, father.pk, aunt.pk}
    against = put(IncidentPerson(school=school, incident=case, role="adult_involved", kind=PersonKind.PARENT,
                                 name="  ilie KOVACS "), dsl_user, at)  # fmt: skip
    add_person(case, at=at, role="adult_involved", user=aunt.account)  # type: ignore[arg-type]
    assert adults_for_letter(case, pupil) == [mother]
    page = reverse("incidents:letter-paper", args=[school.slug, case.pk, pupil.pk])
    html = client_for(dsl_user).get(page).content.decode()
    assert "Dana Kovacs" in html and "Ilie" not in html and "Pell" not in html
    for one in (father, barred, aunt):
        with pytest.raises(NotToThisAdult):
            make_paper(**given(case, dsl_user, at, kind=PaperKind.LETTER, pupil=pupil, contact=one))
    against.name = "Mr Kovacs"
    put(against, dsl_user, at)
    assert adults_for_letter(case, pupil) == [], "nobody knows which of them it is"
    assert "Nobody can be written to" in client_for(dsl_user).get(page).content.decode()


def test_what_the_dsl_keeps_from_parents_goes_out_in_no_letter(case: Incident, dsl_user: User, at: datetime) -> None:
    """DOC-16 NEG, CNF-13: withheld is withheld, whoever asks; whoever was harmed has no letter on a breach."""
    pupil = subject(case)
    contact: Contact = make_contact(pupil)
    ParentContact.objects.create(school=case.school, incident=case, pupil=pupil, decision="withheld",
                                 reason="A risk at home.", at=at, by=dsl_user)  # fmt: skip
    asked = given(case, dsl_user, at, kind=PaperKind.LETTER, contact=contact)
    with pytest.raises(KeptFromParents):
        make_paper(**asked, pupil=pupil)
    with pytest.raises(NothingToPutIn):
        make_paper(**asked, pupil=case.people.get(role="affected").pupil)
    assert Entry.objects.filter(outcome=Outcome.REFUSED, action="incidents.make_paper").exists()


def test_a_debrief_note_is_for_those_who_need_not_read_the_record(
    case: Incident, dsl_user: User, client_for: Clients
) -> None:
    """DOC-17, INC-26: lessons with who sees to them; what it came to only on purpose; never who is in the record."""
    browser = client_for(dsl_user)
    told = made(browser, case, "debrief-paper")
    for expected in ("Two people stand at the doors.", "Head and DSL", "Left out: what the debrief came to"):
        assert expected in told, expected
    assert SECRET not in told and LONG not in told
    assert SECRET in made(browser, case, "debrief-paper", parts=["summary"])


def test_a_document_is_sealed_made_once_and_only_for_who_leads(
    case: Incident, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """DOC-13 to DOC-17, ORG-09, ORG-10: no plain byte in the table, no name in its title; others find nothing."""
    browser, police = client_for(dsl_user), case.notifications.get(body="Police")
    page = reverse("incidents:serious-paper", args=[case.school.slug, case.pk, police.pk])
    for _twice in range(2):
        browser.post(page, {"parts": ["names"], "submission": "6d0c5d5e-4a36-4a34-9f3b-7a7d0b8a9c12"})
    (paper,) = CaseDocument.objects.all()
    assert paper.title == "Serious-incident notification: Police"
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM incidents_casedocument")
        (kept,) = cursor.fetchone()
    assert b"PDF" not in bytes(kept)[:200] and b"JVBERi0" not in bytes(kept)
    one = reverse("incidents:case-paper", args=[case.school.slug, case.pk, paper.pk])
    assert browser.get(one).status_code == 200
    assert one in browser.get(reverse("incidents:case-actions", args=[case.school.slug, case.pk])).content.decode()
    for role in (Role.TEACHER, Role.SLT, Role.EXAMS_OFFICER):
        other = client_for(make_user(role, case.school))
        assert {other.get(one).status_code, other.get(page).status_code} == {404}, role
    acts = Entry.objects.filter(action__in=["incidents.make_paper", "incidents.open_document"])
    assert [entry.outcome for entry in acts] == [Outcome.EXPORTED, Outcome.EXPORTED]
    assert case.events.filter(kind="exported").count() == 1
    assert PaperPart.NAMES.value in str(acts.get(action="incidents.make_paper").detail)
