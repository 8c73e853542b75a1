"""What is done to a record from the inbox: acknowledged, triaged, given, planned, joined, opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.models import User
from core.people.views.base import get_or_404
from core.people.views.clash import VersionedFormView
from core.people.views.pages import FormPage
from incidents import operations, queries
from incidents.enums import CaseState, OffsiteTest, RiskArea, Route
from incidents.forms.triage import (
    ActForm,
    AssignForm,
    MergeForm,
    NextStepForm,
    ProtectForm,
    ReasonForm,
    TriageForm,
)
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.operations.handling import is_of_the_team, may_handle
from incidents.operations.joining import NotThereToJoin
from incidents.operations.triage import asked_of
from incidents.queries.inbox import short_name
from incidents.routing import policies_offered
from incidents.views.base import CaseFormPage
from incidents.views.inbox import inbox_url, owners_for

# Who an act is for.
_MAY: dict[str, Callable[[Any, Incident], bool]] = {
    "handler": may_handle,
    "leader": may_lead,
    "team": is_of_the_team,
}


class ActPage(FormPage, CaseFormPage, abstract=True):
    """One act on a record, for whoever handles it; for others, and where it cannot be done, there is nothing."""

    template_name = "incidents/act_on_case.html"
    needs: ClassVar[str] = "handler"
    states: ClassVar[tuple[CaseState, ...]] = queries.OPEN

    def may_open(self, case: Incident) -> bool:
        return case.state in self.states and _MAY[self.needs](self.actor, case)

    def get_title(self) -> str:
        return self.title

    def cancel_url(self) -> str:
        return self.url("case-actions", self.case.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("who", [short_name(person) for person in queries.people_of(self.case)])
        return super().get_context_data(**kwargs)

    def act(self, operation: Any, form: BaseForm, **given: Any) -> Any:
        """Call the one operation of the page."""
        return operation(
            school=self.school,
            actor=self.actor,
            at=self.now,
            incident=self.case,
            submission=form.cleaned_data["submission"],
            **given,
        )

    def back(self, said: str) -> HttpResponseBase:
        """To the record, or to the inbox where it is not for this person any more."""
        still = queries.cases_visible_to(self.actor, self.school, self.today).filter(pk=self.kwargs["incident"])
        here = self.url("case-actions", self.kwargs["incident"])
        return self.done(said, here if still.exists() else inbox_url(self.school))

    def on_to_the_next(self, said: str) -> HttpResponseBase:
        """To the next record that waits for triage, its urgent ones to be acknowledged first; else to the inbox."""
        following = queries.next_to_triage(self.actor, self.school, self.today, self.case)
        if following is None:
            return self.done(f"{said} Nothing else waits for triage.", inbox_url(self.school))
        waits = following.urgent and following.acknowledged_at is None
        return self.done(f"{said} This is the next.", self.url("acknowledge" if waits else "triage", following.pk))


class AcknowledgeView(ActPage):
    """I have it: one button; then on to its triage."""

    form_class = ActForm
    title = "Acknowledge a record"
    submit_label = "I have read it and take it on"
    needs = "team"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(shows_report=True, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        case = self.act(operations.acknowledge_case, form)
        mine = case.acknowledged_by_id == self.actor.pk
        said = "Acknowledged by you. It goes no further." if mine else "Somebody else had acknowledged it before you."
        name = "triage" if case.state == CaseState.REPORTED else "case-actions"
        return self.done(said, self.url(name, case.pk))


class EditCasePage(VersionedFormView, ActPage, abstract=True):
    """An act that changes what somebody else may change at the same moment: both texts are shown then."""

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.case.version}

    def record(self) -> Incident:
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        return get_or_404(visible.select_related("owner", "sub_type", "changed_by"), pk=self.kwargs["incident"])


class TriageView(EditCasePage):
    """How it is answered, its risk area, marks and owner; then the next one (W7). Once triaged, it is classed again."""

    form_class = TriageForm
    title = "Triage"

    _PLAIN = ("track", "risk_area", "other_areas", "offsite_tests", "policies", "title")
    _MARKS = ("is_serious", "between_children", "prejudice")

    def get_initial(self) -> dict[str, Any]:
        case = self.case
        shown = {name: getattr(case, name) for name in (*self._PLAIN, *self._MARKS)}
        return super().get_initial() | shown | {"sub_type": case.sub_type_id or "", "owner": case.owner_id or ""}

    def get_form_kwargs(self) -> dict[str, Any]:
        asked, is_team = asked_of(self.case), is_of_the_team(self.actor, self.case)
        team, others = owners_for(self) if is_team else ([], [])
        kinds = list(queries.sub_types_of(self.school)) if asked.areas else []
        if asked.areas and self.case.sub_type is not None and self.case.sub_type not in kinds:
            kinds.append(self.case.sub_type)
        return super().get_form_kwargs() | {
            "kinds": kinds,
            "about_pupil": self.case.route == Route.PUPIL,
            "areas": asked.areas,
            "tests": asked.tests,
            "is_team": is_team,
            "is_serious": self.case.is_serious,
            "policies": policies_offered(self.school.preset, self.case.policies),
            "team": team,
            "others": others if self.case.route == Route.PUPIL else [],
        }

    def said(self, record: Any) -> dict[str, str]:
        return {
            "track": record.get_track_display(),
            "risk_area": record.get_risk_area_display(),
            "sub_type": str(record.sub_type or ""),
            "other_areas": ", ".join(RiskArea(area).label for area in record.other_areas),
            "offsite_tests": ", ".join(OffsiteTest(test).label for test in record.offsite_tests),
            "policies": ", ".join(record.policies),
            "owner": record.owner.display_name if record.owner else "",
            "title": record.title,
            **{name: "Yes" if getattr(record, name) else "No" for name in self._MARKS},
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        again = self.case.state != CaseState.REPORTED
        waits = self.case.urgent and self.case.acknowledged_at is None
        return super().get_context_data(
            heading="Class it again" if again else "Triage",
            submit_label="Save" if again else "Save and next",
            shows_report=True,
            is_triage=True,
            acknowledge_url=self.url("acknowledge", self.case.pk) if waits else "",
            **kwargs,
        )

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, TriageForm)
        first = self.case.state == CaseState.REPORTED
        self.act(
            operations.triage_case,
            form,
            classing=form.classing(),
            owner=form.chosen_owner,
            version=form.cleaned_data["version"],
        )
        return self.on_to_the_next("Triaged.") if first else self.back("It is classed again.")


class AssignView(EditCasePage):
    """Whose it is from now on."""

    form_class = AssignForm
    title = "Assign a record"
    needs = "leader"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"owner": self.case.owner_id or ""}

    def get_form_kwargs(self) -> dict[str, Any]:
        team, others = owners_for(self)
        about_pupil = self.case.route == Route.PUPIL
        return super().get_form_kwargs() | {"team": team, "others": others if about_pupil else []}

    def said(self, record: Any) -> dict[str, str]:
        return {"owner": record.owner.display_name if record.owner else ""}

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AssignForm)
        owner: User | None = form.chosen_owner
        assert owner is not None
        self.act(operations.assign_case, form, owner=owner, version=form.cleaned_data["version"])
        return self.back(f"{owner.display_name} owns it now.")


class NextStepView(EditCasePage):
    """What comes next and by when, or why nothing has to."""

    form_class = NextStepForm
    title = "Next step"

    _FIELDS = ("next_step", "next_step_on", "no_next_step")

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {name: getattr(self.case, name) for name in self._FIELDS}

    def said(self, record: Any) -> dict[str, str]:
        return {name: str(getattr(record, name) or "") for name in self._FIELDS}

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = {name: value for name, value in form.cleaned_data.items() if name != "submission"}
        self.act(operations.set_next_step, form, **given)
        return self.back("The next step is set." if given["next_step"] else "It is noted why there is none.")


class ProtectView(ActPage):
    """What was done to protect the child."""

    form_class = ProtectForm
    title = "The child was protected"
    needs = "team"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(operations.mark_protected, form, text=form.cleaned_data["text"])
        return self.back("It is on record.")


class RaiseView(ActPage):
    """Low-level behaviour that turns out to be more goes to the safeguarding team."""

    form_class = ReasonForm
    title = "Raise to safeguarding"
    intro = "The DSL and deputies are told urgently. What you write is for them."
    submit_label = "Raise it"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(operations.escalate_to_safeguarding, form, reason=form.cleaned_data["reason"])
        return self.back("The safeguarding team has been told.")


class ReviewView(ActPage):
    """Take it into review."""

    form_class = ActForm
    title = "Take into review"
    submit_label = "Take into review"
    needs = "leader"
    states = (CaseState.TRIAGED, CaseState.REOPENED)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(operations.take_into_review, form)
        return self.back("It is in review.")


class MergeView(ActPage):
    """The same matter was reported twice: this record is joined to the one that goes on."""

    form_class = MergeForm
    title = "Join to another record"
    intro = "Nothing is lost: what was reported here is read beside the other from now on."
    needs = "leader"
    states = (*queries.OPEN, CaseState.CLOSED)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        into = visible.filter(reference__iexact=form.cleaned_data["reference"]).first()
        if into is None:
            raise NotThereToJoin("There is no record of this reference that you can see.", rule="ORG-10")
        self.act(operations.merge_case, form, into=into)
        return self.done(f"It is joined to {into.reference}.", self.url("case-actions", into.pk))


class ReopenView(ActPage):
    """New facts: a closed record is opened again."""

    form_class = ReasonForm
    title = "Open again"
    submit_label = "Open it again"
    needs = "team"
    states = (CaseState.CLOSED,)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(operations.reopen_case, form, reason=form.cleaned_data["reason"])
        return self.back("It is open again.")
