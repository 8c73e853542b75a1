"""Searches in the demonstration: one followed up, one just made, a draft, one that ended where consent was refused."""

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
from devices.enums import ConsentAnswer, ConsentGiver, Cooperation, SearchBasis, SearchOf
from devices.models import ProhibitedItem, SearchRecord
from devices.queries.searches import prohibited_on

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
    """The school's own item on the list, somebody on the register, and four searches on their way."""
    head = holders_of(school, Role.HEADTEACHER, on=today).first()
    dsl = holders_of(school, Role.DSL, on=today).first()
    witness = next((one for one in staff_of(school) if head is not None and one.pk != head.pk), None)
    if head is None or dsl is None or witness is None:
        return
    days = calendar_for(school).last_school_days(today, 6)
    pupils = rng.sample(list(pupils_on_roll(school, today).order_by("pk")), 4)
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
        for pupil, day in zip(pupils, (days[4], days[2], days[1], days[0]), strict=True)
    ]
    _followed_up(scenes[0], vapes)
    _made(scenes[1], prohibited_on(school, today).filter(name__startswith="Knives").first())
    if _basis(school, today) == SearchBasis.CONSENT:
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


def _prepared(scene: _Scene, item: ProhibitedItem | None) -> SearchRecord:
    """Opened, with everything that comes before it."""
    search = _open(scene)
    basis = _basis(scene.school, scene.at.date())
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


def _made(scene: _Scene, item: ProhibitedItem | None) -> SearchRecord:
    """Made, and nothing found; the DSL has yet to look at it."""
    search = _prepared(scene, item)
    _consent(scene, search, ConsentAnswer.GIVEN)
    operations.searches.start_search(**scene.sent(6), search=search)
    operations.searches.record_surroundings(
        **scene.sent(7), search=search, place="Head’s office", others_present="nobody", witness=scene.witness
    )
    operations.searches.record_manner(
        **scene.sent(8), search=search, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True
    )
    operations.searches.find_nothing(**scene.sent(9), search=search)
    operations.searches.record_outcome(
        **scene.sent(10), search=search, force_used=False, risk=False, follow_up="A talk with the form tutor."
    )
    return operations.searches.complete_search(
        **scene.sent(11), search=search, tell_dsl=True, tell_because="The DSL keeps the whole picture."
    )


def _followed_up(scene: _Scene, item: ProhibitedItem) -> None:
    search = _made(scene, item)
    operations.searches.follow_up_search(
        **scene.sent(180) | {"actor": scene.dsl},
        search=search,
        wider_risk="Nothing else points to a risk. The tutor keeps an eye on it.",
        support="The school nurse’s drop-in was offered.",
    )


def _refused(scene: _Scene) -> None:
    _consent(scene, _prepared(scene, None), ConsentAnswer.REFUSED)
