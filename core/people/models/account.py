"""Accounts: the person who signs in, where they work, and which roles they hold from when to when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from core.kit.models import BaseModel, Privacy
from core.people.enums import Category, Phase
from core.people.models.base import TrackedModel
from core.people.roles import Role


class UserManager(BaseUserManager["User"]):
    """Accounts are found by email, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without a password nobody can sign in to it until its invitation is used."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, BaseModel):
    """One person's own account (ORG-20). Roles say what it may do, and in which school."""

    email = models.EmailField(max_length=254, unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    title = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["given_name", "family_name"]

    privacy = Privacy(
        data_class="personal",
        keep="6 years after the person leaves their last school",
        scrub={"email": "fake_email", "given_name": "fake_name", "family_name": "fake_name", "password": "drop"},
    )

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="people_user_email_any_case")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """ "Mrs Shah" where a title is known, else the full name."""
        return f"{self.title} {self.family_name}" if self.title else self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class Membership(TrackedModel):
    """A person's place on one school's staff or board: job title, category, from when to when (ORG-08)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    staff_code = models.CharField(max_length=20, blank=True, default="")
    job_title = models.CharField(max_length=120, blank=True, default="")
    category = models.CharField(max_length=20, choices=Category.choices, default=Category.SUPPORT)
    line_manager = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Told when something of theirs is overdue (NOT-23); it gives no other right.",
    )
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="personal", keep="6 years after leaving", scrub={"staff_code": "hash"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "user"], name="people_membership_once_per_school"),
            models.UniqueConstraint(
                fields=["school", "staff_code"],
                condition=~models.Q(staff_code=""),
                name="people_membership_staff_code_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("joined_on")),
                name="people_membership_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(line_manager__isnull=True) | ~models.Q(line_manager=models.F("user")),
                name="people_membership_manager_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Membership {self.pk}"


class RoleHolding(TrackedModel):
    """A role that a person holds in a school, perhaps for one phase or one form, from a day to a day (ORG-02 to 06)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=40, choices=Role.choices)
    phase = models.CharField(max_length=20, choices=Phase.choices, blank=True, default="")
    form = models.ForeignKey("people.FormGroup", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day the role is held.")
    cut_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Set when the role was ended at once: its last day stops here."
    )

    privacy = Privacy(data_class="personal", keep="6 years after it ends")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="people_roleholding_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(cut_at__isnull=True) | models.Q(ends_on__isnull=False),
                name="people_roleholding_cut_has_end",
            ),
            models.UniqueConstraint(
                fields=["school", "user", "role", "phase"],
                condition=models.Q(ends_on__isnull=True, form__isnull=True),
                name="people_roleholding_open_once",
            ),
            models.UniqueConstraint(
                fields=["school", "user", "role", "form"],
                condition=models.Q(ends_on__isnull=True, form__isnull=False),
                name="people_roleholding_open_once_per_form",
            ),
        ]
        indexes = [models.Index(fields=["user", "school"], name="people_roleholding_by_user")]

    def __str__(self) -> str:
        return str(self.get_role_display())


class Session(AbstractBaseSession):
    """A signed-in browser. Knows its user, so that a leaver is out at once and "sign out everywhere" is one delete."""

    user_id = models.BigIntegerField(null=True, db_index=True)

    privacy = Privacy(data_class="personal", keep="until it ends or runs out", scrub={"session_data": "drop"})

    class Meta:
        db_table = "people_session"
