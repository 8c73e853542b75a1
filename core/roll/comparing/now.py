"""The roll as it stands, as plain values that the comparison reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class PupilNow(NamedTuple):
    id: int
    version: int
    upn: str
    admission_number: str
    legal_forename: str
    legal_surname: str
    preferred_forename: str
    date_of_birth: date | None
    gender: str
    year_group: int
    form_id: int | None
    sen_status: str
    medical_note: str
    young_carer: bool
    pupil_premium: bool
    ethnicity: str
    is_boarder: bool
    left_on: date | None


class ContactNow(NamedTuple):
    id: int
    version: int
    pupil_id: int
    forename: str
    surname: str
    relationship: str
    priority: int
    mobile: str
    phone: str
    email: str
    has_parental_responsibility: bool | None
    court_order_note: str
    may_collect: bool
    do_not_inform: bool


class FormNow(NamedTuple):
    id: int
    version: int
    name: str
    year_from: int | None
    year_to: int | None
    tutor_id: int | None
    closed_on: date | None


class MemberNow(NamedTuple):
    id: int
    version: int
    user_id: int
    staff_code: str
    job_title: str
    left_on: date | None


class UserNow(NamedTuple):
    id: int
    email: str
    given_name: str
    family_name: str
    title: str
    is_active: bool


class HoldingNow(NamedTuple):
    id: int
    version: int
    user_id: int
    role: str
    form_id: int | None


@dataclass
class RollNow:
    """Everything of one school that an import may touch."""

    pupils: list[PupilNow] = field(default_factory=list)
    contacts: list[ContactNow] = field(default_factory=list)
    forms: list[FormNow] = field(default_factory=list)
    members: list[MemberNow] = field(default_factory=list)
    users: list[UserNow] = field(default_factory=list)
    holdings: list[HoldingNow] = field(default_factory=list)
    placements: set[tuple[int, str]] = field(default_factory=set)
    proposals: set[tuple[int, str]] = field(default_factory=set)
    elsewhere: set[int] = field(default_factory=set)
