"""Searches in the demonstration: closed, followed up, just made, a draft, stopped, blocked, and consent refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from core.people.calendar import LONDON, calendar_for
from core.people.models import Pupil, School, User
from core.people.queries import holders_of, pupils_on_roll, staff_of
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school
from devices import operations
from devices.enums import ConsentAnswer, ConsentGiver, Cooperation, Disposal, FoundKind, SearchBasis, SearchOf, ToldHow
from devices.models import ParentNotice, ProhibitedItem, SearchRecord
from devices.queries.searches import prohibited_on
from devices.queries.taken import adults_to_tell, live_holds

_VAPES = "Vapes"
_POLICY = "Behaviour policy, this year’s edition"
_DECIDED = "The rules do not say. I know the pupil and was there."


@dataclass(frozen=True)
class _Scene:
    """Whom a search is of, by whom and when."""

    school: School
    head: User
    dsl: User
    witness: User
    pupil: Pupil
    at: datetime

    def sent(self, minutes: int = 0) -> dict[str, Any]:
        return {"school": self.school, "actor": self.head, "at": self.at + timedelta(minutes=minutes)}


def write_searches(school: School, *, today: date, now: datetime, rng: Random) -> None:
    """The school's own item on the list, somebody on the register, and searches in every state the rules know."""
    head = holders_of(school, Role.HEADTEACHER, on=today).first()
    dsl = holders_of(school, Role.DSL, on=today).first()
    witness = next((one for one in staff_of(school) if head is not None and one.pk != head.pk), None)
    if head is None or dsl is None or witness is None:
        return
    days = calendar_for(school).last_school_days(today, 6)
    pupils = rng.sample(list(pupils_on_roll(school, today).order_by("pk")), 6)
    first = datetime.combine(days[-1], time(9), LONDON)
    vapes = operations.searches.add_prohibited(
        school=school, actor=head, at=first, name=_VAPES, searchable=True, starts_on=days[-1], source=_POLICY
    )
    if "authorised_named" in _allowed(school, today):
        operations.searches.authorise_searcher(
            school=school, actor=head, at=first, person=witness, scope=list(SearchOf.values),
            classes=["statutory", "school"], starts_on=days[-1], trained_on=days[-1] - timedelta(days=60),
        )  # fmt: skip
    scenes = [
        _Scene(school, head, dsl, witness, pupil, datetime.combine(day, time(11, rng.randrange(5, 50)), LONDON))
        for pupil, day in zip(pupils, (days[4], days[2], days[1], days[0], days[3], days[2]), strict=True)
    ]
    _followed_up(scenes[0], vapes)
    _made(scenes[1], prohibited_on(school, today).filter(name__startswith="Knives").first())
    _closed(scenes[4], vapes)
    _stopped(scenes[5], vapes)
    _blocked(scenes[1])
    if for_school(school, on=today).search_basis != "reasonable_grounds":
        _refused(scenes[2])
    if scenes[3].at < now:
        _open(scenes[3])


def _allowed(school: School, on: date) -> frozenset[str]:
    rule = for_school(school, on=on).search_allowed_to
    return frozenset() if rule == UNSPECIFIED else rule


def _basis(school: School, on: date) -> SearchBasis:
    rule = for_school(school, on=on).search_basis
    return SearchBasis.CONSENT if rule == "consent_pupil_or_parent" else SearchBasis.GROUNDS


def _open(scene: _Scene) -> SearchRecord:
    silent = for_school(scene.school, on=scene.at.date()).search_allowed_to == UNSPECIFIED
    return operations.searches.open_search(
        **scene.sent(),
        pupil=scene.pupil,
        of=SearchOf.POSSESSIONS,
        decision_reason=_DECIDED if silent else "",
    )


def _prepared(scene: _Scene, item: ProhibitedItem | None, basis: SearchBasis | None = None) -> SearchRecord:
    """Opened, with everything that comes before it."""
    search = _open(scene)
    basis = basis or _basis(scene.school, scene.at.date())
    sought = f"{item.name}, in the bag or the blazer" if item else "A lost calculator, in the bag"
    operations.searches.state_sought(**scene.sent(1), search=search, sought=sought, item=item)
    operations.searches.state_why(
        **scene.sent(2),
        search=search,
        basis=basis,
        grounds="Two pupils said separately what they had seen at break.",
        necessity="Asking did not help, and the day is long." if basis == SearchBasis.GROUNDS else "",
        basis_reason=_DECIDED,
    )
    operations.searches.weigh_circumstances(
        **scene.sent(3), search=search, weighed="A quiet room; the form tutor nearby."
    )
    return operations.searches.explain_search(
        **scene.sent(4),
        search=search,
        explained="Why, how and where, and that questions are welcome.",
        cooperation=Cooperation.AGREED,
    )


