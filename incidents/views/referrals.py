"""Referrals of a record, each on a page of its own, and the list of those to chase (INC-17)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import day, moment
from core.people.access import has, holds
from core.people.models import User
from core.people.queries import contacts_to_tell
from core.people.roles import DSL_ROLES, Permission
from core.people.views.base import SchoolView, get_or_404
from incidents import operations
from incidents.enums import ReferralState
from incidents.forms.referrals import AnswerForm, ConsentForm, OverrideForm, ReferForm, SendForm
from incidents.models import Incident, Referral
from incidents.queries.parents import pupils_of
from incidents.queries.referrals import (
    TOP_LEVEL,
    bodies_offered,
    chase_rows,
    consent_needed,
    referrals_of,
    referrals_to_chase,
    standing_of,
)
from incidents.views.leading import LeadFormPage
from incidents.views.panels import Panel
from incidents.workflow import REFERRAL_MOVES

_R = ReferralState
_BEFORE = (_R.CONSENT_SOUGHT, _R.CONSENT_GIVEN, _R.CONSENT_REFUSED, _R.DSL_OVERRIDE)
_ANSWERS = (_R.ACKNOWLEDGED, _R.OUTCOME, _R.CLOSED)
_KINDS = {_R.CONSENT_REFUSED: "stop", _R.SENT: "waiting", _R.ACKNOWLEDGED: "waiting", _R.OUTCOME: "ok"}
_OVER = (_R.CLOSED, _R.NOT_NEEDED)


class ReferView(LeadFormPage):
    """Refer a record to somebody outside, or say why not."""

    permission = Permission.SET_LEVEL
    template_name = "incidents/refer.html"
    form_class = ReferForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "bodies": bodies_offered(self.case),
            "pupils": pupils_of(self.case),
            "top": self.case.level == TOP_LEVEL,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            needs=consent_needed(self.case, self.case.level), is_top=self.case.level == TOP_LEVEL,
            back_url=self.actions_url, **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ReferForm)
        row = operations.start_referral(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        if row.state == _R.NOT_NEEDED:
            return self.done("It is recorded that it is not referred.", self.actions_url)
        return self.done("The referral is begun.", self.url("referral", self.case.pk, row.pk))


class ReferralPage(LeadFormPage, abstract=True):
    """A page about one referral of the record in the address."""

    permission = Permission.SET_LEVEL
    template_name = "incidents/referral.html"

    @property
    def referral(self) -> Referral:
        if not hasattr(self, "_referral"):
            self._referral: Referral = get_or_404(referrals_of(self.case), pk=self.kwargs["referral"])
        return self._referral

    @property
    def referral_url(self) -> str:
        return self.url("referral", self.case.pk, self.referral.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("referral", self.referral)
        kwargs.setdefault("back_url", self.referral_url)
        return super().get_context_data(**kwargs)


class ReferralView(ReferralPage):
    """One referral: what it says, where it stands, and the one next thing to do."""

    def get_form_class(self) -> type[BaseForm]:
        return SendForm if self.referral.state in _BEFORE else AnswerForm

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.get_form_class() is SendForm:
            return super().get_form_kwargs()
        here = _R(self.referral.state)
        states = [(to.value, to.label) for to in _ANSWERS if (here, to) in REFERRAL_MOVES]
        return super().get_form_kwargs() | {"states": states}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.referral
        waits = row.state in (_R.CONSENT_SOUGHT, _R.CONSENT_REFUSED)
        kwargs.update(
            rows=_rows(row),
            words=[word for word in _words(row) if word["text"]],
            waits_for_consent=waits and consent_needed(self.case, self.case.level or row.level) is not False,
            asks_consent=waits,
            may_override=waits and holds(self.actor, self.school, *DSL_ROLES),
            is_over=row.state in _OVER,
            kind=_KINDS.get(_R(row.state), "info"),
            standing=standing_of(row),
            back_url=self.actions_url,
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given: dict[str, Any] = {"school": self.school, "actor": self.actor, "at": self.now, "referral": self.referral}
        cleaned = dict(form.cleaned_data)
        if isinstance(form, SendForm):
            operations.send_referral(**given, **cleaned)
            return self.done("It is recorded that it went.", self.referral_url)
        if not cleaned["state"]:
            operations.set_next_contact(
                **given, next_contact_on=cleaned["next_contact_on"], response=cleaned["response"],
                submission=cleaned["submission"],
            )  # fmt: skip
            return self.done("It is on the list for that day.", self.referral_url)
        operations.answer_referral(**given, **cleaned)
        return self.done("The answer is recorded.", self.referral_url)


def _rows(row: Referral) -> list[dict[str, Any]]:
    """The referral's facts in short lines."""
    consent = row.get_consent_display()
    if row.consent_from is not None:
        consent = f"{consent}: {row.consent_from.display_name}"
    known = {True: "Yes", False: "No", None: "Not known yet"}
    sent = f"{moment(row.sent_at)}, by {row.sent_by.display_name}" if row.sent_at and row.sent_by else ""
    facts: list[dict[str, Any]] = [
        {"label": "To", "value": row.body},
        {"label": "About", "value": row.pupil.display_name if row.pupil else "", "missing": "All of them"},
        {"label": "Level", "value": row.level, "missing": "None set"},
        {"label": "Consent", "value": consent},
        {"label": "Sent", "value": sent, "missing": f"Due by {moment(row.due_at)}" if row.due_at else "Not yet"},
        {"label": "Their reference", "value": row.reference},
        {"label": "Next contact", "value": day(row.next_contact_on) if row.next_contact_on else "", "missing": "None"},
    ]
    if row.level == TOP_LEVEL:
        facts += [
            {"label": "Section 17 assessment", "value": known[row.section_17]},
            {"label": "Section 47 enquiry", "value": known[row.section_47]},
        ]
    return facts


