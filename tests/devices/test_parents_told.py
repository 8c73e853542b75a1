"""Parents and carers to tell: due the same day, told, not reached, withheld by the DSL, or not by a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.notices.enums import MailState
from core.notices.models import Notice, OutboxEmail
from core.people.access import NotPermitted
from core.people.models import Contact, Pupil, School, User
from core.roll.models import ProposedDoNotInform, RollImport
from core.rules.operations import adopt_preset
from devices import operations
from devices.enums import NoticeAbout, TakenBecause, ToldHow
from devices.models import CustodyRecord, ParentNotice, PupilDevice
from devices.queries.taken import notices_visible_to, to_tell
from tests.factories import make_contact, make_pupil
from tests.factories.taking import make_taken


@pytest.fixture
def mother(pupil: Pupil) -> Contact:
    return make_contact(pupil, relationship="Mother", email="dana@example.org", mobile="07700 900000")


@pytest.fixture
def stay(phone: PupilDevice, teacher_user: User, at: datetime) -> CustodyRecord:
    return make_taken(phone.pupil, phone, by=teacher_user, at=at, release_rule="pupil_end_of_day_unless_escalated")


def due(stay: CustodyRecord, actor: User, at: datetime, about: NoticeAbout = NoticeAbout.TAKEN) -> ParentNotice:
    return operations.taken.open_notice(
        school=stay.school, actor=actor, at=at, about=about, pupil=stay.pupil, custody=stay
    )


def tell(notice: ParentNotice, actor: User, at: datetime, contact: Contact, **fields: Any) -> ParentNotice:
    values: dict[str, Any] = {"how": ToldHow.PHONE, "message": "Her phone is here until 3:15pm."}
    return operations.taken.tell_parent(
        school=notice.school, actor=actor, at=at, notice=notice, contact=contact, **values | fields
    )


# --- Due --------------------------------------------------------------------------------------------------------------


def test_open_notice_is_due_by_office_close_and_once_for_each_thing(
    stay: CustodyRecord, office_user: User, at: datetime
) -> None:
    """NOT-03, CO-5, SE-7: the same school day, or, after office close, the start of the next; the same thing is to be
    told once, and what a refused claim opens is opened anew only when it was told."""
    notice = due(stay, office_user, at)
    assert notice.due_at == at.replace(hour=16, minute=0)
    assert due(stay, office_user, at + timedelta(hours=1)) == notice
    friday = at.replace(day=27, hour=16, minute=30)
    assert operations.taken.parents.due_the_same_day(stay.school, friday) == at.replace(day=30, hour=8, minute=45)
    first = due(stay, office_user, at, NoticeAbout.CLAIM_REFUSED)
    assert due(stay, office_user, at, NoticeAbout.CLAIM_REFUSED) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        ParentNotice(
            school=stay.school, about=NoticeAbout.TAKEN, pupil=stay.pupil, custody=stay, due_at=at, opened_at=at
        ).save()


def test_open_notice_of_a_safeguarding_ground_tells_the_dsl_the_same_day(
    phone: PupilDevice, teacher_user: User, dsl_user: User, at: datetime
) -> None:
    """NOT-03: the parent by the school's rule, the DSL where the ground is safeguarding; the notice names nobody."""
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at, because=TakenBecause.SAFEGUARDING)
    due(stay, teacher_user, at)
    told = Notice.objects.get(kind="devices.taken_safeguarding")
    assert told.recipient == dsl_user
    assert "Kovacs" not in told.subject + told.body + told.url


# --- Told -------------------------------------------------------------------------------------------------------------


def test_tell_parent_keeps_message_channel_time_and_sender(
    stay: CustodyRecord, mother: Contact, office_user: User, at: datetime
) -> None:
    """CNF-13, CO-5: the message, the channel, the time and the sender are recorded; it is told once."""
    notice = tell(due(stay, office_user, at), office_user, at, mother)
    assert (notice.told_how, notice.told_at, notice.told_by) == (ToldHow.PHONE, at, office_user)
    assert (notice.contact, notice.message) == (mother, "Her phone is here until 3:15pm.")
    with pytest.raises(operations.taken.NoticeSettled, match=office_user.display_name):
        tell(notice, office_user, at, mother)
    with pytest.raises(operations.taken.MessageNeeded):
        tell(due(stay, office_user, at, NoticeAbout.RELEASED), office_user, at, mother, message="")


