"""What goes wrong at a desk, and how it is put right: about one day in two, and nothing is erased (DEV-33)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from core.people.queries import contacts_of
from core.rules.queries import for_school
from devices import operations
from devices.enums import CorrectionKind, EarlyReason, GivenTo
from devices.judgement import desk_terms
from devices.models import CustodyRecord
from schoolsafe.demo.acts import Act, GiveBack, HandIn, NoneToday, Special
from schoolsafe.demo.planning import Planner
from schoolsafe.demo.writing import Desk


class SlipPlanner(Planner):
    """Plans what is recorded wrongly, and what is thought better of."""

    def _slips(self, day: date, handed_in: Sequence[HandIn]) -> list[Act]:
        """About one day in two somebody records something wrongly and puts it right; nothing is erased (DEV-33)."""
        self.slipped = set()
        on_time = [act for act in handed_in if act.at < self._at(day, time(8, 55))]
        if not on_time or self.rng.random() > 0.55:
            return []
        act = self.rng.choice(on_time)
        self.slipped.add(act.device.pk)
        slip = self.rng.choice((self._wrong_card, self._wrong_return, self._forgotten_note, self._to_a_parent))
        return slip(day, act)

    def _wrong_card(self, day: date, act: HandIn) -> list[Act]:
        """The wrong pupil's card was scanned."""
        at = act.at + timedelta(minutes=2)

        def correct(desk: Desk) -> None:
            operations.correct_custody(
                school=self.school,
                actor=act.by,
                at=at,
                custody=desk.held.pop(act.device.pk),
                kind=CorrectionKind.NOT_HANDED_IN,
                note="The wrong card was scanned.",
            )

        return [Special(at, correct)]

    def _wrong_return(self, day: date, act: HandIn) -> list[Act]:
        """Two phones were mixed up at the end of the day."""
        custody: list[CustodyRecord] = []  # filled when its time comes
        first, found, then = (self._moment(day, moment) for moment in (time(15, 20), time(15, 28), time(15, 41)))
        by = self._office()

        def correct(desk: Desk) -> None:
            stay = custody[0]
            desk.held[act.device.pk] = operations.correct_custody(
                school=self.school,
                actor=by,
                at=found,
                custody=stay,
                kind=CorrectionKind.NOT_RETURNED,
                note="It was still in its slot: the one beside it had gone out.",
            )

        def remember(desk: Desk) -> None:
            custody.append(desk.stay_of(act.device))

        return [
            Special(first - timedelta(seconds=1), remember),
            GiveBack(first, by, act.device),
            Special(found, correct),
            GiveBack(then, by, act.device),
        ]

    def _forgotten_note(self, day: date, act: HandIn) -> list[Act]:
        """Something about the device was noticed afterwards."""
        at = act.at + timedelta(minutes=4)

        def note(desk: Desk) -> None:
            desk.held[act.device.pk] = operations.correct_custody(
                school=self.school,
                actor=act.by,
                at=at,
                custody=desk.stay_of(act.device),
                kind=CorrectionKind.DETAIL,
                note="The screen was cracked when it came in; the pupil agrees.",
            )

        return [Special(at, note), GiveBack(self._moment(day, time(15, 22)), self._office(), act.device)]

    def _to_a_parent(self, day: date, act: HandIn) -> list[Act]:
        """A parent fetches the pupil and takes the device along."""
        at, by = self._moment(day, time(13, 30)), self._office()
        contact = next(
            (found for found in contacts_of(act.device.pupil) if found.may_collect and not found.do_not_inform), None
        )
        given_to = GivenTo.CONTACT if contact else GivenTo.PUPIL
        return [GiveBack(at, by, act.device, reason=EarlyReason.LEAVING_EARLY, given_to=given_to, contact=contact)]

    def _second_thoughts(self, day: date, declared: Sequence[NoneToday]) -> list[Act]:
        """Now and then "none today" turns out not to be so: the device comes in after all, and both stay on record."""
        if not declared or self.rng.random() > 0.35:
            return []
        act = self.rng.choice(declared)
        device, at = self.owned[act.pupil][0], act.at + timedelta(minutes=18)

        def take_in(desk: Desk) -> None:
            terms = desk_terms(for_school(self.school, on=day))
            desk.held[device.pk] = operations.hand_in_device(
                school=self.school,
                actor=act.by,
                at=at,
                pupil=act.pupil,
                device=device,
                switched_off=True if terms.off_check == "required" else None,
                note="Found at the bottom of the bag",
            )

        return [Special(at, take_in), GiveBack(self._moment(day, time(15, 24)), self._office(), device)]
