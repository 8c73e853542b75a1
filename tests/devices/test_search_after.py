"""After a search: who hears of it, follow-up and close, force, one recorded afterwards, the registers beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django_scopes import scope

from core.audit.models import Entry
from core.kit.refusals import Refusal
from core.notices.enums import Urgency
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.people.operations.school import NewPerson, create_school
from core.people.roles import Role
from core.rules.models import RecordedDecision
from devices.enums import NextStep, NoticeAbout, SearchedAs, SearchState
from devices.models import ParentNotice, ProhibitedItem, ScreeningSession, UseOfForce
from devices.operations.searches import (
    AnswerMissing,
    AuthorisesThemselves,
    ForceFacts,
    ForceNotRecorded,
    ForceRecordedAlready,
    ItemListedAlready,
    MoreSearchesThanScreened,
    NotOnStaff,
    ParentsNotTold,
    PastAnswers,
    PoliceSearchFacts,
    SameSexNeeded,
    StatutoryItemStays,
    TellDslUndecided,
    TimesOutOfOrder,
    add_prohibited,
    authorise_searcher,
    choose_next_step,
    close_search,
    complete_search,
    end_prohibited,
    find_nothing,
    follow_up_search,
    record_force,
    record_manner,
    record_outcome,
    record_past_search,
    record_police_search,
    record_screening,
    record_surroundings,
    seed_prohibited,
)
from devices.queries.searches import prohibited_on
from devices.workflow import MoveNotAllowed
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.searching import make_search

Make = Callable[..., User]
PRESETS = (
    "group-locked-storage", "primary-by-agreement", "primary-online-safety", "image-and-conduct",
    "phone-free-agreement",
)  # fmt: skip


def answered(
    pupil: Pupil, head: User, at: datetime, *, item: str, risk: bool = False, **opening: Any
) -> dict[str, Any]:
    """A search of which everything is answered, under any preset."""
    basis = "grounds" if pupil.school.slug.startswith("rochford") else "consent"
    search = make_search(pupil, by=head, at=at, state=SearchState.IN_PROGRESS, basis=basis, item=item, **opening)
    common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at, "search": search}
    record_surroundings(**common, place="Office", others_present="nobody", witness_name="M. Osei")
    record_manner(**common, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True)
    find_nothing(**common)
    record_outcome(**common, force_used=False, risk=risk, risk_note="A threat" if risk else "", follow_up="None")
    return common


def told(urgency: str = "") -> int:
    """How many notices of searches went out."""
    found = Notice.objects.filter(kind__startswith="devices.search")
    return found.filter(urgency=urgency).count() if urgency else found.count()


# On grounds there is always an item.
@pytest.mark.parametrize(
    ("preset", "item"),
    [
        (preset, item)
        for preset in PRESETS
        for item in ("", "Knives and weapons", "Vapes")
        if item or preset != "phone-free-agreement"
    ],
)
def test_dsl_hears_of_searches_as_law_and_preset_say(db: None, preset: str, item: str, at: datetime) -> None:
    """NOT-05, SEA-07, SE-6: statutory items always; school items always under ROC; where silent somebody decides."""
    slug = "rochford-lane" if preset == "phone-free-agreement" else ""
    school = make_school(slug, preset=preset)
    with scope(school=school):
        pupil, head = make_pupil(school, "Amara", "Kovacs"), make_user(Role.HEADTEACHER, school)
        dsl, deputy = make_user(Role.DSL, school), make_user(Role.DEPUTY_DSL, school)
        add_prohibited(
            school=school, actor=head, at=at, name="Vapes", searchable=True, starts_on=at.date(), source="Policy 3"
        )
        common = answered(pupil, head, at, item=item, decision_reason="I search today.")
        silent = preset in ("primary-online-safety", "image-and-conduct") and item != "Knives and weapons"
        if silent:
            with pytest.raises(TellDslUndecided):
                complete_search(**common)
            complete_search(**common, tell_dsl=False, tell_because="A lost book.")
            assert RecordedDecision.objects.filter(key="search_dsl_notice", reason="A lost book.").exists()
        else:
            complete_search(**common)
        expected = item == "Knives and weapons" or (preset == "phone-free-agreement" and bool(item))
        people = set(Notice.objects.filter(kind="devices.search").values_list("recipient_id", flat=True))
        assert people == ({dsl.pk, deputy.pk} if expected else set())


@pytest.mark.parametrize("preset", PRESETS)
def test_a_risk_tells_the_dsl_urgently_under_every_preset(db: None, preset: str, at: datetime) -> None:
    """NOT-06, SEA-08, SEA-14: at once; passed on after 15 minutes, or by the end of the day where the rule says so."""
    school = make_school("rochford-lane" if preset == "phone-free-agreement" else "", preset=preset)
    with scope(school=school):
        pupil, head = make_pupil(school, "Amara", "Kovacs"), make_user(Role.HEADTEACHER, school)
        dsl = make_user(Role.DSL, school)
        common = answered(pupil, head, at, item="Knives and weapons", risk=True, decision_reason="I search today.")
        search = complete_search(**common)
        notice = Notice.objects.get(recipient=dsl, kind="devices.search_risk")
        assert notice.urgency == Urgency.URGENT and notice.url.endswith(f"/searches/{search.pk}/")
        assert not {"Amara", "Kovacs"} & set(f"{notice.subject} {notice.body}".split())
        minutes = 15 if preset not in ("group-locked-storage", "primary-by-agreement") else None
        assert notice.escalate_minutes == minutes or (minutes is None and (notice.escalate_minutes or 0) >= 15)


def test_parents_are_to_be_told_the_same_day_and_the_search_waits_for_it(
    pupil: Pupil, headteacher_user: User, dsl_user: User, at: datetime
) -> None:
    """SE-7: a notice opens on completion; closing waits until they are told, or the DSL withholds it."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.FOLLOWED_UP, dsl=dsl_user)
    notice = ParentNotice.objects.get(search=search, about=NoticeAbout.SEARCH)
    assert notice.is_open and notice.due_at.date() == at.date()
    common: dict[str, Any] = {"school": pupil.school, "actor": dsl_user, "at": at, "search": search}
    with pytest.raises(ParentsNotTold):
        close_search(**common)
    notice.withheld_at, notice.withheld_by, notice.withheld_because = at, dsl_user, "A risk at home."
    notice.stamp(by=dsl_user, at=at)
    notice.save()
    closed = close_search(**common)
    assert (closed.state, closed.closed_by) == (SearchState.CLOSED, dsl_user)


