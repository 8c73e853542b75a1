"""Reports and cases in the demonstration: one at each stage of its course, under whatever the school's rules ask.

All of it is invented, short and mild: the demonstration shows how a record is kept, not what may happen to a child.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from core.people.calendar import LONDON, calendar_for
from core.people.models import Pupil, School, User
from core.people.queries import dsls_for, holders_of, pupils_on_roll
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school
from devices.queries.taken import adults_to_tell
from incidents import operations
from incidents.enums import (
    AllegationKind,
    Channel,
    Consent,
    ExamKind,
    ImagePlace,
    IncidentType,
    LessonKind,
    NoteKind,
    Outcome,
    ParentsDecision,
    PoliceDecision,
    RaisedBy,
    ReferralState,
    RiskArea,
    TellState,
    Track,
)
from incidents.models import ImageTask, Incident, Notification, ParentContact
from incidents.operations import Classing, Named, Said
from incidents.operations.images import do_task, record_police, report_image
from incidents.operations.staff_concerns import classify_concern
from incidents.operations.triage import asked_of
from incidents.queries import offered_types
from schoolsafe.demo.files import write_files

_DAYS = 12
_LAST_TERM = 6  # the least that shows figures with some to spare
_EXAM_YEAR = 11
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class _Cast:
    """Who is in a scene: the school, its people, the moment it begins, and the pupil."""

    school: School
    teacher: User
    dsl: User
    head: User
    pupil: Pupil
    at: datetime
    _passed: timedelta = timedelta()

    def by(self, actor: User, after: timedelta = 4 * _MINUTE) -> dict[str, Any]:
        """What every act takes; each comes a little after the one before."""
        self._passed += after
        return {"school": self.school, "actor": actor, "at": self.at + self._passed}

    @property
    def day(self) -> date:
        return (self.at + self._passed).date()


def write_incidents(school: School, *, head: User, today: date, now: datetime, rng: Random) -> None:
    """A caseload of two weeks: drafts, what nobody has read yet, what is under way, what is closed."""
    dsl = holders_of(school, Role.DSL, on=today).first() or head
    teachers = list(holders_of(school, Role.TEACHER, Role.FORM_TUTOR, Role.SUPPORT, on=today)) or [head]
    days = calendar_for(school).last_school_days(today - timedelta(days=1), _DAYS)[::-1]
    pupils = rng.sample(list(pupils_on_roll(school, today).order_by("pk")), len(_SCENES))
    for number, (scene, pupil) in enumerate(zip(_SCENES, pupils, strict=True)):
        day = days[number % len(days)] if scene not in _LATEST else days[-1]
        at = datetime.combine(day, time(9 + number % 5, rng.randrange(5, 55)), LONDON)
        scene(_Cast(school, rng.choice(teachers), dsl if _reads(dsl, pupil) else head, head, pupil, min(at, now)))
    write_files(school, dsl=dsl, head=head, now=now)
    _write_last_term(school, dsl=dsl, head=head, teachers=teachers, today=today)


def _write_last_term(school: School, *, dsl: User, head: User, teachers: list[User], today: date) -> None:
    """Three weeks of a term that is over, all closed: what governors see figures of (INC-40)."""
    chance = Random(school.name)
    begun = date(today.year, max(month for month in (1, 4, 9) if month <= today.month), 1)
    days = [day for day in (begun - timedelta(days=back) for back in range(65, 86)) if day.weekday() < 5]
    pupils = chance.sample(list(pupils_on_roll(school, today).order_by("pk")), _LAST_TERM)
    for pupil in pupils:
        at = datetime.combine(chance.choice(days), time(chance.randrange(9, 15), chance.randrange(60)), LONDON)
        reader = dsl if _reads(dsl, pupil) else head
        _closed_low(_Cast(school, chance.choice(teachers), reader, head, pupil, at), place="Classroom")


def _reads(dsl: User, pupil: Pupil) -> bool:
    """Whether the DSL is the one of the pupil's phase (ORG-02)."""
    return dsl in dsls_for(pupil.school, pupil.phase)


