"""What a form about images by link asks of whom, and who can be sent one (CON-01, law AG-5)."""

from __future__ import annotations

from datetime import date

from agreements.enums import ConsentPurpose, ConsentState
from agreements.models import ImageConsent
from agreements.queries.consent_lists import who_may_consent
from agreements.queries.links import may_answer
from core.people.models import Contact, Pupil

_UNANSWERED = (ConsentState.ASKED, ConsentState.EXPIRED)


def offered_to(consent: ImageConsent) -> list[str]:
    """The uses that a parent answers by link: another purpose only where the school has named it to them."""
    return [one.value for one in ConsentPurpose if one != ConsentPurpose.OTHER or consent.other_purpose]


def is_named(consent: ImageConsent) -> bool:
    """Whether a first name may go with the image so far: they are asked whether it may still."""
    return bool(consent.first_name_for)


def reached_by_email(pupil: Pupil, today: date) -> list[Contact]:
    """The adults of a pupil to whom the form can be sent by a link."""
    adults = who_may_consent(pupil)
    for one in adults:
        one.pupil = pupil  # read once already
    return [one for one in adults if one.email and may_answer(one, today)]


def children_of(contact: Contact, today: date) -> list[Contact]:
    """The same adult as the contact of brothers and sisters about whom nobody has their answer yet."""
    same = Contact.objects.filter(school=contact.school, email__iexact=contact.email).exclude(pk=contact.pk)
    same = same.exclude(image_consents__state__in=[one for one in ConsentState if one not in _UNANSWERED])
    return [
        one
        for one in same.select_related("pupil").order_by("pk")
        if one.display_name.casefold() == contact.display_name.casefold() and may_answer(one, today)
    ]
