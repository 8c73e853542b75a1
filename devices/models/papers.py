"""What parents are told about a device or a search, and the documents made for them, for police and for the record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.kit.constraints import together
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User
from devices.enums import DocumentKind, NoticeAbout, ToldHow
from devices.models.custody import CustodyRecord
from devices.models.searches import SearchRecord


class DocumentWording(TrackedModel):
    """The school's own words of one kind of document, with merge fields from a fixed list; each edition stays."""

    kind = models.CharField(max_length=16, choices=DocumentKind.choices)
    number = models.PositiveSmallIntegerField(help_text="The edition, from 1.")
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=6000)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "number"], name="devices_wording_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class IssuedDocument(SchoolModel, AppendOnlyModel):
    """A document as it was made: frozen words and facts, the PDF and its checksum (house §4.8, COM-06)."""

    kind = models.CharField(max_length=16, choices=DocumentKind.choices)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="issued_documents")
    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, null=True, related_name="documents")
    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, null=True, related_name="documents")
    wording = models.ForeignKey(DocumentWording, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=160)
    facts = models.JSONField(default=dict, help_text="What it was made from, as it stood.")
    content = models.BinaryField()
    checksum = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        data_class="restricted",
        keep="with what it is about",
        scrub={"facts": "drop", "content": "drop", "title": "blank"},
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(custody__isnull=False) | Q(search__isnull=False), name="devices_document_about_something"
            )
        ]
        indexes = [models.Index(fields=["custody", "-made_at"], name="devices_document_by_custody")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ParentNotice(TrackedModel):
    """A parent or carer is to be told something, by a time: told, not reached, or withheld by the DSL with a reason
    (CNF-13, CO-5, SE-7). One for each thing to tell of one stay or search."""

    about = models.CharField(max_length=14, choices=NoticeAbout.choices)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="parent_notices")
    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, null=True, related_name="parent_notices")
    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, null=True, related_name="parent_notices")
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    told_how = models.CharField(max_length=10, choices=ToldHow.choices, blank=True, default="")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.CharField(max_length=1000, blank=True, default="", help_text="What was said, in neutral words.")
    email = models.PositiveBigIntegerField(null=True, help_text="The outbox email, whose delivery it shows.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Tried and not reached.")
    withheld_at = models.DateTimeField(null=True)
    withheld_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withheld_because = models.CharField(max_length=500, blank=True, default="", help_text="The DSL alone reads it.")
    dropped_at = models.DateTimeField(null=True, help_text="Not told, by a decision where the rules leave it open.")
    dropped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="restricted",
        keep="with what it is about",
        scrub={"message": "blank", "withheld_because": "blank", "dropped_because": "blank"},
    )

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(custody__isnull=False) | Q(search__isnull=False),
                name="devices_parentnotice_about_something",
            ),
            models.UniqueConstraint(
                fields=["custody", "about"],
                condition=Q(about__in=[NoticeAbout.TAKEN, NoticeAbout.ESCALATED]),
                name="devices_parentnotice_once_a_stay",
            ),
            models.UniqueConstraint(
                fields=["search"], condition=Q(about=NoticeAbout.SEARCH), name="devices_parentnotice_once_a_search"
            ),
            together(["told_at", "told_by"], ["told_how"], "devices_parentnotice_told_whole"),
            together(["withheld_at", "withheld_by"], ["withheld_because"], "devices_parentnotice_withheld_whole"),
            together(["dropped_at", "dropped_by"], ["dropped_because"], "devices_parentnotice_dropped_whole"),
        ]
        indexes = [
            models.Index(
                fields=["school", "due_at"],
                condition=Q(told_at__isnull=True, withheld_at__isnull=True, dropped_at__isnull=True),
                name="devices_parentnotice_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"Tell a parent {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether somebody is still to be told."""
        return self.told_at is None and self.withheld_at is None and self.dropped_at is None
