"""Pupils, the adults to reach about them, and the forms they are in."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from core.kit.models import Privacy
from core.kit.text import fold
from core.people.enums import YEAR_CHOICES, Phase, phase_for_year, year_label
from core.people.models.account import User
from core.people.models.base import TrackedModel

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code(prefix: str) -> str:
    """An opaque code to print as QR: a letter for the kind and eight characters that cannot be confused by eye."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def new_pupil_code() -> str:
    return new_code("P")


class FormGroup(TrackedModel):
    """A form or class, perhaps of mixed age, with its tutor."""

    name = models.CharField(max_length=40)
    year_from = models.SmallIntegerField(choices=YEAR_CHOICES, null=True, blank=True)
    year_to = models.SmallIntegerField(choices=YEAR_CHOICES, null=True, blank=True)
    tutor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["year_from", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="people_formgroup_name_unique"),
            models.CheckConstraint(
                condition=models.Q(year_from__isnull=True)
                | models.Q(year_to__isnull=True)
                | models.Q(year_to__gte=models.F("year_from")),
                name="people_formgroup_years_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pupil(TrackedModel):
    """A pupil (ORG-12). `search_text` is the folded name, each word after a space, for the desk's box.

    `is_boarder`: lives at school in term time, so that rules for boarders hold (law PH-3).
    """

    upn = models.CharField(max_length=13, blank=True, default="")
    admission_number = models.CharField(max_length=20, blank=True, default="")
    legal_forename = models.CharField(max_length=120)
    legal_surname = models.CharField(max_length=120)
    preferred_forename = models.CharField(max_length=120, blank=True, default="")
    date_of_birth = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=20, blank=True, default="")
    year_group = models.SmallIntegerField(choices=YEAR_CHOICES)
    form = models.ForeignKey(FormGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="pupils")
    phase = models.CharField(max_length=20, choices=Phase.choices)
    sen_status = models.CharField(max_length=20, blank=True, default="")
    medical_note = models.CharField(max_length=300, blank=True, default="")
    young_carer = models.BooleanField(default=False, db_default=False)
    pupil_premium = models.BooleanField(default=False, db_default=False)
    ethnicity = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="As the family gave it; for figures."
    )
    is_boarder = models.BooleanField(default=False, db_default=False)
    code = models.CharField(max_length=12, default=new_pupil_code, editable=False)
    search_text = models.CharField(max_length=400, editable=False)
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True, help_text="The last day on roll.")

    privacy = Privacy(
        data_class="personal",
        keep="until the pupil's 25th birthday where a safeguarding record refers to them, else 1 year after leaving",
        scrub={
            "upn": "hash",
            "admission_number": "hash",
            "legal_forename": "fake_name",
            "legal_surname": "fake_name",
            "preferred_forename": "blank",
            "date_of_birth": "shift_date",
            "medical_note": "blank",
            "ethnicity": "blank",
            "search_text": "fake_name",
            "code": "hash",
        },
    )

    class Meta:
        ordering = ["legal_surname", "legal_forename", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "upn"], condition=~models.Q(upn=""), name="people_pupil_upn_unique"
            ),
            models.UniqueConstraint(
                fields=["school", "admission_number"],
                condition=~models.Q(admission_number=""),
                name="people_pupil_admission_number_unique",
            ),
            models.UniqueConstraint(fields=["school", "code"], name="people_pupil_code_unique"),
            models.CheckConstraint(
                condition=models.Q(year_group__gte=-1, year_group__lte=13), name="people_pupil_year_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(joined_on__isnull=True)
                | models.Q(left_on__isnull=True)
                | models.Q(left_on__gte=models.F("joined_on")),
                name="people_pupil_dates_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "left_on", "form"], name="people_pupil_on_roll"),
            GinIndex(fields=["search_text"], name="people_pupil_search", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.display_name

    def stamp(self, *, by: Any, at: datetime) -> None:
        super().stamp(by=by, at=at)
        self.phase = phase_for_year(self.year_group)
        self.search_text = self.folded()

    def folded(self) -> str:
        """What the desk's box searches: every word of every name, after a space."""
        names = dict.fromkeys(
            word
            for name in (self.legal_forename, self.preferred_forename, self.legal_surname)
            for word in fold(name).split()
        )
        return (" " + " ".join(names))[:400]

    @property
    def forename(self) -> str:
        return self.preferred_forename or self.legal_forename

    @property
    def display_name(self) -> str:
        return f"{self.forename} {self.legal_surname}"

    @property
    def sort_name(self) -> str:
        """ "Kovacs, Amara", as registers list."""
        return f"{self.legal_surname}, {self.forename}"

    @property
    def short_name(self) -> str:
        """ "Amara K.", for a screen that other children can see."""
        return f"{self.forename} {self.legal_surname[:1]}."

    @property
    def sen_words(self) -> str:
        """The census code in words; anything else as the school wrote it."""
        return {"N": "", "K": "SEN support", "E": "Education, health and care plan"}.get(
            self.sen_status.upper(), self.sen_status
        )

    @property
    def year_name(self) -> str:
        return year_label(self.year_group)


class Contact(TrackedModel):
    """An adult to reach about one pupil (ORG-13). `do_not_inform` is settable by the DSL alone."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="contacts")
    title = models.CharField(max_length=20, blank=True, default="")
    forename = models.CharField(max_length=120, blank=True, default="")
    surname = models.CharField(max_length=120)
    relationship = models.CharField(max_length=60, blank=True, default="")
    priority = models.PositiveSmallIntegerField(default=1)
    mobile = models.CharField(max_length=40, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(max_length=254, blank=True, default="")
    has_parental_responsibility = models.BooleanField(null=True)
    may_collect = models.BooleanField(default=True)
    do_not_inform = models.BooleanField(default=False)
    do_not_inform_reason = models.CharField(max_length=300, blank=True, default="")
    court_order_note = models.CharField(max_length=300, blank=True, default="")
    ended_on = models.DateField(null=True, blank=True)
    account = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where the contact also works at the school: what is kept about the child is not for them.",
    )

    privacy = Privacy(
        data_class="personal",
        keep="with the pupil's record",
        scrub={
            "forename": "fake_name",
            "surname": "fake_name",
            "mobile": "fake_phone",
            "phone": "fake_phone",
            "email": "fake_email",
            "do_not_inform_reason": "blank",
            "court_order_note": "blank",
        },
    )

    class Meta:
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(do_not_inform=True, may_collect=True),
                name="people_contact_barred_may_not_collect",
            ),
        ]
        indexes = [models.Index(fields=["school", "pupil"], name="people_contact_by_pupil")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return f"{self.forename} {self.surname}".strip()
