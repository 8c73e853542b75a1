"""Documents are read by those whom they are for, acknowledged version by version, and stand once acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.notices.models import Notice
from core.people.models import Membership, School, User
from core.people.operations import end_employment
from core.rules.queries import for_school
from policies.enums import DocumentKind, Readership
from policies.models import Acknowledgement, Document, DocumentText, DocumentVersion
from policies.operations import (
    NobodyAsked,
    NotAskedOfYou,
    NothingWritten,
    NotInForce,
    TextStands,
    VersionKnown,
    Wording,
    name_document,
    publish_version,
    read_and_acknowledge,
    record_acknowledgement,
    record_contact_acknowledgement,
    remind_overdue_readers,
    write_text,
)
from policies.queries import (
    coverage_of_people,
    has_current,
    monitoring_acknowledged,
    readership_of_pupil,
    text_for,
)
from policies.ready import READY, ready_document
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user

PRESETS = [
    "image-and-conduct",
    "primary-by-agreement",
    "primary-online-safety",
    "group-locked-storage",
    "phone-free-agreement",
]


def publish(
    school: School, at: datetime, kind: str = "acceptable_use", *, label: str = "1", days: int = 0, **given: Any
) -> DocumentVersion:
    document = Document.objects.filter(school=school, kind=kind).first() or name_document(
        school=school, actor=None, at=at, kind=kind, title=f"About {kind}", asked_of=[one.value for one in Readership]
    )
    texts = [Wording(one.value, f"For {one.value}", f"I take care: {one.value}.") for one in Readership]
    return publish_version(
        school=school, actor=None, at=at, document=document, label=label,
        starts_on=at.date() - timedelta(days=days),
        texts=[*texts, Wording("primary", "Short", "I am kind.", plain=True)],
        **given,
    )  # fmt: skip


def test_each_reads_a_text_for_age_and_role_with_version_day_and_way_kept(school: School, at: datetime) -> None:
    """AGR-18: youngest, primary, secondary, plain; staff and governors; what each was shown stays with it."""
    version, office = publish(school, at), make_user("office", school)
    for year, readership in ((0, "youngest"), (2, "youngest"), (3, "primary"), (7, "secondary")):
        pupil = make_pupil(school, form=make_form(school, year=year))
        assert readership_of_pupil(pupil) == readership
        row = record_acknowledgement(
            school=school,
            actor=office,
            at=at,
            pupil=pupil,
            version=version,
            acknowledged_on=at.date(),
            method="in_class",
        )
        assert row.text is not None and row.text.readership == readership
        assert (row.method, row.acknowledged_at) == ("in_class", at)
        assert has_current(pupil, DocumentKind.ACCEPTABLE_USE, at.date())
    plain = text_for(version, "primary", plain=True)
    assert plain is not None and plain.text == "I am kind."
    for role, readership in (("teacher", "staff"), ("governor", "governors"), ("it_contact", "visitors")):
        user = make_user(role, school)
        row = read_and_acknowledge(school=school, actor=user, at=at, version=version)
        assert row.text is not None and row.text.readership == readership
        assert read_and_acknowledge(school=school, actor=user, at=at + timedelta(1), version=version) == row


def test_a_text_that_somebody_acknowledged_is_not_changed(school: School, at: datetime) -> None:
    """AGR-18: before, it may be put right; after, neither by the page nor round it. Another language may be added."""
    version, writer = publish(school, at), make_user("dsl", school)
    given = {"school": school, "actor": writer, "at": at, "version": version}
    write_text(wording=Wording("staff", "Staff", "Put right."), **given)
    read_and_acknowledge(school=school, actor=writer, at=at, version=version)
    with pytest.raises(TextStands):
        write_text(wording=Wording("staff", "Staff", "Changed."), **given)
    write_text(wording=Wording("staff", "Pracownicy", "Uważam.", language="pl"), **given)
    text = DocumentText.objects.get(readership="staff", language="en")
    with (
        pytest.raises(IntegrityError, match="not changed any more"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE policies_documenttext SET text = 'Round it' WHERE id = %s", [text.pk])


def test_what_is_published_says_something_to_somebody_and_holds_from_a_day(school: School, at: datetime) -> None:
    version = publish(school, at, days=3)
    with pytest.raises(VersionKnown):
        publish(school, at, days=1)
    with pytest.raises(NothingWritten):
        publish_version(
            school=school, actor=None, at=at, document=version.document, label="9", starts_on=at.date(), texts=[]
        )
    with pytest.raises(NobodyAsked):
        name_document(school=school, actor=None, at=at, kind="conduct", title="Code", asked_of=[])
    newer = publish(school, at, label="2")
    teacher = make_user("teacher", school)
    with pytest.raises(NotInForce):
        read_and_acknowledge(school=school, actor=teacher, at=at, version=version)
    read_and_acknowledge(school=school, actor=teacher, at=at, version=newer)


def test_parents_confirm_that_they_talked_it_through(school: School, at: datetime) -> None:
    """AGR-21: by a link or at the desk; said later that it was talked through, it is added, and never taken away."""
    version, office, contact = publish(school, at), make_user("office", school), make_contact(make_pupil(school))
    given = {"school": school, "at": at, "contact": contact, "version": version}
    row = record_contact_acknowledgement(actor=None, method="link", talked_over=False, **given)
    assert row.text is not None and (row.text.readership, row.recorded_by) == ("parents", None)
    again = record_contact_acknowledgement(actor=office, method="paper", talked_over=True, **given)
    assert (again.pk, again.talked_over, again.method) == (row.pk, True, "link")
    assert record_contact_acknowledgement(actor=None, method="link", talked_over=False, **given).talked_over


@pytest.mark.parametrize("preset", PRESETS)
def test_ready_texts_speak_the_schools_words_and_the_notice_goes_first(db: None, at: datetime, preset: str) -> None:
    """SDV-05, DOC-04, DOC-05 under each preset: the notice names its vehicle; with no acknowledgement there is no
    school device, afterwards version and time stand with it (AGR-25)."""
    school = make_school(preset=preset)
    with scope(school=school):
        rules = for_school(school, on=at.date())
        for kind in READY:
            ready = ready_document(school, kind, rules)
            assert ready is not None and ready.title
            assert not [text for text in ready.texts if "{" in text.text + text.title or "unspecified" in text.text]
        notice = ready_document(school, DocumentKind.MONITORING, rules)
        assert notice is not None
        words = " ".join(text.text for text in notice.texts)
        assert "Email sent and received" in words and "calls" in words and "documents" in words
        document = name_document(
            school=school, actor=None, at=at, kind="monitoring", title=notice.title, asked_of=notice.asked_of
        )
        teacher = make_user("teacher", school)
        assert monitoring_acknowledged(teacher, at.date()) is None
        version = publish_version(
            school=school, actor=None, at=at, document=document, label="1", starts_on=at.date(), texts=notice.texts
        )
        assert monitoring_acknowledged(teacher, at.date()) is None
        read_and_acknowledge(school=school, actor=teacher, at=at, version=version)
        known = monitoring_acknowledged(teacher, at.date())
        assert known is not None and (known.document_version, known.acknowledged_at) == (version, at)


def test_who_has_not_is_listed_and_reminded_once_a_week(school: School, at: datetime) -> None:
    """STA-16, NOT-23: a week after it began, whoever has not is told; once a calendar week, and no more when done."""
    version = publish(school, at, "conduct", days=8)
    teacher, other = make_user("teacher", school), make_user("support", school)
    read_and_acknowledge(school=school, actor=other, at=at, version=version)
    (asked,) = coverage_of_people(school, [version], at.date())
    assert teacher in asked.waiting and other not in asked.waiting
    for days in (0, 1, 7):
        remind_overdue_readers(school=school, at=at + timedelta(days=days))
    told = Notice.objects.filter(kind="policies.reading_overdue")
    assert (told.filter(recipient=teacher).count(), told.filter(recipient=other).count()) == (2, 0)


@pytest.mark.usefixtures("page_contexts")
def test_line_managers_are_told_and_the_head_where_nobody_is_named(
    school: School, at: datetime, client_for: Callable[[User], Client], time_machine: Any
) -> None:
    """NOT-23, STA-16: once a week, without a name in the notice; the page names them; who has gone manages nobody."""
    time_machine.move_to(at, tick=False)
    version = publish(school, at, "conduct", days=8)
    head, admin = make_user("headteacher", school), make_user("administrator", school)
    teacher, support, done = (make_user(role, school) for role in ("teacher", "support", "teacher"))
    manager, gone = make_user("slt", school), make_user("slt", school)
    for reader in (head, admin, done, manager, gone):
        read_and_acknowledge(school=school, actor=reader, at=at, version=version)
    place = client_for(admin)
    for person, who in ((teacher, manager), (support, gone), (done, manager)):
        url = reverse("people:edit-person", args=[school.slug, person.pk])
        data = place.get(url).context["form"].initial | {"line_manager": who.pk}
        assert place.post(url, data).status_code == 302
    own = place.post(url, data | {"line_manager": done.pk, "version": data["version"] + 1})
    assert own.status_code == 422
    end_employment(school=school, actor=admin, at=at, user=gone)
    assert manager.full_name in place.get(reverse("people:person", args=[school.slug, teacher.pk])).content.decode()
    for _twice in range(2):
        assert remind_overdue_readers(school=school, at=at) == 2
    told = {
        (one.recipient, one.kind.removeprefix("policies.reading_overdue"))
        for one in Notice.objects.filter(kind__startswith="policies.reading_overdue")
    }
    assert told == {(teacher, ""), (support, ""), (manager, "_managed"), (head, "_unmanaged")}
    assert Notice.objects.filter(kind__startswith="policies.reading_overdue").count() == 4
    names = {teacher.family_name, support.family_name}
    assert not [one for one in Notice.objects.all() if names & set((one.subject + one.body).split())]
    mine = reverse("agreements:mine", args=[school.slug])
    page = client_for(manager).get(mine).content.decode()
    assert teacher.full_name in page and support.full_name not in page and done.full_name not in page
    assert teacher.full_name not in client_for(support).get(mine).content.decode()
    with pytest.raises(IntegrityError, match="manager_is_another"), transaction.atomic():
        Membership.objects.filter(user=teacher).update(line_manager=teacher)


@pytest.fixture
def now(db: None) -> Iterator[datetime]:
    yield timezone.now()


@pytest.mark.usefixtures("page_contexts")
def test_pages_from_the_ready_text_to_the_slip(
    school: School, now: datetime, client_for: Callable[[User], Client]
) -> None:
    """DOC-04, DOC-05, STA-16, STA-18: the DSL publishes the ready text, a teacher reads and confirms, the paper has a
    slip; a governor, of whom it is not asked, finds nothing."""
    dsl, teacher = client_for(make_user("dsl", school)), client_for(make_user("teacher", school))
    place = f"/{school.slug}/policies/documents/"
    added = dsl.post(f"{place}add/", {"kind": "monitoring", "title": "Notice", "asked_of": ["staff"]})
    page = dsl.get(f"{added['Location']}publish/?ready=yes")
    form = page.context["form"]
    fields = {name: field.initial for name, field in form.fields.items() if field.initial and name != "submission"}
    assert "Why. To keep" in fields["staff_full_text"]
    sent = dsl.post(f"{added['Location']}publish/", fields | {"label": "1", "starts_on": now.date().isoformat()})
    assert sent.status_code == 302, sent.context["form"].errors
    version = DocumentVersion.objects.get()
    mine = f"/{school.slug}/agreements/mine/"
    assert "Notice, version 1" in teacher.get(mine).content.decode()
    read = f"{place}versions/{version.pk}/read/"
    assert teacher.post(read, {}).status_code == 422
    key = teacher.get(read).context["form"]["submission"].value()
    for _twice in range(2):
        assert teacher.post(read, {"confirmed": "on", "submission": key}).status_code == 302
    assert Acknowledgement.objects.get().method == "account"
    said = teacher.get(mine).content.decode()
    assert "Nothing waits for you" in said and "You may be given a school device" in said
    assert client_for(make_user("governor", school)).get(read).status_code == 404
    paper = dsl.get(f"{place}texts/{version.texts.get(readership='staff').pk}/print/")
    assert paper.content.startswith(b"%PDF")


def test_list_of_documents_costs_the_same_for_three_as_for_one(
    school: School, now: datetime, client_for: Callable[[User], Client]
) -> None:
    """STA-16, STA-18: the list, a document and one's own page."""
    teacher = make_user("teacher", school)
    client, counts = client_for(make_user("dsl", school)), []
    for kind in ("monitoring", "acceptable_use", "conduct"):
        version = publish(school, now, kind)
        read_and_acknowledge(school=school, actor=teacher, at=now, version=version)
        pages = [f"/{school.slug}/policies/documents/", f"/{school.slug}/agreements/mine/"]
        pages.append(f"/{school.slug}/policies/documents/{version.document_id}/")
        for page in pages:
            client.get(page)
        with CaptureQueriesContext(connection) as caught:
            assert [client.get(page).status_code for page in pages] == [200] * 3
        counts.append(len(caught))
    assert counts[0] == counts[2]


def test_not_asked_of_you(school: School, at: datetime) -> None:
    document = name_document(
        school=school, actor=None, at=at, kind="reading", title="For families", asked_of=["parents"]
    )
    version = publish_version(
        school=school, actor=None, at=at, document=document, label="1", starts_on=at.date(),
        texts=[Wording("parents", "Reading", "Please read this.")],
    )  # fmt: skip
    with pytest.raises(NotAskedOfYou):
        read_and_acknowledge(school=school, actor=make_user("teacher", school), at=at, version=version)
