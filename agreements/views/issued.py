"""Pages about issued agreements: what there is, one of them, issuing one, what is done about it beside signing."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from agreements.enums import AgreementKind, AgreementState, Capacity, Decision, SignatoryState, SignMode
from agreements.forms.issued import FollowUpForm, IssueForm, ReasonForm
from agreements.models import Agreement, Signatory
from agreements.operations import ending
from agreements.operations.issuing import issue_agreement, needed_for
from agreements.operations.links import send_links
from agreements.queries.issued import (
    PAGE,
    STANDING,
    WAITING,
    agreements_of,
    counts_visible_to,
    events_of,
    latest_signatures,
    may_sign,
    one_visible_to,
    parents_disagree,
    to_sign_by,
    versions_to_issue,
    visible_to,
    waiting_parents,
)
from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import contacts_to_tell, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage, Page

TAGS = {
    AgreementState.DRAFT: "neutral",
    AgreementState.ISSUED: "waiting",
    AgreementState.PARTLY_SIGNED: "waiting",
    AgreementState.COMPLETE: "ok",
    AgreementState.IN_FORCE: "ok",
    AgreementState.TO_RENEW: "attention",
    AgreementState.REFUSED: "attention",
    AgreementState.SUPERSEDED: "neutral",
    AgreementState.ENDED: "neutral",
    AgreementState.WITHDRAWN: "neutral",
}
SIGNATORY_TAGS = {
    SignatoryState.NOT_SENT: "neutral",
    SignatoryState.SENT: "waiting",
    SignatoryState.VIEWED: "waiting",
    SignatoryState.SIGNED: "ok",
    SignatoryState.DECLINED: "attention",
    SignatoryState.TAKEN_BACK: "attention",
    SignatoryState.NOT_ASKED: "neutral",
}
OPEN = (*WAITING, AgreementState.COMPLETE, *STANDING)


def tag_of(agreement: Agreement) -> dict[str, str]:
    """The state of an agreement as a tag."""
    state = AgreementState(agreement.state)
    return {"kind": TAGS[state], "word": str(state.label)}


class OverviewView(Page):
    """Every agreement that a person may open: how many of each kind, and the list, by kind and state (AGR-08)."""

    permission = Permission.VIEW_AGREEMENTS
    template_name = "agreements/issued_overview.html"
    title = "Agreements"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind, state = self.request.GET.get("kind", ""), self.request.GET.get("state", "")
        found = visible_to(self.actor, self.school, self.today)
        if kind in AgreementKind.values:
            found = found.filter(kind=kind)
        if state in AgreementState.values:
            found = found.filter(state=state)
        before = self.request.GET.get("before", "")
        if before.isdigit():
            found = found.filter(pk__lt=int(before)).order_by("-id")
        rows = list(found.order_by("-id")[: PAGE + 1])
        return super().get_context_data(
            counts=counts_visible_to(self.actor, self.school, self.today),
            rows=[{"agreement": row, "tag": tag_of(row)} for row in rows[:PAGE]],
            before=rows[PAGE - 1].pk if len(rows) > PAGE else 0,
            kinds=AgreementKind.choices,
            states=AgreementState.choices,
            kind=kind if kind in AgreementKind.values else "",
            state=state if state in AgreementState.values else "",
            may_manage=self.may(Permission.MANAGE_AGREEMENTS),
            waiting_for_me=len(to_sign_by(self.actor, self.school, self.today)),
            **kwargs,
        )


class AgreementPage(Page, abstract=True):
    """A page about one agreement that the person may open."""

    @property
    def agreement(self) -> Agreement:
        if not hasattr(self, "_agreement"):
            visible = one_visible_to(self.actor, self.school, self.today)
            self._agreement: Agreement = get_or_404(visible, pk=self.kwargs["agreement"])
        return self._agreement

    def crumbs(self) -> list[dict[str, str]]:
        found = []
        if self.may(Permission.VIEW_AGREEMENTS):
            found.append({"label": "Agreements", "url": self.link("agreements:overview")})
        if type(self) is not ShowAgreementView:
            here = self.link("agreements:agreement", agreement=self.agreement.pk)
            found.append({"label": self.agreement.reference, "url": here})
        return found


class ShowAgreementView(AgreementPage):
    """One agreement: the wording as it was frozen, who has to sign and how far each is, and all that happened."""

    permission = Permission.SIGN_OWN
    template_name = "agreements/issued_agreement.html"

    def get_title(self) -> str:
        return f"{self.agreement.title}, {self.agreement.reference}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agreement = self.agreement
        may_manage = self.may(Permission.MANAGE_AGREEMENTS)
        signed = latest_signatures(agreement)
        rows = list(agreement.signatories.all())
        return super().get_context_data(
            agreement=agreement,
            tag=tag_of(agreement),
            signatories=[self._row(row, signed.get(row.pk), may_manage=may_manage) for row in rows],
            missing=self._missing(rows),
            disagree=parents_disagree(rows),
            events=events_of(agreement),
            may_manage=may_manage,
            is_open=agreement.state in OPEN,
            may_end=agreement.state in STANDING,
            may_send=may_manage and agreement.state in OPEN and bool(waiting_parents(agreement)),
            **kwargs,
        )

    def _row(self, row: Signatory, signature: Any, *, may_manage: bool) -> dict[str, Any]:
        row.agreement = self.agreement
        waits = self.agreement.state in OPEN and row.state not in (SignatoryState.SIGNED, SignatoryState.NOT_ASKED)
        state = SignatoryState(row.state)
        return {
            "row": row,
            "label": str(Capacity(row.capacity).label),
            "tag": {"kind": SIGNATORY_TAGS[state], "word": str(state.label)},
            "signature": signature,
            "said_no": signature is not None and signature.decision == Decision.DECLINES,
            "at_school": may_manage and waits and row.capacity in (Capacity.PUPIL, Capacity.PARENT),
            "on_paper": may_manage and waits,
            "scan": may_manage and signature is not None and signature.mode == SignMode.PAPER,
            "stop": may_manage and row.capacity == Capacity.PARENT and self._may_stop(row),
            "own": waits and may_sign(self.actor, row, self.today),
        }

    def _may_stop(self, row: Signatory) -> bool:
        return self.agreement.state in WAITING and row.state not in (
            SignatoryState.SIGNED, SignatoryState.DECLINED, SignatoryState.NOT_ASKED
        )  # fmt: skip

    def _missing(self, rows: list[Signatory]) -> list[str]:
        """Capacities that somebody has to sign in and nobody is on record to ask."""
        there = {row.capacity for row in rows if row.state != SignatoryState.NOT_ASKED}
        return [
            " or ".join(str(Capacity(one).label).lower() for one in among)
            for among in self.agreement.needed
            if not there & set(among)
        ]


class SendLinksView(AgreementPage, ActPage):
    """Send each parent or carer who is asked, and has an email address, a link to sign by (AGR-07)."""

    permission = Permission.MANAGE_AGREEMENTS

    def back(self) -> str:
        return self.link("agreements:agreement", agreement=self.agreement.pk)

    def act(self, submission: uuid.UUID | None) -> str:
        rows = waiting_parents(self.agreement)
        without = send_links(school=self.school, actor=self.actor, at=self.now, signatories=rows, submission=submission)
        if len(without) == len(rows):
            return "Nobody who is still asked has an email address. Let them sign here, or on paper."
        return "The links are sent. They hold for 14 days; older ones stop working."


class OfPupilView(Page):
    """The agreements of one pupil, as a page and on the pupil's own (AGR-26: what is not agreed to changes no rule)."""

    permission = Permission.VIEW_AGREEMENTS
    template_name = "agreements/issued_of_pupil.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="agreements/_of_pupil.html" if self.is_htmx else None)

    def get_title(self) -> str:
        return f"Agreements of {self.pupil.display_name}"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.pupil.display_name, "url": self.link("people:pupil", pupil=self.pupil.pk)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        allowed = set(
            visible_to(self.actor, self.school, self.today).filter(pupil=self.pupil).values_list("pk", flat=True)
        )
        rows = [row for row in agreements_of(self.pupil) if row.pk in allowed]
        return super().get_context_data(
            pupil=self.pupil,
            rows=[{"agreement": row, "tag": tag_of(row)} for row in rows],
            may_manage=self.may(Permission.MANAGE_AGREEMENTS),
            **kwargs,
        )