def test_tell_parent_by_email_is_neutral_and_shows_whether_it_arrived(
    stay: CustodyRecord, mother: Contact, office_user: User, at: datetime
) -> None:
    """CNF-13, CO-5, ORG-19: the email goes through the outbox, names nobody and says nothing of what was seen; one that
    was given up is to be told again."""
    notice = tell(due(stay, office_user, at), office_user, at, mother, how=ToldHow.EMAIL, message="Left out")
    mail = OutboxEmail.objects.get(pk=notice.email or 0)
    assert mail.address == "dana@example.org"
    for hidden in ("Amara", "Kovacs", "phone under the desk", "Held the phone", "Left out", "confiscat"):
        assert hidden not in mail.text + mail.subject
    assert "It goes back to your child from 3:15pm" in mail.text
    with pytest.raises(operations.taken.NoticeSettled):
        tell(notice, office_user, at, mother)
    OutboxEmail.objects.filter(pk=mail.pk).update(state=MailState.DEAD)
    again = tell(notice, office_user, at, mother)
    assert (again.told_how, again.email) == (ToldHow.PHONE, None)
    without = make_contact(stay.pupil, "Grey")
    with pytest.raises(operations.taken.NoEmailAddress):
        tell(due(stay, office_user, at, NoticeAbout.HELD), office_user, at, without, how=ToldHow.EMAIL)


def test_tell_parent_only_whom_the_school_may_tell(
    stay: CustodyRecord, mother: Contact, office_user: User, at: datetime, school: School
) -> None:
    """ORG-13, A-11: nobody who must not be informed, nobody of another family, nobody whom the DSL has yet to decide
    about; the attempt is on record."""
    barred = make_contact(stay.pupil, "Black", may_collect=False, do_not_inform=True)
    stranger = make_contact(make_pupil(school), "Green")
    notice = due(stay, office_user, at)
    for contact in (barred, stranger):
        with pytest.raises(operations.taken.MayNotBeTold):
            tell(notice, office_user, at, contact)
    assert Entry.objects.filter(action="devices.tell_parent", outcome=Outcome.REFUSED).count() == 2


def test_parent_not_reached_is_counted_and_stays_on_the_list(
    stay: CustodyRecord, mother: Contact, office_user: User, at: datetime
) -> None:
    """CNF-13"""
    notice = due(stay, office_user, at)
    for _ in range(2):
        notice = operations.taken.parent_not_reached(school=stay.school, actor=office_user, at=at, notice=notice)
    assert (notice.tries, notice.is_open) == (2, True)
    assert list(to_tell(notices_visible_to(office_user, stay.school))) == [notice]


# --- Withheld, or not needed ------------------------------------------------------------------------------------------


def test_withhold_notice_is_the_dsls_alone_and_nothing_goes_out(
    stay: CustodyRecord, mother: Contact, office_user: User, headteacher_user: User, dsl_user: User, at: datetime
) -> None:
    """A-11, SE-7, CNF-13: under every preset the DSL may keep it from parents, with a reason. All of the stay is
    withheld with it, an email that waits is taken back, later notices open withheld; the office finds none of it."""
    notice, held = due(stay, office_user, at), due(stay, office_user, at, NoticeAbout.HELD)
    tell(held, office_user, at, mother, how=ToldHow.EMAIL)
    say: dict[str, Any] = {"school": stay.school, "at": at, "notice": notice}
    for actor in (office_user, headteacher_user):
        with pytest.raises(NotPermitted):
            operations.taken.withhold_notice(actor=actor, because="Fear at home.", **say)
    with pytest.raises(operations.taken.ReasonForParents):
        operations.taken.withhold_notice(actor=dsl_user, because="", **say)
    operations.taken.withhold_notice(actor=dsl_user, because="Fear at home.", **say)
    stay.confiscation.refresh_from_db()
    assert stay.confiscation.withheld
    assert OutboxEmail.objects.get().state == MailState.WITHDRAWN
    later = due(stay, office_user, at, NoticeAbout.CLAIM_REFUSED)
    assert later.withheld_because == "Fear at home."
    for actor in (office_user, headteacher_user):
        assert not notices_visible_to(actor, stay.school).exists()
    assert notices_visible_to(dsl_user, stay.school).count() == 3
    with pytest.raises(operations.taken.NoticeSettled):
        tell(notice, office_user, at, mother)
    operations.taken.stop_withholding(actor=dsl_user, **say)
    stay.confiscation.refresh_from_db()
    assert not stay.confiscation.withheld
    assert notice in to_tell(notices_visible_to(office_user, stay.school))


