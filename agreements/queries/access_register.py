"""Who is let into which system, and whose acknowledgement is out of date since (AGR-20, DOC-29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from agreements.enums import AccessState
from agreements.models import AccessGrant, AccessSystem
from core.people.models import Pupil, School, User
from policies.enums import DocumentKind
from policies.queries import acknowledgements_for


def systems_of(school: School, *, ended: bool = False) -> QuerySet[AccessSystem]:
    """The systems that people are let into, those not used any more left out unless asked for."""
    found = AccessSystem.objects.filter(school=school)
    return found if ended else found.filter(ended_on__isnull=True)


def grants_of(school: School) -> QuerySet[AccessGrant]:
    """Every access, the newest first."""
    found: QuerySet[AccessGrant] = AccessGrant.objects.filter(school=school)
    return found.select_related(
        "pupil__form", "user", "system", "granted_by", "revoked_by", "acknowledgement__document_version__document"
    )


@dataclass(frozen=True)
class AccessRow:
    """One line of the register. `is_out_of_date`: something newer is to be acknowledged; a person decides what then."""

    grant: AccessGrant
    is_out_of_date: bool

    @property
    def name(self) -> str:
        return str(self.grant.pupil.sort_name if self.grant.pupil is not None else self.grant.user.display_name)  # type: ignore[union-attr]

    @property
    def group(self) -> str:
        """The form of a pupil; else the category."""
        pupil = self.grant.pupil
        return (
            str(pupil.form.name) if pupil is not None and pupil.form is not None else self.grant.get_category_display()
        )


def register(
    school: School, on: date, *, state: str = "", category: str = "", system: int | None = None
) -> list[AccessRow]:
    """The register by name, in a fixed number of statements; without a state, what has not ended."""
    found = grants_of(school)
    found = found.filter(state=state) if state else found.exclude(state=AccessState.REVOKED)
    if category:
        found = found.filter(category=category)
    if system is not None:
        found = found.filter(system_id=system)
    return sorted(_rows(school, list(found), on), key=lambda row: (row.name, row.grant.system.name))


def access_of(school: School, on: date, *, pupil: Pupil | None = None, user: User | None = None) -> list[AccessRow]:
    """One person's access that has not ended."""
    found = grants_of(school).exclude(state=AccessState.REVOKED)
    return _rows(school, list(found.filter(pupil=pupil) if pupil is not None else found.filter(user=user)), on)


def _rows(school: School, grants: list[AccessGrant], on: date) -> list[AccessRow]:
    live = [grant for grant in grants if grant.state != AccessState.REVOKED]
    current = acknowledgements_for(
        school, DocumentKind.ACCEPTABLE_USE, on,
        pupils=[grant.pupil for grant in live if grant.pupil is not None],
        users=[grant.user for grant in live if grant.user is not None],
    )  # fmt: skip
    return [AccessRow(grant, grant in live and _key(grant) not in current) for grant in grants]


def _key(grant: AccessGrant) -> tuple[str, int]:
    return ("pupil", grant.pupil_id) if grant.pupil_id is not None else ("user", grant.user_id or 0)