def test_follow_up_keeps_the_dsls_view_and_is_not_for_others(
    pupil: Pupil, headteacher_user: User, dsl_user: User, slt_user: User, at: datetime
) -> None:
    """SE-9: wider risk and support are both said."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.COMPLETED_NOTHING)
    common: dict[str, Any] = {"school": pupil.school, "at": at, "search": search}
    with pytest.raises(NotPermitted):
        follow_up_search(actor=slt_user, wider_risk="None", support="None", **common)
    with pytest.raises(AnswerMissing):
        follow_up_search(actor=dsl_user, wider_risk="None", support="", **common)
    assert follow_up_search(actor=dsl_user, wider_risk="None", support="A talk", **common).support == "A talk"


FACTS: dict[str, Any] = {
    "staff": "R. Reed", "place": "Corridor", "lead_up": "A shout", "de_escalation": "A calm word", "kinds": ("hold",),
    "minutes": 1, "necessary": "A blade", "injuries": "None", "support": "A talk",
}  # fmt: skip


def test_force_has_its_own_record_before_the_search_closes(
    pupil: Pupil, headteacher_user: User, dsl_user: User, at: datetime
) -> None:
    """SE-13: every field, SEN status as the roll has it, parents told; once a search; half of one is refused."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.FOLLOWED_UP, force=True, dsl=dsl_user)
    with pytest.raises(ForceNotRecorded):
        close_search(school=pupil.school, actor=dsl_user, at=at, search=search)
    common: dict[str, Any] = {"school": pupil.school, "actor": headteacher_user, "at": at, "search": search}
    row = record_force(**common, facts=ForceFacts(happened_at=at, **FACTS))
    assert (row.pupil, row.sen_status) == (pupil, "None on the roll")
    assert ParentNotice.objects.filter(search=search, about=NoticeAbout.FORCE).exists()
    with pytest.raises(ForceRecordedAlready):
        record_force(**common, facts=ForceFacts(happened_at=at, **FACTS))
    for name in ("place", "lead_up", "de_escalation", "necessary", "injuries", "support", "staff"):
        with pytest.raises(IntegrityError), transaction.atomic():
            UseOfForce.objects.filter(pk=row.pk).update(**{name: ""})


