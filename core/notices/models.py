"""Notices in people's inboxes, emails waiting to go, each person's wishes, and signs of life of the worker."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.models import BaseModel, Privacy
from core.notices.enums import Beating, Delivery, MailState, Urgency
from core.people.models import School, SchoolModel, TrackedModel, User


class Notice(SchoolModel):
    """One thing that one person is told. The inbox is the record; the email only says that something is there.

    Rows that share a `dedupe_key` are about the same event: whoever acknowledges it first acknowledges it for all.
    `subject` and `body` name no one and hold nothing of what was reported; the page behind `url` does.
    """

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60, help_text='What it is about, as "devices.uncollected".')
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.ORDINARY)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.DIGEST)
    subject = models.CharField(max_length=160)
    body = models.CharField(max_length=300, blank=True, default="")
    url = models.CharField(max_length=300, help_text="The path of the page to open.")
    dedupe_key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    digested_at = models.DateTimeField(null=True, help_text="When it was counted in a digest.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    escalate_at = models.DateTimeField(null=True)
    escalate_minutes = models.PositiveSmallIntegerField(null=True)
    escalate_role = models.CharField(max_length=40, blank=True, default="")
    escalate_users = ArrayField(models.BigIntegerField(), default=list)
    escalated_at = models.DateTimeField(null=True)
    escalated_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="escalations")

    privacy = Privacy(
        data_class="school",
        keep="2 years after it was made; urgent ones with the record they are about",
        scrub={"url": "keep"},
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "recipient", "dedupe_key"], name="notices_notice_once_per_person_and_event"
            ),
            models.CheckConstraint(
                condition=~Q(urgency=Urgency.URGENT) | Q(delivery=Delivery.AT_ONCE),
                name="notices_notice_urgent_is_never_silenced",
            ),
            models.CheckConstraint(
                condition=Q(urgency=Urgency.URGENT, escalate_at__isnull=False, escalate_minutes__isnull=False)
                | Q(urgency=Urgency.ORDINARY, escalate_at__isnull=True, escalate_minutes__isnull=True),
                name="notices_notice_urgent_escalates",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False, urgency=Urgency.URGENT),
                name="notices_notice_acknowledged_paired",
            ),
            models.CheckConstraint(
                condition=Q(escalated_at__isnull=True) | Q(escalated_at__gte=F("escalate_at")),
                name="notices_notice_escalated_when_due",
            ),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"), name="notices_notice_url_is_a_path"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "recipient", "-id"], name="notices_by_recipient"),
            models.Index(fields=["school", "recipient"], condition=Q(read_at__isnull=True), name="notices_unread"),
            models.Index(
                fields=["escalate_at"],
                condition=Q(urgency=Urgency.URGENT, acknowledged_at__isnull=True, escalated_at__isnull=True),
                name="notices_to_escalate",
            ),
            models.Index(
                fields=["school", "recipient", "id"],
                condition=Q(delivery=Delivery.DIGEST, digested_at__isnull=True),
                name="notices_to_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk}"

    @property
    def is_urgent(self) -> bool:
        return self.urgency == Urgency.URGENT

    @property
    def is_read(self) -> bool:
        return self.read_at is not None

    @property
    def needs_acknowledging(self) -> bool:
        return self.is_urgent and self.acknowledged_at is None


class OutboxEmail(BaseModel):
    """An email to send, written with the change that causes it (house §4.7). The text is dropped once it is accepted.

    `school` is empty for mail about an account rather than a school. `next_try_at` is also the claim of a sender: who
    takes a row moves it on before talking to the mail server, so no two send it and a crash delays it and no more.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.EmailField(max_length=254)
    template = models.CharField(max_length=60)
    cause = models.CharField(max_length=160, help_text="What it is sent for; one email for each cause.")
    subject = models.CharField(max_length=160)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=120)
    last_error = models.CharField(
        max_length=80, blank=True, default="", help_text="The kind of failure, not its words."
    )

    privacy = Privacy(
        data_class="personal",
        keep="the text until it is sent, the row for 1 year",
        scrub={"address": "fake_email", "text": "blank"},
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "template", "address", "cause"],
                nulls_distinct=False,
                name="notices_outboxemail_once_per_cause",
            ),
            models.UniqueConstraint(fields=["message_id"], name="notices_outboxemail_message_id_unique"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="notices_outboxemail_state_known"),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False, text="")
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="notices_outboxemail_sent_keeps_no_text",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state__in=[MailState.WAITING, MailState.FAILED]),
                name="notices_mail_due",
            ),
            models.Index(fields=["school", "state"], name="notices_mail_by_state"),
        ]

    def __str__(self) -> str:
        return f"Email {self.pk}"


class NoticePreference(TrackedModel):
    """How a person wants to hear, by email, of what is not urgent. Without a row: digests. Urgent ones ignore it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.DIGEST)

    privacy = Privacy(data_class="personal", keep="while the person's account is open")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "user"], name="notices_noticepreference_one_per_person"),
            models.CheckConstraint(
                condition=Q(delivery__in=Delivery.values), name="notices_noticepreference_delivery_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Notice preference {self.pk}"


class Heartbeat(BaseModel):
    """When a part of the service was last heard from, so that silence does not look like peace (security §5.11)."""

    name = models.CharField(max_length=20, choices=Beating.choices)
    seen_at = models.DateTimeField()

    privacy = Privacy(data_class="public", keep="overwritten each minute")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="notices_heartbeat_one_per_part")]

    def __str__(self) -> str:
        return self.name