def _report(cast: _Cast, type: IncidentType, account: str, **said: Any) -> Incident:
    return operations.report_incident(
        **cast.by(cast.teacher, timedelta()),
        said=Said(
            type=type,
            happened_at=cast.at - 20 * _MINUTE,
            account=account,
            **{"place": "Corridor by the science rooms"} | said,
        ),
        people=[Named(pupil=cast.pupil)],
    )


def _triaged(cast: _Cast, case: Incident, track: Track, **classing: Any) -> Incident:
    operations.acknowledge_case(**cast.by(cast.dsl, 10 * _MINUTE), incident=case)
    if asked_of(case).parents_first:
        _tell_parents(cast, case)
    if asked_of(case).areas:
        classing.setdefault("risk_area", RiskArea.CONDUCT)
    return operations.triage_case(
        **cast.by(cast.dsl), incident=case, classing=Classing(track=track, **classing), owner=cast.dsl
    )


def _tell_parents(cast: _Cast, case: Incident) -> None:
    """Told by phone, where somebody may be told."""
    contact = next(iter(adults_to_tell(cast.school, cast.pupil)), None)
    if contact is None:
        operations.decide_parents(
            **cast.by(cast.dsl), incident=case, pupil=cast.pupil, decision=ParentsDecision.NOT_YET,
            reason="Nobody answered. Tried again tomorrow morning.",
        )  # fmt: skip
        return
    sent = cast.by(cast.dsl)
    operations.decide_parents(
        **sent, incident=case, pupil=cast.pupil, decision=ParentsDecision.TOLD, contact=contact, told_at=sent["at"],
        channel=Channel.PHONE, summary="What was seen, what we do next, and that questions are welcome.",
    )  # fmt: skip


def _reviewed(cast: _Cast, case: Incident, *, level: int = 1) -> Incident:
    levels = for_school(cast.school, on=cast.day).threshold_levels
    if levels not in (UNSPECIFIED, "none"):
        operations.set_level(
            **cast.by(cast.dsl), incident=case, level=level, reason="What is known fits this level of the tool."
        )
    return operations.take_into_review(**cast.by(cast.dsl, _HOUR), incident=case)


def _decided(cast: _Cast, case: Incident) -> Incident:
    if not ParentContact.objects.filter(incident=case).exists():
        _tell_parents(cast, case)
    return operations.decide_case(
        **cast.by(cast.dsl), incident=case,
        decision_reason="Both sides were heard. A plan serves better than a sanction alone.",
    )  # fmt: skip


def _in_action(cast: _Cast, type: IncidentType = IncidentType.ONLINE_BULLYING, **said: Any) -> Incident:
    case = _report(cast, type, "Messages in a form’s group chat left one pupil out, for the third week.", **said)
    case = _triaged(cast, case, Track.SERIOUS, between_children=True)
    case = _reviewed(cast, case, level=2)
    return _decided(cast, case)


def _planned(cast: _Cast, case: Incident) -> None:
    operations.make_plan(
        **cast.by(cast.dsl), incident=case, pupil=cast.pupil, owner=cast.dsl, starts_on=cast.day,
        aims="Feels safe in the form again; knows whom to tell.",
        actions="Ten minutes with the tutor each Monday; a seat by a friend; the chat is closed.",
        review_on=cast.day + timedelta(days=14),
    )  # fmt: skip


# --- The scenes -------------------------------------------------------------------------------------------------------


def _draft(cast: _Cast) -> None:
    operations.save_draft(
        **cast.by(cast.teacher), said={"type": IncidentType.USED_ELSEWHERE, "place": "Dining hall"},
        add=Named(pupil=cast.pupil),
    )  # fmt: skip


def _unread(cast: _Cast) -> None:
    _report(
        cast, IncidentType.HARM_TO_CHILD, "Very quiet since Monday; asked twice not to go home on the early bus.",
        concern_for_child=True, own_words="“I don’t want to sit at the back again.”", told_in_person=False,
        immediate_action="Sat with them until the lesson began.",
    )  # fmt: skip


def _new(cast: _Cast) -> None:
    _report(cast, IncidentType.USED_IN_LESSON, "The phone was on the knee, under the table, in the test.")