def test_refused_consent_offers_leaders_the_next_steps(db: None, at: datetime) -> None:
    """SEA-15: contact a parent, keep the device, take advice, or nothing; senior leaders choose, others do not."""
    school = make_school(preset="group-locked-storage")
    with scope(school=school):
        pupil, slt = make_pupil(school), make_user(Role.SLT, school)
        search = make_search(pupil, by=slt, at=at, state=SearchState.ENDED_REFUSED, basis="consent", item="")
        common: dict[str, Any] = {"school": school, "at": at, "search": search}
        with pytest.raises(NotPermitted):
            choose_next_step(actor=make_user(Role.TEACHER, school), next_step=NextStep.TAKE_ADVICE, **common)
        for step in NextStep:
            assert choose_next_step(actor=slt, next_step=step, **common).next_step == step
        fresh = make_search(pupil, by=slt, at=at)
        with pytest.raises(MoveNotAllowed):
            choose_next_step(school=school, actor=slt, at=at, search=fresh, next_step=NextStep.NOTHING)


PAST: dict[str, Any] = {
    "of": "possessions", "basis": "grounds", "sought": "A blade", "grounds": "Seen", "necessity": "It could not wait",
    "place": "Gate", "others_present": "nobody", "found": "nothing", "follow_up": "None", "force_used": False,
    "risk": False, "witness_name": "M. Osei", "same_sex_searcher": True, "outer_clothing_only": True,
}  # fmt: skip


def test_a_search_by_somebody_not_on_the_register_saves_and_alerts_head_and_dsl(
    pupil: Pupil, headteacher_user: User, dsl_user: User, teacher_user: User, at: datetime
) -> None:
    """SE-3: it is on record whoever made it; head and DSL hear of it. SE-5: with all ten answers."""
    common: dict[str, Any] = {"school": pupil.school, "actor": dsl_user, "at": at, "pupil": pupil, "made_at": at}
    for name in ("sought", "grounds", "place", "others_present", "found", "follow_up"):
        with pytest.raises(AnswerMissing):
            record_past_search(**common, searcher=teacher_user, answers=PastAnswers(**PAST | {name: ""}))
    with pytest.raises(SameSexNeeded):
        record_past_search(**common, searcher=teacher_user, answers=PastAnswers(**PAST | {"witness_name": ""}))
    search = record_past_search(**common, searcher=teacher_user, answers=PastAnswers(**PAST))
    assert (search.state, search.searched_as) == (SearchState.COMPLETED_NOTHING, SearchedAs.NOT_AUTHORISED)
    alerted = set(Notice.objects.filter(kind="devices.search_unauthorised").values_list("recipient_id", flat=True))
    assert alerted == {dsl_user.pk, headteacher_user.pk}
    by_head = record_past_search(**common, searcher=headteacher_user, answers=PastAnswers(**PAST))
    assert by_head.searched_as == SearchedAs.HEADTEACHER
    assert Notice.objects.filter(kind="devices.search_unauthorised").count() == 2
    with pytest.raises(NotPermitted):
        record_past_search(**common | {"actor": teacher_user}, searcher=teacher_user, answers=PastAnswers(**PAST))


def test_police_search_goes_on_the_safeguarding_record_and_tells_the_dsl(
    pupil: Pupil, slt_user: User, dsl_user: User, teacher_user: User, at: datetime
) -> None:
    """SE-6, SE-11: what was weighed, the appropriate adult, times, aftercare; whatever was found."""
    facts: dict[str, Any] = {
        "strip_search": True, "risk_weighed": "A blade against waiting", "called_at": at - timedelta(minutes=30),
        "officers": "4417", "appropriate_adult": "M. Osei", "parent_told_note": "By phone", "place": "Office",
        "started_at": at - timedelta(minutes=20), "ended_at": at - timedelta(minutes=10), "found": "Nothing",
        "aftercare": "A talk",
    }  # fmt: skip
    common: dict[str, Any] = {"school": pupil.school, "at": at, "pupil": pupil}
    with pytest.raises(NotPermitted):
        record_police_search(**common, actor=teacher_user, facts=PoliceSearchFacts(**facts))
    with pytest.raises(TimesOutOfOrder):
        record_police_search(
            **common, actor=slt_user, facts=PoliceSearchFacts(**facts | {"ended_at": at - timedelta(hours=2)})
        )
    record_police_search(**common, actor=slt_user, facts=PoliceSearchFacts(**facts))
    assert Notice.objects.get(recipient=dsl_user, kind="devices.police_search").urgency == Urgency.URGENT


