"""Reads about issuing to many: who is chosen, what it will bring, and how far the worker is (AGR-01, AGR-09)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from agreements.enums import AgreementState, BatchScope
from agreements.models import Agreement, AgreementTemplate, IssueBatch
from agreements.operations.issuing import parents_to_ask
from agreements.queries.issued import WAITING
from core.people.models import FormGroup, Pupil, School
from core.people.queries import contacts_to_tell, pupils_on_roll

MISSED_BELL = timedelta(seconds=20)
_A = AgreementState
_HAS_ONE = (*WAITING, _A.DRAFT, _A.COMPLETE, _A.IN_FORCE)


@dataclass(frozen=True)
class Chosen:
    """To whom agreements are issued: the scope, and what it needs to be told."""

    scope: str
    form: FormGroup | None = None
    year: int | None = None
    since: date | None = None

    def pupils(self, school: School, on: date) -> QuerySet[Pupil]:
        """Those on roll whom the scope names, whatever they have signed."""
        found = pupils_on_roll(school, on)
        if self.scope == BatchScope.FORM:
            return found.filter(form=self.form)
        if self.scope == BatchScope.YEAR:
            return found.filter(year_group=self.year) if self.year is not None else found.none()
        if self.scope == BatchScope.JOINERS:
            return found.filter(joined_on__gte=self.since)
        return found


def chosen_by(batch: IssueBatch) -> Chosen:
    """The choice that a batch was asked for with."""
    return Chosen(scope=batch.scope, form=batch.form, year=batch.year, since=batch.since)


def pupils_to_issue_to(chosen: Chosen, template: AgreementTemplate, on: date) -> QuerySet[Pupil]:
    """The chosen who need one: nobody for whom one waits or holds; who has one to renew gets the newer (AGR-09)."""
    theirs = Agreement.objects.filter(template=template, pupil=OuterRef("pk"))
    found = chosen.pupils(template.school, on).filter(~Exists(theirs.filter(state__in=_HAS_ONE)))
    if chosen.scope == BatchScope.RENEWAL:
        found = found.filter(Exists(theirs.filter(state=_A.TO_RENEW)))
    return found


@dataclass(frozen=True)
class Preview:
    """What issuing would do: `pupils` get one, `have_one` are left out; of the adults who are asked, `by_email` get
    a link and `on_paper` have no address; for `nobody` pupils nobody is on record who may be asked."""

    pupils: int
    have_one: int
    by_email: int
    on_paper: int
    nobody: int


def preview_of(chosen: Chosen, template: AgreementTemplate, on: date) -> Preview:
    """Count what issuing would do, without doing it; in three statements."""
    keys = list(pupils_to_issue_to(chosen, template, on).values_list("pk", flat=True))
    everybody = chosen.pupils(template.school, on)
    if chosen.scope == BatchScope.RENEWAL:
        everybody = everybody.filter(pk__in=keys)
    told = contacts_to_tell(template.school, keys)
    asked = {key: parents_to_ask(told.get(key, [])) for key in keys}
    adults = {(one.email.strip().lower(), one.display_name.casefold()) for all_of in asked.values() for one in all_of}
    return Preview(
        pupils=len(keys),
        have_one=everybody.count() - len(keys),
        by_email=sum(1 for email, _name in adults if email),
        on_paper=sum(1 for email, _name in adults if not email),
        nobody=sum(1 for all_of in asked.values() if not all_of),
    )


def years_on_roll(school: School, on: date) -> Collection[int]:
    """The year groups that have pupils, the youngest first."""
    found = pupils_on_roll(school, on).order_by("year_group").values_list("year_group", flat=True)
    return list(found.distinct())


def batches_of(school: School) -> QuerySet[IssueBatch]:
    """All that was issued to many, the newest first."""
    found: QuerySet[IssueBatch] = IssueBatch.objects.filter(school=school)
    return found.select_related("template_version__template", "form", "requested_by")
