"""Signed agreements to be made into documents; the same pages drawn and sealed with nothing round them; the count."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import sys
import time
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django_scopes import scope

from agreements.documents.layout import layout_of
from agreements.enums import AgreementKind, VersionState
from agreements.models import AgreementTemplate, Clause, DocumentJob, SealedDocument, Signatory, TemplateVersion
from agreements.operations import making
from agreements.operations.issuing import issue_agreement
from agreements.operations.signing import sign
from agreements.sealing import seal_of
from agreements.wording import statements_for
from benchmarks.scenes.seed import FORENAMES, SURNAMES
from core.kit.pdf import BASE_STYLES, VARIANT
from core.people.models import Contact, Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role

_MARK = [[[20 + 5 * step, 90 + (step * 37) % 60] for step in range(60)] for _ in range(3)]
_SAYS = "I hand my phone in at the desk when I arrive and fetch it when the day has ended, and I ask if I am not sure."


def prepare(count: int) -> dict[str, Any]:
    """One agreement of twelve clauses that four people have signed, and as many documents of it to make, each with a
    pupil's name of its own in what is frozen."""
    school, at = School.objects.get(slug="benchmark"), timezone.now()
    with scope(school=school):
        office = User.objects.get(email="office@example.org")
        for number, role in enumerate((Role.HEADTEACHER, Role.FORM_TUTOR)):
            person = User(email=f"person{number}@example.org", given_name="Robin", family_name="Signs")
            person.set_unusable_password()
            person.save()
            Membership.objects.create(school=school, user=person, joined_on=date(2025, 9, 1))
            RoleHolding.objects.create(school=school, user=person, role=role, starts_on=date(2025, 9, 1))
        pupil = Pupil.objects.order_by("pk")[0]
        parent = Contact(
            school=school, pupil=pupil, forename="Dana", surname="Kovacs", has_parental_responsibility=True
        )
        parent.stamp(by=None, at=at)
        parent.save()
        agreement = issue_agreement(
            school=school, actor=office, at=at, version=_version(school, at), pupil=pupil, starts_on=at.date()
        )
        for row in list(Signatory.objects.filter(agreement=agreement)):
            ticked = [one["key"] for one in statements_for(agreement.wording, row.capacity)]
            sign(
                school=school, actor=office, at=at, signatory=row, decision="agrees", name=row.name or "Robin Signs",
                mode="desk", authentication="In person at school", ticked=ticked, mark=_MARK,
            )  # fmt: skip
        first = DocumentJob.objects.get(agreement=agreement)
        more = []
        for number in range(2, count + 1):
            snapshot = copy.deepcopy(first.snapshot)
            forename, surname = FORENAMES[number % len(FORENAMES)], SURNAMES[number % len(SURNAMES)]
            snapshot["wording"]["about"]["name"] = f"{forename} {surname}"
            more.append(
                DocumentJob(
                    school=school, agreement=agreement, kind=first.kind, number=number, snapshot=snapshot,
                    requested_at=at,
                )
            )  # fmt: skip
        DocumentJob.objects.bulk_create(more)
        seal_of(school, at=at)
    return {"jobs": count}


def _version(school: School, at: Any) -> TemplateVersion:
    template = AgreementTemplate.objects.create(school=school, kind=AgreementKind.HOME_SCHOOL, title="Phones")
    version = TemplateVersion(
        school=school, template=template, number=1, title="Phones at school", intro=_SAYS, starts_on=date(2025, 9, 1)
    )
    version.stamp(by=None, at=at)
    version.save()
    for position in range(12):
        clause = Clause(
            school=school, template_version=version, key=f"clause-{position}",
            party=("pupil", "parent", "school")[position % 3], position=position, text=_SAYS, plain_text="Phone in.",
        )  # fmt: skip
        clause.stamp(by=None, at=at)
        clause.save()
    version.state, version.published_at = VersionState.PUBLISHED, at
    version.stamp(by=None, at=at)
    version.save()
    return version


def ring(first: int, last: int) -> dict[str, Any]:
    """Ring the worker for some of them."""
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        keys = list(DocumentJob.objects.order_by("number").values_list("pk", flat=True)[first:last])
    from agreements.tasks import make_document

    for key in keys:
        make_document.delay(key)
    return {"rung": len(keys)}


def bare(count: int) -> dict[str, Any]:
    """CPU of WeasyPrint and pyHanko alone on pages that are written already: fonts warm, the key read, nothing kept."""
    from asn1crypto import keys, pem
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    school, fonts = School.objects.get(slug="benchmark"), FontConfiguration()
    with scope(school=school):
        jobs = list(DocumentJob.objects.select_related("school").order_by("number")[: count + 2])
        seal = seal_of(school, at=timezone.now())
    signer = signers.SimpleSigner(
        signing_cert=asn1.Certificate.load(pem.unarmor(seal.certificate.encode())[2]),
        signing_key=keys.PrivateKeyInfo.load(pem.unarmor(seal.private_key.encode())[2]),
        cert_registry=SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(field_name="Seal", certify=True, md_algorithm="sha256")
    begun = 0.0
    for number, job in enumerate(jobs):
        layout = layout_of(job.snapshot, verify_address=making.verify_address(job.school))
        page = render_to_string(layout["template"], dict(layout["context"]))
        styles = [render_to_string(name, dict(layout["context"])) for name in (BASE_STYLES, *layout["styles"])]
        drawings = layout["assets"]

        class Held(URLFetcher):
            def fetch(self, url: str, headers: Any = None, held: Any = drawings) -> Any:
                body = held[url.removeprefix("asset:")]
                return URLFetcherResponse(url, body=body, headers={"Content-Type": "image/svg+xml"})

        if number == 2:
            begun, spent = time.process_time(), 0.0
        before = time.process_time()
        fetcher = Held()
        sheets = [CSS(string=text, font_config=fonts, url_fetcher=fetcher) for text in styles]
        document = HTML(string=page, url_fetcher=fetcher).render(
            stylesheets=sheets, font_config=fonts, pdf_variant=VARIANT
        )
        document.metadata.attachments += [
            Attachment(string=data, name=name, relationship="Data") for name, data in layout["attached"].items()
        ]
        content = document.write_pdf(pdf_variant=VARIANT)
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), meta, signer=signer, output=io.BytesIO())
        if begun:
            spent += time.process_time() - before
    return {"cpu_ms": spent / count * 1000}


def count() -> dict[str, Any]:
    """How many there are, and how many of them are not what was sealed."""
    school = School.objects.get(slug="benchmark")
    with scope(school=school):
        kept = list(SealedDocument.objects.values_list("checksum", "content"))
    wrong = sum(hashlib.sha256(bytes(content)).hexdigest() != checksum for checksum, content in kept)
    return {"documents": len(kept), "not_as_sealed": wrong}


if __name__ == "__main__":
    acts: dict[str, Any] = {"prepare": prepare, "ring": ring, "bare": bare, "count": count}
    print(json.dumps(acts[sys.argv[1]](*(int(number) for number in sys.argv[2:]))))
