"""A withdrawal and a publication in the same second: never an image that goes out after the no (CON-05, F21)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django_scopes import scope

from agreements.enums import ConsentState, ImageUseState
from agreements.models import ImageConsent, ImageUse
from agreements.operations.consent_giving import record_consent, withdraw_consent
from agreements.operations.consent_refusals import NotConsentedTo
from agreements.operations.image_uses import publish_use
from core.kit.refusals import Refusal
from core.notices.models import Notice
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.consents import make_use, parent_says

pytestmark = pytest.mark.django_db(transaction=True)


def test_withdrawal_and_publication_at_once_come_one_after_the_other(at: datetime) -> None:
    """CON-05, CON-12: either it was published before, and the publisher was told; or it was refused."""
    school = make_school(preset="image-and-conduct")
    with scope(school=school):
        office = make_user("office", school)
        pupils = [make_pupil(school) for _ in range(4)]
        for pupil in pupils:
            consent = parent_says(pupil, office, at, ["website"])
            use = make_use(school, office, at, [pupil])
            withdrawn, published = at_once(
                school,
                lambda consent=consent: withdraw_consent(
                    school=school, actor=office, at=at, consent=consent, mode="desk", said_by="Ann Parent"
                ),
                lambda use=use: publish_use(school=school, actor=office, at=at, image_use=use),
            )
            assert isinstance(withdrawn, ImageConsent)
            state = ImageUse.objects.get(pk=use.pk).state
            if isinstance(published, Refusal):
                assert isinstance(published, NotConsentedTo)
                assert state == ImageUseState.PLANNED
                assert Notice.objects.filter(recipient=office).exists(), "who planned it was told"
            else:
                assert state == ImageUseState.PUBLISHED
            assert ImageConsent.objects.get(pk=consent.pk).state == ConsentState.WITHDRAWN


def test_one_parent_recorded_at_two_desks_is_one_answer(at: datetime) -> None:
    """CON-01: one row for each who answers, also when two desks write it in the same second."""
    school = make_school(preset="image-and-conduct")
    with scope(school=school):
        office, pupil = make_user("office", school), make_pupil(school)
        contact = make_contact(pupil, has_parental_responsibility=True)

        def say() -> ImageConsent:
            return record_consent(
                school=school, actor=office, at=at, pupil=pupil, contact=contact, mode="desk", said_by="Ann Parent",
                purposes=["website"],
            )  # fmt: skip

        results = at_once(school, say, say)
        assert all(isinstance(one, ImageConsent) for one in results)
        assert ImageConsent.objects.get(pupil=pupil).state == ConsentState.GIVEN
