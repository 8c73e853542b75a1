"""Who may be shown, and uses of images from plan to takedown (CON-02, CON-05, CON-06, CON-12, SOC-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from agreements.enums import ConsentPurpose, ImageUseState, NamesShown
from agreements.forms.consent_uses import CheckImagesForm, LeaveOutForm, PlanUseForm, TakedownForm
from agreements.models import ImageUse
from agreements.operations import image_uses
from agreements.queries.consent_lists import (
    pupils_in,
    pupils_of_use,
    takedowns_of,
    uses_visible_to,
    uses_with_counts,
)
from agreements.queries.consent_usage import Check, Verdict, usage_check
from agreements.views.consent import ImagesView
from core.kit.forms import BaseForm, SubmissionForm
from core.kit.refusals import Refusal
from core.people.access import NotPermitted
from core.people.models import FormGroup
from core.people.queries import forms_of, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404

_ORDER = {Verdict.REFUSED: 0, Verdict.TO_DECIDE: 1, Verdict.ALLOWED: 2}


class CheckImagesView(SchoolFormView, ImagesView):
    """Choose what it is for and who could be in it; see at once who may be shown. It writes nothing."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_check.html"
    form_class = CheckImagesForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"groups": forms_of(self.school)}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, CheckImagesForm)
        data = form.cleaned_data
        return self.found(data["purpose"], data["title"], data["names"], form.chosen)

    def found(
        self, purpose: str, title: str, names: str, groups: list[FormGroup], form: PlanUseForm | None = None
    ) -> HttpResponse:
        """Who may be shown, and the form that keeps the use; refused with 422 where `form` is one that was sent."""
        checks = usage_check(
            self.school, purpose, pupils_in(self.school, groups, self.today), names, self.today, other_purpose=title
        )
        if form is None:
            initial = {
                "purpose": purpose, "title": title, "names": names, "form_groups": [str(one.pk) for one in groups],
            }  # fmt: skip
            form = self.keep_form(checks, groups, purpose, names, initial=initial)
        return self.render(
            template="agreements/consent_checked.html",
            status=422 if form.is_bound else 200,
            keep_form=form,
            checks=sorted(checks, key=lambda one: _ORDER[one.verdict]),
            counts={verdict.value: sum(check.verdict == verdict for check in checks) for verdict in Verdict},
            purpose=str(ConsentPurpose(purpose).label),
            title=title,
            groups=groups,
            may_keep=bool(self.keepable(checks)),
            keep_url=self.url("plan-use"),
        )

    def keepable(self, checks: list[Check]) -> list[Check]:
        """Whom a use may be kept with; where the rules are silent, only somebody who manages consents decides."""
        decides = self.may(Permission.MANAGE_CONSENTS)
        return [one for one in checks if one.verdict == Verdict.ALLOWED or (decides and one.ask)]

    def keep_form(
        self, checks: list[Check], groups: list[FormGroup], purpose: str, names: str, **kwargs: Any
    ) -> PlanUseForm:
        ask = {"account"} if purpose in image_uses.ON_ACCOUNTS else set()
        if purpose == ConsentPurpose.ACCOUNT_ACTIVITY:
            ask |= {"moderator", "unmoderated_because"}
        if names != NamesShown.NONE:
            ask.add("name_need")
        keep = self.keepable(checks)
        if any(check.ask for check in keep):
            ask.add("reason")
        staff = staff_of(self.school) if "moderator" in ask else []
        pupils = [check.pupil for check in keep]
        return PlanUseForm(pupils=pupils, groups=groups, staff=staff, ask=ask, **kwargs)