class IssueView(FormPage):
    """Issue one agreement to a pupil's family; its wording is frozen with it (AGR-01)."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = IssueForm
    template_name = "agreements/issued_issue.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(
                pupils_on_roll(self.school, self.today).select_related("form"), pk=self.kwargs["pupil"]
            )
        return self._pupil

    def get_title(self) -> str:
        return f"Issue an agreement for {self.pupil.display_name}"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.pupil.display_name, "url": self.link("people:pupil", pupil=self.pupil.pk)}]

    def cancel_url(self) -> str:
        return self.link("agreements:of-pupil", pupil=self.pupil.pk)

    @property
    def versions(self) -> list[Any]:
        if not hasattr(self, "_versions"):
            self._versions = versions_to_issue(self.school, self.today)
        return self._versions

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "versions": self.versions,
            "asks_who": any(needed_for(version.template.kind, self.rules) is None for version in self.versions),
        }

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today, "parents_needed": "one", "send": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contacts = contacts_to_tell(self.school, [self.pupil.pk]).get(self.pupil.pk, [])
        return super().get_context_data(
            pupil=self.pupil,
            contacts=contacts,
            has_versions=bool(self.versions),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, IssueForm)
        agreement = issue_agreement(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.values()
        )
        said = f"{agreement.reference} is issued."
        if form.cleaned_data["send"]:
            rows = waiting_parents(agreement)
            again = uuid.uuid5(form.cleaned_data["submission"], "links")
            send_links(school=self.school, actor=self.actor, at=self.now, signatories=rows, submission=again)
            said += " Each parent or carer with an email address gets a link." if rows else ""
        return self.done(said, self.link("agreements:agreement", agreement=agreement.pk))


class OneAgreementForm(FormPage, AgreementPage, abstract=True):
    """A page with one form about one agreement."""

    permission = Permission.MANAGE_AGREEMENTS

    def cancel_url(self) -> str:
        return self.link("agreements:agreement", agreement=self.agreement.pk)


class WithdrawView(OneAgreementForm):
    """Withdraw what was issued; nothing is erased."""

    form_class = ReasonForm
    title = "Withdraw this agreement"
    intro = "It stays readable. Links to it stop working, and nobody is asked to sign it any more."
    submit_label = "Withdraw it"
    danger = True

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ending.withdraw_agreement(
            school=self.school, actor=self.actor, at=self.now, agreement=self.agreement, **form.cleaned_data
        )
        return self.done("It is withdrawn.", self.cancel_url())


class EndView(OneAgreementForm):
    """End what is in force."""

    form_class = ReasonForm
    title = "End this agreement"
    intro = "It stays readable as what held until today."
    submit_label = "End it"
    danger = True

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ending.end_agreement(
            school=self.school, actor=self.actor, at=self.now, agreement=self.agreement, **form.cleaned_data
        )
        return self.done("It is ended.", self.cancel_url())


class FollowUpView(OneAgreementForm):
    """What was done about one that waits or was not agreed to (AGR-26)."""

    form_class = FollowUpForm
    title = "Follow it up"
    intro = (
        "Signing is a free choice: not signing changes nothing for the {child}, and the school’s rules hold either way."
    )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        ending.follow_up(
            school=self.school, actor=self.actor, at=self.now, agreement=self.agreement, note=given["reason"],
            submission=given["submission"],
        )  # fmt: skip
        return self.done("It is written down.", self.cancel_url())


class ToSignView(Page):
    """What waits for the signature of the person who looks: as the head, as a tutor, for themselves."""

    permission = Permission.SIGN_OWN
    template_name = "agreements/issued_to_sign.html"
    title = "Waiting for your signature"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = [
            {"row": row, "label": str(Capacity(row.capacity).label)}
            for row in to_sign_by(self.actor, self.school, self.today)
        ]
        return self.render(rows=rows)
