"""Answers about images, uses of them and who publishes, in the demonstration (matrix 1.11)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from agreements.enums import ConsentPurpose, PublishingDutyKind, SignMode
from agreements.models import ImageConsent, ImageUse
from agreements.operations.consent_giving import record_consent, withdraw_consent
from agreements.operations.consent_telling import name_publishing_duty
from agreements.operations.image_uses import plan_use, publish_use, record_takedown
from agreements.operations.own_consent import apply_own_consent, ask_own_consent, decide_own_consent
from agreements.queries.consent_lists import events_of, pupils_in, who_may_consent
from agreements.queries.consent_standing import standings_of
from core.notices.operations import acknowledge_events
from core.people.models import Pupil, School, User
from core.people.queries import forms_of, holders_of
from core.people.roles import Role
from core.rules.queries import for_school

_P = ConsentPurpose
_EVERY = (_P.LEARNING_RECORD, _P.PRINT, _P.WEBSITE, _P.SOCIAL_MEDIA, _P.PRESS)
_ANSWERS = (_EVERY, _EVERY, (_P.LEARNING_RECORD,), (_P.LEARNING_RECORD, _P.PRINT, _P.WEBSITE), ())


def write_consents(school: School, *, office: User, head: User, today: date, now: datetime, rng: Random) -> None:
    """Two forms have answered, most of them; one parent took it back after the website had the picture."""
    at = now - timedelta(days=5)
    forms = list(forms_of(school))[:2]
    publisher = holders_of(school, Role.TEACHER, on=today).exclude(pk__in=[office.pk, head.pk]).first() or office
    name_publishing_duty(
        school=school, actor=office, at=at, user=publisher, kind=PublishingDutyKind.ACCOUNTS,
        account="The school’s account", starts_on=at.date(),
    )  # fmt: skip
    shown: list[tuple[Pupil, ImageConsent]] = []
    for number, pupil in enumerate(pupils_in(school, forms, today)):
        adults = who_may_consent(pupil)
        if not adults or rng.random() < 0.2:
            continue
        said = _ANSWERS[number % len(_ANSWERS)]
        consent = record_consent(
            school=school,
            actor=office,
            at=at + timedelta(minutes=number),
            pupil=pupil,
            contact=adults[0],
            mode=SignMode.PAPER,
            said_by=adults[0].display_name,
            purposes=said,
            first_name_for="The programme of the play" if said == _EVERY and number % 2 else "",
        )
        if _P.WEBSITE in said:
            shown.append((pupil, consent))
        if len(adults) > 1 and number % 9 == 2:
            record_consent(
                school=school, actor=office, at=at + timedelta(minutes=number, hours=1), pupil=pupil,
                contact=adults[1], mode=SignMode.PAPER, said_by=adults[1].display_name, purposes=(_P.PRINT,),
            )  # fmt: skip
    if shown:
        _publish(school, shown[:4], office=office, at=now - timedelta(days=2))
    if for_school(school, on=today).image_consent_giver != "parent":
        _judge_own(school, office=office, head=head, pupils=pupils_in(school, forms[-1:], today), at=now)


def _publish(school: School, shown: list[tuple[Pupil, ImageConsent]], *, office: User, at: datetime) -> None:
    """A use that was published, one that is planned, and a withdrawal between them."""
    pupils = [pupil for pupil, _consent in shown if _stands(pupil, school, at)]
    if not pupils:
        return
    use = _plan(school, "Sports day", "News page of the website", pupils, office=office, at=at)
    publish_use(school=school, actor=office, at=at + timedelta(hours=1), image_use=use)
    _plan(school, "Open morning", "Front page of the website", pupils, office=office, at=at + timedelta(hours=2))
    pupil, consent = next(pair for pair in shown if pair[0] == pupils[0])
    withdraw_consent(
        school=school, actor=office, at=at + timedelta(days=1), consent=consent, mode=SignMode.DESK,
        said_by=consent.giver_name,
    )  # fmt: skip
    told = [f"agreements.consent_ended.{event.pk}" for event in events_of([consent])]
    acknowledge_events(school=school, actor=office, at=at + timedelta(days=1, minutes=10), events=told)
    record_takedown(
        school=school, actor=office, at=at + timedelta(days=1, hours=1), image_use=use, pupil=pupil,
        where="News page of the website", outcome="removed", note="A parent’s own copy may still be about.",
    )  # fmt: skip


def _plan(school: School, title: str, place: str, pupils: list[Pupil], *, office: User, at: datetime) -> ImageUse:
    use: ImageUse = plan_use(
        school=school, actor=office, at=at, purpose=_P.WEBSITE, title=title, place=place, pupils=pupils
    )
    return use


def _stands(pupil: Pupil, school: School, at: datetime) -> bool:
    return standings_of(school, [pupil], at.date())[pupil.pk].allows(_P.WEBSITE)


def _judge_own(school: School, *, office: User, head: User, pupils: list[Pupil], at: datetime) -> None:
    """One question that waits for the head, and one case that was decided and is in effect."""
    if len(pupils) < 2:
        return
    ask_own_consent(
        school=school, actor=office, at=at - timedelta(hours=20), pupil=pupils[0], wish="To be in the prospectus."
    )
    row = ask_own_consent(
        school=school, actor=office, at=at - timedelta(days=3), pupil=pupils[1], wish="To be in the film of the play."
    )
    row = decide_own_consent(
        school=school,
        actor=head,
        at=at - timedelta(days=2),
        own_decision=row,
        may_decide=True,
        grounds=["age", "understanding", "wishes"],
        parents="asked",
        parents_note="They leave it to the pupil.",
        reason="Explained what a film on the website means and who may see it.",
    )
    apply_own_consent(school=school, actor=office, at=at - timedelta(days=1), own_decision=row)
