"""Permissions: what waits for me, one permission whole, and all that is done about it (ux W8, law AP-1 to AP-7)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.approvals import operations
from core.approvals.access import is_own, may_read_reason, may_take_away, role_to_decide
from core.approvals.enums import LIVE_STATES, OPEN_STATES, Kind, State
from core.approvals.hooks import feature_of
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.queries import (
    approvals_visible_to,
    beside,
    complete_assessments,
    decided_before,
    decided_lately,
    events_of,
    is_decidable,
    last_day,
    on_the_way,
    runs_out,
    waiting_for,
)
from core.approvals.words import limits_in_words, state_tag, when_in_words
from core.approvals.workflow import may_move
from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.pages import ActPage, FormPage, Page
from devices.queries import place_choices
from schoolsafe.overview.forms.approvals import AttachForm, BecauseForm, DecideForm, DiscussForm, ReviewForm

_S = State


def who(approval: Approval) -> str:
    """Whom it is about, where that is one person."""
    if approval.pupil is not None:
        form = approval.pupil.form
        return f"{approval.pupil.display_name}{f', {form.name}' if form is not None else ''}"
    return approval.user.full_name if approval.user is not None else ""


class ApprovalsView(Page):
    """What waits for me; what I asked for; what runs out; what was decided lately."""

    permission = Permission.ASK_PERMISSION
    template_name = "overview/list_approvals.html"
    title = "Permissions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_leader = self.may(Permission.LEAD_CUSTODY)
        return super().get_context_data(
            waiting=[
                {**self._line(one.approval), "what": one.what} for one in waiting_for(self.actor, self.school, self.now)
            ],
            asked=[self._line(row) for row in on_the_way(self.actor, self.school)],
            ending=[
                {**self._line(row), "days": days}
                for row, days in runs_out(self.school, self.now, user=None if is_leader else self.actor)
            ],
            decided=[self._line(row) for row in decided_lately(self.actor, self.school)],
            is_leader=is_leader,
            revocations_url=self.link("devices:revocations")
            if is_leader and self.rules.break_use == "revocable_privilege"
            else "",
            may_delegate=self.may(Permission.DELEGATE),
            **kwargs,
        )

    def _line(self, row: Approval) -> dict[str, Any]:
        return {
            "url": self.link("overview:approval", approval=row.pk),
            "kind": row.get_kind_display(),
            "who": who(row),
            "by": row.requested_by,
            "at": row.requested_at,
            "when": when_in_words(row),
            "last_day": last_day(row),
            "tag": state_tag(row),
        }


class ApprovalPage(Page, abstract=True):
    """What the pages about one permission share."""

    permission = Permission.ASK_PERMISSION

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            self._row: Approval = get_or_404(approvals_visible_to(self.actor, self.school), pk=self.kwargs["approval"])
        return self._row

    @property
    def reads_reason(self) -> bool:
        return may_read_reason(self.actor, self.row, self.rules, self.today)

    @property
    def decides(self) -> bool:
        """Whether this person decides about permissions of this kind, and this one is not their own."""
        found = role_to_decide(self.actor, self.school, self.row.kind, self.rules, self.today)
        return found is not None and not is_own(self.actor, self.row)

    @property
    def may_decide_now(self) -> bool:
        row = self.row
        return self.decides and row.decided_at is None and row.over_at is None and is_decidable(row)

    def back(self) -> str:
        return self.link("overview:approval", approval=self.row.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Permissions", "url": self.link("overview:approvals")}]


class ApprovalView(SchoolFormView, ApprovalPage):
    """One permission: what, who, within what limits, why for those who may know, what happened; and the decision."""

    template_name = "overview/show_approval.html"
    form_class = DecideForm

    def get_title(self) -> str:
        return str(self.row.get_kind_display())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.reads_reason:
            self.note_view("approvals.look_at_reason", self.row)
        return self.render(form=self.get_form() if self.may_decide_now else None)

    def get_initial(self) -> dict[str, Any]:
        row = self.row
        return {"version": row.version, "conditions": row.conditions, "review_route": operations.ASK_AGAIN}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"has_last_day": self.row.kind != Kind.CURRICULUM_USE}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        feature, places = feature_of(row.kind), dict(place_choices(self.rules))
        reads = self.reads_reason
        deciders = deciders_of(row.kind, self.rules)
        return super().get_context_data(
            row=row,
            who=who(row),
            state=state_tag(row),
            facts=[
                {"label": label, "value": value}
                for label, value in (*feature.facts(row), *limits_in_words(row, places))
            ],
            reasons=[{"label": label, "value": value} for label, value in feature.reasons(row)] if reads else [],
            reads_reason=reads,
            effects=list(feature.effects(row)) if self.may_decide_now else [],
            missing=list(feature.missing(row)) if row.decided_at is None and row.over_at is None else [],
            waits_for=self._waits_for(),
            deciders=deciders,
            may_decide=self.may_decide_now,
            beside=[self._other(one, places) for one in beside(row)] if self.decides else [],
            before=[self._other(one, places) for one in decided_before(row)] if self.decides else [],
            acts=self._acts(),
            papers=[
                {"label": one.label, "url": self.link(one.name, approval=row.pk)}
                for one in feature.papers(row)
                if reads or not one.says_why
            ],
            events=[
                {
                    "title": event.get_kind_display(),
                    "when": moment(event.at, self.now),
                    "by": event.by.display_name if event.by is not None else "",
                    "text": event.note if reads else "",
                }
                for event in events_of(row)
            ],
            **kwargs,
        )

    def _other(self, row: Approval, places: dict[str, str]) -> dict[str, Any]:
        return {
            "url": self.link("overview:approval", approval=row.pk),
            "kind": row.get_kind_display(),
            "when": when_in_words(row),
            "tag": state_tag(row),
        }

    def _waits_for(self) -> str:
        """What has to happen before it can be decided, or before it holds."""
        row = self.row
        if row.sent_back_at is not None:
            return "It was sent back, and waits for whoever asked to change it."
        if row.state == _S.REQUESTED and row.kind == Kind.EXCEPTIONAL_USE:
            return "Next, somebody talks it over with the family and writes that down."
        if row.state == _S.REQUESTED and row.kind == Kind.CURRICULUM_USE:
            return "Next, the teacher of the lesson agrees."
        if row.state in OPEN_STATES and row.needs_assessment and row.assessment is None:
            return "Next, a complete risk assessment is attached."
        if row.state in OPEN_STATES:
            return f"It waits for {deciders_of(row.kind, self.rules).called}."
        if row.state == _S.APPROVED and row.kind == Kind.STAFF_LESSON_USE:
            return "It holds once the person who gave it has confirmed it."
        if row.state == _S.APPROVED and row.kind == Kind.EXCEPTIONAL_USE:
            return "Next, the agreement is drawn up. Until it is signed, the ordinary rules hold."
        if row.state in (_S.DRAFTED, _S.AWAITING):
            return "Until the agreement is signed by all who must, the ordinary rules hold."
        return ""

    def _acts(self) -> list[dict[str, Any]]:
        """What this person may do about it now, besides deciding."""
        row, me, found = self.row, self.actor.pk, list[tuple[str, str, bool]]()
        asked = me in (row.requested_by_id, row.user_id)
        if row.over_at is None and row.decided_at is None:
            if row.requested_by_id == me and feature_of(row.kind).change_name:
                found.append(("change", "Change the request", False))
            if row.kind == Kind.EXCEPTIONAL_USE and row.state == _S.REQUESTED and (asked or self.decides):
                found.append(("approval-discuss", "Write down the discussion", False))
            if row.state == _S.REQUESTED and row.kind == Kind.CURRICULUM_USE and self._may_consent():
                found.append(("approval-consent", "Agree to it as the teacher", True))
            if row.needs_assessment and may_move(row.kind, row.state, _S.ASSESSED) and (asked or self.decides):
                found.append(("approval-attach", "Attach a risk assessment", False))
        if row.state == _S.APPROVED and row.kind == Kind.STAFF_LESSON_USE and row.decided_by_id == me:
            found.append(("approval-confirm", "Yes, I gave this permission", True))
            found.append(("approval-withdraw", "No, I did not give it", False))
        has_begun = row.kind == Kind.CURRICULUM_USE and row.state == _S.APPROVED and self.now >= row.starts_at
        if has_begun and me in (row.requested_by_id, row.consented_by_id):
            found.append(("approval-used", "The activity has taken place", True))
        if may_take_away(self.actor, row, self.rules, self.today):
            found += self._later()
        elif row.requested_by_id == me and row.state in OPEN_STATES:
            found.append(("approval-withdraw", "Withdraw the request", False))
        found += [(name, label, False) for name, label in feature_of(row.kind).acts(row, self.actor)]
        if row.user_id == me and row.state in LIVE_STATES and may_move(row.kind, row.state, _S.ENDED):
            found.append(("approval-end", "I do not need it any more", False))
        return [
            {
                "url": self.link(self._name(name), approval=row.pk),
                "label": label,
                "at_once": at_once,
            }
            for name, label, at_once in dict.fromkeys(found)
        ]

    def _name(self, name: str) -> str:
        if name == "change":
            return feature_of(self.row.kind).change_name
        return name if ":" in name else f"overview:{name}"

    def _may_consent(self) -> bool:
        teacher = feature_of(self.row.kind).consents([self.row]).get(self.row.pk)
        return teacher is None or teacher == self.actor.pk

    def _later(self) -> list[tuple[str, str, bool]]:
        row, found = self.row, list[tuple[str, str, bool]]()
        if may_move(row.kind, row.state, _S.SUSPENDED):
            found.append(("approval-suspend", "Suspend it", False))
        if row.state == _S.SUSPENDED:
            found.append(("approval-resume", "Let it hold again", False))
        if row.state in LIVE_STATES:
            found.append(("approval-review", "Note a review", False))
        if row.over_at is None and may_move(row.kind, row.state, _S.ENDED):
            found.append(("approval-end", "End it", False))
        if row.over_at is None and row.decided_at is not None and may_move(row.kind, row.state, _S.WITHDRAWN):
            found.append(("approval-withdraw", "Withdraw it", False))
        return found

    def form_valid(self, form: BaseForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        decision = given.pop("decision")
        said: dict[str, Any] = {
            "school": self.school,
            "actor": self.actor,
            "at": self.now,
            "approval": self.row,
            "because": given["because"],
            "version": given["version"],
            "submission": given["submission"],
        }
        if decision == "approve":
            ends = given.get("last_day")
            narrower = operations.Narrower(
                ends_at=operations.after_day(ends) if ends else None, conditions=given["conditions"]
            )
            operations.approve(narrower=narrower, **said)
            return self.done("It is approved.", self._next())
        if decision == "back":
            operations.send_back(**said)
            return self.done("It is sent back.", self._next())
        operations.decline(review_route=given["review_route"], **said)
        return self.done("It is refused. Who asked is told, with the way to ask again.", self._next())

    def _next(self) -> str:
        return self.link("overview:approvals")


class ActOnApprovalPage(FormPage, ApprovalPage, abstract=True):
    """A form about one permission."""

    said: ClassVar[str] = ""
    act_name: ClassVar[str] = ""

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": str(self.row.get_kind_display()), "url": self.back()}]

    def cancel_url(self) -> str:
        return self.back()

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.row  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        act = getattr(operations, self.act_name)
        act(school=self.school, actor=self.actor, at=self.now, approval=self.row, **form.cleaned_data)
        return self.done(self.said, self.back())


class DiscussView(ActOnApprovalPage):
    """Write down that it was talked over with the family."""

    form_class = DiscussForm
    title = "Write down the discussion"
    act_name, said = "discuss", "The discussion is on record. Whoever decides is told."

    def get_initial(self) -> dict[str, Any]:
        return {"discussed_on": self.today}


class AttachAssessmentView(ActOnApprovalPage):
    """Put a complete risk assessment to it."""

    form_class = AttachForm
    title = "Attach a risk assessment"
    intro = (
        "Only complete assessments that are not due for review can be attached. They are listed under Risk assessments."
    )
    act_name, said = "attach_assessment", "The risk assessment is attached. Whoever decides is told."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offered": complete_assessments(self.school, self.today)}


class SuspendView(ActOnApprovalPage):
    """Suspend it from this minute."""

    form_class = BecauseForm
    title, submit_label = "Suspend the permission", "Suspend it"
    intro = "From this minute the ordinary rules hold. A leader then decides whether it holds again or is withdrawn."
    act_name, said, danger = "suspend", "It is suspended.", True


class ResumeView(ActOnApprovalPage):
    """Let it hold again."""

    form_class = BecauseForm
    title, submit_label = "Let the permission hold again", "Let it hold again"
    act_name, said = "resume", "It holds again."


class ReviewView(ActOnApprovalPage):
    """Note a review."""

    form_class = ReviewForm
    title = "Note a review"
    intro = "The permission goes on. If it should not, end or withdraw it instead."
    act_name, said = "review", "The review is on record."


class EndView(ActOnApprovalPage):
    """End it because it is not needed any more."""

    form_class = BecauseForm
    title, submit_label = "End the permission", "End it"
    act_name, said, danger = "end", "It has ended.", True


class WithdrawView(ActOnApprovalPage):
    """Withdraw it."""

    form_class = BecauseForm
    title, submit_label = "Withdraw", "Withdraw it"
    intro = "It ends now, and those it concerns are told."
    act_name, said, danger = "withdraw", "It is withdrawn.", True


class ActOnce(ApprovalPage, ActPage, abstract=True):
    """An act without a form."""

    act_name: ClassVar[str] = ""
    said: ClassVar[str] = ""

    def act(self, submission: Any) -> str:
        act = getattr(operations, self.act_name)
        act(school=self.school, actor=self.actor, at=self.now, approval=self.row, submission=submission)
        return self.said


class ConsentView(ActOnce):
    """The teacher of the lesson agrees."""

    act_name, said = "consent_to_lesson", "You have agreed to it."


class ConfirmView(ActOnce):
    """The giver confirms a spoken permission."""

    act_name, said = "confirm", "It is confirmed and holds."


class MarkUsedView(ActOnce):
    """The activity has taken place."""

    act_name, said = "mark_used", "It is noted. The permission is used."
