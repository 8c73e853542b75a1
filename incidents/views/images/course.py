"""The DSL's pages about a suspected image: its case, the decisions, the exception, the panel on the record."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm, SubmissionForm
from core.kit.times import moment
from core.people.models import User
from core.people.queries import holders_of, staff_of
from core.people.roles import DSL_ROLES, HEAD_ROLES
from incidents import queries
from incidents.enums import ImageState, PoliceDecision, Route
from incidents.forms.images.deciding import AssessForm, PoliceForm, ReferralDecisionForm, SupportForm, ViewingForm
from incidents.forms.images.fields import CONTEXT
from incidents.forms.images.tasks import ReclassifyForm
from incidents.leading import may_lead
from incidents.models import ImageCase, ImageTask, Incident
from incidents.operations import images
from incidents.queries.images import (
    image_case_of,
    image_tasks_of,
    in_a_sentence,
    referral_prompts,
    viewings_of,
    what_keeps_image_open,
)
from incidents.views.images.base import ImageCasePage, ImageStepPage, guidance
from incidents.views.leading import LeadFormPage
from incidents.views.panels import Panel

_S = ImageState
_KINDS = {_S.RAISED: "stop", _S.CLOSED: "neutral", _S.SUPPORT_IN_PLACE: "ok"}
# The next step from each state: the page and its words.
_NEXT = {
    _S.DSL_ACKNOWLEDGED: ("image-assess", "Keep the review meeting"),
    _S.ASSESSED: ("image-referral", "Decide on protection and referral"),
    _S.REFERRED: ("image-support", "Plan the child’s support"),
    _S.SUPPORT_IN_PLACE: ("image-close", "End the image’s course"),
}


def case_context(case: ImageCase, slug: str) -> dict[str, Any]:
    """What the case shows, on its own page and on the record's: where it stands, what speaks for a referral, tasks."""
    incident = case.incident
    tasks = [_task_row(task, slug, incident) for task in image_tasks_of(case)]
    name, words = _NEXT.get(_S(case.state), ("", ""))
    if incident.acknowledged_at is None and incident.is_open:
        name, words = "acknowledge", "Acknowledge it"
    return {
        "image_tag": {"kind": _KINDS.get(_S(case.state), "waiting"), "word": case.get_state_display()},
        "prompts": referral_prompts(case),
        "police_unsettled": case.police in ("", PoliceDecision.TOLD),
        "tasks": tasks,
        "first_open": [task["begins"] for task in tasks if task["first"] and not task["done"]],
        "next_url": reverse(f"incidents:{name}", args=[slug, incident.pk]) if name else "",
        "next_words": words,
    }


def _task_row(task: ImageTask, slug: str, incident: Incident) -> dict[str, Any]:
    who = task.assignee.display_name if task.assignee is not None else task.assignee_name
    done = ""
    if task.done_at is not None and task.done_by is not None:
        done = f"Done {moment(task.done_at)}, by {task.done_by.display_name}."
    restored = f" Restored {moment(task.restored_at)}." if task.restored_at is not None else ""
    blocked = task.kind == "block_network" and task.done_at is not None and task.restored_at is None
    outside = [part for part in (task.site, task.reference) if part]
    return {
        "label": task.get_kind_display(),
        "begins": in_a_sentence(task.get_kind_display()),
        "url": reverse("incidents:image-task", args=[slug, task.pk]),
        "give_url": reverse("incidents:image-give", args=[slug, incident.pk, task.pk]),
        "who": who,
        "first": task.needed_first,
        "done": task.done_at is not None,
        "said": f"{done}{restored}",
        "outside": ", ".join(outside),
        "words": task.words,
        "response": task.response,
        "tag": {"kind": "waiting", "word": "To be restored"}
        if blocked
        else {"kind": "ok", "word": "Done"}
        if task.done_at is not None
        else {"kind": "attention" if task.needed_first else "info", "word": "First" if task.needed_first else "To do"},
    }


def image_panel(incident: Incident, user: User) -> Panel | None:
    """The suspected image on its record's page; on other records about a pupil the way to handle it as one."""
    if not may_lead(user, incident):
        return None
    slug = incident.school.slug
    case = image_case_of(incident)
    if case is None:
        return None
    case.incident = incident
    return Panel(
        key="image",
        title="Suspected image",
        template="incidents/panels/image.html",
        context={"image": case, **case_context(case, slug), **guidance(case.place)},
        links=[{"label": "Open the image’s course", "url": reverse("incidents:image-case", args=[slug, incident.pk])}],
    )


def reclassify_panel(incident: Incident, user: User) -> Panel | None:
    """On an open record of another type: the way to say that it is of a suspected image (IMG-01)."""
    is_other = incident.route == Route.PUPIL and incident.is_open and image_case_of(incident) is None
    if not is_other or not may_lead(user, incident):
        return None
    url = reverse("incidents:image-reclassify", args=[incident.school.slug, incident.pk])
    return Panel(
        key="reclassify", title="Is it about a nude or sexual image of a child?",
        links=[{"label": "Handle it as a suspected image", "url": url}],
    )  # fmt: skip


