"""Lists about images: forms and their answers, who has not answered, uses, decisions, duties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Prefetch, Q, QuerySet, When

from agreements.enums import ConsentPurpose, ImageUseState, OwnConsentState
from agreements.models import (
    ConsentEvent,
    ImageConsent,
    ImageUse,
    ImageUsePupil,
    OwnConsentDecision,
    PublishingDuty,
    Takedown,
)
from agreements.queries.consent_standing import Standing, standings_of
from core.people.models import Contact, FormGroup, Pupil, School
from core.people.queries import contacts_of, pupils_on_roll

# What a camera is pointed at for; the first name and taking part are other questions.
PICTURED = tuple(one for one in ConsentPurpose if one not in (ConsentPurpose.ACCOUNT_ACTIVITY, ConsentPurpose.OTHER))


def pupils_in(school: School, forms: Iterable[FormGroup], on: date) -> list[Pupil]:
    """Who is on roll in these forms, by form and name."""
    found = pupils_on_roll(school, on).filter(form__in=list(forms))
    return list(found.order_by("form__year_from", "form__name", "legal_surname", "legal_forename", "pk"))


@dataclass(frozen=True)
class FormCount:
    """How far a form is."""

    form: FormGroup
    pupils: int
    answered: int
    differing: int

    @property
    def open(self) -> int:
        return self.pupils - self.answered


def forms_with_answers(school: School, on: date) -> list[FormCount]:
    """Each form with pupils: how many there are, for how many somebody answered, where parents disagree."""
    pupils = list(pupils_on_roll(school, on).exclude(form=None).select_related("form"))
    standings = standings_of(school, pupils, on)
    by_form: dict[int, list[Pupil]] = {}
    for pupil in pupils:
        by_form.setdefault(pupil.form_id or 0, []).append(pupil)
    counts = []
    for listed in by_form.values():
        form = listed[0].form
        assert form is not None
        said = [standings[pupil.pk] for pupil in listed]
        counts.append(
            FormCount(
                form=form,
                pupils=len(listed),
                answered=sum(one.is_answered for one in said),
                differing=sum(any(one.differs(purpose) for purpose in PICTURED) for one in said),
            )
        )
    return sorted(counts, key=lambda one: (one.form.year_from if one.form.year_from is not None else 99, one.form.name))


def standings_in(school: School, form: FormGroup, on: date) -> list[Standing]:
    """How each pupil of a form stands, by name."""
    pupils = pupils_in(school, [form], on)
    standings = standings_of(school, pupils, on)
    return [standings[pupil.pk] for pupil in pupils]


def who_may_consent(pupil: Pupil) -> list[Contact]:
    """The adults who can answer for a pupil: not those known to have no parental responsibility (law AG-5)."""
    return list(contacts_of(pupil).exclude(has_parental_responsibility=False).order_by("priority", "id"))


def consents_visible_to(user: Any, school: School) -> QuerySet[ImageConsent]:
    """Every answer; a page that shows one asks for its permission."""
    return ImageConsent.objects.filter(school=school).select_related("pupil__form", "adult", "contact")


def events_of(consents: Iterable[ImageConsent]) -> QuerySet[ConsentEvent]:
    """What was said, changed and withdrawn, newest first."""
    return (
        ConsentEvent.objects.filter(consent__in=list(consents)).select_related("by", "consent").order_by("-at", "-id")
    )


def adult_consents(school: School) -> QuerySet[ImageConsent]:
    """What adults said about images of themselves."""
    rows = ImageConsent.objects.filter(school=school, adult__isnull=False).select_related("adult")
    return rows.order_by("adult__family_name", "adult__given_name")


def own_decisions(school: School) -> QuerySet[OwnConsentDecision]:
    """Questions about pupils' own consent: those that wait first, then the newest."""
    rows = OwnConsentDecision.objects.filter(school=school)
    rows = rows.select_related("pupil__form", "asked_by", "decided_by", "applied_by")
    waits = Case(When(state=OwnConsentState.ASKED, then=0), default=1)
    return rows.order_by(waits, "-asked_at", "-id")


def own_decisions_of(pupil: Pupil) -> QuerySet[OwnConsentDecision]:
    """The questions about one pupil, newest first."""
    return OwnConsentDecision.objects.filter(pupil=pupil).select_related("asked_by", "decided_by", "applied_by")


def uses_visible_to(user: Any, school: School) -> QuerySet[ImageUse]:
    """Every use of images, newest first."""
    return ImageUse.objects.filter(school=school).select_related("checked_by", "published_by", "moderator")


def uses_with_counts(user: Any, school: School) -> QuerySet[ImageUse]:
    """The same, with how many are in each."""
    inside = Count("pupils", filter=Q(pupils__left_out_at__isnull=True))
    return uses_visible_to(user, school).annotate(inside=inside).order_by("-checked_at", "-id")


def pupils_of_use(use: ImageUse) -> list[Pupil]:
    """Who is in it, by name."""
    inside = ImageUsePupil.objects.filter(image_use=use, left_out_at__isnull=True).values("pupil")
    found = Pupil.objects.filter(pk__in=inside).select_related("form")
    return list(found.order_by("legal_surname", "legal_forename", "pk"))


def takedowns_of(use: ImageUse) -> QuerySet[Takedown]:
    """Attempts to take something of it down, newest first."""
    return Takedown.objects.filter(image_use=use).select_related("pupil", "by")


def uses_of_pupil(pupil: Pupil) -> list[ImageUse]:
    """Where images of a pupil are, were, or are meant to be, each with the attempts to take it down (CON-05)."""
    inside = ImageUsePupil.objects.filter(pupil=pupil, left_out_at__isnull=True).values("image_use")
    tried = Prefetch("takedowns", queryset=Takedown.objects.filter(pupil=pupil).select_related("by"), to_attr="tried")
    uses = ImageUse.objects.filter(pk__in=inside).exclude(state=ImageUseState.CANCELLED)
    return list(uses.select_related("checked_by").prefetch_related(tried).order_by("-checked_at", "-id"))


def duties_of(school: School) -> QuerySet[PublishingDuty]:
    """Who has a duty to take or publish images: those who have it now first."""
    rows = PublishingDuty.objects.filter(school=school).select_related("user")
    return rows.order_by("-ends_on", "kind", "user__family_name", "id")
