"""Consents to images, and their uses, for the sweeps."""

from __future__ import annotations

from typing import Any

from agreements.enums import ConsentPurpose, PublishingDutyKind
from agreements.operations.consent_giving import record_consent
from agreements.operations.consent_telling import name_publishing_duty
from agreements.operations.image_uses import plan_use, publish_use, record_takedown
from agreements.operations.own_consent import ask_own_consent, decide_own_consent
from core.people.roles import Role
from tests.factories import make_user

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "agreements:record-takedown": {"image_use": "image_use_published"},
    "agreements:apply-own-consent": {"own_decision": "own_decision_made"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "agreements:consents": ("consent",),
    "agreements:form-consents": ("consent",),
    "agreements:pupil-consents": ("consent", "image_use", "image_use_published", "own_decision"),
    "agreements:consent-panel": ("consent", "image_use_published"),
    "agreements:record-consent": ("contact",),
    "agreements:send-consent-form": ("contact",),
    "agreements:withdraw-consent": ("image_use_published",),
    "agreements:adult-consents": ("adult_consent",),
    "agreements:do-not-photograph": ("consent",),
    "agreements:own-consents": ("own_decision", "own_decision_made"),
    "agreements:check-images": ("consent",),
    "agreements:image-uses": ("image_use", "image_use_published"),
    "agreements:image-use": ("image_use",),
    "agreements:publishing-duties": ("duty",),
}


class ConsentRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any

    def make_consent(self) -> Any:
        contact = self.make("contact")
        return record_consent(
            school=self.school,
            actor=None,
            at=self.at,
            pupil=contact.pupil,
            contact=contact,
            mode="paper",
            said_by=contact.display_name,
            purposes=[one.value for one in ConsentPurpose],
            other_purpose=self.said("A calendar", 200),
            first_name_for=self.said("The programme", 200),
        )

    def make_adult_consent(self) -> Any:
        person = make_user(Role.TEACHER, self.school)
        return record_consent(
            school=self.school, actor=None, at=self.at, adult=person, mode="paper", said_by=person.full_name,
            purposes=["website"],
        )  # fmt: skip

    def _use(self) -> Any:
        return plan_use(
            school=self.school,
            actor=make_user(Role.OFFICE, self.school),
            at=self.at,
            purpose="website",
            title=self.said("Sports day", 160),
            place=self.said("News page", 300),
            pupils=[self.make("consent").pupil],
        )

    def make_image_use(self) -> Any:
        return self._use()

    def make_image_use_published(self) -> Any:
        use = self._use()
        office = make_user(Role.OFFICE, self.school)
        publish_use(school=self.school, actor=office, at=self.at, image_use=use)
        record_takedown(
            school=self.school, actor=office, at=self.at, image_use=use, pupil=self.make("consent").pupil,
            where=self.said("A news page", 300), outcome="asked", note=self.said("Written to them", 500),
        )  # fmt: skip
        return use

    def make_own_decision(self) -> Any:
        self.make("own_decision_made")
        return self._asked()

    def _asked(self) -> Any:
        return ask_own_consent(
            school=self.school, actor=make_user(Role.TEACHER, self.school), at=self.at, pupil=self.make("pupil"),
            wish=self.said("To be in the film.", 500),
        )  # fmt: skip

    def make_own_decision_made(self) -> Any:
        return decide_own_consent(
            school=self.school, actor=make_user(Role.HEADTEACHER, self.school), at=self.at, own_decision=self._asked(),
            may_decide=True, grounds=["understanding"], parents="asked", parents_note=self.said("They agree.", 500),
            reason=self.said("Explained it well.", 1000),
        )  # fmt: skip

    def make_duty(self) -> Any:
        return name_publishing_duty(
            school=self.school, actor=make_user(Role.OFFICE, self.school), at=self.at,
            user=make_user(Role.TEACHER, self.school), kind=PublishingDutyKind.ACCOUNTS,
            account=self.said("The school’s account", 120), starts_on=self.at.date(),
        )  # fmt: skip
