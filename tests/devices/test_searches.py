"""Searches from draft to completed: who, by which power, what comes before, what is asked while it is made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import Pupil, School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from core.rules.operations import change_rule
from devices.enums import (
    DISPOSALS,
    Disposal,
    FoundKind,
    HoldReason,
    SearchBasis,
    SearchedAs,
    SearchOf,
    SearchState,
    State,
)
from devices.models import EvidenceHold, PupilDevice, SearchEvent, SearchFinding, SearchRecord
from devices.operations import add_device, seed_device_types
from devices.operations.searches import (
    AnswerMissing,
    BasisNotAllowed,
    BasisNotDecided,
    ConsentMissing,
    DeviceNotHere,
    DisposalNeedsReason,
    DisposalNotAllowed,
    FoundNotSaid,
    GoodReasonMissing,
    GroundsMissing,
    ItemNotListed,
    KnownNotWeighed,
    NotASearcher,
    NotYourSearch,
    OuterClothingOnly,
    SameSexNeeded,
    SearcherNotDecided,
    SearchIncomplete,
    StopSaysWhy,
    add_finding,
    add_prohibited,
    authorise_searcher,
    complete_search,
    end_prohibited,
    end_searcher,
    explain_search,
    find_nothing,
    open_search,
    record_consent,
    record_manner,
    record_outcome,
    record_surroundings,
    start_search,
    state_sought,
    state_why,
    stop_and_hold,
    weigh_circumstances,
)
from devices.workflow import SEARCH_MOVES, MoveNotAllowed
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.searching import item_of, make_search
from tests.factories.taking import make_taken

Make = Callable[..., User]


@pytest.fixture
def head(headteacher_user: User) -> User:
    return headteacher_user


def opened(pupil: Pupil, actor: User, at: datetime, **given: Any) -> SearchRecord:
    return open_search(school=pupil.school, actor=actor, at=at, pupil=pupil, **{"of": SearchOf.POSSESSIONS} | given)


def preset_school(preset: str, at: datetime) -> tuple[School, Pupil]:
    school = make_school(preset=preset)
    with scope(school=school):
        return school, make_pupil(school, "Amara", "Kovacs")


# --- Who may (SEA-01, SEA-05, SE-1, SE-3) -----------------------------------------------------------------------------

WHO = {
    "group-locked-storage": {Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL},
    "primary-by-agreement": {Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL},
    "phone-free-agreement": {Role.HEADTEACHER},
}
DECIDE = {Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, Role.DEPUTY_DSL}
ASKED = [Role.TEACHER, Role.OFFICE, Role.FORM_TUTOR, Role.SUPPORT, *sorted(DECIDE)]


@pytest.mark.parametrize("preset", sorted(WHO))
def test_open_search_only_by_whom_the_preset_names(db: None, preset: str, at: datetime) -> None:
    """SEA-01, A-60: the head is counted among senior leaders; everybody else is refused, in words, on the record."""
    school, pupil = preset_school(preset, at)
    with scope(school=school):
        for role in ASKED:
            person = make_user(role, school)
            if role in WHO[preset]:
                assert opened(pupil, person, at).searcher == person, role
                continue
            with pytest.raises(NotASearcher, match="name"):
                opened(pupil, person, at)
            refusal = Entry.objects.filter(actor_id=person.pk).latest("id")
            assert (refusal.outcome, refusal.detail["refusal"]) == (Outcome.REFUSED, "not_a_searcher")


@pytest.mark.parametrize("preset", ["primary-online-safety", "image-and-conduct"])
def test_open_search_where_the_rules_are_silent_is_a_decision(db: None, preset: str, at: datetime) -> None:
    """SEA-01 (matrix 0.3): head, senior leader or DSL decides, says why, and may name somebody else."""
    school, pupil = preset_school(preset, at)
    with scope(school=school):
        dsl, teacher = make_user(Role.DSL, school), make_user(Role.TEACHER, school)
        with pytest.raises(NotASearcher):
            opened(pupil, teacher, at)
        with pytest.raises(SearcherNotDecided):
            opened(pupil, dsl, at)
        search = opened(pupil, dsl, at, searcher=teacher, decision_reason="She knows the pupil well.")
        assert (search.searched_as, search.searcher, search.decision_by) == (SearchedAs.DECISION, teacher, dsl)
        decision = RecordedDecision.objects.get()
        assert (decision.key, decision.reason, decision.subject_id) == (
            "search_allowed_to", "She knows the pupil well.", search.pk,
        )  # fmt: skip


def test_open_search_by_the_register_for_its_scope_and_classes(
    school: School, pupil: Pupil, head: User, teacher_user: User, at: datetime
) -> None:
    """SEA-05, SE-3: the register says who, what may be searched, for which class of item, from when to when."""
    day = at.date()
    with pytest.raises(NotASearcher, match="nobody is on the register yet"):
        opened(pupil, teacher_user, at)
    entry = authorise_searcher(
        school=school, actor=head, at=at, person=teacher_user, scope=["possessions"], classes=["school"], starts_on=day,
    )  # fmt: skip
    search = opened(pupil, teacher_user, at)
    assert (search.searched_as, search.authorisation) == (SearchedAs.AUTHORISED_NAMED, entry)
    with pytest.raises(NotASearcher, match="register"):
        state_sought(school=school, actor=teacher_user, at=at, search=search, sought="A blade", item=item_of(pupil))
    search.refresh_from_db()
    assert search.state == SearchState.DRAFT
    with pytest.raises(NotASearcher):
        opened(pupil, teacher_user, at, of=SearchOf.DEVICE)
    end_searcher(school=school, actor=head, at=at, authorisation=entry)
    with pytest.raises(NotASearcher):
        opened(pupil, teacher_user, at)


def test_open_search_keeps_rules_document_and_edition_of_the_day(pupil: Pupil, head: User, at: datetime) -> None:
    """SEA-04: what governs the search is on the record with its edition, and stays when the rules change."""
    search = opened(pupil, head, at)
    assert "behaviour policy" in search.document and "July 2022" in search.edition
    version, document = search.rules_version, search.document
    change_rule(
        school=pupil.school, actor=None, at=at, key="search_document", value="another paper", reason="A test.",
        effective_from=at.date(),
    )  # fmt: skip
    search.refresh_from_db()
    assert (search.rules_version, search.document) == (version, document)


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("group-locked-storage", "DfE searching guidance"),
        ("primary-by-agreement", "behaviour policy"),
        ("primary-online-safety", ""),
        ("image-and-conduct", "child-protection procedures"),
        ("phone-free-agreement", "behaviour policy + DfE guidance"),
    ],
)
def test_governing_document_under_each_preset(db: None, preset: str, said: str, at: datetime) -> None:
    """SEA-04"""
    school, pupil = preset_school(preset, at)
    with scope(school=school):
        search = opened(pupil, make_user(Role.HEADTEACHER, school), at, decision_reason="I search.")
        assert search.document == said and "DfE: July 2022" in search.edition


# --- What nobody searches (SEA-12, EX-1, EX-2) ------------------------------------------------------------------------


def test_search_of_a_device_needs_it_in_the_schools_hands(
    pupil: Pupil, phone: PupilDevice, head: User, at: datetime
) -> None:
    """EX-1: looking at contents is an act of its own, after the device was taken."""
    with pytest.raises(DeviceNotHere):
        opened(pupil, head, at, of=SearchOf.DEVICE)
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchRecord.objects.create(
            school=pupil.school, pupil=pupil, of=SearchOf.DEVICE, opened_at=at, opened_by=head, searcher=head,
            searched_as=SearchedAs.HEADTEACHER, rules_version=1,
        )  # fmt: skip


@pytest.mark.parametrize("reason", [HoldReason.INDECENT_IMAGE, HoldReason.CRIME])
def test_search_of_a_held_device_is_blocked_for_good(
    pupil: Pupil, phone: PupilDevice, head: User, at: datetime, reason: HoldReason
) -> None:
    """SEA-12, EX-2: nobody looks; it is on record that somebody asked, and the record leads nowhere."""
    stay = make_taken(pupil, phone, by=head, at=at, state=State.EVIDENCE_HOLD, reason=reason)
    search = opened(pupil, head, at, of=SearchOf.DEVICE, custody=stay)
    assert search.state == SearchState.BLOCKED and search.stopped_because
    assert Entry.objects.filter(action="devices.open_search").latest("id").outcome == Outcome.REFUSED
    assert not {target for origin, target in SEARCH_MOVES if origin == SearchState.BLOCKED}
    with pytest.raises(MoveNotAllowed):
        state_sought(school=pupil.school, actor=head, at=at, search=search, sought="x", item=item_of(pupil))


def test_search_of_a_device_held_meanwhile_does_not_start(
    pupil: Pupil, phone: PupilDevice, head: User, at: datetime
) -> None:
    """SEA-12: a hold that comes after the draft stops it as well."""
    from devices.operations.taken.evidence import OnEvidenceHold, place_hold

    stay = make_taken(pupil, phone, by=head, at=at)
    search = make_search(pupil, by=head, at=at, state=SearchState.GROUNDS_STATED, custody=stay)
    place_hold(school=pupil.school, actor=head, at=at, custody=stay, reason=HoldReason.CRIME)
    with pytest.raises(OnEvidenceHold):
        start_search(school=pupil.school, actor=head, at=at, search=search)


def test_search_of_a_device_needs_a_good_reason_from_the_list(
    pupil: Pupil, phone: PupilDevice, head: User, at: datetime
) -> None:
    """EX-1: harm, disruption or an offence; nothing else."""
    stay = make_taken(pupil, phone, by=head, at=at)
    search = make_search(pupil, by=head, at=at, state=SearchState.AUTHORISED, custody=stay)
    common = {"school": pupil.school, "actor": head, "at": at, "search": search, "basis": SearchBasis.GROUNDS}
    for reason in ("", "curious"):
        with pytest.raises(GoodReasonMissing):
            state_why(**common, grounds="Seen", necessity="Now", good_reason=reason)  # type: ignore[arg-type]
    assert state_why(**common, grounds="Seen", necessity="Now", good_reason="harm").good_reason == "harm"  # type: ignore[arg-type]


# --- Consent or grounds (SEA-02, SEA-03, SEA-15, SE-1, SE-8) ----------------------------------------------------------


@pytest.mark.parametrize("preset", ["group-locked-storage", "primary-by-agreement"])
def test_consent_search_does_not_start_before_consent(db: None, preset: str, at: datetime) -> None:
    """SEA-02: giver, how, when, taken by; pupil or parent. SE-1: grounds are not an option here."""
    school, pupil = preset_school(preset, at)
    with scope(school=school):
        slt = make_user(Role.SLT, school)
        search = make_search(pupil, by=slt, at=at, state=SearchState.CONSENT_PENDING, basis="consent", item="")
        common: dict[str, Any] = {"school": school, "actor": slt, "at": at, "search": search}
        with pytest.raises(ConsentMissing):
            start_search(**common)
        with pytest.raises(BasisNotAllowed):
            state_why(**common, basis="grounds", grounds="Seen", necessity="Now")
        mother = make_contact(pupil)
        record_consent(**common, giver="contact", contact=mother, answer="given", how="By phone; understood.")
        consent = search.consents.get()
        assert (consent.giver_name, consent.taken_by, consent.answered_at) == (mother.display_name, slt, at)
        assert start_search(**common).state == SearchState.IN_PROGRESS


@pytest.mark.parametrize("when", ["before", "while it is made"])
def test_consent_refused_or_taken_back_ends_the_search(db: None, when: str, at: datetime) -> None:
    """SEA-15: a no ends it, before or during; nothing follows by itself."""
    school, pupil = preset_school("group-locked-storage", at)
    with scope(school=school):
        slt = make_user(Role.SLT, school)
        state = SearchState.CONSENT_PENDING if when == "before" else SearchState.IN_PROGRESS
        search = make_search(pupil, by=slt, at=at, state=state, basis="consent", item="")
        answer = "refused" if when == "before" else "withdrawn"
        common: dict[str, Any] = {"school": school, "actor": slt, "at": at, "search": search}
        ended = record_consent(**common, giver="pupil", answer=answer, how="Shook the head.")
        assert (ended.state, ended.next_step) == (SearchState.ENDED_REFUSED, "")
        with pytest.raises(MoveNotAllowed):
            start_search(**common)


def test_grounds_search_asks_grounds_necessity_and_a_listed_item(pupil: Pupil, head: User, at: datetime) -> None:
    """SEA-03, SE-1: without consent only for statutory items or what the rules name as searchable."""
    common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at}
    loose = add_prohibited(
        **common, name="Energy drinks", searchable=False, starts_on=at.date(), source="Behaviour policy 3"
    )
    search = opened(pupil, head, at)
    common["search"] = search
    state_sought(**common, sought="A can", item=loose)
    why = {"basis": "grounds", "grounds": "Seen by two"}
    with pytest.raises(ItemNotListed):
        state_why(**common, **why, necessity="Now")
    state_sought(**common, sought="A blade", item=item_of(pupil))
    with pytest.raises(GroundsMissing):
        state_why(**common, **why)
    with pytest.raises(AnswerMissing):
        state_why(**common, basis="grounds", grounds="", necessity="Now")
    with pytest.raises(BasisNotAllowed):
        state_why(**common, basis="consent", grounds="Seen by two")
    assert state_why(**common, **why, necessity="Now").state == SearchState.GROUNDS_STATED
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchRecord.objects.filter(pk=search.pk).update(grounds="")


def test_where_either_is_allowed_the_two_powers_are_never_merged(pupil: Pupil, head: User, at: datetime) -> None:
    """SE-1: chosen once; a search that rests on consent does not turn into one on grounds."""
    change_rule(
        school=pupil.school, actor=None, at=at, key="search_basis", value="either", reason="A test.",
        effective_from=at.date(),
    )  # fmt: skip
    pupil.school.refresh_from_db()
    search = make_search(pupil, by=head, at=at, state=SearchState.CONSENT_PENDING, basis="consent", item="")
    common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at, "search": search}
    with pytest.raises(BasisNotAllowed, match="not changed"):
        state_why(**common, basis="grounds", grounds="Seen", necessity="Now")
    refused = record_consent(**common, giver="pupil", answer="refused", how="In person.")
    assert refused.state == SearchState.ENDED_REFUSED


def test_where_the_basis_is_silent_somebody_decides_and_says_why(db: None, at: datetime) -> None:
    """SEA-02, SEA-03 (matrix 0.3): the choice is kept with its reason."""
    school, pupil = preset_school("image-and-conduct", at)
    with scope(school=school):
        dsl, teacher = make_user(Role.DSL, school), make_user(Role.TEACHER, school)
        search = make_search(
            pupil, by=dsl, at=at, state=SearchState.AUTHORISED, decision_reason="Known to me.", searcher=teacher
        )
        why: dict[str, Any] = {"basis": "grounds", "grounds": "Seen", "necessity": "Now"}
        common: dict[str, Any] = {"school": school, "at": at, "search": search, **why}
        with pytest.raises(BasisNotDecided):
            state_why(actor=teacher, basis_reason="I think so", **common)
        with pytest.raises(BasisNotDecided):
            state_why(actor=dsl, **common)
        state_why(actor=dsl, basis_reason="A knife is likely.", **common)
        assert set(RecordedDecision.objects.values_list("key", flat=True)) == {"search_allowed_to", "search_basis"}


def test_known_circumstances_are_weighed_first(pupil: Pupil, head: User, at: datetime) -> None:
    """SE-8: what is on record is kept with how it was weighed; what was tried when the pupil did not cooperate."""
    pupil.sen_status = "K"
    pupil.stamp(by=None, at=at)
    pupil.save()
    search = make_search(pupil, by=head, at=at, state=SearchState.AUTHORISED)
    common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at, "search": search}
    with pytest.raises(KnownNotWeighed):
        weigh_circumstances(**common, weighed="")
    assert weigh_circumstances(**common, weighed="A quiet room.").circumstances == ["send"]
    with pytest.raises(AnswerMissing):
        explain_search(**common, explained="Why", cooperation="refused")
    assert explain_search(**common, explained="Why", cooperation="refused", tried="Waited").tried == "Waited"


def test_only_whoever_makes_the_search_goes_on_with_it(pupil: Pupil, head: User, make_user: Make, at: datetime) -> None:
    """SEA-01: another searcher reads it at most."""
    search = opened(pupil, head, at)
    other = make_user(Role.HEADTEACHER)
    with pytest.raises(NotYourSearch):
        state_sought(school=pupil.school, actor=other, at=at, search=search, sought="x", item=item_of(pupil))


# --- While it is made (SE-4, SE-5, SEA-06, disposal) ------------------------------------------------------------------


def under_way(pupil: Pupil, head: User, at: datetime) -> dict[str, Any]:
    search = make_search(pupil, by=head, at=at, state=SearchState.IN_PROGRESS)
    return {"school": pupil.school, "actor": head, "at": at, "search": search}


def test_same_sex_witness_and_outer_clothing_or_the_urgent_exception(pupil: Pupil, head: User, at: datetime) -> None:
    """SE-4: the exception has its reason and the second adult told at once; more than outer clothing never."""
    common = under_way(pupil, head, at)
    record_surroundings(**common, place="Office", others_present="nobody", witness_name="")
    manner = {"same_sex_searcher": False, "same_sex_witness": False, "outer_clothing_only": True}
    with pytest.raises(SameSexNeeded):
        record_manner(**common, **manner)
    with pytest.raises(SameSexNeeded, match="second adult"):
        record_manner(**common, **manner, urgent_reason="A blade was drawn.")
    with pytest.raises(OuterClothingOnly):
        record_manner(**common, **manner | {"outer_clothing_only": False}, urgent_reason="x", second_adult="y")
    kept = record_manner(**common, **manner, urgent_reason="A blade was drawn.", second_adult="Ms Ola")
    assert (kept.urgent_reason, kept.second_adult) == ("A blade was drawn.", "Ms Ola")


def test_the_witness_is_somebody_else(pupil: Pupil, head: User, at: datetime) -> None:
    """SE-4"""
    with pytest.raises(AnswerMissing):
        record_surroundings(**under_way(pupil, head, at), place="Office", others_present="nobody", witness=head)


def test_complete_search_wants_all_ten_answers(pupil: Pupil, head: User, at: datetime) -> None:
    """SE-5, SEA-06: completion names what is missing, answer by answer; the database refuses the same."""
    common = under_way(pupil, head, at)

    def missing() -> str:
        with pytest.raises(SearchIncomplete) as refusal:
            complete_search(**common)
        return refusal.value.message

    assert all(word in missing() for word in ("place", "present", "found", "follows", "force", "risk", "how it was"))
    record_surroundings(**common, place="Office", others_present="nobody", witness_name="M. Osei")
    assert "place" not in missing()
    record_manner(**common, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True)
    find_nothing(**common)
    assert missing() == "Still to be answered: what follows, whether force was used, whether it shows a risk."
    record_outcome(**common, force_used=False, risk=False, follow_up="None")
    search = complete_search(**common)
    assert (search.state, search.found) == (SearchState.COMPLETED_NOTHING, "Nothing")
    path = list(SearchEvent.objects.filter(search=search).values_list("to_state", flat=True))
    assert path == ["authorised", "grounds_stated", "in_progress", "completed_nothing"]
    for name in ("place", "others_present", "sought", "found", "follow_up"):
        with pytest.raises(IntegrityError), transaction.atomic():
            SearchRecord.objects.filter(pk=search.pk).update(**{name: ""})


@pytest.mark.parametrize("kind", [kind for kind in FoundKind if kind != FoundKind.ILLEGAL_IMAGE])
def test_findings_are_disposed_of_by_the_table(pupil: Pupil, head: User, at: datetime, kind: FoundKind) -> None:
    """law §2: the first is expected, another has its reason, anything else is refused."""
    common = under_way(pupil, head, at)
    allowed = DISPOSALS[kind]
    for disposal in set(Disposal) - set(allowed):
        with pytest.raises(DisposalNotAllowed):
            add_finding(**common, kind=kind, what="A thing", disposal=disposal, reason="Because")
    for disposal in allowed[1:]:
        with pytest.raises(DisposalNeedsReason):
            add_finding(**common, kind=kind, what="A thing", disposal=disposal)
    add_finding(**common, kind=kind, what="A thing", disposal=allowed[0])
    with pytest.raises(FoundNotSaid):
        find_nothing(**common)


@pytest.mark.parametrize("kind", [FoundKind.DRUGS, FoundKind.ALCOHOL_TOBACCO, FoundKind.WEAPON])
def test_drugs_and_weapons_never_go_back_to_the_pupil(pupil: Pupil, head: User, at: datetime, kind: FoundKind) -> None:
    """law §2: the database refuses it too."""
    search = under_way(pupil, head, at)["search"]
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchFinding.objects.create(
            school=pupil.school, search=search, kind=kind, what="It", disposal=Disposal.RETURN, decided_at=at,
            decided_by=head,
        )  # fmt: skip


def test_an_illegal_image_stops_the_search_and_holds_the_device(
    pupil: Pupil, phone: PupilDevice, head: User, dsl_user: User, at: datetime
) -> None:
    """EX-2, matrix 4.2: isolated unseen, evidence hold, DSL urgent; nothing more is written."""
    from core.notices.models import Notice

    stay = make_taken(pupil, phone, by=head, at=at)
    search = make_search(pupil, by=head, at=at, state=SearchState.IN_PROGRESS, custody=stay)
    stopped = add_finding(
        school=pupil.school, actor=head, at=at, search=search, kind=FoundKind.ILLEGAL_IMAGE, what="Not opened",
        disposal=Disposal.RETURN,
    )  # fmt: skip
    stay.refresh_from_db()
    assert (stopped.state, stay.state) == (SearchState.STOPPED, State.EVIDENCE_HOLD)
    assert stopped.findings.get().disposal == Disposal.ISOLATE
    assert EvidenceHold.objects.get(custody=stay).reason == HoldReason.INDECENT_IMAGE
    assert Notice.objects.filter(recipient=dsl_user, urgency="urgent").exists()
    with pytest.raises(MoveNotAllowed):
        complete_search(school=pupil.school, actor=head, at=at, search=search)


STOPPABLE = sorted({origin for origin, target in SEARCH_MOVES if target == SearchState.STOPPED})


@pytest.mark.parametrize("state", [state for state in STOPPABLE if state != SearchState.CONSENT_PENDING])
def test_stop_and_hold_from_any_state(
    pupil: Pupil, phone: PupilDevice, head: User, dsl_user: User, at: datetime, state: SearchState
) -> None:
    """SEA-12, matrix 4.2: any state leads to stopped, for the searcher and for whoever reads searches."""
    stay = make_taken(pupil, phone, by=head, at=at)
    if state == SearchState.COMPLETED_FOUND:
        search = make_search(pupil, by=head, at=at, state=SearchState.IN_PROGRESS)
        common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at, "search": search}
        record_surroundings(**common, place="Office", others_present="nobody", witness_name="M. Osei")
        record_manner(**common, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True)
        add_finding(**common, kind="weapon", what="A blade", disposal="police")
        record_outcome(**common, force_used=False, risk=False, follow_up="None")
        complete_search(**common)
    else:
        search = make_search(pupil, by=head, at=at, state=state, dsl=dsl_user)
    with pytest.raises(StopSaysWhy):
        stop_and_hold(school=pupil.school, actor=dsl_user, at=at, search=search, because="", is_image=True)
    stopped = stop_and_hold(
        school=pupil.school, actor=dsl_user, at=at, search=search, because="Something appeared.", is_image=True,
        custody=stay,
    )  # fmt: skip
    stay.refresh_from_db()
    assert (stopped.state, stay.state) == (SearchState.STOPPED, State.EVIDENCE_HOLD)


def test_a_stranger_stops_no_search(pupil: Pupil, head: User, teacher_user: User, at: datetime) -> None:
    search = opened(pupil, head, at)
    with pytest.raises(NotYourSearch):
        stop_and_hold(
            school=pupil.school, actor=teacher_user, at=at, search=search, because="Something", is_image=False
        )


# --- The list of prohibited items (SEA-13, SE-2) ----------------------------------------------------------------------


def test_a_search_is_judged_by_the_list_of_its_day(pupil: Pupil, head: User, at: datetime) -> None:
    """SEA-13, SE-2: an item that has ended is not offered any more, and stays on the search it was chosen for."""
    common: dict[str, Any] = {"school": pupil.school, "actor": head, "at": at}
    vape = add_prohibited(**common, name="Vapes", searchable=True, starts_on=at.date(), source="Behaviour policy 3")
    search = opened(pupil, head, at)
    state_sought(**common, search=search, sought="A vape", item=vape)
    end_prohibited(**common, item=vape, ends_on=at.date())
    later = at + timedelta(days=1)
    fresh = opened(pupil, head, later)
    with pytest.raises(ItemNotListed):
        state_sought(school=pupil.school, actor=head, at=later, search=fresh, sought="A vape", item=vape)
    search.refresh_from_db()
    assert search.item == vape


def test_open_search_same_form_twice_is_one_search(pupil: Pupil, head: User, at: datetime) -> None:
    key = uuid.uuid4()
    first, second = (opened(pupil, head, at, submission=key) for _ in range(2))
    assert first.pk == second.pk and SearchRecord.objects.count() == 1


def test_a_device_of_another_pupil_is_not_searched(school: School, pupil: Pupil, head: User, at: datetime) -> None:
    """EX-1"""
    types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    other = make_pupil(school)
    device = add_device(school=school, actor=None, at=at, pupil=other, type=types["phone"])
    stay = make_taken(other, device, by=head, at=at)
    with pytest.raises(DeviceNotHere):
        opened(pupil, head, at, of=SearchOf.DEVICE, custody=stay)