def _consent(scene: _Scene, search: SearchRecord, answer: ConsentAnswer) -> None:
    if search.basis == SearchBasis.CONSENT:
        how = "In person; understood why and how."
        operations.searches.record_consent(
            **scene.sent(5), search=search, giver=ConsentGiver.PUPIL, answer=answer, how=how
        )


def _made(scene: _Scene, item: ProhibitedItem | None, found: str = "") -> SearchRecord:
    """Made, and nothing found, or one thing; the DSL has yet to look at it."""
    search = _prepared(scene, item)
    _consent(scene, search, ConsentAnswer.GIVEN)
    operations.searches.start_search(**scene.sent(6), search=search)
    operations.searches.record_surroundings(
        **scene.sent(7), search=search, place="Head’s office", others_present="nobody", witness=scene.witness
    )
    operations.searches.record_manner(
        **scene.sent(8), search=search, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True
    )
    if found:
        operations.searches.add_finding(
            **scene.sent(9), search=search, kind=FoundKind.SCHOOL_RULE, what=found, disposal=Disposal.PARENT,
            reason="It is not for children.",
        )  # fmt: skip
    else:
        operations.searches.find_nothing(**scene.sent(9), search=search)
    operations.searches.record_outcome(
        **scene.sent(10), search=search, force_used=False, risk=False, follow_up="A talk with the form tutor."
    )
    return operations.searches.complete_search(
        **scene.sent(11), search=search, tell_dsl=True, tell_because="The DSL keeps the whole picture."
    )


def _followed_up(scene: _Scene, item: ProhibitedItem, found: str = "") -> SearchRecord:
    search = _made(scene, item, found)
    return operations.searches.follow_up_search(
        **scene.sent(180) | {"actor": scene.dsl},
        search=search,
        wider_risk="Nothing else points to a risk. The tutor keeps an eye on it.",
        support="The school nurse’s drop-in was offered.",
    )


def _closed(scene: _Scene, item: ProhibitedItem) -> None:
    """Something was found, a parent was told of it or, where nobody may be told, the DSL withheld it; it is closed."""
    search = _followed_up(scene, item, found="Two vapes")
    for notice in ParentNotice.objects.filter(search=search):
        adult = next(iter(adults_to_tell(scene.school, search.pupil)), None)
        if adult is not None:
            operations.taken.tell_parent(
                **scene.sent(190), notice=notice, contact=adult, how=ToldHow.PHONE,
                message="We searched a bag today. We would like to talk with you about it.",
            )  # fmt: skip
        else:
            operations.taken.withhold_notice(
                **scene.sent(190) | {"actor": scene.dsl}, notice=notice, because="The DSL speaks to social care first."
            )
    operations.searches.close_search(**scene.sent(200) | {"actor": scene.dsl}, search=search)


def _stopped(scene: _Scene, item: ProhibitedItem) -> None:
    """Something appeared that is for the DSL and not for a search."""
    search = _prepared(scene, item)
    _consent(scene, search, ConsentAnswer.GIVEN)
    operations.searches.start_search(**scene.sent(6), search=search)
    operations.searches.stop_and_hold(
        **scene.sent(7), search=search, because="The pupil spoke of a threat to somebody else.", is_image=False
    )


def _blocked(scene: _Scene) -> None:
    """Somebody wanted to search a device that is held: it stays on record, and nobody looks."""
    hold = live_holds(scene.school).first()
    if hold is not None:
        silent = for_school(scene.school, on=scene.at.date()).search_allowed_to == UNSPECIFIED
        operations.searches.open_search(
            **scene.sent() | {"at": max(hold.placed_at, scene.at) + timedelta(minutes=20)},
            pupil=hold.custody.pupil,
            of=SearchOf.DEVICE,
            custody=hold.custody,
            decision_reason=_DECIDED if silent else "",
        )


def _refused(scene: _Scene) -> None:
    _consent(scene, _prepared(scene, None, SearchBasis.CONSENT), ConsentAnswer.REFUSED)