def test_screening_is_logged_for_a_session_and_names_no_pupil(school: School, slt_user: User, at: datetime) -> None:
    """SE-12"""
    session: dict[str, Any] = {
        "school": school, "actor": slt_user, "at": at, "kind": "arch", "place": "Gate", "started_at": at,
        "ended_at": at,
    }  # fmt: skip
    with pytest.raises(MoreSearchesThanScreened):
        record_screening(**session, screened=1, led_to_searches=2)
    record_screening(**session, screened=120, led_to_searches=1)
    assert not {field.name for field in ScreeningSession._meta.get_fields()} & {"pupil", "pupils"}


def test_prohibited_items_begin_with_the_statute_and_are_dated(
    school: School, headteacher_user: User, teacher_user: User, at: datetime
) -> None:
    """SEA-13, SE-2: the head adds and ends what the policy names, with date and source; the statute stays."""
    common: dict[str, Any] = {"school": school, "actor": headteacher_user, "at": at}
    assert len(seed_prohibited(**common)) == 8 and seed_prohibited(**common) == []
    vape: dict[str, Any] = {"name": "Vapes", "searchable": True, "starts_on": at.date(), "source": "Policy, ed. 3"}
    with pytest.raises(NotPermitted):
        add_prohibited(**common | {"actor": teacher_user}, **vape)
    item = add_prohibited(**common, **vape)
    with pytest.raises(ItemListedAlready):
        add_prohibited(**common, **vape | {"name": "vapes"})
    with pytest.raises(StatutoryItemStays):
        end_prohibited(**common, item=ProhibitedItem.objects.filter(item_class="statutory").first())  # type: ignore[arg-type]
    end_prohibited(**common, item=item, ends_on=at.date())
    assert prohibited_on(school, at.date()).filter(name="Vapes").exists()
    assert not prohibited_on(school, at.date() + timedelta(days=1)).filter(name="Vapes").exists()
    assert not prohibited_on(school, at.date() - timedelta(days=1)).filter(name="Vapes").exists()


def test_create_school_begins_its_list_with_the_statutory_items_once(db: None, at: datetime) -> None:
    """SEA-13, SE-2: the list is there when a school is made, not with its first search, and begins once."""
    with time_machine.travel(at, tick=False):
        made = create_school(
            name="Larkfield Academy", phases=["secondary"], preset="phone-free-agreement", rules_from=at.date(),
            demand_mfa=False, administrator=NewPerson("Nadia", "Okafor", "n.okafor@example.org", "copper kettle"),
            actor=None, at=at,
        )  # fmt: skip
    with scope(school=made):
        assert prohibited_on(made, at.date()).count() == 8
        assert seed_prohibited(school=made, actor=None, at=at) == []
        assert Entry.objects.filter(school_id=made.pk, action="devices.list_statutory_items").count() == 1


def test_the_register_is_the_heads_and_nobody_authorises_themselves(
    school: School, headteacher_user: User, slt_user: User, make_user: Make, at: datetime
) -> None:
    """SEA-05, SE-3: person, scope, classes, from and to, trained on, authorised by."""
    entry: dict[str, Any] = {
        "school": school, "at": at, "scope": ["device"], "classes": ["statutory"], "starts_on": at.date(),
        "trained_on": at.date(),
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        authorise_searcher(actor=slt_user, person=slt_user, **entry)
    with pytest.raises(AuthorisesThemselves):
        authorise_searcher(actor=headteacher_user, person=headteacher_user, **entry)
    stranger = make_user("teacher", make_school())
    with pytest.raises(NotOnStaff):
        authorise_searcher(actor=headteacher_user, person=stranger, **entry)
    kept = authorise_searcher(actor=headteacher_user, person=slt_user, **entry)
    assert (kept.authorised_by, kept.trained_on, kept.scope) == (headteacher_user, at.date(), ["device"])


@pytest.mark.django_db(transaction=True)
def test_two_people_complete_a_search_at_once_and_one_does(at: datetime) -> None:
    """F21: one completion, one notice to parents; the second reads that it is made."""
    school = make_school("rochford-lane")
    with scope(school=school):
        pupil, head = make_pupil(school), make_user(Role.HEADTEACHER, school)
        make_contact(pupil)
        common = answered(pupil, head, at, item="Knives and weapons")
    results = at_once(school, *[lambda: complete_search(**common)] * 2)
    refusals = [result for result in results if isinstance(result, Exception)]
    assert len(refusals) == 1 and isinstance(refusals[0], Refusal)
    assert "Made" in refusals[0].message or "made" in refusals[0].message
    with scope(school=school):
        assert ParentNotice.objects.filter(search=common["search"]).count() == 1