def _low_level(cast: _Cast) -> None:
    case = _report(cast, IncidentType.USED_ELSEWHERE, "Listened to music at the lockers after the bell.")
    case = _triaged(cast, case, Track.LOW_LEVEL)
    operations.assign_case(**cast.by(cast.dsl), incident=case, owner=cast.teacher)


def _in_review(cast: _Cast) -> None:
    case = _report(
        cast, IncidentType.ABUSIVE_MESSAGE, "A message that upset them was shown to me. I did not open the others.",
        is_online=True,
    )  # fmt: skip
    case = _triaged(cast, case, Track.VICTIM)
    case = _reviewed(cast, case)
    operations.set_next_step(
        **cast.by(cast.dsl), incident=case, next_step="Talk with the form tutor",
        next_step_on=cast.day + timedelta(days=1),
    )  # fmt: skip


def _acted_on(cast: _Cast) -> None:
    case = _in_action(cast)
    _planned(cast, case)
    operations.add_note(
        **cast.by(cast.dsl, _HOUR), incident=case, kind=NoteKind.MEETING,
        text="Met both families. Agreed that the chat ends and who is spoken to if it begins again.",
    )  # fmt: skip


def _waiting(cast: _Cast) -> None:
    case = _in_action(cast, IncidentType.HARMFUL_CONTACT, is_online=True)
    referral = operations.start_referral(
        **cast.by(cast.dsl), incident=case, body="Early help", pupil=cast.pupil,
        reason="The family would like help at home with being online.",
    )  # fmt: skip
    if referral.state == ReferralState.CONSENT_SOUGHT:
        contact = next(iter(adults_to_tell(cast.school, cast.pupil)), None)
        if contact is None:
            return
        referral = operations.record_consent(
            **cast.by(cast.dsl), referral=referral, consent=Consent.GIVEN, contact=contact
        )
    operations.send_referral(
        **cast.by(cast.dsl), referral=referral, reference="EH/2214", next_contact_on=cast.day + timedelta(days=5)
    )


def _debriefed(cast: _Cast) -> None:
    case = _ended(cast)
    if case.state != "debrief":
        return
    operations.hold_debrief(
        **cast.by(cast.head, _HOUR), incident=case, held_on=cast.day, present="Head, DSL, two heads of year",
        summary="The rule was clear; where to go for help was not.",
    )  # fmt: skip
    operations.add_lesson(
        **cast.by(cast.head), incident=case, kind=LessonKind.PRACTICE, owner=cast.head,
        text="Say at registration whom to tell about a group chat.", due_on=cast.day + timedelta(days=21),
    )  # fmt: skip


def _ended(cast: _Cast) -> Incident:
    case = _in_action(cast)
    asks = for_school(cast.school, on=cast.day).debrief_required
    return operations.end_investigation(
        **cast.by(cast.dsl, _HOUR), incident=case, debrief=True if asks == UNSPECIFIED else None
    )


def _closed_low(cast: _Cast, words: str = "Spoken to by the form tutor; understood.", **said: Any) -> Incident:
    case = _report(
        cast, IncidentType.USED_IN_LESSON, "A call in the middle of reading; it was the wrong setting.", **said
    )
    case = _triaged(cast, case, Track.LOW_LEVEL)
    case = _decided(cast, case)
    operations.add_note(
        **cast.by(cast.teacher if case.owner_id == cast.teacher.pk else cast.dsl), incident=case,
        kind=NoteKind.REFLECTION, text="Went through what the rule is for; said themselves what they will do.",
    )  # fmt: skip
    return operations.close_case(**cast.by(cast.dsl), incident=case, outcome=Outcome.SPOKEN_TO, outcome_words=words)


def _closed(cast: _Cast) -> None:
    _closed_low(cast)


def _reopened(cast: _Cast) -> None:
    case = _closed_low(cast)
    operations.reopen_case(
        **cast.by(cast.dsl, _HOUR), incident=case, reason="A second pupil has said more since it was closed."
    )


def _joined(cast: _Cast) -> None:
    first = _report(cast, IncidentType.USED_IN_LESSON, "Seen by two of us in the same lesson.")
    again = _report(cast, IncidentType.USED_IN_LESSON, "The same as my colleague reported: the second row, a phone.")
    operations.acknowledge_case(**cast.by(cast.dsl), incident=first)
    operations.merge_case(**cast.by(cast.dsl), incident=again, into=first)