class ImageCaseView(ImageCasePage):
    """The course of a suspected image, with its tasks; what to do and what never to do stands above it all."""

    template_name = "incidents/image_case.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        image = self.image
        image.incident = self.case
        self.note_view("incidents.look", self.case)
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        return self.render(
            **case_context(image, self.school.slug),
            rows=self._rows(image),
            ages=self._ages(),
            viewings=list(viewings_of(image)),
            missing=what_keeps_image_open(image) if image.state == _S.SUPPORT_IN_PLACE else [],
            copied_url=f"{self.url('image-report')}?follows={self.case.pk}",
            followed_by=list(visible.filter(follows=self.case, image_case__isnull=False).order_by("id")),
        )

    def _ages(self) -> list[dict[str, Any]]:
        """Ages and needs of the pupils in it, which the review weighs (law IM-4)."""
        pupils = [person.pupil for person in self.case.people.select_related("pupil") if person.pupil is not None]
        return [{"pupil": one, "age": _age(one, self.today), "needs": one.sen_words} for one in pupils]

    @staticmethod
    def _rows(image: ImageCase) -> list[dict[str, Any]]:
        told = {True: "Yes", False: "No", None: ""}[image.protection_needed]
        rows = [
            ("Where it is said to be", image.get_place_display()),
            ("Website, network or computer", image.site),
            ("It was made or shared", image.get_shared_display()),
            ("Who may have seen it", image.get_spread_display()),
            ("Who may have it", image.holders),
            ("Threats or blackmail", image.get_threats_display()),
            ("An adult is involved", image.get_adult_involved_display()),
            ("A child under 13 is involved", image.get_under_13_display()),
            ("Made by software (AI)", image.get_made_by_software_display()),
            ("Violence, or not right for their age", image.get_beyond_age_display()),
            ("A child is at risk now", image.get_immediate_risk_display()),
            ("The review", image.assessment),
            ("Who was there", image.assessed_with),
            ("Protection or referral needed", told),
            ("Why", image.protection_reason),
            ("Police", image.get_police_display()),
            ("Police reference", image.police_reference),
            ("What they decided, or why not told", image.police_words),
            ("Named adult", image.support_adult.display_name if image.support_adult is not None else ""),
            ("Support", image.support),
        ]
        return [{"label": label, "value": value} for label, value in rows if value]


def _age(pupil: Any, today: Any) -> int | None:
    born = pupil.date_of_birth
    if born is None:
        return None
    return int(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


class AssessView(ImageStepPage):
    """The initial review meeting (law IM-4). What is answered with yes proposes a referral; people decide."""

    form_class = AssessForm
    title = "The review meeting"
    lead = "What is known, from what people said. Nobody looks to find out."
    said = "The review is kept."

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.image, name) for name in (*CONTEXT, "beyond_age")}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = {name: value for name, value in form.cleaned_data.items() if name != "does_not_describe"}
        images.assess_image(school=self.school, actor=self.actor, at=self.now, incident=self.case, **given)
        return self.done(self.said, self.image_url)


class DecideReferralView(ImageStepPage):
    """Is protection or a referral needed? Yes or no, with the reason (IMG-13)."""

    form_class = ReferralDecisionForm
    title = "Protection and referral"
    said = "The decision is kept. A referral itself is made on the record’s page."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(prompts=referral_prompts(self.image), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        images.decide_referral(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, needed=given["needed"] == "yes",
            reason=given["reason"], submission=given["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class RecordPoliceView(ImageStepPage):
    """What came of telling the police, no formal action included, or why they were not told (IMG-14)."""

    form_class = PoliceForm
    title = "The police"
    said = "It is kept."

    def get_initial(self) -> dict[str, Any]:
        image = self.image
        return {"decision": image.police, "reference": image.police_reference, "words": image.police_words}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(prompts=referral_prompts(self.image), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = {name: value for name, value in form.cleaned_data.items() if name != "does_not_describe"}
        images.record_police(school=self.school, actor=self.actor, at=self.now, incident=self.case, **given)
        return self.done(self.said, self.image_url)


class PlanSupportView(ImageStepPage):
    """Who looks after the child, during this and after it (IMG-12)."""

    form_class = SupportForm
    title = "The child’s support"
    said = "The plan is kept."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def get_initial(self) -> dict[str, Any]:
        image = self.image
        on = image.support_on or self.today + timedelta(days=1)
        return {"adult": str(image.support_adult_id or ""), "support": image.support, "on": on}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SupportForm)
        given = form.cleaned_data
        images.plan_support(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, adult=form.staff[given["adult"]],
            support=given["support"], on=given["on"], submission=given["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class CloseImageView(ImageStepPage):
    """The end of the image's course; the record is closed on its own page afterwards."""

    form_class = SubmissionForm
    title = "End the image’s course"
    lead = "What the image needed is done. The record itself stays open until it is closed on its own page."
    said = "The image’s course has ended."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        images.close_image(
            school=self.school, actor=self.actor, at=self.now, incident=self.case,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class RecordViewingView(ImageStepPage):
    """Somebody looked: the exception, by the DSL or head alone (IMG-05, law IM-2)."""

    form_class = ViewingForm
    title = "Somebody has looked: record the exception"
    lead = "Nobody looks. This is the only way to write down that somebody did, and the headteacher is told."
    said = "The exception is recorded, and the headteacher is told."

    def may_open(self, case: Incident) -> bool:
        return super().may_open(case) and any(one.pk == self.actor.pk for one in self.deciders)

    @cached_property
    def deciders(self) -> list[User]:
        return list(holders_of(self.school, *DSL_ROLES, *HEAD_ROLES, on=self.today))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school), "deciders": self.deciders}

    def get_initial(self) -> dict[str, Any]:
        return {"viewed_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ViewingForm)
        images.record_viewing(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class ReclassifyView(LeadFormPage):
    """A record of another type is about a nude or sexual image of a child: every door closes (IMG-01)."""

    template_name = "incidents/image_step.html"
    form_class = ReclassifyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = {
            "title": "Handle it as a suspected image",
            "lead": "Its device is held, nobody looks or searches, and only the safeguarding team reads it on.",
            "back_url": self.case_url,
            "breadcrumbs": [{"label": self.case.reference, "url": self.case_url}],
        }
        return super().get_context_data(**given | guidance() | kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        made = images.reclassify_as_image(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done("It is handled as a suspected image.", self.url("image-case", made.pk))