def _words(row: Referral) -> list[dict[str, str]]:
    return [
        {"title": "Why", "text": row.reason},
        {"title": "Consent: what was said and decided", "text": row.consent_reason},
        {"title": "Further steps", "text": row.further},
        {"title": "What they said", "text": row.response},
        {"title": "Outcome", "text": row.outcome},
    ]


class ConsentView(ReferralPage):
    """What a parent said to the referral."""

    template_name = "incidents/referral_consent.html"
    form_class = ConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        pupils = [self.referral.pupil_id] if self.referral.pupil_id else [one.pk for one in pupils_of(self.case)]
        adults = [one for many in contacts_to_tell(self.school, pupils).values() for one in many]
        return super().get_form_kwargs() | {"contacts": adults}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ConsentForm)
        operations.record_consent(
            school=self.school, actor=self.actor, at=self.now, referral=self.referral, **form.values()
        )
        return self.done("The answer is recorded.", self.referral_url)


class OverrideView(ReferralPage):
    """The DSL decides that it goes without consent."""

    template_name = "incidents/referral_override.html"
    form_class = OverrideForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.override_consent(
            school=self.school, actor=self.actor, at=self.now, referral=self.referral, **form.cleaned_data
        )
        return self.done("It can go without consent.", self.referral_url)


class ChaseView(SchoolView):
    """Referrals that wait: for being sent, for an answer, for the day to ask again."""

    permission = Permission.SET_LEVEL
    template_name = "incidents/referrals.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        open_ones = referrals_to_chase(self.actor, self.school, self.today)
        return self.render(rows=chase_rows(open_ones, self.today))


def referrals_panel(case: Incident, user: User) -> Panel | None:
    """Where each referral stands; a new one for whoever may refer."""
    may = has(user, Permission.SET_LEVEL, case.school)
    slug = case.school.slug
    tasks = [
        {
            "label": row.body,
            "url": reverse("incidents:referral", args=[slug, case.pk, row.pk]) if may else "",
            "word": standing_of(row),
            "kind": "neutral" if row.state in _OVER else _KINDS.get(_R(row.state), "attention"),
            "hint": f"Next contact {day(row.next_contact_on)}" if row.next_contact_on else "",
        }
        for row in referrals_of(case)
    ]
    links = (
        [{"label": "Refer to somebody outside", "url": reverse("incidents:refer", args=[slug, case.pk])}] if may else []
    )
    if not tasks and not links:
        return None
    context = {"tasks": tasks, "empty": "Nobody outside has been asked."}
    return Panel("referrals", "Referrals", "incidents/panels/tasks.html", context, links)