def _serious(cast: _Cast) -> None:
    case = _in_action(cast)
    operations.set_serious(**cast.by(cast.dsl), incident=case)
    for row in Notification.objects.filter(incident=case, state=TellState.NEEDED).order_by("id"):
        if row.must:
            operations.tell_body(
                **cast.by(cast.dsl), notification=row, told_whom="The person on duty", channel=Channel.PHONE
            )
        elif not row.inside:
            operations.body_not_relevant(
                **cast.by(cast.dsl), notification=row, reason="No crime and no adult is in it."
            )


def _image(cast: _Cast) -> None:
    """Nothing is shown, kept or described: what is on record is who was told what, and when."""
    case = report_image(
        **cast.by(cast.teacher, timedelta()),
        place=ImagePlace.WEBSITE,
        site="A picture-sharing app",
        account="A pupil told me that a picture of them is going round. I did not look and asked for nothing.",
        pupils=[cast.pupil],
        raised_by=RaisedBy.PUPIL,
        immediate_action="Stayed with them and told the DSL in person.",
        pupils_told="The two pupils who had heard of it",
    )
    operations.acknowledge_case(**cast.by(cast.dsl), incident=case)
    for task in ImageTask.objects.filter(case__incident=case, done_at__isnull=True, needed_first=True).order_by("id"):
        do_task(
            **cast.by(cast.dsl), task=task, site="A picture-sharing app", reference="R-5521", words="Asked for by form."
        )
    record_police(
        **cast.by(cast.dsl, _HOUR), incident=case, decision=PoliceDecision.NO_FORMAL_ACTION, reference="101-77",
        words="Recorded. The family is visited by the schools officer.",
    )  # fmt: skip


def _crime(cast: _Cast) -> None:
    """The task for the police is open, and waits for whoever leads."""
    case = _report(
        cast,
        IncidentType.HARMFUL_CONTENT,
        "A pupil told me that something illegal was shown on a phone. I did not look.",
    )
    operations.acknowledge_case(**cast.by(cast.dsl), incident=case)


def _about_staff(cast: _Cast) -> None:
    colleague = next(
        one
        for one in holders_of(cast.school, Role.TEACHER, Role.SUPPORT)
        if one.pk not in (cast.teacher.pk, cast.dsl.pk, cast.head.pk)
    )
    case = operations.report_incident(
        **cast.by(cast.teacher, timedelta()),
        said=Said(
            type=IncidentType.STAFF_OWN_DEVICE,
            happened_at=cast.at - _HOUR,
            place="Library",
            account="An own phone lay on the desk in the lesson and was answered once.",
        ),
        people=[Named(user=colleague)],
    )
    classify_concern(
        **cast.by(cast.head, _HOUR), incident=case, kinds=[AllegationKind.OWN_DEVICE], meets_threshold=False,
        reason="No child was in it, and nothing points to a risk.",
    )  # fmt: skip


def _exam(cast: _Cast) -> None:
    if IncidentType.EXAM_POSSESSION not in offered_types(cast.school):
        return
    kind = ExamKind.PUBLIC if cast.pupil.year_group >= _EXAM_YEAR else ExamKind.INTERNAL
    case = _report(
        cast, IncidentType.EXAM_POSSESSION, "A watch that takes messages, found as the papers were given out."
    )
    operations.write_exam_report(
        **cast.by(cast.dsl), incident=case, kind=kind, exam="Mathematics, paper 2", found_at=cast.at,
        body="Northern Exam Board" if kind == ExamKind.PUBLIC else "", candidate="0417", room="Sports hall",
        found_by="The invigilator", device="Smart watch", was_on=True, could_communicate=True,
        statement="I forgot that I had it on.",
    )  # fmt: skip


_SCENES = (
    _image, _about_staff, _exam, _closed, _reopened, _debriefed, _serious, _waiting, _acted_on, _joined, _in_review,
    _low_level, _closed, _new, _draft, _crime, _unread,
)  # fmt: skip
_LATEST = (_new, _draft, _unread)
