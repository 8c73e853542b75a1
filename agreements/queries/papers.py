"""Reads about the documents of agreements, and whether a file or a checksum is one of the school's."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.db.models import QuerySet

from agreements.access import readable_by
from agreements.models import Agreement, DocumentJob, PaperScan, SchoolSeal, SealedDocument
from agreements.sealing import verdict_on
from core.people.models import School


def agreements_visible_to(user: Any, school: School, on: date) -> QuerySet[Agreement]:
    """The agreements that a person may open."""
    found: QuerySet[Agreement] = Agreement.objects.filter(readable_by(user, school, on), school=school)
    return found.select_related("pupil__form", "user", "template_version", "school")


def jobs_of(agreement: Agreement) -> QuerySet[DocumentJob]:
    """What was asked for of an agreement, the newest first."""
    found: QuerySet[DocumentJob] = DocumentJob.objects.filter(agreement=agreement)
    return found.defer("snapshot").order_by("-number")


def documents_of(agreement: Agreement) -> QuerySet[SealedDocument]:
    """The sealed documents of an agreement, the newest first; their bytes are read only when one is opened."""
    found: QuerySet[SealedDocument] = SealedDocument.objects.filter(agreement=agreement)
    return found.defer("content", "snapshot").order_by("-number")


def documents_visible_to(user: Any, school: School, on: date) -> QuerySet[SealedDocument]:
    """The documents of agreements that a person may open."""
    found: QuerySet[SealedDocument] = SealedDocument.objects.filter(
        school=school, agreement__in=Agreement.objects.filter(readable_by(user, school, on), school=school)
    )
    return found.select_related("agreement")


def jobs_visible_to(user: Any, school: School, on: date) -> QuerySet[DocumentJob]:
    """The jobs of agreements that a person may open."""
    found: QuerySet[DocumentJob] = DocumentJob.objects.filter(
        school=school, agreement__in=Agreement.objects.filter(readable_by(user, school, on), school=school)
    )
    return found.select_related("agreement")


def scans_visible_to(user: Any, school: School, on: date) -> QuerySet[PaperScan]:
    """The scans of agreements that a person may open; their bytes are read only when one is opened."""
    found: QuerySet[PaperScan] = PaperScan.objects.filter(
        school=school, agreement__in=Agreement.objects.filter(readable_by(user, school, on), school=school)
    )
    return found.select_related("agreement", "signatory", "added_by").defer("content", "agreement__wording")


def is_checksum_of_ours(school: School, checksum: str) -> bool:
    """Whether the school sealed a file of this checksum, or one whose wording has it (law AG-3)."""
    return bool(
        SealedDocument.objects.filter(school=school, checksum=checksum).exists()
        or Agreement.objects.filter(school=school, wording_hash=checksum).exists()
    )


def answer_about(school: School, content: bytes) -> str:
    """What may be said of a file to anybody: `ours`, `altered` or `unknown`, and nothing else about it.

    The whole file first; else what its seal says by the school's certificates, those of earlier seals among them.
    """
    if SealedDocument.objects.filter(school=school, checksum=hashlib.sha256(content).hexdigest()).exists():
        return "ours"
    verdict = verdict_on(content, list(SchoolSeal.objects.filter(school=school)))
    return "altered" if verdict.is_ours else "unknown"
