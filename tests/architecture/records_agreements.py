"""Agreements, their templates, links and documents, for the sweeps."""

from __future__ import annotations

from collections import Counter
from typing import Any

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "agreements:sign-own": {"signatory": "signatory_own"},
    "agreements:stop-asking": {"signatory": "signatory_parent"},
    "agreements:record-call": {"signatory": "signatory_parent"},
    "agreements:end": {"agreement": "agreement_standing"},
    "agreements:add-scan": {"signatory": "signatory_on_paper"},
    "agreements:go-on-issuing": {"batch": "batch_stopped"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "agreements:templates": ("template_draft",),
    "agreements:template-version": ("translation",),
    "agreements:account-managers": ("duty_on_account",),
    "agreements:account-managers-list": ("duty_on_account",),
    "agreements:staff-declared": ("signatory_own",),
    "agreements:staff-declared-list": ("signatory_own",),
    "agreements:documents": ("document_job", "paper_scan"),
    "agreements:overview": ("agreement",),
    "agreements:outstanding": ("agreement",),
    "agreements:of-pupil": ("agreement",),
    "agreements:issue": ("template_version", "contact"),
    "agreements:batches": ("batch",),
    "agreements:print-many": ("agreement",),
    "agreements:joining": ("joiner",),
    "agreements:issue-many": ("template_version", "contact"),
    "agreements:ask-also": ("contact_second",),
    "agreements:to-sign": ("signatory_own",),
}


class AgreementRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any
    forename: str
    surname: str

    def make_template_draft(self) -> Any:
        """A draft from a ready text, with an earlier version published."""
        from agreements.models import AgreementTemplate
        from agreements.operations.templates import start_template, start_version
        from agreements.operations.templates_publishing import publish_template

        doing = {"school": self.school, "actor": self.make("dsl"), "at": self.at}
        number = AgreementTemplate.objects.filter(school=self.school).count()
        first = start_template(**doing, kind="online_safety", title=f"Being safe online {number}")
        publish_template(**doing, template_version=first, starts_on=self.at.date())
        return start_version(**doing, template=first.template)

    def make_template(self) -> Any:
        return self.make("template_draft").template

    def make_clause(self) -> Any:
        return self.make("template_draft").clauses.first()

    def make_duty_on_account(self) -> Any:
        """Somebody manages an account, and a declaration for it is published."""
        from agreements.enums import AgreementKind, PublishingDutyKind
        from agreements.operations.consent_telling import name_publishing_duty
        from tests.factories.agreements import make_version

        make_version(self.school, AgreementKind.ACCOUNT_MANAGER)
        return name_publishing_duty(
            school=self.school, actor=self.make("dsl"), at=self.at, user=self.make("dsl"),
            kind=PublishingDutyKind.ACCOUNTS, account="School news", starts_on=self.at.date(),
        )  # fmt: skip

    def make_translation(self) -> Any:
        from agreements.operations.translations import add_translation

        draft = self.make("template_draft")
        return add_translation(
            school=self.school, actor=self.make("dsl"), at=self.at, template_version=draft, language="ur"
        )

    def make_agreement(self) -> Any:
        from tests.factories.agreements import make_agreement

        self.make("contact")
        return make_agreement(self.school, self.make("dsl"), self.at, pupil=self.make("pupil"))

    def make_signatory(self) -> Any:
        return self.make("agreement").signatories.get(capacity="pupil")

    def make_signatory_parent(self) -> Any:
        return self._parent_who_is_asked()

    def _parent_who_is_asked(self) -> Any:
        from tests.factories import make_contact, make_pupil
        from tests.factories.agreements import make_agreement

        pupil = make_pupil(self.school, self.forename, self.surname)
        make_contact(pupil)
        return make_agreement(self.school, self.make("dsl"), self.at, pupil=pupil).signatories.get(capacity="parent")

    def make_signatory_own(self) -> Any:
        """What the reader is asked to sign as themselves."""
        from agreements.enums import AgreementKind
        from tests.factories.agreements import make_agreement, make_version

        version = make_version(self.school, AgreementKind.STAFF)
        return make_agreement(
            self.school, self.make("dsl"), self.at, version=version, user=self.reader
        ).signatories.get()

    def make_agreement_standing(self) -> Any:
        agreement = self._signed()
        agreement.refresh_from_db()
        return agreement

    def make_template_version(self) -> Any:
        from tests.factories.agreements import make_version

        return make_version(self.school)

    def _signed(self) -> Any:
        """An agreement that everybody has signed; its document is asked for."""
        from tests.factories.agreements import sign_as

        agreement = self.make("agreement")
        seen: Counter[str] = Counter()
        for row in agreement.signatories.order_by("position", "id"):
            if row.state != "signed":
                sign_as(agreement, row.capacity, self.make("dsl"), self.at, number=seen[row.capacity])
            seen[row.capacity] += 1
        return agreement

    def make_joiner(self) -> Any:
        """A pupil who joined today, with an agreement, and a document that their parents read."""
        self.make("reading_version")
        pupil = self.make("agreement").pupil
        pupil.joined_on = self.at.date()
        pupil.save()
        return pupil

    def make_signatory_on_paper(self) -> Any:
        from tests.factories.agreements import sign_as

        row = self._parent_who_is_asked()
        sign_as(row.agreement, "parent", self.make("dsl"), self.at, mode="paper", signed_on=self.at.date())
        return row

    def make_paper_scan(self) -> Any:
        from agreements.operations.scans import keep_scan
        from core.kit.redrawing import Redrawn

        return keep_scan(
            school=self.school, actor=self.make("dsl"), at=self.at, signatory=self.make("signatory_on_paper"),
            scan=Redrawn(b"%PDF-", 1),
        )  # fmt: skip

    def make_print_run(self) -> Any:
        """One that is ready; what is in it is not looked at here."""
        from agreements.operations.printing import print_many

        run = print_many(school=self.school, actor=self.make("dsl"), at=self.at, agreements=[self.make("agreement")])
        run.state, run.content, run.done = "ready", b"%PDF-", 1
        run.save()
        return run

    def make_batch(self) -> Any:
        from agreements.enums import BatchScope
        from agreements.operations.batches import issue_to_many
        from agreements.queries.batches import Chosen
        from tests.factories.agreements import make_version

        self.make("contact")
        version = make_version(self.school, title="Home-school agreement for many")
        return issue_to_many(
            school=self.school, actor=self.make("dsl"), at=self.at, version=version,
            chosen=Chosen(scope=BatchScope.WHOLE_SCHOOL), starts_on=self.at.date(),
        )  # fmt: skip

    def make_batch_stopped(self) -> Any:
        from agreements.operations.batches import stop_issue

        return stop_issue(school=self.school, actor=self.make("dsl"), at=self.at, batch=self.make("batch"))

    def make_document_job(self) -> Any:
        from agreements.enums import MakeState
        from agreements.models import DocumentJob

        job = DocumentJob.objects.get(agreement=self._signed())
        job.state = MakeState.FAILED
        job.save()
        return job

    def make_document(self) -> Any:
        from agreements.models import DocumentJob, SealedDocument
        from agreements.operations.making import make_document

        job = DocumentJob.objects.get(agreement=self._signed())
        make_document(job_id=job.pk, at=self.at)
        return SealedDocument.objects.get(agreement=job.agreement)

    def make_contact_second(self) -> Any:
        from tests.factories import make_contact

        return make_contact(self.make("pupil"), "Okonjo")

    def make_link_item(self) -> Any:
        """What one adult can sign by a link that was sent."""
        from agreements.models import LinkItem
        from agreements.operations.links import send_links

        row = self.make("signatory_parent")
        row.contact.email = row.contact.email or "parent@example.org"
        row.contact.save()
        send_links(school=self.school, actor=self.make("dsl"), at=self.at, signatories=[row])
        return LinkItem.objects.get(signatory=row)