@pytest.mark.parametrize(
    ("preset", "because", "open_to_decide"),
    [
        ("group-locked-storage", TakenBecause.USED_IN_DAY, True),
        ("primary-by-agreement", TakenBecause.USED_IN_DAY, True),
        ("primary-online-safety", TakenBecause.SAFEGUARDING, False),
        ("image-and-conduct", TakenBecause.USED_IN_DAY, True),
        ("phone-free-agreement", TakenBecause.USED_IN_DAY, True),
    ],
)
def test_drop_notice_is_a_decision_with_a_reason_where_the_rules_leave_it_open(
    school: School, phone: PupilDevice, teacher_user: User, office_user: User, slt_user: User, at: datetime,
    preset: str, because: str, open_to_decide: bool,
) -> None:  # fmt: skip
    """A-51, A-29, CNF-13: "as appropriate" is a decision by a leader with a reason; where parents are told directly in
    safeguarding cases there is none to make, and nowhere for an escalation, which a parent must know of."""
    adopt_preset(
        school=school, actor=None, at=at, preset=preset, effective_from=at.date(), reason="The policy of a test."
    )
    school.refresh_from_db()
    stay = make_taken(phone.pupil, phone, by=teacher_user, at=at, because=because)
    notice = due(stay, office_user, at)
    say: dict[str, Any] = {"school": school, "at": at, "notice": notice}
    with pytest.raises(NotPermitted):
        operations.taken.drop_notice(actor=office_user, because="A small matter.", **say)
    if open_to_decide:
        with pytest.raises(operations.taken.ReasonForParents):
            operations.taken.drop_notice(actor=slt_user, because="", **say)
        dropped = operations.taken.drop_notice(actor=slt_user, because="A small matter.", **say)
        assert (dropped.dropped_by, dropped.dropped_because, dropped.is_open) == (slt_user, "A small matter.", False)
    else:
        with pytest.raises(operations.taken.MustBeTold):
            operations.taken.drop_notice(actor=slt_user, because="A small matter.", **say)
    escalated = due(stay, office_user, at, NoticeAbout.ESCALATED)
    with pytest.raises(operations.taken.MustBeTold):
        operations.taken.drop_notice(school=school, actor=slt_user, at=at, notice=escalated, because="A small matter.")


# --- Reminders --------------------------------------------------------------------------------------------------------


def test_remind_parent_notices_tells_office_and_dsl_once_a_school_day(
    stay: CustodyRecord, office_user: User, dsl_user: User, teacher_user: User, at: datetime
) -> None:
    """NOT-03, CO-5: what is overdue is said once each school day, to the office and the DSL, and names nobody."""
    due(stay, teacher_user, at)
    tomorrow = at + timedelta(days=1)
    assert operations.taken.remind_parent_notices(school=stay.school, at=at.replace(hour=10)) == 0
    assert operations.taken.remind_parent_notices(school=stay.school, at=tomorrow) == 1
    assert operations.taken.remind_parent_notices(school=stay.school, at=tomorrow + timedelta(hours=1)) == 0
    told = Notice.objects.filter(kind="devices.parents_to_tell")
    assert {notice.recipient for notice in told} == {office_user, dsl_user}
    assert {notice.subject for notice in told} == {"1 parent has not been told yet"}
    saturday = at.replace(day=28)
    assert operations.taken.remind_parent_notices(school=stay.school, at=saturday) == 0


# --- The pages --------------------------------------------------------------------------------------------------------


def page(school: School, name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=[school.slug, *args])


