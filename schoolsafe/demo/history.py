"""Three weeks at each desk, planned as acts: mornings, early returns and the end of the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from core.people.calendar import LONDON, calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import FormGroup, Pupil, School
from core.rules.queries import for_school
from devices import operations
from devices.enums import EarlyReason, FormAnswer, MarkSource
from devices.judgement import desk_terms
from devices.models import PupilDevice
from devices.queries import handin_decision, handin_types, left_devices, not_seen, stays_of_form, tags_waiting
from schoolsafe.demo.acts import Act, GiveBack, HandIn, NoneToday, Special
from schoolsafe.demo.calendar import TIMES
from schoolsafe.demo.planning import Crew
from schoolsafe.demo.schools import DemoSchool
from schoolsafe.demo.slips import SlipPlanner
from schoolsafe.demo.writing import Desk

SCHOOL_DAYS = 15
CLOSED_DAYS = 6  # since when the office closes its days here

_CONDITIONS = ("screen cracked in one corner", "case scratched", "back cover loose")
_EARLY = (EarlyReason.MEDICAL, EarlyReason.LEAVING_EARLY, EarlyReason.LEAVING_EARLY, EarlyReason.TRIP)
_EARLY_NOTES = {
    EarlyReason.MEDICAL: "Dentist",
    EarlyReason.LEAVING_EARLY: "Collected at reception",
    EarlyReason.TRIP: "Away fixture",
}
_DECIDED = "The policy does not say. Years 7 to 9 hand in until the governors have decided."


def write_history(
    school: School,
    plan: DemoSchool,
    devices: Sequence[PupilDevice],
    crew: Crew,
    *,
    today: date,
    now: datetime,
    rng: Random,
) -> Desk:
    """Write the fifteen school days before today, and today as far as it has come. Returns the desk as it then is."""
    desk = Desk(school)
    to_hand_in = [device for device in devices if device.usual_slot_id is not None]
    days = calendar_for(school).last_school_days(today, SCHOOL_DAYS)[::-1]
    planner = _DayPlanner(school, plan, crew, to_hand_in, rng)
    for number, day in enumerate(days):
        last, lately = number == len(days) - 1, number >= len(days) - CLOSED_DAYS
        forgotten = 1 if last else rng.choice((0, 0, 1, 2))
        desk.run(planner.whole_day(desk, day, forgotten=forgotten, keep=last, close=lately))
    desk.run(planner.today(desk, today, now))
    return desk


class _DayPlanner(SlipPlanner):
    """Plans one day after another; what the desk holds from before decides who hands in."""

    def whole_day(self, desk: Desk, day: date, *, forgotten: int, keep: bool, close: bool = True) -> list[Act]:
        """A day from first to last. `forgotten` devices stay overnight; with `keep` nobody comes for them tomorrow, and
        with `close` the office closes the day's book."""
        acts = self._morning(desk, day, bring=0.9, none=0.05)
        handed_in = [act for act in acts if isinstance(act, HandIn)]
        left = self.rng.sample(handed_in, min(forgotten, len(handed_in)))
        self.kept |= {act.device.pk for act in left} if keep else set()
        staying = {act.device.pk for act in left}
        acts += self._slips(day, [act for act in handed_in if act.device.pk not in staying])
        acts += self._second_thoughts(day, [act for act in acts if isinstance(act, NoneToday)])
        acts += self._returns(day, [act for act in handed_in if act.device.pk not in staying | self.slipped])
        acts += [
            GiveBack(self._moment(day, time(15, 25)), self._office(), device)
            for devices in self.owned.values()
            for device in devices
            if desk.holds(device) and device.pk not in self.kept
        ]
        acts.append(self._absences(day, self._at(day, time(9, 2))))
        if keep:
            acts += [self._chase(self._at(day, time(9, 6))), self._keep_overnight(day)]
        if close:
            acts.append(self._day_close(day))
        return [*acts, self._office_close(day)]

    def today(self, desk: Desk, day: date, now: datetime) -> list[Act]:
        """Today so far: two pupils in three have come to the desk; after the end of the day, all have gone home."""
        now = now.astimezone(LONDON)
        end, close = self._at(day, TIMES[DayTimeKey.END_OF_DAY]), self._at(day, TIMES[DayTimeKey.OFFICE_CLOSE])
        begins, until = self._at(day, time(8, 20)), self._at(day, time(8, 44))
        if now < until:  # made before the desk opens: the queue is there all the same, and nothing lies in the future
            until = now
            begins = max(self._at(day, time(0)), min(begins, now - timedelta(minutes=25)))
        acts = self._morning(desk, day, bring=0.62, none=0.06, between=(begins, until))
        home = end + timedelta(minutes=4)
        acts = self._one_form_whole(acts, until, home if now >= home else None)
        if now >= self._at(day, time(9, 2)):
            acts.append(self._absences(day, self._at(day, time(9, 2))))
        handed_in = [act for act in acts if isinstance(act, HandIn)]
        if now >= end:
            left = {act.device.pk for act in self.rng.sample(handed_in, min(2, len(handed_in)))}
            going = self._returns(day, [act for act in handed_in if act.device.pk not in left], early=0.0)
            acts += [act for act in going if act.at <= now]
        if now >= close + timedelta(minutes=5):
            acts.append(self._office_close(day))
        return acts

    # --- the morning ---------------------------------------------------------------------------------------------

    def _morning(
        self, desk: Desk, day: date, *, bring: float, none: float, between: tuple[datetime, datetime] | None = None
    ) -> list[Act]:
        begins, until = between or (self._at(day, time(8, 20)), self._at(day, time(8, 50)))
        terms = desk_terms(for_school(self.school, on=day))
        acts: list[Act] = []
        if terms.needs_decision:
            acts.append(self._decision(begins - timedelta(minutes=min(10, begins.hour * 60 + begins.minute)), day))
        for pupil, devices in self.owned.items():
            drawn, slow, second = self.rng.random(), self.rng.random(), self.rng.random()
            moment = self._between(begins, until)
            if any(desk.holds(device) for device in devices):
                continue  # it never left yesterday
            if drawn < bring:
                if between is None and slow < 0.03:
                    moment = self._between(self._at(day, time(8, 57)), self._at(day, time(10, 5)))
                for place, device in enumerate(devices):
                    if place == 0 or second < 0.7:
                        acts.append(self._hand_in(moment + timedelta(seconds=9 * place), device, terms.off_check))
            elif drawn < bring + none:
                acts.append(NoneToday(moment, self._office(), pupil))
        if between is None:
            return acts
        return [act for act in acts if act.at <= until]

    def _one_form_whole(self, acts: list[Act], at: datetime, back: datetime | None) -> list[Act]:
        """The form with most hand-ins is recorded whole instead, at `at`, and goes home together where `back` says."""
        coming: dict[FormGroup, set[int]] = {}
        for act in acts:
            if isinstance(act, HandIn) and act.device.pupil.form is not None:
                coming.setdefault(act.device.pupil.form, set()).add(act.device.pupil_id)
        if not coming:
            return acts
        form = max(coming, key=lambda one: (len(coming[one]), one.name))
        answers = {
            pupil.pk: FormAnswer.IN if pupil.pk in coming[form] else FormAnswer.NO_DEVICE
            for pupil in self.owned
            if pupil.form_id == form.pk
        }
        office = self.crew.office[0]

        def record(desk: Desk) -> None:
            done = operations.hand_in_form(
                school=self.school, actor=office, at=at, form=form, answers=answers, counted=len(coming[form]),
                switched_off=True,
            )  # fmt: skip
            for stay in stays_of_form(self.school, form).filter(pk__in=done.custody):
                desk.held[stay.device_id] = stay

        def give_back(desk: Desk) -> None:
            stays = list(stays_of_form(self.school, form).filter(day=london_day(at)))
            operations.return_form(
                school=self.school, actor=office, at=back or at, form=form, custody=[stay.pk for stay in stays],
                counted=len(stays),
            )  # fmt: skip
            for stay in stays:
                desk.held.pop(stay.device_id, None)

        others = [act for act in acts if isinstance(act, Special) or _pupil_of(act).form_id != form.pk]
        return [*others, Special(at, record), *([Special(back, give_back)] if back else [])]

    def _hand_in(self, at: datetime, device: PupilDevice, off_check: str) -> HandIn:
        drawn, seen_off = self.rng.random(), self.rng.random()
        if off_check == "required":
            switched_off: bool | None = True
        else:
            switched_off = seen_off < 0.9 if off_check == "advised" else None
        return HandIn(
            at,
            self._receiver(device),
            device,
            switched_off=switched_off,
            condition=self.rng.choice(_CONDITIONS) if drawn < 0.015 else "",
            note="In a named pouch" if drawn > 0.985 else "",
        )

    def _decision(self, at: datetime, day: date) -> Special:
        def decide(desk: Desk) -> None:
            if handin_decision(self.school, day) is None:
                operations.decide_hand_in(school=self.school, actor=self.crew.decides, at=at, reason=_DECIDED)

        return Special(at, decide)

    # --- the rest of the day -------------------------------------------------------------------------------------

    def _returns(self, day: date, handed_in: Iterable[HandIn], early: float = 0.018) -> list[Act]:
        end = self._at(day, TIMES[DayTimeKey.END_OF_DAY])
        acts: list[Act] = []
        for act in handed_in:
            if self.rng.random() < early:
                reason = self.rng.choice(_EARLY)
                moment = self._between(self._at(day, time(11)), self._at(day, time(14, 40)))
                acts.append(GiveBack(moment, self._office(), act.device, reason=reason, note=_EARLY_NOTES[reason]))
            else:
                acts.append(GiveBack(self._between(end, end + timedelta(minutes=24)), self._office(), act.device))
        return acts

    def _office_close(self, day: date) -> Special:
        at = self._at(day, time(16, 2))

        def close(desk: Desk) -> None:
            for stay in operations.mark_uncollected(school=self.school, actor=None, at=at):
                desk.held[stay.device_id] = stay

        return Special(at, close)

    # --- absences, the chase, the end of the day --------------------------------------------------------------------

    def _absences(self, day: date, at: datetime) -> Special:
        """About one in three of those the desk has not seen is away; the office has the attendance list."""
        by, keen = self._office(), self.rng.random()

        def mark(desk: Desk) -> None:
            types = handin_types(self.school, day)
            unseen = list(not_seen(self.school, day, handin_types=types))
            away = unseen[:: 3 if keen < 0.5 else 2]
            if away:
                operations.record_absences(school=self.school, actor=by, at=at, pupils=away, source=MarkSource.FILE)

        return Special(at, mark)

    def _chase(self, at: datetime) -> Special:
        """Tutors are told who has not been seen."""
        by = self._office()

        def tell(desk: Desk) -> None:
            actor = None if operations.chase_is_due(self.school, at) else by
            operations.send_chase(school=self.school, actor=actor, at=at)

        return Special(at, tell)

    def _keep_overnight(self, day: date) -> Special:
        """What nobody comes for tomorrow is kept by a decision, and a parent is rung."""
        at, by = self._at(day, time(15, 52)), self._office()

        def keep(desk: Desk) -> None:
            until = calendar_for(self.school).next_school_day(day) or day + timedelta(days=1)
            for key in sorted(self.kept & desk.held.keys()):
                decision = operations.keep_overnight(
                    school=self.school, actor=by, at=at, custody=desk.held[key], keep_until=until,
                    reason="The pupil had left for the bus before hand-back.",
                )  # fmt: skip
                operations.record_parent_told(
                    school=self.school, actor=by, at=at + timedelta(minutes=4), decision=decision,
                    how="Rang a parent", told_at=at + timedelta(minutes=3),
                )  # fmt: skip

        return Special(at, keep)

    def _day_close(self, day: date) -> Special:
        """The places are counted and the day is closed; what is left has a decision or a reason."""
        at, by = self._at(day, time(16, 10)), self._office()

        def close(desk: Desk) -> None:
            left = left_devices(self.school, day)
            operations.close_day(
                school=self.school, actor=by, at=at, counted=len(left) + tags_waiting(self.school),
                reasons={one.stay.pk: "Not fetched; the pupil is told tomorrow." for one in left},
            )  # fmt: skip

        return Special(at, close)


def _pupil_of(act: HandIn | NoneToday | GiveBack) -> Pupil:
    return act.pupil if isinstance(act, NoneToday) else act.device.pupil
