"""The school's seal: a key and certificate of its own, and the PDF sealed with it so that any change shows (AGR-06).

The certificate is the school's own: it proves that a document is what the school made, to whoever asks the school
(decision 17). Nothing is fetched while sealing or checking.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from django.db import IntegrityError, transaction

from agreements.models import SchoolSeal
from core.audit.operations import record
from core.people.models import School

_BITS = 3072
_YEARS = 25
_SIZE = _BITS // 8
_DIGEST = "sha256"
_FIELD = "Seal"


@dataclass(frozen=True)
class Verdict:
    """What a seal says of a file: whether it is there, whether it is this school’s, whether the file is as it was."""

    is_sealed: bool
    is_ours: bool = False
    is_whole: bool = False


def seal_of(school: School, *, at: datetime) -> SchoolSeal:
    """The seal in use, made at the first time of asking; two who ask at once get the same one."""
    found: SchoolSeal | None = SchoolSeal.objects.filter(school=school, retired_at__isnull=True).first()
    if found is not None:
        return found
    seal = _new_seal(school, at)
    try:
        with transaction.atomic():
            seal.save()
            record(
                school=school,
                actor=None,
                action="agreements.make_seal",
                at=at,
                obj=seal,
                detail={"fingerprint": seal.fingerprint},
            )
    except IntegrityError:
        return SchoolSeal.objects.get(school=school, retired_at__isnull=True)
    return seal


def _new_seal(school: School, at: datetime) -> SchoolSeal:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, school.name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Seal of {school.name}"[:64]),
        ]
    )
    ends = at + timedelta(days=365 * _YEARS)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at.astimezone(UTC) - timedelta(minutes=5))
        .not_valid_after(ends.astimezone(UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    seal = SchoolSeal(
        school=school,
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        made_at=at,
        valid_until=ends,
    )
    seal.stamp(by=None, at=at)
    return seal


def sealed(content: bytes, seal: SchoolSeal) -> bytes:
    """The PDF with the school’s seal on it: certified, no change of any kind allowed after it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

    out = io.BytesIO()
    meta = signers.PdfSignatureMetadata(
        field_name=_FIELD,
        reason="Made and sealed by the school",
        name=f"Seal of {seal.school.name}"[:100],
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm=_DIGEST,
    )
    signer = _signer(seal.pk, seal.private_key, seal.certificate)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    # Signing runs an event loop of its own, which a thread that has one already would refuse.
    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(signers.sign_pdf, writer, meta, signer=signer, output=out).result()
    return out.getvalue()


@lru_cache(maxsize=16)
def _signer(key: int, private_key: str, certificate: str) -> Any:
    """Who seals: pyHanko’s own signer reads its key anew for every seal, which takes twenty times as long as to use it;
    here it is read once a process."""
    from asn1crypto import pem
    from asn1crypto import x509 as asn1
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    del key
    held = cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(private_key.encode(), password=None))

    class Signer(signers.Signer):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            assert digest_algorithm == _DIGEST
            return bytes(_SIZE) if dry_run else held.sign(data, PKCS1v15(), hashes.SHA256())

    return Signer(
        signing_cert=asn1.Certificate.load(pem.unarmor(certificate.encode())[2]),
        cert_registry=SimpleCertificateStore(),
    )


def verdict_on(content: bytes, seals: list[SchoolSeal]) -> Verdict:
    """What the seal of a PDF says, asked of these certificates alone. A file that cannot be read has none."""
    from asn1crypto import pem
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        found = list(reader.embedded_signatures)
        if len(found) != 1:
            return Verdict(is_sealed=bool(found))
        embedded = found[0]
        held = embedded.signer_cert
        ours = held is not None and held.sha256.hex() in {seal.fingerprint for seal in seals}
        roots = [asn1.Certificate.load(pem.unarmor(seal.certificate.encode())[2]) for seal in seals]
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        with ThreadPoolExecutor(max_workers=1) as aside:
            status = aside.submit(validate_pdf_signature, embedded, signer_validation_context=context).result()
        return Verdict(is_sealed=True, is_ours=ours, is_whole=ours and bool(status.bottom_line))
    except (PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OSError):
        return Verdict(is_sealed=False)