def test_parents_to_tell_through_the_pages(
    stay: CustodyRecord, mother: Contact, office_user: User, slt_user: User, client_for: Callable[[User], Client],
    at: datetime,
) -> None:  # fmt: skip
    """CNF-13, CO-5: the list says what is due; one page counts a try, tells, and shows what an email says."""
    notice = due(stay, office_user, at)
    one = page(stay.school, "parent-notice", notice.pk)
    with time_machine.travel(at + timedelta(days=1), tick=False):
        office = client_for(office_user)
        listed = office.get(page(stay.school, "parents-to-tell")).content.decode()
        assert "Overdue" in listed
        shown = office.get(one).content.decode()
        assert "This email names nobody" in shown
        assert "Or not at all" not in shown
        assert "It is not appropriate to tell them" in client_for(slt_user).get(one).content.decode()
        assert office.post(page(stay.school, "not-reached", notice.pk)).status_code == 302
        assert "Tried 1 time" in office.get(one).content.decode()
        empty = office.post(one, {"contact": mother.pk, "how": "phone", "message": ""})
        assert empty.status_code == 422
        told = office.post(one, {"contact": mother.pk, "how": "email"}, follow=True).content.decode()
        assert "Every parent has been told" in told
        assert "waits to be sent" in told


def test_withheld_notice_is_read_by_the_dsl_alone_and_reading_is_recorded(
    stay: CustodyRecord, mother: Contact, office_user: User, dsl_user: User, client_for: Callable[[User], Client],
    at: datetime,
) -> None:  # fmt: skip
    """CNF-13, A-11, ORG-09: to the office it is not there; the DSL reads the reason, and that is on record."""
    notice = due(stay, office_user, at)
    with time_machine.travel(at, tick=False):
        dsl, office = client_for(dsl_user), client_for(office_user)
        withhold = page(stay.school, "withhold-notice", notice.pk)
        assert office.get(withhold).status_code == 403
        assert dsl.post(withhold, {"because": "Fear at home."}).status_code == 302
        one = page(stay.school, "parent-notice", notice.pk)
        assert office.get(one).status_code == 404
        assert "Every parent has been told" in office.get(page(stay.school, "parents-to-tell")).content.decode()
        assert "Held. Ask the DSL." in office.get(page(stay.school, "release-desk")).content.decode()
        assert "Fear at home." in dsl.get(one).content.decode()
    looked = Entry.objects.get(action="devices.view_withheld_notice")
    assert (looked.actor_id, looked.outcome) == (dsl_user.pk, Outcome.VIEWED)


def test_parents_to_tell_costs_the_same_for_one_and_three(
    school: School, stay: CustodyRecord, mother: Contact, office_user: User, client_for: Callable[[User], Client],
    at: datetime,
) -> None:  # fmt: skip
    tell(due(stay, office_user, at), office_user, at, mother, how=ToldHow.EMAIL)
    due(stay, office_user, at, NoticeAbout.ESCALATED)
    where, client = page(school, "parents-to-tell"), client_for(office_user)
    with time_machine.travel(at, tick=False):
        client.get(where)
        with CaptureQueriesContext(connection) as one:
            client.get(where)
        due(stay, office_user, at, NoticeAbout.CLAIM_REFUSED)
        tell(due(stay, office_user, at, NoticeAbout.HELD), office_user, at, mother, how=ToldHow.EMAIL)
        tell(due(stay, office_user, at, NoticeAbout.RELEASED), office_user, at, mother, how=ToldHow.EMAIL)
        with CaptureQueriesContext(connection) as three:
            client.get(where)
    assert len(three) == len(one)


def test_tell_parent_not_while_the_dsl_has_yet_to_decide_about_the_adult(
    stay: CustodyRecord, mother: Contact, school: School, office_user: User, at: datetime
) -> None:
    """ORG-13: an adult who came with a court-order note is told nothing before the DSL has decided."""
    imported = RollImport(school=school, effective_on=at.date())
    imported.stamp(by=None, at=at)
    imported.save()
    ProposedDoNotInform.objects.create(school=school, contact=mother, roll_import=imported, note="A court order.")
    with pytest.raises(operations.taken.MayNotBeTold):
        tell(due(stay, office_user, at), office_user, at, mother)
