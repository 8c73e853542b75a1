"""Pages about the document for learning at home: its version, and who has acknowledged it (DEV-31)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.models import FormGroup, Pupil
from core.people.queries import forms_of, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.people.views.pages import FormPage
from core.rules.queries import UNSPECIFIED
from policies import operations
from policies.enums import DocumentKind, ImprovementList, ImprovementState
from policies.forms.learning import (
    AcknowledgeForm,
    AcknowledgeFormGroupForm,
    DecideImprovementForm,
    ProceduresForm,
    SetVersionForm,
)
from policies.models import DocumentVersion, ImprovementItem
from policies.queries import (
    coverage_by_form,
    home_learning_of,
    improvements_visible_to,
    procedures_of,
    pupils_with_answers,
    version_in_force,
    versions_of,
)

KIND = DocumentKind.HOME_LEARNING


class HomeLearningView(SchoolView, abstract=True):
    """What the pages about learning at home share."""

    permission = Permission.VIEW_PUPIL_DETAIL

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"policies:{name}", args=[self.school.slug, *args])

    @property
    def named(self) -> str:
        """What the rule calls the document; empty where it names none."""
        rule = self.rules.home_learning_document
        return "" if rule == UNSPECIFIED else str(rule)

    @property
    def in_force(self) -> DocumentVersion | None:
        if not hasattr(self, "_in_force"):
            self._in_force = version_in_force(self.school, KIND, self.today)
        return self._in_force

    def crumbs(self, label: str) -> list[dict[str, str]]:
        return [{"label": "Learning at home", "url": self.url("home-learning")}, {"label": label, "url": ""}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(named=self.named, in_force=self.in_force, **kwargs)


class ShowHomeLearningView(HomeLearningView):
    """The document that the rule names, its version in force, and how far each form has acknowledged it."""

    template_name = "policies/home_learning.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.in_force
        return super().get_context_data(
            versions=list(versions_of(self.school, KIND)),
            coverage=coverage_by_form(self.school, version, self.today) if version is not None else [],
            may_set=self.may(Permission.EDIT_RULES),
            may_record=self.may(Permission.EDIT_PUPILS),
            **kwargs,
        )


class SetVersionView(SchoolFormView, HomeLearningView):
    """Name the document and say which version of it holds from when."""

    permission = Permission.EDIT_RULES
    form_class = SetVersionForm
    template_name = "policies/set_version.html"

    def get_initial(self) -> dict[str, Any]:
        version = self.in_force
        return {"title": version.document.title if version else self.named, "starts_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            back_url=self.url("home-learning"), breadcrumbs=self.crumbs("Set a version"), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_version(school=self.school, actor=self.actor, at=self.now, kind=KIND, **form.cleaned_data)
        return self.done("The version is set.", self.url("home-learning"))


class AcknowledgePageView(SchoolFormView, HomeLearningView, abstract=True):
    """A form that records acknowledgements of the version in force; without one it says so."""

    permission = Permission.EDIT_PUPILS

    def get_initial(self) -> dict[str, Any]:
        return {"acknowledged_on": self.today}

    @property
    def version(self) -> DocumentVersion:
        if self.in_force is None:
            raise Http404
        return self.in_force

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.in_force is None:
            return self.render(form=self.get_form(), status=422)
        return super().post(request, *args, **kwargs)


class AcknowledgeView(AcknowledgePageView):
    """Record that one pupil acknowledged it."""

    form_class = AcknowledgeForm
    template_name = "policies/acknowledge.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def back(self) -> str:
        return reverse("people:pupil", args=[self.school.slug, self.pupil.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            pupil=self.pupil,
            known=home_learning_of(self.pupil, self.rules, self.today).acknowledged,
            back_url=self.back(),
            breadcrumbs=self.crumbs(self.pupil.display_name),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AcknowledgeForm)
        operations.record_acknowledgement(
            school=self.school,
            actor=self.actor,
            at=self.now,
            pupil=self.pupil,
            version=self.version,
            **form.values(),
        )
        return self.done("The acknowledgement is recorded.", self.back())


class AcknowledgeFormView(AcknowledgePageView):
    """Record it for a whole form at once."""

    form_class = AcknowledgeFormGroupForm
    template_name = "policies/acknowledge_form.html"

    @property
    def group(self) -> FormGroup:
        if not hasattr(self, "_group"):
            self._group: FormGroup = get_or_404(forms_of(self.school), pk=self.kwargs["form"])
        return self._group

    @property
    def rows(self) -> list[Any]:
        if not hasattr(self, "_rows"):
            version = self.in_force
            self._rows = pupils_with_answers(self.group, version, self.today) if version is not None else []
        return self._rows

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"pupils": [pupil for pupil, known in self.rows if known is None]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = [{"pupil": pupil, "known": answer} for pupil, answer in self.rows if answer is not None]
        return super().get_context_data(
            group=self.group,
            known=known,
            waiting=len(self.rows) - len(known),
            back_url=self.url("home-learning"),
            breadcrumbs=self.crumbs(self.group.name),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AcknowledgeForm)
        operations.record_form_acknowledgements(
            school=self.school,
            actor=self.actor,
            at=self.now,
            form=self.group,
            version=self.version,
            **form.values(),
        )
        number = len(form.cleaned_data["pupils"])
        said = "1 acknowledgement is" if number == 1 else f"{number} acknowledgements are"
        return self.done(f"{said} recorded for {self.group.name}.", self.url("home-learning"))


class ImprovementsView(SchoolView):
    """What is to change: each policy's change list, the curriculum's, the action plan (INC-27, INC-28, POL-22)."""

    permission = Permission.VIEW_IMPROVEMENTS
    template_name = "policies/improvements.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lists: dict[str, dict[str, list[ImprovementItem]]] = {}
        for item in improvements_visible_to(self.actor, self.school):
            under = item.document.title if item.document else ""
            lists.setdefault(item.list, {}).setdefault(under, []).append(item)
        shown = [{"label": one.label, "groups": lists[one.value]} for one in ImprovementList if one.value in lists]
        return super().get_context_data(lists=shown, **kwargs)


class DecideImprovementView(SchoolFormView):
    """Take one item up, or not, for a reason; then say that it is done."""

    permission = Permission.VIEW_IMPROVEMENTS
    form_class = DecideImprovementForm
    template_name = "policies/decide_improvement.html"

    @property
    def item(self) -> ImprovementItem:
        if not hasattr(self, "_item"):
            self._item: ImprovementItem = get_or_404(
                improvements_visible_to(self.actor, self.school), pk=self.kwargs["improvement"]
            )
        return self._item

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"state": self.item.state}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("policies:improvements", args=[self.school.slug])
        over = self.item.state in (ImprovementState.REJECTED, ImprovementState.DONE)
        return super().get_context_data(
            item=self.item, over=over, back_url=back,
            breadcrumbs=[{"label": "Improvements", "url": back}, {"label": "Decide", "url": ""}], **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.decide_improvement(
            school=self.school, actor=self.actor, at=self.now, item=self.item, **form.cleaned_data
        )
        return self.done("The decision is saved.", reverse("policies:improvements", args=[self.school.slug]))


class ProceduresView(FormPage):
    """Where the complaints and whistleblowing procedures are published; the pages and letters they belong to show them
    (INC-30)."""

    permission = Permission.EDIT_RULES
    form_class = ProceduresForm
    title = "Complaints and whistleblowing"
    intro = (
        "Letters to parents and the poster for pupils point to the complaints procedure, the pages of reports to both. "
        "Left empty, they say whom to ask."
    )

    def cancel_url(self) -> str:
        return self.link("rules:overview")

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for kind, document in procedures_of(self.school).items():
            initial |= {f"{kind}_title": document.title, f"{kind}_address": document.address}
        return initial

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ProceduresForm)
        operations.name_procedures(
            school=self.school, actor=self.actor, at=self.now, published=form.published(),
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("Saved. Pages and letters show them from now on.", self.link("policies:procedures"))
