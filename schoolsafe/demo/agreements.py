"""Agreements in the demonstration: ready texts published, one form asked, in every state of signing (matrix 4.13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agreements.enums import AgreementKind, BatchScope, Capacity, Decision, SignMode
from agreements.models import Agreement, Signatory, TemplateVersion
from agreements.operations.batches import issue_batch, issue_to_many
from agreements.operations.ending import follow_up
from agreements.operations.issuing import needed_for
from agreements.operations.signing import sign
from agreements.operations.templates import start_template
from agreements.operations.templates_publishing import publish_template
from agreements.queries.batches import Chosen
from agreements.wording import statements_for
from core.people.models import FormGroup, School, User
from core.people.queries import forms_of
from core.rules.queries import for_school

_PUPILS = 9
_MARK = [[[40, 120], [90, 40], [150, 130], [210, 60], [300, 110]], [[330, 90], [470, 70]]]


def write_agreements(school: School, *, office: User, head: User, today: date, now: datetime) -> None:
    """The texts are published by the head; one form has been asked, and each pupil's is as far as it may be."""
    began = now - timedelta(days=12)
    versions = {kind: _published(school, head, began, kind) for kind in AgreementKind}
    rules = for_school(school, on=today)
    kind = AgreementKind.HOME_SCHOOL
    if needed_for(kind, rules) is None:
        return  # who signs is not settled: a person says it, with each issue
    forms = [form for form in forms_of(school) if form.tutor is not None] or list(forms_of(school))
    if forms:
        _ask(school, forms[-1], versions[kind], office=office, head=head, at=began + timedelta(hours=2))


def _published(school: School, head: User, at: datetime, kind: AgreementKind) -> TemplateVersion:
    draft = start_template(school=school, actor=head, at=at, kind=kind)
    return publish_template(
        school=school, actor=head, at=at + timedelta(minutes=20), template_version=draft, starts_on=at.date(),
        change_note="The first version.",
    )  # fmt: skip


def _ask(school: School, form: FormGroup, version: TemplateVersion, *, office: User, head: User, at: datetime) -> None:
    """A whole form in one go. The first have all signed, then fewer and fewer; one family did not agree, and was rung;
    of the rest nobody has signed yet."""
    batch = issue_to_many(
        school=school, actor=office, at=at, version=version, chosen=Chosen(scope=BatchScope.FORM, form=form),
        starts_on=at.date(),
    )  # fmt: skip
    issue_batch(batch_id=batch.pk, at=at)
    for number, agreement in enumerate(batch.agreements.order_by("pk")[:_PUPILS]):
        asked = at + timedelta(minutes=number)
        rows = list(Signatory.objects.filter(agreement=agreement).order_by("position"))
        if number == _PUPILS - 1:
            for row in rows:
                if row.capacity == Capacity.PARENT:
                    _sign(school, row, office, asked + timedelta(days=2), decision=Decision.DECLINES)
            note = "Rang home: they would like to talk at parents’ evening."
            follow_up(school=school, actor=office, at=asked + timedelta(days=3), agreement=agreement, note=note)
            continue
        for place, row in enumerate(rows[: max(0, len(rows) + 1 - number // 2)]):
            by = head if row.capacity == Capacity.HEADTEACHER else office
            _sign(school, row, by, asked + timedelta(days=place, hours=1))


def _sign(school: School, row: Signatory, by: User, at: datetime, *, decision: Decision = Decision.AGREES) -> None:
    agreement = Agreement.objects.get(pk=row.agreement_id)
    of_staff = row.capacity in (Capacity.HEADTEACHER, Capacity.FORM_TUTOR)
    mode = SignMode.PAPER if of_staff and by.full_name != row.name else SignMode.DESK
    if row.capacity == Capacity.HEADTEACHER and mode == SignMode.DESK:
        mode = SignMode.ACCOUNT
    known = {
        SignMode.PAPER: "Signed on paper, seen by the witness",
        SignMode.DESK: "In person at school, on the school’s device, before the witness",
        SignMode.ACCOUNT: "Signed in with their own account",
    }
    sign(
        school=school,
        actor=by,
        at=at,
        signatory=row,
        decision=decision,
        name=row.name or by.full_name,
        mode=mode,
        authentication=known[mode],
        ticked=[one["key"] for one in statements_for(agreement.wording, row.capacity)],
        mark=_MARK if row.capacity == Capacity.PARENT and mode == SignMode.DESK else (),
        signed_on=at.date() if mode == SignMode.PAPER else None,
    )