class PlanUseView(CheckImagesView):
    """Keep a use that was checked: who is in it, and where it goes."""

    permission = Permission.CHECK_IMAGES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        first = self.get_form_class()(data=request.POST, **self.get_form_kwargs())
        assert isinstance(first, CheckImagesForm)
        if not first.is_valid():
            return self.form_invalid(first)
        data, groups = first.cleaned_data, first.chosen
        checks = usage_check(
            self.school, data["purpose"], pupils_in(self.school, groups, self.today), data["names"], self.today,
            other_purpose=data["title"],
        )  # fmt: skip
        form = self.keep_form(checks, groups, data["purpose"], data["names"], data=request.POST)
        if form.is_valid():
            try:
                use = image_uses.plan_use(school=self.school, actor=self.actor, at=self.now, **form.values())
                return self.done("Kept. Publish it here when it is published.", self.url("image-use", use.pk))
            except NotPermitted:
                raise
            except Refusal as refusal:
                form.add_refusal(refusal)
        return self.found(data["purpose"], data["title"], data["names"], groups, form)


class ListUsesView(ImagesView):
    """Every use of images: what for, where, how many are in it."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_uses.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(uses=list(uses_with_counts(self.actor, self.school)[:200]), **kwargs)


class _OneUse(ImagesView, abstract=True):
    permission = Permission.CHECK_IMAGES

    @property
    def use(self) -> ImageUse:
        if not hasattr(self, "_use"):
            self._use: ImageUse = get_or_404(uses_visible_to(self.actor, self.school), pk=self.kwargs["image_use"])
        return self._use

    def back(self) -> str:
        return self.url("image-use", self.use.pk)


class ImageUseView(_OneUse):
    """One use: who is in it, whether each may be shown as things stand now, and what was taken down."""

    template_name = "agreements/consent_use.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        use = self.use
        checks = usage_check(
            self.school, use.purpose, pupils_of_use(use), use.names, self.today, other_purpose=use.title
        )
        return super().get_context_data(
            use=use,
            checks=checks,
            refused=sum(check.verdict == Verdict.REFUSED for check in checks),
            planned=use.state == ImageUseState.PLANNED,
            published=use.published_at is not None,
            takedowns=list(takedowns_of(use)) if use.published_at is not None else [],
            fresh_key=SubmissionForm()["submission"].value(),
            **kwargs,
        )


class _ActOnUse(_OneUse, abstract=True):
    """A button on the page of a use."""

    http_method_names = ["post", "options"]
    said: ClassVar[str] = ""
    act: ClassVar[Callable[..., Any]]

    def given(self, request: HttpRequest) -> dict[str, Any]:
        form = SubmissionForm(request.POST)
        return {"submission": form.cleaned_data["submission"] if form.is_valid() else None}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            type(self).act(school=self.school, actor=self.actor, at=self.now, image_use=self.use, **self.given(request))
        except NotPermitted:
            raise
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.back())
        return self.done(self.said, self.back())


class PublishUseView(_ActOnUse):
    """It is published now: everybody in it is checked once more (CON-12)."""

    permission = Permission.CHECK_IMAGES
    said = "Published. Everybody in it was checked once more."
    act = staticmethod(image_uses.publish_use)


class CancelUseView(_ActOnUse):
    """It was not used after all."""

    permission = Permission.CHECK_IMAGES
    said = "Not used."
    act = staticmethod(image_uses.cancel_use)


class LeaveOutView(_OneUse):
    """Take a pupil out before it is published."""

    permission = Permission.CHECK_IMAGES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = LeaveOutForm(request.POST, pupils=pupils_of_use(self.use))
        if not form.is_valid():
            messages.error(request, "Choose who is left out.")
            return HttpResponseRedirect(self.back())
        try:
            image_uses.leave_out(
                school=self.school, actor=self.actor, at=self.now, image_use=self.use, **form.cleaned_data
            )
        except NotPermitted:
            raise
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.back())
        return self.done("Left out.", self.back())


class RecordTakedownView(SchoolFormView, _OneUse):
    """One attempt to take an image down, and what came of it (CON-05)."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_takedown.html"
    form_class = TakedownForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"pupils": pupils_of_use(self.use)}

    def get_initial(self) -> dict[str, Any]:
        return {"where": self.use.place}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        image_uses.record_takedown(
            school=self.school, actor=self.actor, at=self.now, image_use=self.use, **form.cleaned_data
        )
        return self.done("The attempt is recorded.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            use=self.use, published=self.use.published_at is not None, back_url=self.back(), **kwargs
        )
